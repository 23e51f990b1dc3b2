"""Questions about reviews: who takes part, answers kept once, and what closing an anonymous review leaves behind."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, select, text, update
from sqlalchemy.exc import IntegrityError

from storage import people, review_guests, reviews
from storage.database import Database
from storage.models import KnownPlace, Person, Review, ReviewAnswer, ReviewTaken, Team
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


def reseal(old: bytes) -> bytes:
    return sealed(KEYRING.open_for_organisation(old))


def test_mixing_keeps_marks_and_words_and_who_has_answered_and_draws_every_place_anew(
    database: Database, review_id: int
) -> None:
    def answer(number: int) -> None:
        database.run(
            lambda session: (
                reviews.keep(session, review_id, f"mark {number}", sealed(str(number)), person_id=None),
                reviews.take(session, review_id, f"taken {number}"),
            )
        )

    def held() -> tuple[dict[str, str], set[str], set[int]]:
        def work(session: Any) -> Any:
            given = session.scalars(select(ReviewAnswer)).all()
            taken = session.scalars(select(ReviewTaken)).all()
            words = {one.mark: KEYRING.open_for_organisation(one.answers) for one in given}
            return words, {one.mark for one in taken}, {one.id for one in (*given, *taken)}

        return database.run(work)

    for number in range(6):
        answer(number)
    words, taken, ids = held()
    database.run(lambda session: reviews.mix(session, review_id, reseal))
    assert held()[:2] == (words, taken)
    assert len(words) == len(taken) == 6
    assert not held()[2] & ids


def test_who_has_answered_is_noted_once_however_many_try_at_once(database: Database, review_id: int) -> None:
    def take() -> bool:
        return database.run(lambda session: reviews.take(session, review_id, "somebody"))

    assert sorted(at_once(*[take] * 6)) == [False] * 5 + [True]
    assert database.run(lambda session: reviews.has_taken(session, review_id, "somebody"))
    assert not database.run(lambda session: reviews.has_taken(session, review_id, "somebody else"))
    database.run(lambda session: reviews.forget_who_answered(session, review_id))
    assert not database.run(lambda session: reviews.has_taken(session, review_id, "somebody"))


def test_mixing_waits_for_no_answer_and_loses_none(database: Database, review_id: int) -> None:
    def answer(number: int) -> Any:
        def work(session: Any) -> None:
            assert reviews.held(session, review_id) is not None
            reviews.keep(session, review_id, f"mark {number}", sealed(str(number)), person_id=None)

        return lambda: database.run(work)

    def mix(session: Any) -> None:
        assert reviews.held(session, review_id, alone=True) is not None
        reviews.mix(session, review_id, reseal)

    at_once(*(doing for number in range(8) for doing in (answer(number), lambda: database.run(mix))))
    assert database.run(lambda session: reviews.how_many(session, review_id)) == 8


def test_a_review_is_open_for_its_team_its_lead_wherever_they_are_and_its_guests(
    database: Database, review_id: int
) -> None:
    def sees(who: str) -> bool:
        def work(session: Any) -> bool:
            person = people.by_email(session, f"{who}@example.org")
            assert person is not None
            return [one.id for one in reviews.open_for(session, person, NOW)] == [review_id]

        return database.run(work)

    def elsewhere(session: Any) -> None:
        ola, farid = (people.by_email(session, f"{who}@example.org") for who in ("ola", "farid"))
        assert ola is not None
        assert farid is not None
        ola.team_id = None
        assert review_guests.add(session, review_id, farid.id)
        assert not review_guests.add(session, review_id, farid.id)

    database.run(elsewhere)
    assert [sees(who) for who in ("amina", "ola", "farid", "grace")] == [True, True, True, False]
    database.run(
        lambda session: review_guests.remove(session, review_id, people.by_email(session, "farid@example.org").id)  # type: ignore[union-attr]
    )
    assert not sees("farid")


@pytest.mark.parametrize(("yearly", "state", "counts"), [(True, "closed", True), (False, "closed", False),
                                                         (True, "cancelled", False), (True, "open", True)])  # fmt: skip
def test_which_reviews_settle_the_year(
    database: Database, review_id: int, yearly: bool, state: str, counts: bool
) -> None:
    def work(session: Any) -> tuple[bool, bool]:
        review = session.get_one(Review, review_id)
        review.yearly, review.state = yearly, state
        session.flush()
        return tuple(reviews.had_yearly(session, review.team_id, NOW + timedelta(days=days)) for days in (0, 1))  # type: ignore[return-value]

    assert database.run(work) == (counts, False)
