"""Logging time, changing it, taking it out, looking at it."""

from dataclasses import dataclass, replace
from datetime import date

from bot.chat import Event, FixAnswers, Message, OpenForm, Replace, Reply, Say, text
from handlers.activities import kind_named
from handlers.entitlement import year_around
from handlers.learning_time import rules
from handlers.learning_time.amounts import amount_of
from handlers.learning_time.form import CHANGE, LOG, change_form, log_form
from handlers.learning_time.rules import Told
from handlers.learning_time.words import TooLong, again, card, is_a_course, listed, taken_out, words_of
from handlers.purpose import with_purpose
from handlers.turn import Turn
from storage import learning_time, outbox, sharing
from storage.database import add_now
from storage.models import Course, LearningTime

SHOWN = 8


@dataclass(frozen=True)
class _Stretch:
    """Time as it is to be logged. A button carries all of it but the words: `2026-03-02/120/off`."""

    words: str
    minutes: int
    day: date
    off_the_job: bool

    @property
    def value(self) -> str:
        return f"{self.day.isoformat()}/{self.minutes}/{'off' if self.off_the_job else 'on'}"


# ------------------------------------------------------------------------------------------------------------- logging


def typed(turn: Turn, event: Event) -> Reply:
    """A sentence: logged when it is clear, otherwise the form with what is known and with the question."""
    sentence = " ".join(filter(None, (event.words.get("words", "").strip(), event.words.get("lead", ""))))
    if len(sentence) > rules.LONGEST:
        raise TooLong
    hours = turn.policy.learning_time.hours_in_a_day
    told = rules.told(sentence, turn.now, turn.zone, hours)
    if told.minutes is None or told.day is None or told.doubt is not None:
        return OpenForm(log_form(told, sentence, hours))
    that_day = [time.minutes for time in learning_time.on_day(turn.session, turn.person.id, told.day)]
    stretch = _Stretch(told.words, told.minutes, told.day, told.off_the_job is not False)
    asked = _asked_first(turn, event, stretch)
    if asked is not None:
        return asked
    if problem := rules.unlikely_amount(told.minutes, that_day):
        return OpenForm(log_form(told, sentence, hours, problem))
    return _logged(turn, stretch)


def form(turn: Turn, event: Event) -> Reply:
    """The empty form."""
    return OpenForm(log_form(Told(""), "", turn.policy.learning_time.hours_in_a_day))


def logged(turn: Turn, event: Event) -> Reply:
    """Log what the form says."""
    found = _read(turn, event)
    if isinstance(found, dict):
        return FixAnswers(LOG.filled(event.answers), found)
    return _asked_first(turn, event, found) or _logged(turn, found)


def keep(turn: Turn, event: Event) -> Reply:
    """Log words that were set aside: once more, beside a course, or after they were taken out."""
    draft = turn.taken_up(event.about)
    words = turn.read(draft.owner_id, draft.words, "draft", draft.id)
    stretch = _carried(words, event.value)
    if stretch is None or rules.unlikely_day(stretch.day, turn.today):
        return OpenForm(log_form(Told(words), "", turn.policy.learning_time.hours_in_a_day))
    that_day = [time.minutes for time in learning_time.on_day(turn.session, turn.person.id, stretch.day)]
    if problem := rules.unlikely_amount(stretch.minutes, that_day):
        told = Told(words, stretch.minutes, stretch.day, stretch.off_the_job)
        return OpenForm(log_form(told, "", turn.policy.learning_time.hours_in_a_day, problem))
    turn.session.delete(draft)
    return Replace(card(turn, _added(turn, stretch), fresh=True))


def once(turn: Turn, event: Event) -> Reply:
    """It stands there once, as it should."""
    turn.session.delete(turn.taken_up(event.about))
    return Replace(Message("Once it is.", (text("Fine: it counts once."),)))


def _logged(turn: Turn, stretch: _Stretch) -> Reply:
    return Say(with_purpose(turn, card(turn, _added(turn, stretch), fresh=True)), private=True)


def _added(turn: Turn, stretch: _Stretch) -> LearningTime:
    time = LearningTime(
        owner_id=turn.person.id, words=turn.seal(stretch.words), on_day=stretch.day, minutes=stretch.minutes,
        made_at=turn.now, off_the_job=stretch.off_the_job,
        kind=kind_named(turn.policy.courses.activities, stretch.words),
    )  # fmt: skip
    add_now(turn.session, time)
    return time


def _asked_first(turn: Turn, event: Event, stretch: _Stretch) -> Reply | None:
    """What is asked before the same thing counts twice: a slip of a moment ago, or a course of that day."""
    for time in learning_time.on_day(turn.session, turn.person.id, stretch.day):
        soon = turn.now - time.made_at <= rules.BY_ACCIDENT
        if soon and time.minutes == stretch.minutes and rules.same(words_of(turn, time), stretch.words):
            return Say(again(turn, time, _aside(turn, event, stretch), stretch.value), private=True)
    course = _course_like(turn, stretch)
    if course is not None and stretch.off_the_job:
        return Say(is_a_course(turn, course, _aside(turn, event, stretch), stretch.value), private=True)
    return None


def _course_like(turn: Turn, stretch: _Stretch) -> Course | None:
    for course in learning_time.courses_on(turn.session, turn.person.id, stretch.day):
        title = turn.read(course.owner_id, course.title, "course", course.id)
        if course.off_the_job and rules.same(title, stretch.words):
            return course
    return None


def _aside(turn: Turn, event: Event, stretch: _Stretch) -> int:
    return turn.set_aside(replace(event, text=stretch.words))


def _carried(words: str, value: str) -> _Stretch | None:
    """The stretch that a button stands for; nothing in a button is taken on trust."""
    day, _, rest = value.partition("/")
    minutes, _, job = rest.partition("/")
    try:
        on = date.fromisoformat(day)
    except ValueError:
        return None
    if not (minutes.isascii() and minutes.isdigit()) or len(minutes) > 4 or job not in ("on", "off"):
        return None
    return _Stretch(words, int(minutes), on, job == "off")


def _read(turn: Turn, event: Event, besides: LearningTime | None = None) -> _Stretch | dict[str, str]:
    """What a form says; or what is wrong with it, by field."""
    words = event.answers.get("words", "").strip()
    problems: dict[str, str] = {}
    if not words:
        problems["words"] = "Write a few words, so that you will know what it was."
    elif len(words) > rules.LONGEST:
        problems["words"] = "Keep it to 2,000 characters. The rest is well kept in your diary."
    day = _day(turn, event.answers.get("day", "").strip())
    if day is None:
        problems["day"] = "I can't tell which day that is. Write it like 12 March 2026."
    elif problem := rules.unlikely_day(day, turn.today):
        problems["day"] = problem
    hours = turn.policy.learning_time.hours_in_a_day
    minutes = amount_of(event.answers.get("amount", ""), hours)
    without = besides.id if besides else None
    that_day = learning_time.on_day(turn.session, turn.person.id, day or turn.today, besides=without)
    if problem := rules.unlikely_amount(minutes or 0, [time.minutes for time in that_day]):
        problems["amount"] = problem
    if problems or day is None or minutes is None:
        return problems
    return _Stretch(words, minutes, day, event.answers.get("job") != "on")


def _day(turn: Turn, written: str) -> date | None:
    if not written:
        return turn.today
    try:
        return date.fromisoformat(written)
    except ValueError:  # a client without a date picker: whatever was typed
        return rules.told(f"1h {written}", turn.now, turn.zone, turn.policy.learning_time.hours_in_a_day).day


# ------------------------------------------------------------------------------------------------------ what can change


def change(turn: Turn, event: Event) -> Reply:
    """Open what was logged, to change it."""
    return OpenForm(change_form(turn, turn.session.get_one(LearningTime, event.about)))


def changed(turn: Turn, event: Event) -> Reply:
    """Save what the form says."""
    time = turn.session.get_one(LearningTime, event.about)
    found = _read(turn, event, besides=time)
    if isinstance(found, dict):
        return FixAnswers(replace(CHANGE, about=time.id).filled(event.answers), found)
    time.words, time.minutes, time.on_day = turn.seal(found.words), found.minutes, found.day
    time.off_the_job = found.off_the_job
    time.kind = kind_named(turn.policy.courses.activities, found.words)
    sharing.followed(turn.session, "time", time.id, turn.now)
    return Replace(card(turn, time, "Changed"))


def job(turn: Turn, event: Event) -> Reply:
    """It was on the job, or off it; tapping twice changes nothing more."""
    time = turn.session.get_one(LearningTime, event.about)
    time.off_the_job = event.value != "on"
    sharing.followed(turn.session, "time", time.id, turn.now)
    return Replace(card(turn, time, "Changed"))


def undo(turn: Turn, event: Event) -> Reply:
    """Take it out; the words are set aside for a week in case that was a slip."""
    time = turn.session.get_one(LearningTime, event.about)
    stretch = _Stretch(words_of(turn, time), time.minutes, time.on_day, time.off_the_job)
    draft = _aside(turn, event, stretch)
    outbox.cancel(turn.session, time.id, "time.card")
    sharing.gone(turn.session, "time", time.id, turn.now)
    turn.session.delete(time)
    return Replace(taken_out(draft, stretch.value))


def forget(turn: Turn, event: Event) -> Reply:
    """Forget words that were set aside at once."""
    turn.session.delete(turn.taken_up(event.about))
    return Replace(Message("Forgotten.", (text("Forgotten."),)))


# ------------------------------------------------------------------------------------------------------------- looking


def show(turn: Turn, event: Event) -> Reply:
    """What is owed to me, and what I logged this year."""
    found = learning_time.stretches(turn.session, turn.person.id, *year_around(turn.policy, turn.today))
    return Say(listed(turn, found[:SHOWN], max(0, len(found) - SHOWN)), private=True)


def open_(turn: Turn, event: Event) -> Reply:
    """One stretch, with what can be done with it."""
    return Say(card(turn, turn.session.get_one(LearningTime, event.about)), private=True)


def own_card(turn: Turn, about: int | None) -> Message | None:
    """The card as it is now."""
    time = turn.session.get(LearningTime, about)
    return None if time is None or time.owner_id != turn.person.id else card(turn, time)
