"""A record of a portfolio → the row that it becomes, its words sealed for their owner: `records` the other way round.

Nothing is added to the database here, and what a record refers to is looked up among what is its owner's.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import (
    Course,
    Entry,
    LearningTime,
    PeriodLog,
    Person,
    PlanReview,
    SelfReview,
    Standard,
    StandardItem,
    Target,
    TrainingDone,
)
from storage.portfolio import document as doc
from storage.portfolio import notation
from storage.portfolio.uids import Uids, instant
from storage.sealed import Keyring

T = TypeVar("T")


@dataclass
class Rows:
    """The rows that one person's records become."""

    session: Session
    person: Person
    keyring: Keyring
    now: datetime
    _courses: dict[str, Course] = field(default_factory=dict[str, Course])
    _targets: dict[str, Target] = field(default_factory=dict[str, Target])

    @cached_property
    def _uids(self) -> Uids:
        return Uids.of(self.session, self.person.id)

    def _entry(self, item: doc.DiaryEntry) -> tuple[str, Any, datetime]:
        row = Entry(
            owner_id=self.person.id,
            words=self._seal(item.words),
            made_at=item.made_at,
            tags=self._seal("\n".join(item.tags)) if item.tags else None,
            edited_at=item.edited_at,
            question=item.question,
            quoted=self._json(notation.whole(item.quoted)) if item.quoted is not None else None,
        )
        return "entry", row, item.made_at

    def _activity(self, item: doc.Activity) -> tuple[str, Any, datetime]:
        target = self._target_named(item.target)
        row = Course(
            owner_id=self.person.id,
            title=self._seal(item.title),
            starts_on=item.starts_on,
            ends_on=item.ends_on,
            made_at=item.made_at,
            days=item.days,
            state=item.state,
            asked_at=self.now if self._is_over(item) else None,
            rated="given" if item.worth else "declined" if self._is_over(item) else "",
            meeting_on=item.meeting_on,
            document=self._sealed(item.document),
            shared=item.shared,
            team_words=self._sealed(item.team_words),
            nothing_to_add=item.nothing_to_add,
            kind=item.kind,
            kind_words=self._sealed(item.kind_words),
            need=item.need,
            booking=item.booking,
            off_the_job=item.off_the_job,
            provider=self._sealed(item.provider),
            accredited=self._sealed(item.accredited),
            feedback=self._sealed(item.feedback),
            cost=item.cost,
            worth=item.worth,
            training=item.training,
            target_id=target.id if target is not None else None,
        )
        return "course", row, item.made_at

    def _is_over(self, item: doc.Activity) -> bool:
        """Whether it was before it came here: it has been asked about where it was, or is not asked about at all."""
        return item.ends_on < self.now.date()

    def _training(self, item: doc.Training) -> tuple[str, Any, datetime]:
        course = self._courses.get(item.course or "") or self._here("course", item.course, Course)
        row = TrainingDone(
            owner_id=self.person.id,
            training=item.training,
            done_on=item.done_on,
            made_at=item.made_at,
            valid_until=item.valid_until,
            course_id=course.id if course is not None else None,
        )
        return "training", row, item.made_at

    def _time(self, item: doc.TimeSpent) -> tuple[str, Any, datetime]:
        row = LearningTime(
            owner_id=self.person.id,
            words=self._seal(item.words),
            on_day=item.on_day,
            minutes=item.minutes,
            made_at=item.made_at,
            off_the_job=item.off_the_job,
            kind=item.kind,
        )
        return "time", row, item.made_at

    def _log(self, item: doc.PeriodLogged) -> tuple[str, Any, datetime]:
        row = PeriodLog(
            owner_id=self.person.id,
            first=item.first,
            last=item.last,
            state="written",
            written_at=item.written_at,
            answers=self._answered(item.answers),
        )
        return "log", row, instant(item.first)

    def _target(self, item: doc.Target) -> tuple[str, Any, datetime]:
        effect = item.evaluation
        row = Target(
            owner_id=self.person.id,
            year=item.year,
            words=self._seal(item.words),
            made_at=item.made_at,
            changed_at=item.changed_at,
            strategy=self._sealed(item.strategy),
            criteria=self._sealed(item.criteria),
            link=self._sealed(item.link),
            kind=item.kind,
            due_on=item.due_on,
            state=item.state,
            version=item.version,
            evaluated_at=item.evaluated_at,
            evaluation=self._json({"came": effect.came, "rating": effect.rating or 0, "why": effect.why})
            if effect is not None
            else None,
        )
        return "target", row, item.made_at

    def _plan_review(self, item: doc.PlanReviewed) -> tuple[str, Any, datetime]:
        row = PlanReview(
            owner_id=self.person.id,
            year=item.year,
            state="written",
            asked_at=item.written_at,
            written_at=item.written_at,
            answers=self._answered(item.answers, self._outcomes(item)),
        )
        return "plan_review", row, instant(item.year)

    def _self_review(self, item: doc.SelfReviewed) -> tuple[str, Any, datetime]:
        standard = self._standard(item)
        assert standard is not None
        row = SelfReview(
            owner_id=self.person.id, standard_id=standard.id, made_at=item.made_at, finished_at=item.finished_at
        )
        return "self_review", row, item.made_at

    def _standard(self, review: doc.SelfReviewed) -> Standard | None:
        found = self._standards.get((review.standard, review.version))
        return found if found is not None and found.title == review.title else None

    @cached_property
    def _standards(self) -> Mapping[tuple[str, str], Standard]:
        return {(one.key, one.version): one for one in self.session.scalars(select(Standard))}

    def _statement(self, one: doc.Statement) -> StandardItem | None:
        """The same statement here, if there is one in the very same words."""
        standard = self._standards.get((one.standard, one.version))
        found = self._items.get((one.standard, one.version, one.code))
        if found is None or standard is None or found.words != one.words or standard.title != one.title:
            return None
        return found

    @cached_property
    def _items(self) -> Mapping[tuple[str, str, str], StandardItem]:
        names = {one.id: key for key, one in self._standards.items()}
        return {(*names[one.standard_id], one.code): one for one in self.session.scalars(select(StandardItem))}

    def _target_named(self, uid: str | None) -> Target | None:
        """The target that goes by that name, among those that come with it or are this person's already."""
        return self._targets.get(uid or "") or self._here("target", uid, Target)

    def _here(self, kind: str, uid: str | None, table: type[T]) -> T | None:
        """The record of this person's that goes by that name already."""
        about = self._uids.about(kind, uid) if uid else None
        return None if about is None else self.session.get(table, about)

    def _outcomes(self, review: doc.PlanReviewed) -> list[dict[str, Any]]:
        """What was said of each target, when all of them are here."""
        found = [self._target_named(one.target) for one in review.targets]
        if None in found:
            return []
        pairs = zip(found, review.targets, strict=True)
        return [{"id": target.id, "result": one.result} for target, one in pairs if target is not None]

    def _answered(self, answers: Iterable[doc.Answer], targets: Sequence[dict[str, Any]] = ()) -> bytes:
        said: dict[str, Any] = {"targets": list(targets)} if targets else {}
        said |= {
            one.key: one.words if one.rating is None else {"rating": one.rating, "words": one.words} for one in answers
        }
        return self._json(said)

    def _json(self, said: Any) -> bytes:
        return self._seal(json.dumps(said, ensure_ascii=False))

    def _sealed(self, words: str) -> bytes | None:
        return self._seal(words) if words else None

    def _seal(self, words: str) -> bytes:
        return self.keyring.seal(self.person.id, self.person.key, words)
