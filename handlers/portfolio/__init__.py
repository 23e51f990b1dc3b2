"""The portfolio: everything that is one's own, to take along; and what one brings."""

from handlers.portfolio import exporting, importing, words
from handlers.registry import Conversation, command

CONVERSATION = Conversation(
    name="portfolio",
    actions={
        "portfolio.export": exporting.export,
        "portfolio.make": exporting.make,
        "portfolio.again": exporting.again,
        "portfolio.stop": exporting.stop,
        "portfolio.choose": exporting.choose,
        "portfolio.chosen": exporting.chose,
        "portfolio.records": exporting.records,
        "portfolio.record": exporting.record,
        "portfolio.back": exporting.back,
        "portfolio.import": importing.begin,
        "portfolio.take": importing.take,
        "portfolio.leave": importing.leave,
    },
    forms=(words.CHOOSE,),
    notices={words.CARD: importing.card_notice},
    commands=(
        command(
            r"(?:please\s+)?(?:export(?:\s+(?:my\s+)?(?:learning\s+)?(?:record|portfolio|diary|data))?"
            r"|(?:show\s+me\s+)?my\s+(?:learning\s+)?portfolio|portfolio)[.! ]*",
            "portfolio.export",
            "export",
            "make a portfolio of all that is yours, to take with you",
        ),
        command(
            r"(?:please\s+)?import(?:\s+(?:my\s+|a\s+)?(?:learning\s+)?(?:record|portfolio|diary|data))?[.! ]*",
            "portfolio.import",
            "import",
            "bring your portfolio from elsewhere",
        ),
    ),
)
