"""The whole way: people in chat, the keeper, our Outlook client, and a Graph that takes only what its reference has."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from scheduling.appointments import Appointments
from scheduling.slots import Interval
from storage import appointments, calendar_looks
from storage.models import CalendarEvent, Interview
from tests.clients.graph import GraphServer
from tests.clients.microsoft import EntraId
from tests.clients.outlook import AMINA, BEN, calendar_of
from tests.conftest import KEYRING, Chat

pytest_plugins = ("tests.clients.outlook_fixtures",)
pytestmark = pytest.mark.clients

LENGTH = timedelta(minutes=45)


def at(day: int, hour: int) -> Interval:
    starts_at = datetime(2026, 3, day, hour, tzinfo=UTC)
    return starts_at, starts_at + LENGTH


@dataclass
class Office:
    chat: Chat
    graph: GraphServer
    keeper: Appointments

    def booked(self) -> None:
        for who, words in (("Amina", "hello"), ("Ben", "hello"), ("Amina", "book Thursday at 10")):
            self.chat.say(who, words)
        self.chat.press("Ben", "Confirm")
        self.later()

    def later(self, **duration: float) -> None:
        self.chat.wait(**duration)
        for _ in range(2):
            self.chat.run(self.keeper.tick())

    def event(self) -> Any:
        [event] = self.graph.events_of(AMINA)
        return event

    def interview(self) -> Interview:
        [found] = self.chat.rows(select(Interview))
        return found


@pytest.fixture
def office(chat: Chat, graph: GraphServer, entra: EntraId) -> Iterator[Office]:
    keeper = Appointments(chat.database, chat.registry, chat.policy, KEYRING, {"outlook": calendar_of(graph, entra)},
                          ("outlook",), lambda: chat.now, "test")  # fmt: skip
    yield Office(chat, graph, keeper)
    chat.run(keeper.stop(1))


def test_a_booking_is_in_outlook_with_a_teams_link_and_follows_a_move_and_a_cancel(office: Office) -> None:
    office.booked()
    assert office.event()["start"]["dateTime"].startswith("2026-03-05T10:00")
    assert {one["emailAddress"]["address"] for one in office.event()["attendees"]} >= {BEN}
    booked = office.interview()
    assert office.chat.database.run(lambda s: appointments.join_url(s, booked)).startswith("https://")
    office.chat.say("Amina", "move my interview to Friday 14:00")
    office.chat.press("Ben", "Confirm")
    office.later()
    assert office.event()["start"]["dateTime"].startswith("2026-03-06T14:00")
    office.chat.say("Amina", "cancel my interview")
    office.chat.submit("Amina", reason="")
    office.later(minutes=6)
    assert office.graph.events_of(AMINA) == []
    assert office.chat.rows(select(CalendarEvent.state)) == ["removed"]


@pytest.mark.parametrize("fault", ["accept_then_reset", "accept_then_error"])
def test_graph_accepts_and_does_not_say_so_and_there_is_one_event_and_one_invitation(
    office: Office, fault: str
) -> None:
    office.graph.fail("POST users", fault)
    office.booked()
    assert office.chat.rows(select(CalendarEvent.state)) == ["owed"]
    office.later(minutes=2)
    assert office.chat.rows(select(CalendarEvent.state)) == ["standing"]
    assert office.event()
    assert [mail for mail in office.graph.mails if mail[1] == BEN] == [("invitation", BEN)]


def test_what_the_learner_does_in_outlook_is_followed_and_the_partner_is_told(office: Office) -> None:
    office.booked()
    office.later(minutes=6)
    office.graph.moves(AMINA, office.event()["id"], *at(6, 14))
    office.later(minutes=6)
    assert (office.interview().starts_at, office.interview().ends_at) == at(6, 14)
    assert "It was moved in Amina’s calendar" in office.chat.last("Ben")
    office.graph.expire_marks()
    office.later(minutes=6)
    office.graph.deletes(AMINA, office.event()["id"])
    office.later(minutes=6)
    assert office.interview().state == "cancelled"
    assert "It was deleted in Amina’s calendar" in office.chat.screen_of("Ben")


def test_busy_times_are_seen_without_what_they_are_and_without_our_own(office: Office) -> None:
    office.booked()
    office.graph.enters(AMINA, *at(9, 13))
    person = office.chat.person("Amina").id
    office.chat.database.run(lambda s: calendar_looks.want(s, [person], office.chat.now))
    office.later()
    until = office.chat.now + timedelta(days=30)
    found = office.chat.database.run(lambda s: calendar_looks.busy_times(s, person, office.chat.now, until))
    assert found == [at(9, 13)]
