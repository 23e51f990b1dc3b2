"""Seminars: offered, planned, invited to, accepted and declined, moved, called off, attended and logged."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from bot.app import Bot, web
from bot.chat import Account, Event, Link
from bot.config import Settings
from bot.console import NAME, TENANT, buttons_of, direct_chat, in_words
from bot.slack.render import messages as slack
from bot.teams.render import cards as teams
from handlers import calendar_files
from handlers.seminars import CONVERSATION
from handlers.turn import Turn
from scheduling.appointments import Appointments
from scheduling.cadence import AHEAD
from storage import erasure, interviews, learning_time, seminar_cards, seminars
from storage.models import (
    Away,
    CalendarEvent,
    DevelopmentPlan,
    Draft,
    Held,
    Interview,
    LearningTime,
    Owed,
    Partnership,
    Person,
    PlanItem,
    RefusedAttempt,
    Seminar,
    SeminarSeat,
    Team,
)
from storage.retention import clean_up
from tests.clients.calendar import MemoryCalendar
from tests.conftest import KEYRING, NOW, Chat, at_once
from tests.slack.test_render import check as slack_would_take
from tests.teams.test_render import valid as teams_would_take

YEAR = date(2025, 9, 1)
THURSDAY = datetime(2026, 3, 12, 14, 0, tzinfo=UTC)  # the Thursday of the week after everything begins
GUESTS = ("Amina", "Ben", "Chloe", "Dan", "Eve")


def hello(chat: Chat, *names: str) -> None:
    for name in names:
        chat.say(name, "hello")


def plan_of(chat: Chat, team: str, *themes: str, state: str = "agreed", year: date = YEAR) -> None:
    """This team's development plan names needs on these themes."""

    def work(session: Any) -> None:
        found = session.scalars(select(Team).where(Team.name == team)).one()
        plan = DevelopmentPlan(team_id=found.id, year=year, made_at=NOW, state=state)
        session.add(plan)
        session.flush()
        for theme in themes:
            need = KEYRING.seal_for_organisation("To ask better questions")
            session.add(PlanItem(plan_id=plan.id, source="team", need=need, made_at=NOW, theme=theme))

    chat.database.run(work)


def shared(chat: Chat, theme: str = "digital") -> None:
    """Two teams' plans share a theme."""
    plan_of(chat, "Children's Services", theme)
    plan_of(chat, "Inclusion", theme)


def team_id(chat: Chat, name: str) -> str:
    return str(chat.rows(select(Team.id).where(Team.name == name))[0])


FILLED = {
    "title": "Coaching conversations", "about": "Asking before answering.", "day": "2026-03-12", "starts": "14:00",
    "ends": "16:00", "where": "Room 2, Civic Centre", "places": "", "host": "",
}  # fmt: skip


def fill(chat: Chat, **answers: str) -> None:
    """Cora says what the form asks, for the children's team unless another is named."""
    chat.submit("Cora", **{**FILLED, "teams": team_id(chat, "Children's Services"), **answers})


def planned(chat: Chat, **answers: str) -> Seminar:
    """Cora plans a seminar, and everybody in the children's team is asked."""
    hello(chat, "Ola", *GUESTS, "Cora")
    chat.say("Cora", "new seminar")
    fill(chat, **answers)
    chat.press("Cora", "Invite")
    return only(chat)


def accepted(chat: Chat, *names: str, **answers: str) -> Seminar:
    """These people come to it."""
    planned(chat, **answers)
    for name in names or GUESTS:
        chat.press(name, "I’ll come")
    return only(chat)


def only(chat: Chat) -> Seminar:
    (seminar,) = chat.rows(select(Seminar))
    return seminar


def seats(chat: Chat) -> dict[str, str]:
    """How everybody who was asked stands, by first name."""

    def work(session: Any) -> dict[str, str]:
        found = session.execute(select(Person.name, SeminarSeat.state).join(Person, Person.id == SeminarSeat.person_id))
        return {name.split()[0]: state for name, state in found}

    return chat.database.run(work)


def held(chat: Chat, who: str) -> int:
    """How many quarters of an hour somebody has promised."""
    return len(chat.rows(select(Held.quarter).where(Held.person_id == chat.person(who).id)))


def times(chat: Chat, who: str) -> list[LearningTime]:
    return chat.rows(select(LearningTime).where(LearningTime.owner_id == chat.person(who).id))


def is_away(chat: Chat, who: str, first: datetime, until: datetime) -> None:
    away = Away(person_id=chat.person(who).id, starts_at=first, ends_at=until, made_at=chat.now)
    chat.database.run(lambda session: session.add(away))


def change(chat: Chat, who: str, **values: Any) -> None:
    person = chat.person(who)
    chat.database.run(lambda session: session.execute(update(Person).where(Person.id == person.id).values(**values)))


def asked(chat: Chat, who: str) -> int:
    """How many messages about a seminar somebody was sent of the bot's own accord."""
    sent = select(Owed).where(
        Owed.to_id == chat.person(who).id, Owed.notice.startswith("seminars."), Owed.state == "sent",
        Owed.changes.is_(None), Owed.key.not_like("say/%"),
    )  # fmt: skip
    return len(chat.rows(sent))


# ------------------------------------------------------------------------------------------------------------- offered


def test_a_need_that_two_teams_share_is_offered_to_the_coordinator_once_on_a_working_morning(chat: Chat) -> None:
    hello(chat, "Cora", "Amina")
    shared(chat)
    chat.wait(days=1)
    offer = chat.last("Cora")
    assert "A seminar on Digital skills and data?" in offer
    assert "2 teams name it in their development plans: Children's Services and Inclusion" in offer
    assert "I ask coordinators once about each theme and year" in offer
    assert "seminar" not in chat.screen_of("Amina")
    chat.wait(days=20)
    assert asked(chat, "Cora") == 1
    sent_at = chat.rows(select(Owed.sent_at).where(Owed.notice == "seminars.offer"))[0]
    assert (sent_at.weekday(), sent_at.hour, sent_at.minute) == (0, 9, 30)


@pytest.mark.parametrize("state", ["draft", "ended"])
def test_what_a_team_was_not_shown_yet_is_not_told(chat: Chat, state: str) -> None:
    hello(chat, "Cora")
    plan_of(chat, "Children's Services", "digital")
    plan_of(chat, "Inclusion", "digital", state=state)
    chat.wait(days=2)
    assert chat.rows(select(Seminar)) == []


def test_one_team_alone_and_another_year_share_nothing(chat: Chat) -> None:
    hello(chat, "Cora")
    plan_of(chat, "Children's Services", "digital", "wellbeing", "")
    plan_of(chat, "Inclusion", "", "inclusion")
    plan_of(chat, "Inclusion", "digital", year=date(2024, 9, 1))
    chat.wait(days=2)
    assert chat.rows(select(Seminar)) == []


def test_a_coordinator_on_leave_is_asked_when_they_are_back(chat: Chat) -> None:
    hello(chat, "Cora")
    is_away(chat, "Cora", NOW, NOW + timedelta(days=9))
    shared(chat)
    chat.wait(days=7)
    assert asked(chat, "Cora") == 0
    chat.wait(days=4)
    assert asked(chat, "Cora") == 1


def test_not_now_brings_it_up_once_more_next_term_and_then_never_again(chat: Chat) -> None:
    hello(chat, "Cora")
    shared(chat)
    chat.wait(days=1)
    chat.press("Cora", "Not now")
    assert "I’ll bring it up once more on Mon 22 Jun 2026" in chat.screen_of("Cora")
    chat.wait_until(datetime(2026, 6, 21, 12, tzinfo=UTC))
    assert asked(chat, "Cora") == 1
    chat.wait_until(datetime(2026, 6, 22, 12, tzinfo=UTC))
    assert asked(chat, "Cora") == 2
    assert "[Not now]" not in chat.last("Cora")
    chat.wait_until(datetime(2026, 8, 20, 12, tzinfo=UTC))
    assert asked(chat, "Cora") == 2


def test_what_is_not_needed_is_never_brought_up_again_and_can_be_planned_after_all(chat: Chat) -> None:
    hello(chat, "Cora")
    shared(chat)
    chat.wait(days=1)
    chat.press("Cora", "Not needed")
    assert "is not needed this year" in chat.last("Cora")
    chat.wait(days=70)
    assert asked(chat, "Cora") == 1
    chat.press("Cora", "Plan it after all")
    assert chat.form("Cora").name == "seminars.planned"


def test_an_offer_that_two_coordinators_have_is_planned_by_one_and_the_other_sees_it(chat: Chat) -> None:
    change(chat, "Grace", role="coordinator")
    hello(chat, "Cora", "Grace", *GUESTS)
    shared(chat)
    chat.wait(days=1)
    chat.press("Cora", "Plan it")
    fill(chat)
    chat.press("Cora", "Invite")
    assert "is planned: Thu 12 Mar, 14:00–16:00. Cora Nator holds it." in chat.last("Grace")
    chat.tap("Grace", "seminars.plan", only(chat).id)
    assert "It is planned already." in chat.last("Grace")
    chat.tap("Grace", "seminars.not_needed", only(chat).id)
    assert only(chat).state == "planned"


# ------------------------------------------------------------------------------------------------------------- planned


def test_the_teams_that_share_it_are_ticked_and_the_form_is_shown_back_before_anybody_is_asked(chat: Chat) -> None:
    hello(chat, "Cora", *GUESTS, "Farid")
    shared(chat)
    chat.wait(days=1)
    chat.press("Cora", "Plan it")
    teams = next(one for one in chat.form("Cora").fields if one.name == "teams")
    assert set(teams.value.split()) == {team_id(chat, "Children's Services"), team_id(chat, "Inclusion")}
    chat.submit("Cora", **FILLED)
    preview = chat.last("Cora")
    assert "Nobody is asked yet" in preview
    assert "Thu 12 Mar, 14:00–16:00" in preview
    assert "Children's Services and Inclusion: 6 people" in preview
    assert "2 of them have not said hello to me yet" in preview  # Ola and Grace
    assert seats(chat) == {}
    chat.press("Cora", "Invite 6 people")
    assert set(seats(chat)) == {*GUESTS, "Farid"}
    assert "Coaching conversations" in chat.last("Farid")
    assert "because your team’s development plan names this as a need" in chat.last("Farid")


@pytest.mark.parametrize(
    ("answers", "field", "says"),
    [
        ({"title": " "}, "title", "up to 75"),
        ({"title": "x" * 76}, "title", "up to 75"),
        ({"where": ""}, "where", "Say where"),
        ({"day": "someday"}, "day", "which day"),
        ({"day": "31/02/2026"}, "day", "which day"),
        ({"day": "2026-03-01"}, "day", "has passed"),
        ({"day": "2027-09-01"}, "day", "more than a year"),
        ({"starts": "soon"}, "starts", "which time"),
        ({"ends": "14:10"}, "ends", "a quarter of an hour"),
        ({"ends": "13:00"}, "ends", "a quarter of an hour"),
        ({"host": "Zebedee"}, "host", "I know nobody called that"),
        ({"host": "Grace"}, "host", "Grace Hall has not said hello to me yet"),
        ({"places": "0"}, "places", "a number from 1"),
        ({"places": "many"}, "places", "a number from 1"),
        ({"places": "99999"}, "places", "a number from 1"),
        ({"teams": ""}, "teams", "Tick at least one"),
        ({"teams": "4711"}, "teams", "Tick at least one"),
    ],
)  # fmt: skip
def test_a_form_that_cannot_be_is_explained_and_keeps_what_was_typed(
    chat: Chat, answers: dict[str, str], field: str, says: str
) -> None:
    hello(chat, "Cora")
    chat.say("Cora", "new seminar")
    fill(chat, **answers)
    assert says in chat.problems("Cora")[field]
    kept = {one.name: one.value for one in chat.form("Cora").fields}
    assert kept["about"] == "Asking before answering."
    assert chat.rows(select(Seminar)) == []
    fill(chat)
    assert "Nobody is asked yet" in chat.last("Cora")


def test_days_and_times_are_read_from_words_where_a_client_has_no_pickers(chat: Chat) -> None:
    hello(chat, "Cora", "Amina")
    chat.say("Cora", "plan a seminar")
    fill(chat, day="Thursday 12 March", starts="2pm", ends="half past 3 pm")
    assert "Thu 12 Mar, 14:00–15:30" in chat.last("Cora")


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"day": "2026-04-03"}, "Fri 3 Apr is a day off: Good Friday."),
        ({"day": "2026-12-29"}, "Tue 29 Dec is a day off: Christmas closure."),
        ({"day": "2026-03-14"}, "Sat 14 Mar isn’t a working day."),
        ({"starts": "16:00", "ends": "18:00"}, "outside working hours, 09:00 to 17:00"),
    ],
)
def test_what_speaks_against_a_time_is_pointed_out_and_forbids_nothing(
    chat: Chat, answers: dict[str, str], says: str
) -> None:
    hello(chat, "Cora", "Amina")
    chat.say("Cora", "new seminar")
    fill(chat, **answers)
    assert says in chat.last("Cora")
    chat.press("Cora", "Invite 1 person all the same")
    assert only(chat).state == "planned"


def test_what_was_begun_is_found_again_and_can_be_changed_first(chat: Chat) -> None:
    hello(chat, "Cora", "Amina")
    chat.say("Cora", "new seminar")
    fill(chat)
    chat.say("Cora", "seminars")
    assert "Begun: Coaching conversations. Nobody is asked yet." in chat.last("Cora")
    chat.press("Cora", "Change it")
    form = {one.name: one.value for one in chat.form("Cora").fields}
    assert (form["title"], form["day"], form["starts"], form["teams"]) == (
        "Coaching conversations", "2026-03-12", "14:00", team_id(chat, "Children's Services"),
    )  # fmt: skip
    chat.submit("Cora", title="Better questions")
    assert only(chat).state == "offered"
    assert "Better questions. Nobody is asked yet." in chat.screen_of("Cora")


def test_a_time_that_passed_while_it_was_looked_at_is_refused(chat: Chat) -> None:
    hello(chat, "Cora", "Amina")
    chat.say("Cora", "new seminar")
    fill(chat)
    chat.now = THURSDAY + timedelta(minutes=1)
    chat.press("Cora", "Invite")
    assert "The time that you chose has passed" in chat.screen_of("Cora")
    assert seats(chat) == {}


def test_inviting_twice_asks_everybody_once(chat: Chat) -> None:
    seminar = planned(chat)
    chat.tap("Cora", "seminars.invite", seminar.id, team_id(chat, "Children's Services"))
    chat.tap("Cora", "seminars.invite", seminar.id, "all")
    assert "Farid" not in seats(chat)
    assert [asked(chat, name) for name in GUESTS] == [1] * 5


def test_more_people_are_invited_later_and_nobody_twice(chat: Chat) -> None:
    planned(chat)
    hello(chat, "Farid")
    assert "seminar" not in chat.last("Farid")
    chat.press("Ben", "No, thank you")
    chat.press("Cora", "Invite more people")
    chat.submit("Cora", teams="all")
    assert "1 more person is invited." in chat.last("Cora")
    assert "because it is open to everybody in Inclusion" in chat.last("Farid")
    assert seats(chat)["Ben"] == "declined"
    assert asked(chat, "Ben") == 1


def test_somebody_else_can_hold_it_who_is_told_sees_who_comes_and_is_no_guest(chat: Chat) -> None:
    hello(chat, "Farid")
    planned(chat, host="Farid Gill", teams="all")
    assert "Farid" not in seats(chat)
    assert "The learning coordinator asks you to hold this seminar." in chat.last("Farid")
    assert "You hold it." in chat.last("Farid")
    assert held(chat, "Farid") == 8
    assert "Farid Gill and the learning coordinator see who comes, and nobody else" in chat.last("Amina")
    chat.press("Amina", "I’ll come")
    assert "Coming: Amina Khan." in chat.last("Farid")
    chat.tap("Cora", "seminars.run", only(chat).id)
    assert "Farid Gill holds it" in chat.last("Cora")
    chat.press("Farid", "Change it")
    chat.submit("Farid", where="Online")
    assert "This was changed by Farid Gill" in chat.last("Amina")


def test_who_was_named_as_host_can_say_that_they_cannot(chat: Chat) -> None:
    hello(chat, "Farid")
    planned(chat, host="farid@example.org")
    chat.press("Amina", "I’ll come")
    chat.press("Farid", "I can’t hold it")
    assert "I’ve told the coordinators" in chat.screen_of("Farid")
    assert "Whoever was to hold this seminar can’t." in chat.last("Cora")
    assert (only(chat).host_id, held(chat, "Farid"), held(chat, "Amina")) == (None, 0, 8)
    chat.tap("Farid", "seminars.run", only(chat).id)
    assert "Amina" not in chat.last("Farid")
    chat.press("Cora", "Change it")
    chat.submit("Cora", host="Chloe Dunn")
    assert "asks you to hold this seminar" in chat.last("Chloe")
    assert "Chloe" not in seats(chat)


def test_what_a_host_has_else_is_pointed_out_without_what_it_is(chat: Chat) -> None:
    hello(chat, "Farid", "Amina")
    is_away(chat, "Farid", THURSDAY, THURSDAY + timedelta(hours=1))
    chat.say("Cora", "hello")
    chat.say("Cora", "new seminar")
    fill(chat, host="Farid")
    assert "Farid isn’t free then." in chat.last("Cora")


# ------------------------------------------------------------------------------------------------------------- invited


def test_the_invitation_says_why_what_and_who_sees_the_answer(chat: Chat) -> None:
    planned(chat, places="12")
    invitation = chat.last("Amina")
    for words in (
        "A seminar: Coaching conversations. Thu 12 Mar, 14:00–16:00, Room 2, Civic Centre",
        "> Asking before answering.",
        "Cora Nator holds it.",
        "counts towards the learning time that is owed to you",
        "There are 12 places",
        "because it is open to everybody in Children's Services",
        "Cora Nator, as a coordinator, sees who comes, and nobody else. A no needs no reason.",
    ):
        assert words in invitation, words


def test_who_comes_is_shown_to_the_host_alone(chat: Chat) -> None:
    planned(chat)
    chat.press("Amina", "I’ll come")
    chat.press("Ben", "No, thank you")
    assert "You are coming to Coaching conversations." in chat.last("Amina")
    assert "You said no to Coaching conversations. That’s fine." in chat.last("Ben")
    card = chat.last("Cora")
    assert "1 person comes. 5 more are invited." in card
    assert "Coming: Amina Khan." in card
    assert "Ben" not in card
    for name in ("Ben", "Chloe", "Ola"):
        assert "Amina" not in chat.screen_of(name)
    assert held(chat, "Amina") == 8


def test_the_answer_is_typed_too_and_other_words_are_not_lost(chat: Chat) -> None:
    planned(chat)
    chat.say("Amina", "yes please")
    assert seats(chat)["Amina"] == "accepted"
    chat.say("Ben", "I would have to ask my head first")
    assert "I’ve put this to one side for a week" in chat.last("Ben")
    assert seats(chat)["Ben"] == "asked"
    assert len(chat.rows(select(Draft))) == 1
    chat.say("Chloe", "no")
    assert seats(chat)["Chloe"] == "declined"


def test_an_answer_can_be_changed_until_it_begins_and_twice_is_once(chat: Chat) -> None:
    seminar = planned(chat)
    chat.press("Amina", "I’ll come")
    chat.tap("Amina", "seminars.accept", seminar.id, str(only(chat).version))
    assert only(chat).sequence == seminar.sequence + 1
    chat.press("Amina", "I can’t come after all")
    assert (seats(chat)["Amina"], held(chat, "Amina")) == ("declined", 0)
    chat.press("Amina", "I’ll come after all")
    assert (seats(chat)["Amina"], held(chat, "Amina")) == ("accepted", 8)
    chat.wait_until(THURSDAY + timedelta(minutes=1))
    chat.tap("Amina", "seminars.decline", seminar.id, str(only(chat).version))
    assert "It has begun" in chat.last("Amina") + chat.screen_of("Amina")
    assert seats(chat)["Amina"] == "accepted"


def test_who_has_an_interview_then_cannot_come_until_that_is_moved(chat: Chat) -> None:
    planned(chat)
    chat.say("Amina", "book 12 March at 14:30")
    chat.press("Ben", "Confirm")
    chat.press("Amina", "I’ll come")
    assert "You have something else then." in chat.screen_of("Amina")
    assert seats(chat)["Amina"] == "asked"


def test_a_seminar_blocks_the_time_for_interviews(chat: Chat) -> None:
    accepted(chat, "Ben")
    chat.say("Amina", "book 12 March at 14:30")
    assert "Ben isn’t free then" in chat.last("Amina")


def test_when_it_is_full_people_wait_and_the_first_gets_the_place_that_is_free(chat: Chat) -> None:
    accepted(chat, "Amina", places="1")
    assert "It is full by now" in chat.last("Ben")
    chat.press("Ben", "Put me on the waiting list")
    chat.wait(minutes=1)
    chat.press("Chloe", "Put me on the waiting list")
    assert "1 person comes for 1 place, 2 wait for one." in chat.last("Cora")
    assert held(chat, "Ben") == 0
    chat.press("Amina", "I can’t come after all")
    assert "A place has become free, and it is yours" in chat.last("Ben")
    assert (seats(chat)["Ben"], seats(chat)["Chloe"], held(chat, "Ben")) == ("accepted", "waiting", 8)
    assert "A place" not in chat.screen_of("Chloe")


def test_who_waits_and_has_something_else_by_then_is_passed_over(chat: Chat) -> None:
    accepted(chat, "Dan", places="1")
    chat.press("Ben", "Put me on the waiting list")
    chat.wait(minutes=1)
    chat.press("Chloe", "Put me on the waiting list")
    chat.say("Amina", "book 12 March at 14:30")
    chat.press("Ben", "Confirm")
    chat.press("Dan", "I can’t come after all")
    assert (seats(chat)["Ben"], seats(chat)["Chloe"]) == ("waiting", "accepted")


def test_more_places_let_in_who_waits(chat: Chat) -> None:
    accepted(chat, "Amina", places="1")
    chat.press("Ben", "Put me on the waiting list")
    chat.press("Cora", "Change it")
    chat.submit("Cora", places="2")
    assert seats(chat)["Ben"] == "accepted"
    assert "A place has become free" in chat.last("Ben")


def test_of_two_racing_for_the_last_place_one_gets_it_and_the_other_waits(chat: Chat) -> None:
    seminar = planned(chat, places="1")

    def taps(who: str) -> Callable[[], object]:
        account = Account(NAME, TENANT, chat.email(who))
        event = Event(f"race/{who}", account, direct_chat(chat.email(who)), "tap", "seminars.accept", seminar.id,
                      str(seminar.version))  # fmt: skip
        return lambda: chat.dispatcher.handle(event, chat.now)

    at_once(*(taps(name) for name in GUESTS))
    assert sorted(seats(chat)[name] for name in GUESTS) == ["accepted", *["waiting"] * 4]


def test_nobody_on_leave_or_in_a_pause_is_asked_before_they_are_back(chat: Chat) -> None:
    hello(chat, "Amina", "Ben", "Chloe", "Cora")
    is_away(chat, "Amina", NOW, datetime(2026, 3, 9, tzinfo=UTC))
    is_away(chat, "Ben", NOW, datetime(2026, 3, 20, tzinfo=UTC))
    chat.say("Chloe", "pause until 10 March")
    chat.say("Cora", "new seminar")
    fill(chat)
    chat.press("Cora", "Invite 3 people")
    assert [asked(chat, name) for name in ("Amina", "Ben", "Chloe")] == [0, 0, 0]
    chat.wait_until(datetime(2026, 3, 10, 12, tzinfo=UTC))
    assert [asked(chat, name) for name in ("Amina", "Ben", "Chloe")] == [1, 0, 1]
    chat.wait_until(datetime(2026, 3, 21, 12, tzinfo=UTC))
    assert asked(chat, "Ben") == 0
    chat.say("Dan", "hello")
    assert "seminar" not in chat.screen_of("Dan")  # whoever comes new is not invited to what went before


def test_who_falls_ill_before_their_invitation_goes_gets_it_when_they_are_back(chat: Chat) -> None:
    hello(chat, "Amina", "Cora")
    chat.wait_until(datetime(2026, 3, 2, 18, 0, tzinfo=UTC))  # after work: it goes in the morning
    chat.say("Cora", "new seminar")
    fill(chat)
    chat.press("Cora", "Invite 1 person")
    assert asked(chat, "Amina") == 0
    is_away(chat, "Amina", chat.now, datetime(2026, 3, 5, tzinfo=UTC))
    chat.wait_until(datetime(2026, 3, 4, 12, tzinfo=UTC))
    assert asked(chat, "Amina") == 0
    chat.wait_until(datetime(2026, 3, 5, 12, tzinfo=UTC))
    assert asked(chat, "Amina") == 1


def test_one_reminder_goes_the_working_day_before_to_who_comes_and_is_there(chat: Chat) -> None:
    accepted(chat, "Amina", "Ben", "Chloe", day="2026-03-16")  # a Monday
    chat.press("Dan", "No, thank you")
    is_away(chat, "Ben", datetime(2026, 3, 13, tzinfo=UTC), datetime(2026, 3, 14, tzinfo=UTC))
    chat.press("Chloe", "I can’t come after all")
    before = {name: asked(chat, name) for name in GUESTS}
    chat.wait_until(datetime(2026, 3, 13, 9, 29, tzinfo=UTC))
    assert {name: asked(chat, name) for name in GUESTS} == before
    chat.wait_until(datetime(2026, 3, 16, 13, 0, tzinfo=UTC))
    assert {name: asked(chat, name) - before[name] for name in GUESTS} == {
        "Amina": 1, "Ben": 0, "Chloe": 0, "Dan": 0, "Eve": 0,
    }  # fmt: skip
    assert "You are coming to Coaching conversations." in chat.last("Amina")


# -------------------------------------------------------------------------------------------------- moved, called off


def test_a_move_tells_who_comes_says_by_whom_and_why_and_changes_cards_in_place(chat: Chat) -> None:
    seminar = accepted(chat, "Amina", "Ben")
    chat.press("Cora", "Change it")
    chat.submit("Cora", day="2026-03-13", starts="10:00", ends="11:00", why="The room is taken.")
    assert "Changed. Whoever comes is told." in chat.last("Cora")
    for name in ("Amina", "Ben"):
        assert "This was changed by Cora Nator" in chat.last(name)
        assert "> The room is taken." in chat.last(name)
        assert "Fri 13 Mar, 10:00–11:00" in chat.last(name)
    assert asked(chat, "Chloe") == 1
    assert "Fri 13 Mar, 10:00–11:00" in chat.last("Chloe")  # in place
    assert "Thu 12 Mar" not in chat.screen_of("Chloe")
    moved = only(chat)
    assert (moved.version, moved.sequence > seminar.sequence) == (seminar.version + 1, True)
    assert held(chat, "Amina") == 4
    chat.wait_until(datetime(2026, 3, 12, 10, tzinfo=UTC))
    assert "Tomorrow:" in chat.last("Amina")


def test_another_place_is_told_and_another_title_is_not(chat: Chat) -> None:
    accepted(chat, "Amina")
    before = asked(chat, "Amina")
    chat.press("Cora", "Change it")
    chat.submit("Cora", title="Better questions")
    assert asked(chat, "Amina") == before
    assert "Better questions" in chat.last("Amina")
    chat.press("Cora", "Change it")
    chat.submit("Cora", where="Online")
    assert asked(chat, "Amina") == before + 1
    assert "Online" in chat.last("Amina")


def test_who_has_something_else_at_the_new_time_is_asked_again(chat: Chat) -> None:
    accepted(chat, "Amina", "Chloe")
    chat.say("Amina", "book 13 March at 10:00")
    chat.press("Ben", "Confirm")
    chat.press("Cora", "Change it")
    chat.submit("Cora", day="2026-03-13", starts="10:00", ends="11:00")
    assert "You have something else at its new time. Do you come?" in chat.last("Amina")
    assert (seats(chat)["Amina"], seats(chat)["Chloe"]) == ("asked", "accepted")


def test_who_is_asked_again_after_a_move_has_promised_none_of_its_time(chat: Chat) -> None:
    accepted(chat, "Ben")
    ben, chloe = chat.person("Ben").id, chat.person("Chloe").id
    both = Partnership(learner_id=chloe, partner_id=ben, state="accepted", current=chloe, asked_at=NOW, answered_at=NOW)
    chat.database.run(lambda session: session.add(both))
    chat.say("Amina", "book 12 March at 16:00")
    chat.press("Ben", "Confirm")
    chat.say("Chloe", "book 12 March at 15:00")
    assert "Ben isn’t free then" in chat.last("Chloe")
    chat.press("Cora", "Change it")
    chat.submit("Cora", starts="15:00", ends="17:00")
    assert seats(chat)["Ben"] == "asked"
    chat.say("Chloe", "book 12 March at 15:00")
    chat.press("Ben", "Confirm")
    assert len(chat.rows(select(Interview).where(Interview.state == "booked"))) == 2


def test_a_day_off_is_pointed_out_before_it_is_moved_there(chat: Chat) -> None:
    accepted(chat, "Amina")
    chat.press("Cora", "Change it")
    chat.submit("Cora", day="2026-04-03")
    assert "Good Friday. Send it once more if that is right." in chat.problems("Cora")["day"]
    assert only(chat).starts_at == THURSDAY
    chat.submit("Cora")
    assert only(chat).starts_at == datetime(2026, 4, 3, 13, tzinfo=UTC)  # summer time by then


def test_a_button_of_before_a_move_shows_what_it_is_now(chat: Chat) -> None:
    seminar = planned(chat)
    chat.press("Cora", "Change it")
    chat.submit("Cora", day="2026-03-13")
    chat.tap("Amina", "seminars.accept", seminar.id, str(seminar.version))
    assert seats(chat)["Amina"] == "asked"


def test_calling_it_off_says_who_and_why_and_nothing_more_is_sent(chat: Chat) -> None:
    accepted(chat, "Amina", places="1")
    chat.press("Ben", "Put me on the waiting list")
    chat.press("Cora", "Cancel it")
    chat.submit("Cora", why="The trainer is ill.")
    for name in ("Amina", "Ben"):
        assert "Cancelled: Coaching conversations, Thu 12 Mar, 14:00–16:00. It was cancelled by Cora Nator." in (
            chat.last(name)
        )
        assert "> The trainer is ill." in chat.last(name)
    assert asked(chat, "Chloe") == 1
    assert "Cancelled" in chat.last("Chloe")  # in place
    assert held(chat, "Amina") == 0
    before = [asked(chat, name) for name in GUESTS]
    chat.wait(days=20)
    assert [asked(chat, name) for name in GUESTS] == before
    chat.tap("Amina", "seminars.accept", only(chat).id, str(only(chat).version))
    assert seats(chat)["Amina"] == "accepted"
    chat.tap("Cora", "seminars.cancelled", only(chat).id)
    chat.tap("Cora", "seminars.changed", only(chat).id)
    assert only(chat).state == "cancelled"


# ---------------------------------------------------------------------------------------------------------- afterwards


def after(chat: Chat, *names: str, **answers: str) -> Seminar:
    """It is over, and those who came are asked, on the working day after."""
    accepted(chat, *names, **answers)
    chat.wait_until(datetime(2026, 3, 13, 10, 0, tzinfo=UTC))
    return only(chat)


def test_yes_logs_learning_time_that_counts_and_is_its_owners_to_change(chat: Chat) -> None:
    seminar = after(chat, "Amina", "Ben")
    assert "Were you at Coaching conversations on Thu 12 Mar?" in chat.last("Amina")
    chat.press("Amina", "Yes, I was there")
    assert "2 hours of learning time is logged, off the job." in chat.last("Amina")
    (time,) = times(chat, "Amina")
    assert (time.minutes, time.on_day, time.off_the_job, time.kind) == (120, date(2026, 3, 12), True, "conference")
    amina = chat.person("Amina")
    assert KEYRING.open(amina.id, amina.key, time.words) == "Seminar: Coaching conversations"
    days = chat.database.run(
        lambda session: learning_time.days_learned(session, chat.policy, amina.id, YEAR, date(2026, 8, 31))
    )
    assert days == pytest.approx(2 / 7.4)
    chat.tap("Amina", "seminars.was_there", seminar.id, "yes")
    assert len(times(chat, "Amina")) == 1
    chat.press("Amina", "Take it out")
    assert times(chat, "Amina") == []
    chat.tap("Amina", "seminars.open", seminar.id)
    assert "It is not in your learning time any more." in chat.last("Amina")
    chat.tap("Amina", "seminars.was_there", seminar.id, "yes")
    assert times(chat, "Amina") == []


def test_no_is_the_end_of_it_and_can_be_put_right(chat: Chat) -> None:
    after(chat, "Amina", off="no")
    chat.press("Amina", "No")
    assert seats(chat)["Amina"] == "missed"
    assert times(chat, "Amina") == []
    chat.wait(days=20)
    assert asked(chat, "Amina") == 3  # invited, reminded, asked whether they were there
    chat.press("Amina", "I was there after all")
    assert [time.off_the_job for time in times(chat, "Amina")] == [False]


def test_time_that_was_logged_for_that_day_already_is_mentioned(chat: Chat) -> None:
    after(chat, "Amina")
    chat.say("Amina", "log 3h reading on 12 March")
    chat.press("Amina", "Yes, I was there")
    assert "You logged 3 hours for that day besides." in chat.screen_of("Amina")


def test_only_who_meant_to_come_is_asked_and_who_is_away_when_they_are_back(chat: Chat) -> None:
    accepted(chat, "Amina", "Ben")
    chat.press("Chloe", "No, thank you")
    is_away(chat, "Ben", datetime(2026, 3, 13, tzinfo=UTC), datetime(2026, 3, 18, tzinfo=UTC))
    chat.wait_until(datetime(2026, 3, 17, 12, tzinfo=UTC))
    assert "Were you at" in chat.last("Amina")
    for name in ("Ben", "Chloe", "Dan"):
        assert "Were you at" not in chat.screen_of(name)
    chat.wait_until(datetime(2026, 3, 18, 12, tzinfo=UTC))
    assert "Were you at" in chat.last("Ben")


def test_nobody_is_asked_twice_whether_they_were_there_after_the_bot_was_down(chat: Chat) -> None:
    accepted(chat, "Amina")
    chat.wait_until(datetime(2026, 3, 12, 13, tzinfo=UTC))
    chat.now = datetime(2026, 3, 13, 12, tzinfo=UTC)  # down when it ended, and on the morning that followed
    chat.wait(days=7)
    assert chat.screen_of("Amina").count("Were you at") == 1
    assert len(chat.rows(select(Owed).where(Owed.notice == seminar_cards.AFTER))) == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # whose driver shows every statement
def test_what_is_owed_already_costs_no_write_when_it_is_looked_at_again(chat: Chat) -> None:
    shared(chat)
    accepted(chat, "Amina", "Ben")

    def writes() -> int:
        return len([one for one in chat.database.run(hourly) if one.startswith(("INSERT", "UPDATE", "DELETE"))])

    def hourly(session: Any) -> list[str]:
        said: list[str] = []
        driver = session.connection().connection.driver_connection
        driver.set_trace_callback(said.append)
        for recurring in CONVERSATION.recurring:
            recurring(Turn(session, chat.now, chat.policy, KEYRING), chat.now + AHEAD)
        session.flush()
        driver.set_trace_callback(None)
        return said

    assert writes() >= 6  # an offer, the card about it, two reminders and two questions
    assert writes() == 0
    for later in (NOW + timedelta(hours=1), THURSDAY + timedelta(hours=3), THURSDAY + timedelta(hours=19)):
        chat.wait_until(later)
        writes()
        assert writes() == 0


def test_nobody_says_that_they_were_there_before_it_is_over_or_without_an_invitation(chat: Chat) -> None:
    seminar = accepted(chat, "Amina")
    chat.tap("Amina", "seminars.was_there", seminar.id, "yes")
    chat.tap("Farid", "seminars.was_there", seminar.id, "yes")
    assert chat.rows(select(LearningTime)) == []


def test_the_host_hears_a_number_of_five_or_more_and_no_names(chat: Chat) -> None:
    after(chat)
    for name in GUESTS[:4]:
        chat.press(name, "Yes, I was there")
    chat.tap("Cora", "seminars.run", only(chat).id)
    assert "Fewer than 5 people have told me that they were there" in chat.last("Cora")
    assert "Amina" not in chat.last("Cora")
    chat.press("Eve", "Yes, I was there")
    chat.wait_until(datetime(2026, 3, 18, 12, tzinfo=UTC))
    assert "At least 5 people have told me that they were there." in chat.last("Cora")
    for name in GUESTS:
        assert name not in chat.last("Cora")


def test_of_fewer_than_five_the_host_is_told_nothing(chat: Chat) -> None:
    after(chat, "Amina", "Ben")
    chat.press("Amina", "Yes, I was there")
    chat.wait(days=10)
    assert chat.rows(select(Owed).where(Owed.notice == "seminars.numbers", Owed.state == "sent")) == []


# ------------------------------------------------------------------------------------------------------------- privacy


def test_nobody_else_sees_or_does_anything(chat: Chat) -> None:
    seminar = accepted(chat, "Amina")
    hello(chat, "Farid")
    before = len(chat.rows(select(RefusedAttempt)))
    for action in ("open", "run", "consider", "not_now", "not_needed", "plan", "invite", "host", "change", "changed",
                   "more", "asked_more", "cancel", "cancelled", "accept", "decline", "was_there"):  # fmt: skip
        chat.tap("Farid", f"seminars.{action}", seminar.id, str(seminar.version))
        assert "Coaching" not in chat.screen_of("Farid"), action
    assert len(chat.rows(select(RefusedAttempt))) == before + 17
    chat.say("Farid", "seminars")
    assert "No seminar that you are invited to is to come" in chat.last("Farid")
    chat.say("Farid", "new seminar")
    assert "Seminars are planned by the learning coordinator" in chat.last("Farid")
    for action in ("run", "change", "cancel", "cancelled", "invite"):
        chat.tap("Amina", f"seminars.{action}", seminar.id)
    assert only(chat).state == "planned"


def test_markup_in_a_title_or_a_reason_is_shown_as_it_is(chat: Chat) -> None:
    accepted(chat, "Amina", title="<!channel> **bold**", where="[HR](https://evil)", about="<at>all</at>")
    (card,) = [posted.message for posted in chat.seen("Ben") if posted.message.notice == "seminars.card"]
    assert "<!channel> **bold**" in in_words(card)
    assert "[HR](https://evil)" in in_words(card)
    assert not any(isinstance(part, Link) for part in card.parts)


def test_everything_that_is_shown_is_within_each_platforms_limits(chat: Chat) -> None:
    shown: set[str] = set()

    def look() -> None:
        for posted in [one for conversation in chat.screen.conversations.values() for one in conversation]:
            slack_would_take(slack.message(posted.message))
            teams_would_take(teams.card(posted.message, direct=True))
            shown.add(in_words(posted.message))

    shared(chat)
    hello(chat, "Ola", *GUESTS, "Cora", "Farid", "Grace")
    chat.wait(days=1)
    look()
    chat.press("Cora", "Plan it")
    chat.submit("Cora", title="x" * 75, about="y" * 2000, where="z" * 150, day="2026-04-03", starts="14:00",
                ends="23:00", places="3")  # fmt: skip
    look()
    chat.press("Cora", "Invite")
    look()
    for name in GUESTS[:3]:
        chat.press(name, "I’ll come")
    chat.press("Dan", "Put me on the waiting list")
    chat.press("Eve", "No, thank you")
    look()
    chat.press("Cora", "Change it")
    chat.submit("Cora", day="2026-04-10", why="w" * 2000)
    for who in ("Cora", "Amina"):
        chat.say(who, "seminars")
    chat.press("Ben", "I can’t come after all")
    look()
    chat.wait_until(datetime(2026, 4, 13, 12, tzinfo=UTC))
    chat.press("Amina", "Yes, I was there")
    chat.press("Chloe", "No")
    look()
    assert len(shown) > 30


def test_nothing_of_a_seminar_is_said_in_a_channel(chat: Chat) -> None:
    planned(chat)
    chat.say("Cora", "seminars", in_channel="general")
    chat.say("Amina", "seminars", in_channel="general")
    seen = [posted for posted in chat.seen("Ben", in_channel="general") if "Coaching" in in_words(posted.message)]
    assert seen == []


# ------------------------------------------------------------------------------------------------- leaving, forgetting


def leaves(chat: Chat, who: str) -> None:
    person = chat.person(who)

    def work(session: Any) -> None:
        found = session.get(Person, person.id)
        found.left_at = chat.now
        interviews.person_left(session, found, chat.now)

    chat.database.run(work)
    chat.wait(minutes=1)


def test_who_leaves_is_taken_off_and_the_next_gets_their_place(chat: Chat) -> None:
    accepted(chat, "Amina", places="1")
    chat.press("Ben", "Put me on the waiting list")
    leaves(chat, "Amina")
    assert seats(chat)["Ben"] == "accepted"
    assert "Amina" not in seats(chat)
    assert "Amina" not in chat.last("Cora")
    assert held(chat, "Amina") == 0


def test_when_the_host_leaves_a_coordinator_holds_it_instead(chat: Chat) -> None:
    change(chat, "Grace", role="coordinator")
    hello(chat, "Grace")
    accepted(chat, "Amina")
    leaves(chat, "Cora")
    assert "Whoever was to hold this seminar can’t" in chat.last("Grace")
    assert only(chat).state == "planned"
    chat.press("Grace", "I’ll hold it")
    assert only(chat).host_id == chat.person("Grace").id
    assert "You hold it." in chat.last("Grace")
    assert held(chat, "Grace") == 8


def test_an_erased_guest_leaves_nothing_and_an_erased_host_no_words_of_theirs(chat: Chat) -> None:
    accepted(chat, "Amina", "Ben")
    chat.press("Cora", "Change it")
    chat.submit("Cora", day="2026-03-13", why="I am ill.")
    amina, cora = chat.person("Amina").id, chat.person("Cora").id
    assert "Amina" in chat.screen_of("Cora")
    chat.database.run(lambda session: erasure.erase(session, session.get_one(Person, amina), chat.now))
    chat.wait(minutes=2)
    assert "Amina" not in chat.screen_of("Cora")
    assert chat.rows(select(SeminarSeat).where(SeminarSeat.person_id == amina)) == []
    chat.database.run(lambda session: erasure.erase(session, session.get_one(Person, cora), chat.now))
    seminar = only(chat)
    assert (seminar.host_id, seminar.changed_by_id, seminar.reason) == (None, None, None)


def test_a_coordinator_who_was_to_come_can_hold_it_instead(chat: Chat) -> None:
    change(chat, "Grace", role="coordinator")
    hello(chat, "Grace")
    planned(chat, teams="all")
    chat.press("Grace", "I’ll come")
    leaves(chat, "Cora")
    chat.press("Grace", "I’ll hold it")
    assert "Grace" not in seats(chat)
    assert held(chat, "Grace") == 8
    assert "You hold the seminar Coaching conversations." in chat.screen_of("Grace")


def test_who_was_asked_is_forgotten_after_two_years_and_what_was_never_finished_after_two_months(chat: Chat) -> None:
    after(chat, "Amina")
    chat.press("Amina", "Yes, I was there")
    chat.say("Cora", "new seminar")
    fill(chat, day="2026-03-20")
    assert len(chat.rows(select(Seminar))) == 2
    for later in (timedelta(days=61), timedelta(days=735)):
        chat.database.run(lambda session, at=chat.now + later: clean_up(session, chat.policy, at))
    assert only(chat).state == "held"
    assert chat.rows(select(SeminarSeat)) == []
    assert len(times(chat, "Amina")) == 1  # what they learned is theirs


# ----------------------------------------------------------------------------------------------------------- calendars


def test_without_a_calendar_the_card_has_a_file_for_whoever_comes_and_it_follows(chat: Chat) -> None:
    seminar = accepted(chat, "Amina")
    seen = [posted.message for posted in chat.seen("Amina") if posted.message.notice == "seminars.card"]
    (link,) = [part for part in seen[-1].parts if isinstance(part, Link)]
    assert link.label == "Put it in my calendar"
    assert link.url.startswith(f"https://learn.example/ics/seminar/{seminar.id}/{chat.person('Amina').id}/")
    amina, farid = chat.person("Amina").id, chat.person("Farid").id

    def file_for(person: int) -> bytes | None:
        return chat.database.run(
            lambda session: calendar_files.of_seminar(session, KEYRING, seminar.id, person, chat.now)
        )

    calendar: Any = Calendar.from_ical(file_for(amina) or b"")
    (event,) = calendar.events
    assert (calendar["METHOD"], event["SUMMARY"], event["UID"]) == (
        "REQUEST", "Seminar: Coaching conversations", seminar.uid,
    )  # fmt: skip
    assert event["DTSTART"].dt == THURSDAY
    assert "Room 2, Civic Centre" in event["DESCRIPTION"]
    assert file_for(farid) is None
    chat.press("Cora", "Cancel it")
    chat.submit("Cora")
    again: Any = Calendar.from_ical(file_for(amina) or b"")
    assert again["METHOD"] == "CANCEL"
    assert again.events[0]["SEQUENCE"] > event["SEQUENCE"]


def test_the_address_on_a_card_opens_for_its_reader_alone(chat: Chat) -> None:
    accepted(chat, "Amina")
    seen = [posted.message for posted in chat.seen("Amina") if posted.message.notice == "seminars.card"]
    (link,) = [part for part in seen[-1].parts if isinstance(part, Link)]
    settings = Settings("", KEYRING, chat.policy, base_url="https://learn.example")
    bot = Bot(settings, chat.database, chat.dispatcher, chat.delivery, chat.reception, lambda: chat.now, {}, chat.now)

    async def get(address: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(web(bot))) as client:
            return await client.get(address)

    found = asyncio.run(get(link.url))
    assert (found.status_code, found.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    for name in ("Ben", "Cora"):
        of_another = link.url.replace(f"/{chat.person('Amina').id}/", f"/{chat.person(name).id}/")
        assert asyncio.run(get(of_another)).status_code == 404


def test_it_is_in_the_calendar_that_people_subscribe_to_when_they_come_or_hold_it(chat: Chat) -> None:
    accepted(chat, "Amina")

    def entries(who: str) -> str:
        person = chat.person(who)
        found = chat.database.run(lambda s: calendar_files.subscription(s, KEYRING, person, chat.now))
        return found.file.decode()

    assert "SUMMARY:Seminar: Coaching conversations" in entries("Amina")
    assert "SUMMARY:Seminar: Coaching conversations" in entries("Cora")
    assert "Seminar" not in entries("Ben")
    assert "Amina" not in entries("Cora")


def test_what_i_accepted_comes_next_first(chat: Chat) -> None:
    accepted(chat, "Amina")
    chat.say("Cora", "new seminar")
    fill(chat, title="Sooner", day="2026-03-05")
    chat.press("Cora", "Invite")
    chat.press("Amina", "I’ll come")
    chat.press("Ben", "No, thank you")

    def of(who: str) -> list[date]:
        person = chat.person(who).id
        found = chat.database.run(lambda s: seminars.next_of(s, person, chat.now))
        return [one.starts_at.date() for one in found if one.starts_at is not None]

    assert of("Amina") == [date(2026, 3, 5), date(2026, 3, 12)]
    assert of("Ben") == []
    assert of("Cora") == [date(2026, 3, 5), date(2026, 3, 12)]
    assert "Coaching conversations. You are coming." in (chat.say("Amina", "my seminars"), chat.last("Amina"))[1]
    assert buttons_of(chat.seen("Amina")[-1].message)[0].action == "seminars.open"


class Desk:
    """Everybody with a calendar that the keeper reaches; Amina and Ben come to the seminar that Cora holds."""

    def __init__(self, chat: Chat) -> None:
        self.chat, self.outlook = chat, MemoryCalendar()
        chat.dispatcher.calendars = chat.delivery.calendars = ("outlook",)
        self.keeper = Appointments(
            chat.database, chat.registry, chat.policy, KEYRING, {"outlook": self.outlook}, ("outlook",),
            lambda: chat.now, "test", "https://learn.example",
        )  # fmt: skip
        accepted(chat, "Amina", "Ben")
        self.look()

    def look(self) -> None:
        """The keeper does what is due; a second or two later the answer is there."""
        for _ in range(2):
            self.chat.run(self.keeper.tick())
            self.chat.wait(seconds=2)

    def after_five_minutes(self) -> None:
        self.chat.wait(minutes=6)
        self.look()

    def guests(self) -> set[str]:
        (standing,) = self.outlook.events.values()
        return {name.split()[0] for name, _ in standing.appointment.attendees}


@pytest.fixture
def desk(chat: Chat) -> Desk:
    return Desk(chat)


def test_it_stands_in_the_hosts_calendar_with_who_comes_and_follows_moves_and_a_cancel(desk: Desk) -> None:
    chat = desk.chat
    (standing,) = desk.outlook.events.values()
    assert (standing.mailbox, standing.starts_at) == ("cora@example.org", THURSDAY)
    assert standing.appointment.summary == "Seminar: Coaching conversations"
    assert "Where: Room 2, Civic Centre" in standing.appointment.description
    assert desk.guests() == {"Cora", "Amina", "Ben"}
    assert "Put it in my calendar" not in chat.last("Amina")
    chat.press("Ben", "I can’t come after all")
    chat.press("Chloe", "I’ll come")
    desk.look()
    assert desk.guests() == {"Cora", "Amina", "Chloe"}
    chat.press("Cora", "Change it")
    chat.submit("Cora", day="2026-03-13")
    desk.look()
    (standing,) = desk.outlook.events.values()
    assert standing.starts_at == THURSDAY + timedelta(days=1)
    chat.press("Cora", "Cancel it")
    chat.submit("Cora")
    desk.look()
    assert desk.outlook.events == {}
    assert [one.state for one in chat.rows(select(CalendarEvent))] == ["removed"]


def test_what_the_host_moves_in_their_calendar_is_followed_and_told(desk: Desk) -> None:
    chat = desk.chat
    (event_id,) = desk.outlook.events
    later = THURSDAY + timedelta(days=1)
    desk.outlook.move(event_id, later, later + timedelta(hours=1))
    desk.after_five_minutes()
    assert (only(chat).starts_at, only(chat).ends_at) == (later, later + timedelta(hours=1))
    for name in ("Amina", "Ben"):
        assert "This was changed by Cora Nator" in chat.last(name)
        assert "Fri 13 Mar, 14:00–15:00" in chat.last(name)
    assert held(chat, "Amina") == 4
    assert [one.state for one in chat.rows(select(CalendarEvent))] == ["standing"]


def test_what_the_host_deletes_in_their_calendar_is_called_off(desk: Desk) -> None:
    desk.outlook.delete(next(iter(desk.outlook.events)))
    desk.after_five_minutes()
    assert only(desk.chat).state == "cancelled"
    assert "It was cancelled by Cora Nator" in desk.chat.last("Amina")


def test_a_move_into_the_past_is_put_right_in_the_calendar(desk: Desk) -> None:
    (event_id,) = desk.outlook.events
    desk.outlook.move(event_id, NOW - timedelta(days=2), NOW - timedelta(days=2) + timedelta(hours=1))
    desk.after_five_minutes()
    assert only(desk.chat).starts_at == THURSDAY
    (standing,) = desk.outlook.events.values()
    assert standing.starts_at == THURSDAY


def test_when_the_host_leaves_it_goes_into_the_calendar_of_who_holds_it_then(desk: Desk) -> None:
    chat = desk.chat
    change(chat, "Grace", role="coordinator")
    hello(chat, "Grace")
    leaves(chat, "Cora")
    desk.look()
    chat.press("Grace", "I’ll hold it")
    desk.look()
    desk.look()
    (standing,) = desk.outlook.events.values()
    assert standing.mailbox == "grace@example.org"
    assert desk.guests() == {"Grace", "Amina", "Ben"}


def test_when_the_host_is_erased_it_goes_into_the_calendar_of_somebody_who_comes(desk: Desk) -> None:
    chat = desk.chat
    cora = chat.person("Cora").id
    chat.database.run(lambda session: erasure.erase(session, session.get_one(Person, cora), chat.now))
    desk.look()
    hosts = {one.mailbox for one in desk.outlook.events.values()}
    assert "amina@example.org" in hosts
    assert [one.host_id for one in chat.rows(select(CalendarEvent))] == [chat.person("Amina").id]


def test_who_hosts_for_a_host_without_a_calendar_and_deletes_it_does_not_come(chat: Chat) -> None:
    change(chat, "Cora", calendar="none")
    desk = Desk(chat)
    (event_id,) = desk.outlook.events
    assert desk.outlook.events[event_id].mailbox == "amina@example.org"
    desk.outlook.delete(event_id)
    desk.after_five_minutes()
    assert (seats(chat)["Amina"], seats(chat)["Ben"]) == ("declined", "accepted")
    assert only(chat).state == "planned"
    assert held(chat, "Amina") == 0
