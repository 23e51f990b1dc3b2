"""A team's plan in its channel: exactly what was shown, answered by name, revised, agreed; others are refused."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.chat import Event, FixAnswers, OpenForm, Quote, plain
from bot.console import buttons_of, channel
from bot.slack.render import messages as slack
from bot.slack.render.limits import Limit
from bot.teams.render import cards as teams
from handlers.team_plans import rules
from storage import erasure, people
from storage.models import KnownPlace, Look, Owed, Person, PlanItem, PlanVoice, RefusedAttempt, Review, Team
from tests.conftest import KEYRING, NOW, Chat, at_once
from tests.planning import add, agree_to_it, agreed, begin, found, in_the_channel, items, plan, propose, proposed

MARKUP = "<!channel> <@U1> [HR](https://evil.example) **bold** {name} <at>all</at> `code`"


def objects(chat: Chat, who: str, words: str) -> None:
    chat.press(who, "I would change something", in_channel="team")
    chat.submit(who, words=words)


def thread(chat: Chat) -> list[str]:
    """What stands in the channel besides the card, as somebody sees it who is not even in the team."""
    return [plain(posted.message) for posted in chat.seen("Farid", in_channel="team")[1:]]


def test_the_team_sees_exactly_what_its_lead_was_shown(chat: Chat) -> None:
    begin(chat)
    add(chat, "Run restorative meetings", criteria="Two a term")
    chat.press("Ola", "Show what the team will see")
    shown = [part for part in chat.seen("Ola")[-1].message.parts if "Run restorative" in getattr(part, "sentence", "")
             or "Run restorative" in repr(part)]  # fmt: skip
    assert "Nothing has been posted yet" in chat.last("Ola")
    assert chat.seen("Farid", in_channel="team") == []
    chat.press("Ola", "Propose it in #team")
    assert shown[0] in chat.seen("Farid", in_channel="team")[0].message.parts


def test_what_changed_after_it_was_shown_is_shown_again_before_it_is_posted(chat: Chat) -> None:
    begin(chat)
    add(chat, "First")
    chat.press("Ola", "Show what the team will see")
    version = plan(chat).version
    add(chat, "Second")
    chat.tap("Ola", "team_plans.propose", plan(chat).id, str(version))
    assert "It has changed in the meantime" in chat.last("Ola")
    assert plan(chat).state == "draft"
    assert chat.seen("Farid", in_channel="team") == []


def test_an_empty_plan_is_not_proposed(chat: Chat) -> None:
    begin(chat)
    chat.say("Ola", "team plan")
    chat.press("Ola", "Show what the team will see")
    assert "nothing in the plan yet" in chat.last("Ola")


def test_a_plan_without_a_channel_says_how_it_finds_one(chat: Chat) -> None:
    chat.say("Ola", "team plan")
    chat.press("Ola", "Begin a draft")
    add(chat, "Something")
    chat.press("Ola", "Show what the team will see")
    assert "Say `team plan` in your team's channel once" in chat.last("Ola")
    assert "[Propose" not in chat.last("Ola")
    chat.tap("Ola", "team_plans.propose", plan(chat).id, str(plan(chat).version))
    assert "don't know where your team talks" in chat.last("Ola")
    chat.say("Ola", "team plan", in_channel="team")
    propose(chat)
    assert "do you agree?" in in_the_channel(chat)


def test_a_channel_cannot_be_named_by_its_number_alone(chat: Chat) -> None:
    chat.say("Grace", "home", in_channel="secret")
    secret = chat.rows(select(KnownPlace.id).where(KnownPlace.conversation == "channel:secret"))[0]
    team = chat.person("Ola").team_id
    for value in (str(secret), f"{secret}.guessed"):
        chat.tap("Ola", "team_plans.begin", team, value)
    assert plan(chat).place_id is None


def test_the_plan_is_proposed_in_the_thread_of_the_review(chat: Chat) -> None:
    review = found(chat, "We found it", place="reviewed")

    def posted(session: Session) -> None:
        place = session.get_one(Review, review).place_id
        session.add(Owed(key="card", notice="reviews.card", about=review, due_at=NOW, place_id=place, state="sent",
                         platform="console", conversation="channel:reviewed", message="m7"))  # fmt: skip

    chat.database.run(posted)
    begin(chat, "elsewhere")
    add(chat, "Something")
    chat.press("Ola", "Show what the team will see")
    chat.press("Ola", "Propose it in #reviewed")
    (card,) = chat.rows(select(Owed).where(Owed.notice == "team_plans.proposal"))
    assert (card.thread, card.conversation) == ("m7", "channel:reviewed")
    chat.press("Ben", "I would change something", in_channel="reviewed")
    chat.submit("Ben", words="Not yet")
    (said,) = chat.rows(select(Owed).where(Owed.notice == "team_plans.voice"))
    assert said.thread == "m7"


# ----------------------------------------------------------------------------------------------------- saying something


def test_everybody_of_the_team_says_what_they_think_and_can_change_it(chat: Chat) -> None:
    proposed(chat)
    objects(chat, "Ben", "Too much at once")
    assert "0 of 6 agree, 1 would change something." in in_the_channel(chat)
    assert thread(chat) == ["Ben Carter would change something in the plan:\n> Too much at once"]
    objects(chat, "Ben", "Still too much")
    assert thread(chat) == ["Ben Carter would change something in the plan:\n> Still too much"]
    chat.press("Ben", "I agree", in_channel="team")
    assert thread(chat) == ["Ben Carter agrees with the plan now."]
    assert "1 of 6 agree." in in_the_channel(chat)
    chat.press("Ben", "I agree", in_channel="team")
    assert len(chat.rows(select(PlanVoice))) == 1


def test_what_was_said_is_sealed_with_the_key_of_whoever_said_it(chat: Chat) -> None:
    proposed(chat)
    objects(chat, "Ben", "Too much at once")
    (voice,) = chat.rows(select(PlanVoice))
    ben = chat.person("Ben")
    assert KEYRING.open(ben.id, ben.key, voice.words) == "Too much at once"


def test_what_was_said_is_taken_back_from_the_thread(chat: Chat) -> None:
    proposed(chat)
    objects(chat, "Ben", "Too much at once")
    chat.tap("Ben", "team_plans.take_back", plan(chat).id)
    assert thread(chat) == ["What stood here was taken back by whoever said it."]
    assert "0 of 6 agree." in in_the_channel(chat)
    objects(chat, "Dan", "Mine")  # whose row may get the number of the one that went
    chat.tap("Dan", "team_plans.take_back", plan(chat).id)
    objects(chat, "Ben", "Again")
    assert thread(chat) == ["What stood here was taken back by whoever said it."] * 2 + [
        "Ben Carter would change something in the plan:\n> Again"
    ]


def test_an_empty_or_endless_objection_is_asked_about(chat: Chat) -> None:
    proposed(chat)
    chat.press("Ben", "I would change something", in_channel="team")
    assert isinstance(chat.submit("Ben", words="  "), FixAnswers)
    fixed = chat.submit("Ben", words="x" * 1_501)
    assert isinstance(fixed, FixAnswers)
    assert fixed.form.fields[0].value == "x" * 1_501
    assert thread(chat) == []


def test_nobody_is_reminded_and_nobody_is_written_to(chat: Chat) -> None:
    for who in ("Ola", "Amina", "Ben"):
        chat.say(who, "hello")
    proposed(chat)
    chat.wait(days=40)
    for who in ("Amina", "Ben", "Chloe", "Dan", "Eve"):
        assert "evelopment plan" not in chat.screen_of(who)
    assert len(chat.seen("Farid", in_channel="team")) == 1
    notices = {owed.notice for owed in chat.rows(select(Owed)) if owed.notice.startswith("team_plans.")}
    assert notices == {"team_plans.lead", "team_plans.proposal"}


def test_answers_belong_to_the_proposal_that_they_were_given_to(chat: Chat) -> None:
    proposed(chat)
    chat.press("Amina", "I agree", in_channel="team")
    objects(chat, "Ben", "Too much at once")
    old = rules.stamp(plan(chat).proposed_at)
    chat.say("Ola", "team plan")
    chat.press("Ola", "Revise it")
    assert "is being revised" in chat.screen_of("Farid", in_channel="team").split("---")[0]
    chat.tap("Amina", "team_plans.agree", plan(chat).id, old)
    assert "has changed since you saw it" in chat.last("Amina")
    add(chat, "A second thing")
    chat.wait(minutes=1)
    propose(chat)
    cards = [plain(posted.message) for posted in chat.seen("Farid", in_channel="team")]
    assert cards[0].startswith("This plan was proposed again")
    assert "Too much at once" in cards[1]  # what was said stays as it stands
    assert "0 of 6 agree." in cards[-1]
    chat.tap("Amina", "team_plans.agree", plan(chat).id, old)
    assert "has changed since you saw it" in chat.last("Amina")
    opened = chat.press("Ben", "I would change something", in_channel="team")
    assert isinstance(opened, OpenForm)
    assert opened.form.fields[0].value == ""
    chat.submit("Ben", words="Better now, but")
    cards = [plain(posted.message) for posted in chat.seen("Farid", in_channel="team")]
    assert "Too much at once" in cards[1]
    assert "Better now, but" in cards[-1]
    chat.tap("Ben", "team_plans.take_back", plan(chat).id)
    assert "Too much" not in in_the_channel(chat)
    assert "Better now" not in in_the_channel(chat)


def test_what_the_team_has_before_it_cannot_be_changed(chat: Chat) -> None:
    proposed(chat)
    for action in ("change", "move_up", "before_removed", "remove"):
        chat.tap("Ola", f"team_plans.{action}", items(chat)[0].id)
        assert "the plan is with your team now" in chat.last("Ola").lower()
    chat.tap("Ola", "team_plans.add", plan(chat).id)
    assert "the plan is with your team now" in chat.last("Ola").lower()
    assert len(items(chat)) == 1


def test_objections_are_noted_beside_what_was_agreed(chat: Chat) -> None:
    proposed(chat)
    objects(chat, "Ben", "Too much at once")
    chat.say("Ola", "team plan")
    chat.press("Ola", "Mark it as agreed")
    assert "Ben Carter would change something; what they said stays beside the plan" in chat.last("Ola")
    assert plan(chat).state == "proposed"
    chat.press("Ola", "It is agreed")
    card = plain(chat.seen("Farid", in_channel="team")[0].message)
    assert "agreed on Mon 2 Mar 2026. 0 of 6 agree, 1 would change something." in card
    assert card.endswith("Ben Carter would change this:\n> Too much at once")
    chat.press("Amina", "Read it in full", in_channel="team")
    assert "Run restorative meetings" in chat.last("Amina", in_channel="team")
    assert chat.rows(select(Look)) == []  # what was said by name in the channel is nobody's look into anything


def test_a_stale_tap_does_not_agree_to_what_was_proposed_since(chat: Chat) -> None:
    proposed(chat)
    old = rules.stamp(plan(chat).proposed_at)
    chat.say("Ola", "team plan")
    chat.press("Ola", "Revise it")
    chat.wait(minutes=1)
    propose(chat)
    chat.tap("Ola", "team_plans.agreed", plan(chat).id, old)
    assert plan(chat).state == "proposed"


def test_whoever_left_the_team_does_not_count(chat: Chat) -> None:
    proposed(chat)
    chat.press("Amina", "I agree", in_channel="team")
    chat.database.run(lambda session: session.execute(
        update(Person).where(Person.email == "amina@example.org").values(team_id=None)))  # fmt: skip
    chat.press("Ben", "I agree", in_channel="team")
    assert "1 of 5 agree." in in_the_channel(chat)


# ----------------------------------------------------------------------------------------------------------- at once


def test_somebody_who_taps_twice_at_once_is_counted_once(chat: Chat) -> None:
    proposed(chat)
    seen, about = rules.stamp(plan(chat).proposed_at), plan(chat).id
    place = replace(channel("team"), message="m")

    def tap(key: str, who: str) -> Event:
        account = chat.visitor(who).account
        return Event(key, account, place, "tap", "team_plans.agree", about, seen, email=account.user)

    at_once(*(lambda key=key, who=who: chat.dispatcher.handle(tap(f"{who}{key}", who), NOW)
              for who in ("Amina", "Ben") for key in "ab"))  # fmt: skip
    assert len(chat.rows(select(PlanVoice))) == 2


def test_proposing_twice_at_once_posts_it_once(chat: Chat) -> None:
    begin(chat)
    add(chat, "Something")
    about, version = plan(chat).id, str(plan(chat).version)
    place = replace(channel("team"), message="m")
    events = [Event(key, chat.visitor("Ola").account, place, "tap", "team_plans.propose", about, version)
              for key in "abc"]  # fmt: skip
    at_once(*(lambda one=one: chat.dispatcher.handle(one, NOW) for one in events))
    chat.wait(minutes=1)
    assert len(chat.seen("Farid", in_channel="team")) == 1


def test_an_answer_that_races_a_revision_is_refused_or_goes_with_it(chat: Chat) -> None:
    proposed(chat)
    about, seen = plan(chat).id, rules.stamp(plan(chat).proposed_at)
    place = replace(channel("team"), message="m")
    amina = chat.visitor("Amina").account
    answer = Event("a", amina, place, "tap", "team_plans.agree", about, seen, email=amina.user)
    revise = Event("b", chat.visitor("Ola").account, place, "tap", "team_plans.revise", about)
    at_once(lambda: chat.dispatcher.handle(answer, NOW), lambda: chat.dispatcher.handle(revise, NOW))
    assert plan(chat).state == "draft"
    assert all(voice.about_proposal == plan(chat).proposed_at for voice in chat.rows(select(PlanVoice)))


# ---------------------------------------------------------------------------------------------------- others, and words


def elements(drawn: Any) -> Iterator[dict[str, Any]]:
    """Every element of a card, however deep, in which what somebody wrote is shown."""
    if isinstance(drawn, list):
        for one in drawn:
            yield from elements(one)
    elif isinstance(drawn, dict):
        if any(isinstance(value, str) and "evil.example" in value for value in drawn.values()) and "type" in drawn:
            yield drawn
        for value in drawn.values():
            yield from elements(value)


@pytest.mark.parametrize("who", ["Farid", "Grace", "Cora"])
def test_people_of_other_teams_are_refused(chat: Chat, who: str) -> None:
    agreed(chat, "Only for ourselves")
    before = len(chat.rows(select(PlanVoice)))
    seen = rules.stamp(plan(chat).proposed_at)
    for action in ("see", "read", "agree", "object", "take_back", "offers", "choose", "add", "preview", "propose",
                   "revise", "before_agreed", "agreed", "tell", "later", "not_this_term", "pick"):  # fmt: skip
        chat.tap(who, f"team_plans.{action}", plan(chat).id, seen)
    for action in ("item", "change", "arrange", "move_up", "before_removed", "remove", "noted", "say_state"):
        chat.tap(who, f"team_plans.{action}", items(chat)[0].id, "done:")
    chat.tap(who, "team_plans.open", chat.person("Ola").team_id)
    chat.tap(who, "team_plans.begin", chat.person("Ola").team_id)
    assert "Only for ourselves" not in chat.screen_of(who)
    assert (plan(chat).state, items(chat)[0].state) == ("agreed", "open")
    assert len(chat.rows(select(PlanVoice))) == before
    assert len(chat.rows(select(RefusedAttempt))) >= 20
    chat.press(who, "Read it in full", in_channel="team")
    assert "made by the people of that team" in chat.last(who, in_channel="team")


def test_a_member_is_not_the_lead(chat: Chat) -> None:
    proposed(chat, "Ours")
    for action in ("revise", "agreed", "before_agreed", "propose", "tell", "later", "not_this_term"):
        chat.tap("Amina", f"team_plans.{action}", plan(chat).id, rules.stamp(plan(chat).proposed_at))
    assert plan(chat).state == "proposed"
    chat.tap("Amina", "team_plans.noted", items(chat)[0].id, "done:")
    assert items(chat)[0].state == "open"


def test_words_stay_words_in_the_channel_on_both_platforms(chat: Chat) -> None:
    proposed(chat, MARKUP)
    objects(chat, "Ben", MARKUP)
    card, said = chat.seen("Farid", in_channel="team")[0].message, chat.seen("Farid", in_channel="team")[1].message
    assert said.parts[-1] == Quote(MARKUP)
    for message in (card, said):
        assert MARKUP in plain(message)
        drawn = slack.message(message)
        assert MARKUP in str(drawn["blocks"])
        assert "<!channel>" not in drawn["text"]
        runs = list(elements(teams.activity(message, direct=False)))
        assert all(one["type"] in ("TextRun", "Input.ChoiceSet") for one in runs)  # which know no markup
        assert any(MARKUP in one.get("text", "") for one in runs)


def test_the_largest_plan_can_be_shown_and_acted_on_on_both_platforms(chat: Chat) -> None:
    chat.say("Ola", "hello")
    begin(chat)
    about, long = plan(chat).id, KEYRING.seal_for_organisation("A need told at length. " * 65)

    def work(session: Session) -> None:
        for number in range(rules.MOST_ITEMS):
            session.add(PlanItem(plan_id=about, source="team", need=long, made_at=NOW, position=number, who_for=long,
                                 how_words=long, criteria=long, cost=12_345_67))  # fmt: skip

    chat.database.run(work)
    propose(chat)
    agree_to_it(chat)
    chat.wait_until(NOW.replace(month=6, day=22, hour=12))
    shown = [posted.message for posted in chat.seen("Ola") + chat.seen("Farid", in_channel="team")]
    assert len(shown) > 5
    for message in shown:
        blocks = slack.message(message)["blocks"]
        assert len(blocks) <= Limit.MESSAGE_BLOCKS
        assert slack.weight(blocks) <= Limit.MESSAGE_WEIGHT
        assert sum(len(block["elements"]) for block in blocks if block["type"] == "actions") >= len(buttons_of(message))
        teams.activity(message, direct=True)


def test_somebody_who_is_erased_takes_what_they_said_along(chat: Chat) -> None:
    begin(chat)
    add(chat, "Something", leads=str(chat.person("Ben").id))
    propose(chat)
    objects(chat, "Ben", "A canary of Ben's")
    agree_to_it(chat)
    assert "Ben Carter leads" in in_the_channel(chat)

    def erase(session: Session) -> None:
        ben = people.by_email(session, "ben@example.org")
        assert ben is not None
        erasure.erase(session, ben, chat.now)

    chat.database.run(erase)
    chat.wait(minutes=1)
    seen = in_the_channel(chat)
    assert "canary" not in seen
    assert "Ben" not in seen
    assert "0 of 5 agree." in seen
    assert items(chat)[0].leads_id is None
    assert chat.rows(select(PlanVoice)) == []


def test_an_item_whose_leader_left_says_so_and_can_be_given_to_somebody_else(chat: Chat) -> None:
    begin(chat)
    add(chat, "Something", leads=str(chat.person("Ben").id))
    propose(chat)
    agree_to_it(chat)
    chat.database.run(lambda session: session.execute(
        update(Person).where(Person.email == "ben@example.org").values(left_at=NOW)))  # fmt: skip
    chat.say("Ola", "team plan")
    assert "nobody any more leads" in chat.last("Ola")
    chat.choose("Ola", "1.")
    chat.press("Ola", "Who, when, cost")
    fixed = chat.submit("Ola")
    assert isinstance(fixed, FixAnswers)
    assert "in the team now" in fixed.problems["leads"]
    chat.submit("Ola", leads=str(chat.person("Eve").id))
    assert "Leads: Eve Fox" in chat.last("Ola")


def test_the_plan_of_a_team_of_both_kinds_of_lead_is_found(chat: Chat) -> None:
    """Farid leads Inclusion; once he leads the other team too, he is asked which he means."""
    farid = chat.person("Farid").id
    chat.database.run(lambda session: session.execute(update(Team).values(lead_id=farid)))
    chat.say("Farid", "team plan")
    assert "Which team's plan?" in chat.last("Farid")
    chat.press("Farid", "Children's Services")
    assert "Children's Services has no development plan" in chat.last("Farid")
