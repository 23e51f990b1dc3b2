"""What came of a review: fixed when it closes, shown in its thread, beside the last time, and never one person."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.chat import Chart, Message, Quote, Table, plain
from bot.console import Posted, channel
from bot.platforms import Sent
from bot.policy import Policy, Question
from bot.slack.render import messages as slack
from bot.teams.render import cards as teams
from bot.teams.render.limits import LIMITS
from handlers.outcomes import Before, Point, Result, kept_questions, last_time, questions_of
from handlers.reviews import outcome
from handlers.turn import Turn
from storage import erasure, people
from storage.models import Owed, Review, ReviewAnswer, ReviewPoint, Team
from tests.conftest import KEYRING, NOW, Chat
from tests.handlers.test_reviews import TEAM, answer, close_early, everybody_answers, in_the_channel, start

NEXT_YEAR = datetime(2027, 3, 1, 9, 0, tzinfo=NOW.tzinfo)


def a_review(questions: str = "") -> Review:
    return Review(
        team_id=1, place_id=1, opened_by_id=None, title="Ours", anonymous=True, opened_at=NOW,
        closes_at=NOW + timedelta(days=14), questions=questions,
    )  # fmt: skip


def test_a_review_keeps_the_questions_that_it_asked_whatever_the_policy_says_later(policy: Policy) -> None:
    asked = (Question(key="own", ask="“Wer weiß?”", gloss="Ours", low="none", high="all"), policy.reviews.questions[2])
    assert questions_of(a_review(kept_questions(asked)), policy) == asked
    assert questions_of(a_review(), policy) == policy.reviews.questions


def came(chat: Chat) -> Posted:
    """The latest message on how a review was rated."""
    return [one for one in chat.seen("Farid", in_channel="team") if "What came of" in one.message.summary][-1]


def charts(posted: Posted) -> list[Chart]:
    return [part for part in posted.message.parts if isinstance(part, Chart)]


def table(posted: Posted) -> Table:
    return next(part for part in posted.message.parts if isinstance(part, Table))


def points(chat: Chat) -> list[ReviewPoint]:
    return chat.rows(select(ReviewPoint).order_by(ReviewPoint.id))


# ---------------------------------------------------------------------------------------------------- in the thread


def test_what_came_of_it_stands_in_the_thread_of_the_card_and_the_channel_stays_quiet(chat: Chat) -> None:
    start(chat)
    everybody_answers(chat)
    chat.say("Ben", "anybody for lunch?", in_channel="team", addressed=False)
    close_early(chat)
    card, *rest = chat.seen("Farid", in_channel="team")
    assert card.thread == ""
    assert "See under this message what came of it" in plain(card.message)
    assert len(rest) == 2
    assert {one.thread for one in rest} == {card.id}


def test_what_stands_in_the_thread_is_changed_there(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """Teams finds a message of a channel by its thread."""
    start(chat, names="named")
    everybody_answers(chat)
    close_early(chat)
    changed: list[str] = []
    update = chat.screen.update

    async def noted(sent: Sent, message: Message) -> None:
        changed.append(sent.place.thread)
        await update(sent, message)

    monkeypatch.setattr(chat.screen, "update", noted)
    erase(chat, "Amina")
    assert chat.seen("Farid", in_channel="team")[0].id in changed


def test_where_no_card_was_ever_posted_it_goes_into_the_channel(chat: Chat) -> None:
    start(chat)
    everybody_answers(chat)
    chat.database.run(lambda session: session.execute(update(Owed).values(state="closed", message="")))
    chat.tap("Ola", "reviews.closed", chat.rows(select(Review.id))[0])
    assert [one.thread for one in chat.seen("Farid", in_channel="team") if "What" in one.message.summary] == ["", ""]


def test_a_card_that_stands_in_a_thread_itself_keeps_everything_there(chat: Chat) -> None:
    start(chat)
    chat.database.run(
        lambda session: session.execute(update(Owed).where(Owed.notice == "reviews.card").values(thread="root"))
    )
    everybody_answers(chat)
    close_early(chat)
    assert came(chat).thread == "root"


# --------------------------------------------------------------------------------------------------- what is left


def test_of_an_anonymous_review_only_what_may_be_shown_is_left(chat: Chat) -> None:
    start(chat)
    for number, who in enumerate(TEAM[:5]):
        few = {"words_work": f"only three said {number}", "rating_work": "5"} if number < 3 else {}
        answer(chat, who, number + 1, f"words number {number}", **few)
    close_early(chat)
    assert chat.rows(select(ReviewAnswer)) == []
    kept = points(chat)
    assert {point.question for point in kept} == {"purpose"}
    assert all(point.person_id is None for point in kept)
    opened = sorted(KEYRING.open_for_organisation(point.words) for point in kept)
    assert opened == [f"words number {number}" for number in range(5)]
    review = chat.rows(select(Review))[0]
    assert (review.answered, review.asked) == (5, 6)
    assert '"spread": [0, 0, 0, 0, 0]' in KEYRING.open_for_organisation(review.came)  # not even how three rated


def test_fewer_than_five_anonymous_answers_leave_nothing_at_all(chat: Chat) -> None:
    start(chat)
    everybody_answers(chat, ("Amina", "Ben", "Chloe", "Dan"))
    close_early(chat)
    assert points(chat) == []
    assert chat.rows(select(ReviewAnswer)) == []
    review = chat.rows(select(Review))[0]
    assert review.answered == 4
    assert KEYRING.open_for_organisation(review.came).strip() == "{}"


def test_in_a_named_review_a_point_is_its_authors_own(chat: Chat) -> None:
    start(chat, names="named")
    answer(chat, "Amina", 2, "We never wrote it down.")
    close_early(chat)
    (point,) = points(chat)
    amina = chat.person("Amina")
    assert point.person_id == amina.id
    assert KEYRING.open(amina.id, amina.key, point.words) == "We never wrote it down."
    assert len(chat.rows(select(ReviewAnswer))) == 1  # hers, and part of what she can take with her


def test_closing_a_review_counts_as_nobodys_reading(chat: Chat) -> None:
    start(chat, names="named")
    answer(chat, "Amina", 2, "We never wrote it down.")
    close_early(chat)
    chat.say("Amina", "who read my words?")
    assert "Ola" not in chat.last("Amina")


def erase(chat: Chat, who: str) -> None:
    def work(session: Any) -> None:
        erasure.erase(session, people.by_email(session, chat.email(who)), chat.now)

    chat.database.run(work)
    chat.wait(minutes=1)


def test_an_erased_person_takes_their_words_along_and_nothing_shows_how_they_had_rated(chat: Chat) -> None:
    start(chat, names="named")
    everybody_answers(chat)
    close_early(chat)
    before = came(chat).message
    assert "words number 1" in in_the_channel(chat)
    erase(chat, "Amina")
    assert "words number 1" not in in_the_channel(chat)  # what was posted is changed in place
    assert "Amina" not in in_the_channel(chat)
    assert len(points(chat)) == 5

    def again(session: Any) -> None:
        session.execute(update(Owed).where(Owed.notice == "reviews.came").values(state="due", key="again"))

    chat.database.run(again)
    chat.wait(minutes=1)
    assert came(chat).message == before  # the same numbers: what is missing from them would be hers


def test_erasing_somebody_changes_nothing_of_an_anonymous_review(chat: Chat) -> None:
    start(chat)
    everybody_answers(chat)
    close_early(chat)
    before = [one.message for one in chat.seen("Farid", in_channel="team")]
    erase(chat, "Amina")

    def again(session: Any) -> None:
        posted = Owed.notice.in_(("reviews.came", "reviews.said"))
        session.execute(update(Owed).where(posted).values(state="due", key=Owed.key + "/again"))

    chat.database.run(again)
    chat.wait(minutes=1)
    assert [one.message for one in chat.seen("Farid", in_channel="team")][len(before) :] == before[1:]


def test_where_nobodys_words_are_left_the_message_says_so_instead_of_keeping_them(chat: Chat) -> None:
    start(chat, names="named")
    answer(chat, "Amina", 2, "We never wrote it down.")
    close_early(chat)
    assert "We never wrote it down." in in_the_channel(chat)
    erase(chat, "Amina")
    assert "We never wrote it down." not in in_the_channel(chat)
    assert "Nothing of it is left." in in_the_channel(chat)


def test_who_joins_or_leaves_after_the_closing_changes_nothing_that_is_shown(chat: Chat) -> None:
    start(chat)
    everybody_answers(chat)
    close_early(chat)
    before = came(chat).message

    def work(session: Any) -> None:
        people.by_email(session, "farid@example.org").team_id = people.by_email(session, "ola@example.org").team_id
        people.by_email(session, "dan@example.org").left_at = chat.now
        session.execute(update(Owed).where(Owed.notice == "reviews.came").values(state="due", key="again"))

    chat.database.run(work)
    chat.wait(minutes=1)
    assert came(chat).message == before


def test_a_review_that_closed_under_an_earlier_version_is_put_right_by_itself(chat: Chat) -> None:
    start(chat)
    everybody_answers(chat)

    def as_it_was(session: Any) -> None:
        session.execute(update(Review).values(state="closed", current=None, secret=None))
        for owed in session.scalars(select(Owed).where(Owed.state == "due")):
            owed.state = "closed"

    chat.database.run(as_it_was)
    chat.wait(days=1)
    assert chat.rows(select(ReviewAnswer)) == []
    assert len(points(chat)) == 6
    assert chat.rows(select(Review.answered)) == [6]
    assert "words number" not in in_the_channel(chat)  # it was shown then


# ------------------------------------------------------------------------------------------------- beside last year


def rated(chat: Chat, ratings: tuple[int, ...], names: str = "anonymous", **more: str) -> None:
    """A whole review in which `ratings` were given to the first question."""
    start(chat, names=names, **more)
    for who, rating in zip(TEAM, ratings, strict=False):
        answer(chat, who, rating, "")
    close_early(chat)


def test_how_it_was_rated_last_year_stands_beside_it(chat: Chat) -> None:
    rated(chat, (1, 2, 2, 2, 3))
    assert charts(came(chat))[1].series == (("This time", (2.0,)),)
    assert "Last time" not in plain(came(chat).message)
    chat.now = NEXT_YEAR
    start(chat, title="The second")
    for who in TEAM[:5]:
        answer(chat, who, 4, "", rating_work="5")
    close_early(chat)
    spread, average = charts(came(chat))
    assert spread.categories == ("1 Purpose", "2 Work")
    assert spread.stacked
    assert average.categories == ("1 Purpose",)  # the other was not asked, or not rated: nothing stands beside it
    assert average.series == (("This time", (4.0,)), ("Last time", (2.0,)))
    rows = table(came(chat)).rows
    assert table(came(chat)).headings[-1] == "Last time"
    assert rows[0][1:] == ("0, 0, 0, 5, 0", "4.0", "2.0")
    assert rows[1][1:] == ("0, 0, 0, 0, 5", "5.0", "–")
    assert "Last time is Team review 2026, closed on Mon 2 Mar 2026." in plain(came(chat).message)


def test_last_year_is_not_shown_where_it_was_not_shown_then(chat: Chat) -> None:
    rated(chat, (3, 3, 3, 3, 3))
    chat.now = NOW + timedelta(days=180)
    rated(chat, (1, 2, 2, 2), title="The last")  # four: nothing of it was ever shown, and the first is not the last
    chat.now = NEXT_YEAR
    rated(chat, (4, 4, 4, 4, 4), title="The present")
    assert len(charts(came(chat))[1].series) == 1
    assert "Last time" not in plain(came(chat).message)


def test_only_a_yearly_review_of_the_same_team_is_last_year(chat: Chat) -> None:
    rated(chat, (1, 2, 2, 2, 3))
    chat.database.run(lambda session: session.execute(update(Review).values(yearly=False)))
    chat.now = NEXT_YEAR
    rated(chat, (4, 4, 4, 4, 4), title="The second")
    assert "Last time" not in plain(came(chat).message)
    chat.database.run(lambda session: session.execute(update(Review).values(yearly=True)))
    grace = chat.person("Grace").team_id
    chat.database.run(
        lambda session: session.execute(update(Review).where(Review.title == "The second").values(team_id=grace))
    )
    chat.now = NEXT_YEAR + timedelta(days=30)
    rated(chat, (5, 5, 5, 5, 5), title="The third")
    assert charts(came(chat))[1].series == (("This time", (5.0,)), ("Last time", (2.0,)))


def closed(chat: Chat, ask: str, spread: list[int], at: datetime) -> int:
    """A closed review with one question, in a lead's own words, that was rated like that."""

    def work(session: Any) -> int:
        ola = people.by_email(session, "ola@example.org")
        place = people.place(session, channel("team"))
        fixed = {"own": {"spread": spread, "ratings_held_back": False, "words_held_back": False}}
        review = Review(
            team_id=ola.team_id, place_id=place, opened_by_id=ola.id, title=ask, anonymous=True, opened_at=at,
            closes_at=at + timedelta(days=14), state="closed", settled_at=at, answered=5, asked=6,
            questions=kept_questions([Question(key="own", ask=ask)]),
            came=KEYRING.seal_for_organisation(json.dumps(fixed)),
        )  # fmt: skip
        session.add(review)
        session.flush()
        return review.id

    return chat.database.run(work)


@pytest.mark.parametrize(("ask", "then"), [("How is the tea?", [3.0]), ("How is the cake?", [])])
def test_a_question_in_a_leads_own_words_is_the_same_only_in_the_same_words(
    chat: Chat, ask: str, then: list[float]
) -> None:
    closed(chat, "How is the tea?", [0, 0, 5, 0, 0], NOW)
    second = closed(chat, ask, [0, 0, 0, 5, 0], NEXT_YEAR)

    def before(session: Any) -> list[float]:
        turn = Turn(session, NEXT_YEAR, chat.policy, KEYRING)
        return [one.average for one in last_time(turn, session.get_one(Review, second)).values()]

    assert chat.database.run(before) == then


def test_words_are_shown_in_the_order_that_their_points_drew(chat: Chat) -> None:
    start(chat)
    for number, who in enumerate(TEAM):
        answer(chat, who, "", f"purpose {number}", words_work=f"work {number}")
    close_early(chat)
    said = chat.seen("Farid", in_channel="team")[-1].message
    shown = [part.words for part in said.parts if isinstance(part, Quote)]
    drawn = [KEYRING.open_for_organisation(point.words) for point in points(chat)]
    assert shown == sorted(drawn, key=lambda words: words.split()[0])  # and by number in each: the sort is stable


def test_what_came_of_the_longest_review_fits_every_platform() -> None:
    """As many questions as a review can ask, each as long as it can be, all of them rated this year and last."""
    asked = [
        Question(key=f"question_{letter}", ask=f"{letter} " + "w" * 138, gloss="", low="a", high="b")
        for letter in "abcdefghijkl"
    ]
    results = [
        Result(question, number, tuple(rating for rating in range(1, 6) for _ in range(100)), (Point("said"),),
               ratings_held_back=False, words_held_back=True)
        for number, question in enumerate(asked, 1)
    ]  # fmt: skip
    before = {question.key: Before(3.5, "T" * 75, date(2025, 3, 3)) for question in asked}
    review = a_review()
    review.id, review.answered, review.asked = 7, 500, 500
    message = outcome.summary(review, Team(name="T" * 60), results, before, 5)
    blocks = slack.message(message)["blocks"]
    assert [block["type"] for block in blocks].count("data_visualization") == 2
    assert [block["type"] for block in blocks].count("table") == 1
    assert "left out" not in slack.fallback(message)[:200]
    assert slack.TOO_LONG.plain() not in json.dumps(blocks)
    assert teams.size(teams.card(message, direct=False)) < LIMITS["card bytes"]
