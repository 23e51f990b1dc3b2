"""The roster from a CSV file: read whole, with every mistake named, and imported all of it or nothing.

Importing the same file twice changes nothing. Who left is marked, never deleted.
"""

from storage.roster.file import COLUMNS, Roster, RosterMistakes, Row, read_roster
from storage.roster.hours import days_without_work, kept_hours, kept_lunch
from storage.roster.importing import Changes, import_roster, mark_leavers
from storage.roster.values import working_days

__all__ = [
    "COLUMNS",
    "Changes",
    "Roster",
    "RosterMistakes",
    "Row",
    "days_without_work",
    "import_roster",
    "kept_hours",
    "kept_lunch",
    "mark_leavers",
    "read_roster",
    "working_days",
]
