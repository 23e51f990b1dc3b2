"""Days, hours and lunch: shown, changed by whoever works them, and nothing is ever offered outside."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.console import buttons_of
from bot.policy import BUNDLED, Policy, PolicyError, load
from handlers.calendars import calendar_of
from scheduling.localtime import WEEKDAYS
from scheduling.slots import Side, free_slots
from storage.models import Interview, Person
from storage.roster import import_roster, read_roster
from tests.conftest import KEYRING, NOW, Chat

LONDON = ZoneInfo("Europe/London")
SOUTHAMPTON = load("southampton")

# -------------------------------------------------------------------------------------------------------- said and kept


def test_my_hours_are_the_usual_ones_until_somebody_says_otherwise(chat: Chat) -> None:
    chat.say("Amina", "my hours")
    assert "Days: Mon, Tue, Wed, Thu, Fri" in chat.last("Amina")
    assert "Hours: 09:00–17:00" in chat.last("Amina")
    assert "Lunch: not kept free" in chat.last("Amina")


def test_they_are_changed_in_a_form_that_keeps_what_was_written_beside_each_mistake(chat: Chat) -> None:
    chat.say("Amina", "my hours")
    chat.press("Amina", "Change them")
    assert [one.value for one in chat.form("Amina").fields] == ["Mon Tue Wed Thu Fri", "", ""]
    chat.submit("Amina", days="some", hours="9-5", lunch="noon")
    assert set(chat.problems("Amina")) == {"days", "hours", "lunch"}
    assert "24-hour clock" in chat.problems("Amina")["hours"]
    chat.submit("Amina", days="Mon-Wed", hours="8.30-15:00, thu 9-12", lunch="12.30-13")
    assert chat.problems("Amina") == {"hours": "There are hours for Thu, which isn’t among your days."}
    chat.submit("Amina", days="Mon-Thu", hours="8.30-15:00, thu 9-12", lunch="12.30-13")
    assert "Kept." in chat.last("Amina")
    assert "Days: Mon, Tue, Wed, Thu 09:00–12:00" in chat.last("Amina")
    assert "Hours: 08:30–15:00" in chat.last("Amina")
    assert "Lunch: 12:30–13:00" in chat.last("Amina")
    amina = chat.person("Amina")
    assert (amina.working_days, amina.hours, amina.lunch) == ("1234", "08:30-15:00, thu 09:00-12:00", "12:30-13:00")
    chat.press("Amina", "Change them")
    chat.submit("Amina", days="Mon-Fri", hours="", lunch="")
    amina = chat.person("Amina")
    assert (amina.working_days, amina.hours, amina.lunch) == ("12345", "", "")


def test_they_are_shown_to_nobody_else(chat: Chat) -> None:
    chat.say("Amina", "my hours", in_channel="general")
    assert "direct chat" in chat.last("Amina", in_channel="general")
    assert chat.seen("Ben", in_channel="general") == []


def test_they_are_in_the_account_of_what_is_held(chat: Chat) -> None:
    chat.tap("Amina", "hours.change")
    chat.submit("Amina", days="Mon-Fri", hours="08:30-16:30", lunch="12:30-13:00")
    chat.say("Amina", "what do you hold about me")
    assert "Working hours: 08:30-16:30" in chat.last("Amina")
    assert "Lunch: 12:30-13:00" in chat.last("Amina")


def test_own_words_stand_until_the_roster_names_other_hours(chat: Chat) -> None:
    def brought_in(row: str) -> None:
        roster = read_roster(f"name;email;days;hours\n{row}\n")
        chat.database.run(lambda session: import_roster(session, roster, KEYRING, NOW, chat.policy))

    chat.tap("Amina", "hours.change")
    chat.submit("Amina", days="Mon-Wed", hours="08:30-16:30", lunch="")
    brought_in("Amina Khan;amina@example.org;;")
    assert (chat.person("Amina").working_days, chat.person("Amina").hours) == ("123", "08:30-16:30")
    brought_in("Amina Khan;amina@example.org;Mon-Fri;10:00-14:00")
    assert (chat.person("Amina").working_days, chat.person("Amina").hours) == ("12345", "10:00-14:00")


# ------------------------------------------------------------------------------------------------------ what is offered


def test_nothing_is_offered_outside_the_hours_of_either_and_a_typed_time_says_why(chat: Chat) -> None:
    for who in ("Amina", "Ben"):
        chat.say(who, "hello")
    chat.tap("Ben", "hours.change")
    chat.submit("Ben", days="Tue Thu", hours="tue 13:00-16:00, thu 09:00-12:00", lunch="")
    chat.say("Amina", "book an interview")
    buttons = buttons_of(chat.seen("Amina")[-1].message)
    offered = [button.label for button in buttons if button.action == "interviews.take"]
    assert offered
    for label in offered:
        assert label[:3] in ("Tue", "Thu")
        clock = label.split(", ")[1][:5]
        assert ("13:00" <= clock <= "15:15") if label.startswith("Tue") else ("09:00" <= clock <= "11:15")
    chat.say("Amina", "book Thursday at 2pm")
    assert "outside Ben’s working hours, 09:00 to 12:00" in chat.last("Amina")
    assert chat.rows(select(Interview)) == []


def test_the_lunch_of_the_policy_is_kept_free_until_somebody_has_their_own(chat: Chat) -> None:
    lunching = chat.policy.model_copy(
        update={"working_week": chat.policy.working_week.model_copy(update={"lunch": (time(12), time(13))})}
    )
    amina = chat.person("Amina")
    assert calendar_of(lunching).lunch == (time(12), time(13))
    assert calendar_of(lunching, amina).lunch == (time(12), time(13))
    amina.lunch = "12:30-13:15"
    assert calendar_of(lunching, amina).lunch == (time(12, 30), time(13, 15))


def with_lunch(tmp_path: Path, lunch: str) -> str:
    """The default policy with that line under `[working_week]`, in a file."""
    southampton = (BUNDLED / "southampton.toml").read_text("utf-8")
    path = tmp_path / "ours.toml"
    path.write_text(southampton.replace("[working_week]", f"[working_week]\nlunch = {lunch}"), "utf-8")
    return str(path)


def test_the_policy_names_the_lunch(tmp_path: Path) -> None:
    lunching = load(with_lunch(tmp_path, "[12:30:00, 13:15:00]"))
    assert calendar_of(lunching).lunch == (time(12, 30), time(13, 15))


@pytest.mark.parametrize(
    ("lunch", "why"),
    [
        ("[13:00:00, 12:00:00]", r"line \d+: working_week: lunch ends before it begins"),
        ("[07:00:00, 08:00:00]", r"line \d+: working_week: lunch is outside the working day"),
        ('["noon", "one"]', r"line \d+: working_week\.lunch"),
    ],
)
def test_a_lunch_that_cannot_be_is_named_with_its_line(tmp_path: Path, lunch: str, why: str) -> None:
    with pytest.raises(PolicyError, match=why):
        load(with_lunch(tmp_path, lunch))


clocks = st.integers(6 * 4, 20 * 4).map(lambda quarters: time(quarters // 4, quarters % 4 * 15))
spans = st.tuples(clocks, clocks).filter(lambda span: span[0] < span[1])
part_days = st.dictionaries(st.integers(0, 6), spans, max_size=4)


def written(span: tuple[time, time]) -> str:
    return f"{span[0]:%H:%M}-{span[1]:%H:%M}"


@settings(max_examples=80, deadline=None)
@given(
    days=st.sets(st.integers(0, 6), min_size=1), usual=st.none() | spans, parts=part_days, lunch=st.none() | spans,
    policys=st.none() | st.just((time(12), time(13))),
)  # fmt: skip
def test_nothing_is_ever_offered_outside_what_somebody_said(
    days: set[int],
    usual: tuple[time, time] | None,
    parts: dict[int, tuple[time, time]],
    lunch: tuple[time, time] | None,
    policys: tuple[time, time] | None,
) -> None:
    week = SOUTHAMPTON.working_week.model_copy(update={"lunch": policys})
    policy: Policy = SOUTHAMPTON.model_copy(update={"working_week": week})
    hours = [written(usual)] if usual else []
    hours += [f"{WEEKDAYS[day]} {written(span)}" for day, span in parts.items()]
    person = Person(
        name="Amina", email="amina@example.org", key=None, working_days="".join(str(day + 1) for day in sorted(days)),
        hours=", ".join(hours), lunch=written(lunch) if lunch else "",
    )  # fmt: skip
    window = (NOW, NOW + timedelta(days=14))
    for slot in free_slots((Side(LONDON, calendar_of(policy, person)),), window, NOW, at_most=40):
        begins, ends = (instant.astimezone(LONDON) for instant in slot)
        assert begins.weekday() in days
        opens, closes = parts.get(begins.weekday(), usual or (week.starts, week.ends))
        assert opens <= begins.time() < ends.time() <= closes
        eats = lunch or policys
        assert eats is None or ends.time() <= eats[0] or eats[1] <= begins.time()
        assert slot.starts_at > datetime(2026, 3, 2, tzinfo=UTC)
