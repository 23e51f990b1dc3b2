"""The chain after a course goes where its course goes: it moves along, stops, and begins again."""

from handlers.courses import impact, passing_on
from handlers.courses.rating import SAY
from handlers.turn import Turn
from storage import outbox, trainings
from storage.models import Course


def moved(turn: Turn, course: Course) -> None:
    """Its days are others: what follows it is asked when its time has come."""
    impact.follow(turn, course)
    trainings.follow_course(turn.session, turn.policy, course, turn.now)


def stopped(turn: Turn, course: Course) -> None:
    """It is off, or its owner was not there: nothing of the chain is asked."""
    outbox.cancel(turn.session, course.id, "courses.rate", passing_on.NOTICE)
    outbox.answered(turn.session, SAY, course.id, course.owner_id, turn.now)
    course.rated = "" if course.rated == "asked" else course.rated
    impact.stop(turn, course)
    trainings.follow_course(turn.session, turn.policy, course, turn.now)


def restored(turn: Turn, course: Course) -> None:
    """It is on after all: the meeting is reminded of again, and the questions are found as they fall due."""
    if course.meeting_on is not None and course.meeting_on >= turn.today:
        passing_on.owe_reminder(turn, course)
    trainings.follow_course(turn.session, turn.policy, course, turn.now)
