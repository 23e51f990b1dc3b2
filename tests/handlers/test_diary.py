"""The learning diary: kept at once, changed and removed where it was written, and nobody else's to read."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.chat import Say
from storage.models import Draft, Entry, RefusedAttempt
from tests.conftest import KEYRING, Chat


def words_of(chat: Chat, who: str) -> list[str]:
    person = chat.person(who)
    return [
        KEYRING.open(person.id, person.key, entry.words)
        for entry in chat.rows(select(Entry).where(Entry.owner_id == person.id).order_by(Entry.id))
    ]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("diary: asked before I answered", "asked before I answered"),
        ("Diary : Asked\nbefore I answered", "Asked\nbefore I answered"),
        ("diary asked before I answered", "asked before I answered"),
        ("learned to ask before I answer", "to ask before I answer"),
        ("Today I’ve learnt that waiting helps", "that waiting helps"),
        ("diary: مرحبا 👋 bore da", "مرحبا 👋 bore da"),
    ],
)
def test_a_line_is_kept_in_the_words_it_was_written(chat: Chat, typed: str, kept: str) -> None:
    assert isinstance(chat.say("Amina", typed), Say)
    assert words_of(chat, "Amina") == [kept]
    assert "Kept in your diary." in chat.last("Amina")


def test_the_purpose_is_said_the_first_time_and_not_again(chat: Chat) -> None:
    chat.say("Amina", "diary: one")
    assert "for nothing else" in chat.last("Amina")
    chat.say("Amina", "diary: two")
    assert "for nothing else" not in chat.last("Amina")


def test_undo_takes_it_out_and_a_slip_can_be_put_right(chat: Chat) -> None:
    chat.say("Amina", "diary: asked first")
    chat.press("Amina", "Undo")
    assert words_of(chat, "Amina") == []
    chat.press("Amina", "Put it back")
    assert words_of(chat, "Amina") == ["asked first"]


def test_an_entry_cannot_be_saved_empty_and_what_was_typed_stays(chat: Chat) -> None:
    chat.say("Amina", "diary: asked first")
    chat.press("Amina", "Edit")
    assert chat.form("Amina").fields[0].value == "asked first"
    chat.submit("Amina", words="  ")
    assert "few words" in chat.problems("Amina")["words"]
    chat.submit("Amina", words="asked first, then listened")
    assert words_of(chat, "Amina") == ["asked first, then listened"]
    assert "then listened" in chat.last("Amina")


def test_tags_are_found_again(chat: Chat) -> None:
    chat.say("Amina", "diary: asked first")
    chat.press("Amina", "Tag")
    chat.submit("Amina", tags="coaching, listening , coaching")
    chat.say("Amina", "diary: something else")
    chat.say("Amina", "diary search LISTENING")
    assert "1 entry with “LISTENING”" in chat.last("Amina")
    assert "asked first" in chat.last("Amina")
    assert "coaching, listening" in chat.last("Amina")


def test_changing_the_message_changes_the_entry_and_its_card(chat: Chat) -> None:
    chat.say("Amina", "diary: asked frist", message="m1")
    chat.edit("Amina", "m1", "diary: asked first")
    assert words_of(chat, "Amina") == ["asked first"]
    assert "asked first" in chat.last("Amina")


def test_deleting_the_message_removes_the_entry(chat: Chat) -> None:
    chat.say("Amina", "diary: asked first", message="m1")
    chat.delete("Amina", "m1")
    assert words_of(chat, "Amina") == []
    assert "asked first" not in chat.screen_of("Amina")


def test_nobody_opens_another_persons_entry_by_its_number(chat: Chat) -> None:
    chat.say("Amina", "diary: private to Amina")
    entry = chat.rows(select(Entry))[0]
    for action in ("diary.open", "diary.edit", "diary.undo", "diary.tag"):
        chat.tap("Ola", action, entry.id)
        assert "private to Amina" not in chat.screen_of("Ola")
        assert "can't find that" in chat.last("Ola")
    chat.tap("Ola", "diary.open", 9999)
    assert "can't find that" in chat.last("Ola")  # no hint that the other one exists
    assert len(chat.rows(select(RefusedAttempt))) == 5
    assert words_of(chat, "Amina") == ["private to Amina"]


def test_a_set_aside_draft_is_its_owners_alone(chat: Chat) -> None:
    chat.say("Amina", "something odd that fits nowhere")
    draft = chat.rows(select(Draft))[0]
    chat.tap("Ola", "diary.keep_draft", draft.id)
    assert words_of(chat, "Ola") == []
    assert "something odd" not in chat.screen_of("Ola")


def test_unknown_words_can_still_be_kept(chat: Chat) -> None:
    chat.say("Amina", "the visit to Bitterne was eye-opening")
    assert "not sure" in chat.last("Amina")
    chat.press("Amina", "Keep it")
    assert words_of(chat, "Amina") == ["the visit to Bitterne was eye-opening"]


def test_a_very_long_entry_is_kept_whole_and_a_longer_one_is_refused_kindly(chat: Chat) -> None:
    chat.say("Amina", "diary: " + "å" * 40_000)
    assert words_of(chat, "Amina") == ["å" * 40_000]
    chat.say("Amina", "diary: " + "å" * 40_001)
    assert "Split it" in chat.last("Amina")
    assert len(words_of(chat, "Amina")) == 1


def test_a_line_that_begins_like_an_entry_answers_a_question_only_while_that_is_fresh(chat: Chat) -> None:
    """Nothing was said since the bot asked about a course; days later “I learned …” is a line of its own."""
    chat.say("Amina", "I was on First aid on 12 February")
    chat.say("Amina", "I learned to count to thirty")
    assert chat.rows(select(Entry)) == []
    assert "So what?" in chat.last("Amina")
    chat.now += timedelta(days=3)
    chat.say("Amina", "I learned to ask before I answer")
    assert len(chat.rows(select(Entry))) == 1
    assert "Kept in your diary." in chat.last("Amina")


def test_undo_takes_out_the_line_that_was_just_kept_and_nothing_else(chat: Chat) -> None:
    chat.say("Amina", "diary: to stay")
    chat.say("Amina", "diary: a slip")
    chat.say("Amina", "undo that")
    assert "Taken out of your diary" in chat.last("Amina")
    chat.say("Amina", "undo")
    assert "I can't tell what to take back" in chat.last("Amina")
    chat.say("Amina", "what have I learned so far?")
    assert "to stay" in chat.last("Amina")
    assert "a slip" not in chat.last("Amina")


def test_what_was_taken_out_by_typing_can_be_put_back(chat: Chat) -> None:
    chat.say("Amina", "diary: to wait before I answer")
    chat.say("Amina", "take it back")
    chat.press("Amina", "Put it back")
    chat.say("Amina", "what did I learn about answer?")
    assert "to wait before I answer" in chat.last("Amina")
