"""Who somebody must be: each rule looks at the database inside the transaction, never at what a button says."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import select

from bot.chat import Event, numbers
from bot.errors import NotAllowed
from handlers.turn import Turn
from storage import people, reviews, seminars, sets, sharing, targets
from storage.models import (
    Away,
    Course,
    Entry,
    Evidence,
    Finding,
    Grant,
    Impact,
    Interview,
    LearningSet,
    LearningTime,
    NextStep,
    Partnership,
    PeriodLog,
    Person,
    PlanReview,
    Portfolio,
    Review,
    SelfReview,
    Seminar,
    SetMeeting,
    SetMember,
    Target,
    Team,
    TrainingDone,
)
from storage.papers import rights as papers

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
    return review is not None and people.leads(turn.session, turn.person, review.team_id)


class NotInTheTeam(NotAllowed):
    """A team's review is answered by the people of that team. If that is you, ask your coordinator to check yours."""


class NotTheLead(NotAllowed):
    """A review is started by the team's lead or the learning coordinator. Ask one of them to say `review`."""


def answers_with_the_team(turn: Turn, event: Event) -> bool:
    """A member, the lead or a guest; told kindly to others: the card with its button stands in a channel."""
    review = _get(turn, event, Review)
    if review is None or not reviews.asks(turn.session, review, turn.person):
        raise NotInTheTeam
    return True


def starts_reviews(turn: Turn, event: Event) -> bool:
    """Somebody who leads a team, or the coordinator; told kindly to others. Which team is checked when it is chosen."""
    if not leads_a_team(turn, event):
        raise NotTheLead
    return True


def starts_reviews_of_its_team(turn: Turn, event: Event) -> bool:
    """The lead of the team that had this review, or the coordinator."""
    review = _get(turn, event, Review)
    return review is not None and (turn.person.role == "coordinator" or leads_its_team(turn, event))


def runs_the_review(turn: Turn, event: Event) -> bool:
    """The lead of the team, or the coordinator who started this review."""
    review = _get(turn, event, Review)
    return review is not None and _runs(turn, review)


def _runs(turn: Turn, review: Review) -> bool:
    started = review.opened_by_id == turn.person.id and turn.person.role == "coordinator"
    return started or people.leads(turn.session, turn.person, review.team_id)


class NotAmongThem(NotAllowed):
    """What came of a review is made sense of by that team and its guests. If you are one of them, ask its lead."""


class NotTheirLead(NotAllowed):
    """This is up to the lead of the team, or the coordinator who started its review. Ask them for what you'd change."""


def makes_sense_with_the_team(turn: Turn, event: Event) -> bool:
    """A member, the lead or a guest; told kindly to others: the card with its button stands in a channel."""
    review = _get(turn, event, Review)
    if review is None:
        return False
    if not reviews.asks(turn.session, review, turn.person):
        raise NotAmongThem
    return True


def leads_the_sense(turn: Turn, event: Event) -> bool:
    """Whoever runs the review, told kindly to others."""
    review = _get(turn, event, Review)
    if review is None:
        return False
    if not _runs(turn, review):
        raise NotTheirLead
    return True


def leads_the_finding(turn: Turn, event: Event) -> bool:
    """Whoever runs the review that this finding is of, told kindly to others."""
    finding = _get(turn, event, Finding)
    return finding is not None and leads_the_sense(turn, replace(event, about=finding.review_id))


def takes_part(turn: Turn, event: Event) -> bool:
    """The learner or the partner of this interview."""
    interview = _get(turn, event, Interview)
    return interview is not None and turn.person.id in (interview.learner_id, interview.partner_id)


def learns_there(turn: Turn, event: Event) -> bool:
    """The learner of this interview."""
    interview = _get(turn, event, Interview)
    return interview is not None and interview.learner_id == turn.person.id


def owns_step(turn: Turn, event: Event) -> bool:
    """The person who named this next step."""
    step = _get(turn, event, NextStep)
    return step is not None and step.owner_id == turn.person.id


def was_asked(turn: Turn, event: Event) -> bool:
    """The person whom a learner asked to be their partner."""
    partnership = _get(turn, event, Partnership)
    return partnership is not None and partnership.partner_id == turn.person.id


def asked_them(turn: Turn, event: Event) -> bool:
    """The learner whose request to be their partner this is."""
    partnership = _get(turn, event, Partnership)
    return partnership is not None and partnership.learner_id == turn.person.id


def is_oneself(turn: Turn, event: Event) -> bool:
    """`about` is the person who acts."""
    return event.about == turn.person.id


def learns_or_partners(turn: Turn, event: Event) -> bool:
    """`about` is a learner: they themselves, or their accepted partner."""
    learner = _get(turn, event, Person)
    if learner is None:
        return False
    if learner.id == turn.person.id:
        return True
    partnership = turn.session.scalar(select(Partnership).where(Partnership.current == learner.id))
    return partnership is not None and partnership.state == "accepted" and partnership.partner_id == turn.person.id


def facilitates(turn: Turn, event: Event) -> bool:
    """Whoever facilitates this learning set."""
    learning_set = _get(turn, event, LearningSet)
    return learning_set is not None and learning_set.facilitator_id == turn.person.id


def is_in_the_set(turn: Turn, event: Event) -> bool:
    """Whoever facilitates this learning set, or has joined it."""
    learning_set = _get(turn, event, LearningSet)
    return learning_set is not None and (
        learning_set.facilitator_id == turn.person.id or sets.has_joined(turn.session, learning_set.id, turn.person.id)
    )


def may_join(turn: Turn, event: Event) -> bool:
    """The person who was asked to be in a learning set."""
    member = _get(turn, event, SetMember)
    return member is not None and member.person_id == turn.person.id


def may_facilitate(turn: Turn, event: Event) -> bool:
    """The person who was asked to facilitate this learning set, and whoever does."""
    learning_set = _get(turn, event, LearningSet)
    if learning_set is None:
        return False
    asked = sets.asked_to_facilitate(turn.session, learning_set.id, turn.person.id)
    return asked is not None or learning_set.facilitator_id == turn.person.id


def runs_the_meeting(turn: Turn, event: Event) -> bool:
    """Whoever facilitates the learning set whose meeting this is."""
    meeting = _get(turn, event, SetMeeting)
    if meeting is None:
        return False
    return turn.session.get_one(LearningSet, meeting.set_id).facilitator_id == turn.person.id


def has_a_seat(turn: Turn, event: Event) -> bool:
    """A member with a seat at this meeting of a learning set."""
    meeting = _get(turn, event, SetMeeting)
    return meeting is not None and sets.seat(turn.session, meeting.id, turn.person.id) is not None


def meets(turn: Turn, event: Event) -> bool:
    """The facilitator, or a member with a seat at this meeting."""
    return runs_the_meeting(turn, event) or has_a_seat(turn, event)


def coordinates(turn: Turn, event: Event) -> bool:
    """The organisation's coordinator."""
    return turn.person.role == "coordinator"


class NotACoordinator(NotAllowed):
    """Seminars are planned by the learning coordinator. If your team needs one, ask for it, or put it into your team's
    development plan."""


def plans_seminars(turn: Turn, event: Event) -> bool:
    """The organisation's coordinator; told kindly to others who ask for it."""
    if turn.person.role != "coordinator":
        raise NotACoordinator
    return True


def decides_on_seminar(turn: Turn, event: Event) -> bool:
    """A coordinator, of a seminar that exists."""
    return turn.person.role == "coordinator" and _get(turn, event, Seminar) is not None


def runs_seminar(turn: Turn, event: Event) -> bool:
    """Whoever hosts this seminar, or a coordinator."""
    seminar = _get(turn, event, Seminar)
    return seminar is not None and (seminar.host_id == turn.person.id or turn.person.role == "coordinator")


def is_invited(turn: Turn, event: Event) -> bool:
    """Somebody who was invited to this seminar."""
    seminar = _get(turn, event, Seminar)
    return seminar is not None and seminars.seat(turn.session, seminar.id, turn.person.id) is not None


def sees_seminar(turn: Turn, event: Event) -> bool:
    """Somebody who was invited to this seminar, hosts it, or coordinates."""
    return is_invited(turn, event) or runs_seminar(turn, event)


def owns_course(turn: Turn, event: Event) -> bool:
    """The person whose course this is."""
    course = _get(turn, event, Course)
    return course is not None and course.owner_id == turn.person.id


def owns_impact(turn: Turn, event: Event) -> bool:
    """The person who says, or is asked, what a course of theirs has changed."""
    impact = _get(turn, event, Impact)
    return impact is not None and impact.owner_id == turn.person.id


def did_training(turn: Turn, event: Event) -> bool:
    """The person who did this training then."""
    done = _get(turn, event, TrainingDone)
    return done is not None and done.owner_id == turn.person.id


def may_read_course(turn: Turn, event: Event) -> bool:
    """The owner, or somebody they accounted to and have not since refused."""
    course = _get(turn, event, Course)
    if course is None:
        return False
    given = sharing.grant(turn.session, "course", course.id, turn.person.id)
    return course.owner_id == turn.person.id or (given is not None and sharing.is_in_force(given, turn.now))


def owns_record(turn: Turn, event: Event) -> bool:
    """The person whose record this is; the button says of which kind it is ("entry", or "entry:" and more)."""
    kind = event.value.split(":", 1)[0]
    return sharing.owner_of(turn.session, kind, event.about) == turn.person.id


def let_in(turn: Turn, event: Event) -> bool:
    """The owner who let somebody read an item of theirs."""
    given = _get(turn, event, Grant)
    return given is not None and given.owner_id == turn.person.id


def may_read(turn: Turn, event: Event) -> bool:
    """Somebody who was let in on an item, while they are."""
    given = _get(turn, event, Grant)
    return given is not None and given.reader_id == turn.person.id and sharing.is_in_force(given, turn.now)


def owns_time(turn: Turn, event: Event) -> bool:
    """The person who logged this learning time."""
    time = _get(turn, event, LearningTime)
    return time is not None and time.owner_id == turn.person.id


def owns_target(turn: Turn, event: Event) -> bool:
    """The person whose target this is."""
    target = _get(turn, event, Target)
    return target is not None and target.owner_id == turn.person.id


def was_asked_to_agree(turn: Turn, event: Event) -> bool:
    """The person to whom this target was put, as long as its owner lets them read it."""
    target = _get(turn, event, Target)
    if target is None or target.other_id != turn.person.id:
        return False
    return targets.may_read(turn.session, target.id, turn.person.id, turn.now)


def reviews_that_plan(turn: Turn, event: Event) -> bool:
    """The person whose yearly look at their learning plan this is."""
    review = _get(turn, event, PlanReview)
    return review is not None and review.owner_id == turn.person.id


def owns_log(turn: Turn, event: Event) -> bool:
    """The person whose log of a period this is."""
    log = _get(turn, event, PeriodLog)
    return log is not None and log.owner_id == turn.person.id


def owns_entry(turn: Turn, event: Event) -> bool:
    """The person whose diary entry this is."""
    entry = _get(turn, event, Entry)
    return entry is not None and entry.owner_id == turn.person.id


def owns_portfolio(turn: Turn, event: Event) -> bool:
    """The person whose portfolio this is."""
    portfolio = _get(turn, event, Portfolio)
    return portfolio is not None and portfolio.owner_id == turn.person.id and portfolio.kind == "portfolio"


def may_have_review(turn: Turn, event: Event) -> bool:
    """Who may have the closed review that is named as a paper; where none is, only one's own are looked for."""
    return event.subject is None or papers.may_have(turn.session, turn.person, "review", event.subject)


def may_have_paper(turn: Turn, event: Event) -> bool:
    """The person who asked for this paper, as long as they may have it."""
    paper = _get(turn, event, Portfolio)
    if paper is None or paper.owner_id != turn.person.id or paper.kind == "portfolio":
        return False
    return papers.may_still_have(turn.session, paper)


def owns_evidence(turn: Turn, event: Event) -> bool:
    """The person who counts a record of theirs as evidence."""
    counted = _get(turn, event, Evidence)
    return counted is not None and counted.owner_id == turn.person.id


def owns_self_review(turn: Turn, event: Event) -> bool:
    """The person who looks at themselves."""
    review = _get(turn, event, SelfReview)
    return review is not None and review.owner_id == turn.person.id


def said_so(turn: Turn, event: Event) -> bool:
    """The person who said that they are away then; the button carries which times, and what is gone is nobody's."""
    others = select(Away.id).where(Away.id.in_(numbers(event.value)), Away.person_id != turn.person.id)
    return turn.session.scalar(others.limit(1)) is None


def _get(turn: Turn, event: Event, kind: type[Found]) -> Found | None:
    return None if event.about is None else turn.session.get(kind, event.about)
