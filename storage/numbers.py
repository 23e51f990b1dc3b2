"""Numbers of teams, never of people: a team is counted from five on; and numbers of messages."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.policy import Policy
from storage import late, learning_time, people, suppression
from storage.models import Owed, Person
from storage.suppression import SHOWN_FROM, Cell, People, Shown


def in_steps(many: int) -> int:
    """A number of people as it is shown while it grows: in fives, so that nobody can be seen to arrive."""
    return many - many % SHOWN_FROM


@dataclass(frozen=True)
class TeamYear:
    """A team's learning year: interviews held for each window, and days of off-the-job learning per person.

    `late` says of each window that has closed how many have had no interview for it; nobody of one that is still open.
    `owed` is how many are still owed learning time this year. None is what may not be shown.
    """

    name: str
    people: int
    held: Sequence[float | None]
    days: float | None
    late: Sequence[float | None]
    owed: float | None


def team_years(
    session: Session, policy: Policy, year: date, today: date, promised: Callable[[Person], float]
) -> tuple[list[TeamYear], list[str]]:
    """The year from `year` to `today` of every team of five people or more, and the names of the smaller teams.

    `promised` says how many days of off-the-job learning somebody is promised in this year. The yearly report says what
    all people come to: so what the teams leave over is of five people or more, too.
    """
    here = {person.id: person for person in people.present(session)}
    members = [(team.name, _members(here.values(), team.id)) for team in people.teams(session)]
    teams = [(name, some) for name, some in members if len(some) >= SHOWN_FROM]
    rest = frozenset(here).difference(*(some for _, some in teams))
    groups = [*(some for _, some in teams), rest]
    had = late.windows_held(session, year, today)
    days = learning_time.days_learned_by(session, policy, list(here), year, today)
    owed = frozenset(who for who, person in here.items() if round(days.get(who, 0.0), 1) < promised(person))
    held: list[Shown] = []
    not_yet: list[list[float | None]] = []
    for window in late.windows(policy, year):
        have = frozenset(who for who in here if window.number in had.get(who, ()))
        held.append(suppression.shared([(have, group) for group in groups]))
        without = _late(session, policy, window, today)
        shown = zip(groups, held[-1].parts, strict=True)
        not_yet.append(
            [_not_yet(without & group, have & group, group, known=part is not None) for group, part in shown]
        )
    learned = suppression.protected(
        [Cell(sum(days.get(who, 0.0) for who in group), (group if group is not rest else rest & days.keys(),))
         for group in groups]
    )  # fmt: skip
    owing = suppression.shared([(owed, group) for group in groups])
    years = [
        TeamYear(
            name,
            len(some),
            [shown.parts[at] for shown in held],
            None if (together := learned.parts[at]) is None else together / len(some),
            [each[at] for each in not_yet],
            owing.parts[at],
        )
        for at, (name, some) in enumerate(teams)
    ]
    return years, [name for name, some in members if len(some) < SHOWN_FROM]


def _members(here: Iterable[Person], team_id: int) -> People:
    return frozenset(person.id for person in here if person.team_id == team_id)


def _not_yet(without: People, have: People, group: People, *, known: bool) -> float | None:
    """How many have had no interview; of those who have had none, where it is `known` how many that are."""
    return suppression.alone(suppression.out_of(without, group - have if known else group))


def _late(session: Session, policy: Policy, window: late.Window, today: date) -> People:
    """Who had no interview for a window that has closed, but for those who asked for quiet; nobody while it is open."""
    if today <= window.closes:
        return frozenset()
    without = late.without_interview(session, window, policy.tzinfo)
    return frozenset(person.id for person in without if not people.is_paused(person, today))


def said_hello(session: Session) -> float | None:
    """How many people on the roster have said hello; None where that would say something of one to four people."""
    here = {person.id: person.joined_at for person in people.present(session)}
    return suppression.alone(
        suppression.out_of({who for who, joined in here.items() if joined is not None}, here.keys())
    )


def waiting_for_hello(session: Session) -> int | None:
    """How many messages wait for people who have not said hello yet; None where these are one to four people."""
    found = session.execute(
        select(Owed.to_id, func.count())
        .where(Owed.state == "parked", Owed.reason == "has_not_said_hello")
        .group_by(Owed.to_id)
    ).all()
    waiting = sum(messages for _, messages in found)
    return waiting if len(found) >= SHOWN_FROM or not found else None


@dataclass(frozen=True)
class Undelivered:
    """How many messages did not get through for one reason; `unknown` says that they may have arrived all the same."""

    reason: str
    messages: int
    unknown: bool


def undelivered(session: Session) -> list[Undelivered]:
    """Messages that nobody could be given, and those of which it will never be known; the most of them first.

    What is still being looked up is not among them.
    """
    missed = session.execute(
        select(Owed.state, Owed.reason, func.count())
        .where(Owed.state.in_(("parked", "uncertain")), Owed.reason != "")
        .group_by(Owed.state, Owed.reason)
        .order_by(func.count().desc(), Owed.state, Owed.reason)
    ).all()
    waiting = [Undelivered(reason, messages, unknown=False) for state, reason, messages in missed if state == "parked"]
    unknown = sum(messages for state, _, messages in missed if state == "uncertain")
    return waiting + ([Undelivered("", unknown, unknown=True)] if unknown else [])
