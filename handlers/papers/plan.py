"""The part of a review's paper that holds the team's development plan: its items, how they went, what the team said."""

from collections.abc import Iterator

from bot import wording
from bot.documents.content import Chapter, Line, Record, Table
from handlers.amounts import cost_in_words
from handlers.turn import Turn
from storage import people, plan_voices
from storage.models import DevelopmentPlan, Review
from storage.papers import plans
from storage.papers.plans import Item

STATES = {"open": "to do", "under_way": "under way", "done": "done", "dropped": "dropped"}
PLANS = {
    "draft": "a draft of the lead’s",
    "proposed": "put to the team",
    "agreed": "agreed by the team",
    "ended": "over",
}
COLUMNS = ("Need", "Where it came from", "Who for", "How", "How we will know", "By when", "Who leads", "Cost", "State")


def chapter(turn: Turn, review: Review, heading: str, *, names: bool) -> Chapter:
    """The plan that follows this review, as far as the reader's team has seen it; its lead sees a draft as well."""
    year = turn.policy.year_of(review.closes_at.astimezone(turn.zone).date())
    plan = plans.plan_after(turn.session, review, year)
    if plan is None or (plan.state == "draft" and not people.leads(turn.session, turn.person, review.team_id)):
        words = "There is no plan yet that the team has seen."
        return Chapter("plan", heading, (Record("No plan so far", "", (Line("words", words),)),))
    found = plans.items(turn.session, plan.id)
    records = [Record(f"The learning year {wording.learning_year(plan.year)}", PLANS[plan.state], _state(turn, plan))]
    records += [_record(turn, number, one) for number, one in enumerate(found, 1)]
    if not found:
        records.append(Record("Nothing in it yet", "", (Line("words", "Nobody has put anything into the plan yet."),)))
    said = tuple(_said(turn, plan, names=names))
    records += [Record("What the team said to it", "", said)] if said else []
    sheet = Table(heading, COLUMNS, tuple(_cells(turn, one) for one in found)) if found else None
    return Chapter("plan", heading, tuple(records), sheet)


def _state(turn: Turn, plan: DevelopmentPlan) -> tuple[Line, ...]:
    agreed = f"Agreed on {wording.date_of(plan.agreed_at, turn.zone)}" if plan.agreed_at else ""
    proposed = f"Put to the team on {wording.date_of(plan.proposed_at, turn.zone)}" if plan.proposed_at else ""
    return tuple(Line("item", said) for said in (proposed, agreed) if said)


def _record(turn: Turn, number: int, one: Item) -> Record:
    need, source, who_for, how, criteria, due, leads, cost, state = _cells(turn, one)
    heading = wording.shortened(need.strip().partition("\n")[0], 160)
    by = f"by {due}" if due else ""
    facts = " · ".join(part for part in (state, by, f"led by {leads}" if leads else "", cost) if part)
    lines = [] if heading == need.strip() else [Line("words", need)]
    told = (("Where it came from", source), ("Who for", who_for), ("How", how), ("How we will know", criteria))
    for label, words in told:
        lines += [Line("label", label), Line("words", words)] if words else []
    why = turn.opened(one.item.why)
    lines += [Line("label", "Why it was dropped"), Line("words", why)] if why and one.item.state == "dropped" else []
    if one.steps:
        lines.append(Line("label", "How it went"))
    for step in one.steps:
        words = turn.opened(step.words)
        said = f"{wording.date_of(step.at, turn.zone)}: {STATES.get(step.state, step.state)}"
        lines.append(Line("item", f"{said}. {words}" if words else said))
    return Record(f"{number}. {heading}", facts, tuple(lines))


def _cells(turn: Turn, one: Item) -> tuple[str, ...]:
    item = one.item
    how = " · ".join(part for part in (turn.policy.courses.activity(item.how), turn.opened(item.how_words)) if part)
    return (
        turn.opened(item.need),
        _source(turn, one),
        turn.opened(item.who_for),
        how,
        turn.opened(item.criteria),
        wording.date_in_full(item.due_on) if item.due_on else "",
        _leader(one),
        cost_in_words(item.cost) if item.cost is not None else "",
        STATES.get(item.state, item.state),
    )


def _leader(one: Item) -> str:
    if one.leads is None:
        return ""
    return one.leads.name if one.leads.left_at is None else "nobody any more"


def _source(turn: Turn, one: Item) -> str:
    research = " (a research project)" if one.item.research else ""
    research += ", going on from last year" if one.item.from_id is not None else ""
    match one.item.source:
        case "strategic":
            words = f": {one.strategic.words}" if one.strategic else ""
            return f"The strategic plan{words}{research}"
        case "review":
            words = f": {turn.opened(one.finding.words)}" if one.finding else ""
            return f"A finding of the review{words}{research}"
        case "individual":
            enough = turn.policy.reviews.shown_from
            return f"Individual learning plans: a theme that at least {enough} people released{research}"
        case _:
            return f"The team itself{research}"


def _said(turn: Turn, plan: DevelopmentPlan, *, names: bool) -> Iterator[Line]:
    voices = plan_voices.voices(turn.session, plan)
    agree = [person.name for voice, person in voices.said if voice.agrees]
    if not names:
        if voices.objections:
            yield Line("words", "Objections were noted. They stand in the team’s channel.")
        return
    if agree:
        yield Line("words", f"Agreed: {wording.listed(agree)}.")
    for voice, person in voices.objections:
        words = turn.read(person.id, voice.words, "voice", plan.id) if voice.words else ""
        yield Line("label", f"An objection of {person.name}")
        yield Line("quote", words or "(without words)")
