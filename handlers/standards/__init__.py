"""Standards for posts: what counts as evidence for which statement, and how people see themselves against them."""

from collections.abc import Mapping

from handlers.registry import Belonging, Conversation, Notice, command
from handlers.standards import reviewing, showing
from handlers.standards.evidence import Counting
from handlers.standards.form import RATE, SEE, TAG

__all__ = ["conversation"]


def conversation(keeps: Mapping[str, Belonging], cards: Mapping[str, Notice]) -> Conversation:
    """`keeps` are all kinds of record that people own, by name, and `cards` the builders of their cards."""
    counting = Counting(keeps, cards)
    return Conversation(
        name="standards",
        actions={
            "standards.mine": showing.show,
            "standards.area": showing.area,
            "standards.statement": counting.show_statement,
            "standards.evidence_for": counting.evidence_for,
            "standards.tag": counting.tag,
            "standards.tagged": counting.tagged,
            "standards.untag": counting.untag,
            "standards.see": counting.see,
            "standards.seen": counting.seen,
            "standards.review": reviewing.review,
            "standards.again": reviewing.again,
            "standards.rate": reviewing.rate,
            "standards.rated": reviewing.rated,
            "standards.finish": reviewing.finish,
            "standards.later": reviewing.later,
            "standards.remind": reviewing.remind,
        },
        forms=(TAG, RATE, SEE),
        notices={reviewing.REVIEW: reviewing.review_card, reviewing.REMINDER: reviewing.reminder},
        commands=(
            command(
                r"(?:show\s+)?(?:me\s+)?(?:my\s+|the\s+)?standards?[.?]?", "standards.mine", "my standard",
                "what your post asks, your evidence, and what changed",
            ),
            command(
                r"(?:(?:my|start|begin|do|continue|resume|go\s+on\s+with)\s+)*(?:a\s+|the\s+|my\s+)?self[\s-]*review[.?]?|"
                r"(?:review|look\s+at)\s+myself[.?]?",
                "standards.review", "self-review", "how you see yourself against your standard, for you alone",
            ),
            command(
                r"(?:show\s+)?(?:me\s+)?(?:my\s+)?evidence\s+(?:for|of)\s+(?P<words>\S.*)", "standards.evidence_for",
                "evidence for listening", "what you counted for a statement; part of it is enough",
            ),
            command(r"(?:show\s+)?(?:me\s+)?(?:my\s+)?evidence[.?]?", "standards.mine"),
        ),
    )  # fmt: skip
