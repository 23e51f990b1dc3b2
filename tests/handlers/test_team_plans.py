"""A team's plan is drafted from its sources, added to, put in order; and is its lead's alone until it is proposed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.chat import Event, FixAnswers, OpenForm, Quote
from bot.console import channel, direct_chat
from handlers.team_plans import rules
from storage.models import DevelopmentPlan, PlanItem
from tests.conftest import KEYRING, NOW, Chat, at_once
from tests.planning import (
    TEAM,
    add,
    agree_to_it,
    begin,
    found,
    in_the_channel,
    items,
    needs,
    plan,
    propose,
    strategic,
    team_id,
)

# ------------------------------------------------------------------------------------------------------- drafting it


def test_a_plan_goes_from_its_sources_through_the_team_to_how_it_went(chat: Chat) -> None:
    strategic(chat, "A1", "Every child reads well")
    strategic(chat, "B1", "For the others alone", "Inclusion")
    strategic(chat, "R1", "What keeps children in one school?", TEAM, research=True)
    found(chat, "Nobody knows who answers the telephone")
    chat.say("Ola", "team plan", in_channel="team")
    assert "has no development plan for 2025/26 yet" in chat.last("Ola", in_channel="team")
    chat.press("Ola", "Begin a draft", in_channel="team")
    offered = chat.last("Ola", in_channel="team")
    assert "Every child reads well (A1, for all teams)" in offered
    assert "What keeps children in one school? (R1, for this team, a research project)" in offered
    assert "Nobody knows who answers the telephone (Spring review)" in offered
    assert "For the others alone" not in offered
    opened = chat.press("Ola", "Choose what goes in", in_channel="team")
    assert isinstance(opened, OpenForm)
    assert [field.label for field in opened.form.fields] == ["From the strategic plan", "From our review"]
    chosen = {field.name: "\n".join(option.value for option in field.options) for field in opened.form.fields}
    chat.submit("Ola", **chosen)
    assert [item.source for item in items(chat)] == ["strategic", "strategic", "review"]
    chat.say("Ola", "our plan")
    chat.choose("Ola", "3.")
    chat.press("Ola", "Change")
    chat.submit("Ola", who_for="All of us", how="shadowing", criteria="Three rings at most", due="30 April",
                leads=str(chat.person("Amina").id), cost="£1,200.50", theme="communication")  # fmt: skip
    card = chat.last("Ola")
    for said in ("Who for: All of us", "How: Shadowing somebody at work", "How we will know: Three rings at most",
                 "By: Thu 30 Apr 2026", "Leads: Amina Khan", "Cost: £1,200.50", "Theme: Communication and working",
                 "Where it came from: from our review"):  # fmt: skip
        assert said in card
    assert chat.seen("Farid", in_channel="team") == []  # nobody else has seen anything of it
    propose(chat)
    card = in_the_channel(chat)
    assert "do you agree?" in card
    assert (
        "3. Nobody knows who answers the telephone (for All of us · Shadowing somebody at work · by Thu 30 Apr" in card
    )
    assert "Amina Khan leads · £1,200.50 · from our review)" in card
    assert "from the strategic plan, R1, a research project" in card
    chat.press("Amina", "I agree", in_channel="team")
    chat.press("Ben", "I would change something", in_channel="team")
    chat.submit("Ben", words="Number one is for the schools, not for us")
    assert "1 of 6 agree, 1 would change something." in in_the_channel(chat)
    thread = chat.seen("Farid", in_channel="team")[-1].message
    assert thread.parts[-1] == Quote("Number one is for the schools, not for us")
    agree_to_it(chat)
    card = chat.screen_of("Farid", in_channel="team").split("---")[0]
    assert "agreed on Mon 2 Mar 2026. 1 of 6 agree, 1 would change something." in card
    assert "Ben Carter would change this:" in card
    assert "Number one is for the schools" in card
    chat.say("Amina", "team plan")
    chat.press("Amina", "Done")
    assert items(chat)[2].state == "done"
    chat.say("Ola", "team plan")
    chat.press("Ola", "Tell the team")
    assert "Nobody knows who answers the telephone: done" in chat.last("Farid", in_channel="team")


@pytest.mark.parametrize(
    "typed", ["team plan", "Our plan", "our development plan", "show me our team plan", "the team’s development plan."]
)
def test_the_plan_is_asked_for_in_several_ways(chat: Chat, typed: str) -> None:
    chat.say("Amina", typed)
    assert "Ola Lead leads it and can begin one" in chat.last("Amina")


def test_my_own_plan_is_still_my_own(chat: Chat) -> None:
    chat.say("Amina", "my plan")
    assert "learning plan is empty" in chat.last("Amina")


def test_a_draft_is_its_leads_alone(chat: Chat) -> None:
    begin(chat)
    add(chat, "A secret for now")
    for who in ("Amina", "Grace", "Cora"):
        chat.say(who, "team plan")
        assert "A secret" not in chat.screen_of(who)
        item = items(chat)[0]
        for action in (
            "team_plans.see",
            "team_plans.read",
            "team_plans.item",
            "team_plans.change",
            "team_plans.offers",
        ):
            chat.tap(who, action, plan(chat).id if action in ("team_plans.see", "team_plans.read", "team_plans.offers")
                     else item.id)  # fmt: skip
        chat.tap(who, "team_plans.pick", plan(chat).id, str(item.id))
        assert "A secret" not in chat.screen_of(who)
    assert "Ola Lead is working on it. You will be asked" in chat.screen_of("Amina")
    assert "only you" not in chat.screen_of("Amina")


def test_a_lead_who_has_left_is_not_said_to_work_on_the_plan_or_to_begin_one(chat: Chat) -> None:
    chat.has_left("Ola")
    chat.say("Amina", "team plan")
    assert "Nobody leads it just now who could begin one." in chat.last("Amina")
    assert "Ola" not in chat.last("Amina")


def test_the_draft_of_a_lead_who_has_left_rests(chat: Chat) -> None:
    begin(chat)
    chat.has_left("Ola")
    chat.say("Amina", "team plan")
    assert "Nobody leads Children's Services just now, so it rests." in chat.last("Amina")
    assert "Ola" not in chat.last("Amina")


def test_what_was_taken_up_is_offered_no_more_and_comes_back_when_it_is_removed(chat: Chat) -> None:
    strategic(chat, "A1", "Every child reads well")
    begin(chat)
    opened = chat.press("Ola", "Choose what goes in", in_channel="team")
    assert isinstance(opened, OpenForm)
    number = opened.form.fields[0].options[0].value
    chat.submit("Ola", strategic=number)
    again = chat.visitor("Ola")
    again.form = opened.form  # the same form on another screen
    chat.submit("Ola", strategic=number)
    assert needs(chat) == ["Every child reads well"]
    chat.say("Ola", "team plan")
    chat.press("Ola", "What I can offer")
    assert "nothing more that I could offer" in chat.last("Ola")
    chat.press("Ola", "Back to the plan")
    chat.choose("Ola", "1.")
    chat.press("Ola", "Remove")
    assert needs(chat) == ["Every child reads well"]  # asked first
    chat.press("Ola", "Keep it")
    chat.press("Ola", "Remove")
    chat.press("Ola", "Remove it")
    assert needs(chat) == []
    chat.press("Ola", "What I can offer")
    assert "Every child reads well" in chat.last("Ola")


def test_mistakes_in_the_form_are_asked_about_and_nothing_typed_is_lost(chat: Chat) -> None:
    begin(chat)
    chat.say("Ola", "team plan")
    chat.press("Ola", "Add an item")
    fixed = chat.submit("Ola", need="", due="the 31st of February", cost="a lot", who_for="x" * 301)
    assert isinstance(fixed, FixAnswers)
    assert set(fixed.problems) == {"need", "due", "cost", "who_for"}
    assert next(field.value for field in fixed.form.fields if field.name == "cost") == "a lot"
    chat.submit("Ola", need="Something", due="end of June", cost="free", who_for="us")
    (item,) = items(chat)
    assert (item.due_on, item.cost, item.source) == (date(2026, 6, 30), 0, "team")


def test_items_are_put_in_order(chat: Chat) -> None:
    begin(chat)
    for need in ("one", "two", "three"):
        add(chat, need)
    chat.choose("Ola", "3.")
    chat.press("Ola", "Move up")
    assert needs(chat) == ["one", "three", "two"]
    chat.choose("Ola", "1.")
    chat.press("Ola", "Move up")
    assert needs(chat) == ["one", "three", "two"]


def test_a_plan_that_is_full_says_so(chat: Chat) -> None:
    begin(chat)

    def work(session: Session) -> None:
        about = session.scalars(select(DevelopmentPlan.id)).one()
        for number in range(rules.MOST_ITEMS):
            session.add(PlanItem(plan_id=about, source="team", need=KEYRING.seal_for_organisation(f"n{number}"),
                                 made_at=NOW, position=number))  # fmt: skip

    chat.database.run(work)
    strategic(chat, "A1", "One too many")
    chat.say("Ola", "team plan")
    chat.press("Ola", "Add an item")
    assert "twenty items at most" in chat.last("Ola")
    opened = chat.press("Ola", "What I can offer")
    opened = chat.press("Ola", "Choose what goes in")
    assert isinstance(opened, OpenForm)
    assert isinstance(chat.submit("Ola", strategic=opened.form.fields[0].options[0].value), FixAnswers)
    assert len(items(chat)) == rules.MOST_ITEMS


def test_an_item_changed_on_two_screens_is_asked_about_before_one_overwrites_the_other(chat: Chat) -> None:
    begin(chat)
    add(chat, "First words")
    chat.choose("Ola", "1.")
    old = chat.press("Ola", "Change")
    assert isinstance(old, OpenForm)
    chat.wait(minutes=1)
    chat.submit("Ola", need="Second words")
    chat.visitor("Ola").form = old.form
    fixed = chat.submit("Ola", need="Third words")
    assert isinstance(fixed, FixAnswers)
    assert "changed in the meantime" in fixed.problems["need"]
    assert needs(chat) == ["Second words"]
    chat.submit("Ola")
    assert needs(chat) == ["Third words"]


def test_two_plans_begun_at_once_are_one(chat: Chat) -> None:
    chat.say("Ola", "team plan", in_channel="team")
    number = chat.database.run(team_id)
    at_once(*(lambda key=key: chat.dispatcher.handle(_begun(chat, number, key), NOW) for key in "abcd"))
    assert len(chat.rows(select(DevelopmentPlan))) == 1


def _begun(chat: Chat, number: int, key: str) -> Event:
    return Event(f"k{key}", chat.visitor("Ola").account, replace(channel("team"), message="m"), "tap",
                 "team_plans.begin", number)  # fmt: skip


def submitted(chat: Chat, key: str, action: str, about: int, value: str = "", **answers: str) -> Event:
    ola = chat.visitor("Ola").account
    return Event(key, ola, direct_chat(ola.user), "submit", action, about, value, answers=answers)


def test_of_two_changes_sent_at_once_one_is_kept_and_the_other_asked_about(chat: Chat) -> None:
    begin(chat)
    add(chat, "First words")
    chat.choose("Ola", "1.")
    opened = chat.press("Ola", "Change")
    assert isinstance(opened, OpenForm)
    item, seen = items(chat)[0].id, opened.form.value
    later = NOW + timedelta(minutes=1)
    replies = at_once(
        *(
            lambda need=need: chat.dispatcher.handle(
                submitted(chat, need, "team_plans.changed", item, seen, need=need), later
            )
            for need in ("One way", "Another way")
        )
    )
    kept = [type(outcome.reply) for outcome in replies]
    assert sorted(kind is FixAnswers for kind in kept) == [False, True]
    assert needs(chat) == [("One way", "Another way")[kept.index(FixAnswers) ^ 1]]


def test_what_is_put_in_at_once_is_all_there_once_and_in_an_order(chat: Chat) -> None:
    strategic(chat, "A1", "Every child reads well")
    begin(chat)
    about = plan(chat).id
    added = [submitted(chat, f"a{n}", "team_plans.added", about, need=f"need {n}") for n in range(3)]
    taken = [submitted(chat, f"t{n}", "team_plans.taken_up", about, strategic="1") for n in range(3)]
    at_once(*(lambda one=one: chat.dispatcher.handle(one, NOW) for one in (*added, *taken)))
    assert sorted(needs(chat)) == ["Every child reads well", "need 0", "need 1", "need 2"]
    assert sorted(item.position for item in items(chat)) == [1, 2, 3, 4]
