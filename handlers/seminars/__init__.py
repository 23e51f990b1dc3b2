"""Seminars: for a need that several teams share, a coordinator plans one; people are invited, come and learn."""

from handlers.registry import Conversation, command
from handlers.seminars import afterwards, coming, form, offering, outside, planning, running

__all__ = ["CONVERSATION"]

CONVERSATION = Conversation(
    name="seminars",
    actions={
        "seminars.consider": offering.consider,
        "seminars.not_now": offering.not_now,
        "seminars.not_needed": offering.not_needed,
        "seminars.new": planning.new,
        "seminars.plan": planning.plan,
        "seminars.planned": planning.planned,
        "seminars.invite": planning.invite,
        "seminars.show": coming.show,
        "seminars.open": coming.open_card,
        "seminars.run": running.run,
        "seminars.host": running.host,
        "seminars.step_down": running.step_down,
        "seminars.change": running.change,
        "seminars.changed": running.changed,
        "seminars.more": running.more,
        "seminars.asked_more": running.asked_more,
        "seminars.cancel": running.cancel,
        "seminars.cancelled": running.cancelled,
        "seminars.accept": coming.accept,
        "seminars.decline": coming.decline,
        "seminars.answer": coming.answer,
        "seminars.was_there": afterwards.was_there,
    },
    forms=form.FORMS,
    notices={
        "seminars.offer": offering.offer_notice,
        "seminars.run": running.run_notice,
        "seminars.vacant": running.vacant_notice,
        "seminars.card": coming.card_notice,
        "seminars.moved": coming.moved_notice,
        "seminars.cancelled": coming.cancelled_notice,
        "seminars.freed": coming.freed_notice,
        "seminars.day_before": coming.day_before_notice,
        "seminars.after": afterwards.after_notice,
        "seminars.numbers": afterwards.numbers_notice,
    },
    recurring=(offering.owe_offers, coming.owe_reminders, afterwards.owe_questions, afterwards.settle),
    commands=(
        command(
            r"(?:show\s+)?(?:(?:my|our|the)\s+)?seminars?\??",
            "seminars.show",
            "seminars",
            "the seminars that you are invited to or hold",
        ),
        command(
            r"(?:please\s+)?(?:plan|new|start|make|set\s+up|hold|arrange|create)\s+(?:an?\s+)?(?:new\s+)?seminar[.!]?",
            "seminars.new",
        ),
    ),
    follows={"seminar": outside.IN_CALENDARS},
)
