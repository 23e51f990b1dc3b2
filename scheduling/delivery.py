"""Delivery: claim what is due, build it, send it, mark it; and find out what became of what a crash left half sent."""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import structlog
from prometheus_client import Counter
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.errors import Unavailable
from bot.platforms import CannotTell, NotAccepted, Platform, Sent
from bot.policy import Policy
from handlers.registry import Registry
from scheduling.fates import ASK_AGAIN, Fates, Kept, later
from scheduling.gathering import Gathering
from scheduling.pacing import Pacer
from scheduling.parcels import Packing, with_its_doubts
from scheduling.precedence import Precedence
from scheduling.unsettled import Unsettled
from storage import sending, undelivered
from storage.database import Database, insert_once
from storage.models import Beat, Owed
from storage.sealed import Keyring
from storage.sending import Parcel

log = structlog.get_logger("learnbot.delivery")

TIMEOUT = 10.0
TOKEN_REST = 300.0  # seconds between looks at whether a revoked token was replaced
SETTLING = timedelta(seconds=15)  # what a platform does not know of so soon after an attempt may still be on its way
DELIVERED = Counter("learnbot_deliveries_total", "Messages by what became of them", ["platform", "outcome"])
_delivered = cache(DELIVERED.labels)  # which looks each up under a lock


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
    calendars: tuple[str, ...] = ()
    pacer: Pacer = field(default_factory=Pacer)
    precedence: Precedence = field(default_factory=Precedence)
    alone: bool = False
    settling: timedelta = SETTLING
    at_once: int = 8
    stopping: bool = False
    busy: int = 0
    unsettled: Unsettled = field(init=False)

    def __post_init__(self) -> None:
        self._marks = Gathering(self._mark)
        self.unsettled = Unsettled(self.database)

    async def tick(self, *, limit: int = 50) -> int:
        """Send what is due now, at most `limit` messages. Returns how many are dealt with and not merely put back."""
        if self.stopping:
            return 0
        self.busy += 1
        try:
            await self.unsettled.settle()
            now, paused = self.clock(), self.pacer.resting()
            claimed = await self.database.run_async(
                lambda session: sending.claim(
                    session, now, self.process, limit=limit, paused=paused, notices=self.registry.notices
                )
            )
            lanes: dict[object, list[sending.Claimed]] = {}
            for one in claimed:
                lanes.setdefault(one.lane, []).append(one)
            free = asyncio.Semaphore(self.at_once)

            async def through(lane: Sequence[sending.Claimed]) -> int:
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
            await self.precedence.after_others()
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
            await self.unsettled.settle()
            now = self.clock()
            alone = self.process if self.alone else None
            rows = await self.database.run_async(
                lambda session: undelivered.doubtful(session, now, now + self.settling, all_of_others=alone)
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

    async def beat(self) -> None:
        """Note that delivery is alive, for readiness and for restoring a backup."""
        now = self.clock()

        def note(session: Session) -> None:
            if not insert_once(session, Beat, name="delivery", at=now):
                session.execute(update(Beat).where(Beat.name == "delivery").values(at=now))

        await self.database.run_async(note)

    # ------------------------------------------------------------------------------------------------ one message

    async def _in_order(self, lane: Sequence[sending.Claimed]) -> int:
        """Send one recipient's messages. After one that has to wait, those behind it wait as long."""
        done = 0
        for place, one in enumerate(lane):
            behind = [later.row for later in lane[place + 1 :]]
            await self.precedence.after_others()
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

    async def _deliver(self, one: sending.Claimed) -> str:
        row = one.row
        try:
            built = await self._settled([row], lambda session: self._built(session, row, one.lease_until))
        except Unavailable:
            raise
        except Exception as error:
            log.error("not built", row=row, error=type(error).__name__)
            _delivered("", "not_built").inc()
            return await self._keep(row, Kept("parked", "not_built"))
        if isinstance(built, Kept):
            _delivered("", built.state).inc()
            return built.state
        return await self._send(built)

    def _built(self, session: Session, row: int, lease_until: datetime) -> Parcel | Kept:
        packing = self._packing()
        built = packing.parcel(session, row, self.process, lease_until)
        return self._fates().keep(session, row, built) if isinstance(built, Kept) else built

    async def _send(self, parcel: Parcel) -> str:
        platform = self.platforms.get(parcel.platform)
        if platform is None:
            return await self._keep(parcel.row, Kept("parked", "platform_not_configured"))
        where = parcel.to.place.conversation if parcel.to.place else parcel.to.account.user if parcel.to.account else ""
        if parcel.platform not in self.pacer.resting():
            await self.pacer.turn(parcel.platform, where)
        if (
            parcel.platform in self.pacer.resting()  # it may have asked for a rest while this one was waiting its turn
            or self.clock() + timedelta(seconds=TIMEOUT) > parcel.lease_until  # the lease would not outlive the attempt
        ):
            return await self._keep(parcel.row, Kept("due"))
        try:
            async with asyncio.timeout(TIMEOUT):
                if parcel.change_of is not None:
                    await platform.update(parcel.change_of, parcel.message)
                    sent = parcel.change_of
                else:
                    sent = await platform.send(parcel.to, with_its_doubts(parcel), parcel.key)
        except NotAccepted as refused:
            return await self._not_accepted(parcel, refused)
        except Exception as error:
            log.warning("uncertain", row=parcel.row, platform=parcel.platform, error=type(error).__name__)
            _delivered(parcel.platform, "uncertain").inc()
            self.pacer.failed(parcel.platform)
            if parcel.change_of is not None:  # changing a message again does no harm
                return await self._keep(parcel.row, later())
            await self._keep(parcel.row, Kept("uncertain"))
            return await self._resolve(parcel.row)
        _delivered(parcel.platform, "sent").inc()
        self.pacer.took(parcel.platform)
        await self._sent(parcel, sent)
        return "sent"

    async def _not_accepted(self, parcel: Parcel, refused: NotAccepted) -> str:
        _delivered(parcel.platform, refused.reason).inc()
        log.info("not accepted", row=parcel.row, platform=parcel.platform, reason=refused.reason)
        if refused.reason in ("rate_limited", "token_revoked"):
            if refused.reason == "token_revoked":
                log.error("the platform no longer accepts the bot's token", platform=parcel.platform)
            rest = refused.retry_after or (TOKEN_REST if refused.reason == "token_revoked" else 30)
            self.pacer.rest(parcel.platform, rest)
            return await self._keep(parcel.row, Kept("due"))
        if refused.final:
            self.pacer.took(parcel.platform)
            return await self._keep(parcel.row, Kept("parked", refused.reason))
        self.pacer.failed(parcel.platform)
        return await self._keep(parcel.row, later(refused.retry_after))

    async def _resolve(self, row: int) -> str:
        """Ask the platform about an uncertain message: sent, to be sent again, or never to be known."""
        asked_by, asked_at = secrets.token_hex(6), self.clock()
        question = await self.database.run_async(lambda session: self._packing().question(session, row, asked_by))
        if question is None:
            return "uncertain"
        platform = self.platforms.get(question.platform)
        if platform is None or question.platform in self.pacer.resting():
            return "uncertain"
        answer: Sent | str | None
        try:
            async with asyncio.timeout(TIMEOUT):
                answer = await platform.find(question.to, question.key)
        except CannotTell:
            answer = "cannot_tell"
        except NotAccepted as refused:
            answer = refused.reason if refused.final else ASK_AGAIN
        except Exception as error:
            log.warning("not found out", row=row, error=type(error).__name__)
            answer = ASK_AGAIN
        return await self.database.run_async(
            lambda session: self._fates().found_out(session, row, asked_by, asked_at, answer)
        )

    # ----------------------------------------------------------------------------------------- what became of them

    async def _sent(self, parcel: Parcel, sent: Sent) -> None:
        if parcel.change_of is None and parcel.to.place is not None and not parcel.mentions:
            await self._marks(parcel.row, sent)
        else:
            await self._written("sent", [parcel.row], lambda session: self._fates().sent(session, parcel, sent))

    async def _mark(self, sent: Mapping[int, Sent]) -> None:
        await self._written("sent", list(sent), lambda session: sending.mark_sent(session, sent, self.clock()))

    async def _keep(self, row: int, kept: Kept) -> str:
        became = await self._written(kept.state, [row], lambda session: self._fates().keep(session, row, kept))
        return became.state

    def _fates(self) -> Fates:
        return Fates(self.platforms, self.process, self.clock(), self.settling)

    def _packing(self) -> Packing:
        return Packing(self.registry, self.policy, self.keyring, self.platforms, self.clock(), self.base_url,
                       self.calendars)  # fmt: skip

    # -------------------------------------------------------------------------- when the database is away for a while

    async def _settled(self, claimed: Sequence[int], work: Callable[[Session], Any]) -> Any:
        """Run `work`. If the database cannot, remember that `claimed` were not sent."""
        try:
            return await self.database.run_async(work)
        except Unavailable:
            self._put_back_later(claimed)
            raise

    async def _written(self, became: str, rows: Sequence[int], work: Callable[[Session], Any]) -> Any:
        """Run `work`, which writes what became of `rows`. If the database cannot, remember the work itself."""
        try:
            return await self.database.run_async(work)
        except Unavailable:
            self.unsettled.add(became, rows, work)
            raise

    def _put_back_later(self, rows: Sequence[int]) -> None:
        if rows:
            self.unsettled.add("due", rows, lambda session: sending.put_back(session, rows, self.process))

    async def _put_back(self, rows: Sequence[int], *, after: int | None = None) -> None:
        def work(session: Session) -> None:
            first = session.get(Owed, after) if after is not None else None
            sending.put_back(session, rows, self.process, first.due_at if first else None)

        if rows:
            await self._settled(rows, work)
