"""What people were shown of an interview: one whole card for each of the two, a line in place of every older one."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from storage import appointments, outbox
from storage.models import Interview, Owed, Person

CARD = "interviews.card"
BELOW, ELSEWHERE = "interviews.earlier", "interviews.aside"  # one line: the whole card is further down, or it is not
REMINDERS = ("interviews.day_before", "interviews.soon")
PROMPTS = (
    *REMINDERS,
    "interviews.after",
    "interviews.again",
    "interviews.settle",
    "interviews.lapse",
    "interviews.confirmed",
    "interviews.kept",
    "interviews.deleted_outside",
    "interviews.moved_outside",
    "interviews.differs_outside",
    "interviews.brief_draft",
    "interviews.note_changed",
)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def tell(session: Session, interview: Interview, to: int, now: datetime, notice: str = CARD) -> None:
    """Owe `to` the interview's card as a new message; what they were asked on it before needs no answer any more.

    `notice` is another when news leads the card.
    """
    session.flush()
    answered(session, interview.id, to, now)
    shrink(session, interview.id, to, now)
    key = f"{notice}/{interview.id}/{interview.version}/{to}"
    outbox.owe(session, notice, about=interview.id, at=now, to=to, key=key)


def answered(session: Session, interview_id: int, person_id: int, now: datetime) -> None:
    """Nothing this person was shown of the interview so far still waits for a typed answer."""
    session.execute(
        update(Owed)
        .where(
            Owed.to_id == person_id,
            Owed.about == interview_id,
            Owed.notice.in_((CARD, BELOW, ELSEWHERE, "interviews.retime", *PROMPTS)),
            Owed.state == "sent",
            Owed.answered_at.is_(None),
        )
        .values(answered_at=now)
    )


def forget_prompts(session: Session, interview: Interview) -> None:
    """No reminder or question that is still owed on the interview is sent."""
    outbox.cancel(session, interview.id, *PROMPTS)


def show_afresh(session: Session, interview: Interview, now: datetime) -> None:
    """What the two were shown of the interview becomes, in place, as it is now; a card still owed is not sent.

    The newest message of each becomes the whole card, the older ones a line. Calendars follow, too.
    """
    session.flush()
    appointments.keep(session, interview, now)
    outbox.cancel(session, interview.id, CARD)
    for person_id in (interview.learner_id, interview.partner_id):
        shown = _shown_to(session, interview.id, person_id)
        whole = next((row for row in reversed(shown) if not row.private), None)
        _become(session, interview.id, person_id, [(row, _beside(row, whole)) for row in shown], now)


def shrink(session: Session, interview_id: int, person_id: int, now: datetime, *, on: Owed | None = None) -> None:
    """The whole card is about to reach this person: in a new message, or in place of `on`. All the others shrink."""
    session.flush()
    prefers = session.get_one(Person, person_id).prefers
    becoming = [
        (row, _beside(row, on) if on is not None else _above(row, prefers))
        for row in _shown_to(session, interview_id, person_id)
        if row is not on
    ]
    _become(session, interview_id, person_id, [(row, to) for row, to in becoming if row.notice != to], now)


def put_aside(session: Session, interview_id: int, person_id: int, now: datetime) -> None:
    """This person is offered something else in place of the card: what they were shown of the interview is a line."""
    session.flush()
    shown = _shown_to(session, interview_id, person_id)
    _become(session, interview_id, person_id, [(row, ELSEWHERE) for row in shown], now)


def _shown_to(session: Session, interview_id: int, person_id: int) -> list[Owed]:
    """What this person was shown of the interview, oldest first; what is on its way comes last."""
    found = session.scalars(
        select(Owed).where(
            Owed.about == interview_id,
            Owed.to_id == person_id,
            Owed.changes.is_(None),
            or_(
                and_(
                    Owed.notice.in_((CARD, BELOW, ELSEWHERE, "interviews.retime", *PROMPTS)),
                    Owed.state == "sent",
                    Owed.message != "",
                ),
                and_(Owed.notice == CARD, Owed.state.in_(("sending", "uncertain"))),
                and_(Owed.notice == CARD, Owed.state == "due", Owed.body.is_not(None)),
            ),
        )
    ).all()
    return sorted(found, key=_order)


def _order(row: Owed) -> tuple[bool, datetime, int]:
    return row.sent_at is None, row.sent_at or LONG_AGO, row.id


def _beside(row: Owed, whole: Owed | None) -> str:
    """What `row` becomes when `whole` is the message that has the whole card."""
    if row is whole:
        return CARD
    if whole is None or row.private or (row.platform, row.conversation) != (whole.platform, whole.conversation):
        return ELSEWHERE
    return BELOW if _order(row) < _order(whole) else ELSEWHERE


def _above(row: Owed, prefers: str) -> str:
    """What `row` becomes when the whole card comes in a new message, on the platform that `prefers` names."""
    return BELOW if not row.private and row.platform in ("", prefers) else ELSEWHERE


def _become(
    session: Session, interview_id: int, person_id: int, becoming: Sequence[tuple[Owed, str]], now: datetime
) -> None:
    """Each of these messages is changed in place into what its new notice builds, once it has arrived.

    A row that is on its way keeps its own notice: should it have to be sent again, it is built whole.
    """
    if not becoming:
        return
    arrived = [(row, notice) for row, notice in becoming if row.state == "sent"]
    for row, _ in arrived:
        row.notice = CARD
    session.flush()
    outbox.refresh(session, CARD, interview_id, now, to=person_id)
    for row, notice in arrived:
        row.notice = notice
        if notice != CARD:
            row.answered_at = row.answered_at or now
    session.flush()
    for row, notice in becoming:
        session.execute(update(Owed).where(Owed.changes == row.id).values(notice=notice))
