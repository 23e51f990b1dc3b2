"""The diary in Slack: the message's menu, the notebook reaction and files, in the payloads of Slack's reference."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from handlers import CONVERSATIONS
from handlers.permissions import MAY
from handlers.registry import Registry
from storage.database import Database
from storage.models import Attachment, Draft, Entry
from tests.clients.fixtures import slack, slack_server  # noqa: F401 - fixtures of these tests
from tests.clients.slack import SlackServer
from tests.slack.conftest import KEYRING, Town, a_worker, enrol, words_of

FILE = {
    "id": "F012AB3CD4E", "created": 1772442000, "name": "wall.jpg", "title": "The wall of questions",
    "mimetype": "image/jpeg", "filetype": "jpg", "user": "U1", "mode": "hosted", "is_external": False,
    "url_private": "https://files.slack.com/files-pri/T1-F012AB3CD4E/wall.jpg",
    "permalink": "https://southampton.slack.com/files/U1/F012AB3CD4E/wall.jpg", "file_access": "visible",
}  # fmt: skip


@pytest.fixture
def town(slack: SlackServer, store: Database) -> Iterator[Town]:  # noqa: F811 - a fixture asks for another by its name
    """The workspace with all the conversations of the product."""
    enrol(store, slack)
    with a_worker(slack, store, registry=Registry(CONVERSATIONS, MAY)) as worker:
        town = Town(slack, store, worker)
        town.says("amina", "hello")
        yield town


def cards(town: Town, name: str = "amina") -> list[str]:
    """What only this person saw since they said hello, in channels and in the direct chat."""
    greeted = 1 if name == "amina" else 0
    shown = (*town.slack.ephemerals(town.user(name)), *town.seen(name)[greeted:])
    return [words_of(one["blocks"]) for one in shown]


def files(town: Town) -> list[tuple[str, str, str]]:
    person = town.person("amina")
    rows = town.rows(select(Attachment).order_by(Attachment.id))
    return [
        (KEYRING.open(person.id, person.key, row.name), KEYRING.open(person.id, person.key, row.address), row.type)
        for row in rows
    ]


# -------------------------------------------------------------------------------------------------- the message's menu


def test_somebody_elses_message_opens_a_form_that_names_them(town: Town) -> None:
    amina, ben, channel = town.user("amina"), town.user("ben"), town.slack.channels["general"]
    message = town.slack.says(ben, "measure &lt;b&gt;twice&lt;/b&gt; &amp; cut once", channel)
    town.bot.post(town.sign.message_shortcut(amina, "keep", message, channel))
    assert town.kept() == []
    view = town.slack.view(amina)
    assert view["callback_id"] == "diary.noted"
    assert "measure <b>twice</b> & cut once" in words_of(view["blocks"])
    assert ben.real_name in words_of(view["blocks"])
    mistake = town.bot.post(town.sign.submit(amina, view, {"note": " ", "keep": "link"}))
    assert mistake.json()["response_action"] == "errors"
    assert town.kept() == []
    assert town.bot.post(town.sign.submit(amina, view, {"note": "patience!", "keep": "words"})).content == b""
    assert town.kept() == ["patience!"]
    assert town.kept("ben") == []
    [card] = cards(town)
    assert "measure <b>twice</b> & cut once" in card
    assert f"— {ben.real_name}" in card
    assert town.rows(select(Draft)) == []


def test_a_link_alone_leads_to_the_message_as_slacks_own_permalink_does(town: Town) -> None:
    amina, ben, channel = town.user("amina"), town.user("ben"), town.slack.channels["general"]
    message = {**town.slack.says(ben, "measure twice", channel), "ts": "1772442000.123456"}
    for thread, address in (
        ("", f"/archives/{channel}/p1772442000123456"),
        ("1772441000.5", f"/archives/{channel}/p1772442000123456?thread_ts=1772441000.5&cid={channel}"),
    ):
        message["thread_ts"] = thread
        town.bot.post(town.sign.message_shortcut(amina, "keep", message, channel))
        town.bot.post(town.sign.submit(amina, town.slack.view(amina), {"note": "yes", "keep": "link"}))
        shown = str(town.slack.ephemerals(amina)[-1]["blocks"])
        assert f"https://{town.sign.team_domain}.slack.com{address}'" in shown
        assert "measure twice" not in shown


def test_an_apps_message_is_quoted_by_the_name_the_app_goes_by(town: Town) -> None:
    amina, channel = town.user("amina"), town.slack.channels["general"]
    message = {"type": "message", "subtype": "bot_message", "bot_id": "B0", "ts": "1772442000.1", "text": "Rota is out",
               "bot_profile": {"name": "Rotabot"}}  # fmt: skip
    town.bot.post(town.sign.message_shortcut(amina, "keep", message, channel))
    assert "Rotabot" in words_of(town.slack.view(amina)["blocks"])


# ------------------------------------------------------------------------------------------------------------ notebooks


def test_a_notebook_on_ones_own_message_keeps_it_once(town: Town) -> None:
    amina, channel = town.user("amina"), town.slack.channels["general"]
    message = town.slack.says(amina, "we listened &amp; waited", channel)
    first = town.sign.reaction(amina, "notebook", channel, message["ts"])
    for signed in (first, first.again(1), town.sign.reaction(amina, "ledger", channel, message["ts"])):
        assert town.bot.post(signed).status_code == 200
    town.bot.post(town.sign.message_shortcut(amina, "keep", message, channel))
    assert town.kept() == ["we listened & waited"]
    read = town.slack.proxy.made("reactions.get")
    assert read[0].body == {"channel": channel, "timestamp": message["ts"]}
    shown = cards(town)
    assert "Kept in your diary." in shown[0]
    assert all("already" in again for again in shown[1:])
    assert town.slack.proxy.made("conversations.history") == []


def test_other_reactions_and_other_peoples_messages_are_not_even_read(town: Town) -> None:
    amina, ben, channel = town.user("amina"), town.user("ben"), town.slack.channels["general"]
    message = town.slack.says(ben, "measure twice", channel)
    for signed in (
        town.sign.reaction(amina, "thumbsup", channel, message["ts"]),
        town.sign.reaction(amina, "notebook", channel, message["ts"], author=ben.id),
        town.sign.reaction(town.user("dan"), "notebook", channel, message["ts"], author=ben.id),
    ):
        assert town.bot.post(signed).status_code == 200
    assert town.slack.proxy.made("reactions.get") == []
    assert town.rows(select(Entry)) == []
    assert cards(town) == []


def test_what_slack_says_of_the_author_counts_and_not_what_the_event_says(town: Town) -> None:
    amina, channel = town.user("amina"), town.slack.channels["general"]
    message = town.slack.says(town.user("ben"), "measure twice", channel)
    town.bot.post(town.sign.reaction(amina, "notebook", channel, message["ts"]))  # claims that it is her own
    assert town.rows(select(Entry)) == []


@pytest.mark.parametrize("name", ["dan", "ben"])
def test_whoever_has_not_met_the_bot_is_not_read_and_left_in_peace(town: Town, name: str) -> None:
    """Dan is not on the roster; Ben is, and has never written to the bot: to him a notebook may mean anything."""
    user, channel = town.user(name), town.slack.channels["general"]
    message = town.slack.says(user, "measure twice", channel)
    for off in (False, True):
        assert town.bot.post(town.sign.reaction(user, "notebook", channel, message["ts"], off=off)).status_code == 200
    assert town.slack.proxy.made("reactions.get") == []
    assert town.rows(select(Entry)) == []
    assert cards(town, name) == []


def test_a_message_that_is_gone_is_not_kept_and_one_that_cannot_be_read_now_is_asked_for_again(town: Town) -> None:
    amina, channel = town.user("amina"), town.slack.channels["general"]
    message = town.slack.says(amina, "we listened", channel)
    gone = town.sign.reaction(amina, "notebook", channel, "1.1")
    assert town.bot.post(gone).status_code == 200
    town.slack.proxy.fail("reactions.get", "rate_limited", seconds=1)
    signed = town.sign.reaction(amina, "notebook", channel, message["ts"])
    assert town.bot.post(signed).status_code == 503
    assert town.kept() == []
    assert town.bot.post(signed.again(1)).status_code == 200
    assert town.kept() == ["we listened"]


def test_taking_the_notebook_off_asks_and_takes_nothing_out_by_itself(town: Town) -> None:
    amina, channel = town.user("amina"), town.slack.channels["general"]
    message = town.slack.says(amina, "we listened", channel)
    town.bot.post(town.sign.reaction(amina, "notebook", channel, message["ts"]))
    off = town.sign.reaction(amina, "notebook", channel, message["ts"], off=True)
    assert town.bot.post(off).status_code == 200
    assert town.kept() == ["we listened"]
    shown = town.slack.ephemerals(amina)[-1]
    assert "The notebook is off." in words_of(shown["blocks"])
    card = {"ts": "9.9", "text": "", "blocks": shown["blocks"]}
    town.bot.post(town.sign.press(amina, card, "Remove", channel=channel, ephemeral=True))
    assert town.kept() == []


def test_a_notebook_taken_off_what_was_never_kept_says_nothing(town: Town) -> None:
    amina, channel = town.user("amina"), town.slack.channels["general"]
    message = town.slack.says(amina, "we listened", channel)
    town.bot.post(town.sign.reaction(amina, "notebook", channel, message["ts"], off=True))
    assert cards(town) == []


def test_an_edit_of_a_message_that_was_kept_with_a_notebook_follows(town: Town) -> None:
    amina, channel = town.user("amina"), town.slack.channels["general"]
    message = town.slack.says(amina, "we listend", channel)
    town.bot.post(town.sign.reaction(amina, "notebook", channel, message["ts"]))
    town.bot.post(town.sign.edited(amina, channel, message["ts"], "we listened", "we listend", channel_type="channel"))
    assert town.kept() == ["we listened"]


# ---------------------------------------------------------------------------------------------------------------- files


def test_files_are_kept_by_name_and_permalink_and_never_fetched(town: Town) -> None:
    amina, dm = town.user("amina"), town.slack.dm(town.user("amina"))
    calls = len(town.slack.proxy.calls)
    town.bot.post(town.sign.message(amina, "diary: our wall", dm, subtype="file_share", files=[FILE]))
    assert town.kept() == ["our wall"]
    assert files(town) == [("The wall of questions", FILE["permalink"], "image/jpeg")]
    assert "The wall of questions" in cards(town)[0]
    made = {call.method for call in town.slack.proxy.calls[calls:]}
    assert not any(method.startswith("files.") for method in made)


def test_a_file_that_slack_does_not_show_is_left_out(town: Town) -> None:
    amina, channel = town.user("amina"), town.slack.channels["general"]
    hidden: dict[str, Any] = {"id": "F1", "file_access": "check_file_info", "mode": "file_access"}
    odd = {**FILE, "permalink": "javascript:alert(1)"}
    message = {**town.slack.says(amina, "look", channel), "files": [hidden, odd, FILE, None]}
    town.bot.post(town.sign.message_shortcut(amina, "keep", message, channel))
    names = [name for name, _, kind in files(town) if kind != "message"]
    assert names == ["The wall of questions"]
