"""What did not simply arrive: messages in doubt, and those that were parked until somebody can be reached again."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from storage.models import KnownAccount, KnownPlace, Owed

STALE = timedelta(days=1)  # an answer that could not be given for this long is given no more


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
