"""Somebody's hands and eyes in Slack, in Teams or in a browser: one way to say what people do and see in each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from httpx import Response

from bot.app import Bot, Edge
from bot.platforms import Platform
from bot.teams.app import TeamsEdge
from bot.teams.platform import TeamsPlatform
from bot.teams.render.cards import CARD
from tests.clients.browser import Window
from tests.clients.entra import APP_ID, TENANT, Issuer
from tests.clients.signing import Json, Signed, SlackUser, elements_of
from tests.clients.slack import SlackServer
from tests.running import MorePlatforms, Running
from tests.teams import world as teams


class Hands(Protocol):
    """What somebody does and sees in their chat with the bot. What is not there to be pressed or seen is an error."""

    def say(self, words: str) -> Self: ...
    def press(self, label: str) -> Self: ...
    def fill(self, label: str, value: str) -> Self: ...
    def wait_for(self, words: str) -> Self: ...
    def wait_gone(self, words: str) -> Self: ...
    def buttons(self) -> list[str]: ...


@dataclass
class AtWindow:
    """In a window of the Playground, in a real browser."""

    window: Window

    def say(self, words: str) -> Self:
        self.window.say(words)
        return self

    def press(self, label: str) -> Self:
        self.window.press(label)
        return self

    def fill(self, label: str, value: str) -> Self:
        self.window.fill(label, value)
        return self

    def wait_for(self, words: str) -> Self:
        self.window.wait_for(words)
        return self

    def wait_gone(self, words: str) -> Self:
        self.window.wait_gone(words)
        return self

    def buttons(self) -> list[str]:
        return list(self.window.messages()[-1].buttons)


@dataclass
class AtSlack:
    """In Slack: each act is signed as Slack signs it, and what is seen is read back from the Slack server.

    They are in their chat with the bot, or in the channel that they went to, its threads included.
    """

    program: Running
    workspace: SlackServer
    user: SlackUser
    channel: str = ""
    _filled: dict[str, Any] = field(default_factory=dict)
    _closed: set[str] = field(default_factory=set)
    _changed: dict[str, Json] = field(default_factory=dict)  # forms that the answer to a submit put in their own place
    _mistakes: dict[str, str] = field(default_factory=dict)  # by field, as Slack shows them in the form

    def go_to(self, channel: str = "") -> Self:
        """Look at a channel, by its name, or at one's own chat with the bot."""
        self.channel = self.workspace.channels[channel] if channel else ""
        return self

    def say(self, words: str) -> Self:
        if not self.channel:
            return self._post(self.workspace.typed(self.user, words))
        said = self.workspace.says(self.user, words, self.channel)
        return self._post(self.workspace.signer.mention(self.user, words, self.channel, ts=said["ts"]))

    def press(self, label: str) -> Self:
        form = self._form()
        if form is not None and form["submit"]["text"] == label:
            return self._submit(form)
        for message in reversed(self.seen()):
            if label in labels(message):
                chat = self.channel or self.workspace.dm(self.user)
                return self._post(self.workspace.signer.press(self.user, message, label, channel=chat))
        raise LookupError(f"{label!r} is not there to be pressed; there is {[labels(one) for one in self.seen()]}")

    def fill(self, label: str, value: str) -> Self:
        assert self._form() is not None
        self._filled[label] = value
        return self

    def tick(self, label: str, *choices: str) -> Self:
        """Tick the choices that begin so, and no others."""
        form = self._form()
        assert form is not None
        [element] = [one for block, one in elements_of(form) if block.get("label", {}).get("text") == label]
        options = [option["text"]["text"] for option in element["options"]]
        self._filled[label] = [next(one for one in options if one.startswith(choice)) for choice in choices]
        return self

    def wait_for(self, words: str) -> Self:
        assert words in self.screen(), self.screen()
        return self

    def wait_gone(self, words: str) -> Self:
        assert words not in self.screen(), self.screen()
        return self

    def buttons(self) -> list[str]:
        return labels(self.seen()[-1])

    def seen(self) -> list[Json]:
        """What the bot said, as it stands now, oldest first."""
        self.program.settle()
        if not self.channel:
            return self.workspace.dm_messages(self.user, from_bot=True)
        posts = self.workspace.messages(self.channel)
        said = [one for post in posts for one in self.workspace.thread(self.channel, post["ts"])]
        return [one for one in said if one["user"] == self.workspace.signer.bot_user_id]

    def screen(self) -> str:
        """Every word of that, and of the form that is open."""
        shown = [*(said.get("blocks") or said["text"] for said in self.seen()), self._form() or {}]
        return "\n".join([*map(slack_words, shown), *self._mistakes.values()])

    def _form(self) -> Json | None:
        opened = [view for view in self.workspace.views(self.user) if view["id"] not in self._closed]
        return self._changed.get(opened[-1]["id"], opened[-1]) if opened else None

    def _submit(self, form: Json) -> Self:
        answer = self._posted(self.workspace.signer.submit(self.user, form, self._filled))
        told = answer.json() if answer.text else {}
        self._mistakes = told.get("errors", {})
        if self._mistakes:
            return self
        self._filled = {}
        if told.get("response_action") == "update":
            self._changed[form["id"]] = form | told["view"]
        else:
            self._closed.add(form["id"])
        return self

    def _post(self, signed: Signed) -> Self:
        assert "errors" not in self._posted(signed).text
        return self

    def _posted(self, signed: Signed) -> Response:
        """As Slack would have sent it at the present time of the test."""
        kind, at = signed.headers["Content-Type"], self.program.now.timestamp()
        answer = self.program.post(self.workspace.signer.sign(signed.body, kind, at))
        assert answer.status_code == 200, answer.text
        return answer


def labels(message: Json) -> list[str]:
    """What can be pressed in it."""
    return [element["text"]["text"] for _, element in elements_of(message) if "text" in element]


def slack_words(shown: Any, between: str = "\n") -> str:
    """Every word that a person can read in blocks or a view."""
    if isinstance(shown, Mapping):
        between = "" if shown.get("type") in ("rich_text_section", "rich_text_quote") else "\n"
        return "\n".join(slack_words(value, between) for name, value in shown.items() if name in READABLE)
    if isinstance(shown, list):
        return between.join(filter(None, map(slack_words, shown)))
    return shown if isinstance(shown, str) else ""


READABLE = ("title", "blocks", "label", "text", "elements", "fields", "accessory", "submit")


@dataclass
class AtTeams:
    """In Teams, over the wire: activities under tokens of the issuer, and what the connector was given to show."""

    program: Running
    connector: teams.Connector
    issuer: Issuer
    me: Json
    _filled: dict[str, str] = field(default_factory=dict)
    _answered: dict[str, tuple[int, Json]] = field(default_factory=dict)  # message: after how many requests, the card
    _acts: int = 0

    @property
    def chat(self) -> str:
        return f"a:{self.me['id'].removeprefix('29:')}"

    def say(self, words: str) -> Self:
        return self._post("message", text=words, textFormat="plain")

    def press(self, label: str) -> Self:
        for message, card in reversed(self.seen().items()):
            if label in teams.buttons(card):
                action = teams.buttons(card)[label]
                data = {**self._filled, **action["data"]}
                value = {"action": {"type": "Action.Execute", "verb": "v", "data": data}, "trigger": "manual"}
                self._filled = {}
                return self._post("invoke", message, name="adaptiveCard/action", value=value)
        raise LookupError(f"{label!r} is not there to be pressed; there is {self.screen()}")

    def fill(self, label: str, value: str) -> Self:
        inputs = [item for card in self.seen().values() for item in card["body"] if item.get("label") == label]
        self._filled[inputs[-1]["id"]] = value
        return self

    def tick(self, label: str, *choices: str) -> Self:
        """Tick the choices that begin so, and no others."""
        inputs = [item for card in self.seen().values() for item in card["body"] if item.get("label") == label]
        options = [(one["title"].replace("\\", ""), one["value"]) for one in inputs[-1]["choices"]]
        chosen = [next(value for title, value in options if title.startswith(choice)) for choice in choices]
        self._filled[inputs[-1]["id"]] = ",".join(chosen)
        return self

    def wait_for(self, words: str) -> Self:
        assert words in self.screen(), self.screen()
        return self

    def wait_gone(self, words: str) -> Self:
        assert words not in self.screen(), self.screen()
        return self

    def buttons(self) -> list[str]:
        return list(teams.buttons(list(self.seen().values())[-1]))

    def seen(self) -> dict[str, Json]:
        """The cards in the chat as they stand now, oldest first, by the message that they are in."""
        self.program.settle()
        shown: dict[str, tuple[int, Json]] = {}
        for number, asked in enumerate(self.connector.asked, 1):
            if not asked.path.startswith(f"/conversations/{self.chat}/activities") or "attachments" not in asked.body:
                continue
            message = asked.path.rsplit("/", 1)[1] if asked.method == "PUT" else posted_as(number)
            shown[message] = number, asked.card
        for message, (number, card) in self._answered.items():
            if shown[message][0] <= number:
                shown[message] = number, card
        return {message: card for message, (_, card) in shown.items()}

    def screen(self) -> str:
        """Every word of that."""
        return "\n".join(map(teams.words_of, self.seen().values()))

    def _post(self, kind: str, about: str = "", **more: Any) -> Self:
        self._acts += 1
        activity = {
            "type": kind,
            "id": f"{self.me['id']}-{self._acts}",
            "channelId": "msteams",
            "serviceUrl": self.connector.url,
            "from": self.me,
            "recipient": teams.BOT,
            "conversation": {"conversationType": "personal", "tenantId": teams.TENANT, "id": self.chat},
            "channelData": {"tenant": {"id": teams.TENANT}},
            "locale": "en-GB",
            **({"replyToId": about} if about else {}),
            **more,
        }
        before = len(self.connector.asked)
        answer = self.program.post(self.issuer.request(activity))
        assert answer.status_code == 200, answer.text
        if about and answer.json().get("type") == CARD:
            self._answered[about] = before, answer.json()["value"]
        return self


def posted_as(number: int) -> str:
    """The id that the connector gives to the message which this request of the bot's posts."""
    return f"17000000{number:05}"


def in_teams(connector: teams.Connector, issuer: Issuer) -> MorePlatforms:
    """Teams, for a program that no setting connects to it: what it posts goes to this connector."""

    def more(bot: Bot) -> dict[str, tuple[Edge, Platform]]:
        platform = TeamsPlatform()
        edge = TeamsEdge(
            bot.reception, platform, client_id=APP_ID, client_secret=None, tenant_id=TENANT, clock=bot.clock,
            service_urls=(connector.url,), cloud=issuer.cloud(), token=lambda scope, tenant: issuer.token(),
        )  # fmt: skip
        return {"teams": (edge, platform)}

    return more
