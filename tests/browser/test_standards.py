"""Standards in a window: boxes to tick, words left as they are, and the picture of a self-review."""

from pathlib import Path

import pytest

from tests.browser.conftest import Demo

pytestmark = [pytest.mark.browser, pytest.mark.clients]

WHICH = "Which statements does it show?"
PART = "Or type part of a statement"
KNOWS = "K1 Knows the duties, policies and funding that the service works under"


def test_evidence_is_ticked_and_a_self_review_becomes_a_picture(demo: Demo, screenshots: Path) -> None:
    amina = demo.sit_down("Amina")
    amina.say("diary: today I learned to listen before I give advice").wait_for("Kept in your diary.")
    amina.press("Evidence for …").wait_for("Q6 Listens before giving advice")
    amina.screenshot(screenshots / "standards-1-evidence.png")
    amina.fill(PART, "calm").press("Save").wait_for("Tick what it shows, then save.")
    amina.fill(WHICH, ["Q10 Stays calm and hopeful when things are hard"])
    amina.screenshot(screenshots / "standards-2-found.png")
    amina.press("Save").wait_for("Evidence for Q10.")

    amina.say("self-review").wait_for("Personal qualities and values")
    amina.press("Begin: Knowledge and skills").wait_for(KNOWS)
    amina.screenshot(screenshots / "standards-3-self-review.png")
    amina.fill(KNOWS, "A strength").press("Save").wait_for("1 of 3")
    amina.press("Finish with what there is").wait_for("Not said: 29 statements.")
    amina.screenshot(screenshots / "standards-4-picture.png", whole=True)
    amina.say("evidence for calm").wait_for("Take out")
    amina.screenshot(screenshots / "standards-5-statement.png")
