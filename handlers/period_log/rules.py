"""The rules of the log: which periods there are, and until when somebody is asked about one."""

import json
from collections.abc import Mapping
from datetime import date, timedelta

from bot.policy import Policy
from storage.period_logs import Period

LONGEST = 3_000  # characters: what one field holds on every platform
ASKED_WITHIN = timedelta(days=21)  # a period that ended longer ago is not asked about out of the blue
PUT_OFF = timedelta(days=7)


def period_on(policy: Policy, day: date) -> Period | None:
    """The period that `day` is in; None where no log is kept."""
    found = (Period(*days) for days in policy.log_periods(policy.year_of(day)))
    return next((period for period in found if period.first <= day <= period.last), None)


def before(policy: Policy, period: Period) -> Period | None:
    """The period before this one."""
    return period_on(policy, period.first - timedelta(days=1))


def just_ended(policy: Policy, today: date) -> Period | None:
    """The period that has ended so lately that people are asked about it."""
    now = period_on(policy, today)
    ended = None if now is None else before(policy, now)
    return ended if ended is not None and today - ended.last <= ASKED_WITHIN else None


def packed(answers: Mapping[str, str]) -> str:
    """Answers by question, as they are sealed."""
    return json.dumps(dict(answers), ensure_ascii=False)


def unpacked(words: str) -> dict[str, str]:
    """The answers that were packed."""
    return {str(key): str(answer) for key, answer in json.loads(words).items()}
