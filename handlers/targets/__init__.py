"""The learning plan: targets that people name, agree with somebody if they like, and look back on."""

from handlers.registry import Conversation, command
from handlers.targets import agreeing, counting, evaluating, reviewing, telling
from handlers.targets.form import CHANGE, CLOSE, COMMENT, DATE, PLAN, REVIEW
from handlers.targets.owning import TARGET
from storage import targets

__all__ = ["CONVERSATION"]

CONVERSATION = Conversation(
    name="targets",
    actions={
        "targets.typed": telling.typed,
        "targets.form": telling.form,
        "targets.planned": telling.planned,
        "targets.from_step": telling.from_step,
        "targets.from_statement": telling.from_statement,
        "targets.list": telling.list_,
        "targets.open": telling.open_,
        "targets.change": telling.change,
        "targets.changed": telling.changed,
        "targets.undo": telling.undo,
        "targets.history": telling.before,
        "targets.preview": agreeing.show_preview,
        "targets.send": agreeing.send,
        "targets.take_back": agreeing.take_back,
        "targets.stand": agreeing.stand,
        "targets.read": agreeing.read_,
        "targets.agree": agreeing.agree,
        "targets.disagree": agreeing.disagree,
        "targets.comment": agreeing.open_comment,
        "targets.commented": agreeing.commented,
        "targets.close": evaluating.close,
        "targets.closed": evaluating.closed,
        "targets.told": evaluating.told,
        "targets.reopen": evaluating.reopen,
        "targets.later": evaluating.later,
        "targets.dated": evaluating.dated,
        "targets.quiet": evaluating.quiet,
        "targets.review": reviewing.open_form,
        "targets.reviewed": reviewing.reviewed,
        "targets.review_later": reviewing.later,
        "targets.no_review": reviewing.decline,
        "targets.count": counting.count,
        "targets.counted": counting.counted,
        "targets.uncount": counting.uncount,
    },
    forms=(PLAN, CHANGE, CLOSE, DATE, COMMENT, REVIEW, counting.COUNT),
    notices={
        targets.CARD: telling.own_card,
        targets.DUE: evaluating.due_notice,
        targets.REVIEW: reviewing.notice,
        targets.REVIEWED: reviewing.card_notice,
        targets.ASKED: agreeing.asked_notice,
        targets.ASKED_BEFORE: agreeing.asked_before_notice,
        targets.ANSWERED: agreeing.answered_notice,
    },
    commands=(
        command(
            r"(?:(?:a|my|new|another|next)\s+)*(?:learning\s+)?target(?:\s+is)?\s*:\s*(?:to\s+)?(?P<target>\S.*)",
            "targets.typed",
            "target: run the spring moderation by 30 April",
            "put a target into your learning plan",
        ),
        command(
            r"(?:my\s+)?(?:(?:new|next|first)\s+)?(?:learning\s+)?target\s+is\s+to\s+(?P<target>\S.*)", "targets.typed"
        ),
        command(
            r"(?:(?:add|new|set|name|make)\s+)?(?:an?\s+|another\s+|new\s+)?(?:learning\s+)?target[:.!]?",
            "targets.form",
        ),
        command(
            r"(?:show\s+)?(?:me\s+)?(?:my\s+)?(?:learning\s+)?(?:plan|targets)[.?]?",
            "targets.list",
            "my plan",
            "your targets, what came of them, and what others put to you",
        ),
        command(
            r"(?:review|look at|go through)\s+(?:my\s+)?(?:learning\s+)?(?:plan|targets)[.!]?|"
            r"(?:(?:my|the)\s+)?(?:(?:yearly|annual)\s+)?(?:learning\s+)?plan\s+review[.!]?",
            "targets.review",
            "review my plan",
            "look at every open target, once a year",
        ),
    ),
    keeps={"target": TARGET},
    recurring=(evaluating.owe_questions, reviewing.owe_questions),
)
