"""The database: what is told as saved is saved, and a fault is told as a fault."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError, StatementError
from sqlalchemy.exc import OperationalError as StatementFailed
from sqlalchemy.orm import Session

from bot.errors import Unavailable
from storage.database import Database, Record, insert_once
from storage.models import Beat, HandledEvent
from tests.clients.postgres import Postgres
from tests.conftest import NOW, at_once


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "learnbot.db"


@pytest.fixture
def sqlite(path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{path}")
    Record.metadata.create_all(database.engine)
    yield database
    database.close()


def keep(name: str) -> Callable[[Session], None]:
    def work(session: Session) -> None:
        session.add(Beat(name=name, at=NOW))

    return work


def names(database: Database) -> list[str]:
    return database.run(lambda session: list(session.scalars(select(Beat.name).order_by(Beat.name))))


def together(database: Database, *works: Callable[[Session], Any]) -> list[Future[Any]]:
    """Works that wait for the writer at the same time, so that it commits them together."""
    begun, gate = threading.Event(), threading.Event()
    held = database._submit(lambda _: (begun.set(), gate.wait(10)))
    assert begun.wait(10)
    waiting = [database._submit(work) for work in works]
    gate.set()
    held.result(10)
    return waiting


# ---------------------------------------------------------------------------------------------------- group commit


def test_a_result_is_given_only_once_another_connection_can_see_the_commit(sqlite: Database, path: Path) -> None:
    seen: list[int] = []
    returned = threading.Event()

    def work(session: Session) -> None:
        session.add(Beat(name="one", at=NOW))
        session.flush()
        seen.append(count_beats(path))
        assert not returned.is_set()

    futures = together(sqlite, work, keep("two"))
    for future in futures:
        future.add_done_callback(lambda _: (returned.set(), seen.append(count_beats(path))))
        future.result(10)
    assert seen[0] == 0
    assert set(seen[1:]) == {2}


def count_beats(path: Path) -> int:
    with sqlite3.connect(path) as other:
        return int(other.execute("SELECT count(*) FROM beat").fetchone()[0])


def test_works_that_wait_together_are_committed_together(sqlite: Database) -> None:
    commits: list[int] = []
    event.listen(sqlite.engine, "commit", lambda _: commits.append(1))
    for future in together(sqlite, *[keep(f"{number}") for number in range(50)]):
        future.result(10)
    assert len(names(sqlite)) == 50
    assert len(commits) <= 3  # the one that held the door, the fifty, the question


def savepoints(database: Database) -> list[int]:
    """One for every savepoint that the writer makes from now on."""
    made: list[int] = []
    event.listen(database.engine, "savepoint", lambda *_: made.append(1))
    return made


def test_what_waits_together_is_done_in_one_savepoint(sqlite: Database) -> None:
    made = savepoints(sqlite)
    for future in together(sqlite, *[keep(f"{number}") for number in range(9)]):
        future.result(10)
    assert len(names(sqlite)) == 9
    assert len(made) == 2  # for the nine, for the question


def test_what_is_taken_back_takes_nothing_of_the_others_with_it(sqlite: Database) -> None:
    def refuses(session: Session) -> str:
        session.add(Beat(name="half done", at=NOW))
        session.flush()
        session.rollback()
        session.add(Beat(name="refused", at=NOW))
        return "and says so"

    made = savepoints(sqlite)
    before, refused, after = together(sqlite, keep("before"), refuses, keep("after"))
    assert [future.result(10) for future in (before, refused, after)] == [None, "and says so", None]
    assert names(sqlite) == ["after", "before", "refused"]
    assert len(made) == 6  # all at once; then each apart, one of them twice; the question


def test_a_work_that_lets_a_part_of_itself_go_keeps_the_rest(sqlite: Database) -> None:
    def tries(session: Session) -> None:
        session.add(Beat(name="kept", at=NOW))
        attempt = session.begin_nested()
        session.add(Beat(name="let go", at=NOW))
        session.flush()
        attempt.rollback()

    for future in together(sqlite, keep("before"), tries, keep("after")):
        future.result(10)
    assert names(sqlite) == ["after", "before", "kept"]


@pytest.mark.parametrize("failure", [ValueError("a bug"), KeyError("another"), IntegrityError("", None, Exception())])
def test_one_failing_piece_does_not_harm_the_others(sqlite: Database, failure: Exception) -> None:
    def fails(session: Session) -> None:
        session.add(Beat(name="half done", at=NOW))
        session.flush()
        raise failure

    before, failed, after = together(sqlite, keep("before"), fails, keep("after"))
    before.result(10)
    after.result(10)
    with pytest.raises(type(failure)):
        failed.result(10)
    assert names(sqlite) == ["after", "before"]


def test_a_statement_that_is_wrong_harms_nobody_else(sqlite: Database) -> None:
    before, failed, after = together(
        sqlite, keep("before"), lambda session: session.execute(text("SELECT * FROM nowhere")), keep("after")
    )
    before.result(10)
    after.result(10)
    with pytest.raises(StatementFailed, match="nowhere"):
        failed.result(10)


def test_a_commit_that_fails_fails_every_piece_of_it(sqlite: Database) -> None:
    def make(session: Session) -> None:
        session.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY)"))
        session.execute(
            text("CREATE TABLE child (parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)")
        )

    sqlite.run(make)
    futures = together(
        sqlite, keep("before"), lambda session: session.execute(text("INSERT INTO child VALUES (7)")), keep("after")
    )
    for future in futures:
        with pytest.raises(Unavailable):
            future.result(10)
    assert names(sqlite) == []
    sqlite.run(keep("later"))
    assert names(sqlite) == ["later"]


def test_whoever_gives_up_waiting_does_not_stop_the_writer(sqlite: Database) -> None:
    gate = threading.Event()
    held = sqlite._submit(lambda _: gate.wait(10))
    given_up = sqlite._submit(keep("given up"))
    other = sqlite._submit(keep("other"))
    assert given_up.cancel()
    gate.set()
    held.result(10)
    other.result(10)
    assert names(sqlite) == ["other"]


def test_after_closing_everybody_is_told_that_the_bot_is_stopping(database: Database) -> None:
    futures = [database._submit(keep(f"{number}")) for number in range(20)]
    database.close()
    for future in futures:
        future.result(10)  # accepted before, so done
    with pytest.raises(Unavailable):
        database.run(keep("late"))


def test_works_handed_in_while_closing_are_all_answered(sqlite: Database) -> None:
    answers: list[Any] = []

    def many() -> None:
        for number in range(200):
            try:
                answers.append(sqlite.run(keep(f"{threading.get_ident()} {number}")))
            except Unavailable as error:
                answers.append(error)

    at_once(many, many, many, lambda: sqlite.close())
    assert len(answers) == 600


def test_a_kill_right_after_the_result_loses_nothing(path: Path) -> None:
    for number in range(5):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            database = Database(f"sqlite:///{path}")
            Record.metadata.create_all(database.engine)
            database.run(keep(f"{number}"))
            os.write(writing, b"saved")
            signal.pause()
        os.close(writing)
        assert os.read(reading, 5) == b"saved"
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reading)
    again = Database(f"sqlite:///{path}")
    assert names(again) == ["0", "1", "2", "3", "4"]
    again.close()


# ------------------------------------------------------------------------------------------------- storage that fails


def test_a_full_disk_is_told_and_the_work_is_saved_once_there_is_room(sqlite: Database, path: Path) -> None:
    sqlite.run(keep("before"))

    def big(session: Session) -> None:
        session.add(Beat(name="x" * 200_000, at=NOW))

    @event.listens_for(sqlite.engine, "connect")
    def no_room(connection: sqlite3.Connection, _: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages if full else 1_000_000}")

    full = True
    sqlite._writer._disconnect()  # the writer sits idle: its next connection finds the disk full
    for future in together(sqlite, keep("small"), big, keep("small too")):
        with pytest.raises(Unavailable):
            future.result(10)
    full = False
    sqlite._writer._disconnect()
    sqlite.run(big)
    assert names(sqlite) == ["before", "x" * 200_000]


def test_a_file_system_that_became_read_only_is_never_called_saved(sqlite: Database, path: Path) -> None:
    sqlite.run(keep("before"))
    event.listen(sqlite.engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only=ON"))
    sqlite._writer._disconnect()
    for _ in range(3):
        with pytest.raises(Unavailable):
            sqlite.run(keep("after"))
    assert count_beats(path) == 1


def test_a_lock_that_another_process_lets_go_of_only_makes_us_wait(sqlite: Database, path: Path) -> None:
    other = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sqlite3, sys, time\n"
            f"other = sqlite3.connect({str(path)!r}, isolation_level=None)\n"
            "other.execute('BEGIN IMMEDIATE')\n"
            "print('held', flush=True)\n"
            "sys.stdin.readline()\n"
            "other.execute('ROLLBACK')\n",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout
    assert other.stdout.readline() == "held\n"
    future = sqlite._submit(keep("waited"))
    threading.Timer(1, lambda: other.communicate("\n")).start()
    future.result(20)
    assert other.wait(10) == 0
    assert names(sqlite) == ["waited"]


def test_a_lock_that_nobody_lets_go_of_is_told_and_the_bot_recovers(sqlite: Database, path: Path) -> None:
    event.listen(sqlite.engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=50"))
    sqlite._writer._disconnect()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        sqlite.run(keep("refused"))
    other.execute("ROLLBACK")
    other.close()
    sqlite.run(keep("saved"))
    assert names(sqlite) == ["saved"]


def test_two_processes_on_one_sqlite_file_are_refused(sqlite: Database, path: Path) -> None:
    tried = subprocess.run(
        [
            sys.executable,
            "-c",
            f"from storage.database import Database\nDatabase('sqlite:///{path}')",
        ],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert tried.returncode != 0
    assert "another learnbot is already using" in tried.stderr


def test_the_lock_is_let_go_of_when_the_bot_closes(sqlite: Database, path: Path) -> None:
    sqlite.close()
    again = Database(f"sqlite:///{path}")
    again.close()


def test_a_new_database_file_can_be_read_by_its_owner_alone(sqlite: Database, path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
    assert Path(f"{path}.lock").stat().st_mode & 0o777 == 0o600


# -------------------------------------------------------------------------------------------------------- damage


FILLED = 8_000  # rows: most of the file is theirs, and little of it empty pages of other tables


def filled(path: Path) -> None:
    database = Database(f"sqlite:///{path}")
    Record.metadata.create_all(database.engine)

    def work(session: Session) -> None:
        for number in range(FILLED):
            session.add(HandledEvent(key=f"console/{number:05d}", at=NOW + timedelta(seconds=number)))

    database.run(work)
    database.close()


def test_a_file_with_one_byte_flipped_is_not_opened_or_reads_as_before(path: Path) -> None:
    filled(path)
    whole = path.read_bytes()
    places = random.Random(7)
    refused = 0
    for _ in range(60):
        place = places.randrange(len(whole))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x04]) + whole[place + 1 :])
        try:
            database = Database(f"sqlite:///{path}")
        except Unavailable as error:
            refused += "learnbot restored" in str(error)
            continue
        keys = database.run(lambda session: list(session.scalars(select(HandledEvent.key).order_by(HandledEvent.key))))
        assert keys == [f"console/{number:05d}" for number in range(FILLED)]
        database.close()
    assert refused > 20
    path.write_bytes(whole)
    Database(f"sqlite:///{path}").close()


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(path: Path) -> None:
    path.write_bytes(b"not a database, but forty bytes of something else")
    with pytest.raises(Unavailable, match="learnbot restored"):
        Database(f"sqlite:///{path}")
    assert path.read_bytes().startswith(b"not a database")


def test_damage_that_appears_while_running_stops_all_writing(path: Path) -> None:
    filled(path)
    database = Database(f"sqlite:///{path}")
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))
    with pytest.raises(Unavailable, match="damaged"):
        database.run(lambda session: session.scalars(select(HandledEvent)).all())
    with pytest.raises(Unavailable, match="learnbot restored"):
        database.run(keep("after"))
    database.close()


# -------------------------------------------------------------------------------------------------------- PostgreSQL


def test_a_database_that_is_too_busy_says_so_instead_of_making_people_wait(postgresql_url: str) -> None:
    database = Database(postgresql_url, threads=2, patience=0.3)
    gate = threading.Event()
    stuck = [database._submit(lambda _: gate.wait(10)) for _ in range(2)]
    with pytest.raises(Unavailable):
        database.run(keep("waiting"))
    gate.set()
    for future in stuck:
        future.result(10)
    assert names(database) == []
    database.run(keep("later"))
    database.close()


def test_a_statement_that_hangs_is_ended_by_the_server(postgresql_url: str) -> None:
    database = Database(postgresql_url, threads=2, patience=0.3)
    with pytest.raises(Unavailable):
        database.run(lambda session: session.execute(text("SELECT pg_sleep(20)")))
    database.run(keep("after"))
    database.close()


def test_a_read_only_server_is_never_called_saved(postgresql_url: str) -> None:
    database = Database(postgresql_url)

    def work(session: Session) -> None:
        session.execute(text("SET TRANSACTION READ ONLY"))
        session.add(Beat(name="one", at=NOW))

    with pytest.raises(Unavailable):
        database.run(work)
    database.close()


def test_of_two_works_in_a_deadlock_both_are_done_in_the_end(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    database.run(keep("a"))
    database.run(keep("b"))
    met = threading.Barrier(2)
    first_time = threading.local()

    def touch(*order: str) -> Callable[[Session], None]:
        def work(session: Session) -> None:
            for name in order:
                row = session.get_one(Beat, name, with_for_update=True)
                row.at += timedelta(seconds=1)
                session.flush()
                if name == order[0] and not getattr(first_time, "met", False):
                    first_time.met = True
                    met.wait(5)

        return work

    at_once(lambda: database.run(touch("a", "b")), lambda: database.run(touch("b", "a")))
    times = database.run(lambda session: list(session.scalars(select(Beat.at))))
    assert times == [NOW + timedelta(seconds=2)] * 2
    database.close()


def test_a_mistake_in_a_statement_is_a_bug_and_no_outage(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    with pytest.raises(ProgrammingError):
        database.run(lambda session: session.execute(text("SELECT * FROM nowhere")))
    database.close()


def test_postgresql_killed_around_a_commit_leaves_one_row(tmp_path: Path) -> None:
    with Postgres() as server:
        database = Database(server.new_database(), patience=5)
        Record.metadata.create_all(database.engine)
        chance = random.Random(3)
        for round_ in range(3):
            killed = threading.Timer(chance.uniform(0.0, 0.05), server.kill)

            def work(session: Session, key: str = f"event {round_}") -> bool:
                return insert_once(session, HandledEvent, key=key, at=NOW)

            told: list[bool] = []
            killed.start()
            for turn in range(40):
                try:
                    told.append(database.run(lambda session, turn=turn: work(session) and turn >= 0))
                except Unavailable:
                    break
            killed.join()
            server.start()
            told.append(database.run(work))
            assert told.count(True) <= 1
            count = database.run(
                lambda session, key=f"event {round_}": session.scalar(
                    select(func.count()).select_from(HandledEvent).where(HandledEvent.key == key)
                )
            )
            assert count == 1
        database.close()


# ------------------------------------------------------------------------------------------------------ both of them


def test_of_any_number_of_racers_one_inserts(database: Database) -> None:
    told = at_once(*[lambda: database.run(lambda s: insert_once(s, HandledEvent, key="k", at=NOW))] * 16)
    assert sorted(told) == [False] * 15 + [True]


def test_whoever_comes_after_a_rollback_inserts(database: Database) -> None:
    def fails(session: Session) -> None:
        assert insert_once(session, HandledEvent, key="k", at=NOW)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.run(fails)
    assert database.run(lambda session: insert_once(session, HandledEvent, key="k", at=NOW))


def test_a_naive_instant_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="which zone"):
        database.run(lambda session: insert_once(session, Beat, name="naive", at=NOW.replace(tzinfo=None)))


def test_an_instant_comes_back_in_utc_whatever_zone_it_was_written_in(database: Database) -> None:
    written = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=-5)))
    database.run(lambda session: insert_once(session, Beat, name="zoned", at=written))
    database.run(keep("utc"))
    found = database.run(lambda session: session.get_one(Beat, "zoned").at)
    assert (found, found.tzinfo) == (written, UTC)
    later = database.run(lambda session: list(session.scalars(select(Beat.name).where(Beat.at > NOW))))
    assert later == ["zoned"]
