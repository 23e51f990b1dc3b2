"""The coordinator's view of a year's courses: kinds, needs, cost and value for money, of five people or more."""

from collections.abc import Sequence

from bot import wording
from bot.chat import Event, Message, Part, Reply, Say, Table, small, text
from handlers import amounts
from handlers.turn import Turn
from storage import course_numbers
from storage.course_numbers import Sort


def overview(turn: Turn, event: Event) -> Reply:
    """Numbers of this learning year so far; no names, no titles, no words."""
    year = turn.policy.year_of(turn.today)
    kinds, needs = course_numbers.by_kind_and_need(turn.session, turn.policy, year, turn.today)
    parts: list[Part] = [text("**Courses and other activities** since {day}.", day=wording.day_and_year(year))]
    parts += _table("Kind", kinds) + _table("Need", needs)
    if not kinds and not needs:
        parts.append(text("Not enough people have told me of theirs yet."))
    parts.append(
        small(
            "Each number is of five people or more, and so is what remains when one is taken from another: what fewer "
            "told stands in “Together” only, with others. It is what people chose to tell, and nothing is known here "
            "of who."
        )
    )
    return Say(Message("Courses and other activities", tuple(parts)), private=True)


def _table(heading: str, sorts: Sequence[Sort]) -> list[Part]:
    rows = tuple(
        (
            one.label,
            "–" if one.people is None else f"{one.people:.0f}",
            f"{one.courses:.0f}",
            f"{round(one.days, 1):g}",
            "–" if one.cost is None else amounts.cost_in_words(round(one.cost)),
            "–" if one.worth is None else f"{one.worth:.1f} of 5",
        )
        for one in sorts
    )
    return [Table((heading, "People", "Activities", "Days", "Cost", "Worth it"), rows)] if rows else []
