"""Team reviews: started by a lead, answered privately, closed, and shown so that anonymous means anonymous."""

import itertools
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import BigInteger, inspect, select, text, update

from bot.chat import Chart, Event, FixAnswers, Nothing, OpenForm, Quote, Replace, Reply, Say, Table, plain
from bot.console import NothingThere, channel, direct_chat
from bot.policy import Policy
from handlers import outcomes
from handlers.calendars import calendar_of
from handlers.outcomes import Answer
from handlers.reviews import form, rules
from storage import people, reviews
from storage.database import Database, Record
from storage.models import (
    KnownAccount,
    KnownPlace,
    Look,
    Owed,
    Person,
    RefusedAttempt,
    Review,
    ReviewAnswer,
    ReviewTaken,
    Team,
)
from tests.conftest import KEYRING, NOW, Chat, at_once

TEAM = ("Ola", "Amina", "Ben", "Chloe", "Dan", "Eve")
CANARY = "the printer in room nine hums"


def start(chat: Chat, who: str = "Ola", names: str = "anonymous", **more: str) -> Reply:
    chat.say(who, "review", in_channel="team")
    return chat.submit(who, names=names, **more)


def answer(chat: Chat, who: str, rating: int | str = "", words: str = "", **more: str) -> Reply:
    chat.press(who, "Answer", in_channel="team")
    return chat.submit(who, rating_purpose=str(rating), words_purpose=words, **more)


def everybody_answers(chat: Chat, people: tuple[str, ...] = TEAM) -> None:
    for number, who in enumerate(people):
        answer(chat, who, number % 5 + 1, f"words number {number}")


def review(chat: Chat) -> Review:
    return chat.rows(select(Review).order_by(Review.id.desc()))[0]


def given(chat: Chat) -> list[ReviewAnswer]:
    return chat.rows(select(ReviewAnswer))


def close_early(chat: Chat, who: str = "Ola") -> None:
    chat.press(who, "Close it now")
    chat.press(who, "Close it and show")


def in_the_channel(chat: Chat) -> str:
    return chat.screen_of("Farid", in_channel="team")  # what somebody who is not even in the team can read there


# ---------------------------------------------------------------------------------------------------------- starting


def test_a_lead_starts_a_review_where_the_team_is(chat: Chat) -> None:
    opened = chat.say("Ola", "review", in_channel="team")
    assert isinstance(opened, OpenForm)
    assert opened.form.fields[1].value == "Team review 2026"
    assert opened.form.fields[2].value == "2026-03-16"
    chat.submit("Ola", names="anonymous")
    card = chat.screen_of("Farid", in_channel="team")
    assert "Team review 2026" in card
    assert "Mon 16 Mar, 17:00" in card
    assert "Anonymous: no name is kept" in card
    assert "Fewer than 5 of 6 have answered so far" in card
    assert "[Answer (about ten minutes)]" in card
    assert "[Cancel it]" in chat.last("Ola")
    assert "Cancel it" not in card


@pytest.mark.parametrize(
    "typed", ["review", "Review", "start a review", "team review", "Start our team review.", "start a new review"]
)
def test_a_review_is_asked_for_in_several_ways(chat: Chat, typed: str) -> None:
    assert isinstance(chat.say("Ola", typed, in_channel="team"), OpenForm)


@pytest.mark.parametrize("typed", ["review the plan with Ben", "I liked the review", "review: what we said", "reviews"])
def test_prose_that_merely_mentions_a_review_is_not_one(chat: Chat, typed: str) -> None:
    assert not isinstance(chat.say("Ola", typed, in_channel="team"), OpenForm)
    assert "not sure" in chat.last("Ola", in_channel="team")


def test_a_lead_of_one_team_need_not_choose_it_and_the_coordinator_chooses(chat: Chat) -> None:
    only = chat.say("Ola", "review", in_channel="team")
    assert isinstance(only, OpenForm)
    assert [option.label for option in only.form.fields[0].options] == ["Children's Services"]
    assert only.form.fields[0].value
    every = chat.say("Cora", "review", in_channel="team")
    assert isinstance(every, OpenForm)
    assert [option.label for option in every.form.fields[0].options] == ["Children's Services", "Inclusion"]
    assert every.form.fields[0].value == ""
    chat.submit("Cora", names="named", team=every.form.fields[0].options[0].value)
    assert "[Cancel it]" in chat.last("Cora")
    assert "[Cancel it]" in chat.last("Ola")  # whose team it is


def test_somebody_who_leads_nothing_is_told_who_does(chat: Chat) -> None:
    chat.say("Amina", "review", in_channel="team")
    assert "Ola Lead" in chat.last("Amina", in_channel="team")
    assert chat.seen("Ben", in_channel="team") == []
    start(chat)
    chat.say("Amina", "review", in_channel="team")
    assert "[Answer]" in chat.last("Amina", in_channel="team")  # once it is open, that is what a member means


def test_a_lead_who_has_left_starts_nothing_and_is_sent_nothing(chat: Chat) -> None:
    chat.has_left("Ola")
    chat.say("Amina", "review", in_channel="team")
    told = chat.last("Amina", in_channel="team")
    assert "Nobody leads Children's Services just now, so ask the coordinator." in told
    assert "Ola" not in told
    opened = chat.say("Cora", "review", in_channel="team")
    assert isinstance(opened, OpenForm)
    chat.submit("Cora", names="named", team=opened.form.fields[0].options[0].value)
    to = set(chat.rows(select(Owed.to_id).where(Owed.notice == "reviews.lead")))
    assert to == {chat.person("Cora").id}


def test_in_a_direct_chat_the_lead_is_told_where_to_say_it(chat: Chat) -> None:
    assert isinstance(chat.say("Ola", "review"), Say)
    assert "in your team's channel" in chat.last("Ola")
    assert "again" not in chat.last("Ola")
    start(chat, names="named")
    close_early(chat)
    chat.say("Ola", "review")
    chat.press("Ola", "Use team again")
    chat.submit("Ola", names="named", title="The second one")
    assert "The second one" in chat.screen_of("Farid", in_channel="team")
    assert len({one.place_id for one in chat.rows(select(Review))}) == 1


def test_where_typing_cannot_open_a_form_a_button_does_and_the_channel_is_remembered(chat: Chat) -> None:
    typed = Event("k1", chat.visitor("Ola").account, channel("team"), "say", text="review", can_open=False)
    chat.event(typed)
    posted = chat.seen("Ola", in_channel="team")[-1]
    button = next(b for part in posted.message.parts for b in getattr(part, "buttons", ()))
    assert button.opens_form
    # the form is filled in elsewhere, as in Teams where a channel has no dialogs
    assert isinstance(chat.run(chat.visitor("Ola").tap(button, direct_chat(chat.email("Ola")))), OpenForm)
    chat.submit("Ola", names="named")
    assert "Team review 2026" in in_the_channel(chat)


def asks_where_words_open_no_form(chat: Chat, thread: str = "") -> None:
    """As in a channel of Teams or Slack, where only a button can open a form."""
    place = replace(channel("team"), message="m1", thread=thread)
    chat.event(Event(f"typed {thread}", chat.visitor("Ola").account, place, "say", text="review", can_open=False))


@pytest.mark.parametrize("thread", ["", "m1"])  # Slack's own line in a channel; Teams', which begins a thread
def test_the_offer_of_the_form_becomes_the_card_so_that_the_channel_has_one_message(chat: Chat, thread: str) -> None:
    chat.say("Ola", "hello")
    asks_where_words_open_no_form(chat, thread)
    assert "There is a short form" in in_the_channel(chat)  # for all to see, where it was asked for
    before = len(chat.seen("Ola"))
    assert isinstance(chat.press("Ola", "Start a team review", in_channel="team"), OpenForm)
    assert isinstance(chat.submit("Ola", names="named"), Nothing)
    assert len(chat.seen("Farid", in_channel="team")) == 1
    assert "0 of 6 have answered" in in_the_channel(chat)
    assert len(chat.seen("Ola")) == before + 1
    assert "[Cancel it]" in chat.last("Ola")
    answer(chat, "Amina", 3)
    chat.wait(seconds=6)
    assert "1 of 6 have answered" in in_the_channel(chat)
    close_early(chat)
    assert "closed. 1 person answered" in plain(chat.seen("Farid", in_channel="team")[0].message)


def test_an_offer_in_somebody_elses_thread_leaves_the_card_to_the_channel(chat: Chat) -> None:
    asks_where_words_open_no_form(chat, thread="another message")
    chat.press("Ola", "Start a team review", in_channel="team")
    chat.submit("Ola", names="named")
    offer, card = chat.seen("Farid", in_channel="team")
    assert "There is a short form" in plain(offer.message)
    assert "0 of 6 have answered" in plain(card.message)


def test_somebody_who_may_not_start_a_review_gets_nowhere_by_the_offer(chat: Chat) -> None:
    asks_where_words_open_no_form(chat)
    chat.press("Amina", "Start a team review", in_channel="team")
    assert "Ola Lead" in chat.last("Amina", in_channel="team")
    assert chat.form("Amina") is None


def test_where_a_channel_can_show_no_form_at_all_it_is_offered_in_the_direct_chat(chat: Chat) -> None:
    asks_where_words_open_no_form(chat)
    posted = chat.seen("Ola", in_channel="team")[-1]
    button = next(b for part in posted.message.parts for b in getattr(part, "buttons", ()))
    tapped = Event("no dialogs", chat.visitor("Ola").account, replace(channel("team"), message=posted.id), "tap",
                   button.action, None, button.value, can_open=False)  # fmt: skip
    reply = chat.event(tapped)
    assert isinstance(reply, Say)
    assert reply.private


def test_started_from_the_direct_chat_the_form_becomes_the_leads_card(chat: Chat) -> None:
    start(chat, names="named")
    close_early(chat)
    chat.say("Ola", "review")
    before = len(chat.seen("Ola"))
    chat.press("Ola", "Use team again")
    assert isinstance(chat.submit("Ola", names="named", title="The second one"), Replace)
    assert len(chat.seen("Ola")) == before
    assert "The second one" in chat.last("Ola")
    assert "[Cancel it]" in chat.last("Ola")
    close_early(chat)
    assert "is closed" in chat.last("Ola")


def test_a_place_that_nobody_asked_from_is_not_posted_to(chat: Chat) -> None:
    chat.say("Farid", "hello")
    private = next(place.id for place in chat.rows(select(KnownPlace)) if "farid" in place.conversation)
    chat.tap("Ola", "reviews.start", None, f"{private}.forged")
    assert "in your team's channel" in chat.last("Ola")
    assert chat.form("Ola") is None


def test_mistakes_in_the_form_are_named_and_what_was_typed_stays(chat: Chat) -> None:
    chat.say("Ola", "review", in_channel="team")
    reply = chat.submit("Ola", title=" ", closes_on="2026-03-02", names="")
    assert isinstance(reply, FixAnswers)
    assert set(chat.problems("Ola")) == {"title", "closes_on", "names"}
    chat.submit("Ola", title="Our year", closes_on="2026-07-01", names="named")
    assert "31 May 2026" in chat.problems("Ola")["closes_on"]
    assert chat.form("Ola").fields[1].value == "Our year"
    chat.submit("Ola", closes_on="2026-05-31")
    assert "Our year" in in_the_channel(chat)
    assert "Named: everybody" in in_the_channel(chat)


def test_a_small_team_cannot_be_anonymous_because_nothing_could_be_shown(chat: Chat) -> None:
    start(chat, "Farid", "anonymous")
    assert "3 are asked here" in chat.problems("Farid")["names"]
    chat.submit("Farid", names="named")
    assert review(chat).anonymous is False


def test_a_team_has_one_review_open_at_a_time(chat: Chat) -> None:
    start(chat)
    chat.say("Ola", "review", in_channel="team")
    assert "open already" in chat.last("Ola", in_channel="team")
    assert "[Close it now]" in chat.last("Ola", in_channel="team")
    assert len(chat.rows(select(Review))) == 1


def test_two_people_starting_at_once_open_one_review(chat: Chat) -> None:
    team = chat.rows(select(Team.id).where(Team.name == "Children's Services"))[0]
    filled = {"team": str(team), "title": "Ours", "closes_on": "2026-03-16", "names": "named"}

    def submit(who: str) -> Callable[[], Any]:
        event = Event(f"start {who}", chat.visitor(who).account, channel("team"), "submit", "reviews.launch",
                      answers=filled, email=chat.email(who))  # fmt: skip
        return lambda: chat.dispatcher.handle(event, chat.now).reply

    replies = at_once(submit("Ola"), submit("Cora"))
    assert sorted("open already" in str(reply) for reply in replies) == [False, True]
    assert len(chat.rows(select(Review))) == 1


def test_a_lead_who_is_one_no_more_cannot_submit_the_form(chat: Chat) -> None:
    chat.say("Ola", "review", in_channel="team")
    chat.database.run(lambda session: session.execute(update(Team).values(lead_id=None)))
    chat.submit("Ola", names="named", title="A title that took a while to find")
    assert "started by the team's lead" in chat.last("Ola", in_channel="team")
    assert "A title that took a while" in chat.last("Ola", in_channel="team")
    assert chat.rows(select(Review)) == []
    assert len(chat.rows(select(RefusedAttempt))) == 1


# --------------------------------------------------------------------------------------------------------- answering


@pytest.mark.parametrize("names", ["named", "anonymous"])
def test_everybody_answers_privately_and_can_change_it(chat: Chat, names: str) -> None:
    start(chat, names=names)
    opened = chat.press("Amina", "Answer", in_channel="team")
    assert isinstance(opened, OpenForm)
    assert [field.label for field in opened.form.fields[:2]] == ["Why are we here?", "Why are we here? From 1 to 5"]
    assert opened.form.fields[0].hint == "Clarity of purpose"
    assert "not clear" in opened.form.fields[1].hint
    assert not any(field.value for field in opened.form.fields)
    chat.submit("Amina", words_purpose=CANARY, rating_purpose="2")
    # the way to change anonymous answers is in nobody's sight but theirs, and never in a message that goes away
    where = "team" if names == "named" else ""
    assert "You can change it until Mon 16 Mar, 17:00" in chat.last("Amina", in_channel=where)
    again = chat.press("Amina", "Change my answers", in_channel=where)
    assert isinstance(again, OpenForm)
    assert [field.value for field in again.form.fields[:2]] == [CANARY, "2"]
    chat.submit("Amina", rating_purpose="4")
    assert "Changed." in chat.last("Amina", in_channel=where)
    assert len(given(chat)) == 1
    other = chat.press("Ben", "Answer", in_channel="team")
    assert isinstance(other, OpenForm)
    assert not any(field.value for field in other.form.fields)  # only one's own


def test_at_least_one_answer_is_needed_and_a_mistake_keeps_the_rest(chat: Chat) -> None:
    start(chat)
    answer(chat, "Amina")
    assert "at least one" in chat.problems("Amina")["words_purpose"]
    chat.submit("Amina", rating_work="7", words_work="we teach")
    assert set(chat.problems("Amina")) == {"rating_work"}
    assert given(chat) == []
    chat.submit("Amina", words_effect="x" * 3001, rating_work="3")
    assert "3,000" in chat.problems("Amina")["words_effect"]
    assert next(field.value for field in chat.form("Amina").fields if field.name == "words_work") == "we teach"
    chat.submit("Amina", words_effect="x" * 3000)
    assert len(given(chat)) == 1


def test_the_card_counts_in_place(chat: Chat) -> None:
    start(chat, names="named")
    everybody_answers(chat, ("Amina", "Ben", "Chloe"))
    answer(chat, "Ben", 1)
    chat.wait(seconds=6)
    assert len(chat.seen("Farid", in_channel="team")) == 1
    assert "3 of 6 have answered" in in_the_channel(chat)
    changes = chat.rows(select(Owed).where(Owed.changes.is_not(None), Owed.notice == "reviews.card"))
    assert len(changes) == 1  # many answers are one change


def test_the_home_screen_offers_the_review(chat: Chat) -> None:
    start(chat)
    assert "Team review 2026" in chat.open_home("Amina")
    assert isinstance(chat.press("Amina", "Answer"), OpenForm)


def test_somebody_of_another_team_is_told_kindly(chat: Chat) -> None:
    start(chat)
    chat.press("Farid", "Answer", in_channel="team")
    assert "answered by the people of that team" in chat.last("Farid", in_channel="team")
    chat.tap("Farid", "reviews.answer", review(chat).id)
    told = chat.last("Farid")
    chat.tap("Farid", "reviews.answer", 9999)
    assert chat.last("Farid") == told  # no hint which reviews there are
    assert given(chat) == []


def test_somebody_who_left_the_team_with_the_form_open_gets_the_words_back(chat: Chat) -> None:
    start(chat)
    chat.press("Amina", "Answer", in_channel="team")
    chat.database.run(
        lambda session: session.execute(update(Person).where(Person.name == "Amina Khan").values(team_id=None))
    )
    chat.submit("Amina", words_purpose=CANARY)
    assert "people of that team" in chat.last("Amina", in_channel="team")
    assert CANARY in chat.last("Amina", in_channel="team")
    assert given(chat) == []


@pytest.mark.parametrize("job", ["late", "done"])
def test_an_answer_after_the_close_is_refused_and_handed_back_however_late_the_job(chat: Chat, job: str) -> None:
    start(chat)
    chat.press("Amina", "Answer", in_channel="team")
    if job == "done":
        chat.wait_until(datetime(2026, 3, 16, 17, 0, tzinfo=UTC))
    chat.now = datetime(2026, 3, 16, 17, 0, tzinfo=UTC)
    reply = chat.submit("Amina", words_purpose=CANARY)
    assert isinstance(reply, Say)
    assert "closed on Mon 16 Mar, 17:00" in chat.screen_of("Amina", in_channel="team")
    assert CANARY in chat.screen_of("Amina", in_channel="team")
    assert given(chat) == []
    assert CANARY not in in_the_channel(chat)


@pytest.mark.parametrize("names", ["named", "anonymous"])
def test_sending_twice_at_once_counts_once(chat: Chat, names: str) -> None:
    start(chat, names=names)
    about = review(chat).id
    chat.say("Amina", "hello")

    def submit(number: int) -> Callable[[], Any]:
        event = Event(f"twice {number}", chat.visitor("Amina").account, channel("team"), "submit", "reviews.answer",
                      about, answers={"rating_purpose": str(number)})  # fmt: skip
        return lambda: chat.dispatcher.handle(event, chat.now)

    at_once(*(submit(number) for number in range(1, 6)))
    assert len(given(chat)) == 1


def test_answers_that_race_the_closing_are_counted_or_handed_back(chat: Chat) -> None:
    start(chat)
    about = review(chat).id
    for who in TEAM:
        chat.say(who, "hello")

    def submit(who: str) -> Callable[[], Any]:
        event = Event(f"race {who}", chat.visitor(who).account, channel("team"), "submit", "reviews.answer", about,
                      answers={"words_purpose": f"what {who} wanted to say for a long time"})  # fmt: skip
        return lambda: "Thank you" in str(chat.dispatcher.handle(event, chat.now).reply)

    def close() -> Any:
        event = Event("race close", chat.visitor("Ola").account, channel("team"), "tap", "reviews.closed", about)
        return chat.dispatcher.handle(event, chat.now)

    taken = at_once(*(submit(who) for who in TEAM[1:4]), close, *(submit(who) for who in TEAM[4:]))
    assert review(chat).state == "closed"
    assert review(chat).answered == sum(one is True for one in taken)
    assert given(chat) == []  # an answer that slipped in beside the closing would still be there


# --------------------------------------------------------------------------------------------------------- reminders


def test_only_those_who_have_not_answered_are_reminded_privately_at_half_past_nine(chat: Chat) -> None:
    for who in TEAM:
        chat.say(who, "hello")
    start(chat)
    everybody_answers(chat, ("Amina", "Ben"))
    chat.wait_until(datetime(2026, 3, 9, 9, 29, tzinfo=UTC))
    assert not any("half-way" in chat.screen_of(who) for who in TEAM)
    chat.wait_until(datetime(2026, 3, 9, 9, 30, tzinfo=UTC))
    assert [who for who in TEAM if "half-way" in chat.screen_of(who)] == ["Ola", "Chloe", "Dan", "Eve"]
    chat.press("Chloe", "Answer")
    chat.submit("Chloe", rating_work="3")
    chat.wait_until(datetime(2026, 3, 13, 9, 30, tzinfo=UTC))  # the Friday before a Monday
    assert [who for who in TEAM if "closes on" in chat.screen_of(who)] == ["Ola", "Dan", "Eve"]
    everything = in_the_channel(chat) + chat.screen_of("Ola")
    assert not any(name in everything for name in ("Chloe", "Dan", "Eve"))  # nobody is named, not to the lead either


def test_a_reminder_can_be_declined_and_stays_declined_when_the_review_is_extended(chat: Chat) -> None:
    chat.say("Ben", "hello")
    start(chat)
    chat.wait_until(datetime(2026, 3, 9, 9, 30, tzinfo=UTC))
    chat.press("Ben", "Don't remind me")
    assert "You can still answer" in chat.last("Ben")
    chat.press("Ola", "Keep it open longer")
    chat.submit("Ola", closes_on="2026-03-23")
    chat.wait_until(datetime(2026, 3, 23, 9, 30, tzinfo=UTC))
    assert "closes on" not in chat.screen_of("Ben")
    assert "closes on" in chat.screen_of("Ola")
    assert isinstance(chat.press("Ben", "Answer"), OpenForm)


def test_nobody_who_paused_or_left_is_reminded(chat: Chat) -> None:
    for who in ("Dan", "Eve", "Ben"):
        chat.say(who, "hello")
    start(chat)

    def away(session: Any) -> None:
        session.execute(update(Person).where(Person.name == "Dan Evans").values(paused_until=date(2026, 5, 1)))
        session.execute(update(Person).where(Person.name == "Eve Fox").values(left_at=NOW))

    chat.database.run(away)
    chat.wait(days=13)
    assert "half-way" in chat.screen_of("Ben")
    assert "review" not in chat.screen_of("Dan").lower().replace("reviews", "")
    assert "Team review 2026" not in chat.screen_of("Eve")


def test_after_an_outage_there_is_one_reminder_and_not_two(chat: Chat) -> None:
    chat.say("Ben", "hello")
    start(chat)
    chat.now = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
    chat.wait(minutes=1)
    assert "half-way" not in chat.screen_of("Ben")
    assert chat.screen_of("Ben").count("closes on") == 1


# -------------------------------------------------------------------------------------- joining while a review is open


def moves(chat: Chat, who: str, team: str) -> None:
    def work(session: Any) -> None:
        found = session.scalars(select(Team).where(Team.name == team)).one()
        person = people.by_email(session, chat.email(who))
        assert person is not None
        person.team_id = found.id

    chat.database.run(work)


@pytest.mark.parametrize("names", ["named", "anonymous"])
def test_who_joins_in_the_middle_is_invited_once_and_reminded_as_the_others_are(chat: Chat, names: str) -> None:
    for who in ("Farid", "Ben"):
        chat.say(who, "hello")
    start(chat, names=names)
    chat.wait_until(datetime(2026, 3, 4, 21, 0, tzinfo=UTC))
    moves(chat, "Farid", "Children's Services")
    chat.wait_until(datetime(2026, 3, 5, 9, 29, tzinfo=UTC))
    assert "You have joined" not in chat.screen_of("Farid")
    chat.wait_until(datetime(2026, 3, 5, 9, 30, tzinfo=UTC))  # at the hour of reminders, not at night
    assert "You have joined Children's Services in the middle of its review" in chat.last("Farid")
    assert ("0 of 7 have" if names == "named" else "Fewer than 5 of 7 have") in in_the_channel(chat)
    chat.wait_until(datetime(2026, 3, 9, 9, 30, tzinfo=UTC))
    assert chat.screen_of("Farid").count("half-way") == chat.screen_of("Ben").count("half-way") == 1
    chat.wait_until(datetime(2026, 3, 13, 9, 30, tzinfo=UTC))
    assert chat.screen_of("Farid").count("closes on") == chat.screen_of("Ben").count("closes on") == 1
    assert chat.screen_of("Farid").count("You have joined") == 1
    assert "You have joined" not in chat.screen_of("Ben")
    chat.press("Farid", "Answer")
    chat.submit("Farid", rating_purpose="3")
    assert len(given(chat)) == 1


def test_who_joins_on_the_day_of_a_reminder_is_not_chased_twice(chat: Chat) -> None:
    chat.say("Farid", "hello")
    start(chat)
    chat.wait_until(datetime(2026, 3, 9, 7, 0, tzinfo=UTC))  # the others are reminded at half past nine
    moves(chat, "Farid", "Children's Services")
    chat.wait_until(datetime(2026, 3, 12, 12, 0, tzinfo=UTC))
    assert chat.screen_of("Farid").count("You have joined") == 1
    assert "half-way" not in chat.screen_of("Farid")
    chat.press("Farid", "Don't remind me")
    chat.wait_until(datetime(2026, 3, 15, 12, 0, tzinfo=UTC))
    assert "closes on" not in chat.screen_of("Farid")


def test_who_joins_too_late_or_has_answered_by_then_is_left_in_peace(chat: Chat) -> None:
    for who in ("Farid", "Grace"):
        chat.say(who, "hello")
    start(chat)
    chat.wait_until(datetime(2026, 3, 11, 10, 0, tzinfo=UTC))
    moves(chat, "Grace", "Children's Services")
    answer(chat, "Grace", 4)
    chat.wait_until(datetime(2026, 3, 16, 10, 0, tzinfo=UTC))
    moves(chat, "Farid", "Children's Services")
    chat.wait(days=3)
    assert "You have joined" not in chat.screen_of("Farid") + chat.screen_of("Grace")


def test_who_moves_to_another_team_is_asked_no_more_and_who_comes_back_is_not_invited(chat: Chat) -> None:
    for who in ("Ben", "Dan"):
        chat.say(who, "hello")
    start(chat)
    for who in ("Ben", "Dan"):
        moves(chat, who, "Inclusion")
    chat.wait_until(datetime(2026, 3, 10, 12, 0, tzinfo=UTC))
    assert "Team review 2026" not in chat.screen_of("Ben")
    moves(chat, "Dan", "Children's Services")
    chat.wait_until(datetime(2026, 3, 15, 12, 0, tzinfo=UTC))
    assert "Team review 2026" not in chat.screen_of("Ben")
    assert "You have joined" not in chat.screen_of("Dan")
    assert chat.screen_of("Dan").count("closes on") == 1


def test_a_review_too_short_for_reminders_invites_nobody_who_saw_it_begin(chat: Chat) -> None:
    chat.say("Ben", "hello")
    chat.now += timedelta(hours=2)
    start(chat, closes_on="2026-03-03")
    chat.wait_until(datetime(2026, 3, 3, 16, 0, tzinfo=UTC))
    assert "Team review 2026" not in chat.screen_of("Ben")


def test_who_becomes_the_lead_in_the_middle_gets_the_leads_card(chat: Chat) -> None:
    for who in ("Amina", "Ola"):
        chat.say(who, "hello")
    start(chat)
    cards = chat.screen_of("Ola").count("[Cancel it]")
    amina = chat.person("Amina").id
    chat.database.run(lambda session: session.execute(
        update(Team).where(Team.name == "Children's Services").values(lead_id=amina)))  # fmt: skip
    chat.wait(days=2)
    assert chat.screen_of("Amina").count("[Cancel it]") == 1
    assert chat.screen_of("Ola").count("[Cancel it]") == cards == 1


LONDON = ZoneInfo("Europe/London")


def local(month: int, day: int, hour: int = 9, minute: int = 30) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("opened", "closes", "half", "last"),
    [
        # two weeks; a Monday is reminded of on the Friday
        (local(3, 2, 11), local(3, 16, 17), local(3, 9), local(3, 13)),
        # half-time on a Sunday waits for Monday; over the change to summer time it is still half past nine
        (local(3, 23, 11), local(4, 4, 17), local(3, 30), local(4, 2)),
        # Easter: neither on Good Friday nor on the Monday, and never half-time after the last one
        (local(3, 31, 11), local(4, 7, 17), None, local(4, 2)),
        # a day: no room for either
        (local(3, 2, 11), local(3, 3, 17), None, None),
    ],
)
def test_when_people_are_reminded(policy: Policy, opened: datetime, closes: datetime, half: Any, last: Any) -> None:
    assert rules.reminders(opened, closes, LONDON, calendar_of(policy)) == rules.Reminders(half, last)


# ----------------------------------------------------------------------------------------------------------- closing


def test_at_the_closing_time_the_channel_sees_what_came_of_it(chat: Chat) -> None:
    start(chat, names="named")
    everybody_answers(chat)
    chat.wait_until(datetime(2026, 3, 16, 16, 59, tzinfo=UTC))
    assert "What came of" not in in_the_channel(chat)
    chat.wait_until(datetime(2026, 3, 16, 17, 0, tzinfo=UTC))
    card, summary, said = chat.seen("Farid", in_channel="team")  # the channel stays quiet: these three and no more
    assert "closed. 6 people answered" in plain(card.message)
    spread, average = (part for part in summary.message.parts if isinstance(part, Chart))
    assert spread.categories == average.categories == ("1 Purpose",)
    assert spread.series == (("1", (2,)), ("2", (1,)), ("3", (1,)), ("4", (1,)), ("5", (1,)))
    assert average.series == (("This time", (2.7,)),)
    table = next(part for part in summary.message.parts if isinstance(part, Table))
    assert table.headings == ("Question", "Gave 1 to 5", "Average")
    assert table.rows[0] == ("1. Why are we here?", "2, 1, 1, 1, 1", "2.7")
    assert table.rows[1][1:] == ("none", "–")
    quotes = [part for part in said.message.parts if isinstance(part, Quote)]
    assert ("words number 1", "Amina Khan") in [(quote.words, quote.by) for quote in quotes]
    assert len(quotes) == 6
    assert "[Answer" not in in_the_channel(chat)


def test_the_lead_is_shown_what_comes_next_on_the_morning_after_unless_they_closed_it_early(chat: Chat) -> None:
    start(chat)
    everybody_answers(chat)
    chat.wait_until(datetime(2026, 3, 17, 9, 29, tzinfo=UTC))
    before = len(chat.seen("Ola"))
    chat.wait_until(datetime(2026, 3, 17, 9, 30, tzinfo=UTC))
    assert len(chat.seen("Ola")) == before + 1
    assert "[Make sense of it together]" in chat.last("Ola")
    start(chat)
    everybody_answers(chat)
    close_early(chat)
    before = len(chat.seen("Ola"))  # the card that they closed it with says it already
    chat.wait(days=3)
    assert len(chat.seen("Ola")) == before


def test_the_summary_comes_once_however_often_it_is_settled(chat: Chat) -> None:
    start(chat)
    everybody_answers(chat)
    close_early(chat)
    chat.wait(days=20)
    assert in_the_channel(chat).count("What came of") == 1
    assert in_the_channel(chat).count("What people wrote in") == 1


def test_fewer_than_five_anonymous_answers_are_not_shown_to_anybody(chat: Chat) -> None:
    start(chat)
    everybody_answers(chat, ("Amina", "Ben", "Chloe", "Dan"))
    close_early(chat)
    assert "4 of 6 in Children's Services answered" in in_the_channel(chat)
    assert "from 5 answers on" in in_the_channel(chat)
    everything = "".join(chat.screen_of(who) + chat.screen_of(who, in_channel="team") for who in (*TEAM, "Cora"))
    assert "words number" not in everything
    assert not any(isinstance(part, Chart | Table) for one in chat.seen("Ola", in_channel="team")
                   for part in one.message.parts)  # fmt: skip
    chat.tap("Ola", "reviews.read", review(chat).id, "purpose")
    assert "words number" not in chat.last("Ola")


def test_five_anonymous_answers_are_shown_without_their_authors(chat: Chat) -> None:
    start(chat)
    for number, who in enumerate(TEAM[:5]):
        few = {"words_work": f"only three said {number}", "rating_work": "5"} if number < 3 else {}
        answer(chat, who, number + 1, f"words number {number}", **few)
    close_early(chat)
    shown = in_the_channel(chat)
    assert all(f"words number {number}" in shown for number in range(5))
    assert "only three" not in shown  # a question with fewer than five is not shown either
    assert "too few" in shown
    assert "Where fewer than 5 people wrote" in shown
    assert not any(name in shown for name in ("Amina", "Ben", "Chloe", "Dan", "Ola"))


def test_nobody_answering_is_said_without_blame(chat: Chat) -> None:
    start(chat)
    close_early(chat)
    assert "Nobody answered this time" in in_the_channel(chat)


def test_keeping_it_open_longer_moves_everything_along(chat: Chat) -> None:
    chat.say("Ben", "hello")
    start(chat)
    chat.press("Ola", "Keep it open longer")
    chat.submit("Ola", closes_on="2026-03-10")
    assert "later day" in chat.problems("Ola")["closes_on"]
    chat.submit("Ola", closes_on="2026-03-23")
    assert "Mon 23 Mar, 17:00" in chat.last("Ola")
    assert "Mon 23 Mar, 17:00" in in_the_channel(chat)
    chat.wait_until(datetime(2026, 3, 16, 18, 0, tzinfo=UTC))
    assert "What came of" not in in_the_channel(chat)
    assert "closes on" not in chat.screen_of("Ben")
    answer(chat, "Amina", 3)
    chat.wait_until(datetime(2026, 3, 20, 9, 30, tzinfo=UTC))
    assert chat.screen_of("Ben").count("closes on") == 1
    chat.wait_until(datetime(2026, 3, 23, 17, 0, tzinfo=UTC))
    assert "What came of" in in_the_channel(chat)


def test_cancelling_is_asked_twice_and_destroys_the_answers(chat: Chat) -> None:
    start(chat)
    everybody_answers(chat)
    chat.press("Ola", "Cancel it")
    assert "is destroyed for good, and nothing of it is shown" in chat.screen_of("Ola")
    chat.press("Ola", "Leave it open")
    assert len(given(chat)) == 6
    chat.press("Ola", "Cancel it")
    chat.press("Ola", "Cancel it and destroy")
    assert given(chat) == []
    assert review(chat).secret is None
    assert "was cancelled. The answers were destroyed" in in_the_channel(chat)
    answer_form = chat.tap("Amina", "reviews.open", review(chat).id)
    assert isinstance(answer_form, Say)
    assert "was cancelled" in chat.last("Amina")
    chat.wait(days=20)
    assert len(chat.seen("Farid", in_channel="team")) == 1
    assert isinstance(chat.say("Ola", "review", in_channel="team"), OpenForm)  # and another can be started


def test_only_the_lead_can_close_extend_or_cancel(chat: Chat) -> None:
    start(chat)
    about = review(chat).id
    for action in ("close", "closed", "cancel", "cancelled", "extend", "extended", "leave_open"):
        for who in ("Amina", "Farid", "Cora"):
            chat.tap(who, f"reviews.{action}", about)
            assert "can't find that" in chat.last(who)
    assert review(chat).state == "open"
    with pytest.raises(NothingThere):
        chat.press("Amina", "Cancel it", in_channel="team")


def test_a_late_yes_to_cancelling_finds_it_closed(chat: Chat) -> None:
    start(chat)
    everybody_answers(chat)
    chat.press("Ola", "Cancel it")
    about = review(chat).id
    chat.now = review(chat).closes_at
    chat.tap("Ola", "reviews.cancelled", about)
    assert "closed already" in chat.last("Ola")
    assert review(chat).answered == 6
    assert all(f"words number {number}" in in_the_channel(chat) for number in range(6))


def test_a_next_review_can_start_although_the_job_that_closes_the_last_is_late(chat: Chat) -> None:
    start(chat, names="named")
    everybody_answers(chat)
    chat.now = review(chat).closes_at + timedelta(minutes=1)
    start(chat, names="named", title="The next one")
    assert "The next one" in in_the_channel(chat)
    assert in_the_channel(chat).count("What came of Team review 2026") == 1


# --------------------------------------------------------------------------------------------- what is said stays words


def test_words_that_look_like_markup_stay_words(chat: Chat) -> None:
    hostile = "<!channel> <@U1> <https://evil|HR> [HR](https://evil) <at>Ben</at> {{DATE()}} {title} **bold**"
    start(chat, names="named", title="{team} <!here> **x**")
    answer(chat, "Amina", 3, hostile)
    close_early(chat)
    said = chat.seen("Farid", in_channel="team")[-1].message
    assert [part.words for part in said.parts if isinstance(part, Quote)] == [hostile]
    assert "{team} <!here> **x**" in in_the_channel(chat)
    for posted in chat.seen("Farid", in_channel="team"):
        for part in posted.message.parts:
            assert "!here" not in getattr(part, "sentence", "")  # only ever a value, never our sentence


def test_long_results_fit_and_nothing_is_out_of_reach(chat: Chat) -> None:
    start(chat, names="named")
    long = {f"words_{question.key}": "w" * 2990 for question in chat.policy.reviews.questions}
    for number, who in enumerate(TEAM):
        answer(chat, who, 3, f"{number} begins " + "x" * 2900, **{k: v for k, v in long.items() if "purpose" not in k})
    close_early(chat)
    said = chat.seen("Ben", in_channel="team")[-1].message
    assert sum(len(part.words) for part in said.parts if isinstance(part, Quote)) < 9_000
    place = replace(channel("team"), message=chat.seen("Ben", in_channel="team")[-1].id)
    chat.run(chat.visitor("Ben").choose("1. Why are we here?", place=place))
    pages = [chat.last("Ben", in_channel="team")]
    while "[Read on]" in pages[-1]:
        chat.press("Ben", "Read on", in_channel="team")
        pages.append(chat.last("Ben", in_channel="team"))
    assert all(len(page) < 9_500 for page in pages)
    assert sorted(re.findall(r"(\d) begins x{2900}\n", "\n".join(pages))) == ["0", "1", "2", "3", "4", "5"]
    chat.tap("Farid", "reviews.read", review(chat).id, "purpose")
    assert "begins" not in chat.last("Farid")


def is_elsewhere(chat: Chat, who: str) -> None:
    """Somebody is on another platform than the team's channel, and sees its cards in their direct chat."""
    chat.say(who, "hello")
    chat.delivery.platforms = {**chat.delivery.platforms, "elsewhere": chat.screen}
    moved = update(KnownAccount).where(KnownAccount.person_id == chat.person(who).id)
    chat.database.run(lambda session: session.execute(moved.values(platform="elsewhere", place_id=None)))


def looked_at(chat: Chat, who: str) -> list[str]:
    """Whose words somebody is noted to have read, by first name, once for each time."""
    read = select(Person.name).join(Look, Look.owner_id == Person.id).where(Look.reader_id == chat.person(who).id)
    return sorted(name.split()[0] for name in chat.rows(read))


def test_the_card_of_ratings_is_no_look_at_what_people_wrote(chat: Chat) -> None:
    is_elsewhere(chat, "Dan")
    start(chat, names="named")
    for who in ("Amina", "Ben"):
        answer(chat, who, 4, f"{who} wrote this")
    close_early(chat)
    ratings, wrote = [posted.message for posted in chat.seen("Dan")[-2:]]
    assert "Amina wrote this" not in plain(ratings)
    assert "Amina wrote this" in plain(wrote)
    assert looked_at(chat, "Dan") == ["Amina", "Ben"]  # from the second alone


def test_who_was_not_quoted_for_want_of_room_was_not_read(chat: Chat) -> None:
    is_elsewhere(chat, "Dan")
    start(chat, names="named")
    for who in ("Amina", "Ben", "Chloe", "Eve"):
        answer(chat, who, 4, **{f"words_{one.key}": f"{who} wrote " + "x" * 900 for one in chat.policy.reviews.questions
                                if one.key != "purpose"})  # fmt: skip
    close_early(chat)
    wrote = plain(chat.seen("Dan")[-1].message)
    assert "and 2 more" in wrote
    quoted = [who for who in ("Amina", "Ben", "Chloe", "Eve") if f"{who} wrote" in wrote]
    assert looked_at(chat, "Dan") == quoted != ["Amina", "Ben", "Chloe", "Eve"]


# ----------------------------------------------------------------------------------------------- anonymous is anonymous


def every_value(database: Database) -> dict[tuple[str, str], list[Any]]:
    """Every value of every column of every table that the database really has."""
    found: dict[tuple[str, str], list[Any]] = {}

    def look(session: Any) -> None:
        connection = session.connection()
        for table in inspect(connection).get_table_names():
            rows = connection.execute(text(f'SELECT * FROM "{table}"'))
            names = list(rows.keys())
            for row in rows:
                for name, value in zip(names, row, strict=True):
                    value = bytes(value) if isinstance(value, memoryview) else value
                    found.setdefault((table, name), []).append(value)

    database.run(look)
    return found


def anonymous_answers(chat: Chat) -> None:
    start(chat)
    for number, who in enumerate(TEAM):
        answer(chat, who, number % 5 + 1, f"{CANARY}, says number {number}")


def test_no_author_of_an_anonymous_answer_is_anywhere_in_the_database(chat: Chat) -> None:
    anonymous_answers(chat)
    asked = [chat.person(who) for who in TEAM]
    everything = every_value(chat.database)
    kept = given(chat)
    assert len(kept) == 6
    for one in kept:
        assert one.person_id is None
        for (table, column), values in everything.items():
            if table == "review_answer":
                continue
            told = f"{table}.{column} says something of an answer"
            assert one.id not in [value for value in values if isinstance(value, int)], told
            assert not any(one.mark in str(value) for value in values if not isinstance(value, bytes)), told
            assert not any(one.answers in value for value in values if isinstance(value, bytes)), told
        for person in asked:
            for trait in (str(person.id), person.email, person.name):
                assert one.mark not in {
                    trait,
                    rules.mark_of_named(person.id),
                    KEYRING.mark(trait),
                    KEYRING.mark(person.id),
                }
            assert person.email not in str(one.__dict__)
            assert person.name not in str(one.__dict__)
    # a new column of this table has to be thought about: nothing in it may tell who, or when
    assert {column.name for column in ReviewAnswer.__table__.columns} == {
        "id", "review_id", "mark", "answers", "person_id",
    }  # fmt: skip
    referring = [key for table in Record.metadata.tables.values() for key in table.foreign_keys]
    assert not any(key.column.table.name == "review_answer" for key in referring)


def test_no_message_that_is_kept_says_what_somebody_answered(chat: Chat) -> None:
    start(chat)
    chat.say("Amina", "hello")
    event = Event("kept", chat.visitor("Amina").account, channel("team"), "submit", "reviews.answer", review(chat).id,
                  answers={"words_purpose": CANARY, "rating_purpose": "2"})  # fmt: skip
    chat.dispatcher.handle(event, chat.now)  # committed, and the thanks not sent yet
    waiting = [row for row in chat.rows(select(Owed)) if row.body is not None]
    assert len(waiting) == 2  # the thanks, and the card that holds the key
    for row in waiting:
        assert CANARY not in KEYRING.open_for_organisation(row.body)
        assert (row.notice, row.about) == ("", None)  # it does not even say that it is about the review


def test_closing_destroys_what_could_tell_whose_answers_are_whose(chat: Chat) -> None:
    for who in TEAM:
        chat.say(who, "hello")
    anonymous_answers(chat)
    secret = KEYRING.open_for_organisation(review(chat).secret)
    cards = {rules.name_of_card(secret, chat.person(who).id) for who in TEAM}
    assert cards <= set(chat.rows(select(Owed.key)))
    assert len(chat.rows(select(ReviewTaken))) == 6
    chat.wait_until(datetime(2026, 3, 16, 17, 0, tzinfo=UTC))
    assert review(chat).secret is None
    assert given(chat) == []
    reminders = chat.rows(select(Owed).where(Owed.notice.in_(reviews.ASKING)))
    assert reminders == []  # they would say who had answered by when
    assert chat.rows(select(ReviewTaken)) == []
    assert not cards & set(chat.rows(select(Owed.key)))  # and so would the cards that they were sent


def test_short_and_long_answers_look_alike_once_sealed() -> None:
    short = outcomes.packed({"purpose": Answer(1, "")})
    longer = outcomes.packed({"purpose": Answer(5, "a few sentences " * 60)})
    assert len(short) == len(longer) == outcomes.PADDED_TO
    assert outcomes.unpacked(longer)["purpose"].rating == 5
    assert json.loads(outcomes.packed({"a": Answer(None, "é" * 3000)}))["a"]["words"] == "é" * 3000


def test_the_words_of_an_answer_are_readable_nowhere_in_the_file(chat: Chat, tmp_path: Any) -> None:
    if not chat.database.sqlite:
        pytest.skip("there is no file")
    for names in ("anonymous", "named"):
        start(chat, names=names, title=names)
        for who in TEAM:
            answer(chat, who, 3, f"{CANARY} for {who}")
        assert not readable(tmp_path)
        close_early(chat)
        assert not readable(tmp_path)


def readable(folder: Any) -> bool:
    return any(CANARY.encode() in file.read_bytes() for file in folder.iterdir() if file.is_file())


def test_the_log_says_nothing_of_answers(chat: Chat, capfd: Any, caplog: Any) -> None:
    caplog.set_level("DEBUG")
    anonymous_answers(chat)
    close_early(chat)
    out, err = capfd.readouterr()
    assert CANARY not in out + err + caplog.text


def test_somebody_erased_takes_their_named_answers_along(chat: Chat) -> None:
    start(chat, names="named")
    answer(chat, "Amina", 1, "mine")
    answer(chat, "Ben", 5, "his")
    chat.database.run(
        lambda session: session.execute(update(Person).where(Person.name == "Amina Khan").values(key=None))
    )
    close_early(chat)
    assert "mine" not in in_the_channel(chat)
    assert "his" in in_the_channel(chat)


def test_an_answers_number_has_room_to_be_random() -> None:
    kind = ReviewAnswer.__table__.c.id.type
    assert isinstance(kind, BigInteger)  # 32 bits would not do on PostgreSQL


# -------------------------------------------------------------------------------------------------------------- forms


def test_every_form_reads_back_what_was_answered(chat: Chat) -> None:
    questions = chat.policy.reviews.questions
    shown = form.answers(questions, title="t", who_sees=form.text("x"), until="u")
    answers = {question.key: Answer(number % 5 + 1, f"words {number}") for number, question in enumerate(questions)}
    typed = {field.name: field.value for field in form.filled(shown, answers).fields}
    assert form.read_answers(questions, typed).answers == answers
    assert len({field.name for field in form.ANSWERS.fields}) == len(form.ANSWERS.fields) == 36


def test_a_count_changes_at_most_every_five_seconds() -> None:
    moments = [rules.next_count_at(NOW + timedelta(milliseconds=step * 100)) for step in range(100)]
    assert len(set(moments)) == 2
    assert all(later - earlier >= timedelta(0) for earlier, later in itertools.pairwise(moments))
    assert all(NOW < moment <= NOW + timedelta(seconds=15) for moment in moments)


def test_the_lead_takes_part_even_when_in_another_team(chat: Chat) -> None:
    def elsewhere(session: Any) -> None:
        ola = people.by_email(session, "ola@example.org")
        assert ola is not None
        ola.team_id = None

    chat.database.run(elsewhere)
    start(chat)
    assert "Fewer than 5 of 6 have answered" in in_the_channel(chat)
    answer(chat, "Ola", 4)
    assert len(given(chat)) == 1
