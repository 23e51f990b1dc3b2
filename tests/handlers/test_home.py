"""Home: the year at a glance, and a form in a chat that is closed unsent."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.chat import PUT_AWAY, Button, Replace, plain
from bot.console import direct_chat
from handlers.home import EXAMPLES
from storage.models import Draft, PlanItem, Seminar, SeminarSeat
from tests.conftest import KEYRING, NOW, Chat
from tests.planning import YEAR, agreed


def put_away(chat: Chat, who: str, message: str) -> str:
    """What stands in the form's place once it is closed."""
    place = replace(direct_chat(chat.email(who)), message=message)
    reply = chat.run(chat.visitor(who).tap(Button("Never mind", PUT_AWAY), place))
    assert isinstance(reply, Replace)
    return plain(reply.message)


def test_the_message_that_a_form_stood_in_is_shown_again_as_it_is_by_now(chat: Chat) -> None:
    chat.say("Amina", "diary: to ask first")
    card = chat.seen("Amina")[-1]
    chat.press("Amina", "Edit")
    chat.submit("Amina", words="to wait, too")
    assert "to wait, too" in put_away(chat, "Amina", card.id)
    assert put_away(chat, "Amina", card.id) == put_away(chat, "Amina", card.id)


def test_home_is_shown_again_too(chat: Chat) -> None:
    chat.say("Amina", "home")
    assert "Learning partner: Ben Carter" in put_away(chat, "Amina", chat.seen("Amina")[-1].id)


def test_a_form_that_was_a_message_by_itself_leaves_a_line(chat: Chat) -> None:
    chat.say("Amina", "hello")
    assert put_away(chat, "Amina", "4711") == "Closed; nothing was sent."


def test_nobody_is_shown_what_stands_in_somebody_elses_chat(chat: Chat) -> None:
    chat.say("Amina", "diary: mine alone")
    chat.say("Ben", "hello")
    assert "mine alone" not in put_away(chat, "Ben", chat.seen("Amina")[-1].id)


# --------------------------------------------------------------------------------------------------------- at a glance


def lines_of(home: str) -> list[str]:
    """What is read on the home screen, without the buttons."""
    return [line for line in home.splitlines() if not line.startswith("[")]


def test_at_first_only_what_is_owed_is_shown(chat: Chat) -> None:
    assert lines_of(chat.open_home("Amina")) == [
        "Hello Amina. Here is your learning year.",
        "Learning interviews: 0/3",
        "Off-the-job learning: 0 of 3 days, 3 still owed to you",
        "Learning partner: Ben Carter",
    ]
    assert "Learning partner: nobody yet" in chat.open_home("Dan")


def test_what_comes_next_comes_first_and_in_order_then_how_the_year_stands(chat: Chat) -> None:
    chat.say("Ben", "hello")
    chat.say("Amina", "book Ben on 10 March at 14:30")
    chat.say("Amina", "I'm on Safeguarding level 2 next Thursday")
    chat.say("Amina", "I was on the Phonics course on 20 February")
    chat.say("Amina", "target: run the spring moderation by 30 April")
    chat.say("Amina", "log half a day reading")
    lines = lines_of(chat.open_home("Amina"))
    assert lines[1].startswith("Next: Tue 10 Mar, 14:30–15:15 with Ben Carter")
    assert lines[2] == "Next: Thu 12 Mar, Safeguarding level 2."
    assert "Still open: what you made of a course." in lines
    facts = lines[lines.index("Learning interviews: 0/3") :]
    assert facts == [
        "Learning interviews: 0/3",
        "Off-the-job learning: 1.5 of 3 days, 1.5 still owed to you",
        "Plan: 1 target open, the next by Thu 30 Apr",
        "Courses: 1 course to look back on",
        "Learning partner: Ben Carter",
    ]


def test_a_seminar_that_one_goes_to_and_what_one_leads_of_a_plan_are_there_for_nobody_else(chat: Chat) -> None:
    agreed(chat, "Everybody can run a restorative meeting")

    def seminar(session: Session) -> None:
        starts = NOW + timedelta(days=8)
        session.add(Seminar(theme="digital", year=YEAR, title=KEYRING.seal_for_organisation("Sheets that add up"),
                            made_at=NOW, uid="s", state="planned", starts_at=starts,
                            ends_at=starts + timedelta(hours=2)))  # fmt: skip
        session.flush()
        session.add(SeminarSeat(seminar_id=1, person_id=amina, asked_at=NOW, state="accepted"))
        session.add(SeminarSeat(seminar_id=1, person_id=ben, asked_at=NOW, state="declined"))
        session.execute(update(PlanItem).values(leads_id=amina, due_on=date(2026, 4, 30)))

    amina, ben = chat.person("Amina").id, chat.person("Ben").id
    chat.database.run(seminar)
    lines = lines_of(chat.open_home("Amina"))
    assert "Next: Tue 10 Mar, 09:00–11:00, the seminar Sheets that add up." in lines
    assert "You lead in your team's plan: Everybody can run a restorative meeting (by Thu 30 Apr)" in lines
    others = chat.open_home("Ben")
    assert "seminar" not in others
    assert "You lead" not in others


def test_it_never_grows_past_one_look_and_says_that_there_is_more(chat: Chat) -> None:
    for number in range(12):
        chat.say("Amina", f"I'm on Course {number} on {number + 10} March")
        chat.say("Amina", f"I was on Workshop {number} on {number + 1} February")
    chat.say("Amina", "target: read more")
    lines = lines_of(chat.open_home("Amina"))
    assert len(lines) <= 13
    assert sum(line.startswith("Next:") for line in lines) == 3
    assert "Courses: 12 courses to look back on" in lines
    assert any(line.startswith("And ") and "more things" in line for line in lines)


def test_a_log_that_was_written_shows_in_the_year(chat: Chat) -> None:
    chat.say("Amina", "my log")
    chat.tap("Amina", "log.write", None, "2026-01-01")
    chat.submit("Amina", impact="I ask first now.")
    home = chat.open_home("Amina")
    assert "Log: written for January and February 2026" in home
    assert "I ask first now" not in home


def test_everything_on_it_leads_somewhere(chat: Chat) -> None:
    chat.say("Amina", "I'm on Safeguarding level 2 next Thursday")
    chat.say("Amina", "home")
    for label in ("My diary", "My plan", "My time", "What can I say?", "Open"):
        chat.say("Amina", "home")
        chat.press("Amina", label)
        assert "can't find" not in chat.last("Amina")


# ---------------------------------------------------------------------------------------------------------- small talk


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("thanks!", "You’re welcome, Amina."),
        ("Thank you very much for your help 😊", "You’re welcome, Amina."),
        ("ok, thanks", "You’re welcome, Amina."),
        ("ok", "All right."),
        ("👍🏽", "All right."),
        ("no thank you", "All right."),
        ("see you tomorrow", "All right."),
        ("yes please", "I can’t tell what that is an answer to."),
        ("no", "I can’t tell what that is an answer to."),
        ("Who are you?", "I help your team keep its learning promises."),
        ("are you a robot?", "I help your team keep its learning promises."),
        ("help me please", "You can write to me in your own words."),
        ("how does this work?", "You can write to me in your own words."),
    ],
)
def test_small_talk_is_answered_in_a_line_and_nothing_is_kept_of_it(chat: Chat, said: str, answer: str) -> None:
    chat.say("Amina", said)
    assert answer in chat.last("Amina")
    assert chat.database.run(lambda session: session.scalar(select(func.count()).select_from(Draft))) == 0


def test_a_yes_to_an_open_question_further_up_offers_that_question(chat: Chat) -> None:
    chat.say("Amina", "book Thursday at 10")
    chat.say("Ben", "home")
    chat.say("Ben", "yes")
    assert "It answers:" in chat.last("Ben")


def test_an_ok_right_below_a_question_is_its_answer(chat: Chat) -> None:
    chat.say("Ben", "hello")
    chat.say("Amina", "book Thursday at 10")
    chat.say("Ben", "sounds good")
    assert "Booked" in chat.last("Ben")


def test_a_sentence_that_begins_with_thanks_is_not_small_talk(chat: Chat) -> None:
    chat.say("Amina", "thanks to Grace I know how to read a growth chart now")
    assert "Keep it in my diary" in chat.last("Amina")


def test_help_names_each_thing_once() -> None:
    assert len({example for example, _ in EXAMPLES}) == len(EXAMPLES)


def test_thanks_answer_no_question(chat: Chat) -> None:
    chat.say("Ben", "hello")
    chat.say("Amina", "book Thursday at 10")
    chat.say("Ben", "thanks!")
    assert "You’re welcome, Ben." in chat.last("Ben")
    chat.press("Ben", "Confirm")
    assert "Booked" in chat.last("Amina")
