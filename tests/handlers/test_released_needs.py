"""A need of somebody's own plan counts for the team: its theme alone, from five on, never whose; taken back at will."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.chat import OpenForm
from storage import erasure, people
from storage.models import DevelopmentPlan, Look, Person, ReleasedNeed, Target
from tests.conftest import KEYRING, NOW, Chat, at_once
from tests.planning import YEAR, add, begin, enrol_more, items, plan, propose

CANARY = "a canary about somebody's marriage"
SIX = ("Amina", "Ben", "Chloe", "Dan", "Eve", "More0")


def counts(chat: Chat, who: str, theme: str = "wellbeing") -> None:
    """Somebody names a target and lets its need count."""
    chat.say(who, f"target: read {CANARY} {who}")
    leave_it(chat, who)
    chat.press(who, "Let this need count for our team")
    chat.submit(who, theme=theme)


def leave_it(chat: Chat, who: str) -> None:
    if "[Leave it as it is]" in chat.last(who):
        chat.press(who, "Leave it as it is")


def in_the_draft(chat: Chat) -> str:
    chat.say("Ola", "team plan")
    if "[Begin a draft]" in chat.last("Ola"):
        chat.press("Ola", "Begin a draft")
    chat.tap("Ola", "team_plans.offers", plan(chat).id)
    return chat.last("Ola")


def released(chat: Chat) -> list[ReleasedNeed]:
    return chat.rows(select(ReleasedNeed).order_by(ReleasedNeed.id))


def test_who_lets_a_need_count_sees_first_who_learns_what(chat: Chat) -> None:
    enrol_more(chat, 3)
    chat.say("Amina", f"target: read {CANARY}")
    leave_it(chat, "Amina")
    opened = chat.press("Amina", "Let this need count for our team")
    assert isinstance(opened, OpenForm)
    said = " ".join(one.plain() for one in opened.form.intro if hasattr(one, "plain"))
    assert "Nobody is told that you let this count" in said
    assert "at least 5 people" in said
    assert "so small" not in said
    assert "Wellbeing and mental health" in [option.label for option in opened.form.fields[0].options]
    chat.submit("Amina", theme="wellbeing")
    assert "It counts for your team’s plan as “Wellbeing and mental health”" in chat.last("Amina")
    chat.press("Amina", "Don’t let it count any more")
    assert released(chat) == []
    assert "It counts for" not in chat.last("Amina")


def test_in_a_small_team_it_is_said_that_no_theme_is_shown(chat: Chat) -> None:
    chat.say("Amina", f"target: read {CANARY}")
    leave_it(chat, "Amina")
    opened = chat.press("Amina", "Let this need count for our team")
    assert isinstance(opened, OpenForm)
    assert "so small" in opened.form.intro[-1].plain()  # type: ignore[union-attr]


def test_a_theme_that_five_named_is_offered_and_nobody_learns_whose_it_was(chat: Chat) -> None:
    enrol_more(chat, 3)
    for who in SIX:
        counts(chat, who)
    counts(chat, "More1", "digital")
    counts(chat, "Ola", "digital")
    offered = in_the_draft(chat)
    assert "From individual plans" in offered
    assert "Wellbeing and mental health (at least 5 people)" in offered
    assert "Digital" not in offered
    chat.press("Ola", "Choose what goes in")
    chat.submit("Ola", individual="wellbeing")
    (item,) = items(chat)
    assert (item.source, item.theme) == ("individual", "wellbeing")
    chat.say("Ola", "team plan", in_channel="team")
    propose(chat)
    for seen in (chat.screen_of("Farid", in_channel="team"), chat.screen_of("Ola")):
        assert "from individual plans of at least 5 people" in seen
        for who in SIX:
            assert f"{CANARY} {who}" not in seen
            assert chat.person(who).name not in seen
    assert chat.rows(select(Look)) == []  # nothing of anybody's was opened


@pytest.mark.parametrize("then", ["release", "take_back", "join", "leave"])
def test_what_happens_after_the_draft_was_begun_shows_in_nothing(chat: Chat, then: str) -> None:
    """Two looks with one change between them would say whose it was."""
    enrol_more(chat, 3)
    named = 4 if then in ("release", "join") else 5
    for who in SIX[:named]:
        counts(chat, who)
    before = in_the_draft(chat)
    assert ("Wellbeing" in before) == (named == 5)
    match then:
        case "release":
            counts(chat, "Eve")
        case "take_back":
            chat.press("Eve", "Don’t let it count any more")
        case "join":
            team = chat.person("Ola").team_id
            counts(chat, "Grace")
            chat.database.run(lambda session: session.execute(
                update(Person).where(Person.email == "grace@example.org").values(team_id=team)))  # fmt: skip
        case _:
            chat.database.run(lambda session: session.execute(
                update(Person).where(Person.email == "eve@example.org").values(left_at=NOW)))  # fmt: skip
    assert in_the_draft(chat) == before
    chat.tap("Ola", "team_plans.begin", chat.person("Ola").team_id)  # no second counting
    assert in_the_draft(chat) == before
    assert len(chat.rows(select(DevelopmentPlan))) == 1


def test_it_goes_with_the_target_and_with_its_owner(chat: Chat) -> None:
    counts(chat, "Amina")
    counts(chat, "Ben")
    assert len(released(chat)) == 2
    amina, ben = chat.person("Amina").id, chat.person("Ben").id
    number = chat.rows(select(Target.id).where(Target.owner_id == amina))[0]
    chat.tap("Amina", "targets.undo", number)
    assert [one.owner_id for one in released(chat)] == [ben]

    def erase(session: Session) -> None:
        person = people.by_email(session, "ben@example.org")
        assert person is not None
        erasure.erase(session, person, chat.now)

    chat.database.run(erase)
    assert released(chat) == []


@pytest.mark.parametrize("who", ["Ben", "Ola", "Cora", "Grace"])
def test_nobody_else_lets_it_count_or_takes_it_back(chat: Chat, who: str) -> None:
    counts(chat, "Amina")
    number = released(chat)[0].target_id
    for action in ("count", "uncount"):
        chat.tap(who, f"targets.{action}", number)
    chat.tap(who, "targets.counted", number)
    assert [one.theme for one in released(chat)] == ["wellbeing"]
    assert "Wellbeing" not in chat.screen_of(who)


def test_a_target_that_is_closed_cannot_be_let_count(chat: Chat) -> None:
    chat.say("Amina", f"target: read {CANARY}")
    leave_it(chat, "Amina")
    number = chat.rows(select(Target.id))[0]
    chat.database.run(lambda session: session.execute(update(Target).values(state="met")))
    chat.tap("Amina", "targets.count", number)
    assert "can't count for a team now" in chat.last("Amina")
    assert released(chat) == []


def test_letting_it_count_twice_at_once_counts_it_once(chat: Chat) -> None:
    from bot.chat import Event
    from bot.console import direct_chat

    chat.say("Amina", f"target: read {CANARY}")
    number = chat.rows(select(Target.id))[0]
    amina = chat.visitor("Amina").account
    events = [Event(key, amina, direct_chat(amina.user), "submit", "targets.counted", number,
                    answers={"theme": "digital"}) for key in "abcd"]  # fmt: skip
    at_once(*(lambda one=one: chat.dispatcher.handle(one, NOW) for one in events))
    assert [one.theme for one in released(chat)] == ["digital"]


def test_the_coordinator_sees_themes_of_the_whole_organisation_as_counted_once_a_term(chat: Chat) -> None:
    for who in ("Amina", "Ben", "Chloe", "Farid"):
        counts(chat, who)
    chat.say("Cora", "needs overview")
    assert "No theme was named by so many yet" in chat.last("Cora")
    assert "Counted on Mon 2 Mar 2026 and kept until Tue 10 Mar 2026" in chat.last("Cora")
    counts(chat, "Grace")
    chat.say("Cora", "needs overview")
    assert "No theme was named by so many yet" in chat.last("Cora")
    chat.wait(days=9)
    chat.say("Cora", "needs overview")
    assert "• Wellbeing and mental health" in chat.last("Cora")
    chat.press("Grace", "Don’t let it count any more")
    chat.say("Cora", "needs overview")
    assert "• Wellbeing and mental health" in chat.last("Cora")
    assert CANARY not in chat.screen_of("Cora")
    for who in ("Amina", "Ola"):
        chat.say(who, "needs overview")
        assert "Wellbeing and mental health\n" not in chat.last(who)
        assert "learning plans ask for" not in chat.screen_of(who)


def test_who_is_in_no_team_is_not_offered_to_count(chat: Chat) -> None:
    chat.database.run(lambda session: session.execute(
        update(Person).where(Person.email == "amina@example.org").values(team_id=None)))  # fmt: skip
    chat.say("Amina", f"target: read {CANARY}")
    leave_it(chat, "Amina")
    assert "count for our team" not in chat.last("Amina")


def test_the_words_of_targets_are_in_no_plan(chat: Chat) -> None:
    enrol_more(chat, 3)
    for who in SIX:
        counts(chat, who)
    begin(chat)
    add(chat, "Ours")
    for item in items(chat, YEAR):
        assert CANARY not in KEYRING.open_for_organisation(item.need)
