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
RETIME = Form("interviews.retimed", "Another time", (_WHEN,), submit="Suggest it")
CANCEL = Form(
    "interviews.cancelled",
    "Cancel this interview?",
    (Field("reason", "Why, if you like to say", "paragraph", "The other person sees it.", required=False),),
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
    (Field("words", "What do you both want to remember?", "paragraph", "You both see it, and nobody else does."),),
    submit="Keep it",
)

FORMS = (NOMINATE, PROPOSE, RETIME, CANCEL, PUT_OFF, NOTE)


def about(form: Form, subject: int) -> Form:
    """The form, about one record."""
    return replace(form, about=subject)
