"""Questions about team reviews: which are open, who takes part, and what was answered."""

import secrets
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from storage import people, review_guests
from storage.database import insert_once
from storage.models import KnownPlace, Owed, Person, Review, ReviewAnswer, ReviewGuest, ReviewTaken, Team

# what people are sent, each by themselves, so that they answer
ASKING = ("reviews.invitation", review_guests.INVITATION, "reviews.half_time", "reviews.last_day")


def open_for(session: Session, person: Person, now: datetime) -> Sequence[Review]:
    """The reviews this person can answer now, of their team or as a guest, the one that closes first leading."""
    leads = select(Team.id).where(Team.lead_id == person.id)
    guest = select(ReviewGuest.review_id).where(ReviewGuest.person_id == person.id)
    return session.scalars(
        select(Review)
        .where(
            or_(Review.team_id == person.team_id, Review.team_id.in_(leads), Review.id.in_(guest)),
            Review.state == "open",
            Review.closes_at > now,
        )
        .order_by(Review.closes_at, Review.id)
    ).all()


def current(session: Session, team_id: int) -> Review | None:
    """The team's review that is not settled yet, even if its time has run out."""
    return session.scalar(select(Review).where(Review.current == team_id))


def had_yearly(session: Session, team_id: int, since: datetime) -> bool:
    """Whether this team began a yearly review at that instant or later, and did not cancel it."""
    found = select(Review.id).where(
        Review.team_id == team_id, Review.yearly.is_(True), Review.opened_at >= since, Review.state != "cancelled"
    )
    return session.scalar(found.limit(1)) is not None


def held(session: Session, review_id: int | None, *, alone: bool = False) -> Review | None:
    """The review as it stands now, unchanged by others until this transaction ends.

    Everybody who answers holds it together; whoever closes, extends or cancels it holds it `alone`, so that no answer
    slips in beside a closing.
    """
    if review_id is None:
        return None
    session.flush()  # what this transaction changed itself must not be read over
    return session.get(Review, review_id, with_for_update={"read": not alone}, populate_existing=True)


def latest_in_a_channel(session: Session, team_ids: Collection[int]) -> Sequence[tuple[Review, KnownPlace]]:
    """The latest review of each of these teams that was posted in a channel, with the channel; latest first."""
    found = session.execute(
        select(Review, KnownPlace)
        .join(KnownPlace, KnownPlace.id == Review.place_id)
        .where(Review.team_id.in_(team_ids), KnownPlace.direct.is_(False), KnownPlace.unreachable == "")
        .order_by(Review.opened_at.desc(), Review.id.desc())
    ).all()
    latest: dict[int, tuple[Review, KnownPlace]] = {}
    for review, place in found:
        latest.setdefault(review.team_id, (review, place))
    return list(latest.values())


def taking_part(session: Session, team_id: int) -> Sequence[Person]:
    """Everybody who is asked: the members of the team and its lead, by name."""
    members = list(people.team_members(session, team_id))
    team = session.get_one(Team, team_id)
    lead = people.lead_of(session, team)
    if lead is not None and all(lead.id != member.id for member in members):
        members.append(lead)
    return sorted(members, key=lambda person: person.name)


def everybody_asked(session: Session, review: Review) -> Sequence[Person]:
    """Who is asked to answer this review now: the team, its lead and the guests, by name."""
    team = list(taking_part(session, review.team_id))
    known = {person.id for person in team}
    team += [guest for guest in review_guests.of(session, review.id) if guest.id not in known]
    return sorted(team, key=lambda person: person.name)


def asks(session: Session, review: Review, person: Person) -> bool:
    """Whether this person is asked to answer this review now: one of `everybody_asked`, found by themselves."""
    if person.left_at is not None:
        return False
    return people.is_of(session, person, review.team_id) or review_guests.is_one(session, review.id, person.id)


def answers(session: Session, review_id: int) -> Sequence[ReviewAnswer]:
    """Everybody's answers, in an order that says nothing about when they came."""
    return session.scalars(
        select(ReviewAnswer).where(ReviewAnswer.review_id == review_id).order_by(ReviewAnswer.id)
    ).all()


def how_many(session: Session, review_id: int) -> int:
    """How many people have answered."""
    return session.scalar(select(func.count()).where(ReviewAnswer.review_id == review_id)) or 0


def marked(session: Session, review_id: int, mark: str) -> ReviewAnswer | None:
    """The answers that carry this mark."""
    return session.scalar(select(ReviewAnswer).where(ReviewAnswer.review_id == review_id, ReviewAnswer.mark == mark))


def keep(session: Session, review_id: int, mark: str, sealed: bytes, *, person_id: int | None) -> bool:
    """Keep these answers under this mark, in place of earlier ones. True when there were none."""
    first = insert_once(
        session, ReviewAnswer, id=_random_id(), review_id=review_id, mark=mark, answers=sealed, person_id=person_id
    )
    if not first:
        change(session, review_id, mark, sealed)
    return first


def mix(session: Session, review_id: int, reseal: Callable[[bytes], bytes]) -> None:
    """Write every answer of an open anonymous review again, and by itself who has answered: in orders drawn by lot.

    Both are written in one transaction when somebody answers, so their neighbours in the file, and on PostgreSQL the
    transaction's number, would say whose is whose. After this all of them have one, and their places mean nothing.
    """
    found = [(answer.mark, reseal(answer.answers)) for answer in answers(session, review_id)]
    if not found:
        return
    _write_again(session, review_id, found)
    marks = list(session.scalars(select(ReviewTaken.mark).where(ReviewTaken.review_id == review_id)))
    forget_who_answered(session, review_id)
    secrets.SystemRandom().shuffle(marks)
    for mark in marks:
        take(session, review_id, mark)
    session.flush()


def _write_again(session: Session, review_id: int, found: list[tuple[str, bytes]]) -> None:
    session.execute(delete(ReviewAnswer).where(ReviewAnswer.review_id == review_id))
    secrets.SystemRandom().shuffle(found)
    for mark, sealed in found:
        insert_once(
            session, ReviewAnswer, id=_random_id(), review_id=review_id, mark=mark, answers=sealed, person_id=None
        )
    session.flush()


def take(session: Session, review_id: int, mark: str) -> bool:
    """Somebody answers this anonymous review, whatever they say. False when they have already."""
    return insert_once(session, ReviewTaken, id=_random_id(), review_id=review_id, mark=mark)


def has_taken(session: Session, review_id: int, mark: str) -> bool:
    """Whether whoever has this mark has answered."""
    found = select(ReviewTaken.id).where(ReviewTaken.review_id == review_id, ReviewTaken.mark == mark)
    return session.scalar(found.limit(1)) is not None


def change(session: Session, review_id: int, under: str, sealed: bytes, *, mark: str = "") -> bool:
    """The answers under this mark say this from now on, under `mark` where one is named. False when there are none."""
    answers = update(ReviewAnswer).where(ReviewAnswer.review_id == review_id, ReviewAnswer.mark == under)
    changed = answers.values(mark=mark or under, answers=sealed).returning(ReviewAnswer.id)
    return session.scalar(changed) is not None


def forget_who_answered(session: Session, review_id: int) -> None:
    """Who has answered this anonymous review is known no more."""
    session.execute(delete(ReviewTaken).where(ReviewTaken.review_id == review_id))


def destroy_answers(session: Session, review_id: int) -> None:
    """No answer is left, nor who gave one."""
    session.execute(delete(ReviewAnswer).where(ReviewAnswer.review_id == review_id))
    forget_who_answered(session, review_id)


def closed_unsettled(session: Session) -> Sequence[Review]:
    """Reviews that closed before what came of one was fixed at closing."""
    return session.scalars(
        select(Review).where(Review.state == "closed", Review.settled_at.is_(None)).order_by(Review.id)
    ).all()


def yearly_before(session: Session, review: Review) -> Sequence[Review]:
    """The yearly reviews of the same team that closed before this one began, latest first."""
    return session.scalars(
        select(Review)
        .where(
            Review.team_id == review.team_id,
            Review.state == "closed",
            Review.yearly,
            Review.id != review.id,
            Review.closes_at <= review.opened_at,
        )
        .order_by(Review.closes_at.desc(), Review.id.desc())
    ).all()


def thread_of(session: Session, review: Review) -> str:
    """The message under which this review is talked about: its card in the channel; "" as long as none is posted."""
    card = session.scalar(
        select(Owed)
        .where(
            Owed.notice == "reviews.card",
            Owed.about == review.id,
            Owed.place_id == review.place_id,
            Owed.state == "sent",
            Owed.changes.is_(None),
        )
        .order_by(Owed.id)
        .limit(1)
    )
    return "" if card is None else card.thread or card.message


def open_now(session: Session, now: datetime) -> Sequence[Review]:
    """Every review that can be answered now."""
    return session.scalars(
        select(Review).where(Review.state == "open", Review.closes_at > now).order_by(Review.id)
    ).all()


def asked(session: Session, review_id: int) -> set[int]:
    """Everybody who was asked to answer this review, or saw its card when it began: the people's ids."""
    found = session.scalars(
        select(Owed.to_id).where(Owed.about == review_id, Owed.notice.in_(ASKING), Owed.to_id.is_not(None)).distinct()
    )
    return {person_id for person_id in found if person_id is not None}


def has_leads_card(session: Session, review_id: int, person_id: int) -> bool:
    """Whether this person has the lead's card of this review, or is about to get it."""
    card = select(Owed.id).where(
        Owed.notice == "reviews.lead", Owed.about == review_id, Owed.to_id == person_id, Owed.changes.is_(None)
    )
    return session.scalar(card.limit(1)) is not None


def decline_reminders(session: Session, review_id: int, person_id: int) -> None:
    """This person does not want to be reminded of this review."""
    session.execute(
        update(Owed)
        .where(Owed.notice.in_(ASKING), Owed.about == review_id, Owed.to_id == person_id)
        .where(Owed.state.in_(("due", "parked")))
        .values(state="closed", reason=review_guests.DECLINED)
    )


def has_declined(session: Session, review_id: int, person_id: int) -> bool:
    """Whether this person wants no reminders of this review, not even after it was extended."""
    declined = select(Owed.id).where(
        Owed.notice.in_(ASKING), Owed.about == review_id, Owed.to_id == person_id, Owed.reason == review_guests.DECLINED
    )
    return session.scalar(declined.limit(1)) is not None


def forget_reminders(session: Session, review_id: int) -> None:
    """Who was reminded, and who by then needed no reminder, is kept no longer."""
    session.execute(delete(Owed).where(Owed.notice.in_(ASKING), Owed.about == review_id, Owed.state != "sending"))


def _random_id() -> int:
    return secrets.randbits(62)
