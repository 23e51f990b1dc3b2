"""The rules of a review: when it is open, who is reminded when, what an answer is, and what may be shown of it."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, cast
from zoneinfo import ZoneInfo

from bot.policy import Policy, Question
from handlers.calendars import calendar_of
from scheduling.localtime import WorkingCalendar, at_local
from storage.models import Review

FURTHEST = timedelta(days=90)
COUNTED_EVERY = timedelta(seconds=5)
REMINDS_AT = time(9, 30)
PADDED_TO = 2048  # characters: a short answer and a long one look alike once sealed

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


# ----------------------------------------------------------------------------------------------------------- answers


@dataclass(frozen=True)
class Answer:
    """One person's answer to one question."""

    rating: int | None = None
    words: str = ""


def new_secret() -> str:
    """What the marks of one anonymous review are made with."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def mark(secret: str, person_id: int) -> str:
    """The mark of one person's answers in an anonymous review: without the secret nobody can tell whose it is."""
    made = hmac.digest(base64.b64decode(secret), b"%d" % person_id, hashlib.sha256)
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def mark_of_named(person_id: int) -> str:
    """The mark of one person's answers in a named review."""
    return f"person {person_id}"


def packed(answers: Mapping[str, Answer]) -> str:
    """Answers as JSON, padded with spaces to a few lengths, so that sealed answers cannot be told apart by size."""
    written = json.dumps({key: {"rating": answer.rating, "words": answer.words} for key, answer in answers.items()})
    length = PADDED_TO
    while length < len(written):
        length *= 2
    return written.ljust(length)


def unpacked(written: str) -> dict[str, Answer]:
    """The answers that were packed."""
    kept = cast(dict[str, dict[str, Any]], json.loads(written))
    return {key: Answer(answer["rating"], answer["words"]) for key, answer in kept.items()}


# ------------------------------------------------------------------------------------------------- what came of them


@dataclass(frozen=True)
class Given:
    """Everything that one person answered. `by` is their name, "" in an anonymous review; `id` the answers' own."""

    id: int
    answers: Mapping[str, Answer]
    by: str = ""


@dataclass(frozen=True)
class Result:
    """What may be shown of one question. Empty where too few answered it for an anonymous review."""

    question: Question
    number: int
    ratings: tuple[int, ...]
    words: tuple[tuple[str, str], ...]  # words, and by whom
    ratings_held_back: bool
    words_held_back: bool

    @property
    def average(self) -> float:
        """The mean rating, to one decimal place."""
        return round(sum(self.ratings) / len(self.ratings), 1)

    @property
    def spread(self) -> tuple[int, ...]:
        """How many gave 1, 2, 3, 4 and 5."""
        return tuple(self.ratings.count(value) for value in range(1, 6))


def results(questions: Sequence[Question], given: Sequence[Given], *, anonymous: bool, shown_from: int) -> list[Result]:
    """What may be shown of each question, in the policy's order.

    In an anonymous review ratings need `shown_from` ratings and words need words of `shown_from` people. Words come by
    name in a named review; in an anonymous one in an order that differs from question to question, so that nobody's
    answers can be lined up, and that has nothing to do with when they came.
    """
    fewest = shown_from if anonymous else 1
    found: list[Result] = []
    for number, question in enumerate(questions, 1):
        answered = [(one, one.answers[question.key]) for one in given if question.key in one.answers]
        ratings = tuple(answer.rating for _, answer in answered if answer.rating is not None)
        wrote = sorted(
            ((one, answer.words) for one, answer in answered if answer.words),
            key=partial(_lot, question.key) if anonymous else _name,
        )
        found.append(
            Result(
                question,
                number,
                ratings if len(ratings) >= fewest else (),
                tuple((words, one.by) for one, words in wrote) if len(wrote) >= fewest else (),
                ratings_held_back=0 < len(ratings) < fewest,
                words_held_back=0 < len(wrote) < fewest,
            )
        )
    return found


def _name(wrote: tuple[Given, str]) -> str:
    return wrote[0].by


def _lot(key: str, wrote: tuple[Given, str]) -> str:
    # the ids were drawn by lot at closing; a hash with the question makes another order of them for each question
    return hashlib.sha256(f"{key}/{wrote[0].id}".encode()).hexdigest()
