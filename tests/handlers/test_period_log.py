"""The log: asked for once when a period is over, put off, declined, or written whenever its owner likes."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select, update

from bot import wording
from bot.chat import Facts, FixAnswers, OpenForm, Quote, Replace
from bot.policy import Policy
from storage.models import Away, Owed, PeriodLog
from tests.conftest import NOW, Chat

ASKED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)  # the first working morning after January and February
IMPACT = "What has changed because of it?"


@pytest.fixture(autouse=True)
def looked_at_daily(chat: Chat) -> None:
    """A log is asked for on the first working morning after its period: once that is over, and no earlier."""
    chat.recurs_every = timedelta(days=1)


def learned_in_february(chat: Chat, who: str = "Amina") -> None:
    """Somebody kept a little of each in February."""
    chat.now = datetime(2026, 2, 24, 15, tzinfo=UTC)
    chat.say(who, "hello")
    chat.say(who, "diary: to ask before I answer")
    chat.say(who, "log 2h shadowing at Bitterne")
    chat.say(who, "I was on the Phonics course on 10 February")
    chat.press(who, "Nothing to add")


def asked(chat: Chat, who: str = "Amina") -> None:
    learned_in_february(chat, who)
    chat.wait_until(ASKED)


def logs(chat: Chat) -> list[tuple[date, str]]:
    return [(log.first, log.state) for log in chat.rows(select(PeriodLog).order_by(PeriodLog.first))]


def times_asked(chat: Chat, who: str = "Amina") -> int:
    sent = select(Owed.id).where(
        Owed.key.startswith("log.ask/2026-01-01/"), Owed.to_id == chat.person(who).id, Owed.state == "sent"
    )
    return len(chat.rows(sent))


# --------------------------------------------------------------------------------------------------------------- asked


def test_when_a_period_is_over_its_owner_is_asked_once_with_what_it_holds_and_why(chat: Chat) -> None:
    asked(chat)
    last = chat.last("Amina")
    for line in (
        "January and February 2026: a look back?", "Courses: the Phonics course", "Diary: 1 entry",
        "Time logged: 1 time",
        "Off-the-job learning: 1.3 days", "your organisation keeps a log every 2 months", "nobody else sees it",
        "[Look back on it]", "[Ask me next week]", "[Not this time]",
    ):  # fmt: skip
        assert line in last
    chat.wait(days=50)
    assert times_asked(chat) == 1


def test_who_kept_nothing_in_it_is_not_asked(chat: Chat) -> None:
    chat.say("Ben", "hello")
    asked(chat)
    assert "look back" not in chat.screen_of("Ben")


def test_nobody_is_asked_while_away_or_paused_and_then_once(chat: Chat) -> None:
    learned_in_february(chat)
    chat.say("Amina", "I'm away from 2 March to 6 March")
    chat.wait_until(datetime(2026, 3, 8, tzinfo=UTC))
    assert times_asked(chat) == 0
    chat.wait_until(datetime(2026, 3, 9, 9, 30, tzinfo=UTC))
    assert times_asked(chat) == 1


def test_leave_that_is_told_late_holds_the_prompt_back(chat: Chat) -> None:
    learned_in_february(chat)
    chat.wait_until(ASKED - timedelta(minutes=5))
    amina = chat.person("Amina")
    leave = Away(
        person_id=amina.id, starts_at=ASKED - timedelta(hours=1), ends_at=ASKED + timedelta(days=2), made_at=NOW
    )
    chat.database.run(lambda session: session.add(leave))
    chat.wait_until(ASKED + timedelta(days=1))
    assert times_asked(chat) == 0
    chat.wait_until(ASKED + timedelta(days=3))
    assert times_asked(chat) == 1


def test_a_pause_without_an_end_means_no_prompt_however_long(chat: Chat) -> None:
    learned_in_february(chat)
    chat.say("Amina", "pause")
    chat.wait_until(datetime(2026, 4, 20, tzinfo=UTC))
    chat.say("Amina", "resume")
    chat.wait(days=3)
    assert times_asked(chat) == 0


def test_where_no_log_is_kept_nobody_is_asked_and_my_log_says_so(chat: Chat) -> None:
    none = chat.policy.model_copy(update={"log": chat.policy.log.model_copy(update={"every_months": 0})})
    chat.policy = chat.dispatcher.policy = chat.delivery.policy = none
    asked(chat)
    assert times_asked(chat) == 0
    chat.say("Amina", "my log")
    assert "Your organisation keeps no log." in chat.last("Amina")


# ------------------------------------------------------------------------------------------------------------- written


def test_the_form_shows_what_the_period_holds_and_asks_what_the_policy_asks(chat: Chat, policy: Policy) -> None:
    asked(chat)
    assert isinstance(chat.press("Amina", "Look back on it"), OpenForm)
    form = chat.form("Amina")
    assert [one.label for one in form.fields] == [question.ask for question in policy.log.questions]
    assert form.fields[-1].label == IMPACT
    quotes = [part.words for part in form.intro if isinstance(part, Quote)]
    assert quotes == ["to ask before I answer", "shadowing at Bitterne"]
    assert any(isinstance(part, Facts) for part in form.intro)


def test_what_is_written_is_kept_said_back_and_can_be_changed(chat: Chat) -> None:
    asked(chat)
    chat.press("Amina", "Look back on it")
    assert isinstance(chat.submit("Amina"), FixAnswers)
    assert isinstance(chat.submit("Amina", impact="I ask first now.", progress="Half way."), Replace)
    assert logs(chat) == [(date(2026, 1, 1), "written")]
    for line in ("Kept: your log, January and February 2026", IMPACT, "> I ask first now.", "> Half way."):
        assert line in chat.last("Amina")
    chat.press("Amina", "Change")
    assert chat.form("Amina").fields[-1].value == "I ask first now."
    chat.submit("Amina", impact="I ask first now, mostly.", progress="")
    assert "mostly" in chat.last("Amina")
    assert "Half way." not in chat.last("Amina")
    chat.press("Amina", "Change")
    chat.submit("Amina", impact="", progress="")
    assert "Taken out of your log." in chat.last("Amina")
    assert chat.rows(select(PeriodLog))[0].answers is None
    chat.wait(days=30)
    assert times_asked(chat) == 1


def test_what_is_typed_while_the_prompt_stands_goes_where_it_always_goes(chat: Chat) -> None:
    """A prompt of weeks must not swallow what somebody learned today."""
    asked(chat)
    chat.say("Amina", "learned to wait, too")
    assert "Kept in your diary." in chat.last("Amina")
    assert logs(chat) == [(date(2026, 1, 1), "asked")]


def test_what_is_too_long_comes_back_whole(chat: Chat) -> None:
    asked(chat)
    chat.press("Amina", "Look back on it")
    assert isinstance(chat.submit("Amina", impact="x" * 3_001), FixAnswers)
    assert chat.form("Amina").fields[-1].value == "x" * 3_001
    chat.submit("Amina", impact="x" * 3_000)
    assert logs(chat) == [(date(2026, 1, 1), "written")]


def test_it_can_be_put_off_by_a_week_and_is_then_asked_again(chat: Chat) -> None:
    asked(chat)
    chat.press("Amina", "Ask me next week")
    assert "I'll ask again on Mon 9 Mar." in chat.last("Amina")
    chat.press("Amina", "Not this time")
    assert logs(chat) == [(date(2026, 1, 1), "declined")]
    chat.wait(days=20)
    assert times_asked(chat) == 1


def test_what_was_put_off_comes_back_once(chat: Chat) -> None:
    asked(chat)
    chat.press("Amina", "Ask me next week")
    chat.wait_until(ASKED + timedelta(days=7))
    assert times_asked(chat) == 2
    chat.wait(days=30)
    assert times_asked(chat) == 2


def test_declined_it_can_still_be_written(chat: Chat) -> None:
    asked(chat)
    chat.press("Amina", "Not this time")
    chat.press("Amina", "Write it after all")
    chat.submit("Amina", impact="A little.")
    assert logs(chat) == [(date(2026, 1, 1), "written")]


def test_what_was_written_before_the_prompt_is_not_asked_about(chat: Chat) -> None:
    learned_in_february(chat)
    chat.say("Amina", "my log")
    chat.press("Amina", "Open")
    chat.press("Amina", "Write it")
    chat.submit("Amina", impact="So far so good.")
    chat.wait_until(ASKED + timedelta(days=5))
    assert times_asked(chat) == 0


def test_written_between_the_promise_and_the_prompt_it_is_not_asked_about(chat: Chat) -> None:
    learned_in_february(chat)
    chat.wait_until(datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert chat.rows(select(Owed.state).where(Owed.notice == "log.ask")) == ["due"]
    chat.tap("Amina", "log.write", None, "2026-01-01")
    chat.submit("Amina", impact="So far so good.")
    chat.wait_until(ASKED + timedelta(days=5))
    assert times_asked(chat) == 0


# -------------------------------------------------------------------------------------------------------------- my log


def test_my_log_shows_the_periods_and_opens_one(chat: Chat) -> None:
    asked(chat)
    chat.press("Amina", "Look back on it")
    chat.submit("Amina", impact="A little.")
    chat.say("Amina", "my log")
    last = chat.last("Amina")
    for line in (
        "March and April 2026: not over yet", "January and February 2026: written",
        "November and December 2025: not written", "March and April 2025: not written",
    ):  # fmt: skip
        assert line in last
    assert "late" not in last
    chat.tap("Amina", "log.open", None, "2025-11-01")
    assert "there is no late" in chat.last("Amina")
    assert "Nothing that you kept here." in chat.last("Amina")


@pytest.mark.parametrize("value", ["", "x", "2026-01-02", "2026-05-01", "9999-12-31", "0001-01-01", "2026-1-1"])
def test_a_period_that_does_not_exist_is_refused(chat: Chat, value: str) -> None:
    chat.say("Amina", "hello")
    for action in ("log.open", "log.write", "log.written"):
        chat.tap("Amina", action, None, value)
        assert "I can't find that any more" in chat.last("Amina")
    assert logs(chat) == []


def test_what_was_asked_under_an_earlier_policy_stays_readable(chat: Chat) -> None:
    asked(chat)
    chat.press("Amina", "Look back on it")
    chat.submit("Amina", progress="Half way.", impact="A little.")
    fewer = chat.policy.log.model_copy(update={"every_months": 6, "questions": chat.policy.log.questions[:1]})
    chat.dispatcher.policy = chat.policy.model_copy(update={"log": fewer})
    chat.tap("Amina", "log.open", None, "2026-01-01")
    assert "> Half way." in chat.last("Amina")
    chat.press("Amina", "Change")
    chat.submit("Amina", competence="First aid refreshed.")
    assert "> Half way." in chat.last("Amina")
    assert "> First aid refreshed." in chat.last("Amina")


@pytest.mark.parametrize(
    ("starts", "months", "first", "last", "said"),
    [
        ("09-01", 2, date(2026, 3, 1), date(2026, 4, 30), "March and April 2026"),
        ("09-01", 1, date(2026, 3, 1), date(2026, 3, 31), "March 2026"),
        ("09-01", 3, date(2026, 3, 1), date(2026, 5, 31), "March to May 2026"),
        ("09-01", 4, date(2026, 1, 1), date(2026, 4, 30), "January to April 2026"),
        ("09-01", 6, date(2026, 3, 1), date(2026, 8, 31), "March to August 2026"),
        ("09-01", 12, date(2025, 9, 1), date(2026, 8, 31), "September 2025 to August 2026"),
        ("12-01", 3, date(2026, 3, 1), date(2026, 5, 31), "March to May 2026"),
        ("08-31", 2, date(2026, 2, 28), date(2026, 4, 29), "28 Feb to 29 Apr 2026"),
        ("02-29", 2, date(2026, 2, 28), date(2026, 4, 27), "28 Feb to 27 Apr 2026"),
    ],
)
def test_every_day_of_the_year_is_in_one_period(
    policy: Policy, starts: str, months: int, first: date, last: date, said: str
) -> None:
    log = policy.log.model_copy(update={"every_months": months})
    policy = policy.model_copy(update={"year_starts": starts, "log": log})
    year = policy.year_of(NOW.date())
    periods = policy.log_periods(year)
    assert len(periods) == 12 // months
    assert periods[0][0] == year
    assert periods[-1][1] == policy.year_of(year + timedelta(days=380)) - timedelta(days=1)
    for (_, ends), (begins, _) in pairwise(periods):
        assert begins == ends + timedelta(days=1)
    (found,) = [(begins, ends) for begins, ends in periods if begins <= date(2026, 3, 10) <= ends]
    assert found == (first, last)
    assert wording.period(*found) == said


# ------------------------------------------------------------------------------------------------------------- privacy


def test_a_log_is_nobody_elses_not_even_that_it_was_written(chat: Chat) -> None:
    for who in ("Ben", "Ola", "Cora"):
        chat.say(who, "hello")
    asked(chat)
    chat.press("Amina", "Look back on it")
    chat.submit("Amina", impact="a canary")
    number = chat.rows(select(PeriodLog))[0].id
    for who in ("Ben", "Ola", "Cora"):
        for action in ("log.later", "log.skip"):
            chat.tap(who, action, number)
            assert "I can't find that any more" in chat.last(who)
        for action in ("log.open", "log.write"):
            chat.tap(who, action, None, "2026-01-01")
        chat.say(who, "overview")
        assert "canary" not in chat.screen_of(who)
    assert logs(chat) == [(date(2026, 1, 1), "written")]
    assert b"canary" not in bytes(chat.rows(select(PeriodLog))[0].answers or b"")


def test_it_goes_when_its_owner_is_erased(chat: Chat) -> None:
    asked(chat)
    chat.press("Amina", "Look back on it")
    chat.submit("Amina", impact="The team asks before it answers.")
    chat.say("Amina", "erase me")
    chat.press("Amina", "Go on to erasing")
    chat.press("Amina", "Erase me for good")
    assert logs(chat) == []
    assert chat.rows(select(Owed.id).where(Owed.notice == "log.ask")) == []


def test_a_late_prompt_of_a_log_that_was_declined_elsewhere_is_not_built(chat: Chat) -> None:
    learned_in_february(chat)
    chat.wait_until(datetime(2026, 3, 1, 12, tzinfo=UTC))
    chat.database.run(lambda session: session.execute(update(PeriodLog).values(state="declined")))
    chat.wait_until(ASKED)
    assert times_asked(chat) == 0
