"""A review is started: by a lead or the coordinator, in the channel where the team is."""

from collections.abc import Sequence
from dataclasses import replace

from bot.chat import Event, FixAnswers, Form, Message, Nothing, OpenForm, Replace, Reply, Say
from handlers.permissions import NotTheLead
from handlers.reviews import form, rules, words
from handlers.reviews.cards import lead_card
from handlers.reviews.closing import owe_closing, settle
from handlers.reviews.reminding import ask_the_team
from handlers.turn import Turn
from storage import outbox, people, reviews
from storage.database import insert_once
from storage.models import KnownPlace, Person, Review, Team

OFFER = "reviews.offer"


def start(turn: Turn, event: Event) -> Reply:
    """`review`: the form for whoever can start one; for the others, the review that is open or who can."""
    teams = _may_start(turn)
    if not teams:
        return Say(_for_a_member(turn), private=True)
    free = _free(turn, teams)
    if not free:
        open_now = [review for team in teams if (review := reviews.current(turn.session, team.id))]
        return Say(lead_card(turn, open_now[0], note="This is open already:"), private=True)
    here = _here(turn, event)
    if not here:
        return Say(words.say_it_in_a_channel(_earlier_places(turn, free)), private=True)
    if not event.can_open:
        return _offer(turn, event, here)
    return OpenForm(_launch_form(turn, free, here=here))


def start_again(turn: Turn, event: Event) -> Reply:
    """The form, for a review that is posted where the last one was."""
    earlier = turn.session.get_one(Review, event.about)
    team = turn.session.get_one(Team, earlier.team_id)
    if not _free(turn, [team]):
        raise words.OpenAlready
    return OpenForm(_launch_form(turn, [team], about=earlier.id))


def launch(turn: Turn, event: Event) -> Reply:
    """Open the review: its card in the channel, a card for the lead, and everything that is owed until it closes."""
    typed = event.answers
    team = next((one for one in _may_start(turn) if str(one.id) == typed.get("team")), None)
    if team is None:
        raise NotTheLead
    earlier = reviews.current(turn.session, team.id)
    if earlier is not None and rules.is_open(earlier, turn.now):
        raise words.OpenAlready
    if earlier is not None:
        settle(turn, earlier.id)  # its time ran out and the job that closes it is late
    asked = reviews.taking_part(turn.session, team.id)
    title = " ".join(typed.get("title", "").split())
    day = form.read_day(typed.get("closes_on", ""), after=turn.today, today=turn.today)
    problems: dict[str, str] = {}
    if not 0 < len(title) <= form.LONGEST_TITLE:
        problems["title"] = "Give it a title of up to 75 characters."
    if isinstance(day, str):
        problems["closes_on"] = day
    names = typed.get("names", "")
    fewest = turn.policy.reviews.shown_from
    if names not in ("named", "anonymous"):
        problems["names"] = "Choose one: it cannot be changed later."
    elif names == "anonymous" and len(asked) < fewest:
        problems["names"] = (
            f"Anonymous answers are shown from {fewest} people on, and {len(asked)} are asked here, so nothing could "
            "ever be shown. Choose named, or talk it through together instead."
        )
    if problems or isinstance(day, str):
        again = _launch_form(turn, _free(turn, _may_start(turn)), here=event.value, about=event.about)
        return FixAnswers(again.filled(typed), problems)
    place_id = _place_for(turn, event, team)
    secret = turn.keyring.seal_for_organisation(rules.new_secret()) if names == "anonymous" else None
    fresh = insert_once(
        turn.session, Review, team_id=team.id, place_id=place_id, opened_by_id=turn.person.id, title=title,
        anonymous=names == "anonymous", opened_at=turn.now, closes_at=rules.closing(day, turn.policy), state="open",
        secret=secret, current=team.id,
    )  # fmt: skip
    review = reviews.current(turn.session, team.id)
    if not fresh or review is None:
        raise words.OpenAlready
    _post_card(turn, event, review)
    owe_closing(turn, review)
    ask_the_team(turn, review)
    if team.lead_id is not None and team.lead_id != turn.person.id:
        outbox.owe(turn.session, "reviews.lead", about=review.id, to=team.lead_id, at=turn.now)
    return _to_whoever_started(turn, event, review)


def _post_card(turn: Turn, event: Event, review: Review) -> None:
    """The message in which the form was offered becomes the card, where it stands in the review's own channel."""
    place = event.place
    offered = outbox.posted(turn.session, place.platform, place.conversation, place.message)
    if offered is not None and offered.notice == OFFER and offered.place_id == review.place_id:
        offered.notice, offered.about = "reviews.card", review.id
        turn.session.flush()
        outbox.refresh(turn.session, "reviews.card", review.id, turn.now)
    else:
        outbox.owe(turn.session, "reviews.card", about=review.id, place=review.place_id, at=turn.now)


def _to_whoever_started(turn: Turn, event: Event, review: Review) -> Reply:
    """Their own card is all that they are sent: in place of the form in their direct chat, else to that chat."""
    place = event.place
    if not place.direct:
        outbox.owe(turn.session, "reviews.lead", about=review.id, to=turn.person.id, at=turn.now)
        return Nothing()
    own = lead_card(turn, review, note="Its card is in the channel now.")
    here = outbox.posted(turn.session, place.platform, place.conversation, place.message)
    return Replace(own) if here is not None else Say(own)


def offered(turn: Turn, about: int | None) -> Message | None:
    """The message that offers the form in a channel, as long as nothing came of it."""
    return words.form_is_a_tap_away(form.LAUNCH.title, _proved(turn))


def _offer(turn: Turn, event: Event, here: str) -> Reply:
    """The way to the form where words cannot open one: a button, for all to see where it was asked for.

    Where not even a tap could open it, in a channel of a client without dialogs, it is offered in the direct chat. In
    somebody else's thread the review's own card must not take its place.
    """
    message = words.form_is_a_tap_away(form.LAUNCH.title, here)
    if event.kind == "tap":
        return Say(message, private=True)
    own_thread = event.place.thread in ("", event.place.message)
    return Say(replace(message, notice=OFFER) if own_thread else message)


def _may_start(turn: Turn) -> list[Team]:
    """The teams this person may start a review of: those they lead first, and for the coordinator all the others."""
    led = list(people.teams_led(turn.session, turn.person.id))
    if turn.person.role != "coordinator":
        return led
    return led + [team for team in people.teams(turn.session) if all(team.id != one.id for one in led)]


def _free(turn: Turn, teams: Sequence[Team]) -> list[Team]:
    """Those of `teams` that have no review open."""
    found: list[Team] = []
    for team in teams:
        review = reviews.current(turn.session, team.id)
        if review is None or not rules.is_open(review, turn.now):
            found.append(team)
    return found


def _launch_form(turn: Turn, teams: Sequence[Team], *, here: str = "", about: int | None = None) -> Form:
    own = [team for team in teams if team.lead_id == turn.person.id]
    chosen = teams[0] if len(teams) == 1 else own[0] if len(own) == 1 else None
    day = rules.usual_closing_day(turn.today, turn.policy)
    return form.launch(teams, chosen, f"Team review {turn.today.year}", day, here=here, about=about)


def _earlier_places(turn: Turn, teams: Sequence[Team]) -> list[tuple[Review, Team, KnownPlace]]:
    named = {team.id: team for team in teams}
    return [
        (review, named[review.team_id], place) for review, place in reviews.latest_in_a_channel(turn.session, [*named])
    ]


def _here(turn: Turn, event: Event) -> str:
    """The channel that a review was asked for in, with a proof that it was: a form may be filled in elsewhere.

    Without the proof somebody could have a review posted into any conversation by sending its number.
    """
    if event.value:
        place_id, _, proof = event.value.partition(".")
        if turn.keyring.is_mark(proof, "place of a review", place_id, turn.person.id):
            return event.value
    return "" if event.place.direct else _proved(turn)


def _proved(turn: Turn) -> str:
    if turn.place_id is None:
        return ""
    return f"{turn.place_id}.{turn.keyring.mark('place of a review', turn.place_id, turn.person.id)}"


def _place_for(turn: Turn, event: Event, team: Team) -> int:
    """Where the review is posted: the channel it was asked for in, or that of an earlier review of this team."""
    if here := _here(turn, event):
        return int(here.partition(".")[0])
    earlier = reviews.latest_in_a_channel(turn.session, [team.id])
    if event.about is None or not earlier:
        raise words.NeedsAChannel
    return earlier[0][1].id


def _for_a_member(turn: Turn) -> Message:
    shown_from = turn.policy.reviews.shown_from
    team = people.team_of(turn.session, turn.person)
    for review in reviews.open_for_team(turn.session, team.id, turn.now) if team else ():
        return words.invitation(review, turn.zone, shown_from)
    lead = turn.session.get(Person, team.lead_id) if team and team.lead_id is not None else None
    return words.only_leads(lead)
