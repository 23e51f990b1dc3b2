"""What is done cheaply is done right: a record added at once, results handed over together, few statements an event."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.chat import Event
from bot.console import direct_chat
from storage.database import Database, add_now, insert_once
from storage.models import Beat, Entry, HandledEvent
from tests.conftest import KEYRING, NOW, Chat, enrol


def asked(database: Database, during: Callable[[], object]) -> list[str]:
    """How the statements begin that reach the database meanwhile."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            seen.append(" ".join(statement.split()[:3]))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        during()
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    return seen


def test_a_record_added_at_once_is_like_any_other(database: Database) -> None:
    enrol(database)
    sealed = KEYRING.seal_for_organisation("words")

    def work(session: Session) -> int:
        entry = Entry(owner_id=1, words=sealed, made_at=NOW)
        add_now(session, entry)
        assert asked(database, lambda: (entry.id, entry.tags, entry.edited_at)) == []
        assert session.get(Entry, entry.id) is entry
        entry.edited_at = NOW
        return entry.id

    number = database.run(work)
    kept = database.run(lambda session: session.get_one(Entry, number))
    assert (kept.words, kept.made_at, kept.edited_at, kept.tags) == (sealed, NOW, NOW, None)


def test_a_record_added_at_once_goes_with_a_failure(database: Database) -> None:
    enrol(database)

    def work(session: Session) -> None:
        add_now(session, Entry(owner_id=1, words=KEYRING.seal_for_organisation("words"), made_at=NOW))
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        database.run(work)
    assert database.run(lambda session: session.scalars(select(Entry)).all()) == []


def test_what_an_insert_refers_to_is_stored_first(database: Database) -> None:
    def work(session: Session) -> bool:
        session.add(Beat(name="one", at=NOW))
        return insert_once(session, Beat, name="one", at=NOW)

    assert database.run(work) is False


def test_each_of_those_that_are_answered_together_gets_its_own_answer(database: Database) -> None:
    database.run(lambda session: insert_once(session, HandledEvent, key="one", at=NOW))

    def twice(session: Session) -> None:
        session.add(HandledEvent(key="one", at=NOW))
        session.flush()

    def stops(_: Session) -> Any:
        return next(iter(()))

    def says(word: str) -> Callable[[Session], str]:
        return lambda _: word

    async def all_at_once() -> list[Any]:
        works: list[Any] = [twice, stops, says("fine"), says("late")]
        tasks = [asyncio.create_task(database.run_async(work)) for work in works]
        await asyncio.sleep(0)
        tasks[-1].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    refused, stopped, fine, late = asyncio.run(all_at_once())
    assert isinstance(refused, IntegrityError)
    assert isinstance(stopped, RuntimeError)
    assert fine == "fine"
    assert isinstance(late, asyncio.CancelledError)


def test_a_diary_line_asks_little_of_the_database(chat: Chat) -> None:
    chat.say("Amina", "diary: the first says hello", message="m1")
    chat.say("Amina", "diary: the second does not", message="m2")
    place = replace(direct_chat(chat.email("Amina")), message="m3")
    third = Event("third", chat.visitor("Amina").account, place, "say", text="diary: the third")
    # its key; who and where; whether it was kept before; the entry; the answer; what may not have arrived
    assert len(asked(chat.database, lambda: chat.dispatcher.handle(third, chat.now))) == 6
