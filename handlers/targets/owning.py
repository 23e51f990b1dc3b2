"""A target as somebody's own: what another sees of it when they are let in, and how it is forgotten."""

from bot import wording
from bot.chat import Part
from handlers.registry import Belonging
from handlers.targets.reading import now, shown
from handlers.targets.words import said
from handlers.turn import Turn
from storage import targets
from storage.models import Target


def _title(turn: Turn, about: int) -> str:
    words = now(turn, turn.session.get_one(Target, about)).words
    return f"your target “{wording.shortened(' '.join(words.split()), 60)}”"


def _shown(turn: Turn, about: int) -> tuple[Part, ...]:
    """The target as it is now; for whoever was asked to agree, as it was put to them, however they were let in."""
    target = turn.session.get_one(Target, about)
    return tuple(said(shown(turn, target) if turn.person.id == target.other_id else now(turn, target)))


def _forget(turn: Turn, about: int) -> None:
    """The target goes with everything that it was before and that came of it."""
    targets.forget(turn.session, targets.locked(turn.session, about), turn.now)


TARGET = Belonging("a target of a learning plan", _title, _shown, targets.CARD, "targets.open", _forget)
