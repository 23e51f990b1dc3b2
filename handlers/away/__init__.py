"""When somebody is away: no times are offered then and nothing is asked. Nobody is told, and nobody asks why."""

from handlers.away import handlers, words
from handlers.registry import Conversation, command

_I = r"(?:i(?:\s+am|\s*['’]?m|\s*['’]ll\s+be|\s+(?:will|shall)\s+be)\s+(?:going\s+to\s+be\s+)?)"
_NOT_IN = r"(?:in|here|around|about|available|working|at\s+work|in\s+the\s+office)"
_LEAVE = r"(?:(?:annual|unpaid|study|special|sick|family|parental|maternity|paternity|compassionate)\s+)?leave"
_AWAY = (
    rf"(?:away|off(?:\s+(?:sick|ill|work))?|on\s+{_LEAVE}|on\s+(?:my\s+)?(?:holidays?|hols|vacation)|"
    rf"out(?:\s+of\s+(?:the\s+)?office)?|not\s+{_NOT_IN}|unavailable)"
)
_WONT = rf"i\s+(?:won['’]?t|will\s+not|shan['’]?t)\s+be\s+{_NOT_IN}"
# words that a time is made of: a message of nothing else says when, and is no answer to anything that was asked
_TIMES = (
    r"(?:\d{1,4}(?:st|nd|rd|th)?(?:am|pm)?|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,8}|tom[a-z]{4,7}|today|tonight|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}|easter|christmas|half-?term|term|am|pm|"
    r"on|from|to|till?|until|through|and|or|the|this|next|coming|all|whole|half|half-day|days?|weeks?|weekend|months?|"
    r"fortnight|w/?c|for|in|at|of|an?|one|two|three|four|five|six|first|last|rest|early|late|end|beginning|"
    r"mornings?|afternoons?|evening|lunch(?:time)?|noon|midday|after|before|between|inclusive|starting|commencing|"
    r"please|thanks|again)"
)
_WHEN = rf"(?P<when>{_TIMES}(?:[\s,.:;&+()!/–—-]+{_TIMES}){{0,40}})[.!)]*"
_SOME_TIME = (
    r"(?=.*\b(?:\d|(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|"
    r"today|tom[a-z]+|week|month|fortnight|half-?term|easter|christmas))"
)

CONVERSATION = Conversation(
    name="away",
    actions={
        "away.told": handlers.told,
        "away.keep": handlers.keep,
        "away.choose": handlers.choose,
        "away.days": handlers.days,
        "away.show": handlers.show,
        "away.undo": handlers.undo,
    },
    forms=(words.DAYS,),
    commands=(
        command(
            rf"when\s+(?:am|will)\s+i\s+(?:be\s+)?{_AWAY}\s*\??|(?:show\s+)?my\s+(?:leave|absences|time\s+(?:off|away)|"
            r"(?:days\s+)?(?:off|away))\??",
            "away.show",
            "when am I away",
            "what you told me, and taking it back",
        ),
        command(
            rf"(?:(?:{_I}(?:back|{_AWAY})|{_WONT}|{_AWAY}|back)|i\s+(?:don['’]?t|do\s+not)\s+work)[\s,:–-]+{_WHEN}",
            "away.told",
            "I'm away 3–10 April",
            "offered no times and asked nothing then",
        ),
        command(
            rf"(?:(?:a\s+)?half(?:\s+a)?[\s-]day(?:\s+(?:of\s+)?{_LEAVE}|\s+off)?|{_LEAVE}|holidays?|hols|a\.?l\.?)[\s,:–-]+{_WHEN}",
            "away.told",
        ),
        command(
            rf"i(?:(?:\s*['’]?m|\s+am)\s+(?:taking|having)|(?:\s*['’]ve|\s+have)(?:\s+got)?)\s+{_WHEN}\s+off"
            r"(?:\s+work)?[.!]*",
            "away.told",
        ),
        command(rf"(?P<sure>{_I}{_AWAY})[.!]*", "away.told"),
        command(
            rf"(?:{_I}{_AWAY}|{_WONT}|{_AWAY}(?=\s+{_TIMES}\b))\b(?!\s+to\b){_SOME_TIME}.{{1,400}}",
            "away.told",
            yields=True,
        ),
    ),
)
