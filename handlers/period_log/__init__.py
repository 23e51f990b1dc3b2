"""The log: a look back on each period of the policy's, asked for once, written whenever its owner likes."""

from handlers.period_log import handlers
from handlers.period_log.words import FORM
from handlers.registry import Conversation, command

CONVERSATION = Conversation(
    name="log",
    actions={
        "log.show": handlers.show,
        "log.open": handlers.open_,
        "log.write": handlers.write,
        "log.written": handlers.written,
        "log.later": handlers.later,
        "log.skip": handlers.skip,
    },
    forms=(FORM,),
    notices={handlers.ASK: handlers.ask, "log.card": handlers.own_card},
    commands=(
        command(
            r"(?:show\s+|open\s+|write\s+)?my\s+(?:learning\s+|cpd\s+)?logs?|(?:learning|cpd)\s+logs?",
            "log.show",
            "my log",
            "look back on each period, in your own time",
        ),
    ),
    recurring=(handlers.owe_prompts,),
)
