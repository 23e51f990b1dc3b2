"""Private stays private: a canary in every field, every logger at DEBUG, and nothing of it in anything written."""

import io
import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
import structlog
from sqlalchemy import event, text
from sqlalchemy.exc import SQLAlchemyError

from bot import logs
from bot.chat import Account, Event, EventKind, File, Place
from bot.errors import Failed, Unavailable
from bot.reception import Known
from storage.database import Database, Record
from storage.models import Entry, Person
from tests.conftest import KEYRING, NOW, Chat, enrol
from tests.foundation import FAILING, Fault, World, direct, refused

CANARY = "kanarienvogel"


class Everything(logging.Handler):
    """Writes all of a record: message, arguments, the exception and the local variables of its frames' source lines."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.written = io.StringIO()

    def emit(self, record: logging.LogRecord) -> None:
        self.written.write(f"{record.name} {record.getMessage()} {record.args!r}\n")
        if record.exc_info and record.exc_info[1]:
            self.written.write("".join(traceback.format_exception(record.exc_info[1])))


@contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """The logging of the program as it is set up, then every logger that it leaves open turned up to DEBUG."""
    handler, out = Everything(), sys.stdout
    sys.stdout = handler.written
    try:
        logs.set_up("DEBUG")
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(handler.written))
        root = logging.getLogger()
        levels = {name: logging.getLogger(name).level for name in root.manager.loggerDict}
        for name in levels:
            if name.split(".")[0] not in logs.WORDY:
                logging.getLogger(name).setLevel(logging.DEBUG)
        root.setLevel(logging.DEBUG)
        root.addHandler(handler)
        yield handler.written
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        root.removeHandler(handler)
        root.setLevel(logging.WARNING)
    finally:
        sys.stdout = out
        structlog.reset_defaults()


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/learnbot.db"
    return str(request.getfixturevalue("postgresql_url"))


def laden(key: str, user: str, kind: Any, **more: Any) -> Event:
    """An event with the canary in every field that somebody outside can fill."""
    given: dict[str, Any] = {
        "text": CANARY, "value": CANARY, "answers": {"words": CANARY, "short": CANARY, CANARY: CANARY},
        "words": {"words": CANARY}, "author": CANARY, "name": CANARY,
        "author_name": CANARY, "link": CANARY, "files": (File(CANARY, CANARY, CANARY),),
    } | more  # fmt: skip
    place = replace(direct(user), title=CANARY, thread=CANARY, message=CANARY, service_url=f"https://{CANARY}")
    return Event(f"{CANARY}/{key}", Account("post", "T", user), place, kind, **given)


def test_nothing_that_anybody_says_is_ever_logged(address: str) -> None:
    with everything_logged() as written:
        logging.getLogger("of the test").debug("is heard")
        database = Database(address)
        Record.metadata.create_all(database.engine)
        world = World(database)
        world.enrol()

        def name_with_a_canary(session: Any) -> None:
            person = session.get(Person, 2)
            person.name, person.email = f"Bo {CANARY}", f"{CANARY}@example.org"

        database.run(name_with_a_canary)
        for number, kind in enumerate(get_args(EventKind)):
            for action in ("", "notes.keep", "notes.show", "notes.save", "notes.lead", f"notes.{CANARY}"):
                world.answer(laden(f"{number} {action}", "ana", kind, action=action, about=1))
        world.answer(laden("stranger", CANARY, "say"), Known(f"{CANARY}@elsewhere.org", CANARY))
        FAILING.append(True)
        for number in range(3):
            with pytest.raises(Failed) as failed:
                world.answer(laden(f"fail {number}", "ana", "say", text=f"fail {CANARY}"))
            assert CANARY not in str(failed.value)
        FAILING.clear()
        for fault in (
            Fault(ConnectionResetError(CANARY), accepted=True), Fault(ValueError(CANARY)), refused("blocked"),
            refused("unavailable", final=False),
        ):  # fmt: skip
            world.post.faults.append(fault)
            world.answer(laden(f"fault {fault}", "bo", "say", text=f"keep {CANARY}"))
            world.owe("Ana", "notes.broken", about=1, key=f"{CANARY} {fault}")
            world.tick()
            world.later(minutes=2)
            world.reconcile()
        assert any(CANARY in said for said in world.entries())  # it was really there
        world.runner.close()
        database.close()
        with pytest.raises(Unavailable):
            world.dispatcher.handle(laden("closed", "ana", "say"), NOW)
    log = written.getvalue()
    assert "is heard" in log
    assert '"code"' in log  # the failures were logged
    assert "sqlalchemy" in log
    found = [line for line in log.splitlines() if CANARY in line]
    assert found == []


def test_nothing_of_the_real_conversations_is_ever_logged(tmp_path: Path) -> None:
    with everything_logged() as written:
        database = Database(f"sqlite:///{tmp_path}/learnbot.db")
        event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        Record.metadata.create_all(database.engine)
        enrol(database)
        from bot.policy import load

        chat = Chat(database, load("southampton"))
        for words in (
            f"diary: {CANARY}", f"{CANARY} is what I say", f"I'm on {CANARY} next Thursday", f"diary search {CANARY}",
            f"partner {CANARY}", f"book {CANARY} next tuesday 3pm", f"review {CANARY}", "home", "help", "diary",
        ):  # fmt: skip
            chat.say("Amina", words)
        chat.press("Amina", "Keep it") if "Keep it" in chat.last("Amina") else None
        chat.wait(days=5)
        assert CANARY in chat.screen_of("Amina")
        chat.close()
        database.close()
    assert [line for line in written.getvalue().splitlines() if CANARY in line] == []


def test_an_error_of_the_database_says_nothing_of_what_was_being_stored(address: str) -> None:
    database = Database(address)
    Record.metadata.create_all(database.engine)

    def twice(session: Any) -> None:
        for _ in range(2):
            session.add(Person(name=CANARY, email="same@example.org", key=KEYRING.new_person_key()))
            session.flush()

    def too_long(session: Any) -> None:
        session.execute(text("INSERT INTO beat (name, at) VALUES (:name, :at, :more)"),
                        {"name": CANARY, "at": NOW, "more": CANARY})  # fmt: skip

    def refers_to_nothing(session: Any) -> None:
        session.add(Entry(owner_id=99, words=KEYRING.seal_for_organisation(CANARY), made_at=NOW, message=CANARY))
        session.flush()

    for work in (twice, too_long, refers_to_nothing):
        with pytest.raises(SQLAlchemyError) as refused:
            database.run(work)
        assert CANARY not in str(refused.value)
        assert CANARY not in repr(refused.value)
    database.close()


def test_the_dispatcher_tells_a_failure_without_its_text(world: World) -> None:
    FAILING.append(True)
    try:
        with pytest.raises(Failed) as failed:
            world.handle(world.event("1", "Ana", words=f"fail {CANARY}", place=Place("post", "T", "C", False)))
    finally:
        FAILING.clear()
    assert CANARY not in repr(failed.value)
