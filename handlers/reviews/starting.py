"""A review is started: by a lead or the coordinator, in the channel where the team is."""

from collections.abc import Sequence
from dataclasses import replace

from bot.chat import Event, Form, Message, OpenForm, Reply, Say
from handlers.asked_in import asked_in, place_in, proved
from handlers.reviews import keys, launch_form, leading_words, rules, words
from handlers.reviews.cards import lead_card
from handlers.turn import Turn
from storage import people, reviews
from storage.models import KnownPlace, Review, Team

OFFER = "reviews.offer"
PURPOSE = "place of a review"  # what the proof of a channel is for


def start(turn: Turn, event: Event) -> Reply:
    """`review`: the form for whoever can start one; for the others, the review that is open or who can."""
    teams = may_start(turn)
    if not teams:
        return Say(_for_a_member(turn), private=True)
    free = without_a_review(turn, teams)
    if not free:
        open_now = [review for team in teams if (review := reviews.current(turn.session, team.id))]
        return Say(lead_card(turn, open_now[0], note="This is open already:"), private=True)
    here = asked_in(turn, event, PURPOSE)
    if not here:
        return Say(leading_words.say_it_in_a_channel(_earlier_places(turn, free)), private=True)
    if not event.can_open:
        return _offer(turn, event, here)
    return OpenForm(filled_in(turn, free, here=here))


def start_again(turn: Turn, event: Event) -> Reply:
    """The form, for a review that is posted where the last one was."""
    earlier = turn.session.get_one(Review, event.about)
    team = turn.session.get_one(Team, earlier.team_id)
    if not without_a_review(turn, [team]):
        raise words.OpenAlready
    return OpenForm(filled_in(turn, [team], about=earlier.id))


def offered(turn: Turn, about: int | None) -> Message | None:
    """The message that offers the form in a channel, as long as nothing came of it."""
    return leading_words.form_is_a_tap_away(launch_form.LAUNCH.title, proved(turn, PURPOSE))


def _offer(turn: Turn, event: Event, here: str) -> Reply:
    """The way to the form where words cannot open one: a button, for all to see where it was asked for.

    Where not even a tap could open it, in a channel of a client without dialogs, it is offered in the direct chat. In
    somebody else's thread the review's own card must not take its place.
    """
    message = leading_words.form_is_a_tap_away(launch_form.LAUNCH.title, here)
    if event.kind == "tap":
        return Say(message, private=True)
    own_thread = event.place.thread in ("", event.place.message)
    return Say(replace(message, notice=OFFER) if own_thread else message)


def may_start(turn: Turn) -> list[Team]:
    """The teams this person may start a review of: those they lead first, and for the coordinator all the others."""
    led = list(people.teams_led(turn.session, turn.person.id))
    if turn.person.role != "coordinator":
        return led
    return led + [team for team in people.teams(turn.session) if all(team.id != one.id for one in led)]


def without_a_review(turn: Turn, teams: Sequence[Team]) -> list[Team]:
    """Those of `teams` that have no review open."""
    found: list[Team] = []
    for team in teams:
        review = reviews.current(turn.session, team.id)
        if review is None or not rules.is_open(review, turn.now):
            found.append(team)
    return found


def filled_in(turn: Turn, teams: Sequence[Team], *, here: str = "", about: int | None = None) -> Form:
    """The form that starts a review, with what is usual in it."""
    own = [team for team in teams if team.lead_id == turn.person.id]
    chosen = teams[0] if len(teams) == 1 else own[0] if len(own) == 1 else None
    day = rules.usual_closing_day(turn.today, turn.policy)
    return launch_form.launch(teams, chosen, f"Team review {turn.today.year}", day, here=here, about=about)


def _earlier_places(turn: Turn, teams: Sequence[Team]) -> list[tuple[Review, Team, KnownPlace]]:
    named = {team.id: team for team in teams}
    return [
        (review, named[review.team_id], place) for review, place in reviews.latest_in_a_channel(turn.session, [*named])
    ]


def place_for(turn: Turn, event: Event, team: Team) -> int:
    """Where the review is posted: the channel it was asked for in, or that of an earlier review of this team."""
    if here := asked_in(turn, event, PURPOSE):
        return place_in(here)
    earlier = reviews.latest_in_a_channel(turn.session, [team.id])
    if event.about is None or not earlier:
        raise words.NeedsAChannel
    return earlier[0][1].id


def _for_a_member(turn: Turn) -> Message:
    shown_from = turn.policy.reviews.shown_from
    for review in reviews.open_for(turn.session, turn.person, turn.now):
        if review.anonymous and keys.has_answered(turn, review, turn.person.id):
            return words.have_answered(review, turn.zone)
        return words.invitation(review, turn.zone, shown_from)
    team = people.team_of(turn.session, turn.person)
    lead = people.lead_of(turn.session, team) if team is not None else None
    return leading_words.only_leads(team, lead)
