"""The face of learnbot: one vocabulary of conversations, and the ways to show it."""
