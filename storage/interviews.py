"""Questions about learning interviews: what is coming, what was held, what is late, who is free."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from storage import briefs, interview_cards, outbox, promises, seminars, sets
from storage.models import Interview, InterviewNote, NextStep, Owed, Partnership, Person

STANDING = ("proposed", "booked")

# ------------------------------------------------------------------------------------------------------- the year


def of_year(session: Session, learner_id: int, year: date) -> Sequence[Interview]:
    """A learner's interviews in the learning year that starts on `year`, cancelled ones left out, earliest first."""
    return session.scalars(
        select(Interview)
        .where(Interview.learner_id == learner_id, Interview.year == year, Interview.state != "cancelled")
        .order_by(Interview.starts_at, Interview.id)
    ).all()


def held_in(session: Session, learner_id: int, year: date) -> int:
    """How many of a learner's interviews took place in that year, those that they held as a group counted in."""
    met = sum(interview.state == "met" for interview in of_year(session, learner_id, year))
    return met + sets.held_in(session, learner_id, year)


def number_of(session: Session, interview: Interview) -> int:
    """Which of the learner's interviews of its year this one is, from 1, in the order in which they took place.

    Those that they held as a group are counted in, as `held_in` does.
    """
    learner, year, starts_at = interview.learner_id, interview.year, interview.starts_at
    earlier = sum(one.state == "met" and one.starts_at < starts_at for one in of_year(session, learner, year))
    return earlier + sets.held_before(session, learner, year, starts_at) + 1


def to_be_booked(session: Session, year: date, window: int) -> Sequence[tuple[int, int]]:
    """Learners who have joined, each with their partner, who have nothing held, booked or proposed for that window.

    What they held as a group, or mean to come to, is arranged, too.
    """
    arranged = select(Interview.learner_id).where(
        Interview.year == year, Interview.window == window, Interview.state.not_in(("cancelled", "missed"))
    )
    found = session.execute(
        select(Partnership.learner_id, Partnership.partner_id)
        .join(Person, Person.id == Partnership.learner_id)
        .where(Partnership.current.is_not(None), Partnership.state == "accepted")
        .where(Person.left_at.is_(None), Person.joined_at.is_not(None))
        .where(Person.id.not_in(arranged), Person.id.not_in(sets.arranged_for(year, window)))
    )
    return [(learner, partner) for learner, partner in found]


def windows_taken(
    session: Session, learner_id: int, year: date, *, besides: int | None = None, besides_seat: int | None = None
) -> set[int]:
    """The windows of that year for which an interview was held, is booked or is proposed, alone or as a group.

    The interview `besides` and the seat `besides_seat` at a set's meeting are left out.
    """
    alone = {
        interview.window
        for interview in of_year(session, learner_id, year)
        if interview.state != "missed" and interview.id != besides
    }
    return alone | sets.windows_taken(session, learner_id, year, besides=besides_seat)


# ------------------------------------------------------------------------------------------------------ what stands


def locked(session: Session, interview_id: int | None) -> Interview:
    """The interview as it is in the database now, and nobody else's to change until this transaction ends."""
    return session.scalars(
        select(Interview)
        .where(Interview.id == interview_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def coming(session: Session, person_id: int, now: datetime) -> Sequence[Interview]:
    """What this person has proposed or booked as learner or partner and is not over, earliest first."""
    return session.scalars(
        select(Interview)
        .where(
            or_(Interview.learner_id == person_id, Interview.partner_id == person_id),
            Interview.state.in_(STANDING),
            Interview.ends_at > now,
        )
        .order_by(Interview.starts_at, Interview.id)
    ).all()


def standing(session: Session, learner_id: int, now: datetime) -> Interview | None:
    """The learner's next interview that is proposed or booked."""
    return session.scalar(
        select(Interview)
        .where(Interview.learner_id == learner_id, Interview.state.in_(STANDING), Interview.ends_at > now)
        .order_by(Interview.starts_at, Interview.id)
        .limit(1)
    )


def last_held(session: Session, learner_id: int, now: datetime) -> datetime | None:
    """When the learner's latest interview ended that took place, or of which nobody has said that it did not."""
    alone = session.scalar(
        select(Interview.ends_at)
        .where(Interview.learner_id == learner_id, Interview.state.in_(("booked", "met")), Interview.ends_at <= now)
        .order_by(Interview.ends_at.desc())
        .limit(1)
    )
    return max(filter(None, (alone, sets.last_held(session, learner_id, now))), default=None)


def unsettled(session: Session, person_id: int, now: datetime) -> Sequence[Interview]:
    """Booked interviews that are over, of which it is not known yet whether they took place; earliest first."""
    return session.scalars(
        select(Interview)
        .where(
            or_(Interview.learner_id == person_id, Interview.partner_id == person_id),
            Interview.state == "booked",
            Interview.ends_at <= now,
        )
        .order_by(Interview.starts_at, Interview.id)
    ).all()


def standing_at(session: Session, learner_id: int, partner_id: int, starts_at: datetime) -> Interview | None:
    """What these two have proposed or booked for exactly this start."""
    return session.scalar(
        select(Interview)
        .where(
            Interview.learner_id == learner_id,
            Interview.partner_id == partner_id,
            Interview.starts_at == starts_at,
            Interview.state.in_(STANDING),
        )
        .limit(1)
    )


def notes_on(session: Session, interview_id: int) -> Sequence[InterviewNote]:
    """What was noted on an interview, in the order it was written."""
    return session.scalars(
        select(InterviewNote).where(InterviewNote.interview_id == interview_id).order_by(InterviewNote.id)
    ).all()


def note_by(session: Session, interview_id: int, author_id: int) -> InterviewNote | None:
    """This person's note on an interview."""
    return session.scalar(
        select(InterviewNote).where(InterviewNote.interview_id == interview_id, InterviewNote.author_id == author_id)
    )


def written_about(session: Session, person_id: int) -> Sequence[Interview]:
    """The interviews on which this person wrote a note or named a next step, earliest first."""
    noted = select(InterviewNote.interview_id).where(InterviewNote.author_id == person_id)
    meant = select(NextStep.interview_id).where(NextStep.owner_id == person_id)
    return session.scalars(
        select(Interview).where(or_(Interview.id.in_(noted), Interview.id.in_(meant))).order_by(Interview.id)
    ).all()


# ---------------------------------------------------------------------------------------------------- promised times


def busy(
    session: Session, person_id: int, first: datetime, last: datetime, *, besides: int | None = None
) -> list[tuple[datetime, datetime]]:
    """When this person has promised themselves between two UTC instants, the interview `besides` left out."""
    return promises.busy(session, person_id, first, last, besides=promises.To(besides) if besides else None)


def hold(session: Session, interview: Interview, starts_at: datetime, ends_at: datetime) -> bool:
    """Promise this time to the interview for both people. False when either has promised part of it to another.

    What was held before stays held (see `hold_only`); after False the caller must roll back to where it began.
    """
    two = (interview.learner_id, interview.partner_id)
    return promises.hold(session, promises.To(interview.id), two, starts_at, ends_at)


def hold_only(session: Session, interview: Interview) -> None:
    """Of what the interview holds, keep its present time and the one it may move to, and let the rest go."""
    times = [(interview.starts_at, interview.ends_at)]
    if interview.to_starts_at is not None and interview.to_ends_at is not None:
        times.append((interview.to_starts_at, interview.to_ends_at))
    promises.hold_only(session, promises.To(interview.id), *times)


def release(session: Session, interview: Interview) -> None:
    """Nobody has promised the interview's time any more."""
    promises.release(session, promises.To(interview.id))


# ---------------------------------------------------------------------------------------------------------- called off


def cancel(session: Session, interview: Interview, by: int | None, now: datetime, reason: bytes | None = None) -> None:
    """The interview will not take place: its time is free, its reminders die, its cards say so. `by` None: nobody.

    `reason` is sealed with the key of `by`. What the partner was to read before is taken back.
    """
    interview.state, interview.changed_by_id, interview.reason = "cancelled", by, reason
    interview.to_starts_at = interview.to_ends_at = None
    interview.sequence += 1
    interview.version += 1
    release(session, interview)
    interview_cards.forget_prompts(session, interview)
    briefs.withdraw(session, interview.id, now)
    interview_cards.show_afresh(session, interview, now)


# ------------------------------------------------------------------------------------------------------- partnerships


def locked_request(session: Session, partnership_id: int | None) -> Partnership:
    """The request to be a partner as it is now, and nobody else's to change until this transaction ends."""
    return session.scalars(
        select(Partnership)
        .where(Partnership.id == partnership_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def request_of(session: Session, learner_id: int) -> Partnership | None:
    """The learner's request that waits for its answer."""
    return session.scalar(select(Partnership).where(Partnership.asking == learner_id))


def accepted_of(session: Session, learner_id: int) -> Partnership | None:
    """The learner's accepted partnership, the partner present or not."""
    return session.scalar(select(Partnership).where(Partnership.current == learner_id))


def end_partnership(session: Session, partnership: Partnership, now: datetime) -> None:
    """It is over, asked or accepted; its cards say so."""
    partnership.state, partnership.current, partnership.asking, partnership.answered_at = "ended", None, None, now
    session.flush()
    outbox.refresh(session, "interviews.asked", partnership.id, now)


def person_left(session: Session, person: Person, now: datetime) -> None:
    """Somebody left or is about to be erased: what they had proposed or booked is cancelled and the others are told.

    For whoever marks people as left, in the same transaction. Learners of a partner who left are asked to choose
    another, and learning sets and seminars go on without them; nothing that was owed to the person who left is sent.
    """
    sets.person_left(session, person, now)
    seminars.person_left(session, person, now)
    for interview in coming(session, person.id, now):
        interview = locked(session, interview.id)
        cancel(session, interview, person.id, now)
        other = interview.partner_id if interview.learner_id == person.id else interview.learner_id
        interview_cards.tell(session, interview, other, now)
    ended = session.scalars(
        select(Partnership).where(
            or_(Partnership.learner_id == person.id, Partnership.partner_id == person.id),
            or_(Partnership.current.is_not(None), Partnership.asking.is_not(None)),
        )
    ).all()
    for partnership in ended:
        end_partnership(session, partnership, now)
        outbox.cancel(session, partnership.id, "interviews.asked", "interviews.answered")
        if partnership.partner_id == person.id:
            outbox.owe(
                session, "interviews.partner_left", about=partnership.id, to=partnership.learner_id, at=now,
                key=f"interviews.partner_left/{partnership.id}",
            )  # fmt: skip


def left_with_something_arranged(session: Session, now: datetime) -> Sequence[Person]:
    """People who have left and still have a partnership, a request, an interview or seminar to come, or a set."""
    partnership = select(Partnership.id).where(
        or_(Partnership.learner_id == Person.id, Partnership.partner_id == Person.id),
        or_(Partnership.current.is_not(None), Partnership.asking.is_not(None)),
    )
    interview = select(Interview.id).where(
        or_(Interview.learner_id == Person.id, Interview.partner_id == Person.id),
        Interview.state.in_(STANDING),
        Interview.ends_at > now,
    )
    return session.scalars(
        select(Person).where(
            Person.left_at.is_not(None),
            or_(
                partnership.exists(),
                interview.exists(),
                sets.has_something(Person, now),
                seminars.has_something(Person, now),
            ),
        )
    ).all()


# --------------------------------------------------------------------------------------------- asked, asked once more


def again_key(interview: Interview, person_id: int) -> str:
    """The promise to ask somebody once more whether they met."""
    return f"interviews.again/{interview.id}/{interview.sequence}/{person_id}"


def asked_again(session: Session, interview: Interview) -> bool:
    """Whether the two were asked a second time if they met."""
    key = again_key(interview, interview.learner_id)
    return session.scalar(select(Owed.id).where(Owed.key == key)) is not None


# -------------------------------------------------------------------------------------------------------------- nudges


def nudge_key(year: date, window: int, person_id: int, day: date | None = None) -> str:
    """The promise to remind somebody of one interview of the year; with `day`, that they put it off until then."""
    return f"interviews.nudge/{year}/{window}/{person_id}" + (f"/{day}" if day else "")


def nudged(session: Session, year: date, window: int) -> set[str]:
    """The keys of everybody who was nudged, or will be, about this window."""
    beginning = f"interviews.nudge/{year}/{window}/"
    return set(session.scalars(select(Owed.key).where(Owed.key.startswith(beginning, autoescape=True))))


def nudge(
    session: Session, year: date, window: int, person_id: int, at: datetime, *, until: date | None = None
) -> None:
    """Owe a nudge at the UTC instant `at`; with `until`, instead of what was still owed for this window."""
    key = nudge_key(year, window, person_id, until)
    if until is not None:
        session.execute(
            update(Owed)
            .where(Owed.key.startswith(nudge_key(year, window, person_id), autoescape=True), Owed.state == "due")
            .where(Owed.to_id == person_id)
            .values(state="closed", reason="put off")
        )
    if not outbox.owe(session, "interviews.nudge", about=person_id, to=person_id, at=at, key=key):
        session.execute(
            update(Owed).where(Owed.key == key, Owed.state == "closed").values(state="due", due_at=at, reason="")
        )
