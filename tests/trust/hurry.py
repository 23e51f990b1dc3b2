"""The program's patience, cut down so that a dead process is noticed within a test; the proportions are kept."""

from datetime import timedelta

from scheduling import delivery, precedence
from storage import sending

LEASE, TIMEOUT, SETTLING = timedelta(seconds=4), 1.0, timedelta(seconds=1)
GIVING_WAY = 0.2


def up() -> None:
    """Have this process wait no longer than that."""
    sending.LEASE, delivery.TIMEOUT = LEASE, TIMEOUT
    precedence.Precedence.longest = GIVING_WAY
