"""Recording a mandatory training: in a sentence or in a form; looking at one's own; taking one back."""

from datetime import date

from bot.chat import Event, FixAnswers, Message, OpenForm, Reply, Say, text
from handlers.days import lately, without
from handlers.purpose import with_purpose
from handlers.replying import in_place
from handlers.trainings import rules, words
from handlers.turn import Turn
from storage import outbox, trainings
from storage.models import TrainingDone


def list_(turn: Turn, event: Event) -> Reply:
    """My trainings."""
    return Say(words.listed(turn), private=True)


def typed(turn: Turn, event: Event) -> Reply:
    """Done safeguarding on 3 March: recorded when training and day are clear, otherwise asked for."""
    said = event.words.get("training", "")[:500]
    offered = trainings.mandatory_for(turn.session, turn.policy, turn.person) or turn.policy.trainings
    found = lately(said, turn.now, turn.zone)
    name = without(said, found.span) if found is not None else said
    training = rules.meant(name, offered)
    if training is None:
        return Say(words.which_one(turn, event.text.strip(), turn.set_aside(event)), private=True)
    if found is None or found.first != found.last:
        return OpenForm(words.form(turn, training.key))
    return _recorded(turn, event, training.key, found.first)


def say(turn: Turn, event: Event) -> Reply:
    """An answer that was typed to a reminder: the day on which it was done; anything else opens the form."""
    done = turn.session.get_one(TrainingDone, event.about)
    found = lately(event.text[:500], turn.now, turn.zone)
    if found is None or found.first != found.last:
        return OpenForm(words.form(turn, done.training))
    return _recorded(turn, event, done.training, found.first)


def form(turn: Turn, event: Event) -> Reply:
    """Open the empty form."""
    return OpenForm(words.form(turn))


def again(turn: Turn, event: Event) -> Reply:
    """Open the form from a reminder, with its training chosen."""
    return OpenForm(words.form(turn, turn.session.get_one(TrainingDone, event.about).training))


def recorded(turn: Turn, event: Event) -> Reply:
    """Record what the form says."""
    key, written = event.answers.get("training", ""), event.answers.get("day", "").strip()
    problems: dict[str, str] = {}
    if trainings.named(turn.policy, key) is None:
        problems["training"] = "Choose one of the trainings."
    day = _day(turn, written)
    if day is None:
        problems["day"] = "I can't tell which day that is. Write it like 12 March 2026."
    elif day > turn.today:
        problems["day"] = "That day is still to come. Tell me of the course, and I ask afterwards."
    elif day < turn.today - rules.LONGEST_AGO:
        problems["day"] = "That is more than ten years ago. Which day do you mean?"
    if problems or day is None:
        return FixAnswers(words.form(turn).filled(event.answers), problems)
    return _recorded(turn, event, key, day)


def open_(turn: Turn, event: Event) -> Reply:
    """One time that it was done."""
    return Say(words.card(turn, turn.session.get_one(TrainingDone, event.about)), private=True)


def undo(turn: Turn, event: Event) -> Reply:
    """It was a mistake: it is not recorded any more, and an earlier time counts again."""
    done = turn.session.get_one(TrainingDone, event.about)
    name = words.name_of(turn, done)
    outbox.cancel(turn.session, done.id, words.NOTICE)
    turn.session.delete(done)
    turn.session.flush()
    message = Message("Taken back.", (text("**{name}** is no longer recorded for that day.", name=name),))
    return in_place(turn, event, message)


def _recorded(turn: Turn, event: Event, key: str, day: date) -> Reply:
    training = trainings.named(turn.policy, key)
    if training is None:
        return OpenForm(words.form(turn))
    done, fresh = trainings.record(turn.session, training, turn.person.id, day, turn.now)
    for one in trainings.earlier(turn.session, done):
        outbox.cancel(turn.session, one.id, words.NOTICE)
        outbox.answered(turn.session, words.SAY, one.id, turn.person.id, turn.now)
        outbox.refresh(turn.session, words.NOTICE, one.id, turn.now)
    heading = "Recorded." if fresh else "I have that one already."
    return in_place(turn, event, with_purpose(turn, words.card(turn, done, heading)))


def _day(turn: Turn, written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:  # a client without a date picker: whatever was typed
        found = lately(written[:200], turn.now, turn.zone)
        return found.first if found is not None and found.first == found.last else None
