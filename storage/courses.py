"""Questions about courses and the chain that follows one: what is open, what falls due, what is owed about it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Target


def open_targets(session: Session, owner_id: int) -> Sequence[Target]:
    """The targets that this person is working on: what is due first comes first, what has no day last."""
    return session.scalars(
        select(Target)
        .where(Target.owner_id == owner_id, Target.state == "open")
        .order_by(Target.due_on.is_(None), Target.due_on, Target.id)
    ).all()
