"""The outbox, for conversations: one row per message owed. An answer now and a prompt in March are the same thing.

A row goes due → sending → sent, or → uncertain when the platform did not say whether it took it, or → parked when
nobody can be reached, or → closed when there is nothing left to say. Here messages are owed, moved and cancelled, what
stands is changed, and what was said is found again. `storage/sending.py` is for whoever sends them, and
`storage/undelivered.py` for what did not simply arrive.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, delete, or_, select, true, update
from sqlalchemy.orm import Session

from bot.chat import Message, Place
from bot.chat.packing import pack
from storage.database import insert_once
from storage.models import Owed
from storage.sealed import Keyring


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


def pointed_at(session: Session, place: Place) -> Owed | None:
    """What somebody means by "this": the message that they answer, or in a direct chat what was said last."""
    said = posted(session, place.platform, place.conversation, place.thread)
    return last_said(session, place.platform, place.conversation) if said is None and place.direct else said


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
