"""Being away: said as to anybody, kept, looked up, taken back; no times are offered then, and what asks waits."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.console import buttons_of
from handlers import CONVERSATIONS
from handlers.permissions import MAY
from handlers.registry import Registry
from storage.models import Away, Course, Draft, Interview, Owed, Reflection, RefusedAttempt
from storage.retention import clean_up
from tests.conftest import NOW, Chat
from tests.slack.test_render import check as slack_would_take
from tests.teams.test_render import valid as teams_would_take

REGISTRY = Registry(CONVERSATIONS, MAY)


def kept(chat: Chat, who: str = "Amina") -> list[tuple[str, str]]:
    person = chat.person(who)
    rows = chat.rows(select(Away).where(Away.person_id == person.id).order_by(Away.starts_at, Away.id))
    return [(one.starts_at.isoformat()[:16], one.ends_at.isoformat()[:16]) for one in rows]


def labels(chat: Chat, who: str = "Amina") -> list[str]:
    return [button.label for button in buttons_of(chat.seen(who)[-1].message)]


def booked(chat: Chat, when: str = "Thursday at 10") -> Interview:
    for who in ("Amina", "Ben"):
        chat.say(who, "hello")
    chat.say("Amina", f"book {when}")
    chat.press("Ben", "Confirm")
    interview = chat.rows(select(Interview).order_by(Interview.id.desc()))[0]
    assert interview.state == "booked"
    return interview


# --------------------------------------------------------------------------------------------------------------- saying


@pytest.mark.parametrize(
    ("said", "begins", "ends", "answer"),
    [
        ("I'm away 3–10 April", "2026-04-02T23:00", "2026-04-10T23:00", "from Fri 3 Apr to Fri 10 Apr"),
        ("on leave next week", "2026-03-09T00:00", "2026-03-16T00:00", "from Mon 9 Mar to Sun 15 Mar"),
        ("off Thursday afternoon", "2026-03-05T12:00", "2026-03-06T00:00", "on Thu 5 Mar from 12:00"),
        ("I won’t be in on Thursday morning", "2026-03-05T00:00", "2026-03-05T12:00", "on Thu 5 Mar until 12:00"),
        ("I'm out Thursday 2-4pm", "2026-03-05T14:00", "2026-03-05T16:00", "on Thu 5 Mar, 14:00–16:00"),
        ("I'm back on the 12th", "2026-03-02T09:00", "2026-03-12T00:00", "until Wed 11 Mar"),
        ("away Thursday 2pm to Friday noon", "2026-03-05T14:00", "2026-03-06T12:00",
         "from Thu 5 Mar, 14:00, to Fri 6 Mar, 12:00"),
        ("annual leave 21 Dec 2026 to 4 Jan 2027", "2026-12-21T00:00", "2027-01-05T00:00",
         "from Mon 21 Dec to Mon 4 Jan 2027"),
        ("leave 6-10 April", "2026-04-05T23:00", "2026-04-10T23:00", "from Mon 6 Apr to Fri 10 Apr"),
        ("I've got Friday off", "2026-03-06T00:00", "2026-03-07T00:00", "on Fri 6 Mar"),
        ("I’m away tommorow.", "2026-03-03T00:00", "2026-03-04T00:00", "on Tue 3 Mar"),
    ],
)  # fmt: skip
def test_it_is_kept_as_it_is_said_and_said_back(chat: Chat, said: str, begins: str, ends: str, answer: str) -> None:
    chat.say("Amina", said)
    assert kept(chat) == [(begins, ends)]
    assert f"I’ll offer no times {answer}, and ask you nothing then." in chat.last("Amina").replace("**", "")
    assert "Undo" in labels(chat)


def test_two_stretches_are_two_and_undo_takes_back_both(chat: Chat) -> None:
    chat.say("Amina", "away 9 to 11 March and 4 May")
    assert len(kept(chat)) == 2
    assert "from Mon 9 Mar to Wed 11 Mar and on Mon 4 May" in chat.last("Amina")
    chat.press("Amina", "Undo")
    assert kept(chat) == []
    assert "Taken back." in chat.last("Amina")


def test_said_twice_it_is_kept_once_and_undone_twice_it_is_gone_once(chat: Chat) -> None:
    chat.say("Amina", "I'm away 3–10 April")
    chat.say("Amina", "on leave 3–10 April")
    assert len(kept(chat)) == 1
    (one,) = chat.rows(select(Away))
    chat.press("Amina", "Undo")
    chat.tap("Amina", "away.undo", value=str(one.id))
    assert "taken back already" in chat.last("Amina")


def test_what_may_mean_two_things_is_asked_back_with_buttons(chat: Chat) -> None:
    chat.say("Amina", "I'm off next Tuesday")
    assert kept(chat) == []
    assert labels(chat) == ["On Tue 3 Mar", "On Tue 10 Mar", "Choose the days"]
    chat.press("Amina", "On Tue 10 Mar")
    assert kept(chat) == [("2026-03-10T00:00", "2026-03-11T00:00")]


def test_a_half_day_asks_which_half(chat: Chat) -> None:
    chat.say("Amina", "half day leave on Friday")
    assert labels(chat) == ["On Fri 6 Mar until 12:00", "On Fri 6 Mar from 12:00", "Choose the days"]
    chat.press("Amina", "On Fri 6 Mar from 12:00")
    assert kept(chat) == [("2026-03-06T12:00", "2026-03-07T00:00")]


@pytest.mark.parametrize("said", ["I'm on leave", "I'm off sick", "I'm on leave from Thursday", "away 1 to 3 Jan 2020"])
def test_days_that_are_missing_are_asked_for_in_a_form(chat: Chat, said: str) -> None:
    chat.say("Amina", said)
    assert kept(chat) == []
    chat.press("Amina", "Choose the days")
    chat.submit("Amina", first="2026-03-05", last="2026-03-04", part="all")
    assert set(chat.problems("Amina")) == {"last"}
    chat.submit("Amina", first="2026-03-05", last="2026-03-09", part="morning")
    assert set(chat.problems("Amina")) == {"part"}
    chat.submit("Amina", first="2026-02-05", last="2026-02-06", part="all")
    assert "over already" in chat.problems("Amina")["last"]
    chat.submit("Amina", first="2026-03-05", last="2026-03-09", part="all")
    assert kept(chat) == [("2026-03-05T00:00", "2026-03-10T00:00")]


def test_the_form_begins_with_the_day_that_was_said(chat: Chat) -> None:
    chat.say("Amina", "I'm on leave from Thursday")
    chat.press("Amina", "Choose the days")
    assert [one.value for one in chat.form("Amina").fields] == ["2026-03-05", "", "all"]
    chat.submit("Amina", first="2026-03-05", last="", part="afternoon")
    assert kept(chat) == [("2026-03-05T12:00", "2026-03-06T00:00")]


def test_a_leave_of_two_years_is_asked_about_once_more(chat: Chat) -> None:
    chat.say("Amina", "I'm away 1 April 2026 to 1 April 2028")
    assert kept(chat) == []
    chat.press("Amina", "From Wed 1 Apr to Sat 1 Apr 2028")
    assert kept(chat) == [("2026-03-31T23:00", "2028-04-01T23:00")]


def test_every_week_is_no_leave_but_ones_hours(chat: Chat) -> None:
    chat.say("Amina", "I don't work Fridays")
    assert kept(chat) == []
    chat.press("Amina", "My hours")
    assert "Mon, Tue, Wed, Thu, Fri" in chat.last("Amina")


def test_words_about_why_are_never_kept(chat: Chat) -> None:
    chat.say("Amina", "I'm away 3–10 April, my mother is having an operation")
    assert kept(chat) == [("2026-04-02T23:00", "2026-04-10T23:00")]
    assert chat.rows(select(Draft)) == []
    assert "mother" not in chat.last("Amina")


@pytest.mark.parametrize(
    "said",
    [
        "away", "off", "I'm off to my first lesson", "Ben is away next week", "leave it", "holiday",
        "back to basics helped on Monday", "out of the blue it worked",
    ],
)  # fmt: skip
def test_ordinary_talk_is_no_leave(said: str) -> None:
    found = REGISTRY.match(said)
    assert found is None or not found[0].action.startswith("away.")


def test_what_only_sounds_like_leave_is_set_aside_and_not_lost(chat: Chat) -> None:
    chat.say("Amina", "I'm away from my desk most of the day and think of the 3 points I learned")
    assert kept(chat) == []
    chat.press("Amina", "Keep it in my diary")
    chat.say("Amina", "diary")
    assert "3 points I learned" in chat.last("Amina")


def test_in_a_channel_nothing_is_kept_and_the_answer_is_private(chat: Chat) -> None:
    chat.say("Amina", "I'm away 3–10 April", in_channel="general")
    assert kept(chat) == []
    assert "direct chat" in chat.last("Amina", in_channel="general")
    assert chat.seen("Ben", in_channel="general") == []


def test_only_what_is_nothing_but_leave_is_taken_out_of_the_answer_to_a_question(chat: Chat) -> None:
    for who in ("Amina", "Dan"):
        chat.say(who, "I'm on Excel on 2 March")
    chat.wait_until(datetime(2026, 3, 4, 10, 0, tzinfo=UTC))
    assert "Excel" in chat.last("Amina")
    assert "Excel" in chat.last("Dan")
    chat.say("Amina", "I'm away 3–10 April")
    assert kept(chat) == [("2026-04-02T23:00", "2026-04-10T23:00")]
    assert chat.rows(select(Reflection)) == []
    chat.say("Dan", "I'm away from the tables more since then, and on Mondays the children lead it")
    assert kept(chat, "Dan") == []
    assert len(chat.rows(select(Reflection))) == 1


# ------------------------------------------------------------------------------------------------ looked up, taken back


@pytest.mark.parametrize(
    ("typed", "button"),
    [
        ("I’m away next week I’m afraid, sorry", "Keep that I’m away from Mon 9 Mar to Sun 15 Mar"),
        ("sorry, I’m on leave 9–13 March, can we do after?", "Keep that I’m away from Mon 9 Mar to Fri 13 Mar"),
    ],
)
def test_leave_that_is_told_in_answer_to_times_is_kept_when_that_is_tapped(chat: Chat, typed: str, button: str) -> None:
    chat.say("Amina", "book an interview")
    chat.say("Amina", typed)
    assert "Not then, understood." in chat.last("Amina")
    assert chat.rows(select(Away)) == []
    chat.press("Amina", button)
    assert [one.starts_at.day for one in chat.rows(select(Away))] == [9]
    assert "I’ll offer no times from Mon 9 Mar" in chat.last("Amina")
    chat.press("Amina", "See other times")
    assert "These times suit you and Ben" in chat.last("Amina")


def test_leave_that_may_be_one_of_two_days_is_not_offered_to_be_kept(chat: Chat) -> None:
    chat.say("Amina", "book an interview")
    chat.say("Amina", "Thursday or Friday I’m away, sorry")
    assert "Keep that" not in chat.last("Amina")


def test_when_am_i_away_lists_what_is_to_come_with_a_way_to_take_each_back(chat: Chat) -> None:
    chat.say("Amina", "when am I away?")
    assert "You haven’t told me that you are away." in chat.last("Amina")
    chat.say("Amina", "I'm away 3–10 April")
    chat.say("Amina", "off Thursday afternoon")
    chat.say("Amina", "when am I away?")
    assert labels(chat)[:2] == ["Not away on Thu 5 Mar from 12:00", "Not away from Fri 3 Apr to Fri 10 Apr"]
    chat.press("Amina", "Not away on Thu 5 Mar from 12:00")
    assert kept(chat) == [("2026-04-02T23:00", "2026-04-10T23:00")]
    chat.press("Amina", "When am I away?")
    assert "5 Mar" not in chat.last("Amina")


def test_nobody_takes_back_anothers_leave_or_learns_of_it(chat: Chat) -> None:
    chat.say("Amina", "I'm away 3–10 April")
    (one,) = chat.rows(select(Away))
    chat.tap("Ben", "away.undo", value=str(one.id))
    assert kept(chat) != []
    assert [attempt.action for attempt in chat.rows(select(RefusedAttempt))] == ["away.undo"]
    chat.say("Ben", "when am I away?")
    assert "You haven’t told me that you are away." in chat.last("Ben")


@pytest.mark.parametrize(
    "value", ["", "x", "20260403T0000", "20260410T0000-20260403T0000", "20261340T0000-20261341T0000"]
)
def test_a_button_that_was_tampered_with_keeps_nothing(chat: Chat, value: str) -> None:
    chat.tap("Amina", "away.keep", value=value)
    assert kept(chat) == []


def test_what_is_over_is_forgotten(chat: Chat) -> None:
    chat.say("Amina", "I'm away tomorrow")
    chat.say("Amina", "I'm away 3–10 April")
    later = NOW + timedelta(days=10)
    assert chat.database.run(lambda session: clean_up(session, chat.policy, later))
    assert kept(chat) == [("2026-04-02T23:00", "2026-04-10T23:00")]


def test_it_is_in_the_account_of_what_is_held_and_goes_with_the_person(chat: Chat) -> None:
    chat.say("Amina", "I'm away 3–10 April")
    chat.say("Amina", "what do you hold about me")
    assert "times when you said you are away: 1" in chat.last("Amina")
    chat.say("Amina", "erase me")
    chat.press("Amina", "Go on to erasing")
    chat.press("Amina", "Erase me for good")
    assert chat.rows(select(Away)) == []


def test_every_message_is_one_that_each_platform_takes(chat: Chat) -> None:
    from bot.slack.render import messages as slack
    from bot.slack.render.limits import Limit
    from bot.teams.render import cards as teams

    for said in ("I'm away 3–10 April", "I'm off next Tuesday", "half day leave on Friday", "I'm on leave",
                 "I don't work Fridays", "when am I away", "my hours"):  # fmt: skip
        chat.say("Amina", said)
        message = chat.seen("Amina")[-1].message
        slack_would_take({"blocks": slack.message(message)["blocks"]}, Limit.MESSAGE_BLOCKS)
        teams_would_take(teams.card(message, direct=True))


# ----------------------------------------------------------------------------------------------- what it does to others


def test_an_interview_that_falls_into_it_is_named_and_can_be_moved(chat: Chat) -> None:
    booked(chat)
    before = len(chat.seen("Ben"))
    chat.say("Amina", "I'm away on Thursday")
    assert "Thu 5 Mar, 10:00 with Ben Carter is booked for then." in chat.last("Amina").replace("**", "")
    assert labels(chat)[:2] == ["Move it", "Keep it"]
    assert len(chat.seen("Ben")) == before  # nobody is told
    chat.press("Amina", "Move it")
    assert "These times suit you and Ben" in chat.last("Amina")
    assert "5 Mar" not in "".join(labels(chat))


def test_it_can_be_kept_all_the_same_and_its_reminders_come(chat: Chat) -> None:
    booked(chat)
    chat.say("Amina", "I'm away Wednesday to Friday")
    chat.press("Amina", "Keep it")
    assert "Booked: Thu 5 Mar, 10:00" in chat.last("Amina")
    chat.wait_until(datetime(2026, 3, 5, 9, 50, tzinfo=UTC))
    assert "In 15 minutes" in chat.screen_of("Amina")


def test_several_interviews_are_each_opened_from_there(chat: Chat) -> None:
    booked(chat)
    chat.say("Amina", "book Friday at 10")
    chat.press("Amina", "Book Fri 6 Mar, 10:00 as well")
    chat.say("Amina", "I'm away Thursday and Friday")
    assert [label for label in labels(chat) if label.startswith("Open")] == [
        "Open Thu 5 Mar, 10:00", "Open Fri 6 Mar, 10:00",
    ]  # fmt: skip
    assert "is suggested for then" in chat.last("Amina")


def test_a_time_that_an_interview_may_move_to_is_named_as_well(chat: Chat) -> None:
    booked(chat)
    chat.say("Amina", "move my interview to Tuesday 10 March at 10")
    chat.say("Amina", "I'm away on Tuesday 10 March")
    assert "Tue 10 Mar, 10:00 with Ben Carter is suggested for then." in chat.last("Amina").replace("**", "")


def test_no_time_is_offered_in_anybodys_leave_and_the_other_never_learns_why(chat: Chat) -> None:
    for who in ("Amina", "Ben"):
        chat.say(who, "hello")
    chat.say("Ben", "I'm away 3 to 13 March")
    chat.say("Amina", "I'm on leave 16 to 20 March")
    chat.say("Amina", "book an interview")
    offered = [chat.last("Amina")]
    for _ in range(4):
        chat.press("Amina", "More times")
        offered.append(chat.last("Amina"))
    assert "Mar" in offered[0]
    for page in offered:
        assert not any(f" {day} Mar" in page for day in range(3, 21)), page
        assert "away" not in page
    chat.say("Amina", "Thursday 5 March at 10")
    assert "Ben isn’t free then." in chat.last("Amina")
    assert "leave" not in chat.last("Amina").lower().replace("leave it", "")


def test_ones_own_leave_can_be_overridden_after_a_question(chat: Chat) -> None:
    for who in ("Amina", "Ben"):
        chat.say(who, "hello")
    chat.say("Amina", "I'm away on Thursday")
    chat.say("Amina", "book Thursday at 10")
    assert chat.rows(select(Interview)) == []
    chat.press("Amina", "Suggest it anyway")
    (interview,) = chat.rows(select(Interview))
    assert interview.starts_at == datetime(2026, 3, 5, 10, 0, tzinfo=UTC)


def test_said_in_answer_to_offered_times_it_leads_to_others(chat: Chat) -> None:
    for who in ("Amina", "Ben"):
        chat.say(who, "hello")
    chat.say("Amina", "book an interview")
    chat.say("Amina", "I'm away until Friday 20 March")
    chat.press("Amina", next(label for label in labels(chat) if "Fri 20 Mar" in label))
    chat.say("Amina", "book an interview")
    assert not any(f" {day} Mar" in chat.last("Amina") for day in range(3, 21))
    chat.say("Amina", "I'm away 23 to 27 March")
    chat.press("Amina", "See other times")
    assert not any(f" {day} Mar" in chat.last("Amina") for day in range(3, 28))
    assert "These times suit you and Ben" in chat.last("Amina")


# ------------------------------------------------------------------------------------------------------ what asks waits


def asked_at(chat: Chat, who: str) -> list[datetime]:
    person = chat.person(who)
    rows = chat.rows(
        select(Owed).where(Owed.to_id == person.id, Owed.notice == "courses.reflect", Owed.sent_at.is_not(None))
    )
    return [one.sent_at.replace(second=0, microsecond=0) for one in rows]


def test_a_reflection_prompt_waits_for_the_first_working_morning_after_leave(chat: Chat) -> None:
    chat.say("Dan", "I'm on First aid on 3 March 2026")
    chat.say("Dan", "I'm away 4 to 8 March")
    chat.wait_until(datetime(2026, 3, 9, 9, 0, tzinfo=UTC))
    assert asked_at(chat, "Dan") == []
    chat.wait_until(datetime(2026, 3, 9, 12, 0, tzinfo=UTC))
    assert asked_at(chat, "Dan") == [datetime(2026, 3, 9, 9, 30, tzinfo=UTC)]
    (course,) = chat.rows(select(Course))
    assert course.asked_at is not None


def test_leave_in_the_afternoon_holds_nothing_back_in_the_morning(chat: Chat) -> None:
    chat.say("Dan", "I'm on First aid on 3 March 2026")
    chat.say("Dan", "off Thursday afternoon")
    chat.wait_until(datetime(2026, 3, 5, 10, 0, tzinfo=UTC))
    assert asked_at(chat, "Dan") == [datetime(2026, 3, 5, 9, 30, tzinfo=UTC)]


def test_leave_that_is_taken_back_holds_nothing_back(chat: Chat) -> None:
    chat.say("Dan", "I'm on First aid on 3 March 2026")
    chat.say("Dan", "I'm away 4 to 20 March")
    chat.press("Dan", "Undo")
    chat.wait_until(datetime(2026, 3, 5, 10, 0, tzinfo=UTC))
    assert asked_at(chat, "Dan") == [datetime(2026, 3, 5, 9, 30, tzinfo=UTC)]


def test_a_reminder_of_the_teams_review_waits_for_the_morning_somebody_is_back(chat: Chat) -> None:
    chat.say("Dan", "hello")
    chat.say("Ola", "review", in_channel="team")
    chat.submit("Ola", names="anonymous")
    chat.say("Dan", "I'm away 6 to 10 March")  # half-time is on Mon 9 March, the last day before it closes Fri 13 March
    chat.wait_until(datetime(2026, 3, 11, 9, 0, tzinfo=UTC))
    assert "half-way" not in chat.screen_of("Dan")
    chat.wait_until(datetime(2026, 3, 11, 12, 0, tzinfo=UTC))
    assert chat.screen_of("Dan").count("half-way") == 1
    chat.wait_until(datetime(2026, 3, 16, 9, 0, tzinfo=UTC))
    assert chat.screen_of("Dan").count("half-way") == 1
