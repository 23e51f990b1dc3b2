"""Mandatory trainings: recorded by whoever did them, and a kind word before one runs out, to nobody else."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.chat import FixAnswers, OpenForm, Table
from bot.policy import Policy
from bot.policy_courses import Training
from handlers.trainings import rules
from storage import trainings
from storage.models import Draft, Person, TrainingDone
from tests.conftest import KEYRING, NOW, Chat
from tests.handlers.test_courses import courses_of

EXPIRES = date(2027, 2, 20)  # a Saturday, a year after Friday 20 February 2026
BEFORE = datetime(2027, 1, 21, 9, 30, tzinfo=UTC)  # thirty days before it: a Thursday
AT = datetime(2027, 2, 22, 9, 30, tzinfo=UTC)  # the Monday after it


def done_by(chat: Chat, who: str = "Amina") -> list[TrainingDone]:
    found = select(TrainingDone).where(TrainingDone.owner_id == chat.person(who).id).order_by(TrainingDone.id)
    return chat.rows(found)


def recorded(chat: Chat, who: str = "Amina") -> TrainingDone:
    chat.say(who, "done safeguarding on 20 February")
    return done_by(chat, who)[-1]


# -------------------------------------------------------------------------------------------------------- recording


@pytest.mark.parametrize(
    ("said", "training", "day"),
    [
        ("done safeguarding on 20 February", "safeguarding", date(2026, 2, 20)),
        ("I've done my GDPR training yesterday", "gdpr", date(2026, 3, 1)),
        ("completed the Prevent refresher on 5 January 2026", "safeguarding", date(2026, 1, 5)),
        ("renewed health and safety last Friday", "health_safety", date(2026, 2, 27)),
        ("Done mental health today", "mental_health", date(2026, 3, 2)),
    ],
)
def test_a_sentence_records_a_training_with_its_day(chat: Chat, said: str, training: str, day: date) -> None:
    chat.say("Amina", said)
    (done,) = done_by(chat)
    assert (done.training, done.done_on) == (training, day)
    assert "Recorded." in chat.last("Amina")


def test_the_card_says_until_when_it_holds_and_when_it_is_spoken_of_again(chat: Chat) -> None:
    done = recorded(chat)
    assert done.valid_until == EXPIRES
    assert "Safeguarding and Prevent, done on Fri 20 Feb 2026. It holds until Sat 20 Feb 2027." in chat.last("Amina")
    assert "I'll remind you 30 days before that, and once more on the day." in chat.last("Amina")


def test_a_training_without_a_day_is_asked_for_its_day(chat: Chat) -> None:
    assert isinstance(chat.say("Amina", "done my safeguarding training"), OpenForm)
    assert {one.name: one.value for one in chat.form("Amina").fields}["training"] == "safeguarding"
    assert isinstance(chat.submit("Amina", day="2026-03-20"), FixAnswers)
    assert "still to come" in chat.problems("Amina")["day"]
    chat.submit("Amina", day="1 March 1999")
    assert chat.problems("Amina")
    chat.submit("Amina", day="31/02")
    assert "which day" in chat.problems("Amina")["day"]
    chat.submit("Amina", day="2026-02-20")
    assert [done.done_on for done in done_by(chat)] == [date(2026, 2, 20)]


@pytest.mark.parametrize("said", ["done with the reports today", "done health on Friday", "completed my tax return"])
def test_what_names_no_training_for_certain_is_put_aside_and_not_lost(chat: Chat, said: str) -> None:
    chat.say("Amina", said)
    assert done_by(chat) == []
    assert said in chat.last("Amina")
    assert len(chat.rows(select(Draft))) == 1
    chat.press("Amina", "I did a training")
    chat.submit("Amina", training="health_safety", day="2026-02-27")
    assert [done.training for done in done_by(chat)] == ["health_safety"]


def test_twice_is_once_and_a_mistake_can_be_taken_back(chat: Chat) -> None:
    recorded(chat)
    recorded(chat)
    assert len(done_by(chat)) == 1
    assert "I have that one already." in chat.last("Amina")
    chat.press("Amina", "Take it back")
    assert done_by(chat) == []
    chat.wait_until(AT)
    assert "Now is a good time" not in chat.screen_of("Amina")
    assert "It is time to do it again" not in chat.screen_of("Amina")


def test_my_trainings_shows_how_each_stands(chat: Chat) -> None:
    recorded(chat)
    chat.say("Amina", "done gdpr on 3 January 2025")
    chat.say("Amina", "my trainings")
    last = chat.last("Amina")
    assert "Safeguarding and Prevent: done on Fri 20 Feb 2026. It holds until Sat 20 Feb 2027." in last
    assert "Data protection (GDPR): done on Fri 3 Jan 2025. It ran out on Sat 3 Jan 2026." in last
    assert "Equality and diversity: not recorded yet." in last
    amina = chat.person("Amina")
    ran_out = chat.database.run(lambda session: trainings.lapsed(session, chat.policy, amina, date(2026, 3, 2)))
    assert [training.key for training in ran_out] == ["gdpr"]


def test_where_the_policy_names_none_that_is_said(chat: Chat) -> None:
    object.__setattr__(chat.dispatcher, "policy", chat.policy.model_copy(update={"trainings": ()}))
    chat.say("Amina", "my trainings")
    assert "names no trainings" in chat.last("Amina")


# --------------------------------------------------------------------------------------------------------- reminding


def test_there_is_one_reminder_before_and_one_when_it_runs_out_each_with_its_reason(chat: Chat) -> None:
    recorded(chat)
    chat.wait_until(BEFORE - timedelta(minutes=1))
    assert "It is time" not in chat.screen_of("Amina")
    assert "Now is a good time" not in chat.screen_of("Amina")
    chat.wait_until(BEFORE)
    assert "Safeguarding and Prevent holds until Sat 20 Feb 2027. Now is a good time" in chat.last("Amina")
    assert "I remind you because" in chat.last("Amina")
    chat.wait_until(AT - timedelta(minutes=1))
    assert "ran out" not in chat.screen_of("Amina")
    chat.wait_until(AT)
    assert "Safeguarding and Prevent ran out on Sat 20 Feb 2027. It is time to do it again." in chat.screen_of("Amina")
    chat.wait(days=60)
    assert chat.screen_of("Amina").count("Now is a good time") == 1
    assert chat.screen_of("Amina").count("It is time to do it again") == 1
    assert "Safeguarding" not in chat.screen_of("Ola") + chat.screen_of("Cora")


def test_done_again_nothing_more_is_said_of_the_old_one(chat: Chat) -> None:
    recorded(chat)
    chat.wait_until(BEFORE)
    chat.say("Amina", "yesterday")
    assert "done on Wed 20 Jan 2027. It holds until Thu 20 Jan 2028." in chat.last("Amina")
    chat.wait_until(AT + timedelta(days=30))
    assert "It is time to do it again" not in chat.screen_of("Amina")


def test_from_a_reminder_the_form_has_its_training_chosen(chat: Chat) -> None:
    recorded(chat)
    chat.wait_until(BEFORE)
    chat.press("Amina", "I've done it")
    assert {one.name: one.value for one in chat.form("Amina").fields}["training"] == "safeguarding"
    chat.submit("Amina", day="2027-01-18")
    assert len(done_by(chat)) == 2


def test_a_reminder_can_be_put_off_and_the_last_one_still_comes(chat: Chat) -> None:
    recorded(chat)
    chat.wait_until(BEFORE)
    chat.press("Amina", "Remind me next week")
    assert "I'll remind you on Thu 28 Jan." in chat.last("Amina")
    chat.wait_until(BEFORE + timedelta(days=7))
    assert "Now is a good time" in chat.screen_of("Amina")
    chat.wait_until(AT)
    assert chat.screen_of("Amina").count("It is time to do it again") == 1


def test_declined_it_is_not_spoken_of_until_it_is_done_again(chat: Chat) -> None:
    recorded(chat)
    chat.wait_until(BEFORE)
    chat.press("Amina", "Don't remind me of this")
    assert "I won't remind you of it." in chat.last("Amina")
    chat.wait_until(AT + timedelta(days=20))
    assert "It is time to do it again" not in chat.screen_of("Amina")


def test_what_ran_out_long_ago_is_shown_and_not_spoken_of_out_of_the_blue(chat: Chat) -> None:
    chat.say("Amina", "done gdpr on 3 January 2025")
    before = chat.screen_of("Amina").count("Data protection")
    chat.wait(days=60)
    assert chat.screen_of("Amina").count("Data protection") == before


def test_leave_and_a_pause_hold_it_back(chat: Chat) -> None:
    recorded(chat)
    chat.wait_until(BEFORE - timedelta(days=30))
    chat.say("Amina", "I'm away 18 January 2027 to 29 January 2027")
    chat.wait_until(datetime(2027, 2, 1, 9, 29, tzinfo=UTC))
    assert "Now is a good time" not in chat.screen_of("Amina")
    chat.wait_until(datetime(2027, 2, 1, 9, 30, tzinfo=UTC))
    assert chat.screen_of("Amina").count("Now is a good time") == 1


def training(*, months: int = 12, before: int = 30) -> Training:
    return Training(key="fire", name="Fire safety", valid_months=months, remind_days_before=before)


@pytest.mark.parametrize(
    ("valid_until", "remind_on", "days"),
    [
        (date(2027, 2, 20), None, [date(2027, 1, 21), date(2027, 2, 20)]),
        (date(2026, 3, 10), None, [date(2026, 3, 10)]),  # told within the month before: only once more
        (date(2026, 2, 1), None, []),  # told when it had run out: whoever tells knows
        (None, None, []),
        (date(2027, 2, 20), date(2027, 1, 28), [date(2027, 1, 28), date(2027, 2, 20)]),
        (date(2027, 2, 20), date(2027, 2, 25), [date(2027, 2, 25)]),
    ],
)
def test_the_days_of_reminders(valid_until: date | None, remind_on: date | None, days: list[date]) -> None:
    done = TrainingDone(owner_id=1, training="fire", done_on=date(2026, 1, 1), made_at=NOW, valid_until=valid_until,
                        remind_on=remind_on)  # fmt: skip
    assert list(rules.reminded_on(training(), done)) == days


def test_a_year_after_the_last_day_of_february_is_the_last_day_of_february() -> None:
    assert trainings.valid_until(training(), date(2024, 2, 29)) == date(2025, 2, 28)
    assert trainings.valid_until(training(months=0), date(2024, 2, 29)) is None


# ------------------------------------------------------------------------------------------------------ from a course


def test_a_course_that_counts_as_a_training_is_recorded_when_it_was_attended(chat: Chat) -> None:
    chat.say("Amina", "I'm on Safeguarding level 2 next Thursday")
    chat.press("Amina", "More about it")
    chat.submit("Amina", training="safeguarding")
    assert "Counts as: Safeguarding and Prevent" in chat.last("Amina")
    assert done_by(chat) == []
    chat.wait_until(datetime(2026, 3, 16, 9, 30, tzinfo=UTC))
    assert [(done.training, done.done_on) for done in done_by(chat)] == [("safeguarding", date(2026, 3, 12))]
    chat.press("Amina", "I didn't go")
    assert done_by(chat) == []
    chat.press("Amina", "Put it back")
    assert len(done_by(chat)) == 1
    course = courses_of(chat, "Amina")[0]
    chat.tap("Amina", "courses.change", course.id)
    chat.submit("Amina", first="2026-03-13")
    assert done_by(chat) == []  # it is to be asked about, and may not have taken place
    chat.wait_until(datetime(2026, 3, 17, 9, 30, tzinfo=UTC))
    assert [done.done_on for done in done_by(chat)] == [date(2026, 3, 13)]
    chat.tap("Amina", "courses.more", course.id)
    chat.submit("Amina", training="")
    assert done_by(chat) == []


# --------------------------------------------------------------------------------------------------- for whom, numbers


def only_for(policy: Policy, *, teams: tuple[str, ...]) -> Policy:
    some = policy.trainings[0].model_copy(update={"teams": teams})
    return policy.model_copy(update={"trainings": (some, *policy.trainings[1:])})


def test_a_training_for_one_team_is_asked_of_that_team_only(chat: Chat) -> None:
    chat.policy = only_for(chat.policy, teams=("Inclusion",))
    object.__setattr__(chat.dispatcher, "policy", chat.policy)
    object.__setattr__(chat.delivery, "policy", chat.policy)
    chat.say("Amina", "my trainings")
    assert "Safeguarding" not in chat.last("Amina")
    chat.say("Grace", "my trainings")
    assert "Safeguarding and Prevent: not recorded yet." in chat.last("Grace")


def rows_of(chat: Chat, who: str) -> dict[str, tuple[str, str]]:
    (table,) = (part for part in chat.seen(who)[-1].message.parts if isinstance(part, Table))
    return {row[0]: (row[1], row[2]) for row in table.rows}


def told_of(chat: Chat, training: str = "Data protection (GDPR)") -> tuple[str, str]:
    chat.say("Cora", "training overview")
    return rows_of(chat, "Cora")[training]


def test_no_number_of_those_who_did_a_training_says_something_of_one_to_four(chat: Chat) -> None:
    """Nine people have to do it. The same is said of one to eight of them: there is nothing to take away."""
    assert told_of(chat) == ("9", "nobody yet")
    for who in ("Ola", "Amina", "Ben", "Chloe", "Dan", "Eve", "Farid", "Grace"):
        chat.say(who, "done gdpr on 20 February")
        assert told_of(chat) == ("9", "some, not all")
    chat.say("Cora", "done gdpr on 20 February")
    assert told_of(chat) == ("9", "everybody")
    assert rows_of(chat, "Cora")["Safeguarding and Prevent"] == ("9", "nobody yet")
    assert "Amina" not in chat.last("Cora")


def test_in_a_team_of_six_all_but_one_is_not_told_from_all_but_five(chat: Chat) -> None:
    """“All but a few” of six people, of whom five or more have it, would be exactly one."""
    chat.policy = only_for(chat.policy, teams=("Children's Services",))
    object.__setattr__(chat.dispatcher, "policy", chat.policy)
    said: set[tuple[str, str]] = set()
    for who in ("Ola", "Amina", "Ben", "Chloe", "Dan"):
        chat.say(who, "done safeguarding on 20 February")
        said.add(told_of(chat, "Safeguarding and Prevent"))
    assert said == {("6", "some, not all")}


def newcomers(chat: Chat, many: int) -> None:
    new = [Person(name=f"New {n}", email=f"new{n}@example.org", key=KEYRING.new_person_key()) for n in range(many)]
    chat.database.run(lambda session: session.add_all(new))


def test_where_both_sides_are_five_or_more_the_number_is_said(chat: Chat) -> None:
    newcomers(chat, 1)
    for who in ("Ola", "Amina", "Ben", "Chloe", "Dan"):
        chat.say(who, "done gdpr on 20 February")
    assert told_of(chat) == ("10", "5")
    chat.say("Eve", "done gdpr on 20 February")
    assert told_of(chat) == ("10", "some, not all")  # four have not


def test_numbers_of_few_people_are_not_shown(chat: Chat) -> None:
    object.__setattr__(chat.dispatcher, "policy", only_for(chat.policy, teams=("Inclusion",)))  # three people
    chat.say("Cora", "training overview")
    assert rows_of(chat, "Cora")["Safeguarding and Prevent"] == ("fewer than five", "not shown")


def test_what_ran_out_and_whoever_left_are_not_counted(chat: Chat) -> None:
    for who in ("Ola", "Amina", "Ben", "Chloe", "Dan", "Eve"):
        chat.say(who, "done gdpr on 20 February")
    chat.say("Farid", "done gdpr on 3 January 2024")
    newcomers(chat, 2)
    dan = chat.person("Dan").id
    chat.database.run(lambda session: session.execute(update(Person).where(Person.id == dan).values(left_at=NOW)))
    found = chat.database.run(lambda session: trainings.take_up(session, chat.policy, date(2026, 3, 2)))
    assert [(one.people, one.hold) for one in found if one.training.key == "gdpr"] == [(10, 5)]


@pytest.mark.parametrize("who", ["Ola", "Ben", "Cora"])
def test_nobody_reaches_anothers_training(chat: Chat, who: str) -> None:
    done = recorded(chat)
    for action in ("open", "undo", "say", "again", "later", "quiet"):
        chat.tap(who, f"trainings.{action}", done.id)
        assert "can't find that" in chat.last(who)
    assert "Safeguarding" not in chat.screen_of(who)
    assert [one.quiet for one in done_by(chat)] == [False]


def test_only_the_coordinator_sees_the_overview(chat: Chat) -> None:
    chat.say("Ola", "training overview")
    assert "isn't something you can do here" in chat.last("Ola")
