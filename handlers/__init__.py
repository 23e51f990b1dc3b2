"""The conversations, in reading order. To add one: its file, its line here, its rows in `permissions`, its test."""

from handlers import (
    away,
    calendar_address,
    courses,
    diary,
    findings,
    following,
    forms,
    home,
    hours,
    interviews,
    learning_time,
    papers,
    people,
    period_log,
    portfolio,
    reviews,
    seminars,
    sets,
    sharing,
    standards,
    strategic_plan,
    targets,
    team_plans,
    trainings,
)
from handlers.registry import Conversation

_SPOKEN: tuple[Conversation, ...] = (
    home.CONVERSATION,
    people.CONVERSATION,
    away.CONVERSATION,
    hours.CONVERSATION,
    sets.CONVERSATION,  # before interviews: “book our set on Friday” names no partner
    interviews.CONVERSATION,
    calendar_address.CONVERSATION,
    courses.CONVERSATION,
    trainings.CONVERSATION,
    period_log.CONVERSATION,
    learning_time.CONVERSATION,  # after courses: “log a course” is one
    targets.CONVERSATION,
    diary.CONVERSATION,
    papers.CONVERSATION,
    portfolio.CONVERSATION,
    reviews.CONVERSATION,
    team_plans.CONVERSATION,
    strategic_plan.CONVERSATION,
    seminars.CONVERSATION,
    findings.CONVERSATION,
)
_KEPT = {kind: belonging for spoken in _SPOKEN for kind, belonging in spoken.keeps.items()}
_CARDS = {name: build for spoken in _SPOKEN for name, build in spoken.notices.items()}
_ALL = (*_SPOKEN, sharing.conversation(_KEPT), standards.conversation(_KEPT, _CARDS))
CONVERSATIONS = (
    *_ALL,
    following.conversation(
        edited=(diary.follow_edit, courses.follow_edit, reviews.follow_edit),
        deleted=(diary.follow_delete, courses.follow_delete, reviews.follow_delete),
    ),
    forms.conversation(
        {name: build for spoken in _ALL for name, build in spoken.notices.items()}, reviews.own_card_again
    ),
)
