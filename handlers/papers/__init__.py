"""Papers: what a team's review and plan, and the coordinator's year, look like to those whom they account to."""

from handlers.papers import asking, words
from handlers.registry import Conversation, command

CONVERSATION = Conversation(
    name="papers",
    actions={
        "papers.export_review": asking.export_review,
        "papers.report": asking.report,
        "papers.make": asking.make,
        "papers.again": asking.again,
        "papers.stop": asking.stop,
        "papers.choose": asking.choose,
        "papers.chosen": asking.chose,
    },
    forms=(words.CHOOSE,),
    notices={words.CARD: asking.card_notice},
    commands=(
        command(
            r"(?:please\s+)?export\s+(?:the\s+|our\s+|my\s+)?(?:team(?:['’]s)?\s+)?"
            r"(?:review|plan|review\s+and\s+plan)[.! ]*",
            "papers.export_review",
            "export review",
            "your team's review and plan as a Word file or PDF, to account for them",
        ),
        command(
            r"(?:please\s+)?(?:(?:the|our|my|make|write|export)\s+)*(?:(?P<last>last)\s+year['’]?s\s+report"
            r"|(?:yearly|annual)\s+report(?:\s+(?:for|of|on)\s+(?:(?P<before>last)|this)\s+year)?)[.! ]*",
            "papers.report",
            "yearly report",
            "a draft of the year's numbers for governors or trustees, if you coordinate",
        ),
    ),
)
