"""What the bot offers for a plan, each from its source: the strategic plan, the review, individual plans, last year."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.team_plans import rules
from handlers.turn import Turn
from storage import findings, strategic_plan, team_plans
from storage.models import DevelopmentPlan, Finding, PlanItem, StrategicItem

GROUPS = {
    "strategic": "From the strategic plan",
    "review": "From our review",
    "individual": "From individual plans",
    "last": "Going on from last year",
}


@dataclass(frozen=True)
class Offer:
    """Something that can be taken into the plan. `key` names it among those of its group: a number, or a theme."""

    group: str
    key: str
    words: str
    more: str = ""


def offers(turn: Turn, plan: DevelopmentPlan) -> list[Offer]:
    """What can still be taken into this plan, by source; what is in it already is offered no more."""
    taken = team_plans.items(turn.session, plan.id)
    found = [*_strategic(turn, plan, taken), *_review(turn, plan, taken), *_themes(turn, plan, taken)]
    return [*found, *_last_year(turn, plan, taken)]


def _strategic(turn: Turn, plan: DevelopmentPlan, taken: Sequence[PlanItem]) -> list[Offer]:
    there = {item.strategic_id for item in taken}
    return [
        Offer("strategic", str(one.id), one.words, ", ".join(_about(one)))
        for one in strategic_plan.for_team(turn.session, plan.team_id)
        if one.id not in there
    ][: rules.MOST_OFFERED]


def _about(item: StrategicItem) -> list[str]:
    said = [item.code, "for all teams" if item.team_id is None else "for this team"]
    return [*said, "a research project"] if item.research else said


def _review(turn: Turn, plan: DevelopmentPlan, taken: Sequence[PlanItem]) -> list[Offer]:
    review = team_plans.latest_review(turn.session, plan.team_id)
    there = {item.finding_id for item in taken}
    found = findings.of_review(turn.session, review.id) if review is not None else ()
    return [
        Offer("review", str(one.id), turn.opened(one.words), review.title if review is not None else "")
        for one in found
        if one.id not in there
    ][: rules.MOST_OFFERED]


def _themes(turn: Turn, plan: DevelopmentPlan, taken: Sequence[PlanItem]) -> list[Offer]:
    """What was counted when the plan was begun, and never anything newer."""
    there = {item.theme for item in taken if item.source == "individual"}
    enough = f"at least {turn.policy.reviews.shown_from} people"
    return [
        Offer("individual", key, label, enough)
        for key in plan.themes.split(",")
        if key not in there and (label := turn.policy.team_plans.theme(key))
    ]


def _last_year(turn: Turn, plan: DevelopmentPlan, taken: Sequence[PlanItem]) -> list[Offer]:
    last = team_plans.latest_before(turn.session, plan.team_id, plan.year, seen=False)
    there = {item.from_id for item in taken}
    return [
        Offer("last", str(one.id), turn.opened(one.need), rules.STATES[one.state])
        for one in (team_plans.items(turn.session, last.id) if last is not None else ())
        if one.state in team_plans.GOING_ON and one.id not in there
    ][: rules.MOST_OFFERED]


def take_up(turn: Turn, plan: DevelopmentPlan, offer: Offer) -> PlanItem:
    """The offer as an item at the end of the plan, which is held."""
    match offer.group:
        case "strategic":
            strategic = turn.session.get_one(StrategicItem, int(offer.key))
            item = _item(turn, plan, "strategic", strategic.words)
            item.strategic_id, item.research = strategic.id, strategic.research
            item.due_on = strategic.due_on
        case "review":
            finding = turn.session.get_one(Finding, int(offer.key))
            item = _item(turn, plan, "review", turn.opened(finding.words))
            item.finding_id = finding.id
        case "individual":
            item = _item(turn, plan, "individual", offer.words)
            item.theme = offer.key
        case _:
            item = _going_on(turn, plan, turn.session.get_one(PlanItem, int(offer.key)))
    return team_plans.add(turn.session, plan, item)


def _item(turn: Turn, plan: DevelopmentPlan, source: str, need: str) -> PlanItem:
    return PlanItem(plan_id=plan.id, source=source, need=turn.keyring.seal_for_organisation(need), made_at=turn.now)


def _going_on(turn: Turn, plan: DevelopmentPlan, last: PlanItem) -> PlanItem:
    """The item of last year's plan as it stands, to be gone on with; its day is left out once that is past."""
    here = {person.id for person in rules.people_of(turn, plan.team_id)}
    return PlanItem(
        plan_id=plan.id, source=last.source, need=last.need, made_at=turn.now, theme=last.theme,
        research=last.research, who_for=last.who_for, how=last.how, how_words=last.how_words, criteria=last.criteria,
        due_on=last.due_on if last.due_on is not None and last.due_on >= turn.today else None, cost=last.cost,
        leads_id=last.leads_id if last.leads_id in here else None, state=last.state,
        strategic_id=last.strategic_id, finding_id=last.finding_id, from_id=last.id,
    )  # fmt: skip
