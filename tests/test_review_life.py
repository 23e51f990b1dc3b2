"""A team of eight reviews itself in a Slack channel; four of them are in Teams, and take part from there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import Slack
from tests.clients.entra import Issuer
from tests.clients.fixtures import issuer, slack, slack_server
from tests.clients.slack import SlackServer
from tests.hands import AtSlack, AtTeams, in_teams
from tests.life import MONDAY, at
from tests.running import Running, running, settings
from tests.teams.world import EVE, FARID, HANA, IRIS, Connector

__all__ = ["issuer", "slack", "slack_server"]  # fixtures of these tests

pytestmark = pytest.mark.clients

CHANNEL = "children-services"
IN_TEAMS = (EVE, FARID, HANA, IRIS)
ROSTER = """\
name,email,team,lead,role
Amina Khan,amina.khan@southampton.example,Children's Services,yes,member
Ben Carter,ben.carter@southampton.example,Children's Services,no,member
Chloe Davies,chloe.davies@southampton.example,Children's Services,no,member
Dan Evans,dan.evans@southampton.example,Children's Services,no,coordinator
Eve Fox,eve@southampton.example,Children's Services,no,member
Farid Gill,farid@southampton.example,Children's Services,no,member
Hana Ito,hana@southampton.example,Children's Services,no,member
Iris Jones,iris@southampton.example,Children's Services,no,member
"""
WHY, WHY_RATED = "Why are we here?", "Why are we here? From 1 to 5"


@dataclass
class Eight:
    """All of them, each where they are."""

    program: Running
    slack: dict[str, AtSlack]
    teams: dict[str, AtTeams]


@pytest.fixture
def eight(slack: SlackServer, issuer: Issuer, tmp_path: Path) -> Iterator[Eight]:
    with Connector() as connector:
        for one in IN_TEAMS:
            email = f"{one['name'].split()[0].lower()}@southampton.example"
            connector.members[one["id"]] = {"email": email, "name": one["name"]}

        told = settings(tmp_path, slack=Slack(slack.bot_token, (slack.signing_secret,), api_url=slack.base_url))
        with running(told, ROSTER, MONDAY - timedelta(hours=1), in_teams(connector, issuer)) as program:
            here = {name: AtSlack(program, slack, slack.users[name]) for name in ("amina", "ben", "chloe", "dan")}
            there = {one["name"].split()[0].lower(): AtTeams(program, connector, issuer, one) for one in IN_TEAMS}
            for everybody in (*here.values(), *there.values()):
                everybody.say("hello").wait_for("Here is your learning year.")
            yield Eight(program, here, there)


def test_a_team_on_two_platforms_reviews_itself_plans_and_follows_it_up(eight: Eight) -> None:
    launch(eight)
    answer(eight)
    close(eight)
    mark_and_find(eight)
    plan(eight)
    account_for_it(eight)


def launch(eight: Eight) -> None:
    """The lead starts an anonymous review in the channel; who is in Teams has its card in their own chat."""
    amina = eight.slack["amina"].go_to(CHANNEL)
    amina.say("review").wait_for("There is a short form for that.").press("Start a team review")
    amina.fill("Named or anonymous", "anonymous").fill("Title", "Spring review").press("Start the review")
    amina.wait_for("Children's Services looks at how it works").wait_for("Anonymous:")
    for one in eight.teams.values():
        one.wait_for("Spring review").wait_for("Fewer than 5 of 8 have answered so far.")


def answer(eight: Eight) -> None:
    """Each in their own way; one by typing, two in Teams by the form; one changes what they said."""
    ben, chloe = eight.slack["ben"].go_to(CHANNEL), eight.slack["chloe"].go_to(CHANNEL)
    ben.press("Answer (about ten minutes)").fill(WHY, "So that every child is safe").fill(WHY_RATED, "4")
    ben.press("Send my answers").go_to().wait_for("Thank you.")
    chloe.press("Answer by typing").go_to().wait_for(WHY)
    chloe.say("Because families *ask* us to").press("5: clear to all").press("That's all")
    chloe.wait_for("This is what you would send").press("Send my answers").wait_for("Thank you.")
    for number, one in enumerate(eight.teams.values()):
        one.press("Answer (about ten minutes)").fill(WHY, f"Reason number {number}").fill(WHY_RATED, str(number + 1))
        one.press("Send my answers").wait_for("Thank you.")
    ben.press("Change my answers").fill(WHY_RATED, "2")
    ben.press("Send my answers").wait_for("Changed.")
    eight.program.wait_until(eight.program.now + timedelta(seconds=10))
    eight.slack["amina"].go_to(CHANNEL).wait_for("At least 5 of 8 have answered.")
    eight.teams["eve"].wait_for("At least 5 of 8 have answered.")


def close(eight: Eight) -> None:
    """What came of it stands in the thread, and before those whom the channel does not reach."""
    eight.program.wait_until(at(8, 17, month=4))
    for one in (eight.slack["amina"], eight.teams["iris"]):
        one.wait_for("What came of Spring review").wait_for("Because families *ask* us to")
        one.wait_gone("Ben Carter").wait_gone("Chloe Davies")


def mark_and_find(eight: Eight) -> None:
    """Five mark what matters, wherever they are; the lead writes down what it comes to."""
    amina, everywhere = eight.slack["amina"].go_to(), [*eight.slack.values(), *eight.teams.values()]
    amina.press("Make sense of it together").wait_for("End the marking")
    for one in everywhere[:6]:
        if isinstance(one, AtSlack):
            one.go_to(CHANNEL)
        one.press("Mark what matters").tick("What matters most", "1.1").press("Mark these")
    amina.go_to().press("End the marking").wait_for("Write a finding")
    amina.go_to(CHANNEL).wait_for("What mattered most in Spring review")
    eight.teams["iris"].wait_for("What mattered most in Spring review")
    amina.go_to().press("Write a finding").tick("What it rests on", "1.1", "1.2").fill("What you find", "We know why")
    amina.press("Keep this finding").wait_for("That's all").press("That's all").wait_for("Done: 1 finding")
    amina.go_to(CHANNEL).wait_for("What we found in Spring review").wait_for("We know why")
    eight.teams["hana"].wait_for("We know why")


def plan(eight: Eight) -> None:
    """The plan is drafted from the finding, proposed, objected to from Teams, agreed, and followed up a term later."""
    amina, ben, eve = eight.slack["amina"].go_to(), eight.slack["ben"].go_to(CHANNEL), eight.teams["eve"]
    amina.press("Our development plan").press("Begin a draft").wait_for("We know why").press("Choose what goes in")
    amina.tick("From our review", "We know why").press("Put it in")
    amina.press("Add an item").fill("What is needed?", "Meetings that *everybody* can follow")
    amina.fill("By when?", "by the end of June").press("Save").wait_for("everybody")
    amina.press("Show what the team will see").press("Propose it in your team's channel")
    ben.press("I agree")
    eve.press("I would change something").fill("What would you change?", "Before May, please").press("Say it")
    ben.wait_for("Eve Fox would change something in the plan:").wait_for("Before May, please")
    eight.teams["iris"].wait_for("Before May, please")
    amina.press("Mark it as agreed").wait_for("would change something").press("It is agreed")
    ben.wait_for("agreed on")
    eve.wait_for("agreed on")
    while eight.program.now < at(10, 17, month=7):  # a fortnight at a time
        eight.program.wait_until(min(eight.program.now + timedelta(days=14), at(10, 17, month=7)))
    amina.wait_for("How does your team's plan for 2025/26 go?").press("Under way").wait_for("under way")
    amina.press("Open the plan").press("Tell the team")
    for one in (ben, eve):
        one.wait_for("under way")


def account_for_it(eight: Eight) -> None:
    """The review and the plan are written up for the lead, and the year for the coordinator: drafts, for them alone."""
    assert eight.program.bot.portfolios is not None
    for who, asks in (("amina", "export review"), ("dan", "yearly report")):
        one = eight.slack[who].go_to()
        one.say(asks).wait_for("It is a draft").press("Make it").wait_for("is being written")
        eight.program.run(eight.program.bot.portfolios.tick())
        one.wait_for("is with you. I keep no copy of the file.")
