"""The yearly review by policy: a lead is asked a month and a week before it is due, kindly, and never twice."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.chat import OpenForm
from bot.policy import BUNDLED, Policy, PolicyError, load
from handlers.reviews import due
from storage.models import DevelopmentPlan, Owed, Person, Review, Team
from tests.conftest import Chat
from tests.handlers.test_reviews import close_early, in_the_channel, start

CHILDREN = "The yearly review of Children's Services is due by"


def at(month: int, day: int, hour: int = 12, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def asked(chat: Chat, who: str = "Ola") -> int:
    """How often somebody was asked for the yearly review of Children's Services."""
    return sum(CHILDREN in (posted.message.parts[0].plain() if posted.message.parts else "")  # type: ignore[union-attr]
               for posted in chat.seen(who))  # fmt: skip


def prompts(chat: Chat) -> list[Owed]:
    return [row for row in chat.rows(select(Owed)) if row.notice.startswith("reviews.due_") and row.state == "sent"]


def held_in_autumn(chat: Chat) -> None:
    """A yearly review of the year before, so that there is a channel to use again."""
    start(chat, names="named")
    close_early(chat)
    before = at(5, 1, year=2025)
    chat.database.run(lambda session: session.execute(update(Review).values(opened_at=before, closes_at=before)))


def test_the_lead_is_asked_a_month_and_a_week_before_in_the_morning_and_told_why(chat: Chat) -> None:
    chat.say("Ola", "hello")
    chat.wait_until(at(4, 22, 8, 29))
    assert asked(chat) == 0
    chat.wait_until(at(4, 22, 8, 30))  # half past nine in London, a Wednesday, 30 days before 22 May
    card = chat.screen_of("Ola")
    assert f"{CHILDREN} Fri 22 May 2026, and has not begun." in card
    assert "Begun today, it would close on Wed 6 May" in card
    assert "your organisation promises each team a look at how it works" in card
    assert "say `review` in your team's channel" in card
    chat.wait_until(at(5, 14))
    assert asked(chat) == 1
    chat.wait_until(at(5, 15, 8, 30))
    assert asked(chat) == 2
    chat.wait_until(at(9, 1))
    assert asked(chat) == 2
    everybody = ("Amina", "Ben", "Cora", "Farid")
    assert not any(CHILDREN in chat.screen_of(who) for who in everybody)


def test_the_closing_day_that_is_offered_avoids_days_when_nobody_is_there(chat: Chat) -> None:
    chat.say("Ola", "hello")
    chat.policy = chat.policy.model_copy(
        update={"reviews": chat.policy.reviews.model_copy(update={"due": "05-18"})}
    )  # a month before is Saturday 18 April; a fortnight after Monday 20 April is the bank holiday of 4 May
    again = Chat(chat.database, chat.policy, chat.now, chat.screen)
    again.wait_until(at(4, 20, 8, 30))
    assert "Begun today, it would close on Tue 5 May" in again.screen_of("Ola")
    again.close()


def test_it_starts_from_the_card_in_the_channel_of_the_last_one_and_the_card_says_so(chat: Chat) -> None:
    chat.say("Ola", "hello")
    held_in_autumn(chat)
    chat.wait_until(at(4, 22, 9))
    assert isinstance(chat.press("Ola", "Start the review"), OpenForm)
    assert chat.form("Ola").fields[2].value == "2026-05-06"
    chat.submit("Ola", names="named", title="This year")
    assert "This year" in in_the_channel(chat)
    chat.wait(minutes=1)
    assert asked(chat) == 0  # the card has become what came of it
    chat.wait_until(at(5, 22))
    assert asked(chat) == 0
    assert len(prompts(chat)) < 4


@pytest.mark.parametrize("yearly", ["yes", "no"])
def test_nothing_is_asked_of_a_team_that_has_had_its_yearly_review(chat: Chat, yearly: str) -> None:
    chat.say("Ola", "hello")
    start(chat, names="named", yearly=yearly)
    close_early(chat)
    chat.wait_until(at(5, 30))
    assert asked(chat) == (0 if yearly == "yes" else 2)  # one in between settles nothing


def test_one_that_was_cancelled_does_not_count(chat: Chat) -> None:
    chat.say("Ola", "hello")
    start(chat, names="named")
    chat.press("Ola", "Cancel it")
    chat.press("Ola", "Cancel it and destroy")
    chat.wait_until(at(4, 23))
    assert asked(chat) == 1


def test_it_can_be_put_off_once_for_two_weeks(chat: Chat) -> None:
    chat.say("Ola", "hello")
    chat.wait_until(at(4, 22, 9))
    chat.press("Ola", "Put it off")
    assert "I ask again on Wed 6 May" in chat.screen_of("Ola")
    chat.wait_until(at(5, 6, 9))
    assert asked(chat) == 1
    assert "Put it off" not in chat.screen_of("Ola")
    chat.wait_until(at(9, 1))
    assert asked(chat) == 1  # the one in between comes in place of the one a week before


def test_not_this_year_is_the_last_word(chat: Chat) -> None:
    chat.say("Ola", "hello")
    chat.wait_until(at(4, 22, 9))
    chat.press("Ola", "Not this year")
    assert "I don't ask again" in chat.screen_of("Ola")
    chat.wait_until(at(9, 1))
    assert asked(chat) == 0
    chat.wait_until(at(4, 23, year=2027))
    assert asked(chat) == 1  # next year is another one


def test_a_lead_on_leave_is_asked_when_they_are_back_and_one_who_paused_is_not(chat: Chat) -> None:
    chat.say("Ola", "hello")
    chat.say("Ola", "I'm away 20 to 30 April")
    chat.say("Farid", "hello")
    chat.database.run(
        lambda session: session.execute(
            update(Person).where(Person.name == "Farid Gill").values(paused_until=date(2026, 8, 1))
        )
    )
    chat.wait_until(at(4, 30))
    assert asked(chat) == 0
    chat.wait_until(at(5, 1, 8, 30))
    assert asked(chat) == 1
    chat.wait_until(at(7, 1))
    assert "The yearly review of Inclusion" not in chat.screen_of("Farid")


def test_a_new_lead_is_asked_and_the_one_before_no_more(chat: Chat) -> None:
    for who in ("Ola", "Amina"):
        chat.say(who, "hello")
    chat.wait_until(at(4, 23))
    amina = chat.person("Amina").id
    chat.database.run(
        lambda session: session.execute(update(Team).where(Team.name == "Children's Services").values(lead_id=amina))
    )
    chat.wait_until(at(5, 16))
    assert (asked(chat, "Ola"), asked(chat, "Amina")) == (1, 2)
    team = chat.rows(select(Team.id).where(Team.name == "Children's Services"))[0]
    for action in ("put_off", "not_this_year"):
        chat.tap("Ola", f"reviews.{action}", team)
        assert "can't find that" in chat.last("Ola")


def test_without_a_day_in_the_policy_nobody_is_asked(chat: Chat) -> None:
    quiet = chat.policy.model_copy(update={"reviews": chat.policy.reviews.model_copy(update={"due": None})})
    chat.say("Ola", "hello")
    without = Chat(chat.database, quiet, chat.now, chat.screen)
    without.wait_until(at(6, 1))
    assert "is due by" not in without.screen_of("Ola").replace("interview", "")
    without.close()


@pytest.mark.parametrize(
    ("written", "today", "expected"),
    [
        ("05-22", date(2026, 3, 2), None),  # too early to speak of it
        ("05-22", date(2026, 4, 22), date(2026, 5, 22)),
        ("05-22", date(2026, 7, 1), date(2026, 5, 22)),
        ("09-15", date(2026, 8, 16), date(2026, 9, 15)),  # early in a learning year, asked for in the one before
        ("02-29", date(2027, 2, 20), date(2027, 2, 28)),
    ],
)
def test_which_day_is_spoken_of(policy: Policy, written: str, today: date, expected: Any) -> None:
    named = policy.model_copy(update={"reviews": policy.reviews.model_copy(update={"due": written})})
    assert due.due_now(named, today) == expected


def test_a_day_that_is_not_in_the_calendar_is_refused(tmp_path: Any) -> None:
    written = (BUNDLED / "southampton.toml").read_text().replace('due = "05-22"', 'due = "04-31"')
    (tmp_path / "ours.toml").write_text(written)
    with pytest.raises(PolicyError):
        load(str(tmp_path / "ours.toml"))


def test_the_next_review_begins_with_the_plan_of_the_year_before(chat: Chat) -> None:
    chat.say("Ola", "hello")
    team = chat.rows(select(Team.id).where(Team.name == "Children's Services"))[0]

    def agreed(session: Any) -> None:
        session.add(DevelopmentPlan(team_id=team, year=date(2024, 9, 1), made_at=at(6, 1, year=2025), state="ended",
                                    agreed_at=at(6, 2, year=2025)))  # fmt: skip

    chat.database.run(agreed)
    start(chat, names="named")
    assert "[What came of our plan]" in chat.last("Ola")
    assert "[What came of our plan]" in in_the_channel(chat)
    chat.press("Amina", "What came of our plan", in_channel="team")
    assert "lan" in chat.last("Amina", in_channel="team")
    assert "can't find" not in chat.last("Amina", in_channel="team")


def test_a_team_without_a_plan_has_no_button_for_one(chat: Chat) -> None:
    start(chat, names="named")
    assert "What came of our plan" not in chat.last("Ola") + in_the_channel(chat)
