"""Writing a paper: what it is called, and what is in it for whoever asked for it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from bot.documents.content import Pages
from handlers.papers import report, review
from handlers.turn import Turn
from storage.models import Review, Team

SECTIONS: Mapping[str, Mapping[str, str]] = {"review": review.SECTIONS, "report": report.SECTIONS}


def titled(turn: Turn, kind: str, about: int | None, year: date | None) -> tuple[str, str]:
    """What a paper is called, and what it is of."""
    if kind == "report":
        return report.titled(turn, year)
    found = turn.session.get_one(Review, about)
    return "Review and plan", f"{turn.session.get_one(Team, found.team_id).name} ({found.title})"


def steps(kind: str, about: int | None, year: date | None, without: Sequence[str]) -> tuple[Callable[[Turn], Any], ...]:
    """What is read for a paper, for the turn's reader, who may have it: that is asked before each of them.

    Each is a transaction of its own, so that a large organisation's people do not wait for all of its year.
    """
    if kind == "report":
        assert year is not None
        return report.steps(year)
    return (lambda turn: review.pages(turn, turn.session.get_one(Review, about), without),)


def written(kind: str, read: Sequence[Any], without: Sequence[str]) -> Pages:
    """The paper that was read so."""
    return report.pages(report.Years(*read), without) if kind == "report" else read[0]
