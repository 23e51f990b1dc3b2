"""Writing a paper: what it is called, and what is in it for whoever asked for it."""

from collections.abc import Mapping, Sequence
from datetime import date

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


def written(turn: Turn, kind: str, about: int | None, year: date | None, without: Sequence[str]) -> Pages:
    """The paper for the turn's reader, who may have it: that was asked before."""
    if kind == "report":
        return report.pages(turn, year, without)
    return review.pages(turn, turn.session.get_one(Review, about), without)
