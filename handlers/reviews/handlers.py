"""What happens in a review: started by a lead, answered by everyone privately, closed, and shown to the team."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.chat import Event, FixAnswers, Form, Message, OpenForm, Replace, Reply, Say
from bot.errors import NotYours
from handlers.calendars import calendar_of
from handlers.permissions import NotTheLead
from handlers.registry import Conversation, command
from handlers.reviews import form, rules, words
from handlers.reviews.rules import Answer, Given
from handlers.turn import Turn
from storage import outbox, people, reviews
from storage.database import insert_once
from storage.models import KnownPlace, Person, Review, Team

REMINDERS = ("reviews.half_time", "reviews.last_day")

# ---------------------------------------------------------------------------------------------------------- starting


def start(turn: Turn, event: Event) -> Reply:
    """`review`: the form for whoever can start one; for the others, the review that is open or who can."""
    teams = _may_start(turn)
    if not teams:
        return Say(_for_a_member(turn), private=True)
    free = _free(turn, teams)
    if not free:
        open_now = [review for team in teams if (review := reviews.current(turn.session, team.id))]
        return Say(_lead_card(turn, open_now[0], note="This is open already:"), private=True)
    here = _here(turn, event)
    if not here:
        return Say(words.say_it_in_a_channel(_earlier_places(turn, free)), private=True)
    if not event.can_open:
        return Say(words.form_is_a_tap_away(form.LAUNCH.title, here), private=True)
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
    outbox.owe(turn.session, "reviews.card", about=review.id, place=place_id, at=turn.now)
    for lead_id in sorted({turn.person.id} | ({team.lead_id} if team.lead_id is not None else set())):
        outbox.owe(turn.session, "reviews.lead", about=review.id, to=lead_id, at=turn.now)
    _owe_closing(turn, review)
    for person in asked:
        _owe_reminders(turn, review, person, half_time=True)
    return Say(words.launched(review, turn.zone), private=True)


# --------------------------------------------------------------------------------------------------------- answering


def open_answers(turn: Turn, event: Event) -> Reply:
    """The form, with one's own earlier answers in it."""
    review = turn.session.get_one(Review, event.about)
    if not rules.is_open(review, turn.now):
        raise words.not_open(review, turn.zone)
    return OpenForm(form.filled(_answer_form(turn, review), _own_answers(turn, review)))


def answer(turn: Turn, event: Event) -> Reply:
    """Keep somebody's answers in place of their earlier ones. The reply says nothing of them."""
    review = reviews.held(turn.session, event.about)
    assert review is not None  # the permission found it
    if not rules.is_open(review, turn.now):
        raise words.not_open(review, turn.zone)
    read = form.read_answers(turn.policy.reviews.questions, event.answers)
    if read.problems:
        return FixAnswers(_answer_form(turn, review).filled(event.answers), read.problems)
    written = rules.packed(read.answers)
    if review.anonymous:
        sealed, person_id = turn.keyring.seal_for_organisation(written), None
    else:
        sealed, person_id = turn.seal(written), turn.person.id
    first = reviews.keep(turn.session, review.id, _mark(turn, review, turn.person.id), sealed, person_id=person_id)
    if first:
        outbox.refresh(turn.session, "reviews.card", review.id, rules.next_count_at(turn.now))
    return Say(words.thanks(review, turn.zone, first=first), private=True)


def quiet(turn: Turn, event: Event) -> Reply:
    """No more reminders of this review for this person."""
    review = turn.session.get_one(Review, event.about)
    if not rules.is_open(review, turn.now):
        raise words.not_open(review, turn.zone)
    reviews.decline_reminders(turn.session, review.id, turn.person.id, REMINDERS)
    return Replace(words.quiet(review, turn.zone))


def read_on(turn: Turn, event: Event) -> Reply:
    """Everything that was written on one question of a closed review, privately."""
    review = turn.session.get_one(Review, event.about)
    if review.state != "closed":
        raise NotYours
    key, _, page = event.value.partition(":")
    result = next((one for one in _results(turn, review) if one.question.key == key and one.words), None)
    if result is None:
        raise NotYours
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 5 else 1
    return Say(words.everything_on(review, result, number), private=True)


# ------------------------------------------------------------------------------------------------- the lead's buttons


def extend(turn: Turn, event: Event) -> Reply:
    """The form for a later closing day."""
    review = _to_change(turn, event)
    day = review.closes_at.astimezone(turn.policy.tzinfo).date()
    return OpenForm(form.extend(review, calendar_of(turn.policy).add_working_days(day, 5)))


def extended(turn: Turn, event: Event) -> Reply:
    """Move the closing day; what is owed before it moves along."""
    review = _to_change(turn, event)
    present = review.closes_at.astimezone(turn.policy.tzinfo).date()
    day = form.read_day(event.answers.get("closes_on", ""), after=present, today=turn.today)
    if isinstance(day, str):
        return FixAnswers(form.extend(review, present).filled(event.answers), {"closes_on": day})
    review.closes_at = rules.closing(day, turn.policy)
    outbox.cancel(turn.session, review.id, "reviews.closing", "reviews.last_day")
    _owe_closing(turn, review)
    for person in reviews.taking_part(turn.session, review.team_id):
        if not reviews.has_declined(turn.session, review.id, person.id, REMINDERS):
            _owe_reminders(turn, review, person, half_time=False)
    _refresh(turn, review)
    return Replace(_lead_card(turn, review))


def close(turn: Turn, event: Event) -> Reply:
    """Ask before closing early."""
    return Replace(words.really_close(_to_change(turn, event)))


def closed(turn: Turn, event: Event) -> Reply:
    """Close now."""
    review = _to_change(turn, event)
    review.closes_at = turn.now
    settle(turn, review.id)
    return Replace(_lead_card(turn, review))


def cancel(turn: Turn, event: Event) -> Reply:
    """Ask before the answers are destroyed."""
    return Replace(words.really_cancel(_to_change(turn, event)))


def cancelled(turn: Turn, event: Event) -> Reply:
    """Destroy the answers; the card says so."""
    review = _to_change(turn, event)
    reviews.destroy_answers(turn.session, review.id)
    review.state, review.current, review.secret = "cancelled", None, None
    _stop(turn, review)
    return Replace(_lead_card(turn, review))


def leave_open(turn: Turn, event: Event) -> Reply:
    """Thought better of it."""
    return Replace(_lead_card(turn, turn.session.get_one(Review, event.about)))


# ----------------------------------------------------------------------------------------------------------- notices


def card(turn: Turn, about: int | None) -> Message | None:
    """The card in the channel."""
    review = turn.session.get(Review, about)
    if review is None:
        return None
    team = turn.session.get_one(Team, review.team_id)
    answered, asked = _counted(turn, review)
    return words.card(review, team, turn.zone, answered, asked, turn.policy.reviews.shown_from)


def lead_card(turn: Turn, about: int | None) -> Message | None:
    """The lead's own card."""
    review = turn.session.get(Review, about)
    return None if review is None else _lead_card(turn, review)


def half_time(turn: Turn, about: int | None) -> Message | None:
    """Half-way through, to somebody who has not answered; not when the last reminder is due as well."""
    review = _to_remind_of(turn, about)
    if review is None:
        return None
    last_day = _reminders(turn, review, turn.person).last_day
    if last_day is not None and turn.now >= last_day:
        return None
    return words.reminder(review, turn.zone, turn.policy.reviews.shown_from, last=False)


def last_day(turn: Turn, about: int | None) -> Message | None:
    """The working day before it closes, to somebody who has not answered; not when it was extended meanwhile."""
    review = _to_remind_of(turn, about)
    if review is None:
        return None
    due = _reminders(turn, review, turn.person).last_day
    if due is None or turn.now < due:
        return None
    return words.reminder(review, turn.zone, turn.policy.reviews.shown_from, last=True)


def closing(turn: Turn, about: int | None) -> Message | None:
    """Its time has come: settle it. This says nothing itself; what came of it is owed by the settling."""
    review = turn.session.get(Review, about)
    if review is not None and turn.now >= review.closes_at:
        settle(turn, review.id)
    return None


def summary(turn: Turn, about: int | None) -> Message | None:
    """What came of it, in the channel."""
    review = turn.session.get(Review, about)
    if review is None or review.state != "closed":
        return None
    team = turn.session.get_one(Team, review.team_id)
    answered, asked = _counted(turn, review)
    shown_from = turn.policy.reviews.shown_from
    return words.summary(review, team, answered, asked, _results(turn, review), shown_from)


def what_people_wrote(turn: Turn, about: int | None) -> Message | None:
    """The words, in the channel; nothing when there are none to show."""
    review = turn.session.get(Review, about)
    if review is None or review.state != "closed":
        return None
    return words.what_people_wrote(review, _results(turn, review))


# ---------------------------------------------------------------------------------------------------------- settling


def settle(turn: Turn, review_id: int) -> None:
    """Close the review: once, whoever comes first. An anonymous one forgets whose answers are whose."""
    review = reviews.held(turn.session, review_id, alone=True)
    if review is None or review.state != "open":
        return
    review.state, review.current = "closed", None
    if review.anonymous:
        keyring = turn.keyring
        reviews.unlink(
            turn.session, review.id, lambda sealed: keyring.seal_for_organisation(keyring.open_for_organisation(sealed))
        )
        review.secret = None
    _stop(turn, review)
    for notice in ("reviews.summary", "reviews.words"):
        outbox.owe(turn.session, notice, about=review.id, place=review.place_id, at=turn.now,
                   key=f"{notice}/{review.id}")  # fmt: skip


def _stop(turn: Turn, review: Review) -> None:
    turn.session.flush()
    outbox.cancel(turn.session, review.id, "reviews.closing", *REMINDERS)
    if review.anonymous:
        # a reminder that was sent says who had not answered by then, and one that was not sent says who had
        reviews.forget_reminders(turn.session, review.id, REMINDERS)
    _refresh(turn, review)


# --------------------------------------------------------------------------------------------------------- the parts


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
    if event.place.direct or turn.place_id is None:
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


def _to_change(turn: Turn, event: Event) -> Review:
    """The open review that its lead is about to change. Raises a `Refusal` once it is closed or cancelled."""
    review = reviews.held(turn.session, event.about, alone=True)
    assert review is not None  # the permission found it
    if not rules.is_open(review, turn.now):
        raise words.changed_too_late(review)
    return review


def _lead_card(turn: Turn, review: Review, *, note: str = "") -> Message:
    return words.lead_card(review, turn.session.get_one(Team, review.team_id), turn.zone, note=note)


def _answer_form(turn: Turn, review: Review) -> Form:
    return form.answers(
        turn.policy.reviews.questions,
        title=review.title,
        who_sees=words.who_sees(review, turn.policy.reviews.shown_from),
        until=words.until(review, turn.zone),
        about=review.id,
    )


def _mark(turn: Turn, review: Review, person_id: int) -> str:
    if not review.anonymous:
        return rules.mark_of_named(person_id)
    assert review.secret is not None  # destroyed only with the closing
    return rules.mark(turn.keyring.open_for_organisation(review.secret), person_id)


def _own_answers(turn: Turn, review: Review) -> dict[str, Answer]:
    given = reviews.marked(turn.session, review.id, _mark(turn, review, turn.person.id))
    if given is None:
        return {}
    if review.anonymous:
        return rules.unpacked(turn.keyring.open_for_organisation(given.answers))
    return rules.unpacked(turn.read(turn.person.id, given.answers, "review", review.id))


def _results(turn: Turn, review: Review) -> list[rules.Result]:
    """What may be shown. Somebody who was erased takes their named answers with them."""
    given: list[Given] = []
    for one in reviews.answers(turn.session, review.id):
        if one.person_id is None:
            given.append(Given(one.id, rules.unpacked(turn.keyring.open_for_organisation(one.answers))))
            continue
        author = turn.session.get(Person, one.person_id)
        if author is not None and author.key is not None:
            opened = turn.read(author.id, one.answers, "review", review.id)
            given.append(Given(one.id, rules.unpacked(opened), author.name))
    shown_from = turn.policy.reviews.shown_from
    questions = turn.policy.reviews.questions
    if review.anonymous and len(given) < shown_from:
        return []
    return rules.results(questions, given, anonymous=review.anonymous, shown_from=shown_from)


def _counted(turn: Turn, review: Review) -> tuple[int, int]:
    return reviews.how_many(turn.session, review.id), len(reviews.taking_part(turn.session, review.team_id))


def _owe_closing(turn: Turn, review: Review) -> None:
    outbox.owe(turn.session, "reviews.closing", about=review.id, place=review.place_id, at=review.closes_at)


def _reminders(turn: Turn, review: Review, person: Person) -> rules.Reminders:
    working = calendar_of(turn.policy, person)
    return rules.reminders(review.opened_at, review.closes_at, ZoneInfo(person.zone), working)


def _owe_reminders(turn: Turn, review: Review, person: Person, *, half_time: bool) -> None:
    due = _reminders(turn, review, person)
    if half_time and due.half_time is not None:
        outbox.owe(turn.session, "reviews.half_time", about=review.id, to=person.id, at=due.half_time)
    if due.last_day is not None and due.last_day > turn.now:
        outbox.owe(turn.session, "reviews.last_day", about=review.id, to=person.id, at=due.last_day)


def _to_remind_of(turn: Turn, about: int | None) -> Review | None:
    """The review, if this person is still asked and has not answered; known to nobody but this moment's memory."""
    review = turn.session.get(Review, about)
    if review is None or not rules.is_open(review, turn.now) or people.is_paused(turn.person, turn.today):
        return None
    if all(person.id != turn.person.id for person in reviews.taking_part(turn.session, review.team_id)):
        return None
    answered = reviews.marked(turn.session, review.id, _mark(turn, review, turn.person.id))
    return None if answered else review


def _refresh(turn: Turn, review: Review) -> None:
    for notice in ("reviews.card", "reviews.lead"):
        outbox.refresh(turn.session, notice, review.id, turn.now)


CONVERSATION = Conversation(
    name="reviews",
    actions={
        "reviews.start": start,
        "reviews.start_again": start_again,
        "reviews.launch": launch,
        "reviews.open": open_answers,
        "reviews.answer": answer,
        "reviews.read": read_on,
        "reviews.quiet": quiet,
        "reviews.extend": extend,
        "reviews.extended": extended,
        "reviews.close": close,
        "reviews.closed": closed,
        "reviews.cancel": cancel,
        "reviews.cancelled": cancelled,
        "reviews.leave_open": leave_open,
    },
    forms=(form.LAUNCH, form.ANSWERS, form.EXTEND),
    notices={
        "reviews.card": card,
        "reviews.lead": lead_card,
        "reviews.half_time": half_time,
        "reviews.last_day": last_day,
        "reviews.closing": closing,
        "reviews.summary": summary,
        "reviews.words": what_people_wrote,
    },
    commands=(
        command(
            r"(?:(?:start|open|begin|launch) )?(?:an? |the |our |my )?(?:new )?(?:team |yearly |annual )*review[.!]*",
            "reviews.start",
            "review",
            "start your team's review, in its channel, if you lead the team",
        ),
    ),
)
