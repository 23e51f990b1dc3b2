"""Questions about the closures that a calendar of term dates had when it was last fetched."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.policy import Closure
from storage.models import KnownClosure


def known(session: Session, url: str) -> tuple[Closure, ...]:
    """What was last read at this address, by first day; nothing when it never answered."""
    rows = session.scalars(
        select(KnownClosure).where(KnownClosure.source == _source(url)).order_by(KnownClosure.first, KnownClosure.id)
    )
    return tuple(Closure(first=row.first, last=row.last, name=row.name) for row in rows)


def keep(session: Session, url: str, closures: Sequence[Closure]) -> None:
    """This is what the address has now. Another address keeps its own: an older process may still go by that one."""
    if known(session, url) == tuple(closures):
        return
    session.execute(delete(KnownClosure).where(KnownClosure.source == _source(url)))
    session.add_all(
        KnownClosure(source=_source(url), first=closure.first, last=closure.last, name=closure.name)
        for closure in closures
    )
    session.flush()


def _source(url: str) -> str:
    # such an address often holds a secret of its own ("secret address in iCal format"): it is not written down
    return hashlib.sha256(url.encode()).hexdigest()
