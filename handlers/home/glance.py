"""The learning year at a glance: what comes next, what is open, how the year stands; never more than fits one look."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time

from bot import wording
from bot.chat import Button, Buttons, Facts, Message, Part, Text, small, text
from handlers.entitlement import balance, year_around
from handlers.home.prompts import action_of, words_of
from handlers.turn import Turn
from scheduling.localtime import at_local
from storage import (
    courses,
    interviews,
    learning,
    next_steps,
    outbox,
    people,
    period_logs,
    reviews,
    self_reviews,
    seminars,
    sets,
    targets,
    team_plans,
    trainings,
)
from storage.models import Person

LINES = 12  # in all, the greeting and the year's state included
SOONEST = 3  # of what comes next
READ = 120  # characters of one's own words in a line


@dataclass(frozen=True)
class _Line:
    """One thing and the way to it; `at` puts it in order."""

    at: datetime
    words: Text
    button: Button | None


def at_a_glance(turn: Turn) -> Message:
    """The home screen: what is next and what is open first, then how the year stands. What is empty is left out."""
    name = wording.first_name(turn.person.name)
    parts: list[Part] = [text("**Hello {name}.** Here is your learning year.", name=name)]
    facts = _year(turn)
    coming = sorted(_coming(turn), key=lambda line: line.at)
    open_now = list(_open(turn))
    room = LINES - 1 - len(facts)
    soonest = coming[: max(1, min(SOONEST, room - min(len(open_now), 2)))]
    lines = [*soonest, *open_now[: max(0, room - len(soonest))]]
    for line in lines:
        parts.append(line.words)
        if line.button is not None:
            parts.append(Buttons((line.button,)))
    more = len(coming) + len(open_now) - len(lines)
    parts.append(Facts(facts))
    if more:
        parts.append(
            small("And {more}: say `my plan`, `my courses` or `sets`.", more=wording.count(more, "more thing"))
        )
    parts.append(Buttons(_ways(turn)))
    return Message("Your learning year", tuple(parts), notice="home.glance")


# ---------------------------------------------------------------------------------------------------- what comes next


def _coming(turn: Turn) -> Iterator[_Line]:
    """Interviews, meetings of sets, seminars and courses."""
    person, midnight = turn.person, time(0)
    for interview in interviews.coming(turn.session, person.id, turn.now):
        other = interview.partner_id if interview.learner_id == person.id else interview.learner_id
        said = text(
            "Next: **{when}** with {other}{state}.",
            when=wording.span(interview.starts_at, interview.ends_at, turn.zone),
            other=turn.session.get_one(Person, other).name,
            state="" if interview.state == "booked" else " (not confirmed yet)",
        )
        yield _Line(interview.starts_at, said, Button("Open", "interviews.open", interview.id))
    for meeting, learning_set in sets.next_of(turn.session, person.id, turn.now):
        when = wording.span(meeting.starts_at, meeting.ends_at, turn.zone)
        said = text("Next: **{when}** with the set {name}.", when=when, name=learning_set.name)
        yield _Line(meeting.starts_at, said, Button("Open", "sets.open", meeting.id))
    for seminar in seminars.next_of(turn.session, person.id, turn.now):
        assert seminar.starts_at is not None
        assert seminar.ends_at is not None
        when = wording.span(seminar.starts_at, seminar.ends_at, turn.zone)
        title = wording.shortened(turn.opened(seminar.title), READ)
        said = text("Next: **{when}**, the seminar {title}.", when=when, title=title)
        yield _Line(seminar.starts_at, said, Button("Open", "seminars.open", seminar.id))
    for course in learning.coming_courses(turn.session, person.id, turn.today):
        title = wording.shortened(turn.read(person.id, course.title, "course", course.id), READ)
        said = text("Next: **{day}**, {title}.", day=wording.day(course.starts_on), title=title)
        yield _Line(at_local(course.starts_on, midnight, turn.zone), said, Button("Open", "courses.open", course.id))


# ------------------------------------------------------------------------------------------------------- what is open


def _open(turn: Turn) -> Iterator[_Line]:
    """Prompts without an answer, the team's review, next steps, what they lead of a plan: it waits for this person."""
    person = turn.person
    for prompt in outbox.open_prompts(turn.session, person.id)[:3]:
        said = text("Still open: {what}.", what=words_of(prompt.awaits))
        way = None if prompt.about is None else Button("Open", action_of(prompt.awaits), prompt.about)
        yield _Line(turn.now, said, way)
    for review in reviews.open_for(turn.session, person, turn.now):
        whose = "Your team's" if review.team_id == person.team_id else "A team's"
        said = text("{whose} review **{title}** is open until {day}.", whose=whose, title=review.title,
                    day=wording.moment(review.closes_at, turn.zone))  # fmt: skip
        yield _Line(review.closes_at, said, Button("Answer", "reviews.open", review.id, opens_form=True))
    for step in next_steps.open_of(turn.session, person.id)[:3]:
        words = wording.shortened(turn.read(person.id, step.words, "step", step.interview_id), READ)
        day = f" ({wording.day(step.due_on)})" if step.due_on else ""
        said = text("Next step: {said}{day}", said=words, day=day)
        yield _Line(turn.now, said, Button("Open", "interviews.step_open", step.id))
    for item in team_plans.led_by(turn.session, person.id)[:3]:
        need = wording.shortened(turn.opened(item.need), READ)
        day = f" (by {wording.day(item.due_on)})" if item.due_on else ""
        said = text("You lead in your team's plan: {need}{day}", need=need, day=day)
        yield _Line(turn.now, said, Button("Open", "team_plans.item", item.id))


# ------------------------------------------------------------------------------------------------ how the year stands


def _year(turn: Turn) -> tuple[tuple[str, str], ...]:
    """The promises of the year and the state of each; whatever says nothing yet is left out, but for what is owed."""
    partner = people.partner_of(turn.session, turn.person.id)
    stands = (
        ("Learning interviews", _interviews(turn)),
        ("Off-the-job learning", balance(turn).in_words),
        ("Plan", _plan(turn)),
        ("Standard", _standard(turn)),
        ("Courses", _courses(turn)),
        ("Trainings", _trainings(turn)),
        ("Log", _log(turn)),
        ("Learning partner", partner.name if partner else "nobody yet: say “partner” and a name"),
    )
    return tuple((label, state) for label, state in stands if state)


def _interviews(turn: Turn) -> str:
    year = turn.policy.year_of(turn.today)
    return f"{interviews.held_in(turn.session, turn.person.id, year)}/{turn.policy.interviews.per_year}"


def _plan(turn: Turn) -> str:
    found = targets.open_of(turn.session, turn.person.id)
    soonest = targets.next_of(turn.session, turn.person.id, turn.today)
    until = f", the next by {wording.day(soonest.due_on)}" if soonest and soonest.due_on else ""
    return f"{wording.count(len(found), 'target')} open{until}" if found else ""


def _standard(turn: Turn) -> str:
    """`3 of 30 statements with evidence; self-review: 12 of 30`, of what there is."""
    stands = self_reviews.standing(turn.session, turn.person)
    if stands is None:
        return ""
    said: list[str] = []
    if stands.with_evidence:
        said.append(f"{stands.with_evidence} of {wording.count(stands.statements, 'statement')} with evidence")
    if stands.is_open:
        said.append(f"self-review: {stands.rated} of {stands.statements}")
    elif stands.finished_at is not None:
        said.append(f"self-review of {wording.day_and_year(stands.finished_at.astimezone(turn.zone).date())}")
    return "; ".join(said)


def _courses(turn: Turn) -> str:
    """Courses of this year to look back on, and those of which it was asked what they changed."""
    year, _ = year_around(turn.policy, turn.today)
    waiting = [one for one in courses.to_reflect_on(turn.session, turn.person.id, turn.today) if one.ends_on >= year]
    changed = courses.asked_what_changed(turn.session, turn.person.id)
    owed = (
        f"{wording.count(len(waiting), 'course')} to look back on" if waiting else "",
        f"what {wording.count(len(changed), 'course')} changed" if changed else "",
    )
    return "; ".join(filter(None, owed))


def _trainings(turn: Turn) -> str:
    lapsed = trainings.lapsed(turn.session, turn.policy, turn.person, turn.today)
    return f"{wording.listed([one.name for one in lapsed[:3]])} ran out" if lapsed else ""


def _log(turn: Turn) -> str:
    year, _ = year_around(turn.policy, turn.today)
    logs = period_logs.since(turn.session, turn.person.id, year)
    written = [log for log in logs.values() if log.state == "written"]
    if not written:
        return ""
    latest = max(written, key=lambda log: log.first)
    return f"written for {wording.period(latest.first, latest.last)}"


def _ways(turn: Turn) -> tuple[Button, ...]:
    """Where one goes from here."""
    person = turn.person
    ways = (Button("What can I say?", "home.help"), Button("My diary", "diary.show"), Button("My plan", "targets.list"),
            Button("My time", "time.show"))  # fmt: skip
    booked = any(one.learner_id == person.id for one in interviews.coming(turn.session, person.id, turn.now))
    if people.partner_of(turn.session, person.id) is None or booked:
        return ways
    return (Button("Book an interview", "interviews.offer", person.id, style="primary"), *ways)
