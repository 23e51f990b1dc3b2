"""What every calendar system can do for us, said once: look when people are busy, hold an appointment, tell changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from scheduling.slots import Interval


class CalendarDown(Exception):
    """The calendar did not answer, or asked us to wait: nothing is known, and it is worth asking again.

    `retry_after` in seconds when it said for how long.
    """

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class CalendarRefused(Exception):
    """The calendar answered that it will not: no such mailbox, not permitted, not possible. Asking again is no use.

    `reason` is one of: not_permitted, no_such_mailbox, token_refused, refused.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Appointment:
    """One meeting as it should stand in its host's calendar. Times are instants; `zone` is what the host sees them in.

    `key` stays while the meeting is in one person's calendar: the same key never makes two events. `attendees` are
    (name, e-mail), the host included.
    """

    key: str
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    attendees: tuple[tuple[str, str], ...]
    zone: str = "Europe/London"


@dataclass(frozen=True)
class Placed:
    """An appointment that stands: the calendar's own id for it, and the address to meet at ("" when there is none)."""

    event_id: str
    join_url: str = ""


@dataclass(frozen=True)
class Changed:
    """An event that is no longer as it was: its new times, or `gone` when it was deleted or cancelled."""

    event_id: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    gone: bool = False


@dataclass(frozen=True)
class Changes:
    """What has changed in a mailbox since `mark` was handed out last; `mark` is for asking the next time.

    `whole` says that `events` is everything that stands, because there was no mark or it had expired: an event that is
    not among them may be gone.
    """

    mark: str
    events: Sequence[Changed] = field(default=())
    whole: bool = False


Seen = Mapping[str, list[Interval] | CalendarRefused]


class CalendarSystem(Protocol):
    """One calendar system. Every call may raise `CalendarDown`, or `CalendarRefused` where that is final."""

    name: str

    async def busy(self, mailboxes: Sequence[str], starts_at: datetime, ends_at: datetime) -> Seen:
        """When each mailbox is busy between two instants: a list of `Interval`, or the `CalendarRefused` it met.

        One mailbox that cannot be seen does not hide the others.
        """
        ...

    async def put(self, mailbox: str, appointment: Appointment) -> Placed:
        """Make the event. Safe to repeat after a time-out: the same key finds what was made before."""
        ...

    async def change(self, mailbox: str, event_id: str, appointment: Appointment) -> Placed | None:
        """Make the event stand as `appointment` says. None when it is no longer there."""
        ...

    async def remove(self, mailbox: str, event_id: str) -> None:
        """Take the event out, telling who was invited. One that is gone already is as it should be."""
        ...

    async def changes(self, mailbox: str, mark: str, starts_at: datetime, ends_at: datetime) -> Changes:
        """What changed since `mark`; with "" (or one that has expired), everything that stands between two instants."""
        ...

    async def mistakes(self) -> list[str]:
        """What is wrong with the settings or the permissions, each with what to do; empty when all is well.

        A mailbox that the bot must not reach is tried, and reaching it is a mistake.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
