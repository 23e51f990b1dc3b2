"""Once a year: a look at every open target of a learning plan, asked for once, put off or declined at will."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import delete, select

from bot.chat import Quote
from bot.console import buttons_of
from bot.policy import BUNDLED, Policy, PolicyError, load
from storage.models import Look, Owed, PlanReview, Target
from tests.conftest import KEYRING, Chat

FIRST_OF_JUNE = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
ASKED = "Once a year: a look at your learning plan"


def planned(chat: Chat, *typed: str) -> list[Target]:
    """Amina has these targets; it is the last of May."""
    chat.say("Amina", "hello")
    for one in typed or ("run the moderation", "visit three schools"):
        chat.say("Amina", f"target: {one}")
    chat.now = datetime(2026, 5, 31, 12, 0, tzinfo=UTC)
    return of(chat)


def of(chat: Chat) -> list[Target]:
    return chat.rows(select(Target).order_by(Target.id))


def review(chat: Chat) -> PlanReview:
    (found,) = chat.rows(select(PlanReview))
    return found


def kept(chat: Chat) -> dict[str, Any]:
    amina, sealed = chat.person("Amina"), review(chat).answers
    assert sealed is not None
    return json.loads(KEYRING.open(amina.id, amina.key, sealed))


def fill(chat: Chat, **answers: str) -> None:
    form = chat.form("Amina")
    chat.submit("Amina", **{**{field.name: field.value for field in form.fields}, **answers})


def asked(chat: Chat) -> int:
    """How often Amina was sent the question."""
    return len(chat.rows(select(Owed).where(Owed.notice.in_(("targets.review", "targets.review_card")),
                                            Owed.changes.is_(None), Owed.state == "sent",
                                            Owed.key.startswith("targets.review/"))))  # fmt: skip


def test_it_is_asked_once_from_the_day_of_the_policy_and_says_why(chat: Chat) -> None:
    planned(chat)
    chat.wait_until(datetime(2026, 6, 1, 8, 29, tzinfo=UTC))
    assert ASKED not in chat.screen_of("Amina")
    chat.wait_until(FIRST_OF_JUNE)
    assert f"{ASKED}. You have 2 targets open." in chat.screen_of("Amina")
    assert "I ask once a year, because" in chat.screen_of("Amina")
    chat.wait(days=40)
    assert chat.screen_of("Amina").count(ASKED) == 1


def test_who_has_no_open_target_is_not_asked(chat: Chat) -> None:
    planned(chat, "run the moderation")
    chat.press("Amina", "Undo")
    chat.wait_until(FIRST_OF_JUNE)
    assert ASKED not in chat.screen_of("Amina")
    assert chat.rows(select(PlanReview)) == []


def test_the_form_goes_through_every_open_target(chat: Chat) -> None:
    planned(chat)
    chat.wait_until(FIRST_OF_JUNE)
    chat.press("Amina", "Look at my plan")
    form = chat.form("Amina")
    assert [field.name for field in form.fields] == ["target_1", "target_2", "learned", "next"]
    assert [part.words for part in form.intro if isinstance(part, Quote)] == [
        "run the moderation",
        "visit three schools",
    ]
    fill(chat, target_1="on", target_2="met", learned="Watching others", next="Coaching")
    carried, met = of(chat)
    assert (carried.state, carried.year) == ("open", date(2026, 9, 1))
    assert (met.state, met.year) == ("met", date(2025, 9, 1))
    assert kept(chat) == {
        "learned": "Watching others", "next": "Coaching",
        "targets": [{"id": carried.id, "result": "on"}, {"id": met.id, "result": "met"}],
    }  # fmt: skip
    shown = chat.screen_of("Amina")
    for said in ("run the moderation: Carried on", "visit three schools: Met", "Watching others", "Coaching"):
        assert said in shown
    chat.wait(days=40)
    assert asked(chat) == 1


def test_it_asks_how_effective_the_development_was_where_something_ended(chat: Chat) -> None:
    planned(chat)
    chat.say("Amina", "review my plan")
    fill(chat, target_2="partly")
    chat.press("Amina", "How effective was it?")
    assert chat.form("Amina").fields[0].value == "partly"
    fill(chat, rating="2", why="One visit was enough")
    assert "2 of 5" in chat.screen_of("Amina")


def test_what_is_left_empty_stays_as_it_is_and_all_empty_is_asked_back(chat: Chat) -> None:
    planned(chat)
    chat.say("Amina", "look at my plan")
    fill(chat)
    assert "choose something above" in chat.problems("Amina")["learned"]
    fill(chat, learned="Watching others")
    assert [(one.state, one.year) for one in of(chat)] == [("open", date(2025, 9, 1))] * 2


def test_it_can_be_changed_and_what_was_said_is_still_there(chat: Chat) -> None:
    planned(chat)
    chat.say("Amina", "plan review")
    fill(chat, target_1="met", learned="Watching others")
    chat.press("Amina", "Change it")
    form = chat.form("Amina")
    assert [field.name for field in form.fields] == ["target_1", "learned", "next"]
    assert form.fields[1].value == "Watching others"
    fill(chat, target_1="dropped")
    assert {one["result"] for one in kept(chat)["targets"]} == {"met", "dropped"}


def test_before_the_day_a_target_that_is_carried_on_stays_in_this_years_plan(chat: Chat) -> None:
    chat.say("Amina", "target: run the moderation")
    chat.say("Amina", "review my plan")
    fill(chat, target_1="on")
    assert of(chat)[0].year == date(2025, 9, 1)


def test_put_off_it_is_asked_once_more_and_declined_never(chat: Chat) -> None:
    planned(chat)
    chat.wait_until(FIRST_OF_JUNE)
    chat.press("Amina", "Ask me in two weeks")
    assert "I’ll ask again on Mon 15 Jun" in chat.screen_of("Amina")
    chat.wait_until(datetime(2026, 6, 15, 12, 0, tzinfo=UTC))
    assert asked(chat) == 2
    chat.press("Amina", "Not this year")
    assert "I don’t ask again" in chat.screen_of("Amina")
    assert review(chat).state == "declined"
    chat.wait(days=30)
    assert asked(chat) == 2


def test_declined_it_can_be_done_after_all(chat: Chat) -> None:
    planned(chat)
    chat.wait_until(FIRST_OF_JUNE)
    chat.press("Amina", "Not this year")
    chat.press("Amina", "Look at my plan after all")
    fill(chat, target_1="met")
    assert review(chat).state == "written"


def test_on_leave_it_waits_for_the_first_morning_back(chat: Chat) -> None:
    planned(chat)
    chat.say("Amina", "I'm away 1–5 June")
    chat.wait_until(datetime(2026, 6, 8, 8, 29, tzinfo=UTC))
    assert ASKED not in chat.screen_of("Amina")
    chat.wait_until(datetime(2026, 6, 8, 12, 0, tzinfo=UTC))
    assert ASKED in chat.screen_of("Amina")


def test_put_off_into_a_pause_it_waits_for_the_end_of_that(chat: Chat) -> None:
    planned(chat)
    chat.wait_until(FIRST_OF_JUNE)
    chat.press("Amina", "Ask me in two weeks")
    chat.say("Amina", "pause until 29 June")
    chat.wait_until(datetime(2026, 6, 28, 12, 0, tzinfo=UTC))
    assert asked(chat) == 1
    chat.wait_until(datetime(2026, 6, 29, 12, 0, tzinfo=UTC))
    assert asked(chat) == 2


def test_it_is_not_asked_again_when_the_sent_messages_are_gone(chat: Chat) -> None:
    planned(chat)
    chat.wait_until(FIRST_OF_JUNE)
    chat.database.run(lambda session: session.execute(delete(Owed).where(Owed.notice == "targets.review")))
    chat.wait(days=30)
    assert chat.screen_of("Amina").count(ASKED) == 1


def test_nobody_else_sees_or_answers_it(chat: Chat) -> None:
    targets = planned(chat)
    chat.say("Amina", "review my plan")
    fill(chat, learned="Watching others")
    for who in ("Ben", "Ola"):
        chat.say(who, "hello")
        for action in ("targets.review_later", "targets.no_review"):
            chat.tap(who, action, review(chat).id)
        chat.say(who, "review my plan")
        form = chat.form(who)
        assert [field.name for field in form.fields] == ["learned", "next"]
        assert "Watching" not in repr(form)
    assert review(chat).state == "written"
    assert chat.rows(select(Look)) == []
    assert targets[0].state == "open"


def test_a_form_that_names_anothers_target_is_refused(chat: Chat) -> None:
    targets = planned(chat)
    chat.say("Ben", "review my plan")
    visitor = chat.visitor("Ben")
    visitor.form = replace(chat.form("Ben"), value=f"2025-09-01:{targets[0].id}")
    chat.submit("Ben", target_1="dropped", learned="mine")
    assert "can't find that any more" in chat.last("Ben")
    assert of(chat)[0].state == "open"


def test_more_than_six_targets_leave_the_rest_open(chat: Chat) -> None:
    planned(chat, *(f"visit school {number}" for number in range(8)))
    chat.say("Amina", "review my plan")
    assert len([field for field in chat.form("Amina").fields if field.kind == "choice"]) == 6
    fill(chat, **{f"target_{number}": "dropped" for number in range(1, 7)})
    assert [one.state for one in of(chat)].count("open") == 2


def test_the_buttons_of_the_question(chat: Chat) -> None:
    planned(chat)
    chat.wait_until(FIRST_OF_JUNE)
    question = next(one for one in reversed(chat.seen("Amina")) if ASKED in one.message.summary)
    assert [one.label for one in buttons_of(question.message)] == [
        "Look at my plan", "Ask me in two weeks", "Not this year",
    ]  # fmt: skip


def test_the_day_comes_from_the_policy(policy: Policy, tmp_path: Any) -> None:
    assert policy.plan_reviewed_from(date(2025, 9, 1)) == date(2026, 6, 1)
    autumn = policy.model_copy(
        update={"learning_plan": policy.learning_plan.model_copy(update={"review_from": "10-05"})}
    )
    assert autumn.plan_reviewed_from(date(2025, 9, 1)) == date(2025, 10, 5)
    ours = tmp_path / "ours.toml"
    ours.write_text((BUNDLED / "southampton.toml").read_text().replace('"06-01"\n\n', '"06-31"\n\n'))
    with pytest.raises(PolicyError, match="learning_plan"):
        load(str(ours))
