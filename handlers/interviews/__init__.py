"""Learning interviews: a partner is chosen, a time is found, the two meet, and it counts."""

from handlers.interviews import afterwards, booking, form, partners
from handlers.interviews.calendars import calendar_file
from handlers.registry import Conversation, command

__all__ = ["CONVERSATION", "calendar_file"]

_NAME = r"[^\W\d_][\w'’.@+-]*(?:\s+[^\W\d_][\w'’.@+-]*){0,3}"
_SHORT_NAME = r"[^\W\d_][\w'’.-]*(?:\s+[^\W\d_][\w'’.-]*)?"
# what a time begins with: without one of these "book …" is prose about a book
_TIME = (
    r"(?:(?:on|for|at|in|any\s?time|sometime)\s+)?(?:the\s+)?(?:"
    r"(?:next|this|coming)\s+(?:mon|tue|wed|thu|fri|sat|sun|week|fortnight|month|\d)\w*|"
    r"(?:mon|tues?|wed(?:nes|ns)?|thu(?:r|rs)?|fri|sat(?:ur)?|sun)(?:day|s)?\b|"
    r"to(?:day|mor+ow)\b|tom+or+ow\b|"
    r"\d{1,2}(?:st|nd|rd|th|[:.]\d\d|\s*[ap]m|ish|/\d{1,2}|\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*)\b|"
    r"half\s+\w+\b|quarter\s+(?:to|past)\b|noon\b|mid-?day\b|first\s+(?:thing|mon|tue|wed|thu|fri)\w*|"
    r"an?\s+(?:week|fortnight)\b|(?:\d{1,2}|an?|one|two|three|four|five|six)\s+(?:day|week|month)s?\b|"
    r"(?:early|late|later|end of)\s+(?:next|this)\b|(?:morning|afternoon)\b"
    r").*"
)
_PLEASE = (
    r"(?:please\s+|(?:can|could)\s+(?:you|we|i)\s+(?:please\s+)?|i(?:’d|'d|\s+would)\s+like\s+to\s+|"
    r"let(?:’|')?s\s+)?"
)
_INTERVIEW = r"(?:learning\s+)?(?:interview|meeting|session|slot)"

CONVERSATION = Conversation(
    name="interviews",
    actions={
        "interviews.partner": partners.choose,
        "interviews.nominate": partners.nominate,
        "interviews.nominated": partners.nominated,
        "interviews.ask": partners.ask,
        "interviews.who_is": partners.who_is,
        "interviews.accept": partners.accept,
        "interviews.decline": partners.decline,
        "interviews.withdraw": partners.withdraw,
        "interviews.book": booking.book,
        "interviews.offer": booking.offer_times,
        "interviews.more": booking.offer_times,
        "interviews.take": booking.take,
        "interviews.also": booking.also,
        "interviews.propose": booking.propose,
        "interviews.proposed": booking.proposed,
        "interviews.time": booking.answer_time,
        "interviews.open": booking.open_card,
        "interviews.leave": booking.leave,
        "interviews.confirm": booking.confirm,
        "interviews.keep": booking.keep,
        "interviews.undo": booking.undo,
        "interviews.move": booking.move,
        "interviews.more_moves": booking.move,
        "interviews.move_to": booking.move_to,
        "interviews.move_typed": booking.move_typed,
        "interviews.retime": booking.retime,
        "interviews.retimed": booking.retimed,
        "interviews.answer": booking.answer,
        "interviews.cancel": booking.cancel,
        "interviews.cancel_typed": booking.cancel_typed,
        "interviews.cancelled": booking.cancelled,
        "interviews.show": booking.show,
        "interviews.not_now": afterwards.not_now,
        "interviews.other_day": afterwards.other_day,
        "interviews.put_off": afterwards.put_off,
        "interviews.met": afterwards.met,
        "interviews.ask_me": afterwards.ask_me,
        "interviews.note": afterwards.note,
        "interviews.noted": afterwards.noted,
        "interviews.no_note": afterwards.no_note,
    },
    forms=form.FORMS,
    notices={
        "interviews.asked": partners.asked_card,
        "interviews.answered": partners.answer_card,
        "interviews.thanked": partners.thanked,
        "interviews.partner_left": partners.partner_left,
        "interviews.nudge": afterwards.nudge_notice,
        "interviews.offer": booking.offer_notice,
        "interviews.retime": booking.retime_notice,
        "interviews.card": booking.card_notice,
        "interviews.confirmed": booking.confirmed_notice,
        "interviews.kept": booking.kept_notice,
        "interviews.lapse": booking.lapse_notice,
        "interviews.day_before": afterwards.day_before_notice,
        "interviews.soon": afterwards.soon_notice,
        "interviews.after": afterwards.after_notice,
        "interviews.again": afterwards.again_notice,
        "interviews.settle": afterwards.settle_notice,
    },
    commands=(
        command(r"(?:my\s+)?(?:learning\s+)?partner\s*:?", "interviews.partner"),
        command(
            r"(?:who(?:’s|'s|\s+is)\s+)?my\s+(?:learning\s+)?partner\s*\?|who(?:’s|'s|\s+is)\s+my\s+(?:learning\s+)?"
            r"partner",
            "interviews.who_is",
        ),
        command(
            rf"(?:my\s+)?(?:new\s+)?(?:learning\s+)?partner\s*(?:is\s+|:\s*|\s)(?P<who>{_NAME})[.!]?",
            "interviews.nominate",
            "partner Ben Carter",
            "ask somebody to be your learning partner",
        ),
        command(
            rf"(?P<who>{_NAME})\s+(?:is|shall\s+be|will\s+be)\s+my\s+(?:new\s+)?(?:learning\s+)?partner[.!]?",
            "interviews.nominate",
        ),
        command(
            rf"(?:please\s+)?(?:i(?:’d|'d|\s+would)\s+like|i\s+want|can\s+i\s+have|make)\s+(?P<who>{_NAME})\s+"
            r"(?:as|to\s+be)\s+my\s+(?:new\s+)?(?:learning\s+)?partner(?:,?\s+please)?[.!?]?",
            "interviews.nominate",
        ),
        command(
            rf"(?:please\s+)?ask\s+(?P<who>{_NAME})\s+to\s+be\s+my\s+(?:new\s+)?(?:learning\s+)?partner[.!?]?",
            "interviews.nominate",
        ),
        command(
            rf"(?:please\s+)?nominate\s+(?P<who>{_NAME}?)(?:\s+(?:as|to\s+be)\s+my\s+(?:learning\s+)?partner)?[.!?]?",
            "interviews.nominate",
        ),
        command(
            rf"{_PLEASE}(?:book|schedule|arrange|set\s+up)(?:\s+(?:an?|my|our|the|another|next|first|second|third))*\s+"
            rf"(?P<sure>{_INTERVIEW})\b(?P<words>.{{0,200}})",
            "interviews.book",
        ),
        command(
            rf"{_PLEASE}book\s+(?:me\s+)?(?:in\s+)?(?P<words>(?:(?:with\s+)?{_SHORT_NAME}\s+)??{_TIME})",
            "interviews.book",
            "book next Tuesday at half two",
            "book a learning interview with your partner",
        ),
        command(rf"book(?:\s+(?P<words>(?:with\s+)?{_SHORT_NAME}))?[.!]?", "interviews.book"),
        command(
            rf"{_PLEASE}(?:move|reschedule|change|postpone|rearrange)\s+(?:(?:my|our|the)\s+)?{_INTERVIEW}"
            rf"(?:\s+with\s+(?P<who>{_SHORT_NAME}?))?(?:\s+from\s+.{{1,60}}?)?(?:\s+(?:to|until|till)\s+(?P<when>.{{1,200}}))?[.!?]?",
            "interviews.move_typed",
            "move my interview to Friday 10am",
            "suggest another time for an interview",
        ),
        command(
            rf"(?:(?P<we>(?:can|could|shall)\s+we)\s+(?:do|meet|make\s+it|move\s+(?:it\s+)?to|say)|move\s+it\s+to|make\s+it)\s+"
            rf"(?P<when>{_TIME})",
            "interviews.move_typed",
        ),
        command(
            rf"{_PLEASE}cancel\s+(?:(?:my|our|the)\s+)?{_INTERVIEW}(?:\s+with\s+(?P<who>{_NAME}))?[.!?]?",
            "interviews.cancel_typed",
            "cancel my interview",
            "cancel an interview, after asking you once more",
        ),
        command(
            r"(?:show\s+)?(?:my\s+)?(?:learning\s+)?interviews\??",
            "interviews.show",
            "interviews",
            "what is arranged, and how many of the year were held",
        ),
    ),
    recurring=(afterwards.owe_nudges, afterwards.part_with_leavers),
)
