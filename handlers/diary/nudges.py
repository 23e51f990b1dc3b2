"""A question now and then, for who chose to be asked: when it is due, how it is put, and what can be done with it."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot import wording
from bot.chat import (
    Button,
    Buttons,
    Event,
    Field,
    FixAnswers,
    Form,
    Message,
    OpenForm,
    Part,
    Replace,
    Reply,
    Say,
    small,
    text,
)
from bot.errors import NotYours
from bot.policy import Policy
from handlers import asking
from handlers.calendars import calendar_of
from handlers.diary.keeping import keep_answer
from handlers.diary.questions import Question, number_of, question
from handlers.turn import Turn
from scheduling.localtime import at_local
from storage import diary, outbox
from storage.models import DiaryHabit, Person

NUDGE = "diary.nudge"
HOW_OFTEN = {0: "never", 1: "every week", 2: "every two weeks"}
BEFORE_THE_END = timedelta(hours=1)  # of somebody's working day
MANY = 4  # questions in a row without an answer
ANSWER = Form(
    "diary.answered",
    "Your answer",
    (Field("words", "What comes to mind?", "paragraph", hint="A line is enough. Only you can read it"),),
    submit="Keep",
)

# -------------------------------------------------------------------------------------------------------------- when


def weekday_of(policy: Policy, person: Person, habit: DiaryHabit) -> int:
    """The weekday on which to ask: the chosen one, or the last one before it on which this person works."""
    worked = calendar_of(policy, person).working_weekdays
    return next(day % 7 for day in range(habit.weekday, habit.weekday - 7, -1) if day % 7 in worked)


def is_due(policy: Policy, person: Person, habit: DiaryHabit, day: date) -> bool:
    """Whether that is a day to ask: the weekday, at work, and so many weeks after the last question."""
    if habit.every_weeks < 1 or day.weekday() != weekday_of(policy, person, habit):
        return False
    return _weeks_since(habit, day) >= habit.every_weeks and calendar_of(policy, person).is_working_day(day)


def asks_at(policy: Policy, person: Person, day: date) -> datetime:
    """When to ask on a working day: an hour before this person's hours end, while they still work (UTC)."""
    begins, ends = calendar_of(policy, person).offered_hours(day) or (time(9), time(17))
    wall = max(datetime.combine(day, begins), datetime.combine(day, ends) - BEFORE_THE_END)
    return at_local(day, wall.time(), ZoneInfo(person.zone))


def _weeks_since(habit: DiaryHabit, day: date) -> int:
    """From the week of the last question to the week of `day`; many when there was none."""
    if habit.last_asked_on is None:
        return 99
    mondays = (one - timedelta(days=one.weekday()) for one in (habit.last_asked_on, day))
    return -(next(mondays) - next(mondays)).days // 7


def owe_next(turn: Turn, person: Person, habit: DiaryHabit, until: datetime) -> None:
    """Owe the next question, when one falls due until then: never on leave or a holiday, nor during a pause."""
    day = turn.now.astimezone(ZoneInfo(person.zone)).date()
    while (at := asks_at(turn.policy, person, day)) <= until:
        if at > turn.now and is_due(turn.policy, person, habit, day) and asking.may_be_asked(turn, person, at):
            number = number_of(person.id, habit.asked)
            outbox.owe(turn.session, NUDGE, about=number, to=person.id, at=at, key=f"{NUDGE}/{person.id}/{day}")
            return
        day += timedelta(days=1)


def ask_in_time(turn: Turn, until: datetime) -> None:
    """Owe everybody who chose so their next question, a fortnight ahead at most."""
    for habit, person in diary.who_is_asked(turn.session):
        owe_next(turn, person, habit, until)


# ------------------------------------------------------------------------------------------------------------- asking


def nudge(turn: Turn, about: int | None) -> Message | None:
    """The question when it is due, as it stands later, or what became of it."""
    asked, habit = question(about), diary.habit_of(turn.session, turn.person.id)
    if asked is None or about is None or habit is None:
        return None
    person = turn.person
    if about == number_of(person.id, habit.asked) and is_due(turn.policy, person, habit, turn.today):
        late = turn.now > asks_at(turn.policy, person, turn.today) + BEFORE_THE_END
        if late or not asking.may_be_asked(turn, person):
            return None  # they have gone home, or are away by now: it comes another week
        close(turn)
        habit.asked, habit.last_asked_on = habit.asked + 1, turn.today
        return put(turn, habit, about)
    sent = diary.nudge_sent(turn.session, person.id, about)
    if sent is not None and sent.answered_at is not None:
        return Message("That question is closed.", (small("{question} This one is closed.", question=asked.ask),))
    is_the_last = about == number_of(person.id, habit.asked - 1)
    return put(turn, habit, about) if is_the_last else None


def put(turn: Turn, habit: DiaryHabit, number: int) -> Message:
    """A question with why it is asked and every way out."""
    asked = _question(number)
    often = f"{HOW_OFTEN[habit.every_weeks]}, on {wording.DAYS[weekday_of(turn.policy, turn.person, habit)]}"
    why = f"You asked me for a question {often}." if habit.every_weeks else "You asked me for a question."
    parts: list[Part] = [
        text("**{question}**", question=asked.ask),
        small("{why} Reply here and it goes into your diary, which only you can read.", why=why),
    ]
    if diary.unanswered(turn.session, turn.person.id) >= MANY:
        parts.append(small("The last few had no answer. That is fine: I can ask less often, or stop."))
    parts.append(
        Buttons(
            (
                Button("Answer in a form", "diary.write", number, style="primary", opens_form=True),
                Button("Another question", "diary.another", number),
                Button("Not this week", "diary.not_now", number),
                Button("How often", "diary.settings"),
                Button("Stop asking", "diary.stop", number),
            )
        )
    )
    return Message(asked.ask, tuple(parts), notice=NUDGE, about=number, awaits="diary.answer")


def close(turn: Turn) -> None:
    """No question is open any more: at most one at a time is."""
    for row in diary.open_nudges(turn.session, turn.person.id):
        outbox.answered(turn.session, "diary.answer", row.about, turn.person.id, turn.now)
        if row.about is not None:
            outbox.refresh(turn.session, NUDGE, row.about, turn.now, to=turn.person.id)


# ---------------------------------------------------------------------------------------------------------- answering


def answer(turn: Turn, event: Event) -> Reply:
    """A typed answer: an entry, tagged with the way of learning that was asked after."""
    asked = _question(event.about)
    close(turn)
    if event.about is not None:
        outbox.refresh(turn.session, NUDGE, event.about, turn.now, to=turn.person.id)
    return keep_answer(turn, event, asked)


def write(turn: Turn, event: Event) -> Reply:
    """Open the form with the question above it."""
    return OpenForm(_form(event.about))


def answered(turn: Turn, event: Event) -> Reply:
    """Keep what the form says, in place of the question."""
    asked, words = _question(event.about), event.answers.get("words", "").strip()
    if not words:
        problem = "A line is enough. Or close this: the question stays open."
        return FixAnswers(_form(event.about).filled(event.answers), {"words": problem})
    close(turn)
    return keep_answer(turn, replace(event, text=words), asked)


def ask_anew(turn: Turn, event: Event) -> Reply:
    """Show a question that is still open once more, where its reader is now."""
    _question(event.about)
    close(turn)
    habit = diary.habit(turn.session, turn.person.id)
    return Say(put(turn, habit, event.about or 0), private=True)


def another(turn: Turn, event: Event) -> Reply:
    """Put the next question in its place."""
    _question(event.about)
    habit = diary.habit(turn.session, turn.person.id)
    number = number_of(turn.person.id, habit.asked)
    habit.asked += 1
    habit.last_asked_on = habit.last_asked_on or turn.today
    return Replace(put(turn, habit, number))


def not_now(turn: Turn, event: Event) -> Reply:
    """Leave it for now; the next one comes when it would have come anyway."""
    _question(event.about)
    close(turn)
    habit = diary.habit(turn.session, turn.person.id)
    when = f"I ask again {HOW_OFTEN[habit.every_weeks]}." if habit.every_weeks else "I ask no more."
    return Replace(Message("Fine, not this week.", (text("Fine, not this week. {when}", when=when),)))


def stop(turn: Turn, event: Event) -> Reply:
    """Ask no more."""
    close(turn)
    habit = diary.habit(turn.session, turn.person.id)
    habit.every_weeks = 0
    diary.take_back_nudges(turn.session, turn.person.id)
    words = "I won't ask any more. If you change your mind, say `diary settings`."
    return Replace(Message("I won't ask any more.", (text(words),)))


def _form(number: int | None) -> Form:
    return replace(ANSWER, intro=(text("**{question}**", question=_question(number).ask),), about=number)


def _question(number: int | None) -> Question:
    asked = question(number)
    if asked is None:
        raise NotYours
    return asked
