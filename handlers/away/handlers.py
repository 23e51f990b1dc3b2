"""Being away: said, kept, looked up and taken back."""

from collections.abc import Sequence
from datetime import date

from bot.chat import Button, Event, FixAnswers, OpenForm, Replace, Reply, Say, numbers
from bot.errors import NotYours
from handlers.absences import FURTHEST, overlap, stamped
from handlers.away import rules, words
from handlers.turn import Turn
from scheduling.slots import Interval
from storage import away, interviews, outbox
from storage.models import Interview


def told(turn: Turn, event: Event) -> Reply:
    """`I'm away 3–10 April`: kept when it means one thing only, otherwise asked back with buttons."""
    if not event.place.direct:
        raise words.NotInAChannel
    reading = rules.understood(turn, event.text, event.words.get("when", ""))
    absences = [one for one in reading.absences if one[1] > turn.now]
    if absences and rules.is_sure(turn, absences):
        return Say(_kept(turn, absences), private=True)
    if absences:
        ask = "That is further ahead or longer than usual. Have I understood it?"
        return Say(words.which(turn, [absences], ask), private=True)
    if choices := rules.choices(reading):
        return Say(words.which(turn, choices, "Which do you mean?"), private=True)
    if not reading.away and "when" not in event.words and "sure" not in event.words:
        return Say(words.not_understood(turn, turn.set_aside(event), event.text), private=True)
    if reading.day is not None and reading.ends_on is None and "half" in event.text.lower():
        ask = "Which half of the day?"
        return Say(words.which(turn, rules.halves(turn, reading.day), ask, reading.day), private=True)
    return Say(words.ask_back(reading, reading.day), private=True)


def keep(turn: Turn, event: Event) -> Reply:
    """The button of one of several meanings. Raises `NotYours` when it carries no time."""
    absences = stamped(event.value)
    if not absences:
        raise NotYours
    return Replace(_kept(turn, absences))


def choose(turn: Turn, event: Event) -> Reply:
    """Open the form, with the first day where it is known."""
    first = _day(event.value)
    return OpenForm(words.DAYS.filled({"first": first.isoformat()}) if first else words.DAYS)


def days(turn: Turn, event: Event) -> Reply:
    """The days that were chosen in the form."""
    first, part = _day(event.answers.get("first", "")), event.answers.get("part", "") or "all"
    last = _day(event.answers.get("last", "")) or first
    problems: dict[str, str] = {}
    if first is None or first > turn.today + FURTHEST:
        problems["first"] = "Choose the first day that you are away, within three years."
    elif last is None or last < first or last > first + FURTHEST:
        problems["last"] = "Choose the same day or a later one, within three years."
    elif last < turn.today:
        problems["last"] = "That is over already. Choose a day that is still to come."
    elif part != "all" and last != first:
        problems["part"] = "For several days choose all day. Keep a half day by itself."
    if problems or first is None or last is None:
        return FixAnswers(words.DAYS.filled(event.answers), problems)
    return Replace(_kept(turn, [rules.stretch(turn, first, last, part)]))


def show(turn: Turn, event: Event) -> Reply:
    """When I am away, as far as I said so."""
    if not event.place.direct:
        raise words.NotInAChannel
    rows = away.still_to_come(turn.session, turn.person.id, turn.now)
    return Say(words.shown(turn, rows), private=True)


def undo(turn: Turn, event: Event) -> Reply:
    """Not away then after all; doing it twice changes nothing."""
    return Replace(words.taken_back(turn, away.take_back(turn.session, turn.person.id, numbers(event.value))))


def _kept(turn: Turn, absences: Sequence[Interval]) -> words.Message:
    rows = [away.keep(turn.session, turn.person.id, *one, turn.now) for one in absences]
    met = [one for one in interviews.coming(turn.session, turn.person.id, turn.now) if _falls_into(one, absences)]
    return words.kept(turn, rows, met, _other_times(turn))


def _falls_into(interview: Interview, absences: Sequence[Interval]) -> bool:
    """Whether the interview, or the time it may move to, is in one of them."""
    times: list[Interval] = [(interview.starts_at, interview.ends_at)]
    if interview.to_starts_at is not None and interview.to_ends_at is not None:
        times.append((interview.to_starts_at, interview.to_ends_at))
    return any(overlap(one, other) for one in times for other in absences)


def _other_times(turn: Turn) -> list[Button]:
    """Where it was said in answer to times that were offered: others, now that this is known."""
    if turn.place is None:
        return []
    last = outbox.last_said(turn.session, turn.place.platform, turn.place.conversation)
    if last is None or last.to_id != turn.person.id or last.answered_at is not None:
        return []
    match last.awaits:
        case "interviews.time":
            return [Button("See other times", "interviews.offer", last.about)]
        case "interviews.answer":
            return [Button("See other times", "interviews.move", last.about)]
        case "sets.time":
            return [Button("See other times", "sets.offer", last.about)]
        case "sets.retyped":
            return [Button("See other times", "sets.move", last.about)]
        case _:
            return []


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        return None
