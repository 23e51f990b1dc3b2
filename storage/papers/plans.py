"""Which plan goes with a review, and its items with all that they name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import team_plans
from storage.models import DevelopmentPlan, Finding, Person, PlanItem, PlanItemStep, Review, StrategicItem


@dataclass(frozen=True)
class Item:
    """An item of a plan with all that it names: who leads it, where it came from, how it stood over time."""

    item: PlanItem
    leads: Person | None
    strategic: StrategicItem | None
    finding: Finding | None
    steps: Sequence[PlanItemStep]


def plan_after(session: Session, review: Review, year: date) -> DevelopmentPlan | None:
    """The plan that rests on this review; where none does, the team's plan for `year`, in which the review closed."""
    resting = select(DevelopmentPlan).where(DevelopmentPlan.review_id == review.id)
    found = session.scalar(resting.order_by(DevelopmentPlan.year.desc()).limit(1))
    return found if found is not None else team_plans.of_team(session, review.team_id, year)


def items(session: Session, plan_id: int) -> Sequence[Item]:
    """What is in the plan, in its order."""
    return [
        Item(
            one,
            None if one.leads_id is None else session.get(Person, one.leads_id),
            None if one.strategic_id is None else session.get(StrategicItem, one.strategic_id),
            None if one.finding_id is None else session.get(Finding, one.finding_id),
            team_plans.steps(session, one.id),
        )
        for one in team_plans.items(session, plan_id)
    ]
