"""Asking for the log once, writing it whenever one likes, looking back through it."""

from datetime import date, datetime, timedelta

from bot import wording
from bot.chat import Button, Buttons, Event, FixAnswers, Message, OpenForm, Reply, Say, text
from bot.errors import NotYours, Refusal
from handlers import asking
from handlers.period_log import rules
from handlers.period_log.words import answers_of, card, listed, prompt, write_form
from handlers.purpose import with_purpose
from handlers.replying import in_place
from handlers.turn import Turn
from storage import outbox, period_logs, reminders
from storage.models import PeriodLog
from storage.period_logs import Period

ASK = "log.ask"
FURTHEST_BACK = timedelta(days=10 * 366)
SHOWN = 7  # periods: this one and a year of those of two months


class NoLogHere(Refusal):
    """Your organisation keeps no log. What you learn is in your diary, your courses and `my time`."""


# ------------------------------------------------------------------------------------------------------------- writing


def write(turn: Turn, event: Event) -> Reply:
    """Open the form of a period, with what it holds and what was written."""
    period, log = _meant(turn, event)
    return OpenForm(write_form(turn, period, answers_of(turn, log)))


def written(turn: Turn, event: Event) -> Reply:
    """Save what the form says; all of it empty takes out what was written."""
    period, log = _meant(turn, event)
    before = answers_of(turn, log)
    asked = [question.key for question in turn.policy.log.questions]
    given = {key: event.answers.get(key, "").strip() for key in asked}
    too_long = {key: "Keep it to 3,000 characters." for key, answer in given.items() if len(answer) > rules.LONGEST}
    if too_long:
        return FixAnswers(write_form(turn, period, before).filled(event.answers), too_long)
    # what was answered to a question that the policy no longer asks stays
    answers = {key: answer for key, answer in before.items() if key not in asked}
    answers |= {key: answer for key, answer in given.items() if answer}
    if not answers and not before:
        problem = {asked[0]: "Write a few words to at least one of these, or close this."}
        return FixAnswers(write_form(turn, period, before), problem)
    log = _kept(turn, period, answers)
    heading = f"Kept: your log, {wording.period(period.first, period.last)}" if answers else "Taken out of your log."
    return in_place(turn, event, with_purpose(turn, card(turn, period, log, heading)))


def later(turn: Turn, event: Event) -> Reply:
    """Ask again in a week."""
    log = turn.session.get_one(PeriodLog, event.about)
    if log.state == "written":
        return in_place(turn, event, card(turn, Period(log.first, log.last), log))
    log.state = "asked"
    at = asking.morning(turn, turn.person, turn.today + rules.PUT_OFF)
    outbox.owe(turn.session, ASK, about=log.id, to=log.owner_id, at=at, key=f"{_key(log)}/{at:%Y%m%d}")
    day = wording.day(at.astimezone(turn.zone).date())
    message = Message(
        "I'll ask again.",
        (
            text("Fine. I'll ask again on **{day}**.", day=day),
            Buttons(
                (
                    _write_it("Write it now after all", log),
                    Button("Not this time", "log.skip", log.id),
                )
            ),
        ),
        notice="log.card",
        about=log.id,
    )
    return in_place(turn, event, message)


def skip(turn: Turn, event: Event) -> Reply:
    """Not this time: it is not asked about again, and can be written whenever they like."""
    log = turn.session.get_one(PeriodLog, event.about)
    if log.state != "written":
        log.state = "declined"
    outbox.cancel(turn.session, log.id, ASK)
    message = Message(
        "I won't ask about it again.",
        (
            text("That is fine. I won't ask about it again; `my log` has it whenever you like."),
            Buttons((_write_it("Write it after all", log),)),
        ),
        notice="log.card",
        about=log.id,
    )
    return in_place(turn, event, message)


def _kept(turn: Turn, period: Period, answers: dict[str, str]) -> PeriodLog:
    log = period_logs.opened(turn.session, turn.person.id, period)
    log.answers = turn.seal(rules.packed(answers)) if answers else None
    log.state, log.written_at = ("written", turn.now) if answers else ("declined", None)
    outbox.cancel(turn.session, log.id, ASK)
    turn.session.flush()
    return log


def _write_it(label: str, log: PeriodLog) -> Button:
    return Button(label, "log.write", value=log.first.isoformat(), opens_form=True)


def _meant(turn: Turn, event: Event) -> tuple[Period, PeriodLog | None]:
    """The period that is meant, by its log or its first day, with the reader's own log of it, if there is one."""
    if event.about is not None:
        log = turn.session.get(PeriodLog, event.about)
        if log is None or log.owner_id != turn.person.id:
            raise NotYours
        return Period(log.first, log.last), log
    try:
        first = date.fromisoformat(event.value)
    except ValueError as error:
        raise NotYours from error
    known = period_logs.of(turn.session, turn.person.id, Period(first, first))
    if known is not None:
        return Period(known.first, known.last), known
    known_days = turn.today - FURTHEST_BACK <= first <= turn.today
    period = rules.period_on(turn.policy, first) if known_days else None
    if period is None or period.first != first:
        raise NotYours
    return period, None


# ------------------------------------------------------------------------------------------------------------- looking


def show(turn: Turn, event: Event) -> Reply:
    """My log: this period and those before it."""
    periods: list[Period] = []
    period = rules.period_on(turn.policy, turn.today)
    if period is None:
        raise NoLogHere
    since = turn.person.starts_on or date.min
    while period is not None and len(periods) < SHOWN and (not periods or period.last >= since):
        periods.append(period)
        period = rules.before(turn.policy, period)
    logs = period_logs.since(turn.session, turn.person.id, periods[-1].first)
    return Say(listed(turn, [(one, logs.get(one.first)) for one in periods]), private=True)


def open_(turn: Turn, event: Event) -> Reply:
    """One period: what was written and what it holds."""
    return Say(card(turn, *_meant(turn, event)), private=True)


def own_card(turn: Turn, about: int | None) -> Message | None:
    """The card as it is now."""
    log = turn.session.get(PeriodLog, about)
    if log is None or log.owner_id != turn.person.id:
        return None
    return card(turn, Period(log.first, log.last), log)


# -------------------------------------------------------------------------------------------------------------- asking


def owe_prompts(turn: Turn, until: datetime) -> None:
    """Owe one prompt for the period that has just ended, to whoever kept something in it."""
    period = rules.just_ended(turn.policy, turn.today)
    if period is None:
        return
    for person in period_logs.to_ask(turn.session, period, turn.policy.tzinfo):
        at = asking.morning(turn, person, period.last + timedelta(days=1))
        if at > until:
            continue
        log = period_logs.opened(turn.session, person.id, period)
        reminders.remind(turn.session, ASK, about=log.id, to=person.id, at=at, key=_key(log))


def ask(turn: Turn, about: int | None) -> Message | None:
    """The prompt, when it is due: nothing when it was written or declined, or when its owner is not to be asked now."""
    log = turn.session.get(PeriodLog, about)
    if log is None or log.state != "asked" or not turn.policy.log.every_months:
        return None
    if not asking.may_be_asked(turn, turn.person):
        return None
    log.asked_at = log.asked_at or turn.now
    return prompt(turn, log)


def _key(log: PeriodLog) -> str:
    return f"{ASK}/{log.first}/{log.owner_id}"
