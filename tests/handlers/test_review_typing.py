"""A review answered by typing, question by question: kept for its author alone, sent when they say so, never lost."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from bot.chat import OpenForm, Say
from bot.console import in_words
from handlers import outcomes
from storage.models import Draft, Entry, Owed, ReviewAnswer, ReviewDraft, ReviewTaken, Source
from tests.conftest import KEYRING, Chat
from tests.handlers.test_review_anonymity import key_of, opened
from tests.handlers.test_reviews import (
    CANARY,
    TEAM,
    answer,
    close_early,
    every_value,
    given,
    in_the_channel,
    review,
    start,
)


def begin(chat: Chat, who: str = "Amina", names: str = "anonymous") -> None:
    """A review in which somebody chose to answer by typing."""
    for person in (who, "Ola"):
        chat.say(person, "hello")
    start(chat, names=names)
    chat.press(who, "Answer by typing", in_channel="team")


def sent_by(chat: Chat, who: str = "") -> dict[str, outcomes.Answer]:
    """What was answered, by the person named or, in an anonymous review, by whoever it was."""
    (one,) = given(chat)
    if one.person_id is None:
        return outcomes.unpacked(opened(one))
    person = chat.person(who)
    return outcomes.unpacked(KEYRING.open(person.id, person.key, one.answers))


# ------------------------------------------------------------------------------------------------- question by question


@pytest.mark.parametrize("names", ["named", "anonymous"])
def test_everything_is_answered_by_typing_in_the_direct_chat(chat: Chat, names: str) -> None:
    begin(chat, names=names)
    assert "in our direct chat" in chat.last("Amina", in_channel="team")
    asked = chat.last("Amina")
    assert "1 of 6. Why are we here?" in asked
    assert "[1: not clear]" in asked
    assert "Nothing counts, and nobody else sees it, until you send it" in asked
    chat.say("Amina", "So that children learn.")
    assert "Kept. How far along, from 1 to 5?" in chat.last("Amina")
    chat.say("Amina", "And their parents.")
    chat.say("Amina", "4")
    assert "2 of 6." in chat.last("Amina")
    chat.press("Amina", "2")
    assert "Say why, if you like" in chat.last("Amina")
    chat.press("Amina", "Next")
    assert "3 of 6." in chat.last("Amina")
    chat.say("Amina", "skip")
    chat.press("Amina", "Back")
    assert "3 of 6." in chat.last("Amina")
    assert given(chat) == []  # nothing of it counts yet
    chat.say("Amina", "that's all")
    overview = chat.last("Amina")
    assert "This is what you would send" in overview
    assert "So that children learn.\n> And their parents." in overview
    assert "· 2 of 5" in overview
    chat.press("Amina", "Send my answers")
    questions = chat.policy.reviews.questions
    assert sent_by(chat, "Amina") == {
        questions[0].key: outcomes.Answer(4, "So that children learn.\nAnd their parents."),
        questions[1].key: outcomes.Answer(2),
    }
    assert "Thank you." in chat.screen_of("Amina")
    assert chat.rows(select(ReviewDraft)) == []
    assert chat.rows(select(Source)) == []
    again = chat.press("Amina", "Change my answers")
    assert isinstance(again, OpenForm)  # coming back, the form is filled with it
    assert again.form.fields[0].value == "So that children learn.\nAnd their parents."


def test_what_is_typed_is_sealed_for_its_author_alone_and_read_by_nobody_else(chat: Chat) -> None:
    begin(chat)
    chat.say("Amina", CANARY)
    (draft,) = chat.rows(select(ReviewDraft))
    amina = chat.person("Amina")
    assert CANARY in KEYRING.open(amina.id, amina.key, draft.answers)
    for values in every_value(chat.database).values():
        assert not any(CANARY in str(value) for value in values)
        assert not any(CANARY.encode() in value for value in values if isinstance(value, bytes))
    about = review(chat).id
    for who in ("Ben", "Ola"):  # of the team, and its lead
        for action, value in (("draft", ""), ("step", "first"), ("send", ""), ("rate", "purpose:3"), ("discard", "")):
            chat.tap(who, f"reviews.{action}", about, value)
            assert "nothing here that you typed" in chat.last(who)
        assert CANARY not in chat.screen_of(who)
    chat.tap("Farid", "reviews.draft", about)
    assert CANARY not in chat.screen_of("Farid")
    assert len(chat.rows(select(ReviewDraft))) == 1
    assert given(chat) == []


def test_after_sending_nothing_leads_from_its_author_to_what_was_typed(chat: Chat) -> None:
    begin(chat)
    chat.say("Amina", CANARY, message="m1")
    chat.say("Amina", "that's all")
    chat.press("Amina", "Send my answers")
    for record in (ReviewDraft, Source, Draft):
        assert chat.rows(select(record)) == []
    assert not [row for row in chat.rows(select(Owed)) if row.body is not None]
    assert given(chat)[0].person_id is None
    assert len(chat.rows(select(ReviewTaken))) == 1
    assert len(key_of(chat, "Amina")) == 32


def test_a_message_that_is_edited_or_deleted_changes_what_was_typed_and_no_other_part(chat: Chat) -> None:
    begin(chat)
    chat.say("Amina", "first", message="m1")
    chat.say("Amina", "second", message="m2")
    chat.edit("Amina", "m1", "first, better")
    assert "changed it in your answer to “Why are we here?”" in chat.last("Amina")
    chat.say("Amina", "3")
    chat.delete("Amina", "m2")
    assert "taken it out" in chat.last("Amina")
    chat.edit("Ben", "m1", "not mine to change")
    chat.say("Amina", "that's all")
    assert "> first, better\n" in chat.last("Amina")
    assert "second" not in chat.last("Amina")
    chat.press("Amina", "Send my answers")
    chat.edit("Amina", "m1", "too late")
    assert sent_by(chat)["purpose"] == outcomes.Answer(3, "first, better")


def test_what_is_typed_after_an_edit_still_answers_the_question(chat: Chat) -> None:
    begin(chat)
    chat.say("Amina", "first", message="m1")
    chat.edit("Amina", "m1", "better")
    chat.say("Amina", "5")
    assert "2 of 6." in chat.last("Amina")


def test_too_much_for_one_question_is_said_and_what_was_kept_stays(chat: Chat) -> None:
    begin(chat)
    chat.say("Amina", "x" * 2000)
    chat.say("Amina", "y" * 1500)
    assert "more than I can take for one question" in chat.last("Amina")
    chat.say("Amina", "that's all")
    chat.press("Amina", "Send my answers")
    assert sent_by(chat)["purpose"].words == "x" * 2000


def test_nothing_typed_sends_nothing(chat: Chat) -> None:
    begin(chat)
    chat.press("Amina", "That's all")
    assert "have not answered a question" in chat.last("Amina")
    chat.tap("Amina", "reviews.send", review(chat).id)
    assert given(chat) == []


def test_it_can_be_thrown_away(chat: Chat) -> None:
    begin(chat)
    chat.say("Amina", CANARY)
    chat.say("Amina", "done")
    chat.press("Amina", "Throw it away")
    assert chat.rows(select(ReviewDraft)) == []
    close_early(chat)
    assert "did not send" not in chat.screen_of("Amina")


def test_a_command_is_a_command_and_the_question_waits(chat: Chat) -> None:
    begin(chat)
    chat.say("Amina", "home")
    assert given(chat) == []
    chat.press("Amina", "1: not clear")
    assert "Say why" in chat.screen_of("Amina")


# ------------------------------------------------------------------------------------------- together with the one form


def test_the_form_is_filled_with_what_was_typed_and_takes_its_place(chat: Chat) -> None:
    begin(chat)
    chat.say("Amina", "typed")
    shown = chat.press("Amina", "Answer", in_channel="team")
    assert isinstance(shown, OpenForm)
    assert shown.form.fields[0].value == "typed"
    chat.submit("Amina", words_purpose="typed, and more", rating_purpose="2")
    assert sent_by(chat)["purpose"] == outcomes.Answer(2, "typed, and more")
    assert chat.rows(select(ReviewDraft)) == []


def test_what_the_form_did_not_have_goes_back_to_its_author(chat: Chat) -> None:
    begin(chat)
    chat.press("Amina", "Answer", in_channel="team")  # opened before anything is typed
    chat.say("Amina", "typed meanwhile")
    chat.submit("Amina", words_purpose="from the form")
    assert sent_by(chat)["purpose"].words == "from the form"
    assert chat.rows(select(ReviewDraft)) == []
    assert "has your answers from the form" in chat.screen_of("Amina")
    assert "typed meanwhile" in chat.screen_of("Amina")


def test_whoever_has_answered_anonymously_changes_it_with_their_card_only(chat: Chat) -> None:
    begin(chat, "Ben")
    answer(chat, "Amina", 3, "answered")
    assert isinstance(chat.press("Amina", "Answer by typing", in_channel="team"), Say)
    assert "the only key to your answers" in chat.last("Amina", in_channel="team")
    assert len(chat.rows(select(ReviewDraft))) == 1  # Ben's


def test_by_name_typing_goes_on_from_what_was_answered(chat: Chat) -> None:
    begin(chat, "Ben", names="named")
    chat.say("Amina", "hello")
    answer(chat, "Amina", 3, "answered", evidence_purpose="12 of 14")
    chat.tap("Amina", "reviews.type", review(chat).id)
    assert "2 of 6." in chat.last("Amina")
    chat.press("Amina", "Back")
    assert "answered" in chat.last("Amina")
    chat.say("Amina", "and more")
    chat.say("Amina", "that's all")
    chat.press("Amina", "Send my answers")
    assert sent_by(chat, "Amina")["purpose"] == outcomes.Answer(3, "answered\nand more", "12 of 14")


# ---------------------------------------------------------------------------------------------------------- the closing


@pytest.mark.parametrize("how", ["by itself", "early", "cancelled"])
def test_what_was_not_sent_goes_back_to_its_author_and_can_be_kept_in_the_diary(chat: Chat, how: str) -> None:
    begin(chat)
    chat.say("Amina", CANARY)
    chat.say("Amina", "4")
    if how == "by itself":
        chat.wait_until(datetime(2026, 3, 16, 17, 0, tzinfo=UTC))
    elif how == "early":
        close_early(chat)
    else:
        chat.press("Ola", "Cancel it")
        chat.press("Ola", "Cancel it and destroy")
    assert "What you had typed and not sent was never part of it" in chat.screen_of("Amina")
    assert f"> Why are we here? (4 of 5)\n> {CANARY}" in chat.screen_of("Amina")
    assert chat.rows(select(ReviewDraft)) == []
    assert chat.rows(select(ReviewAnswer)) == []
    assert CANARY not in in_the_channel(chat) + chat.screen_of("Ola") + chat.screen_of("Cora")
    assert not [row for row in chat.rows(select(Owed)) if row.body is not None]
    chat.press("Amina", "Keep it in my diary")
    (entry,) = chat.rows(select(Entry))
    amina = chat.person("Amina")
    assert CANARY in KEYRING.open(amina.id, amina.key, entry.words)


def test_the_last_reminder_tells_whoever_has_not_sent_what_they_typed(chat: Chat) -> None:
    begin(chat)
    chat.say("Ben", "hello")
    chat.say("Amina", CANARY)
    chat.wait_until(datetime(2026, 3, 13, 9, 30, tzinfo=UTC))
    assert "you have typed answers that you have not sent" in chat.screen_of("Amina")
    assert "typed answers" not in chat.screen_of("Ben")
    assert chat.screen_of("Amina").count("closes on") == 1
    chat.press("Amina", "See what I typed")
    assert CANARY in chat.screen_of("Amina")
    chat.press("Amina", "Send my answers")
    assert sent_by(chat)["purpose"].words == CANARY


def test_who_answered_by_name_and_typed_nothing_new_is_left_in_peace(chat: Chat) -> None:
    begin(chat, "Ben", names="named")
    chat.say("Amina", "hello")
    answer(chat, "Amina", 3, "answered")
    chat.tap("Amina", "reviews.type", review(chat).id)
    chat.wait_until(datetime(2026, 3, 16, 17, 0, tzinfo=UTC))
    assert "typed answers" not in chat.screen_of("Amina")
    assert "did not send" not in chat.screen_of("Amina")


def test_who_is_away_at_the_closing_gets_it_back_when_they_are_here(chat: Chat) -> None:
    begin(chat)
    chat.say("Amina", CANARY)
    chat.say("Amina", "home")
    chat.say("Amina", "I'm away 12 to 18 March")
    chat.wait_until(datetime(2026, 3, 18, 20, 0, tzinfo=UTC))
    assert "did not send" not in chat.screen_of("Amina")
    chat.wait_until(datetime(2026, 3, 19, 9, 30, tzinfo=UTC))
    assert CANARY in chat.screen_of("Amina")


def test_a_review_that_is_over_takes_nothing_more(chat: Chat) -> None:
    begin(chat)
    chat.now = review(chat).closes_at
    chat.say("Amina", "too late")
    assert "closed on Mon 16 Mar" in chat.screen_of("Amina")
    assert given(chat) == []


# -------------------------------------------------------------------------------------------------------- a diary entry


def with_entry(chat: Chat, names: str, words: str = "The parents’ evening was full") -> None:
    chat.say("Amina", f"diary: {words}")
    start(chat, names=names)
    answer(chat, "Amina", 3, "We work with parents.")
    if names == "named":
        chat.press("Amina", "Add a diary entry", in_channel="team")
    else:
        chat.press("Amina", "Add a diary entry")


def chooses(chat: Chat, question: str = "work", which: int = 0) -> Any:
    entry = chat.form("Amina").fields[1].options[which]
    return chat.submit("Amina", question=question, entry=entry.value)


@pytest.mark.parametrize("names", ["named", "anonymous"])
def test_an_entry_goes_in_after_its_owner_saw_exactly_what_does(chat: Chat, names: str) -> None:
    with_entry(chat, names)
    where = "team" if names == "named" else ""
    assert "The parents’ evening was full" in chat.form("Amina").fields[1].options[0].label
    chooses(chat)
    preview = chat.last("Amina", in_channel=where)
    assert "This is exactly what will be added" in preview
    assert "> The parents’ evening was full" in preview
    assert sent_by(chat, "Amina").get("work") is None
    chat.press("Amina", "Yes, add", in_channel=where)
    assert sent_by(chat, "Amina")["work"] == outcomes.Answer(entry="The parents’ evening was full")
    assert sent_by(chat, "Amina")["purpose"] == outcomes.Answer(3, "We work with parents.")
    kept = opened(given(chat)[0]) if names == "anonymous" else ""
    assert "entry_id" not in kept
    # the form leaves it where it is
    chat.press("Amina", "Change my answers", in_channel=where)
    chat.submit("Amina", words_work="Also this.")
    assert sent_by(chat, "Amina")["work"] == outcomes.Answer(None, "Also this.", "", "The parents’ evening was full")
    # and it can be taken out
    chat.press("Amina", "Add a diary entry", in_channel=where)
    assert chooses(chat, which=-1)
    assert sent_by(chat, "Amina")["work"] == outcomes.Answer(None, "Also this.")


def test_an_entry_that_changed_meanwhile_is_shown_again_before_it_goes(chat: Chat) -> None:
    chat.say("Amina", "diary: as it was", message="d1")
    start(chat)
    answer(chat, "Amina", 3, "words")
    chat.press("Amina", "Add a diary entry")
    chooses(chat)
    chat.edit("Amina", "d1", "diary: as it is now")
    chat.press("Amina", "Yes, add")
    assert sent_by(chat).get("work") is None
    assert "as it is now" in chat.screen_of("Amina")
    chat.press("Amina", "Yes, add")
    assert "as it is now" in sent_by(chat)["work"].entry


def test_leaving_it_gives_the_card_back_with_its_key(chat: Chat) -> None:
    with_entry(chat, "anonymous")
    key = chat.form("Amina").value
    chooses(chat)
    chat.press("Amina", "No, leave it")
    assert key_of(chat, "Amina") == key
    assert sent_by(chat).get("work") is None


def test_nobody_adds_anothers_entry(chat: Chat) -> None:
    chat.say("Ben", f"diary: {CANARY}")
    with_entry(chat, "anonymous")
    bens = chat.rows(select(Entry).where(Entry.owner_id == chat.person("Ben").id))[0]
    chat.submit("Amina", question="work", entry=str(bens.id))
    assert "can't find that" in chat.screen_of("Amina")
    key = key_of(chat, "Amina")
    chat.tap("Amina", "reviews.confirm", review(chat).id, f"{key}|work|{bens.id}|0")
    for forged in ("", "|||", f"{key}|work|nonsense|", f"{key}|nothing|1|", "x|work|1|2"):
        chat.tap("Amina", "reviews.confirm", review(chat).id, forged)
    assert CANARY not in chat.screen_of("Amina")
    assert sent_by(chat).get("work") is None


def test_without_an_answer_or_an_entry_there_is_nothing_to_add(chat: Chat) -> None:
    start(chat, names="named")
    chat.tap("Amina", "reviews.release", review(chat).id)
    assert "Answer the review first" in chat.last("Amina")
    answer(chat, "Amina", 3)
    chat.press("Amina", "Add a diary entry", in_channel="team")
    assert "Your diary has no entry yet" in chat.last("Amina", in_channel="team")


def test_a_released_entry_is_shown_with_the_words_and_only_from_five_people_on(chat: Chat) -> None:
    with_entry(chat, "anonymous")
    chooses(chat, "purpose")
    chat.press("Amina", "Yes, add")
    for who in TEAM:
        if who != "Amina":
            answer(chat, who, 3, f"words of {who.lower()}x")
    chat.press("Amina", "Add a diary entry")
    chooses(chat, "effect")
    chat.press("Amina", "Yes, add")
    close_early(chat)
    assert "From a learning diary: The parents’ evening was full" in in_the_channel(chat)
    assert in_the_channel(chat).count("From a learning diary") == 1  # under the other question she is the only one
    assert "Amina" not in in_the_channel(chat)
    assert in_words(chat.seen("Amina")[-1].message)
