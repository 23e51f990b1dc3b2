"""A team's plan as it stands, for a paper: which one goes with a review, what is in it, and how that came about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import (
    DevelopmentPlan,
    Finding,
    Person,
    PlanItem,
    PlanItemStep,
    PlanVoice,
    Review,
    StrategicItem,
)


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
    if found is not None:
        return found
    return session.scalar(
        select(DevelopmentPlan).where(DevelopmentPlan.team_id == review.team_id, DevelopmentPlan.year == year)
    )


def items(session: Session, plan_id: int) -> Sequence[Item]:
    """What is in the plan, in its order."""
    found = session.scalars(
        select(PlanItem).where(PlanItem.plan_id == plan_id).order_by(PlanItem.position, PlanItem.id)
    ).all()
    steps: dict[int, list[PlanItemStep]] = {}
    for step in session.scalars(
        select(PlanItemStep)
        .join(PlanItem, PlanItem.id == PlanItemStep.item_id)
        .where(PlanItem.plan_id == plan_id)
        .order_by(PlanItemStep.at, PlanItemStep.id)
    ):
        steps.setdefault(step.item_id, []).append(step)
    return [
        Item(
            one,
            None if one.leads_id is None else session.get(Person, one.leads_id),
            None if one.strategic_id is None else session.get(StrategicItem, one.strategic_id),
            None if one.finding_id is None else session.get(Finding, one.finding_id),
            steps.get(one.id, ()),
        )
        for one in found
    ]


def voices(session: Session, plan: DevelopmentPlan) -> Sequence[tuple[PlanVoice, Person]]:
    """What the people of the team said to the plan as it was proposed last, by name."""
    found = session.execute(
        select(PlanVoice, Person)
        .join(Person, Person.id == PlanVoice.person_id)
        .where(PlanVoice.plan_id == plan.id, PlanVoice.about_proposal == plan.proposed_at, Person.key.is_not(None))
        .order_by(Person.name, Person.id)
    )
    return [(voice, person) for voice, person in found]
