"""Booking: asked for, suggested, confirmed by the other, moved, cancelled, put off."""

from collections.abc import Sequence
from datetime import datetime

from bot import wording
from bot.chat import Button, Buttons, Event, FixAnswers, Form, Message, OpenForm, Part, Replace, Reply, Say, small, text
from bot.errors import NotYours
from handlers.calendars import calendar_of
from handlers.interviews import form, rules, words
from handlers.interviews.times import PAGES, Plan, Unclear, count_for, offer, plan_for, plan_of, settle, typed
from handlers.turn import Turn
from scheduling.when import Reading, read
from storage import interviews, outbox, people
from storage.models import Interview, Person

# ------------------------------------------------------------------------------------------------------------- handlers


def book(turn: Turn, event: Event) -> Reply:
    """`book Ben next Tuesday 3pm`: with whom and when, as far as it was said."""
    said = event.words.get("words", "").strip()
    working = calendar_of(turn.policy, turn.person)
    reading = read(said, turn.now, turn.zone, calendar=working) if said else Reading()
    name = rules.who_in(said, reading.span)
    partner = people.partner_of(turn.session, turn.person.id)
    learners = people.learners_of(turn.session, turn.person.id)
    if name:
        found = people.named(turn.session, name, besides=turn.person.id)
        meant = [one for one in found if partner is not None and one.id == partner.id]
        if meant and partner is not None:
            return Say(_booked(turn, Plan(turn.person, partner), said), private=True)
        mine = [learner for learner in learners if learner.id in {one.id for one in found}]
        if mine:
            return Say(_which_learner(turn, mine, said), private=True)
        if found:
            return Say(_not_partners(turn, found), private=True)
        if reading.empty or not event.words.get("sure"):
            return Say(_not_understood(turn, event), private=True)
    if partner is not None:
        return Say(_booked(turn, Plan(turn.person, partner), said), private=True)
    if learners:
        return Say(_which_learner(turn, learners, said), private=True)
    return Say(words.no_partner(), private=True)


def _booked(turn: Turn, plan: Plan, said: str) -> Message:
    message = typed(turn, plan, said) if said else Unclear()
    return offer(turn, plan) if isinstance(message, Unclear) else message


def _which_learner(turn: Turn, learners: Sequence[Person], said: str) -> Message:
    if len(learners) == 1:
        return _booked(turn, Plan(learners[0], turn.person), said)
    buttons = tuple(Button(learner.name, "interviews.offer", learner.id) for learner in learners[:10])
    return Message("With whom?", (text("**With whom?** You are the learning partner of several."), Buttons(buttons)))


def _not_partners(turn: Turn, found: Sequence[Person]) -> Message:
    names = wording.listed([person.name for person in found[:3]])
    buttons = tuple(Button(f"Ask {person.name}", "interviews.ask", person.id) for person in found[:3])
    return Message(
        f"{names} and you aren’t learning partners yet.",
        (
            text("**{names} and you aren’t learning partners yet.** Shall I ask?", names=names),
            Buttons((*buttons, Button("See times with my partner", "interviews.offer", turn.person.id))),
        ),
    )


def _not_understood(turn: Turn, event: Event) -> Message:
    more = Button("Book an interview", "interviews.offer", turn.person.id, style="primary")
    return words.not_understood(turn.set_aside(event), event.text, more)


def offer_times(turn: Turn, event: Event) -> Reply:
    """Times for this learner, as buttons, in place of what was tapped."""
    plan = plan_for(turn, event.about)
    if plan is None:
        return Replace(words.no_partner())
    return Replace(offer(turn, plan, page=_page(event.value)))


def take(turn: Turn, event: Event) -> Reply:
    """Suggest the time on the button; tapping twice changes nothing."""
    return _taken(turn, event, also=False)


def also(turn: Turn, event: Event) -> Reply:
    """The same, though another interview stands in that window."""
    return _taken(turn, event, also=True)


def _taken(turn: Turn, event: Event, *, also: bool) -> Reply:
    plan, slot = plan_for(turn, event.about), rules.stamped(event.value)
    if slot is None:
        raise NotYours
    return Replace(words.no_partner() if plan is None else settle(turn, plan, slot, offered=True, also=also))


def propose(turn: Turn, event: Event) -> Reply:
    """Open the form for a time of one's own."""
    assert event.about is not None
    return OpenForm(form.about(form.PROPOSE, event.about))


def proposed(turn: Turn, event: Event) -> Reply:
    """A time of one's own for a new interview."""
    plan = plan_for(turn, event.about)
    if plan is None:
        return Replace(words.no_partner())
    return _filled(turn, event, plan, form.PROPOSE)


def answer_time(turn: Turn, event: Event) -> Reply:
    """Words in answer to an offer or a nudge."""
    plan = plan_for(turn, event.about)
    if plan is None:
        return Say(words.no_partner(), private=True)
    if rules.says_later(event.text) and plan.learner.id == turn.person.id:
        return Say(put_off(turn), private=True)
    if rules.says_yes(event.text):
        return Say(offer(turn, plan), private=True)
    message = typed(turn, plan, event.text)
    return Say(_not_understood(turn, event) if isinstance(message, Unclear) else message, private=True)


def open_card(turn: Turn, event: Event) -> Reply:
    """The interview, with what can be done about it."""
    return Say(words.card(turn, turn.session.get_one(Interview, event.about)), private=True)


def leave(turn: Turn, event: Event) -> Reply:
    """Nothing changes: the card as it was."""
    return Replace(words.card(turn, turn.session.get_one(Interview, event.about)))


def confirm(turn: Turn, event: Event) -> Reply:
    """Say yes to the other's suggestion; the button is about the suggestion that was shown."""
    interview = interviews.locked(turn.session, event.about)
    waits = interview.state == "proposed" or (interview.state == "booked" and interview.to_starts_at is not None)
    if not waits or interview.proposed_by_id == turn.person.id:
        return Replace(words.card(turn, interview))
    if event.value != str(interview.version):
        return Replace(words.card(turn, interview, line="This has changed in the meantime. It is now:"))
    return Replace(_confirmed(turn, interview))


def _confirmed(turn: Turn, interview: Interview) -> Message:
    if (interview.to_starts_at or interview.starts_at) <= turn.now:
        return offer(turn, plan_of(turn, interview), line="That time has passed.")
    interviews.forget_prompts(turn.session, interview)
    if interview.to_starts_at is not None and interview.to_ends_at is not None:
        interview.starts_at, interview.ends_at = interview.to_starts_at, interview.to_ends_at
        interview.to_starts_at = interview.to_ends_at = None
        interview.learner_met = interview.partner_met = None
        interview.sequence += 1
        count_for(turn, turn.session.get_one(Person, interview.learner_id), interview)
    interview.state = "booked"
    interview.version += 1
    interviews.hold_only(turn.session, interview)
    interviews.answered(turn.session, interview.id, turn.person.id, turn.now)
    interviews.answered(turn.session, interview.id, words.other_of(turn, interview).id, turn.now)
    interviews.show_afresh(turn.session, interview, turn.now)
    _owe_reminders(turn, interview)
    outbox.owe(
        turn.session, "interviews.confirmed", about=interview.id, to=words.other_of(turn, interview).id, at=turn.now,
        key=f"interviews.confirmed/{interview.id}/{interview.version}",
    )  # fmt: skip
    return words.card(turn, interview)


def _owe_reminders(turn: Turn, interview: Interview) -> None:
    """To both: the working day before, a quarter of an hour before, and half an hour after the end."""
    for person_id in (interview.learner_id, interview.partner_id):
        person = turn.session.get_one(Person, person_id)
        before = rules.day_before(turn.policy, person, interview.starts_at)
        for notice, at in (
            ("interviews.day_before", before),
            ("interviews.soon", interview.starts_at - rules.SOON),
            ("interviews.after", interview.ends_at + rules.AFTERWARDS),
        ):
            if at > turn.now:
                key = f"{notice}/{interview.id}/{interview.version}/{person_id}"
                outbox.owe(turn.session, notice, about=interview.id, to=person_id, at=at, key=key)
    learner = turn.session.get_one(Person, interview.learner_id)
    outbox.owe(
        turn.session, "interviews.settle", about=interview.id, to=learner.id,
        at=rules.settles_at(turn.policy, learner, interview.ends_at),
        key=f"interviews.settle/{interview.id}/{interview.version}",
    )  # fmt: skip


def keep(turn: Turn, event: Event) -> Reply:
    """Stay with the booked time: the mover takes the move back, or the other turns it down."""
    interview = interviews.locked(turn.session, event.about)
    if interview.to_starts_at is None:
        return Replace(words.card(turn, interview))
    if event.value != str(interview.version):
        return Replace(words.card(turn, interview, line="This has changed in the meantime. It is now:"))
    mover = interview.proposed_by_id
    _unmoved(turn, interview)
    if mover != turn.person.id:
        interviews.answered(turn.session, interview.id, mover, turn.now)
        outbox.owe(
            turn.session, "interviews.kept", about=interview.id, to=mover, at=turn.now,
            key=f"interviews.kept/{interview.id}/{interview.version}",
        )  # fmt: skip
    return Replace(words.card(turn, interview))


def _unmoved(turn: Turn, interview: Interview) -> None:
    interview.to_starts_at = interview.to_ends_at = None
    interview.version += 1
    interviews.hold_only(turn.session, interview)
    interviews.answered(turn.session, interview.id, turn.person.id, turn.now)
    interviews.show_afresh(turn.session, interview, turn.now)


def undo(turn: Turn, event: Event) -> Reply:
    """Take back one's own suggestion that nobody has answered yet."""
    interview = interviews.locked(turn.session, event.about)
    if interview.state != "proposed" or interview.proposed_by_id != turn.person.id:
        return Replace(words.card(turn, interview))
    interviews.cancel(turn.session, interview, turn.person.id, turn.now)
    return Replace(words.card(turn, interview))


def move(turn: Turn, event: Event) -> Reply:
    """Other times for this interview, as buttons."""
    interview = turn.session.get_one(Interview, event.about)
    if interview.state not in interviews.STANDING:
        return Replace(words.card(turn, interview))
    return Replace(offer(turn, plan_of(turn, interview), page=_page(event.value)))


def move_to(turn: Turn, event: Event) -> Reply:
    """Suggest the time on the button for this interview."""
    slot = rules.stamped(event.value)
    if slot is None:
        raise NotYours
    interview = turn.session.get_one(Interview, event.about)
    return Replace(settle(turn, plan_of(turn, interview), slot, offered=True))


def retime(turn: Turn, event: Event) -> Reply:
    """Open the form for another time of one's own."""
    assert event.about is not None
    return OpenForm(form.about(form.RETIME, event.about))


def retimed(turn: Turn, event: Event) -> Reply:
    """A time of one's own for an interview that stands."""
    interview = turn.session.get_one(Interview, event.about)
    if interview.state not in interviews.STANDING:
        return Replace(words.card(turn, interview))
    return _filled(turn, event, plan_of(turn, interview), form.RETIME)


def _filled(turn: Turn, event: Event, plan: Plan, asked: Form) -> Reply:
    message = typed(turn, plan, event.answers.get("when", ""))
    if isinstance(message, Unclear):
        problem = "I can’t find a time in that. Write a day and a time, like “Thursday at 10”."
        return FixAnswers(form.about(asked, plan.about).filled(event.answers), {"when": problem})
    return Replace(message)


def answer(turn: Turn, event: Event) -> Reply:
    """Words in answer to a suggestion, or to other times for an interview that stands."""
    interview = interviews.locked(turn.session, event.about)
    if interview.state not in interviews.STANDING:
        return Say(words.card(turn, interview), private=True)
    waits = interview.state == "proposed" or interview.to_starts_at is not None
    if waits and interview.proposed_by_id != turn.person.id:
        if rules.says_yes(event.text):
            return Say(_confirmed(turn, interview), private=True)
        if rules.says_no(event.text):
            return Say(
                offer(turn, plan_of(turn, interview), line="No trouble. Would another time suit?",
                      more=(Button("Decline", "interviews.cancel", interview.id, opens_form=True),)),
                private=True,
            )  # fmt: skip
    elif rules.says_later(event.text):
        return Say(words.card(turn, interview), private=True)
    message = typed(turn, plan_of(turn, interview), event.text)
    if isinstance(message, Unclear):
        open_it = Button("Open the interview", "interviews.open", interview.id, style="primary")
        message = words.not_understood(turn.set_aside(event), event.text, open_it)
    return Say(message, private=True)


def move_typed(turn: Turn, event: Event) -> Reply:
    """`move my interview to Friday 10am`, `can we do Thursday instead?`"""
    said = event.words.get("when", "").strip()
    standing = _meant(turn, event)
    if not standing:
        partner = people.partner_of(turn.session, turn.person.id)
        if "we" in event.words and partner is not None:  # "can we do Thursday?" in answer to a nudge
            return Say(_booked(turn, Plan(turn.person, partner), said), private=True)
        return Say(_none_standing(turn), private=True)
    if len(standing) == 1:
        plan = plan_of(turn, standing[0])
        message = typed(turn, plan, said) if said else Unclear()
        return Say(offer(turn, plan) if isinstance(message, Unclear) else message, private=True)
    reading = read(said, turn.now, turn.zone, calendar=calendar_of(turn.policy, turn.person)) if said else Reading()
    if reading.certain and reading.start is not None and "day" not in reading.assumed:
        buttons = [
            Button(_named(turn, one), "interviews.move_to", one.id,
                   rules.stamp(reading.start, reading.end or reading.start + (one.ends_at - one.starts_at)))
            for one in standing[:5]
        ]  # fmt: skip
        ask = f"Which shall I move to {wording.moment(reading.start, turn.zone)}?"
    else:
        buttons = [Button(_named(turn, one), "interviews.move", one.id) for one in standing[:5]]
        ask = "Which shall I move?"
    return Say(Message(ask, (text("**{ask}**", ask=ask), Buttons(tuple(buttons)))), private=True)


def cancel_typed(turn: Turn, event: Event) -> Reply:
    """`cancel my interview`: asks whether, and why if they like."""
    standing = _meant(turn, event)
    if not standing:
        return Say(_none_standing(turn), private=True)
    if len(standing) == 1:
        return OpenForm(_cancel_form(turn, standing[0]))
    buttons = tuple(
        Button(_named(turn, one), "interviews.cancel", one.id, opens_form=True) for one in standing[:5]
    )  # fmt: skip
    return Say(Message("Which shall I cancel?", (text("**Which shall I cancel?**"), Buttons(buttons))), private=True)


def cancel(turn: Turn, event: Event) -> Reply:
    """Ask whether, and why if they like."""
    interview = turn.session.get_one(Interview, event.about)
    if not _can_cancel(turn, interview):
        return Replace(words.card(turn, interview))
    return OpenForm(_cancel_form(turn, interview))


def cancelled(turn: Turn, event: Event) -> Reply:
    """The interview will not take place; the other hears who cancelled it, and why if that was given."""
    interview = interviews.locked(turn.session, event.about)
    if not _can_cancel(turn, interview):
        return Replace(words.card(turn, interview))
    reason = event.answers.get("reason", "").strip()
    interview.reason = turn.seal(wording.shortened(reason, 2000)) if reason else None
    interviews.cancel(turn.session, interview, turn.person.id, turn.now)
    interviews.answered(turn.session, interview.id, turn.person.id, turn.now)
    interviews.tell(turn.session, interview, words.other_of(turn, interview).id, turn.now)
    return Replace(words.card(turn, interview))


def _can_cancel(turn: Turn, interview: Interview) -> bool:
    return interview.state == "proposed" or (interview.state == "booked" and interview.ends_at > turn.now)


def _cancel_form(turn: Turn, interview: Interview) -> Form:
    asked = form.about(form.CANCEL, interview.id)
    when = wording.span(interview.starts_at, interview.ends_at, turn.zone)
    line = text("{when} with {other}", when=when, other=words.other_of(turn, interview).name)
    return Form(asked.name, asked.title, asked.fields, asked.submit, (line,), asked.about)


def show(turn: Turn, event: Event) -> Reply:
    """What is arranged, what is open, and how many of the year were held."""
    year = turn.policy.year_of(turn.today)
    met, promised = interviews.held_in(turn.session, turn.person.id, year), turn.policy.interviews.per_year
    parts: list[Part] = [text("**Learning interviews this year: {met}/{promised}**", met=met, promised=promised)]
    for interview in interviews.unsettled(turn.session, turn.person.id, turn.now)[-3:]:
        parts.append(text("Did you meet? {which}", which=_named(turn, interview)))
        parts.append(Buttons((Button("Open", "interviews.open", interview.id),)))
    for interview in interviews.coming(turn.session, turn.person.id, turn.now)[:5]:
        state = "" if interview.state == "booked" else " (not confirmed yet)"
        parts.append(text("{which}{state}", which=_named(turn, interview), state=state))
        parts.append(Buttons((Button("Open", "interviews.open", interview.id),)))
    parts.append(Buttons((Button("Book an interview", "interviews.offer", turn.person.id),)))
    return Say(Message(f"Learning interviews this year: {met}/{promised}", tuple(parts)), private=True)


def _named(turn: Turn, interview: Interview) -> str:
    return f"{wording.moment(interview.starts_at, turn.zone)} with {words.other_of(turn, interview).name}"


def _meant(turn: Turn, event: Event) -> list[Interview]:
    """The interviews that stand and may be meant: those with the person who was named, if one was."""
    standing = list(interviews.coming(turn.session, turn.person.id, turn.now))
    who = event.words.get("who", "")
    named = {person.id for person in people.named(turn.session, who, besides=turn.person.id)} if who else set[int]()
    return [one for one in standing if {one.learner_id, one.partner_id} & named] or standing


def _none_standing(turn: Turn) -> Message:
    return Message(
        "You have no interview booked.",
        (
            text("You have no interview booked."),
            Buttons((Button("Book an interview", "interviews.offer", turn.person.id, style="primary"),)),
            small("Or say when: “book next Tuesday at 3pm”."),
        ),
    )


def _page(value: str) -> int:
    return min(int(value), PAGES) if value.isdecimal() and value.isascii() and len(value) < 3 and int(value) else 1


# ------------------------------------------------------------------------------------------------------------- put off


def put_off(turn: Turn, *, until: datetime | None = None) -> Message:
    """The reader is asked again in a week, or on the morning they named; nothing more, when nothing is due."""
    year = turn.policy.year_of(turn.today)
    due = rules.due(turn.policy, turn.today, interviews.windows_taken(turn.session, turn.person.id, year))
    outbox.answered(turn.session, "interviews.time", turn.person.id, turn.person.id, turn.now)
    if due is None and until is None:
        return Message("That’s fine.", (text("That’s fine. Say “book” whenever it suits you."),))
    at = until or rules.next_morning(turn.policy, turn.person, turn.today + rules.PUT_OFF)
    day = at.astimezone(turn.zone).date()
    year, number = (due.year, due.number) if due else (year, turn.policy.window_on(day))
    interviews.nudge(turn.session, year, number, turn.person.id, at, until=day)
    return words.put_off(turn, day, other_day=until is None)


# ------------------------------------------------------------------------------------------------------------- notices


def card_notice(turn: Turn, about: int | None) -> Message | None:
    """The interview's card, for whoever reads it."""
    interview = turn.session.get(Interview, about)
    return None if interview is None else words.card(turn, interview)


def offer_notice(turn: Turn, about: int | None) -> Message | None:
    """Times for a learner, afresh."""
    plan = None if turn.session.get(Person, about) is None else plan_for(turn, about)
    return None if plan is None else offer(turn, plan)


def retime_notice(turn: Turn, about: int | None) -> Message | None:
    """Other times for an interview, afresh."""
    interview = turn.session.get(Interview, about)
    if interview is None:
        return None
    if interview.state not in interviews.STANDING:
        return words.card(turn, interview)
    return offer(turn, plan_of(turn, interview))


def confirmed_notice(turn: Turn, about: int | None) -> Message | None:
    """That the other said yes."""
    interview = turn.session.get(Interview, about)
    stands = interview is not None and interview.state == "booked" and interview.to_starts_at is None
    return words.confirmed(turn, interview) if interview is not None and stands else None


def kept_notice(turn: Turn, about: int | None) -> Message | None:
    """That the other would rather keep the booked time."""
    interview = turn.session.get(Interview, about)
    stands = interview is not None and interview.state == "booked" and interview.to_starts_at is None
    return words.kept(turn, interview) if interview is not None and stands else None


def lapse_notice(turn: Turn, about: int | None) -> Message | None:
    """A suggestion whose time has come without a yes is over; a booked interview keeps the time it had."""
    if turn.session.get(Interview, about) is None:
        return None
    interview = interviews.locked(turn.session, about)
    if interview.state == "booked" and interview.to_starts_at is not None and interview.to_starts_at <= turn.now:
        _unmoved(turn, interview)
        return None if interview.ends_at <= turn.now else words.card(turn, interview)
    if interview.state != "proposed" or interview.starts_at > turn.now:
        return None
    interviews.cancel(turn.session, interview, None, turn.now)
    return words.card(turn, interview)
