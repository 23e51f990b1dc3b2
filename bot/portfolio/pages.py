"""A portfolio as it is read: chapters of entries, each with a heading, a line of facts and its owner's words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot import wording
from bot.documents.content import Chapter, Line, Pages, Record
from storage.portfolio import document as doc

LEVELS = {"strength": "A strength", "growing": "Growing", "need": "A need"}
STATES = {
    "open": "open",
    "met": "met",
    "partly": "partly met",
    "dropped": "dropped",
    "done": "done",
    "target": "now a target",
    "planned": "planned",
    "attended": "",
    "cancelled": "cancelled",
    "agreed": "agreed",
    "not_agreed": "not agreed",
    "asked": "asked to agree",
}
ANSWERED = {"": "In my words", "progress": "Progress", "impact": "Impact", "learned": "What I learned", "next": "Next"}
TERMS = {"short": "What changed after a shorter time", "long": "What changed after a longer time"}
KINDS = {"self": "improving myself", "others": "improving others", "organisation": "improving the organisation"}


ABOUT = (
    "This portfolio belongs to the person it is about. What they wrote was kept for learning and development, and for "
    "nothing else. Notes that others wrote are theirs, and are not in it."
)


def pages(portfolio: doc.Portfolio, zone: ZoneInfo, labels: Mapping[str, str] | None = None) -> Pages:
    """The portfolio with times in `zone`; `labels` are the words for a policy's keys: `activity coaching`."""
    setting = _Setting(zone, labels or {})
    chapters = [
        Chapter(
            section,
            heading,
            tuple(setting.record(item) for item in reversed(getattr(portfolio, section))),
        )
        for section, (heading, _, _) in doc.SECTIONS.items()
        if getattr(portfolio, section)
    ]
    when = wording.day_and_year(portfolio.made_at.astimezone(zone).date())
    place = f"{portfolio.owner.organisation}, " if portfolio.owner.organisation else ""
    owner = portfolio.owner.name
    return Pages(f"Learning portfolio of {owner}", f"{place}{when}", ABOUT, tuple(chapters), author=owner)


@dataclass(frozen=True)
class _Setting:
    zone: ZoneInfo
    labels: Mapping[str, str]

    def record(self, item: doc.Item) -> Record:
        match item:
            case doc.DiaryEntry():
                return self._entry(item)
            case doc.Activity():
                return self._activity(item)
            case doc.Training():
                valid = f"valid until {_day(item.valid_until)}" if item.valid_until else ""
                return Record(self._label(item.training, "training"), _facts(f"done {_day(item.done_on)}", valid), ())
            case doc.TimeSpent():
                return self._time(item)
            case doc.PeriodLogged():
                heading = f"{_day(item.first)} – {_day(item.last)}"
                return Record(heading, self._written(item.written_at), tuple(self._answers(item.answers)))
            case doc.Target():
                return self._target(item)
            case doc.PlanReviewed():
                heading = f"The learning year from {_day(item.year)}"
                ends = wording.count(len(item.targets), "target") + " looked at" if item.targets else ""
                facts = _facts(self._written(item.written_at), ends)
                return Record(heading, facts, tuple(self._answers(item.answers)))
            case doc.SelfReviewed():
                return self._self_review(item)
            case doc.InterviewHeld():
                return self._interview(item)
            case doc.LearningSetJoined():
                led = f"facilitated by {item.facilitator}" if item.facilitator else ""
                met = [Line("item", self._moment(when)) for when in item.met_at]
                lines = [Line("label", "Met"), *met] if met else []
                return Record(item.name, _facts(f"since {self._when(item.joined_at)}", led), tuple(lines))

    def _entry(self, entry: doc.DiaryEntry) -> Record:
        lines = [Line("label", entry.question)] if entry.question else []
        lines.append(Line("words", entry.words))
        if entry.quoted is not None:
            lines += self._quoted(entry.quoted)
        lines += [Line("item", " · ".join(filter(None, (one.name, one.address)))) for one in entry.attachments]
        lines += self._evidence(entry.evidence)
        tags = f"tags: {', '.join(entry.tags)}" if entry.tags else ""
        return Record(self._when(entry.made_at), _facts(tags), tuple(lines))

    def _quoted(self, said: doc.Quoted) -> list[Line]:
        """What somebody else said, or only where it stands when no more than that was kept."""
        by = said.by or "Somebody"
        words = [Line("label", f"{by} said"), Line("quote", said.words)] if said.words else []
        link = [Line("item", said.link if words else f"About a message of {by}’s: {said.link}")] if said.link else []
        return [*words, *link]

    def _activity(self, course: doc.Activity) -> Record:
        facts = _facts(
            _span(course.starts_on, course.ends_on),
            STATES.get(course.state, course.state),
            course.kind_words or self._label(course.kind, "activity"),
            wording.count(course.days, "day"),
            "" if course.off_the_job else "on the job",
            course.provider,
            f"accredited: {course.accredited}" if course.accredited else "",
            f"£{course.cost / 100:,.2f}" if course.cost is not None else "",
            f"value for money {course.worth} of 5" if course.worth else "",
            f"need: {self._label(course.need, 'need')}" if course.need else "",
        )
        lines: list[Line] = []
        if course.reflection is not None:
            lines += _worded("What?", course.reflection.what)
            lines += _worded("So what?", course.reflection.so_what)
            lines += _worded("What next?", course.reflection.what_next)
        lines += _worded("What the team may read", course.team_words)
        lines += _worded("I spoke of it on", _day(course.meeting_on))
        lines += _worded("Written up in", course.document)
        lines += _worded("About the provision", course.feedback)
        for change in course.impact:
            if change.answers:
                lines.append(Line("label", TERMS[change.term]))
                bare = (one.key for one in change.answers if not (one.words or one.rating))
                lines += [Line("item", self._label(key, "criterion")) for key in bare]
                lines += self._answers(change.answers)
        lines += self._evidence(course.evidence)
        return Record(course.title, facts, tuple(lines))

    def _time(self, spent: doc.TimeSpent) -> Record:
        hours, minutes = divmod(spent.minutes, 60)
        length = " ".join(part for part in (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "") if part)
        facts = _facts(length, "" if spent.off_the_job else "on the job", self._label(spent.kind, "activity"))
        return Record(_day(spent.on_day), facts, (Line("words", spent.words), *self._evidence(spent.evidence)))

    def _target(self, target: doc.Target) -> Record:
        agreed = STATES.get(target.agreement, target.agreement)
        agreed = f"{agreed} with {target.agreed_with}" if agreed == "agreed" and target.agreed_with else agreed
        facts = _facts(
            f"plan of the year from {_day(target.year)}",
            f"by {_day(target.due_on)}" if target.due_on else "",
            STATES.get(target.state, target.state),
            KINDS.get(target.kind, self._label(target.kind)),
            agreed,
        )
        lines = [
            *_worded("How", target.strategy),
            *_worded("How I will know", target.criteria),
            *_worded("Part of", target.link),
        ]
        if target.evaluation is not None:
            rating = f" ({target.evaluation.rating} of 5)" if target.evaluation.rating else ""
            lines += _worded("What came of it", target.evaluation.came)
            if rating or target.evaluation.why:
                lines.append(Line("label", f"How effective the development was{rating}"))
                lines.append(Line("words", target.evaluation.why))
        for earlier in target.history:
            lines.append(Line("label", f"Before the revision of {self._when(earlier.made_at)}"))
            lines += [Line("item", f"{self._label(name)}: {was}") for name, was in earlier.was.items() if was]
        heading, rest = _headed(target.words)
        return Record(heading, facts, tuple(line for line in (*rest, *lines) if line.words))

    def _self_review(self, review: doc.SelfReviewed) -> Record:
        lines: list[Line] = []
        area = None
        for rating in review.ratings:
            if rating.area != area:
                area = rating.area
                lines += [Line("label", area)] if area else []
            level = LEVELS.get(rating.level, rating.level)
            lines.append(Line("item", f"{level}: {rating.statement}"))
            lines += [Line("words", rating.words)] if rating.words else []
        heading = f"{review.title} ({review.version})" if review.version else review.title
        return Record(heading, self._when(review.finished_at or review.made_at), tuple(lines))

    def _interview(self, held: doc.InterviewHeld) -> Record:
        role = "as the learner" if held.role == "learner" else "as the learning partner"
        lines = [*_worded("My notes", held.notes), *_worded("My private notes", held.private)]
        if held.steps:
            lines.append(Line("label", "Next steps"))
        for step in held.steps:
            said = _facts(f"by {_day(step.due_on)}" if step.due_on else "", STATES.get(step.state, step.state))
            lines.append(Line("item", f"{step.words} ({said})" if said else step.words))
        return Record(f"{self._moment(held.starts_at)}, with {held.other}", role, tuple(lines))

    def _answers(self, answers: tuple[doc.Answer, ...]) -> Iterator[Line]:
        for answer in answers:
            rating = f": {answer.rating} of 5" if answer.rating else ""
            if answer.words or rating:
                yield Line("label", f"{ANSWERED.get(answer.key) or self._label(answer.key, 'criterion')}{rating}")
            if answer.words:
                yield Line("words", answer.words)

    def _evidence(self, evidence: tuple[doc.Statement, ...]) -> Iterator[Line]:
        if evidence:
            yield Line("label", "Counts as evidence for")
        for one in evidence:
            yield Line("item", f"{one.words or one.code} ({_facts(one.title, one.version)})")

    def _label(self, key: str, of: str = "") -> str:
        return self.labels.get(f"{of} {key}") or (key[:1].upper() + key[1:]).replace("_", " ")

    def _when(self, moment: datetime) -> str:
        return _day(moment.astimezone(self.zone).date())

    def _moment(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        return f"{_day(local.date())}, {local:%H:%M}"

    def _written(self, moment: datetime | None) -> str:
        return f"written {self._when(moment)}" if moment else ""


def _headed(words: str) -> tuple[str, tuple[Line, ...]]:
    """Words that head a record; where they are too long for that, they follow it whole."""
    first = words.strip().partition("\n")[0]
    heading = wording.shortened(first, 160)
    return heading, () if heading == words.strip() else (Line("words", words),)


def _worded(label: str, words: str) -> list[Line]:
    return [Line("label", label), Line("words", words)] if words else []


def _facts(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _day(day: date | None) -> str:
    return "" if day is None else wording.day_and_year(day)


def _span(first: date, last: date) -> str:
    return _day(first) if first == last else f"{_day(first)} – {_day(last)}"
