"""Sealed words: nobody without the key, nobody else's id, nothing after the key is gone, nothing plain in the file."""

import os
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from bot.chat import Message
from bot.chat import text as sentence
from bot.chat.packing import pack
from storage.database import Database, Record
from storage.models import Entry, Owed, Person
from storage.sealed import Keyring, Unreadable
from tests.conftest import KEYRING, NOW
from tests.foundation import World

WORDS = "I asked before I answered 🌱"


@pytest.fixture
def key() -> bytes:
    return KEYRING.new_person_key()


def test_words_come_back_as_they_were_written(key: bytes) -> None:
    assert KEYRING.open(7, key, KEYRING.seal(7, key, WORDS)) == WORDS
    assert KEYRING.open_for_organisation(KEYRING.seal_for_organisation(WORDS)) == WORDS


def test_the_same_words_are_sealed_differently_each_time(key: bytes) -> None:
    assert KEYRING.seal(7, key, WORDS) != KEYRING.seal(7, key, WORDS)


def test_anothers_words_cannot_be_passed_off_as_ones_own(key: bytes) -> None:
    sealed = KEYRING.seal(7, key, WORDS)
    with pytest.raises(Unreadable):
        KEYRING.open(8, key, sealed)
    with pytest.raises(Unreadable):
        KEYRING.open(7, KEYRING.new_person_key(), sealed)
    with pytest.raises(Unreadable):
        KEYRING.open_for_organisation(sealed)


def test_without_the_key_there_are_no_words(key: bytes) -> None:
    sealed = KEYRING.seal(7, key, WORDS)
    with pytest.raises(Unreadable):
        KEYRING.open(7, None, sealed)
    with pytest.raises(Unreadable):
        KEYRING.seal(7, None, WORDS)
    with pytest.raises(Unreadable):
        Keyring([os.urandom(32)]).open(7, key, sealed)


def test_every_byte_that_is_changed_is_noticed(key: bytes) -> None:
    sealed = KEYRING.seal(7, key, WORDS)
    for place in range(len(sealed)):
        with pytest.raises(Unreadable):
            KEYRING.open(7, key, sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :])


@pytest.mark.parametrize("cut", [0, 1, 5, 13, 20])
def test_a_sealed_text_that_was_cut_off_is_unreadable_and_no_crash(key: bytes, cut: int) -> None:
    with pytest.raises(Unreadable):
        KEYRING.open(7, key, KEYRING.seal(7, key, WORDS)[:cut])


def test_during_a_rotation_the_previous_key_opens_and_the_new_one_seals() -> None:
    old, new = os.urandom(32), os.urandom(32)
    before, during, after = Keyring([old]), Keyring([new, old]), Keyring([new])
    person = before.new_person_key()
    sealed = before.seal(7, person, WORDS)
    owed = before.seal_for_organisation(WORDS)
    assert during.open(7, person, sealed) == WORDS
    assert during.open_for_organisation(owed) == WORDS
    assert during.is_mark(before.mark("ics", 1), "ics", 1)
    rewrapped = during.rewrapped(person)
    assert after.open(7, rewrapped, sealed) == WORDS
    with pytest.raises(Unreadable):
        after.open(7, person, sealed)
    assert after.open_for_organisation(during.seal_for_organisation(WORDS)) == WORDS


def test_a_mark_stands_for_its_parts_and_for_nothing_else() -> None:
    mark = KEYRING.mark("ics", 1, 23)
    assert KEYRING.is_mark(mark, "ics", 1, 23)
    assert not KEYRING.is_mark(mark, "ics", 12, 3)
    assert not Keyring([os.urandom(32)]).is_mark(mark, "ics", 1, 23)


@pytest.mark.parametrize("written", ["", "short", "not base64 at all!", "a" * 60])
def test_what_is_no_key_is_refused_without_being_repeated(written: str) -> None:
    with pytest.raises(ValueError, match="learnbot key") as refused:
        Keyring.from_text(written)
    assert not written or written not in str(refused.value)


def test_plain_words_cannot_be_stored_by_mistake(database: Database) -> None:
    def store(words: object) -> None:
        def work(session: Session) -> None:
            person = Person(name="Ana", email="ana@example.org", key=KEYRING.new_person_key())
            session.add(person)
            session.flush()
            session.add(Entry(owner_id=person.id, words=words, made_at=NOW))  # type: ignore[arg-type]

        database.run(work)

    for words in (WORDS, WORDS.encode(), bytearray(b"\x01abc")):
        with pytest.raises((StatementError, TypeError), match="sealed"):
            store(words)
    assert database.run(lambda session: session.scalars(select(Person)).all()) == []


def test_the_files_of_a_database_hold_no_word_that_anybody_said(tmp_path: Path) -> None:
    canary = "canary-said-by-ana"
    database = Database(f"sqlite:///{tmp_path}/learnbot.db")
    Record.metadata.create_all(database.engine)
    world = World(database)
    world.enrol()

    def nothing_in_any_file() -> None:
        for file in tmp_path.iterdir():
            assert canary.encode() not in file.read_bytes()
            assert canary.encode("utf-16-le") not in file.read_bytes()

    for number in range(20):
        world.answer(world.event(f"{number}", "Ana", words=f"keep {canary} {number}"))
        nothing_in_any_file()
    world.answer(world.event("unknown", "Ana", words=f"{canary} is what I say"))
    world.answer(world.event("refused", "Ana", words=f"refuse {canary}"))

    def look_while_writing(session: Session) -> None:
        session.execute(delete(Entry))
        session.flush()
        nothing_in_any_file()  # the journal of the open transaction holds the pages as they were

    database.run(look_while_writing)
    nothing_in_any_file()
    world.runner.close()
    database.close()
    nothing_in_any_file()


def test_what_is_deleted_is_overwritten_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "learnbot.db"
    database = Database(f"sqlite:///{path}")
    Record.metadata.create_all(database.engine)
    name = "Somebody-Whose-Name-Must-Go"

    def enrol(session: Session) -> None:
        for number in range(300):
            session.add(Person(name=f"{name} {number}", email=f"{number}@example.org", key=KEYRING.new_person_key()))

    database.run(enrol)
    assert name.encode() in path.read_bytes()
    sealed = database.run(lambda session: [bytes(key or b"") for key in session.scalars(select(Person.key))])
    database.run(lambda session: session.execute(delete(Person)))
    database.close()
    left = path.read_bytes()
    assert name.encode() not in left
    assert not any(key in left for key in sealed)


def test_a_reply_on_its_way_is_sealed_for_the_organisation(database: Database) -> None:
    message = Message("Kept.", (sentence("{words}", words=WORDS),))

    def work(session: Session) -> None:
        session.add(Owed(key="say/1", notice="", about=None, due_at=NOW,
                         body=KEYRING.seal_for_organisation(pack(message))))  # fmt: skip

    database.run(work)
    body = database.run(lambda session: session.scalar(text("SELECT body FROM outbox")))
    assert b"asked" not in bytes(body)
