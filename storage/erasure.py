"""What is held about a person, table by table; and how they are erased."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage import briefs, findings, interview_cards, interviews, outbox, plan_voices, seminars, sharing, targets
from storage.models import (
    Attachment,
    Attendance,
    Away,
    Brief,
    BusyTime,
    CalendarEvent,
    CalendarLook,
    CarriedOver,
    Course,
    DevelopmentPlan,
    DiaryHabit,
    Draft,
    Entry,
    Evidence,
    Finding,
    Grant,
    HandledEvent,
    Held,
    Impact,
    Interview,
    InterviewNote,
    KnownAccount,
    KnownPlace,
    LearningSet,
    LearningTime,
    Look,
    NextStep,
    Origin,
    Owed,
    Partnership,
    PeriodLog,
    Person,
    PlanItem,
    PlanItemStep,
    PlanReview,
    PlanVoice,
    PointMark,
    Portfolio,
    PortfolioFile,
    Reflection,
    RefusedAttempt,
    ReleasedNeed,
    Review,
    ReviewAnswer,
    ReviewDraft,
    ReviewGuest,
    ReviewPoint,
    SelfRating,
    SelfReview,
    Seminar,
    SeminarSeat,
    SetMeeting,
    SetMember,
    Source,
    Target,
    TargetVersion,
    Team,
    TrainingDone,
)

ERASED_NAME = "Somebody who left"


@dataclass(frozen=True)
class About:
    """A kind of record that a person can be in: what it is in plain words, and the columns that say who."""

    what: str
    columns: tuple[InstrumentedAttribute[Any], ...]


# Every column of the database that says which person: a test holds this list against the tables.
TABLES: tuple[About, ...] = (
    About("accounts on chat platforms", (KnownAccount.person_id,)),
    About("learning partnerships", (Partnership.learner_id, Partnership.partner_id)),
    About("learning interviews, without any words", (Interview.learner_id, Interview.partner_id)),
    About("quarters of an hour kept free for interviews, sets and seminars", (Held.person_id,)),
    About("notes on interviews that you wrote", (InterviewNote.author_id,)),
    About("next steps that you named after an interview", (NextStep.owner_id,)),
    About("briefs that you chose for an interview", (Brief.learner_id,)),
    About("learning sets that you facilitate", (LearningSet.facilitator_id,)),
    About("learning sets that you were asked to join", (SetMember.person_id,)),
    About("seats at a learning set's meetings", (Attendance.person_id,)),
    About("times when you said you are away", (Away.person_id,)),
    About("looks at when your calendar has you busy", (CalendarLook.person_id,)),
    About("busy times of your calendar, without what they are, for a day at most", (BusyTime.person_id,)),
    About("interviews and seminars in your calendar, or meant for it", (CalendarEvent.host_id,)),
    About("courses and other activities", (Course.owner_id,)),
    About("reflections on courses", (Reflection.owner_id,)),
    About("what you said that courses changed", (Impact.owner_id,)),
    About("mandatory trainings that you did", (TrainingDone.owner_id,)),
    About("learning time that you logged", (LearningTime.owner_id,)),
    About("logs of a period", (PeriodLog.owner_id,)),
    About("targets of your learning plan", (Target.owner_id,)),
    About("targets as they were before a revision", (TargetVersion.owner_id,)),
    About("targets of others that you were asked to agree to", (Target.other_id,)),
    About("yearly reviews of your learning plan", (PlanReview.owner_id,)),
    About("looks at yourself against a standard", (SelfReview.owner_id,)),
    About("how you see yourself in each statement of a standard", (SelfRating.owner_id,)),
    About("records that you count as evidence for a standard", (Evidence.owner_id,)),
    About("diary entries", (Entry.owner_id,)),
    About("files that your entries refer to, by name and address", (Attachment.owner_id,)),
    About("how you like to be asked about your diary", (DiaryHabit.person_id,)),
    About("portfolios that you asked for", (Portfolio.owner_id,)),
    About("files of portfolios, until they are fetched", (PortfolioFile.owner_id,)),
    About("names of your records in portfolios", (Origin.owner_id,)),
    About("what you brought from another organisation", (CarriedOver.owner_id,)),
    About("chat messages that your words were kept from, without any words", (Source.owner_id,)),
    About("words set aside, for a week at most", (Draft.owner_id,)),
    About("answers to team reviews that carry names", (ReviewAnswer.person_id,)),
    About("answers to a team review that you typed and have not sent", (ReviewDraft.person_id,)),
    About("team reviews that you were a guest of", (ReviewGuest.person_id,)),
    About("points of a team review that carry your name", (ReviewPoint.person_id,)),
    About("marks on points of a review, until the marking is over", (PointMark.person_id,)),
    About("findings that you put into words for your team", (Finding.made_by_id,)),
    About("team reviews that you opened", (Review.opened_by_id,)),
    About("themes of your plan that you let count for your team", (ReleasedNeed.owner_id,)),
    About("development plans that you began for a team", (DevelopmentPlan.made_by_id,)),
    About("items of a team's plan that you lead", (PlanItem.leads_id,)),
    About("steps of a team's plan that you noted", (PlanItemStep.by_id,)),
    About("what you said to your team's plan", (PlanVoice.person_id,)),
    About("seminars that you host, moved or cancelled", (Seminar.host_id, Seminar.changed_by_id)),
    About("seminars that you were invited to", (SeminarSeat.person_id,)),
    About("teams that you lead", (Team.lead_id,)),
    About("people whose manager you are", (Person.manager_id,)),
    About("things you let somebody read, or once did", (Grant.owner_id,)),
    About("things somebody let you read, or once did", (Grant.reader_id,)),
    About("times your words were shown to somebody", (Look.owner_id,)),
    About("times you were shown somebody's words", (Look.reader_id,)),
    About("taps that were refused, without any words", (RefusedAttempt.person_id,)),
    About("messages to you, without their text once they are sent", (Owed.to_id,)),
)


def held_about(session: Session, person_id: int) -> list[tuple[str, int]]:
    """What each table holds about this person, in plain words, with how many; every table, those with none included."""
    found: list[tuple[str, int]] = []
    for about in TABLES:
        query = select(func.count()).where(or_(*(column == person_id for column in about.columns)))
        found.append((about.what, session.scalar(query) or 0))
    return found


def erase(session: Session, person: Person, now: datetime) -> None:
    """Erase this person: their key, their words, their accounts and what is owed to them.

    What others see of them is changed in place first. The row itself stays without a name, so that other people's
    records still fit together; nothing leads from it to the person. It cannot be undone.
    """
    interviews.person_left(session, person, now)
    for _, interview in briefs.released_by(session, person.id):
        briefs.withdraw(session, interview.id, now)
    for interview in interviews.written_about(session, person.id):
        interview_cards.show_afresh(session, interview, now)
    sharing.everything_gone(session, person.id, now)
    for course in session.scalars(select(Course.id).where(Course.owner_id == person.id)).all():
        outbox.refresh(session, "courses.team", course, now)
        outbox.cancel(session, course, "courses.accounted", "courses.team")
    targets.person_left(session, person, now)
    plan_voices.person_left(session, person.id, now)
    findings.person_left(session, person.id, now)
    _forget_words(session, person)
    _forget_places(session, person)
    seminars.keep_what_stands(session, now)  # what stood in their calendar goes to whoever hosts it next
    session.execute(update(Team).where(Team.lead_id == person.id).values(lead_id=None))
    session.execute(update(Person).where(Person.manager_id == person.id).values(manager_id=None))
    for record, column in (
        (Review, Review.opened_by_id),
        (Finding, Finding.made_by_id),
        (DevelopmentPlan, DevelopmentPlan.made_by_id),
        (PlanItem, PlanItem.leads_id),
        (PlanItemStep, PlanItemStep.by_id),
        (Seminar, Seminar.host_id),
        (Seminar, Seminar.changed_by_id),
    ):  # what they did for others stays, without them
        session.execute(update(record).where(column == person.id).values({column: None}))
    person.key = None
    person.name = ERASED_NAME
    person.email = f"{secrets.token_hex(16)}@erased.invalid"
    person.role, person.prefers, person.working_days = "member", "", "12345"
    person.team_id = person.manager_id = None
    person.hours = person.lunch = person.calendar = ""
    person.subscribed = 0
    person.post_id = None
    person.starts_on = person.leaves_on = person.paused_until = None
    person.joined_at = person.told_purpose_at = None
    person.left_at = person.left_at or now
    session.flush()


def _forget_words(session: Session, person: Person) -> None:
    """Their rows of words go. Who was shown somebody else's words stays with those whose words they are."""
    for record, column in (
        (Reflection, Reflection.owner_id),
        (Impact, Impact.owner_id),
        (TrainingDone, TrainingDone.owner_id),
        (Course, Course.owner_id),
        (LearningTime, LearningTime.owner_id),
        (PeriodLog, PeriodLog.owner_id),
        (TargetVersion, TargetVersion.owner_id),
        (ReleasedNeed, ReleasedNeed.owner_id),
        (Target, Target.owner_id),
        (PlanReview, PlanReview.owner_id),
        (Evidence, Evidence.owner_id),
        (SelfRating, SelfRating.owner_id),
        (SelfReview, SelfReview.owner_id),
        (Attachment, Attachment.owner_id),
        (DiaryHabit, DiaryHabit.person_id),
        (PortfolioFile, PortfolioFile.owner_id),
        (Portfolio, Portfolio.owner_id),
        (Origin, Origin.owner_id),
        (CarriedOver, CarriedOver.owner_id),
        (Entry, Entry.owner_id),
        (Draft, Draft.owner_id),
        (InterviewNote, InterviewNote.author_id),
        (NextStep, NextStep.owner_id),
        (Brief, Brief.learner_id),
        (Source, Source.owner_id),
        (SetMember, SetMember.person_id),
        (Attendance, Attendance.person_id),
        (Away, Away.person_id),
        (CalendarLook, CalendarLook.person_id),
        (BusyTime, BusyTime.person_id),
        (CalendarEvent, CalendarEvent.host_id),
        (ReviewAnswer, ReviewAnswer.person_id),
        (ReviewDraft, ReviewDraft.person_id),
        (ReviewGuest, ReviewGuest.person_id),
        (PointMark, PointMark.person_id),
        (ReviewPoint, ReviewPoint.person_id),
        (PlanVoice, PlanVoice.person_id),
        (SeminarSeat, SeminarSeat.person_id),
        (Held, Held.person_id),
        (Grant, Grant.owner_id),
        (Grant, Grant.reader_id),
        (Look, Look.owner_id),
        (RefusedAttempt, RefusedAttempt.person_id),
    ):
        session.execute(delete(record).where(column == person.id))
    session.execute(update(Target).where(Target.other_id == person.id).values(other_id=None, comment=None))
    for changed in (Interview, SetMeeting, Seminar):
        session.execute(update(changed).where(changed.changed_by_id == person.id).values(reason=None))


def _forget_places(session: Session, person: Person) -> None:
    """Their accounts, direct chats and messages go, and the names that their events went by."""
    accounts = session.scalars(select(KnownAccount).where(KnownAccount.person_id == person.id)).all()
    direct = [account.place_id for account in accounts if account.place_id is not None]
    ids = [account.id for account in accounts]
    chats = session.scalars(
        select(KnownPlace.conversation).where(KnownPlace.id.in_(direct), KnownPlace.direct.is_(True))
    ).all()
    names = {account.user for account in accounts} | set(chats)
    session.flush()
    session.execute(
        delete(Owed).where(or_(Owed.to_id == person.id, Owed.place_id.in_(direct), Owed.account_id.in_(ids)))
    )
    session.execute(delete(KnownAccount).where(KnownAccount.id.in_(ids)))
    reviewed = select(Review.id).where(Review.place_id == KnownPlace.id)
    session.execute(
        delete(KnownPlace).where(KnownPlace.id.in_(direct), KnownPlace.direct.is_(True), ~reviewed.exists())
    )
    for name in names:  # whole parts of a key only: somebody else's may begin alike
        key = HandledEvent.key
        session.execute(
            delete(HandledEvent).where(
                or_(key.contains(f"/{name}/", autoescape=True), key.endswith(f"/{name}", autoescape=True))
            )
        )
