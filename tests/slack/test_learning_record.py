"""A learning record grows in Slack: through real Bolt, and read back from the Slack server."""

import pytest

from tests.clients.slack import SlackServer
from tests.hands import AtSlack
from tests.learning import learn
from tests.running import Running
from tests.slack.test_interview_life import program

__all__ = ["program"]  # a fixture
pytestmark = pytest.mark.clients


def test_a_learning_record_grows_in_slack(slack: SlackServer, program: Running) -> None:
    amina, ben = (AtSlack(program, slack, slack.users[name]) for name in ("amina", "ben"))
    for one in (amina, ben):
        one.say("hello").wait_for("Here is your learning year.")
    learn(program, amina, ben)
