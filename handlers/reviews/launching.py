"""A review opens: what its lead chose is read, its card is posted, and everything is owed until it closes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

from bot import wording
from bot.chat import Event, FixAnswers, Nothing, OpenForm, Replace, Reply, Say
from bot.errors import NotYours
from bot.policy import Question
from handlers.outcomes import kept_questions
from handlers.permissions import NotTheLead
from handlers.reviews import due, launch_form, rules, words
from handlers.reviews.cards import lead_card
from handlers.reviews.closing import owe_closing, settle
from handlers.reviews.inviting import read_guests
from handlers.reviews.reminding import ask_guests, ask_the_team, too_late_for
from handlers.reviews.starting import OFFER, filled_in, may_start, place_for, without_a_review
from handlers.turn import Turn
from storage import outbox, people, reviews
from storage.database import add_once
from storage.models import Person, Review, Team


@dataclass(frozen=True)
class Wanted:
    """What the first form said, once it can be done."""

    team: Team
    title: str
    day: date
    anonymous: bool
    yearly: bool
    guests: Sequence[Person]
    before: Review | None  # whose time ran out, while the job that closes it is late


@dataclass(frozen=True)
class FirstForm:
    """What the first form said, kept in the second: who sends that back is not trusted, so all is looked at again."""

    here: str
    about: int | None
    typed: Mapping[str, str]

    def packed(self) -> str:
        """As the value of a form."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))


def launch(turn: Turn, event: Event) -> Reply:
    """Open the review with the usual questions, or show the form in which they are chosen."""
    wanted = _read(turn, event.answers)
    if not isinstance(wanted, Wanted):
        return _fix(turn, event, wanted)
    if event.answers.get("questions") == "change":
        first = FirstForm(event.value, event.about, {**event.answers, "questions": "usual"})
        usual = turn.policy.reviews.questions
        return OpenForm(launch_form.questions(usual, about=event.about, value=first.packed()))
    return _open(turn, event, wanted, turn.policy.reviews.questions)


def launch_with(turn: Turn, event: Event) -> Reply:
    """Open the review with the questions that its lead chose."""
    try:
        first = FirstForm(**json.loads(event.value))
        typed = {str(name): str(value) for name, value in first.typed.items()}
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise NotYours from error
    before = replace(event, value=str(first.here), answers=typed)
    wanted = _read(turn, typed)
    if not isinstance(wanted, Wanted):
        return _fix(turn, before, wanted)
    usual = turn.policy.reviews.questions
    chosen = launch_form.read_questions(usual, event.answers)
    if chosen.problems:
        again = launch_form.questions(usual, about=event.about, value=event.value)
        return FixAnswers(again.filled(event.answers), chosen.problems)
    return _open(turn, before, wanted, chosen.questions)


def _read(turn: Turn, typed: Mapping[str, str]) -> Wanted | dict[str, str]:
    """What the first form said, or a sentence for each field that needs another look."""
    team = next((one for one in may_start(turn) if str(one.id) == typed.get("team")), None)
    if team is None:
        raise NotTheLead
    earlier = reviews.current(turn.session, team.id)
    if earlier is not None and rules.is_open(earlier, turn.now):
        raise words.OpenAlready
    problems: dict[str, str] = {}
    asked = reviews.taking_part(turn.session, team.id)
    title = " ".join(typed.get("title", "").split())
    day = launch_form.read_day(typed.get("closes_on", ""), after=turn.today, today=turn.today)
    guests = read_guests(turn, typed.get("guests", ""), asked)
    if not 0 < len(title) <= launch_form.LONGEST_TITLE:
        problems["title"] = "Give it a title of up to 75 characters."
    if isinstance(day, str):
        problems["closes_on"] = day
    if isinstance(guests, str):
        problems["guests"] = guests
    elif not isinstance(day, str) and (late := too_late_for(turn, rules.closing(day, turn.policy), guests)):
        named = wording.listed([guest.name for guest in late])
        problems["guests"] = f"{named} cannot be asked before it closes. Choose a later day, or leave them out."
    names, fewest = typed.get("names", ""), turn.policy.reviews.shown_from
    number = len(asked) + (0 if isinstance(guests, str) else len(guests))
    if names not in ("named", "anonymous"):
        problems["names"] = "Choose one: it cannot be changed later."
    elif names == "anonymous" and number < fewest:
        problems["names"] = (
            f"Anonymous answers are shown from {fewest} people on, and {number} are asked here, so nothing could "
            "ever be shown. Choose named, or talk it through together instead."
        )
    if problems or isinstance(day, str) or isinstance(guests, str):
        return problems
    return Wanted(team, title, day, names == "anonymous", typed.get("yearly", "yes") != "no", guests, earlier)


def _fix(turn: Turn, event: Event, problems: Mapping[str, str]) -> Reply:
    again = filled_in(turn, without_a_review(turn, may_start(turn)), here=event.value, about=event.about)
    return FixAnswers(again.filled(event.answers), problems)


def _open(turn: Turn, event: Event, wanted: Wanted, questions: Sequence[Question]) -> Reply:
    team = wanted.team
    if wanted.before is not None:
        settle(turn, wanted.before.id)
    secret = turn.keyring.seal_for_organisation(rules.new_secret()) if wanted.anonymous else None
    review = Review(
        team_id=team.id, place_id=place_for(turn, event, team), opened_by_id=turn.person.id,
        title=wanted.title, anonymous=wanted.anonymous, opened_at=turn.now,
        closes_at=rules.closing(wanted.day, turn.policy), state="open", secret=secret, current=team.id,
        questions=kept_questions(questions), yearly=wanted.yearly,
    )  # fmt: skip
    if not add_once(turn.session, review):
        raise words.OpenAlready
    _post_card(turn, event, review)
    due.show_begun(turn, team.id)
    owe_closing(turn, review)
    ask_the_team(turn, review)
    ask_guests(turn, review, wanted.guests)
    lead = people.lead_of(turn.session, team)
    if lead is not None and lead.id != turn.person.id:
        outbox.owe(turn.session, "reviews.lead", about=review.id, to=lead.id, at=turn.now)
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
