"""Who has not answered is reminded, privately and seldom; who joins the team meanwhile is asked as the others were."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.chat import Message
from handlers import asking
from handlers.calendars import calendar_of
from handlers.reviews import cards, drafts, keys, rules, typing_words, words
from handlers.turn import Turn
from storage import outbox, people, review_drafts, review_guests, reviews, team_channel
from storage.models import Person, Review, Team


def ask_the_team(turn: Turn, review: Review) -> None:
    """Everybody of the team sees the card, and is owed reminders. It is noted whom that was, for `ask_newcomers`."""
    for person in reviews.taking_part(turn.session, review.team_id):
        _owe_invitation(turn, review, person, review.closes_at)
        owe_reminders(turn, review, person, half_time=True)
    outbox.cancel(turn.session, review.id, "reviews.invitation")
    team_channel.tell_beyond(turn.session, "reviews.card", about=review.id, place=review.place_id, team=review.team_id,
                             at=turn.now, key=f"reviews.card/{review.id}")  # fmt: skip


def ask_newcomers(turn: Turn, until: datetime) -> None:
    """Invite whoever joined a team in the middle of its review; a new lead gets the lead's card as well.

    They hear of it at the hour of reminders, and get those reminders that are due on a later day.
    """
    for review in reviews.open_now(turn.session, turn.now):
        asked = reviews.asked(turn.session, review.id)
        for person in reviews.taking_part(turn.session, review.team_id):
            if person.id not in asked and (at := _next_asking_time(turn, person)) < review.closes_at:
                _owe_invitation(turn, review, person, at)
                owe_reminders(turn, review, person, half_time=True, after=at + timedelta(hours=12))
                outbox.refresh(turn.session, "reviews.card", review.id, turn.now)  # it says how many are asked
        _tell_new_lead(turn, review)


def too_late_for(turn: Turn, closes_at: datetime, guests: Sequence[Person]) -> list[Person]:
    """Those of the guests who could not be asked before that: they are asked at work, in the morning."""
    return [person for person in guests if _next_asking_time(turn, person) >= closes_at]


def ask_guests(turn: Turn, review: Review, guests: Sequence[Person]) -> None:
    """Invite these people from outside the team; they get those reminders that are due on a later day."""
    for person in guests:
        at = _next_asking_time(turn, person)
        if at < review.closes_at and review_guests.add(turn.session, review.id, person.id):
            outbox.owe(turn.session, "reviews.guest", about=review.id, to=person.id, at=at,
                       key=f"reviews.guest/{review.id}/{person.id}")  # fmt: skip
            owe_reminders(turn, review, person, half_time=True, after=at + timedelta(hours=12))


def mix(turn: Turn, until: datetime) -> None:
    """What is kept of open anonymous reviews is written again: the places of rows then tell nobody who wrote what."""
    for review in reviews.open_now(turn.session, turn.now):
        if review.anonymous and reviews.held(turn.session, review.id, alone=True) is not None:
            reviews.mix(turn.session, review.id, turn.keyring.resealed_for_organisation)
            cards.tell_step(turn, review, reviews.how_many(turn.session, review.id))


def _tell_new_lead(turn: Turn, review: Review) -> None:
    lead = people.lead_of(turn.session, turn.session.get_one(Team, review.team_id))
    if lead is not None and not reviews.has_leads_card(turn.session, review.id, lead.id):
        outbox.owe(turn.session, "reviews.lead", about=review.id, to=lead.id, at=_next_asking_time(turn, lead))


def _next_asking_time(turn: Turn, person: Person) -> datetime:
    return rules.next_asking_time(turn.now, ZoneInfo(person.zone), calendar_of(turn.policy, person))


def invitation(turn: Turn, about: int | None) -> Message | None:
    """To somebody who joined the team in the middle of its review."""
    review = _to_remind_of(turn, about, "reviews.invitation")
    if review is None:
        return None
    team = turn.session.get_one(Team, review.team_id)
    return words.newcomers_invitation(review, team, turn.zone, turn.policy.reviews.shown_from)


def guests_invitation(turn: Turn, about: int | None) -> Message | None:
    """To somebody outside the team."""
    review = _to_remind_of(turn, about, "reviews.guest")
    if review is None:
        return None
    team = turn.session.get_one(Team, review.team_id)
    lead = people.lead_of(turn.session, team)
    return words.guests_invitation(review, team, lead.name if lead else "", turn.zone, turn.policy.reviews.shown_from)


def half_time(turn: Turn, about: int | None) -> Message | None:
    """Half-way through, to somebody who has not answered; not when the last reminder is due as well."""
    review = _to_remind_of(turn, about, "reviews.half_time")
    if review is None:
        return None
    last_day = _reminders(turn, review, turn.person).last_day
    if last_day is not None and turn.now >= last_day:
        return None
    return words.reminder(review, turn.zone, turn.policy.reviews.shown_from, last=False)


def last_day(turn: Turn, about: int | None) -> Message | None:
    """The working day before it closes, to somebody who has not answered; not when it was extended meanwhile.

    Who has typed answers and not sent them is told of that, whether they have answered before or not.
    """
    review = _to_remind_of(turn, about, "reviews.last_day", unsent=True)
    if review is None:
        return None
    due = _reminders(turn, review, turn.person).last_day
    if due is None or turn.now < due:
        return None
    if _has_unsent(turn, review):
        return typing_words.unsent(review, words.until(review, turn.zone))
    return words.reminder(review, turn.zone, turn.policy.reviews.shown_from, last=True)


def owe_reminders(
    turn: Turn, review: Review, person: Person, *, half_time: bool, after: datetime | None = None
) -> None:
    """Owe this person the reminders that are still to come, after `after` when that is named."""
    due = _reminders(turn, review, person)
    after = after or turn.now
    if half_time and due.half_time is not None and due.half_time > after:
        outbox.owe(turn.session, "reviews.half_time", about=review.id, to=person.id, at=due.half_time)
    if due.last_day is not None and due.last_day > after:
        outbox.owe(turn.session, "reviews.last_day", about=review.id, to=person.id, at=due.last_day)


def _reminders(turn: Turn, review: Review, person: Person) -> rules.Reminders:
    working = calendar_of(turn.policy, person)
    return rules.reminders(review.opened_at, review.closes_at, ZoneInfo(person.zone), working)


def _has_unsent(turn: Turn, review: Review) -> bool:
    draft = review_drafts.of(turn.session, review.id, turn.person.id)
    return bool(drafts.unsent(turn, review, draft))


def _to_remind_of(turn: Turn, about: int | None, notice: str, *, unsent: bool = False) -> Review | None:
    """The review, if this person is still asked and has not answered; known to nobody but this moment's memory.

    Somebody who is away hears of it on their first morning back, if it is still open then.
    """
    review = turn.session.get(Review, about)
    if review is None or not rules.is_open(review, turn.now) or people.is_paused(turn.person, turn.today):
        return None
    if not reviews.asks(turn.session, review, turn.person):
        return None
    if keys.has_answered(turn, review, turn.person.id) and not (unsent and _has_unsent(turn, review)):
        return None
    if asking.is_away(turn, turn.person, turn.now):
        back = asking.morning(turn, turn.person, turn.today)
        if back < review.closes_at:
            outbox.owe(turn.session, notice, about=review.id, to=turn.person.id, at=back)
        return None
    return review


def _owe_invitation(turn: Turn, review: Review, person: Person, at: datetime) -> None:
    outbox.owe(turn.session, "reviews.invitation", about=review.id, to=person.id, at=at,
               key=f"reviews.invitation/{review.id}/{person.id}")  # fmt: skip
