"""Courses: told in a sentence, reflected on, accounted for, shared, judged; and what they changed in the end."""

from handlers.courses import (
    changing,
    details,
    impact,
    overview,
    owning,
    passing_on,
    rating,
    reflecting,
    sharing,
    telling,
)
from handlers.courses.details import MORE
from handlers.courses.following import follow_delete, follow_edit
from handlers.courses.form import CHANGE, PLAN, REFLECT, TEAM
from handlers.courses.impact_words import IMPACT
from handlers.courses.passing_on import DOCUMENT, MEETING
from handlers.courses.rating import RATE
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

SHADOWING = rf"{_LEAD}{_IM}\s+(?P<course>(?:job[- ])?shadowing\s+.+)"
SHADOWED = rf"{_LEAD}(?:i|{_IVE})\s+(?P<past>shadowed\s+.+)"

CONVERSATION = Conversation(
    name="courses",
    actions={
        "courses.typed": telling.typed,
        "courses.form": telling.form,
        "courses.planned": telling.planned,
        "courses.change": changing.change,
        "courses.changed": changing.changed,
        "courses.more": details.more,
        "courses.detailed": details.detailed,
        "courses.cancel": changing.cancel,
        "courses.missed": changing.cancel,
        "courses.restore": changing.restore,
        "courses.list": telling.list_,
        "courses.overview": overview.overview,
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
        "courses.meeting": passing_on.meeting,
        "courses.meeting_set": passing_on.meeting_set,
        "courses.no_meeting": passing_on.no_meeting,
        "courses.document": passing_on.document,
        "courses.documented": passing_on.documented,
        "courses.rate": rating.rate,
        "courses.rate_say": rating.say,
        "courses.rate_form": rating.form,
        "courses.rated": rating.rated,
        "courses.rate_later": rating.later,
        "courses.rate_decline": rating.decline,
        "courses.impact_start": impact.start,
        "courses.impact_open": impact.open_,
        "courses.impact_write": impact.write,
        "courses.impact_written": impact.written,
        "courses.impact_say": impact.say,
        "courses.impact_none": impact.none,
        "courses.impact_later": impact.later,
        "courses.impact_decline": impact.decline,
    },
    forms=(PLAN, CHANGE, MORE, REFLECT, TEAM, MEETING, DOCUMENT, RATE, IMPACT),
    notices={
        "courses.reflect": reflecting.ask,
        "courses.card": telling.own_card,
        "courses.accounted": sharing.account_card,
        "courses.team": sharing.team_card,
        passing_on.NOTICE: passing_on.remind,
        "courses.rate": rating.ask,
        impact.NOTICE: impact.ask,
    },
    commands=(
        command(r"(?:my |show (?:my )?)?courses", "courses.list", "my courses", "your courses and what came of them"),
        command(r"courses? (?:overview|numbers)", "courses.overview"),
        command(
            r"(?:(?:add|new|log|record)\s+(?:an?\s+)?)?course[:.!]?", "courses.form", "course", "tell me about a course"
        ),
        command(r"courses?\s*:\s*(?P<course>.+)", "courses.typed", "course: Excel, 12 March", "tell me about a course"),
        command(COMING, "courses.typed", "I'm on Safeguarding level 2 next Thursday", "and I ask about it afterwards"),
        command(SHADOWING, "courses.typed", yields=True),
        command(SHADOWED, "courses.typed", yields=True),
        command(GOING_TO, "courses.typed", yields=True),
        command(BEEN, "courses.typed", yields=True),
    ),
    recurring=(reflecting.ask_again, rating.owe_questions, impact.owe_questions),
    keeps={"course": owning.COURSE},
)
