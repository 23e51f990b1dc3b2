"""Standards in Slack and in Teams: the same evidence counted, and the same self-review, with each one's own hands."""

from pathlib import Path

import pytest

import bot
from storage.roster import import_roster, read_roster
from storage.standard_files import import_standard, read_standard
from tests.clients.fixtures import issuer, slack, slack_server
from tests.hands import AtSlack, AtTeams
from tests.test_two_platforms import Pair, pair

__all__ = ["issuer", "pair", "slack", "slack_server"]  # fixtures of these tests

pytestmark = pytest.mark.clients
WELSH = Path(bot.__file__).parent / "standards" / "welsh-standard.yaml"
POSTS = """\
name,email,post
Amina Khan,amina.khan@southampton.example,Officer
Ben Carter,ben.carter@southampton.example,Officer
"""


@pytest.mark.parametrize("who", ["amina", "ben"])
def test_evidence_is_counted_and_a_self_review_is_drawn(pair: Pair, who: str) -> None:
    program, file, roster = pair.program, read_standard(WELSH.read_bytes(), is_csv=False), read_roster(POSTS)
    database, told = program.bot.database, program.bot.settings
    database.run(lambda session: import_standard(session, file, program.now, posts=["Officer"]))
    database.run(lambda session: import_roster(session, roster, told.keyring, program.now, told.policy))
    one: AtSlack | AtTeams = pair.amina if who == "amina" else pair.ben

    one.say("diary: *today* I learned to listen before I give advice").wait_for("listen before I give advice")
    one.press("Evidence for …").wait_for("Which statements does it show?")
    one.tick("Which statements does it show?", "Q6 Listens")
    one.fill("Or type part of a statement", "calm").press("Save").wait_for("Tick what it shows, then save.")
    one.tick("Which statements does it show?", "Q6 Listens", "Q10 Stays calm").press("Save")
    one.wait_for("Evidence for Q6 and Q10.").wait_for("*today* I learned to listen")

    one.say("self-review").wait_for("Knowledge and skills").press("Begin: Knowledge and skills")
    one.fill("K1 Knows the duties, policies and funding that the service works under", "strength").press("Save")
    one.wait_for("1 of 3").press("Finish with what there is").wait_for("Not said: 29 statements.")
    one.say("evidence for calm").wait_for("as evidence").press("Take out").wait_for("Nothing counts as evidence yet")
