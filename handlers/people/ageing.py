"""Learning records that the policy keeps no longer: their owner is told in good time, and can take them along."""

from datetime import datetime

from bot.chat import Button, Buttons, Message, small, text
from bot.wording import count
from handlers.asking import morning
from handlers.turn import Turn
from storage import outbox, people
from storage.retention import past_keeping, years_before

NOTICE = "people.ageing"


def tell(turn: Turn, until: datetime) -> None:
    """Owe everybody with such records one message, on the first working morning of the month."""
    years = turn.policy.retention.learning_years
    if not years:
        return
    for person in people.present(turn.session):
        first = turn.now.astimezone(turn.zone).date().replace(day=1)
        if person.joined_at is None or not past_keeping(turn.session, person.id, years_before(first, years)):
            continue
        at = morning(turn, person, first)
        if at <= until:
            outbox.owe(turn.session, NOTICE, about=None, to=person.id, at=at, key=f"{NOTICE}/{first:%Y-%m}/{person.id}")


def notice(turn: Turn, about: int | None) -> Message | None:
    """How many go, and how to keep a copy; None when there are none by now."""
    years = turn.policy.retention.learning_years
    going = past_keeping(turn.session, turn.person.id, years_before(turn.today.replace(day=1), years)) if years else 0
    if not going:
        return None
    return Message(
        "Something of your learning record will go.",
        (
            text(
                "**{going} of your learning record will go** in about two months: {policy} keeps diary entries, "
                "courses, time and closed targets for {years}.",
                going=count(going, "thing", "things"),
                policy=turn.policy.name,
                years=count(years, "year"),
            ),
            small("You need do nothing. To keep a copy for yourself, say `export` before then."),
            Buttons((Button("What do you hold about me?", "people.held"),)),
        ),
        NOTICE,
    )
