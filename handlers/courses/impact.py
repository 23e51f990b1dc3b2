"""What a course has changed, asked once after a shorter and once after a longer time; put off or declined at will."""

from datetime import date, datetime, timedelta

from bot import wording
from bot.chat import Event, FixAnswers, Message, OpenForm, Reply, several
from handlers import asking
from handlers.courses import impact_words as words
from handlers.courses import rules
from handlers.courses.following import LONGEST
from handlers.courses.impact_words import SAY, Changed
from handlers.courses.mornings import Mornings, impact_day
from handlers.courses.steps import course_of, owe_about
from handlers.courses.words import NoWords, TooLong
from handlers.replying import in_place
from handlers.turn import Turn
from storage import courses, outbox
from storage.models import Course, Impact

NOTICE = "courses.impact"
ASKED_FOR_UP_TO = timedelta(days=60)  # what was due longer ago is not asked about out of the blue


def write(turn: Turn, event: Event) -> Reply:
    """Open the form."""
    impact, course = _held(turn, event)
    return OpenForm(words.form(turn, course, impact))


def start(turn: Turn, event: Event) -> Reply:
    """Say of one's own accord what a course has changed: after the shorter time, or the longer once that has come."""
    course = course_of(turn, event)
    short, long = (courses.impact_of(turn.session, course, term) for term in courses.TERMS)
    later = impact_day(turn.policy, course, "long") <= turn.today or short.state == "written"
    return OpenForm(words.form(turn, course, long if later else short))


def written(turn: Turn, event: Event) -> Reply:
    """Keep what the form says."""
    impact, course = _held(turn, event)
    known = {criterion.key for criterion in turn.policy.courses.criteria}
    criteria = tuple(key for key in several(event.answers.get("changed", "")) if key in known)
    said = event.answers.get("words", "").strip()
    if not criteria and not said:
        problem = "Choose at least one, write a few words, or close this. That nothing changed has a button."
        asked = words.form(turn, course, impact)
        return FixAnswers(asked.filled(event.answers), {asked.fields[0].name: problem})
    if len(said) > LONGEST:
        raise TooLong
    _keep(turn, impact, Changed(criteria, said))
    return in_place(turn, event, words.shown(turn, course, impact, "Kept. Thank you."))


def say(turn: Turn, event: Event) -> Reply:
    """A typed answer: kept as it is, after what was said before."""
    impact, course = _held(turn, event)
    typed = event.text.strip()
    if not typed:
        raise NoWords
    if rules.LATER.fullmatch(typed):
        return later(turn, event)
    if rules.NOTHING.fullmatch(typed):
        return none(turn, event)
    if rules.SKIP.fullmatch(typed):
        return decline(turn, event)
    before = words.changed_by(turn, impact)
    together = f"{before.words}\n{typed}".strip()
    if len(together) > LONGEST:
        raise TooLong
    _keep(turn, impact, Changed(before.criteria, together))
    return in_place(turn, event, words.shown(turn, course, impact, "Kept. Thank you."))


def none(turn: Turn, event: Event) -> Reply:
    """Nothing has changed yet: that is an answer."""
    impact, course = _held(turn, event)
    _keep(turn, impact, Changed((), ""))
    return in_place(turn, event, words.shown(turn, course, impact, "That is an answer, too."))


def later(turn: Turn, event: Event) -> Reply:
    """Ask again in a week."""
    impact, course = _held(turn, event)
    at = rules.a_week_later(turn.policy, turn.person, turn.now)
    _settled(turn, impact)
    if impact.state != "written":
        impact.state, impact.ask_on = "waiting", at.astimezone(turn.zone).date()
        owe_about(turn, NOTICE, impact.id, at, to=impact.owner_id)
    day = wording.day(at.astimezone(turn.zone).date())
    return in_place(turn, event, words.shown(turn, course, impact, f"Fine. I'll ask again on {day}."))


def decline(turn: Turn, event: Event) -> Reply:
    """Nothing more is asked about this course, now or later."""
    _, course = _held(turn, event)
    for term in courses.TERMS:
        one = courses.impact_of(turn.session, course, term)
        _settled(turn, one)
        if one.state != "written":
            one.state, one.ask_on = "declined", None
    impact, _ = _held(turn, event)
    return in_place(turn, event, words.shown(turn, course, impact, "That is fine."))


def open_(turn: Turn, event: Event) -> Reply:
    """The question again, or what was said."""
    impact, course = _held(turn, event)
    if impact.state == "asked":
        return in_place(turn, event, words.prompt(turn, course, impact))
    return in_place(turn, event, words.shown(turn, course, impact, ""))


def _held(turn: Turn, event: Event) -> tuple[Impact, Course]:
    impact = courses.held_impact(turn.session, event.about)
    assert impact is not None  # whose it is was checked before
    return impact, turn.session.get_one(Course, impact.course_id)


def _keep(turn: Turn, impact: Impact, changed: Changed) -> None:
    impact.answers = turn.seal(changed.packed())
    impact.state, impact.written_at, impact.ask_on = "written", turn.now, None
    _settled(turn, impact)


def _settled(turn: Turn, impact: Impact) -> None:
    outbox.cancel(turn.session, impact.id, NOTICE)
    outbox.answered(turn.session, SAY, impact.id, impact.owner_id, turn.now)


# --------------------------------------------------------------------------------------------------------------- asking


def ask(turn: Turn, about: int | None) -> Message | None:
    """The prompt, when it is due: nothing when there is nothing to ask, later when its owner is not to be asked."""
    impact = courses.held_impact(turn.session, about)
    course = turn.session.get(Course, impact.course_id) if impact is not None else None
    if impact is None or course is None or impact.owner_id != turn.person.id:
        return None
    stands = outbox.stands(turn.session, NOTICE, impact.id)
    if course.state == "attended" and impact.state == "asked" and stands:
        return words.prompt(turn, course, impact)
    if impact.state in ("written", "declined") or course.state != "attended" or course.nothing_to_add:
        return words.shown(turn, course, impact, "") if stands else None
    if (impact.ask_on or impact_day(turn.policy, course, impact.term)) > turn.today:
        return None  # the course was moved: asked about when its time has come
    if not asking.may_be_asked(turn, turn.person):
        return None  # found again by `owe_questions` once they may be asked
    impact.state, impact.asked_at, impact.ask_on = "asked", turn.now, None
    return words.prompt(turn, course, impact)


def owe_questions(turn: Turn, until: datetime) -> None:
    """Ask what has changed on a morning when its time has come: one question in a morning, and each of them once."""
    if not turn.policy.courses.criteria:
        return
    mornings, latest = Mornings(turn), until.date()
    for term in courses.TERMS:
        for one in courses.to_ask_what_changed(turn.session, term, _earliest(turn, term), latest):
            due = impact_day(turn.policy, one.course, term)
            put_off = one.impact.ask_on if one.impact is not None else None
            if put_off is None and not latest - ASKED_FOR_UP_TO <= due <= latest:
                continue
            at = mornings.free(one.owner, put_off or due)
            if at <= until:
                impact = courses.impact_of(turn.session, one.course, term)
                mornings.take(one.owner, at)
                owe_about(turn, NOTICE, impact.id, at, to=one.owner.id)


def _earliest(turn: Turn, term: str) -> date:
    """No course that ended before then can be due."""
    longest = timedelta(days=turn.policy.courses.short_after_days)
    if term == "long":
        longest = timedelta(days=31 * turn.policy.courses.long_after_months)
    return turn.now.date() - longest - ASKED_FOR_UP_TO


# ------------------------------------------------------------------------------------- when its course moves or is off


def stop(turn: Turn, course: Course) -> None:
    """Its course is off: nothing is asked. What was asked and not answered is asked again should it be on after all."""
    for impact in courses.impacts(turn.session, course.id):
        _settled(turn, impact)
        if impact.state == "asked":
            impact.state, impact.asked_at = "waiting", None
        turn.session.flush()
        outbox.refresh(turn.session, NOTICE, impact.id, turn.now)


def follow(turn: Turn, course: Course) -> None:
    """Its course has moved: what is still to be asked goes with it."""
    for impact in courses.impacts(turn.session, course.id):
        asked_too_soon = impact.state == "asked" and impact_day(turn.policy, course, impact.term) > turn.today
        if impact.state == "waiting" or asked_too_soon:
            _settled(turn, impact)
            impact.state, impact.asked_at, impact.ask_on = "waiting", None, None
