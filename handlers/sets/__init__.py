"""Learning sets: up to six people who hold their learning interviews as a group, with somebody who facilitates."""

from handlers.registry import Conversation, command
from handlers.sets import attending, booking, form, looking, members, outside

__all__ = ["CONVERSATION"]

_SET = r"(?:(?:our|my)\s+(?:next\s+)?(?:learning\s+)?set|(?:the\s+|a\s+)?(?:next\s+)?learning\s+set)(?:’s|'s)?"
_MEETING = r"(?:\s+(?:meeting|session|interview))?"
_PLEASE = r"(?:please\s+|(?:can|could)\s+(?:you|we|i)\s+(?:please\s+)?|i(?:’d|'d|\s+would)\s+like\s+to\s+)?"

CONVERSATION = Conversation(
    name="sets",
    actions={
        "sets.start": members.start,
        "sets.started": members.started,
        "sets.show": members.show,
        "sets.home": members.home,
        "sets.invite": members.invite,
        "sets.invited": members.invited,
        "sets.join_card": members.join_card,
        "sets.join": members.join,
        "sets.decline": members.decline,
        "sets.joining": members.joining,
        "sets.leave": members.leave,
        "sets.left": members.left,
        "sets.leave_typed": members.leave_typed,
        "sets.hand_over": members.hand_over,
        "sets.ask_to_facilitate": members.ask_to_facilitate,
        "sets.facilitate": members.facilitate,
        "sets.not_facilitate": members.not_facilitate,
        "sets.take_over": members.take_over,
        "sets.end": members.end,
        "sets.ended": members.ended,
        "sets.book": booking.book,
        "sets.offer": booking.offer_times,
        "sets.take": booking.take,
        "sets.also": booking.also,
        "sets.anyway": booking.anyway,
        "sets.propose": booking.propose,
        "sets.proposed": booking.proposed,
        "sets.time": booking.answer_time,
        "sets.move": booking.move,
        "sets.move_to": booking.move_to,
        "sets.move_anyway": booking.move_anyway,
        "sets.move_typed": booking.move_typed,
        "sets.retime": booking.retime,
        "sets.retimed": booking.retimed,
        "sets.retyped": booking.retyped,
        "sets.cancel": booking.cancel,
        "sets.cancel_typed": booking.cancel_typed,
        "sets.cancelled": booking.cancelled,
        "sets.open": attending.open_card,
        "sets.open_here": booking.open_here,
        "sets.coming": attending.coming,
        "sets.not_coming": attending.not_coming,
        "sets.answer": attending.answer,
        "sets.everybody": attending.everybody,
        "sets.nobody": attending.nobody,
        "sets.attendance": attending.attendance,
        "sets.attended": attending.attended,
        "sets.later": attending.later,
        "sets.was_there": attending.was_there,
    },
    forms=form.FORMS,
    notices={
        "sets.asked": members.asked_notice,
        "sets.answered": members.answered_notice,
        "sets.facilitate": members.facilitate_notice,
        "sets.declined": members.declined_notice,
        "sets.home": members.home_notice,
        "sets.vacant": members.vacant_notice,
        "sets.told": members.told_notice,
        "sets.offer": booking.offer_notice,
        "sets.retime": booking.retime_notice,
        "sets.looked": looking.LOOKING.looked,
        "sets.card": attending.card_notice,
        "sets.earlier": attending.earlier_notice,
        "sets.day_before": attending.day_before_notice,
        "sets.soon": attending.soon_notice,
        "sets.after": attending.after_notice,
        "sets.were_you": attending.were_you_notice,
    },
    commands=(
        command(
            rf"{_PLEASE}(?:start|set\s+up|begin|create|make|form|open)\s+(?:an?\s+|our\s+|my\s+|the\s+|another\s+)?"
            r"(?:new\s+)?learning\s+set[.!?]?",
            "sets.start",
            "start a learning set",
            "hold your learning interviews as a group of up to six",
        ),
        command(r"(?:show\s+)?(?:(?:our|my|the)\s+)?learning\s+sets?\??|(?:our|my)\s+sets?\??", "sets.show"),
        command(
            rf"{_PLEASE}(?:book|schedule|arrange)\s+{_SET}{_MEETING}\b(?P<words>.{{0,200}})",
            "sets.book",
            "book our set next Tuesday at 3pm",
            "book a meeting of the learning set that you facilitate",
        ),
        command(
            rf"{_PLEASE}(?:move|reschedule|change|postpone|rearrange)\s+{_SET}{_MEETING}"
            r"(?:\s+(?:to|until|till)\s+(?P<when>.{1,200}))?[.!?]?",
            "sets.move_typed",
        ),
        command(rf"{_PLEASE}cancel\s+{_SET}{_MEETING}[.!?]?", "sets.cancel_typed"),
        command(rf"{_PLEASE}leave\s+{_SET}[.!?]?", "sets.leave_typed"),
    ),
    follows={"meeting": outside.IN_CALENDARS},
)
