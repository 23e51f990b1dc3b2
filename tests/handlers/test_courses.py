"""Courses: told in a sentence, asked about two working days later, and shared only with whom their owner names."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.chat import Account, Event, FixAnswers, Nothing, OpenForm, Place, Quote, Replace, Say, Text
from storage import learning_time
from storage.models import Course, Entry, Grant, KnownPlace, Look, Owed, Partnership, Person, Reflection, Review, Source
from tests.conftest import KEYRING, NOW, Chat, at_once

THURSDAY = date(2026, 3, 12)  # "next Thursday", said on Monday 2 March
ASKED = datetime(2026, 3, 16, 9, 30, tzinfo=UTC)  # two working days after it: the Monday


def courses_of(chat: Chat, who: str) -> list[Course]:
    return chat.rows(select(Course).where(Course.owner_id == chat.person(who).id).order_by(Course.id))


def titles_of(chat: Chat, who: str) -> list[str]:
    person = chat.person(who)
    return [KEYRING.open(person.id, person.key, course.title) for course in courses_of(chat, who)]


def answers_of(chat: Chat, who: str) -> list[str]:
    person = chat.person(who)
    found = chat.rows(select(Reflection).where(Reflection.owner_id == person.id))
    return [
        KEYRING.open(person.id, person.key, words) for one in found for words in (one.what, one.so_what, one.what_next)
    ]


def days_of(chat: Chat, who: str) -> float:
    person = chat.person(who)
    return chat.database.run(
        lambda session: learning_time.days_learned(session, chat.policy, person.id, date(2025, 9, 1), date(2026, 8, 31))
    )


def on_a_course(chat: Chat, who: str = "Amina") -> Course:
    chat.say(who, "I'm on Safeguarding level 2 next Thursday")
    return courses_of(chat, who)[-1]


def reflected(chat: Chat, who: str = "Amina") -> Course:
    """Somebody who has been on a course and has written what they made of it."""
    course = on_a_course(chat, who)
    chat.wait_until(ASKED)
    chat.press(who, "Write it in a form")
    chat.submit(who, what="Ten real cases", so_what="I write things down too late", what_next="Same day, from Monday")
    return course


# --------------------------------------------------------------------------------------------------- telling the bot


@pytest.mark.parametrize(
    ("said", "title", "first", "last", "days"),
    [
        ("I'm on Safeguarding level 2 next Thursday", "Safeguarding level 2", THURSDAY, THURSDAY, 1),
        ("i’m on safeguarding level 2 next thursday.", "safeguarding level 2", THURSDAY, THURSDAY, 1),
        ("I am attending the SEND conference on 12 March", "the SEND conference", THURSDAY, THURSDAY, 1),
        ("I'm going to the SEND conference on 12-13 March", "the SEND conference", THURSDAY, date(2026, 3, 13), 2),
        ("I'm booked on Excel for beginners on 12/3", "Excel for beginners", THURSDAY, THURSDAY, 1),
        ("course: First aid, 12-13 March", "First aid", THURSDAY, date(2026, 3, 13), 2),
        ("Course: Phonics, Thursday 9am to 12", "Phonics", date(2026, 3, 5), date(2026, 3, 5), 0.5),
        ("I'm on First aid from Friday 13 to Monday 16 March", "First aid", date(2026, 3, 13), date(2026, 3, 16), 2),
        ("Next Thursday I'm on Safeguarding level 2", "Safeguarding level 2", THURSDAY, THURSDAY, 1),
        ("course: =HYPERLINK(\"x\") <!channel> ../../x, 12 March", '=HYPERLINK("x") <!channel> ../../x', THURSDAY,
         THURSDAY, 1),
    ],
)  # fmt: skip
def test_a_sentence_with_a_clear_day_is_recorded_at_once(
    chat: Chat, said: str, title: str, first: date, last: date, days: float
) -> None:
    assert isinstance(chat.say("Amina", said), Say)
    (course,) = courses_of(chat, "Amina")
    assert titles_of(chat, "Amina") == [title]
    assert (course.starts_on, course.ends_on, course.days, course.state) == (first, last, days, "planned")
    assert title in chat.last("Amina")
    assert "[Change]" in chat.last("Amina")
    assert "[I'm not going]" in chat.last("Amina")


def test_the_card_says_when_it_will_be_asked_about(chat: Chat) -> None:
    on_a_course(chat)
    assert "Safeguarding level 2: Thu 12 Mar 2026, 1 day." in chat.last("Amina")
    assert "I'll ask on Mon 16 Mar what you made of it." in chat.last("Amina")


@pytest.mark.parametrize(
    "said",
    [
        "I'm on Safeguarding level 2",
        "I'm on Safeguarding level 2 next week",
        "I'm on Safeguarding level 2 on Monday",  # said on a Monday
        "course: Safeguarding level 2, 31/02",
        "course: Safeguarding level 2, Tuesday 12 March",  # a Thursday
        "course: Safeguarding level 2, in March",
    ],
)
def test_a_day_that_is_missing_or_doubtful_is_asked_for_and_not_guessed(chat: Chat, said: str) -> None:
    reply = chat.say("Amina", said)
    assert isinstance(reply, OpenForm)
    assert courses_of(chat, "Amina") == []
    assert "Safeguarding level 2" in chat.form("Amina").fields[0].value
    chat.submit("Amina", title="Safeguarding level 2", first="2026-03-12")
    assert [course.starts_on for course in courses_of(chat, "Amina")] == [THURSDAY]
    assert "I'll ask on Mon 16 Mar" in chat.last("Amina")


@pytest.mark.parametrize("rubbish", ["9" * 10_000, "," * 40_000, "on " * 10_000, "I'm on " * 5_000])
def test_ten_thousand_digits_are_a_quick_and_polite_question(chat: Chat, rubbish: str) -> None:
    begun = time.perf_counter()
    assert isinstance(chat.say("Amina", f"course: X, {rubbish}x"), OpenForm)
    assert time.perf_counter() - begun < 2
    chat.submit("Amina")
    assert "200 characters" in chat.problems("Amina")["title"]
    assert "which day" in chat.problems("Amina")["first"]


@pytest.mark.parametrize(
    "said",
    [
        "I'm on leave from Monday", "I'm on the train", "I'm on it", "I'm going to try that tomorrow",
        "I'm doing well", "I went home yesterday", "I was at home on Thursday", "I'm on a call",
    ],
)  # fmt: skip
def test_ordinary_talk_is_no_course(chat: Chat, said: str) -> None:
    chat.say("Amina", said)
    assert courses_of(chat, "Amina") == []
    assert "not sure" in chat.last("Amina")


def test_where_no_form_can_open_a_button_stands_for_the_words(chat: Chat) -> None:
    place = Place("console", "here", "dm:amina@example.org", direct=True, message="m1")
    account = Account("console", "here", "amina@example.org")
    chat.event(Event("e1", account, place, "say", text="I'm on Safeguarding level 2", can_open=False))
    assert "[Add a course]" in chat.last("Amina")
    chat.press("Amina", "Add a course")
    assert chat.form("Amina").fields[0].value == "Safeguarding level 2"


def test_the_form_says_what_needs_another_look_and_keeps_what_was_typed(chat: Chat) -> None:
    chat.say("Amina", "course")
    reply = chat.submit("Amina", title="", first="2026-03-12", last="2026-03-11", days="3")
    assert isinstance(reply, FixAnswers)
    assert "name" in chat.problems("Amina")["title"]
    chat.submit("Amina", title="First aid")
    assert "before the first day" in chat.problems("Amina")["last"]
    chat.submit("Amina", last="")
    assert "longer than the days" in chat.problems("Amina")["days"]
    chat.submit("Amina", days="0.5")
    (course,) = courses_of(chat, "Amina")
    assert course.days == 0.5
    assert "half a day" in chat.last("Amina")


def test_the_form_reads_a_typed_date_too_and_asks_about_impossible_ones(chat: Chat) -> None:
    chat.say("Amina", "add a course")
    chat.submit("Amina", title="First aid", first="31/02/2026")
    assert "which day" in chat.problems("Amina")["first"]
    chat.submit("Amina", first="1 March 1926")
    assert chat.problems("Amina")
    chat.submit("Amina", first="next Thursday")
    assert [course.starts_on for course in courses_of(chat, "Amina")] == [THURSDAY]


def test_saying_it_twice_records_it_once(chat: Chat) -> None:
    on_a_course(chat)
    on_a_course(chat)
    assert len(courses_of(chat, "Amina")) == 1
    assert "I have that one already." in chat.last("Amina")


def test_the_purpose_is_said_once_whatever_is_kept_first(chat: Chat) -> None:
    on_a_course(chat)
    assert "for nothing else" in chat.last("Amina")
    chat.say("Amina", "diary: one")
    assert "for nothing else" not in chat.last("Amina")


def test_the_title_is_sealed(chat: Chat) -> None:
    course = on_a_course(chat)
    assert b"Safeguarding" not in course.title


# -------------------------------------------------------------------------------------------------- changing, not going


def test_a_course_that_moves_is_asked_about_at_its_new_time_only(chat: Chat) -> None:
    on_a_course(chat)
    chat.press("Amina", "Change")
    assert chat.form("Amina").fields[1].value == "2026-03-12"
    assert isinstance(chat.submit("Amina", first="2026-03-19"), Replace)
    assert "I'll ask on Mon 23 Mar" in chat.last("Amina")
    chat.wait_until(ASKED + timedelta(hours=1))
    assert "What did you make of it?" not in chat.screen_of("Amina")
    chat.wait_until(ASKED + timedelta(days=7))
    assert chat.screen_of("Amina").count("What did you make of it?") == 1


def test_nothing_is_asked_about_a_course_somebody_is_not_going_to(chat: Chat) -> None:
    on_a_course(chat)
    assert isinstance(chat.press("Amina", "I'm not going"), Replace)
    assert "I won't ask about it." in chat.last("Amina")
    chat.wait_until(ASKED + timedelta(days=30))
    assert "What did you make of it?" not in chat.screen_of("Amina")
    assert days_of(chat, "Amina") == 0


def test_not_going_can_be_undone(chat: Chat) -> None:
    on_a_course(chat)
    chat.press("Amina", "I'm not going")
    chat.press("Amina", "Put it back")
    assert "I'll ask on Mon 16 Mar" in chat.last("Amina")
    chat.wait_until(ASKED)
    assert "What did you make of it?" in chat.last("Amina")


# ------------------------------------------------------------------------------------------------------ being asked


def test_it_is_asked_two_working_days_later_with_the_reason_and_a_way_out(chat: Chat) -> None:
    on_a_course(chat)
    chat.wait_until(ASKED - timedelta(minutes=1))
    assert "What did you make of it?" not in chat.screen_of("Amina")
    chat.wait_until(ASKED)
    last = chat.last("Amina")
    assert "You were on Safeguarding level 2 (Thu 12 Mar 2026). What did you make of it?" in last
    assert "What? What happened?" in last
    assert "nobody else can read it unless you share it" in last
    for label in ("Write it in a form", "Ask me next week", "I didn't go", "Nothing to add"):
        assert f"[{label}]" in last
    chat.wait(days=30)
    assert chat.screen_of("Amina").count("What did you make of it?") == 1


def test_working_days_are_the_persons_own_and_leave_bank_holidays_out(chat: Chat) -> None:
    amina = chat.person("Amina")
    chat.database.run(
        lambda session: session.execute(update(Person).where(Person.id == amina.id).values(working_days="123"))
    )
    chat.say("Amina", "course: Late course, 1 April 2026")  # a Wednesday; Monday 6 April is Easter Monday
    assert "I'll ask on Wed 8 Apr" in chat.last("Amina")


def test_a_past_course_is_asked_about_when_it_is_due_or_at_once(chat: Chat) -> None:
    chat.say("Amina", "I was on First aid yesterday")  # a Sunday
    assert "I'll ask on Tue 3 Mar" in chat.last("Amina")
    chat.press("Amina", "Write it now")
    chat.submit("Amina", what="Resuscitation")
    chat.wait(days=2)
    assert "What did you make of it?" not in chat.screen_of("Amina")
    chat.say("Ben", "I was on First aid on 12 February")
    assert "What happened?" in chat.last("Ben")
    assert days_of(chat, "Ben") == 1
    chat.say("Ben", "Resuscitation")
    assert answers_of(chat, "Ben") == ["Resuscitation", "", ""]


def test_a_course_counts_once_it_is_asked_about_and_not_when_somebody_did_not_go(chat: Chat) -> None:
    on_a_course(chat)
    assert days_of(chat, "Amina") == 0
    chat.wait_until(ASKED)
    assert days_of(chat, "Amina") == 1
    chat.press("Amina", "I didn't go")
    assert days_of(chat, "Amina") == 0
    assert "You didn't go to Safeguarding level 2" in chat.last("Amina")


def test_three_typed_answers_are_taken_one_by_one(chat: Chat) -> None:
    on_a_course(chat)
    chat.wait_until(ASKED)
    chat.say("Amina", "Ten real cases")
    assert answers_of(chat, "Amina") == ["Ten real cases", "", ""]
    assert "That was 1 of 3" in chat.last("Amina")
    assert "So what?" in chat.last("Amina")
    chat.say("Amina", "I write things down too late")
    assert "That was 2 of 3" in chat.last("Amina")
    chat.say("Amina", "Same day, from Monday")
    assert answers_of(chat, "Amina") == ["Ten real cases", "I write things down too late", "Same day, from Monday"]
    assert "Saved. Thank you." in chat.last("Amina")
    assert "Only you can read this." in chat.last("Amina")


def test_answers_in_the_thread_of_the_prompt_are_taken_too(chat: Chat) -> None:
    on_a_course(chat)
    chat.wait_until(ASKED)
    thread = chat.seen("Amina")[-1].id
    for answer in ("Ten real cases", "I write things down too late", "Same day"):
        chat.say("Amina", "my courses")  # in between, outside the thread
        chat.say("Amina", answer, thread=thread)
    assert answers_of(chat, "Amina") == ["Ten real cases", "I write things down too late", "Same day"]


def test_two_answers_typed_at_once_are_both_kept(chat: Chat) -> None:
    on_a_course(chat)
    chat.wait_until(ASKED)
    account = Account("console", "here", "amina@example.org")
    place = Place("console", "here", "dm:amina@example.org", direct=True, thread=chat.seen("Amina")[-1].id)

    def types(words: str) -> Callable[[], object]:
        return lambda: chat.dispatcher.handle(Event(words, account, place, "say", text=words), chat.now)

    at_once(types("one"), types("two"), types("three"))
    assert sorted(answers_of(chat, "Amina")) == ["one", "three", "two"]


def test_stopping_half_way_loses_nothing_and_home_leads_back(chat: Chat) -> None:
    on_a_course(chat)
    chat.wait_until(ASKED)
    chat.say("Amina", "Ten real cases")
    chat.say("Amina", "home")
    assert "Still open: what you made of a course." in chat.last("Amina")
    chat.press("Amina", "Open")
    assert "Ten real cases" in chat.last("Amina")
    assert "So what?" in chat.last("Amina")
    chat.say("Amina", "I write things down too late")
    assert answers_of(chat, "Amina") == ["Ten real cases", "I write things down too late", ""]


@pytest.mark.parametrize("said", ["later", "not now", "Ask me next week", "maybe later, thanks"])
def test_later_is_understood_and_it_is_asked_again_in_a_week(chat: Chat, said: str) -> None:
    on_a_course(chat)
    chat.wait_until(ASKED)
    chat.say("Amina", said)
    assert "I'll ask again about Safeguarding level 2 on Mon 23 Mar." in chat.last("Amina")
    assert answers_of(chat, "Amina") == []
    chat.wait_until(ASKED + timedelta(days=7))
    assert chat.screen_of("Amina").count("What did you make of it?") == 2


def test_it_can_be_put_off_with_the_button_week_after_week(chat: Chat) -> None:
    on_a_course(chat)
    chat.wait_until(ASKED)
    for week in range(1, 3):
        chat.press("Amina", "Ask me next week")
        assert "I'll ask again about Safeguarding level 2" in chat.screen_of("Amina")
        assert "What did you make of it?" not in chat.screen_of("Amina")
        chat.wait_until(ASKED + timedelta(days=7 * week))
        assert "What did you make of it?" in chat.screen_of("Amina")


def test_later_half_way_keeps_what_is_there_and_goes_on_from_it(chat: Chat) -> None:
    on_a_course(chat)
    chat.wait_until(ASKED)
    chat.say("Amina", "Ten real cases")
    chat.press("Amina", "Ask me next week")
    assert "What you wrote so far is kept." in chat.last("Amina")
    chat.wait_until(ASKED + timedelta(days=7))
    assert "So what?" in chat.last("Amina")
    chat.say("Amina", "I write things down too late")
    assert answers_of(chat, "Amina") == ["Ten real cases", "I write things down too late", ""]


def test_a_question_can_be_skipped(chat: Chat) -> None:
    on_a_course(chat)
    chat.wait_until(ASKED)
    chat.say("Amina", "skip")
    chat.say("Amina", "I write things down too late")
    chat.press("Amina", "Skip this one")
    assert answers_of(chat, "Amina") == ["", "I write things down too late", ""]
    assert "Saved" in chat.last("Amina")


@pytest.mark.parametrize("said", ["nothing to add", "nope", "Nothing."])
def test_nothing_to_add_is_an_answer_and_is_not_asked_again(chat: Chat, said: str) -> None:
    on_a_course(chat)
    chat.wait_until(ASKED)
    chat.say("Amina", said)
    assert "That is fine" in chat.last("Amina")
    chat.wait(days=30)
    assert chat.screen_of("Amina").count("What did you make of it?") == 1
    assert days_of(chat, "Amina") == 1
    chat.say("Amina", "home")
    assert "what you made of a course" not in chat.last("Amina")


def test_i_did_not_go_can_be_typed(chat: Chat) -> None:
    on_a_course(chat)
    chat.wait_until(ASKED)
    chat.say("Amina", "I couldn't go, I was ill")
    assert "You didn't go" in chat.last("Amina")
    assert days_of(chat, "Amina") == 0


def test_the_form_takes_all_three_and_needs_at_least_one(chat: Chat) -> None:
    on_a_course(chat)
    chat.wait_until(ASKED)
    chat.press("Amina", "Write it in a form")
    chat.submit("Amina", what=" ")
    assert "at least one" in chat.problems("Amina")["what"]
    chat.submit("Amina", so_what="I write things down too late")
    assert answers_of(chat, "Amina") == ["", "I write things down too late", ""]
    assert "Saved. Thank you." in chat.last("Amina")


def test_what_was_written_can_be_changed(chat: Chat) -> None:
    reflected(chat)
    chat.press("Amina", "Change what I wrote")
    assert chat.form("Amina").fields[0].value == "Ten real cases"
    chat.submit("Amina", what="Eleven real cases")
    assert answers_of(chat, "Amina")[0] == "Eleven real cases"


def test_a_fourth_typed_answer_is_not_lost(chat: Chat) -> None:
    on_a_course(chat)
    chat.wait_until(ASKED)
    thread = chat.seen("Amina")[-1].id
    for answer in ("one", "two", "three", "and one more thing"):
        chat.say("Amina", answer, thread=thread)
    assert "You have answered all three" in chat.last("Amina")
    chat.press("Amina", "Add it to What next?")
    assert answers_of(chat, "Amina")[2] == "three\nand one more thing"


def test_an_answer_that_begins_like_a_diary_line_is_an_answer_here(chat: Chat) -> None:
    on_a_course(chat)
    chat.wait_until(ASKED)
    chat.say("Amina", "I learned that everybody writes things down too late")
    assert answers_of(chat, "Amina")[0] == "I learned that everybody writes things down too late"
    assert chat.rows(select(Entry)) == []
    chat.say("Amina", "diary: but this is for my diary")
    assert len(chat.rows(select(Entry))) == 1


def test_a_pause_holds_the_prompt_back_until_the_day_it_ends(chat: Chat) -> None:
    on_a_course(chat)
    chat.say("Amina", "pause until 20 March")
    chat.wait_until(ASKED + timedelta(hours=1))
    assert "What did you make of it?" not in chat.screen_of("Amina")
    chat.wait_until(datetime(2026, 3, 20, 9, 29, tzinfo=UTC))
    assert "What did you make of it?" not in chat.screen_of("Amina")
    chat.wait_until(datetime(2026, 3, 20, 18, 0, tzinfo=UTC))
    chat.wait_until(datetime(2026, 3, 23, 9, 31, tzinfo=UTC))
    assert chat.screen_of("Amina").count("What did you make of it?") == 1


def test_a_pause_without_an_end_holds_it_back_until_resume(chat: Chat) -> None:
    on_a_course(chat)
    chat.say("Amina", "pause")
    chat.wait(days=40)
    assert "What did you make of it?" not in chat.screen_of("Amina")
    chat.say("Amina", "resume")
    chat.wait(days=4)
    assert chat.screen_of("Amina").count("What did you make of it?") == 1


# ------------------------------------------------------------------------------------------------------- accounting


def test_the_preview_shows_exactly_what_ben_will_see_and_nothing_goes_before(chat: Chat) -> None:
    chat.say("Ben", "hello")
    reflected(chat)
    assert "[Account for it to Ben (learning partner)]" in chat.last("Amina")
    assert "[Account for it to Ola (manager)]" in chat.last("Amina")
    chat.press("Amina", "Account for it to Ben")
    assert "Nothing has been sent yet" in chat.last("Amina")
    previewed = chat.seen("Amina")[-1].message.parts[1:-1]
    assert "Ten real cases" not in chat.screen_of("Ben")
    chat.press("Amina", "Send it to Ben")
    assert chat.seen("Ben")[-1].message.parts[: len(previewed)] == previewed
    assert [part.words for part in previewed if isinstance(part, Quote)] == [
        "Ten real cases", "I write things down too late", "Same day, from Monday",
    ]  # fmt: skip
    assert "Sent to Ben Carter." in chat.last("Amina")
    assert "Ten real cases" not in chat.screen_of("Ola")


def test_each_reading_is_recorded_for_its_owner(chat: Chat) -> None:
    chat.say("Ben", "hello")
    course = reflected(chat)
    assert chat.rows(select(Look)) == []
    chat.press("Amina", "Account for it to Ben")
    chat.press("Amina", "Send it to Ben")
    looks = chat.rows(select(Look))
    assert {(look.owner_id, look.reader_id, look.kind, look.about) for look in looks} == {
        (chat.person("Amina").id, chat.person("Ben").id, "course", course.id)
    }
    assert {look.at for look in looks} == {chat.now}


def test_somebody_who_never_said_hello_gets_it_when_they_do_and_not_before(chat: Chat) -> None:
    reflected(chat)
    chat.press("Amina", "Account for it to Ben")
    chat.press("Amina", "Send it to Ben")
    assert "Ben Carter has not said hello to me yet" in chat.last("Amina")
    assert chat.rows(select(Look)) == []
    chat.say("Ben", "hello")
    assert "Ten real cases" in chat.screen_of("Ben")


def test_taken_back_it_is_gone_from_bens_screen_and_the_next_read_is_refused(chat: Chat) -> None:
    chat.say("Ben", "hello")
    course = reflected(chat)
    chat.press("Amina", "Account for it to Ben")
    chat.press("Amina", "Send it to Ben")
    chat.tap("Ben", "courses.read", course.id)
    assert chat.screen_of("Ben").count("Ten real cases") == 2
    chat.press("Amina", "Take it back from Ben")
    assert "Ben Carter can't read it any more." in chat.last("Amina")
    assert "Ten real cases" not in chat.screen_of("Ben")
    assert "Amina Khan no longer shares this." in chat.screen_of("Ben")
    chat.tap("Ben", "courses.read", course.id)
    assert "can't find that" in chat.last("Ben")
    chat.press("Amina", "Account for it to Ben")
    chat.press("Amina", "Send it to Ben")
    assert "Ten real cases" in chat.last("Ben")


def test_what_was_taken_back_before_it_arrived_never_arrives(chat: Chat) -> None:
    reflected(chat)
    chat.press("Amina", "Account for it to Ben")
    chat.press("Amina", "Send it to Ben")
    chat.press("Amina", "Take it back from Ben")
    chat.say("Ben", "hello")
    assert "Ten real cases" not in chat.screen_of("Ben")
    assert "shares" not in chat.screen_of("Ben")
    assert chat.rows(select(Look)) == []


def test_a_reader_sees_what_is_changed_and_its_owner_is_told_so_first(chat: Chat) -> None:
    chat.say("Ben", "hello")
    reflected(chat)
    chat.press("Amina", "Account for it to Ben")
    chat.press("Amina", "Send it to Ben")
    chat.press("Amina", "Change what I wrote")
    intro = [part.plain() for part in chat.form("Amina").intro if isinstance(part, Text)]
    assert "Ben Carter can read this, and will see what you change." in intro
    chat.submit("Amina", what="Eleven real cases")
    assert "Eleven real cases" in chat.last("Ben")


def test_sending_twice_sends_once(chat: Chat) -> None:
    chat.say("Ben", "hello")
    course = reflected(chat)
    ben = str(chat.person("Ben").id)
    for _ in range(3):
        chat.tap("Amina", "courses.send", course.id, ben)
    assert len(chat.rows(select(Grant))) == 1
    assert chat.screen_of("Ben").count("Ten real cases") == 1


def test_nobody_else_can_be_made_a_reader(chat: Chat) -> None:
    course = reflected(chat)
    for stranger in (str(chat.person("Dan").id), "9999", "x", "9" * 11, "9" * 5000, ""):
        for action in ("courses.preview", "courses.send", "courses.take_back"):
            chat.tap("Amina", action, course.id, stranger)
            assert "can't find that" in chat.last("Amina")
    assert chat.rows(select(Grant)) == []


def test_a_former_partner_cannot_be_sent_anything_new(chat: Chat) -> None:
    course = reflected(chat)
    chat.database.run(lambda session: session.execute(update(Partnership).values(state="ended", current=None)))
    chat.tap("Amina", "courses.send", course.id, str(chat.person("Ben").id))
    assert chat.rows(select(Grant)) == []


def test_not_now_leaves_it_theirs(chat: Chat) -> None:
    reflected(chat)
    chat.press("Amina", "Not now")
    assert "It stays yours." in chat.last("Amina")
    assert chat.rows(select(Grant)) == []


@pytest.mark.parametrize("who", ["Ola", "Ben", "Dan", "Cora"])
def test_nobody_reaches_another_persons_course_by_its_number(chat: Chat, who: str) -> None:
    course = reflected(chat)
    courses = next(one for one in chat.registry.conversations if one.name == "courses")
    for action in courses.actions:
        if action.split(".")[1] not in ("typed", "form", "planned", "list", "add", "overview"):
            chat.tap(who, action, course.id, "back")
            assert "can't find that" in chat.last(who), action
    chat.tap(who, "courses.open", 9999)
    assert "can't find that" in chat.last(who)
    assert "Safeguarding" not in chat.screen_of(who)
    assert answers_of(chat, "Amina")[0] == "Ten real cases"


# ------------------------------------------------------------------------------------------------------ with the team


def in_a_channel(chat: Chat, who: str = "Ola", name: str = "childrens-services") -> None:
    """The team has held a review in its channel, so that the bot knows it."""

    def work(session: object) -> None:
        person = session.scalar(select(Person).where(Person.email == chat.email(who)))  # type: ignore[attr-defined]
        place = KnownPlace(platform="console", tenant="here", conversation=f"channel:{name}", direct=False, title=name)
        session.add(place)  # type: ignore[attr-defined]
        session.flush()  # type: ignore[attr-defined]
        session.add(  # type: ignore[attr-defined]
            Review(team_id=person.team_id, place_id=place.id, opened_by_id=person.id, title="Review", anonymous=True,
                   opened_at=NOW, closes_at=NOW, state="closed")
        )  # fmt: skip

    chat.database.run(work)


def test_the_team_reads_exactly_what_was_approved_in_its_channel(chat: Chat) -> None:
    in_a_channel(chat)
    reflected(chat)
    chat.press("Amina", "Share with my team")
    assert "I write things down too late" in chat.form("Amina").fields[0].value
    hostile = "<!channel> [HR](https://evil) **bold** =HYPERLINK {words}"
    chat.submit("Amina", words=hostile)
    assert "Nothing has been posted yet" in chat.last("Amina")
    previewed = chat.seen("Amina")[-1].message.parts[1:-1]
    assert chat.seen("Amina", in_channel="childrens-services") == []
    chat.press("Amina", "Post it in childrens-services")
    (posted,) = chat.seen("Dan", in_channel="childrens-services")
    assert posted.message.parts == previewed
    assert [part.words for part in posted.message.parts if isinstance(part, Quote)] == [hostile]
    assert "Ten real cases" not in chat.last("Dan", in_channel="childrens-services")
    assert "Shared with your team." in chat.last("Amina")


def test_what_is_posted_follows_its_words_and_can_be_taken_back(chat: Chat) -> None:
    in_a_channel(chat)
    course = reflected(chat)
    chat.press("Amina", "Share with my team")
    chat.submit("Amina", words="Write things down the same day")
    chat.press("Amina", "Post it in")
    chat.tap("Amina", "courses.post", course.id)  # twice posts once
    assert len(chat.seen("Dan", in_channel="childrens-services")) == 1
    chat.press("Amina", "Take it back from my team")
    assert chat.last("Dan", in_channel="childrens-services") == "Amina Khan no longer shares this."
    chat.press("Amina", "Share with my team")
    chat.submit("Amina", words="Once more")
    chat.press("Amina", "Post it in")
    assert "Once more" in chat.screen_of("Dan", in_channel="childrens-services")


def test_without_a_channel_the_words_can_be_posted_by_hand(chat: Chat) -> None:
    reflected(chat)
    chat.press("Amina", "Share with my team")
    chat.submit("Amina", words=" ")
    assert "few words" in chat.problems("Amina")["words"]
    chat.submit("Amina", words="Write things down the same day")
    assert "I don't know a channel of your team's yet" in chat.last("Amina")
    assert "Write things down the same day" in chat.last("Amina")
    chat.press("Amina", "I've posted it")
    assert courses_of(chat, "Amina")[0].shared == "team"
    assert chat.rows(select(Owed).where(Owed.notice == "courses.team")) == []


def test_not_with_the_team_is_fine(chat: Chat) -> None:
    in_a_channel(chat)
    reflected(chat)
    chat.press("Amina", "Share with my team")
    chat.submit("Amina", words="Write things down the same day")
    chat.press("Amina", "Don't post it")
    assert "It stays with you." in chat.last("Amina")
    assert chat.seen("Dan", in_channel="childrens-services") == []
    assert courses_of(chat, "Amina")[0].shared == "no"


def test_what_is_private_is_not_shown_in_a_channel(chat: Chat) -> None:
    chat.say("Amina", "I'm on Safeguarding level 2 next Thursday", in_channel="general")
    assert "Safeguarding" in chat.screen_of("Amina", in_channel="general")
    assert "Safeguarding" not in chat.screen_of("Ben", in_channel="general")
    chat.say("Amina", "my courses", in_channel="general")
    chat.press("Amina", "Open", in_channel="general")
    chat.press("Amina", "Change", in_channel="general")
    chat.submit("Amina", title="Safeguarding level 3")
    assert "Safeguarding" not in chat.screen_of("Ben", in_channel="general")
    assert titles_of(chat, "Amina") == ["Safeguarding level 3"]


# ---------------------------------------------------------------------------------------------------------- my courses


def test_my_courses_are_listed_with_the_days_they_came_to(chat: Chat) -> None:
    chat.say("Amina", "my courses")
    assert "I know of no courses of yours" in chat.last("Amina")
    chat.say("Amina", "I was on First aid on 12 February")
    on_a_course(chat)
    chat.say("Amina", "my courses")
    assert "This year so far: 1 day of off-the-job learning." in chat.last("Amina")
    assert chat.last("Amina").index("Safeguarding level 2") < chat.last("Amina").index("First aid")
    chat.press("Amina", "Open")
    assert "[I'm not going]" in chat.last("Amina")


# ------------------------------------------------------------------------ answers follow the messages they came from


def answered_in_chat(chat: Chat) -> Course:
    """Amina has typed what she made of her course, a message for each question."""
    course = on_a_course(chat)
    chat.wait_until(ASKED)
    for message, words in (("m1", "Ten real cases"), ("m2", "I write things down too late"), ("m3", "Same day")):
        chat.say("Amina", words, message=message)
    assert answers_of(chat, "Amina") == ["Ten real cases", "I write things down too late", "Same day"]
    return course


def test_an_answer_follows_its_message_and_whoever_reads_it_sees_the_change(chat: Chat) -> None:
    chat.say("Ben", "hello")
    answered_in_chat(chat)
    chat.press("Amina", "Account for it to Ben")
    chat.press("Amina", "Send it to Ben")
    chat.edit("Amina", "m2", "I write things down far too late")
    assert answers_of(chat, "Amina") == ["Ten real cases", "I write things down far too late", "Same day"]
    assert "I've changed it in what you wrote about Safeguarding level 2, too." in chat.last("Amina")
    assert "Ben Carter can read it and will see that." in chat.last("Amina")
    assert "far too late" in chat.last("Ben")
    chat.press("Amina", "Show it")
    assert "far too late" in chat.last("Amina")
    chat.delete("Amina", "m2")
    assert answers_of(chat, "Amina") == ["Ten real cases", "", "Same day"]
    assert "too late" not in chat.last("Ben")
    assert chat.edit("Amina", "m2", "and again") == Nothing()


def test_in_the_middle_of_the_questions_an_edit_does_not_lose_the_thread(chat: Chat) -> None:
    on_a_course(chat)
    chat.wait_until(ASKED)
    chat.say("Amina", "Ten real cases", message="m1")
    chat.edit("Amina", "m1", "Twelve real cases")
    assert "So what?" in chat.last("Amina")
    chat.say("Amina", "I write things down too late", message="m2")
    assert answers_of(chat, "Amina") == ["Twelve real cases", "I write things down too late", ""]


def test_what_was_changed_in_the_form_is_not_undone_by_an_edit_of_the_message(chat: Chat) -> None:
    answered_in_chat(chat)
    chat.press("Amina", "Change what I wrote")
    chat.submit("Amina", what="Ten real cases, and two of ours")
    assert chat.edit("Amina", "m1", "Eleven real cases") == Nothing()
    chat.edit("Amina", "m3", "Same day, from Monday")
    assert answers_of(chat, "Amina") == [
        "Ten real cases, and two of ours", "I write things down too late", "Same day, from Monday",
    ]  # fmt: skip


def test_when_every_message_is_deleted_nothing_is_left_of_the_reflection(chat: Chat) -> None:
    answered_in_chat(chat)
    for message in ("m1", "m2", "m3"):
        chat.delete("Amina", message)
    assert chat.rows(select(Reflection)) == []
    assert chat.rows(select(Source)) == []


def test_nobody_changes_an_answer_by_editing_a_message_of_their_own(chat: Chat) -> None:
    answered_in_chat(chat)
    chat.say("Ben", "hello")
    place = Place("console", "here", "dm:amina@example.org", direct=True, message="m1")
    for kind in ("edit", "delete"):
        stranger = Event(f"stranger {kind}", chat.visitor("Ben").account, place, kind, text="not hers")  # type: ignore[arg-type]
        assert chat.event(stranger) == Nothing()
    assert answers_of(chat, "Amina")[0] == "Ten real cases"
