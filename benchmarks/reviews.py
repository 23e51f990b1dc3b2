"""Five hundred people answer one anonymous review within ten seconds, each in Slack's own signed form.

`python -m benchmarks.reviews [--people 500] [--seconds 10]` sends them at random moments, whether or not earlier ones
have been acknowledged, to the whole program on SQLite and then on PostgreSQL. It prints how long each waited for the
acknowledgement, and reads the database afterwards: every answer is there once, in the words it was given, and counted.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from benchmarks.inbound import SECRET, at_rest, fake_slack, serve_bot
from benchmarks.processes import free_port, percentile, running
from bot.chat import Form, Place, text
from bot.clock import utc_now
from bot.policy import load
from bot.slack.events import Origin
from bot.slack.render import forms
from handlers import outcomes
from handlers.reviews import form, rules
from handlers.reviews.reminding import ask_the_team
from handlers.turn import Turn
from storage.database import Database
from storage.migrate import migrate
from storage.models import KnownAccount, KnownPlace, Owed, Person, Review, ReviewAnswer, ReviewTaken, Team
from storage.sealed import Keyring
from tests.clients.postgres import Postgres
from tests.clients.signing import Signed, Signer, SlackUser

TEAM = "T1"
COUNTED_WITHIN = rules.COUNTED_EVERY.total_seconds() + 1
KEYRING = Keyring([b"k" * 32])


def whole_program(port: int, slack_port: int, database: str, people: int) -> None:
    """The bot as `learnbot serve` runs it, with one large team whose anonymous review is open."""

    def enrol(session: Any) -> None:
        team = Team(name="Everybody")
        place = KnownPlace(platform="slack", tenant=TEAM, conversation="C1", direct=False, title="everybody")
        session.add_all([team, place])
        session.flush()
        for number in range(people):
            person = Person(name=f"Person {number}", email=f"p{number}@example.org", key=KEYRING.new_person_key(),
                            team_id=team.id)  # fmt: skip
            session.add(person)
            session.flush()
            session.add(KnownAccount(platform="slack", tenant=TEAM, user=f"U{number}", person_id=person.id))
        now = utc_now()
        review = Review(
            team_id=team.id, place_id=place.id, opened_by_id=None, title="How we work", anonymous=True, opened_at=now,
            closes_at=now + timedelta(days=7), current=team.id,
            secret=KEYRING.seal_for_organisation(rules.new_secret()),
        )  # fmt: skip
        session.add(review)
        session.flush()
        ask_the_team(Turn(session, now, load("southampton"), KEYRING), review)

    serve_bot(port, slack_port, database, KEYRING, enrol)


def submissions(shown: Form, people: int) -> list[Signed]:
    """What Slack sends when each of them fills in the form; answers that can be told apart."""
    signer = Signer(SECRET, team_id=TEAM)
    origin = Origin(Place("slack", TEAM, "C1", direct=False), shown.about)  # opened from the card in the channel
    view = forms.view(shown, origin.pack()) | {"team_id": TEAM, "hash": "1", "previous_view_id": None}
    return [
        signer.submit(
            SlackUser(f"U{number}", f"p{number}", team_id=TEAM),
            {**view, "id": f"V{number}", "root_view_id": f"V{number}"},
            {
                field.label: f"Answer {number} to {field.name}" if field.kind == "paragraph" else str(number % 5 + 1)
                for field in shown.fields
                if field.kind in ("paragraph", "rating")
            },
        )
        for number in range(people)
    ]


async def answered(port: int, requests: list[Signed], seconds: float) -> list[float]:
    """The seconds that each waited, sent at moments drawn by lot."""
    moments = sorted(random.uniform(0, seconds) for _ in requests)
    began = time.perf_counter()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def one(request: Signed, moment: float) -> float:
            await asyncio.sleep(began + moment - time.perf_counter())
            sent = time.perf_counter()
            address = f"http://127.0.0.1:{port}{request.path}"
            async with session.post(address, data=request.body, headers=request.headers) as answer:
                said = await answer.text()
                if answer.status != 200 or '"errors"' in said:
                    raise RuntimeError(f"an answer was not taken: {answer.status} {said[:200]}")
            return time.perf_counter() - sent

        return list(await asyncio.gather(*(one(*pair) for pair in zip(requests, moments, strict=True))))


def form_of_it() -> Form:
    """The form of the one review, with the questions of the policy."""
    return form.answers(load("southampton").reviews.questions, title="How we work", who_sees=text("**Anonymous.**"),
                        until="next week", about=1)  # fmt: skip


def mistakes(url: str, people: int) -> list[str]:
    """What is not as it should be in the database, once the program has stopped."""
    database = Database(url)
    try:
        return database.run(lambda session: _mistakes(session, people))
    finally:
        database.close()


def _mistakes(session: Any, people: int) -> list[str]:
    given: Counter[tuple[Any, ...]] = Counter()
    for one in session.scalars(select(ReviewAnswer)):
        answers = outcomes.unpacked(KEYRING.open_for_organisation(one.answers))
        given[tuple(sorted((key, answer.words, answer.rating) for key, answer in answers.items()))] += 1
    keys = sorted(question.key for question in load("southampton").reviews.questions)
    wanted = Counter(
        tuple((key, f"Answer {number} to words_{key}", number % 5 + 1) for key in keys) for number in range(people)
    )
    wrong = [f"{(wanted - given).total()} are missing"] if wanted - given else []
    wrong += [f"{(given - wanted).total()} are not what was sent"] if given - wanted else []
    taken = session.scalar(select(func.count()).select_from(ReviewTaken))
    wrong += [f"{taken} are counted as having answered"] if taken != people else []
    unsent = session.scalar(
        select(func.count()).where(Owed.state.in_(("due", "sending", "uncertain", "parked")), Owed.due_at <= utc_now())
    )
    return wrong + ([f"{unsent} messages are still owed"] if unsent else [])


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """An empty database of each kind, by name."""
    with tempfile.TemporaryDirectory(dir="var" if Path("var").exists() else None) as folder, Postgres() as postgres:
        urls = {"SQLite": f"sqlite:///{folder}/learnbot.db", "PostgreSQL": postgres.new_database()}
        for url in urls.values():
            database = Database(url)
            migrate(database.engine)
            database.close()
        yield urls


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--role", nargs="*", default=[])
    given = parser.parse_args()
    if given.role:
        role, *arguments = given.role
        if role == "slack":
            fake_slack(int(arguments[0]))
        else:
            whole_program(int(arguments[0]), int(arguments[1]), arguments[2], given.people)
        return
    me = ["-m", "benchmarks.reviews", "--people", str(given.people)]
    table = Table("", "p50", "p99", "longest", "lost or wrong")
    with databases() as urls:
        for name, url in urls.items():
            fake, port = free_port(), free_port()
            with (
                running([*me, "--role", "slack", str(fake)], fake),
                running([*me, "--role", "whole", str(port), str(fake), url], port) as bot,
            ):
                at_rest(bot, 0.2)
                times = asyncio.run(answered(port, submissions(form_of_it(), given.people), given.seconds))
                at_rest(bot, 0.05)  # every thank-you is posted after its answer was acknowledged
                time.sleep(COUNTED_WITHIN)  # and the card in the channel says how many have answered a little later
                at_rest(bot, 0.05)
            wrong = mistakes(url, given.people)
            shown = (percentile(times, 0.5), percentile(times, 0.99), max(times))
            table.add_row(name, *(f"{seconds * 1000:.0f} ms" for seconds in shown), "; ".join(wrong) or "nothing")
    console = Console()
    console.print(f"{given.people} people answer within {given.seconds:.0f} seconds; Python {sys.version.split()[0]}, "
                  f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")  # fmt: skip
    console.print(table)


if __name__ == "__main__":
    main()
