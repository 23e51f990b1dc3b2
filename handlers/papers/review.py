"""The paper on a team's review: what came of it, what the team made of that, and the plan that follows.

It says what the channel has seen, and to whoever was not told that they would see who wrote what, less than that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bot import wording
from bot.documents.content import Chapter, Chart, Line, Pages, Record, Table
from handlers.outcomes import Before, Result, last_time, results_of, seen
from handlers.papers import findings, plan
from handlers.turn import Turn
from storage.models import Review, Team
from storage.numbers import in_steps
from storage.papers import rights
from storage.suppression import SHOWN_FROM

SECTIONS = {
    "ratings": "How the team sees itself",
    "words": "What people wrote",
    "findings": "What the team found",
    "plan": "Team Development Plan",
}
ABOUT = (
    "This is a draft. Read it, change what needs changing, and send it yourself. It was written for the team’s "
    "learning, and for nothing else: not for appraisal, pay or discipline."
)


@dataclass(frozen=True)
class Sought:
    """A review as somebody may read it.

    `words` is whether they get what people wrote, and `voices` what somebody said to the plan under their name;
    `shown_from` is from how many answers on a question's ratings are shown.
    """

    turn: Turn
    review: Review
    results: Sequence[Result]
    before: dict[str, Before]
    words: bool
    voices: bool
    shown_from: int


def pages(turn: Turn, review: Review, without: Sequence[str] = ()) -> Pages:
    """The paper for the turn's reader, with the sections that are not left out."""
    team = turn.session.get_one(Team, review.team_id)
    sought = _sought(turn, review, with_words="words" not in without)
    chapters = [Chapter("review", "The review", (Record("How it was asked", "", tuple(_asked(sought, team))),))]
    # one that is left out is not put together either: nobody's words are opened for nothing
    chapters += [_chapter(sought, section) for section in SECTIONS if section not in without]
    closed = wording.date_of(review.closes_at, turn.zone)
    return Pages(f"Team review: {review.title}", f"{team.name}, {closed}", ABOUT, tuple(chapters), counted=False)


def _chapter(sought: Sought, section: str) -> Chapter:
    turn, review, heading = sought.turn, sought.review, SECTIONS[section]
    match section:
        case "ratings":
            return Chapter(section, heading, tuple(_ratings(sought)))
        case "words":
            return Chapter(section, heading, tuple(_words(sought)))
        case "findings":
            return Chapter(section, heading, tuple(findings.records(turn, review, sought.results)))
        case _:
            return plan.chapter(turn, review, heading, names=sought.voices)


def _sought(turn: Turn, review: Review, *, with_words: bool) -> Sought:
    sees = rights.sees_the_channel(turn.session, turn.person, review)
    words = with_words and (sees or review.anonymous)
    # whoever does not get the words has not looked at them, and nobody is told that they have
    results = results_of(turn, review, words=words)
    seen(turn, review, [point for result in results for point in result.points])
    return Sought(
        turn, review, results, last_time(turn, review), words=words, voices=with_words and sees,
        shown_from=1 if sees else turn.policy.reviews.shown_from,
    )  # fmt: skip


def _asked(sought: Sought, team: Team) -> Iterator[Line]:
    turn, review = sought.turn, sought.review
    opened, closed = (wording.date_of(when, turn.zone) for when in (review.opened_at, review.closes_at))
    yield Line("item", f"Team: {team.name}")
    yield Line("item", f"Open from {opened} to {closed}")
    if review.anonymous:
        shown = turn.policy.reviews.shown_from
        yield Line("item", f"Anonymous: what was said is shown where at least {shown} people answered, without names")
    else:
        yield Line("item", "Named: the people of the team’s channel see who wrote what; ratings are shown together")
    yield Line("item", _answered(review))


def _answered(review: Review) -> str:
    """How many answered: of an anonymous review only the step that was reached."""
    many, asked = review.answered or 0, review.asked or 0
    if not review.anonymous:
        return f"{many} of {asked} people answered"
    said = f"At least {step}" if (step := in_steps(many)) else f"Fewer than {SHOWN_FROM}"
    return f"{said} of {asked} people answered"


# --------------------------------------------------------------------------------------------------------- ratings


def _ratings(sought: Sought) -> Iterator[Record]:
    rated = [one for one in sought.results if _shown(sought, one)]
    if not rated:
        words = "No question was rated by enough people to be shown." if sought.review.anonymous else "Nobody rated."
        yield Record("Ratings", "", (Line("words", words if sought.shown_from == 1 else _TOO_FEW),))
        return
    yield Record("All questions together", "Average rating, from 1 to 5", (), (_together(sought, rated),))
    for one in sought.results:
        marks = f"1 is “{one.question.low}”, 5 is “{one.question.high}”"
        facts = " · ".join(part for part in (one.question.gloss, marks) if part)
        if _shown(sought, one):
            yield Record(one.asked, facts, (), (_spread(one),))
        else:
            why = _TOO_FEW if one.ratings_held_back or one.ratings else "Nobody gave a rating."
            yield Record(one.asked, facts, (Line("words", why),))


_TOO_FEW = "Too few people gave a rating for it to be shown."


def _shown(sought: Sought, one: Result | None) -> bool:
    return one is not None and 0 < len(one.ratings) >= sought.shown_from


def _together(sought: Sought, rated: Sequence[Result]) -> Table:
    before = tuple(_before(sought, one) for one in rated)
    now = tuple(one.average for one in rated)
    names = tuple(one.asked for one in rated)
    if not any(before):
        rows = tuple(
            (name, str(len(one.ratings)), f"{one.average:.1f}") for name, one in zip(names, rated, strict=True)
        )
        chart = Chart(names, (("Average", now),), most=5)
        return Table("Average ratings", ("Question", "Ratings", "Average"), rows, chart)
    rows = tuple(
        (name, str(len(one.ratings)), f"{one.average:.1f}", f"{then.average:.1f}" if then else "–")
        for name, one, then in zip(names, rated, before, strict=True)
    )
    this, last = _reviews(sought, [one for one in before if one])
    chart = Chart(names, ((this, now), (last, tuple(one.average if one else None for one in before))), most=5)
    return Table("Average ratings", ("Question", "Ratings", this, last), rows, chart)


def _spread(one: Result) -> Table:
    marks = (f"1: {one.question.low}", "2", "3", "4", f"5: {one.question.high}")
    rows = tuple((mark, str(many)) for mark, many in zip(marks, one.spread, strict=True))
    chart = Chart(marks, (("People", tuple(map(float, one.spread))),))
    return Table("How many gave each rating", ("Rating", "People"), rows, chart)


def _before(sought: Sought, one: Result) -> Before | None:
    """How it was rated the last time. If that was a named review it may be of fewer than five: for the team alone."""
    return sought.before.get(one.question.key) if sought.shown_from == 1 else None


def _reviews(sought: Sought, before: Sequence[Before]) -> tuple[str, str]:
    """What this review and the ones before it are called beside one another."""
    closed = sought.review.closes_at.astimezone(sought.turn.zone).date()
    now, then = _month(closed), {_month(one.closed_on) for one in before}
    return now, next(iter(then)) if len(then) == 1 and now not in then else "The last time"


def _month(day: date) -> str:
    return f"{wording.FULL_MONTHS[day.month - 1]} {day.year}"


# ----------------------------------------------------------------------------------------------------------- words


def _words(sought: Sought) -> Iterator[Record]:
    if not sought.words:
        words = "Named words were written for the people of the team’s channel, and stay there. Ask the team’s lead."
        yield Record("Not in this paper", "", (Line("words", words),))
        return
    told = [one for one in sought.results if one.words or one.words_held_back]
    if not told:
        yield Record("Nothing to show", "", (Line("words", "Nobody wrote anything that may be shown."),))
    for one in told:
        if not one.words:
            yield Record(one.asked, "", (Line("words", "Too few people wrote something for it to be shown."),))
            continue
        lines: list[Line] = []
        for words, by in one.words:
            lines += [Line("label", by)] if by else []
            lines.append(Line("quote", words))
        yield Record(one.asked, one.question.gloss, tuple(lines))
