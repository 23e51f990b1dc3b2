"""Amina is in Slack in London, Ben in Teams in New York, and one program serves both."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.config import Slack
from tests.clients.entra import Issuer
from tests.clients.fixtures import issuer, slack, slack_server
from tests.clients.slack import SlackServer
from tests.hands import AtSlack, AtTeams, in_teams
from tests.life import LONDON, MONDAY, NEW_YORK, at, roster
from tests.running import Running, running, settings
from tests.teams.world import BEN, Connector

__all__ = ["issuer", "slack", "slack_server"]  # fixtures of these tests

pytestmark = pytest.mark.clients


@dataclass
class Pair:
    """The two, each where they are."""

    program: Running
    amina: AtSlack
    ben: AtTeams


@pytest.fixture
def pair(slack: SlackServer, issuer: Issuer, tmp_path: Path) -> Iterator[Pair]:
    with Connector() as connector:
        connector.members[BEN["id"]] = {"email": "ben.carter@southampton.example", "name": "Ben Carter"}

        told = settings(tmp_path, slack=Slack(slack.bot_token, (slack.signing_secret,), api_url=slack.base_url))
        with running(told, roster(ben=NEW_YORK), MONDAY - timedelta(hours=1), in_teams(connector, issuer)) as program:
            amina = AtSlack(program, slack, slack.users["amina"])
            ben = AtTeams(program, connector, issuer, BEN)
            for one in (amina, ben):
                one.say("hello").wait_for("Here is your learning year.")
            yield Pair(program, amina, ben)


def hours_of_times(labels: list[str]) -> list[tuple[int, int]]:
    """The hour in London and in New York of each time among the buttons."""
    shown = [label for label in labels if ":" in label]
    times = [datetime.strptime(f"2026 {one}", "%Y %a %d %b, %H:%M").replace(tzinfo=ZoneInfo(LONDON)) for one in shown]
    return [(one.hour, one.astimezone(ZoneInfo(NEW_YORK)).hour) for one in times]


def test_only_hours_in_which_both_work_are_offered_before_and_after_the_clocks_change(pair: Pair) -> None:
    pair.program.wait_until(MONDAY)
    pair.amina.press("Choose a time").wait_for("These times suit you and Ben")
    pair.amina.wait_for("Times are yours: the first is ").wait_for(" for Ben.")
    hours = hours_of_times(pair.amina.buttons())
    pair.amina.press("More times")
    hours += hours_of_times(pair.amina.buttons())
    assert len(hours) == 10
    assert all(9 <= there < 17 and 9 <= here < 17 for here, there in hours)
    assert {here - there for here, there in hours} == {4, 5}  # Britain's clocks change three weeks after America's

    pair.amina.say("Thursday 2 April at 9am")
    pair.amina.wait_for("that is outside Ben’s working hours, 09:00 to 17:00 (it would be 04:00 there).")
    assert hours_of_times(pair.amina.buttons())
    assert all(there >= 9 for _, there in hours_of_times(pair.amina.buttons()))


def test_each_sees_and_is_reminded_on_their_own_clock_and_what_one_does_the_other_sees_elsewhere(pair: Pair) -> None:
    program, amina, ben = pair.program, pair.amina, pair.ben
    program.wait_until(MONDAY)
    amina.say("book Thursday 2 April at 3pm").wait_for("Thu 2 Apr, 15:00–15:45 with Ben Carter")
    amina.wait_for("For Ben that is Thu 2 Apr, 10:00–10:45.")
    ben.wait_for("Amina Khan suggests Thu 2 Apr, 10:00–10:45").wait_for("For Amina that is Thu 2 Apr, 15:00–15:45.")
    ben.press("Confirm").wait_for("Booked: Thu 2 Apr, 10:00–10:45").wait_gone("suggests")
    amina.wait_for("Ben said yes.").wait_for("Booked: Thu 2 Apr, 15:00–15:45").wait_gone("I’ve asked Ben")

    ben.say("can we do Wednesday 8 April at half nine instead").wait_for("You suggested moving")
    ben.wait_for("Wed 8 Apr, 09:30–10:15").wait_for("For Amina that is Wed 8 Apr, 14:30–15:15.")
    amina.wait_for("Ben Carter suggests moving your learning interview to Wed 8 Apr, 14:30–15:15.").press("Confirm")
    amina.wait_for("Booked: Wed 8 Apr, 14:30–15:15").wait_gone("Booked: Thu 2 Apr")
    ben.wait_for("Amina said yes.").wait_for("Booked: Wed 8 Apr, 09:30–10:15").wait_gone("Booked: Thu 2 Apr")

    ben.press("Cancel it").wait_for("Why, if you like to say").fill("Why, if you like to say", "A <fire> *drill*")
    ben.press("Cancel it").wait_for("Cancelled: Wed 8 Apr, 09:30–10:15").wait_gone("Booked: ")
    amina.wait_for("Ben cancelled it.").wait_for("A <fire> *drill*").wait_gone("Booked: ")
    amina.press("Choose a new time").say("Thursday 9 April at 14:00").wait_for(
        "For Ben that is Thu 9 Apr, 09:00–09:45."
    )
    ben.press("Confirm").wait_for("Booked: Thu 9 Apr, 09:00–09:45")

    program.wait_until(at(8, 8, 30, month=4))  # 09:30 in London
    amina.wait_for("Tomorrow: Ben Carter, Thu 9 Apr, 14:00–14:45").wait_for("For Ben that is Thu 9 Apr, 09:00–09:45.")
    program.wait_until(at(8, 13, 29, month=4))
    ben.wait_gone("Tomorrow: ")
    program.wait_until(at(8, 13, 30, month=4))  # 09:30 in New York
    ben.wait_for("Tomorrow: Amina Khan, Thu 9 Apr, 09:00–09:45")
    for one in (amina, ben):
        one.wait_gone("In 15 minutes")
    program.wait_until(at(9, 12, 45, month=4))
    amina.wait_for("In 15 minutes: Ben Carter, Thu 9 Apr, 14:00–14:45")
    ben.wait_for("In 15 minutes: Amina Khan, Thu 9 Apr, 09:00–09:45")

    program.wait_until(at(9, 14, 15, month=4))
    amina.press("Yes, we met")
    ben.press("Yes, we met").wait_for("You met Amina on Thu 9 Apr.").say("Ask *before* telling")
    ben.wait_for("Ask *before* telling").say("private: not my best day").wait_for("not my best day")
    amina.wait_for("You met Ben on Thu 9 Apr. That was interview 1 of 3.").wait_for("Ask *before* telling")
    amina.wait_gone("not my best day").press("I agree")
    ben.wait_for("Amina agreed with this on Thu 9 Apr.")
