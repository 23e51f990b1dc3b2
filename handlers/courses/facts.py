"""What is known of a course beside its name and days: its kind, its need, its target, what it costs."""

from collections.abc import Sequence

from bot import wording
from bot.chat import Facts, Part, Quote, text
from handlers import amounts
from handlers.turn import Turn
from storage import targets, trainings
from storage.models import Course, Target


def kind_of_own(turn: Turn, course: Course) -> str:
    """The kind that its owner named themselves; "" when they chose one, or none."""
    return opened(turn, course, course.kind_words)


def facts(turn: Turn, course: Course) -> tuple[Facts, ...]:
    """What is known of a course beside its name and days, for its owner."""
    target = turn.session.get(Target, course.target_id) if course.target_id is not None else None
    training = trainings.named(turn.policy, course.training)
    pairs = (
        ("Kind", kind_of_own(turn, course) or turn.policy.courses.activity(course.kind)),
        ("Need", turn.policy.courses.need(course.need)),
        ("Target", wording.shortened(words_of(turn, target), 200) if target is not None else ""),
        ("Counts as", training.name if training is not None else ""),
        ("Provider", opened(turn, course, course.provider)),
        ("Booking", {"asked": "asked for", "booked": "booked"}.get(course.booking, "")),
        ("Counts", "" if course.off_the_job else "on the job"),
        ("Cost", "" if course.cost is None else amounts.cost_in_words(course.cost)),
        ("Accredited", opened(turn, course, course.accredited)),
    )
    told = tuple((label, words) for label, words in pairs if words)
    return (Facts(told),) if told else ()


def verdict(turn: Turn, course: Course) -> tuple[Part, ...]:
    """What its owner said of the provision and of its value for money."""
    parts: list[Part] = []
    if course.worth is not None:
        parts.append(text("Worth its time and money: **{worth} of 5**.", worth=course.worth))
    if course.feedback is not None:
        parts.append(Quote(opened(turn, course, course.feedback)))
    return tuple(parts)


def possible_targets(turn: Turn, course: Course) -> Sequence[Target]:
    """The targets that it can be for: the open ones, and the one it is for already."""
    found = list(targets.open_of(turn.session, course.owner_id))
    if course.target_id is not None and all(one.id != course.target_id for one in found):
        found.insert(0, turn.session.get_one(Target, course.target_id))
    return found


def words_of(turn: Turn, target: Target) -> str:
    """What a target says, opened for the reader."""
    return turn.read(target.owner_id, target.words, "target", target.id)


def opened(turn: Turn, course: Course, sealed: bytes | None) -> str:
    """Words about a course, opened for the reader; "" where there are none."""
    return "" if sealed is None else turn.read(course.owner_id, sealed, "course", course.id)
