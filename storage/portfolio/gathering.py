"""Gathers what one person's record holds into a document, with what was carried over from elsewhere.

`opened` finds the rows, which are opened with their owner's key and only theirs; `records` says what each of them is.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import (
    CarriedOver,
    Course,
    Entry,
    Interview,
    LearningTime,
    PeriodLog,
    Person,
    PlanReview,
    SelfReview,
    SetMember,
    Target,
    TrainingDone,
)
from storage.portfolio import document as doc
from storage.portfolio import notation
from storage.portfolio.opened import sorted_statements
from storage.portfolio.records import Records, held_with
from storage.sealed import Keyring

# Of a target: whether others agreed to it.
AGREED = ("agreement", "agreed_with", "agreed_version", "answered_at")
MORE = "more"  # the kind of what is carried over beside a record that was taken in
T = TypeVar("T")

_COUNTED: Mapping[str, tuple[type[Any], Any, tuple[Any, ...]]] = {
    "diary": (Entry, Entry.owner_id, ()),
    "courses": (Course, Course.owner_id, ()),
    "trainings": (TrainingDone, TrainingDone.owner_id, ()),
    "time": (LearningTime, LearningTime.owner_id, ()),
    "logs": (PeriodLog, PeriodLog.owner_id, (PeriodLog.state == "written",)),
    "targets": (Target, Target.owner_id, ()),
    "plan_reviews": (PlanReview, PlanReview.owner_id, (PlanReview.state == "written",)),
    "self_reviews": (SelfReview, SelfReview.owner_id, ()),
    "sets": (SetMember, SetMember.person_id, (SetMember.state.in_(("accepted", "left")),)),
}


def counts(session: Session, person_id: int) -> dict[str, int]:
    """How many records each section would hold, without opening any."""
    found = {
        section: session.scalar(select(func.count()).select_from(kind).where(owner == person_id, *also)) or 0
        for section, (kind, owner, also) in _COUNTED.items()
    }
    found["interviews"] = session.scalar(select(func.count()).select_from(Interview).where(*held_with(person_id))) or 0
    carried = session.execute(
        select(CarriedOver.kind, func.count()).where(CarriedOver.owner_id == person_id).group_by(CarriedOver.kind)
    ).all()
    for section, number in carried:
        if section in doc.SECTIONS:
            found[section] = found.get(section, 0) + number
    return {section: found.get(section, 0) for section in doc.SECTIONS}


def gather(session: Session, person: Person, keyring: Keyring, organisation: str, now: datetime) -> doc.Portfolio:
    """Everything that this person's record holds. Records without a name of their own are given one."""
    return Gathering(session, person, keyring).portfolio(organisation, now)


def without(portfolio: doc.Portfolio, sections: Iterable[str] = (), uids: Iterable[str] = ()) -> doc.Portfolio:
    """The portfolio without these sections and without these records."""
    left_out, single = set(sections), set(uids)
    kept = {
        section: ()
        if section in left_out
        else tuple(item for item in getattr(portfolio, section) if item.uid not in single)
        for section in doc.SECTIONS
    }
    return replace(portfolio, **kept)


def only(portfolio: doc.Portfolio, section: str) -> doc.Portfolio:
    """The portfolio with this section and no other."""
    return without(portfolio, [one for one in doc.SECTIONS if one != section])


class Gathering(Records):
    """One person's record, being gathered."""

    def portfolio(self, organisation: str, now: datetime) -> doc.Portfolio:
        """The whole document."""
        sections: dict[str, tuple[Any, ...]] = {
            "diary": tuple(self.diary()),
            "courses": tuple(self.courses()),
            "trainings": tuple(self.trainings()),
            "time": tuple(self.time()),
            "logs": tuple(self.logs()),
            "targets": tuple(self.targets()),
            "plan_reviews": tuple(self.plan_reviews()),
            "self_reviews": tuple(self.self_reviews()),
            "interviews": tuple(self.interviews()),
            "sets": tuple(self.sets()),
        }
        living = {item.uid for items in sections.values() for item in items}
        for section, items in sections.items():
            with_history = [*(self._completed(item) for item in items), *self.carried.get(section, ())]
            sections[section] = tuple(sorted(with_history, key=_in_order))
        self.uids.save()
        self._let_go(living)
        owner = doc.Owner(name=self.person.name, organisation=organisation)
        return doc.Portfolio(made_at=now, owner=owner, **cast(Any, sections))

    @cached_property
    def carried(self) -> Mapping[str, list[Any]]:
        """What was brought from elsewhere and is history here, by section."""
        found = defaultdict[str, list[Any]](list)
        for one in self._own(CarriedOver, CarriedOver.owner_id):
            if one.kind in doc.SECTIONS:
                found[one.kind].append(notation.from_plain(doc.SECTIONS[one.kind][2], self._json(one.words)))
        return found

    @cached_property
    def _more(self) -> Mapping[str, dict[str, Any]]:
        """What was brought with a record, and cannot be kept in it here; by the record's uid."""
        more = self._own(CarriedOver, CarriedOver.owner_id)
        return {one.uid.removesuffix("#more"): self._json(one.words) for one in more if one.kind == MORE}

    def _let_go(self, living: set[str]) -> None:
        """What was brought with a record goes once the record has gone."""
        for one in self._own(CarriedOver, CarriedOver.owner_id):
            if one.kind == MORE and one.uid.removesuffix("#more") not in living:
                self.session.delete(one)

    def _completed(self, item: T) -> T:
        """The record with what was brought with it, where it says nothing of that itself."""
        said = self._more.get(cast(Any, item).uid)
        if said is None:
            return item
        brought = notation.from_plain(item.__class__, {**notation.to_plain(item), **said})
        extra: dict[str, Any] = {}
        if getattr(item, "agreement", ""):  # somebody here was asked since: that counts
            said = {name: value for name, value in said.items() if name not in AGREED}
        for name in said:
            mine, theirs = getattr(item, name), getattr(brought, name)
            if name == "evidence":
                extra[name] = sorted_statements((*mine, *(one for one in theirs if one not in mine)))
            elif not mine:
                extra[name] = theirs
        return replace(cast(Any, item), **extra)


def _in_order(item: Any) -> tuple[str, str]:
    """By the day that a record is about, then by its name: the same wherever it is read."""
    for name in ("starts_on", "done_on", "on_day", "first", "year", "starts_at", "joined_at", "made_at"):
        if (when := getattr(item, name, None)) is not None:
            return when.isoformat(), item.uid
    raise AssertionError(item)
