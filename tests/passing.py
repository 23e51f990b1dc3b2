"""Time that passes in a test: when what recurs is looked at on the way, and which instant comes next."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import Owed


@dataclass
class Passing:
    """The way from `begins` until an instant. What recurs is looked at at once, every so often and at the end.

    It is owed a fortnight ahead, so that looking more often would only take longer. What falls due on the way is sent
    at its time: ask what is `due`, go to where that is `next`, send it, and go on until it `is_over`.
    """

    begins: datetime
    until: datetime
    every: timedelta
    _looked: datetime = field(init=False)

    def __post_init__(self) -> None:
        assert self.until.tzinfo is not None
        self._looked = self.begins - self.every

    def looks(self, now: datetime) -> bool:
        """Whether what recurs is to be looked at now; then it is taken to be done."""
        last = now >= self.until and now.date() > self._looked.date()
        if not last and now < self._looked + self.every:
            return False
        self._looked = now
        return True

    def due(self, session: Session) -> datetime | None:
        """When the first of what is owed by the end of the way is due."""
        return session.scalar(select(func.min(Owed.due_at)).where(Owed.state == "due", Owed.due_at <= self.until))

    def next(self, now: datetime, due: datetime | None) -> datetime:
        """The instant to go on to."""
        step = min(self.until, self._looked + self.every)
        return max(now, min(due, step)) if due else step

    def is_over(self, now: datetime, due: datetime | None) -> bool:
        """Whether the end is reached, nothing was due any more, and what recurs was looked at on that day."""
        return now >= self.until and due is None and self._looked.date() == now.date()
