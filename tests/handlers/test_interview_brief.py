"""What a learner lets the partner read before they meet: chosen, shown as it will be, released, and taken back."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.chat import PUT_AWAY, Account, Button, Event, joined, plain
from bot.console import NAME, TENANT, buttons_of, direct_chat
from bot.slack.render import filled as slack_filled
from bot.slack.render import forms as slack_forms
from bot.slack.render import messages as slack
from bot.slack.render.limits import Limit
from bot.teams.render import cards as teams
from bot.teams.render import forms as teams_forms
from storage import erasure
from storage.models import Brief, Course, Entry, Interview, Look, NextStep, Owed, Person, RefusedAttempt, Target
from tests.conftest import KEYRING, Chat, at_once
from tests.slack.test_render import check as slack_would_take
from tests.teams.test_render import valid as teams_would_take

DAY_BEFORE = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
SECRET = "the inspection worries me"


def only(chat: Chat) -> Interview:
    (interview,) = chat.rows(select(Interview))
    return interview


def booked(chat: Chat) -> Interview:
    """Amina and Ben meet on Thursday at 10; she has two lines in her diary."""
    for who in ("Amina", "Ben"):
        chat.say(who, "hello")
    chat.say("Amina", f"diary: {SECRET}")
    chat.say("Amina", "diary: open questions work")
    chat.say("Amina", "book Thursday at 10")
    chat.press("Ben", "Confirm")
    return only(chat)


def entry(chat: Chat, words: str) -> str:
    amina = chat.person("Amina")
    for one in chat.rows(select(Entry)):
        if KEYRING.open(amina.id, amina.key, one.words) == words:
            return str(one.id)
    raise AssertionError(words)


def previewed(chat: Chat, **answers: str) -> str:
    """Amina has chosen; what she sees now."""
    chat.press("Amina", "Choose what Ben sees")
    chat.submit("Amina", **answers)
    return chat.last("Amina")


def released(chat: Chat) -> None:
    booked(chat)
    previewed(chat, words="Coaching, please", entries=entry(chat, "open questions work"))
    chat.press("Amina", "Release it")


def looks(chat: Chat) -> list[Look]:
    return chat.rows(select(Look).where(Look.kind == "brief"))


# ------------------------------------------------------------------------------------------------------------- offering


def test_the_reminder_of_the_day_before_offers_it_to_the_learner_and_says_nothing_of_it_to_the_partner(
    chat: Chat,
) -> None:
    booked(chat)
    chat.wait_until(DAY_BEFORE)
    assert "Would you like Ben to read something beforehand?" in chat.last("Amina")
    assert "[Choose what Ben sees]" in chat.last("Amina")
    assert "Tomorrow: Amina Khan" in chat.last("Ben")
    assert [button.label for button in buttons_of(chat.seen("Ben")[-1].message)] == ["Move it", "Cancel it"]
    assert "brief" not in chat.last("Ben").lower()
    assert "read" not in chat.last("Ben").lower()


def test_it_is_offered_once(chat: Chat) -> None:
    booked(chat)
    chat.wait_until(DAY_BEFORE)
    chat.say("Amina", "move my interview to Tuesday 10 March at 2pm")
    chat.press("Ben", "Confirm")
    chat.wait_until(datetime(2026, 3, 9, 9, 30, tzinfo=UTC))
    assert "Tomorrow: Ben Carter" in chat.last("Amina")
    assert "Would you like Ben" not in chat.last("Amina")
    assert "[Choose what Ben sees]" in chat.last("Amina")


def test_a_form_that_is_closed_leaves_the_way_to_it(chat: Chat) -> None:
    booked(chat)
    chat.wait_until(DAY_BEFORE)
    chat.press("Amina", "Choose what Ben sees")
    reminder = chat.seen("Amina")[-1].id
    reply: Any = chat.run(
        chat.visitor("Amina").tap(
            Button("Never mind", PUT_AWAY), replace(direct_chat(chat.email("Amina")), message=reminder)
        )
    )
    assert "Tomorrow: Ben Carter" in plain(reply.message)
    assert "Choose what Ben sees" in [button.label for button in buttons_of(reply.message)]


def test_silence_releases_nothing(chat: Chat) -> None:
    booked(chat)
    chat.wait_until(DAY_BEFORE)
    chat.press("Amina", "Choose what Ben sees")
    chat.submit("Amina", words="Coaching, please", entries=entry(chat, SECRET))
    chat.wait_until(datetime(2026, 3, 5, 12, 0, tzinfo=UTC))
    assert "Coaching" not in chat.screen_of("Ben")
    assert SECRET not in chat.screen_of("Ben")
    assert looks(chat) == []
    assert chat.rows(select(Owed).where(Owed.notice == "interviews.brief")) == []


# ------------------------------------------------------------------------------------------------------------- choosing


def test_the_preview_shows_exactly_what_the_partner_will_see(chat: Chat) -> None:
    booked(chat)
    shown = previewed(chat, words="Coaching, please", entries=entry(chat, "open questions work"))
    assert "This is what Ben will see, and nothing else" in shown
    assert SECRET not in shown
    mine = [part for part in chat.seen("Amina")[-1].message.parts if part.__class__.__name__ == "Quote"]
    chat.press("Amina", "Release it")
    theirs = [part for part in chat.seen("Ben")[-1].message.parts if part.__class__.__name__ == "Quote"]
    assert mine == theirs
    assert len(mine) == 2
    assert "Amina Khan lets you read this before your interview" in chat.last("Ben")
    assert SECRET not in chat.screen_of("Ben")


def test_courses_nobody_was_told_about_and_open_next_steps_can_be_chosen(chat: Chat) -> None:
    interview = booked(chat)
    amina = chat.person("Amina")

    def more(session: Any) -> None:
        def sealed(words: str) -> bytes:
            return KEYRING.seal(amina.id, amina.key, words)

        course = Course(owner_id=amina.id, title=sealed("Safeguarding level 2"), starts_on=date(2026, 2, 20),
                        ends_on=date(2026, 2, 20), made_at=chat.now, state="attended")  # fmt: skip
        earlier = Interview(
            learner_id=amina.id, partner_id=interview.partner_id, year=interview.year, window=1, state="met",
            starts_at=chat.now, ends_at=chat.now, proposed_by_id=amina.id, uid="earlier", made_at=chat.now,
        )  # fmt: skip
        session.add_all([course, earlier])
        session.flush()
        for name in ("Itchen", "Sholing"):
            session.add(
                NextStep(interview_id=earlier.id, owner_id=amina.id, words=sealed(f"visit {name}"), made_at=chat.now)
            )

    chat.database.run(more)
    chat.press("Amina", "Choose what Ben sees")
    assert [one.name for one in chat.form("Amina").fields] == ["words", "entries", "courses", "steps"]
    (course,) = chat.rows(select(Course))
    steps = [option.value for option in chat.form("Amina").fields[-1].options]
    chat.submit("Amina", courses=str(course.id), steps=joined(steps))
    chat.press("Amina", "Release it")
    assert "A course to talk about: Safeguarding level 2" in chat.last("Ben")
    assert "A next step: visit Itchen" in chat.last("Ben")
    assert "A next step: visit Sholing" in chat.last("Ben")


def of_target(chat: Chat) -> str:
    (target,) = chat.rows(select(Target))
    return str(target.id)


def test_targets_can_be_chosen_and_the_partner_sees_them_as_they_were_then(chat: Chat) -> None:
    booked(chat)
    chat.say("Amina", "target: run the moderation by myself by 30 April")
    previewed(chat, targets=of_target(chat))
    assert "A target: run the moderation by myself (by Thu 30 Apr 2026)" in chat.screen_of("Amina")
    chat.press("Amina", "Release it")
    assert "A target: run the moderation by myself (by Thu 30 Apr 2026)" in chat.last("Ben")
    assert looks(chat) != []
    chat.now = chat.now.replace(minute=1)
    chat.tap("Amina", "targets.change", int(of_target(chat)))
    chat.submit("Amina", words="run every moderation", due="30 April 2026")
    assert "moderation" not in chat.screen_of("Ben")
    chat.tap("Amina", "interviews.brief_show", only(chat).id)
    assert "What has changed since you chose it is left out." in chat.screen_of("Amina")


def test_what_came_of_a_target_is_not_released_with_it(chat: Chat) -> None:
    booked(chat)
    chat.say("Amina", "target: run the moderation by myself by 30 April")
    previewed(chat, targets=of_target(chat))
    chat.press("Amina", "Release it")
    chat.tap("Amina", "targets.close", int(of_target(chat)))
    chat.submit("Amina", result="met", came="It went badly all the same", rating="2", why="")
    assert "A target: run the moderation by myself" in chat.screen_of("Ben")
    assert "badly" not in chat.screen_of("Ben")


def test_a_brief_from_before_targets_still_opens(chat: Chat) -> None:
    interview = booked(chat)
    amina = chat.person("Amina")
    before = json.dumps({"words": "Coaching, please", "entries": [], "courses": [], "steps": []})
    chat.database.run(
        lambda session: session.add(
            Brief(interview_id=interview.id, learner_id=amina.id, words=KEYRING.seal(amina.id, amina.key, before),
                  made_at=chat.now)
        )
    )  # fmt: skip
    chat.tap("Amina", "interviews.brief_show", interview.id)
    assert "Coaching, please" in chat.screen_of("Amina")


def test_more_than_is_read_is_asked_about(chat: Chat) -> None:
    booked(chat)
    for number in range(6):
        chat.say("Amina", f"diary: line {number}")
    chat.press("Amina", "Choose what Ben sees")
    values = [option.value for option in chat.form("Amina").fields[1].options]
    chat.submit("Amina", entries=joined(values[:6]))
    assert chat.problems("Amina") == {"entries": "Choose up to 5, so that it is read."}
    chat.submit("Amina", entries=joined(values[:5]))
    assert "This is what Ben will see" in chat.screen_of("Amina")


def test_an_empty_brief_is_asked_about_and_what_was_typed_is_kept(chat: Chat) -> None:
    booked(chat)
    chat.press("Amina", "Choose what Ben sees")
    chat.submit("Amina", words="  ")
    assert "Write a few words" in chat.problems("Amina")["words"]
    chat.submit("Amina", words="x" * 3_001)
    assert "3,000 characters" in chat.problems("Amina")["words"]
    assert chat.form("Amina").fields[0].value == "x" * 3_001
    assert chat.rows(select(Brief)) == []


def test_nobody_elses_words_can_be_put_into_a_brief_by_their_number(chat: Chat) -> None:
    booked(chat)
    chat.say("Chloe", "diary: mine alone")
    (theirs,) = [one.id for one in chat.rows(select(Entry)) if one.owner_id == chat.person("Chloe").id]
    assert "mine alone" not in previewed(chat, words="Coaching", entries=str(theirs))
    chat.press("Amina", "Release it")
    assert "mine alone" not in chat.last("Ben")


def test_not_this_time_keeps_it_with_the_learner(chat: Chat) -> None:
    booked(chat)
    previewed(chat, words="Coaching, please")
    chat.press("Amina", "Not this time")
    assert "That’s fine. Ben can read nothing of it." in chat.last("Amina")
    assert "Coaching" not in chat.screen_of("Ben")
    chat.press("Amina", "Choose what Ben sees")
    assert chat.form("Amina").fields[0].value == "Coaching, please"


def test_a_change_before_the_release_is_previewed_again(chat: Chat) -> None:
    booked(chat)
    previewed(chat, words="Coaching, please")
    (before,) = [b for b in buttons_of(chat.seen("Amina")[-1].message) if b.action == "interviews.brief_release"]
    chat.now = chat.now.replace(minute=1)
    chat.press("Amina", "Change")
    chat.submit("Amina", words="Behaviour, please")
    chat.tap("Amina", before.action, before.about, before.value)  # the button of the preview as it was
    assert [one.state for one in chat.rows(select(Brief))] == ["draft"]
    chat.press("Amina", "Release it")
    assert "Behaviour, please" in chat.last("Ben")


def test_the_fullest_brief_and_its_form_fit_every_platform(chat: Chat) -> None:
    booked(chat)
    words = "**[HR](https://evil.example)** <!channel> & so on. " * 60
    for number in range(25):
        chat.say("Amina", f"diary: {number} {words}")
    chat.press("Amina", "Choose what Ben sees")
    form = chat.form("Amina")
    values = [option.value for option in form.fields[1].options]
    assert len(values) == 20
    for one in (form, form.filled({"words": words, "entries": joined(values[:2])})):
        slack_would_take({"blocks": slack_forms.view(one)["blocks"]}, Limit.VIEW_BLOCKS)
        teams_would_take(teams_forms.form_card(one, dialog=False))
    answers = {"entries": joined(values[:5])}
    assert slack_filled.read(slack_filled.fill(form, {"words": "Hello", **answers})) == {"words": "Hello", **answers}
    chat.submit("Amina", words=words[:3_000], **answers)
    chat.press("Amina", "Release it")
    for who in ("Amina", "Ben"):
        for posted in chat.seen(who):
            slack_would_take(slack.message(posted.message))
            teams_would_take(teams.card(posted.message, direct=True))
    assert words[:1_400] in chat.last("Ben")


# ------------------------------------------------------------------------------------------------- released, taken back


def test_reading_it_is_on_record_and_who_has_read_names_it(chat: Chat) -> None:
    released(chat)
    assert {(look.reader_id, look.owner_id) for look in looks(chat)} == {
        (chat.person("Ben").id, chat.person("Amina").id)
    }
    chat.say("Amina", "who has read")
    assert "Ben Carter | what you chose to show before the interview of Thu 5 Mar" in chat.last("Amina")
    assert "Ben Carter: what you chose to show before the interview of Thu 5 Mar" in chat.last("Amina")


def test_nobody_has_read_what_could_not_arrive(chat: Chat) -> None:
    chat.say("Amina", "hello")
    chat.say("Amina", "book Thursday at 10")
    interview = only(chat)
    chat.database.run(lambda session: session.execute(update(Interview).values(state="booked")))
    chat.tap("Amina", "interviews.open", interview.id)
    previewed(chat, words="Coaching, please")
    chat.press("Amina", "Release it")
    assert "Ben has not said hello to me yet, and gets it then" in chat.last("Amina")
    assert looks(chat) == []
    chat.say("Ben", "hello")
    chat.wait(minutes=1)
    assert "Coaching, please" in chat.screen_of("Ben")
    assert len(looks(chat)) >= 1


def test_releasing_twice_sends_it_once(chat: Chat) -> None:
    booked(chat)
    previewed(chat, words="Coaching, please")
    (button,) = [b for b in buttons_of(chat.seen("Amina")[-1].message) if b.action == "interviews.brief_release"]
    for _ in range(3):
        chat.tap("Amina", button.action, button.about, button.value)
    assert chat.screen_of("Ben").count("Coaching, please") == 1


def test_it_can_be_taken_back_at_any_time_and_becomes_one_line(chat: Chat) -> None:
    released(chat)
    chat.wait_until(datetime(2026, 3, 5, 11, 15, tzinfo=UTC))
    chat.press("Amina", "Yes, we met")
    chat.press("Amina", "What Ben can read")
    assert "Coaching, please" in chat.last("Amina")
    chat.press("Amina", "Take it back")
    assert "Coaching" not in chat.screen_of("Ben")
    assert "What Amina let you read before your interview isn’t here any more." in chat.screen_of("Ben")


def test_released_again_it_comes_again_and_the_line_stays_a_line(chat: Chat) -> None:
    released(chat)
    chat.press("Amina", "What Ben can read")
    chat.press("Amina", "Change")
    assert "sees nothing until you release it again" in plain_intro(chat)
    chat.submit("Amina", words="Behaviour, please")
    assert "Coaching" not in chat.screen_of("Ben")
    assert "Behaviour" not in chat.screen_of("Ben")
    chat.press("Amina", "Release it")
    assert "Behaviour, please" in chat.last("Ben")
    assert chat.screen_of("Ben").count("isn’t here any more") == 1
    chat.press("Amina", "What Ben can read")
    chat.press("Amina", "Take it back")
    assert chat.screen_of("Ben").count("isn’t here any more") == 2


def plain_intro(chat: Chat) -> str:
    return " ".join(part.plain() for part in chat.form("Amina").intro)


@pytest.mark.parametrize("how", ["deleted", "changed"])
def test_an_entry_that_is_deleted_or_changed_later_vanishes_from_it(chat: Chat, how: str) -> None:
    released(chat)
    assert "open questions work" in chat.screen_of("Ben")
    number = int(entry(chat, "open questions work"))
    chat.wait(minutes=1)
    if how == "deleted":
        chat.tap("Amina", "diary.undo", number)
    else:
        chat.tap("Amina", "diary.edit", number)
        chat.submit("Amina", words="open questions hurt")
    assert "open questions" not in chat.screen_of("Ben")
    assert "Coaching, please" in chat.screen_of("Ben")


def test_it_stays_when_the_interview_moves(chat: Chat) -> None:
    released(chat)
    chat.say("Amina", "move my interview to Friday 10am")
    chat.press("Ben", "Confirm")
    assert "Coaching, please" in chat.screen_of("Ben")
    assert [one.state for one in chat.rows(select(Brief))] == ["released"]


@pytest.mark.parametrize("who", ["Amina", "Ben"])
def test_it_is_taken_back_when_the_interview_is_cancelled(chat: Chat, who: str) -> None:
    released(chat)
    chat.say(who, "cancel my interview")
    chat.submit(who)
    assert [one.state for one in chat.rows(select(Brief))] == ["withdrawn"]
    assert "Coaching" not in chat.screen_of("Ben")


def test_a_new_partner_sees_nothing_of_the_old_ones(chat: Chat) -> None:
    interview = booked(chat)
    previewed(chat, words="Coaching, please")
    chat.press("Amina", "Release it")
    chat.say("Chloe", "hello")
    chat.say("Amina", "partner Chloe")
    chat.press("Chloe", "Accept")
    chat.say("Amina", "book 10 June at 11am")
    chat.press("Chloe", "Confirm")
    chat.wait_until(datetime(2026, 6, 10, 12, 0, tzinfo=UTC))
    for action in ("open", "brief", "brief_show", "brief_release", "brief_withdraw", "note", "agree", "steps"):
        chat.tap("Chloe", f"interviews.{action}", interview.id)
        assert "can't find that" in chat.last("Chloe")
    assert "Coaching" not in chat.screen_of("Chloe")


def test_the_partner_and_everybody_else_may_neither_choose_nor_release(chat: Chat) -> None:
    interview = booked(chat)
    previewed(chat, words="Coaching, please")
    (button,) = [b for b in buttons_of(chat.seen("Amina")[-1].message) if b.action == "interviews.brief_release"]
    for who in ("Ben", "Chloe", "Ola", "Cora"):
        for action in ("brief", "briefed", "brief_show", "brief_release", "brief_withdraw"):
            chat.tap(who, f"interviews.{action}", interview.id, button.value)
            assert "can't find that" in chat.last(who)
        assert "Coaching" not in chat.screen_of(who)
    assert len(chat.rows(select(RefusedAttempt))) == 20
    assert [one.state for one in chat.rows(select(Brief))] == ["draft"]


def test_a_release_and_a_cancellation_at_once_leave_nothing_to_read(chat: Chat) -> None:
    interview = booked(chat)
    previewed(chat, words="Coaching, please")
    (button,) = [b for b in buttons_of(chat.seen("Amina")[-1].message) if b.action == "interviews.brief_release"]

    def act(who: str, kind: Any, action: str, value: str = "") -> Any:
        email = chat.email(who)
        event = Event(
            f"race/{who}", Account(NAME, TENANT, email), direct_chat(email), kind, action, interview.id, value
        )
        return chat.dispatcher.handle(event, chat.now)

    at_once(
        lambda: act("Amina", "tap", "interviews.brief_release", button.value),
        lambda: act("Ben", "submit", "interviews.cancelled"),
    )
    chat.wait(minutes=1)
    assert only(chat).state == "cancelled"
    assert [one.state for one in chat.rows(select(Brief))] == ["withdrawn"]
    assert "Coaching" not in chat.screen_of("Ben")


def test_nothing_of_it_appears_in_a_channel(chat: Chat) -> None:
    booked(chat)
    previewed(chat, words="Coaching, please")
    chat.say("Amina", "interviews", in_channel="general")
    chat.press("Amina", "Open", in_channel="general")
    assert "Coaching" not in chat.screen_of("Ben", in_channel="general")


def test_when_its_owner_is_erased_the_partner_has_one_line(chat: Chat) -> None:
    released(chat)
    chat.wait_until(datetime(2026, 3, 6, 11, 15, tzinfo=UTC))
    amina = chat.person("Amina").id
    chat.database.run(lambda session: erasure.erase(session, session.get_one(Person, amina), chat.now))
    chat.wait(minutes=1)
    assert "Coaching" not in chat.screen_of("Ben")
    assert chat.rows(select(Brief)) == []
