"""Who may do what: one table, denied by default. Every action has a row; a handler without one fails the build.

A rule looks at the database inside the transaction, never at what a button says. It answers True, or False for "this
is not yours", which is told in the same words as "this does not exist".
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

from sqlalchemy import select

from bot.chat import Event
from handlers.turn import Turn
from storage.models import Course, Entry, Grant, Interview, Partnership, Person, Review, Team

Found = TypeVar("Found")
Rule = Callable[[Turn, Event], bool]


def anybody(turn: Turn, event: Event) -> bool:
    """Everybody on the roster: the action only touches what is theirs."""
    return True


def leads_a_team(turn: Turn, event: Event) -> bool:
    """Somebody who leads a team, or the coordinator."""
    if turn.person.role == "coordinator":
        return True
    return turn.session.scalar(select(Team.id).where(Team.lead_id == turn.person.id).limit(1)) is not None


def leads_its_team(turn: Turn, event: Event) -> bool:
    """The lead of the team whose review this is."""
    review = _get(turn, event, Review)
    team = turn.session.get(Team, review.team_id) if review else None
    return team is not None and team.lead_id == turn.person.id


def reviews_with_the_team(turn: Turn, event: Event) -> bool:
    """A member or the lead of the team whose review this is."""
    review = _get(turn, event, Review)
    return review is not None and (review.team_id == turn.person.team_id or leads_its_team(turn, event))


def takes_part(turn: Turn, event: Event) -> bool:
    """The learner or the partner of this interview."""
    interview = _get(turn, event, Interview)
    return interview is not None and turn.person.id in (interview.learner_id, interview.partner_id)


def was_asked(turn: Turn, event: Event) -> bool:
    """The person whom a learner asked to be their partner."""
    partnership = _get(turn, event, Partnership)
    return partnership is not None and partnership.partner_id == turn.person.id


def learns_or_partners(turn: Turn, event: Event) -> bool:
    """`about` is a learner: they themselves, or their accepted partner."""
    learner = _get(turn, event, Person)
    if learner is None:
        return False
    if learner.id == turn.person.id:
        return True
    partnership = turn.session.scalar(select(Partnership).where(Partnership.current == learner.id))
    return partnership is not None and partnership.state == "accepted" and partnership.partner_id == turn.person.id


def owns_course(turn: Turn, event: Event) -> bool:
    """The person whose course this is."""
    course = _get(turn, event, Course)
    return course is not None and course.owner_id == turn.person.id


def may_read_course(turn: Turn, event: Event) -> bool:
    """The owner, or somebody they accounted to and have not since refused."""
    course = _get(turn, event, Course)
    if course is None:
        return False
    granted = select(Grant.id).where(
        Grant.kind == "course",
        Grant.about == course.id,
        Grant.reader_id == turn.person.id,
        Grant.revoked_at.is_(None),
    )
    return course.owner_id == turn.person.id or turn.session.scalar(granted) is not None


def owns_entry(turn: Turn, event: Event) -> bool:
    """The person whose diary entry this is."""
    entry = _get(turn, event, Entry)
    return entry is not None and entry.owner_id == turn.person.id


def _get(turn: Turn, event: Event, kind: type[Found]) -> Found | None:
    return None if event.about is None else turn.session.get(kind, event.about)


MAY: Mapping[str, Rule] = {
    # home
    "home.show": anybody,
    "home.help": anybody,
    "home.hello": anybody,
    "home.welcome": anybody,
    "home.unknown": anybody,
    # people
    # interviews
    # courses
    # diary (drafts are checked to be the person's own when they are taken up)
    "diary.keep": anybody,
    "diary.keep_message": anybody,
    "diary.keep_draft": anybody,
    "diary.forget": anybody,
    "diary.undo": owns_entry,
    "diary.edit": owns_entry,
    "diary.edited": owns_entry,
    "diary.tag": owns_entry,
    "diary.tagged": owns_entry,
    "diary.open": owns_entry,
    "diary.show": anybody,
    "diary.search": anybody,
    "diary.follow_edit": anybody,
    "diary.follow_delete": anybody,
    # reviews
}
