"""The points of a review as they are kept: in no order, and with nothing that says which are of one hand."""

import itertools
from typing import Any

from sqlalchemy import text

from storage import findings
from storage.database import Database
from storage.models import ReviewPoint
from tests.conftest import KEYRING
from tests.storage.test_reviews import review_id  # noqa: F401 - a fixture


def kept(database: Database, review_id: int, hands: int = 40) -> list[ReviewPoint]:  # noqa: F811 - the fixture
    """Two points of each of `hands` people, one to each of two questions, in the order in which they answered."""
    given = [
        (question, KEYRING.seal_for_organisation(f"{question} {hand}"), None)
        for hand in range(hands)
        for question in ("purpose", "work")
    ]
    database.run(lambda session: findings.keep_points(session, review_id, given))
    return list(database.run(lambda session: findings.points(session, review_id)))


def hands_in_order(points: list[ReviewPoint], question: str) -> list[str]:
    opened = [KEYRING.open_for_organisation(point.words) for point in points]
    return [words.removeprefix(f"{question} ") for words in opened if words.startswith(question)]


def test_points_have_no_order_of_arrival_and_another_for_each_question(database: Database, review_id: int) -> None:  # noqa: F811
    points = kept(database, review_id)
    arrival = [str(hand) for hand in range(40)]
    purpose, work = hands_in_order(points, "purpose"), hands_in_order(points, "work")
    assert sorted(purpose, key=int) == sorted(work, key=int) == arrival
    assert arrival not in (purpose, work)
    assert purpose != work  # or the points of one hand could be lined up
    assert all(point.person_id is None for point in points)


def test_not_even_where_the_rows_lie_says_whose_points_are_whose(database: Database, review_id: int) -> None:  # noqa: F811
    kept(database, review_id)
    hidden = "rowid" if database.sqlite else "ctid"

    def lie(session: Any) -> list[str]:
        rows = session.execute(text(f"SELECT words FROM review_point ORDER BY {hidden}"))
        return [KEYRING.open_for_organisation(bytes(words)) for (words,) in rows]

    found = database.run(lie)
    beside = [one.split()[1] == other.split()[1] for one, other in itertools.pairwise(found)]
    assert sum(beside) < 20  # written as they were given, all forty pairs would lie side by side
