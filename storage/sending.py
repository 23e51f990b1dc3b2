"""The outbox, for whoever sends: rows are claimed, built and sent, each by one process at a time and in order.

Claiming commits before anything is sent. An answer is born claimed by the process that wrote it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session

from bot.chat import Event, Message
from bot.chat.packing import pack
from bot.platforms import Address, Sent
from storage.models import KnownPlace, Owed, Person
from storage.prepared import Prepared
from storage.sealed import Keyring

LEASE = timedelta(seconds=120)
CLAIMING = 0x6C6561726E  # PostgreSQL's lock that is held while rows are claimed: "learn"


@dataclass(frozen=True)
class Claimed:
    """A row that is ours to send until `lease_until` (UTC). Rows of one `lane` go to one recipient, in order."""

    row: int
    lease_until: datetime
    lane: tuple[int | None, int | None]


@dataclass(frozen=True)
class Parcel:
    """A message built and addressed, ready to go.

    `change_of` is where it stands already, when it changes one; `mentions` are the rows of which it says that they may
    not have arrived.
    """

    row: int
    key: str
    platform: str
    message: Message
    to: Address
    lease_until: datetime
    change_of: Sent | None = None
    mentions: tuple[int, ...] = ()


def say(
    session: Session,
    event: Event,
    message: Message,
    *,
    place_id: int,
    account_id: int,
    to: int,
    private: bool,
    now: datetime,
    claimed_by: str,
    keyring: Keyring,
) -> Parcel:
    """An answer to `event`: born claimed by the process that wrote it, so that a crash still answers the person.

    It comes back addressed, so that nothing has to be read again before it is sent.
    """
    key, lease = f"say/{event.key}", now + LEASE
    ((row,),) = _SAY.rows(
        session,
        key=key,
        notice=message.notice,
        about=message.about,
        due_at=now,
        to_id=to,
        place_id=place_id,
        account_id=account_id,
        thread=event.place.thread,
        private=private,
        body=keyring.seal_for_organisation(pack(message)),
        lease_until=lease,
        claimed_by=claimed_by,
        awaits=message.awaits,
        platform=event.place.platform,
        **_BORN_CLAIMED,
    )
    doubts = _DOUBTS.rows(session, person=to) if event.place.direct else ()
    where = replace(event.place, message="")
    return Parcel(row, key, event.place.platform, message, Address(event.account, where, private), lease,
                  mentions=tuple(number for (number,) in doubts))  # fmt: skip


_OUTBOX = cast(Table, Owed.__table__)
_BORN_CLAIMED: dict[str, Any] = {"state": "sending", "attempts": 1, "conversation": "", "message": "", "reason": ""}
_SAY = Prepared(
    insert(_OUTBOX).returning(_OUTBOX.c.id),
    ("key", "notice", "about", "due_at", "to_id", "place_id", "account_id", "thread", "private", "body", "lease_until",
     "claimed_by", "awaits", "platform", *_BORN_CLAIMED),
)  # fmt: skip
_DOUBTS = Prepared(
    select(_OUTBOX.c.id)
    # few rows are uncertain, and many are somebody's: `coalesce` keeps SQLite from going through all of the latter
    .where(
        func.coalesce(_OUTBOX.c.to_id, 0) == bindparam("person"),
        _OUTBOX.c.state == "uncertain",
        _OUTBOX.c.reason != "",
    )
    .order_by(_OUTBOX.c.id)
)
_SENT = Prepared(
    update(_OUTBOX)
    .where(_OUTBOX.c.id == bindparam("row"), _OUTBOX.c.state != "sent")
    .values(
        state="sent", sent_at=bindparam("now"), lease_until=None, claimed_by="", body=None, reason="",
        platform=bindparam("on"), conversation=bindparam("where"), message=bindparam("as_message"),
    )
)  # fmt: skip
_ANY_DUE = Prepared(select(_OUTBOX.c.id).where(_OUTBOX.c.state == "due", _OUTBOX.c.due_at <= bindparam("now")).limit(1))
_TAKEN_LANES = Prepared(
    cast(
        Select[Any],
        select(_OUTBOX.c.to_id, _OUTBOX.c.place_id)
        .where(
            _OUTBOX.c.state == "sending",
            _OUTBOX.c.claimed_by != bindparam("by"),
            _OUTBOX.c.lease_until > bindparam("now"),
        )
        .distinct(),
    )
)


def mark_sent(session: Session, sent: Mapping[int, Sent], now: datetime) -> None:
    """The messages of these rows are there, whoever holds the claims by now.

    For rows that knew their place and change nothing.
    """
    _SENT.many(
        session,
        [
            {"row": row, "now": now, "on": posted.place.platform, "where": posted.place.conversation,
             "as_message": posted.message}
            for row, posted in sent.items()
        ],
    )  # fmt: skip


def buildable(notices: Collection[str]) -> ColumnElement[bool]:
    """What a process that knows these notices can send: in a rolling deploy the rest is left to the newer version."""
    return or_(Owed.body.is_not(None), Owed.notice.in_(sorted(notices)))


def claim(
    session: Session,
    now: datetime,
    by: str,
    *,
    limit: int,
    paused: Collection[str] = (),
    notices: Collection[str] | None = None,
) -> Sequence[Claimed]:
    """Up to `limit` rows that are due, oldest first, now claimed by `by`; nothing for platforms that asked for a rest.

    With `notices`, only what can be built from those. Two processes never claim the same row, nor rows of one lane at
    the same time: each recipient gets theirs in order.
    """
    if not _ANY_DUE.rows(session, now=now):  # mostly: this is asked every second
        return ()
    if session.get_bind().dialect.name == "postgresql":
        # one process after the other, until this one has committed: a lane is free only when nobody is taking it
        session.execute(select(func.pg_advisory_xact_lock(CLAIMING)))
    due = (
        select(Owed.id, Owed.to_id, Owed.place_id)
        .outerjoin(Person, Person.id == Owed.to_id)
        .outerjoin(KnownPlace, KnownPlace.id == Owed.place_id)
        .where(Owed.state == "due", Owed.due_at <= now, *_in_free_lanes(session, now, by))
        .order_by(Owed.due_at, Owed.id)
        .limit(limit)
    )
    if notices is not None:
        due = due.where(buildable(notices))
    if paused:
        platform = func.coalesce(KnownPlace.platform, func.nullif(Owed.platform, ""), Person.prefers, "")
        due = due.where(platform.not_in(paused))
    if session.get_bind().dialect.name == "postgresql":
        due = due.with_for_update(of=Owed, skip_locked=True)
    lease = now + LEASE
    claimed = [Claimed(row, lease, (None if to else place, to)) for row, to, place in session.execute(due)]
    if claimed:
        session.execute(
            update(Owed)
            .where(Owed.id.in_([one.row for one in claimed]))
            .values(state="sending", lease_until=lease, claimed_by=by, attempts=Owed.attempts + 1)
        )
    return claimed


def _in_free_lanes(session: Session, now: datetime, by: str) -> list[ColumnElement[bool]]:
    """What keeps a row out of the lanes in which another process is sending right now; few are, and mostly none."""
    lanes = _TAKEN_LANES.rows(session, by=by, now=now)
    people = {to for to, _ in lanes if to is not None}
    places = {place for to, place in lanes if to is None}
    free: list[ColumnElement[bool]] = []
    if people:
        free.append(or_(Owed.to_id.is_(None), Owed.to_id.not_in(people)))
    if places:
        free.append(or_(Owed.to_id.is_not(None), Owed.place_id.not_in(places)))
    return free


def put_back(session: Session, rows: Collection[int], by: str, at: datetime | None = None) -> None:
    """Rows that `by` claimed and certainly did not send are due again, not before `at` when one is named."""
    for row in rows:
        owed = held(session, row, by)
        if owed is not None:
            owed.state, owed.lease_until, owed.claimed_by = "due", None, ""
            owed.attempts = max(0, owed.attempts - 1)
            owed.due_at = max(owed.due_at, at) if at else owed.due_at


def overtaken(session: Session, owed: Owed, now: datetime) -> bool:
    """Whether the same prompt to the same recipient is due once more, later: after an outage only the last is sent."""
    later = select(Owed.id).where(
        Owed.notice == owed.notice,
        Owed.about == owed.about,
        Owed.to_id == owed.to_id,
        Owed.place_id == owed.place_id,
        Owed.thread == owed.thread,
        Owed.changes.is_(None),
        Owed.body.is_(None),
        Owed.state.in_(("due", "sending")),
        Owed.due_at <= now,
        or_(Owed.due_at > owed.due_at, and_(Owed.due_at == owed.due_at, Owed.id > owed.id)),
    )
    return session.scalar(later.limit(1)) is not None


def held(session: Session, row: int, by: str) -> Owed | None:
    """The row, while the claim of `by` on it still stands."""
    return session.scalar(select(Owed).where(Owed.id == row, Owed.claimed_by == by, Owed.state == "sending"))
