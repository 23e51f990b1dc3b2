"""How long a portfolio of five busy years takes, from the wish to the file: gathered, written, taken in elsewhere."""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.portfolio.formats import FORMATS
from bot.portfolio.reading import read
from storage import people
from storage.database import Database, Record
from storage.portfolio.document import items
from storage.portfolio.gathering import gather
from storage.portfolio.taking import take
from tests.conftest import KEYRING, NOW, enrol
from tests.records import lived

T = TypeVar("T")
EMAIL = "amina@example.org"


def main() -> None:
    """Print what each step takes, and what they take together."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--years", type=int, default=5)
    asked.add_argument("--busy", type=int, default=5, help="how many times 40 diary entries and 6 courses a year")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database, other = made(Path(folder) / "here.db"), made(Path(folder) / "there.db")
        database.run(lambda session: lived(session, EMAIL, KEYRING, NOW, given.years, given.busy))
        total = 0.0

        def timed(what: str, work: Callable[[], T]) -> T:
            nonlocal total
            begun, cpu = time.perf_counter(), time.process_time()
            done = work()
            total += time.perf_counter() - begun
            size = f"{len(done) / 1024:9.0f} kB" if isinstance(done, bytes) else ""
            print(f"{what:24} {time.perf_counter() - begun:7.2f} s {time.process_time() - cpu:7.2f} s CPU {size}")
            return done

        portfolio = timed(
            "gathered",
            lambda: database.run(lambda s: gather(s, people.by_email(s, EMAIL), KEYRING, "Here", NOW)),
        )
        files = {
            key: timed(kind.label, lambda kind=kind: kind.write(portfolio, ZoneInfo("Europe/London"), {}))
            for key, kind in FORMATS.items()
        }
        print(f"{'all kinds of file':24} {total:7.2f} s for {sum(1 for _ in items(portfolio))} records")
        for key in ("json", "leap2a"):
            brought = timed(f"read: {FORMATS[key].label}", lambda key=key: read(files[key]))
        timed(
            "taken in elsewhere",
            lambda: other.run(lambda s: take(s, people.by_email(s, EMAIL), KEYRING, brought, NOW)),
        )
        database.close()
        other.close()


def made(path: Path) -> Database:
    """A database with the roster of the tests in it."""
    database = Database(f"sqlite:///{path}")
    Record.metadata.create_all(database.engine)
    enrol(database)
    return database


if __name__ == "__main__":
    main()
