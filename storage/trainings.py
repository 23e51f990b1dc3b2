"""Questions about mandatory trainings: for whom they are, who did them when, and what runs out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session, aliased

from bot.policy import Policy
from bot.policy_courses import Training
from scheduling.localtime import add_months
from storage import people, suppression
from storage.database import insert_once
from storage.models import Course, Person, Post, TrainingDone


def mandatory_for(session: Session, policy: Policy, person: Person) -> tuple[Training, ...]:
    """The trainings that the policy makes mandatory for this person, in its order."""
    team = people.team_of(session, person)
    post = session.get(Post, person.post_id) if person.post_id is not None else None
    return tuple(
        training
        for training in policy.trainings
        if training.is_for(team.name if team else None, post.name if post else None)
    )


def named(policy: Policy, key: str) -> Training | None:
    """The training with this key, while the policy has it."""
    return next((training for training in policy.trainings if training.key == key), None)


def valid_until(training: Training, done_on: date) -> date | None:
    """The last day on which a training that was done on that day holds; None when it never expires."""
    return add_months(done_on, training.valid_months) if training.valid_months else None


def latest(session: Session, owner_id: int) -> dict[str, TrainingDone]:
    """When this person did each training last, by its key."""
    done = session.scalars(
        select(TrainingDone).where(TrainingDone.owner_id == owner_id).order_by(TrainingDone.done_on, TrainingDone.id)
    )
    return {one.training: one for one in done}


def earlier(session: Session, done: TrainingDone) -> Sequence[TrainingDone]:
    """The times that the same person did the same training before this one."""
    return session.scalars(
        select(TrainingDone).where(
            TrainingDone.owner_id == done.owner_id,
            TrainingDone.training == done.training,
            TrainingDone.done_on < done.done_on,
        )
    ).all()


def record(
    session: Session, training: Training, owner_id: int, done_on: date, now: datetime, *, course_id: int | None = None
) -> tuple[TrainingDone, bool]:
    """This person did this training on that day; and whether that was new."""
    fresh = insert_once(
        session, TrainingDone, owner_id=owner_id, training=training.key, done_on=done_on, made_at=now,
        valid_until=valid_until(training, done_on), course_id=course_id, quiet=False,
    )  # fmt: skip
    done = session.scalars(
        select(TrainingDone).where(
            TrainingDone.owner_id == owner_id, TrainingDone.training == training.key, TrainingDone.done_on == done_on
        )
    ).one()
    return done, fresh


def follow_course(session: Session, policy: Policy, course: Course, now: datetime) -> None:
    """A course that counts as a training was attended, moved or called off: what is recorded of it goes along."""
    training = named(policy, course.training) if course.state == "attended" else None
    kept = [] if training is None else [TrainingDone.training == training.key, TrainingDone.done_on == course.ends_on]
    stale = delete(TrainingDone).where(TrainingDone.course_id == course.id)
    if kept:
        stale = stale.where(~(kept[0] & kept[1]))
    session.execute(stale)
    if training is not None:
        record(session, training, course.owner_id, course.ends_on, now, course_id=course.id)


def running_out(session: Session, first: date, last: date) -> Sequence[tuple[TrainingDone, Person]]:
    """What runs out from `first` to `last` and was not done again, with whose it is; not of those who want no word."""
    again = aliased(TrainingDone)
    renewed = select(again.id).where(
        again.owner_id == TrainingDone.owner_id,
        again.training == TrainingDone.training,
        again.done_on > TrainingDone.done_on,
    )
    found = session.execute(
        select(TrainingDone, Person)
        .join(Person, Person.id == TrainingDone.owner_id)
        .where(
            Person.left_at.is_(None),
            TrainingDone.quiet.is_(False),
            or_(TrainingDone.valid_until.between(first, last), TrainingDone.remind_on >= first),
            ~renewed.exists(),
        )
        .order_by(TrainingDone.id)
    )
    return [(done, person) for done, person in found]


def is_renewed(session: Session, done: TrainingDone) -> bool:
    """Whether the same person did the same training again later."""
    later = select(TrainingDone.id).where(
        TrainingDone.owner_id == done.owner_id,
        TrainingDone.training == done.training,
        TrainingDone.done_on > done.done_on,
    )
    return session.scalar(later.limit(1)) is not None


def lapsed(session: Session, policy: Policy, person: Person, today: date) -> Sequence[Training]:
    """The trainings mandatory for this person that they did once and that hold no longer: for home."""
    done = latest(session, person.id)
    return [
        training
        for training in mandatory_for(session, policy, person)
        if (one := done.get(training.key)) is not None and one.valid_until is not None and one.valid_until < today
    ]


@dataclass(frozen=True)
class TakeUp:
    """For how many people a training is mandatory, and of how many it is recorded and holds.

    `hold` is None where the number would say something of one to four people: of those who have it, or who have not.
    """

    training: Training
    people: int
    hold: int | None


def take_up(session: Session, policy: Policy, today: date) -> Sequence[TakeUp]:
    """The take-up of every mandatory training among everybody present, without names."""
    holds = {
        (owner, key)
        for owner, key in session.execute(
            select(TrainingDone.owner_id, TrainingDone.training).where(
                (TrainingDone.valid_until >= today) | TrainingDone.valid_until.is_(None), TrainingDone.done_on <= today
            )
        )
    }
    asked = [(person, mandatory_for(session, policy, person)) for person in people.present(session)]
    found: list[TakeUp] = []
    for training in policy.trainings:
        whose = {person.id for person, trainings in asked if training in trainings}
        hold = {owner for owner in whose if (owner, training.key) in holds}
        shown = suppression.alone(suppression.out_of(hold, whose))
        found.append(TakeUp(training, len(whose), None if shown is None else len(hold)))
    return found
