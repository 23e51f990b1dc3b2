"""Learning time: logged in a sentence, said back with what is still owed, doubted kindly, counted once."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.chat import FixAnswers, OpenForm, Replace, Say
from storage.models import Course, Draft, LearningTime, Person
from tests.conftest import KEYRING, NOW, Chat

MONDAY = NOW.date()
HALF, DAY = 222, 444  # minutes, at 7.4 hours a day


def logged(chat: Chat, who: str = "Amina") -> list[tuple[str, int, date, bool]]:
    """What somebody has logged: words, minutes, the day, off the job or on it."""
    person = chat.person(who)
    found = chat.rows(select(LearningTime).where(LearningTime.owner_id == person.id).order_by(LearningTime.id))
    return [
        (KEYRING.open(person.id, person.key, time.words), time.minutes, time.on_day, time.off_the_job) for time in found
    ]


def days_ago(number: int) -> date:
    return MONDAY - timedelta(days=number)


# ------------------------------------------------------------------------------------------------------ in a sentence


@pytest.mark.parametrize(
    ("said", "words", "minutes", "day"),
    [
        ("log 2h shadowing at Bitterne", "shadowing at Bitterne", 120, MONDAY),
        ("Log half a day reading", "reading", HALF, MONDAY),
        ("I spent this morning with the Bitterne team", "with the Bitterne team", HALF, MONDAY),
        ("Yesterday I spent two hours reading about attachment", "reading about attachment", 120, days_ago(1)),
        ("I've spent an hour and a half watching lessons in year 3", "watching lessons in year 3", 90, MONDAY),
        ("log 90 minutes yesterday on phonics", "phonics", 90, days_ago(1)),
        ("log a day on Tuesday: visit to Itchen, more next week", "visit to Itchen, more next week", DAY, days_ago(6)),
        ("log 2h last Monday reading", "reading", 120, days_ago(7)),
        ("log 3 hours on 26 February: reading", "reading", 180, date(2026, 2, 26)),
        ("log yesterday afternoon with Ben", "with Ben", HALF, days_ago(1)),
        ("log 2h30 this morning, reading", "reading", 150, MONDAY),
        ("log: 45 mins reading chapters 3-4", "reading chapters 3-4", 45, MONDAY),
        ("log 1½ hours: =HYPERLINK(\"x\") <!channel>", '=HYPERLINK("x") <!channel>', 90, MONDAY),
        ("log three quarters of an hour with the speech therapist", "with the speech therapist", 45, MONDAY),
        ("log 1.5 hours: 时间 🎉 ‮right to left", "时间 🎉 ‮right to left", 90, MONDAY),
    ],
)  # fmt: skip
def test_a_clear_sentence_is_logged_at_once_and_said_back(
    chat: Chat, said: str, words: str, minutes: int, day: date
) -> None:
    assert isinstance(chat.say("Amina", said), Say)
    assert logged(chat) == [(words, minutes, day, True)]
    assert words in chat.last("Amina")
    for button in ("[Undo]", "[Change]", "[It was on the job]"):
        assert button in chat.last("Amina")


def test_the_card_says_how_much_is_still_owed(chat: Chat) -> None:
    chat.say("Amina", "log a day: visit to Itchen")
    assert "Logged: 1 day, off the job, Mon 2 Mar 2026." in chat.last("Amina")
    assert "Off the job this year: 1 of 3 days, 2 still owed to you." in chat.last("Amina")
    chat.say("Amina", "log half a day yesterday: reading")
    assert "1.5 of 3 days, 1.5 still owed to you" in chat.last("Amina")


def test_what_is_promised_is_the_least_and_never_the_most(chat: Chat) -> None:
    for number in range(4):
        chat.say("Amina", f"log a day {wording(days_ago(number))}: visit {number}")
    assert "4 of 3 days. More is welcome" in chat.last("Amina")
    assert "owed to you" not in chat.last("Amina")


def wording(day: date) -> str:
    return f"on {day.day} {day:%B %Y}"


def test_on_the_job_is_kept_and_does_not_count_towards_the_days_owed(chat: Chat) -> None:
    chat.say("Amina", "log 1.5 hours on the job: displays")
    assert logged(chat) == [("displays", 90, MONDAY, False)]
    assert "on the job, Mon 2 Mar 2026" in chat.last("Amina")
    chat.press("Amina", "It was off the job")
    assert logged(chat) == [("displays", 90, MONDAY, True)]
    assert "0.2 of 3 days, 2.8 still owed to you" in chat.last("Amina")
    chat.press("Amina", "It was on the job")
    assert logged(chat) == [("displays", 90, MONDAY, False)]


def test_the_purpose_is_told_once(chat: Chat) -> None:
    chat.say("Amina", "log 1h reading")
    assert "for nothing else" in chat.last("Amina")
    chat.say("Amina", "log 2h reading")
    assert "for nothing else" not in chat.last("Amina")


@pytest.mark.parametrize(
    "said",
    ["I spent £20 on books", "I spent the day's budget", "log out", "I spend two hours a week reading", "logging off"],
)
def test_ordinary_talk_is_no_learning_time(chat: Chat, said: str) -> None:
    chat.say("Amina", said)
    assert logged(chat) == []
    assert "not sure" in chat.last("Amina")


def test_a_sentence_about_time_spent_is_the_answer_where_something_was_asked(chat: Chat) -> None:
    chat.say("Amina", "I was on First aid on 20 February")
    chat.say("Amina", "I spent two hours on bandages alone")
    assert logged(chat) == []
    assert "Kept." in chat.last("Amina")


def test_a_course_is_still_a_course(chat: Chat) -> None:
    assert isinstance(chat.say("Amina", "log a course"), OpenForm)
    assert chat.form("Amina").name == "courses.planned"


# ----------------------------------------------------------------------------- doubt is asked back


@pytest.mark.parametrize(
    ("said", "asks", "left"),
    [
        ("log reading about phonics", "How long was it?", "amount"),
        ("log 2h", "What did you do?", "words"),
        ("log 2h tomorrow reading", "still to come", "day"),
        ("log 2h next Tuesday reading", "still to come", "day"),
        ("log 2h on Monday reading", "on which day", "day"),  # said on a Monday
        ("log 2h on 31/02 reading", "on which day", "day"),
        ("log 3 days 24-26 February conference", "more than one day", "day"),
        ("log 14 hours reading", "more than twelve hours", ""),
        ("log 5 days yesterday reading", "more than twelve hours", ""),
    ],
)
def test_what_is_doubtful_is_asked_with_what_was_typed_in_the_form(chat: Chat, said: str, asks: str, left: str) -> None:
    assert isinstance(chat.say("Amina", said), OpenForm)
    assert logged(chat) == []
    form = chat.form("Amina")
    why, typed = form.intro
    assert asks in why.plain()
    assert typed.words == said.removeprefix("log ")
    answers = {one.name: one.value for one in form.fields}
    assert not left or answers[left] == ""
    chat.submit("Amina", words="reading", amount="2h", day="2026-03-01")
    assert logged(chat) == [("reading", 120, days_ago(1), True)]


def test_more_than_a_day_holds_is_asked_about_with_what_stands_there_already(chat: Chat) -> None:
    chat.say("Amina", "log 8h visit to Itchen")
    assert isinstance(chat.say("Amina", "log 5h reading"), OpenForm)
    assert "With what you logged for that day already" in chat.form("Amina").intro[0].plain()
    assert isinstance(chat.submit("Amina"), FixAnswers)
    assert "more than twelve hours" in chat.problems("Amina")["amount"]
    chat.submit("Amina", amount="3 hours")
    assert [minutes for _, minutes, _, _ in logged(chat)] == [480, 180]


def test_the_form_asks_for_what_is_missing_and_keeps_what_was_typed(chat: Chat) -> None:
    assert isinstance(chat.say("Amina", "log"), OpenForm)
    assert isinstance(chat.submit("Amina", words="  ", amount="a while", day="2026-03-09"), FixAnswers)
    problems = chat.problems("Amina")
    assert set(problems) == {"words", "amount", "day"}
    assert "still to come" in problems["day"]
    chat.submit("Amina", words="reading", amount="1:30", day="", job="on")
    assert logged(chat) == [("reading", 90, MONDAY, False)]


def test_a_day_typed_where_there_is_no_date_picker_is_read(chat: Chat) -> None:
    chat.say("Amina", "log")
    chat.submit("Amina", words="reading", amount="half a day", day="last Tuesday")
    assert logged(chat) == [("reading", HALF, days_ago(6), True)]


@pytest.mark.parametrize("rubbish", ["9" * 1_900, "1h " * 600, "a day " * 300, "h" * 1_900, "½" * 1_900])
def test_rubbish_is_a_quick_and_polite_question(chat: Chat, rubbish: str) -> None:
    assert isinstance(chat.say("Amina", f"log {rubbish}"), OpenForm | Say)
    assert all(minutes <= 720 for _, minutes, _, _ in logged(chat))


def test_words_that_are_too_long_come_back_with_a_way_to_keep_them(chat: Chat) -> None:
    chat.say("Amina", "log 2h " + "reading " * 600)
    assert "2,000 characters" in chat.last("Amina")
    assert logged(chat) == []


# ----------------------------------------------------------------------------- slips, and second thoughts


def test_the_same_thing_again_within_a_minute_is_asked_about_and_not_doubled(chat: Chat) -> None:
    chat.say("Amina", "log 1h reading")
    chat.now += timedelta(seconds=20)
    chat.say("Amina", "log 1h  Reading")
    assert "I logged that a moment ago" in chat.last("Amina")
    chat.press("Amina", "Once is right")
    assert len(logged(chat)) == 1
    assert chat.rows(select(Draft)) == []
    chat.say("Amina", "log 1h reading")
    chat.press("Amina", "Log it once more")
    assert len(logged(chat)) == 2


def test_later_the_same_day_it_is_a_second_stretch(chat: Chat) -> None:
    chat.say("Amina", "log 1h reading")
    chat.now += timedelta(hours=3)
    chat.say("Amina", "log 1h reading")
    assert len(logged(chat)) == 2


def test_what_is_among_the_courses_of_that_day_is_asked_about_and_not_counted_twice(chat: Chat) -> None:
    chat.say("Amina", "I was on the Phonics workshop on 26 February")
    chat.say("Amina", "log a day on 26 February: the phonics workshop")
    assert "the Phonics workshop is among your courses, and its 1 day of that time count already." in chat.last("Amina")
    assert logged(chat) == []
    chat.press("Amina", "It is the same")
    assert logged(chat) == []
    chat.say("Amina", "log a day on 26 February: the phonics workshop")
    chat.press("Amina", "Log it as well")
    assert logged(chat) == [("the phonics workshop", DAY, date(2026, 2, 26), True)]


def test_undo_takes_it_out_and_can_itself_be_undone(chat: Chat) -> None:
    chat.say("Amina", "log 2h on the job yesterday: displays")
    assert isinstance(chat.press("Amina", "Undo"), Replace)
    assert logged(chat) == []
    assert "in case that was a slip" in chat.last("Amina")
    chat.press("Amina", "Put it back")
    assert logged(chat) == [("displays", 120, days_ago(1), False)]
    chat.press("Amina", "Undo")
    chat.press("Amina", "Forget it now")
    assert chat.rows(select(Draft)) == []


def test_a_button_that_was_tampered_with_asks_instead_of_logging(chat: Chat) -> None:
    chat.say("Amina", "log 2h reading")
    chat.press("Amina", "Undo")
    draft = chat.rows(select(Draft))[0].id
    for value in ("", "2026-03-02", "2026-03-02/9999/off", "2027-03-02/60/off", "x/60/off", "2026-03-02/-6/off"):
        assert isinstance(chat.tap("Amina", "time.keep", draft, value), OpenForm)
    assert logged(chat) == []
    assert chat.form("Amina").fields[0].value == "reading"


def test_everything_can_be_changed_and_a_mistake_put_right(chat: Chat) -> None:
    chat.say("Amina", "log 2h shadowing")
    chat.press("Amina", "Change")
    assert [one.value for one in chat.form("Amina").fields[:4]] == ["shadowing", "2 hours", "2026-03-02", "off"]
    assert isinstance(chat.submit("Amina", amount="13 hours"), FixAnswers)
    assert chat.form("Amina").fields[0].value == "shadowing"
    chat.submit("Amina", words="shadowing at Bitterne", amount="11 hours", day="2026-02-27", job="on")
    assert logged(chat) == [("shadowing at Bitterne", 660, date(2026, 2, 27), False)]
    assert "Changed: 11 hours, on the job, Fri 27 Feb 2026." in chat.last("Amina")


# -------------------------------------------------------------------------------------------------------------- looking


def test_my_time_shows_what_is_owed_and_what_was_logged(chat: Chat) -> None:
    chat.say("Amina", "my time")
    assert "Off-the-job learning this year: 0 of 3 days, 3 still owed to you." in chat.last("Amina")
    chat.say("Amina", "log half a day reading")
    chat.say("Amina", "log 1h on the job yesterday: displays")
    for number in range(9):
        chat.say("Amina", f"log 5 minutes on 20 February: note {number}")
    chat.say("Amina", "how much am I owed?")
    last = chat.last("Amina")
    assert "Mon 2 Mar, half a day: reading" in last
    assert "Sun 1 Mar, 1 hour, on the job: displays" in last
    assert "And 3 more stretches before that." in last
    chat.press("Amina", "Open")
    assert "[Remove]" in chat.last("Amina")


def test_what_was_logged_in_another_learning_year_counts_there(chat: Chat) -> None:
    chat.say("Amina", "log a day on 27 August 2025: reading")
    assert "Off the job this year: 1 of 3 days" in chat.last("Amina")
    chat.say("Amina", "my time")
    assert "0 of 3 days" in chat.last("Amina")


def test_home_counts_courses_and_logged_time_together(chat: Chat) -> None:
    chat.say("Amina", "I was on the Phonics course on 20 February")
    chat.say("Amina", "log half a day reading")
    assert "Off-the-job learning: 1.5 of 3 days, 1.5 still owed to you" in chat.open_home("Amina")


def test_a_course_that_was_on_the_job_does_not_count(chat: Chat) -> None:
    chat.say("Amina", "I was on the Phonics course on 20 February")
    chat.database.run(lambda session: session.execute(update(Course).values(off_the_job=False)))
    chat.say("Amina", "my time")
    assert "0 of 3 days" in chat.last("Amina")


# ----------------------------------------------------------------------------- what is promised


@pytest.mark.parametrize(
    ("working_days", "hours", "owed"),
    [
        ("12345", "", "3"),
        ("1234", "", "2.5"),  # 2.4, rounded up to half days
        ("123", "", "2"),
        ("12345", "10:00-16:00", "3"),  # three quarters of a day is one
        ("12345", "09:00-13:00", "1.5"),
        ("125", "fri 09:00-13:00", "1.5"),
        ("1234567", "07:00-19:00", "3"),  # nobody's share is more than all of it
    ],
)
def test_who_works_part_of_the_week_is_owed_their_part(chat: Chat, working_days: str, hours: str, owed: str) -> None:
    change = update(Person).where(Person.id == chat.person("Amina").id)
    chat.database.run(lambda session: session.execute(change.values(working_days=working_days, hours=hours)))
    chat.say("Amina", "my time")
    assert f"0 of {owed} days" in chat.last("Amina")


@pytest.mark.parametrize(
    ("starts", "leaves", "owed"),
    [
        (date(2020, 1, 1), None, "3"),
        (date(2026, 3, 2), None, "2"),
        (None, date(2025, 12, 31), "1.5"),
        (date(2027, 1, 1), None, "0"),
    ],
)
def test_who_joins_or_leaves_during_the_year_is_owed_their_part(
    chat: Chat, starts: date | None, leaves: date | None, owed: str
) -> None:
    change = update(Person).where(Person.id == chat.person("Amina").id)
    chat.database.run(lambda session: session.execute(change.values(starts_on=starts, leaves_on=leaves)))
    chat.say("Amina", "my time")
    assert f"0 of {owed} days" in chat.last("Amina")


def test_where_the_policy_promises_the_whole_to_everybody_it_is_the_whole(chat: Chat) -> None:
    everybody = chat.policy.learning_time.model_copy(update={"pro_rata": False, "pro_rata_year": False})
    chat.dispatcher.policy = chat.policy.model_copy(update={"learning_time": everybody})
    change = update(Person).where(Person.id == chat.person("Amina").id)
    values = {"working_days": "1", "starts_on": date(2026, 3, 1)}
    chat.database.run(lambda session: session.execute(change.values(values)))
    chat.say("Amina", "my time")
    assert "0 of 3 days" in chat.last("Amina")


# -------------------------------------------------------------------------------------------------------------- privacy


def test_nobody_else_sees_changes_or_removes_what_was_logged(chat: Chat) -> None:
    chat.say("Amina", "log 2h with a canary")
    number = chat.rows(select(LearningTime))[0].id
    for who in ("Ben", "Ola", "Cora"):
        for action in ("time.open", "time.change", "time.undo", "time.job"):
            chat.tap(who, action, number, "on")
            assert "I can't find that any more" in chat.last(who)
        chat.say(who, "my time")
        assert "canary" not in chat.screen_of(who)
    assert logged(chat) == [("with a canary", 120, MONDAY, True)]


def shared_with_ben(chat: Chat) -> LearningTime:
    chat.say("Ben", "hello")
    chat.say("Amina", "log 2h shadowing at Bitterne")
    chat.press("Amina", "Share")
    chat.submit("Amina", readers="Ben Carter")
    chat.press("Amina", "Share it with Ben")
    return chat.rows(select(LearningTime))[0]


def test_one_stretch_is_shared_follows_its_changes_and_is_taken_back_with_undo(chat: Chat) -> None:
    time = shared_with_ben(chat)
    assert "Learning time, 2 hours off the job, Mon 2 Mar 2026:\n> shadowing at Bitterne" in chat.last("Ben")
    chat.tap("Amina", "time.open", time.id)
    assert "Ben Carter can read this." in chat.last("Amina")
    chat.press("Amina", "It was on the job")
    assert "2 hours on the job" in chat.last("Ben")
    chat.press("Amina", "Change")
    chat.submit("Amina", words="shadowing at Itchen")
    assert "shadowing at Itchen" in chat.last("Ben")
    chat.press("Amina", "Remove")
    assert "Itchen" not in chat.screen_of("Ben")


def test_who_has_read_names_it_and_forget_this_removes_it_for_good(chat: Chat) -> None:
    time = shared_with_ben(chat)
    chat.say("Amina", "who has read")
    assert "2 hours of learning, “shadowing at Bitterne”" in chat.last("Amina")
    chat.tap("Amina", "time.open", time.id)
    chat.say("Amina", "forget this")
    chat.press("Amina", "Forget it for good")
    assert logged(chat) == []
    assert chat.rows(select(Draft)) == []
    assert "Bitterne" not in chat.screen_of("Ben")


def test_it_is_sealed_accounted_for_and_erased(chat: Chat) -> None:
    chat.say("Amina", "log 2h with a canary")
    assert b"canary" not in bytes(chat.rows(select(LearningTime))[0].words)
    chat.say("Amina", "what do you hold about me")
    assert "learning time that you logged: 1" in chat.last("Amina")
    chat.say("Amina", "erase me")
    chat.press("Amina", "Go on to erasing")
    chat.press("Amina", "Erase me for good")
    assert chat.rows(select(LearningTime)) == []


def test_what_is_logged_in_a_channel_is_answered_to_its_owner_alone(chat: Chat) -> None:
    chat.say("Amina", "log 2h with a canary", in_channel="cs")
    assert "canary" not in chat.screen_of("Ben", in_channel="cs")
    assert "canary" in chat.screen_of("Amina", in_channel="cs")


def test_a_minute_is_counted_from_when_it_was_logged_whatever_the_clock_does(chat: Chat) -> None:
    chat.now = datetime(2026, 3, 29, 0, 59, 40, tzinfo=UTC)  # the clocks go forward at 01:00
    chat.say("Amina", "log 1h reading")
    chat.now += timedelta(seconds=40)
    chat.say("Amina", "log 1h reading")
    assert "a moment ago" in chat.last("Amina")


def test_the_kind_of_activity_is_noted_where_the_words_name_one(chat: Chat) -> None:
    chat.say("Amina", "log 2h shadowing at Bitterne")
    assert "Kind of activity: shadowing somebody at work" in chat.last("Amina")
    assert [time.kind for time in chat.rows(select(LearningTime))] == ["shadowing"]
    chat.press("Amina", "Change")
    chat.submit("Amina", words="thinking")
    assert "Kind of activity" not in chat.last("Amina")


def test_where_the_post_has_no_standard_nothing_is_counted_for_one(chat: Chat) -> None:
    chat.say("Amina", "log 2h reading")
    assert "[Evidence]" not in chat.last("Amina")
