"""`learnbot year`: one learning year of the demo organisation on a simulated clock, through the real program.

People here are simple: they answer what they are asked, mostly at once, sometimes another way. The same seed makes the
same choices, so the same year is printed. What the bot does is the real thing: dispatcher, outbox, cadence, delivery.
"""

import asyncio
import os
import random
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import typer
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import logs, wording
from bot.app import Bot, build
from bot.chat import Button, FixAnswers, OpenForm, Place, Reply
from bot.console import NothingThere, Posted, Screen, Visitor, buttons_of, channel, direct_chat
from bot.demo import enrol, prepared
from bot.policy import PolicyError
from bot.year_answers import COURSES, LESSONS, as_usual
from bot.year_hands import Answers, Hands
from bot.year_plans import AWAY, FACILITATOR, LOGGED, LOGS, MEMBERS, SET, Diary, diary
from bot.year_print import Lots
from bot.year_promises import promises
from bot.year_teams import OWN_WORDS, answers_to_review, begins_plan, in_channel, review_day
from scheduling.cadence import owe_what_recurs
from scheduling.calendars.closures import load
from scheduling.localtime import at_local
from storage.models import Owed, Person, Team
from storage.retention import clean_up


@dataclass
class SimulatedClock:
    """A clock that goes only when it is told to."""

    instant: datetime

    def __call__(self) -> datetime:
        """The simulated instant, in UTC."""
        return self.instant


@dataclass
class Year:
    """The year as it is played: the clock, everybody's screen, and what was printed."""

    bot: Bot
    screen: Screen
    chance: random.Random  # of what people do by themselves
    whims: random.Random  # of what teams do together
    first: date
    show: Callable[[str], None]
    clock: "SimulatedClock"
    diary: Diary
    people: dict[str, Visitor] = field(default_factory=dict[str, Visitor])
    names: dict[str, str] = field(default_factory=dict[str, str])
    ids: dict[str, int] = field(default_factory=dict[str, int])
    courses: dict[str, set[date]] = field(default_factory=dict[str, set[date]])
    teams: list[tuple[str, str, list[str]]] = field(default_factory=list[tuple[str, str, list[str]]])
    lots: Lots = field(default_factory=Lots)
    _seen: dict[tuple[str, str], object] = field(default_factory=dict[tuple[str, str], object])

    # -------------------------------------------------------------------------------------------------- the clock

    @property
    def now(self) -> datetime:
        """The simulated instant."""
        return self.clock.instant

    async def play(self) -> None:
        """Every day of the year: what recurs is owed, what is due is sent, and people do what they do."""
        last = self.bot.settings.policy.year_of(self.first + timedelta(days=380)) - timedelta(days=1)
        day = self.first
        while day <= last:
            await self._until(at_local(day, time(8, 0), self.bot.settings.policy.tzinfo))
            await self._owe()
            if day.weekday() < 5:
                await self._until(at_local(day, time(9, 0), self.bot.settings.policy.tzinfo))
                await self._everybody_does_something(day)
            await self._until(at_local(day, time(23, 0), self.bot.settings.policy.tzinfo))
            day += timedelta(days=1)

    @property
    def _today(self) -> date:
        return self.now.astimezone(self.bot.settings.policy.tzinfo).date()

    async def _until(self, instant: datetime) -> None:
        while (due := self._next_due(instant)) is not None:
            self.clock.instant = max(self.now, due)
            await self._settle()
        self.clock.instant = max(self.now, instant)

    def _next_due(self, instant: datetime) -> datetime | None:
        return self.bot.database.run(
            lambda session: session.scalar(
                select(func.min(Owed.due_at)).where(Owed.state == "due", Owed.due_at <= instant)
            )
        )

    async def _owe(self) -> None:
        settings, delivery = self.bot.settings, self.bot.delivery

        def work(session: Session) -> None:
            owe_what_recurs(session, delivery.registry, settings.policy, settings.keyring, self.now)
            clean_up(session, settings.policy, self.now)

        self.bot.database.run(work)

    async def _settle(self) -> None:
        """Send what is due, let people answer what is new on their screens, and again until it is quiet."""
        for _ in range(40):
            await self.bot.reception.settled()
            await self.bot.delivery.run_until_idle()
            if not await self._people_look():
                return
        raise AssertionError("the conversation never ends")

    # ------------------------------------------------------------------------------------------------- the people

    async def _everybody_does_something(self, day: date) -> None:
        for who, visitor in self.people.items():
            if self.diary.is_away(who, day):
                continue
            if day == self.first:
                await self.says(visitor, "hello")
            if day in self.courses[who]:
                when = wording.day_and_year(day + timedelta(days=7))
                await self.says(visitor, f"I'm on {self.chance.choice(COURSES)} on {when}")
            if self.chance.random() < 0.04:
                await self.says(visitor, f"learned {self.chance.choice(LESSONS)}")
        for title, lead, members in self.teams:
            if day == review_day(lead, self.first):
                await self._review(title, lead, members)
            if day == self.diary.begins_plan and lead == OWN_WORDS:
                await begins_plan(self.hands(lead, channel(title)), day)
        await self._what_the_diary_says(day)
        await self._settle()

    async def _what_the_diary_says(self, day: date) -> None:
        plan, facilitator = self.diary, self.people[FACILITATOR]
        if day == plan.tells_of_leave:
            first, last = (wording.day_and_year(one) for one in plan.away)
            await self.says(self.people[AWAY], f"I'm away from {first} to {last}")
        if day == plan.logs_time:
            await self.says(self.people[LOGS], f"log {LOGGED}")
        if day == plan.starts_set:
            await self.says(facilitator, "start a learning set", wants_form=True)
            await self.fills(facilitator, {"name": SET, "members": MEMBERS})
        if day == plan.books_set:
            await self.says(facilitator, f"book our set on {wording.day_and_year(plan.set_meets)} at 10:00")
        for thing in [one for one in plan.later if one[0] <= day]:
            plan.later.remove(thing)
            await thing[1]()
            await self._settle()

    async def _review(self, title: str, lead: str, members: list[str]) -> None:
        visitor, place = self.people[lead], channel(title)
        await self.says(visitor, "review", place)
        if visitor.form is not None:
            enough = len(members) >= self.bot.settings.policy.reviews.shown_from
            await self.fills(visitor, {"names": "anonymous" if enough else "named"})
        await self._settle()
        for who in members:
            if self.whims.random() < 0.9 or who == lead:
                hands = self.hands(who, place)
                await hands.fills("reviews.open", answers_to_review(self.whims, hands.id))

    async def _people_look(self) -> bool:
        did = False
        for who, visitor in self.people.items():
            if self.diary.is_away(who, self._today):
                continue
            for posted in list(self.screen.seen(visitor.user)):
                if self._seen.get((who, posted.id)) == posted.message:
                    continue
                fresh = (who, posted.id) not in self._seen
                self._seen[who, posted.id] = posted.message
                self._tell(who, "sees" if fresh else "sees change", self.lots.told(posted.message))
                did = await self._answers(visitor, posted, fresh=fresh) or did
        for title, lead, members in self.teams:
            did = await self._team_looks(title, lead, members) or did
        return did

    async def _answers(self, visitor: Visitor, posted: Posted, *, fresh: bool) -> bool:
        """What this person does about a message; False when it asks for nothing."""
        buttons = {button.action: button for button in buttons_of(posted.message)}
        hands = self.hands(visitor.user, replace(direct_chat(visitor.user), message=posted.id))
        for plan in self.diary.left:
            if fresh and plan.is_for(visitor.user, posted, buttons):
                self.diary.left.remove(plan)
                await plan.does(hands, self._today)
                return True
        latest = posted is self.screen.seen(visitor.user)[-1]
        return await as_usual(hands, posted, fresh=fresh, latest=latest)

    async def _team_looks(self, title: str, lead: str, members: list[str]) -> bool:
        did = False
        for posted in list(self.screen.seen("", f"channel:{title}")):
            if self._seen.get((title, posted.id)) == posted.message:
                continue
            fresh = (title, posted.id) not in self._seen
            self._seen[title, posted.id] = posted.message
            if members and (fresh or posted.message.notice.startswith(("findings.", "team_plans."))):
                self._tell(title, "shows" if fresh else "shows change", self.lots.told(posted.message))
            for who in members if fresh else ():
                if not self.diary.is_away(who, self._today):
                    hands = self.hands(who, replace(channel(title), message=posted.id))
                    did = await in_channel(hands, posted, lead) or did
        return did

    def hands(self, who: str, place: Place) -> "_Hands":
        """Somebody's hands, in a place."""
        return _Hands(self, self.people[who], place)

    # -------------------------------------------------------------------------------------------- what they do here

    async def says(self, visitor: Visitor, words: str, place: Place | None = None, *, wants_form: bool = False) -> None:
        """Type in a place, the direct chat unless another is named. A form that comes of it is kept if wanted."""
        self._tell(visitor.user, f"types{f' in {place.title}' if place else ''}", words.splitlines())
        await self._done(await visitor.say(words, place=place), visitor, wants_form=wants_form)

    async def taps(self, visitor: Visitor, button: Button, place: Place, *, wants_form: bool = False) -> None:
        """Tap a button of the message `place.message`. A form that it opens is kept if wanted."""
        self._tell(visitor.user, "taps", [button.label])
        await self._done(await visitor.tap(button, place), visitor, wants_form=wants_form)

    def button(self, visitor: Visitor, action: str, place: Place) -> tuple[Button, Place] | None:
        """The latest button for an action that somebody sees in a place, and the message that it is on."""
        for posted in reversed(self.screen.seen(visitor.user, place.conversation)):
            for button in buttons_of(posted.message):
                if button.action == action:
                    return button, replace(place, message=posted.id)
        return None

    async def presses(self, visitor: Visitor, action: str, place: Place, *, wants_form: bool = False) -> None:
        """Tap the latest button for an action. Raises `NothingThere`."""
        found = self.button(visitor, action, place)
        if found is None:
            raise NothingThere(f"{visitor.user} sees no {action} in {place.title}")
        await self.taps(visitor, *found, wants_form=wants_form)

    async def chooses(self, visitor: Visitor, option: str, place: Place) -> None:
        """Choose from the latest list that offers this. Raises `NothingThere`."""
        self._tell(visitor.user, "chooses", [option])
        await self._done(await visitor.choose(option, place=place), visitor)

    async def fills(
        self, visitor: Visitor, answers: Mapping[str, str], mistaken: Mapping[str, str] | None = None
    ) -> None:
        """Send the form that is open; what is `mistaken` goes first, is read with what is said of it, and put right."""
        assert visitor.form is not None
        title = visitor.form.title
        self._tell(visitor.user, "fills in", [title])
        reply = await visitor.submit(answers if mistaken is None else mistaken)
        if isinstance(reply, FixAnswers) and mistaken is not None:
            self._tell(visitor.user, "reads", list(reply.problems.values()))
            self._tell(visitor.user, "fills in", [title])
            reply = await visitor.submit(answers)
        if isinstance(reply, FixAnswers):
            raise AssertionError(f"{title} was not accepted: {dict(reply.problems)}")
        await self._done(reply, visitor)

    async def _done(self, reply: Reply, visitor: Visitor, *, wants_form: bool = False) -> None:
        await self.bot.reception.settled()
        if isinstance(reply, OpenForm):
            self.lots.learn(reply.form)
            if not wants_form and not reply.form.name.startswith("reviews."):
                visitor.form = None  # these people type or tap; a form they did not look for is put away

    def _tell(self, who: str, does: str, lines: list[str]) -> None:
        when = wording.moment(self.now, self.bot.settings.policy.tzinfo)
        first, *rest = lines or [""]
        self.show(f"{when}  {self.names.get(who, who)} {does}: {first}")
        for line in rest:
            self.show(f"{'':19}{line}")


@dataclass(frozen=True)
class _Hands:
    """Somebody's hands in a place: their own chat with the bot, or a channel. As `Hands`."""

    year: Year
    visitor: Visitor
    place: Place

    @property
    def who(self) -> str:
        return self.visitor.user

    @property
    def id(self) -> int:
        return self.year.ids[self.visitor.user]

    @property
    def others(self) -> list[str]:
        return [name for email, name in self.year.names.items() if email != self.visitor.user]

    @property
    def chance(self) -> random.Random:
        return self.year.chance

    @property
    def whims(self) -> random.Random:
        return self.year.whims

    def sees(self, action: str) -> bool:
        return self.year.button(self.visitor, action, self.place) is not None

    def later(self, day: date, does: Callable[[Hands, date], Awaitable[None]]) -> None:
        self.year.diary.later.append((day, lambda: does(self, day)))

    async def types(self, words: str) -> None:
        await self.year.says(self.visitor, words, None if self.place.direct else self.place)

    async def tap(self, button: Button) -> None:
        await self.year.taps(self.visitor, button, self.place)

    async def taps(self, action: str) -> None:
        await self.year.presses(self.visitor, action, self.place)

    async def fills(self, action: str, answers: Answers, mistaken: Answers | None = None) -> None:
        await self.year.presses(self.visitor, action, self.place, wants_form=True)
        form = self.visitor.form
        if form is not None:
            first = mistaken(form) if callable(mistaken) else mistaken
            await self.year.fills(self.visitor, answers(form) if callable(answers) else answers, first)

    async def chooses(self, option: str) -> None:
        await self.year.chooses(self.visitor, option, self.place)


def play(
    policy: str,
    seed: int,
    *,
    quiet: bool = False,
    show: Callable[[str], None] = typer.echo,
    screen: Screen | None = None,
) -> int:
    """Play the year and print it. Returns the exit status: 1 when something happened that never should."""
    logs.set_up("ERROR", console=True)
    try:
        chosen = load(policy)
    except PolicyError as error:
        typer.echo(str(error), err=True)
        return 2
    first = chosen.year_of(date(2026, 9, 1))
    memory = Path("/dev/shm")  # noqa: S108 - a year that nobody keeps need not wait for a disk
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        screen = screen or Screen()
        clock = SimulatedClock(at_local(first, time(7, 0), chosen.tzinfo))
        settings = replace(prepared(Path(folder) / "year"), policy=chosen)
        bot = build(settings, {"console": screen}, clock=clock)
        try:
            chance = random.Random(seed)  # noqa: S311 - the same seed makes the same year
            whims = random.Random(f"{seed} together")  # noqa: S311
            told: Callable[[str], None] = (lambda _: None) if quiet else show
            year = Year(bot, screen, chance, whims, first, told, clock, diary(chosen, first))
            _gather(year)
            asyncio.run(year.play())
            lines, wrong = bot.database.run(lambda session: promises(session, chosen, first, clock()))
        finally:
            bot.close()
    show(f"\nThe learning year from {wording.day_and_year(first)}:")
    for line in lines:
        show(f"  {line}")
    for line in wrong:
        show(f"  WRONG: {line}")
    return 1 if wrong else 0


def _gather(year: Year) -> None:
    """Put everybody at their screen, and choose in which weeks they go on courses."""
    enrol(year.bot)

    def roster(session: Session) -> tuple[list[Person], list[Team]]:
        people = list(session.scalars(select(Person).order_by(Person.id)))
        return people, list(session.scalars(select(Team).order_by(Team.id)))

    everybody, teams = year.bot.database.run(roster)
    by_id = {person.id: person for person in everybody}
    mondays = [
        year.first + timedelta(days=n) for n in range(14, 330) if (year.first + timedelta(days=n)).weekday() == 0
    ]
    for person in everybody:
        year.people[person.email] = Visitor(person.email, year.screen, year.bot.reception, process="year")
        year.ids[person.email] = person.id
        year.names[person.email] = wording.first_name(person.name)
        free = [day for day in mondays if not year.diary.is_away(person.email, day)]
        year.courses[person.email] = set(year.chance.sample(free, 3))
    for team in teams:
        members = [person.email for person in everybody if person.team_id == team.id]
        if team.lead_id is not None:
            year.teams.append((team.name, by_id[team.lead_id].email, members))
