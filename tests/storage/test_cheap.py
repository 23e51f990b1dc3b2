"""What is done cheaply is done right: a record added at once, results handed over together, few statements an event."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects import sqlite as on_sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, object_session

from bot.chat import Account, Event, Place
from bot.console import direct_chat
from scheduling.gathering import Gathering
from storage import people
from storage.database import Database, UtcDateTime, add_now, add_once, insert_once
from storage.models import Beat, Entry, HandledEvent, Person
from tests.conftest import KEYRING, NOW, Chat, at_once, enrol


def asked(database: Database, during: Callable[[], object]) -> list[str]:
    """The statements that reach the database meanwhile."""
    writer: Any = database._writer
    driver = writer._connection.connection.dbapi_connection
    seen: list[str] = []

    def note(statement: str) -> None:
        seen.append(statement)

    driver.set_trace_callback(note)
    try:
        during()
    finally:
        driver.set_trace_callback(None)
    return [statement for statement in seen if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT"))]


@pytest.fixture
def sqlite(database: Database) -> Database:
    if not database.sqlite:
        pytest.skip("SQLite tells what it is asked")
    return database


def test_a_record_added_at_once_is_not_read_again(sqlite: Database) -> None:
    enrol(sqlite)

    def work(session: Session) -> None:
        entry = Entry(owner_id=1, words=KEYRING.seal_for_organisation("words"), made_at=NOW)
        add_now(session, entry)
        assert asked(sqlite, lambda: (entry.id, entry.tags, entry.edited_at, session.get(Entry, entry.id))) == []

    sqlite.run(work)


def test_a_record_added_at_once_is_like_any_other(database: Database) -> None:
    enrol(database)
    sealed = KEYRING.seal_for_organisation("words")

    def work(session: Session) -> int:
        entry = Entry(owner_id=1, words=sealed, made_at=NOW)
        add_now(session, entry)
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


def test_a_record_is_added_once_and_the_racers_are_told(database: Database) -> None:
    enrol(database)

    def entry() -> Entry:
        words = KEYRING.seal_for_organisation("words")
        return Entry(owner_id=1, words=words, made_at=NOW, platform="p", conversation="c", message="m")

    def work(session: Session) -> tuple[bool, int | None]:
        one, fresh = entry(), False
        fresh = add_once(session, one)
        return fresh, one.id if fresh else None

    told = at_once(*[lambda: database.run(work)] * 4)
    (kept,) = database.run(lambda session: session.scalars(select(Entry)).all())
    assert sorted(told, key=str) == [(False, None)] * 3 + [(True, kept.id)]


def test_who_acted_is_read_once_and_can_be_changed(database: Database) -> None:
    enrol(database)
    account, place = Account("console", "console", "amina@example.org"), Place("console", "console", "here", True)

    def work(session: Session) -> None:
        amina = people.by_email(session, "amina@example.org")
        assert amina is not None
        people.link(session, amina, account)
        session.expunge_all()
        arrived, again = people.arrived(session, account, place), people.arrived(session, account, place)
        assert arrived is not None
        assert again is not None
        assert arrived.person is again.person is session.get(Person, arrived.person.id)
        read = {column.key: getattr(arrived.person, column.key) for column in Person.__table__.columns}
        session.expunge_all()
        asked_for = session.get_one(Person, arrived.person.id)
        assert read == {name: getattr(asked_for, name) for name in read}
        session.expunge_all()
        changed = people.arrived(session, account, place)
        assert changed is not None
        changed.person.name = "Amina B"

    database.run(work)
    assert database.run(lambda session: people.by_email(session, "amina@example.org").name) == "Amina B"  # type: ignore[union-attr]


def test_a_prepared_statement_fails_as_any_other_and_does_not_carry_its_values(database: Database) -> None:
    enrol(database)

    def twice(session: Session) -> None:
        for _ in range(2):
            words = KEYRING.seal_for_organisation("words")
            add_now(session, Entry(owner_id=1, words=words, made_at=NOW, platform="p", conversation="c", message=""))

    with pytest.raises(IntegrityError) as failed:
        database.run(twice)
    assert failed.value.params is None
    assert "words" in failed.value.statement
    assert database.run(lambda session: session.scalars(select(Entry)).all()) == []


def test_after_a_rollback_a_prepared_statement_is_in_the_transaction_that_follows(database: Database) -> None:
    def again_and_again(session: Session) -> None:
        for name in ("one", "two"):
            assert insert_once(session, Beat, name=name, at=NOW)
            session.rollback()
        assert insert_once(session, Beat, name="three", at=NOW)

    database.run(again_and_again)
    assert database.run(lambda session: session.scalars(select(Beat.name)).all()) == ["three"]


def test_a_piece_of_work_meets_nothing_of_the_one_before(database: Database) -> None:
    enrol(database)
    met: list[tuple[bool, bool]] = []

    def work(session: Session, fails: bool) -> Person:
        met.append((bool(session.identity_map), bool(session.new or session.dirty or session.deleted)))
        person = session.get_one(Person, 1)
        person.name = "Amina C" if fails else "Amina B"
        session.add(Beat(name="one", at=NOW))
        if fails:
            raise ArithmeticError
        return person

    async def together() -> list[Any]:
        one_by_one = [database.run_async(partial(work, fails=fails)) for fails in (True, False, True)]
        return await asyncio.gather(*one_by_one, return_exceptions=True)

    failed, person, again = asyncio.run(together())
    assert set(met) == {(False, False)}  # however often it was run
    assert [type(failed), type(again)] == [ArithmeticError, ArithmeticError]
    assert object_session(person) is None
    assert person.name == "Amina B"
    assert database.run(lambda session: session.get_one(Person, 1)) is not person
    assert database.run(lambda session: session.get_one(Person, 1).name) == "Amina B"
    assert database.run(lambda session: session.scalars(select(Beat.name)).all()) == ["one"]


@pytest.mark.parametrize(
    "instant",
    [NOW, NOW.replace(microsecond=7), datetime(2026, 3, 29, 1, 30, tzinfo=ZoneInfo("Europe/London")),
     datetime(1, 2, 3, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)],
)  # fmt: skip
def test_an_instant_is_written_in_the_letters_that_sqlalchemy_writes(instant: datetime) -> None:
    dialect = on_sqlite.dialect()
    ours, theirs = (
        UtcDateTime().dialect_impl(dialect).bind_processor(dialect),
        on_sqlite.DATETIME().bind_processor(dialect),
    )
    assert ours is not None
    assert theirs is not None
    assert ours(instant) == theirs(instant.astimezone(UTC))
    assert ours(None) is None


def test_a_diary_line_asks_little_of_the_database(chat: Chat) -> None:
    if not chat.database.sqlite:
        pytest.skip("SQLite tells what it is asked")
    chat.say("Amina", "diary: the first says hello", message="m1")
    chat.say("Amina", "diary: the second does not", message="m2")
    chat.say("Amina", "diary: the third brings an offer", message="m3")
    place = replace(direct_chat(chat.email("Amina")), message="m4")
    fourth = Event("fourth", chat.visitor("Amina").account, place, "say", text="diary: the fourth")
    # its key; who and where; the entry, unless it was kept before; was the offer made; the answer; what may not have
    # arrived
    questions = asked(chat.database, lambda: chat.dispatcher.handle(fourth, chat.now))
    assert len(questions) == 6
    # few rows are uncertain at any time, but what somebody was ever sent grows with every message
    plan = chat.database.run(lambda session: session.execute(text(f"EXPLAIN QUERY PLAN {questions[-1]}")).all())
    assert "outbox_due (state=?)" in str(plan)


def test_a_refusal_reads_the_person_once_more_and_not_twice(chat: Chat) -> None:
    if not chat.database.sqlite:
        pytest.skip("SQLite tells what it is asked")
    chat.say("Grace", "hello")
    place = replace(direct_chat(chat.email("Grace")), message="m1")
    tapped = Event("tapped", chat.visitor("Grace").account, place, "tap", "diary.open", 99)
    questions = asked(chat.database, lambda: chat.dispatcher.handle(tapped, chat.now))
    # the whole record, which has the key in it: as the tap arrives and after what its handler did was undone
    assert len([question for question in questions if 'person."key"' in question]) == 2


def test_a_second_in_which_nothing_is_due_costs_one_question(chat: Chat) -> None:
    if not chat.database.sqlite:
        pytest.skip("SQLite tells what it is asked")
    chat.say("Amina", "hello")
    looked = asked(chat.database, lambda: asyncio.run(chat.delivery.tick()))
    assert len(looked) == 1
    plan = chat.database.run(lambda session: session.execute(text(f"EXPLAIN QUERY PLAN {looked[0]}")).all())
    assert "outbox_due (state=? AND due_at<?)" in str(plan)


def test_what_was_sent_while_the_database_was_busy_is_marked_together() -> None:
    lots: list[list[int]] = []

    async def all_of_it() -> None:
        busy = asyncio.Event()

        async def deal(lot: Mapping[int, str]) -> None:
            lots.append(sorted(lot))
            await busy.wait()

        gathering = Gathering(deal)
        brought = [asyncio.create_task(gathering(number, "sent")) for number in range(5)]
        await asyncio.sleep(0)
        assert not any(task.done() for task in brought)
        busy.set()
        await asyncio.gather(*brought)

    asyncio.run(all_of_it())
    assert lots == [[0], [1, 2, 3, 4]]


def test_a_lot_that_fails_stops_nobody_who_comes_later() -> None:
    lots: list[list[int]] = []

    async def all_of_it() -> list[object]:
        async def deal(lot: Mapping[int, str]) -> None:
            lots.append(sorted(lot))
            if 1 in lot:
                raise ConnectionError
            await asyncio.sleep(0)

        gathering = Gathering(deal)
        return await asyncio.gather(
            *(gathering(number, "") for number in range(3)), gathering(3, ""), return_exceptions=True
        )

    told = asyncio.run(all_of_it())
    assert lots == [[0], [1, 2, 3]]
    assert [type(one) for one in told].count(ConnectionError) == 1
