"""Microsoft Teams: the one package that imports its SDK."""
