"""Calendars: what other programs must know about an interview, and what they tell us."""
