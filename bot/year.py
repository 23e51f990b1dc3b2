"""`learnbot year`: one learning year of the demo organisation on a simulated clock, through the real program.

People here are simple: they answer what they are asked, mostly at once, sometimes another way. The same seed makes the
same choices, so the same year is printed. What the bot does is the real thing: dispatcher, outbox, cadence, delivery.
"""

import asyncio
import os
import random
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path

import typer
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import logs, wording
from bot.app import Bot, build
from bot.chat import ANSWERS_TO, Button, FixAnswers, Form, OpenForm, Place, Reply
from bot.console import NothingThere, Posted, Screen, Visitor, buttons_of, channel, direct_chat, in_words
from bot.demo import enrol, prepared
from bot.policy import PolicyError
from bot.year_plans import AWAY, FACILITATOR, LOGGED, LOGS, MEMBERS, SET, Diary, diary
from bot.year_promises import promises
from scheduling.cadence import owe_what_recurs
from scheduling.calendars.closures import load
from scheduling.localtime import at_local
from storage.models import Owed, Person, Team
from storage.retention import clean_up

COURSES = (
    "Safeguarding level 2",
    "Coaching conversations",
    "Autism awareness",
    "Data for governors",
    "First aid at work",
    "Restorative practice",
)
LESSONS = (
    "to ask before I answer",
    "that a quiet start helps the anxious ones",
    "how the Bitterne team shares its cases",
    "to write the aim at the top of the agenda",
    "that feedback on the day beats feedback in the report",
)
TIMES = ("interviews.take", "interviews.move_to", "sets.take", "sets.move_to")
AGREED = ("sets.join", "sets.coming", "sets.everybody")
THOUGHTS = (
    "The case studies made it real.",
    "I ask open questions first now.",
    "I shall try it with the new starters.",
)


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
    chance: random.Random
    first: date
    show: Callable[[str], None]
    clock: "SimulatedClock"
    diary: Diary
    people: dict[str, Visitor] = field(default_factory=dict[str, Visitor])
    names: dict[str, str] = field(default_factory=dict[str, str])
    ids: dict[str, int] = field(default_factory=dict[str, int])
    courses: dict[str, set[date]] = field(default_factory=dict[str, set[date]])
    teams: list[tuple[str, str, list[str]]] = field(default_factory=list[tuple[str, str, list[str]]])
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
            if day == self._review_day():
                await self._review(title, lead, members)
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

    def _review_day(self) -> date:
        day = date(self.first.year + 1, 5, 4)
        while day.weekday() > 4:
            day += timedelta(days=1)
        return day

    async def _review(self, title: str, lead: str, members: list[str]) -> None:
        visitor, place = self.people[lead], channel(title)
        await self.says(visitor, "review", place)
        if visitor.form is not None:
            await self.fills(visitor, {"names": "anonymous" if len(members) >= 5 else "named"})
        await self._settle()
        for who in members:
            if self.chance.random() < 0.9 or who == lead:
                await self.presses(self.people[who], "reviews.open", place)
                if self.people[who].form is not None:
                    await self.fills(self.people[who], self._review_answers(self.people[who].form))

    def _review_answers(self, form: Form | None) -> dict[str, str]:
        assert form is not None
        return {
            one.name: str(self.chance.randint(2, 5)) if one.kind == "rating" else self.chance.choice(THOUGHTS)
            for one in form.fields
        }

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
                self._tell(who, "sees" if fresh else "sees change", in_words(posted.message))
                did = await self._answers(visitor, posted, fresh=fresh) or did
        for title, _, members in self.teams:
            for posted in list(self.screen.seen("", f"channel:{title}")):
                if self._seen.get((title, posted.id)) != posted.message:
                    fresh = (title, posted.id) not in self._seen
                    self._seen[title, posted.id] = posted.message
                    if fresh and members:
                        self._tell(title, "shows", in_words(posted.message))
        return did

    async def _answers(self, visitor: Visitor, posted: Posted, *, fresh: bool) -> bool:
        """What this person does about a message; False when it asks for nothing."""
        return await self._does_what_was_planned(visitor, posted, fresh=fresh) or await self._answers_as_usual(
            visitor, posted, fresh=fresh
        )

    async def _does_what_was_planned(self, visitor: Visitor, posted: Posted, *, fresh: bool) -> bool:
        buttons = {button.action: button for button in buttons_of(posted.message)}
        for plan in self.diary.left:
            if fresh and plan.is_for(visitor.user, posted, buttons):
                self.diary.left.remove(plan)
                await plan.does(_Hands(self, visitor), self._today)
                return True
        return False

    async def _answers_as_usual(self, visitor: Visitor, posted: Posted, *, fresh: bool) -> bool:
        buttons = {button.action: button for button in reversed(buttons_of(posted.message))}
        place = replace(direct_chat(visitor.user), message=posted.id)
        times = [button for button in buttons_of(posted.message) if button.action in TIMES]
        if "interviews.accept" in buttons:
            await self._taps(visitor, buttons["interviews.accept"], place)
        elif times:
            await self._taps(visitor, self.chance.choice(times), place)
        elif "interviews.confirm" in buttons:
            other_way = self.chance.random() < 0.15 and "interviews.move" in buttons
            await self._taps(visitor, buttons["interviews.move" if other_way else "interviews.confirm"], place)
        elif "interviews.met" in buttons and fresh:
            await self._taps(visitor, buttons["interviews.met"], place)
        elif posted.message.awaits == "interviews.note" and posted is self.screen.seen(visitor.user)[-1]:
            if self.chance.random() < 0.5:
                return False
            await self.says(visitor, f"What I take away: {self.chance.choice(LESSONS)}.")
        elif agrees := next((action for action in AGREED if action in buttons and fresh), ""):
            await self._taps(visitor, buttons[agrees], place)
        elif posted.message.awaits == "courses.reflect" and fresh:
            await self.says(visitor, self.chance.choice(THOUGHTS))
        elif "interviews.partner" in buttons and fresh:
            others = [name for email, name in self.names.items() if email != visitor.user]
            await self.says(visitor, f"partner {self.chance.choice(others)}")
        elif self._wants_a_time(visitor, posted, buttons) and fresh:
            await self._taps(visitor, buttons["interviews.offer"], place)
        elif ANSWERS_TO in buttons and fresh:
            await self._taps(visitor, buttons[ANSWERS_TO], place)
        elif fresh and "reviews.open" in buttons and buttons["reviews.open"].label.startswith("Answer"):
            await self._taps(visitor, buttons["reviews.open"], place)
            if visitor.form is not None:
                await self.fills(visitor, self._review_answers(visitor.form))
        else:
            return False
        return True

    def _wants_a_time(self, visitor: Visitor, posted: Posted, buttons: dict[str, Button]) -> bool:
        """Whether this offers the learner to look for a time: a window opened, or a meeting fell through."""
        offer = buttons.get("interviews.offer")
        home = "home.help" in buttons
        return offer is not None and not home and offer.about == self.ids[visitor.user]

    # -------------------------------------------------------------------------------------------- what they do here

    async def says(self, visitor: Visitor, words: str, place: Place | None = None, *, wants_form: bool = False) -> None:
        """Type in a place, the direct chat unless another is named. A form that comes of it is kept if wanted."""
        self._tell(visitor.user, f"types{f' in {place.title}' if place else ''}", words)
        await self._done(await visitor.say(words, place=place), visitor, wants_form=wants_form)

    async def _taps(self, visitor: Visitor, button: Button, place: Place, *, wants_form: bool = False) -> None:
        self._tell(visitor.user, "taps", button.label)
        await self._done(await visitor.tap(button, place), visitor, wants_form=wants_form)

    async def presses(self, visitor: Visitor, action: str, place: Place, *, wants_form: bool = False) -> None:
        """Tap the latest button for an action. Raises `NothingThere`."""
        for posted in reversed(self.screen.seen(visitor.user, place.conversation)):
            for button in buttons_of(posted.message):
                if button.action == action:
                    await self._taps(visitor, button, replace(place, message=posted.id), wants_form=wants_form)
                    return
        raise NothingThere(f"{visitor.user} sees no {action} in {place.title}")

    async def fills(self, visitor: Visitor, answers: Mapping[str, str]) -> None:
        """Send the form that is open."""
        form = visitor.form
        assert form is not None
        self._tell(visitor.user, "fills in", form.title)
        reply = await visitor.submit(answers)
        if isinstance(reply, FixAnswers):
            raise AssertionError(f"{form.title} was not accepted: {dict(reply.problems)}")
        await self._done(reply, visitor)

    async def _done(self, reply: Reply, visitor: Visitor, *, wants_form: bool = False) -> None:
        await self.bot.reception.settled()
        if isinstance(reply, OpenForm) and not wants_form and not reply.form.name.startswith("reviews."):
            visitor.form = None  # these people type or tap; a form they did not look for is put away

    def _tell(self, who: str, does: str, words: str) -> None:
        when = wording.moment(self.now, self.bot.settings.policy.tzinfo)
        first, *rest = _in_order(words.splitlines()) or [""]
        self.show(f"{when}  {self.names.get(who, who)} {does}: {first}")
        for line in rest:
            self.show(f"{'':19}{line}")


@dataclass(frozen=True)
class _Hands:
    """Somebody's hands in their own chat with the bot, for what they had planned to do."""

    year: Year
    visitor: Visitor

    async def types(self, words: str) -> None:
        """As `Hands`; so are the others."""
        await self.year.says(self.visitor, words)

    async def taps(self, action: str) -> None:
        await self.year.presses(self.visitor, action, direct_chat(self.visitor.user))

    async def fills(self, action: str, answers: Mapping[str, str]) -> None:
        await self.year.presses(self.visitor, action, direct_chat(self.visitor.user), wants_form=True)
        await self.year.fills(self.visitor, answers)


def _in_order(lines: list[str]) -> list[str]:
    """Quotes that stand together, sorted: an anonymous review shuffles them afresh each time it shows them."""
    ordered: list[str] = []
    for quoted, run in groupby(lines, key=lambda line: line.startswith("> ")):
        together = list(run)
        ordered.extend(sorted(together) if quoted else together)
    return ordered


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
            year = Year(bot, screen, chance, first, (lambda _: None) if quiet else show, clock, diary(chosen, first))
            _gather(year)
            asyncio.run(year.play())
            lines, wrong = bot.database.run(lambda session: promises(session, chosen, first))
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
