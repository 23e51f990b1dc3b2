"""A team's plan opened for its reader. Its words are the organisation's: whoever may see the plan may read them."""

from dataclasses import dataclass

from bot import wording
from handlers import amounts
from handlers.team_plans import rules
from handlers.turn import Turn
from storage.models import Person, PlanItem, StrategicItem

SEALED = ("need", "who_for", "how_words", "criteria")


@dataclass(frozen=True)
class Content:
    """What is written in an item, by field ("" where nothing is)."""

    need: str
    who_for: str = ""
    how_words: str = ""
    criteria: str = ""


def content(turn: Turn, item: PlanItem) -> Content:
    """What is written in this item."""
    said = {name: turn.opened(getattr(item, name)) for name in SEALED}
    return Content(**said)


def how(turn: Turn, item: PlanItem, said: Content) -> str:
    """How it is gone about: the kind of activity, its own words, or both; "" while nobody has said."""
    return ", ".join(part for part in (turn.policy.courses.activity(item.how), said.how_words) if part)


def leader(turn: Turn, item: PlanItem) -> str:
    """Who leads it: their name, or that nobody does any more; "" while nobody was named."""
    if item.leads_id is None:
        return ""
    person = turn.session.get(Person, item.leads_id)
    return person.name if person is not None and person.left_at is None else "nobody any more"


def source(turn: Turn, item: PlanItem) -> str:
    """Where it came from: `from the strategic plan, A1, a research project`."""
    words = rules.SOURCES.get(item.source, rules.SOURCES["team"])
    if item.source == "individual":
        words += f" of at least {turn.policy.reviews.shown_from} people"
    strategic = turn.session.get(StrategicItem, item.strategic_id) if item.strategic_id is not None else None
    if strategic is not None:
        words += f", {strategic.code}"
    if item.research:
        words += ", a research project"
    return f"{words}, going on from last year" if item.from_id is not None else words


def facts(turn: Turn, item: PlanItem, said: Content) -> tuple[tuple[str, str], ...]:
    """Everything about an item besides the need, as labels and values; what nobody has said is left out."""
    cost = amounts.cost_in_words(item.cost) if item.cost is not None else ""
    pairs = (
        ("Who for", said.who_for),
        ("How", how(turn, item, said)),
        ("How we will know", said.criteria),
        ("By", wording.day_and_year(item.due_on) if item.due_on is not None else ""),
        ("Leads", leader(turn, item)),
        ("Cost", cost),
        ("Theme", turn.policy.team_plans.theme(item.theme)),
        ("Where it came from", source(turn, item)),
    )
    return tuple((label, value) for label, value in pairs if value)


def line(turn: Turn, item: PlanItem, said: Content) -> str:
    """The same on one line, for a list: who for, how, by when, who leads, what it costs, where it came from."""
    parts = [
        f"for {wording.shortened(said.who_for, 60)}" if said.who_for else "",
        wording.shortened(how(turn, item, said), 80),
        f"by {wording.day_and_year(item.due_on)}" if item.due_on is not None else "",
        f"{who} leads" if (who := leader(turn, item)) else "",
        amounts.cost_in_words(item.cost) if item.cost is not None else "",
        source(turn, item),
    ]
    return " · ".join(part for part in parts if part)


def short(words: str, limit: int) -> str:
    """Words on one line, at most so many characters."""
    return wording.shortened(" ".join(words.split()), limit)
