"""What people were sent, each by themselves, so that they answer a review: found again once the review is over."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage import review_guests
from storage.database import insert_once
from storage.models import Owed, Review
from storage.reviews import ASKING

OVER = "reviews.over"


def put_aside(session: Session, review_id: int, now: datetime) -> bool:
    """Of what was sent, keep where it stands, so that it can be changed there. False when nothing was.

    What it asked, and when, is kept no longer: a reminder would say who had not answered by then. The rows are written
    again in an order drawn by lot, so that neither their numbers nor their places say it.
    """
    session.flush()
    sent = list(
        session.scalars(
            select(Owed).where(
                Owed.notice.in_(ASKING),
                Owed.about == review_id,
                Owed.changes.is_(None),
                Owed.state == "sent",
                Owed.message != "",
                Owed.reason != review_guests.DECLINED,  # it says by now that nothing more is asked
            )
        ).all()
    )
    secrets.SystemRandom().shuffle(sent)
    for row in sent:
        insert_once(
            session, Owed, key=f"{OVER}/{secrets.token_hex(12)}", notice=OVER, about=review_id, due_at=now,
            to_id=row.to_id, account_id=row.account_id, state="sent", platform=row.platform,
            conversation=row.conversation, message=row.message, reason="",
        )  # fmt: skip
    session.execute(delete(Owed).where(Owed.id.in_([row.id for row in sent])))
    return bool(sent)


def forget(session: Session, review_id: int) -> None:
    """Where those cards stand is known no more, changed or not."""
    session.execute(delete(Owed).where(Owed.notice == OVER, Owed.about == review_id))


def kept_too_long(session: Session, before: datetime) -> Sequence[int]:
    """The anonymous reviews whose cards were put aside before that instant, and are known still."""
    found = (
        select(Review.id)
        .join(Owed, Owed.about == Review.id)
        .where(Review.anonymous.is_(True), Owed.notice == OVER, Owed.changes.is_(None), Owed.due_at <= before)
    )
    return session.scalars(found.distinct().order_by(Review.id)).all()
