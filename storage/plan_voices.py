"""Questions about what a team says to its plan, and about where the plan and what was said stand in chats."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from storage import outbox, reviews, team_channel
from storage.database import add_now
from storage.models import DevelopmentPlan, KnownPlace, Owed, Person, PlanItem, PlanVoice
from storage.team_plans import LEAD, LEAD_BEFORE, PROPOSAL, PROPOSED_BEFORE, SAID_BEFORE, VOICE


def voice(session: Session, plan_id: int, person_id: int) -> PlanVoice | None:
    """What this person said to the plan, to whichever proposal of it."""
    return session.scalar(select(PlanVoice).where(PlanVoice.plan_id == plan_id, PlanVoice.person_id == person_id))


@dataclass(frozen=True)
class Voices:
    """What the people who are in the team now said to a plan as it was proposed last, by name; of how many `asked`."""

    said: Sequence[tuple[PlanVoice, Person]]
    asked: int

    @property
    def objections(self) -> Sequence[tuple[PlanVoice, Person]]:
        """What those of them said who would change something."""
        return [(voice, person) for voice, person in self.said if not voice.agrees]


def voices(session: Session, plan: DevelopmentPlan) -> Voices:
    """What the team says to the plan."""
    here = {person.id: person for person in reviews.taking_part(session, plan.team_id)}
    found = session.scalars(
        select(PlanVoice).where(PlanVoice.plan_id == plan.id, PlanVoice.about_proposal == plan.proposed_at)
    ).all()
    said = [(one, here[one.person_id]) for one in found if one.person_id in here]
    return Voices(sorted(said, key=lambda pair: (pair[1].name, pair[1].id)), len(here))


def speak(
    session: Session, plan: DevelopmentPlan, person_id: int, now: datetime, *, agrees: bool, words: bytes | None
) -> PlanVoice:
    """This person says that to the plan as it is proposed now, in place of what they said before. The plan is held."""
    assert plan.proposed_at is not None
    said = voice(session, plan.id, person_id)
    if said is None:
        said = PlanVoice(
            plan_id=plan.id, person_id=person_id, agrees=agrees, at=now, about_proposal=plan.proposed_at, words=words
        )
        add_now(session, said)
    said.about_proposal = plan.proposed_at
    said.agrees, said.words, said.at = agrees, words, now
    session.flush()
    return said


def post(session: Session, plan: DevelopmentPlan, said: PlanVoice, now: datetime) -> None:
    """What was said is owed to the thread of the plan; where it stands there already, it follows."""
    known = select(Owed.id).where(
        Owed.notice == VOICE,
        Owed.about == said.id,
        Owed.changes.is_(None),
        Owed.state.in_(("due", "sending", "sent", "uncertain")),
    )
    if session.scalar(known.limit(1)) is not None:
        outbox.refresh(session, VOICE, said.id, now)
    elif said.words is not None and plan.place_id is not None:
        begins = f"{VOICE}/{plan.id}/{said.person_id}/"
        before = select(func.count()).where(Owed.key.startswith(begins, autoescape=True), Owed.to_id.is_(None))
        key = f"{begins}{session.scalar(before) or 0}"
        team_channel.post(session, VOICE, about=said.id, place=plan.place_id, team=plan.team_id, at=now,
                          thread=thread_of(session, plan), key=key, besides=said.person_id)  # fmt: skip


def take_back(session: Session, said: PlanVoice, now: datetime) -> None:
    """What they said goes, from the thread as well."""
    gone = said.id
    session.delete(said)
    session.flush()
    _unsaid(session, [gone], now)


def _left_behind(session: Session, voice_ids: Collection[int]) -> None:
    """What was said in these messages stays as it stands from now on; what is still to be sent is sent."""
    session.flush()
    session.execute(
        update(Owed)
        .where(Owed.notice == VOICE, Owed.about.in_(voice_ids), Owed.state != "due")
        .values(notice=SAID_BEFORE)
    )


def _unsaid(session: Session, voice_ids: Collection[int], now: datetime) -> None:
    """The messages in which this was said become one line."""
    for number in voice_ids:
        outbox.cancel(session, number, VOICE)
    _left_behind(session, voice_ids)
    for number in voice_ids:
        outbox.refresh(session, SAID_BEFORE, number, now)
        # a later voice may get the same number, and must not be taken for what is gone
        session.execute(update(Owed).where(Owed.notice == SAID_BEFORE, Owed.about == number).values(about=-number))


def person_left(session: Session, person_id: int, now: datetime) -> None:
    """Before somebody is erased: what they said to plans goes from the channels, and the counts follow."""
    said = session.scalars(select(PlanVoice).where(PlanVoice.person_id == person_id)).all()
    plans = [one.plan_id for one in said]
    _unsaid(session, [one.id for one in said], now)
    led = session.scalars(select(PlanItem.plan_id).where(PlanItem.leads_id == person_id).distinct()).all()
    for plan_id in {*plans, *led}:
        show_afresh(session, plan_id, now)


# ------------------------------------------------------------------------------------------------------ where it stands


def show_afresh(session: Session, plan_id: int, now: datetime) -> None:
    """What the channel and the lead have on their screens follows, in place."""
    session.flush()
    for notice in (LEAD, PROPOSAL):
        outbox.refresh(session, notice, plan_id, now)


def one_lead_card(session: Session, plan_id: int, person_id: int, now: datetime, *, kept: int | None) -> None:
    """Of a lead's own cards of a plan one stays: the row `kept`, else the latest. The others become one line."""
    session.flush()
    cards = session.scalars(
        select(Owed.id)
        .where(Owed.notice == LEAD, Owed.about == plan_id, Owed.to_id == person_id, Owed.changes.is_(None))
        .where(Owed.state == "sent", Owed.message != "")
        .order_by(Owed.id)
    ).all()
    others = [card for card in cards if card != (kept or max(cards))]
    if not others:
        return
    with_their_changes = or_(Owed.id.in_(others), Owed.changes.in_(others))
    session.execute(update(Owed).where(with_their_changes).values(notice=LEAD_BEFORE))
    outbox.refresh(session, LEAD_BEFORE, plan_id, now, to=person_id)
    # each is changed once: the next time there is nothing to say on it
    session.execute(update(Owed).where(Owed.id.in_(others)).values(about=-plan_id))


def thread_of(session: Session, plan: DevelopmentPlan) -> str:
    """The thread in which the plan is talked about: that of its card, or the card's own; "" before there is one."""
    row = session.execute(
        select(Owed.thread, Owed.message)
        .where(Owed.notice == PROPOSAL, Owed.about == plan.id, Owed.changes.is_(None), Owed.to_id.is_(None))
        .order_by(Owed.id.desc())
        .limit(1)
    ).one_or_none()
    return "" if row is None else row[0] or row[1]


def place_of(session: Session, plan: DevelopmentPlan) -> KnownPlace | None:
    """The channel of the plan, while it can be reached."""
    place = session.get(KnownPlace, plan.place_id) if plan.place_id is not None else None
    return None if place is None or place.direct or place.unreachable else place


def proposed_again(session: Session, plan: DevelopmentPlan, now: datetime) -> None:
    """A newer proposal is coming: the earlier card becomes one line, and what was said to it stays as it stands."""
    session.flush()
    outbox.cancel(session, plan.id, PROPOSAL)
    session.execute(update(Owed).where(Owed.notice == PROPOSAL, Owed.about == plan.id).values(notice=PROPOSED_BEFORE))
    outbox.refresh(session, PROPOSED_BEFORE, plan.id, now)
    spoken = session.scalars(select(PlanVoice.id).where(PlanVoice.plan_id == plan.id)).all()
    _left_behind(session, spoken)
