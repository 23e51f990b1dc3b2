"""Guests: people of the roster, but not of the team, whom its lead asks as well. They can say no."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot import wording
from bot.chat import Event, FixAnswers, OpenForm, Replace, Reply
from bot.errors import NotYours
from handlers.reviews import launch_form, rules, words
from handlers.reviews.cards import lead_card, refresh
from handlers.reviews.reminding import ask_guests, too_late_for
from handlers.turn import Turn
from storage import people, review_guests, reviews
from storage.models import Person, Review

MOST = 20


def invite(turn: Turn, event: Event) -> Reply:
    """The form in which guests are named."""
    review = _open(turn, event)
    return OpenForm(replace(launch_form.GUESTS, about=review.id))


def invited(turn: Turn, event: Event) -> Reply:
    """Ask these people as well."""
    review = _open(turn, event)
    found = read_guests(turn, event.answers.get("guests", ""), reviews.everybody_asked(turn.session, review))
    if not isinstance(found, str):
        declined = [guest for guest in found if reviews.has_declined(turn.session, review.id, guest.id)]
        if declined:
            found = f"{wording.listed([guest.name for guest in declined])} said no. Ask somebody else?"
        elif late := too_late_for(turn, review.closes_at, found):
            names = wording.listed([guest.name for guest in late])
            found = f"{names} cannot be asked before it closes. Keep it open longer first, or leave them out."
        elif not found:
            found = "Name at least one person, or close this."
    if isinstance(found, str):
        return FixAnswers(replace(launch_form.GUESTS, about=review.id).filled(event.answers), {"guests": found})
    ask_guests(turn, review, found)
    refresh(turn, review)
    return Replace(lead_card(turn, review, note="I ask them privately, in the morning of a working day."))


def decline(turn: Turn, event: Event) -> Reply:
    """A guest says no: nothing more comes."""
    review = _open(turn, event)
    if not review_guests.remove(turn.session, review.id, turn.person.id):
        raise NotYours
    reviews.decline_reminders(turn.session, review.id, turn.person.id)
    review_guests.note_declined(turn.session, review.id, turn.person.id)
    refresh(turn, review)
    return Replace(words.declined(review))


def read_guests(turn: Turn, typed: str, asked: Sequence[Person]) -> list[Person] | str:
    """Who is meant, each once and nobody who is asked already; or what has to be looked at again."""
    names = [" ".join(name.split()) for name in re.split(r"[,;\n]", typed) if name.strip()]
    if len(typed) > launch_form.LONGEST_GUESTS or len(names) > MOST:
        return f"Name up to {MOST} people at once, in {launch_form.LONGEST_GUESTS} characters."
    found: dict[int, Person] = {}
    for name in names:
        meant = people.named(turn.session, name)
        if not meant:
            return f"I can't find {wording.shortened(name, 40)} on the roster. Write the whole name, or the address."
        if len(meant) > 1:
            return f"There are {len(meant)} people called {wording.shortened(name, 40)}. Write the e-mail address."
        found[meant[0].id] = meant[0]
    known = {person.id for person in asked}
    return [person for number, person in found.items() if number not in known]


def _open(turn: Turn, event: Event) -> Review:
    review = reviews.held(turn.session, event.about)
    assert review is not None  # the permission found it
    if not rules.is_open(review, turn.now):
        raise words.changed_too_late(review)
    return review
