"""Pausing, what is held, being erased; and the coordinator's overview."""

from datetime import date

from bot import wording
from bot.chat import Event, FixAnswers, Message, OpenForm, Replace, Reply, Say, Show, text
from bot.errors import Refusal
from handlers.entitlement import promised
from handlers.people import words
from handlers.people.rules import FOREVER, may_end, pause_end
from handlers.replying import in_place
from handlers.turn import Turn
from storage import erasure, numbers, people
from storage.models import KnownAccount, KnownPlace, Person

# ------------------------------------------------------------------------------------------------------------ pausing


def pause(turn: Turn, event: Event) -> Reply:
    """Ask nothing until a day that is clear, or until they say so; a doubtful day is asked for."""
    said = event.words.get("until") or event.words.get("length")
    if said is None:
        return _paused(turn, event, FOREVER)
    until = pause_end(said, turn.now, turn.zone)
    return OpenForm(words.PAUSE) if until is None else _paused(turn, event, until)


def pause_until(turn: Turn, event: Event) -> Reply:
    """A day picked with a button."""
    until = _day(event.value)
    if until is None or not may_end(until, turn.today):
        return OpenForm(words.PAUSE)
    return _paused(turn, event, until)


def paused(turn: Turn, event: Event) -> Reply:
    """A day picked in the form."""
    written = event.answers.get("until", "")
    until = _day(written) or pause_end(written, turn.now, turn.zone)
    if until is None or not may_end(until, turn.today):
        problem = "Pick a day that is still to come, within a year. To pause without an end, say `pause`."
        return FixAnswers(words.PAUSE.filled(event.answers), {"until": problem})
    return _paused(turn, event, until)


def resume(turn: Turn, event: Event) -> Reply:
    """Ask again when things are due."""
    turn.person.paused_until = None
    return in_place(turn, event, words.resumed())


def _paused(turn: Turn, event: Event, until: date) -> Reply:
    turn.person.paused_until = until
    return in_place(turn, event, words.paused(turn, until))


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        return None


# ---------------------------------------------------------------------------------------------------- what is held


def held(turn: Turn, event: Event) -> Reply:
    """What is held about me, table by table."""
    person = turn.person
    team = people.team_of(turn.session, person)
    manager = turn.session.get(Person, person.manager_id) if person.manager_id is not None else None
    roster = [
        ("Name", person.name),
        ("E-mail", person.email),
        ("Team", team.name if team else "none"),
        ("Manager", manager.name if manager else "none"),
        ("Role", person.role.replace("_", " ")),
        ("Working days", ", ".join(wording.DAYS[int(day) - 1] for day in person.working_days)),
        ("Working hours", person.hours or "as usual"),
        ("Lunch", person.lunch or "as usual"),
        ("Time zone", person.zone),
        ("Calendar", person.calendar or "the organisation’s"),
    ]
    for label, day in (("First day", person.starts_on), ("Last day", person.leaves_on), ("Paused until", _pause(turn))):
        if day is not None:
            roster.append((label, wording.day_and_year(day)))
    counts = erasure.held_about(turn.session, person.id)
    return Say(words.held(roster, counts), private=True)


def _pause(turn: Turn) -> date | None:
    return turn.person.paused_until if turn.person.paused_until != FOREVER else None


# ------------------------------------------------------------------------------------------------------------- erasing


def erase_me(turn: Turn, event: Event) -> Reply:
    """Say what would go and what would stay."""
    return Say(words.before_erasing(), private=True)


def erase_sure(turn: Turn, event: Event) -> Reply:
    """Ask a second time."""
    return in_place(turn, event, words.sure())


def keep_me(turn: Turn, event: Event) -> Reply:
    """Nothing happens."""
    message = Message("Everything is kept.", (text("Everything is kept. Nothing was changed."),))
    return in_place(turn, event, message)


def erase(turn: Turn, event: Event) -> Reply:
    """Erase this person. The answer goes out in place of the question: there is nobody left to owe a message to."""
    erasure.erase(turn.session, turn.person, turn.now)
    return Replace(words.erased()) if event.place.message else Show(words.erased())


# -------------------------------------------------------------------------------------------------------- coordinators


def overview(turn: Turn, event: Event) -> Reply:
    """Numbers of teams, and who cannot be reached and why: whoever coordinates can put that right."""
    if not event.place.direct:
        raise Refusal("I show the overview in our direct chat only. Say `overview` to me there.")
    year = turn.policy.year_of(turn.today)
    years, too_few = numbers.team_years(
        turn.session, turn.policy, year, turn.today, lambda person: promised(turn.policy, person, year)
    )
    unreachable: dict[str, list[str]] = {}
    for person, account in people.unreachable(turn.session):
        reason = words.UNREACHABLE.get(account.unreachable, "They cannot be reached")
        names = unreachable.setdefault(reason, [])
        if person.name not in names:
            names.append(person.name)
    message = words.overview(
        len(people.present(turn.session)),
        numbers.said_hello(turn.session),
        years,
        too_few,
        turn.policy.interviews.per_year,
        list(unreachable.items()),
        numbers.waiting_for_hello(turn.session),
    )
    return Say(message, private=True)


# ----------------------------------------------------------------------------------------------------------- notices


def unreachable(turn: Turn, about: int | None) -> Message | None:
    """A coordinator is told once that somebody cannot be reached, and what would help; None once they can be."""
    account = turn.session.get(KnownAccount, about)
    person = turn.session.get(Person, account.person_id) if account is not None else None
    if account is None or person is None or not account.unreachable or person.left_at is not None:
        return None
    return words.cannot_reach(person.name, account.platform, account.unreachable)


def place_lost(turn: Turn, about: int | None) -> Message | None:
    """A coordinator is told once that nothing can be posted in a channel any more; None once it can be."""
    place = turn.session.get(KnownPlace, about)
    if place is None or not place.unreachable:
        return None
    return words.cannot_post(place.title, place.platform, place.unreachable)
