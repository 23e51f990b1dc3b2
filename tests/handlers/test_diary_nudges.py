"""A question now and then: only for who chose it, when they work, one at a time; every way out is one tap."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.policy import Policy
from handlers.diary import nudges
from handlers.diary.questions import QUESTIONS, number_of
from scheduling.cadence import owe_what_recurs
from storage.models import DiaryHabit, Entry, Owed, Person
from tests.conftest import KEYRING, Chat
from tests.handlers.test_diary import words_of

LONDON = ZoneInfo("Europe/London")
FRIDAY = datetime(2026, 3, 6, 16, 30, tzinfo=UTC)  # of the week in which the tests begin


@pytest.fixture(autouse=True)
def looked_at_every_few_days(chat: Chat) -> None:
    """A weekly question is owed once the one before it is over, and not a fortnight ahead as everything else is."""
    chat.recurs_every = timedelta(days=4)


def chose(chat: Chat, how: str = "Ask every week", day: str = "") -> None:
    chat.say("Amina", "diary settings")
    chat.press("Amina", how)
    if day:
        chat.choose("Amina", day)


def works(chat: Chat, **when: str) -> None:
    number = chat.person("Amina").id

    def change(session: Session) -> None:
        for name, value in when.items():
            setattr(session.get_one(Person, number), name, value)

    chat.database.run(change)


def asked_at(chat: Chat, who: str = "Amina") -> list[datetime]:
    """When the person was asked, on their own clock."""
    person = chat.person(who)
    rows = chat.rows(select(Owed).where(Owed.to_id == person.id, Owed.key.startswith("diary.nudge/")))
    return sorted(row.sent_at.astimezone(LONDON) for row in rows if row.sent_at)


def questions_seen(chat: Chat) -> list[str]:
    asks = {one.ask for one in QUESTIONS}
    return [posted.message.summary for posted in chat.seen("Amina") if posted.message.summary in asks]


def question_now(chat: Chat) -> str:
    [ask] = questions_seen(chat)
    return ask


# ----------------------------------------------------------------------------------------------------------- the bank


def test_the_bank_is_large_and_its_neighbours_ask_after_different_ways_of_learning() -> None:
    assert len(QUESTIONS) >= 30
    assert len({one.ask for one in QUESTIONS}) == len(QUESTIONS)
    assert all(one.ask.endswith("?") and len(one.ask) <= 110 for one in QUESTIONS)
    ways = [one.way for one in QUESTIONS]
    assert all(one != following for one, following in zip(ways, [*ways[1:], ways[0]], strict=True))
    assert {"experiment", "risk", "feedback", "research", "reflection", "colleagues"} <= set(ways)
    assert min(Counter(ways).values()) >= 2


@pytest.mark.parametrize("person", [1, 2, 17, 40_000])
def test_nobody_is_asked_the_same_before_they_were_asked_everything(person: int) -> None:
    assert sorted(number_of(person, asked) for asked in range(len(QUESTIONS))) == list(range(1, len(QUESTIONS) + 1))


# ----------------------------------------------------------------------------------------------------------- the offer


def test_it_is_offered_once_with_the_third_entry_and_nothing_is_asked_without_a_choice(chat: Chat) -> None:
    for number, offered in ((1, False), (2, False), (3, True), (4, False)):
        chat.say("Amina", f"diary: line {number}")
        assert ("See what I could ask" in chat.last("Amina")) == offered, number
    chat.wait(days=30)
    assert asked_at(chat) == []
    chat.press("Amina", "See what I could ask")
    assert sum(f"> {one.ask}" in chat.last("Amina") for one in QUESTIONS) == 3
    assert "never" in chat.last("Amina")


def test_whoever_knows_the_settings_is_offered_nothing(chat: Chat) -> None:
    chose(chat)
    for number in range(4):
        chat.say("Amina", f"diary: line {number}")
        assert "See what I could ask" not in chat.last("Amina")


# --------------------------------------------------------------------------------------------------------------- when


def test_every_week_on_the_weekday_in_working_time_a_different_question(chat: Chat) -> None:
    chose(chat)
    chat.wait_until(datetime(2026, 4, 2, 20, tzinfo=UTC))
    times = asked_at(chat)
    assert [one.date() for one in times] == [date(2026, 3, day) for day in (6, 13, 20, 27)]
    assert {one.strftime("%H:%M") for one in times} == {"16:00"}  # on her clock, before and after the clocks change


def test_every_two_weeks_on_another_day(chat: Chat) -> None:
    chose(chat, "Ask every two weeks", "Wed")
    assert "every two weeks, on Wed" in chat.last("Amina")
    chat.wait_until(datetime(2026, 4, 3, 20, tzinfo=UTC))
    assert [one.date() for one in asked_at(chat)] == [date(2026, 3, 4), date(2026, 3, 18), date(2026, 4, 1)]


def test_a_day_that_is_not_worked_is_the_day_before_it(chat: Chat) -> None:
    works(chat, working_days="123")
    chose(chat)
    assert "on Wed" in chat.last("Amina")
    chat.wait(days=8)
    assert [one.weekday() for one in asked_at(chat)] == [2]


def test_an_hour_before_ones_own_hours_end(chat: Chat) -> None:
    works(chat, hours="08:00-12:30")
    chose(chat)
    chat.wait_until(FRIDAY)
    assert asked_at(chat)[0].strftime("%H:%M") == "11:30"


def test_nothing_on_a_holiday_on_leave_or_during_a_pause(chat: Chat) -> None:
    chose(chat)
    chat.say("Amina", "I'm away 12–14 March")
    chat.say("Amina", "pause until 21 March")
    chat.wait_until(datetime(2026, 4, 12, 20, tzinfo=UTC))
    # 6 March is inside the pause, 13 March on leave, 20 March inside the pause, 3 April is Good Friday
    assert [one.date() for one in asked_at(chat)] == [date(2026, 3, 27), date(2026, 4, 10)]


def test_leave_that_is_said_after_the_question_was_owed_counts(chat: Chat) -> None:
    chose(chat)
    chat.wait(days=1)
    chat.say("Amina", "I'm away on Friday")
    chat.wait_until(datetime(2026, 3, 14, 9, tzinfo=UTC))
    assert [one.date() for one in asked_at(chat)] == [date(2026, 3, 13)]


def test_changing_the_day_to_and_fro_leaves_one_question_owed(chat: Chat) -> None:
    chose(chat, day="Wed")
    chat.choose("Amina", "Thu")
    chat.choose("Amina", "Wed")
    chat.press("Amina", "Ask every two weeks")
    chat.press("Amina", "Ask every week")
    chat.wait_until(datetime(2026, 3, 8, tzinfo=UTC))
    assert [one.date() for one in asked_at(chat)] == [date(2026, 3, 4)]


def test_what_recurs_may_run_as_often_as_it_likes(chat: Chat) -> None:
    chose(chat)
    for _ in range(3):
        chat.database.run(lambda session: owe_what_recurs(session, chat.registry, chat.policy, KEYRING, chat.now))
    assert len(chat.rows(select(Owed).where(Owed.notice == "diary.nudge"))) == 1
    chat.wait_until(FRIDAY)
    assert len(asked_at(chat)) == 1


def test_after_an_outage_over_the_end_of_the_day_it_comes_another_week(chat: Chat) -> None:
    chose(chat)
    chat.now = FRIDAY + timedelta(hours=2)
    chat.wait(minutes=1)
    assert asked_at(chat) == []
    chat.wait_until(datetime(2026, 3, 13, 17, tzinfo=UTC))
    assert [one.date() for one in asked_at(chat)] == [date(2026, 3, 13)]


@pytest.mark.parametrize(
    ("day", "hour"),
    [(date(2026, 3, 27), 16), (date(2026, 4, 3), 15), (date(2026, 10, 23), 15), (date(2026, 10, 30), 16)],
)
def test_the_hour_is_the_one_on_the_wall(policy: Policy, day: date, hour: int) -> None:
    person = Person(name="A", email="a@example.org", key=None)
    assert nudges.asks_at(policy, person, day) == datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("last", "every", "due"),
    [
        (None, 1, True),
        (date(2026, 3, 6), 1, True),
        (date(2026, 3, 9), 1, False),  # on Monday of the same week, before the day was changed
        (date(2026, 3, 6), 2, False),
        (date(2026, 2, 27), 2, True),
        (None, 0, False),
    ],
)
def test_one_question_a_week_at_most(policy: Policy, last: date | None, every: int, due: bool) -> None:
    person = Person(name="A", email="a@example.org", key=None)
    habit = DiaryHabit(person_id=1, every_weeks=every, last_asked_on=last)
    assert nudges.is_due(policy, person, habit, date(2026, 3, 13)) is due


# ---------------------------------------------------------------------------------------------------------- answering


def test_a_typed_answer_is_an_entry_with_its_question_and_its_way_of_learning(chat: Chat) -> None:
    chose(chat)
    chat.wait_until(FRIDAY)
    ask = question_now(chat)
    assert "You asked me for a question every week, on Fri." in chat.last("Amina")
    chat.say("Amina", "I let them choose the partner")
    assert words_of(chat, "Amina") == ["I let them choose the partner"]
    way = next(one.way for one in QUESTIONS if one.ask == ask)
    assert f"In answer to: {ask}" in chat.last("Amina")
    assert f"Tags: {way}" in chat.last("Amina")
    assert "This one is closed." in chat.screen_of("Amina")
    chat.say("Amina", f"diary search {way}")
    assert "1 entry" in chat.last("Amina")


def test_an_answer_follows_the_message_it_was_typed_in(chat: Chat) -> None:
    chose(chat)
    chat.wait_until(FRIDAY)
    chat.say("Amina", "I let them chose", message="m9")
    chat.edit("Amina", "m9", "I let them choose")
    assert words_of(chat, "Amina") == ["I let them choose"]
    assert chat.rows(select(Entry))[0].question


def test_a_command_is_no_answer_and_the_question_stays_open(chat: Chat) -> None:
    chose(chat)
    chat.wait_until(FRIDAY)
    ask = question_now(chat)
    chat.say("Amina", "home")
    assert "a question you asked me for" in chat.last("Amina")
    assert words_of(chat, "Amina") == []
    chat.press("Amina", "Open")
    assert ask in chat.last("Amina")
    chat.say("Amina", "I asked for help")
    assert words_of(chat, "Amina") == ["I asked for help"]


def test_a_reply_in_the_thread_of_an_old_question_is_still_kept_with_it(chat: Chat) -> None:
    chose(chat)
    chat.wait_until(FRIDAY)
    first, ask = chat.seen("Amina")[-1].id, question_now(chat)
    chat.wait_until(FRIDAY + timedelta(days=7))
    assert len(questions_seen(chat)) == 1  # at most one is open: the earlier one is one quiet line
    assert question_now(chat) != ask
    chat.say("Amina", "late, but here it is", thread=first)
    assert words_of(chat, "Amina") == ["late, but here it is"]
    assert chat.rows(select(Entry))[0].question == ask


def test_an_answer_in_the_form_takes_the_questions_place(chat: Chat) -> None:
    chose(chat)
    chat.wait_until(FRIDAY)
    ask = question_now(chat)
    chat.press("Amina", "Answer in a form")
    assert ask in chat.form("Amina").intro[0].plain()
    chat.submit("Amina", words="   ")
    assert "A line is enough" in chat.problems("Amina")["words"]
    chat.submit("Amina", words="I asked for help")
    assert words_of(chat, "Amina") == ["I asked for help"]
    assert questions_seen(chat) == []
    assert f"In answer to: {ask}" in chat.last("Amina")


def test_another_question_comes_in_its_place_and_not_again_later(chat: Chat) -> None:
    chose(chat)
    chat.wait_until(FRIDAY)
    asks = [question_now(chat)]
    for _ in range(2):
        chat.press("Amina", "Another question")
        asks.append(question_now(chat))
    chat.say("Amina", "that one I can answer")
    assert chat.rows(select(Entry))[0].question == asks[-1]
    chat.wait_until(FRIDAY + timedelta(days=7))
    assert question_now(chat) not in asks
    assert len(set(asks)) == 3


def test_not_this_week_leaves_it_and_the_next_comes_as_ever(chat: Chat) -> None:
    chose(chat)
    chat.wait_until(FRIDAY)
    chat.press("Amina", "Not this week")
    assert "Fine, not this week." in chat.last("Amina")
    chat.say("Amina", "the minibus is booked")
    assert words_of(chat, "Amina") == []  # what is typed now is no answer
    chat.wait_until(FRIDAY + timedelta(days=7))
    assert len(asked_at(chat)) == 2


def test_stopping_stops_and_says_how_to_begin_again(chat: Chat) -> None:
    chose(chat)
    chat.wait_until(FRIDAY)
    chat.press("Amina", "Stop asking")
    assert "diary settings" in chat.last("Amina")
    chat.wait(days=30)
    assert len(asked_at(chat)) == 1
    chose(chat)
    chat.wait(days=8)
    assert len(asked_at(chat)) == 2


def test_after_several_without_an_answer_it_says_that_this_is_fine(chat: Chat) -> None:
    chose(chat)
    chat.wait_until(FRIDAY + timedelta(days=21))
    assert "had no answer" not in chat.last("Amina")
    chat.wait_until(FRIDAY + timedelta(days=35))  # Good Friday was left out
    assert "That is fine: I can ask less often, or stop." in chat.last("Amina")


def test_nobody_else_sees_or_gets_what_was_asked_and_answered(chat: Chat) -> None:
    chose(chat)
    chat.wait_until(FRIDAY)
    chat.say("Amina", "I asked for help")
    number = chat.rows(select(Owed.about).where(Owed.key.startswith("diary.nudge/")))[0]
    for action in ("diary.question", "diary.write", "diary.another", "diary.not_now", "diary.stop"):
        chat.tap("Ola", action, number)
    assert "asked for help" not in chat.screen_of("Ola")
    assert [row.person_id for row in chat.rows(select(DiaryHabit).where(DiaryHabit.every_weeks > 0))] == [
        chat.person("Amina").id
    ]


def test_a_question_that_does_not_exist_is_refused_kindly(chat: Chat) -> None:
    for action in ("diary.question", "diary.write", "diary.another", "diary.not_now"):
        for number in (None, 0, 99):
            chat.tap("Amina", action, number)
            assert "can't find that" in chat.last("Amina")
