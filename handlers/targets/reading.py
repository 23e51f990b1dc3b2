"""A target opened for its reader: as it is now, or as it was when it was shown to somebody."""

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from handlers.targets.rules import Said
from handlers.turn import Turn
from storage import targets
from storage.models import Target

WORDS = ("words", "strategy", "criteria", "link")  # what its owner writes of a target


@dataclass(frozen=True)
class Content:
    """What a target says: its owner's words by field ("" where there are none), its day and its kind."""

    said: dict[str, str] = field(default_factory=dict[str, str])
    due_on: date | None = None
    kind: str = ""

    @property
    def words(self) -> str:
        """The target itself."""
        return self.said["words"]

    def packed(self) -> str:
        """As JSON, to be sealed."""
        return json.dumps({**self.said, "due_on": self.due_on and self.due_on.isoformat(), "kind": self.kind})

    @classmethod
    def unpacked(cls, packed: str) -> "Content":
        """What was packed."""
        kept: dict[str, Any] = json.loads(packed)
        due = kept.get("due_on")
        return cls({name: kept.get(name, "") for name in WORDS}, due and date.fromisoformat(due), kept.get("kind", ""))


@dataclass(frozen=True)
class Evaluation:
    """What came of a target, and how effective the development was: 1 to 5, or 0 where that was not said; and why."""

    came: str = ""
    rating: int = 0
    why: str = ""


def now(turn: Turn, target: Target, kind: str = "target", about: int | None = None) -> Content:
    """The target as it is now. What somebody else reads in is recorded as `kind` about `about`."""
    about = target.id if about is None else about

    def opened(sealed: bytes | None) -> str:
        return "" if sealed is None else turn.read(target.owner_id, sealed, kind, about)

    return Content({name: opened(getattr(target, name)) for name in WORDS}, target.due_on, target.kind)


def shown(turn: Turn, target: Target) -> Content:
    """The target as whoever was asked to agree was shown it."""
    number = target.shown_version
    if number is None or number == target.version:
        return now(turn, target)
    before = targets.version(turn.session, target.id, number)
    assert before is not None, "every version that somebody was shown is kept"
    return Content.unpacked(turn.read(target.owner_id, before.was, "target", target.id))


def evaluation(turn: Turn, target: Target) -> Evaluation:
    """What its owner said came of it."""
    if target.evaluation is None:
        return Evaluation()
    kept = json.loads(turn.read(target.owner_id, target.evaluation, "target", target.id))
    return Evaluation(kept.get("came", ""), kept.get("rating", 0), kept.get("why", ""))


def comment(turn: Turn, target: Target) -> str:
    """What whoever was asked said about it; "" where nothing was, or they were erased since."""
    if target.comment is None or target.other_id is None:
        return ""
    return turn.read(target.other_id, target.comment, "comment", target.id)


def hinted(content: Content) -> Said:
    """The target as the rules look at it."""
    return Said(content.words, content.said["criteria"], content.due_on)
