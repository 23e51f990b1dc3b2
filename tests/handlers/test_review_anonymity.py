"""Anonymous means anonymous: what is stored, owed, logged and posted leads from nobody to what they answered."""

import base64
import hashlib
import hmac
import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, text, update

from bot.chat import PUT_AWAY, Button, Event, OpenForm, Replace, Say
from bot.chat.packing import unpack
from bot.console import buttons_of, channel, direct_chat, in_words
from bot.slack.render import messages as slack
from bot.teams.render import cards as teams
from bot.teams.render import forms as teams_forms
from handlers import outcomes
from handlers.outcomes import Answer
from handlers.reviews import rules
from handlers.turn import Turn
from scheduling.cadence import owe_what_recurs
from storage import erasure, reviews
from storage.models import HandledEvent, Owed, Person, Review, ReviewAnswer, ReviewTaken
from storage.numbers import in_steps
from tests.conftest import KEYRING, Chat
from tests.handlers.test_reviews import (
    CANARY,
    TEAM,
    answer,
    close_early,
    every_value,
    given,
    in_the_channel,
    review,
    start,
)


def key_of(chat: Chat, who: str) -> str:
    """The key that somebody's own card holds, as their platform shows it to them."""
    cards = [button for posted in chat.seen(who) for button in buttons_of(posted.message)
             if button.label == "Change my answers"]  # fmt: skip
    return cards[-1].value


def opened(one: ReviewAnswer) -> str:
    return KEYRING.open_for_organisation(one.answers)


def keyed(secret: str, trait: str) -> str:
    """What an attacker makes of the secret and something known of a person."""
    made = hmac.digest(base64.b64decode(secret), trait.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def recurs(chat: Chat) -> None:
    chat.database.run(lambda session: owe_what_recurs(session, chat.registry, chat.policy, KEYRING, chat.now))


# ------------------------------------------------------------------------------------------------- the key to one's own


def test_the_card_with_the_key_comes_to_the_direct_chat_and_says_nothing_of_the_answer(chat: Chat) -> None:
    start(chat)
    answer(chat, "Amina", 2, CANARY)
    assert "The card that I've sent to our direct chat holds the only key" in chat.last("Amina", in_channel="team")
    assert "Change my answers" not in chat.screen_of("Amina", in_channel="team")
    assert "This card holds the only key to your answers" in chat.last("Amina")
    assert CANARY not in chat.screen_of("Amina") + chat.screen_of("Amina", in_channel="team")
    assert len(key_of(chat, "Amina")) == 32


def test_who_has_answered_is_shown_the_way_to_the_card_with_the_key_in_place_of_another_form(chat: Chat) -> None:
    start(chat)
    chat.say("Amina", "review")
    assert "Answer by typing" in chat.last("Amina")
    chat.press("Amina", "Answer")
    chat.submit("Amina", words_purpose=CANARY)
    assert "The card below holds the only key" in chat.screen_of("Amina")
    chat.say("Amina", "review")
    assert "You have answered" in chat.last("Amina")
    assert "use the card that I sent to our direct chat" in chat.last("Amina")
    assert "Answer by typing" not in chat.last("Amina")
    chat.say("Ben", "review")
    assert "Answer by typing" in chat.last("Ben")


def test_without_the_key_nobody_answers_twice_and_what_was_typed_is_handed_back(chat: Chat) -> None:
    start(chat)
    chat.press("Amina", "Answer", in_channel="team")
    first = chat.form("Amina")
    chat.submit("Amina", words_purpose="first")
    told = chat.press("Amina", "Answer", in_channel="team")
    assert isinstance(told, Say)
    assert "You have answered this review, and it counts" in chat.last("Amina", in_channel="team")
    chat.visitor("Amina").form = first  # it was still open on her telephone
    chat.submit("Amina", words_purpose="a second time, with other words")
    assert "the only key to your answers" in chat.last("Amina", in_channel="team")
    assert "a second time, with other words" in chat.last("Amina", in_channel="team")
    assert [outcomes.unpacked(opened(one))["purpose"].words for one in given(chat)] == ["first"]


def test_the_key_opens_ones_own_answers_and_no_others(chat: Chat) -> None:
    start(chat)
    answer(chat, "Amina", 2, "hers")
    answer(chat, "Ben", 4, "his")
    about, key = review(chat).id, key_of(chat, "Amina")
    assert key != key_of(chat, "Ben")
    shown = chat.tap("Amina", "reviews.open", about, key)
    assert isinstance(shown, OpenForm)
    assert shown.form.fields[0].value == "hers"
    chat.submit("Amina", words_purpose="hers, again")
    assert sorted(outcomes.unpacked(opened(one))["purpose"].words for one in given(chat)) == ["hers, again", "his"]
    for forged in ("nonsense", key[:-1], key.swapcase(), "x" * 400):
        assert isinstance(chat.tap("Amina", "reviews.open", about, forged), Say)
    assert "hers, again" not in chat.screen_of("Amina")


def test_a_key_of_another_review_opens_nothing(chat: Chat) -> None:
    start(chat)
    answer(chat, "Amina", 2, "the first review")
    key = key_of(chat, "Amina")
    close_early(chat)
    start(chat, title="The next one")
    assert isinstance(chat.tap("Amina", "reviews.open", review(chat).id, key), Say)
    answer(chat, "Amina", 3, "the next review")
    assert key_of(chat, "Amina") != key


def test_a_form_that_was_put_away_gives_the_card_with_its_key_back(chat: Chat) -> None:
    start(chat)
    answer(chat, "Amina", 2, CANARY)
    card, key = chat.seen("Amina")[-1], key_of(chat, "Amina")
    shown = chat.press("Amina", "Change my answers")
    assert isinstance(shown, OpenForm)
    way_out = next(
        one["data"]["learnbot"] for part in teams_forms.form_card(shown.form)["body"] for one in part.get("actions", ())
        if one["title"] == "Never mind"
    )  # fmt: skip
    button = Button("Never mind", way_out["action"], way_out["about"], way_out["value"])
    assert button.action == PUT_AWAY
    reply = chat.run(chat.visitor("Amina").tap(button, replace(direct_chat(chat.email("Amina")), message=card.id)))
    assert isinstance(reply, Replace)
    assert key_of(chat, "Amina") == key
    forged = replace(button, value="nonsense")
    reply = chat.run(chat.visitor("Amina").tap(forged, replace(direct_chat(chat.email("Amina")), message=card.id)))
    assert "Change my answers" not in in_words(reply.message)


# ---------------------------------------------------------------------------------- the database, with and without keys


def test_whoever_has_the_database_and_every_key_cannot_tell_whose_an_answer_is(chat: Chat) -> None:
    """The operator's own attack: everything that can be opened is opened, and everything that can be made is made."""
    for who in TEAM:
        chat.say(who, "hello")
    start(chat)
    for number, who in enumerate(TEAM):
        answer(chat, who, number % 5 + 1, f"{CANARY}, says number {number}")
    secret = KEYRING.open_for_organisation(review(chat).secret)
    everything = every_value(chat.database)
    assert not [value for value in everything["outbox", "body"] if value is not None], (
        "the cards are on their way still"
    )
    texts = {str(value) for values in everything.values() for value in values if not isinstance(value, bytes)}
    traits = [
        str(trait) for who in TEAM for trait in (chat.person(who).id, chat.person(who).email, chat.person(who).name)
    ]
    keys = {person.name: key_of(chat, person.name.split()[0]) for person in map(chat.person, TEAM)}
    marks = {one.mark for one in given(chat)}
    about = review(chat).id
    # what somebody could make of what is stored
    made = {rules.mark_of_key(about, value) for value in texts | set(traits) | {secret}}
    for trait in traits:
        made |= {KEYRING.mark(trait), hashlib.sha256(trait.encode()).hexdigest()}
        made |= {rules.mark_of_key(about, KEYRING.mark(trait)), keyed(secret, trait)}
    for who in TEAM:
        number = chat.person(who).id
        made |= {rules.mark(secret, number), rules.mark_of_having_answered(secret, number)}
        made |= {rules.mark_of_key(about, rules.mark_of_having_answered(secret, number))}
        made |= {rules.mark_of_key(about, rules.mark(secret, number)), rules.name_of_card(secret, number)}
        made |= {rules.mark_of_key(about, rules.name_of_card(secret, number)[4:])}
    assert not made & marks
    # only the keys on people's own screens open them, and no table holds one
    assert {rules.mark_of_key(about, key) for key in keys.values()} == marks
    assert not any(key in value for key in keys.values() for value in texts)
    assert not any(key.encode() in value for key in keys.values()
                   for values in everything.values() for value in values if isinstance(value, bytes))  # fmt: skip


def test_who_has_answered_is_kept_apart_from_what_was_answered(chat: Chat) -> None:
    start(chat)
    for who in TEAM[:3]:
        answer(chat, who, 3, who)
    taken = chat.rows(select(ReviewTaken))
    assert {column.name for column in ReviewTaken.__table__.columns} == {"id", "review_id", "mark"}
    assert {column.name for column in ReviewAnswer.__table__.columns} == {
        "id", "review_id", "mark", "answers", "person_id",
    }  # fmt: skip
    secret = KEYRING.open_for_organisation(review(chat).secret)
    assert {one.mark for one in taken} == {
        rules.mark_of_having_answered(secret, chat.person(who).id) for who in TEAM[:3]
    }
    assert not {one.mark for one in taken} & {one.mark for one in given(chat)}
    assert not {one.id for one in taken} & {one.id for one in given(chat)}


def in_the_file(chat: Chat, table: str, column: str) -> list[Any]:
    """What a column holds, in the order in which the rows lie there."""
    order = "rowid" if chat.database.sqlite else "ctid"
    return chat.database.run(
        lambda session: [row[0] for row in session.execute(text(f"SELECT {column} FROM {table} ORDER BY {order}"))]
    )


def test_every_hour_the_places_of_rows_are_drawn_again_so_that_neighbours_say_nothing(chat: Chat) -> None:
    start(chat)
    for number, who in enumerate(TEAM):
        answer(chat, who, 3, f"number {number}")
    before = {one.id: one for one in given(chat)}
    keys = {who: key_of(chat, who) for who in TEAM}
    orders = set[tuple[str, ...]]()
    for _ in range(12):
        recurs(chat)
        orders.add(tuple(in_the_file(chat, "review_answer", "mark")))
        orders.add(tuple(in_the_file(chat, "review_taken", "mark")))
    assert len(orders) > 12
    after = given(chat)
    assert not {one.id for one in after} & set(before)
    assert not {one.answers for one in after} & {one.answers for one in before.values()}
    assert {one.mark for one in after} == {one.mark for one in before.values()}
    if not chat.database.sqlite:
        both = {
            row[0]
            for table in ("review_answer", "review_taken")
            for row in chat.database.run(
                lambda session, t=table: session.execute(text(f"SELECT xmin::text FROM {t}")).all()
            )
        }
        assert len(both) == 1  # one transaction wrote all of them
    for number, who in enumerate(TEAM):  # and everybody can still change theirs
        shown = chat.tap(who, "reviews.open", review(chat).id, keys[who])
        assert isinstance(shown, OpenForm)
        assert shown.form.fields[0].value == f"number {number}"
        assert isinstance(chat.press(who, "Answer", in_channel="team"), Say)


def test_reminders_know_that_somebody_answered_and_nothing_else(chat: Chat) -> None:
    for who in TEAM:
        chat.say(who, "hello")
    start(chat)
    answer(chat, "Amina", 3)
    recurs(chat)
    chat.wait_until(datetime(2026, 3, 9, 9, 30, tzinfo=UTC))
    assert "half-way" not in chat.screen_of("Amina")
    assert "half-way" in chat.screen_of("Ben")


def test_a_card_that_could_not_be_sent_by_the_closing_is_destroyed(chat: Chat) -> None:
    start(chat)
    chat.say("Amina", "hello")
    event = Event("kept", chat.visitor("Amina").account, channel("team"), "submit", "reviews.answer", review(chat).id,
                  answers={"words_purpose": CANARY})  # fmt: skip
    chat.dispatcher.handle(event, chat.now)
    (card,) = [row for row in chat.rows(select(Owed)) if row.key.startswith("say/") and row.state == "due"]
    held = unpack(KEYRING.open_for_organisation(card.body))
    assert "Change my answers" in in_words(held)
    closing = Event("close", chat.visitor("Ola").account, channel("team"), "tap", "reviews.closed", review(chat).id)
    chat.dispatcher.handle(closing, chat.now)
    assert not [row for row in chat.rows(select(Owed)) if row.key == card.key]


def test_cancelling_leaves_neither_answers_nor_who_gave_one(chat: Chat) -> None:
    start(chat)
    answer(chat, "Amina", 3, CANARY)
    chat.press("Ola", "Cancel it")
    chat.press("Ola", "Cancel it and destroy")
    assert given(chat) == []
    assert chat.rows(select(ReviewTaken)) == []
    chat.press("Amina", "Change my answers")
    assert "was cancelled" in chat.last("Amina")


# ----------------------------------------------------------------------------- rows that an earlier version has written


@pytest.fixture
def upgraded(chat: Chat) -> Chat:
    """A review that was open when the bot was upgraded: Amina's answer carries a mark made of her number."""
    start(chat)
    found = review(chat)
    secret = KEYRING.open_for_organisation(found.secret)
    written = json.dumps({"purpose": {"rating": 2, "words": "before the upgrade"}}).ljust(2048)
    mark = rules.mark(secret, chat.person("Amina").id)
    chat.database.run(
        lambda session: reviews.keep(session, found.id, mark, KEYRING.seal_for_organisation(written), person_id=None)
    )
    chat.database.run(lambda session: session.execute(update(Review).values(questions="")))
    return chat


def test_an_answer_of_an_earlier_version_is_changed_once_without_a_key_and_then_has_one(upgraded: Chat) -> None:
    recurs(upgraded)
    shown = upgraded.press("Amina", "Answer", in_channel="team")
    assert isinstance(shown, OpenForm)
    assert shown.form.fields[0].value == "before the upgrade"
    upgraded.submit("Amina", words_purpose="after the upgrade")
    assert [outcomes.unpacked(opened(one))["purpose"].words for one in given(upgraded)] == ["after the upgrade"]
    assert given(upgraded)[0].mark == rules.mark_of_key(review(upgraded).id, key_of(upgraded, "Amina"))
    assert isinstance(upgraded.press("Amina", "Answer", in_channel="team"), Say)


def test_whoever_answered_an_earlier_version_is_not_reminded(upgraded: Chat) -> None:
    for who in ("Amina", "Ben"):
        upgraded.say(who, "hello")
    upgraded.wait_until(datetime(2026, 3, 9, 9, 30, tzinfo=UTC))
    assert "half-way" not in upgraded.screen_of("Amina")
    assert "half-way" in upgraded.screen_of("Ben")


# ------------------------------------------------------------------------------------- what is shown, posted and logged


def test_the_card_counts_in_steps_and_does_not_change_in_between(chat: Chat) -> None:
    start(chat, guests="Farid, Grace, Cora")
    shown: list[str] = []
    changes: list[int] = []
    for who in (*TEAM, "Farid", "Grace", "Cora"):
        answer(chat, who, 3)
        chat.wait(seconds=6)
        recurs(chat)
        shown.append(in_the_channel(chat).split("disciplin")[1].splitlines()[1])
        changes.append(len(chat.rows(select(Owed).where(Owed.changes.is_not(None), Owed.sent_at.is_not(None),
                                                        Owed.notice == "reviews.card"))))  # fmt: skip
    assert shown == ["Fewer than 5 of 9 have answered so far."] * 4 + ["At least 5 of 9 have answered."] * 5
    assert changes == [0] * 4 + [1] * 5


def test_a_step_that_two_answers_reach_at_the_same_moment_is_told_by_the_next_hour(chat: Chat) -> None:
    start(chat)
    for who in TEAM[:4]:
        answer(chat, who, 3)
    sealed = KEYRING.seal_for_organisation(outcomes.packed({"purpose": Answer(3)}))
    about = review(chat).id
    chat.database.run(lambda session: reviews.keep(session, about, "a fifth, unseen", sealed, person_id=None))
    assert "Fewer than 5" in in_the_channel(chat)
    chat.wait(hours=1)
    assert "At least 5" in in_the_channel(chat)


@pytest.mark.parametrize(("answered", "step"), [(0, 0), (4, 0), (5, 5), (9, 5), (10, 10), (12, 10), (101, 100)])
def test_the_steps(answered: int, step: int) -> None:
    assert in_steps(answered) == step


def test_no_message_anywhere_carries_a_name_with_an_answer_on_any_platform(chat: Chat) -> None:
    for who in TEAM:
        chat.say(who, "hello")
    start(chat)
    for number, who in enumerate(TEAM):
        answer(chat, who, 3, f"{CANARY} {number}")
    close_early(chat)
    people = [trait for who in TEAM for trait in (chat.person(who).name, chat.email(who))]
    places = {posted.id: posted.message for who in (*TEAM, "Farid", "Cora") for posted in chat.seen(who)}
    places |= {posted.id: posted.message for posted in chat.seen("Farid", in_channel="team")}
    told = 0
    for message in places.values():
        shown = (
            in_words(message), json.dumps(slack.message(message)), json.dumps(teams.card(message, direct=True)),
            json.dumps(teams.card(message, direct=False)),
        )  # fmt: skip
        for drawn in shown:
            if CANARY in drawn:
                told += 1
                assert not any(trait in drawn for trait in people)
    assert told == 4  # the words, in the channel, however they are drawn
    for row in chat.rows(select(Owed)):
        assert CANARY not in f"{row.key} {row.notice} {row.reason} {row.awaits}"
        assert row.body is None


def test_an_answers_words_are_in_no_key_of_an_event_and_in_no_log(chat: Chat, capfd: Any, caplog: Any) -> None:
    caplog.set_level("DEBUG")
    start(chat)
    for number, who in enumerate(TEAM):
        answer(chat, who, 3, f"{CANARY} {number}")
    keys = {who: key_of(chat, who) for who in TEAM}
    chat.press("Amina", "Change my answers")
    chat.submit("Amina", words_purpose=f"{CANARY}, changed")
    recurs(chat)
    close_early(chat)
    out, err = capfd.readouterr()
    said = (
        out + err + caplog.text + " ".join(chat.rows(select(HandledEvent.key))) + " ".join(chat.rows(select(Owed.key)))
    )
    assert CANARY not in said
    assert not any(key in said for key in keys.values())


def test_what_came_of_it_is_shown_in_no_order_of_arrival(chat: Chat) -> None:
    start(chat)
    for number, who in enumerate(TEAM):
        answer(chat, who, 3, f"number {number}", words_work=f"number {number}", words_effect=f"number {number}")
    recurs(chat)
    close_early(chat)
    about = review(chat).id
    shown = chat.database.run(
        lambda session: outcomes.results_of(turn_of(chat, session), session.get_one(Review, about))
    )
    orders = {tuple(words for words, _ in result.words) for result in shown if result.words}
    assert len(orders) > 1  # each question has one of its own
    arrived = tuple(f"number {number}" for number in range(6))
    assert sum(order == arrived for order in orders) < 2  # by lot it may be one of them, once in 720


def turn_of(chat: Chat, session: Any) -> Any:
    return Turn(session, chat.now, chat.policy, KEYRING)


def erase(chat: Chat, who: str) -> None:
    number = chat.person(who).id
    chat.database.run(lambda session: erasure.erase(session, session.get_one(Person, number), chat.now))


def test_extending_and_erasing_show_nothing_more_than_before(chat: Chat) -> None:
    start(chat)
    for number, who in enumerate(TEAM[:5]):
        answer(chat, who, number + 1, f"number {number}")
    chat.wait(seconds=6)
    before = in_the_channel(chat)
    chat.press("Ola", "Keep it open longer")
    chat.submit("Ola", closes_on="2026-03-23")
    assert in_the_channel(chat).replace("23 Mar", "16 Mar") == before
    answer(chat, "Eve", 5, "number 5")
    chat.wait(seconds=6)
    assert in_the_channel(chat).replace("23 Mar", "16 Mar") == before  # six are still “at least five”
    close_early(chat)
    summary = in_words(chat.seen("Ola", in_channel="team")[-2].message)
    about = review(chat).id
    erase(chat, "Eve")
    after = chat.database.run(
        lambda session: outcomes.results_of(turn_of(chat, session), session.get_one(Review, about))
    )
    assert [len(result.ratings) for result in after] == [6, 0, 0, 0, 0, 0]  # the same as everybody has seen
    assert "6" in summary


def test_a_person_who_is_erased_while_it_is_open_leaves_an_answer_that_nobody_finds(chat: Chat) -> None:
    start(chat)
    answer(chat, "Eve", 5, "mine")
    erase(chat, "Eve")
    assert [outcomes.unpacked(opened(one))["purpose"].words for one in given(chat)] == ["mine"]
    recurs(chat)
    close_early(chat)
    assert "1 of 5 in Children's Services answered" in in_the_channel(chat)


def test_a_changed_answer_looks_like_any_other(chat: Chat) -> None:
    start(chat)
    for who in TEAM:
        answer(chat, who, 3, who)
    lengths = {len(one.answers) for one in given(chat)}
    chat.press("Amina", "Change my answers")
    chat.submit("Amina", words_purpose="x " * 400)
    assert {len(one.answers) for one in given(chat)} == lengths
    assert len({one.person_id for one in given(chat)}) == 1


def test_names_of_cards_tell_nobody_without_the_secret() -> None:
    secrets = [rules.new_secret() for _ in range(2)]
    names = {rules.name_of_card(secret, number) for secret, number in itertools.product(secrets, range(50))}
    assert len(names) == 100
    assert all(name.startswith("say/") for name in names)
