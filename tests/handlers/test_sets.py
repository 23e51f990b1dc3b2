"""Learning sets: asked, joined, booked for everybody, who comes, who was there, and what it counts for."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from bot.app import Bot, web
from bot.chat import Account, Event, Link
from bot.config import Settings
from bot.console import NAME, TENANT, buttons_of, direct_chat, in_words
from bot.slack.render import messages as slack
from bot.teams.render import cards as teams
from handlers import calendar_files
from scheduling.appointments import Appointments
from storage import erasure, interviews
from storage.models import (
    Attendance,
    Away,
    CalendarEvent,
    Draft,
    Held,
    Interview,
    LearningSet,
    Look,
    Owed,
    Person,
    RefusedAttempt,
    SetMeeting,
    SetMember,
)
from tests.clients.calendar import MemoryCalendar
from tests.conftest import KEYRING, Chat, at_once
from tests.slack.test_render import check as slack_would_take
from tests.teams.test_render import valid as teams_would_take

THURSDAY = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)  # the Thursday after the Monday on which everything begins
MEMBERS = ("Amina", "Ben", "Chloe")


def hello(chat: Chat, *names: str) -> None:
    for name in names:
        chat.say(name, "hello")


def started(chat: Chat, who: str = "Dan", names: str = "Amina, Ben and Chloe", **answers: str) -> LearningSet:
    """Dan asks three colleagues to be in a set."""
    hello(chat, who, *MEMBERS)
    chat.say(who, "start a learning set")
    chat.submit(who, name="Year 3 set", members=names, **answers)
    (learning_set,) = chat.rows(select(LearningSet))
    return learning_set


def joined(chat: Chat, *who: str) -> LearningSet:
    """The set with these people in it, all three unless they are named."""
    learning_set = started(chat)
    for name in who or MEMBERS:
        chat.press(name, "Join it")
    return learning_set


def booked(chat: Chat, when: str = "Thursday at 10") -> SetMeeting:
    """The set has a meeting booked."""
    joined(chat)
    chat.say("Dan", f"book our set {when}")
    return only(chat)


def over(chat: Chat) -> SetMeeting:
    """The meeting is over: Amina and Ben had said that they come, Chloe that she can't; Dan is asked who was there."""
    meeting = booked(chat)
    chat.press("Amina", "I’m coming")
    chat.press("Ben", "I’m coming")
    chat.press("Chloe", "I can’t")
    chat.wait_until(meeting.ends_at + timedelta(minutes=31))
    return only(chat)


def only(chat: Chat) -> SetMeeting:
    (meeting,) = chat.rows(select(SetMeeting))
    return meeting


def members(chat: Chat) -> dict[str, str]:
    """What became of everybody who was asked, by first name."""

    def work(session: Any) -> dict[str, str]:
        found = session.execute(select(Person.name, SetMember.state).join(SetMember, SetMember.person_id == Person.id))
        return {name.split()[0]: state for name, state in found}

    return chat.database.run(work)


def seats(chat: Chat) -> dict[str, tuple[bool | None, bool | None]]:
    """Who means to come and who was there, by first name."""

    def work(session: Any) -> dict[str, tuple[bool | None, bool | None]]:
        found = session.execute(
            select(Person.name, Attendance.coming, Attendance.was_there).join(
                Attendance, Attendance.person_id == Person.id
            )
        )
        return {name.split()[0]: (coming, there) for name, coming, there in found}

    return chat.database.run(work)


def held(chat: Chat, who: str) -> int:
    """How many quarters of an hour somebody has promised."""
    return len(chat.rows(select(Held.quarter).where(Held.person_id == chat.person(who).id)))


def change(chat: Chat, who: str, **values: Any) -> None:
    person = chat.person(who)
    chat.database.run(lambda session: session.execute(update(Person).where(Person.id == person.id).values(**values)))


def is_away(chat: Chat, who: str, *, until: datetime) -> None:
    """Somebody is away from tomorrow on."""
    away = Away(person_id=chat.person(who).id, starts_at=datetime(2026, 3, 3, tzinfo=UTC), ends_at=until,
                made_at=chat.now)  # fmt: skip
    chat.database.run(lambda session: session.add(away))


def whole_cards(chat: Chat, who: str) -> list[str]:
    """What somebody sees of the meeting with buttons on it."""
    seen = [posted.message for posted in chat.seen(who) if posted.message.notice == "sets.card"]
    return [in_words(message) for message in seen if buttons_of(message)]


# ------------------------------------------------------------------------------------------------------ asked, joined


@pytest.mark.parametrize(
    "typed", ["start a learning set", "Please set up a learning set", "can we create a new learning set?"]
)
def test_a_set_is_started_with_a_form_and_everybody_is_asked_in_their_own_chat(chat: Chat, typed: str) -> None:
    hello(chat, *MEMBERS)
    chat.say("Dan", typed)
    chat.submit("Dan", name="Year 3 set", members="Amina Khan, ben@example.org and Chloe")
    assert "I’ve asked them" in chat.last("Dan")
    assert "Not answered yet: Amina Khan, Ben Carter and Chloe Dunn" in chat.last("Dan")
    for name in MEMBERS:
        assert "Dan Evans would like you in a learning set: Year 3 set" in chat.last(name)
        assert "sees who else is, and who comes" in chat.last(name)


def test_names_that_nobody_has_are_asked_back_with_everything_kept(chat: Chat) -> None:
    change(chat, "Grace", name="Ben Hall")
    chat.say("Dan", "start a learning set")
    chat.submit("Dan", name="Year 3 set", members="Amina, Zebedee, Ben")
    problem = chat.problems("Dan")["members"]
    assert "nobody called “Zebedee”" in problem
    assert "“Ben” may be Ben Carter and Ben Hall" in problem
    assert [field.value for field in chat.form("Dan").fields] == ["Year 3 set", "Amina, Zebedee, Ben"]
    assert chat.rows(select(LearningSet)) == []
    chat.submit("Dan", members="Amina, Ben Carter")
    assert set(members(chat)) == {"Amina", "Ben"}


@pytest.mark.parametrize(
    ("name", "who", "field", "says"),
    [
        ("", "Amina", "name", "up to 60 characters"),
        ("x" * 61, "Amina", "name", "up to 60 characters"),
        ("Ours", "", "members", "Write the names"),
        ("Ours", ", ,", "members", "Write the names"),
        ("Ours", "Ola, Amina, Ben, Chloe, Eve, Farid, Grace", "members", "up to 6 members, and these would be 7"),
        ("Ours", "me, Amina, Ben, Chloe, Eve, Farid, Grace", "members", "up to 6 members, and these would be 7"),
    ],
)
def test_a_form_that_cannot_be_is_explained(chat: Chat, name: str, who: str, field: str, says: str) -> None:
    chat.say("Dan", "start a learning set")
    chat.submit("Dan", name=name, members=who)
    assert says in chat.problems("Dan")[field]
    assert chat.rows(select(LearningSet)) == []


def test_nothing_binds_who_has_not_accepted(chat: Chat) -> None:
    learning_set = started(chat)
    chat.press("Amina", "Join it")
    chat.press("Chloe", "No, thank you")
    assert "You are in the learning set Year 3 set" in chat.last("Amina")
    assert "That’s fine" in chat.last("Chloe")
    assert "Amina Khan has joined Year 3 set." in chat.screen_of("Dan")
    assert "Chloe Dunn can’t be in Year 3 set." in chat.screen_of("Dan")
    assert members(chat) == {"Amina": "accepted", "Ben": "asked", "Chloe": "declined"}
    chat.say("Dan", "book our set on Thursday at 10")
    assert (held(chat, "Dan"), held(chat, "Amina"), held(chat, "Ben"), held(chat, "Chloe")) == (3, 3, 0, 0)
    assert set(seats(chat)) == {"Amina"}
    assert "Thu 5 Mar" not in chat.screen_of("Ben")
    assert learning_set.facilitator_id == chat.person("Dan").id


def test_the_question_is_answered_by_typing_too_and_other_words_are_not_lost(chat: Chat) -> None:
    started(chat)
    chat.say("Amina", "yes please")
    chat.say("Ben", "no thanks")
    chat.say("Chloe", "what would that involve")
    assert members(chat) == {"Amina": "accepted", "Ben": "declined", "Chloe": "asked"}
    assert "what would that involve" in chat.last("Chloe")
    chat.press("Chloe", "Join it")
    assert members(chat)["Chloe"] == "accepted"


def test_joining_twice_is_joining_once(chat: Chat) -> None:
    started(chat)
    chat.press("Amina", "Join it")
    (found,) = [one for one in chat.rows(select(SetMember)) if one.person_id == chat.person("Amina").id]
    chat.tap("Amina", "sets.join", found.id)
    chat.tap("Amina", "sets.decline", found.id)
    assert members(chat)["Amina"] == "accepted"
    assert chat.screen_of("Dan").count("Amina Khan has joined") == 1


def test_whoever_declined_can_be_asked_again_and_somebody_else_in_their_place(chat: Chat) -> None:
    started(chat)
    chat.press("Chloe", "No, thank you")
    hello(chat, "Eve")
    chat.wait(minutes=1)
    chat.say("Dan", "learning sets")
    chat.press("Dan", "Ask somebody else")
    chat.submit("Dan", members="Chloe, Eve")
    assert "would like you in a learning set" in chat.last("Eve")
    chat.press("Chloe", "Join it")
    assert members(chat) == {"Amina": "asked", "Ben": "asked", "Chloe": "accepted", "Eve": "asked"}
    chat.press("Dan", "Ask somebody else")
    chat.submit("Dan", members="Farid, Grace, Ola")
    assert "these would be 7" in chat.problems("Dan")["members"]


def test_the_one_who_starts_can_take_part_as_well(chat: Chat) -> None:
    started(chat, names="me, Amina, Ben")
    assert members(chat) == {"Dan": "accepted", "Amina": "asked", "Ben": "asked"}
    chat.press("Amina", "Join it")
    chat.say("Dan", "book our set Thursday at 10")
    assert seats(chat) == {"Amina": (None, None), "Dan": (True, None)}


def test_anybody_leaves_at_any_time_and_their_time_is_free(chat: Chat) -> None:
    booked(chat)
    chat.press("Ben", "I’m coming")
    assert held(chat, "Ben") == 3
    chat.say("Ben", "leave our learning set")
    chat.press("Ben", "Leave it")
    assert "no longer in Year 3 set" in chat.last("Ben")
    assert "Ben Carter has left Year 3 set" in chat.screen_of("Dan")
    assert (held(chat, "Ben"), set(seats(chat))) == (0, {"Amina", "Chloe"})
    assert "Ben" not in whole_cards(chat, "Amina")[-1]
    chat.wait_until(THURSDAY)
    assert "Tomorrow" not in chat.screen_of("Ben")


def test_whoever_joins_later_is_asked_about_what_is_booked(chat: Chat) -> None:
    joined(chat, "Amina", "Ben")
    chat.say("Dan", "book our set Thursday at 10")
    chat.press("Chloe", "Join it")
    assert "Year 3 set: Thu 5 Mar, 10:00–10:45" in chat.last("Chloe")
    assert held(chat, "Chloe") == 3
    chat.press("Chloe", "I’m coming")
    assert "1 of 3 is coming: Chloe Dunn." in whole_cards(chat, "Amina")[-1]


# ----------------------------------------------------------------------------------------------------- who facilitates


def test_a_lead_can_ask_somebody_else_to_facilitate_and_until_then_does_it(chat: Chat) -> None:
    hello(chat, "Grace")
    learning_set = started(chat, "Ola", facilitator="Grace")
    assert "You facilitate it until Grace Hall says yes" in chat.last("Ola")
    assert learning_set.facilitator_id == chat.person("Ola").id
    assert "Ola Lead asks you to facilitate" in chat.last("Grace")
    chat.press("Amina", "Join it")
    chat.press("Grace", "I’ll facilitate")
    assert "You facilitate it." in chat.last("Grace")
    assert "Grace Hall facilitates Year 3 set from now on" in chat.last("Ola")
    assert "Grace Hall facilitates it" in chat.last("Amina")
    chat.tap("Ola", "sets.offer", learning_set.id)
    assert "can't find that" in chat.last("Ola")


def test_whoever_is_asked_to_facilitate_can_say_no_and_a_later_tap_changes_nothing(chat: Chat) -> None:
    hello(chat, "Grace")
    learning_set = started(chat, "Ola", facilitator="Grace")
    chat.press("Grace", "No, thank you")
    assert "somebody else facilitates" in chat.last("Grace")
    chat.tap("Grace", "sets.facilitate", learning_set.id)
    (learning_set,) = chat.rows(select(LearningSet))
    assert learning_set.facilitator_id == chat.person("Ola").id


def test_only_leads_and_coordinators_name_another_facilitator(chat: Chat) -> None:
    chat.say("Dan", "start a learning set")
    assert [field.name for field in chat.form("Dan").fields] == ["name", "members"]
    chat.say("Cora", "start a learning set")
    assert [field.name for field in chat.form("Cora").fields] == ["name", "members", "facilitator"]
    chat.submit("Cora", name="Ours", members="Amina", facilitator="Zebedee")
    assert "nobody called “Zebedee”" in chat.problems("Cora")["facilitator"]


def test_a_set_is_handed_over_with_what_is_booked(chat: Chat) -> None:
    meeting = booked(chat)
    chat.say("Dan", "our set")
    chat.press("Dan", "Hand it over")
    chat.press("Dan", "Amina Khan")
    assert "I’ve asked Amina Khan" in chat.last("Dan")
    chat.press("Amina", "I’ll facilitate")
    assert "Amina Khan facilitates Year 3 set from now on" in chat.last("Dan")
    assert (held(chat, "Dan"), held(chat, "Amina")) == (0, 3)
    chat.tap("Amina", "sets.move", meeting.id)
    assert "these times suit all 3 of you" in chat.last("Amina")
    chat.tap("Dan", "sets.move", meeting.id)
    assert "can't find that" in chat.last("Dan")


def test_when_the_facilitator_leaves_the_members_hear_it_and_one_takes_over(chat: Chat) -> None:
    learning_set = booked(chat).set_id
    dan = chat.person("Dan")
    change(chat, "Dan", left_at=chat.now)
    chat.wait(hours=2)
    for name in MEMBERS:
        assert "Dan Evans has left, who facilitated Year 3 set" in chat.screen_of(name)
        assert "Cancelled: Year 3 set" in chat.screen_of(name)
        assert held(chat, name) == 0
    chat.press("Ben", "I’ll facilitate")
    chat.tap("Chloe", "sets.take_over", learning_set)
    (found,) = chat.rows(select(LearningSet))
    assert found.facilitator_id == chat.person("Ben").id != dan.id
    assert "Ben Carter facilitates it" in chat.last("Chloe")
    chat.say("Ben", "book our set Friday at 10")
    assert "Year 3 set: Fri 6 Mar, 10:00–10:45" in chat.last("Chloe")


def test_a_set_that_nobody_is_left_in_ends_with_its_facilitator(chat: Chat) -> None:
    started(chat)
    dan = chat.person("Dan").id
    change(chat, "Dan", left_at=chat.now)
    chat.database.run(lambda session: interviews.person_left(session, session.get_one(Person, dan), chat.now))
    chat.wait(minutes=5)
    (found,) = chat.rows(select(LearningSet))
    assert found.ended_at is not None
    assert "[Join it]" not in chat.screen_of("Amina")
    assert "has ended" in chat.screen_of("Amina")


def test_a_set_is_ended_after_asking_once_more_and_its_members_are_told(chat: Chat) -> None:
    booked(chat)
    chat.say("Dan", "learning sets")
    chat.press("Dan", "End the set")
    assert only(chat).state == "booked"
    chat.press("Dan", "End it")
    assert only(chat).state == "cancelled"
    for name in MEMBERS:
        assert "The learning set Year 3 set has ended" in chat.last(name)
    assert chat.rows(select(Held)) == []
    chat.say("Amina", "learning sets")
    assert "in no learning set yet" in chat.last("Amina")


# ------------------------------------------------------------------------------------------------------------- booking


def test_times_that_suit_everybody_are_offered_five_at_most(chat: Chat) -> None:
    joined(chat)
    change(chat, "Ben", working_days="24")  # Tuesdays and Thursdays
    change(chat, "Chloe", hours="13:00-17:00")
    is_away(chat, "Amina", until=datetime(2026, 3, 18, tzinfo=UTC))
    chat.say("Dan", "book our set")
    assert "these times suit all 4 of you, 45 minutes each" in chat.last("Dan")
    slots = [one for one in buttons_of(chat.seen("Dan")[-1].message) if one.action == "sets.take"]
    assert len(slots) == 5
    for one in slots:
        starts_at = datetime.strptime(one.value.split("/")[0], "%Y%m%dT%H%M").replace(tzinfo=UTC)
        assert one.label[:3] in ("Tue", "Thu")
        assert starts_at >= datetime(2026, 3, 18, tzinfo=UTC)
        assert starts_at.hour >= 12
    chat.press("Dan", "More times")
    more = [one.value for one in buttons_of(chat.seen("Dan")[-1].message) if one.action == "sets.take"]
    assert more
    assert not {one.value for one in slots} & set(more)


def test_a_time_on_a_button_is_booked_and_everybody_gets_one_card(chat: Chat) -> None:
    joined(chat)
    chat.press("Dan", "Open the set")
    chat.press("Dan", "Book a meeting")
    chat.press("Dan", "T")  # the first time on a Tuesday or a Thursday
    assert "You facilitate it" in chat.last("Dan")
    for name in MEMBERS:
        assert "Dan Evans facilitates it." in chat.last(name)
        assert "[I’m coming]\n[I can’t]" in chat.last(name)
        assert len(whole_cards(chat, name)) == 1
        assert held(chat, name) == 3


def test_a_typed_time_is_booked_when_it_has_one_meaning_and_never_guessed(chat: Chat) -> None:
    joined(chat)
    chat.say("Dan", "book our set on Thursday")
    assert chat.rows(select(SetMeeting)) == []
    assert "Thu 5 Mar 2026: at what time?" in chat.last("Dan")
    chat.say("Dan", "at 11")
    assert chat.rows(select(SetMeeting)) == []
    assert "[Thu 5 Mar, 11:00]" in chat.last("Dan") or "11:00]" in chat.last("Dan")
    chat.say("Dan", "Thursday at 11")
    assert only(chat).starts_at == THURSDAY + timedelta(hours=1)


def test_type_another_opens_a_form_and_keeps_what_is_no_time(chat: Chat) -> None:
    joined(chat)
    chat.say("Dan", "book our set")
    chat.press("Dan", "Type another")
    chat.submit("Dan", when="when the cows come home")
    assert "can’t find a time" in chat.problems("Dan")["when"]
    assert chat.form("Dan").fields[0].value == "when the cows come home"
    chat.submit("Dan", when="Thursday at 10")
    assert only(chat).starts_at == THURSDAY


def test_words_without_a_time_are_put_aside(chat: Chat) -> None:
    joined(chat)
    chat.say("Dan", "book our set")
    chat.say("Dan", "I wonder about phonics")
    assert "I wonder about phonics" in chat.last("Dan")
    assert "[See times]" in chat.last("Dan")
    assert len(chat.rows(select(Draft))) == 1


def test_a_time_at_which_one_is_taken_is_explained_and_others_are_offered(chat: Chat) -> None:
    joined(chat)
    chat.say("Amina", "book Ben on Thursday at 10")
    chat.say("Dan", "book our set Thursday at 10")
    assert chat.rows(select(SetMeeting)) == []
    assert "isn’t free then" in chat.last("Dan")
    assert "[Book it anyway]" in chat.last("Dan")
    chat.press("Dan", "Book it anyway")
    meeting = only(chat)
    assert meeting.starts_at == THURSDAY
    assert len(chat.rows(select(Held).where(Held.meeting_id.is_not(None)))) == 6  # Dan and Chloe; not the other two
    chat.press("Amina", "I’m coming")
    assert "You have something else then" in chat.last("Amina")
    assert seats(chat)["Amina"] == (None, None)
    chat.press("Chloe", "I’m coming")
    assert seats(chat)["Chloe"] == (True, None)


def test_in_the_facilitators_own_leave_it_says_so_and_can_be_booked_all_the_same(chat: Chat) -> None:
    joined(chat)
    is_away(chat, "Dan", until=datetime(2026, 3, 7, tzinfo=UTC))
    chat.say("Dan", "book our set Thursday at 10")
    assert "You said you are away then." in chat.last("Dan")
    chat.press("Dan", "Book it anyway")
    assert only(chat).starts_at == THURSDAY


def test_leave_that_is_told_in_answer_to_times_can_be_kept(chat: Chat) -> None:
    joined(chat)
    chat.say("Dan", "book our set")
    chat.say("Dan", "I’m away next week I’m afraid, sorry")
    assert "Not then, understood." in chat.last("Dan")
    chat.press("Dan", "Keep that I’m away from Mon 9 Mar to Sun 15 Mar")
    assert [(one.starts_at.day, one.ends_at.day) for one in chat.rows(select(Away))] == [(9, 16)]
    chat.press("Dan", "See other times")
    assert "these times suit all 4 of you" in chat.last("Dan")


def test_a_second_meeting_is_asked_about_first(chat: Chat) -> None:
    booked(chat)
    chat.say("Dan", "book our set on Friday at 10")
    assert "is booked already. Shall I move it?" in chat.last("Dan")
    chat.press("Dan", "Book Fri 6 Mar, 10:00 as well")
    assert len(chat.rows(select(SetMeeting))) == 2
    chat.say("Dan", "move our set")
    assert "Which shall I move?" in chat.last("Dan")
    chat.say("Dan", "cancel our set")
    chat.press("Dan", "Fri 6 Mar")
    chat.submit("Dan")
    states = [one.state for one in chat.rows(select(SetMeeting).order_by(SetMeeting.starts_at))]
    assert states == ["booked", "cancelled"]


def test_tapping_a_time_twice_books_once(chat: Chat) -> None:
    learning_set = joined(chat)
    at_once(*[
        lambda n=n: chat.dispatcher.handle(tapped(chat, "Dan", f"take {n}", "sets.take", learning_set.id,
                                                  "20260305T1000/45"), chat.now)
        for n in range(4)
    ])  # fmt: skip
    assert len(chat.rows(select(SetMeeting))) == 1
    assert len(chat.rows(select(Held))) == 12


def test_two_sets_that_share_a_member_cannot_have_the_same_time(chat: Chat) -> None:
    first = joined(chat)
    hello(chat, "Eve", "Grace")
    chat.say("Eve", "start a learning set")
    chat.submit("Eve", name="Another", members="Ben, Grace")
    for name in ("Ben", "Grace"):
        chat.press(name, "Join it")
    second = chat.rows(select(LearningSet).where(LearningSet.id != first.id))[0]

    def take(who: str, about: int) -> Callable[[], Any]:
        return lambda: chat.dispatcher.handle(
            tapped(chat, who, "take", "sets.take", about, "20260305T1000/45"), chat.now
        )

    replies = at_once(take("Dan", first.id), take("Eve", second.id))
    said = [in_words(outcome.reply.message) for outcome in replies]
    assert sum("These are still free" in words for words in said) == 1
    assert len(chat.rows(select(SetMeeting))) == 1
    assert held(chat, "Ben") == 3


def test_a_set_and_an_interview_cannot_have_the_same_time(chat: Chat) -> None:
    learning_set = joined(chat)
    amina = chat.person("Amina").id
    replies = at_once(
        lambda: chat.dispatcher.handle(
            tapped(chat, "Dan", "take", "sets.take", learning_set.id, "20260305T1000/45"), chat.now
        ),
        lambda: chat.dispatcher.handle(
            tapped(chat, "Ben", "take", "interviews.take", amina, "20260305T1015/45"), chat.now
        ),
    )
    said = [in_words(outcome.reply.message) for outcome in replies]
    assert sum("These are still free" in words or "just gone" in words for words in said) == 1
    assert len(chat.rows(select(SetMeeting))) + len(chat.rows(select(Interview))) == 1


def tapped(chat: Chat, who: str, key: str, action: str, about: int, value: str = "") -> Event:
    user = chat.email(who)
    place = replace(direct_chat(user), message=f"an old one of {who}")
    return Event(f"{who}/{key}", Account(NAME, TENANT, user), place, "tap", action, about, value, email=user)


# ------------------------------------------------------------------------------------------------- coming, not coming


def test_the_card_counts_who_comes_for_everybody_in_place(chat: Chat) -> None:
    booked(chat)
    assert "Nobody of 3 has said yet that they come" in whole_cards(chat, "Ben")[-1]
    chat.press("Amina", "I’m coming")
    chat.press("Chloe", "I can’t")
    for name in (*MEMBERS, "Dan"):
        assert len(whole_cards(chat, name)) == 1
        assert "1 of 3 is coming: Amina Khan." in whole_cards(chat, name)[-1]
    assert "Can’t come: Chloe Dunn." in whole_cards(chat, "Dan")[-1]
    assert "No answer yet: Ben Carter." in whole_cards(chat, "Dan")[-1]
    assert "Chloe Dunn" not in whole_cards(chat, "Ben")[-1]
    assert (held(chat, "Amina"), held(chat, "Chloe")) == (3, 0)
    chat.press("Chloe", "I’m coming")
    assert "2 of 3 are coming: Amina Khan and Chloe Dunn." in whole_cards(chat, "Dan")[-1]
    assert held(chat, "Chloe") == 3


def test_the_answer_can_be_typed_and_the_same_twice_changes_nothing(chat: Chat) -> None:
    booked(chat)
    chat.say("Amina", "yes")
    assert "You are coming." in chat.last("Amina")
    chat.say("Ben", "sorry, I can’t")
    assert "You said that you can’t come." in chat.last("Ben")
    before = only(chat)
    chat.tap("Amina", "sets.coming", before.id, str(before.version))
    assert seats(chat) == {"Amina": (True, None), "Ben": (False, None), "Chloe": (None, None)}
    assert only(chat).sequence == before.sequence
    chat.say("Chloe", "I wonder about phonics")
    assert "put this to one side" in chat.last("Chloe")
    assert len(chat.rows(select(Draft))) == 1


def test_home_shows_what_is_next_and_what_is_not_answered(chat: Chat) -> None:
    started(chat)
    assert "Still open: whether to join a learning set." in chat.open_home("Amina")
    chat.press("Amina", "Open")
    chat.press("Amina", "Join it")
    chat.say("Dan", "book our set Thursday at 10")
    for who in ("Dan", "Amina"):
        assert "Next: Thu 5 Mar, 10:00–10:45 with the set Year 3 set." in chat.open_home(who)
    assert "Year 3 set" not in chat.open_home("Ben")


def test_a_button_of_before_a_move_asks_again(chat: Chat) -> None:
    meeting = booked(chat)
    chat.press("Amina", "I’m coming")
    chat.say("Dan", "move our set to Friday 10am")
    assert "Fri 6 Mar, 10:00–10:45" in chat.last("Amina")
    assert len(whole_cards(chat, "Amina")) == 1
    assert seats(chat)["Amina"] == (None, None)
    chat.tap("Amina", "sets.coming", meeting.id, str(meeting.version))
    assert "changed in the meantime" in chat.last("Amina")
    assert seats(chat)["Amina"] == (None, None)


# ---------------------------------------------------------------------------------------------------- moved, cancelled


def test_a_move_frees_the_old_time_and_its_reminders_follow(chat: Chat) -> None:
    booked(chat)
    chat.press("Dan", "Move it")
    assert "these times suit all 4 of you" in chat.last("Dan")
    chat.press("Dan", "Leave it")
    assert "Year 3 set: Thu 5 Mar" in chat.last("Dan")
    chat.say("Dan", "move our set to Friday 10am")
    quarters = {one.quarter for one in chat.rows(select(Held))}
    assert quarters == {THURSDAY + timedelta(days=1, minutes=15 * n) for n in range(3)}
    chat.wait_until(THURSDAY)
    assert "Tomorrow:" in chat.last("Amina")
    assert chat.screen_of("Amina").count("Tomorrow:") == 1
    chat.wait_until(THURSDAY + timedelta(days=1, minutes=-14))
    assert "In 15 minutes:" in chat.last("Amina")


def test_moving_to_where_it_stands_changes_nothing(chat: Chat) -> None:
    meeting = booked(chat)
    chat.say("Dan", "move our set to Thursday 10am")
    assert (only(chat).version, only(chat).sequence) == (meeting.version, meeting.sequence)


def test_a_cancel_says_who_and_why_and_no_reminder_survives_it(chat: Chat) -> None:
    booked(chat)
    chat.say("Dan", "cancel our set meeting")
    chat.submit("Dan", reason="the hall is flooded")
    for name in MEMBERS:
        assert "Cancelled: Year 3 set, Thu 5 Mar, 10:00–10:45. Dan cancelled it." in chat.last(name)
        assert "the hall is flooded" in chat.last(name)
        assert whole_cards(chat, name) == []
    looks = chat.rows(select(Look).where(Look.owner_id == chat.person("Dan").id))
    assert {look.kind for look in looks} == {"set"}
    chat.say("Dan", "who has read")
    assert "why a learning set’s meeting was cancelled" in str(chat.seen("Dan")[-1].message)
    assert chat.rows(select(Held)) == []
    due = chat.rows(select(Owed.notice).where(Owed.state == "due", Owed.notice.startswith("sets.")))
    assert due == []
    chat.wait_until(THURSDAY + timedelta(days=6))
    assert "Were you" not in chat.screen_of("Amina")
    assert "who was there" not in chat.screen_of("Dan")


def test_without_a_calendar_the_card_has_a_file_for_whoever_comes_and_it_follows(chat: Chat) -> None:
    meeting = booked(chat)
    links = {who: [part.url for posted in chat.seen(who) for part in posted.message.parts if isinstance(part, Link)]
             for who in ("Dan", *MEMBERS)}  # fmt: skip
    settings = Settings("", KEYRING, chat.policy, base_url="https://learn.example")
    bot = Bot(settings, chat.database, chat.dispatcher, chat.delivery, chat.reception, lambda: chat.now, {}, chat.now)

    async def get(address: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(web(bot))) as client:
            return await client.get(address)

    invitation: Any = Calendar.from_ical(asyncio.run(get(links["Amina"][-1])).content)
    assert invitation["method"] == "REQUEST"
    assert invitation.events[0]["summary"] == "Learning set: Year 3 set"
    assert len(invitation.events[0]["attendee"]) == 4
    assert len({url for urls in links.values() for url in urls}) == 4  # to each their own
    of_another = links["Amina"][-1].replace(f"/{chat.person('Amina').id}/", f"/{chat.person('Eve').id}/")
    assert asyncio.run(get(of_another)).status_code == 404
    chat.press("Chloe", "I can’t")
    assert "Add to my calendar" not in chat.last("Chloe")
    chat.say("Dan", "cancel our set")
    chat.submit("Dan")
    taken_back: Any = Calendar.from_ical(asyncio.run(get(links["Amina"][-1])).content)
    assert (taken_back["method"], taken_back.events[0]["uid"]) == ("CANCEL", invitation.events[0]["uid"])
    assert taken_back.events[0]["sequence"] > invitation.events[0]["sequence"]
    eve = chat.person("Eve").id
    assert chat.database.run(lambda s: calendar_files.of_meeting(s, meeting.id, eve, chat.now)) is None


# ----------------------------------------------------------------------------------------------------------- reminders


def test_reminders_come_the_working_day_before_and_a_quarter_of_an_hour_before(chat: Chat) -> None:
    booked(chat)
    chat.press("Amina", "I’m coming")
    chat.press("Chloe", "I can’t")
    chat.wait_until(THURSDAY - timedelta(hours=24))
    for name in ("Dan", "Amina", "Ben"):
        assert chat.last(name).startswith("Tomorrow:\nYear 3 set: Thu 5 Mar, 10:00–10:45.")
        assert len(whole_cards(chat, name)) == 1
    assert "Tomorrow" not in chat.screen_of("Chloe")
    chat.wait_until(THURSDAY)
    assert chat.last("Amina").startswith("In 15 minutes:")
    assert "In 15 minutes" not in chat.screen_of("Chloe")


def test_whoever_asked_for_quiet_or_is_away_is_not_reminded(chat: Chat) -> None:
    booked(chat)
    chat.say("Amina", "pause until 9 March")
    is_away(chat, "Ben", until=datetime(2026, 3, 7, tzinfo=UTC))
    chat.wait_until(THURSDAY)
    assert chat.screen_of("Chloe").count("In 15 minutes") == 1
    for name in ("Amina", "Ben"):
        assert "In 15 minutes" not in chat.screen_of(name)
        sent = select(Owed.notice).where(Owed.to_id == chat.person(name).id, Owed.state == "sent")
        assert {"sets.day_before", "sets.soon"}.isdisjoint(chat.rows(sent))


# ---------------------------------------------------------------------------------------------------------- afterwards


def test_everybody_was_there_and_it_counts_for_each(chat: Chat) -> None:
    over(chat)
    assert "who was there?" in chat.last("Dan")
    chat.press("Dan", "These 2 were there")
    assert only(chat).state == "held"
    assert seats(chat) == {"Amina": (True, True), "Ben": (True, True), "Chloe": (False, False)}
    assert "You were at Year 3 set on Thu 5 Mar. It counts as one of your learning interviews: 1/3" in chat.last(
        "Amina"
    )
    assert "You weren’t at Year 3 set" in whole_cards(chat, "Chloe")[-1]
    assert "Amina Khan and Ben Carter were there" in chat.last("Dan")
    assert "1/3" in chat.open_home("Amina")
    assert "0/3" in chat.open_home("Chloe")
    assert chat.rows(select(Held)) == []


def test_who_was_there_is_filled_in_with_what_was_said_before(chat: Chat) -> None:
    over(chat)
    chat.press("Dan", "Say who")
    form = chat.form("Dan")
    assert {field.label: field.value for field in form.fields} == {
        "Amina Khan": "yes", "Ben Carter": "yes", "Chloe Dunn": "no"
    }  # fmt: skip
    ids = {name: chat.person(name).id for name in MEMBERS}
    chat.submit("Dan", **{f"person_{ids['Ben']}": "no", f"person_{ids['Chloe']}": "yes"})
    assert seats(chat) == {"Amina": (True, True), "Ben": (True, False), "Chloe": (False, True)}
    assert "You weren’t at" in chat.last("Ben")
    assert "You were at" in chat.last("Chloe")


def test_when_it_is_over_no_card_says_that_it_is_to_come(chat: Chat) -> None:
    over(chat)
    for name in MEMBERS:
        assert len(whole_cards(chat, name)) == 1
        assert "Were you at Year 3 set on Thu 5 Mar?" in whole_cards(chat, name)[0]
        assert "[I can’t]" not in chat.screen_of(name)


def test_each_puts_it_right_for_themselves_whatever_the_facilitator_said(chat: Chat) -> None:
    over(chat)
    chat.press("Dan", "It didn’t take place")
    assert only(chat).state == "lapsed"
    assert "You weren’t at Year 3 set" in chat.last("Amina")
    chat.press("Amina", "I was there")
    assert (only(chat).state, seats(chat)["Amina"]) == ("held", (True, True))
    assert "Amina Khan was there." in chat.last("Dan")
    chat.press("Amina", "I wasn’t there")
    assert (only(chat).state, seats(chat)["Amina"]) == ("lapsed", (True, False))


def test_what_a_member_said_first_stands(chat: Chat) -> None:
    meeting = over(chat)
    chat.tap("Amina", "sets.was_there", meeting.id, "no")
    assert only(chat).state == "booked"
    chat.press("Dan", "These 2 were there")
    assert seats(chat) == {"Amina": (True, False), "Ben": (True, True), "Chloe": (False, False)}


def test_where_the_facilitator_says_nothing_each_is_asked_three_working_days_later(chat: Chat) -> None:
    over(chat)
    chat.wait_until(THURSDAY + timedelta(days=5))  # Tuesday
    assert "Were you at Year 3 set on Thu 5 Mar?" in chat.last("Amina")
    sent = select(Owed.to_id).where(Owed.notice.in_(("sets.card", "sets.were_you")), Owed.key.contains("were_you"),
                                    Owed.state == "sent")  # fmt: skip
    assert set(chat.rows(sent)) == {chat.person("Amina").id, chat.person("Ben").id}  # not Chloe, who couldn’t come
    chat.press("Amina", "I was there")
    assert "1/3 this year" in chat.last("Amina")
    assert "who was there?" in chat.last("Dan")


def test_the_facilitator_asks_to_be_asked_later(chat: Chat) -> None:
    over(chat)
    chat.press("Dan", "Ask me later")
    assert "ask again on Fri 6 Mar" in chat.last("Dan")
    chat.wait_until(THURSDAY + timedelta(days=1))
    assert "who was there?" in chat.last("Dan")
    assert "[Say who]" in chat.last("Dan")


def test_a_facilitator_who_is_away_is_asked_on_the_morning_after(chat: Chat) -> None:
    meeting = booked(chat)
    is_away(chat, "Dan", until=datetime(2026, 3, 9, tzinfo=UTC))  # back on Monday
    asked = select(Owed.sent_at).where(Owed.key.startswith("sets.after"), Owed.state == "sent")
    chat.wait_until(meeting.ends_at + timedelta(days=3))
    assert chat.rows(asked) == []
    chat.wait_until(datetime(2026, 3, 9, 10, 0, tzinfo=UTC))
    assert chat.rows(asked) == [datetime(2026, 3, 9, 9, 30, tzinfo=UTC)]
    assert "who was there?" in chat.last("Dan")


def test_nothing_is_said_of_who_was_there_before_it_is_over(chat: Chat) -> None:
    meeting = booked(chat)
    for action, value in (("sets.everybody", ""), ("sets.nobody", ""), ("sets.attendance", ""), ("sets.later", "")):
        chat.tap("Dan", action, meeting.id, value)
    chat.tap("Amina", "sets.was_there", meeting.id, "yes")
    assert seats(chat)["Amina"] == (None, None)
    assert only(chat).state == "booked"


def test_a_meeting_counts_for_the_window_that_is_due_and_nobody_is_nudged_for_it(chat: Chat) -> None:
    over(chat)
    chat.press("Dan", "These 2 were there")
    amina, year = chat.person("Amina").id, chat.policy.year_of(THURSDAY.date())
    (seat,) = chat.rows(select(Attendance).where(Attendance.person_id == amina))
    assert seat.year == year
    assert chat.database.run(lambda session: interviews.windows_taken(session, amina, year)) == {seat.window}
    ends_at = chat.database.run(lambda session: interviews.last_held(session, amina, chat.now))
    assert ends_at == THURSDAY + timedelta(minutes=45)


# ------------------------------------------------------------------------------------------------------- whose it is


def test_nobody_else_sees_or_does_anything(chat: Chat) -> None:
    meeting = booked(chat)
    chat.press("Amina", "I’m coming")
    membership = chat.rows(select(SetMember).where(SetMember.person_id == chat.person("Amina").id))[0]
    before = (seats(chat), members(chat), only(chat).version)
    tries = 0
    for who in ("Grace", "Ola", "Cora"):
        for action in sorted(one for one in chat.registry.actions if one.startswith("sets.")):
            if action in ("sets.start", "sets.started", "sets.show") or action.endswith(("_typed", ".book")):
                continue
            about = membership.id if action in ("sets.join", "sets.join_card", "sets.decline", "sets.joining") else 1
            chat.tap(who, action, about, "yes")
            assert "can't find that" in chat.last(who), action
            tries += 1
        assert "Year 3" not in chat.screen_of(who)
    assert len(chat.rows(select(RefusedAttempt))) == tries > 100
    assert (seats(chat), members(chat), only(chat).version) == before
    assert meeting.id == 1


def test_a_member_does_not_do_what_the_facilitator_does(chat: Chat) -> None:
    meeting = booked(chat)
    for action in ("sets.move", "sets.cancel", "sets.everybody", "sets.attendance", "sets.retime"):
        chat.tap("Amina", action, meeting.id)
        assert "can't find that" in chat.last("Amina")
    for action in ("sets.end", "sets.ended", "sets.invite", "sets.take", "sets.ask_to_facilitate", "sets.facilitate"):
        chat.tap("Amina", action, meeting.set_id)
        assert "can't find that" in chat.last("Amina")
    chat.tap("Amina", "sets.take_over", meeting.set_id)  # while somebody facilitates it
    (learning_set,) = chat.rows(select(LearningSet))
    assert learning_set.facilitator_id == chat.person("Dan").id
    assert only(chat).state == "booked"


def test_who_facilitates_somebody_elses_set_cannot_book_for_it_by_its_number(chat: Chat) -> None:
    learning_set = joined(chat)
    hello(chat, "Eve")
    chat.say("Eve", "start a learning set")
    chat.submit("Eve", name="Another", members="Grace")
    chat.tap("Eve", "sets.take", learning_set.id, "20260305T1000/45")
    assert chat.rows(select(SetMeeting)) == []


def test_everything_that_is_shown_is_within_each_platforms_limits(chat: Chat) -> None:
    hello(chat, *MEMBERS, "Eve", "Farid", "Grace", "Ola")
    chat.say("Ola", "start a learning set")
    chat.submit("Ola", name="x" * 60, members="Amina, Ben, Chloe, Eve, Farid, Grace", facilitator="Dan")
    shown = within_limits(chat)
    for name in (*MEMBERS, "Eve", "Farid", "Grace"):
        chat.press(name, "Join it")
    for words in ("our set", "book our set", "book our set on Thursday", "book our set Thursday at 10", "our set"):
        chat.say("Ola", words)
        shown |= within_limits(chat)
    chat.press("Ola", "Hand it over")
    shown |= within_limits(chat)
    chat.press("Amina", "I’m coming")
    chat.wait_until(THURSDAY - timedelta(hours=20))
    shown |= within_limits(chat)
    chat.wait_until(THURSDAY + timedelta(hours=2))
    shown |= within_limits(chat)
    chat.press("Ola", "Everybody was there")
    shown |= within_limits(chat)
    assert len(shown) > 30


def within_limits(chat: Chat) -> set[str]:
    """Everything that stands on anybody's screen, once Slack and Teams would take it."""
    shown: set[str] = set()
    for posted in [one for conversation in chat.screen.conversations.values() for one in conversation]:
        slack_would_take(slack.message(posted.message))
        teams_would_take(teams.card(posted.message, direct=True))
        shown.add(in_words(posted.message))
    return shown


def test_nothing_of_a_set_is_said_in_a_channel(chat: Chat) -> None:
    booked(chat)
    chat.say("Dan", "our set", in_channel="general")
    seen = chat.screen.conversations.get("channel:general", [])
    assert [posted.seen_by for posted in seen] == [chat.email("Dan")]


def test_an_erased_member_is_gone_from_the_others_screens(chat: Chat) -> None:
    over(chat)
    chat.press("Dan", "These 2 were there")
    amina = chat.person("Amina").id
    assert "Amina" in chat.screen_of("Dan")
    chat.database.run(lambda session: erasure.erase(session, session.get_one(Person, amina), chat.now))
    chat.wait(minutes=2)
    for name in ("Dan", "Ben", "Chloe"):
        assert "Amina" not in chat.screen_of(name)
    for table in (SetMember, Attendance, Held):
        assert chat.rows(select(table).where(table.person_id == amina)) == []


# ----------------------------------------------------------------------------------------------------------- calendars


class Desk:
    """Dan, Amina, Ben and Chloe, each with a calendar that the keeper reaches."""

    def __init__(self, chat: Chat) -> None:
        self.chat, self.outlook = chat, MemoryCalendar()
        chat.dispatcher.calendars = chat.delivery.calendars = ("outlook",)
        self.keeper = Appointments(
            chat.database, chat.registry, chat.policy, KEYRING, {"outlook": self.outlook}, ("outlook",),
            lambda: chat.now, "test", "https://learn.example",
        )  # fmt: skip
        joined(chat)

    def look(self) -> None:
        """The keeper does what is due; a second or two later the answer is there."""
        self.chat.run(self.keeper.tick())
        self.chat.wait(seconds=2)


@pytest.fixture
def desk(chat: Chat) -> Desk:
    return Desk(chat)


def test_everybodys_calendar_is_looked_at_before_times_are_offered(desk: Desk) -> None:
    chat = desk.chat
    desk.outlook.busy_at["chloe@example.org"] = [(datetime(2026, 3, 3, tzinfo=UTC), datetime(2026, 3, 12, tzinfo=UTC))]
    chat.say("Dan", "book our set")
    assert "looking at everybody’s calendars" in chat.last("Dan")
    desk.look()
    assert "these times suit all 4 of you" in chat.last("Dan")
    for day in range(3, 12):
        assert f" {day} Mar," not in chat.last("Dan")
    assert chat.rows(select(Draft)) == []


def test_the_meeting_stands_in_the_facilitators_calendar_and_follows_it(desk: Desk) -> None:
    chat = desk.chat
    chat.say("Dan", "book our set Thursday at 10")
    desk.look()
    desk.look()
    (standing,) = desk.outlook.events.values()
    assert (standing.mailbox, standing.starts_at) == ("dan@example.org", THURSDAY)
    assert standing.appointment.summary == "Learning set: Year 3 set"
    assert {name for name, _ in standing.appointment.attendees} == {"Dan Evans", "Amina Khan", "Ben Carter",
                                                                    "Chloe Dunn"}  # fmt: skip
    chat.press("Chloe", "I can’t")
    desk.look()
    (standing,) = desk.outlook.events.values()
    assert "Chloe Dunn" not in {name for name, _ in standing.appointment.attendees}
    chat.say("Dan", "move our set to Friday 10am")
    desk.look()
    desk.look()
    (standing,) = desk.outlook.events.values()
    assert standing.starts_at == THURSDAY + timedelta(days=1)
    chat.say("Dan", "cancel our set")
    chat.submit("Dan")
    desk.look()
    assert desk.outlook.events == {}
    assert [one.state for one in chat.rows(select(CalendarEvent))] == ["removed"]


def standing_event(desk: Desk) -> str:
    """The set's meeting stands in Dan's calendar: the event's id there."""
    desk.chat.say("Dan", "book our set Thursday at 10")
    desk.look()
    desk.look()
    (event_id,) = desk.outlook.events
    desk.chat.press("Amina", "I’m coming")
    return event_id


def after_five_minutes(desk: Desk) -> None:
    desk.chat.wait(minutes=6)
    desk.look()
    desk.look()


def test_what_the_facilitator_moves_in_their_calendar_is_followed_and_everybody_is_asked_anew(desk: Desk) -> None:
    later = THURSDAY + timedelta(hours=3)
    desk.outlook.move(standing_event(desk), later, later + timedelta(minutes=45))
    after_five_minutes(desk)
    assert only(desk.chat).starts_at == later
    for name in ("Dan", *MEMBERS):
        assert "Year 3 set: Thu 5 Mar, 13:00–13:45" in desk.chat.last(name)
    assert seats(desk.chat)["Amina"] == (None, None)
    quarters = {one.quarter for one in desk.chat.rows(select(Held))}
    assert quarters == {later + timedelta(minutes=15 * n) for n in range(3)}


def test_what_the_facilitator_deletes_in_their_calendar_is_cancelled(desk: Desk) -> None:
    desk.outlook.delete(standing_event(desk))
    after_five_minutes(desk)
    assert only(desk.chat).state == "cancelled"
    assert "Cancelled: Year 3 set" in desk.chat.last("Chloe")
    assert desk.chat.rows(select(Held)) == []


def test_a_move_to_where_somebody_is_taken_is_put_right_in_the_calendar(desk: Desk) -> None:
    event_id, later = standing_event(desk), THURSDAY + timedelta(days=1)
    ben = desk.chat.person("Ben").id
    taken = Held(person_id=ben, quarter=later, interview_id=None)
    desk.chat.database.run(lambda session: session.add(taken))
    desk.outlook.move(event_id, later, later + timedelta(minutes=45))
    after_five_minutes(desk)
    assert only(desk.chat).starts_at == THURSDAY
    (standing,) = desk.outlook.events.values()
    assert standing.starts_at == THURSDAY


def handed_over(desk: Desk, *, by: str = "Dan", to: str = "Amina Khan") -> None:
    """Somebody hands the set over, with what is booked."""
    desk.chat.say(by, "our set")
    desk.chat.press(by, "Hand it over")
    desk.chat.press(by, to)
    desk.chat.press(to.split()[0], "I’ll facilitate")


def in_calendars(desk: Desk) -> list[str]:
    return [event.mailbox for event in desk.outlook.events.values()]


def test_a_meeting_that_is_handed_over_goes_from_one_calendar_to_the_other(desk: Desk) -> None:
    event_id = standing_event(desk)
    assert in_calendars(desk) == ["dan@example.org"]
    handed_over(desk)
    for _ in range(3):
        desk.look()
    assert event_id not in desk.outlook.events
    assert in_calendars(desk) == ["amina@example.org"]
    assert f"https://meet.example/{next(iter(desk.outlook.events))}" in str(desk.chat.seen("Ben"))
    later = THURSDAY + timedelta(hours=3)
    desk.outlook.move(next(iter(desk.outlook.events)), later, later + timedelta(minutes=45))
    after_five_minutes(desk)
    assert only(desk.chat).starts_at == later


def test_a_meeting_that_is_handed_back_stands_in_the_first_calendar_again(desk: Desk) -> None:
    standing_event(desk)
    handed_over(desk)
    for _ in range(3):
        desk.look()
    desk.chat.tap("Amina", "sets.invite", only(desk.chat).set_id)
    desk.chat.submit("Amina", members="Dan")
    desk.chat.press("Dan", "Join it")
    handed_over(desk, by="Amina", to="Dan Evans")
    for _ in range(3):
        desk.look()
    assert in_calendars(desk) == ["dan@example.org"]


def test_until_the_old_calendar_answers_the_new_one_waits_and_a_move_is_not_lost(desk: Desk) -> None:
    standing_event(desk)
    desk.outlook.down = True
    handed_over(desk)
    desk.look()
    desk.chat.tap("Amina", "sets.move_to", only(desk.chat).id, "20260306T1000/45")
    desk.look()
    assert in_calendars(desk) == ["dan@example.org"]
    desk.outlook.down = False
    desk.chat.wait(minutes=2)
    for _ in range(3):
        desk.look()
    (standing,) = desk.outlook.events.values()
    assert (standing.mailbox, standing.starts_at) == ("amina@example.org", THURSDAY + timedelta(days=1))


def test_a_meeting_cancelled_on_its_way_to_another_calendar_is_in_neither(desk: Desk) -> None:
    standing_event(desk)
    handed_over(desk)
    desk.chat.tap("Amina", "sets.cancelled", only(desk.chat).id)
    for _ in range(3):
        desk.look()
    assert in_calendars(desk) == []
    assert [one.state for one in desk.chat.rows(select(CalendarEvent))] == ["removed"]


def test_a_calendar_that_will_not_have_its_event_removed_does_not_keep_it_from_the_new_one(desk: Desk) -> None:
    standing_event(desk)
    handed_over(desk)
    desk.outlook.refusing["dan@example.org"] = "not_permitted"
    for _ in range(3):
        desk.look()
    assert "amina@example.org" in in_calendars(desk)


def test_where_nobody_who_comes_has_a_calendar_it_leaves_the_one_that_it_stood_in(desk: Desk) -> None:
    for name in MEMBERS:
        change(desk.chat, name, calendar="none")
    standing_event(desk)
    handed_over(desk)
    for _ in range(3):
        desk.look()
    assert in_calendars(desk) == []
    assert [one.reason for one in desk.chat.rows(select(CalendarEvent))] == ["no_calendar"]


def test_a_member_who_hosts_for_a_facilitator_without_a_calendar_goes_on_hosting(desk: Desk) -> None:
    for name in ("Dan", "Ben", "Chloe"):
        change(desk.chat, name, calendar="none")
    event_id = standing_event(desk)
    handed_over(desk, to="Ben Carter")
    for _ in range(3):
        desk.look()
    assert list(desk.outlook.events) == [event_id]
    assert in_calendars(desk) == ["amina@example.org"]
