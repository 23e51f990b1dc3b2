"""The rules of a review: when it is open, who is reminded when, and what marks an answer as somebody's."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.policy import Policy
from handlers.calendars import calendar_of
from scheduling.localtime import WorkingCalendar, at_local
from storage.models import Review

FURTHEST = timedelta(days=90)
COUNTED_EVERY = timedelta(seconds=5)
REMINDS_AT = time(9, 30)

# ------------------------------------------------------------------------------------------------------------- times


def is_open(review: Review, now: datetime) -> bool:
    """Whether answers count. The clock decides, not the job that closes: its lateness changes nothing."""
    return review.state == "open" and now < review.closes_at


def closing(day: date, policy: Policy) -> datetime:
    """The UTC instant at which a review closes on `day`: the end of the organisation's working day."""
    return at_local(day, policy.working_week.ends, policy.tzinfo)


def usual_closing_day(today: date, policy: Policy) -> date:
    """The closing day that is suggested: `reviews.open_days` from today, put off while everybody is away."""
    return calendar_of(policy).add_working_days(today + timedelta(days=policy.reviews.open_days), 0)


@dataclass(frozen=True)
class Reminders:
    """When somebody who has not answered is reminded (UTC), None where there is no room for it."""

    half_time: datetime | None
    last_day: datetime | None


def reminders(opened_at: datetime, closes_at: datetime, zone: ZoneInfo, working: WorkingCalendar) -> Reminders:
    """At 09:30 in `zone`: on the first working day from half-time on, and on the last working day before the closing.

    Nobody is reminded twice on one day, or before the review opened.
    """
    half_day = (opened_at + (closes_at - opened_at) / 2).astimezone(zone).date()
    half_time = at_local(working.add_working_days(half_day, 0), REMINDS_AT, zone)
    last_day = at_local(working.add_working_days(closes_at.astimezone(zone).date(), -1), REMINDS_AT, zone)
    return Reminders(
        half_time=half_time if opened_at < half_time < last_day else None,
        last_day=last_day if opened_at < last_day else None,
    )


def next_asking_time(now: datetime, zone: ZoneInfo, working: WorkingCalendar) -> datetime:
    """When somebody can next be asked: 09:30 in `zone` on a working day, today's if that is still to come."""
    today = working.add_working_days(now.astimezone(zone).date(), 0)
    at = at_local(today, REMINDS_AT, zone)
    return at if at >= now else at_local(working.add_working_days(today, 1), REMINDS_AT, zone)


def next_count_at(now: datetime) -> datetime:
    """When the count on the card changes next: every five seconds, so that fifty answers at once are one change."""
    return now + COUNTED_EVERY - (now - datetime.min.replace(tzinfo=now.tzinfo)) % COUNTED_EVERY


# ------------------------------------------------------------------------------------------------------------- marks


def new_secret() -> str:
    """What one anonymous review knows people by, as long as it is open."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def new_key() -> str:
    """What only the card of whoever answered holds: with it, and with nothing else, the answers can be changed."""
    return secrets.token_urlsafe(24)


def mark_of_key(review_id: int, key: str) -> str:
    """The mark of the answers that this key opens. Nothing leads back from it."""
    return _encoded(hashlib.sha256(f"{review_id}/{key}".encode()).digest())


def mark_of_having_answered(secret: str, person_id: int) -> str:
    """What says that this person has answered an anonymous review, and not what."""
    return _keyed(secret, b"answered %d" % person_id)


def name_of_card(secret: str, person_id: int) -> str:
    """The key in the outbox of this person's own card: without the secret it is like that of any other answer."""
    return f"say/{_keyed(secret, b'card %d' % person_id)}"


def mark(secret: str, person_id: int) -> str:
    """The mark that an earlier version gave to this person's answers in an anonymous review."""
    return _keyed(secret, b"%d" % person_id)


def mark_of_named(person_id: int) -> str:
    """The mark of one person's answers in a named review."""
    return f"person {person_id}"


def _keyed(secret: str, message: bytes) -> str:
    return _encoded(hmac.digest(base64.b64decode(secret), message, hashlib.sha256))


def _encoded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
