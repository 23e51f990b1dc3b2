"""What interviews and the meetings of learning sets share: its place in the year, its time, what was meant."""
