"""The reply as Slack is answered: acknowledged, drawn, opened, changed in place, or told to one person alone."""

import asyncio
import contextlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog
from slack_bolt.response import BoltResponse

from bot.chat import (
    Button,
    Buttons,
    Event,
    FixAnswers,
    Form,
    Message,
    Nothing,
    OpenForm,
    Part,
    Replace,
    Reply,
    Say,
    Show,
    text,
)
from bot.errors import Failed, Unavailable
from bot.platforms import Address, CannotTell, NotAccepted, Sent
from bot.reception import Reception
from bot.slack.events import Origin
from bot.slack.guard import is_slacks
from bot.slack.heard import Waiting
from bot.slack.platform import UNANSWERED, SaidNo, SlackPlatform
from bot.slack.render import forms, messages
from bot.slack.render.filled import input_of
from bot.slack.render.limits import TooLarge

log = structlog.get_logger("learnbot.slack")

Json = dict[str, Any]
OPENS_WITHIN = 2.5  # seconds: a trigger lives three
TRIES = 3


@dataclass(frozen=True)
class Answering:
    """Gives events to the reception and shows its replies. `api_url` is where Slack's Web API is."""

    reception: Reception
    platform: SlackPlatform
    api_url: str

    async def answered(self, event: Event, waiting: Waiting) -> BoltResponse:
        """What Slack is answered once the effect is committed; the rest follows by itself."""
        screen = _HomeTab(self) if event.kind == "home" and waiting.home else self.platform
        try:
            reply = await self.reception.answer(event, screen, self.platform.known)
            answer = await self._shown(event, waiting, reply)
        except (Failed, Unavailable) as error:
            return self._sorry(event, waiting, error)
        except Exception as error:
            code = secrets.token_hex(3)
            log.error("failed", code=code, kind=event.kind, action=event.action, error=type(error).__name__)
            return self._sorry(event, waiting, Failed(code))
        if waiting.home and event.kind != "home" and not isinstance(reply, OpenForm | FixAnswers | Show):
            self.reception.start(self._draw_home_again(event))
        return answer

    async def _shown(self, event: Event, waiting: Waiting, reply: Reply) -> BoltResponse:
        match reply:
            case Say() | Nothing():
                pass  # a Say is on its way already; an empty answer to a submitted form closes it
            case Replace(message):
                self.reception.start(self._replace(event, waiting, message))
            case Show(message):
                return await self._show(event, waiting, message)
            case OpenForm(form):
                return await self._open(event, waiting, form, {})
            case FixAnswers(form, problems):
                if waiting.way == "submit":
                    return mistakes(waiting.view, problems)
                return await self._open(event, waiting, form, problems)
        return BoltResponse(status=200)

    async def _show(self, event: Event, waiting: Waiting, message: Message) -> BoltResponse:
        if waiting.home:
            self.reception.start(self.publish(event, message))
        elif waiting.way == "shortcut":
            window = messages.note(message, "My learning", Origin(event.place).pack())
            if not await self._opens("views.open", {"trigger_id": waiting.trigger, "view": window}):
                self.reception.start(self._tell(event, message))
        else:
            self.reception.start(self._tell(event, message))
        return BoltResponse(status=200)

    async def _open(self, event: Event, waiting: Waiting, form: Form, problems: Mapping[str, str]) -> BoltResponse:
        origin = Origin(event.place, form.about, form.value, waiting.response_url, waiting.home)
        view = forms.view(form, origin.pack(), problems)
        if waiting.way == "submit":
            return BoltResponse(status=200, body={"response_action": "update", "view": view})
        if waiting.view.get("type") == "modal":  # a second window would lie on top of the first
            opened = await self._opens("views.update", {"view_id": waiting.view.get("id"), "view": view})
        else:
            opened = await self._opens("views.open", {"trigger_id": waiting.trigger, "view": view})
        if not opened:
            self.reception.start(self._tell(event, _once_more(event, form)))
        return BoltResponse(status=200)

    async def _opens(self, method: str, arguments: Json) -> bool:
        try:
            async with asyncio.timeout(OPENS_WITHIN):
                await self.platform.web.post(method, arguments)
        except UNANSWERED as error:
            log.warning("not opened", error=error.code if isinstance(error, SaidNo) else type(error).__name__)
            return False
        return True

    async def _replace(self, event: Event, waiting: Waiting, message: Message) -> None:
        """Change the message that was tapped, or that the form was opened from."""
        for _ in range(TRIES):
            try:
                if waiting.response_url:
                    await self._respond(waiting.response_url, message)
                else:
                    await self.platform.update(Sent(event.place, event.place.message), message)
            except NotAccepted as refused:
                if refused.final:
                    break
                await asyncio.sleep(min(refused.retry_after or 1.0, 30.0))
            except UNANSWERED:
                await asyncio.sleep(1.0)  # changing a message twice does no harm
            else:
                return
        await self._tell(event, message)

    async def _respond(self, response_url: str, message: Message) -> None:
        """Change a message that only one person sees: Slack lets nobody do that but through this address."""
        if not is_slacks(response_url, self.api_url):
            log.warning("response_url is not Slack's: not called")
            raise NotAccepted("refused", final=True)
        session = self.platform.web.client.session
        assert session is not None, "the edge was not started"
        try:
            body = {"replace_original": True, "response_type": "ephemeral", **messages.message(message)}
        except TooLarge as error:
            raise NotAccepted("too_large", final=True) from error
        async with session.post(response_url, json=body, allow_redirects=False) as answer:
            if answer.status == 429:
                asked = answer.headers.get("Retry-After", "")
                raise NotAccepted("rate_limited", retry_after=float(asked) if asked.isdecimal() else 30.0)
            if answer.status >= 500:
                raise SaidNo("", answer.status)
            if answer.status != 200:
                raise NotAccepted("no_such_place", final=True)

    async def _tell(self, event: Event, message: Message) -> None:
        """Show it to the person who did this, and to nobody else. What cannot be shown now is not tried for long."""
        place = event.place if event.place.conversation else None
        try:
            await self.platform.send(Address(event.account, place, private=True), message, f"told/{event.key}")
        except (NotAccepted, *UNANSWERED) as error:
            log.warning("not told", error=type(error).__name__)

    async def publish(self, event: Event, message: Message) -> None:
        """Draw the home tab of whoever did this."""
        origin = Origin(replace(event.place, message="", thread=""), home=True)
        try:
            view = messages.home(message, origin.pack())
            await self.platform.web.post("views.publish", {"user_id": event.account.user, "view": view})
        except (TooLarge, *UNANSWERED) as error:
            log.warning("home not drawn", error=error.code if isinstance(error, SaidNo) else type(error).__name__)

    async def _draw_home_again(self, event: Event) -> None:
        again = Event(f"{event.key}/home", event.account, event.place, "home")
        with contextlib.suppress(Failed, Unavailable):
            reply = await self.reception.answer(again, _HomeTab(self), self.platform.known)
            if isinstance(reply, Show):
                await self.publish(again, reply.message)

    def _sorry(self, event: Event, waiting: Waiting, error: Failed | Unavailable) -> BoltResponse:
        """Somebody waiting is told; what nobody waits for, and what can wait, is asked to be delivered again."""
        if waiting.way == "event":
            if isinstance(error, Unavailable):
                return BoltResponse(status=503)
            if event.kind != "say" or not event.addressed:
                return BoltResponse(status=500)
        why = why_not(error)
        if waiting.way == "command":
            return said_at_once(why)
        if waiting.way == "submit" and input_of("", waiting.view) is not None:
            return mistakes(waiting.view, {"": f"{why} What you wrote is still here."})
        self.reception.start(self._tell(event, Message(why, (text("{why}", why=why),))))
        return BoltResponse(status=200)


@dataclass
class _HomeTab:
    """The home tab of whoever opens it, as a platform: somebody unknown reads there who can put them on the roster."""

    edge: Answering
    name: str = "slack"

    async def send(self, to: Address, message: Message, key: str) -> Sent:
        assert to.account is not None
        assert to.place is not None
        await self.edge.publish(Event(key, to.account, to.place, "home"), message)
        return Sent(to.place, "")

    async def update(self, sent: Sent, message: Message) -> None:
        raise NotAccepted("refused", final=True)

    async def find(self, to: Address, key: str) -> Sent | None:
        raise CannotTell


def said_at_once(words: str) -> BoltResponse:
    """Words that only whoever gave a command sees."""
    return BoltResponse(status=200, body={"response_type": "ephemeral", "text": words})


def mistakes(view: Json, problems: Mapping[str, str]) -> BoltResponse:
    """Slack keeps what was typed and shows each sentence under its input; it takes sentences for no other block."""
    errors: dict[str, str] = {}
    for name, problem in (problems or {"": "Something here needs another look."}).items():
        block = input_of(name, view)
        if block is not None:
            errors[block] = f"{errors[block]} {problem}" if block in errors else problem
    if not errors:
        said = Message(" ".join(problems.values()), tuple(text("{words}", words=words) for words in problems.values()))
        shown = messages.note(said, "Not saved", str(view.get("private_metadata") or ""))
        return BoltResponse(status=200, body={"response_action": "update", "view": shown})
    return BoltResponse(status=200, body={"response_action": "errors", "errors": errors})


def _once_more(event: Event, form: Form) -> Message:
    """What is said when a form could not be opened, because the trigger had run out: never nothing."""
    why = text("I couldn't open the form “{title}” in time. Nothing is lost: please try once more.", title=form.title)
    parts: tuple[Part, ...] = (why,)
    if event.kind == "tap":
        again = Button(form.title, event.action, event.about, event.value, "primary", opens_form=True)
        parts = (why, Buttons((again,)))
    return Message(why.plain(), parts)


def why_not(error: Failed | Unavailable) -> str:
    """What somebody who waits is told."""
    if isinstance(error, Failed):
        return (
            "Sorry, something went wrong on my side, and nothing was saved. Please try again. "
            f"If it happens again, tell your learning coordinator this code: {error.code}."
        )
    return "Sorry, I can't save anything just now, so nothing was saved. Please try again in a minute."
