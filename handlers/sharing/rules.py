"""The rules of sharing: whom the typed names mean, until when, and whether it is still what was shown."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot import wording
from bot.chat import Message, Part, numbers
from bot.chat.packing import pack
from handlers.turn import Turn
from scheduling.localtime import at_local
from storage import people
from storage.models import Person

MOST_READERS = 10
LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Chosen:
    """Which item goes to whom, until the end of which local day; `seen` is the mark of what the preview showed.

    It travels in the value of a button and is never trusted: whose the item is and who is on the roster is looked up.
    """

    kind: str
    readers: tuple[int, ...] = ()
    until: date | None = None
    seen: str = ""

    @classmethod
    def read(cls, value: str) -> "Chosen":
        """What a button says; whatever makes no sense in it is left out."""
        kind, readers, until, seen = (*value.split(":"), "", "", "", "")[:4]
        return cls(kind, numbers(readers)[:MOST_READERS], _day(until), seen)

    def written(self) -> str:
        """The value for a button."""
        return ":".join((self.kind, ",".join(map(str, self.readers)), f"{self.until or ''}", self.seen))

    def until_instant(self, zone: ZoneInfo) -> datetime | None:
        """The end of the last day (UTC)."""
        return None if self.until is None else at_local(self.until + timedelta(days=1), time(), zone)


def mark(parts: Sequence[Part]) -> str:
    """A mark of what was shown: another one once it has changed."""
    return hashlib.sha256(pack(Message("", tuple(parts))).encode()).hexdigest()[:16]


def wanted(turn: Turn, answers: Mapping[str, str]) -> tuple[list[Person], date | None, dict[str, str]]:
    """Who is named and until when; and what to ask about it, by field."""
    found, problem = named(turn, answers.get("readers", ""))
    problems = {"readers": problem} if problem else dict[str, str]()
    written = answers.get("until", "").strip()
    until = _day(written)
    if written and (until is None or not turn.today <= until <= turn.today + LONGEST):
        problems["until"] = "Pick a day that is still to come, within a year. Or leave it empty."
    return found, until, problems


def named(turn: Turn, words: str) -> tuple[list[Person], str]:
    """The people whom these names or addresses mean; and a question about those that are not clear."""
    found: list[Person] = []
    asked: list[str] = []
    for name in filter(None, (one.strip(" .") for one in words.replace(";", ",").replace(" and ", ",").split(","))):
        known = people.named(turn.session, name, besides=turn.person.id)
        if len(known) == 1:
            found += [one for one in known if one not in found]
        elif known:
            several = wording.listed([one.name for one in known[:6]])
            asked.append(f"“{wording.shortened(name, 60)}” may be {several}. Write the whole name.")
        else:
            asked.append(
                f"I know nobody else called “{wording.shortened(name, 60)}”. Write the name or the work e-mail address "
                "as your organisation has it."
            )
    if not found and not asked:
        asked.append("Write a name or a work e-mail address, with commas between several.")
    if len(found) > MOST_READERS:
        asked.append(f"That is more than {MOST_READERS} people. Share it with fewer, or with your team in its channel.")
    return found, " ".join(asked)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
