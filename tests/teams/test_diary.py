"""The diary in Teams: the message action and files, in the payloads of Teams' reference."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.teams.heard import files_of, heard
from handlers import CONVERSATIONS
from handlers.permissions import MAY
from handlers.registry import Registry
from storage.models import Attachment, Entry, Person
from tests.clients.entra import TENANT, Issuer
from tests.teams.world import AMINA, BEN, KEYRING, Connector, World, buttons, database, words_of

LINK = "https://teams.microsoft.com/l/message/19:duty-desk@thread.tacv2/1700000000777?tenantId=t&groupId=g"
REFERENCE = {
    "id": "1a2b", "contentType": "reference", "name": "Lesson plan.docx", "content": None, "teamsAppId": None,
    "contentUrl": "https://southampton.sharepoint.com/sites/cs/Shared%20Documents/Lesson%20plan.docx",
    "thumbnailUrl": None,
}  # fmt: skip


@pytest.fixture
def world(tmp_path: Path, connector: Connector) -> Iterator[World]:
    """The tenant with all the conversations of the product."""
    opened = database(tmp_path)
    with Issuer() as issuer:
        world = World(opened, issuer, connector, registry=Registry(CONVERSATIONS, MAY))
        yield world
        world.close()
    opened.close()


def payload(who: dict[str, str] | None, content: str, **more: Any) -> dict[str, Any]:
    user = who and {"userIdentityType": "aadUser", "id": who["aadObjectId"], "displayName": who["name"]}
    return {
        "linkToMessage": LINK,
        "id": "1700000000777",
        "replyToId": None,
        "createdDateTime": "2026-03-02T08:00:00.000Z",
        "lastModifiedDateTime": None,
        "deleted": False,
        "subject": None,
        "summary": None,
        "importance": "normal",
        "locale": "en-us",
        "body": {"contentType": "html", "content": content},
        "from": {"device": None, "conversation": None, "user": user, "application": None},
        "reactions": [],
        "mentions": [],
        "attachments": [],
    } | more


def action(world: World, said: dict[str, Any], name: str = "composeExtension/fetchTask", **more: Any) -> dict[str, Any]:
    value = {"commandId": "diary.keep", "commandContext": "message", "messagePayload": said} | more
    return world.invoke(name, value, channel=True, replyToId=None)


def kept(world: World) -> list[str]:
    amina = world.database.run(lambda session: session.scalars(select(Person).where(Person.name == "Amina Khan")).one())
    entries = world.database.run(lambda session: session.scalars(select(Entry).order_by(Entry.id)).all())
    return [KEYRING.open(amina.id, amina.key, entry.words) for entry in entries]


def test_ones_own_message_is_kept_with_its_link_and_its_files(world: World) -> None:
    answer = action(world, payload(AMINA, "<p>we listened</p>", attachments=[REFERENCE]))
    assert answer == {"task": {"type": "message", "value": "Kept in your diary."}}
    assert kept(world) == ["we listened"]
    shown = world.connector.posted()[0].card
    urls = {name: one["url"] for name, one in buttons(shown).items() if one["type"] == "Action.OpenUrl"}
    assert urls == {"Lesson plan.docx": REFERENCE["contentUrl"], "Open the message": LINK}
    rows = world.database.run(lambda session: session.scalars(select(Attachment.type).order_by(Attachment.id)).all())
    assert rows == ["application/vnd.openxmlformats-officedocument.wordprocessingml.document", "message"]


def test_somebody_elses_message_asks_for_a_note_in_a_dialog_and_names_them(world: World) -> None:
    said = payload(BEN, "<p>measure twice, **cut** {{DATE(2026-03-02)}} once</p>")
    dialog = action(world, said)["task"]["value"]
    assert dialog["title"] == "Keep it with my note"
    card = dialog["card"]["content"]
    assert "**cut**" in words_of(card)
    assert "Ben Carter" in words_of(card)
    assert kept(world) == []
    data = buttons(card)["Keep"]["data"]
    again = action(world, said, "composeExtension/submitAction", data={**data, "note": "", "keep": "words"})
    assert "of your own" in json.dumps(again)
    assert kept(world) == []
    done = action(world, said, "composeExtension/submitAction", data={**data, "note": "patience!", "keep": "words"})
    assert done["task"]["type"] == "message"
    assert kept(world) == ["patience!"]
    shown = world.connector.posted()[0]
    assert "measure twice" in shown.words
    assert "— Ben Carter" in shown.words
    assert buttons(shown.card)["Open their message"]["url"] == LINK


def test_only_the_link_is_kept_unless_the_words_are_asked_for(world: World) -> None:
    said = payload(BEN, "<p>measure twice</p>", attachments=[REFERENCE])
    data = buttons(action(world, said)["task"]["value"]["card"]["content"])["Keep"]["data"]
    action(world, said, "composeExtension/submitAction", data={**data, "note": "patience!", "keep": "link"})
    shown = world.connector.posted()[0]
    assert "measure twice" not in shown.words
    assert "Lesson plan.docx" not in shown.words
    assert buttons(shown.card)["Open their message"]["url"] == LINK


def test_an_apps_message_is_quoted_by_its_name(world: World) -> None:
    said = payload(None, "<p>Rota is out</p>")
    said["from"]["application"] = {"applicationIdentityType": "bot", "id": "b", "displayName": "Rotabot"}
    assert "Rotabot" in words_of(action(world, said)["task"]["value"]["card"]["content"])


def test_a_link_that_is_no_web_address_is_left_out(world: World) -> None:
    action(world, payload(AMINA, "<p>x</p>", linkToMessage="javascript:alert(1)"))
    assert "javascript" not in json.dumps(world.connector.posted()[0].body)


@pytest.mark.parametrize(
    "attachment",
    [
        {"contentType": "text/html", "content": "<p>we listened</p>"},
        {"contentType": "image/*", "contentUrl": "https://smba.trafficmanager.net/amer/v3/attachments/0-x/views/original"},
        {"contentType": "application/vnd.microsoft.card.adaptive", "content": {}},
        {"contentType": "messageReference", "id": "1", "content": "{}"},
        {"contentType": "reference", "contentUrl": "http://plain.example/x", "name": "x"},
        {"contentType": "reference", "contentUrl": None, "name": None},
    ],
    ids=lambda one: one["contentType"],
)  # fmt: skip
def test_what_nobody_could_open_is_no_file(attachment: dict[str, Any]) -> None:
    assert files_of({"attachments": [attachment, None, "x"]}) == ()


def test_a_file_sent_to_the_bot_is_kept_by_where_it_stays_and_not_by_its_passing_address(world: World) -> None:
    info = {
        "contentType": "application/vnd.microsoft.teams.file.download.info",
        "contentUrl": "https://contoso-my.sharepoint.com/personal/amina/Documents/Applications/wall.jpg",
        "name": "wall.jpg",
        "content": {"downloadUrl": "https://download.link/once", "uniqueId": "1150D938", "fileType": "jpg"},
    }
    world.say("diary: our wall", attachments=[info])
    assert kept(world) == ["our wall"]
    body = json.dumps(world.connector.posted()[0].body)
    assert info["contentUrl"] in body
    assert "download.link" not in body


@pytest.mark.parametrize("field", ["reactionsAdded", "reactionsRemoved"])
def test_a_reaction_in_teams_is_no_event_of_ours(world: World, field: str) -> None:
    """Teams tells a bot of reactions to the bot's own messages only: there is nothing of anybody's to keep."""
    reaction = world.activity("messageReaction", **{field: [{"type": "1f4d3_notebook"}], "replyToId": "1700000000001"})
    assert heard(reaction, TENANT) == []
    assert world.post(reaction).status_code == 200
    assert kept(world) == []
