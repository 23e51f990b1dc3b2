"""Accounting for a course to the partner or manager, and sharing it with the team: shown first, taken back at will."""

from dataclasses import replace

from bot import wording
from bot.chat import Event, FixAnswers, Form, Message, OpenForm, Reply, small
from bot.errors import NotYours, Refusal
from handlers.courses.card import card
from handlers.courses.form import TEAM, answers_of
from handlers.courses.shown import (
    accounted,
    for_the_team,
    no_longer_shared,
    possible_readers,
    preview,
    team_preview,
)
from handlers.courses.steps import course_of, owe
from handlers.courses.telling import open_
from handlers.replying import in_place
from handlers.turn import Turn
from storage import learning, outbox, people
from storage import sharing as grants
from storage.models import Course, Person, Reflection

LONGEST_FOR_TEAM = 3_000

# ----------------------------------------------------------------------------------------------------------- accounting


def show_preview(turn: Turn, event: Event) -> Reply:
    """Show what the partner or manager would see."""
    course, reflection, reader = _to_account(turn, event)
    return in_place(turn, event, preview(turn, course, reflection, reader))


def send(turn: Turn, event: Event) -> Reply:
    """Let the partner or manager read it, and send it to them; tapping twice sends it once."""
    course, _, reader = _to_account(turn, event)
    _, fresh = grants.let(turn.session, course.owner_id, "course", course.id, reader.id, turn.now)
    if fresh:
        owe(turn, "courses.accounted", course, turn.now, to=reader.id)
    turn.session.flush()
    heading = f"Sent to {reader.name}."
    if reader.joined_at is None:
        heading = f"{reader.name} has not said hello to me yet, and gets it when they do."
    return in_place(turn, event, card(turn, course, heading))


def take_back(turn: Turn, event: Event) -> Reply:
    """Take it back from one reader: their message changes, and the next read is refused."""
    course = course_of(turn, event)
    reader = turn.session.get(Person, event.number or 0)
    granted = grants.grant(turn.session, "course", course.id, reader.id) if reader is not None else None
    if reader is None or granted is None:
        raise NotYours
    grants.take_back(turn.session, granted, turn.now)
    return in_place(turn, event, card(turn, course, f"{reader.name} can't read it any more."))


def read_(turn: Turn, event: Event) -> Reply:
    """Show somebody who was let in what there is now."""
    course = turn.session.get_one(Course, event.about)
    if course.owner_id == turn.person.id:
        return open_(turn, event)
    reflection = learning.reflection_on(turn.session, course.id)
    if reflection is None:
        raise NotYours
    return in_place(turn, event, accounted(turn, course, reflection))


def enough(turn: Turn, event: Event) -> Reply:
    """Not now: it stays theirs."""
    course = course_of(turn, event)
    course.shared = course.shared or "no"
    message = card(turn, course, "It stays yours.")
    hint = small("Say `my courses` whenever you want to come back to it.")
    return in_place(turn, event, replace(message, parts=(*message.parts, hint)))


def _to_account(turn: Turn, event: Event) -> tuple[Course, Reflection, Person]:
    """The course, what was written, and the reader: nobody but the present partner and manager can be one."""
    course = course_of(turn, event)
    reflection = learning.reflection_on(turn.session, course.id)
    chosen = [person for person, _ in possible_readers(turn, course) if str(person.id) == event.value]
    if not chosen:
        raise NotYours
    if reflection is None or not any(answers_of(turn, reflection).values()):
        raise Refusal("There is nothing to account for yet. Write first what you made of it.")
    return course, reflection, chosen[0]


def account_card(turn: Turn, about: int | None) -> Message | None:
    """What the reader is shown while they may read it; that they may not any more, afterwards."""
    course = turn.session.get(Course, about)
    granted = grants.grant(turn.session, "course", course.id, turn.person.id) if course is not None else None
    reflection = learning.reflection_on(turn.session, course.id) if course is not None else None
    if course is None or reflection is None or granted is None or not grants.is_in_force(granted, turn.now):
        if not outbox.stands(turn.session, "courses.accounted", about, to=turn.person.id):
            return None
        owner = turn.session.get(Person, course.owner_id) if course is not None else None
        return no_longer_shared(owner, "courses.accounted", about)
    if not any(not known.unreachable for known in people.accounts(turn.session, turn.person.id)):
        return Message("Waiting.")  # it cannot arrive, and so nothing is opened: it is built again when it can
    return accounted(turn, course, reflection)


# -------------------------------------------------------------------------------------------------------- with the team


def word(turn: Turn, event: Event) -> Reply:
    """Open the words for the team: a suggestion from what was written, to be changed at will."""
    course = course_of(turn, event)
    if course.team_words is not None:
        words = turn.read(course.owner_id, course.team_words, "course", course.id)
    else:
        reflection = learning.reflection_on(turn.session, course.id)
        answers = answers_of(turn, reflection) if reflection is not None else {}
        words = "\n".join(
            wording.shortened(answers[key], 600) for key in ("so_what", "what_next") if answers.get(key)
        )  # fmt: skip
    return OpenForm(_team_form(course).filled({"words": words}))


def worded(turn: Turn, event: Event) -> Reply:
    """Keep the words for the team and show them once more."""
    course = course_of(turn, event)
    words = event.answers.get("words", "").strip()
    problem = ""
    if not words:
        problem = "Write a few words for your team, or close this."
    elif len(words) > LONGEST_FOR_TEAM:
        problem = f"Keep it to {LONGEST_FOR_TEAM:,} characters, so that it is read."
    if problem:
        return FixAnswers(_team_form(course).filled(event.answers), {"words": problem})
    if course.shared == "team":  # what is posted follows the words
        course.team_words = turn.seal(words)
        outbox.refresh(turn.session, "courses.team", course.id, turn.now)
        return in_place(turn, event, card(turn, course, "Changed for your team too."))
    course.team_words = turn.seal(words)
    return in_place(
        turn, event, team_preview(turn, course, learning.team_place(turn.session, turn.person.team_id))
    )  # fmt: skip


def post(turn: Turn, event: Event) -> Reply:
    """Post the words in the team's channel; tapping twice posts them once."""
    course = course_of(turn, event)
    place = learning.team_place(turn.session, turn.person.team_id)
    if course.team_words is None:
        raise NotYours
    if place is None:
        return in_place(turn, event, team_preview(turn, course, None))
    if course.shared != "team":
        course.shared = "team"
        owe(turn, "courses.team", course, turn.now, place=place.id)
    return in_place(turn, event, card(turn, course, "Shared with your team."))


def posted(turn: Turn, event: Event) -> Reply:
    """They posted it themselves."""
    course = course_of(turn, event)
    if course.team_words is None:
        raise NotYours
    course.shared = "team"
    return in_place(turn, event, card(turn, course, "Thank you for sharing it."))


def unshare(turn: Turn, event: Event) -> Reply:
    """Not with the team, or no longer: what stands in the channel is taken back."""
    course = course_of(turn, event)
    was_shared = course.shared == "team"
    course.shared, course.team_words = "no", None
    turn.session.flush()
    outbox.cancel(turn.session, course.id, "courses.team")
    outbox.refresh(turn.session, "courses.team", course.id, turn.now)
    return in_place(
        turn, event, card(turn, course, "Taken back from your team." if was_shared else "It stays with you.")
    )  # fmt: skip


def _team_form(course: Course) -> Form:
    return replace(TEAM, about=course.id)


def team_card(turn: Turn, about: int | None) -> Message | None:
    """What the team reads while it is shared."""
    course = turn.session.get(Course, about)
    if course is not None and course.shared == "team" and course.team_words is not None:
        owner = turn.session.get_one(Person, course.owner_id)
        return Message(
            f"{owner.name} shares what came of a course.", for_the_team(turn, course), notice="courses.team",
            about=course.id,
        )  # fmt: skip
    if not outbox.stands(turn.session, "courses.team", about):
        return None
    owner = turn.session.get(Person, course.owner_id) if course is not None else None
    return no_longer_shared(owner, "courses.team", about)
