"""Questions about targets: what somebody means to learn, how it was before, who was asked to agree."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from storage import briefs, outbox, sharing
from storage.database import insert_once
from storage.models import Grant, NextStep, Owed, Person, PlanReview, Target, TargetVersion

CARD = "targets.card"  # the owner's
DUE = "targets.due"  # the owner's, on its day
ANSWERED = "targets.answered"  # the owner's, when the other said what they think
ASKED = "targets.asked"  # what somebody reads who was asked to agree
REVIEW = "targets.review"  # the yearly question, about the review
REVIEWED = "targets.review_card"  # what came of it
ASKED_BEFORE = "targets.asked_before"  # one line where an earlier asking stood


def locked(session: Session, target_id: int | None) -> Target:
    """The target as it is now, nobody else's to change until this is done."""
    return session.get_one(Target, target_id, with_for_update=True, populate_existing=True)


def open_of(session: Session, owner_id: int) -> Sequence[Target]:
    """What this person still means to reach: what is due first comes first, what has no day last."""
    return session.scalars(
        select(Target)
        .where(Target.owner_id == owner_id, Target.state == "open")
        .order_by(Target.due_on.is_(None), Target.due_on, Target.id)
    ).all()


def next_of(session: Session, owner_id: int, today: date) -> Target | None:
    """The open target whose day comes next."""
    return session.scalar(
        select(Target)
        .where(Target.owner_id == owner_id, Target.state == "open", Target.due_on >= today)
        .order_by(Target.due_on, Target.id)
        .limit(1)
    )


def closed_of(session: Session, owner_id: int, year: date) -> Sequence[Target]:
    """What came to an end in the plan of the learning year that starts on `year`, latest first."""
    return session.scalars(
        select(Target)
        .where(Target.owner_id == owner_id, Target.state != "open", Target.year == year)
        .order_by(Target.evaluated_at.desc(), Target.id.desc())
    ).all()


def has_any(session: Session, owner_id: int) -> bool:
    """Whether this person has, or had, a target at all."""
    return session.scalar(select(Target.id).where(Target.owner_id == owner_id).limit(1)) is not None


def of_step(session: Session, step_id: int) -> Target | None:
    """The target that grew from this next step."""
    return session.scalar(select(Target).where(Target.step_id == step_id).order_by(Target.id).limit(1))


def due(session: Session, since: date, until: date) -> Sequence[tuple[Target, Person]]:
    """Open targets whose day is from `since` to `until`, each with its owner, as long as they are present."""
    found = session.execute(
        select(Target, Person)
        .join(Person, Person.id == Target.owner_id)
        .where(Target.state == "open", Target.due_on >= since, Target.due_on <= until, Person.left_at.is_(None))
        .order_by(Target.id)
    )
    return [(target, person) for target, person in found]


# -------------------------------------------------------------------------------------------------------- once a year


def review_of(session: Session, owner_id: int, year: date) -> PlanReview | None:
    """The look at this person's plan in the learning year that starts on `year`."""
    return session.scalar(select(PlanReview).where(PlanReview.owner_id == owner_id, PlanReview.year == year))


def begun(session: Session, owner_id: int, year: date) -> PlanReview:
    """The same, begun now if there is none yet."""
    insert_once(session, PlanReview, owner_id=owner_id, year=year, state="asked")
    return session.scalars(
        select(PlanReview).where(PlanReview.owner_id == owner_id, PlanReview.year == year).with_for_update()
    ).one()


def to_review(session: Session, year: date) -> Sequence[Person]:
    """Everybody present with an open target who neither looked at their plan that year nor chose not to."""
    settled = exists().where(
        PlanReview.owner_id == Person.id, PlanReview.year == year, PlanReview.state.in_(("written", "declined"))
    )
    still_open = exists().where(Target.owner_id == Person.id, Target.state == "open")
    return session.scalars(
        select(Person)
        .where(Person.left_at.is_(None), Person.joined_at.is_not(None), still_open, ~settled)
        .order_by(Person.id)
    ).all()


# ------------------------------------------------------------------------------------------------------------- history


def versions(session: Session, target_id: int) -> Sequence[TargetVersion]:
    """How the target was before each revision, earliest first."""
    return session.scalars(
        select(TargetVersion).where(TargetVersion.target_id == target_id).order_by(TargetVersion.number)
    ).all()


def version(session: Session, target_id: int, number: int) -> TargetVersion | None:
    """How the target was as this version of it, before it was revised."""
    return session.scalar(
        select(TargetVersion).where(TargetVersion.target_id == target_id, TargetVersion.number == number)
    )


# -------------------------------------------------------------------------------------------------------- the other one


def may_read(session: Session, target_id: int, reader_id: int, now: datetime) -> bool:
    """Whether its owner lets this person read the target now."""
    given = sharing.grant(session, "target", target_id, reader_id)
    return given is not None and sharing.is_in_force(given, now)


def put_to(session: Session, target: Target, other: Person, now: datetime, at: datetime) -> None:
    """The target as it is now is put to `other`, who may read that from now on and gets it in a message due `at`.

    Whoever was asked before can read it no more.
    """
    if target.other_id is not None and target.other_id != other.id:
        take_back(session, target, now)
        target.comment = None
    sharing.let(session, target.owner_id, "target", target.id, other.id, now)
    target.other_id, target.shown_version, target.asked_at = other.id, target.version, now
    target.agreement, target.agreed_version, target.answered_at = "asked", None, None
    session.flush()
    earlier = (Owed.notice.in_((ASKED, ASKED_BEFORE)), Owed.about == target.id)
    session.execute(update(Owed).where(*earlier).values(notice=ASKED_BEFORE))
    before = session.scalar(select(func.count()).where(*earlier, Owed.changes.is_(None)))
    outbox.cancel(session, target.id, ASKED_BEFORE)
    outbox.refresh(session, ASKED_BEFORE, target.id, now)
    outbox.owe(session, ASKED, about=target.id, to=other.id, at=at, key=f"{ASKED}/{target.id}/{before}")


def answered(session: Session, target: Target, now: datetime) -> None:
    """The other said what they think: its owner is told, once for every time of asking, and all cards follow."""
    show_afresh(session, target, now)
    asked_at = f"{target.asked_at:%Y%m%dT%H%M%S%f}"
    key = f"{ANSWERED}/{target.id}/{asked_at}"
    outbox.owe(session, ANSWERED, about=target.id, to=target.owner_id, at=now, key=key)


def take_back(session: Session, target: Target, now: datetime) -> None:
    """Whoever was asked can read it no more, and what they were sent becomes one line; a settled answer stays known."""
    given = sharing.grant(session, "target", target.id, target.other_id) if target.other_id is not None else None
    if target.agreement == "asked":
        target.agreement = ""
    if given is not None:
        sharing.take_back(session, given, now)
    session.flush()
    outbox.cancel(session, target.id, ASKED)


def put_to_me(session: Session, reader_id: int, now: datetime) -> Sequence[tuple[Target, Person]]:
    """Targets of others that this person was asked to agree to and can read now, latest first, with their owners."""
    found = session.execute(
        select(Target, Person)
        .join(Person, Person.id == Target.owner_id)
        .join(Grant, (Grant.kind == "target") & (Grant.about == Target.id) & (Grant.reader_id == reader_id))
        .where(Target.other_id == reader_id, sharing.in_force(now), Person.left_at.is_(None))
        .order_by(Target.asked_at.desc(), Target.id.desc())
    )
    return [(target, person) for target, person in found]


def show_afresh(session: Session, target: Target, now: datetime) -> None:
    """What its owner, and whoever was asked to agree, have on their screens follows, in place."""
    session.flush()
    for notice in (CARD, DUE, ANSWERED):
        outbox.refresh(session, notice, target.id, now, to=target.owner_id)
    sharing.followed(session, "target", target.id, now)
    briefs.follow(session, target.owner_id, now)


def person_left(session: Session, person: Person, now: datetime) -> None:
    """Before somebody is erased: what they wrote goes from the screens of others, their targets and their comments."""
    for target in session.scalars(select(Target.id).where(Target.owner_id == person.id)).all():
        outbox.refresh(session, ASKED_BEFORE, target, now)
        outbox.cancel(session, target, ASKED, ASKED_BEFORE)
    for target in session.scalars(select(Target).where(Target.other_id == person.id)).all():
        target.other_id = target.comment = None
        show_afresh(session, target, now)


def forget(session: Session, target: Target, now: datetime) -> None:
    """The target goes with its history; the next step that it grew from is open again."""
    outbox.cancel(session, target.id, CARD, DUE, ANSWERED, ASKED, ASKED_BEFORE)
    step = session.get(NextStep, target.step_id) if target.step_id is not None else None
    if step is not None and step.state == "target":
        step.state = "open"
    owner_id = target.owner_id
    session.delete(target)
    session.flush()
    briefs.follow(session, owner_id, now)
