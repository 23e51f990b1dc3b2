"""Microsoft Teams: what it sends, what it is shown, and who is kept out."""
