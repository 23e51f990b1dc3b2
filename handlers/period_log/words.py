"""What the log shows and asks."""

from collections.abc import Sequence
from dataclasses import replace

from bot import wording
from bot.chat import Button, Buttons, Facts, Field, Form, Message, Part, Quote, Text, small, text
from bot.policy import LogQuestion
from handlers.period_log import rules
from handlers.turn import Turn
from storage import learning_time, period_logs
from storage.models import PeriodLog
from storage.period_logs import Period

QUOTED = 3  # of each kind of thing, the latest
WRITE = "Look back on it"


def form(questions: Sequence[LogQuestion]) -> Form:
    """The one form of the log, made of the policy's questions; every answer may be left out."""
    fields = tuple(Field(one.key, one.ask, "paragraph", one.gloss, required=False) for one in questions)
    return Form("log.written", "Your learning log", fields)


# the longest that a policy can make it; what people see is made of their own policy's questions
FORM = form([LogQuestion(key=f"question_{one}", ask="How far have you come?", gloss="Progress") for one in "abcdefghi"])


def write_form(turn: Turn, period: Period, answers: dict[str, str]) -> Form:
    """The form with what the period holds above it, and with what was written so far."""
    empty = form(turn.policy.log.questions)
    intro = (text("**{period}.** It holds:", period=wording.period(period.first, period.last)), *holds(turn, period))
    return replace(empty, value=period.first.isoformat(), intro=intro).filled(answers)


def holds(turn: Turn, period: Period) -> list[Text | Quote | Facts]:
    """What the reader kept in that period: how much of each, and the latest in their own words. Nothing is copied."""
    session, owner = turn.session, turn.person.id
    entries = period_logs.entries(session, owner, period, turn.zone)
    courses = period_logs.courses(session, owner, period)
    times = learning_time.stretches(session, owner, period.first, period.last)
    targets = period_logs.targets(session, owner, period, turn.zone)
    days = learning_time.days_learned(session, turn.policy, owner, period.first, period.last)
    counted = [
        ("Courses", wording.listed([_read(turn, one.title, "course", one.id) for one in courses[:QUOTED]])
         + _and_more(len(courses))),
        ("Off-the-job learning", wording.count(round(days, 1), "day") if days else ""),
        ("Targets", wording.listed([_read(turn, one.words, "target", one.id) for one in targets[:QUOTED]])
         + _and_more(len(targets))),
        ("Diary", wording.count(len(entries), "entry", "entries") if entries else ""),
        ("Time logged", wording.count(len(times), "time") if times else ""),
    ]  # fmt: skip
    facts = tuple((label, value) for label, value in counted if value)
    if not facts:
        return [small("Nothing that you kept here. You can write all the same.")]
    quotes = [Quote(_read(turn, one.words, "entry", one.id)) for one in entries[:QUOTED]]
    quotes += [Quote(_read(turn, one.words, "time", one.id)) for one in times[:QUOTED]]
    return [Facts(facts), *quotes]


def _read(turn: Turn, sealed: bytes, kind: str, about: int) -> str:
    return wording.shortened(" ".join(turn.read(turn.person.id, sealed, kind, about).split()), 150)


def _and_more(number: int) -> str:
    return f" and {number - QUOTED} more" if number > QUOTED else ""


def answers_of(turn: Turn, log: PeriodLog | None) -> dict[str, str]:
    """What was written, by question."""
    if log is None or log.answers is None:
        return {}
    return rules.unpacked(turn.read(log.owner_id, log.answers, "log", log.id))


def prompt(turn: Turn, log: PeriodLog) -> Message:
    """Asked once, when the period is over: what it holds, and why it is asked."""
    period = Period(log.first, log.last)
    when = wording.period(log.first, log.last)
    return Message(
        f"{when}: a look back?",
        (
            text("**{when}: a look back?** This is what you kept:", when=when),
            *(part for part in holds(turn, period) if isinstance(part, Facts | Text)),
            text("What has changed because of what you learned?"),
            Buttons(
                (
                    Button(WRITE, "log.write", value=log.first.isoformat(), style="primary", opens_form=True),
                    Button("Ask me next week", "log.later", log.id),
                    Button("Not this time", "log.skip", log.id),
                )
            ),
            small("I ask because your organisation keeps a log every {months}. It is yours: nobody else sees it, or "
                  "whether you wrote.", months=_interval(turn.policy.log.every_months)),
        ),
        notice="log.ask",
        about=log.id,
    )  # fmt: skip


def _interval(months: int) -> str:
    return {1: "month", 12: "year"}.get(months, f"{months} months")


def card(turn: Turn, period: Period, log: PeriodLog | None, heading: str = "") -> Message:
    """One period: what was written, and what it holds."""
    when = wording.period(period.first, period.last)
    written = answers_of(turn, log)
    parts: list[Part] = [text("**{heading}**", heading=heading or f"Your log, {when}")]
    asked = {question.key: question.ask for question in turn.policy.log.questions}
    for key, answer in written.items():
        parts += [small("{ask}", ask=asked.get(key, key.capitalize())), Quote(answer)]
    if not written:
        over = period.last < turn.today
        parts.append(small("Nothing written. That is fine, and there is no late." if over else "It is not over yet."))
    parts.append(text("What it holds:"))
    parts += holds(turn, period)
    label = "Change" if written else "Write it"
    write = Button(label, "log.write", value=period.first.isoformat(), opens_form=True)
    parts.append(Buttons((write, Button("All periods", "log.show"))))
    about = None if log is None else log.id
    return Message(heading or f"Your log, {when}", tuple(parts), "" if log is None else "log.card", about)


def listed(turn: Turn, periods: Sequence[tuple[Period, PeriodLog | None]]) -> Message:
    """The periods, latest first, each with the way into it."""
    parts: list[Part] = [text("**Your learning log.** It is yours alone, and can be written whenever you like.")]
    for period, log in periods:
        state = "written" if log is not None and log.state == "written" else "not written"
        if period.last >= turn.today:
            state = "not over yet" if state == "not written" else "written so far"
        parts.append(text("{when}: {state}", when=wording.period(period.first, period.last), state=state))
        parts.append(Buttons((Button("Open", "log.open", value=period.first.isoformat()),)))
    return Message("Your learning log", tuple(parts))
