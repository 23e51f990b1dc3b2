"""Questions about Team Development Plans: which there are, what is in them, what the team said, how it goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, exists, func, select, true
from sqlalchemy.orm import Session

from storage.database import add_now, insert_once
from storage.models import (
    DevelopmentPlan,
    Finding,
    Owed,
    Person,
    PlanItem,
    PlanItemStep,
    Review,
    Team,
)

LEAD = "team_plans.lead"  # the lead's own card of a plan
LEAD_BEFORE = "team_plans.lead_before"  # a card of theirs in whose place another one has it
ITEM = "team_plans.item_card"  # one item, for whoever looked at it
PROPOSAL = "team_plans.proposal"  # the plan in the channel, as it is proposed or agreed
PROPOSED_BEFORE = "team_plans.proposed_before"  # one line where an earlier proposal stood
VOICE = "team_plans.voice"  # what somebody of the team said to it, in its thread
SAID_BEFORE = "team_plans.said_before"  # the same, said to an earlier proposal or taken back since
FOLLOW_UP = "team_plans.follow_up"  # the question to the lead how it goes
EXPECTED = "team_plans.expected"  # to the lead, about the review after which a plan is expected
TOLD = "team_plans.told"  # what has changed, in the thread; about the last step that it tells of
GOING_ON = ("open", "under_way")
STANDING = ("proposed", "agreed")


# --------------------------------------------------------------------------------------------------------------- plans


def held(session: Session, plan_id: int | None) -> DevelopmentPlan:
    """The plan as it is now, nobody else's to change until this is done: items and voices are changed under it."""
    session.flush()  # what this transaction changed itself must not be read over
    return session.get_one(DevelopmentPlan, plan_id, with_for_update=True, populate_existing=True)


def of_team(session: Session, team_id: int, year: date) -> DevelopmentPlan | None:
    """The team's plan for the learning year that starts on `year`."""
    return session.scalar(
        select(DevelopmentPlan).where(DevelopmentPlan.team_id == team_id, DevelopmentPlan.year == year)
    )


def latest_before(session: Session, team_id: int, year: date, *, seen: bool = True) -> DevelopmentPlan | None:
    """The team's last plan from before that learning year, with `seen` only one that the team has before it."""
    return session.scalar(
        select(DevelopmentPlan)
        .where(
            DevelopmentPlan.team_id == team_id,
            DevelopmentPlan.year < year,
            DevelopmentPlan.state != "draft" if seen else true(),
        )
        .order_by(DevelopmentPlan.year.desc())
        .limit(1)
    )


def begun(
    session: Session, team_id: int, year: date, now: datetime, *, by: int, themes: Sequence[str]
) -> DevelopmentPlan:
    """The team's plan for that year, begun now if there is none yet, with the themes that were counted for it."""
    insert_once(
        session, DevelopmentPlan, team_id=team_id, year=year, made_at=now, state="draft", made_by_id=by,
        themes=",".join(themes), version=0,
    )  # fmt: skip
    plan = of_team(session, team_id, year)
    assert plan is not None
    return held(session, plan.id)


def agreed(session: Session) -> Sequence[tuple[DevelopmentPlan, Person]]:
    """Every agreed plan that has anything going on, with the lead of its team."""
    found = session.execute(
        select(DevelopmentPlan, Person)
        .join(Team, Team.id == DevelopmentPlan.team_id)
        .join(Person, Person.id == Team.lead_id)
        .where(
            DevelopmentPlan.state == "agreed",
            Person.left_at.is_(None),
            exists().where(PlanItem.plan_id == DevelopmentPlan.id, PlanItem.state.in_(GOING_ON)),
        )
        .order_by(DevelopmentPlan.id)
    )
    return [(plan, lead) for plan, lead in found]


def end_before(session: Session, year: date, *, team_id: int | None = None) -> Sequence[DevelopmentPlan]:
    """Plans of learning years before `year` are over, of that team or of every one. Those that ended by this."""
    over = select(DevelopmentPlan).where(DevelopmentPlan.state.in_(STANDING), DevelopmentPlan.year < year)
    if team_id is not None:
        over = over.where(DevelopmentPlan.team_id == team_id)
    ended = session.scalars(over.with_for_update()).all()
    for plan in ended:
        plan.state = "ended"
    session.flush()
    return ended


# --------------------------------------------------------------------------------------------------------------- items


def items(session: Session, plan_id: int) -> Sequence[PlanItem]:
    """What is in the plan, in its order."""
    return session.scalars(
        select(PlanItem).where(PlanItem.plan_id == plan_id).order_by(PlanItem.position, PlanItem.id)
    ).all()


def add(session: Session, plan: DevelopmentPlan, item: PlanItem) -> PlanItem:
    """Put an item at the end of the plan, which is held."""
    last = session.scalar(select(func.max(PlanItem.position)).where(PlanItem.plan_id == plan.id))
    item.position = (last or 0) + 1
    add_now(session, item)
    plan.version += 1
    return item


def move_up(session: Session, plan: DevelopmentPlan, item: PlanItem) -> None:
    """The item changes places with the one before it. The plan is held."""
    in_order = list(items(session, plan.id))
    place = in_order.index(item)
    if place:
        in_order[place - 1], in_order[place] = in_order[place], in_order[place - 1]
        plan.version += 1
    for position, one in enumerate(in_order, 1):
        one.position = position


def remove(session: Session, plan: DevelopmentPlan, item: PlanItem) -> None:
    """The item goes, with its history. The plan is held."""
    session.delete(item)
    plan.version += 1
    session.flush()


def led_by(session: Session, person_id: int) -> Sequence[PlanItem]:
    """What this person leads in an agreed plan and is not done with: what is due first comes first."""
    return session.scalars(
        select(PlanItem)
        .join(DevelopmentPlan, DevelopmentPlan.id == PlanItem.plan_id)
        .where(PlanItem.leads_id == person_id, PlanItem.state.in_(GOING_ON), DevelopmentPlan.state == "agreed")
        .order_by(PlanItem.due_on.is_(None), PlanItem.due_on, PlanItem.id)
    ).all()


def steps(session: Session, item_id: int) -> Sequence[PlanItemStep]:
    """How the item stood whenever that was noted, earliest first."""
    return session.scalars(
        select(PlanItemStep).where(PlanItemStep.item_id == item_id).order_by(PlanItemStep.at, PlanItemStep.id)
    ).all()


def not_told(session: Session, plan_id: int) -> Sequence[PlanItemStep]:
    """What was noted of the plan's items since the team was last told."""
    return _of_plan(session, plan_id, None)


def told_with(session: Session, step: PlanItemStep) -> Sequence[PlanItemStep]:
    """Everything that the team was told of together with this step."""
    item = session.get_one(PlanItem, step.item_id)
    return _of_plan(session, item.plan_id, step.told_at)


def _of_plan(session: Session, plan_id: int, told_at: datetime | None) -> Sequence[PlanItemStep]:
    when = PlanItemStep.told_at.is_(None) if told_at is None else PlanItemStep.told_at == told_at
    return session.scalars(
        select(PlanItemStep)
        .join(PlanItem, PlanItem.id == PlanItemStep.item_id)
        .where(PlanItem.plan_id == plan_id, when)
        .order_by(PlanItemStep.at, PlanItemStep.id)
    ).all()


# ----------------------------------------------------------------------------------------------------- themes in common


@dataclass(frozen=True)
class SharedTheme:
    """A theme (the policy's key) that the plans of these teams have in common."""

    theme: str
    team_ids: tuple[int, ...]


def shared_themes(session: Session, year: date) -> Sequence[SharedTheme]:
    """The themes that at least two teams still work on in their plans for the learning year that starts on `year`.

    Only what a team was shown counts: plans that are proposed or agreed. What most teams share comes first.
    """
    found = session.execute(
        select(PlanItem.theme, DevelopmentPlan.team_id)
        .join(DevelopmentPlan, DevelopmentPlan.id == PlanItem.plan_id)
        .where(
            DevelopmentPlan.year == year,
            DevelopmentPlan.state.in_(STANDING),
            PlanItem.state.in_(GOING_ON),
            PlanItem.theme != "",
        )
        .distinct()
        .order_by(PlanItem.theme, DevelopmentPlan.team_id)
    ).all()
    teams: dict[str, list[int]] = {}
    for theme, team_id in found:
        teams.setdefault(theme, []).append(team_id)
    shared = [SharedTheme(theme, tuple(ids)) for theme, ids in teams.items() if len(ids) > 1]
    return sorted(shared, key=lambda one: (-len(one.team_ids), one.theme))


# ----------------------------------------------------------------------------------------------------- what it rests on


def latest_review(session: Session, team_id: int) -> Review | None:
    """The team's review that closed last and has findings; where none has any, the one that closed last."""
    has_findings = exists().where(Finding.review_id == Review.id)
    return session.scalar(
        select(Review)
        .where(Review.team_id == team_id, Review.state == "closed")
        .order_by(has_findings.desc(), Review.closes_at.desc(), Review.id.desc())
        .limit(1)
    )


def expecting(session: Session, first: datetime, last: datetime, year: date) -> Sequence[tuple[Review, Person]]:
    """Yearly reviews that closed between these instants and whose team has begun no plan for `year` or later, each
    with the team's lead."""
    begun_since = exists().where(DevelopmentPlan.team_id == Review.team_id, DevelopmentPlan.year >= year)
    found = session.execute(
        select(Review, Person)
        .join(Team, Team.id == Review.team_id)
        .join(Person, Person.id == Team.lead_id)
        .where(
            Review.state == "closed",
            Review.yearly.is_(True),
            Review.closes_at >= first,
            Review.closes_at <= last,
            Person.left_at.is_(None),
            ~begun_since,
        )
        .order_by(Review.id)
    )
    return [(review, lead) for review, lead in found]


def ask_no_more(session: Session, review_id: int) -> None:
    """Nobody is asked any more for a plan after this review: what was owed and not sent goes."""
    session.execute(
        delete(Owed).where(
            Owed.notice == EXPECTED, Owed.about == review_id, Owed.state.in_(("due", "parked", "closed"))
        )
    )
