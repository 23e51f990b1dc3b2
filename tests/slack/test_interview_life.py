"""The life of an interview in Slack: through real Bolt, and read back from the Slack server."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import Slack
from tests.clients.slack import SlackServer
from tests.hands import AtSlack
from tests.life import MONDAY, live, roster
from tests.running import Running, running, settings

pytestmark = pytest.mark.clients


@pytest.fixture
def program(slack: SlackServer, tmp_path: Path) -> Iterator[Running]:
    """The bot in the workspace, with Amina and Ben on its roster."""
    told = settings(tmp_path, slack=Slack(slack.bot_token, (slack.signing_secret,), api_url=slack.base_url))
    with running(told, roster(), MONDAY - timedelta(hours=1)) as program:
        yield program


def test_an_interview_lives_its_life_in_slack(slack: SlackServer, program: Running) -> None:
    amina, ben = (AtSlack(program, slack, slack.users[name]) for name in ("amina", "ben"))
    for one in (amina, ben):
        one.say("hello").wait_for("Here is your learning year.")
    live(program, amina, ben)
