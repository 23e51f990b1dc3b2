"""One event, one handler, one transaction, one reply.

The event's key goes into the database with its effect, so that it has one effect however often it is delivered. A
refusal rolls back whatever the handler did and is answered kindly; any other failure rolls back everything, the key
too, and is logged under a code that the person is told.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

from bot.chat import (
    ANSWERS_TO,
    TYPED_AGAIN,
    Button,
    Buttons,
    Event,
    File,
    Message,
    Nothing,
    OpenForm,
    Quote,
    Replace,
    Reply,
    Say,
    text,
)
from bot.errors import Failed, NotAllowed, NotYours, Refusal, Unavailable
from bot.policy import Policy
from handlers.registry import Registry
from handlers.turn import Turn
from storage import outbox, people, sending, undelivered
from storage.database import Database, insert_once
from storage.models import HandledEvent, KnownAccount, KnownPlace, Owed, RefusedAttempt
from storage.sealed import Keyring

log = structlog.get_logger("learnbot.dispatch")

LARGEST = 2**31 - 1  # the highest number a record can have on PostgreSQL
OPEN_FOR = timedelta(days=2)  # for which “I learned …” in a chat is an answer to the question above it

_HERE = tuple(f"{Path(__file__).parent.parent}/{part}/" for part in ("bot", "handlers", "storage", "scheduling"))


@dataclass(frozen=True)
class Outcome:
    """What came of an event.

    `parcel` is a `Say` as it is owed, already claimed by this process and to be sent at once; `stranger` asks the edge
    to look the account up in the platform's directory and come back with the e-mail.
    """

    reply: Reply
    parcel: sending.Parcel | None = None
    stranger: bool = False


class Dispatcher:
    """Handles events. `process` names this process in the claims it makes."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        policy: Policy,
        keyring: Keyring,
        *,
        base_url: str = "",
        calendars: tuple[str, ...] = (),
        process: str = "",
    ) -> None:
        self.database = database
        self.registry = registry
        self.policy = policy
        self.keyring = keyring
        self.base_url = base_url
        self.calendars = calendars
        self.process = process or secrets.token_hex(6)

    def handle(self, event: Event, now: datetime) -> Outcome:
        """Handle the event at `now` and wait for its commit. Raises `Failed` or `Unavailable`."""
        try:
            return self.database.run(lambda session: self._handled(session, event, now))
        except Exception as error:
            raise self._failed(event, error) from error

    async def handle_async(self, event: Event, now: datetime) -> Outcome:
        """The same, without holding up the event loop."""
        try:
            return await self.database.run_async(lambda session: self._handled(session, event, now))
        except Exception as error:
            raise self._failed(event, error) from error

    def _failed(self, event: Event, error: Exception) -> Exception:
        if isinstance(error, Unavailable):
            log.error("unavailable", kind=event.kind, action=event.action, cause=type(error.__cause__).__name__)
            return error
        code = secrets.token_hex(3)
        log.error("failed", code=code, kind=event.kind, action=event.action, error=type(error).__name__,
                  where=_where(error))  # fmt: skip
        return Failed(code)

    def _handled(self, session: Session, event: Event, now: datetime) -> Outcome:
        event = _storable(event)
        if not insert_once(session, HandledEvent, key=event.key, at=now):
            return Outcome(Nothing())
        arrived = self._arrived(session, event, now)
        if arrived is None:
            session.rollback()  # nothing is kept about somebody who is not on the roster, not even the key
            return self._stranger(event)
        try:
            turn = self._turn(session, event, arrived, now)
            reply = self._reply(turn, event)
        except Refusal as refusal:
            session.rollback()
            session.expunge_all()  # everything known is out of date, and the person is about to be read again
            insert_once(session, HandledEvent, key=event.key, at=now)
            arrived = self._arrived(session, event, now)
            assert arrived is not None
            turn = self._turn(session, event, arrived, now)
            reply = self._refused(turn, event, refusal)
        return self._outcome(turn, event, arrived.account_id, reply)

    def _arrived(self, session: Session, event: Event, now: datetime) -> people.Arrived | None:
        arrived = people.arrived(session, event.account, event.place)
        if arrived is None and self._linked(session, event, now):
            arrived = people.arrived(session, event.account, event.place)
        return arrived

    def _turn(self, session: Session, event: Event, arrived: people.Arrived, now: datetime) -> Turn:
        person, place_id = arrived.person, arrived.place_id
        if place_id is None or (event.place.service_url and event.place.service_url != arrived.place_url):
            place_id = people.place(session, event.place)
        if event.place.direct and arrived.chat_id != place_id:
            session.get_one(KnownAccount, arrived.account_id).place_id = place_id
        if event.kind != "leave":
            if arrived.unreachable:
                undelivered.reachable_again(session, session.get_one(KnownAccount, arrived.account_id), now)
            if arrived.place_unreachable:
                undelivered.place_reachable_again(session, session.get_one(KnownPlace, place_id), now)
        if person.prefers != event.account.platform:
            person.prefers = event.account.platform
        return Turn(session, now, self.policy, self.keyring, person, event.place, place_id, self.base_url,
                    self.calendars)  # fmt: skip

    def _linked(self, session: Session, event: Event, now: datetime) -> bool:
        person = people.by_email(session, event.email) if event.email else None
        if person is None or person.left_at is not None:
            return False
        account = people.link(session, person, event.account)
        people.joined(session, person, now)
        undelivered.reachable_again(session, account, now)
        return True

    def _stranger(self, event: Event) -> Outcome:
        if event.kind == "leave" or not event.addressed:
            return Outcome(Nothing())
        if not event.email:
            return Outcome(Nothing(), stranger=True)
        return Outcome(
            Say(
                Message(
                    "Hello! I don't know you yet.",
                    (
                        text("Hello! I'm the learning bot, and I don't know you yet."),
                        text(
                            "Ask your learning coordinator to put your work e-mail address on the roster, then say "
                            "hello again. I have kept nothing of what you wrote."
                        ),
                    ),
                ),
                private=True,
            )
        )

    def _reply(self, turn: Turn, event: Event) -> Reply:
        if turn.person.left_at is not None:
            raise NotAllowed("You are no longer on the roster here. Your learning coordinator can put that right.")
        found = self._route(turn, event)
        if found is None:
            return Nothing()
        action, event = found
        handler = self.registry.actions.get(action)
        if handler is None:
            raise Refusal("That button is from an earlier version of me. Say `home` to see where things stand.")
        if not self.registry.may[action](turn, event):
            raise NotYours if event.about is not None else NotAllowed
        reply = handler(turn, event)
        turn.session.flush()
        if isinstance(reply, OpenForm) and not event.can_open:
            return Say(_opener(turn, reply, event), private=True)
        return reply

    def _route(self, turn: Turn, event: Event) -> tuple[str, Event] | None:
        """The action for an event, and the event as its handler should see it."""
        if event.kind in ("tap", "submit"):
            if event.action == TYPED_AGAIN:
                return self._typed(turn, replace(event, text=self._draft(turn, event.about), about=None))
            if event.action == ANSWERS_TO:
                return self._answers(turn, event)
            return event.action, event
        if event.kind != "say":
            action = self.registry.hears.get(event.kind)
            return None if action is None else (action, event)
        if event.place.thread:
            asked = outbox.posted(turn.session, event.place.platform, event.place.conversation, event.place.thread)
            if asked is not None and asked.to_id in (None, turn.person.id):
                if asked.awaits:
                    return self._to_prompt(turn, event, asked)
                if (reply := self.registry.replies.get(asked.notice)) and not self._is_a_command(turn, event):
                    return reply, replace(event, about=asked.about)
        if not event.addressed:
            return None
        return self._typed(turn, event)

    def _is_a_command(self, turn: Turn, event: Event) -> bool:
        found = self.registry.match(event.text, turn)
        return found is not None and not found[0].yields

    def _typed(self, turn: Turn, event: Event) -> tuple[str, Event] | None:
        found = self.registry.match(event.text, turn)
        if found and not found[0].yields:
            return found[0].action, replace(event, words=found[1])
        if event.place.direct and event.kind == "say":
            last = outbox.last_said(turn.session, event.place.platform, event.place.conversation)
            asked = last is not None and last.awaits and last.answered_at is None and last.to_id == turn.person.id
            if last is not None and asked and not (found and _is_old(last, turn.now)):
                return self._to_prompt(turn, event, last)
        if found:
            return found[0].action, replace(event, words=found[1])
        action = self.registry.hears.get("say")
        return None if action is None else (action, event)

    def _answers(self, turn: Turn, event: Event) -> tuple[str, Event]:
        asked = turn.session.get(Owed, event.number or 0)
        if asked is None or asked.to_id != turn.person.id or not asked.awaits:
            raise NotYours
        return self._to_prompt(turn, replace(event, text=self._draft(turn, event.about)), asked)

    def _draft(self, turn: Turn, draft_id: int | None) -> str:
        draft = turn.taken_up(draft_id)
        return turn.read(draft.owner_id, draft.words, "draft", draft.id)

    def _to_prompt(self, turn: Turn, event: Event, asked: Owed) -> tuple[str, Event]:
        outbox.answered(turn.session, asked.awaits, asked.about, turn.person.id, turn.now)
        return asked.awaits, replace(event, about=asked.about)

    def _refused(self, turn: Turn, event: Event, refusal: Refusal) -> Reply:
        if isinstance(refusal, NotYours | NotAllowed) and event.kind in ("tap", "submit"):
            turn.session.add(
                RefusedAttempt(person_id=turn.person.id, action=event.action, about=event.about, at=turn.now)
            )
        if event.kind in ("edit", "delete", "unreact", "join", "leave"):
            return Nothing()
        parts = [text("{words}", words=refusal.words)]
        written = self._written(event)
        if written:
            parts.append(text("Here is what you wrote, so that it isn't lost:"))
        return Say(Message(refusal.words, (*parts, *map(Quote, written))), private=True)

    def _written(self, event: Event) -> list[str]:
        """What somebody typed and sees nowhere once this event is refused."""
        if event.kind == "say":  # a message stays where it was typed; a slash command does not
            return [event.text] if event.text.strip() and not event.place.message else []
        form = self.registry.forms.get(event.action)
        typed = {one.name for one in form.fields if one.kind in ("line", "paragraph")} if form else set[str]()
        return [
            answer for name, answer in event.answers.items() if answer.strip() and (name in typed or len(answer) > 20)
        ]

    def _outcome(self, turn: Turn, event: Event, account_id: int, reply: Reply) -> Outcome:
        if isinstance(reply, Replace):
            posted = outbox.posted(turn.session, event.place.platform, event.place.conversation, event.place.message)
            if posted is None and not event.place.message:
                reply = Say(reply.message)
            elif posted is not None:
                posted.notice = reply.message.notice or posted.notice
                posted.about = reply.message.about if reply.message.notice else posted.about
                posted.awaits, posted.answered_at = reply.message.awaits, None
                outbox.shown(turn.session, posted.id)
        if not isinstance(reply, Say):
            return Outcome(reply)
        assert turn.place_id is not None
        parcel = sending.say(
            turn.session,
            event,
            reply.message,
            place_id=turn.place_id,
            account_id=account_id,
            to=turn.person.id,
            private=reply.private and not event.place.direct,
            now=turn.now,
            claimed_by=self.process,
            keyring=self.keyring,
        )
        return Outcome(reply, parcel)


def _is_old(asked: Owed, now: datetime) -> bool:
    """Whether a question has stood so long that a sentence which means something by itself no longer answers it."""
    return asked.sent_at is not None and now - asked.sent_at > OPEN_FOR


def _storable(event: Event) -> Event:
    """The event without what a database cannot hold: a number of no record, a NUL, half of a surrogate pair."""
    about = event.about if event.about is None or 0 < event.about <= LARGEST else 0
    value, typed = _clean(event.value), _clean(event.text)
    answers = {name: _clean(answer) for name, answer in event.answers.items()}
    words = {name: _clean(words) for name, words in event.words.items()}
    files = tuple(File(_clean(one.name), _clean(one.address), _clean(one.type)) for one in event.files)
    link, author = _clean(event.link), _clean(event.author_name)
    given = (event.about, event.value, event.text, event.answers, event.words, event.files, event.link,
             event.author_name)  # fmt: skip
    if (about, value, typed, answers, words, files, link, author) == given:
        return event
    return replace(event, about=about, value=value, text=typed, answers=answers, words=words, files=files, link=link,
                   author_name=author)  # fmt: skip


def _clean(words: str) -> str:
    words = words.replace("\0", "")
    return words if words.isascii() else words.encode(errors="replace").decode()


def _opener(turn: Turn, reply: OpenForm, event: Event) -> Message:
    form = reply.form
    if event.kind == "say" and event.text:
        button = Button(form.title, TYPED_AGAIN, turn.set_aside(event), style="primary", opens_form=True)
    else:
        button = Button(form.title, event.action, event.about, event.value, "primary", opens_form=True)
    return Message(form.title, (text("There is a short form for that."), Buttons((button,))))


def _where(error: BaseException) -> str:
    """The innermost place of ours that an error came from: `file:line`, and nothing of what was being handled."""
    trace, where = error.__traceback__, ""
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.startswith(_HERE):
            where = f"{name.rsplit('/', 2)[-2]}/{name.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return where
