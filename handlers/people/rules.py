"""The rules about people: until when a pause may last, and which numbers may be shown."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduling.when import read

FOREVER = date(2099, 12, 31)  # "pause" without an end; a date that calendars can still reckon with
LONGEST_PAUSE = timedelta(days=366)


def pause_end(words: str, now: datetime, zone: ZoneInfo) -> date | None:
    """The day that "1 May" or "for two weeks" speaks of; None when that is not clear or not to come."""
    said = re.sub(r"^for\s+", "in ", " ".join(words.split()).rstrip(" .!"), flags=re.IGNORECASE)
    reading = read(said, now, zone)
    if reading.doubt is not None or reading.away:
        return None
    day = reading.day or (reading.start.astimezone(zone).date() if reading.start is not None else None)
    return day if day is not None and may_end(day, now.astimezone(zone).date()) else None


def may_end(day: date, today: date) -> bool:
    """Whether a pause can end on that day: to come, and within a year."""
    return today < day <= today + LONGEST_PAUSE
