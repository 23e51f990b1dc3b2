"""The maker of portfolios: takes up what people asked for, one at a time, and keeps each until it is fetched."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session

from bot.chat import Account, Place
from bot.clock import Clock
from bot.documents.formats import File, together
from bot.errors import Unavailable
from bot.platforms import Address, Platform, TakesFiles
from bot.policy import Policy
from bot.portfolio.formats import FORMATS, name_of
from bot.portfolio.reading import read
from storage import people
from storage.database import Database
from storage.models import KnownPlace, Person
from storage.portfolio import bringing, making
from storage.portfolio.document import NotAPortfolio
from storage.portfolio.gathering import gather, without
from storage.sealed import Keyring

log = structlog.get_logger("learnbot.portfolios")

TIMEOUT = 60.0  # seconds for handing a file over
GATHERED = 10  # per cent; the rest is shared among the kinds of file


@dataclass
class Portfolios:
    """Makes portfolios in the background. Any number of processes on PostgreSQL: each portfolio is made by one."""

    database: Database
    policy: Policy
    keyring: Keyring
    platforms: Mapping[str, Platform]
    clock: Clock
    process: str
    base_url: str = ""
    stopping: bool = False

    async def tick(self) -> int:
        """Make everything that is wanted, and let go of what nobody fetched. Returns how many were made."""
        made = 0
        while not self.stopping and await self._next():
            made += 1
        now = self.clock()
        await self.database.run_async(lambda session: making.forget(session, now))
        return made

    async def bring(self, email: str, content: bytes) -> str:
        """Take a file that somebody brings at a terminal. Why it cannot be read; "" when it can be looked at."""
        try:
            brought = await asyncio.to_thread(read, content)
        except NotAPortfolio as mistake:
            return str(mistake)

        def keep(session: Session) -> str:
            person = people.by_email(session, email)
            begun = bringing.waiting(session, person.id) if person is not None else None
            if begun is None:
                return "say “import” first"
            bringing.bring(session, self.keyring, begun, brought, self.clock())
            return ""

        return await self.database.run_async(keep)

    async def _next(self) -> bool:
        now = self.clock()
        job = await self.database.run_async(lambda session: making.claim(session, self.keyring, now, self.process))
        if job is None:
            return False
        try:
            await self._make(job)
        except Unavailable:
            raise
        except Exception as error:
            log.error("not made", portfolio=job.portfolio_id, error=type(error).__name__)
            await self._note(lambda session: making.failed(session, job.portfolio_id, self.process, self.clock()))
        return True

    async def _make(self, job: making.Job) -> None:
        now = self.clock()
        if job.choices is None:
            await self._note(lambda session: bringing.take(session, self.keyring, job.portfolio_id, self.process, now))
            return
        choices = job.choices
        whole = await self.database.run_async(
            lambda session: gather(session, job.person, self.keyring, self.policy.name, now)
        )
        chosen = without(whole, choices.without, choices.without_items)
        if not await self._done(job, GATHERED):
            return
        files: list[File] = []
        wanted = [FORMATS[key] for key in choices.formats if key in FORMATS]
        for number, kind in enumerate(wanted, 1):
            content = await asyncio.to_thread(kind.write, chosen, ZoneInfo(job.person.zone), _labels(self.policy))
            files.append(File(name_of(job.person.name, kind.ending), kind.type, content))
            if not await self._done(job, GATHERED + (95 - GATHERED) * number // len(wanted)):
                return
        one = await asyncio.to_thread(together, files, name_of(job.person.name, "zip"))
        if await self._given(job, one):
            return
        if not self.base_url:
            await self._note(lambda session: making.failed(session, job.portfolio_id, self.process, self.clock()))
            return
        await self._note(
            lambda session: making.ready(
                session, self.keyring, job.portfolio_id, self.process, one.name, one.type, one.content, self.clock()
            )
        )

    async def _given(self, job: making.Job, file: File) -> bool:
        """Whether it could be put into its owner's direct chat, where they last wrote."""
        to = await self.database.run_async(lambda session: _chat_of(session, job.person))
        platform = self.platforms.get(to.account.platform) if to and to.account else None
        if to is None or not isinstance(platform, TakesFiles):
            return False
        try:
            async with asyncio.timeout(TIMEOUT):
                await platform.give(to, file.name, file.type, file.content, f"portfolio/{job.portfolio_id}")
        except Exception as error:
            log.warning("not handed over", portfolio=job.portfolio_id, error=type(error).__name__)
            return False
        await self._note(lambda session: making.handed_over(session, job.portfolio_id, self.process, self.clock()))
        return True

    async def _done(self, job: making.Job, per_cent: int) -> bool:
        return await self._note(
            lambda session: making.progress(session, job.portfolio_id, self.process, per_cent, self.clock())
        )

    async def _note(self, work: Callable[[Any], Any]) -> Any:
        return await self.database.run_async(work)


def _chat_of(session: Session, person: Person) -> Address | None:
    """The account that this person used last, and their direct chat there as far as it is known."""
    accounts = [one for one in people.accounts(session, person.id) if one.platform == person.prefers]
    if not accounts:
        return None
    account = accounts[0]
    known = session.get(KnownPlace, account.place_id) if account.place_id is not None else None
    place = (
        Place(known.platform, known.tenant, known.conversation, known.direct, service_url=known.service_url)
        if known is not None and known.direct
        else None
    )
    return Address(Account(account.platform, account.tenant, account.user), place)


def _labels(policy: Policy) -> Mapping[str, str]:
    """The words that the policy has for its keys, each with what it is a key of."""
    courses = policy.courses
    chosen = (("activity", courses.activities), ("need", courses.needs), ("criterion", courses.criteria))
    labels = {f"{of} {choice.key}": choice.label for of, choices in chosen for choice in choices}
    return labels | {f"training {training.key}": training.name for training in policy.trainings}
