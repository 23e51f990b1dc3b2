"""People: a pause that works, what is held, being erased; and numbers for coordinators."""

from handlers.people import ageing, handlers
from handlers.people.words import PAUSE
from handlers.registry import Conversation, command

_QUIET = r"(?:please\s+)?(?:pause|mute|be quiet|leave me alone|stop asking(?: me)?)(?:\s+(?:me|everything|prompts))?"

CONVERSATION = Conversation(
    name="people",
    actions={
        "people.pause": handlers.pause,
        "people.pause_until": handlers.pause_until,
        "people.paused": handlers.paused,
        "people.resume": handlers.resume,
        "people.held": handlers.held,
        "people.erase_me": handlers.erase_me,
        "people.erase_sure": handlers.erase_sure,
        "people.erase": handlers.erase,
        "people.keep_me": handlers.keep_me,
        "people.overview": handlers.overview,
    },
    forms=(PAUSE,),
    notices={
        "people.unreachable": handlers.unreachable,
        "people.place_lost": handlers.place_lost,
        ageing.NOTICE: ageing.notice,
    },
    recurring=(ageing.tell,),
    commands=(
        command(
            rf"{_QUIET}\s+(?:until|till|til)\s+(?P<until>.+)",
            "people.pause",
            "pause until 1 May",
            "hear nothing from me until then",
        ),
        command(rf"{_QUIET}\s+(?P<length>for\s+.+)", "people.pause"),
        command(rf"{_QUIET}[.! ]*", "people.pause", "pause", "hear nothing from me until you say resume"),
        command(r"(?:please\s+)?(?:resume|un-?pause|unmute|i(?:['’]?m| am) back)[.! ]*", "people.resume", "resume",
                "be asked again"),
        command(
            r"what\s+do\s+you\s+(?:hold|know|have|keep|store)\s+(?:about|on)\s+me\s*\??",
            "people.held",
            "what do you hold about me",
            "a plain account of everything",
        ),
        command(
            r"(?:please\s+)?(?:erase|delete|forget)\s+(?:me|all my data|everything (?:about|of) (?:me|mine))[.! ]*",
            "people.erase_me",
            "erase me",
            "what would go and what would stay; asked twice",
        ),
        command(r"(?:the\s+)?overview", "people.overview"),
    ),
)  # fmt: skip
