"""What papers are made of: who may have one, a team's plan as it stands, the numbers of a year."""
