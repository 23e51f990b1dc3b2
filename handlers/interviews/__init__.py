"""Learning interviews: a partner is chosen, a time is found, the two meet, and it counts."""

from handlers.interviews import (
    afterwards,
    booking,
    brief,
    cancelling,
    confirming,
    form,
    late,
    looking,
    moving,
    notes,
    outside,
    partners,
    standing,
    steps,
)
from handlers.registry import Conversation, command

__all__ = ["CONVERSATION"]

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
        "interviews.anyway": booking.anyway,
        "interviews.propose": booking.propose,
        "interviews.proposed": booking.proposed,
        "interviews.time": booking.answer_time,
        "interviews.open": confirming.open_card,
        "interviews.leave": confirming.leave,
        "interviews.confirm": confirming.confirm,
        "interviews.keep": confirming.keep,
        "interviews.undo": confirming.undo,
        "interviews.put_right": outside.put_right,
        "interviews.move": moving.move,
        "interviews.more_moves": moving.move,
        "interviews.move_to": moving.move_to,
        "interviews.move_anyway": moving.move_anyway,
        "interviews.move_typed": moving.move_typed,
        "interviews.retime": moving.retime,
        "interviews.retimed": moving.retimed,
        "interviews.answer": confirming.answer,
        "interviews.cancel": cancelling.cancel,
        "interviews.cancel_typed": cancelling.cancel_typed,
        "interviews.cannot_typed": cancelling.cannot_typed,
        "interviews.cancelled": cancelling.cancelled,
        "interviews.show": standing.show,
        "interviews.not_now": afterwards.not_now,
        "interviews.other_day": afterwards.other_day,
        "interviews.put_off": afterwards.put_off,
        "interviews.met": afterwards.met,
        "interviews.ask_me": afterwards.ask_me,
        "interviews.brief": brief.choose,
        "interviews.briefed": brief.chose,
        "interviews.brief_show": brief.show,
        "interviews.brief_release": brief.release,
        "interviews.brief_withdraw": brief.withdraw,
        "interviews.note": notes.note,
        "interviews.noted": notes.noted,
        "interviews.no_note": notes.no_note,
        "interviews.agree": notes.agree,
        "interviews.step": steps.step,
        "interviews.steps": steps.open_form,
        "interviews.stepped": steps.filled_in,
        "interviews.my_steps": steps.mine,
        "interviews.step_open": steps.open_step,
        "interviews.step_done": steps.done,
        "interviews.step_drop": steps.drop,
        "interviews.step_later": steps.later,
        "interviews.step_dated": steps.dated,
    },
    forms=form.FORMS,
    notices={
        "interviews.asked": partners.asked_card,
        "interviews.answered": partners.answer_card,
        "interviews.thanked": partners.thanked,
        "interviews.partner_left": partners.partner_left,
        "interviews.nudge": afterwards.nudge_notice,
        "interviews.offer": booking.offer_notice,
        "interviews.looked": looking.LOOKING.looked,
        "interviews.retime": moving.retime_notice,
        "interviews.card": confirming.card_notice,
        "interviews.earlier": confirming.earlier_notice,
        "interviews.aside": confirming.aside_notice,
        "interviews.confirmed": confirming.confirmed_notice,
        "interviews.kept": confirming.kept_notice,
        "interviews.deleted_outside": outside.deleted_notice,
        "interviews.moved_outside": outside.moved_notice,
        "interviews.differs_outside": outside.differs_notice,
        "interviews.lapse": confirming.lapse_notice,
        "interviews.day_before": afterwards.day_before_notice,
        "interviews.soon": afterwards.soon_notice,
        "interviews.after": afterwards.after_notice,
        "interviews.again": afterwards.again_notice,
        "interviews.settle": afterwards.settle_notice,
        "interviews.brief": brief.brief_notice,
        "interviews.brief_before": brief.earlier_notice,
        "interviews.brief_draft": brief.draft_notice,
        "interviews.note_changed": notes.changed_notice,
        "interviews.step_due": steps.due_notice,
        "interviews.step_card": steps.card_notice,
        "interviews.closing": late.closing_notice,
        "interviews.late": late.late_notice,
        "interviews.late_partner": late.partner_notice,
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
            r"(?:please\s+)?cancel(?:\s+(?:it|that|this))?(?:,?\s+please)?[.!]?", "interviews.cancel_typed", yields=True
        ),
        command(
            rf"{_PLEASE}(?:move|reschedule|rearrange|postpone)(?:\s+(?:it|that|this))?(?:,?\s+please)?[.!?]?",
            "interviews.move_typed",
            yields=True,
        ),
        command(
            r"(?:(?:i['’]?m\s+|i\s+am\s+)?(?:sorry|afraid)[,.]?\s+(?:but\s+)?)?"
            r"(?:i|we)\s+(?:can['’]?t|cannot|can\s+not|won['’]?t)\s+"
            rf"(?:be\s+able\s+to\s+)?(?:make|manage|do|come\s+to|attend)\s+(?:it|(?:(?:my|our|the)\s+)?{_INTERVIEW}"
            rf"(?:\s+with\s+(?P<who>{_NAME}))?)(?:\s+(?:any\s?more|after\s+all|now|then|sorry))*[.!]?",
            "interviews.cannot_typed",
            yields=True,
        ),
        command(r"(?:show\s+)?(?:my\s+)?(?:open\s+)?next\s+steps\??", "interviews.my_steps"),
        command(
            r"(?:show\s+)?(?:my\s+)?(?:learning\s+)?interviews\??|(?:my\s+|our\s+)?next\s+(?:learning\s+)?interview\??|"
            r"(?:when|what\s+time)(?:['’]s|\s+is|\s+are)\s+(?:(?:my|our|the)\s+)?(?:next\s+)?"
            rf"{_INTERVIEW}s?(?:\s+with\s+{_NAME})?\??|"
            r"when\s+(?:do|am|are)\s+(?:i|we)\s+(?:next\s+)?(?:meet|meeting|seeing)"
            rf"(?:\s+(?:with\s+)?{_NAME})??(?:\s+next)?\??",
            "interviews.show",
            "interviews",
            "what is arranged, and how many of the year were held",
        ),
    ),
    recurring=(
        afterwards.owe_nudges,
        afterwards.part_with_leavers,
        outside.look_ahead,
        late.owe_reminders,
        steps.owe_reminders,
        steps.wait_no_longer,
    ),
    follows={"interview": outside.IN_CALENDARS},
)
