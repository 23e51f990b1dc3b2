"""When a window closes without an interview: a word before and after to the learner, one to the partner, no more.

Whoever coordinates sees numbers of teams (`storage.numbers`), and nobody is ever listed.
"""

from datetime import date, datetime, time, timedelta

from bot import wording
from bot.chat import Button, Buttons, Message, Part, small, text
from handlers import asking
from handlers.calendars import calendar_of
from handlers.interviews import words
from handlers.turn import Turn
from scheduling.localtime import at_local
from storage import interviews, late, people, reminders
from storage.late import Window
from storage.models import Partnership, Person

BEFORE = 5  # working days before a window closes
PARTNER_AFTER = 5  # working days after: the learner has had time to act
NO_LONGER_THAN = timedelta(weeks=4)  # after a window closed, nobody is told any more
LATELY = timedelta(days=3)
NEARLY = timedelta(weeks=4)  # in which there are five working days for anybody, holidays included

CLOSING, LATE, PARTNER = "interviews.closing", "interviews.late", "interviews.late_partner"

# --------------------------------------------------------------------------------------------------------------- words


def _closing(turn: Turn, window: Window, partner: Person | None) -> Message:
    return _to_learner(
        turn, partner, CLOSING,
        f"Your {_nth(window)} learning interview is not booked yet.",
        text("**Your {nth} learning interview is not booked yet.** Its window closes on {day}.",
             nth=_nth(window), day=wording.day(window.closes)),
    )  # fmt: skip


def _closed(turn: Turn, window: Window, partner: Person | None) -> Message:
    return _to_learner(
        turn, partner, LATE,
        f"There is still room for your {_nth(window)} learning interview.",
        text("**There is still room for your {nth} learning interview.** Its window closed on {day}, and "
             "that happens.", nth=_nth(window), day=wording.day(window.closes)),
    )  # fmt: skip


def _to_learner(turn: Turn, partner: Person | None, notice: str, summary: str, lead: Part) -> Message:
    not_now = Button("Not now", "interviews.not_now", turn.person.id)
    if partner is None:
        choose = Button("Choose a partner", "interviews.partner", style="primary", opens_form=True)
        ask = text("It begins with a learning partner: somebody to talk with about what you learn.")
        return Message(summary, (lead, ask, Buttons((choose, not_now))), notice, turn.person.id)
    choose = Button("Choose a time", "interviews.offer", turn.person.id, style="primary")
    return Message(
        summary,
        (
            lead,
            text("Shall we find a time with {partner}?", partner=words.first(partner)),
            Buttons((choose, not_now)),
            small("Or type when it would suit you: “Thursday at 10”."),
        ),
        notice,
        turn.person.id,
        "interviews.time",
    )


def _to_partner(learner: Person) -> Message:
    line = f"{words.first(learner)} and you have not met this term."
    return Message(
        line,
        (
            text("**{line}** Shall I offer times?", line=line),
            Buttons(
                (
                    Button("Choose a time", "interviews.offer", learner.id, style="primary"),
                    Button("Not now", "interviews.not_now", learner.id),
                )
            ),
        ),
        PARTNER,
        learner.id,
    )


def _nth(window: Window) -> str:
    return words.ORDINALS[window.number - 1] if window.number <= len(words.ORDINALS) else f"{window.number}th"


# --------------------------------------------------------------------------------------------------------------- rules


def _nearly(turn: Turn, first: date, last: date) -> list[Window]:
    """Windows that close on a day from `first` on, and soon enough after `last` that a reminder may be due by then."""
    return [window for window in _windows(turn, first, last) if first <= window.closes <= last + NEARLY]


def _late(turn: Turn, first: date, last: date) -> list[Window]:
    """Windows that have closed by `last`, and may still be spoken of on `first` or later."""
    return [window for window in _windows(turn, first, last) if window.closes < last and _last_day(window) >= first]


def _last_day(window: Window) -> date:
    """The last day on which anybody is told that it has closed: before the next one opens, and within four weeks."""
    return min(window.closes + NO_LONGER_THAN, window.next - timedelta(days=1))


def _windows(turn: Turn, first: date, last: date) -> list[Window]:
    years = dict.fromkeys((turn.policy.year_of(first), turn.policy.year_of(last)))
    return [window for year in years for window in late.windows(turn.policy, year)]


def _reminder_day(turn: Turn, person: Person, window: Window) -> date:
    """The working day of this person that is a working week before the window closes."""
    return calendar_of(turn.policy, person).add_working_days(window.closes, -BEFORE)


def _told_already(turn: Turn, person: Person, window: Window) -> bool:
    """Whether they were told lately that it is due, or asked to be told on a day that is still to come."""
    since = at_local(_reminder_day(turn, person, window) - LATELY, time(0), turn.policy.tzinfo)
    return late.reminded_since(turn.session, window, person.id, since)


def _partner_then(turn: Turn, learner: Person, window: Window) -> Person | None:
    """The learner's partner, when they were that before the window closed."""
    partner = people.partner_of(turn.session, learner.id)
    partnership = interviews.accepted_of(turn.session, learner.id)
    if partner is None or partnership is None or _began(turn, partnership) > window.closes:
        return None
    return partner


def _began(turn: Turn, partnership: Partnership) -> date:
    return (partnership.answered_at or partnership.asked_at).astimezone(turn.policy.tzinfo).date()


# ----------------------------------------------------------------------------------------------------------- reminders


def owe_reminders(turn: Turn, until: datetime) -> None:
    """Owe what is to be said by `until`: each once for a window, in a morning on which its reader may be asked."""
    first, last = turn.today, until.astimezone(turn.zone).date()
    for window in _nearly(turn, first, last):
        _owe_learners(turn, window, CLOSING, until)
    for window in _late(turn, first, last):
        _owe_learners(turn, window, LATE, until)
        _owe_partners(turn, window, until)


def _owe_learners(turn: Turn, window: Window, notice: str, until: datetime) -> None:
    beginning = f"{notice}/{window.year}/{window.number}/"
    states = reminders.states(turn.session, beginning)
    for learner in _without(turn, window):
        key = f"{beginning}{learner.id}"
        if states.get(key, "closed") != "closed" or _told_already(turn, learner, window):
            continue
        if notice == CLOSING:
            day, last = _reminder_day(turn, learner, window), window.closes
        else:
            day, last = window.closes + timedelta(days=1), _last_day(window)
        _owe(turn, notice, learner.id, learner, (day, last), until, key)


def _owe_partners(turn: Turn, window: Window, until: datetime) -> None:
    beginning = f"{PARTNER}/{window.year}/{window.number}/"
    states = reminders.states(turn.session, beginning)
    for learner in _without(turn, window):
        key = f"{beginning}{learner.id}"
        partner = _partner_then(turn, learner, window) if states.get(key, "closed") == "closed" else None
        if partner is None or partner.joined_at is None or people.is_paused(learner, turn.today):
            continue
        day = calendar_of(turn.policy, partner).add_working_days(window.closes, PARTNER_AFTER)
        _owe(turn, PARTNER, learner.id, partner, (day, _last_day(window)), until, key)


def _owe(
    turn: Turn, notice: str, about: int, to: Person, days: tuple[date, date], until: datetime, key: str
) -> None:  # fmt: skip
    at = asking.morning(turn, to, days[0])
    if at <= until and at.astimezone(turn.zone).date() <= days[1]:
        reminders.remind(turn.session, notice, about=about, to=to.id, at=at, key=key)


def _without(turn: Turn, window: Window, *, only: int | None = None) -> list[Person]:
    found = late.without_interview(turn.session, window, turn.policy.tzinfo, only=only)
    return [person for person in found if person.leaves_on is None or person.leaves_on >= turn.today]


# ------------------------------------------------------------------------------------------------------------- notices


def closing_notice(turn: Turn, about: int | None) -> Message | None:
    """That the window closes soon; nothing when something is arranged by now, or the reader is not to be asked."""
    near = [
        window
        for window in _nearly(turn, turn.today, turn.today)
        if _reminder_day(turn, turn.person, window) <= turn.today
    ]
    window = _still(turn, turn.person, near)
    return None if window is None else _closing(turn, window, people.partner_of(turn.session, turn.person.id))


def late_notice(turn: Turn, about: int | None) -> Message | None:
    """That the window has closed, and there is still room; nothing when something is arranged by now."""
    window = _still(turn, turn.person, _late(turn, turn.today, turn.today))
    return None if window is None else _closed(turn, window, people.partner_of(turn.session, turn.person.id))


def partner_notice(turn: Turn, about: int | None) -> Message | None:
    """That the two have not met; nothing when they have, or somebody else is the partner, or the learner has paused."""
    learner = turn.session.get(Person, about)
    window = None if learner is None else _still(turn, learner, _late(turn, turn.today, turn.today))
    if learner is None or window is None or not asking.may_be_asked(turn, turn.person):
        return None
    partner = _partner_then(turn, learner, window)
    return _to_partner(learner) if partner is not None and partner.id == turn.person.id else None


def _still(turn: Turn, learner: Person, windows: list[Window]) -> Window | None:
    """The one of these for which the learner still has to arrange an interview, if they may be asked about it now."""
    if not asking.may_be_asked(turn, learner):
        return None
    return next((window for window in windows if _without(turn, window, only=learner.id)), None)
