"""The rules of seminars: who is invited by what was ticked, when people are asked, what stands against a time."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot import wording
from bot.policy import Policy
from handlers import asking
from handlers.calendars import calendar_of
from handlers.seminars.form import EVERYBODY
from handlers.turn import Turn
from scheduling.localtime import add_months
from scheduling.slots import Interval
from storage import away, people, promises, seminar_cards, seminars, team_plans
from storage.models import Person, Seminar, Team

TERMS = 3  # in a learning year
NOT_BEFORE = timedelta(weeks=4)


def is_to_come(turn: Turn, seminar: Seminar) -> bool:
    """Whether it is planned and has not begun: until then it can be answered, changed and cancelled."""
    return seminar.state == "planned" and seminar.starts_at is not None and seminar.starts_at > turn.now


def title_of_theme(policy: Policy, theme: str) -> str:
    """What a seminar on a theme of the policy's is called at first."""
    return policy.team_plans.theme(theme) or theme.replace("_", " ").strip().capitalize()


def next_term(policy: Policy, day: date) -> date:
    """When what was put off is brought up once more: the next day on which plans are followed up, but not too soon.

    Where the policy names none, the first day of a third of the learning year.
    """
    year = policy.year_of(day)
    named = [*policy.plans_followed_up_on(year), *policy.plans_followed_up_on(policy.year_after(year))]
    thirds = [add_months(year, 12 // TERMS * number) for number in range(1, TERMS + 1)]
    thirds += [add_months(year, 12 + 12 // TERMS)]
    return min(term for term in named or thirds if term >= day + NOT_BEFORE)


# ------------------------------------------------------------------------------------------------------- who is invited


def invited_by(turn: Turn, ticked: Collection[str], host_id: int | None) -> tuple[list[Person], int]:
    """Whom these ticks invite, but for whoever holds it; and how many have not said hello yet and cannot be asked."""
    everybody = EVERYBODY in ticked
    meant = [
        person
        for person in people.present(turn.session)
        if person.id != host_id and (everybody or str(person.team_id) in ticked)
    ]
    known = [person for person in meant if person.joined_at is not None]
    return known, len(meant) - len(known)


def teams_named(turn: Turn, ticked: Collection[str]) -> str:
    """Who that is, in words."""
    if EVERYBODY in ticked:
        return "everybody"
    return wording.listed([team.name for team in people.teams(turn.session) if str(team.id) in ticked])


def sharing(turn: Turn, seminar: Seminar) -> Sequence[Team]:
    """The teams whose plans share its theme in its year, by name."""
    if not seminar.theme:
        return ()
    shared = team_plans.shared_themes(turn.session, seminar.year)
    ids = next((one.team_ids for one in shared if one.theme == seminar.theme), ())
    return [team for team in people.teams(turn.session) if team.id in ids]


def meant_as_host(turn: Turn, typed: str) -> Person | str:
    """Who is to hold it by these words, the reader where there are none; or a sentence on what is to be put right."""
    found = people.named(turn.session, typed) if typed.strip() else [turn.person]
    if len(found) > 1:
        names = wording.listed([person.name for person in found[:4]])
        return f"That may be {names}. Write the whole name, or a work e-mail address."
    if not found:
        return "I know nobody called that. Write the whole name, or a work e-mail address."
    if found[0].joined_at is None:
        return f"{found[0].name} has not said hello to me yet, so I can’t tell them. Choose somebody else, or yourself."
    return found[0]


def invitation_key(seminar: Seminar, person: Person, when: str = "") -> str:
    """The promise to invite this person, who is asked once; `when` is the day that it was put off to."""
    return f"{seminar_cards.CARD}/{seminar.id}/{person.id}/{when or 'asked'}"


def soonest(turn: Turn, person: Person) -> datetime:
    """When this person can be asked at the earliest: now, when they are at work, or on their next working morning."""
    here = turn.now.astimezone(ZoneInfo(person.zone))
    hours = calendar_of(turn.policy, person).offered_hours(here.date())
    at_work = hours is not None and hours[0] <= here.time() < hours[1]
    if at_work and asking.may_be_asked(turn, person):
        return turn.now
    return asking.morning(turn, person, here.date())


# ------------------------------------------------------------------------------------------- what stands against a time


def against(turn: Turn, slot: Interval, host: Person | None, besides: Seminar | None = None) -> list[str]:
    """What speaks against a time, to be pointed out to whoever plans it: nothing of it forbids the time.

    What the host has then is left out where `besides` is what they have.
    """
    calendar = calendar_of(turn.policy)
    starts, ends = (instant.astimezone(turn.zone) for instant in slot)
    day = wording.day(starts.date())
    said: list[str] = []
    hours = calendar.offered_hours(starts.date())
    if reason := calendar.closed_because(starts.date()):
        said.append(f"{day} is a day off: {reason}.")
    elif hours is None:
        said.append(f"{day} isn’t a working day.")
    elif starts.time() < hours[0] or ends.time() > hours[1]:
        said.append(f"That is outside working hours, {hours[0]:%H:%M} to {hours[1]:%H:%M}.")
    if host is None:
        return said
    promised_to = None if besides is None else seminars.to(besides)
    busy = bool(promises.busy(turn.session, host.id, *slot, besides=promised_to))
    leave = bool(away.between(turn.session, host.id, *slot))
    if host.id != turn.person.id:  # nobody else learns which
        return [*said, f"{wording.first_name(host.name)} isn’t free then."] if busy or leave else said
    return [
        *said,
        *(["You have something else then."] if busy else []),
        *(["You said you are away then."] if leave else []),
    ]
