"""An interview as a calendar file, for the link on its card."""

from datetime import datetime

from sqlalchemy.orm import Session

from storage.models import Interview, Person


def calendar_file(session: Session, interview_id: int, person_id: int, now: datetime) -> bytes | None:
    """The interview as this person's calendar should have it now: invited, or taken back once it was cancelled.

    None when there is nothing to show: no such interview, not theirs, never booked, or the person has left. The caller
    has checked that the address carries the right mark.
    """
    from scheduling.calendars.ics import invitation  # icalendar, for the few who ask: not for every start

    interview, person = session.get(Interview, interview_id), session.get(Person, person_id)
    if interview is None or person is None or person.left_at is not None:
        return None
    if person_id not in (interview.learner_id, interview.partner_id) or interview.state == "proposed":
        return None
    learner = session.get_one(Person, interview.learner_id)
    partner = session.get_one(Person, interview.partner_id)
    return invitation(
        interview.uid, interview.sequence, interview.starts_at, interview.ends_at,
        f"Learning interview: {learner.name} and {partner.name}",
        "Booked with the learning bot. To move or cancel it, tell the bot.",
        (learner.name, learner.email), [(learner.name, learner.email), (partner.name, partner.email)],
        now, "CANCEL" if interview.state == "cancelled" else "REQUEST",
    )  # fmt: skip
