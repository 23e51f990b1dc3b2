"""The coordinator's yearly report to governors or trustees: a draft of numbers, this year's beside last year's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot import wording
from bot.documents.content import Chapter, Chart, Line, Pages, Record, Table
from bot.policy import Policy
from handlers.papers import numbers
from handlers.papers.beside import Column, beside, days, money, whole
from handlers.papers.numbers import ITEM_STATES, SOURCES, Counted
from handlers.turn import Turn
from storage.course_numbers import ELSE
from storage.did import Did, Key
from storage.models import StrategicItem
from storage.papers import year as gathering

SECTIONS = {
    "priorities": "Priorities",
    "provision": "Provision",
    "impact": "Impact",
    "interviews": "Learning interviews",
    "days": "Learning days",
    "reviews": "Team reviews and plans",
    "value": "Cost and value for money",
}
ABOUT = (
    "This is a draft. Read it, change what needs changing, and send it yourself. Every number is of five people or "
    "more, and so is what remains when one is taken from another; “–” stands for what fewer told. It is what people "
    "chose to tell, it holds nobody’s words, and it is for learning: not for appraisal, pay or discipline."
)
ANSWERED = "Everybody who answered"
NOTHING = "There is nothing yet that five people or more have told."


@dataclass(frozen=True)
class Years:
    """The year of the report, the one before it, and the strategic plan that is in force."""

    now: Counted
    before: Counted
    strategic: Sequence[tuple[StrategicItem, str]]

    @property
    def policy(self) -> Policy:
        """What was promised in them."""
        return self.now.policy

    @property
    def both(self) -> tuple[Counted, Counted]:
        """The years side by side."""
        return self.now, self.before

    @property
    def names(self) -> tuple[str, str]:
        """What each of them is called."""
        return self.now.name, self.before.name


def titled(turn: Turn, year: date | None) -> tuple[str, str]:
    """What the report is called, and what it is of."""
    first = year or turn.policy.year_of(turn.today)
    return "Yearly report", f"{turn.policy.name}, {wording.learning_year(first)}"


def last_year(turn: Turn) -> date:
    """The first day of the learning year that is over."""
    return turn.policy.year_of(turn.policy.year_of(turn.today) - timedelta(days=1))


def steps(year: date) -> tuple[Callable[[Turn], Any], ...]:
    """What is read for the report on the year from `year`, in the order of `Years`, each by itself."""
    return (
        lambda turn: numbers.counted_year(turn, year),
        lambda turn: numbers.counted_year(turn, turn.policy.year_of(year - timedelta(days=1))),
        lambda turn: gathering.priorities(turn.session),
    )


def pages(years: Years, without: Sequence[str] = ()) -> Pages:
    """The report on these years, with the sections that are not left out."""
    until = years.now.year.last
    counted = (
        f"counted until {wording.date_in_full(until)}" if until >= years.now.year.first else "which has only just begun"
    )
    chapters = [Chapter("summary", "The year in short", (_summary(years),))]
    chapters += [
        Chapter(section, heading, tuple(_CHAPTERS[section](years)))
        for section, heading in SECTIONS.items()
        if section not in without
    ]
    return Pages(f"Yearly report: {years.now.name}", f"{years.policy.name}, {counted}", ABOUT,
                 tuple(chapters), counted=False)  # fmt: skip


def _summary(years: Years) -> Record:
    def row(label: str, of: Sequence[float | None], worded: Column) -> tuple[str, ...]:
        return label, *map(worded, of)

    rows = (
        row("People", [one.people() for one in years.both], whole),
        row("Learning interviews held", [one.interviews()[1].total for one in years.both], whole),
        row("People provided all their learning days", [one.provided().total for one in years.both], whole),
        row("Days of learning off the job", [one.days().total for one in years.both], days),
        row("Courses and other activities", [one.did(_kind, (), _one).total for one in years.both], whole),
        row("Hours of other learning logged", [one.logged(()).total for one in years.both], days),
        row(
            "Teams that reviewed themselves",
            [one.teams(one.by_review()).parts[0] for one in years.both],
            whole,
        ),
        row("Items of team plans done", [one.items(_state, tuple(ITEM_STATES)).parts[2] for one in years.both], whole),
        row("Cost that was told", [one.did(_kind, (), _cost).total for one in years.both], money),
    )
    return Record("In numbers", "", (), (Table("The year in numbers", ("What", *years.names), rows),))


def _priorities(years: Years) -> list[Record]:
    lines = [Line("item", _priority(*one)) for one in years.strategic]
    said = tuple(lines) or (Line("words", "No strategic plan has been brought in yet."),)
    records = [Record("The strategic plan", "", said)]
    choices = years.policy.team_plans.themes
    shown = [one.themes([choice.key for choice in choices]) for one in years.both]
    labels = [choice.label for choice in choices]
    table = beside("Teams whose plan has this theme", "Theme", labels, years.names, [one.parts for one in shown], whole)
    records.append(_record("What the teams’ plans are about", "", table))
    return records


def _priority(item: StrategicItem, team: str) -> str:
    for_whom = f" (for {team})" if team else ""
    research = " A research project." if item.research else ""
    due = f" By {wording.date_in_full(item.due_on)}." if item.due_on else ""
    return f"{item.words.rstrip('.')}{for_whom}.{due}{research}"


def _provision(years: Years) -> list[Record]:
    courses = years.policy.courses
    kinds = [one.key for one in courses.activities]
    needs = [one.key for one in courses.needs]
    by_kind = _sorts(years, "Kind", [one.label for one in courses.activities], _kind, kinds)
    by_need = _sorts(years, "Need", [one.label for one in courses.needs], _need, needs)
    logged = [one.logged(kinds) for one in years.both]
    labels = [*(one.label for one in courses.activities), ELSE]
    hours = beside("Hours of other learning that were logged", "Kind", labels, years.names,
                   [one.parts for one in logged], days, totals=[one.total for one in logged])  # fmt: skip
    seminars = [Line("item", _seminars(one)) for one in years.both]
    return [
        _record("By kind of activity", "Courses and other activities that people attended", *by_kind),
        _record("By where the need came from", "The same activities", *by_need),
        _record("Learning time besides", "", hours),
        Record("Seminars", "", tuple(seminars)),
    ]


def _sorts(years: Years, heading: str, labels: Sequence[str], key: Key, keys: Sequence[str]) -> list[Table | None]:
    """Activities by their key: how many people and activities now, and their days beside last year's."""
    labels = [*labels, ELSE]
    people, many = years.now.who_did(key, keys), years.now.did(key, keys, _one)
    long = [one.did(key, keys, lambda did: did.days) for one in years.both]
    by = f"by {heading.lower()}"
    return [
        beside(f"People and activities {by}, {years.now.name}", heading, labels, ("People", "Activities"),
               [people.parts, many.parts], whole, totals=[people.total, many.total], drawn=False),
        beside(f"Days {by}", heading, labels, years.names, [one.parts for one in long], days,
               totals=[one.total for one in long]),
    ]  # fmt: skip


def _seminars(one: Counted) -> str:
    if not one.year.seminars:
        return f"{one.name}: none"
    seats = one.seats()
    there = "" if seats is None else f", {wording.count(seats, 'place')} taken in all"
    return f"{one.name}: {wording.count(one.year.seminars, 'seminar')}{there}"


def _impact(years: Years) -> list[Record]:
    criteria = years.policy.courses.criteria
    labels = [one.label for one in criteria]
    courses = years.policy.courses
    terms = (
        (
            "short",
            "After a shorter time",
            f"Asked {wording.count(courses.short_after_days // 7, 'week')} after an activity",
        ),
        ("long", "After a longer time", f"Asked {wording.count(courses.long_after_months, 'month')} after an activity"),
    )
    records: list[Record] = []
    for term, heading, asked in terms:
        columns = [[one.changed(term, choice.key) for choice in criteria] for one in years.both]
        table = beside(f"People who saw a change: {heading.lower()}", "What has changed", labels, years.names, columns,
                       whole, totals=[one.answered(term) for one in years.both], together=ANSWERED)  # fmt: skip
        records.append(_record(heading, asked, table))
    return records


def _interviews(years: Years) -> list[Record]:
    policy = years.policy
    labels = [f"Interview {number}" for number in range(1, policy.interviews.per_year + 1)]
    columns: list[Sequence[float | None]] = []
    totals: list[float | None] = []
    for one in years.both:
        windows, shown = one.interviews()
        held = dict(zip(windows, shown.parts, strict=True))
        columns.append([held.get(number) for number in range(1, policy.interviews.per_year + 1)])
        totals.append(shown.total)
    people = years.now.people()
    promised = f"{policy.interviews.per_year} are promised to everybody each year"
    facts = (
        promised if people is None else f"{promised}: {whole(people * policy.interviews.per_year)} in {years.now.name}"
    )
    table = beside("People who had it", "Which", labels, years.names, columns, whole, totals=totals, keep=True)
    return [_record("Held", facts, table if any(total is not None for total in totals) else None)]


def _days(years: Years) -> list[Record]:
    one = years.now
    groups = one.groups()
    promised = years.policy.learning_time.days
    facts = f"{wording.count(promised, 'day')} a year are promised to everybody, in proportion where the policy says so"
    had = [year.provided() for year in years.both]
    people = [year.people() for year in years.both]
    owed = [
        None if shown.total is None or all_ is None else all_ - shown.total
        for shown, all_ in zip(had, people, strict=True)
    ]
    rows = ["Provided all their days", "Still owed some"]
    columns = [[shown.total, rest] for shown, rest in zip(had, owed, strict=True)]
    records = [
        _record("Provided and owed", facts, beside("People", "What", rows, years.names, columns, whole, keep=True)
                if any(value is not None for column in columns for value in column) else None)
    ]  # fmt: skip
    if len(groups) > 1:
        provided, total = one.provided(groups), one.days(groups)
        sizes = [len(people) for _, people in groups]
        each = [None if much is None else much / size for much, size in zip(total.parts, sizes, strict=True)]
        names = [name for name, _ in groups]
        rows = zip(names, sizes, provided.parts, each, strict=True)
        table = Table(
            f"Days for each person, and how many were provided all of theirs, {one.name}",
            ("Team", "People", "Provided all their days", "Days for each person"),
            tuple((name, str(size), whole(full), days(mean)) for name, size, full, mean in rows),
            Chart(tuple(names), (("Days for each person", tuple(each)),)),
        )
        records.append(_record("By team", "Teams of five people or more, as they are now", table))
    return records


def _reviews(years: Years) -> list[Record]:
    reviewed = [one.teams(one.by_review()) for one in years.both]
    planned = [one.teams(one.by_plan()) for one in years.both]
    states = [one.items(_state, tuple(ITEM_STATES)) for one in years.both]
    sources = [one.items(lambda item: item.source, tuple(SOURCES)) for one in years.both]
    return [
        _record("Reviews", "Teams whose yearly review has closed",
                beside("Teams and their reviews", "Teams that", ["Have reviewed themselves", "Have not, so far"],
                       years.names, [one.parts for one in reviewed], whole, totals=[one.total for one in reviewed],
                       keep=True)),
        _record("Plans", "Teams and their development plan",
                beside("Teams and their plans", "Teams that", ["Have agreed one", "Were put one", "Have none to see"],
                       years.names, [one.parts for one in planned], whole, totals=[one.total for one in planned],
                       keep=True)),
        _record("How the plans go", "Items of all the plans that their teams have seen",
                beside("Items by state", "State", list(ITEM_STATES.values()), years.names,
                       [one.parts for one in states], whole, totals=[one.total for one in states]),
                beside("Items by source", "Source", list(SOURCES.values()), years.names,
                       [one.parts for one in sources], whole, totals=[one.total for one in sources])),
    ]  # fmt: skip


def _value(years: Years) -> list[Record]:
    courses = years.policy.courses
    kinds = [one.key for one in courses.activities]
    labels = [*(one.label for one in courses.activities), ELSE]
    cost = [one.did(_kind, kinds, _cost) for one in years.both]
    worth = [one.average(_kind, kinds) for one in years.both]
    planned = [Line("item", f"{one.name}: {money(one.planned_cost())}") for one in years.both]
    return [
        _record("Cost", "Of activities whose cost people told",
                beside("Cost by kind", "Kind", labels, years.names, [one.parts for one in cost], money,
                       totals=[one.total for one in cost])),
        _record("Value for money", "As those who went saw it, from 1 to 5",
                beside("Value for money by kind, on average", "Kind", labels, years.names,
                       [one.parts for one in worth], days, totals=[one.total for one in worth], most=5)),
        Record("What the teams’ plans may cost", "As far as it is known", tuple(planned)),
    ]  # fmt: skip


def _record(heading: str, facts: str, *tables: Table | None) -> Record:
    """A record of tables; where there is nothing in any of them, it says so."""
    kept = tuple(table for table in tables if table is not None)
    return Record(heading, facts, () if kept else (Line("words", NOTHING),), kept)


def _kind(one: Did) -> str:
    return one.kind


def _need(one: Did) -> str:
    return one.need


def _one(one: Did) -> float:
    return 1


def _cost(one: Did) -> float | None:
    return one.cost


def _state(item: gathering.Item) -> str:
    return item.state


_CHAPTERS = {
    "priorities": _priorities,
    "provision": _provision,
    "impact": _impact,
    "interviews": _interviews,
    "days": _days,
    "reviews": _reviews,
    "value": _value,
}
