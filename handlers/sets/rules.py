"""The rules of learning sets: whom typed names mean, and when nobody is to be disturbed."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot import wording
from handlers.turn import Turn
from storage import away, people
from storage.models import Person

_BETWEEN = re.compile(r"\s*(?:[,;\n]|\band\b|&)\s*", re.IGNORECASE)
ONESELF = ("me", "myself")
LONGEST_NAME = 60  # characters
A_MINUTE = timedelta(minutes=1)
Known = Callable[[str], Sequence[Person]]


@dataclass(frozen=True)
class Named:
    """The people whom typed names mean, each once; or `problem`, a sentence on what is to be put right."""

    people: tuple[Person, ...] = ()
    problem: str = ""


def named(typed: str, oneself: Person, known: Known) -> Named:
    """Whom these names mean, `known` being how one is looked up. Nobody is guessed at."""
    found: dict[int, Person] = {}
    unknown: list[str] = []
    unclear: list[str] = []
    for name in filter(None, _BETWEEN.split(typed.strip(" .!?,"))):
        meant = [oneself] if name.lower() in ONESELF else known(name)
        if len(meant) == 1:
            found[meant[0].id] = meant[0]
        elif meant:
            unclear.append(f"“{name}” may be {wording.listed([person.name for person in meant[:4]])}.")
        else:
            unknown.append(f"“{wording.shortened(name, 60)}”")
    problems = [f"I know nobody called {wording.listed(unknown)}."] if unknown else []
    problems += unclear
    if problems:
        return Named(problem=" ".join([*problems, "Write the whole name, or a work e-mail address."]))
    if not found:
        return Named(problem="Write the names of one or more colleagues.")
    return Named(tuple(found.values()))


def quiet_until(turn: Turn) -> date | None:
    """The local day from which the reader may be asked again, when they paused or are away now; else None."""
    days: list[date] = []
    if people.is_paused(turn.person, turn.today) and turn.person.paused_until is not None:
        days.append(turn.person.paused_until)
    for _, ends_at in away.between(turn.session, turn.person.id, turn.now, turn.now + A_MINUTE):
        days.append(ends_at.astimezone(turn.zone).date())
    return max(days, default=None)
