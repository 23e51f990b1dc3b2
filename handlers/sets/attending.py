"""Coming to a set's meeting and having been there: seats, answers, reminders, and what is counted afterwards."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot import wording
from bot.chat import Button, Buttons, Event, Form, Message, OpenForm, Replace, Reply, Say, text
from bot.errors import NotYours
from handlers.meetings.answers import says_no, says_yes
from handlers.meetings.times import ahead
from handlers.meetings.year import AFTERWARDS, SOON, day_before, next_morning, settles_at, window_for
from handlers.sets import cards, form, rules
from handlers.turn import Turn
from storage import appointments, interviews, outbox, promises, set_cards, sets
from storage.models import Attendance, LearningSet, Person, SetMeeting, SetMember

# --------------------------------------------------------------------------------------------------------------- seats


def promise(turn: Turn, meeting: SetMeeting, person_ids: list[int]) -> bool:
    """Whether all these people have the meeting's time free: then they have promised it. False changes nothing."""
    to = promises.To(meeting_id=meeting.id)
    return promises.all_or_nothing(
        turn.session, lambda: promises.hold(turn.session, to, person_ids, meeting.starts_at, meeting.ends_at)
    )


def seat_everybody(turn: Turn, meeting: SetMeeting) -> None:
    """A seat for every member, each to say whether they come; one who facilitates it, too, comes."""
    learning_set = turn.session.get_one(LearningSet, meeting.set_id)
    for person in sets.members(turn.session, meeting.set_id, "accepted"):
        coming = True if person.id == learning_set.facilitator_id else None
        seat = sets.seat(turn.session, meeting.id, person.id)
        if seat is None:
            seat = _new_seat(turn, meeting, person)
        seat.coming, seat.was_there = coming, None
        count_for(turn, person, meeting, seat)
    turn.session.flush()


def _new_seat(turn: Turn, meeting: SetMeeting, person: Person) -> Attendance:
    seat = Attendance(meeting_id=meeting.id, person_id=person.id, year=turn.today, window=1)
    turn.session.add(seat)
    turn.session.flush()
    return seat


def count_for(turn: Turn, person: Person, meeting: SetMeeting, seat: Attendance) -> None:
    """Note which of the year's interviews the meeting is for this person."""
    day = meeting.starts_at.astimezone(ZoneInfo(person.zone)).date()
    year = turn.policy.year_of(day)
    taken = interviews.windows_taken(turn.session, person.id, year, besides_seat=seat.id)
    seat.year, seat.window = window_for(turn.policy, day, taken)


def seat_newcomer(turn: Turn, found: SetMember) -> None:
    """Whoever joins has a seat at what is booked, and their time is kept free for it where it still is."""
    person = turn.session.get_one(Person, found.person_id)
    for meeting in sets.to_come(turn.session, found.set_id, turn.now):
        meeting = sets.locked_meeting(turn.session, meeting.id)
        runs = turn.session.get_one(LearningSet, meeting.set_id).facilitator_id == person.id
        seat = sets.seat(turn.session, meeting.id, person.id) or _new_seat(turn, meeting, person)
        seat.coming = True if runs else None
        count_for(turn, person, meeting, seat)
        promise(turn, meeting, [person.id])
        meeting.sequence += 1  # calendars invite them, too
        owe_reminders(turn, meeting, person)
        set_cards.show_afresh(turn.session, meeting, turn.now)
        if not runs:
            set_cards.tell(turn.session, meeting, person.id, turn.now)


def hand_over(turn: Turn, learning_set: LearningSet, earlier: int) -> None:
    """What is booked is the reader's to facilitate now: `earlier` keeps the time free only where they have a seat."""
    for meeting in sets.to_come(turn.session, learning_set.id, turn.now):
        meeting = sets.locked_meeting(turn.session, meeting.id)
        if sets.seat(turn.session, meeting.id, earlier) is None:
            promises.release(turn.session, promises.To(meeting_id=meeting.id), earlier)
        mine = sets.seat(turn.session, meeting.id, turn.person.id)
        if mine is not None:
            mine.coming = True
        promise(turn, meeting, [turn.person.id])
        owe_reminders(turn, meeting, turn.person)
        meeting.sequence += 1
        appointments.hand_over(turn.session, meeting, turn.calendars, turn.now)
        set_cards.show_afresh(turn.session, meeting, turn.now)
        set_cards.tell(turn.session, meeting, turn.person.id, turn.now)


# -------------------------------------------------------------------------------------------------------------- coming


def coming(turn: Turn, event: Event) -> Reply:
    """I’m coming: the time is kept free for it. Tapping twice changes nothing."""
    return _said(turn, event, yes=True)


def not_coming(turn: Turn, event: Event) -> Reply:
    """I can’t: the time is free again."""
    return _said(turn, event, yes=False)


def _said(turn: Turn, event: Event, *, yes: bool) -> Reply:
    meeting = sets.locked_meeting(turn.session, event.about)
    if event.kind == "tap" and event.value != str(meeting.version):
        return Replace(cards.shown(turn, meeting, line="This has changed in the meantime. It is now:"))
    return _answered(event, _answer(turn, meeting, yes=yes))


def _answered(event: Event, message: Message) -> Reply:
    return Replace(message) if event.kind == "tap" else Say(message, private=True)


def _answer(turn: Turn, meeting: SetMeeting, *, yes: bool) -> Message:
    seat = _my_seat(turn, meeting)
    if meeting.state != "booked" or meeting.ends_at <= turn.now or seat.coming is yes:
        return cards.shown(turn, meeting)
    if yes and not promise(turn, meeting, [turn.person.id]):
        line = "You have something else then. Move or cancel that first, and tell me again."
        return cards.shown(turn, meeting, line=line)
    if not yes:
        promises.release(turn.session, promises.To(meeting_id=meeting.id), turn.person.id)
    if not yes or seat.coming is False:
        meeting.sequence += 1  # calendars take them off the list, or put them on it again
    seat.coming = yes
    turn.session.flush()
    outbox.answered(turn.session, "sets.answer", meeting.id, turn.person.id, turn.now)
    set_cards.show_afresh(turn.session, meeting, turn.now)
    return cards.shown(turn, meeting)


def _my_seat(turn: Turn, meeting: SetMeeting) -> Attendance:
    """The reader's seat. Raises `NotYours` when they have none: a facilitator who is no member has none."""
    seat = sets.seat(turn.session, meeting.id, turn.person.id)
    if seat is None:
        raise NotYours
    return seat


def answer(turn: Turn, event: Event) -> Reply:
    """Words in answer to a meeting's card."""
    meeting = sets.locked_meeting(turn.session, event.about)
    yes, no = says_yes(event.text), says_no(event.text)
    if (yes or no) and sets.seat(turn.session, meeting.id, turn.person.id) is not None:
        return _answered(event, _answer(turn, meeting, yes=yes))
    draft = turn.set_aside(event)
    line = "I’ve put this to one side for a week. To answer the set, use the buttons."
    kept = Buttons((Button("Keep it in my diary", "diary.keep_draft", draft), Button("Forget it", "diary.forget",
                                                                                      draft)))  # fmt: skip
    message = cards.shown(turn, meeting, anew=True)
    return Say(Message(line, (text("{line}", line=line), kept, *message.parts), message.notice, message.about),
               private=True)  # fmt: skip


def open_card(turn: Turn, event: Event) -> Reply:
    """The meeting, with what can be done about it."""
    return Say(cards.shown(turn, sets.locked_meeting(turn.session, event.about), anew=True), private=True)


# ----------------------------------------------------------------------------------------------------------- reminders


def owe_reminders(turn: Turn, meeting: SetMeeting, person: Person) -> None:
    """To this person: the working day before, a quarter of an hour before, and afterwards.

    The facilitator is asked half an hour later who was there; members, where that is not known, three working days on.
    """
    learning_set = turn.session.get_one(LearningSet, meeting.set_id)
    runs = person.id == learning_set.facilitator_id
    owed = [
        ("sets.day_before", day_before(turn.policy, person, meeting.starts_at)),
        ("sets.soon", meeting.starts_at - SOON),
        ("sets.after", meeting.ends_at + AFTERWARDS)
        if runs
        else ("sets.were_you", settles_at(turn.policy, person, meeting.ends_at)),
    ]
    for notice, at in owed:
        if at > turn.now:
            _owe(turn, notice, meeting, person.id, at)


def _owe(turn: Turn, notice: str, meeting: SetMeeting, person_id: int, at: datetime, when: str = "") -> None:
    key = f"{notice}/{meeting.id}/{meeting.version}/{person_id}" + (f"/{when}" if when else "")
    outbox.owe(turn.session, notice, about=meeting.id, to=person_id, at=at, key=key)


def day_before_notice(turn: Turn, about: int | None) -> Message | None:
    """The reminder on the working day before; nothing when it is out of date, or the reader wants quiet."""
    meeting = _reminded(turn, about)
    if meeting is None or turn.now < day_before(turn.policy, turn.person, meeting.starts_at):
        return None
    day = meeting.starts_at.astimezone(turn.zone).date()
    return cards.reminder(turn, meeting, ahead(day, turn.today))


def soon_notice(turn: Turn, about: int | None) -> Message | None:
    """The reminder a quarter of an hour before; nothing when it is out of date, or the reader wants quiet."""
    meeting = _reminded(turn, about)
    if meeting is None or turn.now < meeting.starts_at - SOON:
        return None
    minutes = round((meeting.starts_at - turn.now) / timedelta(minutes=1))
    return cards.reminder(turn, meeting, f"In {wording.count(minutes, 'minute')}" if minutes else "Now")


def _reminded(turn: Turn, about: int | None) -> SetMeeting | None:
    meeting = turn.session.get(SetMeeting, about)
    if meeting is None or meeting.state != "booked" or meeting.starts_at < turn.now or rules.quiet_until(turn):
        return None
    if _runs(turn, meeting):
        return meeting
    seat = sets.seat(turn.session, meeting.id, turn.person.id)
    return meeting if seat is not None and seat.coming is not False else None


def card_notice(turn: Turn, about: int | None) -> Message | None:
    """The meeting's card, for whoever reads it."""
    meeting = turn.session.get(SetMeeting, about)
    return None if meeting is None else cards.card(turn, meeting)


def earlier_notice(turn: Turn, about: int | None) -> Message | None:
    """What is left of a message whose card is elsewhere."""
    meeting = turn.session.get(SetMeeting, about)
    return None if meeting is None else cards.in_a_line(turn, meeting)


# ---------------------------------------------------------------------------------------------------------- afterwards


def after_notice(turn: Turn, about: int | None) -> Message | None:
    """Who was there? Nothing when that is known, the meeting moved on, or somebody else facilitates by now."""
    meeting = _over(turn, about)
    if meeting is None or meeting.state != "booked" or not _runs(turn, meeting):
        return None
    set_cards.show_afresh(turn.session, meeting, turn.now)  # nobody's card says any more that it is to come
    return None if _put_off(turn, "sets.after", meeting) else cards.shown(turn, meeting)


def were_you_notice(turn: Turn, about: int | None) -> Message | None:
    """Were you there? For a member of whom the facilitator has not said."""
    meeting = _over(turn, about)
    seat = None if meeting is None else sets.seat(turn.session, meeting.id, turn.person.id)
    if meeting is None or seat is None or seat.was_there is not None or seat.coming is False:
        return None
    return None if _put_off(turn, "sets.were_you", meeting) else cards.shown(turn, meeting)


def _over(turn: Turn, about: int | None) -> SetMeeting | None:
    meeting = turn.session.get(SetMeeting, about)
    return None if meeting is None or meeting.state == "cancelled" or meeting.ends_at > turn.now else meeting


def _put_off(turn: Turn, notice: str, meeting: SetMeeting) -> bool:
    """Whether the reader wants quiet: then they are asked on the first working morning after it."""
    day = rules.quiet_until(turn)
    if day is None:
        return False
    at = next_morning(turn.policy, turn.person, max(day, turn.today + timedelta(days=1)))
    _owe(turn, notice, meeting, turn.person.id, at, when=at.astimezone(turn.zone).date().isoformat())
    return True


def _runs(turn: Turn, meeting: SetMeeting) -> bool:
    return turn.session.get_one(LearningSet, meeting.set_id).facilitator_id == turn.person.id


def everybody(turn: Turn, event: Event) -> Reply:
    """All who had not said that they can’t come were there."""
    meeting = sets.locked_meeting(turn.session, event.about)
    if _to_be_told(turn, meeting):
        there = {seat.person_id for seat, _ in sets.seats(turn.session, meeting.id) if _expected(seat) is not False}
        _noted(turn, meeting, there)
    return Replace(cards.shown(turn, meeting))


def nobody(turn: Turn, event: Event) -> Reply:
    """It didn’t take place."""
    meeting = sets.locked_meeting(turn.session, event.about)
    if _to_be_told(turn, meeting):
        _noted(turn, meeting, set())
    return Replace(cards.shown(turn, meeting))


def attendance(turn: Turn, event: Event) -> Reply:
    """Open the form that asks of each whether they were there."""
    meeting = sets.locked_meeting(turn.session, event.about)
    return OpenForm(_form(turn, meeting)) if _to_be_told(turn, meeting) else Replace(cards.shown(turn, meeting))


def attended(turn: Turn, event: Event) -> Reply:
    """Who was there, as it was filled in."""
    meeting = sets.locked_meeting(turn.session, event.about)
    if _to_be_told(turn, meeting):
        people = [person.id for _, person in sets.seats(turn.session, meeting.id)]
        _noted(turn, meeting, {one for one in people if event.answers.get(form.seat_of(one)) == "yes"})
    return Replace(cards.shown(turn, meeting))


def _form(turn: Turn, meeting: SetMeeting) -> Form:
    people = [
        (person.id, person.name, "no" if _expected(seat) is False else "yes")
        for seat, person in sets.seats(turn.session, meeting.id)
    ]
    return form.attended(people, wording.span(meeting.starts_at, meeting.ends_at, turn.zone), meeting.id)


def _expected(seat: Attendance) -> bool | None:
    """What is known by now of their being there: what they said of it, or before it."""
    return seat.coming if seat.was_there is None else seat.was_there


def _to_be_told(turn: Turn, meeting: SetMeeting) -> bool:
    """Whether it is over and the facilitator has not said yet who was there; after that each puts it right alone."""
    return meeting.state == "booked" and meeting.ends_at <= turn.now


def _noted(turn: Turn, meeting: SetMeeting, there: set[int]) -> None:
    """What the facilitator said, of whoever has not said for themselves; they are told."""
    told: list[int] = []
    for seat, person in sets.seats(turn.session, meeting.id):
        if seat.was_there is None:
            _count(turn, meeting, seat, person, there=person.id in there)
            expected = seat.coming is not False
            if person.id != turn.person.id and (expected or seat.was_there):
                told.append(person.id)
    promises.release(turn.session, promises.To(meeting_id=meeting.id))
    meeting.version += 1
    _settle(turn, meeting, said=True)
    for person_id in told:
        set_cards.tell(turn.session, meeting, person_id, turn.now)


def _count(turn: Turn, meeting: SetMeeting, seat: Attendance, person: Person, *, there: bool) -> None:
    if there:
        count_for(turn, person, meeting, seat)
    seat.was_there = there
    turn.session.flush()


def _settle(turn: Turn, meeting: SetMeeting, *, said: bool) -> None:
    """It was held when anybody was there. Until the facilitator has `said` so, they are still asked."""
    if said or meeting.state != "booked":
        there = any(seat.was_there for seat, _ in sets.seats(turn.session, meeting.id))
        meeting.state = "held" if there else "lapsed"
        set_cards.forget_prompts(turn.session, meeting)
    set_cards.show_afresh(turn.session, meeting, turn.now)


def was_there(turn: Turn, event: Event) -> Reply:
    """Each says for themselves whether they were there, whatever the facilitator said."""
    meeting = sets.locked_meeting(turn.session, event.about)
    seat = _my_seat(turn, meeting)
    there = event.value == "yes"
    if meeting.state == "cancelled" or meeting.ends_at > turn.now or event.value not in ("yes", "no"):
        return Replace(cards.shown(turn, meeting))
    if seat.was_there is not there:
        _count(turn, meeting, seat, turn.person, there=there)
        _settle(turn, meeting, said=False)
    return Replace(cards.shown(turn, meeting))


def later(turn: Turn, event: Event) -> Reply:
    """Ask the facilitator again on the next working morning."""
    meeting = sets.locked_meeting(turn.session, event.about)
    if not _to_be_told(turn, meeting):
        return Replace(cards.shown(turn, meeting))
    at = next_morning(turn.policy, turn.person, turn.today + timedelta(days=1))
    day = at.astimezone(turn.zone).date()
    _owe(turn, "sets.after", meeting, turn.person.id, at, when=day.isoformat())
    line = f"Of course. I’ll ask again on {wording.day(day)}."
    return Replace(Message(line, (text("{line}", line=line),
                                  Buttons((Button("Answer now", "sets.open", meeting.id),)))))  # fmt: skip
