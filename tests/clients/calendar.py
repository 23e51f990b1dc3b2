"""A calendar system in memory: as `CalendarSystem` promises, and as badly as one may behave."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from scheduling.calendars.contract import (
    Appointment,
    CalendarDown,
    CalendarRefused,
    Changed,
    Changes,
    Placed,
    Seen,
)
from scheduling.slots import Interval

T = TypeVar("T")


@dataclass
class Standing:
    """An event in a mailbox."""

    mailbox: str
    appointment: Appointment
    starts_at: datetime
    ends_at: datetime

    @property
    def times(self) -> Interval:
        return self.starts_at, self.ends_at


@dataclass(frozen=True)
class Fault:
    """What the next call of that kind meets: `accepted` says that it was carried out all the same."""

    call: str
    error: BaseException
    accepted: bool = False


@dataclass
class MemoryCalendar:
    """Mailboxes with events. `sent` is every invitation, update and cancellation that a mailbox owner was sent."""

    name: str = "outlook"
    events: dict[str, Standing] = field(default_factory=dict[str, Standing])
    keys: dict[str, str] = field(default_factory=dict[str, str])
    busy_at: dict[str, list[Interval]] = field(default_factory=dict[str, list[Interval]])
    refusing: dict[str, str] = field(default_factory=dict[str, str])
    faults: list[Fault] = field(default_factory=list[Fault])
    down: bool = False
    calls: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    sent: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    wrong: list[str] = field(default_factory=list[str])
    forgets_marks: bool = False
    closed: bool = False
    _log: list[tuple[str, Changed]] = field(default_factory=list[tuple[str, Changed]])

    # -- the contract

    async def busy(self, mailboxes: Sequence[str], starts_at: datetime, ends_at: datetime) -> Seen:
        self.calls.append(("busy", ",".join(mailboxes)))
        self._meets("busy")
        found: dict[str, list[Interval] | CalendarRefused] = {}
        for mailbox in mailboxes:
            if mailbox in self.refusing:
                found[mailbox] = CalendarRefused(self.refusing[mailbox])
                continue
            ours = [event.times for event in self.events.values()
                    if mailbox in {address for _, address in event.appointment.attendees}]  # fmt: skip
            found[mailbox] = [*self.busy_at.get(mailbox, []), *ours]
        return found

    async def put(self, mailbox: str, appointment: Appointment) -> Placed:
        def carried_out() -> Placed:
            if appointment.key not in self.keys:
                event_id = f"{self.name}-{len(self.keys) + 1}"
                self.keys[appointment.key] = event_id
                self.events[event_id] = Standing(mailbox, appointment, appointment.starts_at, appointment.ends_at)
                self._changed(event_id, "invitation")
            return self._placed(self.keys[appointment.key])

        return self._carried_out("put", mailbox, carried_out)

    async def change(self, mailbox: str, event_id: str, appointment: Appointment) -> Placed | None:
        def carried_out() -> Placed | None:
            event = self.events.get(event_id)
            if event is None:
                return None
            event.appointment, event.starts_at, event.ends_at = appointment, appointment.starts_at, appointment.ends_at
            self._changed(event_id, "update")
            return self._placed(event_id)

        return self._carried_out("change", mailbox, carried_out)

    async def remove(self, mailbox: str, event_id: str) -> None:
        def carried_out() -> None:
            if event_id in self.events:
                self.delete(event_id)

        self._carried_out("remove", mailbox, carried_out)

    async def changes(self, mailbox: str, mark: str, starts_at: datetime, ends_at: datetime) -> Changes:
        self.calls.append(("changes", mailbox))
        self._meets("changes")
        here = f"mark {len(self._log)}"
        if not mark or self.forgets_marks:
            whole = [
                Changed(event_id, *event.times)
                for event_id, event in self.events.items()
                if event.mailbox == mailbox and event.starts_at < ends_at and event.ends_at > starts_at
            ]
            return Changes(here, whole, whole=True)
        since = int(mark.split()[1])
        return Changes(here, [changed for whose, changed in self._log[since:] if whose == mailbox])

    async def mistakes(self) -> list[str]:
        self._meets("mistakes")
        return self.wrong

    async def close(self) -> None:
        self.closed = True

    # -- what people do in their calendars

    def delete(self, event_id: str) -> None:
        event = self.events.pop(event_id)
        self._log.append((event.mailbox, Changed(event_id, gone=True)))
        self.sent.extend((address, "cancellation") for _, address in event.appointment.attendees)

    def move(self, event_id: str, starts_at: datetime, ends_at: datetime) -> None:
        event = self.events[event_id]
        event.starts_at, event.ends_at = starts_at, ends_at
        self._changed(event_id, "update")

    # -- the rest

    def _carried_out(self, call: str, mailbox: str, work: Callable[[], T]) -> T:
        self.calls.append((call, mailbox))
        if self.down:
            raise CalendarDown("no answer")
        if mailbox in self.refusing:
            raise CalendarRefused(self.refusing[mailbox])
        fault = next((fault for fault in self.faults if fault.call == call), None)
        if fault is None:
            return work()
        self.faults.remove(fault)
        if fault.accepted:
            work()
        raise fault.error

    def _meets(self, call: str) -> None:
        for fault in self.faults:
            if fault.call == call:
                self.faults.remove(fault)
                raise fault.error
        if self.down:
            raise CalendarDown("no answer")

    def _changed(self, event_id: str, what: str) -> None:
        event = self.events[event_id]
        self._log.append((event.mailbox, Changed(event_id, *event.times)))
        self.sent.extend((address, what) for _, address in event.appointment.attendees)

    def _placed(self, event_id: str) -> Placed:
        return Placed(event_id, f"https://meet.example/{event_id}")
