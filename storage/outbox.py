"""The outbox: one row per message owed. An answer now, a reminder tomorrow and a prompt in March are the same thing.

A row goes due → sending → sent, or → uncertain when the platform did not say whether it took it, or → parked when
nobody can be reached, or → closed when there is nothing left to say. Claiming commits before anything is sent.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from bot.chat import Event, Message, pack
from storage.database import insert_once
from storage.models import KnownAccount, KnownPlace, Owed, Person
from storage.sealed import Keyring

LEASE = timedelta(seconds=120)


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


def refresh(session: Session, notice: str, about: int, at: datetime) -> None:
    """Change every posted message of this notice on this subject in place, as its builder builds it then."""
    posted = session.scalars(
        select(Owed).where(
            Owed.notice == notice, Owed.about == about, Owed.state == "sent", Owed.changes.is_(None), Owed.message != ""
        )
    ).all()
    for row in posted:
        key = f"change/{row.id}"
        fresh = insert_once(
            session, Owed, key=key, notice=notice, about=about, due_at=at, to_id=row.to_id, place_id=row.place_id,
            thread="", private=row.private, changes=row.id, state="due", attempts=0, claimed_by="", awaits="",
            platform=row.platform, conversation=row.conversation, message=row.message, reason="",
        )  # fmt: skip
        if not fresh:  # the earlier change goes again; one that is being sent right now loses its claim
            session.execute(
                update(Owed)
                .where(Owed.key == key)
                .values(state="due", due_at=at, attempts=0, claimed_by="", lease_until=None)
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
) -> Owed:
    """An answer to `event`: born claimed by the process that wrote it, so that a crash still answers the person."""
    row = Owed(
        key=f"say/{event.key}",
        notice=message.notice,
        about=message.about,
        due_at=now,
        to_id=to,
        place_id=place_id,
        account_id=account_id,
        thread=event.place.thread,
        private=private,
        body=keyring.seal_for_organisation(pack(message)),
        state="sending",
        attempts=1,
        lease_until=now + LEASE,
        claimed_by=claimed_by,
        awaits=message.awaits,
    )
    session.add(row)
    session.flush()
    return row


def claim(
    session: Session, now: datetime, by: str, *, limit: int, paused: Collection[str] = ()
) -> Sequence[tuple[int, datetime]]:
    """Up to `limit` rows that are due, oldest first, now claimed by `by`; nothing for platforms that asked for a rest.

    Returns their ids and the end of the lease (UTC). Two processes never claim the same row.
    """
    due = (
        select(Owed.id)
        .outerjoin(Person, Person.id == Owed.to_id)
        .outerjoin(KnownPlace, KnownPlace.id == Owed.place_id)
        .where(Owed.state == "due", Owed.due_at <= now)
        .order_by(Owed.due_at, Owed.id)
        .limit(limit)
    )
    if paused:
        platform = func.coalesce(KnownPlace.platform, func.nullif(Owed.platform, ""), Person.prefers, "")
        due = due.where(platform.not_in(paused))
    if session.get_bind().dialect.name == "postgresql":
        due = due.with_for_update(of=Owed, skip_locked=True)
    ids = session.scalars(due).all()
    lease = now + LEASE
    if ids:
        session.execute(
            update(Owed)
            .where(Owed.id.in_(ids))
            .values(state="sending", lease_until=lease, claimed_by=by, attempts=Owed.attempts + 1)
        )
    return [(row, lease) for row in ids]


def held(session: Session, row: int, by: str) -> Owed | None:
    """The row, while the claim of `by` on it still stands."""
    return session.scalar(select(Owed).where(Owed.id == row, Owed.claimed_by == by, Owed.state == "sending"))


def abandoned(session: Session, now: datetime, *, all_of_others: str | None = None) -> Sequence[Owed]:
    """Rows that were being sent when their process died: the lease ran out.

    With `all_of_others` (the present process, when it is known to be the only one) every row that another claimed.
    """
    lapsed = Owed.lease_until < now
    if all_of_others is not None:
        lapsed = or_(lapsed, Owed.claimed_by != all_of_others)
    return session.scalars(select(Owed).where(Owed.state == "sending", lapsed).order_by(Owed.id)).all()


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
    return session.scalars(select(Owed).where(Owed.to_id == person_id, Owed.state == "uncertain")).all()


def reachable_again(session: Session, account: KnownAccount, now: datetime) -> None:
    """What was parked because this person could not be reached is due again; builders drop what is out of date."""
    account.unreachable = ""
    session.execute(
        update(Owed)
        .where(Owed.to_id == account.person_id, Owed.state == "parked")
        .values(state="due", due_at=now, attempts=0, reason="")
    )
