"""Delivery: claim what is due, build it, send it, mark it; and find out what became of what a crash left half sent."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.chat import Account, Message, Place, small, unpack
from bot.clock import Clock
from bot.platforms import Address, CannotTell, NotAccepted, Platform, Sent
from bot.policy import Policy
from handlers.registry import Registry
from handlers.turn import Turn
from scheduling.pacing import Pacer
from storage import outbox, people
from storage.database import Database, insert_once
from storage.models import Beat, KnownAccount, KnownPlace, Owed, Person
from storage.sealed import Keyring

log = structlog.get_logger("learnbot.delivery")

TIMEOUT = 10.0
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(seconds=90)
DELIVERED = Counter("learnbot_deliveries_total", "Messages by what became of them", ["platform", "outcome"])


@dataclass(frozen=True)
class Parcel:
    """A message built and addressed, ready to go. `change_of` is where it stands already, when it changes one."""

    row: int
    key: str
    platform: str
    message: Message
    to: Address
    lease_until: datetime
    change_of: Sent | None = None


@dataclass(frozen=True)
class Kept:
    """Why a claimed row is not sent: `state` is what it became."""

    state: str
    reason: str


@dataclass
class Delivery:
    """Sends what the outbox owes. One instance in a process; any number of processes on PostgreSQL."""

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

    async def tick(self, *, limit: int = 50) -> int:
        """Send what is due now, at most `limit` messages. Returns how many were claimed."""
        now = self.clock()
        paused = self.pacer.resting()
        claimed = await self.database.run_async(
            lambda session: outbox.claim(session, now, self.process, limit=limit, paused=paused)
        )
        for row, lease_until in claimed:
            await self._deliver(row, lease_until)
        return len(claimed)

    async def run_until_idle(self) -> None:
        """Send until nothing is due: for tests, the terminal and the simulated year."""
        while await self.tick():
            pass

    async def send_claimed(self, row: int, message: Message) -> None:
        """Send an answer that was born claimed."""
        parcel = await self.database.run_async(lambda session: self._parcel_of_answer(session, row, message))
        if parcel is not None:
            await self._send(parcel)

    async def reconcile(self) -> int:
        """Find out what became of messages whose process died while sending. Returns how many were looked at.

        Slack is asked before anything is sent again. Where nobody can be asked the row stays uncertain and is
        mentioned in the person's next message; it is never sent twice.
        """
        now = self.clock()
        alone = self.process if self.alone else None

        def take(session: Session) -> list[int]:
            rows = outbox.abandoned(session, now, all_of_others=alone)
            for row in rows:
                row.state, row.lease_until = "uncertain", None
            waiting = session.scalars(
                select(Owed.id).where(Owed.state == "uncertain", Owed.reason == "", Owed.due_at <= now).limit(200)
            )
            return sorted({row.id for row in rows} | set(waiting))

        rows = await self.database.run_async(take)
        for row in rows:
            await self._resolve(row)
        return len(rows)

    # ------------------------------------------------------------------------------------------------ one message

    async def _deliver(self, row: int, lease_until: datetime) -> None:
        try:
            built = await self.database.run_async(lambda session: self._built(session, row, lease_until))
        except Exception as error:
            log.exception("not built", row=row, error=type(error).__name__)
            await self.database.run_async(lambda session: self._keep(session, row, Kept("parked", "not_built")))
            return
        if isinstance(built, Kept):
            DELIVERED.labels("", built.state).inc()
            return
        await self._send(built)

    async def _send(self, parcel: Parcel) -> None:
        platform = self.platforms.get(parcel.platform)
        if platform is None:
            await self._keep_async(parcel, Kept("parked", "platform_not_configured"))
            return
        if parcel.platform in self.pacer.resting():
            await self._keep_async(parcel, Kept("due", ""))
            return
        where = parcel.to.place.conversation if parcel.to.place else parcel.to.account.user if parcel.to.account else ""
        await self.pacer.turn(parcel.platform, where)
        if self.clock() + timedelta(seconds=TIMEOUT) > parcel.lease_until:
            await self._keep_async(parcel, Kept("due", ""))  # the lease would not outlive the attempt
            return
        try:
            async with asyncio.timeout(TIMEOUT):
                if parcel.change_of is not None:
                    await platform.update(parcel.change_of, parcel.message)
                    sent = parcel.change_of
                else:
                    sent = await platform.send(parcel.to, parcel.message, parcel.key)
        except NotAccepted as refused:
            await self._not_accepted(parcel, refused)
        except Exception as error:
            log.warning("uncertain", row=parcel.row, platform=parcel.platform, error=type(error).__name__)
            DELIVERED.labels(parcel.platform, "uncertain").inc()
            if parcel.change_of is not None:  # changing a message again does no harm
                await self._keep_async(parcel, self._later(None))
                return
            await self._keep_async(parcel, Kept("uncertain", ""))
            await self._resolve(parcel.row)
        else:
            DELIVERED.labels(parcel.platform, "sent").inc()
            await self.database.run_async(lambda session: self._sent(session, parcel, sent))

    async def _not_accepted(self, parcel: Parcel, refused: NotAccepted) -> None:
        DELIVERED.labels(parcel.platform, refused.reason).inc()
        log.info("not accepted", row=parcel.row, platform=parcel.platform, reason=refused.reason)
        if refused.reason in ("rate_limited", "token_revoked"):
            rest = refused.retry_after or (3600 if refused.reason == "token_revoked" else 30)
            self.pacer.rest(parcel.platform, rest)
            await self._keep_async(parcel, Kept("due", ""))
        elif refused.final:
            await self._keep_async(parcel, Kept("parked", refused.reason))
        else:
            await self._keep_async(parcel, self._later(refused.retry_after))

    def _later(self, seconds: float | None) -> Kept:
        return Kept("due", f"later {seconds}" if seconds else "later")

    async def _resolve(self, row: int) -> None:
        """Ask the platform about an uncertain message: sent, to be sent again, or never to be known."""
        prepared = await self.database.run_async(lambda session: self._question(session, row))
        if prepared is None:
            return
        name, address, key = prepared
        platform = self.platforms.get(name)
        if platform is None:
            return
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

        def settle(session: Session) -> None:
            owed = session.get(Owed, row)
            if owed is None or owed.state != "uncertain":
                return
            if isinstance(outcome, Sent):
                _mark_sent(owed, outcome, self.clock())
                owed.platform = name
            elif outcome is None:
                owed.state, owed.due_at, owed.claimed_by = "due", self.clock(), ""
            elif outcome != "ask again":
                owed.reason = outcome

        await self.database.run_async(settle)

    # --------------------------------------------------------------------------------------------- in transactions

    def _built(self, session: Session, row: int, lease_until: datetime) -> Parcel | Kept:
        owed = outbox.held(session, row, self.process)
        if owed is None:
            return Kept("lost", "claimed by another")
        reader = session.get(Person, owed.to_id) if owed.to_id is not None else None
        message = self._message(session, owed, reader)
        if message is None:
            return self._keep(session, row, Kept("closed", owed.reason or "nothing left to say"))
        if reader is not None and reader.left_at is not None:
            return self._keep(session, row, Kept("closed", "left"))
        if owed.changes is not None:
            return self._changed(session, owed, message, lease_until)
        address = self._address(session, owed)
        if isinstance(address, Kept):
            return self._keep(session, row, address)
        platform, to = address
        owed.awaits, owed.platform = message.awaits, platform
        if reader is not None and (to.place is None or to.place.direct):
            message = _with_unconfirmed(session, message, reader, row)
        return Parcel(row, owed.key, platform, message, to, lease_until)

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
        place = session.scalar(
            select(KnownPlace).where(KnownPlace.platform == owed.platform, KnownPlace.conversation == owed.conversation)
        )
        if original is None or place is None:
            return self._keep(session, owed.id, Kept("closed", "the message is gone"))
        original.awaits = message.awaits
        where = _place(place, owed.message)
        return Parcel(owed.id, owed.key, owed.platform, message, Address(None, where), lease_until,
                      Sent(where, owed.message))  # fmt: skip

    def _parcel_of_answer(self, session: Session, row: int, message: Message) -> Parcel | None:
        owed = outbox.held(session, row, self.process)
        if owed is None or owed.lease_until is None:
            return None
        address = self._address(session, owed)
        if isinstance(address, Kept):
            self._keep(session, row, address)
            return None
        platform, to = address
        owed.platform = platform
        reader = session.get(Person, owed.to_id) if owed.to_id is not None else None
        if reader is not None and to.place is not None and to.place.direct:
            message = _with_unconfirmed(session, message, reader, row)
        return Parcel(row, owed.key, platform, message, to, owed.lease_until)

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
        known = session.scalars(
            select(KnownAccount).where(KnownAccount.person_id == owed.to_id, KnownAccount.unreachable == "")
        ).all()
        usable = [account for account in known if account.platform in self.platforms]
        if not usable:
            return Kept("parked", known[0].unreachable or "not_configured" if known else "has_not_said_hello")
        account = next((a for a in usable if a.platform == reader.prefers), usable[0])
        owed.account_id = account.id
        direct = session.get(KnownPlace, account.place_id) if account.place_id is not None else None
        return account.platform, Address(_account(account), _place(direct) if direct else None)

    def _sent(self, session: Session, parcel: Parcel, sent: Sent) -> None:
        owed = outbox.held(session, parcel.row, self.process)
        if owed is None:
            return  # asked for again, or taken over, while it was being sent
        now = self.clock()
        _mark_sent(owed, sent, now)
        owed.platform = parcel.platform
        if owed.account_id is not None and owed.place_id is None and sent.place.direct:
            account = session.get(KnownAccount, owed.account_id)
            if account is not None and account.place_id is None:
                account.place_id = people.place(session, sent.place)

    async def _keep_async(self, parcel: Parcel, kept: Kept) -> None:
        await self.database.run_async(lambda session: self._keep(session, parcel.row, kept))

    def _keep(self, session: Session, row: int, kept: Kept) -> Kept:
        owed = outbox.held(session, row, self.process)
        if owed is None:
            return kept
        now = self.clock()
        owed.state, owed.lease_until, owed.claimed_by = kept.state, None, ""
        if kept.state == "due":
            if kept.reason.startswith("later"):
                asked = kept.reason.removeprefix("later").strip()
                wait = timedelta(seconds=float(asked)) if asked else min(FIRST_WAIT * 2**owed.attempts, LONGEST_WAIT)
                owed.due_at = now + wait * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, not a secret
            else:
                owed.attempts -= 1
        else:
            owed.reason = kept.reason
        if kept.state == "closed":
            owed.body = None
        if kept.state == "parked" and owed.account_id is not None and kept.reason in _ABOUT_THE_ACCOUNT:
            account = session.get(KnownAccount, owed.account_id)
            if account is not None:
                account.unreachable = kept.reason
        return kept

    def _question(self, session: Session, row: int) -> tuple[str, Address, str] | None:
        owed = session.get(Owed, row)
        if owed is None or owed.state != "uncertain":
            return None
        if owed.changes is not None:
            owed.state, owed.claimed_by = "due", ""
            return None
        address = self._address(session, owed)
        if isinstance(address, Kept):
            owed.reason = address.reason
            return None
        return address[0], address[1], owed.key

    async def beat(self) -> None:
        """Note that delivery is alive, for readiness and for restoring a backup."""
        now = self.clock()

        def note(session: Session) -> None:
            if not insert_once(session, Beat, name="delivery", at=now):
                session.execute(update(Beat).where(Beat.name == "delivery").values(at=now))

        await self.database.run_async(note)


_ABOUT_THE_ACCOUNT = frozenset({"not_installed", "blocked", "deactivated", "wrong_tenant"})


def _mark_sent(owed: Owed, sent: Sent, now: datetime) -> None:
    owed.state, owed.sent_at, owed.lease_until, owed.claimed_by = "sent", now, None, ""
    owed.conversation, owed.message, owed.platform = sent.place.conversation, sent.message, sent.place.platform
    owed.body, owed.reason = None, ""


def _with_unconfirmed(session: Session, message: Message, reader: Person, row: int) -> Message:
    """The message, led by a line on what may not have arrived: said once, here, instead of sending it twice."""
    missed = [owed for owed in outbox.unconfirmed(session, reader.id) if owed.id != row and owed.reason]
    if not missed:
        return message
    for owed in missed:
        owed.state, owed.body, owed.reason = "closed", None, "mentioned instead"
    line = small("A message of mine may not have reached you. Say `home` to see everything that is open.")
    return Message(message.summary, (line, *message.parts), message.notice, message.about, message.awaits)


def _account(account: KnownAccount) -> Account:
    return Account(account.platform, account.tenant, account.user)


def _place(place: KnownPlace, message: str = "", thread: str = "") -> Place:
    return Place(place.platform, place.tenant, place.conversation, place.direct, thread, message, place.service_url,
                 place.title)  # fmt: skip
