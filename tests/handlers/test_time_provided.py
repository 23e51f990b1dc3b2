"""Who coordinates learning is told when the organisation fails to provide its time: in tenths, once, of nobody."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.chat import Table
from bot.policy import Policy, PolicyError, load
from storage.models import Course, Owed, Person
from tests.conftest import NOW, ROSTER, Chat

TOLD = datetime(2026, 5, 1, 8, 30, tzinfo=UTC)  # the morning after two thirds of the year, at 09:30 in London


def learned(chat: Chat, who: str, days: float, on: date = date(2026, 2, 20)) -> None:
    """Somebody attended a course of so many days."""
    person = chat.person(who)
    course = Course(owner_id=person.id, title=person.key or b"", starts_on=on, ends_on=on, made_at=NOW, days=days,
                    state="attended", nothing_to_add=True)  # fmt: skip
    chat.database.run(lambda session: session.add(course))


def everybody() -> list[str]:
    return [name.split()[0] for name, _, _ in ROSTER]


def told(chat: Chat) -> str:
    return chat.screen_of("Cora")


def owed_column(chat: Chat) -> dict[str, str]:
    chat.say("Cora", "overview")
    (table,) = (part for part in chat.seen("Cora")[-1].message.parts if isinstance(part, Table))
    return {row[0]: row[-1] for row in table.rows}


# -------------------------------------------------------------------------------------------------------- the overview


@pytest.mark.parametrize(
    ("had", "shown"),
    [
        ((), "everybody"),
        (("Amina",), "–"),  # “most” of six, of whom five or more are owed some, would be all but one
        (("Amina", "Ben"), "–"),
        (("Amina", "Ben", "Chloe", "Dan", "Eve"), "–"),
        (("Amina", "Ben", "Chloe", "Dan", "Eve", "Ola"), "nobody"),
    ],
)
def test_the_overview_says_whether_somebody_of_a_team_is_still_owed_time(
    chat: Chat, had: tuple[str, ...], shown: str
) -> None:
    for who in had:
        learned(chat, who, 3)
    assert owed_column(chat) == {"Children's Services": shown}
    assert "Inclusion: fewer than five people" in chat.last("Cora")
    assert "Amina" not in chat.last("Cora")


def test_a_larger_team_is_counted_where_both_sides_are_five_or_more(chat: Chat) -> None:
    team = chat.person("Amina").team_id
    new = [Person(name=f"New {n}", email=f"new{n}@example.org", key=None, team_id=team) for n in range(4)]
    chat.database.run(lambda session: session.execute(update(Person).values(team_id=team)))
    chat.database.run(lambda session: session.add_all(new))
    for who in everybody()[:7]:
        learned(chat, who, 3)
    assert owed_column(chat) == {"Children's Services": "6"}


def test_who_works_part_of_the_week_and_had_their_part_is_not_counted(chat: Chat) -> None:
    for who in everybody()[:5]:
        learned(chat, who, 3)
    change = update(Person).where(Person.id == chat.person("Eve").id).values(working_days="123")
    chat.database.run(lambda session: session.execute(change))
    learned(chat, "Eve", 2)
    assert owed_column(chat)["Children's Services"] == "nobody"


# --------------------------------------------------------------------------------------------------------- being told


def test_when_two_thirds_of_the_year_are_over_and_too_few_had_their_time_a_coordinator_is_told_once(chat: Chat) -> None:
    for who in everybody():
        chat.say(who, "hello")
    for who in ("Amina", "Ben", "Farid"):
        learned(chat, who, 2)
    learned(chat, "Eve", 1.5)  # less than two thirds of three days
    chat.now = TOLD - timedelta(days=2)
    chat.wait_until(TOLD - timedelta(minutes=1))
    assert "running short" not in told(chat)
    chat.wait_until(TOLD)
    assert "Time to learn is running short. Half of the people or more have had less" in told(chat)
    assert "[Overview by team]" in told(chat)
    for who in everybody():
        if who != "Cora":
            assert "running short" not in chat.screen_of(who)
            assert who not in chat.last("Cora")
    chat.wait(days=25)
    assert told(chat).count("running short") == 1


def test_in_tenths_it_is_told_where_five_had_enough_and_five_had_not(chat: Chat) -> None:
    new = [Person(name=f"New {n}", email=f"new{n}@example.org", key=None) for n in range(8)]
    chat.database.run(lambda session: session.add_all(new))
    for who in everybody():
        chat.say(who, "hello")
    for who in everybody()[:5]:
        learned(chat, who, 3)
    chat.now = TOLD - timedelta(days=2)
    chat.wait_until(TOLD)
    assert "Time to learn is running short. About 7 in ten people have had less" in told(chat)  # twelve of 17


def test_where_most_had_their_time_nobody_is_told(chat: Chat) -> None:
    for who in everybody():
        chat.say(who, "hello")
    for who in everybody()[:5]:
        learned(chat, who, 2)
    chat.now = TOLD - timedelta(days=2)
    chat.wait_until(TOLD + timedelta(days=22))
    assert "running short" not in told(chat)


def test_a_coordinator_on_leave_is_told_afterwards_and_only_if_it_is_still_so(chat: Chat) -> None:
    for who in everybody():
        chat.say(who, "hello")
    chat.now = datetime(2026, 4, 29, 9, tzinfo=UTC)
    chat.say("Cora", "I'm away from 30 April to 8 May")
    chat.wait_until(datetime(2026, 5, 8, 12, tzinfo=UTC))
    assert "running short" not in told(chat)
    chat.wait_until(datetime(2026, 5, 11, 9, tzinfo=UTC))
    assert told(chat).count("Nearly everybody has had less") == 1


def test_what_is_put_right_before_it_is_told_is_not_told(chat: Chat) -> None:
    for who in everybody():
        chat.say(who, "hello")
    chat.now = datetime(2026, 5, 1, 7, tzinfo=UTC)
    chat.wait(minutes=1)
    assert chat.rows(select(Owed.state).where(Owed.notice == "time.short")) == ["due"]
    for who in everybody():
        learned(chat, who, 3)
    chat.wait_until(TOLD + timedelta(days=3))
    assert "running short" not in told(chat)


def test_of_fewer_than_five_people_nothing_is_said(chat: Chat) -> None:
    chat.say("Cora", "hello")
    left = update(Person).where(Person.name.not_in(("Amina Khan", "Ben Carter", "Cora Nator", "Eve Fox")))
    chat.database.run(lambda session: session.execute(left.values(left_at=NOW)))
    chat.now = TOLD - timedelta(days=1)
    chat.wait_until(TOLD + timedelta(days=3))
    assert "running short" not in told(chat)


def test_the_policys_days_are_the_days(chat: Chat) -> None:
    checked = chat.policy.learning_time.model_copy(update={"checked_on": ("12-18", "03-31")})
    policy = chat.policy.model_copy(update={"learning_time": checked})
    assert policy.learning_time_checks(date(2025, 9, 1)) == (date(2025, 12, 18), date(2026, 3, 31))
    chat.policy = chat.dispatcher.policy = chat.delivery.policy = policy
    chat.say("Cora", "hello")
    chat.now = datetime(2026, 3, 30, 9, tzinfo=UTC)
    chat.wait_until(datetime(2026, 4, 1, 8, 29, tzinfo=UTC))
    assert "running short" not in told(chat)
    chat.wait_until(datetime(2026, 4, 1, 8, 30, tzinfo=UTC))
    assert told(chat).count("running short") == 1
    assert "the days your policy names" in told(chat)
    chat.now = TOLD - timedelta(days=1)
    chat.wait_until(TOLD + timedelta(days=3))
    assert told(chat).count("running short") == 1


def test_nobody_but_a_coordinator_is_shown_it_by_any_path(chat: Chat) -> None:
    for who in everybody():
        chat.say(who, "hello")
    chat.now = TOLD - timedelta(days=1)
    chat.wait_until(TOLD)
    moved = update(Owed).where(Owed.notice == "time.short").values(
        to_id=chat.person("Amina").id, state="due", due_at=chat.now, key="moved"
    )  # fmt: skip
    chat.database.run(lambda session: session.execute(moved))
    chat.wait(minutes=1)
    assert "running short" not in chat.screen_of("Amina")


def test_a_day_that_is_none_is_a_mistake_in_the_policy(tmp_path: object) -> None:
    written = load.__globals__["BUNDLED"].joinpath("southampton.toml").read_text()
    file = f"{tmp_path}/mine.toml"
    with open(file, "w") as policy:
        policy.write(written.replace("pro_rata = true", 'pro_rata = true\nchecked_on = ["02-31"]'))
    with pytest.raises(PolicyError, match="learning_time"):
        load(file)


def test_a_log_without_questions_is_a_mistake_in_the_policy(policy: Policy) -> None:
    log = policy.log.model_dump() | {"questions": ()}
    with pytest.raises(ValueError, match="a log needs questions"):
        type(policy.log).model_validate(log)
