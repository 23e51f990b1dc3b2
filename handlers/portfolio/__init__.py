"""The portfolio: everything that is one's own, to take along; and what one brings."""

from handlers.portfolio import exporting, words
from handlers.registry import Conversation, command

CONVERSATION = Conversation(
    name="portfolio",
    actions={
        "portfolio.export": exporting.export,
        "portfolio.make": exporting.make,
        "portfolio.again": exporting.again,
        "portfolio.stop": exporting.stop,
    },
    notices={words.CARD: exporting.card_notice},
    commands=(
        command(
            r"(?:please\s+)?(?:export(?:\s+(?:my\s+)?(?:learning\s+)?(?:record|portfolio|diary|data))?"
            r"|(?:show\s+me\s+)?my\s+(?:learning\s+)?portfolio|portfolio)[.! ]*",
            "portfolio.export",
            "export",
            "make a portfolio of all that is yours, to take with you",
        ),
    ),
)
