"""The values of one row of the roster, each read as what it should be: names, addresses, days, dates, zones, roles."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from storage.written import shown

ROLES = ("member", "coordinator", "privacy_officer", "operator")
CALENDARS = ("outlook", "google", "none")
LONGEST = 120

_EMAIL = re.compile(r"[^@\s,;<>\"']+@[^@\s,;<>\"']+\.[^@\s,;<>\"'.]+")
_YES = frozenset({"yes", "y", "true", "1", "x", "lead"})
_NO = frozenset({"no", "n", "false", "0", "", "-"})
_BRITISH = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_LETTERS = {"m": 1, "tu": 2, "w": 3, "th": 4, "f": 5, "sa": 6, "su": 7}


@dataclass
class Values:
    """The values of one row, each read as what it should be; what is wrong is noted, not raised."""

    values: Mapping[str, str]
    wrong: list[str]

    def short(self, column: str) -> str | None:
        """A few words on one line; None when there are none."""
        value = " ".join(self.values.get(column, "").split())
        if len(value) > LONGEST or not value.isprintable():
            self.wrong.append(f"the {column} {shown(value)} is too long or holds signs that cannot be shown")
            return None
        return value or None

    def name(self) -> str:
        """The name; "" when it is missing."""
        value = self.short("name")
        if value is None and not self.values.get("name", "").strip():
            self.wrong.append("there is no name")
        return value or ""

    def address(self, column: str) -> str | None:
        """An e-mail address in small letters."""
        value = self.values.get(column, "").lower().removeprefix("mailto:")
        if not value:
            return None
        if len(value) > 254 or not _EMAIL.fullmatch(value):
            self.wrong.append(f"the {column} {shown(value)} is not an e-mail address")
            return None
        return value

    def yes(self, column: str) -> bool:
        """Whether it says yes; an empty value says no."""
        value = self.values.get(column, "").lower()
        if value not in _YES | _NO:
            self.wrong.append(f"{column} is yes or no, not {shown(value)}")
        return value in _YES

    def zone(self) -> str | None:
        """The name of a time zone of this machine."""
        value = self.values.get("zone", "")
        if not value:
            return None
        try:
            return ZoneInfo(value).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.wrong.append(f"{shown(value)} is not a time zone here; write it like Europe/London")
            return None

    def days(self) -> str | None:
        """The working days as ISO weekday digits."""
        value = self.values.get("days", "")
        if not value:
            return None
        days = working_days(value)
        if days is None:
            self.wrong.append(f"the days {shown(value)} are not clear; write them like Mon-Fri, or Mon Tue Thu")
        return days

    def kept(self, column: str, kept: Callable[[str], str]) -> str | None:
        """What `kept` makes of the value, a ValueError of it being what is wrong; None when it is empty."""
        value = self.values.get(column, "")
        if not value:
            return None
        try:
            return kept(value)
        except ValueError as error:
            self.wrong.append(f"{column}: {error}")
            return None

    def calendar(self) -> str:
        """One of `CALENDARS`; an empty value is the organisation's own."""
        value = self.values.get("calendar", "").lower()
        if value and value not in CALENDARS:
            self.wrong.append(f"there is no calendar {shown(value)}; write {', '.join(CALENDARS[:-1])} or none")
            return ""
        return value

    def date(self, column: str) -> date | None:
        """A day, written as ISO or the British way."""
        value = self.values.get(column, "")
        if not value:
            return None
        try:
            if british := _BRITISH.fullmatch(value):
                return date(int(british[3]), int(british[2]), int(british[1]))
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
                return date.fromisoformat(value)
        except ValueError:
            self.wrong.append(f"{column}: there is no day {shown(value)}")
            return None
        self.wrong.append(f"{column}: {shown(value)} is not a date; write it like 2026-09-01 or 01/09/2026")
        return None

    def role(self) -> str:
        """One of `ROLES`; an empty value is a member."""
        value = re.sub(r"[\s_-]+", "_", self.values.get("role", "").lower()) or "member"
        if value not in ROLES:
            named = ", ".join(role.replace("_", " ") for role in ROLES)
            self.wrong.append(f"there is no role {shown(value)}; the roles are {named}")
            return "member"
        return value


def working_days(written: str) -> str | None:
    """ISO weekday digits for "Mon-Fri", "Mon, Tue and Thu", "MTW" or "12345"; None when that is not clear."""
    value = " ".join(re.sub(r"[,;/&+.]|\band\b", " ", written.lower()).split())
    if re.fullmatch(r"[1-7]+", value):
        return _in_order({int(digit) for digit in value})
    if re.fullmatch(r"(?:th|tu|sa|su|[mtwf])+", value):
        return _letters(re.findall(r"th|tu|sa|su|[mtwf]", value))
    value = re.sub(r"\s*(?:-|–|\bto\b)\s*", "-", value)
    found: set[int] = set()
    for part in value.split():
        ends = [_weekday(word) for word in part.split("-")]
        if len(ends) > 2 or None in ends:
            return None
        first, last = ends[0], ends[-1]
        assert first is not None
        assert last is not None
        found.update((first + step - 1) % 7 + 1 for step in range((last - first) % 7 + 1))
    return _in_order(found) if found else None


def _letters(parts: list[str]) -> str | None:
    """ "MTW", "MTWTF", "TuTh": a T by itself is clear only beside a W or another T."""
    found: list[int] = []
    for n, part in enumerate(parts):
        if part == "t" and (parts[n + 1 : n + 2] == ["w"] or (parts.count("t") == 2 and "t" not in parts[:n])):
            found.append(2)
        elif part == "t" and ("w" in parts[:n] or "t" in parts[:n]):
            found.append(4)
        elif part in _LETTERS:
            found.append(_LETTERS[part])
        else:
            return None
    return _in_order(found) if found == sorted(set(found)) else None


def _weekday(word: str) -> int | None:
    full = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    beginning = word.removesuffix("s") if len(word) > 2 else word
    fits = [n for n, name in enumerate(full, 1) if beginning and name.startswith(beginning)]
    return fits[0] if len(fits) == 1 else None


def _in_order(days: Collection[int]) -> str:
    return "".join(str(day) for day in sorted(days))
