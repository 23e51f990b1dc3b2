"""A learning plan: targets named and made clearer, agreed with a partner or manager, looked at on their day."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.chat import Account, Event, Quote
from bot.console import NAME, TENANT, buttons_of, direct_chat
from handlers.deadlines import day_in, parted
from handlers.targets.rules import Said, hints
from handlers.turn import Turn
from storage import erasure
from storage.models import (
    Grant,
    Interview,
    Look,
    NextStep,
    Owed,
    Partnership,
    Person,
    RefusedAttempt,
    Target,
    TargetVersion,
)
from tests.conftest import KEYRING, NOW, Chat, at_once

TYPED = "target: run the spring moderation by myself by 30 April"
ON_ITS_DAY = datetime(2026, 4, 30, 12, 0, tzinfo=UTC)


def only(chat: Chat) -> Target:
    (target,) = chat.rows(select(Target))
    return target


def named(chat: Chat, typed: str = TYPED) -> Target:
    """Amina, whose partner is Ben and whose manager is Ola, has named a target."""
    for who in ("Amina", "Ben", "Ola"):
        chat.say(who, "hello")
    chat.say("Amina", typed)
    return only(chat)


def words(chat: Chat, target: Target) -> str:
    amina = chat.person("Amina")
    return KEYRING.open(amina.id, amina.key, target.words)


def labels(chat: Chat, who: str) -> list[str]:
    return [button.label for button in buttons_of(chat.seen(who)[-1].message)]


def fill(chat: Chat, **answers: str) -> None:
    """Amina sends the form that is open, with these answers changed."""
    form = chat.form("Amina")
    chat.submit("Amina", **{**{field.name: field.value for field in form.fields}, **answers})


def put_to_ben(chat: Chat) -> None:
    chat.press("Amina", "Leave it as it is")
    chat.press("Amina", "Put it to Ben")
    chat.press("Amina", "Put it to Ben")


# --------------------------------------------------------------------------------------------------------------- naming


def test_a_typed_target_is_kept_and_its_day_said_back(chat: Chat) -> None:
    target = named(chat)
    assert words(chat, target) == "run the spring moderation by myself"
    assert (target.due_on, target.year, target.state) == (date(2026, 4, 30), date(2025, 9, 1), "open")
    assert "It is in your learning plan. By Thu 30 Apr 2026." in chat.last("Amina")
    assert "kept apart from your work programme" in chat.last("Amina")


def test_that_the_plan_is_kept_apart_is_said_once(chat: Chat) -> None:
    named(chat)
    chat.say("Amina", "target: read the new guidance by 30 June")
    assert chat.screen_of("Amina").count("kept apart from your work programme") == 1
    assert chat.screen_of("Amina").count("for nothing else. Nobody else can read it unless you share it") == 1


@pytest.mark.parametrize(
    "typed",
    [
        "Target: run the spring moderation by myself by 30 April",
        "my target is to run the spring moderation by myself by 30 April",
        "new target: run the spring moderation by myself, by 30 April.",
        "another learning target: to run the spring moderation by myself before 30 April",
    ],
)
def test_the_ways_to_say_it(chat: Chat, typed: str) -> None:
    if not chat.database.sqlite:
        pytest.skip("a rule: one database is enough")
    target = named(chat, typed)
    assert words(chat, target) == "run the spring moderation by myself"
    assert target.due_on == date(2026, 4, 30)


def test_a_day_that_is_not_clear_is_asked_for_with_the_words_still_there(chat: Chat) -> None:
    chat.say("Amina", "target: run the moderation by 31/02")
    assert chat.form("Amina").fields[0].value == "run the moderation by 31/02"
    fill(chat, words="run the moderation", due="31/02")
    assert "can’t tell which day" in chat.problems("Amina")["due"]
    assert chat.form("Amina").fields[0].value == "run the moderation"
    fill(chat, due="the end of June")
    assert only(chat).due_on == date(2026, 6, 30)


def test_the_form_takes_everything_that_belongs_to_a_target(chat: Chat) -> None:
    chat.say("Amina", "hello")
    chat.say("Amina", "target")
    chat.submit(
        "Amina", words="Run the moderation", strategy="Shadow Ola twice", criteria="All six sets are agreed",
        due="in three months", kind="others", link="Team plan, priority 2",
    )  # fmt: skip
    shown = chat.last("Amina")
    for said in ("Shadow Ola twice", "All six sets are agreed", "Team plan, priority 2", "helping others improve"):
        assert said in shown
    assert only(chat).due_on == date(2026, 6, 2)


def test_an_empty_target_is_asked_about_and_one_that_is_too_long_too(chat: Chat) -> None:
    chat.say("Amina", "target")
    fill(chat, words="  ", strategy="x" * 3_001)
    assert set(chat.problems("Amina")) == {"words", "strategy"}
    assert chat.rows(select(Target)) == []


def test_undo_takes_it_out_of_the_plan(chat: Chat) -> None:
    named(chat)
    chat.press("Amina", "Undo")
    assert chat.rows(select(Target)) == []
    assert "not in your learning plan any more" in chat.last("Amina")
    chat.say("Amina", "my plan")
    assert "Your learning plan is empty." in chat.last("Amina")


def test_my_plan_lists_what_is_open_and_what_came_to_an_end(chat: Chat) -> None:
    named(chat)
    chat.say("Amina", "target: visit three schools by 1 April")
    chat.say("Amina", "my targets")
    listed = chat.last("Amina")
    assert listed.index("visit three schools (by Wed 1 Apr)") < listed.index("run the spring moderation")
    chat.press("Amina", "Open")
    chat.press("Amina", "What came of it?")
    fill(chat, result="met")
    chat.say("Amina", "my plan")
    assert "1 target open" in chat.last("Amina")
    assert "visit three schools (met)" in chat.last("Amina")


def test_the_plan_is_said_in_a_channel_to_nobody_else(chat: Chat) -> None:
    named(chat)
    reply: Any = chat.say("Amina", "my plan", in_channel="cs")
    assert reply.private


# ------------------------------------------------------------------------------------- what could make a target clearer


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (Said("run the spring moderation by myself", "all six sets agreed", date(2026, 4, 30)), ()),
        (Said("visit three schools", due_on=date(2026, 4, 30)), ()),
        (Said("run the spring moderation by myself", due_on=date(2026, 4, 30)), ("criteria",)),
        (Said("run the spring moderation by myself"), ("day", "criteria")),
        (Said("improve my questioning", due_on=date(2026, 4, 30)), ("vague",)),
        (Said("improve my questioning"), ("vague", "day")),
        (Said("a better understanding of phonics", due_on=date(2026, 7, 1)), ("vague",)),
        (Said("a better understanding of phonics", "I can explain it to parents", date(2026, 7, 1)), ("vague",)),
        (Said("be more confident with data"), ("vague", "day")),
        (Said("Excel", due_on=date(2026, 4, 30)), ("measure",)),
        (Said("Excel"), ("measure", "day")),
        (Said("pass the Excel test", due_on=date(2026, 4, 30)), ("criteria",)),
        (Said("score 80% in the Excel test", due_on=date(2026, 4, 30)), ()),
        (Said("improve how I teach fractions: observe two colleagues", due_on=date(2026, 4, 30)), ()),
        (Said("visit three schools and write up each visit", due_on=date(2026, 4, 30)), ("several",)),
        (Said("visit three schools; improve my Welsh"), ("several", "day")),
        (Said("- visit three schools\n- learn Welsh", due_on=date(2026, 4, 30)), ("several",)),
        (Said("run reading and writing groups for two terms", due_on=date(2026, 4, 30)), ()),
        (Said("gwella fy Nghymraeg", due_on=date(2026, 4, 30)), ("measure",)),
    ],
)  # fmt: skip
def test_what_is_asked_to_make_a_target_clearer(said: Said, asked: tuple[str, ...]) -> None:
    assert tuple(hint.name for hint in hints(said)) == asked


def test_a_vague_target_is_kept_and_asked_about_gently(chat: Chat) -> None:
    named(chat, "target: improve my questioning")
    shown = chat.last("Amina")
    assert "What would somebody see you do differently" in shown
    assert "By when would you like to be there?" in shown
    assert labels(chat, "Amina") == ["Make it clearer", "Leave it as it is", "Undo"]


def test_it_can_be_left_as_it_is_and_is_not_asked_about_again(chat: Chat) -> None:
    named(chat, "target: improve my questioning")
    chat.press("Amina", "Leave it as it is")
    assert "What would somebody see" not in chat.last("Amina")
    chat.say("Amina", "my plan")
    chat.press("Amina", "Open")
    assert "What would somebody see" not in chat.last("Amina")
    assert only(chat).version == 0


def test_making_it_clearer_ends_the_questions(chat: Chat) -> None:
    named(chat, "target: improve my questioning")
    chat.press("Amina", "Make it clearer")
    fill(chat, words="Ask at least three open questions in each lesson", criteria="Ben counts them", due="by 30 April")
    assert "Changed." in chat.last("Amina")
    assert "Only if you like" not in chat.last("Amina")


# ------------------------------------------------------------------------------------------------------------- revising


def test_how_a_target_was_before_is_kept_for_its_owner(chat: Chat) -> None:
    named(chat)
    chat.press("Amina", "Leave it as it is")
    chat.press("Amina", "Change")
    fill(chat, words="run the summer moderation", due="30 June")
    assert "run the summer moderation" in chat.last("Amina")
    assert "Only if you like" not in chat.last("Amina")  # what was asked once is not asked again
    chat.press("Amina", "How it was before")
    before = chat.last("Amina")
    assert "run the spring moderation by myself" in before
    assert "By Thu 30 Apr 2026." in before
    chat.press("Amina", "Back to the target")
    assert "run the summer moderation" in chat.last("Amina")
    assert [one.number for one in chat.rows(select(TargetVersion))] == [0]


def test_a_form_sent_unchanged_is_no_revision(chat: Chat) -> None:
    named(chat)
    chat.press("Amina", "Leave it as it is")
    chat.press("Amina", "Change")
    fill(chat)
    assert only(chat).version == 0
    assert chat.rows(select(TargetVersion)) == []


def test_a_day_that_is_past_by_now_may_stay(chat: Chat) -> None:
    named(chat)
    chat.wait_until(datetime(2026, 5, 4, 12, 0, tzinfo=UTC))
    chat.tap("Amina", "targets.change", only(chat).id)
    fill(chat, strategy="Shadow Ola")
    assert chat.problems("Amina") == {}
    assert only(chat).due_on == date(2026, 4, 30)


# ------------------------------------------------------------------------------------------------------------ agreeing


def test_the_other_sees_exactly_what_the_preview_showed(chat: Chat) -> None:
    named(chat)
    chat.press("Amina", "Leave it as it is")
    chat.press("Amina", "Put it to Ben (learning partner)")
    preview = chat.seen("Amina")[-1].message.parts
    assert "exactly what Ben Carter will see" in chat.last("Amina")
    assert "moderation" not in chat.screen_of("Ben")
    chat.press("Amina", "Put it to Ben")
    theirs = chat.seen("Ben")[-1].message.parts
    assert theirs[:-1] == preview[1:-1]
    assert [part for part in theirs if isinstance(part, Quote)] == [Quote("run the spring moderation by myself")]
    assert labels(chat, "Ben") == ["I agree", "I would change something", "We don’t agree"]


def test_agreeing_changes_both_cards_and_tells_the_owner_once(chat: Chat) -> None:
    named(chat)
    put_to_ben(chat)
    assert "There is no answer yet" in chat.last("Amina")
    chat.press("Ben", "I agree")
    assert "You agreed with it." in chat.last("Ben")
    assert "Ben Carter agrees with your target." in chat.last("Amina")
    assert "Agreed with Ben Carter on Mon 2 Mar 2026." in chat.last("Amina")
    assert "There is no answer yet" not in chat.screen_of("Amina")
    chat.press("Ben", "We don’t agree")
    chat.press("Ben", "I agree")
    assert len(chat.rows(select(Owed).where(Owed.notice == "targets.answered", Owed.changes.is_(None)))) == 1
    assert only(chat).agreement == "agreed"


def test_the_manager_can_be_asked_instead_and_the_partner_then_reads_it_no_more(chat: Chat) -> None:
    target = named(chat)
    put_to_ben(chat)
    chat.press("Amina", "Put it to Ola (manager)")
    assert "Ben Carter can’t read it any more then." in chat.last("Amina")
    chat.press("Amina", "Put it to Ola")
    assert "run the spring moderation" in chat.last("Ola")
    assert "no longer lets you read this target" in chat.last("Ben")
    assert "moderation" not in chat.screen_of("Ben")
    chat.tap("Ben", "targets.read", target.id)
    assert "moderation" not in chat.last("Ben")


def test_what_the_other_would_change_is_theirs_and_reaches_the_owner(chat: Chat) -> None:
    named(chat)
    put_to_ben(chat)
    chat.press("Ben", "I would change something")
    chat.submit("Ben", words="Say which sets")
    assert "Ben Carter said what could change in your target." in chat.last("Amina")
    assert "Say which sets" in chat.last("Amina")
    ben = chat.person("Ben")
    sealed = only(chat).comment
    assert sealed is not None
    assert KEYRING.open(ben.id, ben.key, sealed) == "Say which sets"
    seen = chat.rows(select(Look).where(Look.owner_id == ben.id))
    assert {(look.kind, look.reader_id) for look in seen} == {("comment", chat.person("Amina").id)}
    chat.say("Ben", "who has read")
    assert "what you said about a target" in chat.last("Ben")


def test_a_comment_can_be_changed_and_taken_back(chat: Chat) -> None:
    named(chat)
    put_to_ben(chat)
    chat.press("Ben", "I would change something")
    chat.submit("Ben", words="")
    assert chat.problems("Ben") == {"words": "Write a few words, or close this."}
    chat.submit("Ben", words="Say which sets")
    chat.press("Ben", "I would change something")
    assert chat.form("Ben").fields[0].value == "Say which sets"
    chat.submit("Ben", words="")
    assert only(chat).comment is None
    assert "Say which sets" not in chat.screen_of("Amina")
    assert "There is no answer yet." in chat.last("Amina")


def test_shared_with_a_colleague_it_follows_and_the_one_who_was_asked_sees_what_was_put_to_them(chat: Chat) -> None:
    named(chat)
    put_to_ben(chat)
    chat.say("Chloe", "hello")
    chat.press("Amina", "Share it")
    chat.submit("Amina", readers="Chloe", until="")
    chat.press("Amina", "Share it with Chloe")
    assert "run the spring moderation by myself" in chat.last("Chloe")
    chat.tap("Amina", "targets.change", only(chat).id)
    fill(chat, words="run every moderation")
    assert "run every moderation" in chat.last("Chloe")
    chat.say("Ben", "shared with me")
    chat.press("Ben", "Read it")
    assert "run every" not in chat.screen_of("Ben")
    assert "Ben Carter and Chloe Dunn can read this, and nobody else." in chat.screen_of("Amina")


def test_forgotten_it_is_gone_from_every_screen(chat: Chat) -> None:
    named(chat)
    put_to_ben(chat)
    chat.say("Amina", "forget this")
    chat.press("Amina", "Forget it for good")
    assert chat.rows(select(Target)) == []
    assert "moderation" not in chat.screen_of("Ben")


def test_a_revision_after_agreement_is_shown_as_changed_since_and_can_be_put_again(chat: Chat) -> None:
    named(chat)
    put_to_ben(chat)
    chat.press("Ben", "I agree")
    chat.press("Amina", "Change")
    fill(chat, words="run the summer moderation")
    assert "Changed since Ben Carter agreed" in chat.last("Amina")
    assert "Amina has changed it since" in chat.last("Ben")
    assert "run the spring moderation by myself" in chat.last("Ben")
    assert "summer" not in chat.screen_of("Ben")
    chat.press("Amina", "Put it to Ben again")
    chat.press("Amina", "Put it to Ben")
    assert "run the summer moderation" in chat.last("Ben")
    assert chat.screen_of("Ben").count("spring") == 0
    assert "put this target to you again" in chat.screen_of("Ben")
    chat.press("Ben", "I agree")
    assert "Agreed with Ben Carter" in chat.last("Amina")
    assert (only(chat).agreed_version, only(chat).version) == (1, 1)


def test_nobody_agrees_to_what_they_have_not_seen(chat: Chat) -> None:
    """Amina puts a changed version while Ben still has the earlier one in front of him."""
    target = named(chat)
    put_to_ben(chat)
    chat.press("Amina", "Change")
    fill(chat, words="run every moderation")
    chat.press("Amina", "Put it to Ben again")
    chat.press("Amina", "Put it to Ben")
    chat.tap("Ben", "targets.agree", target.id, "0")
    assert only(chat).agreement == "asked"
    assert "run every moderation" in chat.last("Ben")
    assert "put to you again in the meantime" in chat.last("Ben")


def test_a_preview_that_is_out_of_date_sends_nothing(chat: Chat) -> None:
    target = named(chat)
    chat.tap("Amina", "targets.change", target.id)
    fill(chat, words="run every moderation")
    chat.tap("Amina", "targets.send", target.id, f"{chat.person('Ben').id}.0")
    assert "It has changed in the meantime" in chat.last("Amina")
    assert chat.rows(select(Grant)) == []


def test_either_can_leave_it_as_not_agreed(chat: Chat) -> None:
    named(chat)
    put_to_ben(chat)
    chat.press("Ben", "We don’t agree")
    assert "Not agreed with Ben Carter." in chat.last("Amina")
    assert only(chat).state == "open"
    chat.say("Amina", "target: visit two schools by 1 May")
    other = chat.rows(select(Target).order_by(Target.id))[1]
    chat.tap("Amina", "targets.send", other.id, f"{chat.person('Ben').id}.0")
    chat.tap("Amina", "targets.stand", other.id)
    assert "Not agreed with Ben Carter" in chat.last("Amina")
    assert "marked as not agreed" in chat.last("Ben")


def test_taken_back_it_is_gone_from_the_others_screen_and_a_settled_answer_stays_known(chat: Chat) -> None:
    target = named(chat)
    put_to_ben(chat)
    chat.press("Ben", "I agree")
    chat.press("Amina", "Take it back from Ben")
    assert "no longer lets you read this target" in chat.last("Ben")
    assert "moderation" not in chat.screen_of("Ben")
    assert "Agreed with Ben Carter" in chat.last("Amina")
    assert "Only you can read this." in chat.last("Amina")
    chat.tap("Ben", "targets.read", target.id)
    assert "I can't find that any more" in chat.last("Ben")
    assert chat.rows(select(RefusedAttempt))[0].action == "targets.read"


def test_every_look_of_the_other_is_known_to_the_owner(chat: Chat) -> None:
    named(chat)
    put_to_ben(chat)
    chat.say("Amina", "who has read")
    assert "Ben Carter | your target “run the spring moderation by myself”" in chat.last("Amina")
    assert "Ben Carter: your target “run the spring moderation by myself”" in chat.last("Amina")


def test_tapping_twice_puts_it_once(chat: Chat) -> None:
    target = named(chat)
    value = f"{chat.person('Ben').id}.0"
    at_once(lambda: _tap(chat, target, value, "one"), lambda: _tap(chat, target, value, "two"))
    chat.wait(minutes=1)
    assert len(chat.rows(select(Owed).where(Owed.notice == "targets.asked", Owed.changes.is_(None)))) == 1
    assert len(chat.rows(select(Grant))) == 1


def _tap(chat: Chat, target: Target, value: str, key: str) -> Any:
    place = replace(direct_chat("amina@example.org"), message="m")
    event = Event(key, Account(NAME, TENANT, "amina@example.org"), place, "tap", "targets.send", target.id, value,
                  email="amina@example.org")  # fmt: skip
    return chat.dispatcher.handle(event, chat.now)


def test_a_colleague_can_neither_read_nor_be_asked(chat: Chat) -> None:
    target = named(chat)
    chat.say("Chloe", "hello")
    for action in ("targets.open", "targets.read", "targets.agree", "targets.history", "targets.change"):
        chat.tap("Chloe", action, target.id, "0")
        assert "moderation" not in chat.screen_of("Chloe")
    chat.tap("Amina", "targets.send", target.id, f"{chat.person('Chloe').id}.0")
    assert chat.rows(select(Grant)) == []


def test_a_new_partner_sees_nothing_and_the_old_one_has_no_say_any_more(chat: Chat) -> None:
    named(chat)
    put_to_ben(chat)
    chloe = chat.person("Chloe").id
    chat.database.run(lambda session: session.execute(update(Partnership).values(partner_id=chloe)))
    chat.say("Chloe", "hello")
    chat.say("Chloe", "my plan")
    assert "Amina" not in chat.last("Chloe")
    chat.press("Ben", "I agree")
    assert "no longer their learning partner or manager" in chat.last("Ben")
    assert only(chat).agreement == "asked"


def test_who_is_away_is_asked_on_the_first_morning_back(chat: Chat) -> None:
    named(chat)
    chat.say("Ben", "I'm away 2–6 March")
    put_to_ben(chat)
    assert "moderation" not in chat.screen_of("Ben")
    chat.wait_until(datetime(2026, 3, 9, 9, 29, tzinfo=UTC))
    assert "moderation" not in chat.screen_of("Ben")
    chat.wait_until(datetime(2026, 3, 9, 9, 30, tzinfo=UTC))
    assert "run the spring moderation" in chat.screen_of("Ben")


def erase(chat: Chat, who: str) -> None:
    person = chat.person(who).id
    chat.database.run(lambda session: erasure.erase(session, session.get_one(Person, person), chat.now))


def test_erased_nothing_of_their_targets_and_comments_stays_with_others(chat: Chat) -> None:
    named(chat)
    put_to_ben(chat)
    chat.press("Ben", "I would change something")
    chat.submit("Ben", words="Say which sets")
    assert "Say which sets" in chat.screen_of("Amina")
    erase(chat, "Ben")
    chat.wait(minutes=1)
    assert "Say which sets" not in chat.screen_of("Amina")
    chat.tap("Amina", "targets.open", only(chat).id)
    assert "run the spring moderation" in chat.last("Amina")


def test_erased_their_targets_go_from_the_partners_screen(chat: Chat) -> None:
    named(chat)
    put_to_ben(chat)
    erase(chat, "Amina")
    chat.wait(minutes=1)
    assert "moderation" not in chat.screen_of("Ben")
    assert chat.rows(select(Target)) == []
    assert chat.rows(select(TargetVersion)) == []


# ---------------------------------------------------------------------------------------------------- what came of it


def test_on_its_day_it_is_asked_once_what_came_of_it(chat: Chat) -> None:
    named(chat)
    chat.wait_until(ON_ITS_DAY)
    assert "Today was the day you set yourself for this target. What came of it?" in chat.last("Amina")
    assert "I ask once" in chat.last("Amina")
    chat.wait(days=30)
    assert chat.screen_of("Amina").count("was the day you set yourself") == 1


def test_met_and_how_effective_the_development_was(chat: Chat) -> None:
    named(chat)
    chat.wait_until(ON_ITS_DAY)
    chat.press("Amina", "Met")
    assert chat.form("Amina").fields[0].value == "met"
    fill(chat, came="All six sets agreed", rating="4", why="Shadowing helped most")
    shown = chat.last("Amina")
    assert "Met on Thu 30 Apr 2026." in shown
    assert "4 of 5" in shown
    assert "Shadowing helped most" in shown
    assert only(chat).state == "met"


def test_a_typed_answer_says_how_it_ended(chat: Chat) -> None:
    named(chat)
    chat.wait_until(ON_ITS_DAY)
    chat.say("Amina", "done!")
    assert only(chat).state == "met"
    chat.press("Amina", "Say how effective")
    fill(chat, rating="5")
    assert "5 of 5" in chat.last("Amina")


def test_a_typed_story_is_kept_and_how_it_ended_is_asked(chat: Chat) -> None:
    named(chat)
    chat.wait_until(ON_ITS_DAY)
    chat.say("Amina", "I ran four of the six with Ola watching")
    assert "Kept. How did it end?" in chat.last("Amina")
    chat.press("Amina", "Partly met")
    assert chat.form("Amina").fields[1].value == "I ran four of the six with Ola watching"
    fill(chat)
    assert only(chat).state == "partly"
    assert "I ran four of the six" in chat.last("Amina")


def test_not_yet_gives_it_another_day_and_one_more_question(chat: Chat) -> None:
    named(chat)
    chat.wait_until(ON_ITS_DAY)
    chat.press("Amina", "Not yet")
    chat.submit("Amina", due="yesterday")
    assert "still to come" in chat.problems("Amina")["due"]
    chat.submit("Amina", due="in two weeks")
    assert only(chat).due_on == date(2026, 5, 14)
    chat.wait_until(datetime(2026, 5, 14, 12, 0, tzinfo=UTC))
    assert "Today was the day you set yourself" in chat.last("Amina")


def test_not_yet_typed_offers_another_day(chat: Chat) -> None:
    named(chat)
    chat.wait_until(ON_ITS_DAY)
    chat.say("Amina", "not yet")
    assert labels(chat, "Amina") == ["Choose a day", "Don’t ask again"]
    chat.press("Amina", "Don’t ask again")
    assert only(chat).state == "open"


def test_on_leave_nobody_is_asked_and_a_closed_target_is_not_asked_about(chat: Chat) -> None:
    named(chat)
    chat.say("Amina", "I'm away 27 April to 6 May")
    chat.say("Amina", "target: visit two schools by 29 April")
    chat.press("Amina", "What came of it?")
    fill(chat, result="dropped", came="No cover")
    chat.wait_until(datetime(2026, 5, 7, 8, 29, tzinfo=UTC))
    assert "the day you set yourself" not in chat.screen_of("Amina")
    chat.wait_until(datetime(2026, 5, 7, 12, 0, tzinfo=UTC))
    assert "Thu 30 Apr was the day you set yourself" in chat.last("Amina")
    assert chat.screen_of("Amina").count("was the day you set yourself") == 1


def test_nobody_is_asked_about_a_day_that_is_long_past(chat: Chat) -> None:
    """A plan that was brought along, say, or a pause of months."""
    named(chat)
    long_ago = {"due_on": date(2025, 12, 1), "kind": "elsewhere"}
    chat.database.run(lambda session: session.execute(update(Target).values(**long_ago)))
    chat.wait(days=3)
    assert "was the day you set yourself" not in chat.screen_of("Amina")
    chat.tap("Amina", "targets.open", only(chat).id)
    assert "By Mon 1 Dec 2025." in chat.last("Amina")


def test_a_closed_target_can_be_opened_again_with_what_was_said(chat: Chat) -> None:
    named(chat)
    chat.press("Amina", "Leave it as it is")
    chat.press("Amina", "What came of it?")
    fill(chat, result="dropped", came="No cover this year")
    chat.press("Amina", "Open it again")
    assert only(chat).state == "open"
    assert "No cover" not in chat.last("Amina")
    chat.press("Amina", "What came of it?")
    assert chat.form("Amina").fields[1].value == "No cover this year"


# ---------------------------------------------------------------------------------------------------------- next steps


def stepped(chat: Chat) -> NextStep:
    """After an interview with Ben, Amina means to visit Itchen by 20 May."""
    for who in ("Amina", "Ben"):
        chat.say(who, "hello")
    amina, ben = chat.person("Amina"), chat.person("Ben")

    def work(session: Any) -> None:
        met = Interview(
            learner_id=amina.id, partner_id=ben.id, year=date(2025, 9, 1), window=1, state="met", starts_at=NOW,
            ends_at=NOW, proposed_by_id=amina.id, uid="met", made_at=NOW,
        )  # fmt: skip
        session.add(met)
        session.flush()
        words = KEYRING.seal(amina.id, amina.key, "visit Itchen")
        session.add(
            NextStep(interview_id=met.id, owner_id=amina.id, words=words, made_at=NOW, due_on=date(2026, 5, 20))
        )

    chat.database.run(work)
    chat.say("Amina", "my next steps")
    chat.press("Amina", "Open")
    (step,) = chat.rows(select(NextStep))
    return step


def test_a_next_step_becomes_a_target_by_a_tap_and_is_asked_about_once(chat: Chat) -> None:
    step = stepped(chat)
    chat.press("Amina", "Make it a target")
    values = {field.name: field.value for field in chat.form("Amina").fields}
    assert (values["words"], values["due"]) == ("visit Itchen", "Wed 20 May 2026")
    fill(chat, criteria="I saw two lessons")
    target = only(chat)
    assert (target.step_id, target.due_on) == (step.id, date(2026, 5, 20))
    assert "It is a target in your learning plan now." in chat.screen_of("Amina")
    chat.say("Amina", "my next steps")
    assert "You have no next steps open." in chat.last("Amina")
    chat.now = datetime(2026, 5, 19, 12, 0, tzinfo=UTC)
    chat.wait_until(datetime(2026, 5, 20, 12, 0, tzinfo=UTC))
    assert "Today was the day you set yourself" in chat.screen_of("Amina")
    assert "For today: a next step of yours" not in chat.screen_of("Amina")


def test_undone_the_next_step_is_open_again(chat: Chat) -> None:
    stepped(chat)
    chat.press("Amina", "Make it a target")
    fill(chat)
    chat.press("Amina", "Undo")
    (step,) = chat.rows(select(NextStep))
    assert step.state == "open"
    assert chat.rows(select(Target)) == []


def test_a_next_step_becomes_one_target_and_only_its_owners(chat: Chat) -> None:
    step = stepped(chat)
    chat.press("Amina", "Make it a target")
    fill(chat)
    chat.tap("Amina", "targets.from_step", step.id)
    assert "visit Itchen" in chat.last("Amina")
    chat.tap("Ben", "targets.from_step", step.id)
    assert "I can't find that any more" in chat.last("Ben")
    chat.tap("Ben", "targets.form")
    visitor = chat.visitor("Ben")
    visitor.form = replace(chat.form("Ben"), value=str(step.id))
    chat.submit("Ben", words="mine now")
    assert len(chat.rows(select(Target))) == 1


# ---------------------------------------------------------------------------------------------------------------- days


@pytest.mark.parametrize(
    ("said", "day", "clear"),
    [
        ("the end of June", date(2026, 6, 30), True),
        ("by the end of February", date(2027, 2, 28), True),
        ("end of March 2026", date(2026, 3, 31), True),
        ("end of February 2026", None, False),
        ("by 30 April", date(2026, 4, 30), True),
        ("learn Excel", None, True),
    ],
)
def test_by_which_day(chat: Chat, said: str, day: date | None, clear: bool) -> None:
    if not chat.database.sqlite:
        pytest.skip("a rule: one database is enough")
    amina = chat.person("Amina")
    read = chat.database.run(lambda session: day_in(Turn(session, NOW, chat.policy, KEYRING, amina), said))
    assert read == (day, clear)


@pytest.mark.parametrize(
    ("said", "kept", "day"),
    [
        ("run it by 30 April", "run it", date(2026, 4, 30)),
        ("run it, before the end of June.", "run it", date(2026, 6, 30)),
        ("by 30 April run it", "by 30 April run it", date(2026, 4, 30)),
        ("by 30 April", "by 30 April", date(2026, 4, 30)),
        ("run it", "run it", None),
    ],
)
def test_a_day_at_the_end_is_parted_from_the_words(chat: Chat, said: str, kept: str, day: date | None) -> None:
    if not chat.database.sqlite:
        pytest.skip("a rule: one database is enough")
    amina = chat.person("Amina")
    read = chat.database.run(lambda session: parted(Turn(session, NOW, chat.policy, KEYRING, amina), said))
    assert read == (kept, day, True)
