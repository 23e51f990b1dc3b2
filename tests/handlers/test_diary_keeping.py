"""Ways into the diary besides typing `diary:`: “today I”, replies, a message's menu, somebody else's words, files."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from bot.chat import Event, File, FixAnswers, Link, OpenForm, Quote, Say
from bot.console import channel
from handlers.diary.rules import PAGE, pages
from storage.models import Attachment, Draft, Entry
from storage.retention import clean_up
from tests.conftest import KEYRING, Chat, at_once
from tests.handlers.test_diary import words_of

BEN = {"author": "ben@example.org", "author_name": "Benny", "link": "https://town.slack.com/archives/C1/p1"}
NOTES = File("observation.docx", "https://files.example/observation", "application/msword")


def links_on(chat: Chat, who: str) -> list[str]:
    return [part.url for part in chat.seen(who)[-1].message.parts if isinstance(part, Link)]


def count(chat: Chat, record: type[Draft | Entry | Attachment]) -> int:
    return chat.rows(select(func.count()).select_from(record))[0]


# ------------------------------------------------------------------------------------------------------------- today I


def test_a_line_that_begins_today_i_is_offered_until_its_writer_chose_otherwise(chat: Chat) -> None:
    chat.say("Amina", "Today I let the pupils set the pace")
    assert words_of(chat, "Amina") == []
    chat.press("Amina", "Keep it")
    assert words_of(chat, "Amina") == ["Today I let the pupils set the pace"]
    chat.press("Amina", "Always keep those")
    chat.say("Amina", "today I’ve tried silence")
    assert words_of(chat, "Amina")[1:] == ["today I’ve tried silence"]
    chat.say("Ola", "today I tried silence, too")
    assert words_of(chat, "Ola") == []  # what Amina chose holds for her


def test_what_is_kept_without_asking_can_be_changed_back(chat: Chat) -> None:
    chat.say("Amina", "diary settings")
    assert "kept when you say so" in chat.last("Amina")
    chat.press("Amina", "Always keep")
    assert "kept at once" in chat.last("Amina")
    chat.press("Amina", "Ask me first")
    chat.say("Amina", "today I tried silence")
    assert words_of(chat, "Amina") == []


@pytest.mark.parametrize("words", ["today in the hall we sang", "today, it rained", "I did it today"])
def test_other_sentences_about_today_are_no_entry(chat: Chat, words: str) -> None:
    chat.say("Amina", "diary settings")
    chat.press("Amina", "Always keep")
    chat.say("Amina", words)
    assert words_of(chat, "Amina") == []


def test_today_i_learned_and_todays_leave_mean_what_they_meant(chat: Chat) -> None:
    chat.say("Amina", "diary settings")
    chat.press("Amina", "Always keep")
    chat.say("Amina", "today I learned to wait")
    assert words_of(chat, "Amina") == ["to wait"]


# ------------------------------------------------------------------------------------------------------------- replies


def test_a_reply_in_the_thread_of_a_card_is_an_entry_of_its_own(chat: Chat) -> None:
    chat.say("Amina", "diary: asked first")
    card = chat.seen("Amina")[-1].id
    chat.say("Amina", "and it worked again", thread=card, message="m2")
    assert words_of(chat, "Amina") == ["asked first", "and it worked again"]
    chat.edit("Amina", "m2", "and it worked twice")
    assert words_of(chat, "Amina")[1] == "and it worked twice"


def test_a_command_in_the_thread_of_a_card_is_still_a_command(chat: Chat) -> None:
    chat.say("Amina", "diary: asked first")
    chat.say("Amina", "diary search asked", thread=chat.seen("Amina")[-1].id)
    assert "1 entry with “asked”" in chat.last("Amina")
    assert len(words_of(chat, "Amina")) == 1


def test_what_follows_a_card_without_answering_it_is_not_taken_for_an_entry(chat: Chat) -> None:
    chat.say("Amina", "diary: asked first")
    chat.say("Amina", "the minibus is booked")
    assert "not sure" in chat.last("Amina")


# ----------------------------------------------------------------------------------------------------- a message's menu


def test_ones_own_message_is_kept_at_once_with_the_way_back_to_it(chat: Chat) -> None:
    chat.keep("Amina", "we listened first", in_channel="cs", message="m1", author="amina@example.org", link=BEN["link"])
    assert words_of(chat, "Amina") == ["we listened first"]
    chat.say("Amina", "diary")
    chat.press("Amina", "Open")
    assert links_on(chat, "Amina") == [BEN["link"]]


def test_the_same_message_kept_twice_is_one_entry_and_what_was_changed_by_hand_stays(chat: Chat) -> None:
    for _ in range(2):
        chat.keep("Amina", "we listened first", in_channel="cs", message="m1", author="amina@example.org")
    assert words_of(chat, "Amina") == ["we listened first"]
    assert "already" in chat.last("Amina", in_channel="cs")
    chat.press("Amina", "Edit", in_channel="cs")
    chat.submit("Amina", words="we listened, then spoke")
    chat.keep("Amina", "we listened first", in_channel="cs", message="m1", author="amina@example.org")
    assert words_of(chat, "Amina") == ["we listened, then spoke"]


def test_a_message_kept_at_once_in_two_ways_is_one_entry(chat: Chat) -> None:
    account, place = chat.visitor("Amina").account, replace(channel("cs"), message="m1")
    chat.say("Amina", "hello")
    ways = [
        Event("one", account, place, "shortcut", text="we listened", author=account.user),
        Event("two", account, place, "react", text="we listened", addressed=False),
        Event("three", account, place, "react", text="we listened", addressed=False),
    ]
    at_once(*(partial(chat.dispatcher.handle, way, chat.now) for way in ways))
    assert words_of(chat, "Amina") == ["we listened"]


def test_a_typed_entry_kept_again_from_its_menu_stays_as_it_is(chat: Chat) -> None:
    chat.say("Amina", "diary: asked first", message="m1")
    chat.keep("Amina", "diary: asked first", message="m1", author="amina@example.org")
    assert words_of(chat, "Amina") == ["asked first"]


# ------------------------------------------------------------------------------------------------ somebody else's words


def test_somebody_elses_words_are_not_copied_without_a_note(chat: Chat) -> None:
    chat.say("Ben", "hello")
    reply = chat.keep("Amina", "Start with what they can do", in_channel="cs", message="m1", **BEN)
    assert isinstance(reply, OpenForm)
    assert count(chat, Entry) == 0
    assert isinstance(chat.submit("Amina", note="   "), FixAnswers)
    assert "of your own" in chat.problems("Amina")["note"]
    assert count(chat, Entry) == 0
    chat.submit("Amina", note="Strengths first!", keep="words")
    assert words_of(chat, "Amina") == ["Strengths first!"]
    shown = chat.last("Amina", in_channel="cs")
    assert "> Strengths first!" in shown
    assert "> Start with what they can do\n— Ben Carter" in shown  # by the roster, not by what the platform says
    assert BEN["link"] in shown
    assert count(chat, Draft) == 0


def test_only_the_link_is_kept_when_that_is_chosen_and_it_is_what_is_chosen_at_first(chat: Chat) -> None:
    chat.keep("Amina", "a secret of Ben's", in_channel="cs", message="m1", files=(NOTES,), **BEN)
    chat.submit("Amina", note="Ask Ben about this")
    shown = chat.last("Amina", in_channel="cs")
    assert "About a message of Benny’s." in shown  # what the platform calls him: he has not said hello here
    assert BEN["link"] in shown
    assert "secret" not in shown
    person, entry = chat.person("Amina"), chat.rows(select(Entry))[0]
    assert "secret" not in KEYRING.open(person.id, person.key, entry.quoted)
    assert count(chat, Attachment) == 0


def test_without_a_link_the_words_are_quoted_or_nothing_is_kept(chat: Chat) -> None:
    chat.keep("Amina", "measure twice", author="U9", author_name="Zed From Elsewhere")
    assert [option.value for option in chat.form("Amina").fields[1].options] == ["words"]
    chat.submit("Amina", note="so true")
    assert "— Zed From Elsewhere" in chat.last("Amina")


def test_words_whose_author_nobody_can_name_are_not_copied(chat: Chat) -> None:
    reply = chat.keep("Amina", "measure twice", author="U9", link=BEN["link"])
    assert isinstance(reply, Say)
    assert "can't tell whose" in chat.last("Amina")
    assert count(chat, Draft) == 0


def test_what_others_said_waits_for_a_note_for_a_day_and_no_longer(chat: Chat) -> None:
    chat.keep("Amina", "Start with what they can do", message="m1", files=(NOTES,), **BEN)
    form = chat.form("Amina")
    later = chat.now + timedelta(hours=25)
    chat.database.run(lambda session: clean_up(session, chat.policy, later))
    assert (count(chat, Draft), count(chat, Attachment)) == (0, 0)
    chat.submit("Amina", note="too late")
    assert "too late" in chat.last("Amina")  # what she wrote is handed back
    assert form.about is not None


def test_a_note_is_written_by_whoever_opened_the_form_and_by_nobody_else(chat: Chat) -> None:
    chat.keep("Amina", "Start with what they can do", message="m1", **BEN)
    draft = chat.rows(select(Draft))[0]
    for action in ("diary.noted", "diary.keep_draft", "diary.forget"):
        chat.tap("Ola", action, draft.id)
        assert "Start with" not in chat.screen_of("Ola")
    chat.tap("Amina", "diary.keep_draft", draft.id)  # not even she keeps it without a note
    assert count(chat, Entry) == 0


def test_editing_changes_ones_own_note_and_leaves_what_was_quoted(chat: Chat) -> None:
    chat.keep("Amina", "Start with what they can do", message="m1", **BEN)
    chat.submit("Amina", note="Strengths frist!", keep="words")
    chat.press("Amina", "Edit")
    assert chat.form("Amina").fields[0].value == "Strengths frist!"
    chat.submit("Amina", words="Strengths first!")
    assert "— Benny" in chat.last("Amina")
    chat.press("Amina", "Remove")
    chat.press("Amina", "Put it back")
    assert "> Start with what they can do\n— Benny" in chat.last("Amina")


def test_what_was_quoted_is_found_again(chat: Chat) -> None:
    chat.keep("Amina", "Start with what they can do", message="m1", **BEN)
    chat.submit("Amina", note="Strengths first!", keep="words")
    chat.say("Amina", "diary search benny start")
    assert "on a message of Benny’s" in chat.last("Amina")


# ----------------------------------------------------------------------------------------------------------- notebooks


def test_a_notebook_keeps_ones_own_message_and_taken_off_it_asks(chat: Chat) -> None:
    chat.say("Amina", "hello")
    chat.react("Amina", "m1", "we listened", in_channel="cs")
    assert words_of(chat, "Amina") == ["we listened"]
    chat.react("Amina", "m1", off=True, in_channel="cs")
    assert "The notebook is off." in chat.last("Amina", in_channel="cs")
    assert words_of(chat, "Amina") == ["we listened"]
    chat.press("Amina", "Remove", in_channel="cs")
    assert words_of(chat, "Amina") == []


def test_somebody_elses_notebook_taken_off_says_nothing_of_an_entry(chat: Chat) -> None:
    chat.keep("Amina", "we listened", in_channel="cs", message="m1", author="amina@example.org")
    chat.say("Ola", "hello")
    before = chat.screen_of("Ola", in_channel="cs")
    chat.react("Ola", "m1", off=True, in_channel="cs")
    assert chat.screen_of("Ola", in_channel="cs") == before


# --------------------------------------------------------------------------------------------------------------- files


def test_files_are_kept_as_links_and_go_with_their_entry(chat: Chat) -> None:
    chat.keep("Amina", "our wall", message="m1", author="amina@example.org", files=(NOTES,))
    assert "observation.docx: https://files.example/observation" in chat.last("Amina")
    person, row = chat.person("Amina"), chat.rows(select(Attachment))[0]
    assert (row.kind, row.type) == ("entry", "application/msword")
    assert KEYRING.open(person.id, person.key, row.name) == "observation.docx"
    chat.press("Amina", "Undo")
    chat.press("Amina", "Put it back")
    assert links_on(chat, "Amina") == [NOTES.address]
    chat.press("Amina", "Undo")
    chat.press("Amina", "Forget it now")
    assert count(chat, Attachment) == 0


def test_a_picture_without_a_word_is_kept_by_its_name(chat: Chat) -> None:
    chat.keep("Amina", "", message="m1", author="amina@example.org", files=(NOTES,))
    assert words_of(chat, "Amina") == ["observation.docx"]
    chat.delete("Amina", "m1")
    assert (count(chat, Entry), count(chat, Attachment)) == (0, 0)


def test_nothing_at_all_is_not_kept(chat: Chat) -> None:
    chat.keep("Amina", "  ", author="amina@example.org")
    assert "nothing to keep" in chat.last("Amina")


# ---------------------------------------------------------------------------------------------------------- long words


LONG = {
    "plain": "word " * 8_000,
    "one word": "x" * 40_000,
    "emoji": "👩🏽‍🏫" * 10_000,
    "right to left": "تعلّمتُ أن أُصغي قبل أن أجيب. " * 1_300,
    "Welsh": "Dysgais wrando cyn ateb, a gŵyr pawb fod hynny’n werth ei ŵneud. " * 600,
}


@pytest.mark.parametrize("words", LONG.values(), ids=LONG)
def test_pages_put_together_again_are_the_whole(words: str) -> None:
    found = pages(words)
    assert "".join(found) == words
    assert all(1 <= len(page) <= PAGE for page in found)
    assert all(not page.startswith(("\N{ZERO WIDTH JOINER}", "🏽", "\N{ARABIC SHADDA}")) for page in found[1:])


def test_a_long_entry_shows_its_beginning_and_is_read_in_pages(chat: Chat) -> None:
    words = " ".join(f"word{number}" for number in range(2_000))
    chat.say("Amina", f"diary: {words}")
    assert f"All {len(words):,} characters are kept." in chat.last("Amina")
    assert "word1999" not in chat.last("Amina")
    chat.press("Amina", "Read it all")
    read = ""
    for number in range(1, len(pages(words)) + 1):
        assert f"Page {number} of" in chat.last("Amina")
        read += next(part.words for part in chat.seen("Amina")[-1].message.parts if isinstance(part, Quote))
        if number < len(pages(words)):
            chat.press("Amina", f"Page {number + 1}")
    assert read == words
    chat.press("Amina", "Back to the entry")
    assert "All" in chat.last("Amina")


def test_an_entry_too_long_for_a_form_is_not_cut_but_changed_at_its_source(chat: Chat) -> None:
    words = "a gŵyr pawb " * 3_000
    chat.say("Amina", f"diary: {words}", message="m1")
    chat.press("Amina", "Edit")
    assert "Change the message it was kept from" in chat.last("Amina")
    assert words_of(chat, "Amina") == [words.strip()]
    chat.edit("Amina", "m1", "diary: shorter now")
    assert words_of(chat, "Amina") == ["shorter now"]
