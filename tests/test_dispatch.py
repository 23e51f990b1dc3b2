"""The dispatcher: the same event has one effect, however often and whichever way it arrives; nobody does another's."""

import io
import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.chat import (
    ANSWERS_TO,
    TYPED_AGAIN,
    Account,
    Event,
    Nothing,
    OpenForm,
    Quote,
    Replace,
    Reply,
    Say,
    plain,
)
from bot.console import buttons_of
from bot.errors import Failed, NotYours, Unavailable
from bot.reception import Known
from storage.database import Record
from storage.models import Draft, Entry, HandledEvent, KnownAccount, KnownPlace, Owed, Person, RefusedAttempt
from storage.retention import clean_up
from tests.conftest import NOW, at_once
from tests.foundation import FAILING, World, direct, room


@pytest.fixture
def failing() -> Iterator[None]:
    FAILING.append(True)
    yield
    FAILING.clear()


def words_of(reply: Reply) -> str:
    assert isinstance(reply, Say | Replace)
    return plain(reply.message)


def everything(world: World) -> dict[str, int]:
    """How many rows each table has."""

    def work(session: Session) -> dict[str, int]:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Record.metadata.sorted_tables
        }

    return world.database.run(work)


# --------------------------------------------------------------------------------------------- one event, one effect


def test_an_event_delivered_again_has_no_second_effect(world: World) -> None:
    event = world.event("1", "Ana", words="keep one")
    assert isinstance(world.handle(event).reply, Say)
    for _ in range(3):
        again = world.handle(event)
        assert (again.reply, again.parcel, again.stranger) == (Nothing(), None, False)
    assert world.entries() == ["one"]
    assert len(world.rows()) == 1


def test_an_event_delivered_to_many_workers_at_once_has_one_effect(world: World) -> None:
    event = world.event("1", "Ana", words="keep one")
    outcomes = at_once(*[lambda: world.handle(event)] * 12)
    assert sorted(type(outcome.reply).__name__ for outcome in outcomes) == ["Nothing"] * 11 + ["Say"]
    assert world.entries() == ["one"]
    assert len(world.rows()) == 1


@pytest.mark.parametrize("later", [{"minutes": 5}, {"hours": 24}, {"days": 6}])
def test_an_event_delivered_again_much_later_has_no_second_effect(world: World, later: dict[str, int]) -> None:
    event = world.event("1", "Ana", words="keep one")
    world.handle(event)
    world.later(**later)
    world.database.run(lambda session: clean_up(session, world.policy, world.now))
    assert isinstance(world.handle(event).reply, Nothing)
    assert world.entries() == ["one"]


def test_of_a_delivery_that_arrives_only_as_a_retry_the_effect_is_had(world: World) -> None:
    world.handle(world.event("retry number 1 of an event that never arrived", "Ana", words="keep one"))
    assert world.entries() == ["one"]


def test_work_that_failed_leaves_nothing_and_the_next_delivery_has_the_effect(world: World, failing: None) -> None:
    event = world.event("1", "Ana", words="fail one")
    before = everything(world)
    with pytest.raises(Failed):
        world.handle(event)
    assert everything(world) == before
    FAILING.clear()
    world.handle(event)
    assert world.entries() == ["one"]


def test_one_event_that_fails_harms_no_other_that_is_committed_with_it(world: World, failing: None) -> None:
    def one(number: int) -> Any:
        try:
            return world.handle(
                world.event(f"{number}", "Ana", words=f"{'fail' if number % 3 == 0 else 'keep'} {number}")
            )
        except Failed as failed:
            return failed

    at_once(*[lambda number=number: one(number) for number in range(24)])
    assert sorted(world.entries(), key=int) == [f"{number}" for number in range(24) if number % 3]


def test_a_refusal_is_an_answer_and_is_given_once(world: World) -> None:
    event = world.event("1", "Ana", words="refuse one")
    assert words_of(world.handle(event).reply).startswith("Not today. Try again tomorrow.")
    assert world.entries() == []
    assert isinstance(world.handle(event).reply, Nothing)
    assert world.count(HandledEvent) == 1
    assert len(world.rows()) == 1


def test_a_database_that_cannot_take_it_now_asks_for_the_event_again(world: World) -> None:
    world.database.close()
    with pytest.raises(Unavailable):
        world.handle(world.event("1", "Ana", words="keep one"))


# -------------------------------------------------------------------------------------------------------- who this is


def test_nothing_is_kept_of_somebody_who_is_not_on_the_roster(world: World) -> None:
    before = everything(world)
    reply = world.answer(world.event("1", "Zoe", words="keep something private"), Known("zoe@elsewhere.org", "Zoe"))
    assert "kept nothing" in words_of(reply)
    assert everything(world) == before
    assert world.post.times_sent("say/1") == 1


def test_a_stranger_is_not_greeted_for_channel_talk_or_for_leaving(world: World) -> None:
    before = everything(world)
    for event in (
        world.event("1", "Zoe", words="hi all", place=room("C1"), addressed=False),
        world.event("2", "Zoe", "leave"),
    ):
        assert isinstance(world.answer(event, Known("zoe@elsewhere.org", "Zoe")), Nothing)
    assert everything(world) == before
    assert world.post.requests == []


def test_an_account_is_linked_by_the_e_mail_that_the_platform_has_verified(world: World) -> None:
    event = replace(world.event("1", "Ana", words="keep one"), account=Account("other", "T2", "U9"))
    assert world.handle(event).stranger
    assert world.count(HandledEvent) == 0
    world.answer(event, Known("Ana@Example.org", "Ana"))
    assert world.entries() == ["one"]
    linked = world.database.run(lambda s: s.scalars(select(KnownAccount).where(KnownAccount.user == "U9")).one())
    assert linked.person_id == world.account("Ana").person_id
    world.handle(replace(event, key="2"))  # and needs no e-mail from now on
    assert world.entries() == ["one", "one"]


def test_a_new_account_acting_twice_at_once_is_linked_once(world: World) -> None:
    def act(key: str) -> Any:
        event = world.event(key, "Ana", words=f"keep {key}", email="ana@example.org")
        return world.handle(replace(event, account=Account("other", "T2", "U9")))

    at_once(*[lambda key=key: act(str(key)) for key in range(6)])
    assert len(world.entries()) == 6
    assert world.count(KnownAccount) == 4


def test_an_account_of_another_workspace_with_the_same_name_is_somebody_else(world: World) -> None:
    event = replace(world.event("1", "Ana", words="keep one"), account=Account("post", "another workspace", "ana"))
    assert world.handle(event).stranger
    assert world.entries() == []


def test_somebody_who_has_left_is_told_so_and_does_nothing(world: World) -> None:
    ana = world.account("Ana").person_id

    def leave(session: Session) -> None:
        session.get_one(Person, ana).left_at = NOW

    world.database.run(leave)
    assert "no longer on the roster" in words_of(world.handle(world.event("1", "Ana", words="keep one")).reply)
    assert world.entries() == []
    stranger = replace(world.event("2", "Ana", words="keep one", email="ana@example.org"),
                       account=Account("other", "T2", "U9"))  # fmt: skip
    world.answer(stranger, Known("ana@example.org", "Ana"))
    assert world.count(KnownAccount) == 3


# ----------------------------------------------------------------------------------------------------- who may do what


def entry_of(world: World, who: str) -> int:
    world.handle(world.event(f"entry of {who}", who, words=f"keep the words of {who}"))
    person = world.account(who).person_id
    return world.database.run(lambda s: s.scalars(select(Entry.id).where(Entry.owner_id == person)).one())


def test_a_role_is_looked_up_when_it_is_used(world: World) -> None:
    lead = world.event("1", "Cy", "tap", action="notes.lead", value="x")
    assert words_of(world.handle(lead).reply) == "Kept."
    cy = world.account("Cy").person_id

    def demote(session: Session) -> None:
        session.get_one(Person, cy).role = "member"

    world.database.run(demote)
    assert "isn't something you can do" in words_of(world.handle(replace(lead, key="2")).reply)
    assert world.count(Entry) == 1
    assert world.count(RefusedAttempt) == 1


def test_anothers_record_is_refused_in_the_words_for_one_that_does_not_exist(world: World) -> None:
    entry = entry_of(world, "Ana")
    theirs = words_of(world.handle(world.event("1", "Bo", "tap", action="notes.show", about=entry)).reply)
    nothing = words_of(world.handle(world.event("2", "Bo", "tap", action="notes.show", about=entry + 1000)).reply)
    assert theirs == nothing == NotYours().words
    assert "words of Ana" in words_of(
        world.handle(world.event("3", "Ana", "tap", action="notes.show", about=entry)).reply
    )
    attempts = world.database.run(lambda s: [(a.action, a.about) for a in s.scalars(select(RefusedAttempt))])
    assert attempts == [("notes.show", entry), ("notes.show", entry + 1000)]


@pytest.mark.parametrize("about", [-1, 0, 2**31, 2**63, 10**30])
def test_a_number_that_no_record_can_have_is_refused_like_any_other(world: World, about: int) -> None:
    reply = world.handle(world.event("1", "Bo", "tap", action="notes.show", about=about)).reply
    assert words_of(reply) == NotYours().words
    assert world.count(RefusedAttempt) == 1


def test_a_button_of_an_earlier_version_says_so(world: World) -> None:
    reply = world.handle(world.event("1", "Ana", "tap", action="notes.forgotten", about=1)).reply
    assert "earlier version" in words_of(reply)


def test_a_form_that_is_refused_hands_back_what_was_written(world: World) -> None:
    entry = entry_of(world, "Ana")
    answers = {"words": "Short.", "short": "ok"}
    outcome = world.handle(world.event("1", "Bo", "submit", action="notes.save", about=entry, answers=answers))
    assert isinstance(outcome.reply, Say)
    assert outcome.reply.private
    assert [part.words for part in outcome.reply.message.parts if isinstance(part, Quote)] == ["Short.", "ok"]
    assert world.entries() == ["the words of Ana"]


def test_typed_words_that_are_refused_are_handed_back_where_they_are_seen_nowhere(world: World) -> None:
    in_a_slash_command = world.handle(world.event("1", "Ana", words="refuse these words")).reply
    assert isinstance(in_a_slash_command, Say)
    assert Quote("refuse these words") in in_a_slash_command.message.parts
    message = replace(direct("ana"), message="m1")
    in_a_message = world.handle(world.event("2", "Ana", words="refuse these words", place=message)).reply
    assert isinstance(in_a_message, Say)
    assert not [part for part in in_a_message.message.parts if isinstance(part, Quote)]


def test_what_a_database_cannot_hold_is_left_out_and_the_rest_is_kept(world: World) -> None:
    world.handle(world.event("1", "Ana", words="keep a\0b\ud83d c"))
    assert world.entries() == ["ab? c"]


# -------------------------------------------------------------------------------------------------------- typed answers


def prompted(world: World, who: str = "Ana", about: int = 7) -> str:
    """A prompt stands in somebody's direct chat; the id of its message."""
    row = world.owe(who, about=about)
    world.tick()
    return world.row(row).message


def test_words_in_the_thread_of_a_prompt_answer_it(world: World) -> None:
    message = prompted(world)
    prompted(world, about=8)
    place = replace(direct("ana"), thread=message)
    world.handle(world.event("1", "Ana", words="it was good", place=place))
    assert world.entries() == ["answer to 7: it was good"]


def test_words_that_follow_a_prompt_in_a_direct_chat_answer_it(world: World) -> None:
    prompted(world)
    world.answer(world.event("1", "Ana", words="it was good"))
    assert world.entries() == ["answer to 7: it was good"]


def test_words_are_no_answer_once_something_else_was_said(world: World) -> None:
    prompted(world)
    world.later(seconds=1)
    world.answer(world.event("1", "Ana", words="form"))
    world.later(seconds=1)
    world.answer(world.event("2", "Ana", words="keep one"))
    world.later(seconds=1)
    assert words_of(world.answer(world.event("3", "Ana", words="it was good"))).startswith("What?")
    assert world.entries() == ["one"]


def test_a_prompt_is_answered_once_and_what_follows_is_something_new(world: World) -> None:
    prompted(world)
    world.handle(world.event("1", "Ana", words="it was good"))
    assert words_of(world.handle(world.event("2", "Ana", words="and another thing")).reply).startswith("What?")
    assert world.entries() == ["answer to 7: it was good"]


def test_a_command_is_a_command_even_after_a_prompt(world: World) -> None:
    prompted(world)
    world.handle(world.event("1", "Ana", words="keep one"))
    assert world.entries() == ["one"]


def test_nobody_answers_anothers_prompt(world: World) -> None:
    message = prompted(world)
    world.handle(world.event("1", "Bo", words="I answer for Ana", place=replace(direct("ana"), thread=message)))
    assert not any("answer" in entry for entry in world.entries())


def test_channel_talk_that_is_not_for_the_bot_is_left_alone(world: World) -> None:
    outcome = world.handle(world.event("1", "Ana", words="keep this", place=room("C1"), addressed=False))
    assert isinstance(outcome.reply, Nothing)
    assert world.entries() == []
    assert world.count(Draft) == 0


def test_words_said_to_be_an_answer_are_taken_for_one(world: World) -> None:
    prompted(world)
    world.handle(world.event("0", "Ana", words="keep one"))
    world.later(seconds=1)
    world.answer(world.event("00", "Ana", words="keep two"))
    unclear = world.answer(world.event("1", "Ana", words="it was good"))
    assert isinstance(unclear, Say)
    draft = buttons_of(unclear.message)[0].about
    asked = str(world.rows()[0].id)
    world.handle(world.event("2", "Bo", "tap", action=ANSWERS_TO, about=draft, value=asked))
    world.handle(world.event("3", "Ana", "tap", action=ANSWERS_TO, about=draft, value="9" * 30))
    assert not any("answer" in entry for entry in world.entries())
    world.handle(world.event("4", "Ana", "tap", action=ANSWERS_TO, about=draft, value=asked))
    assert world.entries()[-1] == "answer to 7: it was good"


def test_where_typed_words_cannot_open_a_form_a_button_stands_for_them(world: World) -> None:
    typed = world.event("1", "Ana", words="form", can_open=False)
    reply = world.handle(typed).reply
    assert isinstance(reply, Say)
    [button] = buttons_of(reply.message)
    assert (button.action, button.opens_form) == (TYPED_AGAIN, True)
    tapped = world.handle(world.event("2", "Ana", "tap", action=TYPED_AGAIN, about=button.about)).reply
    assert isinstance(tapped, OpenForm)
    by_another = world.handle(world.event("3", "Bo", "tap", action=TYPED_AGAIN, about=button.about)).reply
    assert words_of(by_another) == NotYours().words


def test_a_card_that_was_replaced_is_known_by_its_new_notice(world: World) -> None:
    entry = entry_of(world, "Ana")
    world.answer(world.event("0", "Ana", words="keep two"))
    message = world.rows()[-1].message
    place = replace(direct("ana"), message=message)
    world.handle(world.event("1", "Ana", "tap", action="notes.show", about=entry, place=place))
    row = world.rows()[-1]
    assert (row.notice, row.about) == ("notes.card", entry)


def test_a_replacement_with_nothing_to_replace_is_said(world: World) -> None:
    entry = entry_of(world, "Ana")
    outcome = world.handle(world.event("1", "Ana", "tap", action="notes.show", about=entry))
    assert isinstance(outcome.reply, Say)
    assert outcome.parcel is not None


# ----------------------------------------------------------------------------------------------------- when it fails


def test_a_failure_is_logged_under_its_code_and_without_a_word(world: World, failing: None) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logging.getLogger().addHandler(handler)
    structlog.configure(
        processors=[structlog.processors.JSONRenderer()], logger_factory=structlog.PrintLoggerFactory(written)
    )
    try:
        with pytest.raises(Failed) as failed:
            world.handle(world.event("1", "Ana", words="fail canary-7f3a"))
    finally:
        structlog.reset_defaults()
        logging.getLogger().removeHandler(handler)
    line = json.loads(written.getvalue().splitlines()[-1])
    assert line["code"] == failed.value.code
    assert line["error"] == "RuntimeError"
    assert line["where"].startswith("tests/foundation.py") or line["where"].startswith("bot/dispatch.py")
    assert "canary" not in written.getvalue()
    assert "canary" not in str(failed.value)


def test_a_place_is_remembered_once(world: World) -> None:
    gate = threading.Barrier(4)

    def speak(number: int) -> None:
        gate.wait(5)
        world.handle(world.event(f"{number}", "Ana", words=f"keep {number}", place=room("C1")))

    at_once(*[lambda number=number: speak(number) for number in range(4)])
    assert world.count(KnownPlace) == 1
    assert world.account("Ana").place_id is None  # a channel is nobody's direct chat


def test_the_answer_to_one_person_in_a_channel_is_for_their_eyes_only(world: World) -> None:
    world.handle(world.event("1", "Ana", words="keep one", place=room("C1")))
    assert [row.private for row in world.rows()] == [True]


def test_an_answer_is_sealed_until_it_is_sent_and_forgotten_then(world: World) -> None:
    outcome = world.handle(world.event("1", "Ana", words="keep one"))
    assert outcome.parcel is not None
    body = world.row(outcome.parcel.row).body
    assert body is not None
    assert b"Kept" not in body
    world.answer(world.event("2", "Ana", words="keep two"))
    assert world.rows()[-1].body is None


def test_events_are_forgotten_after_the_time_that_the_policy_says(world: World) -> None:
    world.handle(world.event("1", "Ana", words="keep one"))
    world.later(days=world.policy.retention.handled_events + 1)
    world.database.run(lambda session: clean_up(session, world.policy, world.now))
    assert world.count(HandledEvent) == 0
    assert world.policy.retention.handled_events >= 7  # Slack may deliver again after six days


def test_nothing_of_the_outbox_is_kept_for_ever(world: World) -> None:
    world.answer(world.event("1", "Ana", words="keep one"))
    world.owe("Ana", at=NOW)

    def stuck(session: Session) -> None:
        session.scalars(select(Owed).where(Owed.notice == "notes.prompt")).one().state = "uncertain"

    world.database.run(stuck)
    world.now += timedelta(days=world.policy.retention.sent_messages + 2)
    world.database.run(lambda session: clean_up(session, world.policy, world.now))
    assert world.rows() == []


def test_an_event_of_a_kind_that_nobody_hears_is_left_alone(world: World) -> None:
    event: Event = world.event("1", "Ana", "home")
    assert isinstance(world.handle(event).reply, Nothing)
