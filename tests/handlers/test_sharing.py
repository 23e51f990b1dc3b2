"""Sharing: one item, named people, seen first, for good or until a day, taken back at will; and forgetting one."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.chat import FixAnswers, OpenForm, Replace, Say
from storage.models import Course, Entry, Grant, Look, Owed, Person, RefusedAttempt
from tests.conftest import NOW, Chat

CANARY = "kingfisher"


def an_entry(chat: Chat) -> Entry:
    """Amina kept a line; everybody has said hello."""
    for who in ("Ben", "Grace", "Chloe", "Ola", "Cora"):
        chat.say(who, "hello")
    chat.say("Amina", f"diary: today a {CANARY}")
    return chat.rows(select(Entry).order_by(Entry.id.desc()))[0]


def shared_with_ben(chat: Chat, until: str = "") -> Entry:
    entry = an_entry(chat)
    chat.press("Amina", "Share")
    chat.submit("Amina", readers="Ben Carter", until=until)
    chat.press("Amina", "Share it with Ben")
    return entry


# ------------------------------------------------------------------------------------------------------------ sharing


def test_nothing_goes_before_its_owner_saw_exactly_what_goes(chat: Chat) -> None:
    an_entry(chat)
    chat.press("Amina", "Share")
    assert isinstance(chat.submit("Amina", readers="Ben Carter, grace@example.org"), Replace)
    preview = chat.last("Amina")
    assert "exactly what Ben Carter and Grace Hall will see" in preview
    assert "Nothing has been sent yet" in preview
    assert CANARY not in chat.screen_of("Ben") + chat.screen_of("Grace")
    chat.press("Amina", "Share it with Ben and Grace")
    assert "Ben Carter and Grace Hall can read it now." in chat.last("Amina")
    for who in ("Ben", "Grace"):
        seen = chat.last(who)
        for line in ("Amina Khan lets you read a diary entry:", CANARY, "From the diary, Mon 2 Mar 2026:"):
            assert line in seen
            assert line in preview
    assert CANARY not in chat.screen_of("Chloe") + chat.screen_of("Ola") + chat.screen_of("Cora")


def test_it_is_shared_by_typing_too(chat: Chat) -> None:
    an_entry(chat)
    assert isinstance(chat.say("Amina", "share this with Ben"), Say)
    assert "exactly what Ben Carter will see" in chat.last("Amina")
    chat.press("Amina", "Share it with Ben")
    assert CANARY in chat.last("Ben")


def test_typing_this_in_answer_to_an_older_card_means_that_card(chat: Chat) -> None:
    an_entry(chat)
    first = chat.seen("Amina")[-1].id
    chat.say("Amina", "diary: another line")
    chat.say("Amina", "share this with Ben", thread=first)
    chat.press("Amina", "Share it with Ben")
    assert CANARY in chat.last("Ben")
    assert "another line" not in chat.last("Ben")


@pytest.mark.parametrize("said", ["share this with Ben", "forget this"])
def test_this_without_anything_to_mean_is_asked_back(chat: Chat, said: str) -> None:
    an_entry(chat)
    chat.say("Amina", "help")
    chat.say("Amina", said)
    assert "I can't tell which one you mean" in chat.last("Amina")
    assert len(chat.rows(select(Entry))) == 1


@pytest.mark.parametrize(
    ("who", "asked"),
    [
        ("", "Write a name"),
        ("Zed", "I know nobody else called “Zed”"),
        ("Amina", "I know nobody else called “Amina”"),
        ("Ben Carter, nobody@example.org", "“nobody@example.org”"),
    ],
)
def test_a_name_that_is_not_clear_is_asked_about_and_what_was_typed_stays(chat: Chat, who: str, asked: str) -> None:
    an_entry(chat)
    chat.press("Amina", "Share")
    assert isinstance(chat.submit("Amina", readers=who, until="2026-04-01"), FixAnswers)
    assert asked in chat.problems("Amina")["readers"]
    assert {field.name: field.value for field in chat.form("Amina").fields} == {"readers": who, "until": "2026-04-01"}
    chat.submit("Amina", readers="Ben Carter", until="2026-04-01")
    chat.press("Amina", "Share it with Ben")
    assert CANARY in chat.last("Ben")


def test_two_people_of_one_name_are_told_apart(chat: Chat) -> None:
    an_entry(chat)
    chat.database.run(
        lambda session: session.execute(
            update(Person).where(Person.email == "grace@example.org").values(name="Ben Hall")
        )
    )
    assert isinstance(chat.say("Amina", "share this with Ben"), OpenForm)
    chat.submit("Amina", readers="Ben")
    assert "may be Ben Carter and Ben Hall" in chat.problems("Amina")["readers"]


@pytest.mark.parametrize("until", ["2026-03-01", "2030-01-01", "soon"])
def test_a_day_that_cannot_be_is_asked_about(chat: Chat, until: str) -> None:
    an_entry(chat)
    chat.press("Amina", "Share")
    chat.submit("Amina", readers="Ben", until=until)
    assert "still to come" in chat.problems("Amina")["until"]


def test_tapping_twice_sends_it_once(chat: Chat) -> None:
    entry = an_entry(chat)
    chat.press("Amina", "Share")
    chat.submit("Amina", readers="Ben Carter")
    (send,) = [
        button
        for part in chat.seen("Amina")[-1].message.parts
        for button in getattr(part, "buttons", ())
        if button.action == "sharing.send"
    ]
    for _ in range(2):
        chat.tap("Amina", "sharing.send", entry.id, send.value)
    assert chat.screen_of("Ben").count("lets you read a diary entry") == 1
    assert len(chat.rows(select(Grant))) == 1


def test_what_changed_after_the_preview_is_shown_once_more(chat: Chat) -> None:
    entry = an_entry(chat)
    chat.press("Amina", "Share")
    chat.submit("Amina", readers="Ben Carter")
    preview = chat.seen("Amina")[-1].message
    chat.tap("Amina", "diary.edit", entry.id)
    chat.submit("Amina", words="quite another thing")
    (send,) = [
        button for part in preview.parts for button in getattr(part, "buttons", ()) if button.action == "sharing.send"
    ]
    chat.tap("Amina", "sharing.send", entry.id, send.value)
    assert "This has changed in the meantime" in chat.last("Amina")
    assert "quite another thing" not in chat.screen_of("Ben")
    chat.press("Amina", "Share it with Ben")
    assert "quite another thing" in chat.last("Ben")


def test_what_is_changed_changes_for_its_readers_and_its_owner_is_told_who_they_are(chat: Chat) -> None:
    entry = shared_with_ben(chat)
    chat.tap("Amina", "diary.open", entry.id)
    assert "Ben Carter can read this." in chat.last("Amina")
    chat.press("Amina", "Edit")
    chat.submit("Amina", words="a heron")
    chat.wait(minutes=1)
    assert "a heron" in chat.last("Ben")
    assert CANARY not in chat.last("Ben")


# ------------------------------------------------------------------------------------------------------- taking back


def test_taken_back_it_goes_from_the_readers_screen_and_the_next_read_is_refused(chat: Chat) -> None:
    shared_with_ben(chat)
    grant = chat.rows(select(Grant))[0]
    chat.press("Amina", "Take it back from Ben")
    assert "Ben Carter can't read it any more." in chat.last("Amina")
    assert CANARY not in chat.screen_of("Ben")
    assert "Amina Khan no longer shares this." in chat.screen_of("Ben")
    chat.tap("Ben", "sharing.read", grant.id)
    assert "I can't find that any more" in chat.last("Ben")
    assert chat.rows(select(RefusedAttempt.action)) == ["sharing.read"]


def test_shared_until_a_day_it_ends_with_that_day(chat: Chat) -> None:
    shared_with_ben(chat, until="2026-03-29")  # the clocks go forward that night in London
    assert "Until Sun 29 Mar 2026." in chat.last("Amina")
    assert "It is shared until Sun 29 Mar 2026." in chat.last("Ben")
    grant = chat.rows(select(Grant))[0]
    assert grant.until == datetime(2026, 3, 29, 23, tzinfo=UTC)
    chat.wait_until(datetime(2026, 3, 29, 22, 59, tzinfo=UTC))
    chat.tap("Ben", "sharing.read", grant.id)
    assert CANARY in chat.last("Ben")
    chat.wait_until(datetime(2026, 3, 29, 23, 0, tzinfo=UTC))
    chat.tap("Ben", "sharing.read", grant.id)
    assert "I can't find that any more" in chat.last("Ben")
    chat.wait_until(datetime(2026, 3, 31, 0, 0, tzinfo=UTC))
    assert CANARY not in chat.screen_of("Ben")


def test_it_can_be_shared_again_after_it_was_taken_back(chat: Chat) -> None:
    entry = shared_with_ben(chat)
    chat.press("Amina", "Take it back from Ben")
    chat.now += timedelta(minutes=5)
    chat.tap("Amina", "diary.open", entry.id)
    chat.press("Amina", "Share")
    chat.submit("Amina", readers="Ben Carter")
    chat.press("Amina", "Share it with Ben")
    assert CANARY in chat.last("Ben")
    assert len(chat.rows(select(Grant))) == 1


def test_taken_out_of_the_diary_nobody_can_read_it(chat: Chat) -> None:
    entry = shared_with_ben(chat)
    chat.tap("Amina", "diary.undo", entry.id)
    chat.wait(minutes=1)
    assert CANARY not in chat.screen_of("Ben")
    chat.say("Ben", "shared with me")
    assert "nobody shares anything with you" in chat.last("Ben")


# ------------------------------------------------------------------------------------------------------ who has read


def test_who_can_read_and_who_did_is_told_and_can_be_ended_there(chat: Chat) -> None:
    shared_with_ben(chat, until="2026-04-01")
    chat.say("Amina", "who has read")
    last = chat.last("Amina")
    assert f"Ben Carter | a diary entry, “today a {CANARY}” | Mon 2 Mar, 09:00" in last
    assert f"Ben Carter: a diary entry, “today a {CANARY}”, until Wed 1 Apr 2026" in last
    chat.press("Amina", "Take it back")
    chat.say("Amina", "who has read")
    assert "At present nobody can read what you have kept." in chat.last("Amina")


def test_the_list_of_what_is_shared_with_me_opens_nothing_by_itself(chat: Chat) -> None:
    shared_with_ben(chat)
    looks = len(chat.rows(select(Look)))
    chat.say("Ben", "what is shared with me?")
    assert "Amina Khan: a diary entry" in chat.last("Ben")
    assert CANARY not in chat.last("Ben")
    assert len(chat.rows(select(Look))) == looks
    chat.press("Ben", "Read it")
    assert CANARY in chat.last("Ben")
    assert len(chat.rows(select(Look))) == looks + 1


@pytest.mark.parametrize("who", ["Grace", "Chloe", "Ola", "Cora"])
def test_nobody_else_reads_it_or_shares_it_on(chat: Chat, who: str) -> None:
    entry = shared_with_ben(chat)
    grant = chat.rows(select(Grant))[0]
    tried = (
        ("sharing.read", grant.id, ""),
        ("sharing.take_back", grant.id, ""),
        ("sharing.share", entry.id, "entry"),
        ("sharing.send", entry.id, f"entry:{chat.person(who).id}::"),
        ("sharing.before_forgetting", entry.id, "entry"),
        ("sharing.forget", entry.id, "entry"),
    )
    for action, about, value in tried:
        chat.tap(who, action, about, value)
        assert "I can't find that any more" in chat.last(who), action
    assert len(chat.rows(select(RefusedAttempt))) == len(tried)
    assert CANARY not in chat.screen_of(who)
    assert chat.rows(select(Grant.revoked_at)) == [None]


def test_a_reader_cannot_share_on_what_they_were_let_read(chat: Chat) -> None:
    entry = shared_with_ben(chat)
    chat.tap("Ben", "sharing.share", entry.id, "entry")
    assert "I can't find that any more" in chat.last("Ben")
    chat.say("Ben", "forget this")
    assert len(chat.rows(select(Entry))) == 1


def test_a_new_manager_sees_nothing_from_before(chat: Chat) -> None:
    an_entry(chat)
    chat.press("Amina", "Share")
    chat.submit("Amina", readers="Ola Lead")
    chat.press("Amina", "Share it with Ola")
    chloe = chat.person("Chloe")
    chat.database.run(
        lambda session: session.execute(
            update(Person).where(Person.email == "amina@example.org").values(manager_id=chloe.id)
        )
    )
    chat.say("Chloe", "shared with me")
    chat.tap("Chloe", "sharing.read", chat.rows(select(Grant.id))[0])
    assert CANARY not in chat.screen_of("Chloe")


def test_who_was_not_there_yet_gets_it_when_they_say_hello(chat: Chat) -> None:
    chat.say("Amina", f"diary: today a {CANARY}")
    chat.press("Amina", "Share")
    chat.submit("Amina", readers="Dan")
    chat.press("Amina", "Share it with Dan")
    assert "Dan Evans has not said hello to me yet" in chat.last("Amina")
    assert chat.rows(select(Look)) == []
    chat.say("Dan", "hello")
    chat.wait(minutes=5)
    assert CANARY in chat.screen_of("Dan")


# -------------------------------------------------------------------------------------------------- courses, forgetting


def a_course(chat: Chat) -> Course:
    chat.say("Ben", "hello")
    chat.say("Grace", "hello")
    chat.say("Amina", "I was on First aid on 12 February")
    chat.press("Amina", "Write it in a form")
    chat.submit("Amina", what=f"Ten cases, {CANARY}")
    return chat.rows(select(Course))[0]


def test_what_came_of_a_course_is_shared_with_somebody_who_is_neither_partner_nor_manager(chat: Chat) -> None:
    a_course(chat)
    chat.say("Amina", "share this with Grace")
    chat.press("Amina", "Share it with Grace")
    assert f"Ten cases, {CANARY}" in chat.last("Grace")
    chat.tap("Amina", "courses.take_back", chat.rows(select(Course.id))[0], str(chat.person("Grace").id))
    chat.wait(minutes=1)
    assert CANARY not in chat.screen_of("Grace")


def test_forgetting_is_asked_once_and_then_nothing_of_it_is_left(chat: Chat) -> None:
    shared_with_ben(chat)
    chat.say("Amina", "diary")
    chat.press("Amina", "Open")
    chat.say("Amina", "forget this")
    assert "Ben Carter can't read it any more then." in chat.last("Amina")
    chat.press("Amina", "Keep it")
    assert len(chat.rows(select(Entry))) == 1
    entry = chat.rows(select(Entry.id))[0]
    chat.tap("Amina", "sharing.before_forgetting", entry, "entry")
    chat.press("Amina", "Forget it for good")
    chat.wait(minutes=1)
    assert chat.rows(select(Entry)) == []
    assert CANARY not in chat.screen_of("Ben")


def test_a_forgotten_course_is_never_asked_about_and_goes_from_who_could_read_it(chat: Chat) -> None:
    a_course(chat)
    chat.press("Amina", "Account for it to Ben")
    chat.press("Amina", "Send it to Ben")
    assert CANARY in chat.last("Ben")
    chat.say("Amina", "forget this")
    chat.press("Amina", "Forget it for good")
    chat.wait_until(NOW + timedelta(days=20))
    assert chat.rows(select(Course)) == []
    assert CANARY not in chat.screen_of("Ben")
    asked = chat.rows(select(Owed).where(Owed.notice.startswith("courses."), Owed.state == "due"))
    assert asked == []


def test_a_purpose_is_told_once_with_what_to_leave_out(chat: Chat) -> None:
    chat.say("Amina", "diary: one")
    assert "no legal privilege" in chat.last("Amina")
    chat.say("Amina", "diary: two")
    assert "no legal privilege" not in chat.last("Amina")
    assert chat.person("Amina").told_purpose_at is not None
