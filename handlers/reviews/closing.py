"""A review closes, once: what may be shown of it is fixed, and the team sees it in the thread of the review's card."""

from datetime import datetime

from bot.chat import Message
from handlers import asking, outcomes
from handlers.reviews import drafts, ending, keys, outcome
from handlers.reviews.cards import counted, refresh
from handlers.turn import Turn
from storage import outbox, people, reviews, team_channel
from storage.models import Review, Team

# An earlier version posted the same as reviews.summary and reviews.words. Named anew, they are left to this version in
# a rolling deploy: the earlier one would look for answers that are no longer there.
CAME, SAID = "reviews.came", "reviews.said"
SHOWN_AS = (SAID, "reviews.words")


def settle(turn: Turn, review_id: int) -> None:
    """Close the review: once, whoever comes first. Of an anonymous one nothing is left but what may be shown."""
    review = reviews.held(turn.session, review_id, alone=True)
    if review is None or review.state != "open":
        return
    answered, asked = counted(turn, review)
    review.state, review.current = "closed", None
    drafts.hand_all_back(turn, review)
    if review.anonymous:
        forget_people(turn, review)
    outcomes.settle(turn, review, answered, asked)
    stop(turn, review)
    thread = reviews.thread_of(turn.session, review)
    for notice in (CAME, SAID):
        team_channel.post(turn.session, notice, about=review.id, place=review.place_id, team=review.team_id,
                          at=turn.now, thread=thread, key=f"{notice}/{review.id}")  # fmt: skip


def forget_people(turn: Turn, review: Review) -> None:
    """The cards of who has answered an anonymous review are forgotten, and the secret by which they were known.

    That they answered goes with the answers.
    """
    outbox.forget(turn.session, keys.names_of_cards(turn, review))
    review.secret = None


def settle_earlier(turn: Turn, until: datetime) -> None:
    """What came of reviews that closed under an earlier version is fixed as well."""
    for review in reviews.closed_unsettled(turn.session):
        outcomes.settle_late(turn, review)


def stop(turn: Turn, review: Review) -> None:
    """Nobody is asked any more, and the cards say that it is over."""
    turn.session.flush()
    outbox.cancel(turn.session, review.id, "reviews.closing")
    ending.end(turn, review)
    refresh(turn, review)


def closing(turn: Turn, about: int | None) -> Message | None:
    """Its time has come: settle it. This says nothing itself; what came of it is owed by the settling."""
    review = turn.session.get(Review, about)
    if review is not None and turn.now >= review.closes_at:
        settle(turn, review.id)
        _show_the_lead_what_is_next(turn, review)
    return None


def _show_the_lead_what_is_next(turn: Turn, review: Review) -> None:
    """On their next working morning: their card changed in place, days up in their chat, and is not seen there."""
    lead = people.lead_of(turn.session, turn.session.get_one(Team, review.team_id))
    if lead is not None and review.state == "closed":
        outbox.owe(turn.session, "reviews.lead", about=review.id, to=lead.id,
                   at=asking.morning(turn, lead, turn.today), key=f"reviews.lead/{review.id}/closed")  # fmt: skip


def summary(turn: Turn, about: int | None) -> Message | None:
    """What came of it: how each question was rated, beside the last time."""
    review = turn.session.get(Review, about)
    if review is None or review.state != "closed":
        return None
    team = turn.session.get_one(Team, review.team_id)
    # whether there are words is said here, and none is shown: no look is noted
    results, before = outcomes.results_of(turn, review), outcomes.last_time(turn, review)
    return outcome.summary(review, team, results, before, turn.policy.reviews.shown_from)


def what_people_wrote(turn: Turn, about: int | None) -> Message | None:
    """The words; nothing when there are none to show. Once they are posted, what is left of them, be it nothing."""
    review = turn.session.get(Review, about)
    if review is None or review.state != "closed":
        return None
    results = outcomes.results_of(turn, review)
    said = outcome.what_people_wrote(review, results)
    outcomes.seen(turn, review, outcome.quoted_in(said, results))
    if said is None and any(outbox.stands(turn.session, notice, review.id) for notice in SHOWN_AS):
        return outcome.nothing_left(review)
    return said


def owe_closing(turn: Turn, review: Review) -> None:
    """It closes by itself when its time has come."""
    outbox.owe(turn.session, "reviews.closing", about=review.id, place=review.place_id, at=review.closes_at)
