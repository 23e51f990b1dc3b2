"""Asking what somebody made of a course: one question after another, or all in a form; put off or declined at will."""

from datetime import datetime, timedelta

from bot import wording
from bot.chat import Button, Buttons, Event, FixAnswers, Form, Message, OpenForm, Quote, Reply, Say, text
from bot.errors import NotYours
from handlers import asking
from handlers.courses import rules
from handlers.courses.card import card, done
from handlers.courses.changing import cancel
from handlers.courses.following import KIND, LONGEST
from handlers.courses.form import answers_of, reflection_form
from handlers.courses.questions import ASKS, prompt, question
from handlers.courses.shown import readers_of
from handlers.courses.steps import ask_at, course_of, held, settled
from handlers.courses.words import NoWords, TooLong, title_of
from handlers.replying import in_place
from handlers.turn import Turn
from storage import learning, outbox, sharing, trainings
from storage.models import Course, Person, Reflection

ASKED_FOR_UP_TO = timedelta(days=60)  # a course that ended longer ago is not asked about out of the blue

# -------------------------------------------------------------------------------------------------------------- answers


def reflect(turn: Turn, event: Event) -> Reply:
    """A typed answer to the question that is open: kept, and followed by the next question."""
    course = course_of(turn, event)
    words = event.text.strip()
    if not words:
        raise NoWords
    if len(words) > LONGEST:
        raise TooLong
    reflection = learning.reflection_on(turn.session, course.id)
    asking = rules.next_question(reflection)
    if rules.LATER.fullmatch(words):
        return later(turn, event)
    if rules.DID_NOT_GO.fullmatch(words) and reflection is None:
        return cancel(turn, event)
    if rules.SKIP.fullmatch(words) and asking:
        return skip(turn, event)
    if rules.NOTHING.fullmatch(words) and asking:
        return nothing(turn, event) if reflection is None else skip(turn, event)
    if not asking:
        return _one_more(turn, event, course)
    kept = _keep(turn, course, {asking: words})
    learning.note_source(turn.session, event, KIND, kept.id, asking, kept.owner_id)
    return Say(_how_far(turn, course, "Kept."), private=True)


def skip(turn: Turn, event: Event) -> Reply:
    """Leave the open question and go on to the next."""
    course = course_of(turn, event)
    reflection = learning.reflection_on(turn.session, course.id)
    if rules.next_question(reflection):
        _keep(turn, course, {rules.next_question(reflection): ""})
    return in_place(turn, event, _how_far(turn, course, "Skipped."))


def write(turn: Turn, event: Event) -> Reply:
    """Open the form with the three questions."""
    return OpenForm(_reflection_form(turn, course_of(turn, event)))


def written(turn: Turn, event: Event) -> Reply:
    """Save what the form says; what was left empty there needs no further question."""
    course = course_of(turn, event)
    answers = {key: event.answers.get(key, "").strip() for key in rules.QUESTIONS}
    if not any(answers.values()):
        return FixAnswers(
            _reflection_form(turn, course).filled(event.answers),
            {"what": "Write a few words to at least one of the three, or close this."},
        )
    if any(len(answer) > LONGEST for answer in answers.values()):
        raise TooLong
    reflection = _keep(turn, course, answers)
    reflection.asking = ""
    settled(turn, course)
    return in_place(turn, event, done(turn, course))


def later(turn: Turn, event: Event) -> Reply:
    """Ask again in a week."""
    course = course_of(turn, event)
    outbox.answered(turn.session, "courses.reflect", course.id, turn.person.id, turn.now)
    at = rules.a_week_later(turn.policy, turn.person, turn.now)
    course.asked_at = course.asked_at or turn.now
    ask_at(turn, course, at)
    reflection = learning.reflection_on(turn.session, course.id)
    kept = " What you wrote so far is kept." if reflection is not None else ""
    message = Message(
        "I'll ask again.",
        (
            text(
                f"Fine. I'll ask again about **{{title}}** on **{{day}}**.{kept}",
                title=title_of(turn, course),
                day=wording.day(at.astimezone(turn.zone).date()),
            ),
            Buttons(
                (
                    Button("Write it now after all", "courses.write", course.id, opens_form=True),
                    Button("Nothing to add", "courses.nothing", course.id),
                )
            ),
        ),
        notice="courses.card",
        about=course.id,
    )
    return in_place(turn, event, message)


def nothing(turn: Turn, event: Event) -> Reply:
    """Nothing to add: it is not asked again. The days still count."""
    course = course_of(turn, event)
    reflection = learning.reflection_on(turn.session, course.id)
    _went(turn, course)
    settled(turn, course)
    if reflection is not None:
        reflection.asking = ""
        return in_place(turn, event, done(turn, course))
    course.nothing_to_add = True
    return in_place(turn, event, card(turn, course, "That is fine."))


def add(turn: Turn, event: Event) -> Reply:
    """Add words typed after the three answers to the last of them."""
    draft = turn.taken_up(event.about)
    course = held(turn, event.number)
    reflection = learning.reflection_on(turn.session, course.id) if course is not None else None
    if course is None or course.owner_id != turn.person.id or reflection is None:
        raise NotYours
    words = turn.read(draft.owner_id, draft.words, "draft", draft.id)
    last = answers_of(turn, reflection)["what_next"]
    if len(last) + len(words) > LONGEST:
        raise TooLong
    _keep(turn, course, {"what_next": f"{last}\n{words}".strip()})
    turn.session.delete(draft)
    return in_place(turn, event, card(turn, course, "Added."))


def _one_more(turn: Turn, event: Event, course: Course) -> Reply:
    draft = turn.set_aside(event)
    return Say(
        Message(
            "You have answered all three.",
            (
                text("You have answered all three questions about **{title}**. What shall I do with this?",
                     title=title_of(turn, course)),
                Quote(wording.shortened(event.text.strip(), 500)),
                Buttons(
                    (
                        Button("Add it to What next?", "courses.add", draft, str(course.id), "primary"),
                        Button("Keep it in my diary", "diary.keep_draft", draft),
                        Button("Forget it", "diary.forget", draft),
                    )
                ),
            ),
        ),
        private=True,
    )  # fmt: skip


def _how_far(turn: Turn, course: Course, heading: str) -> Message:
    reflection = learning.reflection_on(turn.session, course.id)
    assert reflection is not None
    outbox.answered(turn.session, "courses.reflect", course.id, turn.person.id, turn.now)
    if not any(answers_of(turn, reflection).values()) and not reflection.asking:
        learning.forget_sources(turn.session, KIND, reflection.id)
        turn.session.delete(reflection)  # all three were skipped: that is nothing to add
        turn.session.flush()
        course.nothing_to_add = True
        settled(turn, course)
        return card(turn, course, "That is fine.")
    if not reflection.asking:
        settled(turn, course)
        return done(turn, course)
    number = rules.QUESTIONS.index(reflection.asking)
    return Message(
        f"{heading} {ASKS[reflection.asking][0]}",
        (
            text(f"**{heading}** That was {number} of 3. Everything up to here is saved, so you can stop at any time."),
            *question(course, reflection),
        ),
        notice="courses.card",
        about=course.id,
        awaits="courses.reflect",
    )


def _keep(turn: Turn, course: Course, answers: dict[str, str]) -> Reflection:
    """Save answers, by question; typed ones move the open question on."""
    reflection = learning.reflection_on(turn.session, course.id)
    if reflection is None:
        reflection = Reflection(
            course_id=course.id,
            owner_id=course.owner_id,
            what=turn.seal(""),
            so_what=turn.seal(""),
            what_next=turn.seal(""),
            written_at=turn.now,
        )
        turn.session.add(reflection)
    before = answers_of(turn, reflection)
    for key, words in answers.items():
        if before[key] not in ("", words):  # changed here: a later edit of the message must not undo that
            learning.forget_sources(turn.session, KIND, reflection.id, key)
        setattr(reflection, key, turn.seal(words))
        if key == reflection.asking:
            reflection.asking = rules.after(key)
    reflection.written_at = turn.now
    course.nothing_to_add = False
    course.asked_at = course.asked_at or turn.now
    _went(turn, course)
    turn.session.flush()
    outbox.cancel(turn.session, course.id, "courses.reflect")
    sharing.followed(turn.session, "course", course.id, turn.now)
    return reflection


def _went(turn: Turn, course: Course) -> None:
    """Whoever has something to say of it was there: once it has begun, its days count."""
    if course.starts_on <= turn.today:
        course.state = "attended"
        trainings.follow_course(turn.session, turn.policy, course, turn.now)
    elif course.state == "cancelled":
        course.state = "planned"


def _reflection_form(turn: Turn, course: Course) -> Form:
    readers = wording.listed([person.name for person in readers_of(turn, course)])
    return reflection_form(turn, course, learning.reflection_on(turn.session, course.id), readers)


# --------------------------------------------------------------------------------------------------------------- asking


def ask(turn: Turn, about: int | None) -> Message | None:
    """The prompt, when it is due: nothing when nothing is left to ask, later when its owner is not to be asked."""
    course = held(turn, about)
    if course is None or course.state == "cancelled" or course.nothing_to_add or course.ends_on > turn.today:
        return None
    reflection = learning.reflection_on(turn.session, course.id)
    if reflection is not None and not reflection.asking:
        return None
    _went(turn, course)
    if not asking.may_be_asked(turn, turn.person):
        course.asked_at = None  # found again by `ask_again` once they may be asked
        return None
    course.asked_at = turn.now
    outbox.answered(turn.session, "courses.reflect", course.id, turn.person.id, turn.now)
    return prompt(turn, course)


def ask_again(turn: Turn, until: datetime) -> None:
    """Owe the prompts that were held back by a pause or leave and can go now; count the days of what is over."""
    today = turn.now.date()
    for course in learning.to_ask_about(turn.session, "courses.reflect", today - ASKED_FOR_UP_TO, today):
        owner = turn.session.get_one(Person, course.owner_id)
        due = rules.reflection_due(turn.policy, owner, course.ends_on)
        reflection = learning.reflection_on(turn.session, course.id)
        if due > turn.now or (reflection is not None and not reflection.asking):
            continue
        course.state = "attended"
        trainings.follow_course(turn.session, turn.policy, course, turn.now)
        at = rules.asking_time(turn.policy, owner, turn.now)
        if asking.may_be_asked(turn, owner, at):
            ask_at(turn, course, at)
