"""Takes a portfolio in: each record once, wherever it was made. What has no place here is carried over as history.

An interview that was held elsewhere, a look at oneself against a standard that is unknown here, a log of a period that
has one already: they stay part of the portfolio, and nothing is asked about them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import (
    Attachment,
    CarriedOver,
    Course,
    Evidence,
    Impact,
    PeriodLog,
    Person,
    PlanReview,
    Reflection,
    SelfRating,
    SelfReview,
    TargetVersion,
    TrainingDone,
)
from storage.portfolio import document as doc
from storage.portfolio import notation
from storage.portfolio.gathering import AGREED, MORE, gather
from storage.portfolio.rows import Rows
from storage.sealed import Keyring

T = TypeVar("T")
NEW, HERE, HISTORY = "new", "here", "history"


@dataclass(frozen=True)
class Weighed:
    """How many records of each section are new, are here already, and would be kept as history."""

    new: Mapping[str, int]
    here: Mapping[str, int]
    history: Mapping[str, int]


def weigh(session: Session, person: Person, keyring: Keyring, portfolio: doc.Portfolio, now: datetime) -> Weighed:
    """What taking it in would bring; nothing is written."""
    return Taking(session, person, keyring, now).weigh(portfolio)


def take(session: Session, person: Person, keyring: Keyring, portfolio: doc.Portfolio, now: datetime) -> Weighed:
    """Take it in. Doing it again brings nothing more."""
    taking = Taking(session, person, keyring, now)
    weighed = taking.weigh(portfolio)
    taking.take(portfolio)
    return weighed


@dataclass
class Taking(Rows):
    """One person's portfolio, being taken in."""

    _fates: dict[str, str] = field(default_factory=dict[str, str])

    def weigh(self, portfolio: doc.Portfolio) -> Weighed:
        """Sort every record into new, here already, and history."""
        new, here, history = Counter[str](), Counter[str](), Counter[str]()
        counted = {NEW: new, HERE: here, HISTORY: history}
        for section, item in _each_once(portfolio):
            counted[self._fate(item)][section] += 1
        return Weighed(new, here, history)

    def take(self, portfolio: doc.Portfolio) -> None:
        """Write what is new, and carry over what has no place."""
        living: list[doc.Item] = []
        for section, item in _each_once(portfolio):
            match self._fate(item):
                case "new":
                    living.append(item)
                case "history":
                    self._carry(item.uid, section, notation.to_plain(item))
                case _:
                    pass
        for kind, write in self._writers.items():
            self._write_all([item for item in living if isinstance(item, kind)], write)
        self._uids.save(whole=False)

    def _fate(self, item: doc.Item) -> str:
        """What becomes of a record; the same whenever it is asked."""
        if item.uid not in self._fates:
            placed = item.uid not in self._known and self._has_a_place(item)
            self._fates[item.uid] = HERE if item.uid in self._known else NEW if placed else HISTORY
            if placed:
                self._occupied.update(_places(item))
        return self._fates[item.uid]

    # --------------------------------------------------------------------------------------------- what has a place

    @cached_property
    def _known(self) -> set[str]:
        """The names of all that is here already, history included."""
        whole = gather(self.session, self.person, self.keyring, "", self.now)
        return {item.uid for _, item in doc.items(whole)}

    def _has_a_place(self, item: doc.Item) -> bool:
        match item:
            case doc.InterviewHeld() | doc.LearningSetJoined():
                return False  # it was held elsewhere, with people who are not here
            case doc.PeriodLogged() | doc.PlanReviewed() | doc.Training():
                return self._occupied.isdisjoint(_places(item))
            case doc.SelfReviewed():
                return all(self._statement(_stated(item, rating)) is not None for rating in item.ratings) and (
                    self._standard(item) is not None
                )
            case _:
                return True

    @cached_property
    def _occupied(self) -> set[tuple[Any, ...]]:
        """What this person can have only one of, and has."""
        owner, found = self.person.id, set[tuple[Any, ...]]()
        logs = select(PeriodLog.first).where(PeriodLog.owner_id == owner)
        found.update(("log", first) for first in self.session.scalars(logs))
        reviews = select(PlanReview.year).where(PlanReview.owner_id == owner)
        found.update(("plan_review", year) for year in self.session.scalars(reviews))
        done = select(TrainingDone.training, TrainingDone.done_on).where(TrainingDone.owner_id == owner)
        found.update(("training", training, on) for training, on in self.session.execute(done))
        return found

    # -------------------------------------------------------------------------------------------------------- writing

    @cached_property
    def _writers(self) -> Mapping[type, Callable[[Any], tuple[str, Any, datetime]]]:
        """How a record of each kind is written; what others refer to comes first."""
        return {
            doc.Target: self._target,
            doc.Activity: self._activity,
            doc.Training: self._training,
            doc.DiaryEntry: self._entry,
            doc.TimeSpent: self._time,
            doc.PeriodLogged: self._log,
            doc.PlanReviewed: self._plan_review,
            doc.SelfReviewed: self._self_review,
        }

    def _write_all(self, items: list[T], write: Callable[[T], tuple[str, Any, datetime]]) -> None:
        """Write them together, then what belongs to each, which needs to know its number."""
        written = [(item, *write(item)) for item in items]
        self.session.add_all([row for _, _, row, _ in written])
        self.session.flush()
        for item, kind, row, made_at in written:
            self._uids.give(kind, row.id, made_at, cast(Any, item).uid)
            self._write_inner(item, kind, row)
        self.session.flush()

    def _write_inner(self, item: Any, kind: str, row: Any) -> None:
        more: dict[str, Any] = {}
        match item:
            case doc.DiaryEntry():
                self.session.add_all(
                    Attachment(owner_id=self.person.id, kind="entry", about=row.id, name=self._seal(one.name),
                               address=self._seal(one.address), type=one.type)
                    for one in item.attachments
                )  # fmt: skip
            case doc.Activity():
                self._courses[item.uid] = row
                self._after(item, row)
                if item.target and row.target_id is None:
                    more["target"] = item.target
            case doc.Training():
                if item.course and row.course_id is None:
                    more["course"] = item.course
            case doc.Target():
                self._targets[item.uid] = row
                self.session.add_all(
                    TargetVersion(target_id=row.id, owner_id=self.person.id, number=one.number,
                                  was=self._json(dict(one.was)), made_at=one.made_at)
                    for one in {one.number: one for one in item.history}.values()
                )  # fmt: skip
                plain = notation.to_plain(item)
                more.update({name: plain[name] for name in AGREED if name in plain})
            case doc.PlanReviewed():
                if item.targets and not self._outcomes(item):
                    more["targets"] = notation.to_plain(item)["targets"]
            case doc.SelfReviewed():
                self._rate(item, row)
            case _:
                pass
        evidence = dict.fromkeys(getattr(item, "evidence", ()))
        unknown = [one for one in evidence if not self._counts_here(one, kind, row)]
        if unknown:
            more["evidence"] = [notation.to_plain(one) for one in unknown]
        if more:
            self._carry(f"{item.uid}#more", MORE, more)

    def _after(self, item: doc.Activity, course: Course) -> None:
        if item.reflection is not None:
            said = item.reflection
            self.session.add(
                Reflection(course_id=course.id, owner_id=self.person.id, what=self._seal(said.what),
                           so_what=self._seal(said.so_what), what_next=self._seal(said.what_next),
                           written_at=said.written_at, asking="")
            )  # fmt: skip
        changes = {change.term: change for change in item.impact}
        for term in ("short", "long"):
            change = changes.get(term)
            if change is not None:
                answers = {one.key: {"rating": one.rating, "words": one.words} for one in change.answers}
                self.session.add(
                    Impact(course_id=course.id, owner_id=self.person.id, term=term, state="written",
                           asked_at=change.written_at, written_at=change.written_at, answers=self._json(answers))
                )  # fmt: skip
            elif self._is_over(item):
                self.session.add(Impact(course_id=course.id, owner_id=self.person.id, term=term, state="declined"))

    def _rate(self, item: doc.SelfReviewed, review: SelfReview) -> None:
        for rating in {one.code: one for one in item.ratings}.values():
            statement = self._statement(_stated(item, rating))
            assert statement is not None
            answer = {"level": rating.level, "words": rating.words}
            self.session.add(
                SelfRating(review_id=review.id, owner_id=self.person.id, item_id=statement.id,
                           answer=self._json(answer))
            )  # fmt: skip

    def _counts_here(self, one: doc.Statement, kind: str, row: Any) -> bool:
        """Count the record as evidence for the same statement here, if there is one."""
        item = self._statement(one)
        if item is None:
            return False
        self.session.add(Evidence(owner_id=self.person.id, item_id=item.id, kind=kind, about=row.id, made_at=self.now))
        return True

    def _carry(self, uid: str, kind: str, said: dict[str, Any]) -> None:
        self.session.add(
            CarriedOver(owner_id=self.person.id, uid=uid, kind=kind, words=self._json(said), made_at=self.now)
        )


def _each_once(portfolio: doc.Portfolio) -> Iterable[tuple[str, doc.Item]]:
    """Every record, the first of those that go by one name."""
    seen: set[str] = set()
    for section, item in doc.items(portfolio):
        if item.uid not in seen:
            seen.add(item.uid)
            yield section, item


def _places(item: doc.Item) -> tuple[tuple[Any, ...], ...]:
    """What a record takes up that there can be one of."""
    match item:
        case doc.PeriodLogged():
            return (("log", item.first),)
        case doc.PlanReviewed():
            return (("plan_review", item.year),)
        case doc.Training():
            return (("training", item.training, item.done_on),)
        case _:
            return ()


def _stated(review: doc.SelfReviewed, rating: doc.Rating) -> doc.Statement:
    return doc.Statement(
        standard=review.standard, version=review.version, code=rating.code, title=review.title, words=rating.statement
    )
