"""What follows a course: passed on, judged in one tap, and what it changed, asked once each and never in a crowd."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.chat import FixAnswers, OpenForm, joined
from bot.policy import Policy
from handlers.courses.impact_words import Changed, unpacked
from handlers.courses.mornings import impact_day
from storage import courses
from storage.models import Away, Course, Impact, Owed, Person, Post
from tests.conftest import KEYRING, NOW, Chat
from tests.handlers.test_course_details import aim
from tests.handlers.test_courses import ASKED, courses_of, on_a_course, reflected

RATED = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)  # the morning after it was written on Monday 16 March
SHORT = datetime(2026, 4, 23, 8, 30, tzinfo=UTC)  # six weeks after Thursday 12 March: half past nine in summer time
LONG = datetime(2026, 9, 14, 8, 30, tzinfo=UTC)  # six months after it is a Saturday: the Monday


def impacts_of(chat: Chat, who: str = "Amina") -> dict[str, Impact]:
    found = chat.rows(select(Impact).where(Impact.owner_id == chat.person(who).id))
    return {impact.term: impact for impact in found}


def said_by(chat: Chat, impact: Impact, who: str = "Amina") -> Changed:
    person = chat.person(who)
    assert impact.answers is not None
    return unpacked(KEYRING.open(person.id, person.key, impact.answers))


def asked(chat: Chat, words: str, who: str = "Amina") -> int:
    return chat.screen_of(who).count(words)


# ------------------------------------------------------------------------------------------------ was it worth it


def test_the_morning_after_it_is_asked_once_whether_it_was_worth_it_with_the_reason(chat: Chat) -> None:
    reflected(chat)
    chat.wait_until(RATED - timedelta(minutes=1))
    assert asked(chat, "worth its time and money?") == 0
    chat.wait_until(RATED)
    last = chat.last("Amina")
    assert "Was Safeguarding level 2 worth its time and money? One tap is enough." in last
    assert "I ask so that money goes where people learn." in last
    for label in ("Say more", "Account for it or share it", "Ask me next week", "I'd rather not say"):
        assert f"[{label}]" in last
    chat.wait(days=20)
    assert asked(chat, "One tap is enough") == 1


def test_one_tap_is_an_answer_and_words_can_follow(chat: Chat) -> None:
    reflected(chat)
    chat.wait_until(RATED)
    chat.choose("Amina", "4")
    assert courses_of(chat, "Amina")[0].worth == 4
    assert "Noted: 4 of 5. Thank you." in chat.last("Amina")
    chat.press("Amina", "Say why")
    chat.submit("Amina", feedback="Good speaker, too few breaks")
    assert "Good speaker" in chat.last("Amina")
    assert "Worth its time and money: 4 of 5." in chat.last("Amina")
    (course,) = courses_of(chat, "Amina")
    assert course.feedback is not None
    assert b"speaker" not in course.feedback


@pytest.mark.parametrize(
    ("typed", "worth", "feedback"),
    [
        ("4", 4, None), ("4/5", 4, None), ("3 out of 5, too long", 3, "too long"), ("5: go there", 5, "go there"),
        ("Too long for what it was", None, "Too long for what it was"),
        ("40 people in one room", None, "40 people in one room"),
    ],
)  # fmt: skip
def test_a_typed_number_or_sentence_is_an_answer(
    chat: Chat, typed: str, worth: int | None, feedback: str | None
) -> None:
    reflected(chat)
    chat.wait_until(RATED)
    chat.say("Amina", typed)
    (course,) = courses_of(chat, "Amina")
    assert course.worth == worth
    amina = chat.person("Amina")
    assert (KEYRING.open(amina.id, amina.key, course.feedback) if course.feedback else None) == feedback
    chat.wait(days=20)
    assert asked(chat, "One tap is enough") == 1


def test_it_can_be_put_off_and_declined(chat: Chat) -> None:
    reflected(chat)
    chat.wait_until(RATED)
    chat.say("Amina", "later")
    assert "I'll ask again on Tue 24 Mar" in chat.last("Amina")
    chat.wait_until(RATED + timedelta(days=7))
    assert asked(chat, "One tap is enough") == 2
    chat.press("Amina", "I'd rather not say")
    assert "I won't ask that again" in chat.last("Amina")
    chat.wait(days=25)
    assert asked(chat, "One tap is enough") == 1  # the earlier one, still in the chat


def test_whoever_said_it_before_is_not_asked(chat: Chat) -> None:
    reflected(chat)
    chat.press("Amina", "Was it worth it?")
    assert isinstance(chat.submit("Amina"), FixAnswers)
    chat.submit("Amina", worth="5")
    chat.wait(days=20)
    assert asked(chat, "One tap is enough") == 0


def test_whoever_had_nothing_to_add_is_asked_nothing_more(chat: Chat) -> None:
    on_a_course(chat)
    chat.wait_until(ASKED)
    chat.press("Amina", "Nothing to add")
    chat.wait_until(LONG + timedelta(days=30))
    assert asked(chat, "One tap is enough") == 0
    assert asked(chat, "What has changed since?") == 0


def test_not_now_is_remembered_and_sharing_is_not_offered_again_with_the_question(chat: Chat) -> None:
    reflected(chat)
    chat.press("Amina", "Not now")
    chat.wait_until(RATED)
    assert "One tap is enough" in chat.last("Amina")
    assert "[Account for it or share it]" not in chat.last("Amina")


# ---------------------------------------------------------------------------------------------------- passing it on


def test_five_minutes_at_a_meeting_are_reminded_of_on_the_working_day_before(chat: Chat) -> None:
    reflected(chat)
    chat.press("Amina", "Five minutes at a meeting")
    assert isinstance(chat.submit("Amina", day="2026-03-01"), FixAnswers)
    chat.submit("Amina", day="2026-03-30")  # a Monday
    assert "Five minutes on Mon 30 Mar. I'll remind you on Fri 27 Mar." in chat.last("Amina")
    assert "You speak of it at a meeting on Mon 30 Mar." in chat.last("Amina")
    chat.wait_until(datetime(2026, 3, 27, 9, 29, tzinfo=UTC))
    assert asked(chat, "You have five minutes") == 0
    chat.wait_until(datetime(2026, 3, 27, 9, 30, tzinfo=UTC))
    assert "You have five minutes on Mon 30 Mar to tell of Safeguarding level 2." in chat.last("Amina")
    assert "Same day, from Monday" in chat.last("Amina")
    chat.wait(days=10)
    assert asked(chat, "You have five minutes") == 1


def test_a_meeting_that_moves_or_is_off_moves_its_reminder(chat: Chat) -> None:
    reflected(chat)
    chat.press("Amina", "Five minutes at a meeting")
    chat.submit("Amina", day="2026-03-26")
    chat.press("Amina", "Another day")
    chat.submit("Amina", day="2026-04-02")  # summer time has begun
    chat.wait_until(datetime(2026, 3, 31, 12, 0, tzinfo=UTC))
    assert asked(chat, "You have five minutes") == 0
    chat.wait_until(datetime(2026, 4, 1, 8, 30, tzinfo=UTC))
    assert asked(chat, "You have five minutes tomorrow") == 1
    chat.press("Amina", "Another day")
    chat.submit("Amina", day="2026-04-16")
    chat.press("Amina", "Not at that meeting")
    assert "off the list" in chat.screen_of("Amina")
    chat.wait(days=30)
    assert asked(chat, "You have five minutes") == 0  # the card stands where the reminder was


def test_on_leave_the_day_before_the_reminder_comes_on_the_day(chat: Chat) -> None:
    reflected(chat)
    chat.say("Amina", "I'm away on 27 March")
    chat.say("Amina", "my courses")
    chat.press("Amina", "Open")
    chat.press("Amina", "Five minutes at a meeting")
    chat.submit("Amina", day="2026-03-30")
    assert "I'll remind you on Mon 30 Mar." in chat.last("Amina")
    chat.wait_until(datetime(2026, 3, 30, 9, 0, tzinfo=UTC))
    assert asked(chat, "You have five minutes today") == 1


def test_a_document_is_noted_for_its_owner_and_posted_nowhere(chat: Chat) -> None:
    reflected(chat)
    chat.press("Amina", "A document or a link")
    assert isinstance(chat.submit("Amina", document=" "), FixAnswers)
    chat.submit("Amina", document="https://sharepoint.example/notes <!channel>")
    assert "You wrote it up: https://sharepoint.example/notes <!channel>" in chat.last("Amina")
    (course,) = courses_of(chat, "Amina")
    assert (course.shared, chat.rows(select(Owed).where(Owed.notice == "courses.team"))) == ("document", [])
    assert course.document is not None
    assert b"sharepoint" not in course.document


# --------------------------------------------------------------------------------------------- when impact is asked


def a_course(ended: date, made: datetime = NOW) -> Course:
    return Course(owner_id=1, title=b"", starts_on=ended, ends_on=ended, made_at=made)


@pytest.mark.parametrize(
    ("ended", "short", "long"),
    [
        (date(2026, 3, 12), date(2026, 4, 23), date(2026, 9, 12)),
        (date(2026, 8, 31), date(2026, 10, 12), date(2027, 2, 28)),  # no 31 February
        (date(2027, 8, 31), date(2027, 10, 12), date(2028, 2, 29)),
        (date(2026, 1, 5), date(2026, 3, 9), date(2026, 7, 5)),  # told of on 2 March, long after: not at once
    ],
)
def test_impact_is_due_six_weeks_and_six_months_after_the_end(
    policy: Policy, ended: date, short: date, long: date
) -> None:
    course = a_course(ended)
    assert (impact_day(policy, course, "short"), impact_day(policy, course, "long")) == (short, long)


def test_what_changed_is_asked_once_after_each_time_at_half_past_nine_on_the_persons_clock(chat: Chat) -> None:
    target = aim(chat, "Amina", "Write case notes the same day")
    course = reflected(chat)
    chat.database.run(
        lambda session: session.execute(update(Course).where(Course.id == course.id).values(target_id=target.id))
    )
    chat.wait_until(SHORT - timedelta(minutes=1))
    assert asked(chat, "What has changed since?") == 0
    chat.wait_until(SHORT)
    last = chat.last("Amina")
    assert "Safeguarding level 2 was 6 weeks ago (Thu 12 Mar 2026). What has changed since?" in last
    assert "It was for your target:\n> Write case notes the same day" in last
    assert "Then you wrote under What next?\n> Same day, from Monday" in last
    assert "I ask because what a course is good for shows only afterwards." in last
    chat.press("Amina", "Say what changed")
    chat.submit("Amina", changed=joined(["skills", "climate"]), words="We all write them the same day now")
    assert "After 6 weeks something had changed: Skills, knowledge and understanding; How the organisation works" in (
        chat.last("Amina")
    )
    chat.wait_until(LONG - timedelta(minutes=1))
    assert asked(chat, "What has changed since?") == 0  # the answer stands in its place
    chat.wait_until(LONG)
    assert "Safeguarding level 2 was 6 months ago" in chat.last("Amina")
    assert "After 6 weeks something had changed" in chat.last("Amina")
    assert "We all write them the same day now" in chat.last("Amina")
    chat.wait(days=60)
    assert asked(chat, "What has changed since?") == 1
    impact = impacts_of(chat)["short"]
    assert impact.answers is not None
    assert b"same day" not in impact.answers
    assert said_by(chat, impact) == Changed(("skills", "climate"), "We all write them the same day now")


def test_the_form_wants_one_answer_at_least_and_knows_only_the_policys_criteria(chat: Chat) -> None:
    reflected(chat)
    chat.wait_until(SHORT)
    chat.press("Amina", "Say what changed")
    assert isinstance(chat.submit("Amina", changed="pay"), FixAnswers)
    assert "Choose at least one" in chat.problems("Amina")["changed"]
    chat.submit("Amina", changed="confidence", words="")
    assert said_by(chat, impacts_of(chat)["short"]) == Changed(("confidence",), "")


def test_it_can_be_typed_and_added_to(chat: Chat) -> None:
    reflected(chat)
    chat.wait_until(SHORT)
    chat.say("Amina", "I write my notes the same day")
    assert "Kept. Thank you." in chat.last("Amina")
    chat.press("Amina", "Change it")
    assert {one.name: one.value for one in chat.form("Amina").fields}["words"] == "I write my notes the same day"
    chat.submit("Amina", changed="skills")
    assert said_by(chat, impacts_of(chat)["short"]) == Changed(("skills",), "I write my notes the same day")
    chat.say("Amina", "my courses")
    chat.press("Amina", "Open")
    assert "After 6 weeks something had changed: Skills" in chat.last("Amina")


@pytest.mark.parametrize("how", ["press", "say"])
def test_nothing_yet_is_an_answer_and_the_later_question_still_comes(chat: Chat, how: str) -> None:
    reflected(chat)
    chat.wait_until(SHORT)
    if how == "press":
        chat.press("Amina", "Nothing yet")
    else:
        chat.say("Amina", "nothing")
    assert "you saw no change yet" in chat.last("Amina")
    chat.wait_until(LONG)
    assert "6 months ago" in chat.last("Amina")


def test_it_can_be_put_off_by_a_week(chat: Chat) -> None:
    reflected(chat)
    chat.wait_until(SHORT)
    chat.press("Amina", "Ask me next week")
    assert "I'll ask again on Thu 30 Apr" in chat.last("Amina")
    chat.wait_until(SHORT + timedelta(days=6))
    assert asked(chat, "What has changed since?") == 0
    chat.wait_until(SHORT + timedelta(days=7))
    assert asked(chat, "What has changed since?") == 1


def test_declined_it_is_asked_neither_now_nor_later_and_can_still_be_said(chat: Chat) -> None:
    course = reflected(chat)
    chat.wait_until(SHORT)
    chat.press("Amina", "Don't ask about this one")
    assert "That is fine." in chat.last("Amina")
    chat.wait_until(LONG + timedelta(days=60))
    assert asked(chat, "What has changed since?") == 0
    reply = chat.tap("Amina", "courses.impact_start", course.id)
    assert isinstance(reply, OpenForm)
    chat.submit("Amina", words="After all: quite a lot")
    assert said_by(chat, impacts_of(chat)["long"]).words == "After all: quite a lot"


def test_leave_and_holidays_wait_for_a_working_morning(chat: Chat) -> None:
    reflected(chat)
    chat.say("Amina", "I'm away 20 April to 1 May")
    chat.wait_until(datetime(2026, 5, 5, 8, 29, tzinfo=UTC))  # Monday 4 May is a bank holiday
    assert asked(chat, "What has changed since?") == 0
    chat.wait_until(datetime(2026, 5, 5, 8, 30, tzinfo=UTC))
    assert asked(chat, "What has changed since?") == 1


def test_two_questions_never_come_on_one_morning(chat: Chat) -> None:
    for name in ("First aid", "Phonics", "Excel"):
        chat.say("Amina", f"course: {name}, 12 March")
    chat.wait_until(ASKED)
    for course in courses_of(chat, "Amina"):
        chat.tap("Amina", "courses.write", course.id)
        chat.submit("Amina", what="Much")
    chat.wait_until(LONG + timedelta(days=20))
    sent = chat.rows(select(Owed).where(Owed.notice.in_(("courses.rate", "courses.impact")), Owed.changes.is_(None)))
    mornings = [row.sent_at.date() for row in sent if row.sent_at is not None]
    assert len(mornings) == 9  # three courses: worth it, after six weeks, after six months
    assert len(set(mornings)) == 9


def test_home_leads_back_to_what_was_asked(chat: Chat) -> None:
    course = reflected(chat)
    chat.wait_until(SHORT)
    amina = chat.person("Amina").id
    open_now = chat.database.run(lambda session: courses.asked_what_changed(session, amina))
    assert [one.id for _, one in open_now] == [course.id]
    chat.say("Amina", "home")
    assert "Still open: what has changed since a course." in chat.last("Amina")
    chat.press("Amina", "Open")
    assert "What has changed since?" in chat.last("Amina")
    chat.press("Amina", "Nothing yet")
    assert chat.database.run(lambda session: courses.asked_what_changed(session, amina)) == []


def test_what_is_still_to_be_written_about_is_known(chat: Chat) -> None:
    on_a_course(chat)
    amina = chat.person("Amina").id

    def to_write(day: date) -> int:
        return len(chat.database.run(lambda session: courses.to_reflect_on(session, amina, day)))

    assert to_write(date(2026, 3, 12)) == 0
    assert to_write(date(2026, 3, 13)) == 1
    chat.wait_until(ASKED)
    chat.say("Amina", "Ten real cases")
    assert to_write(date(2026, 3, 17)) == 1
    chat.say("Amina", "skip")
    chat.say("Amina", "skip")
    assert to_write(date(2026, 3, 17)) == 0


# -------------------------------------------------------------------------------------- cancelled, moved, put back


def test_nothing_of_the_chain_is_asked_about_a_course_that_is_off(chat: Chat) -> None:
    course = reflected(chat)
    chat.press("Amina", "Five minutes at a meeting")
    chat.submit("Amina", day="2026-04-15")
    chat.wait_until(SHORT - timedelta(days=10))  # both questions are on their way by now
    chat.tap("Amina", "courses.missed", course.id)
    before = chat.screen_of("Amina")
    chat.wait_until(LONG + timedelta(days=90))
    assert "What has changed since?" not in chat.screen_of("Amina")
    assert chat.screen_of("Amina").count("You have five minutes") == before.count("You have five minutes")


def test_put_back_it_is_asked_about_again(chat: Chat) -> None:
    course = reflected(chat)
    chat.wait_until(SHORT)
    chat.tap("Amina", "courses.missed", course.id)
    assert "What has changed since?" not in chat.screen_of("Amina")
    assert impacts_of(chat)["short"].state == "waiting"
    chat.tap("Amina", "courses.restore", course.id)
    chat.wait(days=4)
    assert asked(chat, "What has changed since?") == 1
    chat.wait_until(LONG)
    assert asked(chat, "6 months ago") == 1


def test_what_follows_a_course_moves_with_it_across_the_change_of_clocks(chat: Chat) -> None:
    reflected(chat)
    chat.press("Amina", "Was it worth it?")
    chat.submit("Amina", worth="3")
    chat.wait_until(SHORT - timedelta(days=3))
    course = courses_of(chat, "Amina")[0]
    chat.tap("Amina", "courses.change", course.id)
    chat.submit("Amina", first="2026-09-16")  # six weeks after it, the clocks have gone back
    chat.wait_until(datetime(2026, 10, 28, 9, 29, tzinfo=UTC))
    assert asked(chat, "What has changed since?") == 0
    chat.wait_until(datetime(2026, 10, 28, 9, 30, tzinfo=UTC))
    assert "was 6 weeks ago (Wed 16 Sep 2026)" in chat.last("Amina")


def test_a_pause_without_an_end_holds_everything_back_until_resume(chat: Chat) -> None:
    reflected(chat)
    chat.say("Amina", "pause")
    chat.wait_until(SHORT + timedelta(days=7))
    assert asked(chat, "One tap is enough") == 0
    assert asked(chat, "What has changed since?") == 0
    chat.say("Amina", "resume")
    chat.wait(days=5)
    assert asked(chat, "What has changed since?") == 1


def test_whoever_has_left_is_asked_nothing(chat: Chat) -> None:
    reflected(chat)
    amina = chat.person("Amina").id
    chat.database.run(
        lambda session: session.execute(update(Person).where(Person.id == amina).values(left_at=chat.now))
    )
    chat.wait_until(SHORT + timedelta(days=20))
    assert asked(chat, "What has changed since?") == 0
    assert chat.rows(select(Away)) == []


# --------------------------------------------------------------------------------------- what else can be done with it


def test_somebody_named_can_be_let_in_from_the_card(chat: Chat) -> None:
    reflected(chat)
    reply = chat.press("Amina", "Let somebody read it")
    assert isinstance(reply, OpenForm)
    assert reply.form.name == "sharing.shared"


def test_whoever_holds_a_post_can_count_it_as_evidence(chat: Chat) -> None:
    reflected(chat)
    assert "[Evidence for …]" not in chat.last("Amina")
    amina = chat.person("Amina").id

    def hold_a_post(session: Session) -> None:
        post = Post(name="Teacher")
        session.add(post)
        session.flush()
        session.get_one(Person, amina).post_id = post.id

    chat.database.run(hold_a_post)
    chat.say("Amina", "my courses")
    chat.press("Amina", "Open")
    assert "[Evidence for …]" in chat.last("Amina")


# ----------------------------------------------------------------------------------------------------------- privacy


@pytest.mark.parametrize("who", ["Ola", "Ben", "Cora"])
def test_nobody_reaches_what_anothers_course_changed(chat: Chat, who: str) -> None:
    reflected(chat)
    chat.wait_until(SHORT)
    chat.say("Amina", "I write my notes the same day")
    impact = impacts_of(chat)["short"]
    for action in ("open", "write", "written", "say", "none", "later", "decline"):
        chat.tap(who, f"courses.impact_{action}", impact.id)
        assert "can't find that" in chat.last(who)
    assert "the same day" not in chat.screen_of(who)
    assert impacts_of(chat)["short"].state == "written"
