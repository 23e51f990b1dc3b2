"""The outbox: one row per message owed, moved, cancelled and answered by the names that conversations use."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import outbox, sending, undelivered
from storage.database import Database
from storage.models import KnownPlace, Owed
from tests.conftest import NOW, at_once
from tests.foundation import World, direct


def test_the_same_promise_is_owed_once_however_often_it_is_made(world: World) -> None:
    def owe(key: str) -> bool:
        return world.database.run(lambda session: outbox.owe(session, "notes.prompt", about=1, to=1, at=NOW, key=key))

    assert sorted(at_once(*[lambda: owe("nudge/2026/1")] * 8)) == [False] * 7 + [True]
    assert sorted(at_once(*[lambda: owe("")] * 8)) == [False] * 7 + [True]
    assert len(world.rows()) == 2


def test_a_promise_kept_is_not_made_again(world: World) -> None:
    world.owe("Ana", key="nudge/2026/1")
    world.tick()
    world.owe("Ana", key="nudge/2026/1", at=NOW + timedelta(days=1))
    world.later(days=2)
    world.tick()
    assert len(world.post.posted) == 1


def test_a_message_goes_to_a_person_or_to_a_place_and_never_to_both_or_neither(database: Database) -> None:
    for to, place in ((None, None), (1, 1)):
        with pytest.raises(AssertionError, match="person or to a place"):
            database.run(
                lambda session, to=to, place=place: outbox.owe(session, "n", about=1, at=NOW, to=to, place=place)
            )


def test_what_is_moved_is_sent_at_the_new_time_and_not_at_the_old(world: World) -> None:
    world.owe("Ana", at=NOW + timedelta(hours=1))
    world.database.run(lambda session: outbox.move(session, "notes.prompt", 1, NOW + timedelta(hours=3)))
    world.later(hours=2)
    assert world.tick() == 0
    world.later(hours=1)
    assert world.tick() == 1


def test_what_is_cancelled_is_not_sent(world: World) -> None:
    world.owe("Ana", about=1)
    world.owe("Ana", about=2)
    world.database.run(lambda session: outbox.cancel(session, 1, "notes.prompt"))
    world.tick()
    assert [message.about for _, message, _ in world.post.posted] == [2]


def test_what_nobody_answered_is_open_until_it_is_answered(world: World) -> None:
    def still_open() -> list[int | None]:
        return world.database.run(lambda session: [owed.about for owed in outbox.open_prompts(session, 1)])

    world.owe("Ana", about=1)
    world.owe("Ana", about=2)
    assert still_open() == []
    world.tick()
    assert sorted(map(str, still_open())) == ["1", "2"]
    world.database.run(lambda session: outbox.answered(session, "notes.answer", 1, 1, NOW))
    assert still_open() == [2]


def test_a_posted_message_is_known_by_where_it_stands(world: World) -> None:
    row = world.owe("Ana")
    world.tick()

    def look(session: Session) -> tuple[int | None, object, object]:
        found = outbox.posted(session, "post", direct("ana").conversation, "1")
        return (
            found.id if found else None,
            outbox.posted(session, "post", direct("bo").conversation, "1"),
            outbox.posted(session, "post", direct("ana").conversation, ""),
        )

    assert world.database.run(look) == (row, None, None)


def test_oldest_first_and_no_more_than_asked_for(world: World) -> None:
    rows = [world.owe("Ana", about=number, at=NOW - timedelta(minutes=number)) for number in range(5)]
    claimed = world.database.run(lambda session: sending.claim(session, NOW, "one", limit=3))
    assert [one.row for one in claimed] == list(reversed(rows))[:3]
    again = world.database.run(lambda session: sending.claim(session, NOW, "one", limit=10))
    assert [one.row for one in again] == list(reversed(rows))[3:]


def test_rows_of_a_platform_that_rests_are_left_alone(world: World) -> None:
    world.owe("Ana")
    assert not world.database.run(lambda session: sending.claim(session, NOW, "one", limit=9, paused={"post"}))
    assert world.database.run(lambda session: sending.claim(session, NOW, "one", limit=9, paused={"teams"}))


def test_put_back_is_only_for_the_one_who_holds_it(world: World) -> None:
    row = world.owe("Ana")
    world.database.run(lambda session: sending.claim(session, NOW, "one", limit=9))
    world.database.run(lambda session: sending.put_back(session, [row], "two"))
    assert world.row(row).state == "sending"
    world.database.run(lambda session: sending.put_back(session, [row], "one", NOW + timedelta(seconds=9)))
    assert (world.row(row).state, world.row(row).attempts) == ("due", 0)
    assert world.row(row).due_at == NOW + timedelta(seconds=9)


def test_claims_of_four_at_once_share_nothing(world: World) -> None:
    for number in range(60):
        world.owe("Ana", about=number)

    def claim(name: str) -> list[int]:
        mine: list[int] = []
        while more := world.database.run(lambda session: sending.claim(session, NOW, name, limit=5)):
            mine.extend(one.row for one in more)
        return mine

    shares = at_once(*[lambda name=name: claim(name) for name in "abcd"])
    assert sorted(row for share in shares for row in share) == [row.id for row in world.rows()]


def test_whoever_is_being_written_to_by_one_process_is_left_to_it(world: World) -> None:
    first, second, bos = world.owe("Ana", about=1), world.owe("Ana", about=2), world.owe("Bo", about=3)

    def claim(name: str, limit: int = 5, *, later: timedelta = timedelta(0)) -> list[int]:
        return world.database.run(
            lambda session: [one.row for one in sending.claim(session, NOW + later, name, limit=limit)]
        )

    assert claim("one", 1) == [first]
    assert claim("two") == [bos]
    assert claim("two") == []
    assert claim("one") == [second]
    third = world.owe("Ana", about=4)
    assert claim("two", later=sending.LEASE - timedelta(seconds=1)) == []
    assert claim("two", later=sending.LEASE + timedelta(seconds=1)) == [third]  # a dead process holds nobody up


def test_a_channel_that_one_process_is_writing_to_is_left_to_it(world: World) -> None:
    def owe(session: Session) -> None:
        for name in ("here", "there"):
            place = KnownPlace(platform="post", tenant="T", conversation=name, direct=False)
            session.add(place)
            session.flush()
            for about in (1, 2):
                outbox.owe(session, "notes.prompt", about=about, place=place.id, at=NOW)

    world.database.run(owe)
    here, there = [row.id for row in world.rows()][:2], [row.id for row in world.rows()][2:]

    def claim(name: str, limit: int = 5) -> list[int]:
        return world.database.run(lambda session: [one.row for one in sending.claim(session, NOW, name, limit=limit)])

    assert claim("one", 1) == here[:1]
    anas = world.owe("Ana", about=3)
    assert claim("two") == [*there, anas]
    assert claim("one") == here[1:]


def test_of_processes_that_claim_at_once_one_gets_all_of_a_recipient(world: World) -> None:
    for number in range(20):
        world.owe("Ana" if number % 2 else "Bo", about=number)

    def claim(name: str) -> dict[object, str]:
        claimed = world.database.run(lambda session: sending.claim(session, NOW, name, limit=1))
        return {one.lane: name for one in claimed}

    shares = at_once(*[lambda name=name: claim(name) for name in "abcd"])
    lanes = [lane for share in shares for lane in share]
    assert len(lanes) == len(set(lanes)) == 2


def test_after_a_restore_only_what_was_due_is_in_doubt(world: World) -> None:
    past = world.owe("Ana", about=1, at=NOW - timedelta(hours=3))
    being_sent = world.owe("Ana", about=2, at=NOW - timedelta(hours=4))
    future = world.owe("Ana", about=3, at=NOW + timedelta(seconds=1))
    world.database.run(lambda session: sending.claim(session, NOW - timedelta(hours=4), "one", limit=1))
    sent = world.owe("Ana", about=4, at=NOW - timedelta(hours=5))

    def was_sent(session: Session) -> None:
        session.get_one(Owed, sent).state = "sent"

    world.database.run(was_sent)
    assert world.database.run(lambda session: undelivered.after_restore(session, NOW)) == 2
    assert world.database.run(lambda session: undelivered.after_restore(session, NOW)) == 0
    states = {row.id: row.state for row in world.rows()}
    assert states == {past: "uncertain", being_sent: "uncertain", future: "due", sent: "sent"}


def test_a_change_is_asked_for_once_for_each_place_where_the_message_stands(world: World) -> None:
    world.owe("Ana", about=1)
    world.owe("Bo", about=1)
    world.owe("Bo", about=2)
    world.tick()
    world.database.run(lambda session: outbox.refresh(session, "notes.prompt", 1, NOW))
    world.database.run(lambda session: outbox.refresh(session, "notes.prompt", 1, NOW))
    changes = [row for row in world.rows() if row.changes]
    assert [world.row(row.changes or 0).about for row in changes] == [1, 1]
    world.tick()
    assert sorted(number for number, _ in world.post.updates) == ["1", "2"]


def test_a_place_that_is_back_gets_what_was_parked_for_it(world: World) -> None:
    def work(session: Session) -> int:
        place = KnownPlace(platform="post", tenant="T", conversation="C1", direct=False, unreachable="archived")
        session.add(place)
        session.flush()
        outbox.owe(session, "notes.prompt", about=1, place=place.id, at=NOW)
        session.scalars(select(Owed)).one().state = "parked"
        session.flush()
        undelivered.place_reachable_again(session, place, NOW)
        return place.id

    place_id = world.database.run(work)
    assert world.states() == ["due"]
    assert world.database.run(lambda session: session.get_one(KnownPlace, place_id).unreachable) == ""
