"""Learning time: logged in a sentence or a form, said back with what is still owed to the person."""

from handlers.learning_time import handlers, owning, providing
from handlers.learning_time.amounts import BEGINS_WITH_ONE
from handlers.learning_time.form import CHANGE, LOG
from handlers.registry import Conversation, command

_TIME = r"(?:my\s+)?(?:learning\s+)?(?:time|hours)"

CONVERSATION = Conversation(
    name="time",
    actions={
        "time.typed": handlers.typed,
        "time.form": handlers.form,
        "time.logged": handlers.logged,
        "time.keep": handlers.keep,
        "time.once": handlers.once,
        "time.change": handlers.change,
        "time.changed": handlers.changed,
        "time.job": handlers.job,
        "time.undo": handlers.undo,
        "time.forget": handlers.forget,
        "time.show": handlers.show,
        "time.open": handlers.open_,
    },
    forms=(LOG, CHANGE),
    notices={"time.card": handlers.own_card, providing.SHORT: providing.short},
    recurring=(providing.owe_word,),
    keeps={"time": owning.TIME},
    commands=(
        command(
            r"(?:my\s+|show\s+(?:my\s+)?)?(?:learning\s+time|time\s+log(?:ged)?)|my\s+time|"
            r"(?:how\s+much|what)(?:\s+(?:learning\s+)?time)?\s+(?:am\s+i|is(?:\s+still)?)\s+owed(?:\s+to\s+me)?\s*\??",
            "time.show",
            "my time",
            "what you logged, and the learning time still owed to you",
        ),
        command(rf"log(?:\s+{_TIME})?[:.!]?", "time.form", "log", "log learning time in a form"),
        command(
            rf"log(?:\s+{_TIME})?\s*[:,]?\s+(?P<words>(?!(?:in|out|on|off)(?:\s+(?:to|of)\b.*)?$).+)",
            "time.typed",
            "log 2h shadowing at Bitterne",
            "log time that you spent learning",
        ),
        command(
            r"(?:(?P<lead>today|yesterday),?\s+)?i(?:['’]?ve|\s+have)?\s+(?:just\s+)?spent\s+"
            rf"(?:(?:about|around|nearly|almost|over)\s+)?(?P<words>{BEGINS_WITH_ONE}.*)",
            "time.typed",
            yields=True,
        ),
    ),
)
