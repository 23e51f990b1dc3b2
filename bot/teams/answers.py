"""The reply as Teams is answered: a card, a dialog, a message of its own, or one that is changed in place."""

from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any, assert_never

import structlog

from bot.chat import Account, FixAnswers, Form, Message, Nothing, OpenForm, Replace, Reply, Say, Show
from bot.errors import Failed, Unavailable
from bot.platforms import Address, NotAccepted, Sent
from bot.reception import Known, Reception
from bot.teams.heard import Heard
from bot.teams.platform import TeamsPlatform
from bot.teams.render import cards, forms
from bot.teams.render.limits import LIMITS, TooLarge

log = structlog.get_logger("learnbot.teams")

Json = dict[str, Any]
ACTIVITY_MESSAGE = "application/vnd.microsoft.activity.message"

BROKEN = (
    "Something went wrong at my end, and nothing was changed. Please try again; if it happens again, tell whoever "
    "looks after me this code: {code}."
)
BUSY = "I can't save anything just now, so nothing was changed. Please try again in a minute."
TOO_LONG = "That is too long to show in Teams. Say `home` to see where things stand."
OLD_CARD = "That card is from an earlier version of me. Say `home` to see where things stand."
DONE = "Sent. My answer is below."
IN_OUR_CHAT = "I've answered in our own chat."


@dataclass(frozen=True)
class Answering:
    """Gives events to the reception and shows its replies."""

    reception: Reception
    platform: TeamsPlatform

    async def answered(self, one: Heard, *, invoked: bool) -> tuple[int, Json | None]:
        """What Teams is answered, as status and body; what is sent besides follows by itself.

        An `invoked` activity is one that somebody waits at: its answer can hold words or a card.
        """
        event = one.event
        self.platform.met(event.account, one.member, event.place)
        if event.kind == "join" and not event.addressed:
            # Whoever is on the roster is welcomed; to the others nothing is said, so they are looked up first.
            known = await self.platform.who(event.place, one.member)
            event = replace(event, email=known.email, name=known.name or event.name)

        async def directory(account: Account) -> Known:
            return await self.platform.who(event.place, one.member)

        try:
            reply = await self.reception.answer(event, self.platform, directory)
        except Unavailable:
            return (200, _told(one, BUSY)) if invoked else (503, None)
        except Failed as failed:
            words = BROKEN.format(code=failed.code)
            if invoked:
                return 200, _told(one, words)
            if not event.addressed or event.kind not in ("say", "tap", "submit"):
                return 500, None  # nobody waits for an answer: it may come again
            self._send(one, Message(words), private=True)
            return 200, None
        try:
            return 200, self._shown(one, reply)
        except TooLarge:
            if not invoked:
                self._send(one, Message(TOO_LONG), private=True)
            return 200, _told(one, TOO_LONG)

    def _shown(self, one: Heard, reply: Reply) -> Json | None:
        """What the response itself shows. A `Say` is being sent already."""
        match reply:
            case Nothing():
                return _told(one, "") if one.way == "execute" else None
            case Say(message, private):
                return self._said(one, message, private=private)
            case Replace(message):
                return self._replaced(one, message)
            case Show(message):
                self._send(one, message, private=True)
                return _told(one, "" if one.way == "execute" else message.summary)
            case OpenForm(form):
                return self._form(one, form, {}, over=one.over or one.event.kind == "tap")
            case FixAnswers(form, problems):
                return self._form(one, form.filled(one.event.answers), problems, over=one.over)
            case _:
                assert_never(reply)

    def _said(self, one: Heard, message: Message, *, private: bool) -> Json | None:
        place = one.event.place
        if one.way != "execute":
            return _told(one, message.summary)
        if one.event.kind == "submit" and place.direct:
            if not one.over:  # the form is a message of its own: it is not left open for the other devices either
                self._put(one, cards.posted(cards.note(DONE), DONE))
            return _card(cards.note(DONE))
        return _told(one, IN_OUR_CHAT if private and not place.direct else "")

    def _replaced(self, one: Heard, message: Message) -> Json | None:
        if one.way in ("message", "extension") and one.event.kind not in ("tap", "submit"):
            self._send(one, message, private=one.way == "extension")
            return _told(one, message.summary)
        # The answer to a tap is seen by the one who tapped, where they tapped; the message is changed for everybody.
        shown = self.platform.drawn(message, one.event.place)
        self._put(one, shown)
        if one.way == "execute":
            return _card(shown["attachments"][0]["content"])
        return _told(one, message.summary) if one.way in ("fetch", "extension") else None

    def _form(self, one: Heard, form: Form, problems: Mapping[str, str], *, over: bool) -> Json | None:
        match one.way:
            case "message":
                shown = cards.posted(forms.form_card(form, problems), form.title)
                self._later(self.platform.post(one.event.place, shown))
                return None
            case "execute":
                return _card(forms.form_card(form, problems, over=over))
            case "fetch" | "submit" | "extension":
                shown = forms.form_card(form, problems, dialog=True, origin=one.event.place.message)
                return _dialog(form.title, shown)
            case _:
                assert_never(one.way)

    def _send(self, one: Heard, message: Message, *, private: bool) -> None:
        event = one.event
        to = Address(event.account, event.place, private and not event.place.direct)
        self._later(self.platform.send(to, message, event.key))

    def _put(self, one: Heard, activity: Json) -> None:
        place = one.event.place
        if place.message:
            self._later(self.platform.put(Sent(place, place.message), activity))

    def _later(self, work: Coroutine[Any, Any, object]) -> None:
        async def quietly() -> None:
            try:
                await work
            except NotAccepted as refused:
                log.info("answer not accepted", reason=refused.reason)
            except Exception as error:
                log.warning("answer uncertain", error=type(error).__name__)

        self.reception.start(quietly())


def _card(content: Json) -> Json:
    return {"statusCode": 200, "type": cards.CARD, "value": content}


def _dialog(title: str, content: Json) -> Json:
    task = {
        "title": title[: LIMITS["dialog title"]],
        "height": "medium",
        "width": "medium",
        "card": {"contentType": cards.CARD, "content": content},
    }
    return {"task": {"type": "continue", "value": task}}


def _told(one: Heard, words: str) -> Json | None:
    """Words in the response itself, where its kind has room for some. A dialog closes with them."""
    match one.way:
        case "message":
            return None
        case "execute":
            return {"statusCode": 200, "type": ACTIVITY_MESSAGE, "value": words}
        case "fetch" | "submit" | "extension":
            return {"task": {"type": "message", "value": words}}
        case _:
            assert_never(one.way)


def not_ours(name: str) -> tuple[int, Json | None]:
    """What is answered to an invoke, called `name`, of no card that is still ours."""
    if name == "adaptiveCard/action":
        return 200, {"statusCode": 200, "type": ACTIVITY_MESSAGE, "value": OLD_CARD}
    if name.startswith(("task/", "composeExtension/")):
        return 200, {"task": {"type": "message", "value": OLD_CARD}}
    return 501, None
