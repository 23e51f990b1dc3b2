"""When: what a typed time means, working days, free times, calendars, and what is owed on which day."""
