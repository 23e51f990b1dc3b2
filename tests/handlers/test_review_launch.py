"""What a review asks and whom: the policy's questions and the lead's own, in their order; evidence; guests."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.chat import Chart, FixAnswers, OpenForm, joined, plain
from bot.slack.render import forms as slack_forms
from bot.teams.render import cards as teams
from bot.teams.render import forms as teams_forms
from handlers.outcomes import Answer, questions_of
from handlers.reviews import form, launch_form
from storage.models import Person, Review, ReviewAnswer, ReviewGuest
from tests.conftest import Chat
from tests.handlers.test_reviews import CANARY, answer, close_early, in_the_channel, review, start

EVERYBODY = ("Ola", "Amina", "Ben", "Chloe", "Dan", "Eve")


def asks_for_other_questions(chat: Chat, **first: str) -> Any:
    chat.say("Ola", "review", in_channel="team")
    return chat.submit("Ola", questions="change", **{"names": "named", **first})


def asked(chat: Chat) -> list[str]:
    return [question.ask for question in questions_of(review(chat), chat.policy)]


# --------------------------------------------------------------------------------------------------------- questions


def test_the_usual_questions_need_no_second_form(chat: Chat) -> None:
    start(chat, names="named")
    assert asked(chat) == [question.ask for question in chat.policy.reviews.questions]
    assert review(chat).yearly is True


def test_the_lead_leaves_some_out_adds_their_own_and_says_the_order(chat: Chat) -> None:
    second = asks_for_other_questions(chat, title="In between", yearly="no")
    assert isinstance(second, OpenForm)
    assert second.form.fields[0].options[0].label == "1. Why are we here?"
    usual = chat.policy.reviews.questions
    chat.submit(
        "Ola", asked=joined([usual[0].key, usual[2].key]), own_A="What should we stop?", gloss_A="One thing",
        own_B="Who do we need?", order="b, 3",
    )  # fmt: skip
    assert asked(chat) == ["Who do we need?", usual[2].ask, usual[0].ask, "What should we stop?"]
    assert (review(chat).title, review(chat).yearly) == ("In between", False)
    opened = chat.press("Amina", "Answer", in_channel="team")
    assert isinstance(opened, OpenForm)
    assert opened.form.fields[0].label == "Who do we need?"
    assert "1 is “not yet”, 5 is “fully”" in opened.form.fields[1].hint
    chat.submit("Amina", words_own_2=CANARY, rating_own_2="4")
    close_early(chat)
    assert "1. Who do we need?" in in_the_channel(chat)
    assert CANARY in in_the_channel(chat)
    [spread, _] = [part for posted in chat.seen("Ola", in_channel="team") for part in posted.message.parts
                   if isinstance(part, Chart)]  # fmt: skip
    assert spread.categories == ("1 Our own",)


def test_mistakes_about_the_questions_are_named_and_nothing_is_lost(chat: Chat) -> None:
    asks_for_other_questions(chat)
    chat.submit("Ola", asked="", order="1")
    assert set(chat.problems("Ola")) == {"order"}
    chat.submit("Ola", asked="", order="")
    assert "at least one" in chat.problems("Ola")["asked"]
    chat.submit("Ola", own_A="x", own_B="Is it long enough?", gloss_C="of nothing", gloss_B="g" * 141)
    assert set(chat.problems("Ola")) == {"own_A", "own_C", "gloss_B"}
    kept = {field.name: field.value for field in chat.form("Ola").fields}
    assert kept["own_B"] == "Is it long enough?"
    chat.submit("Ola", own_A="", gloss_C="", gloss_B="", order="Z")
    assert "I don't know Z" in chat.problems("Ola")["order"]
    chat.submit("Ola", order="")
    assert asked(chat) == ["Is it long enough?"]


def test_a_policy_that_changes_changes_no_open_review(chat: Chat) -> None:
    start(chat, names="named")
    before = asked(chat)
    other = chat.policy.reviews.questions[0].model_copy(update={"ask": "Something else?"})
    chat.policy = chat.policy.model_copy(
        update={"reviews": chat.policy.reviews.model_copy(update={"questions": (other,)})}
    )
    assert asked(chat) == before
    chat.database.run(lambda session: session.execute(update(Review).values(questions="")))
    assert asked(chat) == ["Something else?"]  # a review from before that was kept


def test_the_second_form_is_not_trusted(chat: Chat) -> None:
    asks_for_other_questions(chat)
    forged = replace(chat.form("Ola"), value='{"here":"1.forged","about":null,"typed":{"team":"1"}}')
    chat.visitor("Ola").form = forged
    reply = chat.submit("Ola", own_A="Is this allowed?")
    assert isinstance(reply, FixAnswers)  # what the first form asks for is not there
    assert chat.rows(select(Review)) == []
    chat.visitor("Ola").form = replace(forged, value="[" * 3000)
    chat.submit("Ola", own_A="Is this allowed?")
    chat.visitor("Ola").form = replace(forged, value="nonsense")
    chat.submit("Ola", own_A="Is this allowed?")
    assert "Is this allowed?" in chat.screen_of("Ola", in_channel="team")  # handed back
    assert chat.rows(select(Review)) == []


def test_somebody_who_leads_nothing_cannot_send_the_second_form(chat: Chat) -> None:
    asks_for_other_questions(chat)
    chat.visitor("Amina").form = chat.form("Ola")
    chat.submit("Amina", own_A="What about me?")
    assert chat.rows(select(Review)) == []
    assert "started by the team's lead" in chat.last("Amina")


# ---------------------------------------------------------------------------------------------------------- evidence


def test_evidence_goes_with_the_words_and_comes_back_to_its_author(chat: Chat) -> None:
    start(chat, names="named")
    answer(chat, "Amina", 4, "We do.", evidence_purpose="https://example.org/figures 87 %")
    again = chat.press("Amina", "Change my answers", in_channel="team")
    assert isinstance(again, OpenForm)
    assert again.form.fields[2].value == "https://example.org/figures 87 %"
    chat.submit("Amina", evidence_work="x" * 501)
    assert "500 characters" in chat.problems("Amina")["evidence_work"]
    chat.submit("Amina", evidence_work="")
    close_early(chat)
    assert "Evidence: https://example.org/figures 87 %" in in_the_channel(chat)


def test_evidence_alone_is_an_answer(chat: Chat) -> None:
    start(chat, names="named")
    answer(chat, "Amina", evidence_purpose="12 of 14 schools")
    assert len(chat.rows(select(ReviewAnswer))) == 1


def test_twelve_questions_fit_slack_and_teams_and_so_do_long_answers() -> None:
    shown = form.ANSWERS
    asks = {"ask": "Q" * 140, "gloss": "g" * 140, "low": "l" * 60, "high": "h" * 60}
    questions = [
        form.Question.model_construct(key=f"own_{number}", **asks) for number in range(12)
    ]  # the longest that a policy and a lead can make it
    longest = form.answers(questions, title="T" * 75, who_sees=form.text("x" * 200), until="Mon 16 Mar, 17:00", key="k")
    assert len(shown.fields) == len(longest.fields) == 36
    assert len(slack_forms.view(longest, "x" * 500)["blocks"]) <= 100
    assert teams.size(teams_forms.form_card(longest)) < 28 * 1024
    full = {question.key: Answer(3, "é" * 1900, "f" * 60) for question in questions}
    filled = form.filled(longest, full)
    assert form.read_answers(questions, {field.name: field.value for field in filled.fields}).problems == {}
    assert len(slack_forms.view(filled, "x" * 500)["blocks"]) <= 100
    teams_forms.form_card(filled)  # raises when it is too large
    fuller = form.filled(longest, {question.key: Answer(3, "é" * 2900) for question in questions})
    told = form.read_answers(questions, {field.name: field.value for field in fuller.fields}).problems
    assert list(told.values()) == ["All your answers together are longer than I can keep. Shorten this one first."]


# ------------------------------------------------------------------------------------------------------------- guests


def test_a_guest_is_asked_privately_answers_as_the_others_do_and_counts(chat: Chat) -> None:
    chat.say("Farid", "hello")
    start(chat, names="named", guests="farid@example.org")
    assert "0 of 7 have answered" in in_the_channel(chat)
    assert "Guests: Farid Gill." in chat.last("Ola")
    assert "asks for your view" not in chat.screen_of("Farid")
    chat.wait_until(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))  # in the morning, like every invitation
    assert "Ola Lead asks for your view. Children's Services looks at how it works" in chat.screen_of("Farid")
    assert "A team's review Team review 2026 is open" in chat.open_home("Farid")
    chat.say("Farid", "review")
    assert "[Start" not in chat.last("Farid")
    assert isinstance(chat.press("Farid", "Answer"), OpenForm)
    chat.submit("Farid", words_purpose="seen from outside", rating_purpose="4")
    assert "Thank you." in chat.last("Farid")
    chat.wait(seconds=6)
    assert "1 of 7 have answered" in in_the_channel(chat)
    chat.wait_until(datetime(2026, 3, 15, 12, 0, tzinfo=UTC))
    assert "half-way" not in chat.screen_of("Farid")  # who has answered is left in peace
    assert chat.screen_of("Farid").count("asks for your view") == 1
    close_early(chat)
    assert "seen from outside" in in_the_channel(chat)
    chat.tap("Farid", "reviews.read", review(chat).id, "purpose")
    assert "seen from outside" in chat.last("Farid")  # a guest may see what came of it, somebody else may not
    chat.tap("Grace", "reviews.read", review(chat).id, "purpose")
    assert "seen from outside" not in chat.last("Grace")


def test_a_guest_can_say_no_and_is_asked_no_more(chat: Chat) -> None:
    chat.say("Farid", "hello")
    start(chat, names="named", guests="Farid Gill")
    chat.wait_until(datetime(2026, 3, 3, 10, 0, tzinfo=UTC))
    chat.press("Farid", "No, thank you")
    assert "I don't ask you" in chat.screen_of("Farid")
    assert "asks for your view" not in chat.screen_of("Farid")
    assert "Guests" not in chat.last("Ola")
    chat.wait(seconds=6)
    assert "0 of 6 have answered" in in_the_channel(chat)
    chat.press("Ola", "Ask a guest")
    chat.submit("Ola", guests="Farid")
    assert "said no" in chat.problems("Ola")["guests"]
    chat.wait(days=12)
    assert "closes on" not in chat.screen_of("Farid")
    chat.tap("Farid", "reviews.open", review(chat).id)
    assert "people of that team" in chat.last("Farid")


def test_guests_are_asked_later_too_and_mistakes_are_named(chat: Chat) -> None:
    chat.say("Grace", "hello")
    start(chat, names="named")
    chat.press("Ola", "Ask a guest")
    for typed, told in (("Nobody Known", "can't find Nobody Known"), (" ", "at least one"), ("x," * 21, "up to 20")):
        chat.submit("Ola", guests=typed)
        assert told in chat.problems("Ola")["guests"]
    chat.submit("Ola", guests="Grace Hall, Amina Khan")  # Amina is asked anyway
    assert "Guests: Grace Hall." in chat.last("Ola")
    chat.wait_until(datetime(2026, 3, 9, 12, 0, tzinfo=UTC))
    assert chat.screen_of("Grace").count("asks for your view") == 1
    assert chat.screen_of("Grace").count("half-way") == 1
    assert [guest.person_id for guest in chat.rows(select(ReviewGuest))] == [chat.person("Grace").id]


def test_a_guest_who_cannot_be_asked_in_time_is_named(chat: Chat) -> None:
    chat.wait_until(datetime(2026, 3, 6, 12, 0, tzinfo=UTC))  # a Friday
    start(chat, names="named", closes_on="2026-03-08", guests="Grace")
    assert "Grace Hall cannot be asked before it closes" in chat.problems("Ola")["guests"]
    chat.submit("Ola", guests="")
    chat.press("Ola", "Ask a guest")
    chat.submit("Ola", guests="Grace")
    assert "Keep it open longer first" in chat.problems("Ola")["guests"]
    assert chat.rows(select(ReviewGuest)) == []


def test_two_people_of_one_name_are_told_apart_by_their_address(chat: Chat) -> None:
    chat.database.run(
        lambda session: session.execute(update(Person).where(Person.name == "Grace Hall").values(name="Farid Gill"))
    )
    start(chat, names="named", guests="Farid Gill")
    assert "2 people called Farid Gill" in chat.problems("Ola")["guests"]


def test_a_lead_who_has_left_asks_no_guest(chat: Chat) -> None:
    chat.say("Farid", "hello")
    start(chat, names="named", guests="Farid")
    chat.has_left("Ola")
    chat.wait(days=1)
    assert "You are asked for your view. Children's Services looks at how it works" in chat.screen_of("Farid")
    assert "Ola" not in chat.screen_of("Farid")


def test_a_guest_who_is_away_hears_of_it_when_they_are_back(chat: Chat) -> None:
    chat.say("Farid", "hello")
    chat.say("Farid", "I'm away 3 to 4 March")
    chat.wait(hours=1)  # today's morning is over
    start(chat, names="named", guests="Farid")
    chat.wait_until(datetime(2026, 3, 4, 12, 0, tzinfo=UTC))
    assert "asks for your view" not in chat.screen_of("Farid")
    chat.wait_until(datetime(2026, 3, 5, 9, 30, tzinfo=UTC))
    assert "asks for your view" in chat.screen_of("Farid")


def test_guests_can_make_a_small_team_large_enough_to_be_anonymous(chat: Chat) -> None:
    start(chat, "Farid", "anonymous", guests="Amina, Ben")
    assert review(chat).anonymous is True
    assert "Fewer than 5 of 5" in in_the_channel(chat)


@pytest.mark.parametrize("who", ["Amina", "Grace", "Cora"])
def test_only_the_lead_asks_guests(chat: Chat, who: str) -> None:
    start(chat, names="named")
    chat.tap(who, "reviews.invite", review(chat).id)
    assert "can't find that" in chat.last(who)
    assert chat.form(who) is None


def test_nobody_but_a_guest_can_decline(chat: Chat) -> None:
    start(chat, names="named")
    chat.tap("Amina", "reviews.decline", review(chat).id)
    assert "can't find that" in chat.last("Amina")


def test_a_named_answer_stays_when_its_author_leaves_the_team(chat: Chat) -> None:
    start(chat, names="named")
    answer(chat, "Amina", 2, "said before I went")
    chat.database.run(
        lambda session: session.execute(
            update(Person).where(Person.name == "Amina Khan").values(team_id=None, leaves_on=date(2026, 3, 4))
        )
    )
    close_early(chat)
    assert "said before I went" in in_the_channel(chat)
    assert "1 of 5 in" in plain(chat.seen("Ola", in_channel="team")[1].message)


def test_the_forms_of_a_lead_fit_slack(chat: Chat) -> None:
    usual = [question.model_copy(update={"ask": "Q" * 140}) for question in chat.policy.reviews.questions]
    chosen = launch_form.questions(usual, about=1, value="x" * 1500)
    assert len(slack_forms.view(chosen, "x" * 2900)["blocks"]) < 100
    teams_forms.form_card(chosen)
