"""Courses: told in a sentence, reflected on two working days after, accounted for and shared as their owner likes."""

from handlers.courses import details, owning, reflecting, sharing, telling
from handlers.courses.following import follow_delete, follow_edit
from handlers.courses.form import CHANGE, PLAN, REFLECT, TEAM
from handlers.registry import Conversation, command

__all__ = ["CONVERSATION", "follow_delete", "follow_edit"]

# Ordinary talk that is no course, however much it begins like one.
_NOT_THIS = (
    r"(?!(?:holidays?|vacation|leave|annual|sick|maternity|paternity|break|lunch|call|duty|it|top|board|time|track|"
    r"site|strike|edge|fire|hold|mute|teams|slack|zoom|here|there|that$|this$|"
    r"my (?:way|own|phone|lunch|break|last|holidays?)|"
    r"a (?:call|break|train|bus|plane|flight|diet|roll|mission|high|budget|deadline)|"
    r"an? (?:\w+ )?appointment|the (?:phone|train|bus|way|road|case|fence|mend|move|go|list|same|other))\b)"
)
_EVENT = (
    r"(?:course|conference|training|workshop|seminar|webinar|masterclass|session|inset|induction|module|programme|level|"
    r"visit|briefing|summit|symposium|lecture|talk|class|refresher|certificate|diploma|twilight|cpd)"
)
_LIKE_A_NAME = rf"(?=(?:(?:the|an?|our)\s+)?(?-i:[A-Z0-9=<])|.*\b{_EVENT}s?\b)"
_LEAD = (
    r"(?:(?P<lead>(?:on |next |this |last |tomorrow|today|yesterday|mon|tue|wed|thu|fri|sat|sun|\d)"
    r"[^.!?\n]{0,40}?),?\s+)?"
)
_IM = r"i(?:['’]?m|\s+am|['’]?ll\s+be|\s+will\s+be)"
_IVE = r"i(?:['’]?ve|\s+have)"

COMING = (
    rf"{_LEAD}{_IM}\s+(?:going\s+on|on|off\s+to|attending|booked\s+(?:on(?:to)?|in\s+for|for|into)|"
    rf"enrolled\s+(?:on|in)|signed\s+up\s+(?:for|to)|registered\s+(?:for|on))\s+{_NOT_THIS}(?P<course>.+)"
)
GOING_TO = rf"{_LEAD}(?:{_IM}\s+(?:going\s+to|doing)|{_IVE}\s+booked(?:\s+on(?:to)?)?)\s+{_LIKE_A_NAME}(?P<course>.+)"
BEEN = (
    rf"{_LEAD}(?:i\s+(?:was\s+(?:on|at)|went\s+(?:to|on)|did|attended)|{_IVE}\s+(?:been\s+(?:on|to|at)|attended))\s+"
    rf"{_NOT_THIS}{_LIKE_A_NAME}(?P<past>.+)"
)

CONVERSATION = Conversation(
    name="courses",
    actions={
        "courses.typed": telling.typed,
        "courses.form": telling.form,
        "courses.planned": telling.planned,
        "courses.change": telling.change,
        "courses.changed": telling.changed,
        "courses.more": details.more,
        "courses.detailed": details.detailed,
        "courses.cancel": telling.cancel,
        "courses.missed": telling.cancel,
        "courses.restore": telling.restore,
        "courses.list": telling.list_,
        "courses.open": telling.open_,
        "courses.reflect": reflecting.reflect,
        "courses.skip": reflecting.skip,
        "courses.write": reflecting.write,
        "courses.written": reflecting.written,
        "courses.later": reflecting.later,
        "courses.nothing": reflecting.nothing,
        "courses.add": reflecting.add,
        "courses.preview": sharing.show_preview,
        "courses.send": sharing.send,
        "courses.take_back": sharing.take_back,
        "courses.read": sharing.read_,
        "courses.enough": sharing.enough,
        "courses.word": sharing.word,
        "courses.worded": sharing.worded,
        "courses.post": sharing.post,
        "courses.posted": sharing.posted,
        "courses.unshare": sharing.unshare,
    },
    forms=(PLAN, CHANGE, MORE, REFLECT, TEAM),
    notices={
        "courses.reflect": reflecting.ask,
        "courses.card": telling.own_card,
        "courses.accounted": sharing.account_card,
        "courses.team": sharing.team_card,
    },
    commands=(
        command(r"(?:my |show (?:my )?)?courses", "courses.list", "my courses", "your courses and what came of them"),
        command(
            r"(?:(?:add|new|log|record)\s+(?:an?\s+)?)?course[:.!]?", "courses.form", "course", "tell me about a course"
        ),
        command(r"courses?\s*:\s*(?P<course>.+)", "courses.typed", "course: Excel, 12 March", "tell me about a course"),
        command(COMING, "courses.typed", "I'm on Safeguarding level 2 next Thursday", "and I ask about it afterwards"),
        command(GOING_TO, "courses.typed", yields=True),
        command(BEEN, "courses.typed", yields=True),
    ),
    recurring=(reflecting.ask_again,),
    keeps={"course": owning.COURSE},
)
