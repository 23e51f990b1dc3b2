"""Of everything the two were shown of an interview, one message each has the card; the older ones are one line."""

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import select, update

from bot.chat import Account, Event, Link, Message, Replace, Reply, plain
from bot.console import NAME, TENANT, buttons_of, direct_chat
from storage.models import Interview, Owed
from tests.conftest import Chat, at_once

PEOPLE = ("Amina", "Ben")


def hello(chat: Chat, *names: str) -> None:
    for name in names:
        chat.say(name, "hello")


def about_the_interview(chat: Chat, who: str) -> list[Message]:
    """What somebody sees of it, oldest first: the greeting and the reminder that one is due left out."""
    said = [(plain(posted.message), posted.message) for posted in chat.seen(who)]
    return [message for words, message in said if "hello" not in words.lower() and "of the year" not in words]


def whole(chat: Chat, who: str) -> list[Message]:
    return [message for message in about_the_interview(chat, who) if buttons_of(message)]


def lines(chat: Chat, who: str) -> list[str]:
    return [plain(message) for message in about_the_interview(chat, who) if not buttons_of(message)]


def only(chat: Chat) -> Interview:
    (interview,) = chat.rows(select(Interview))
    return interview


def booked(chat: Chat) -> None:
    hello(chat, *PEOPLE)
    chat.say("Amina", "book Thursday at 10")
    chat.press("Ben", "Confirm")


def test_whatever_happens_to_an_interview_each_of_the_two_has_one_card_and_it_is_the_newest(chat: Chat) -> None:
    hello(chat, *PEOPLE)

    def one_card_each() -> None:
        for who in PEOPLE:
            shown = about_the_interview(chat, who)
            assert whole(chat, who) == shown[-1:]
            assert all(line.count("\n") == 0 and line.endswith("See below.") for line in lines(chat, who))

    chat.say("Amina", "book Thursday at 10")
    one_card_each()
    chat.press("Ben", "Confirm")
    one_card_each()
    assert lines(chat, "Amina") == ["Your interview with Ben: booked for Thu 5 Mar, 10:00. See below."]
    chat.say("Amina", "move my interview to Friday 10am")
    one_card_each()
    assert set(lines(chat, "Ben")) == {"Your interview with Amina: a move to Fri 6 Mar, 10:00 is suggested. See below."}
    chat.press("Ben", "Confirm")
    one_card_each()
    assert set(lines(chat, "Amina")) == {"Your interview with Ben: booked for Fri 6 Mar, 10:00. See below."}
    chat.say("Amina", "cancel my interview")
    chat.submit("Amina")
    one_card_each()
    for who, other in (("Amina", "Ben"), ("Ben", "Amina")):
        assert "Cancelled: Fri 6 Mar" in chat.last(who)
        assert set(lines(chat, who)) == {f"Your interview with {other}: cancelled. See below."}
    assert [len(lines(chat, who)) for who in PEOPLE] == [4, 2]


def test_the_news_of_a_yes_is_on_the_card_and_the_calendar_link_is_there_once(chat: Chat) -> None:
    booked(chat)
    for who in PEOPLE:
        links = [part for posted in chat.seen(who) for part in posted.message.parts if isinstance(part, Link)]
        assert len(links) == 1
    assert "Ben said yes." in chat.last("Amina")
    assert "Booked: Thu 5 Mar, 10:00–10:45 with Ben Carter" in chat.last("Amina")
    assert "[Move it]" in chat.last("Amina")


def test_a_move_that_was_turned_down_leaves_one_card_each(chat: Chat) -> None:
    booked(chat)
    chat.say("Amina", "move my interview to Friday 10am")
    chat.press("Ben", "Keep Thu 5 Mar")
    assert "Ben would rather keep Thu 5 Mar" in chat.last("Amina")
    assert [len(whole(chat, who)) for who in PEOPLE] == [1, 1]


def test_a_reminder_that_was_sent_shrinks_like_every_other_message(chat: Chat) -> None:
    booked(chat)
    chat.wait_until(datetime(2026, 3, 4, 9, 30, tzinfo=UTC))
    assert "Tomorrow" in chat.last("Amina")
    chat.say("Ben", "cancel my interview")
    chat.submit("Ben")
    assert len(whole(chat, "Amina")) == 1
    assert set(lines(chat, "Amina")) == {"Your interview with Ben: cancelled. See below."}


def test_when_an_older_message_is_tapped_the_card_is_there_and_the_newer_one_does_not_point_down(chat: Chat) -> None:
    booked(chat)
    card = next(posted for posted in chat.seen("Ben") if "Booked" in plain(posted.message))
    move = next(button for button in buttons_of(card.message) if button.label == "Move it")
    chat.wait_until(datetime(2026, 3, 4, 9, 30, tzinfo=UTC))
    chat.run(chat.visitor("Ben").tap(move, replace(direct_chat(chat.email("Ben")), message=card.id)))
    chat.press("Ben", "Leave it")
    assert "Booked" in plain(card.message)
    assert chat.last("Ben") == "Your interview with Amina: booked for Thu 5 Mar, 10:00. Say “interviews” to see it."


def test_opening_the_card_again_brings_it_down_and_leaves_one(chat: Chat) -> None:
    booked(chat)
    chat.say("Amina", "interviews")
    chat.press("Amina", "Open")
    assert "Booked: Thu 5 Mar" in chat.last("Amina")
    assert chat.screen_of("Amina").count("Booked: ") == 1


def test_what_was_asked_afterwards_is_the_one_card_too(chat: Chat) -> None:
    booked(chat)
    chat.wait_until(datetime(2026, 3, 5, 11, 15, tzinfo=UTC))
    for who, other in (("Amina", "Ben"), ("Ben", "Amina")):
        assert f"Did you meet {other}?" in chat.last(who)
        assert len(whole(chat, who)) == 1
    chat.press("Amina", "Yes")
    chat.press("Ben", "Yes")
    for who, other in (("Amina", "Ben"), ("Ben", "Amina")):
        assert set(lines(chat, who)) == {f"Your interview with {other}: you met on Thu 5 Mar. See below."}


def test_other_times_in_place_of_the_card_leave_no_line_that_points_to_it(chat: Chat) -> None:
    booked(chat)
    chat.wait_until(datetime(2026, 3, 5, 11, 15, tzinfo=UTC))
    chat.press("Amina", "No")
    assert "Would another time suit?" in chat.last("Amina")
    assert set(lines(chat, "Amina")) == {"Your interview with Ben: it was planned for Thu 5 Mar, 10:00."}


def test_a_card_on_the_other_platform_is_not_called_below(chat: Chat) -> None:
    booked(chat)
    elsewhere = update(Owed).where(Owed.to_id == chat.person("Ben").id).values(platform="teams")
    chat.database.run(lambda session: session.execute(elsewhere))
    chat.say("Amina", "move my interview to Friday 10am")
    becoming = chat.rows(select(Owed.notice).where(Owed.to_id == chat.person("Ben").id, Owed.platform == "teams"))
    assert "interviews.aside" in becoming
    assert "interviews.earlier" not in becoming


def test_what_is_answered_in_a_channel_leaves_the_card_in_the_direct_chat_whole(chat: Chat) -> None:
    booked(chat)
    chat.say("Amina", "move my interview to Friday 10am", in_channel="general")
    assert "You suggested moving" in chat.last("Amina", in_channel="general")
    (card,) = whole(chat, "Amina")
    assert "You suggested moving" in plain(card)


# --------------------------------------------------------------------------------------------------------------- races


def offered(chat: Chat, who: str) -> dict[str, str]:
    """The times on somebody's latest message, by label."""
    buttons = buttons_of(chat.seen(who)[-1].message)
    return {one.label: one.value for one in buttons if one.action in ("interviews.take", "interviews.move_to")}


def both_learners_of_ben(chat: Chat) -> None:
    hello(chat, "Amina", "Ben", "Dan")
    chat.say("Dan", "partner Ben Carter")
    chat.press("Ben", "Accept")
    for who in ("Amina", "Dan"):
        chat.say(who, "book an interview")


def test_a_tap_that_comes_too_late_is_answered_with_fresh_times_in_the_same_message(chat: Chat) -> None:
    both_learners_of_ben(chat)
    label = next(iter(offered(chat, "Amina").keys() & offered(chat, "Dan").keys()))
    chat.press("Amina", label)
    seen = len(chat.seen("Dan"))
    chat.press("Dan", label)
    assert len(chat.seen("Dan")) == seen
    assert chat.last("Dan").startswith("That time has just gone. These are still free:\n")
    assert len(offered(chat, "Dan")) == 5
    assert label not in offered(chat, "Dan")
    chat.press("Dan", next(iter(offered(chat, "Dan"))))
    assert [one.state for one in chat.rows(select(Interview))] == ["proposed", "proposed"]


def tapped(chat: Chat, who: str, value: str, action: str = "interviews.take", about: int | None = None) -> Reply:
    """A tap on the latest message of theirs, at the same time as others: handled, and not shown yet."""
    place = replace(direct_chat(chat.email(who)), message=chat.seen(who)[-1].id)
    event = Event(f"race/{who}", Account(NAME, TENANT, chat.email(who)), place, "tap", action,
                  about or chat.person(who).id, value)  # fmt: skip
    return chat.dispatcher.handle(event, chat.now).reply


def test_of_two_taps_at_once_one_gets_the_time_and_the_other_fresh_times_in_place(chat: Chat) -> None:
    both_learners_of_ben(chat)
    label = next(iter(offered(chat, "Amina").keys() & offered(chat, "Dan").keys()))
    value = offered(chat, "Amina")[label]
    replies = at_once(lambda: tapped(chat, "Amina", value), lambda: tapped(chat, "Dan", value))
    assert all(isinstance(reply, Replace) for reply in replies)
    shown = [reply.message for reply in replies if isinstance(reply, Replace)]
    (won,) = [message for message in shown if "I’ve asked Ben" in plain(message)]
    (lost,) = [message for message in shown if message is not won]
    assert plain(lost).startswith("That time has just gone. These are still free:\n")
    fresh = [one.value for one in buttons_of(lost) if one.action == "interviews.take"]
    assert len(fresh) == 5
    assert value not in fresh
    assert len(chat.rows(select(Interview))) == 1


def test_of_two_moves_at_once_to_one_time_one_is_suggested_and_the_other_is_offered_others(chat: Chat) -> None:
    both_learners_of_ben(chat)
    for who, when in (("Amina", "Thursday at 10"), ("Dan", "Friday at 10")):
        chat.say(who, f"book {when}")
        chat.press("Ben", "Confirm")
    ids = {one.learner_id: one.id for one in chat.rows(select(Interview))}
    amina, dan = (ids[chat.person(who).id] for who in ("Amina", "Dan"))
    value = "20260310T1400/45"
    replies = at_once(
        lambda: tapped(chat, "Amina", value, "interviews.move_to", amina),
        lambda: tapped(chat, "Dan", value, "interviews.move_to", dan),
    )
    said = [plain(reply.message) for reply in replies if isinstance(reply, Replace)]
    assert sum("You suggested moving" in one for one in said) == 1
    assert sum(one.startswith("That time has just gone.") for one in said) == 1
    assert [one.state for one in chat.rows(select(Interview))] == ["booked", "booked"]
