"""Delivery: claim what is due, build it, send it, mark it; and find out what became of what a crash left half sent."""

import asyncio
import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from prometheus_client import Counter
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.chat import Account, Message, Place, small, unpack
from bot.clock import Clock
from bot.errors import Unavailable
from bot.platforms import Address, CannotTell, NotAccepted, Platform, Sent
from bot.policy import Policy
from handlers.registry import Registry
from handlers.turn import Turn
from scheduling.pacing import Pacer
from storage import outbox, people
from storage.database import Database, insert_once
from storage.models import Beat, KnownAccount, KnownPlace, Owed, Person
from storage.outbox import Parcel
from storage.sealed import Keyring

log = structlog.get_logger("learnbot.delivery")

TIMEOUT = 10.0
TOKEN_REST = 300.0  # seconds between looks at whether a revoked token was replaced
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(seconds=40)
SETTLING = timedelta(seconds=15)  # what a platform does not know of so soon after an attempt may still be on its way
DELIVERED = Counter("learnbot_deliveries_total", "Messages by what became of them", ["platform", "outcome"])


@dataclass(frozen=True)
class Kept:
    """Why a claimed row is not sent: `state` is what it becomes. `wait`, in seconds, is how long a due one rests."""

    state: str
    reason: str = ""
    wait: float | None = None


@dataclass
class Delivery:
    """Sends what the outbox owes. One instance in a process; any number of processes on PostgreSQL.

    `at_once` is to how many recipients at the same time; each gets theirs in order.
    """

    database: Database
    registry: Registry
    policy: Policy
    keyring: Keyring
    platforms: Mapping[str, Platform]
    clock: Clock
    process: str
    base_url: str = ""
    pacer: Pacer = field(default_factory=Pacer)
    alone: bool = False
    settling: timedelta = SETTLING
    at_once: int = 8
    stopping: bool = False
    busy: int = 0
    _unsettled: list[Callable[[Session], Any]] = field(default_factory=list[Callable[[Session], Any]])

    async def tick(self, *, limit: int = 50) -> int:
        """Send what is due now, at most `limit` messages. Returns how many are dealt with and not merely put back."""
        if self.stopping:
            return 0
        self.busy += 1
        try:
            await self._settle_what_is_left()
            now, paused = self.clock(), self.pacer.resting()
            claimed = await self.database.run_async(
                lambda session: outbox.claim(session, now, self.process, limit=limit, paused=paused)
            )
            lanes: dict[object, list[outbox.Claimed]] = {}
            for one in claimed:
                lanes.setdefault(one.lane, []).append(one)
            free = asyncio.Semaphore(self.at_once)

            async def through(lane: Sequence[outbox.Claimed]) -> int:
                async with free:
                    return await self._in_order(lane)

            ended = await asyncio.gather(*map(through, lanes.values()), return_exceptions=True)
            for failure in ended:
                if isinstance(failure, BaseException):
                    raise failure
            return sum(count for count in ended if isinstance(count, int))
        finally:
            self.busy -= 1

    async def run_until_idle(self) -> None:
        """Send until nothing is due: for tests, the terminal and the simulated year."""
        while await self.tick():
            pass

    async def send_claimed(self, parcel: Parcel) -> None:
        """Send an answer that was born claimed."""
        self.busy += 1
        try:
            if parcel.mentions:
                parcel = replace(parcel, message=_with_a_doubt(parcel.message))
            await self._send(parcel)
        finally:
            self.busy -= 1

    async def reconcile(self) -> int:
        """Find out what became of messages whose process died while sending. Returns how many were looked at.

        Slack is asked before anything is sent again. Where nobody can be asked the row stays uncertain and is
        mentioned in the person's next message; it is never sent twice.
        """
        if self.stopping:
            return 0
        self.busy += 1
        try:
            await self._settle_what_is_left()
            now = self.clock()
            alone = self.process if self.alone else None
            rows = await self.database.run_async(
                lambda session: outbox.doubtful(session, now, now + self.settling, all_of_others=alone)
            )
            free = asyncio.Semaphore(self.at_once)

            async def ask(row: int) -> None:
                async with free:
                    if not self.stopping:
                        await self._resolve(row)

            await asyncio.gather(*map(ask, rows))
            return len(rows)
        finally:
            self.busy -= 1

    # ------------------------------------------------------------------------------------------------ one message

    async def _in_order(self, lane: Sequence[outbox.Claimed]) -> int:
        """Send one recipient's messages. After one that has to wait, those behind it wait as long."""
        done = 0
        for place, one in enumerate(lane):
            behind = [later.row for later in lane[place + 1 :]]
            if self.stopping:
                await self._put_back([one.row, *behind])
                break
            try:
                became = await self._deliver(one)
            except Unavailable:
                self._put_back_later(behind)
                raise
            if became == "due":
                await self._put_back(behind, after=one.row)
                break
            done += 1
        return done

    async def _deliver(self, one: outbox.Claimed) -> str:
        row = one.row
        try:
            built = await self._settled([row], lambda session: self._built(session, row, one.lease_until))
        except Unavailable:
            raise
        except Exception as error:
            log.error("not built", row=row, error=type(error).__name__)
            DELIVERED.labels("", "not_built").inc()
            return await self._keep_async(row, Kept("parked", "not_built"))
        if isinstance(built, Kept):
            DELIVERED.labels("", built.state).inc()
            return built.state
        return await self._send(built)

    async def _send(self, parcel: Parcel) -> str:
        platform = self.platforms.get(parcel.platform)
        if platform is None:
            return await self._keep_async(parcel.row, Kept("parked", "platform_not_configured"))
        where = parcel.to.place.conversation if parcel.to.place else parcel.to.account.user if parcel.to.account else ""
        if parcel.platform not in self.pacer.resting():
            await self.pacer.turn(parcel.platform, where)
        if (
            parcel.platform in self.pacer.resting()  # it may have asked for a rest while this one was waiting its turn
            or self.clock() + timedelta(seconds=TIMEOUT) > parcel.lease_until  # the lease would not outlive the attempt
        ):
            return await self._keep_async(parcel.row, Kept("due"))
        try:
            async with asyncio.timeout(TIMEOUT):
                if parcel.change_of is not None:
                    await platform.update(parcel.change_of, parcel.message)
                    sent = parcel.change_of
                else:
                    sent = await platform.send(parcel.to, parcel.message, parcel.key)
        except NotAccepted as refused:
            return await self._not_accepted(parcel, refused)
        except Exception as error:
            log.warning("uncertain", row=parcel.row, platform=parcel.platform, error=type(error).__name__)
            DELIVERED.labels(parcel.platform, "uncertain").inc()
            self.pacer.failed(parcel.platform)
            if parcel.change_of is not None:  # changing a message again does no harm
                return await self._keep_async(parcel.row, self._later())
            await self._keep_async(parcel.row, Kept("uncertain"))
            return await self._resolve(parcel.row)
        DELIVERED.labels(parcel.platform, "sent").inc()
        self.pacer.took(parcel.platform)
        await self._settled([], lambda session: self._sent(session, parcel, sent), keep=True)
        return "sent"

    async def _not_accepted(self, parcel: Parcel, refused: NotAccepted) -> str:
        DELIVERED.labels(parcel.platform, refused.reason).inc()
        log.info("not accepted", row=parcel.row, platform=parcel.platform, reason=refused.reason)
        if refused.reason in ("rate_limited", "token_revoked"):
            if refused.reason == "token_revoked":
                log.error("the platform no longer accepts the bot's token", platform=parcel.platform)
            rest = refused.retry_after or (TOKEN_REST if refused.reason == "token_revoked" else 30)
            self.pacer.rest(parcel.platform, rest)
            return await self._keep_async(parcel.row, Kept("due"))
        if refused.final:
            self.pacer.took(parcel.platform)
            return await self._keep_async(parcel.row, Kept("parked", refused.reason))
        self.pacer.failed(parcel.platform)
        return await self._keep_async(parcel.row, self._later(refused.retry_after))

    def _later(self, seconds: float | None = None) -> Kept:
        return Kept("due", wait=seconds or 0.0)

    async def _resolve(self, row: int) -> str:
        """Ask the platform about an uncertain message: sent, to be sent again, or never to be known."""
        asked_by, asked_at = secrets.token_hex(6), self.clock()
        prepared = await self.database.run_async(lambda session: self._question(session, row, asked_by))
        if prepared is None:
            return "uncertain"
        name, address, key = prepared
        platform = self.platforms.get(name)
        if platform is None or name in self.pacer.resting():
            return "uncertain"
        try:
            async with asyncio.timeout(TIMEOUT):
                found = await platform.find(address, key)
        except CannotTell:
            outcome: Sent | str | None = "cannot_tell"
        except NotAccepted as refused:
            outcome = refused.reason if refused.final else "ask again"
        except Exception as error:
            log.warning("not found out", row=row, error=type(error).__name__)
            outcome = "ask again"
        else:
            outcome = found

        def settle(session: Session) -> str:
            owed = session.get(Owed, row, with_for_update=True)
            if owed is None or owed.state != "uncertain" or owed.claimed_by != asked_by:
                return "uncertain"  # somebody asked later than this, and their answer counts
            if isinstance(outcome, Sent):
                self._mark_sent(session, owed, outcome)
            elif outcome is None:
                if owed.lease_until is None or owed.lease_until <= asked_at:
                    owed.state, owed.due_at, owed.claimed_by = "due", self.clock(), ""
                    owed.lease_until = None
            elif outcome != "ask again":
                owed.reason = outcome
            return owed.state

        return await self.database.run_async(settle)

    # -------------------------------------------------------------------------- when the database is away for a while

    async def _settled(self, claimed: Sequence[int], work: Callable[[Session], Any], *, keep: bool = False) -> Any:
        """Run `work`. If the database cannot, remember that `claimed` were not sent, or with `keep` the work itself."""
        try:
            return await self.database.run_async(work)
        except Unavailable:
            if keep:
                self._unsettled.append(work)
            self._put_back_later(claimed)
            raise

    async def _settle_what_is_left(self) -> None:
        while self._unsettled:
            await self.database.run_async(self._unsettled[0])
            self._unsettled.pop(0)

    def _put_back_later(self, rows: Sequence[int]) -> None:
        if rows:
            self._unsettled.append(lambda session: outbox.put_back(session, rows, self.process))

    async def _put_back(self, rows: Sequence[int], *, after: int | None = None) -> None:
        def work(session: Session) -> None:
            first = session.get(Owed, after) if after is not None else None
            outbox.put_back(session, rows, self.process, first.due_at if first else None)

        if rows:
            await self._settled(rows, work)

    # --------------------------------------------------------------------------------------------- in transactions

    def _built(self, session: Session, row: int, lease_until: datetime) -> Parcel | Kept:
        owed = outbox.held(session, row, self.process)
        if owed is None:
            return Kept("lost", "claimed by another")
        reader = session.get(Person, owed.to_id) if owed.to_id is not None else None
        if reader is not None and reader.left_at is not None and owed.body is None:
            return self._keep(session, row, Kept("closed", "left"))
        if owed.body is None and owed.changes is None and outbox.overtaken(session, owed, self.clock()):
            return self._keep(session, row, Kept("closed", "overtaken"))
        message = self._message(session, owed, reader)
        if message is None:
            return self._keep(session, row, Kept("closed", "nothing left to say"))
        if owed.changes is not None:
            return self._changed(session, owed, message, lease_until)
        return self._addressed(session, owed, reader, message, lease_until)

    def _addressed(
        self, session: Session, owed: Owed, reader: Person | None, message: Message, lease_until: datetime
    ) -> Parcel | Kept:
        address = self._address(session, owed)
        if isinstance(address, Kept):
            return self._keep(session, owed.id, address)
        platform, to = address
        owed.awaits, owed.platform = message.awaits, platform
        mentions: tuple[int, ...] = ()
        if reader is not None and (to.place is None or to.place.direct):
            mentions = tuple(missed.id for missed in outbox.unconfirmed(session, reader.id) if missed.id != owed.id)
            if mentions:
                message = _with_a_doubt(message)
        return Parcel(owed.id, owed.key, platform, message, to, lease_until, mentions=mentions)

    def _message(self, session: Session, owed: Owed, reader: Person | None) -> Message | None:
        if owed.body is not None:
            return unpack(self.keyring.open_for_organisation(owed.body))
        notice = self.registry.notices.get(owed.notice)
        if notice is None:
            return None
        turn = Turn(session, self.clock(), self.policy, self.keyring, reader, None, owed.place_id, self.base_url)
        message = notice(turn, owed.about)
        session.flush()
        return message

    def _changed(self, session: Session, owed: Owed, message: Message, lease_until: datetime) -> Parcel | Kept:
        original = session.get(Owed, owed.changes)
        if original is not None and original.state in ("due", "sending", "uncertain"):
            return self._keep(session, owed.id, self._later())  # it has not arrived yet
        place = None
        if original is not None and original.state == "sent" and original.message:
            place = session.scalar(
                select(KnownPlace).where(
                    KnownPlace.platform == original.platform, KnownPlace.conversation == original.conversation
                )
            )
        if original is None or place is None:
            return self._keep(session, owed.id, Kept("closed", "the message is gone"))
        original.awaits = message.awaits
        owed.platform = original.platform
        where = _place(place, original.message)
        return Parcel(owed.id, owed.key, original.platform, message, Address(None, where), lease_until,
                      Sent(where, original.message))  # fmt: skip

    def _address(self, session: Session, owed: Owed) -> tuple[str, Address] | Kept:
        """Where a row goes: its place, or the direct chat of the account its person used last."""
        place = session.get(KnownPlace, owed.place_id) if owed.place_id is not None else None
        if owed.to_id is None or (place is not None and owed.account_id is not None):
            if place is None or place.unreachable:
                return Kept("parked", place.unreachable if place else "no_such_place")
            account = session.get(KnownAccount, owed.account_id) if owed.account_id is not None else None
            who = Address(_account(account) if account else None, _place(place, "", owed.thread), owed.private)
            return place.platform, who
        reader = session.get_one(Person, owed.to_id)
        known = people.accounts(session, owed.to_id)
        usable = [account for account in known if not account.unreachable and account.platform in self.platforms]
        if not usable:
            reasons = [account.unreachable for account in known if account.unreachable]
            return Kept("parked", reasons[0] if reasons else "not_configured" if known else "has_not_said_hello")
        account = next((a for a in usable if a.platform == reader.prefers), usable[0])
        owed.account_id = account.id
        return account.platform, _direct(session, account)

    def _sent(self, session: Session, parcel: Parcel, sent: Sent) -> None:
        if parcel.change_of is None and parcel.to.place is not None:
            outbox.mark_sent(session, parcel.row, sent, self.clock())
        else:
            owed = session.get(Owed, parcel.row, with_for_update=True)
            if owed is None or (owed.changes is not None and outbox.held(session, parcel.row, self.process) is None):
                return  # forgotten, or asked for again while the change was being made
            if owed.state != "sent":  # whoever holds the claim by now: it is there
                self._mark_sent(session, owed, sent)
        for mentioned in parcel.mentions:
            missed = session.get(Owed, mentioned)
            if missed is not None and missed.state == "uncertain":
                missed.state, missed.body, missed.reason = "closed", None, "mentioned instead"

    def _mark_sent(self, session: Session, owed: Owed, sent: Sent) -> None:
        owed.state, owed.sent_at, owed.lease_until, owed.claimed_by = "sent", self.clock(), None, ""
        owed.conversation, owed.message, owed.platform = sent.place.conversation, sent.message, sent.place.platform
        owed.body, owed.reason = None, ""
        if owed.account_id is not None and owed.place_id is None and sent.place.direct:
            account = session.get(KnownAccount, owed.account_id)
            if account is not None and account.place_id is None and account.platform == sent.place.platform:
                account.place_id = people.place(session, sent.place)

    async def _keep_async(self, row: int, kept: Kept) -> str:
        def work(session: Session) -> str:
            return self._keep(session, row, kept).state

        return await self._settled([], work, keep=True)

    def _keep(self, session: Session, row: int, kept: Kept) -> Kept:
        owed = outbox.held(session, row, self.process)
        if owed is None:
            return kept
        now = self.clock()
        if kept.state == "parked":
            kept = self._given_up(session, owed, kept.reason)
        owed.state, owed.lease_until, owed.claimed_by, owed.reason = kept.state, None, "", kept.reason
        match kept:
            case Kept("due", _, None):
                owed.attempts = max(0, owed.attempts - 1)
            case Kept("due", _, asked):
                wait = timedelta(seconds=asked) if asked else min(FIRST_WAIT * 2 ** min(owed.attempts, 9), LONGEST_WAIT)
                owed.due_at = now + wait * random.uniform(1.0 if asked else 0.8, 1.2)  # noqa: S311 - not a secret
            case Kept("uncertain"):
                owed.lease_until = now + self.settling
            case Kept("closed"):
                owed.body = None
            case _:
                pass
        return kept

    def _given_up(self, session: Session, owed: Owed, reason: str) -> Kept:
        """What becomes of a row that its recipient can never get this way, and what that says about the recipient."""
        if owed.changes is not None:
            return Kept("closed", reason)  # the message that was to be changed is gone
        place = session.get(KnownPlace, owed.place_id) if owed.place_id is not None else None
        account = session.get(KnownAccount, owed.account_id) if owed.account_id is not None else None
        if owed.to_id is None or (place is not None and not place.direct):
            if place is not None and reason in _ABOUT_THE_PLACE and not owed.private:
                place.unreachable = reason
                self._tell_who_can_act(session, "people.place_lost", place.id, reason)
            return Kept("parked", reason)
        if account is None or reason not in _ABOUT_THE_RECIPIENT:
            return Kept("parked", reason)
        if reason == "no_such_place" and place is None and account.place_id is not None:
            account.place_id = None  # the chat that was known is gone: open another
            return self._later()
        account.unreachable = reason
        others = people.accounts(session, account.person_id)
        elsewhere = any(not other.unreachable and other.platform in self.platforms for other in others)
        if not elsewhere:
            self._tell_who_can_act(session, "people.unreachable", account.id, reason, besides=account.person_id)
        return self._later() if elsewhere and place is None else Kept("parked", reason)

    def _tell_who_can_act(
        self, session: Session, notice: str, about: int, reason: str, *, besides: int | None = None
    ) -> None:
        """Owe the coordinators one message, once for each reason, on somebody or some place that cannot be reached."""
        for person in people.coordinators(session):
            if person.id != besides:
                key = f"{notice}/{about}/{reason}/{person.id}"
                outbox.owe(session, notice, about=about, to=person.id, at=self.clock(), key=key)

    def _question(self, session: Session, row: int, asked_by: str) -> tuple[str, Address, str] | None:
        owed = session.get(Owed, row, with_for_update=True)
        if owed is None or owed.state != "uncertain":
            return None
        if owed.changes is not None:
            owed.state, owed.claimed_by, owed.lease_until = "due", "", None
            return None
        account = session.get(KnownAccount, owed.account_id) if owed.account_id is not None else None
        if owed.place_id is None and account is not None:  # where it was sent, whatever its person prefers by now
            address: tuple[str, Address] | Kept = (account.platform, _direct(session, account))
        else:
            address = self._address(session, owed)
        if isinstance(address, Kept):
            owed.reason = address.reason
            return None
        owed.claimed_by = asked_by
        return address[0], address[1], owed.key

    async def beat(self) -> None:
        """Note that delivery is alive, for readiness and for restoring a backup."""
        now = self.clock()

        def note(session: Session) -> None:
            if not insert_once(session, Beat, name="delivery", at=now):
                session.execute(update(Beat).where(Beat.name == "delivery").values(at=now))

        await self.database.run_async(note)


_ABOUT_THE_PLACE = frozenset({"not_installed", "blocked", "no_such_place", "archived", "wrong_tenant"})
_ABOUT_THE_RECIPIENT = _ABOUT_THE_PLACE | {"deactivated"}


def _with_a_doubt(message: Message) -> Message:
    """The message, led by a line on what may not have arrived: said once, here, instead of sending it twice."""
    line = small("A message of mine may not have reached you. Say `home` to see everything that is open.")
    return replace(message, parts=(line, *message.parts))


def _direct(session: Session, account: KnownAccount) -> Address:
    place = session.get(KnownPlace, account.place_id) if account.place_id is not None else None
    return Address(_account(account), _place(place) if place else None)


def _account(account: KnownAccount) -> Account:
    return Account(account.platform, account.tenant, account.user)


def _place(place: KnownPlace, message: str = "", thread: str = "") -> Place:
    return Place(place.platform, place.tenant, place.conversation, place.direct, thread, message, place.service_url,
                 place.title)  # fmt: skip
