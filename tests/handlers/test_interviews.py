"""Learning interviews: a partner, a time, a yes, a reminder, did you meet, and three of three."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from bot.chat import Account, Event, Form, Link, Replace, Reply
from bot.console import NAME, TENANT, buttons_of, direct_chat
from bot.policy import load
from handlers import calendar_files
from handlers.interviews import rules
from handlers.meetings.times import stamp
from handlers.meetings.year import window_for
from storage import interviews, people
from storage.models import (
    Held,
    Interview,
    InterviewNote,
    KnownAccount,
    Look,
    Owed,
    Partnership,
    Person,
    RefusedAttempt,
)
from tests.conftest import KEYRING, Chat, at_once

THURSDAY = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)  # the Thursday after the Monday on which everything begins


def everything(chat: Chat) -> list[Interview]:
    return chat.rows(select(Interview).order_by(Interview.id))


def only(chat: Chat) -> Interview:
    found = everything(chat)
    assert len(found) == 1
    return found[0]


def hello(chat: Chat, *names: str) -> None:
    for name in names:
        chat.say(name, "hello")


def booked(chat: Chat, when: str = "Thursday at 10") -> Interview:
    """Amina and Ben have an interview booked."""
    hello(chat, "Amina", "Ben")
    chat.say("Amina", f"book {when}")
    chat.press("Ben", "Confirm")
    return only(chat)


def became_partners(chat: Chat, learner: str, partner: str) -> None:
    chat.say(learner, f"partner {chat.person(partner).name}")
    hello(chat, partner)
    chat.press(partner, "Accept")


def change(chat: Chat, who: str, **values: Any) -> None:
    person = chat.person(who)
    chat.database.run(lambda session: session.execute(update(Person).where(Person.id == person.id).values(**values)))


# ------------------------------------------------------------------------------------------------------------ partners


@pytest.mark.parametrize(
    "typed",
    [
        "partner Farid Gill",
        "Farid is my learning partner",
        "I'd like Farid as my learning partner",
        "I’d like Farid Gill to be my partner, please",
        "my learning partner is farid",
        "partner: farid@example.org",
        "ask Farid to be my partner",
        "nominate Farid Gill",
    ],
)
def test_a_partner_is_asked_in_ones_own_words(chat: Chat, typed: str) -> None:
    hello(chat, "Farid")
    chat.say("Dan", typed)
    assert "I’ve asked Farid Gill to be your learning partner" in chat.last("Dan")
    assert "Dan Evans would like you as learning partner" in chat.last("Farid")
    assert "[Accept]" in chat.last("Farid")


def test_a_partner_accepts_and_the_learner_can_book_at_once(chat: Chat) -> None:
    became_partners(chat, "Dan", "Farid")
    assert "You are Dan Evans’s learning partner" in chat.last("Farid")
    assert "Farid Gill is now your learning partner" in chat.last("Dan")
    chat.press("Dan", "Choose a time")
    assert "These times suit you and Farid" in chat.last("Dan")


def test_a_partner_declines_and_somebody_else_is_asked(chat: Chat) -> None:
    hello(chat, "Farid", "Grace")
    chat.say("Dan", "partner Farid")
    chat.press("Farid", "Decline")
    assert "declined" in chat.last("Farid")
    assert "can’t be your learning partner just now" in chat.last("Dan")
    chat.press("Dan", "Choose a partner")
    chat.submit("Dan", partner="Grace Hall")
    assert "Dan Evans would like you" in chat.last("Grace")


def test_partner_alone_opens_a_form_and_an_unknown_name_is_explained_there(chat: Chat) -> None:
    chat.say("Dan", "partner")
    chat.submit("Dan", partner="Zebedee")
    assert "nobody called “Zebedee”" in chat.problems("Dan")["partner"]
    assert chat.form("Dan").fields[0].value == "Zebedee"
    chat.submit("Dan", partner="dan evans")
    assert "somebody else" in chat.problems("Dan")["partner"]
    chat.submit("Dan", partner="Grace")
    assert "I’ve asked Grace Hall" in chat.last("Dan")
    assert "hasn’t said hello to me yet" in chat.last("Dan")


def test_an_unknown_name_that_was_typed_is_not_lost(chat: Chat) -> None:
    chat.say("Dan", "partner work went well")
    assert "nobody called" in chat.last("Dan")
    chat.press("Dan", "Keep it")
    assert "partner work went well" in chat.last("Dan")
    assert chat.rows(select(Partnership).where(Partnership.learner_id == chat.person("Dan").id)) == []


def test_two_people_of_that_name_are_told_apart_by_a_button(chat: Chat) -> None:
    change(chat, "Grace", name="Farid Hall")
    hello(chat, "Farid", "Grace")
    chat.say("Dan", "partner farid")
    assert "Whom do you mean?" in chat.last("Dan")
    chat.press("Dan", "Farid Hall")
    assert "would like you as learning partner" in chat.last("Grace")
    assert "would like you" not in chat.screen_of("Farid")


def test_asking_anew_replaces_a_request_that_was_not_answered(chat: Chat) -> None:
    hello(chat, "Farid", "Grace")
    chat.say("Dan", "partner Farid")
    chat.say("Dan", "partner Farid")  # the same again asks nobody twice
    assert chat.screen_of("Farid").count("would like you") == 1
    chat.say("Dan", "partner Grace")
    assert "other arrangements" in chat.last("Farid")
    request = chat.rows(select(Partnership).where(Partnership.partner_id == chat.person("Farid").id))[0]
    chat.tap("Farid", "interviews.accept", request.id)  # a button of an old message
    chat.press("Grace", "Accept")
    dan = chat.person("Dan")
    partner = chat.database.run(lambda session: people.partner_of(session, dan.id))
    assert partner is not None
    assert partner.name == "Grace Hall"


def test_a_request_can_be_taken_back(chat: Chat) -> None:
    hello(chat, "Farid")
    chat.say("Dan", "partner Farid")
    chat.press("Dan", "Take it back")
    assert "no longer asking Farid" in chat.last("Dan")
    assert "[Accept]" not in chat.last("Farid")


def test_until_a_new_partner_accepts_the_old_one_stays_and_then_is_thanked(chat: Chat) -> None:
    interview = booked(chat)
    hello(chat, "Chloe")
    chat.say("Amina", "partner Chloe")
    assert "Ben stays your partner" in chat.last("Amina")
    chat.press("Chloe", "Accept")
    assert "Chloe Dunn is now your learning partner" in chat.last("Amina")
    assert "What you arranged with Ben Carter stands" in chat.last("Amina")
    assert "another learning partner from now on" in chat.last("Ben")
    assert "stands unless" in chat.last("Ben")
    assert only(chat).state == "booked"
    chat.tap("Ben", "interviews.offer", chat.person("Amina").id)  # no longer Ben's to arrange
    assert "can't find that" in chat.last("Ben")
    chat.tap("Ben", "interviews.move", interview.id)  # but what is booked still is
    assert "These times suit you and Amina" in chat.last("Ben")


def test_nobody_answers_a_request_that_was_put_to_somebody_else(chat: Chat) -> None:
    hello(chat, "Farid", "Grace")
    chat.say("Dan", "partner Farid")
    request = chat.rows(select(Partnership).where(Partnership.asking.is_not(None)))[0]
    chat.tap("Grace", "interviews.accept", request.id)
    chat.tap("Grace", "interviews.withdraw", request.id)
    chat.tap("Grace", "interviews.accept", 9999)
    assert len(chat.rows(select(RefusedAttempt))) == 3
    assert chat.rows(select(Partnership).where(Partnership.asking.is_not(None)))[0].state == "asked"


# ------------------------------------------------------------------------------------------------------------- booking


def test_a_typed_time_is_suggested_and_shown_as_it_was_understood(chat: Chat) -> None:
    hello(chat, "Ben")
    chat.say("Amina", "book Ben on Thursday at 10")
    assert "Thu 5 Mar, 10:00–10:45 with Ben Carter, for your learning interview" in chat.last("Amina")
    assert "I’ve asked Ben to confirm it" in chat.last("Amina")
    assert "Amina Khan suggests Thu 5 Mar, 10:00–10:45 for Amina’s learning interview" in chat.last("Ben")
    assert only(chat).state == "proposed"
    chat.press("Ben", "Confirm")
    assert "Booked: Thu 5 Mar, 10:00–10:45 with Amina Khan" in chat.last("Ben")
    assert "Booked: Thu 5 Mar, 10:00–10:45 with Ben Carter" in chat.screen_of("Amina")
    assert "Ben said yes" in chat.last("Amina")
    assert "waiting" not in chat.screen_of("Amina")
    assert only(chat).state == "booked"


@pytest.mark.parametrize(
    ("typed", "starts"),
    [
        ("book Thursday at 10", THURSDAY),
        ("book an interview with Ben Carter on Thursday at 10", THURSDAY),
        ("please book an interview about coaching on Thursday at 10", THURSDAY),
        ("Book Ben Carter Thu 5 March 10am", THURSDAY),
        ("book with Ben on the 5th at 10", THURSDAY),
        ("can you book a slot with Ben, Thursday at 10 please", THURSDAY),
    ],
)
def test_a_booking_is_typed_in_ones_own_words(chat: Chat, typed: str, starts: datetime) -> None:
    chat.say("Amina", typed)
    assert only(chat).starts_at == starts


@pytest.mark.parametrize(
    "prose",
    [
        "book club was good today",
        "Book 3 of the series was great",
        "the book on leadership was hard going",
        "booking the hall took all morning",
        "book review",
        "our interview panel went well",
        "partnership with Itchen college agreed",
        "moving to Friday went well",
    ],
)
def test_prose_is_never_taken_for_a_booking(chat: Chat, prose: str) -> None:
    chat.say("Amina", prose)
    assert everything(chat) == []
    assert "[Keep it in my diary]" in chat.last("Amina")


def test_next_tuesday_on_a_monday_can_mean_two_days_and_is_asked_back(chat: Chat) -> None:
    chat.say("Amina", "book Ben next Tuesday at half two")
    assert everything(chat) == []
    assert "Which do you mean?" in chat.last("Amina")
    assert "[Tue 3 Mar, 14:30]" in chat.last("Amina")
    chat.press("Amina", "Tue 10 Mar, 14:30")
    assert only(chat).starts_at == datetime(2026, 3, 10, 14, 30, tzinfo=UTC)


def test_a_day_without_a_time_is_answered_with_times_on_that_day(chat: Chat) -> None:
    chat.say("Amina", "book Ben on Thursday")
    assert everything(chat) == []
    times = [b.label for b in buttons_of(chat.seen("Amina")[-1].message) if b.action == "interviews.take"]
    assert times
    assert all(label.startswith("Thu 5 Mar, ") for label in times)
    chat.press("Amina", times[0])
    assert only(chat).state == "proposed"


def test_two_times_are_two_choices(chat: Chat) -> None:
    chat.say("Amina", "book Thursday or Friday at 2")
    assert "Which do you mean?" in chat.last("Amina")
    assert "[Thu 5 Mar, 14:00]" in chat.last("Amina")
    assert "[Fri 6 Mar, 14:00]" in chat.last("Amina")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("book Thursday at 6pm", "outside your working hours, 09:00 to 17:00"),
        ("book Saturday at 11am", "isn’t a working day of yours"),
        ("book today at 4pm", "too soon"),
        ("book 3 April at 11am", "Good Friday"),
        ("book 31 February at 10am", "isn’t in the calendar"),
    ],
)
def test_a_time_that_cannot_be_is_explained_and_others_are_offered(chat: Chat, typed: str, why: str) -> None:
    chat.say("Amina", typed)
    assert everything(chat) == []
    assert why in chat.last("Amina")
    assert re.search(r"\[\w{3} \d+ \w{3}, \d\d:\d\d\]", chat.last("Amina"))
    assert "[Type another]" in chat.last("Amina")


def test_times_are_offered_with_more_of_them_and_another_of_ones_own(chat: Chat) -> None:
    hello(chat, "Ben")
    chat.say("Amina", "book an interview")
    first = [b.value for b in buttons_of(chat.seen("Amina")[-1].message) if b.action == "interviews.take"]
    assert len(first) == 5
    chat.press("Amina", "More times")
    second = [b.value for b in buttons_of(chat.seen("Amina")[-1].message) if b.action == "interviews.take"]
    assert second
    assert not set(first) & set(second)
    chat.press("Amina", "Type another")
    chat.submit("Amina", when="whenever you like")
    assert "can’t find a time" in chat.problems("Amina")["when"]
    chat.submit("Amina", when="Thursday at 10")
    assert only(chat).starts_at == THURSDAY


def test_every_time_that_is_offered_can_be_typed_instead(chat: Chat) -> None:
    change(chat, "Amina", hours="09:00-15:00, wed 09:00-12:30", lunch="12:30-13:15")
    change(chat, "Ben", zone="Europe/Berlin", working_days="2345")
    hello(chat, "Ben")
    chat.say("Amina", "book an interview")
    labels = [b.label for b in buttons_of(chat.seen("Amina")[-1].message) if b.action == "interviews.take"]
    chat.press("Amina", "More times")
    labels += [b.label for b in buttons_of(chat.seen("Amina")[-1].message) if b.action == "interviews.take"]
    assert len(set(labels)) == 10
    for label in labels:
        chat.say("Amina", f"book {label}")
        assert label in chat.last("Amina")
        assert "I’ve asked Ben to confirm it" in chat.last("Amina")
        chat.press("Amina", "Take it back")


@pytest.mark.parametrize(
    ("who", "values", "typed", "why"),
    [
        ("Amina", {"lunch": "12:30-13:15"}, "Thursday at 12", "That is over your lunch, 12:30 to 13:15"),
        ("Ben", {"lunch": "12:30-13:15"}, "Thursday at 1pm", "That is over Ben’s lunch, 12:30 to 13:15"),
        ("Ben", {"hours": "thu 09:00-12:00"}, "Thursday at 2pm", "outside Ben’s working hours, 09:00 to 12:00"),
        ("Ben", {"hours": "10:00-16:00"}, "Thursday at 9am", "outside Ben’s working hours, 10:00 to 16:00"),
        ("Ben", {"working_days": "124"}, "Wednesday at 11am", "Wed 4 Mar isn’t a working day for Ben"),
        ("Amina", {"leaves_on": date(2026, 3, 4)}, "Thursday at 10", "That is after your last day"),
        ("Ben", {"leaves_on": date(2026, 3, 4)}, "Thursday at 10", "That is after Ben’s last day"),
    ],
)
def test_part_time_lunch_and_leaving_are_explained(
    chat: Chat, who: str, values: dict[str, Any], typed: str, why: str
) -> None:
    change(chat, who, **values)
    chat.say("Amina", f"book {typed}")
    assert everything(chat) == []
    assert why.lower() in chat.last("Amina").lower()
    assert re.search(r"\[\w{3} \d+ \w{3}, \d\d:\d\d\]", chat.last("Amina"))


def test_what_either_of_the_two_has_promised_already_is_not_booked_again(chat: Chat) -> None:
    became_partners(chat, "Dan", "Ben")
    chat.say("Dan", "book Thursday at 10")
    chat.say("Amina", "book Thursday at 10:30")
    assert "Ben isn’t free then" in chat.last("Amina")
    chat.say("Ben", "book Amina Thursday at 9:30")
    assert "You have something else then" in chat.last("Ben")
    assert len(everything(chat)) == 1


def test_the_window_that_is_due_is_offered_before_the_weeks_after_it(chat: Chat) -> None:
    chat.now = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)  # the window closes on 31 March; six weeks are looked through
    chat.say("Amina", "book an interview")
    times = [b.label for b in buttons_of(chat.seen("Amina")[-1].message) if b.action == "interviews.take"]
    assert len(times) == 5
    assert all("Mar" in label for label in times)


def test_the_next_interview_leaves_time_to_act_on_the_last(chat: Chat) -> None:
    booked(chat)
    chat.wait_until(datetime(2026, 3, 5, 11, 0, tzinfo=UTC))
    chat.say("Amina", "book an interview")
    values = [b.value for b in buttons_of(chat.seen("Amina")[-1].message) if b.action == "interviews.take"]
    assert len(values) == 5
    assert min(values) >= "20260319T1045"


def test_an_offer_is_answered_by_typing_a_time(chat: Chat) -> None:
    chat.say("Amina", "book an interview")
    chat.say("Amina", "Thursday at 10")
    assert only(chat).starts_at == THURSDAY


def test_an_answer_without_a_time_in_it_is_not_lost(chat: Chat) -> None:
    chat.say("Amina", "book an interview")
    chat.say("Amina", "the visit to Bitterne was eye-opening")
    assert "can’t find a time in this" in chat.last("Amina")
    chat.press("Amina", "Keep it")
    assert "eye-opening" in chat.last("Amina")


def test_tapping_twice_changes_nothing(chat: Chat) -> None:
    hello(chat, "Ben")
    amina = chat.person("Amina").id
    button = stamp(THURSDAY, THURSDAY + timedelta(minutes=45))
    for _ in range(2):
        chat.tap("Amina", "interviews.take", amina, button)
        assert "I’ve asked Ben to confirm it" in chat.last("Amina")
    interview = only(chat)
    assert chat.screen_of("Ben").count("suggests") == 1
    for _ in range(2):
        chat.tap("Ben", "interviews.confirm", interview.id, "0")
    assert only(chat).state == "booked"
    assert len(chat.rows(select(Owed).where(Owed.notice == "interviews.soon"))) == 2


def test_one_of_two_confirmations_at_once_counts(chat: Chat) -> None:
    hello(chat, "Amina", "Ben")
    chat.say("Amina", "book Thursday at 10")
    interview = only(chat)
    at_once(*[lambda n=n: tapped(chat, "Ben", "interviews.confirm", interview.id, "0", n) for n in range(4)])
    assert only(chat).version == 1
    assert len(chat.rows(select(Owed).where(Owed.notice == "interviews.confirmed"))) == 1


def test_the_one_who_suggested_cannot_confirm_for_the_other(chat: Chat) -> None:
    hello(chat, "Ben")
    chat.say("Amina", "book Thursday at 10")
    chat.tap("Amina", "interviews.confirm", only(chat).id, "0")
    assert only(chat).state == "proposed"


def test_a_suggestion_can_be_taken_back_before_the_yes(chat: Chat) -> None:
    hello(chat, "Ben")
    chat.say("Amina", "book Thursday at 10")
    chat.press("Amina", "Take it back")
    assert "Cancelled: Thu 5 Mar" in chat.last("Amina")
    assert "Amina cancelled it" in chat.last("Ben")
    chat.tap("Ben", "interviews.confirm", only(chat).id, "0")
    assert only(chat).state == "cancelled"
    assert chat.rows(select(Held)) == []


def test_the_other_suggests_another_time_and_then_the_first_confirms(chat: Chat) -> None:
    hello(chat, "Amina", "Ben")
    chat.say("Amina", "book Thursday at 10")
    chat.say("Ben", "Friday at 11")  # typed in answer to the card
    assert "Fri 6 Mar, 11:00–11:45 with Amina Khan" in chat.last("Ben")
    assert "Ben Carter suggests Fri 6 Mar, 11:00–11:45 for your learning interview" in chat.last("Amina")
    chat.tap("Ben", "interviews.confirm", only(chat).id, str(only(chat).version))
    assert only(chat).state == "proposed"
    chat.press("Amina", "Confirm")
    assert only(chat).state == "booked"
    assert only(chat).starts_at == datetime(2026, 3, 6, 11, 0, tzinfo=UTC)
    assert "Thu 5 Mar" not in chat.screen_of("Ben")


def test_a_yes_to_what_has_changed_meanwhile_is_not_taken_for_a_yes(chat: Chat) -> None:
    hello(chat, "Amina", "Ben")
    chat.say("Amina", "book Thursday at 10")
    interview = only(chat)
    chat.press("Amina", "Another time")
    chat.say("Amina", "Friday at 11")
    chat.tap("Ben", "interviews.confirm", interview.id, "0")  # the card as it was before
    assert only(chat).state == "proposed"
    chat.press("Ben", "Confirm")
    assert only(chat).state == "booked"


@pytest.mark.parametrize("yes", ["yes", "Yes please!", "ok, thanks", "that works", "Sounds good"])
def test_a_suggestion_is_confirmed_by_typing_yes(chat: Chat, yes: str) -> None:
    hello(chat, "Ben")
    chat.say("Amina", "book Thursday at 10")
    chat.say("Ben", yes)
    assert only(chat).state == "booked"


def test_no_is_answered_with_other_times(chat: Chat) -> None:
    hello(chat, "Ben")
    chat.say("Amina", "book Thursday at 10")
    chat.say("Ben", "sorry, I can't")
    assert "Would another time suit?" in chat.last("Ben")
    assert "[Decline]" in chat.last("Ben")
    assert only(chat).state == "proposed"


def test_declining_tells_the_other_who_and_why(chat: Chat) -> None:
    hello(chat, "Ben")
    chat.say("Amina", "book Thursday at 10")
    chat.press("Ben", "Decline")
    chat.submit("Ben", reason="Inspectors in all week")
    assert "Cancelled: Thu 5 Mar, 10:00–10:45 with Ben Carter" in chat.last("Amina")
    assert "Ben cancelled it" in chat.last("Amina")
    assert "Inspectors in all week" in chat.last("Amina")
    chat.press("Amina", "Choose a new time")
    assert "These times suit" in chat.last("Amina")


def test_the_partner_books_for_the_learner_too(chat: Chat) -> None:
    hello(chat, "Amina")
    chat.say("Ben", "book Amina Thursday at 10")
    assert "for Amina’s learning interview" in chat.last("Ben")
    assert "Ben Carter suggests Thu 5 Mar" in chat.last("Amina")
    interview = only(chat)
    assert interview.learner_id == chat.person("Amina").id


def test_somebody_who_is_no_partner_yet_can_be_asked(chat: Chat) -> None:
    chat.say("Amina", "book Farid on Thursday at 10")
    assert "aren’t learning partners yet" in chat.last("Amina")
    assert everything(chat) == []
    chat.press("Amina", "Ask Farid")
    assert "I’ve asked Farid Gill" in chat.last("Amina")


def test_without_a_partner_booking_begins_with_one(chat: Chat) -> None:
    chat.say("Dan", "book next Thursday at 2")
    assert "no learning partner yet" in chat.last("Dan")
    assert "[Choose a partner]" in chat.last("Dan")


def test_a_second_time_in_one_window_is_asked_about(chat: Chat) -> None:
    booked(chat)
    chat.say("Amina", "book Friday at 11")
    assert "Thu 5 Mar, 10:00–10:45 is booked already" in chat.last("Amina")
    chat.press("Amina", "Book Fri 6 Mar, 11:00 as well")
    assert [one.state for one in everything(chat)] == ["booked", "proposed"]


def test_a_suggestion_nobody_answered_lapses_when_its_time_comes(chat: Chat) -> None:
    hello(chat, "Amina", "Ben")
    chat.say("Amina", "book Thursday at 10")
    chat.wait_until(THURSDAY + timedelta(minutes=1))
    assert only(chat).state == "cancelled"
    assert "wasn’t confirmed in time" in chat.last("Amina")
    assert "[Confirm]" not in chat.last("Ben")


# -------------------------------------------------------------------------------------------------------------- moving


def test_a_move_is_suggested_and_the_booked_time_stands_until_the_yes(chat: Chat) -> None:
    booked(chat)
    chat.say("Amina", "move my interview to Friday 10am")
    assert "You suggested moving your learning interview to Fri 6 Mar, 10:00–10:45" in chat.last("Amina")
    assert "Until you say yes, Thu 5 Mar, 10:00–10:45 stands" in chat.last("Ben")
    assert only(chat).starts_at == THURSDAY
    chat.press("Ben", "Confirm")
    moved = only(chat)
    assert (moved.state, moved.starts_at, moved.sequence) == ("booked", THURSDAY + timedelta(days=1), 1)
    assert "Booked: Fri 6 Mar, 10:00–10:45" in chat.last("Ben")
    assert "Booked: Thu" not in chat.screen_of("Amina")
    assert {held.quarter.date() for held in chat.rows(select(Held))} == {date(2026, 3, 6)}


def test_can_we_do_another_day_instead(chat: Chat) -> None:
    booked(chat)
    chat.say("Ben", "can we do Friday at 11 instead?")
    assert "Ben Carter suggests moving your learning interview to Fri 6 Mar, 11:00" in chat.last("Amina")


def test_an_hour_without_a_day_may_mean_the_day_of_the_interview(chat: Chat) -> None:
    booked(chat)
    chat.say("Amina", "move my interview to 11am")
    assert "[Thu 5 Mar, 11:00]" in chat.last("Amina")
    assert only(chat).to_starts_at is None


def test_a_move_that_does_not_suit_changes_nothing(chat: Chat) -> None:
    booked(chat)
    chat.say("Amina", "move my interview to Friday 10am")
    chat.press("Ben", "Keep Thu 5 Mar")
    assert "Ben would rather keep Thu 5 Mar" in chat.last("Amina")
    assert "Booked: Thu 5 Mar, 10:00–10:45" in chat.last("Ben")
    assert only(chat).to_starts_at is None
    assert {held.quarter.date() for held in chat.rows(select(Held))} == {date(2026, 3, 5)}


def test_the_mover_can_think_better_of_it(chat: Chat) -> None:
    booked(chat)
    chat.say("Amina", "move my interview to Friday 10am")
    chat.press("Amina", "Keep Thu 5 Mar")
    assert "Booked: Thu 5 Mar, 10:00–10:45" in chat.last("Amina")
    assert "[Confirm]" not in chat.screen_of("Ben")


def test_a_move_by_a_quarter_of_an_hour_is_no_clash_with_itself(chat: Chat) -> None:
    booked(chat)
    chat.say("Amina", "move my interview to Thursday 10:15")
    chat.press("Ben", "Confirm")
    assert only(chat).starts_at == THURSDAY + timedelta(minutes=15)
    assert len(chat.rows(select(Held))) == 6


def test_when_several_stand_it_is_asked_which(chat: Chat) -> None:
    booked(chat)
    chat.say("Amina", "book 10 June at 11am")
    chat.say("Amina", "move my interview to 12 June at 2pm")
    assert "Which shall I move to Fri 12 Jun, 14:00?" in chat.last("Amina")
    chat.press("Amina", "Wed 10 Jun, 11:00 with Ben")
    assert everything(chat)[1].starts_at == datetime(2026, 6, 12, 13, 0, tzinfo=UTC)
    chat.say("Amina", "cancel my interview")
    assert "Which shall I cancel?" in chat.last("Amina")
    chat.press("Amina", "Thu 5 Mar, 10:00")
    chat.submit("Amina")
    assert [one.state for one in everything(chat)] == ["cancelled", "proposed"]


def test_cancelling_asks_first_and_says_who_did_it(chat: Chat) -> None:
    booked(chat)
    chat.say("Amina", "cancel my interview")
    assert isinstance(chat.form("Amina"), Form)
    assert only(chat).state == "booked"
    chat.submit("Amina", reason="My son is ill")
    assert "You cancelled it" in chat.last("Amina")
    assert "Amina cancelled it" in chat.last("Ben")
    assert "My son is ill" in chat.last("Ben")
    assert len(chat.rows(select(Look).where(Look.reader_id == chat.person("Ben").id))) >= 1
    assert chat.rows(select(Held)) == []


# ----------------------------------------------------------------------------------------------------------- reminders


def test_both_are_reminded_the_day_before_and_a_quarter_of_an_hour_before(chat: Chat) -> None:
    booked(chat)
    chat.wait_until(datetime(2026, 3, 4, 9, 29, tzinfo=UTC))
    assert "Tomorrow" not in chat.screen_of("Amina") + chat.screen_of("Ben")
    chat.wait_until(datetime(2026, 3, 4, 9, 30, tzinfo=UTC))
    for who, other in (("Amina", "Ben Carter"), ("Ben", "Amina Khan")):
        assert f"Tomorrow: {other}, Thu 5 Mar, 10:00–10:45" in chat.last(who)
    chat.wait_until(datetime(2026, 3, 5, 9, 45, tzinfo=UTC))
    for who in ("Amina", "Ben"):
        assert "In 15 minutes" in chat.last(who)


def test_reminders_follow_a_move(chat: Chat) -> None:
    booked(chat)
    chat.say("Amina", "move my interview to Tuesday 10 March at 2pm")
    chat.press("Ben", "Confirm")
    chat.wait_until(datetime(2026, 3, 9, 9, 29, tzinfo=UTC))
    assert "Tomorrow" not in chat.screen_of("Amina")
    assert "In 15 minutes" not in chat.screen_of("Amina")
    chat.wait_until(datetime(2026, 3, 9, 9, 31, tzinfo=UTC))
    assert chat.screen_of("Amina").count("Tomorrow: Ben Carter, Tue 10 Mar, 14:00–14:45") == 1
    assert "Booked: " not in chat.screen_of("Amina")  # the reminder has the card's buttons now
    chat.wait_until(datetime(2026, 3, 10, 13, 50, tzinfo=UTC))
    assert "Tomorrow" not in chat.screen_of("Amina")
    assert chat.screen_of("Amina").count("In 15 minutes: Ben Carter, Tue 10 Mar") == 1


def test_a_move_that_is_not_confirmed_leaves_the_reminders_where_they_were(chat: Chat) -> None:
    booked(chat)
    chat.say("Amina", "move my interview to Tuesday 10 March at 2pm")
    chat.wait_until(datetime(2026, 3, 4, 9, 30, tzinfo=UTC))
    assert "Tomorrow: Ben Carter, Thu 5 Mar" in chat.last("Amina")


def test_no_reminder_survives_a_cancel(chat: Chat) -> None:
    booked(chat)
    chat.wait_until(datetime(2026, 3, 4, 9, 30, tzinfo=UTC))
    chat.say("Ben", "cancel my interview")
    chat.submit("Ben")
    assert "Tomorrow" not in chat.screen_of("Amina")  # the one that was sent says what became of it
    chat.wait_until(datetime(2026, 3, 13, 9, 0, tzinfo=UTC))
    for who in ("Amina", "Ben"):
        assert "In 15 minutes" not in chat.screen_of(who)
        assert "Did you meet" not in chat.screen_of(who)


def test_the_reminder_for_a_monday_comes_on_friday_and_the_clocks_change_between(chat: Chat) -> None:
    interview = booked(chat, "30 March 2026 at 10am")
    assert interview.starts_at == datetime(2026, 3, 30, 9, 0, tzinfo=UTC)  # summer time
    chat.wait_until(datetime(2026, 3, 27, 9, 29, tzinfo=UTC))
    assert "Coming up: " not in chat.screen_of("Amina")
    chat.wait_until(datetime(2026, 3, 27, 9, 30, tzinfo=UTC))  # still winter time
    assert "Coming up: Ben Carter, Mon 30 Mar, 10:00–10:45" in chat.last("Amina")
    chat.wait_until(datetime(2026, 3, 30, 8, 45, tzinfo=UTC))
    assert "In 15 minutes: Ben Carter, Mon 30 Mar, 10:00–10:45" in chat.last("Amina")


def test_who_works_on_sundays_is_reminded_on_the_sunday_the_clocks_change(chat: Chat) -> None:
    change(chat, "Amina", working_days="1234567")
    booked(chat, "30 March 2026 at 10am")
    chat.wait_until(datetime(2026, 3, 29, 8, 29, tzinfo=UTC))
    assert "Tomorrow" not in chat.screen_of("Amina")
    chat.wait_until(datetime(2026, 3, 29, 8, 30, tzinfo=UTC))  # 09:30 in summer time
    assert "Tomorrow: Ben Carter, Mon 30 Mar, 10:00–10:45" in chat.last("Amina")


def test_who_paused_is_not_reminded_and_the_other_is(chat: Chat) -> None:
    booked(chat)
    change(chat, "Ben", paused_until=date(2026, 3, 9))
    chat.wait_until(datetime(2026, 3, 4, 9, 50, tzinfo=UTC))
    assert "Tomorrow" in chat.screen_of("Amina")
    assert "Tomorrow" not in chat.screen_of("Ben")
    chat.wait_until(datetime(2026, 3, 5, 9, 50, tzinfo=UTC))
    assert "In 15 minutes" in chat.screen_of("Amina")
    assert "In 15 minutes" not in chat.screen_of("Ben")


def test_a_partner_in_new_york_sees_new_york_times(chat: Chat) -> None:
    change(chat, "Ben", zone="America/New_York")
    hello(chat, "Amina", "Ben")
    chat.say("Amina", "book Thursday at 10")
    assert everything(chat) == []
    assert "outside Ben’s working hours" in chat.last("Amina")
    assert "it would be 05:00 there" in chat.last("Amina")
    chat.say("Amina", "Thursday at 3pm")
    assert "Thu 5 Mar, 15:00–15:45" in chat.last("Amina")
    assert "For Ben that is Thu 5 Mar, 10:00–10:45" in chat.last("Amina")
    assert "Amina Khan suggests Thu 5 Mar, 10:00–10:45" in chat.last("Ben")
    chat.press("Ben", "Confirm")
    chat.wait_until(datetime(2026, 3, 4, 14, 29, tzinfo=UTC))
    assert "Tomorrow" in chat.screen_of("Amina")
    assert "Tomorrow" not in chat.screen_of("Ben")
    chat.wait_until(datetime(2026, 3, 4, 14, 30, tzinfo=UTC))  # 09:30 in New York
    assert "Tomorrow: Amina Khan, Thu 5 Mar, 10:00–10:45" in chat.last("Ben")


# ---------------------------------------------------------------------------------------------------------- afterwards


def ended(chat: Chat) -> Interview:
    """Amina and Ben had an interview, half an hour ago."""
    interview = booked(chat)
    chat.wait_until(interview.ends_at + timedelta(minutes=30))
    return only(chat)


def test_both_are_asked_whether_they_met_and_two_yes_count(chat: Chat) -> None:
    ended(chat)
    for who in ("Amina", "Ben"):
        assert "Did you meet" in chat.last(who)
    chat.press("Amina", "Yes, we met")
    assert "I count it as soon as Ben says so" in chat.last("Amina")
    assert only(chat).state == "booked"
    chat.press("Ben", "Yes")
    assert "That was Amina’s interview 1 of 3" in chat.last("Ben")
    assert "That was interview 1 of 3" in chat.last("Amina")
    assert only(chat).state == "met"
    assert "1/3" in chat.open_home("Amina")


def test_met_can_be_typed(chat: Chat) -> None:
    ended(chat)
    chat.say("Amina", "yes we did")
    chat.say("Ben", "yes")
    assert only(chat).state == "met"


def test_one_yes_is_enough_after_three_working_days(chat: Chat) -> None:
    ended(chat)
    chat.press("Amina", "Yes")
    chat.wait_until(datetime(2026, 3, 10, 9, 29, tzinfo=UTC))
    assert only(chat).state == "booked"
    chat.wait_until(datetime(2026, 3, 10, 9, 30, tzinfo=UTC))
    assert only(chat).state == "met"
    assert "interview 1 of 3" in chat.last("Amina")


def test_no_offers_new_times_and_counts_nothing(chat: Chat) -> None:
    ended(chat)
    chat.press("Amina", "No")
    assert "Would another time suit?" in chat.last("Amina")
    chat.press("Ben", "No")
    assert only(chat).state == "missed"
    chat.say("Amina", "Tuesday 10 March at 2pm")
    assert [one.state for one in everything(chat)] == ["missed", "proposed"]


def test_when_the_two_differ_both_are_asked_once_more(chat: Chat) -> None:
    ended(chat)
    chat.press("Amina", "Yes")
    chat.press("Ben", "No")
    for who in ("Amina", "Ben"):
        assert "remember" in chat.last(who)
        assert "differently" in chat.last(who)
    chat.press("Amina", "Yes")
    chat.press("Ben", "No")
    assert only(chat).state == "missed"
    assert chat.screen_of("Amina").count("differently") == 0  # not asked a third time; the question has gone
    chat.tap("Ben", "interviews.met", only(chat).id, "yes")  # put right afterwards
    assert only(chat).state == "met"


def test_an_answer_after_the_three_days_is_enough_by_itself(chat: Chat) -> None:
    ended(chat)
    chat.wait_until(datetime(2026, 3, 12, 10, 0, tzinfo=UTC))
    assert only(chat).state == "booked"  # nobody has said anything: nothing is assumed
    chat.press("Ben", "Yes")
    assert only(chat).state == "met"
    assert "interview 1 of 3" in chat.screen_of("Amina")


def test_we_moved_it_asks_to_when(chat: Chat) -> None:
    ended(chat)
    chat.press("Amina", "We moved it")
    assert "To when did you move it?" in chat.last("Amina")
    chat.say("Amina", "Tuesday 10 March at 2pm")
    chat.press("Ben", "Confirm")
    moved = only(chat)
    assert (moved.state, moved.starts_at) == ("booked", datetime(2026, 3, 10, 14, 0, tzinfo=UTC))
    chat.wait_until(datetime(2026, 3, 10, 15, 15, tzinfo=UTC))
    assert "Did you meet" in chat.last("Ben")
    chat.press("Amina", "Yes")
    chat.press("Ben", "Yes")
    assert only(chat).state == "met"


def test_the_question_can_be_put_off(chat: Chat) -> None:
    ended(chat)
    chat.press("Amina", "Ask me later")
    assert "I’ll ask again on Fri 6 Mar" in chat.last("Amina")
    chat.wait_until(datetime(2026, 3, 6, 9, 30, tzinfo=UTC))
    assert "Did you meet Ben?" in chat.last("Amina")


def test_a_note_is_typed_or_filled_in_and_both_see_it(chat: Chat) -> None:
    interview = ended(chat)
    chat.press("Amina", "Yes")
    chat.say("Amina", "Try the waiting game with year 8")
    assert "Noted, for you both" in chat.last("Amina")
    chat.press("Ben", "Yes")
    assert "Try the waiting game with year 8" in chat.last("Ben")
    assert len(chat.rows(select(Look).where(Look.reader_id == chat.person("Ben").id))) >= 1
    chat.press("Ben", "Add a note")
    chat.submit("Ben", words="   ")
    assert "few words" in chat.problems("Ben")["words"]
    chat.submit("Ben", words="Come and watch in May")
    assert "Come and watch in May" in chat.screen_of("Amina")
    assert len(chat.rows(select(InterviewNote))) == 2
    chat.tap("Chloe", "interviews.note", interview.id)
    chat.tap("Chloe", "interviews.open", interview.id)
    assert "waiting game" not in chat.screen_of("Chloe")
    amina = chat.person("Amina")
    note = chat.rows(select(InterviewNote).where(InterviewNote.author_id == amina.id))[0]
    assert KEYRING.open(amina.id, amina.key, note.words) == "Try the waiting game with year 8"


def test_no_note_is_fine(chat: Chat) -> None:
    ended(chat)
    chat.press("Amina", "Yes")
    chat.press("Amina", "No note")
    assert "Would you like to note" not in chat.last("Amina")
    chat.press("Ben", "Yes")
    assert "Would you like to note" not in chat.last("Amina")  # and is not asked again
    assert "Still open" not in chat.open_home("Amina")
    chat.say("Amina", "something quite different")
    assert "not sure" in chat.last("Amina")
    assert "something quite different" not in chat.screen_of("Ben")


def test_the_note_of_somebody_erased_is_gone_and_the_card_stands(chat: Chat) -> None:
    interview = ended(chat)
    chat.press("Ben", "Yes")
    chat.say("Ben", "A private thought of Ben")
    change(chat, "Ben", key=None)
    chat.tap("Amina", "interviews.open", interview.id)
    assert "Did you meet" in chat.last("Amina")
    chat.press("Amina", "Yes")
    assert "A private thought" not in chat.last("Amina")


# -------------------------------------------------------------------------------------------------------------- nudges


def test_a_nudge_comes_on_the_first_working_morning_of_the_window(chat: Chat) -> None:
    hello(chat, "Amina")
    chat.wait_until(datetime(2026, 5, 20, 9, 0, tzinfo=UTC))
    before = len(chat.seen("Amina"))
    chat.wait_until(datetime(2026, 6, 1, 8, 29, tzinfo=UTC))
    assert len(chat.seen("Amina")) == before
    chat.wait_until(datetime(2026, 6, 1, 8, 30, tzinfo=UTC))  # Monday, 09:30 in summer time
    assert "third learning interview of the year" in chat.last("Amina")
    assert "find a time with Ben" in chat.last("Amina")
    chat.wait_until(datetime(2026, 6, 30, 9, 0, tzinfo=UTC))
    assert len(chat.seen("Amina")) == before + 1


def test_an_interview_arranged_in_its_window_needs_no_nudge(chat: Chat) -> None:
    booked(chat)
    chat.wait_until(datetime(2026, 3, 31, 12, 0, tzinfo=UTC))
    assert "learning interview of the year" not in chat.screen_of("Amina")


def test_a_nudge_waits_for_a_working_day_and_for_whoever_paused(chat: Chat) -> None:
    hello(chat, "Amina", "Chloe", "Dan")
    change(chat, "Amina", working_days="345")
    change(chat, "Chloe", paused_until=date(2026, 6, 10))
    chat.wait_until(datetime(2026, 6, 2, 12, 0, tzinfo=UTC))
    assert "third learning interview" in chat.last("Dan")
    assert "third learning interview" not in chat.screen_of("Amina")
    chat.wait_until(datetime(2026, 6, 3, 12, 0, tzinfo=UTC))
    assert "third learning interview" in chat.last("Amina")
    assert "third learning interview" not in chat.screen_of("Chloe")
    chat.wait_until(datetime(2026, 6, 10, 12, 0, tzinfo=UTC))
    assert "third learning interview" in chat.last("Chloe")


def test_a_pause_that_begins_after_the_nudge_was_owed_still_holds_it_back(chat: Chat) -> None:
    hello(chat, "Amina")
    chat.wait_until(datetime(2026, 5, 25, 12, 0, tzinfo=UTC))
    change(chat, "Amina", paused_until=date(2026, 6, 8))
    chat.wait_until(datetime(2026, 6, 7, 12, 0, tzinfo=UTC))
    assert "third" not in chat.screen_of("Amina")
    chat.wait_until(datetime(2026, 6, 8, 12, 0, tzinfo=UTC))
    assert chat.screen_of("Amina").count("third learning interview") == 1


def test_nobody_is_nudged_who_has_not_joined_or_has_left_or_has_booked(chat: Chat) -> None:
    booked(chat, "10 June at 11am")
    hello(chat, "Dan", "Eve")
    change(chat, "Eve", left_at=chat.now)
    chat.wait_until(datetime(2026, 6, 5, 12, 0, tzinfo=UTC))
    assert "third learning interview" in chat.screen_of("Dan")
    assert chat.screen_of("Amina").count("learning interview of the year") == 1  # that of March, still open
    assert "learning interview of the year" not in chat.screen_of("Eve")
    assert chat.seen("Grace") == []


def test_whoever_joins_in_the_middle_of_a_window_is_asked_the_next_morning(chat: Chat) -> None:
    chat.wait_until(datetime(2026, 3, 11, 14, 0, tzinfo=UTC))
    hello(chat, "Amina")
    chat.wait_until(datetime(2026, 3, 12, 9, 29, tzinfo=UTC))
    assert "second learning interview" not in chat.screen_of("Amina")
    chat.wait_until(datetime(2026, 3, 12, 9, 30, tzinfo=UTC))
    assert "second learning interview of the year" in chat.last("Amina")


def nudged(chat: Chat, who: str = "Amina") -> None:
    hello(chat, who)
    chat.wait_until(datetime(2026, 3, 3, 9, 30, tzinfo=UTC))
    assert "second learning interview" in chat.last(who)


def test_a_nudge_is_put_off_a_week(chat: Chat) -> None:
    nudged(chat)
    chat.press("Amina", "Not now")
    assert "I’ll ask you again on Tue 10 Mar" in chat.last("Amina")
    chat.wait_until(datetime(2026, 3, 10, 9, 30, tzinfo=UTC))
    assert chat.screen_of("Amina").count("second learning interview") == 1
    assert "second learning interview" in chat.last("Amina")


def test_a_nudge_is_put_off_until_a_day_of_ones_own(chat: Chat) -> None:
    nudged(chat)
    chat.press("Amina", "Not now")
    chat.press("Amina", "Another day")
    chat.submit("Amina", day="2026-03-01")
    assert "after today" in chat.problems("Amina")["day"]
    chat.submit("Amina", day="2026-03-20")
    assert "Fri 20 Mar" in chat.last("Amina")
    chat.wait_until(datetime(2026, 3, 20, 9, 29, tzinfo=UTC))
    assert "second learning interview" not in chat.screen_of("Amina")
    chat.wait_until(datetime(2026, 3, 20, 9, 30, tzinfo=UTC))
    assert "second learning interview" in chat.last("Amina")


def test_a_nudge_is_answered_by_typing(chat: Chat) -> None:
    nudged(chat)
    hello(chat, "Ben")
    chat.say("Amina", "Thursday at 10")
    assert only(chat).starts_at == THURSDAY


def test_a_nudge_answered_with_not_now_is_put_off(chat: Chat) -> None:
    nudged(chat)
    chat.say("Amina", "not now")
    assert "I’ll ask you again on Tue 10 Mar" in chat.last("Amina")


def test_a_nudge_without_a_partner_asks_for_one(chat: Chat) -> None:
    nudged(chat, "Dan")
    assert "choose a learning partner" in chat.last("Dan")
    chat.press("Dan", "Choose a partner")
    chat.submit("Dan", partner="Farid")
    assert "I’ve asked Farid Gill" in chat.last("Dan")


# ------------------------------------------------------------------------------------------------------------ the year


def test_a_learning_year_from_nought_to_three_of_three(chat: Chat) -> None:
    chat.now = datetime(2026, 9, 7, 8, 0, tzinfo=UTC)
    hello(chat, "Amina", "Ben")
    for number, opens in enumerate((date(2026, 10, 1), date(2027, 2, 1), date(2027, 6, 1)), 1):
        chat.wait_until(datetime.combine(opens, time(10), UTC))
        assert f"{('first', 'second', 'third')[number - 1]} learning interview of the year" in chat.last("Amina")
        chat.press("Amina", "Choose a time")
        slot = next(b.label for b in buttons_of(chat.seen("Amina")[-1].message) if b.action == "interviews.take")
        chat.press("Amina", slot)
        chat.press("Ben", "Confirm")
        interview = everything(chat)[-1]
        assert interview.window == number
        chat.wait_until(interview.ends_at + timedelta(minutes=45))
        chat.press("Amina", "Yes")
        chat.press("Ben", "Yes")
        assert f"That was interview {number} of 3" in chat.last("Amina")
    assert "3/3" in chat.open_home("Amina")
    chat.say("Amina", "book 5 July 2027 at 11am")
    chat.press("Ben", "Confirm")
    chat.wait_until(datetime(2027, 7, 5, 12, 0, tzinfo=UTC))
    chat.press("Ben", "Yes")
    chat.press("Amina", "Yes")
    assert "interview 4, more than the 3" in chat.last("Amina")


@pytest.mark.parametrize(
    "said", ["I can't make it", "Sorry, I won't be able to make our meeting any more.", "we cannot make it"]
)
def test_who_cannot_make_it_moves_or_cancels(chat: Chat, said: str) -> None:
    hello(chat, "Amina", "Ben")
    chat.say("Amina", said)
    assert "You have no interview booked." in chat.last("Amina")
    chat.say("Amina", "book Thursday at 10")
    chat.press("Ben", "Confirm")
    chat.say("Amina", said)
    assert "Thu 5 Mar, 10:00 with Ben Carter" in chat.last("Amina")
    chat.press("Amina", "Cancel it")
    chat.submit("Amina")
    assert only(chat).state == "cancelled"


@pytest.mark.parametrize(
    "said", ["when is my next interview?", "next interview", "When do I meet Ben?", "when's our next session"]
)
def test_when_the_next_interview_is_can_be_asked_in_any_words(chat: Chat, said: str) -> None:
    hello(chat, "Amina", "Ben")
    chat.say("Amina", "book Thursday at 10")
    chat.say("Amina", said)
    assert "Thu 5 Mar, 10:00 with Ben Carter (not confirmed yet)" in chat.last("Amina")


def test_cancel_and_move_need_no_more_words_than_that(chat: Chat) -> None:
    hello(chat, "Amina", "Ben")
    chat.say("Amina", "book Thursday at 10")
    chat.press("Ben", "Confirm")
    chat.say("Amina", "can we move it?")
    assert "These times suit you and Ben" in chat.last("Amina")
    chat.say("Amina", "cancel")
    chat.submit("Amina")
    assert only(chat).state == "cancelled"


def test_cancel_in_answer_to_times_means_not_now(chat: Chat) -> None:
    hello(chat, "Amina", "Ben")
    chat.say("Amina", "book")
    chat.say("Amina", "cancel, please")
    assert "I’ll ask you again on Mon 9 Mar" in chat.last("Amina")
    assert everything(chat) == []


# --------------------------------------------------------------------------------------------------------------- races


def tapped(chat: Chat, who: str, action: str, about: int, value: str, number: int) -> Reply:
    event = Event(
        f"race/{who}/{number}", Account(NAME, TENANT, chat.email(who)), direct_chat(chat.email(who)),
        "tap", action, about, value,
    )  # fmt: skip
    return chat.dispatcher.handle(event, chat.now).reply


def test_of_many_learners_racing_for_one_hour_of_a_partner_one_gets_it(chat: Chat) -> None:
    learners = ["Amina", "Chloe", "Dan", "Eve", "Farid", "Grace"]
    hello(chat, "Ben", *learners)
    for learner in learners[1:]:
        chat.say(learner, "partner Ben Carter")
        chat.press("Ben", "Accept")
    start = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
    ids = {who: chat.person(who).id for who in learners}

    def take(who: str, minutes: int) -> Callable[[], Reply]:
        starts_at = start + timedelta(minutes=minutes)
        button = stamp(starts_at, starts_at + timedelta(minutes=45))
        return lambda: tapped(chat, who, "interviews.take", ids[who], button, minutes)

    replies = at_once(*[take(who, n * 5) for n, who in enumerate(learners)])
    assert all(isinstance(reply, Replace) or reply for reply in replies)
    assert len(everything(chat)) == 1
    said = [str(reply) for reply in replies]
    assert sum("I’ve asked" in one for one in said) == 1
    assert sum("That time has just gone" in one and "interviews.take" in one for one in said) == len(learners) - 1


def test_two_taps_at_once_by_one_person_make_one_interview(chat: Chat) -> None:
    hello(chat, "Amina", "Ben")
    amina = chat.person("Amina").id
    button = stamp(THURSDAY, THURSDAY + timedelta(minutes=45))
    replies = at_once(*[lambda n=n: tapped(chat, "Amina", "interviews.take", amina, button, n) for n in range(4)])
    assert len(everything(chat)) == 1
    said = [str(reply) for reply in replies]
    assert all("I’ve asked" in one for one in said), said


def test_a_confirmation_and_a_cancellation_at_once_end_in_one_of_the_two(chat: Chat) -> None:
    hello(chat, "Amina", "Ben")
    chat.say("Amina", "book Thursday at 10")
    interview = only(chat)
    at_once(
        lambda: tapped(chat, "Ben", "interviews.confirm", interview.id, "0", 1),
        lambda: tapped(chat, "Amina", "interviews.undo", interview.id, "0", 2),
    )
    state, held = only(chat).state, chat.rows(select(Held))
    assert (state == "booked" and held) or (state == "cancelled" and not held)
    reminders = chat.rows(select(Owed).where(Owed.notice == "interviews.soon", Owed.state == "due"))
    assert len(reminders) == (2 if state == "booked" else 0)


# --------------------------------------------------------------------------------------------------------- permissions


def test_what_is_not_theirs_nobody_finds(chat: Chat) -> None:
    interview = booked(chat)
    amina = chat.person("Amina").id
    about_an_interview = [
        "open", "leave", "confirm", "keep", "undo", "move", "more_moves", "move_to", "retime", "retimed", "answer",
        "cancel", "cancelled", "met", "ask_me", "note", "noted", "no_note",
    ]  # fmt: skip
    about_a_learner = [
        "offer",
        "more",
        "take",
        "also",
        "propose",
        "proposed",
        "time",
        "not_now",
        "other_day",
        "put_off",
    ]
    button = stamp(THURSDAY, THURSDAY + timedelta(minutes=45))
    for action in about_an_interview:
        chat.tap("Chloe", f"interviews.{action}", interview.id, button)
        assert "can't find that" in chat.last("Chloe")
    for action in about_a_learner:
        chat.tap("Chloe", f"interviews.{action}", amina, button)
        assert "can't find that" in chat.last("Chloe")
    chat.tap("Chloe", "interviews.open", 9999)
    assert "can't find that" in chat.last("Chloe")
    assert "Ben Carter" not in chat.screen_of("Chloe")
    assert len(chat.rows(select(RefusedAttempt))) == len(about_an_interview) + len(about_a_learner) + 1
    assert only(chat).state == "booked"


@pytest.mark.parametrize("value", ["", "nonsense", "20260305T1000", "99999999T9999/45", "20260305T1000/999", "²/45"])
def test_a_button_that_was_tampered_with_books_nothing(chat: Chat, value: str) -> None:
    chat.tap("Amina", "interviews.take", chat.person("Amina").id, value)
    assert everything(chat) == []


# -------------------------------------------------------------------------------------------------------------- leaving


def test_when_a_partner_leaves_the_learner_is_told_and_nothing_is_left_over(chat: Chat) -> None:
    booked(chat)
    ben = chat.person("Ben")

    def leaves(session: Any) -> None:
        session.get(Person, ben.id).left_at = chat.now
        session.flush()
        interviews.person_left(session, session.get(Person, ben.id), chat.now)

    chat.database.run(leaves)
    chat.wait(minutes=1)
    assert "Ben has left" in chat.screen_of("Amina")
    assert "without a learning partner" in chat.screen_of("Amina")
    assert only(chat).state == "cancelled"
    seen = len(chat.seen("Ben"))
    chat.wait_until(datetime(2026, 3, 12, 9, 0, tzinfo=UTC))
    assert len(chat.seen("Ben")) == seen
    assert "In 15 minutes" not in chat.screen_of("Amina")


def test_somebody_whose_leaving_was_only_noted_is_parted_with_within_the_hour(chat: Chat) -> None:
    booked(chat)
    change(chat, "Amina", left_at=chat.now)
    chat.wait(hours=1)
    assert only(chat).state == "cancelled"
    assert "Amina has left" in chat.screen_of("Ben")
    assert "In 15 minutes" not in chat.screen_of("Ben")


# ------------------------------------------------------------------------------------------------------------ calendar


def test_the_calendar_file_invites_moves_and_takes_back(chat: Chat) -> None:
    interview = booked(chat)
    amina, chloe = chat.person("Amina"), chat.person("Chloe")

    def fetched(person: Person = amina) -> Any:
        found = chat.database.run(
            lambda session: calendar_files.of_interview(session, interview.id, person.id, chat.now)
        )
        return None if found is None else Calendar.from_ical(found)

    links = [part for posted in chat.seen("Amina") for part in posted.message.parts if isinstance(part, Link)]
    mark = KEYRING.mark("ics", interview.id, amina.id)
    assert links[-1].url == f"https://learn.example/ics/{interview.id}/{amina.id}/{mark}.ics"
    first = fetched()
    assert first["method"] == "REQUEST"
    assert first.events[0]["sequence"] == 0
    assert fetched(chloe) is None
    chat.say("Amina", "move my interview to Friday 10am")
    chat.press("Ben", "Confirm")
    second = fetched()
    assert second.events[0]["uid"] == first.events[0]["uid"]
    assert second.events[0]["sequence"] == 1
    assert second.events[0].start == datetime(2026, 3, 6, 10, 0, tzinfo=UTC)
    chat.say("Ben", "cancel my interview")
    chat.submit("Ben")
    third = fetched()
    assert third["method"] == "CANCEL"
    assert third.events[0]["sequence"] == 2


def test_interviews_are_listed_with_how_many_were_held(chat: Chat) -> None:
    booked(chat)
    chat.say("Amina", "interviews")
    assert "Learning interviews this year: 0/3" in chat.last("Amina")
    assert "Thu 5 Mar, 10:00 with Ben Carter" in chat.last("Amina")
    assert "Thu 5 Mar" in chat.open_home("Amina")


# --------------------------------------------------------------------------------------------------------------- rules

POLICY = load("southampton")


@pytest.mark.parametrize(
    ("day", "taken", "window"),
    [
        (date(2026, 10, 15), set(), 1),
        (date(2026, 12, 10), set(), 1),  # between windows: the one that was missed
        (date(2026, 12, 10), {1}, 2),  # or the next
        (date(2027, 2, 10), set(), 2),  # in a window: that one
        (date(2027, 2, 10), {2}, 1),  # unless it is taken and an earlier was missed
        (date(2027, 2, 10), {1, 2}, 2),  # more than promised is fine
        (date(2027, 8, 10), {1, 2, 3}, 3),
        (date(2026, 9, 3), set(), 1),
    ],
)
def test_which_of_the_years_interviews_a_day_counts_for(day: date, taken: set[int], window: int) -> None:
    assert window_for(POLICY, day, taken) == (date(2026, 9, 1), window)


@pytest.mark.parametrize(
    ("learner", "partner", "late", "verdict"),
    [
        (True, True, False, "met"),
        (True, None, False, "wait"),
        (True, None, True, "met"),
        (None, None, True, "wait"),
        (False, None, False, "wait"),
        (None, False, True, "missed"),
        (False, False, False, "missed"),
        (True, False, False, "differ"),
        (False, True, True, "differ"),
    ],
)
def test_what_two_answers_come_to(learner: bool | None, partner: bool | None, late: bool, verdict: str) -> None:
    interview = Interview(
        learner_id=1, partner_id=2, year=date(2026, 9, 1), window=1, state="booked", starts_at=THURSDAY,
        ends_at=THURSDAY, proposed_by_id=1, uid="x", made_at=THURSDAY, learner_met=learner, partner_met=partner,
    )  # fmt: skip
    assert rules.verdict(interview, late=late) == verdict


@pytest.mark.parametrize(
    ("words", "span", "who"),
    [
        ("Ben next Tuesday 3pm", (4, 20), "Ben"),
        (" with Ben Carter next Tuesday", (17, 29), "Ben Carter"),
        ("next Tuesday with Ben please", (0, 12), "Ben"),
        ("next Tuesday at half two in room 4", (0, 24), ""),
        ("", None, ""),
    ],
)
def test_whose_name_was_said(words: str, span: tuple[int, int] | None, who: str) -> None:
    assert rules.who_in(words, span) == who


def test_no_account_means_nothing_is_said_first(chat: Chat) -> None:
    chat.wait_until(datetime(2026, 6, 5, 12, 0, tzinfo=UTC))
    assert chat.rows(select(KnownAccount)) == []
    assert chat.rows(select(Owed).where(Owed.notice == "interviews.nudge")) == []
