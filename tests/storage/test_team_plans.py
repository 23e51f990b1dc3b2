"""Themes that plans have in common, and needs of individuals: what may be said of them, and how seldom."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import released_needs, team_plans
from storage.database import Database
from storage.models import DevelopmentPlan, Person, PlanItem, Target, Team
from tests.conftest import KEYRING, NOW, enrol

YEAR = date(2025, 9, 1)


def planned(session: Session, name: str, state: str, *themes: str, item_state: str = "open", year: date = YEAR) -> None:
    team = session.scalar(select(Team).where(Team.name == name)) or Team(name=name)
    session.add(team)
    session.flush()
    plan = DevelopmentPlan(team_id=team.id, year=year, made_at=NOW, state=state)
    session.add(plan)
    session.flush()
    for theme in themes:
        need = KEYRING.seal_for_organisation(theme)
        team_plans.add(
            session,
            plan,
            PlanItem(plan_id=plan.id, source="team", need=need, made_at=NOW, theme=theme, state=item_state),
        )


def test_a_theme_is_shared_when_the_plans_of_two_teams_work_on_it(database: Database) -> None:
    def work(session: Session) -> Any:
        planned(session, "One", "agreed", "digital", "digital", "law")
        planned(session, "Two", "proposed", "digital", "inclusion", "")
        planned(session, "Three", "agreed", "digital", "inclusion", "")
        planned(session, "Draft", "draft", "law")  # nobody but its lead has seen it
        planned(session, "Over", "ended", "law")
        planned(session, "Done", "agreed", "law", item_state="done")
        planned(session, "Dropped", "agreed", "law", item_state="dropped")
        planned(session, "Last year", "agreed", "law", year=date(2024, 9, 1))
        names = {team.id: team.name for team in session.scalars(select(Team))}
        return [(one.theme, [names[team] for team in one.team_ids])
                for one in team_plans.shared_themes(session, YEAR)]  # fmt: skip

    assert database.run(work) == [("digital", ["One", "Two", "Three"]), ("inclusion", ["Two", "Three"])]


def crowd(session: Session, number: int) -> tuple[Team, list[Person]]:
    """A team with a lead and so many others."""
    team = Team(name="Crowd")
    session.add(team)
    session.flush()
    found = [
        Person(name=f"P{one} Q", email=f"p{one}@example.org", key=KEYRING.new_person_key(), team_id=team.id)
        for one in range(number + 1)
    ]
    session.add_all(found)
    session.flush()
    team.lead_id = found[0].id
    session.flush()
    return team, found


def releases(session: Session, person: Person, theme: str, state: str = "open") -> Target:
    target = Target(owner_id=person.id, year=YEAR, words=KEYRING.seal(person.id, person.key, "a secret"), made_at=NOW,
                    changed_at=NOW, state=state)  # fmt: skip
    session.add(target)
    session.flush()
    released_needs.release(session, target, theme, NOW)
    return target


@pytest.mark.parametrize(
    ("others", "named", "lead_too", "shown"),
    [
        (7, 5, False, ["digital"]),
        (7, 7, True, ["digital"]),
        (7, 4, False, []),
        (7, 4, True, []),  # the lead knows their own, and would know that four others did
        (6, 5, False, []),  # whoever did not name it would know that everybody else did
        (5, 5, False, []),  # it would say it of everybody
    ],
)
def test_a_theme_is_shown_from_five_people_of_a_team_that_is_large_enough(
    database: Database, others: int, named: int, lead_too: bool, shown: list[str]
) -> None:
    def work(session: Session) -> Any:
        team, people = crowd(session, others)
        for person in people[1 : named + 1] + (people[:1] if lead_too else []):
            releases(session, person, "digital")
            releases(session, person, "digital")  # twice by one person is one person
        return list(released_needs.themes_of_team(session, team, 5))

    assert database.run(work) == shown


def test_who_left_who_moved_what_is_met_and_what_was_taken_back_does_not_count(database: Database) -> None:
    def work(session: Session) -> Any:
        team, people = crowd(session, 9)
        targets = [releases(session, person, "digital") for person in people[1:6]]
        found = [list(released_needs.themes_of_team(session, team, 5))]

        def without() -> None:
            session.flush()
            found.append(list(released_needs.themes_of_team(session, team, 5)))

        people[1].left_at = NOW
        without()
        people[1].left_at, people[1].team_id = None, None
        without()
        people[1].team_id, targets[1].state = team.id, "met"
        without()
        targets[1].state = "open"
        released_needs.take_back(session, targets[2].id)
        without()
        released_needs.release(session, targets[2], "law", NOW)
        without()
        released_needs.release(session, targets[2], "digital", NOW)
        without()
        return found

    assert database.run(work) == [["digital"], [], [], [], [], [], ["digital"]]


def test_the_organisations_themes_are_counted_once_a_term_whatever_happens_in_it(database: Database) -> None:
    enrol(database)
    term, next_term = date(2026, 3, 10), date(2026, 6, 20)

    def work(session: Session) -> Any:
        people = list(session.scalars(select(Person).where(Person.role == "member").order_by(Person.id)))
        cora = session.scalars(select(Person).where(Person.role == "coordinator")).one()
        for person in (*people[:4], cora):
            releases(session, person, "digital")
        first = released_needs.themes_of_all(session, term, 5, NOW).themes
        releases(session, people[4], "digital")
        again = released_needs.themes_of_all(session, term, 5, NOW).themes
        later = released_needs.themes_of_all(session, next_term, 5, NOW).themes
        return first, again, later

    assert database.run(work) == ("", "", "digital")


def test_the_review_that_a_plan_rests_on_is_the_last_one_with_findings(database: Database) -> None:
    from datetime import timedelta

    from storage.models import Finding, KnownPlace, Review

    enrol(database)

    def work(session: Session) -> Any:
        team = session.scalars(select(Team.id).where(Team.name == "Inclusion")).one()
        place = KnownPlace(platform="x", tenant="t", conversation="c", direct=False)
        session.add(place)
        session.flush()
        assert team_plans.latest_review(session, team) is None
        ids: dict[str, int] = {}
        for number, (title, state) in enumerate((("old", "closed"), ("new", "closed"), ("later", "closed"),
                                                 ("open", "open"))):  # fmt: skip
            review = Review(team_id=team, place_id=place.id, opened_by_id=None, title=title, anonymous=True,
                            opened_at=NOW, closes_at=NOW + timedelta(days=number), state=state)  # fmt: skip
            session.add(review)
            session.flush()
            ids[title] = review.id
        found = [team_plans.latest_review(session, team)]
        for title in ("old", "new"):
            words = KEYRING.seal_for_organisation("We found it")
            session.add(Finding(review_id=ids[title], words=words, made_at=NOW))
            session.flush()
            found.append(team_plans.latest_review(session, team))
        return [review and review.title for review in found]

    assert database.run(work) == ["later", "old", "new"]
