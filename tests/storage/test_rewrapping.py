"""After a change of the master key: everything is readable with the new one alone, whatever happens on the way."""

import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import rewrapping
from storage.database import Database, Record
from storage.models import Entry, KnownPlace, Owed, Person, Review, ReviewAnswer, Team
from storage.rewrapping import KINDS, Count, counted, rewrap
from storage.sealed import Keyring, Sealed, Unreadable
from tests.conftest import NOW

OLD, NEW = os.urandom(32), os.urandom(32)
BEFORE, DURING, AFTER = Keyring([OLD]), Keyring([NEW, OLD]), Keyring([NEW])
PEOPLE = 7
WORDS = "I asked before I answered"


@pytest.fixture
def written(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database that was written under the old key: people with diaries, a message on its way, and reviews."""
    monkeypatch.setattr(rewrapping, "BATCH", 3)

    def write(session: Session) -> None:
        team = Team(name="Inclusion")
        place = KnownPlace(platform="slack", tenant="T", conversation="C", direct=False)
        session.add_all([team, place])
        session.flush()
        for number in range(PEOPLE):
            person = Person(name=f"P{number}", email=f"p{number}@example.org", key=BEFORE.new_person_key())
            session.add(person)
            session.flush()
            session.add(Entry(owner_id=person.id, words=BEFORE.seal(person.id, person.key, WORDS), made_at=NOW))
        session.add(Owed(key="say/1", notice="", about=None, due_at=NOW, body=BEFORE.seal_for_organisation(WORDS)))
        for anonymous in (True, False):
            review = Review(
                team_id=team.id, place_id=place.id, opened_by_id=None, title="t", anonymous=anonymous, opened_at=NOW,
                closes_at=NOW + timedelta(days=9), secret=BEFORE.seal_for_organisation("secret") if anonymous else None,
            )  # fmt: skip
            session.add(review)
            session.flush()
            for number in range(1, 6):
                person = session.get_one(Person, number)
                sealed = BEFORE.seal_for_organisation(WORDS) if anonymous else BEFORE.seal(person.id, person.key, WORDS)
                session.add(
                    ReviewAnswer(id=review.id * 100 + number, review_id=review.id, mark=f"{number}", answers=sealed,
                                 person_id=None if anonymous else person.id)
                )  # fmt: skip

    database.run(write)
    return database


def everything(session: Session, keyring: Keyring) -> list[str]:
    """Everything that the database holds in words, opened with `keyring`. Raises `Unreadable`."""
    people = {person.id: person.key for person in session.scalars(select(Person))}
    opened = [keyring.open(one.owner_id, people[one.owner_id], one.words) for one in session.scalars(select(Entry))]
    for answer in session.scalars(select(ReviewAnswer)):
        if answer.person_id is None:
            opened.append(keyring.open_for_organisation(answer.answers))
        else:
            opened.append(keyring.open(answer.person_id, people[answer.person_id], answer.answers))
    for column in (Owed.body, Review.secret):
        sealed = session.scalars(select(column).where(column.is_not(None)))
        opened.extend(keyring.open_for_organisation(one) for one in sealed if one is not None)
    return opened


def numbers(counts: list[Count]) -> list[tuple[int, int, int]]:
    """Of the kinds of which there is anything."""
    found = [(count.present, count.earlier, count.unreadable) for count in counts]
    return [one for one in found if any(one)]


def test_what_was_written_under_the_old_key_is_readable_with_the_new_one_alone(written: Database) -> None:
    before = written.run(lambda session: everything(session, BEFORE))
    assert len(before) == PEOPLE + 12
    with pytest.raises(Unreadable):
        written.run(lambda session: everything(session, AFTER))
    assert numbers(rewrap(written, DURING)) == [(0, PEOPLE, 0), (0, 1, 0), (0, 1, 0), (0, 5, 0)]
    assert written.run(lambda session: everything(session, AFTER)) == before
    with pytest.raises(Unreadable):
        written.run(lambda session: everything(session, BEFORE))
    assert numbers(written.run(lambda session: counted(session, AFTER))) == [
        (PEOPLE, 0, 0), (1, 0, 0), (1, 0, 0), (5, 0, 0),
    ]  # fmt: skip


def test_looking_changes_nothing_and_says_what_still_needs_the_old_key(written: Database) -> None:
    for _ in range(2):
        found = written.run(lambda session: counted(session, DURING))
        assert numbers(found) == [(0, PEOPLE, 0), (0, 1, 0), (0, 1, 0), (0, 5, 0)]
    assert [count.named(count.earlier) for count in found][:2] == ["7 people's keys", "1 message on its way"]


def test_interrupted_it_goes_on_where_it_was(written: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    run, batches = written.run, iter(range(100))

    def cut_off(work: Callable[[Session], object]) -> object:
        if next(batches) == 2:
            raise KeyboardInterrupt
        return run(work)

    with monkeypatch.context() as patched:
        patched.setattr(written, "run", cut_off)
        with pytest.raises(KeyboardInterrupt):
            rewrap(written, DURING)
    assert len(written.run(lambda session: everything(session, DURING))) == PEOPLE + 12  # both keys open all of it
    assert numbers(rewrap(written, DURING))[0] == (6, 1, 0)
    assert len(written.run(lambda session: everything(session, AFTER))) == PEOPLE + 12
    assert all(earlier == 0 for _, earlier, _ in numbers(rewrap(written, DURING)))


def test_a_key_that_is_destroyed_meanwhile_stays_destroyed(written: Database) -> None:
    class Meanwhile(Keyring):
        """Somebody is erased between the look at their key and its change."""

        session: Session

        def rewrapped(self, wrapped: bytes) -> bytes:
            self.session.execute(update(Person).where(Person.key == wrapped, Person.id == 2).values(key=None))
            return super().rewrapped(wrapped)

    keyring = Meanwhile([NEW, OLD])

    def batch(session: Session) -> None:
        keyring.session = session
        rewrapping._batch(session, keyring, KINDS[0], 0, change=True)

    written.run(batch)
    kept = written.run(lambda session: {person.id: person.key for person in session.scalars(select(Person))})
    assert kept[2] is None
    assert kept[1] is not None
    assert AFTER.wraps_now(kept[1])


def test_what_no_key_here_opens_is_left_alone_and_counted(written: Database) -> None:
    strange = Keyring([NEW, os.urandom(32)])
    assert numbers(rewrap(written, strange)) == [(0, 0, PEOPLE), (0, 0, 1), (0, 0, 1), (0, 0, 5)]
    assert len(written.run(lambda session: everything(session, BEFORE))) == PEOPLE + 12


def test_every_sealed_column_is_known_to_stand_under_the_master_key_or_under_a_persons() -> None:
    under_the_master_key = {(kind.column.class_.__tablename__, kind.column.key) for kind in KINDS}
    sealed_with_a_persons_key = {
        ("attachment", "name"),
        ("attachment", "address"),
        ("brief", "words"),
        ("carried_over", "words"),
        ("course", "title"),
        ("course", "team_words"),
        ("course", "kind_words"),
        ("course", "provider"),
        ("course", "accredited"),
        ("course", "feedback"),
        ("course", "document"),
        ("draft", "words"),
        ("draft", "quoted"),
        ("entry", "words"),
        ("entry", "tags"),
        ("entry", "quoted"),
        ("impact", "answers"),
        ("interview", "reason"),
        ("interview_note", "words"),
        ("interview_note", "private"),
        ("learning_time", "words"),
        ("next_step", "words"),
        ("period_log", "answers"),
        ("plan_review", "answers"),
        ("plan_voice", "words"),
        ("portfolio", "choices"),
        ("portfolio_file", "content"),
        ("reflection", "what"),
        ("reflection", "so_what"),
        ("reflection", "what_next"),
        ("review_draft", "answers"),
        ("self_rating", "answer"),
        ("set_meeting", "reason"),
        ("target", "words"),
        ("target", "strategy"),
        ("target", "criteria"),
        ("target", "link"),
        ("target", "comment"),
        ("target", "evaluation"),
        ("target_version", "was"),
    }
    sealed = {
        (table.name, column.name)
        for table in Record.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Sealed)
    }
    assert sealed == under_the_master_key | sealed_with_a_persons_key
