"""Long, right-to-left, Welsh and emoji entries on every platform: nothing too large, nothing lost, no markup."""

import json
from typing import Any

import pytest

from bot.chat import Message, Quote
from bot.chat.packing import pack, unpack
from bot.console import in_words
from bot.slack.render import filled as slack_filled
from bot.slack.render import forms as slack_forms
from bot.slack.render import messages as slack
from bot.slack.render.limits import Limit
from bot.teams.render import cards as teams
from bot.teams.render import filled as teams_filled
from bot.teams.render import forms as teams_forms
from bot.teams.render.limits import LIMITS
from handlers.diary.rules import PAGE, pages
from tests.conftest import Chat
from tests.handlers.test_diary import words_of
from tests.handlers.test_diary_keeping import LONG, NOTES

SHORT = {
    "emoji": "👩🏽‍🏫 asked, 🧑‍🎓 answered 🎉",
    "right to left": "تعلّمتُ أن أُصغي (قبل) أن أجيب! למדתי להקשיב",
    "Welsh": "Dysgais wrando cyn ateb: ŵyr pawb, ŷd, llên, tô, ïau",
    "markup": "<!channel> <@U1> [HR](https://evil.example) **bold** _it_ `code` {{DATE(2026-03-02T00:00:00Z, SHORT)}}",
}


def every_string(shown: Any) -> str:
    """All that a payload says, one string after the other."""
    if isinstance(shown, dict):
        return "".join(every_string(value) for value in shown.values())
    if isinstance(shown, list):
        return "".join(map(every_string, shown))
    return shown if isinstance(shown, str) else ""


def faces(message: Message) -> list[str]:
    """The message on the three platforms, checked against the limits of each, as the words that are in it."""
    body = slack.message(message)
    assert len(body["blocks"]) <= Limit.MESSAGE_BLOCKS
    assert slack.weight(body["blocks"]) <= Limit.MESSAGE_WEIGHT
    card = teams.card(message, direct=True)
    assert teams.size(card) <= LIMITS["card bytes"]
    assert slack.TOO_LONG.plain() not in json.dumps(body["blocks"], ensure_ascii=False)
    return [every_string(body["blocks"]), every_string(card), in_words(message)]


@pytest.mark.parametrize("words", SHORT.values(), ids=SHORT)
def test_what_was_written_is_shown_literally_on_every_platform(chat: Chat, words: str) -> None:
    chat.say("Amina", f"diary: {words}")
    assert words_of(chat, "Amina") == [words]
    for shown in faces(chat.seen("Amina")[-1].message):
        assert words in shown.replace("\N{WORD JOINER}", "")


@pytest.mark.parametrize("words", LONG.values(), ids=LONG)
def test_a_very_long_entry_fits_every_card_and_every_page_is_whole(chat: Chat, words: str) -> None:
    words = words.strip()[:40_000]
    chat.say("Amina", f"diary: {words}")
    assert words_of(chat, "Amina") == [words]
    message = chat.seen("Amina")[-1].message
    assert unpack(pack(message)) == message
    for shown in faces(message):
        assert f"All {len(words):,} characters are kept." in shown
        assert words[:1_000] in shown
    chat.press("Amina", "Read it all")
    found = pages(words)
    for number, page in enumerate(found, start=1):
        message = chat.seen("Amina")[-1].message
        assert [part.words for part in message.parts if isinstance(part, Quote)] == [page]
        assert len(page) <= PAGE
        for shown in faces(message)[:2]:
            assert page in shown
        if number < len(found):
            chat.press("Amina", f"Page {number + 1}")


@pytest.mark.parametrize("words", LONG.values(), ids=LONG)
def test_lists_of_long_entries_and_long_quotes_fit_too(chat: Chat, words: str) -> None:
    words = words.strip()[:40_000]
    for number in range(6):
        chat.keep("Amina", words, message=f"m{number}", author="U9", author_name=words[:80], files=(NOTES,) * 12,
                  link="https://town.slack.com/archives/C1/p1")  # fmt: skip
        form = chat.form("Amina")
        assert slack_forms.view(form)
        assert teams.size(teams_forms.form_card(form, dialog=True)) <= LIMITS["form bytes"]
        chat.submit("Amina", note=words[:12_000], keep="words")
    faces(chat.seen("Amina")[-1].message)
    chat.say("Amina", "diary")
    faces(chat.seen("Amina")[-1].message)
    chat.press("Amina", "Open")
    chat.press("Amina", "Edit")
    form = chat.form("Amina")
    assert slack_filled.read(slack_filled.fill(form, {})) == {"words": words[:12_000].strip()}
    assert teams_filled.read(teams_filled.fill(form, {"words": form.fields[0].value})) is not None
    assert teams.size(teams_forms.form_card(form)) <= LIMITS["form bytes"]
