"""Before and after an interview: nudges when a window opens, reminders, and whether the two met."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot import wording
from bot.chat import Button, Event, FixAnswers, Message, OpenForm, Replace, Reply, Say
from handlers import asking
from handlers.interviews import booking, brief, cards, form, rules, words
from handlers.interviews.offers import offer
from handlers.interviews.plans import plan_for, plan_of
from handlers.meetings.answers import says_later, says_no, says_yes
from handlers.meetings.times import ahead
from handlers.meetings.typed import not_understood
from handlers.meetings.year import SOON, day_before, next_morning, settles_at
from handlers.turn import Turn
from storage import interview_cards, interviews, outbox, people
from storage.models import Interview, Person

# -------------------------------------------------------------------------------------------------------------- nudges


def owe_nudges(turn: Turn, until: datetime) -> None:
    """Owe everybody who has joined one nudge for each window that is open or opens before `until`."""
    everybody = [person for person in people.present(turn.session) if person.joined_at is not None]
    for year, number, opens, closes in _windows(turn, until):
        known = interviews.nudged(turn.session, year, number)
        for person in everybody:
            if interviews.nudge_key(year, number, person.id) in known:
                continue
            at = rules.nudge_at(turn.policy, person, opens, closes, turn.now)
            if at is not None and at <= until:
                interviews.nudge(turn.session, year, number, person.id, at)


def part_with_leavers(turn: Turn, until: datetime) -> None:
    """Whoever has left, however that was noted, leaves nothing arranged behind, and the others are told."""
    for person in interviews.left_with_something_arranged(turn.session, turn.now):
        interviews.person_left(turn.session, person, turn.now)


def _windows(turn: Turn, until: datetime) -> list[tuple[date, int, date, date]]:
    """Year, number, first and last day of every window that is open at some time from now until then."""
    first, last = turn.today, until.astimezone(turn.zone).date()
    years = dict.fromkeys((turn.policy.year_of(first - timedelta(days=1)), turn.policy.year_of(last)))
    return [
        (year, number, opens, closes)
        for year in years
        for number, (opens, closes) in enumerate(turn.policy.windows(year), 1)
        if opens <= last and closes >= first
    ]


def nudge_notice(turn: Turn, about: int | None) -> Message | None:
    """That an interview is due; nothing when it is arranged or held by now, or when the person is not to be asked."""
    person = turn.person
    if person.left_at is not None or person.joined_at is None:
        return None
    year = turn.policy.year_of(turn.today)
    due = rules.due(turn.policy, turn.today, interviews.windows_taken(turn.session, person.id, year))
    if due is None:
        return None
    later = max(filter(None, (turn.today, person.paused_until, person.starts_on)))
    morning = next_morning(turn.policy, person, later)
    if asking.is_away(turn, person, max(morning, turn.now)):
        morning = asking.morning(turn, person, later)
    if morning.astimezone(turn.zone).date() > turn.today:  # paused, away, not started, or a day off not known before
        day = morning.astimezone(turn.zone).date()
        interviews.nudge(turn.session, due.year, due.number, person.id, morning, until=day)
        return None
    return words.nudge(turn, due, people.partner_of(turn.session, person.id))


def not_now(turn: Turn, event: Event) -> Reply:
    """Put off for a week. For a partner who looked for times: nothing is arranged, that is all."""
    if event.about != turn.person.id:
        return Replace(Message("That’s fine.", (words.text("That’s fine. Nothing is arranged."),)))
    return Replace(booking.put_off(turn))


def other_day(turn: Turn, event: Event) -> Reply:
    """Open the form that names the day."""
    return OpenForm(form.about(form.PUT_OFF, turn.person.id))


def put_off(turn: Turn, event: Event) -> Reply:
    """Put off until the day that was named."""
    try:
        day = date.fromisoformat(event.answers.get("day", ""))
    except ValueError:
        day = turn.today
    if not turn.today < day <= turn.today + timedelta(days=366):
        problem = "Choose a day after today, within a year."
        return FixAnswers(form.about(form.PUT_OFF, turn.person.id).filled(event.answers), {"day": problem})
    return Replace(booking.put_off(turn, until=next_morning(turn.policy, turn.person, day)))


# ----------------------------------------------------------------------------------------------------------- reminders


def day_before_notice(turn: Turn, about: int | None) -> Message | None:
    """The reminder on the working day before; nothing when it is out of date, or the person asked for quiet."""
    interview = _reminded(turn, about)
    if interview is None or turn.now < day_before(turn.policy, turn.person, interview.starts_at):
        return None
    day = interview.starts_at.astimezone(turn.zone).date()
    offers = turn.person.id == interview.learner_id and brief.may_be_offered(turn, interview)
    return _reminder(turn, interview, ahead(day, turn.today), offers_brief=offers)


def soon_notice(turn: Turn, about: int | None) -> Message | None:
    """The reminder a quarter of an hour before; nothing when it is out of date, or the person asked for quiet."""
    interview = _reminded(turn, about)
    if interview is None or turn.now < interview.starts_at - SOON:
        return None
    minutes = round((interview.starts_at - turn.now) / timedelta(minutes=1))
    return _reminder(turn, interview, f"In {wording.count(minutes, 'minute')}" if minutes else "Now")


def _reminder(turn: Turn, interview: Interview, heading: str, *, offers_brief: bool = False) -> Message:
    """The reminder has the card's buttons from now on: what was shown before it is a line."""
    interview_cards.shrink(turn.session, interview.id, turn.person.id, turn.now)
    return cards.reminder(turn, interview, heading, offers_brief=offers_brief)


def _reminded(turn: Turn, about: int | None) -> Interview | None:
    interview = turn.session.get(Interview, about)
    if interview is None or interview.state != "booked" or interview.starts_at < turn.now:
        return None
    return None if people.is_paused(turn.person, turn.today) else interview


# ----------------------------------------------------------------------------------------------------------- afterwards


def after_notice(turn: Turn, about: int | None) -> Message | None:
    """Did you meet? Nothing when that is known, the interview moved on, or the person asked for quiet."""
    interview = turn.session.get(Interview, about)
    if interview is None or interview.state != "booked" or interview.ends_at > turn.now:
        return None
    if people.is_paused(turn.person, turn.today) or _mine(turn, interview) is not None:
        return None
    interview_cards.answered(turn.session, interview.id, turn.person.id, turn.now)
    return cards.shown(turn, interview)


def again_notice(turn: Turn, about: int | None) -> Message | None:
    """The same once more, because the two remember it differently."""
    interview = turn.session.get(Interview, about)
    if interview is None or interview.state != "booked" or interview.ends_at > turn.now:
        return None
    interview_cards.answered(turn.session, interview.id, turn.person.id, turn.now)
    interview_cards.shrink(turn.session, interview.id, turn.person.id, turn.now)
    return cards.asked_again(turn, interview)


def settle_notice(turn: Turn, about: int | None) -> Message | None:
    """Three working days later one answer is enough. Without any the question stays open."""
    if turn.session.get(Interview, about) is None:
        return None
    interview = interviews.locked(turn.session, about)
    if interview.state != "booked" or interview.ends_at > turn.now:
        return None
    return cards.shown(turn, interview) if _settled(turn, interview, late=True) else None


def met(turn: Turn, event: Event) -> Reply:
    """Yes, no, moved or later; typed or tapped. When both answers are in, the interview counts, or new times follow."""
    interview = interviews.locked(turn.session, event.about)
    over = interview.ends_at <= turn.now
    if interview.state not in ("booked", "missed") or not over:
        return _shown(event, cards.shown(turn, interview))
    value = event.value if event.kind == "tap" else _typed_answer(event.text)
    if value == "":
        draft = turn.set_aside(event)
        open_it = Button("Answer the question", "interviews.ask_me", interview.id, style="primary")
        return Say(not_understood(draft, event.text, open_it), private=True)
    if value == "later":
        return _shown(event, _asked_later(turn, interview))
    if value == "moved":
        if interview.state == "missed":
            interview.state = "booked"
        return _shown(event, offer(turn, plan_of(turn, interview), line="To when did you move it?"))
    _answer(turn, interview, value == "yes")
    interview_cards.answered(turn.session, interview.id, turn.person.id, turn.now)
    _settled(turn, interview, late=_one_is_enough(turn, interview))
    if value == "no" and words.may_offer(turn, interview.learner_id):
        plan = plan_for(turn, interview.learner_id)
        if plan is not None:
            did = Button("We did meet", "interviews.met", interview.id, "yes")
            line = "Thank you for telling me. Would another time suit?"
            interview_cards.put_aside(turn.session, interview.id, turn.person.id, turn.now)
            return _shown(event, offer(turn, plan, line=line, more=(did,)))
    return _shown(event, cards.shown(turn, interview))


def ask_me(turn: Turn, event: Event) -> Reply:
    """The question again, to change the answer while the other's is still awaited."""
    interview = interviews.locked(turn.session, event.about)
    if interview.state == "booked" and interview.ends_at <= turn.now:
        if turn.person.id == interview.learner_id:
            interview.learner_met = None
        else:
            interview.partner_met = None
    return Replace(cards.shown(turn, interview))


def _typed_answer(said: str) -> str:
    if says_yes(said):
        return "yes"
    if says_no(said):
        return "no"
    if says_later(said):
        return "later"
    return "moved" if "moved" in said.lower().split() else ""


def _shown(event: Event, message: Message) -> Reply:
    return Replace(message) if event.kind == "tap" else Say(message, private=True)


def _mine(turn: Turn, interview: Interview) -> bool | None:
    return interview.learner_met if turn.person.id == interview.learner_id else interview.partner_met


def _answer(turn: Turn, interview: Interview, yes: bool) -> None:
    if interview.state == "missed":  # it was settled, and somebody puts it right
        interview.state = "booked"
    if turn.person.id == interview.learner_id:
        interview.learner_met = yes
    else:
        interview.partner_met = yes


def _settled(turn: Turn, interview: Interview, *, late: bool) -> bool:
    """Whether it is now known if they met. When the two differ for the first time, both are asked once more."""
    verdict = rules.verdict(interview, late=late)
    if verdict == "differ" and _ask_both_again(turn, interview):
        return False
    if verdict == "wait":
        return False
    interview.state = "met" if verdict == "met" else "missed"
    interview.version += 1
    interviews.release(turn.session, interview)
    interview_cards.forget_prompts(turn.session, interview)
    interview_cards.show_afresh(turn.session, interview, turn.now)
    return True


def _one_is_enough(turn: Turn, interview: Interview) -> bool:
    """Whether so much time has passed that the other's answer is not waited for."""
    learner = turn.session.get_one(Person, interview.learner_id)
    if interviews.asked_again(turn.session, interview):
        return False  # both were asked a second time: each gets the time to answer that
    return turn.now >= settles_at(turn.policy, learner, interview.ends_at)


def _ask_both_again(turn: Turn, interview: Interview) -> bool:
    """False when they were asked once more already: then what two people cannot agree on is not counted."""
    asked = [
        outbox.owe(
            turn.session, "interviews.again", about=interview.id, to=person_id, at=turn.now,
            key=interviews.again_key(interview, person_id),
        )
        for person_id in (interview.learner_id, interview.partner_id)
    ]  # fmt: skip
    if not all(asked):
        return False
    interview.learner_met = interview.partner_met = None
    learner = turn.session.get_one(Person, interview.learner_id)
    outbox.owe(
        turn.session, "interviews.settle", about=interview.id, to=learner.id,
        at=settles_at(turn.policy, learner, turn.now),
        key=f"interviews.settle/{interview.id}/{interview.version}/again",
    )  # fmt: skip
    return True


def _asked_later(turn: Turn, interview: Interview) -> Message:
    at = next_morning(turn.policy, turn.person, turn.today + timedelta(days=1))
    day = at.astimezone(ZoneInfo(turn.person.zone)).date()
    interview_cards.answered(turn.session, interview.id, turn.person.id, turn.now)
    outbox.owe(
        turn.session, "interviews.after", about=interview.id, to=turn.person.id, at=at,
        key=f"interviews.after/{interview.id}/{interview.version}/{turn.person.id}/{day}",
    )  # fmt: skip
    line = f"Of course. I’ll ask again on {wording.day(day)}."
    open_it = words.Buttons((Button("Answer now", "interviews.ask_me", interview.id),))
    return Message(line, (words.text("{line}", line=line), open_it))
