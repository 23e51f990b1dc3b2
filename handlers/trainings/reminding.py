"""Reminding people of a mandatory training that runs out: once before, once on the day; put off or declined at will."""

from datetime import datetime, timedelta

from bot import wording
from bot.chat import Event, Message, Reply, Say
from handlers import asking
from handlers.replying import in_place
from handlers.trainings import rules, words
from handlers.turn import Turn
from storage import outbox, reminders, trainings
from storage.models import TrainingDone

PUT_OFF = timedelta(days=7)
FURTHEST = timedelta(days=200)  # nobody is reminded longer before than a policy can say


def later(turn: Turn, event: Event) -> Reply:
    """Remind again in a week."""
    done = turn.session.get_one(TrainingDone, event.about)
    at = asking.morning(turn, turn.person, turn.today + PUT_OFF)
    day = done.remind_on = at.astimezone(turn.zone).date()
    _nothing_owed(turn, done)
    return in_place(turn, event, words.card(turn, done, f"Fine. I'll remind you on {wording.day(day)}."))


def quiet(turn: Turn, event: Event) -> Reply:
    """No more reminders of this one; the next time that it is done they begin again."""
    done = turn.session.get_one(TrainingDone, event.about)
    done.quiet = True
    _nothing_owed(turn, done)
    return in_place(turn, event, words.card(turn, done, "That is fine."))


def _nothing_owed(turn: Turn, done: TrainingDone) -> None:
    outbox.cancel(turn.session, done.id, words.NOTICE)
    outbox.answered(turn.session, words.SAY, done.id, turn.person.id, turn.now)


def remind(turn: Turn, about: int | None) -> Message | None:
    """The reminder; nothing when it was done again, is not wanted, or its owner is not to be asked now."""
    done = turn.session.get(TrainingDone, about)
    if done is None or done.owner_id != turn.person.id or done.valid_until is None:
        return None
    training = trainings.named(turn.policy, done.training)
    if training is None or done.quiet or trainings.is_renewed(turn.session, done):
        return words.card(turn, done) if outbox.stands(turn.session, words.NOTICE, done.id) else None
    due = min(rules.reminded_on(training, done), default=None)
    if due is None or due > turn.today or not asking.may_be_asked(turn, turn.person):
        return None
    return words.reminder(turn, done)


def owe_reminders(turn: Turn, until: datetime) -> None:
    """Owe each reminder on the morning of its day, or on the first on which its owner works and may be asked."""
    if not turn.policy.trainings:
        return
    today = turn.now.date()
    known = reminders.states(turn.session, f"{words.NOTICE}/")
    for done, owner in trainings.running_out(turn.session, today - rules.SILENT_AFTER, today + FURTHEST):
        training = trainings.named(turn.policy, done.training)
        if training is None or owner.joined_at is None:
            continue
        if training not in trainings.mandatory_for(turn.session, turn.policy, owner):
            continue
        for day in rules.reminded_on(training, done):
            key = f"{words.NOTICE}/{done.id}/{day}"
            if day > until.date() or known.get(key, "closed") != "closed":
                continue
            at = asking.morning(turn, owner, day)
            if at <= until:
                reminders.remind(turn.session, words.NOTICE, about=done.id, to=owner.id, at=at, key=key)


def card(turn: Turn, about: int | None) -> Message | None:
    """One time that it was done, as it is now."""
    done = turn.session.get(TrainingDone, about)
    return None if done is None or done.owner_id != turn.person.id else words.card(turn, done)


def overview(turn: Turn, event: Event) -> Reply:
    """For the coordinator: numbers, and no names."""
    return Say(words.overview(trainings.take_up(turn.session, turn.policy, turn.today)), private=True)
