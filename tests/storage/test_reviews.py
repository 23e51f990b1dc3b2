"""Questions about reviews: who takes part, answers kept once, and what closing an anonymous review leaves behind."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, select, text, update
from sqlalchemy.exc import IntegrityError

from storage import people, reviews
from storage.database import Database
from storage.models import KnownPlace, Person, Review, ReviewAnswer, Team
from tests.conftest import KEYRING, NOW, at_once, enrol


@pytest.fixture
def review_id(database: Database) -> int:
    """An anonymous review of Ola's team, open for a fortnight."""
    enrol(database)

    def work(session: Any) -> int:
        team = session.scalars(select(Team).where(Team.name == "Children's Services")).one()
        place = KnownPlace(platform="console", tenant="here", conversation="channel:team", direct=False, title="team")
        session.add(place)
        session.flush()
        return a_review(session, team.id, place.id).id

    return database.run(work)


def a_review(session: Any, team_id: int, place_id: int) -> Review:
    review = Review(
        team_id=team_id, place_id=place_id, opened_by_id=None, title="Ours", anonymous=True, opened_at=NOW,
        closes_at=NOW + timedelta(days=14), secret=KEYRING.seal_for_organisation("c2VjcmV0"), current=team_id,
    )  # fmt: skip
    session.add(review)
    session.flush()
    return review


def sealed(words: str) -> bytes:
    return KEYRING.seal_for_organisation(words)


def words_in_order(database: Database, order: str) -> list[str]:
    rows = database.run(
        lambda session: session.execute(text(f"SELECT answers FROM review_answer ORDER BY {order}")).all()
    )
    return [KEYRING.open_for_organisation(bytes(row[0])) for row in rows]


def test_answers_are_kept_once_for_each_mark_and_can_be_changed(database: Database, review_id: int) -> None:
    def keep(words: str) -> bool:
        return database.run(lambda session: reviews.keep(session, review_id, "m", sealed(words), person_id=None))

    assert [keep("first"), keep("second")] == [True, False]
    assert words_in_order(database, "id") == ["second"]
    racing = at_once(*(lambda n=n: keep(f"again {n}") for n in range(6)))
    assert racing == [False] * 6
    assert database.run(lambda session: reviews.how_many(session, review_id)) == 1


def test_of_many_first_answers_under_one_mark_one_is_first(database: Database, review_id: int) -> None:
    racing = at_once(
        *(
            lambda n=n: database.run(
                lambda session: reviews.keep(session, review_id, "m", sealed(str(n)), person_id=None)
            )
            for n in range(8)
        )
    )
    assert sorted(racing) == [False] * 7 + [True]


def test_no_hidden_number_on_sqlite_counts_arrivals(database: Database, review_id: int) -> None:
    if not database.sqlite:
        pytest.skip("only SQLite numbers rows")
    for number in range(20):
        database.run(
            lambda session, n=number: reviews.keep(session, review_id, f"mark {n}", sealed(str(n)), person_id=None)
        )
    rows = database.run(lambda session: session.execute(text("SELECT rowid, id FROM review_answer")).all())
    assert all(hidden == own for hidden, own in rows)
    assert words_in_order(database, "rowid") != [str(number) for number in range(20)]
    assert max(own for _, own in rows) > 2**40


def test_a_team_cannot_have_two_reviews_open_even_by_mistake(database: Database, review_id: int) -> None:
    def second(session: Any) -> None:
        first = session.get_one(Review, review_id)
        a_review(session, first.team_id, first.place_id)

    with pytest.raises(IntegrityError):
        database.run(second)


def test_everybody_of_the_team_takes_part_and_its_lead_wherever_they_are(database: Database, review_id: int) -> None:
    def names(session: Any) -> list[str]:
        return [person.name for person in reviews.taking_part(session, session.get_one(Review, review_id).team_id)]

    everybody = ["Amina Khan", "Ben Carter", "Chloe Dunn", "Dan Evans", "Eve Fox", "Ola Lead"]
    assert database.run(names) == everybody
    database.run(lambda session: session.execute(update(Person).where(Person.name == "Ola Lead").values(team_id=None)))
    assert database.run(names) == everybody
    database.run(lambda session: session.execute(update(Person).where(Person.name == "Dan Evans").values(left_at=NOW)))
    assert database.run(names) == [name for name in everybody if name != "Dan Evans"]


def test_the_last_channel_of_each_team_is_found_and_no_direct_chat(database: Database, review_id: int) -> None:
    def work(session: Any) -> list[str]:
        first = session.get_one(Review, review_id)
        first.current = None
        direct = KnownPlace(platform="console", tenant="here", conversation="dm:x", direct=True)
        session.add(direct)
        session.flush()
        a_review(session, first.team_id, direct.id)
        return [place.conversation for _, place in reviews.latest_in_a_channel(session, [first.team_id])]

    assert database.run(work) == ["channel:team"]


def test_somebody_erased_leaves_the_review_they_opened(database: Database, review_id: int) -> None:
    def erase(session: Any) -> None:
        farid = people.by_email(session, "farid@example.org")
        assert farid is not None
        session.get_one(Review, review_id).opened_by_id = farid.id
        session.execute(update(Team).where(Team.lead_id == farid.id).values(lead_id=None))
        session.flush()
        session.delete(farid)

    database.run(erase)
    assert database.run(lambda session: session.get_one(Review, review_id)).opened_by_id is None


def test_the_table_of_answers_has_no_column_for_a_time(database: Database) -> None:
    columns = inspect(database.engine).get_columns(ReviewAnswer.__tablename__)
    assert {column["name"] for column in columns} == {"id", "review_id", "mark", "answers", "person_id"}
