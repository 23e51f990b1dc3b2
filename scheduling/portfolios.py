"""The maker of portfolios and papers: takes up what people asked for, one at a time, and keeps it until fetched."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session

from bot.chat import Account, Place
from bot.clock import Clock
from bot.documents.formats import FORMATS as OF_DOCUMENTS
from bot.documents.formats import File, plain_name, together
from bot.errors import Unavailable
from bot.platforms import Address, Platform, TakesFiles
from bot.policy import Policy
from bot.portfolio.formats import FORMATS as OF_PORTFOLIOS
from bot.portfolio.formats import name_of
from bot.portfolio.reading import read
from handlers.papers import writing
from handlers.turn import Turn
from storage import people
from storage.database import Database
from storage.models import KnownPlace, Person
from storage.papers import rights
from storage.portfolio import bringing, making
from storage.portfolio.gathering import gather, without
from storage.portfolio.notation import NotAPortfolio
from storage.sealed import Keyring

log = structlog.get_logger("learnbot.portfolios")

TIMEOUT = 60.0  # seconds for handing a file over
GATHERED = 10  # per cent; the rest is shared among the kinds of file


@dataclass(frozen=True)
class _Kind:
    ending: str
    type: str
    write: Callable[[], bytes]


@dataclass(frozen=True)
class _Work:
    """The files to make: how each is written, and what one with such an ending is called."""

    name: Callable[[str], str]
    kinds: Sequence[_Kind]


@dataclass
class Portfolios:
    """Makes them in the background. Any number of processes on PostgreSQL: each is made by one."""

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
        work = await self._portfolio(job) if job.kind == "portfolio" else await self._paper(job)
        if work is None or not await self._done(job, GATHERED):
            return
        files: list[File] = []
        for number, kind in enumerate(work.kinds, 1):
            content = await asyncio.to_thread(kind.write)
            files.append(File(work.name(kind.ending), kind.type, content))
            if not await self._done(job, GATHERED + (95 - GATHERED) * number // len(work.kinds)):
                return
        one = await asyncio.to_thread(together, files, work.name("zip"))
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

    async def _portfolio(self, job: making.Job) -> "_Work":
        """Everything that is its owner's, but for what they left out."""
        assert job.choices is not None
        whole = await self.database.run_async(
            lambda session: gather(session, job.person, self.keyring, self.policy.name, self.clock())
        )
        chosen = without(whole, job.choices.without, job.choices.without_items)
        zone, labels = ZoneInfo(job.person.zone), _labels(self.policy)
        wanted = [OF_PORTFOLIOS[key] for key in job.choices.formats if key in OF_PORTFOLIOS]
        kinds = [_Kind(one.ending, one.type, partial(one.write, chosen, zone, labels)) for one in wanted]
        return _Work(partial(name_of, job.person.name), kinds)

    async def _paper(self, job: making.Job) -> "_Work | None":
        """What whoever asked may have of it now; None when that is nothing any more."""
        assert job.choices is not None
        now, left_out = self.clock(), job.choices.without

        def reads(session: Session, step: Callable[[Turn], Any]) -> Any:
            person = session.get_one(Person, job.person.id)
            if not rights.may_have(session, person, job.kind, job.about):
                if (held := making.held(session, job.portfolio_id, self.process)) is not None:
                    making.ended(session, held, "gone", now)
                return None
            turn = Turn(session, now, self.policy, self.keyring, reader=person, base_url=self.base_url)
            return step(turn)

        read: list[Any] = []
        for step in writing.steps(job.kind, job.about, job.year, left_out):
            part = await self.database.run_async(partial(reads, step=step))
            if part is None:
                return None
            read.append(part)
        pages = await asyncio.to_thread(writing.written, job.kind, read, left_out)
        wanted = [OF_DOCUMENTS[key] for key in job.choices.formats if key in OF_DOCUMENTS]
        kinds = [_Kind(one.ending, one.type, partial(one.write, pages, now)) for one in wanted]
        name = plain_name(f"{pages.title} {pages.subtitle}") or "paper"
        return _Work(lambda ending: f"{name}.{ending}", kinds)

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
