"""The clock, read only at the edges: everywhere else time is an argument."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present instant, aware and in UTC."""
    return datetime.now(UTC)
