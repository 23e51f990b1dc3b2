"""What Slack sends, as events: who did what where, and how they can be answered."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.chat import Account, Event, EventKind, File, Place
from bot.clock import Clock
from bot.errors import Unavailable
from bot.platforms import NotAccepted
from bot.reception import Reception
from bot.slack import manifest
from bot.slack.events import TYPED, Origin, a_dict, files_of, key_of, link_to, mentioned
from bot.slack.identity import Introduction
from bot.slack.platform import SlackPlatform
from bot.slack.reading import Reading
from bot.slack.render import filled
from bot.slack.render.controls import control
from storage import people
from storage.models import KnownPlace, Owed

log = structlog.get_logger("learnbot.slack")

Json = dict[str, Any]
NOTEBOOKS = frozenset({"notebook", "notebook_with_decorative_cover", "ledger"})  # on a message: keep it
QUIET_FOR = 3600.0  # seconds without a word after the app was removed or its token taken away


@dataclass(frozen=True)
class Waiting:
    """How an event came and what can be done in answer: `way` is event, command, tap, submit or shortcut.

    `trigger` opens a form; `view` is the one that was tapped or submitted; `response_url` leads back to a message that
    only one person sees; `home` says that it happened on the home tab.
    """

    way: str
    trigger: str = ""
    view: Json = field(default_factory=dict[str, Any])
    response_url: str = ""
    home: bool = False


class Hearing:
    """Makes events of payloads, and notes what Slack says of places and of the bot itself."""

    def __init__(self, reception: Reception, platform: SlackPlatform, bot: Introduction, clock: Clock) -> None:
        self.reception = reception
        self.platform = platform
        self._bot = bot
        self._reading = Reading(platform, bot)
        self._clock = clock
        self._events: Mapping[str, Callable[[Json], Awaitable[tuple[Event, Waiting] | None]]] = {
            "message": self._message,
            "app_mention": self._mention,
            "reaction_added": self._reacted,
            "reaction_removed": self._reacted,
            "app_home_opened": self._home_opened,
            "team_join": self._joined,
            "member_joined_channel": self._joined_channel,
            "channel_left": self._left_channel,
            "group_left": self._left_channel,
            "app_uninstalled": self._removed,
            "tokens_revoked": self._revoked,
        }
        wanted = {event.name.partition(".")[0] for event in manifest.EVENTS}
        assert wanted == set(self._events), "the manifest asks for other events than are heard"

    async def understood(self, body: Json) -> tuple[Event, Waiting] | None:
        """What somebody did, and how it can be answered; None when it is nothing to answer."""
        match body.get("type"):
            case "event_callback":
                hears = self._events.get(str(a_dict(body.get("event")).get("type")))
                return None if hears is None else await hears(body)
            case "block_actions":
                return await self._tap(body)
            case "view_submission":
                return await self._submit(body)
            case "message_action":
                return await self._keep(body)
            case "shortcut":
                return await self._shortcut(body)
            case None if "command" in body:
                return await self._command(body)
            case _:
                return None

    # ------------------------------------------------------------------------------------------- payload → Event

    async def _message(self, body: Json) -> tuple[Event, Waiting] | None:
        event = a_dict(body.get("event"))
        subtype = str(event.get("subtype") or "")
        if subtype in ("message_changed", "message_deleted"):
            return await self._changed(body, event, subtype)
        if subtype not in TYPED or not self._by_a_person(event):
            return None
        me = await self._bot.identity()
        place = self._place_of_message(event, event)
        if not place.direct:
            # a mention comes a second time, as app_mention; talk that answers nothing of ours is none of our business
            elsewhere = str(event.get("parent_user_id") or me.user) != me.user
            if not place.thread or elsewhere or me.user in mentioned(str(event.get("text") or "")):
                return None
        words, files = await self._reading.words(event), files_of(event)
        if not words and not files and not place.direct:
            return None
        said = self._said(body, event, place, "say", text=words, files=files, addressed=place.direct)
        return said, Waiting("event")

    async def _changed(self, body: Json, event: Json, subtype: str) -> tuple[Event, Waiting] | None:
        now, before = a_dict(event.get("message")), a_dict(event.get("previous_message"))
        gone = subtype == "message_deleted" or now.get("subtype") == "tombstone"
        typed = before if gone else now
        if str(typed.get("subtype") or "") not in TYPED or not self._by_a_person(typed):
            return None
        place = self._place_of_message(event, {**typed, "ts": typed.get("ts") or event.get("deleted_ts")})
        if gone:
            return self._said(body, typed, place, "delete"), Waiting("event")
        if now.get("text") == before.get("text"):
            return None  # a link was unfolded, a reply counted
        words = await self._reading.words(typed)
        return self._said(body, typed, place, "edit", text=words), Waiting("event")

    async def _mention(self, body: Json) -> tuple[Event, Waiting] | None:
        event = a_dict(body.get("event"))
        if not self._by_a_person(event):
            return None
        words, place = await self._reading.words(event) or "home", self._place_of_message(event, event)
        said = self._said(body, event, place, "say", text=words, files=files_of(event), addressed=True)
        return said, Waiting("event")

    async def _home_opened(self, body: Json) -> tuple[Event, Waiting] | None:
        event = a_dict(body.get("event"))
        if event.get("tab") != "home":
            return None
        user = str(event["user"])
        place = Place("slack", self.platform.tenant, str(event.get("channel") or await self._direct(user)), direct=True)
        key = f"slack/event/{body['event_id']}"
        return Event(key, self._account(user), place, "home"), Waiting("event", home=True)

    async def _joined(self, body: Json) -> tuple[Event, Waiting] | None:
        """Somebody is new in the workspace: welcomed when the roster knows them, left in peace when it does not."""
        user = a_dict(a_dict(body.get("event")).get("user"))
        account = self._account(str(user.get("id") or ""), str(user.get("team_id") or ""))
        known = await self.platform.known(account)
        if not known.email:
            return None
        place = Place("slack", self.platform.tenant, await self._direct(account.user), direct=True)
        event = Event(f"slack/event/{body['event_id']}", account, place, "join", addressed=False)
        return replace(event, email=known.email, name=known.name), Waiting("event")

    async def _joined_channel(self, body: Json) -> None:
        event = a_dict(body.get("event"))
        if event.get("user") == (await self._bot.identity()).user:
            await self._mark_place(str(event.get("channel")), "")

    async def _left_channel(self, body: Json) -> None:
        await self._mark_place(str(a_dict(body.get("event")).get("channel")), "not_installed")

    async def _removed(self, body: Json) -> None:
        log.error("the app was removed from Slack: nothing more is sent there")
        self.reception.delivery.pacer.rest("slack", QUIET_FOR)

    async def _revoked(self, body: Json) -> None:
        if a_dict(a_dict(body.get("event")).get("tokens")).get("bot"):
            log.error("Slack took the bot's token away: nothing more is sent there")
            self.reception.delivery.pacer.rest("slack", QUIET_FOR)

    async def _command(self, body: Json) -> tuple[Event, Waiting]:
        user, channel = str(body["user_id"]), str(body["channel_id"])
        name = str(body.get("channel_name") or "")
        if name == "directmessage":  # perhaps one between two people, where the bot cannot write
            place = Place("slack", self.platform.tenant, await self._direct(user), direct=True)
        else:
            place = Place("slack", self.platform.tenant, channel, direct=False, title=_title(name))
        event = Event(
            key_of(body, "command"), self._account(user), place, "say", text=await self._reading.words(body) or "home"
        )
        return event, Waiting("command", str(body.get("trigger_id") or ""))

    async def _shortcut(self, body: Json) -> tuple[Event, Waiting] | None:
        """The global shortcut: what is next, in a window over whatever the person is looking at."""
        if body.get("callback_id") != manifest.LEARN:
            return None
        account = self._actor(body)
        place = Place("slack", self.platform.tenant, await self._direct(account.user), direct=True)
        event = Event(key_of(body, "shortcut"), account, place, "home")
        return event, Waiting("shortcut", str(body.get("trigger_id") or ""))

    async def _keep(self, body: Json) -> tuple[Event, Waiting] | None:
        if body.get("callback_id") != manifest.KEEP:
            return None
        account, message, channel = self._actor(body), a_dict(body.get("message")), a_dict(body.get("channel"))
        where, name = str(channel.get("id") or ""), str(channel.get("name") or "")
        direct = name == "directmessage" and where == await self._direct(account.user)
        ts = str(message.get("ts") or body.get("message_ts") or "")
        place = Place("slack", self.platform.tenant, where, direct, _thread(message), ts, title=_title(name))
        event = Event(
            key_of(body, "keep"), account, place, "shortcut", manifest.KEEP, text=await self._reading.words(message)
        )
        author = str(message.get("user") or message.get("bot_id") or "")
        link = link_to(str(a_dict(body.get("team")).get("domain") or ""), where, ts, place.thread)
        event = replace(event, author=author, link="" if direct else link, files=files_of(message))
        if author != account.user:
            event = replace(event, author_name=await self._reading.author(message))
        return event, Waiting("shortcut", str(body.get("trigger_id") or ""))

    async def _reacted(self, body: Json) -> tuple[Event, Waiting] | None:
        """A notebook on a message of one's own, or taken off it; other reactions are none of our business."""
        event = a_dict(body.get("event"))
        item, user = a_dict(event.get("item")), str(event.get("user") or "")
        own = item.get("type") == "message" and bool(user) and event.get("item_user") == user
        if not own or event.get("reaction") not in NOTEBOOKS:
            return None
        channel, ts = str(item.get("channel") or ""), str(item.get("ts") or "")
        if event.get("type") == "reaction_removed":
            place = self._place_of_message({**event, "channel": channel}, {"ts": ts})
            return self._said(body, {"user": user}, place, "unreact"), Waiting("event")
        if not await self._has_met(self._account(user)):
            return None  # to whoever never wrote to the bot a notebook may mean anything
        message = await self._reading.reacted_to(channel, ts)
        if message.get("user") != user or str(message.get("subtype") or "") not in TYPED:
            return None
        place = self._place_of_message({**event, "channel": channel}, {**message, "ts": ts})
        words, link = await self._reading.words(message), str(message.get("permalink") or "")
        link = link if link.startswith("https://") and not place.direct else ""
        said = self._said(body, message, place, "react", text=words, files=files_of(message), link=link)
        return said, Waiting("event")

    async def _tap(self, body: Json) -> tuple[Event, Waiting] | None:
        actions = cast(list[Any], body.get("actions") or [])
        tapped = a_dict(actions[0]) if actions else {}
        action, about = control(str(tapped.get("action_id") or ""))
        chosen = a_dict(tapped.get("selected_option")).get("value")
        if not action or tapped.get("type") not in ("button", "static_select"):
            return None
        account, container, view = self._actor(body), a_dict(body.get("container")), a_dict(body.get("view"))
        waiting = Waiting("tap", str(body.get("trigger_id") or ""), view, home=view.get("type") == "home")
        if view:
            place = replace(await self._from(view, account), message="")
        else:
            message, channel = a_dict(body.get("message")), a_dict(body.get("channel"))
            where = str(container.get("channel_id") or channel.get("id") or "")
            ts = str(container.get("message_ts") or message.get("ts") or "")
            thread = str(container.get("thread_ts") or message.get("thread_ts") or "")
            place = Place("slack", self.platform.tenant, where, where.startswith("D"), "" if thread == ts else thread,
                          ts, title=_title(str(channel.get("name") or "")))  # fmt: skip
            if container.get("is_ephemeral"):
                waiting = replace(waiting, response_url=str(body.get("response_url") or ""))
        key = key_of(body, "tap", account.tenant, account.user, tapped.get("action_ts"))
        value = str(chosen if chosen is not None else tapped.get("value") or "")
        return Event(key, account, place, "tap", action, about, value), waiting

    async def _submit(self, body: Json) -> tuple[Event, Waiting]:
        account, view = self._actor(body), a_dict(body.get("view"))
        origin = Origin.unpack(str(view.get("private_metadata") or ""), self.platform.tenant)
        answers = filled.read(a_dict(a_dict(view.get("state")).get("values")))
        # every press of the button has a trigger of its own: the same answers after a mistake elsewhere are a new try
        key = key_of(body, "submit", view.get("id"))
        place, name = await self._from(view, account), str(view.get("callback_id") or "")
        event = Event(key, account, place, "submit", name, origin.about, origin.value, answers=answers)
        return event, Waiting("submit", str(body.get("trigger_id") or ""), view, origin.response_url, origin.home)

    # ----------------------------------------------------------------------------------------- parts of an Event

    def _account(self, user: str, team: str = "") -> Account:
        """The account of `user`, under the verified tenant; under their own when they come from somewhere else."""
        foreign = bool(team) and not self._bot.enterprise and team != self.platform.tenant
        return Account("slack", team if foreign else self.platform.tenant, user)

    def _actor(self, body: Json) -> Account:
        user = a_dict(body.get("user"))
        return self._account(str(user["id"]), str(user.get("team_id") or ""))

    def _by_a_person(self, typed: Json) -> bool:
        user = str(typed.get("user") or "")
        return (
            bool(user)
            and not typed.get("bot_id")
            and user not in ("USLACKBOT", self._bot.known.user if self._bot.known else "")
        )

    def _said(
        self, body: Json, typed: Json, place: Place, kind: EventKind, *,
        text: str = "", files: tuple[File, ...] = (), link: str = "", addressed: bool = False,
    ) -> Event:  # fmt: skip
        team = str(typed.get("user_team") or typed.get("source_team") or typed.get("team") or "")
        account = self._account(str(typed["user"]), team)
        # typed words cannot be answered with a form: only a tap, a command or a shortcut brings a trigger
        return Event(f"slack/event/{body['event_id']}", account, place, kind, text=text, files=files, link=link,
                     addressed=addressed, can_open=False)  # fmt: skip

    def _place_of_message(self, event: Json, typed: Json) -> Place:
        channel = str(event["channel"])
        direct = event.get("channel_type") == "im" or (not event.get("channel_type") and channel.startswith("D"))
        ts = str(typed.get("ts") or "")
        return Place("slack", self.platform.tenant, channel, direct, _thread(typed), ts)

    async def _from(self, view: Json, account: Account) -> Place:
        """Where a view was opened from; the direct chat when it was from nowhere in particular."""
        origin = Origin.unpack(str(view.get("private_metadata") or ""), self.platform.tenant)
        if origin.place.conversation:
            return origin.place
        return Place("slack", self.platform.tenant, await self._direct(account.user), direct=True)

    async def _direct(self, user: str) -> str:
        try:
            return await self.platform.direct(user)
        except NotAccepted as error:
            raise Unavailable("Slack does not open the direct chat") from error

    async def _has_met(self, account: Account) -> bool:
        known = self.reception.dispatcher.database.run_async(lambda session: people.by_account(session, account))
        return await known is not None

    async def _mark_place(self, conversation: str, unreachable: str) -> None:
        tenant, now = self.platform.tenant, self._clock()
        await self.reception.dispatcher.database.run_async(
            lambda session: _mark(session, tenant, conversation, unreachable, now)
        )


def _thread(typed: Json) -> str:
    thread = str(typed.get("thread_ts") or "")
    return "" if thread == str(typed.get("ts") or "") else thread


def _title(name: str) -> str:
    return "" if name in ("directmessage", "privategroup") else name


def _mark(session: Session, tenant: str, conversation: str, unreachable: str, now: datetime) -> None:
    """The bot was removed from a conversation, or is back in it: then what was parked for it is due again."""
    place = session.scalar(
        select(KnownPlace).where(
            KnownPlace.platform == "slack", KnownPlace.tenant == tenant, KnownPlace.conversation == conversation
        )
    )
    if place is None:
        return
    place.unreachable = unreachable
    if not unreachable:
        session.execute(
            update(Owed)
            .where(Owed.place_id == place.id, Owed.state == "parked")
            .values(state="due", due_at=now, attempts=0, reason="")
        )
