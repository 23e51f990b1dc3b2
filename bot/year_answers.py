"""What people in the simulated year do about a message as a matter of course: mostly yes, sometimes another way."""

from bot.chat import ANSWERS_TO, Button
from bot.console import Posted, buttons_of
from bot.year_hands import Hands
from bot.year_teams import THOUGHTS, answers_to_review

COURSES = (
    "Safeguarding level 2",
    "Coaching conversations",
    "Autism awareness",
    "Data for governors",
    "First aid at work",
    "Restorative practice",
)
LESSONS = (
    "to ask before I answer",
    "that a quiet start helps the anxious ones",
    "how the Bitterne team shares its cases",
    "to write the aim at the top of the agenda",
    "that feedback on the day beats feedback in the report",
)
TIMES = ("interviews.take", "interviews.move_to", "sets.take", "sets.move_to")
AGREED = ("sets.join", "sets.coming", "sets.everybody")


async def as_usual(hands: Hands, posted: Posted, *, fresh: bool, latest: bool) -> bool:
    """What somebody does about a message in their chat; False when it asks for nothing. `latest`: nothing is below."""
    buttons = {button.action: button for button in reversed(buttons_of(posted.message))}
    times = [button for button in buttons_of(posted.message) if button.action in TIMES]
    if "interviews.accept" in buttons:
        await hands.tap(buttons["interviews.accept"])
    elif times:
        await hands.tap(hands.chance.choice(times))
    elif "interviews.confirm" in buttons:
        other_way = hands.chance.random() < 0.15 and "interviews.move" in buttons
        await hands.tap(buttons["interviews.move" if other_way else "interviews.confirm"])
    elif "interviews.met" in buttons and fresh:
        await hands.tap(buttons["interviews.met"])
    elif posted.message.awaits == "interviews.note" and latest:
        if hands.chance.random() < 0.5:
            return False
        await hands.types(f"What I take away: {hands.chance.choice(LESSONS)}.")
    elif agrees := next((action for action in AGREED if action in buttons and fresh), ""):
        await hands.tap(buttons[agrees])
    elif posted.message.awaits == "courses.reflect" and fresh:
        await hands.types(hands.chance.choice(THOUGHTS))
    elif "interviews.partner" in buttons and fresh:
        await hands.types(f"partner {hands.chance.choice(hands.others)}")
    elif _wants_a_time(hands, buttons) and fresh:
        await hands.tap(buttons["interviews.offer"])
    elif ANSWERS_TO in buttons and fresh:
        await hands.tap(buttons[ANSWERS_TO])
    elif fresh and "reviews.open" in buttons and buttons["reviews.open"].label.startswith("Answer"):
        await hands.fills("reviews.open", answers_to_review(hands.whims, hands.id))
    elif fresh and posted.message.notice == "team_plans.follow_up":
        await hands.tap(buttons["team_plans.noted"])  # the first that is offered: under way, and next term done
        await hands.taps("team_plans.tell")
    elif fresh and "seminars.accept" in buttons:
        comes = hands.whims.random() < 0.85
        await hands.tap(buttons["seminars.accept" if comes else "seminars.decline"])
    elif fresh and "seminars.was_there" in buttons:
        await hands.tap(buttons["seminars.was_there"])  # the first of them is yes
    else:
        return False
    return True


def _wants_a_time(hands: Hands, buttons: dict[str, Button]) -> bool:
    """Whether this offers the learner to look for a time: a window opened, or a meeting fell through."""
    offer = buttons.get("interviews.offer")
    home = "home.help" in buttons
    return offer is not None and not home and offer.about == hands.id
