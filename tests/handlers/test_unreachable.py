"""Somebody who cannot be reached: whoever can act is told once, and learns nothing of what waits."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.chat import Message
from bot.console import Screen
from bot.platforms import Address, NotAccepted, Sent
from bot.policy import Policy
from storage import outbox
from storage.database import Database
from tests.conftest import Chat, enrol


@dataclass
class Refusing(Screen):
    """A platform that takes nothing for these conversations."""

    refused: dict[str, str] = field(default_factory=dict)

    async def send(self, to: Address, message: Message, key: str) -> Sent:
        where = to.place.conversation if to.place else f"dm:{to.account.user if to.account else ''}"
        if where in self.refused:
            raise NotAccepted(self.refused[where], final=True)
        return await super().send(to, message, key)


def town(database: Database, policy: Policy) -> tuple[Chat, Refusing]:
    enrol(database)
    screen = Refusing()
    chat = Chat(database, policy, screen=screen)
    for who in ("Cora", "Amina", "Ola"):
        chat.say(who, "hello")
    return chat, screen


def owe_home(chat: Chat, who: str, minutes: int) -> None:
    person = chat.person(who)
    at = chat.now + timedelta(minutes=minutes)
    chat.database.run(lambda session: outbox.owe(session, "home.glance", about=None, to=person.id, at=at))


@pytest.mark.parametrize("reason", ["not_installed", "blocked", "deactivated"])
def test_the_coordinator_is_told_once_and_nobody_else_is(database: Database, policy: Policy, reason: str) -> None:
    chat, screen = town(database, policy)
    screen.refused["dm:amina@example.org"] = reason
    for minutes in (1, 2, 3):
        owe_home(chat, "Amina", minutes)
        chat.wait(minutes=5)
    assert chat.screen_of("Cora").count("can't reach Amina Khan") == 1
    assert "can't reach" not in chat.screen_of("Ola")
    chat.close()


def test_nothing_is_told_of_somebody_who_is_back_by_then(database: Database, policy: Policy) -> None:
    chat, screen = town(database, policy)
    screen.refused["dm:amina@example.org"] = screen.refused["dm:cora@example.org"] = "blocked"
    owe_home(chat, "Amina", 1)
    owe_home(chat, "Cora", 1)
    chat.wait(minutes=5)
    screen.refused.clear()
    chat.say("Amina", "hello")
    chat.say("Cora", "hello")
    chat.wait(minutes=5)
    assert "can't reach" not in chat.screen_of("Cora")
    chat.close()


def test_a_channel_that_takes_nothing_any_more_is_told_of_once(database: Database, policy: Policy) -> None:
    chat, screen = town(database, policy)
    chat.say("Ola", "review", in_channel="childrens")
    chat.submit("Ola", names="named")
    screen.refused["channel:childrens"] = "archived"
    chat.wait(days=20)
    assert chat.screen_of("Cora").count("can't post in “childrens”") == 1
    chat.close()
