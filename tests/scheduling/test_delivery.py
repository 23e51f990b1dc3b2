"""Delivery: a message is sent once, or we know that we do not know."""

import asyncio
import threading
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.chat import Say
from bot.errors import Unavailable
from bot.platforms import NotAccepted
from storage import outbox, sending, undelivered
from storage.database import Database
from storage.models import Beat, Entry, KnownAccount, KnownPlace, Owed, Person
from tests.conftest import KEYRING, NOW, at_once
from tests.foundation import (
    ACCEPTED_THEN_RESET,
    BEFORE_THE_FIRST_BYTE,
    BUILT,
    RESET_WITHOUT_ACCEPTING,
    Fault,
    Post,
    World,
    direct,
    refused,
    room,
)


def until_sent(world: World, *, seconds: int = 300) -> None:
    """Let time pass as the clockwork does: a tick a second, a look at what is uncertain every half minute."""
    for second in range(seconds):
        world.tick()
        if second % 30 == 29:
            world.reconcile()
        if not any(row.state in ("due", "sending") or (row.state == "uncertain" and not row.reason)
                   for row in world.rows()):  # fmt: skip
            return
        world.later(seconds=1)


# ----------------------------------------------------------------------------------- what the wire does to one message


def test_accepted_and_then_reset_is_found_and_not_sent_again(world: World) -> None:
    row = world.owe("Ana")
    world.post.faults.append(ACCEPTED_THEN_RESET)
    until_sent(world)
    assert world.states() == ["sent"]
    assert world.post.times_sent(world.row(row).key) == 1
    assert world.row(row).message == "1"


def test_accepted_and_reset_while_the_history_lags_is_not_sent_again(world: World) -> None:
    row = world.owe("Ana")
    world.post.faults.append(ACCEPTED_THEN_RESET)
    world.post.hides = True
    world.tick()
    world.later(seconds=5)
    world.reconcile()
    assert world.states() == ["uncertain"]
    world.post.hides = False
    until_sent(world)
    assert world.states() == ["sent"]
    assert world.post.times_sent(world.row(row).key) == 1


def test_reset_without_being_accepted_is_sent_again_once_it_has_certainly_not_arrived(world: World) -> None:
    row = world.owe("Ana")
    world.post.faults.append(RESET_WITHOUT_ACCEPTING)
    until_sent(world)
    assert world.states() == ["sent"]
    assert world.post.times_sent(world.row(row).key) == 1


def test_where_nobody_can_be_asked_it_is_never_sent_again_and_mentioned_once(world: World) -> None:
    world.post.can_find = False
    world.post.faults.append(ACCEPTED_THEN_RESET)
    lost = world.owe("Ana")
    until_sent(world)
    assert world.row(lost).state == "uncertain"
    world.owe("Ana", about=2)
    world.owe("Bo", about=2)
    until_sent(world)
    world.owe("Ana", about=3)
    until_sent(world)
    assert world.post.times_sent(world.row(lost).key) == 1
    to_ana = [
        said for (where, _, _), said in zip(world.post.posted, world.post.said(), strict=True) if where == "dm:ana"
    ]
    assert [said.count("may not have reached you") for said in to_ana] == [0, 1, 0]
    assert world.row(lost).state == "closed"


def test_the_mention_waits_for_a_message_that_arrives(world: World) -> None:
    world.post.can_find = False
    world.post.faults.append(ACCEPTED_THEN_RESET)
    world.owe("Ana")
    until_sent(world)
    world.post.faults.append(refused("too_large"))
    world.owe("Ana", about=2)
    until_sent(world)
    world.owe("Ana", about=3)
    until_sent(world)
    assert "may not have reached you" in world.post.said()[-1]


def test_refused_before_the_first_byte_is_tried_again_with_growing_pauses(world: World) -> None:
    row = world.owe("Ana")
    world.post.faults.extend([BEFORE_THE_FIRST_BYTE] * 4)
    until_sent(world)
    assert world.row(row).state == "sent"
    at = [when for when, _ in world.post.requests]
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(at)]
    assert len(pauses) == 4
    assert pauses[0] < pauses[-1]
    assert world.post.times_sent(world.row(row).key) == 1


def test_a_platform_that_asks_for_thirty_seconds_gets_them_and_the_order_is_kept(world: World) -> None:
    for number in range(6):
        world.owe("Ana" if number % 2 else "Bo", about=number, at=NOW - timedelta(seconds=10 - number))
    world.post.faults.append(Fault(NotAccepted("rate_limited", retry_after=30)))
    begun = world.now
    world.tick()
    assert world.tick() == 0
    tried = len(world.post.requests)
    while world.now < begun + timedelta(seconds=29):
        world.later(seconds=1)
        world.tick()
    assert len(world.post.requests) == tried
    until_sent(world)
    assert set(world.states()) == {"sent"}
    for who in ("dm:ana", "dm:bo"):
        about = [message.about for where, message, _ in world.post.posted if where == who]
        assert about == sorted(about)
    assert set(Counter(key for _, _, key in world.post.posted).values()) == {1}


def test_another_platform_is_not_held_up_by_one_that_rests(database: Database) -> None:
    other = Post("other")
    world = World(database, others={"other": other})
    world.enrol()

    def dan(session: Session) -> None:
        person = Person(name="Dan", email="dan@example.org", key=KEYRING.new_person_key())
        person.prefers = "other"
        session.add(person)
        session.flush()
        session.add(KnownAccount(platform="other", tenant="T", user="dan", person_id=person.id))

    database.run(dan)
    world.owe("Ana")
    world.post.faults.append(Fault(NotAccepted("rate_limited", retry_after=30)))
    world.tick()
    world.owe("Dan")
    world.tick()
    assert len(other.posted) == 1
    world.runner.close()


def test_an_hour_of_errors_is_weathered_with_few_attempts_and_over_within_two_minutes(world: World) -> None:
    for number in range(40):
        world.owe("Ana" if number % 2 else "Bo", about=number)
    world.post.down = refused("unavailable", final=False)
    back = world.now + timedelta(hours=1)
    while world.now < back:
        world.tick()
        world.later(seconds=2)
    attempts = len(world.post.requests)
    assert attempts < 60 * 60 / 10  # each of the forty knocking every forty seconds would be 3,600
    gaps = [(b[0] - a[0]).total_seconds() for a, b in pairwise(world.post.requests)]
    assert len({round(gap, 3) for gap in gaps if gap > 20}) > 5  # jitter
    world.post.down = None
    until_sent(world, seconds=120)
    assert set(world.states()) == {"sent"}
    assert set(Counter(key for _, _, key in world.post.posted).values()) == {1}


def test_one_message_that_always_fails_does_not_stop_the_others(world: World) -> None:
    bad = world.owe("Ana", about=0)
    key = world.row(bad).key
    send = world.post.send

    async def fails_for_one(to: Any, message: Any, sent_key: str) -> Any:
        if sent_key == key:
            world.post.faults.appendleft(refused("unavailable", final=False))
        return await send(to, message, sent_key)

    world.post.send = fails_for_one  # type: ignore[method-assign]
    for number in range(1, 30):
        world.owe("Bo", about=number, at=NOW + timedelta(seconds=10 * number))
    for _ in range(400):
        world.tick()
        world.later(seconds=1)
    assert world.states() == ["due"] + ["sent"] * 29


# -------------------------------------------------------------------------------------------- nobody can be reached


@pytest.mark.parametrize("reason", ["deactivated", "not_installed", "blocked", "wrong_tenant"])
def test_a_person_who_cannot_be_reached_parks_the_message_with_its_reason(world: World, reason: str) -> None:
    row = world.owe("Ana")
    world.post.faults.append(refused(reason))
    world.tick()
    assert (world.row(row).state, world.row(row).reason) == ("parked", reason)
    assert world.account("Ana").unreachable == reason
    later = world.owe("Ana", about=2)
    world.tick()
    assert (world.row(later).state, world.row(later).reason) == ("parked", reason)
    assert len(world.post.requests) == 1  # nobody knocks again


def test_a_person_who_is_back_gets_what_was_parked(world: World) -> None:
    world.owe("Ana")
    world.post.faults.append(refused("blocked"))
    world.tick()
    world.answer(world.event("1", "Ana", words="keep one"))
    world.tick()
    assert world.account("Ana").unreachable == ""
    assert set(world.states()) == {"sent"}


def test_what_no_platform_would_take_stays_parked(world: World) -> None:
    large = world.owe("Ana")
    world.post.faults.append(refused("too_large"))
    world.tick()
    world.owe("Ana", about=2)
    world.post.faults.append(refused("blocked"))
    world.tick()
    world.answer(world.event("1", "Ana", words="keep one"))
    assert (world.row(large).state, world.row(large).reason) == ("parked", "too_large")


def test_an_answer_that_could_not_be_given_for_long_is_given_no_more(world: World) -> None:
    world.post.faults.append(refused("blocked"))
    world.answer(world.event("1", "Ana", words="keep one"))
    assert world.states() == ["parked"]
    world.later(days=3)
    world.answer(world.event("2", "Ana", words="keep two"))
    world.tick()
    assert sorted(world.states()) == ["closed", "sent"]


def test_an_archived_channel_is_remembered_until_somebody_speaks_there(world: World) -> None:
    world.answer(world.event("1", "Ana", words="keep one", place=room("C1")))

    def owe(session: Session) -> None:
        place = session.scalars(select(KnownPlace).where(KnownPlace.conversation == "C1")).one()
        for about in (1, 2):
            outbox.owe(session, "notes.prompt", about=about, at=world.now, place=place.id)

    world.database.run(owe)
    world.post.faults.append(refused("archived"))
    world.tick()
    assert [row.reason for row in world.rows()[1:]] == ["archived", "archived"]
    requests = len(world.post.requests)
    world.tick()
    assert len(world.post.requests) == requests
    world.answer(world.event("2", "Ana", words="keep two", place=room("C1")))
    world.tick()
    assert set(world.states()) == {"sent"}


def test_a_direct_chat_that_is_gone_is_opened_afresh(world: World) -> None:
    world.answer(world.event("1", "Ana", words="keep one"))
    row = world.owe("Ana")
    world.post.faults.append(refused("no_such_place"))
    until_sent(world)
    assert world.row(row).state == "sent"


def test_who_cannot_be_reached_on_one_platform_is_reached_on_the_other(database: Database) -> None:
    other = Post("other")
    world = World(database, others={"other": other})
    world.enrol()
    ana = world.account("Ana").person_id
    database.run(
        lambda session: session.add(KnownAccount(platform="other", tenant="T", user="ana-other", person_id=ana))
    )
    world.owe("Ana")
    world.post.faults.append(refused("deactivated"))
    until_sent(world)
    assert world.states() == ["sent"]
    assert [where for where, _, _ in other.posted] == ["dm:ana-other"]
    world.runner.close()


def test_somebody_who_never_said_hello_is_waited_for(world: World) -> None:
    world.database.run(lambda session: session.add(
        Person(name="Eve", email="eve@example.org", key=KEYRING.new_person_key())))  # fmt: skip
    row = world.owe("Eve")
    world.tick()
    assert (world.row(row).state, world.row(row).reason) == ("parked", "has_not_said_hello")
    world.answer(world.event("1", "Eve", words="keep one", email="eve@example.org"))
    world.tick()
    assert set(world.states()) == {"sent"}


def test_a_revoked_token_stops_everything_and_loses_nothing(world: World) -> None:
    for number in range(5):
        world.owe("Ana", about=number)
    world.post.down = refused("token_revoked", final=False)
    for _ in range(120):
        world.tick()
        world.later(seconds=1)
    assert len(world.post.requests) == 1
    world.post.down = None
    until_sent(world, seconds=400)
    assert set(world.states()) == {"sent"}


def test_somebody_who_has_left_is_not_written_to(world: World) -> None:
    row = world.owe("Ana")
    ana = world.account("Ana").person_id

    def leave(session: Session) -> None:
        session.get_one(Person, ana).left_at = world.now

    world.database.run(leave)
    world.tick()
    assert world.row(row).state == "closed"
    assert world.post.requests == []


# ---------------------------------------------------------------------------------------------------------- builders


def test_a_builder_with_a_bug_parks_its_own_message_and_no_other(world: World) -> None:
    first = world.owe("Ana", about=1)
    bad = world.owe("Ana", "notes.broken")
    after = world.owe("Ana", about=2)
    world.tick()
    assert [world.row(number).state for number in (first, bad, after)] == ["sent", "parked", "sent"]
    assert world.row(bad).reason == "not_built"


def test_a_builder_with_nothing_to_say_closes_its_message(world: World) -> None:
    row = world.owe("Ana", "notes.gone")
    world.tick()
    assert world.row(row).state == "closed"
    assert world.post.requests == []


def test_after_three_days_down_the_same_prompt_is_sent_once_and_others_are_too(world: World) -> None:
    for day in range(3):
        world.owe("Ana", about=1, at=NOW + timedelta(days=day))
        world.owe("Bo", about=day, at=NOW + timedelta(days=day))
    world.later(days=3)
    until_sent(world)
    assert [where for where, _, _ in world.post.posted].count("dm:ana") == 1
    assert [where for where, _, _ in world.post.posted].count("dm:bo") == 3


# --------------------------------------------------------------------------------------------------- changing in place


def entry_of(world: World, words: str) -> int:
    person = world.account("Ana").person_id

    def work(session: Session) -> int:
        owner = session.get_one(Person, person)
        entry = Entry(owner_id=owner.id, words=KEYRING.seal(owner.id, owner.key, words), made_at=NOW)
        session.add(entry)
        session.flush()
        return entry.id

    return world.database.run(work)


def change(world: World, entry_id: int, words: str) -> None:
    def work(session: Session) -> None:
        entry = session.get_one(Entry, entry_id)
        owner = session.get_one(Person, entry.owner_id)
        entry.words = KEYRING.seal(owner.id, owner.key, words)
        outbox.refresh(session, "notes.card", entry_id, world.now)

    world.database.run(work)


def shown(world: World) -> str:
    """What stands on the one card by now."""
    changes = [message for number, message in world.post.updates if number == "1"]
    last = changes[-1] if changes else world.post.posted[0][1]
    return "".join(part.plain() for part in last.parts)  # type: ignore[union-attr]


def test_changes_asked_for_together_are_one_change(world: World) -> None:
    entry = entry_of(world, "one")
    world.owe("Ana", "notes.card", entry)
    world.tick()
    for words in ("two", "three", "four"):
        change(world, entry, words)
    world.tick()
    assert len(world.post.updates) == 1
    assert shown(world) == "four"


@pytest.mark.parametrize("what", ["the message", "the change"])
def test_a_change_asked_for_while_something_is_on_its_way_is_not_lost(world: World, what: str) -> None:
    entry = entry_of(world, "one")
    world.owe("Ana", "notes.card", entry)
    if what == "the change":
        world.tick()
        change(world, entry, "two")

    async def meanwhile() -> None:
        world.post.before_answering = None
        await asyncio.to_thread(change, world, entry, "last")

    world.post.before_answering = meanwhile
    until_sent(world)
    assert shown(world) == "last"
    assert len(world.post.posted) == 1


def test_a_change_of_a_message_whose_fate_is_unknown_waits_for_it(world: World) -> None:
    entry = entry_of(world, "one")
    world.owe("Ana", "notes.card", entry)
    world.post.faults.append(ACCEPTED_THEN_RESET)
    world.post.hides = True
    world.tick()
    change(world, entry, "two")
    world.tick()
    assert world.post.updates == []
    world.post.hides = False
    until_sent(world)
    assert shown(world) == "two"
    assert len(world.post.posted) == 1


def test_a_message_that_is_still_to_be_built_needs_no_change(world: World) -> None:
    entry = entry_of(world, "one")
    world.owe("Ana", "notes.card", entry, at=NOW + timedelta(minutes=1))
    change(world, entry, "two")
    world.later(minutes=2)
    until_sent(world)
    assert (shown(world), world.post.updates) == ("two", [])


def test_a_message_that_was_deleted_is_not_changed_for_ever(world: World) -> None:
    entry = entry_of(world, "one")
    world.owe("Ana", "notes.card", entry)
    world.tick()
    change(world, entry, "two")
    world.post.faults.append(refused("no_such_place"))
    until_sent(world)
    assert world.states() == ["sent", "closed"]
    assert world.account("Ana").unreachable == ""


def test_a_change_that_may_have_been_made_is_made_again(world: World) -> None:
    entry = entry_of(world, "one")
    world.owe("Ana", "notes.card", entry)
    world.tick()
    change(world, entry, "two")
    world.post.faults.append(RESET_WITHOUT_ACCEPTING)
    until_sent(world)
    assert shown(world) == "two"


# ------------------------------------------------------------------------------------------------- claims and leases


def test_several_processes_never_send_the_same_message(world: World) -> None:
    BUILT.clear()
    for number in range(80):
        world.owe("Ana" if number % 2 else "Bo", about=number)
    deliveries = [world.another_delivery(f"process {number}") for number in range(4)]

    def run(delivery: Any) -> None:
        async def all_of_it() -> None:
            while await delivery.tick(limit=7):
                pass

        asyncio.run(all_of_it())

    at_once(*[lambda delivery=delivery: run(delivery) for delivery in deliveries])
    assert set(world.states()) == {"sent"}
    assert sorted(Counter(key for _, _, key in world.post.posted).values()) == [1] * 80


def claimed_by_a_dead_process(world: World) -> int:
    row = world.owe("Ana")
    world.database.run(lambda session: sending.claim(session, world.now, "dead", limit=10))
    return row


def test_a_row_of_a_process_that_died_is_taken_up_when_its_lease_has_run_out(world: World) -> None:
    row = claimed_by_a_dead_process(world)
    world.tick()
    world.reconcile()
    assert world.row(row).state == "sending"
    world.later(seconds=121)
    world.reconcile()
    world.tick()
    assert world.row(row).state == "sent"
    assert world.post.times_sent(world.row(row).key) == 1


def test_the_only_process_takes_up_the_rows_of_the_dead_at_once_but_lets_the_platform_settle(
    database: Database,
) -> None:
    world = World(database, alone=True)
    world.enrol()
    row = claimed_by_a_dead_process(world)
    world.reconcile()
    assert world.row(row).state == "uncertain"
    world.later(seconds=16)
    world.reconcile()
    world.tick()
    assert world.row(row).state == "sent"
    world.runner.close()


def test_a_row_that_waited_its_turn_too_long_is_not_sent_on_an_old_claim(world: World) -> None:
    row = world.owe("Ana")

    async def late() -> None:
        [one] = await world.database.run_async(lambda session: sending.claim(session, world.now, "one", limit=1))
        world.later(seconds=115)
        await world.delivery._deliver(one)

    world.run(late())
    assert world.post.requests == []
    assert world.row(row).state == "due"


def test_what_certainly_arrived_is_marked_even_when_the_claim_was_lost(world: World) -> None:
    row = world.owe("Ana")

    async def lose_the_claim() -> None:
        world.later(seconds=500)  # the machine slept
        await world.another_delivery("two").reconcile()

    world.post.before_answering = lose_the_claim
    world.post.hides = True
    world.tick()
    world.post.before_answering = None
    until_sent(world)
    assert world.row(row).state == "sent"
    assert world.post.times_sent(world.row(row).key) == 1


def test_an_old_answer_to_the_question_does_not_count_once_a_newer_was_asked(world: World) -> None:
    row = world.owe("Ana")
    world.post.faults.append(RESET_WITHOUT_ACCEPTING)
    world.tick()
    world.later(seconds=60)
    other = world.another_delivery("two")
    other.settling = world.delivery.settling = timedelta(0)
    find, asked = world.post.find, 0

    async def slow(to: Any, key: str) -> Any:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise ConnectionError
        found = await find(to, key)  # not there: but before that answer is used, all this happens
        if asked == 1:
            await other.reconcile()
            world.post.faults.append(ACCEPTED_THEN_RESET)
            await other.tick()
        return found

    world.post.find = slow  # type: ignore[method-assign]
    world.reconcile()
    assert asked == 3
    until_sent(world)
    assert world.post.times_sent(world.row(row).key) == 1
    assert world.row(row).state == "sent"


def test_the_question_goes_where_the_message_went(database: Database) -> None:
    other = Post("other")
    world = World(database, others={"other": other})
    world.enrol()
    ana = world.account("Ana").person_id
    database.run(
        lambda session: session.add(KnownAccount(platform="other", tenant="T", user="ana-other", person_id=ana))
    )
    row = world.owe("Ana")
    world.post.faults.append(ACCEPTED_THEN_RESET)
    world.post.hides = True
    world.tick()

    def moves(session: Session) -> None:
        session.get_one(Person, ana).prefers = "other"

    database.run(moves)
    world.post.hides = False
    until_sent(world)
    assert other.posted == []
    assert world.row(row).state == "sent"
    world.runner.close()


def test_messages_to_one_person_go_in_order_and_nobody_waits_for_a_slow_one(world: World) -> None:
    for number in range(3):
        world.owe("Ana", about=number)
    world.owe("Bo", about=9)
    bo_has_it = asyncio.Event()
    send = world.post.send

    async def slow_for_ana(to: Any, message: Any, key: str) -> Any:
        if to.account.user == "ana":
            await asyncio.wait_for(bo_has_it.wait(), 10)
        sent = await send(to, message, key)
        if to.account.user == "bo":
            bo_has_it.set()
        return sent

    world.post.send = slow_for_ana  # type: ignore[method-assign]
    world.tick()
    assert [message.about for _, message, _ in world.post.posted] == [9, 0, 1, 2]


def test_what_stands_behind_a_message_that_must_wait_waits_behind_it(world: World) -> None:
    for number in range(3):
        world.owe("Ana", about=number)
    world.post.faults.append(BEFORE_THE_FIRST_BYTE)
    until_sent(world)
    assert [message.about for _, message, _ in world.post.posted] == [0, 1, 2]


# ---------------------------------------------------------------------------------------------- answers, stop, restore


def test_an_answer_is_sent_at_once_and_after_a_crash_by_the_next_process(world: World) -> None:
    world.answer(world.event("1", "Ana", words="keep one"))
    assert world.post.said() == ["Kept."]
    outcome = world.handle(world.event("2", "Ana", words="keep two"))  # the process dies right here
    assert isinstance(outcome.reply, Say)
    world.later(seconds=121)
    next_process = world.another_delivery("two")
    world.run(next_process.reconcile())
    world.run(next_process.run_until_idle())
    assert world.post.said() == ["Kept.", "Kept."]
    assert set(world.states()) == {"sent"}


def test_stopping_finishes_what_is_being_sent_and_leaves_the_rest_to_the_next_process(world: World) -> None:
    for number in range(5):
        world.owe("Ana", about=number)
    going = asyncio.Event()

    async def through() -> None:
        async def hold() -> None:
            going.set()
            await asyncio.sleep(0.05)

        world.post.before_answering = hold
        tick = asyncio.create_task(world.delivery.tick())
        await going.wait()
        await world.reception.drain(20)
        assert world.delivery.busy == 0
        await tick

    world.run(through())
    assert world.states() == ["sent"] + ["due"] * 4
    world.post.before_answering = None
    world.run(world.another_delivery("two").run_until_idle())
    assert world.states() == ["sent"] * 5
    assert [message.about for _, message, _ in world.post.posted] == [0, 1, 2, 3, 4]


def test_nothing_is_taken_in_while_stopping(world: World) -> None:
    world.run(world.reception.drain(1))
    with pytest.raises(Unavailable):
        world.answer(world.event("1", "Ana", words="keep one"))
    assert world.entries() == []


def test_a_message_that_was_sent_while_the_database_was_away_is_marked_when_it_is_back(database: Database) -> None:
    if not database.sqlite:
        pytest.skip("SQLite's own way of being away")
    world = World(database)
    world.enrol()
    world.post.can_find = False
    row = world.owe("Ana")

    async def goes_away() -> None:
        world.post.before_answering = None
        await database.run_async(lambda session: session.execute(text("PRAGMA query_only=ON")))

    world.post.before_answering = goes_away
    with pytest.raises(Unavailable):
        world.tick()
    assert len(world.post.posted) == 1
    world.tick()  # the next connection can write again
    assert world.row(row).state == "sent"
    world.runner.close()


def test_restoring_last_nights_backup_sends_nothing_twice(world: World) -> None:
    sent_since = world.owe("Ana", about=1, at=NOW + timedelta(hours=1))
    not_sent = world.owe("Ana", about=2, at=NOW + timedelta(hours=2))
    tomorrow = world.owe("Ana", about=3, at=NOW + timedelta(days=1))
    world.run(world.delivery.beat())
    world.post.posted.append(("dm:ana", prompt_message(1), world.row(sent_since).key))  # after the backup was made
    world.later(hours=12)
    assert world.database.run(lambda session: undelivered.after_restore(session, world.now)) == 2
    assert world.row(tomorrow).state == "due"
    until_sent(world, seconds=90)
    assert world.row(sent_since).state == "sent"
    assert world.post.times_sent(world.row(sent_since).key) == 1
    assert world.row(not_sent).state == "sent"
    assert world.row(tomorrow).state == "due"


def test_restoring_a_backup_where_nobody_can_be_asked_sends_nothing_twice(world: World) -> None:
    world.post.can_find = False
    past = world.owe("Ana", about=1, at=NOW + timedelta(hours=1))
    world.later(hours=12)
    world.database.run(lambda session: undelivered.after_restore(session, world.now))
    until_sent(world, seconds=90)
    assert world.post.posted == []
    world.owe("Ana", about=2)
    world.tick()
    assert "may not have reached you" in world.post.said()[0]
    assert world.row(past).state == "closed"


def prompt_message(about: int) -> Any:
    from bot.chat import Message

    return Message(f"Prompt {about}")


def test_a_beat_is_noted(world: World) -> None:
    world.run(world.delivery.beat())
    world.later(seconds=5)
    world.run(world.delivery.beat())
    assert world.database.run(lambda session: session.get_one(Beat, "delivery").at) == world.now


def test_the_direct_chat_is_remembered_from_the_first_message(world: World) -> None:
    world.owe("Ana")
    world.tick()
    place_id = world.account("Ana").place_id
    place = world.database.run(lambda session: session.get_one(KnownPlace, place_id))
    assert place.conversation == direct("ana").conversation


def test_handlers_of_two_threads_changing_a_card_leave_one_change(world: World) -> None:
    entry = entry_of(world, "one")
    world.owe("Ana", "notes.card", entry)
    world.tick()
    lock = threading.Barrier(2)

    def both(words: str) -> None:
        lock.wait(5)
        change(world, entry, words)

    at_once(lambda: both("two"), lambda: both("three"))
    until_sent(world)
    assert len(world.rows()) == 2
    assert shown(world) in ("two", "three")


def test_rows_are_claimed_only_when_they_are_due(world: World) -> None:
    world.owe("Ana", at=NOW + timedelta(seconds=1))
    assert world.tick() == 0
    world.later(seconds=1)
    assert world.tick() == 1
    assert world.database.run(lambda session: session.scalars(select(Owed.attempts)).all()) == [1]


def test_a_message_of_a_later_version_is_left_to_that_version(world: World) -> None:
    world.owe("Ana", "notes.of_a_later_version")
    world.owe("Ana", "notes.prompt", key="ours")
    world.tick()
    assert world.states() == ["due", "sent"]
