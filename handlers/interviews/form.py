"""The forms of the interviews conversation."""

from dataclasses import replace

from bot.chat import Field, Form

NOMINATE = Form(
    "interviews.nominated",
    "Learning partner",
    (Field("partner", "Who would you like to ask?", hint="A name, or a work e-mail address"),),
    submit="Ask them",
)
_WHEN = Field("when", "When would suit you?", hint="For example: Thursday at 10, or 12 March 14:30")
PROPOSE = Form("interviews.proposed", "Another time", (_WHEN,), submit="Suggest it")
_WHY = Field("reason", "Why, if you like to say", "paragraph", "The other person sees it.", required=False)
RETIME = Form("interviews.retimed", "Another time", (_WHEN, _WHY), submit="Suggest it")
CANCEL = Form(
    "interviews.cancelled",
    "Cancel this interview?",
    (_WHY,),
    submit="Cancel it",
)
PUT_OFF = Form(
    "interviews.put_off",
    "Ask me another day",
    (Field("day", "From which day on?", "date"),),
    submit="Ask me then",
)
NOTE = Form(
    "interviews.noted",
    "Note on the interview",
    (
        Field(
            "words", "What do you both want to remember?", "paragraph", "You both see it, and nobody else does.",
            required=False,
        ),
        Field("private", "Only for you", "paragraph", "Nobody but you ever sees this half.", required=False),
    ),
    submit="Keep it",
)  # fmt: skip
STEPS = Form(
    "interviews.stepped",
    "What will you do next?",
    tuple(
        Field(
            f"step_{number}",
            "A next step" if number == 1 else "Another",
            hint="With a day if you like: visit Itchen by 20 May. You both see it." if number == 1 else "",
            required=False,
        )
        for number in range(1, 6)
    ),
    submit="Keep them",
)
STEP_DAY = Form(
    "interviews.step_dated",
    "Remind me",
    (Field("day", "On which day?", "date", "I remind you once, in the morning of that day."),),
    submit="Remind me then",
)
BRIEF = Form(
    "interviews.briefed",
    "Before your interview",
    (
        Field("words", "What would you like to talk about?", "paragraph", "In your own words", required=False),
        Field("targets", "Targets of your learning plan", "choices", required=False),
        Field("entries", "From your diary", "choices", required=False),
        Field("courses", "Courses you have told nobody about yet", "choices", required=False),
        Field("steps", "Your open next steps", "choices", required=False),
    ),
    submit="Show me first",
)

FORMS = (NOMINATE, PROPOSE, RETIME, CANCEL, PUT_OFF, NOTE, STEPS, STEP_DAY, BRIEF)


def about(form: Form, subject: int) -> Form:
    """The form, about one record."""
    return replace(form, about=subject)
