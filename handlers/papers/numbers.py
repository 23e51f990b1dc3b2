"""The numbers of a learning year as they may be shown: of five people or more, whatever is subtracted from what."""

import json
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from bot import wording
from bot.policy import Policy
from handlers.entitlement import promised, year_around
from handlers.turn import Turn
from storage import did
from storage.did import Did, Key
from storage.models import Impact
from storage.papers import year as gathering
from storage.papers.year import Year
from storage.suppression import Cell, People, Shown, alone, grouped, out_of, protected

OTHERS = "Other teams and people, together"
ITEM_STATES = {"open": "To do", "under_way": "Under way", "done": "Done", "dropped": "Dropped"}
SOURCES = {
    "strategic": "The strategic plan",
    "review": "A finding of a review",
    "individual": "Individual learning plans",
    "team": "The team itself",
}


@dataclass(frozen=True)
class Counted:
    """A learning year that is counted, until `last`; the policy says what was promised in it."""

    year: Year
    policy: Policy

    @property
    def name(self) -> str:
        """`2025/26`."""
        return wording.learning_year(self.year.first)

    @property
    def everybody(self) -> People:
        """Who is counted among the people of the year."""
        return frozenset(self.year.people)

    def people(self) -> float | None:
        """How many people there are."""
        return alone(Cell(len(self.everybody), (self.everybody,)))

    def _active(self) -> AbstractSet[int]:
        """Who did anything."""
        return {one.person for one in self.year.activities}

    def _of_all(self, have: AbstractSet[int], *of: AbstractSet[int]) -> Cell:
        """How many people have something, of each of these and of everybody."""
        return out_of(have, *of, self.everybody)

    # ------------------------------------------------------------------------------------------------- provision

    def did(self, key: Key, keys: Sequence[str], value: Callable[[Did], float | None]) -> Shown:
        """What activities come to by their key, and of those with any other last; who has no value is not counted."""
        return did.sum_of(self.year.activities, key, keys, value)

    def logged(self, keys: Sequence[str]) -> Shown:
        """Hours of learning time by kind of activity."""
        return did.sum_of(self.year.logged, lambda one: one.kind, keys, lambda one: one.hours)

    def who_did(self, key: Key, keys: Sequence[str]) -> Shown:
        """How many people did something of each key."""
        return did.people_of(self.year.activities, key, keys, self.everybody)

    def average(self, key: Key, keys: Sequence[str]) -> Shown:
        """Value for money, on average, by key: of those who said so."""
        return did.worth_of(self.year.activities, key, keys)

    def seats(self) -> float | None:
        """How often somebody was at a seminar."""
        return alone(Cell(len(self.year.seats), (frozenset(self.year.seats),)))

    # ---------------------------------------------------------------------------------------------------- impact

    def changed(self, term: str, criterion: str) -> float | None:
        """How many people saw something change by this criterion, of those who answered."""
        said = self.year.changed[term]
        saw = {who for who, criteria in said.items() if criterion in criteria}
        return alone(self._of_all(saw, said.keys(), *self._could_answer(term)))

    def answered(self, term: str) -> float | None:
        """How many people said what has changed, or that nothing has yet, of those who were asked."""
        return alone(self._of_all(self.year.changed[term].keys(), *self._could_answer(term)))

    def _could_answer(self, term: str) -> tuple[AbstractSet[int], ...]:
        """Those who were asked, and those who did something to be asked about, whose number is shown."""
        return self.year.asked[term], self._active()

    # ------------------------------------------------------------------------------------------------ interviews

    def interviews(self) -> tuple[Sequence[int], Shown]:
        """The windows that have opened, from 1, and how many people had the interview of each."""
        windows = [
            number
            for number, (opens, _) in enumerate(self.policy.windows(self.year.first), 1)
            if opens <= self.year.last
        ]
        cells: list[Cell] = []
        for window in windows:
            have = {who for who in self.everybody if window in self.year.held.get(who, ())}
            cells.append(out_of(have, self.everybody))
        return windows, protected(cells)

    # ------------------------------------------------------------------------------------------------------ days

    def groups(self) -> list[tuple[str, People]]:
        """Everybody by team, where that may be."""
        teams = list(self.year.teams.values())
        others = self.everybody.difference(*(people for _, people in teams))
        return grouped(teams, others, OTHERS)

    def provided(self, groups: Sequence[tuple[str, People]] = ()) -> Shown:
        """How many of each group have been provided the days that they are promised for the whole year.

        The total is that of everybody, whether groups are named or not.
        """
        full = {
            number
            for number, person in self.year.people.items()
            if round(self.year.days.get(number, 0.0), 1) >= promised(self.policy, person, self.year.first)
        }
        parts = [people for _, people in groups] or [self.everybody]
        return protected([out_of(people & full, people) for people in parts])

    def days(self, groups: Sequence[tuple[str, People]] = ()) -> Shown:
        """Days of off-the-job learning of each group, and of everybody."""
        parts = [people for _, people in groups] or [self.everybody]
        return protected([Cell(sum(self.year.days.get(who, 0.0) for who in people), (people,)) for people in parts])

    # --------------------------------------------------------------------------------------------------- reviews

    def by_review(self) -> tuple[set[int], set[int]]:
        """Teams whose yearly review has closed, and teams of which none has, so far."""
        return self._teams() & self.year.reviewed, self._teams() - self.year.reviewed

    def by_plan(self) -> tuple[set[int], set[int], set[int]]:
        """Teams that have agreed a plan, to whom one was put, and that have seen none."""
        seen = {team: state for team, state in self.year.plans.items() if team in self._teams()}
        agreed = {team for team, state in seen.items() if state in ("agreed", "ended")}
        return agreed, seen.keys() - agreed, self._teams() - seen.keys()

    def teams(self, parts: Sequence[set[int]]) -> Shown:
        """How many teams are in each part: it speaks of all who are in them."""
        return protected([Cell(len(some), (self._of(some),)) for some in parts])

    def _teams(self) -> set[int]:
        return {team for team, (_, people) in self.year.teams.items() if people}

    def themes(self, keys: Sequence[str]) -> Shown:
        """How many teams' plans have each theme."""
        teams = [{one.team for one in self.year.items if one.theme == key} for key in keys]
        return protected([Cell(len(some), (self._of(some),)) for some in teams])

    def items(self, key: Callable[[gathering.Item], str], keys: Sequence[str]) -> Shown:
        """How many items of plans there are of each key."""
        sorts = [[one for one in self.year.items if key(one) == name] for name in keys]
        return protected([Cell(len(some), (self._of({one.team for one in some}),)) for some in sorts])

    def planned_cost(self) -> float | None:
        """What the items of all plans may cost, as far as that is known (pence)."""
        told = [one for one in self.year.items if one.cost is not None]
        return alone(Cell(sum(one.cost or 0 for one in told), (self._of({one.team for one in told}),)))

    def _of(self, teams: set[int]) -> People:
        return frozenset[int]().union(*(self.year.teams[team][1] for team in teams if team in self.year.teams))


def counted_year(turn: Turn, first: date) -> Counted:
    """The learning year from `first`; the present one until the last month that is over.

    Two reports that are made in one month are alike, and what somebody tells today shows in neither.
    """
    last = min(year_around(turn.policy, first)[1], turn.today.replace(day=1) - timedelta(days=1))
    found = gathering.gathered(turn.session, turn.policy, first, last, lambda impact: _ticked(turn, impact))
    return Counted(comparable(found), turn.policy)


def comparable(year: Year) -> Year:
    """The same without what fewer than five people did on the job, or did and then left."""
    activities, logged = did.comparable(year.activities, year.logged, year.people.keys())
    return replace(year, activities=activities, logged=logged)


def _ticked(turn: Turn, impact: Impact) -> frozenset[str]:
    """Where somebody saw a change. It is counted and nobody reads it: no word is kept, and no look is noted."""
    if impact.answers is None:
        return frozenset()
    opened = replace(turn, reader=None).read(impact.owner_id, impact.answers, "impact", impact.id)
    said: Mapping[str, Any] = json.loads(opened)
    return frozenset(criterion for criterion in said if criterion)  # "" has the words on all of them together
