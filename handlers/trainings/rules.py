"""Which training a sentence means, and on which days somebody is reminded of it."""

import re
from collections.abc import Collection, Sequence
from datetime import date, timedelta

from bot.policy_courses import Training
from storage.models import TrainingDone

LONGEST_AGO = timedelta(days=10 * 366)
SILENT_AFTER = timedelta(days=30)  # what ran out longer ago is not spoken of out of the blue
_SAYS_NOTHING = {"training", "trainings", "course", "refresher", "awareness", "level", "data", "and", "the", "my"}


def meant(words: str, offered: Sequence[Training]) -> Training | None:
    """The one training whose name or key shares the most words with what was said; None when none or several do."""
    said = _telling(words)
    shared = {training.key: len(said & _telling(f"{training.name} {training.key}")) for training in offered}
    most = max(shared.values(), default=0)
    best = [training for training in offered if shared[training.key] == most]
    return best[0] if most and len(best) == 1 else None


def _telling(words: str) -> set[str]:
    return set(re.findall(r"[^\W_]{3,}", words.lower().replace("_", " "))) - _SAYS_NOTHING


def reminded_on(training: Training, done: TrainingDone) -> Collection[date]:
    """The days for which a reminder is owed: some days before it runs out, the day itself, and when it was put off to.

    None of before it was put off to, nor of before it was told: whoever has just told knows.
    """
    if done.valid_until is None:
        return ()
    days = {done.valid_until - timedelta(days=training.remind_days_before), done.valid_until}
    days = {day for day in days if day > done.made_at.date()}
    if done.remind_on is None:
        return sorted(days)
    return sorted({done.remind_on} | {day for day in days if day > done.remind_on})
