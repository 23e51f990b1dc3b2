"""Home: a form in a chat that is closed unsent."""

from dataclasses import replace

from bot.chat import PUT_AWAY, Button, Replace, plain
from bot.console import direct_chat
from tests.conftest import Chat


def put_away(chat: Chat, who: str, message: str) -> str:
    """What stands in the form's place once it is closed."""
    place = replace(direct_chat(chat.email(who)), message=message)
    reply = chat.run(chat.visitor(who).tap(Button("Never mind", PUT_AWAY), place))
    assert isinstance(reply, Replace)
    return plain(reply.message)


def test_the_message_that_a_form_stood_in_is_shown_again_as_it_is_by_now(chat: Chat) -> None:
    chat.say("Amina", "diary: to ask first")
    card = chat.seen("Amina")[-1]
    chat.press("Amina", "Edit")
    chat.submit("Amina", words="to wait, too")
    assert "to wait, too" in put_away(chat, "Amina", card.id)
    assert put_away(chat, "Amina", card.id) == put_away(chat, "Amina", card.id)


def test_home_is_shown_again_too(chat: Chat) -> None:
    chat.say("Amina", "home")
    assert "Learning partner: Ben Carter" in put_away(chat, "Amina", chat.seen("Amina")[-1].id)


def test_a_form_that_was_a_message_by_itself_leaves_a_line(chat: Chat) -> None:
    chat.say("Amina", "hello")
    assert put_away(chat, "Amina", "4711") == "Closed; nothing was sent."


def test_nobody_is_shown_what_stands_in_somebody_elses_chat(chat: Chat) -> None:
    chat.say("Amina", "diary: mine alone")
    chat.say("Ben", "hello")
    assert "mine alone" not in put_away(chat, "Ben", chat.seen("Amina")[-1].id)
