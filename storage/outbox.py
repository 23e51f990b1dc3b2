"""The outbox: one row per message owed. An answer now, a reminder tomorrow and a prompt in March are the same thing.

A row goes due → sending → sent, or → uncertain when the platform did not say whether it took it, or → parked when
nobody can be reached, or → closed when there is nothing left to say. Claiming commits before anything is sent.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, delete, func, insert, or_, select, true, update
from sqlalchemy.orm import Session

from bot.chat import Event, Message, pack
from bot.platforms import Address, Sent
from storage.database import insert_once
from storage.models import KnownAccount, KnownPlace, Owed, Person
from storage.prepared import Prepared
from storage.sealed import Keyring

LEASE = timedelta(seconds=120)
CLAIMING = 0x6C6561726E  # PostgreSQL's lock that is held while rows are claimed: "learn"
STALE = timedelta(days=1)  # an answer that could not be given for this long is given no more


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


def owe(
    session: Session,
    notice: str,
    *,
    about: int | None,
    at: datetime,
    to: int | None = None,
    place: int | None = None,
    thread: str = "",
    key: str = "",
) -> bool:
    """Owe a person (`to`) or a place one message, due at the UTC instant `at`. False when it is owed already.

    `key` names the promise ("interviews.nudge/2026-2/17"); without one it is notice, subject, recipient and time.
    """
    assert (to is None) != (place is None), "a message goes to a person or to a place"
    key = key or f"{notice}/{about}/{f'person {to}' if to is not None else f'place {place}'}/{at:%Y%m%dT%H%M%S}"
    return insert_once(
        session, Owed, key=key, notice=notice, about=about, due_at=at, to_id=to, place_id=place, thread=thread,
        private=False, state="due", attempts=0, claimed_by="", awaits="", platform="", conversation="", message="",
        reason="",
    )  # fmt: skip


def owe_worded(session: Session, message: Message, *, to: int, now: datetime, keyring: Keyring, key: str) -> bool:
    """Owe a person this message as it is, at once: an answer that could not be given on the spot. False when owed."""
    return insert_once(
        session, Owed, key=key, notice=message.notice, about=message.about, due_at=now, to_id=to, thread="",
        private=True, body=keyring.seal_for_organisation(pack(message)), state="due", attempts=0, claimed_by="",
        awaits=message.awaits, platform="", conversation="", message="", reason="",
    )  # fmt: skip


def move(session: Session, notice: str, about: int, at: datetime) -> None:
    """What is still owed of this notice on this subject is now due at `at`."""
    session.execute(
        update(Owed).where(Owed.notice == notice, Owed.about == about, Owed.state == "due").values(due_at=at)
    )


def cancel(session: Session, about: int, *notices: str) -> None:
    """Nothing more is owed of these notices on this subject."""
    session.execute(
        update(Owed)
        .where(Owed.notice.in_(notices), Owed.about == about, Owed.state.in_(("due", "parked")), Owed.changes.is_(None))
        .values(state="closed", reason="cancelled")
    )


def forget(session: Session, keys: Sequence[str]) -> None:
    """Nothing is known of these messages any more, sent or not; but for one that is on its way now."""
    for start in range(0, len(keys), 500):
        session.execute(delete(Owed).where(Owed.key.in_(keys[start : start + 500]), Owed.state != "sending"))


def is_known(session: Session, key: str) -> bool:
    """Whether this was ever owed, whatever became of it."""
    return session.scalar(select(Owed.id).where(Owed.key == key).limit(1)) is not None


def stands(session: Session, notice: str, about: int | None, *, to: int | None = None) -> bool:
    """Whether a message of this notice on this subject is posted: to that person, or anywhere."""
    posted = select(Owed.id).where(
        Owed.notice == notice, Owed.about == about, Owed.state == "sent", Owed.changes.is_(None)
    )
    if to is not None:
        posted = posted.where(Owed.to_id == to)
    return session.scalar(posted.limit(1)) is not None


def is_being_sent(session: Session, notice: str, about: int, to: int) -> bool:
    """Whether a new message of this notice on this subject is being built for this person: none is being changed."""
    building = select(Owed.id).where(
        Owed.notice == notice,
        Owed.about == about,
        Owed.to_id == to,
        Owed.changes.is_(None),
        Owed.body.is_(None),
        Owed.state == "sending",
    )
    return session.scalar(building.limit(1)) is not None


def refresh(session: Session, notice: str, about: int, at: datetime, *, to: int | None = None) -> None:
    """Change every posted message of this notice on this subject in place, as its builder builds it then.

    With `to`, only what went to that person.
    One that is on its way is changed once it has arrived: it may have been built before what is told now. One that is
    still to be built needs no change.
    """
    posted = session.scalars(
        select(Owed)
        .where(
            Owed.notice == notice,
            Owed.about == about,
            Owed.changes.is_(None),
            true() if to is None else Owed.to_id == to,
            or_(
                and_(Owed.state == "sent", Owed.message != ""),
                Owed.state.in_(("due", "sending", "uncertain")),
            ),
        )
        .order_by(Owed.id)
        .with_for_update()  # PostgreSQL: nobody begins to build a due one while we are not committed yet
    ).all()
    for row in posted:
        if row.state == "due" and row.body is None:
            continue
        key = f"change/{row.id}"
        fresh = insert_once(
            session, Owed, key=key, notice=notice, about=about, due_at=at, to_id=row.to_id, place_id=row.place_id,
            thread="", private=row.private, changes=row.id, state="due", attempts=0, claimed_by="", awaits="",
            platform=row.platform, conversation="", message="", reason="",
        )  # fmt: skip
        if not fresh:  # the earlier change goes again; one that is being sent right now loses its claim
            session.execute(
                update(Owed)
                .where(Owed.key == key)
                .values(state="due", due_at=at, attempts=0, claimed_by="", lease_until=None, reason="")
            )


def shown(session: Session, row: int) -> None:
    """The message that this row posted was just replaced in answer to a tap: no change of it is owed any more."""
    session.execute(
        update(Owed).where(Owed.key == f"change/{row}", Owed.state == "due").values(state="closed", reason="shown")
    )


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


def doubtful(
    session: Session, now: datetime, settled_at: datetime, *, all_of_others: str | None = None, limit: int = 200
) -> list[int]:
    """The rows about which the platform is to be asked now; those whose process died while sending are among them.

    A process is dead when its lease ran out. With `all_of_others` (the present process, when it is known to be the only
    one) every other is. What such a row's platform does not know before `settled_at` may still be on its way.
    """
    lapsed = Owed.lease_until < now
    if all_of_others is not None:
        lapsed = or_(lapsed, Owed.claimed_by != all_of_others)
    dead = session.scalars(
        select(Owed).where(Owed.state == "sending", lapsed).order_by(Owed.id).with_for_update(skip_locked=True)
    ).all()
    for row in dead:
        settles = settled_at if row.lease_until is None or row.lease_until >= now else None
        row.state, row.claimed_by, row.lease_until = "uncertain", "", settles
    waiting = session.scalars(
        select(Owed.id)
        .where(Owed.state == "uncertain", Owed.reason == "", or_(Owed.lease_until.is_(None), Owed.lease_until <= now))
        .order_by(Owed.due_at, Owed.id)
        .limit(limit)
    )
    return [*dict.fromkeys([row.id for row in dead] + list(waiting))]


def after_restore(session: Session, now: datetime) -> int:
    """A backup was put back: what was due by now may have been sent since it was made. Returns how many that are.

    Each becomes uncertain: a platform that can be asked is asked before anything is sent, and where none can be asked
    nothing is sent twice. What is due later is untouched. Safe to repeat before the bot starts.
    """
    rows = session.scalars(
        select(Owed).where(or_(Owed.state == "sending", and_(Owed.state == "due", Owed.due_at <= now)))
    ).all()
    for row in rows:
        row.state, row.reason, row.claimed_by, row.lease_until = "uncertain", "", "", None
    return len(rows)


def posted(session: Session, platform: str, conversation: str, message: str) -> Owed | None:
    """The row whose message this is."""
    if not message:
        return None
    return session.scalar(
        select(Owed).where(
            Owed.platform == platform,
            Owed.conversation == conversation,
            Owed.message == message,
            Owed.changes.is_(None),
        )
    )


def last_said(session: Session, platform: str, conversation: str) -> Owed | None:
    """The last thing the bot said in this conversation."""
    return session.scalar(
        select(Owed)
        .where(
            Owed.platform == platform,
            Owed.conversation == conversation,
            Owed.changes.is_(None),
            Owed.sent_at.is_not(None),
        )
        .order_by(Owed.sent_at.desc(), Owed.id.desc())
        .limit(1)
    )


def open_prompts(session: Session, person_id: int) -> Sequence[Owed]:
    """What this person was asked and has not answered, latest first."""
    return session.scalars(
        select(Owed)
        .where(Owed.to_id == person_id, Owed.state == "sent", Owed.awaits != "", Owed.answered_at.is_(None))
        .order_by(Owed.sent_at.desc())
    ).all()


def answered(session: Session, awaits: str, about: int | None, person_id: int, now: datetime) -> None:
    """This person answered: nothing typed from now on is taken for an answer to that prompt."""
    session.execute(
        update(Owed)
        .where(Owed.to_id == person_id, Owed.awaits == awaits, Owed.about == about, Owed.answered_at.is_(None))
        .values(answered_at=now)
    )


def unconfirmed(session: Session, person_id: int) -> Sequence[Owed]:
    """What may not have reached this person and can never be known: mentioned in their next message instead."""
    return session.scalars(
        select(Owed).where(Owed.to_id == person_id, Owed.state == "uncertain", Owed.reason != "").order_by(Owed.id)
    ).all()


def reachable_again(session: Session, account: KnownAccount, now: datetime) -> None:
    """What was parked because this person could not be reached is due again; builders drop what is out of date.

    Answers to what they said long ago are dropped here, and what no platform would take stays parked.
    """
    account.unreachable = ""
    _due_again(session, now, Owed.to_id == account.person_id)


def place_reachable_again(session: Session, place: KnownPlace, now: datetime) -> None:
    """The same for a conversation that the bot is back in."""
    place.unreachable = ""
    _due_again(session, now, Owed.place_id == place.id)


def _due_again(session: Session, now: datetime, whose: ColumnElement[bool]) -> None:
    parked = (whose, Owed.state == "parked", Owed.reason.not_in(("too_large", "not_built")))
    session.execute(
        update(Owed)
        .where(*parked, Owed.body.is_not(None), Owed.due_at < now - STALE)
        .values(state="closed", reason="too late", body=None)
    )
    session.execute(update(Owed).where(*parked).values(state="due", due_at=now, attempts=0, reason=""))


def configured_again(session: Session, now: datetime) -> None:
    """What was parked because its platform was not configured then is due again; run when the bot starts."""
    session.execute(
        update(Owed)
        .where(Owed.state == "parked", Owed.reason.in_(("not_configured", "platform_not_configured")))
        .values(state="due", due_at=now, attempts=0, reason="")
    )
