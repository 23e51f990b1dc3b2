"""Each section's records, from the rows of their owner to what a portfolio says of them.

What others wrote stays theirs: of an interview the other's notes are left out, of a target what the other said to it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, cast

from sqlalchemy import or_, select

from storage.models import (
    Attachment,
    Attendance,
    Course,
    Entry,
    Impact,
    Interview,
    InterviewNote,
    LearningSet,
    LearningTime,
    NextStep,
    PeriodLog,
    PlanReview,
    Reflection,
    SelfRating,
    SelfReview,
    SetMeeting,
    SetMember,
    Standard,
    Target,
    TargetVersion,
    TrainingDone,
)
from storage.portfolio import document as doc
from storage.portfolio.opened import Opened
from storage.portfolio.uids import instant


class Records(Opened):
    """One person's records, section by section."""

    def diary(self) -> Iterator[doc.DiaryEntry]:
        """The diary's entries, with what they quote and refer to."""
        attached = self._by(Attachment, Attachment.owner_id, "about", Attachment.kind == "entry")
        for entry in self._own(Entry, Entry.owner_id):
            quoted = self._json(entry.quoted)
            yield doc.DiaryEntry(
                uid=self.uids.of_record("entry", entry.id, entry.made_at),
                made_at=entry.made_at,
                words=self._open(entry.words),
                edited_at=entry.edited_at,
                question=entry.question,
                tags=tuple(tag for tag in self._open(entry.tags).split("\n") if tag),
                quoted=doc.Quoted(**{name: str(quoted.get(name) or "") for name in ("by", "words", "link")})
                if quoted
                else None,
                attachments=tuple(
                    doc.Attached(name=self._open(one.name), address=self._open(one.address), type=one.type)
                    for one in attached.get(entry.id, ())
                ),
                evidence=self._evidence("entry", entry.id),
            )

    def courses(self) -> Iterator[doc.Activity]:
        """Courses and other activities, each with its reflection and what changed after it."""
        reflections = self._by(Reflection, Reflection.owner_id, "course_id")
        impact = self._by(Impact, Impact.owner_id, "course_id", Impact.state == "written")
        for course in self._own(Course, Course.owner_id):
            reflected = reflections.get(course.id, ())
            yield doc.Activity(
                uid=self.uids.of_record("course", course.id, course.made_at),
                made_at=course.made_at,
                title=self._open(course.title),
                starts_on=course.starts_on,
                ends_on=course.ends_on,
                days=course.days,
                state=cast(Any, course.state),
                kind=course.kind,
                kind_words=self._open(course.kind_words),
                need=course.need,
                booking=cast(Any, course.booking),
                off_the_job=course.off_the_job,
                provider=self._open(course.provider),
                accredited=self._open(course.accredited),
                feedback=self._open(course.feedback),
                cost=course.cost,
                worth=course.worth,
                training=course.training,
                shared=course.shared,
                team_words=self._open(course.team_words),
                meeting_on=course.meeting_on,
                document=self._open(course.document),
                nothing_to_add=course.nothing_to_add,
                target=self._reference("target", course.target_id, self._targets),
                reflection=self._reflected(reflected[0]) if reflected else None,
                impact=tuple(self._changed(one) for one in impact.get(course.id, ())),
                evidence=self._evidence("course", course.id),
            )

    @cached_property
    def _targets(self) -> Mapping[int, datetime]:
        """When each target was made, by its number."""
        return {one.id: one.made_at for one in self._own(Target, Target.owner_id)}

    def _reference(self, kind: str, number: int | None, made: Mapping[int, datetime]) -> str | None:
        """The name of another of their records; None when it is not among those of that kind that were `made`."""
        return self.uids.of_record(kind, number, made[number]) if number is not None and number in made else None

    def _reflected(self, reflection: Reflection) -> doc.Reflected:
        return doc.Reflected(
            written_at=reflection.written_at,
            what=self._open(reflection.what),
            so_what=self._open(reflection.so_what),
            what_next=self._open(reflection.what_next),
        )

    def _changed(self, impact: Impact) -> doc.Changed:
        return doc.Changed(
            term=cast(Any, impact.term),
            written_at=impact.written_at,
            answers=answers(self._json(impact.answers)),
        )

    def trainings(self) -> Iterator[doc.Training]:
        """Mandatory trainings that were done."""
        courses = {one.id: one.made_at for one in self._own(Course, Course.owner_id)}
        for done in self._own(TrainingDone, TrainingDone.owner_id):
            yield doc.Training(
                uid=self.uids.of_record("training", done.id, done.made_at),
                made_at=done.made_at,
                training=done.training,
                done_on=done.done_on,
                valid_until=done.valid_until,
                course=self._reference("course", done.course_id, courses),
            )

    def time(self) -> Iterator[doc.TimeSpent]:
        """Learning time that was logged."""
        for spent in self._own(LearningTime, LearningTime.owner_id):
            yield doc.TimeSpent(
                uid=self.uids.of_record("time", spent.id, spent.made_at),
                made_at=spent.made_at,
                on_day=spent.on_day,
                minutes=spent.minutes,
                words=self._open(spent.words),
                off_the_job=spent.off_the_job,
                kind=spent.kind,
                evidence=self._evidence("time", spent.id),
            )

    def logs(self) -> Iterator[doc.PeriodLogged]:
        """Logs of a period that were written."""
        for log in self._own(PeriodLog, PeriodLog.owner_id):
            if log.state == "written":
                yield doc.PeriodLogged(
                    uid=self.uids.of_record("log", log.id, instant(log.first)),
                    first=log.first,
                    last=log.last,
                    written_at=log.written_at,
                    answers=answers(self._json(log.answers)),
                )

    def targets(self) -> Iterator[doc.Target]:
        """Targets with their history; whether the other agreed is said, but not in their words."""
        history = self._by(TargetVersion, TargetVersion.owner_id, "target_id")
        for target in self._own(Target, Target.owner_id):
            effect = self._json(target.evaluation)
            yield doc.Target(
                uid=self.uids.of_record("target", target.id, target.made_at),
                made_at=target.made_at,
                changed_at=target.changed_at,
                year=target.year,
                words=self._open(target.words),
                strategy=self._open(target.strategy),
                criteria=self._open(target.criteria),
                link=self._open(target.link),
                kind=target.kind,
                due_on=target.due_on,
                state=target.state,
                version=target.version,
                agreement=target.agreement,
                agreed_with=self._name(target.other_id),
                agreed_version=target.agreed_version,
                answered_at=target.answered_at,
                evaluated_at=target.evaluated_at,
                evaluation=doc.Effect(
                    rating=effect.get("rating") or None,
                    came=str(effect.get("came") or ""),
                    why=str(effect.get("why") or ""),
                )
                if effect
                else None,
                history=tuple(
                    doc.Earlier(number=one.number, made_at=one.made_at, was=_worded(self._json(one.was)))
                    for one in sorted(history.get(target.id, ()), key=lambda one: one.number)
                ),
            )

    def plan_reviews(self) -> Iterator[doc.PlanReviewed]:
        """Yearly reviews of the plan that were written."""
        for review in self._own(PlanReview, PlanReview.owner_id):
            if review.state == "written":
                said = self._json(review.answers)
                looked_at: list[dict[str, Any]] = said.pop("targets", [])
                yield doc.PlanReviewed(
                    uid=self.uids.of_record("plan_review", review.id, instant(review.year)),
                    year=review.year,
                    written_at=review.written_at,
                    answers=answers(said),
                    targets=tuple(
                        doc.Outcome(target=target, result=one["result"])
                        for one in looked_at
                        if (target := self._reference("target", one["id"], self._targets)) is not None
                    ),
                )

    def self_reviews(self) -> Iterator[doc.SelfReviewed]:
        """Looks at oneself against a standard, with the statements as they were worded."""
        ratings = self._by(SelfRating, SelfRating.owner_id, "review_id")
        for review in self._own(SelfReview, SelfReview.owner_id):
            standard = self.session.get_one(Standard, review.standard_id)
            yield doc.SelfReviewed(
                uid=self.uids.of_record("self_review", review.id, review.made_at),
                made_at=review.made_at,
                standard=standard.key,
                version=standard.version,
                title=standard.title,
                finished_at=review.finished_at,
                ratings=tuple(self._rating(one) for one in sorted(ratings.get(review.id, ()), key=self._position)),
            )

    def _position(self, rating: SelfRating) -> tuple[int, int]:
        return self._statement(rating.item_id)[0].position, rating.id

    def _rating(self, rating: SelfRating) -> doc.Rating:
        statement, area, _ = self._statement(rating.item_id)
        answer = self._json(rating.answer)
        return doc.Rating(
            code=statement.code,
            statement=statement.words,
            area=area,
            level=str(answer.get("level") or ""),
            words=str(answer.get("words") or ""),
        )

    def interviews(self) -> Iterator[doc.InterviewHeld]:
        """Interviews that were held: when, with whom, and what this person wrote; nothing that the other wrote."""
        notes = self._by(InterviewNote, InterviewNote.author_id, "interview_id")
        steps = self._by(NextStep, NextStep.owner_id, "interview_id")
        held = self.session.scalars(select(Interview).where(*held_with(self.person.id)).order_by(Interview.id)).all()
        for interview in held:
            learns = interview.learner_id == self.person.id
            note = next(iter(notes.get(interview.id, ())), None)
            yield doc.InterviewHeld(
                uid=self.uids.of_record("interview", interview.id, interview.made_at),
                starts_at=interview.starts_at,
                ends_at=interview.ends_at,
                role="learner" if learns else "partner",
                other=self._name(interview.partner_id if learns else interview.learner_id),
                written_at=note.written_at if note else None,
                notes=self._open(note.words) if note else "",
                private=self._open(note.private) if note else "",
                steps=tuple(
                    doc.Step(made_at=one.made_at, words=self._open(one.words), due_on=one.due_on, state=one.state)
                    for one in steps.get(interview.id, ())
                ),
            )

    def sets(self) -> Iterator[doc.LearningSetJoined]:
        """Learning sets that this person was in, and when they met there."""
        met = defaultdict[int, list[datetime]](list)
        meetings = self.session.execute(
            select(SetMeeting.set_id, SetMeeting.starts_at)
            .join(Attendance, Attendance.meeting_id == SetMeeting.id)
            .where(Attendance.person_id == self.person.id, SetMeeting.state == "held", Attendance.was_there.is_(True))
            .order_by(SetMeeting.starts_at)
        )
        for set_id, starts_at in meetings:
            met[set_id].append(starts_at)
        members = select(SetMember).where(*_in_sets(self.person.id)).order_by(SetMember.id)
        for member in self.session.scalars(members).all():
            joined = self.session.get_one(LearningSet, member.set_id)
            yield doc.LearningSetJoined(
                uid=self.uids.of_record("set", member.id, member.asked_at),
                joined_at=member.asked_at,
                name=joined.name,
                facilitator=self._name(joined.facilitator_id),
                met_at=tuple(met[member.set_id]),
            )


def answers(said: Mapping[str, Any]) -> tuple[doc.Answer, ...]:
    """Answers by question, whichever way a form kept them."""
    return tuple(_answer(key, one) for key, one in said.items())


def _answer(key: str, one: Any) -> doc.Answer:
    if isinstance(one, dict):
        given = cast(dict[str, Any], one)
        return doc.Answer(key=key, words=str(given.get("words") or ""), rating=given.get("rating"))
    return doc.Answer(key=key, words="" if one is None else str(one))


def _worded(was: Mapping[str, Any]) -> dict[str, str | None]:
    return {name: None if value is None else str(value) for name, value in was.items()}


def held_with(person_id: int) -> tuple[Any, ...]:
    """What of an interview makes it one that this person held, on either side."""
    return Interview.state == "met", or_(Interview.learner_id == person_id, Interview.partner_id == person_id)


def _in_sets(person_id: int) -> tuple[Any, ...]:
    return SetMember.person_id == person_id, SetMember.state.in_(("accepted", "left"))
