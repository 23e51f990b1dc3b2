"""The forms of learning sets."""

from collections.abc import Sequence
from dataclasses import replace

from bot.chat import Field, Form, Text, text
from storage.sets import SEATS

_NAME = Field("name", "What shall it be called?", hint="For example: Year 3 learning set")
_WHO = Field(
    "members",
    "Who is to be in it?",
    "paragraph",
    "Up to six names or work e-mail addresses, with commas between. Write “me” to take part yourself, too.",
)
_FACILITATOR = Field(
    "facilitator",
    "Who facilitates it?",
    hint="Leave this empty to do it yourself. Somebody else is asked first.",
    required=False,
)
START = Form("sets.started", "Start a learning set", (_NAME, _WHO, _FACILITATOR), submit="Ask them")
INVITE = Form(
    "sets.invited",
    "Ask somebody else",
    (Field("members", "Whom would you like to ask?", "paragraph", "Names or work e-mail addresses, commas between."),),
    submit="Ask them",
)
_WHEN = Field("when", "When shall the set meet?", hint="For example: Thursday at 10, or 12 March 14:30")
PROPOSE = Form("sets.proposed", "Another time", (_WHEN,), submit="Book it")
RETIME = Form("sets.retimed", "Another time", (_WHEN,), submit="Move it")
CANCEL = Form(
    "sets.cancelled",
    "Cancel this meeting?",
    (Field("reason", "Why, if you like to say", "paragraph", "Everybody in the set sees it.", required=False),),
    submit="Cancel it",
)


def start(*, names_others: bool) -> Form:
    """The form that starts a set; whoever leads or coordinates can name somebody else to facilitate it."""
    return START if names_others else replace(START, fields=(_NAME, _WHO))


def about(form: Form, subject: int, *intro: Text) -> Form:
    """The form, about one record."""
    return replace(form, about=subject, intro=intro)


def seat_of(person_id: int) -> str:
    """The name of the field that asks whether this person was there."""
    return f"person_{person_id}"


def attended(people: Sequence[tuple[int, str, str]], when: str, meeting_id: int | None = None) -> Form:
    """Who was there: a yes or no for each (number, name, what is known by now: yes, no or "")."""
    fields = tuple(Field(seat_of(number), name, "yesno", value=known or "yes") for number, name, known in people)
    return Form("sets.attended", "Who was there?", fields, intro=(text("**{when}**", when=when),), about=meeting_id)


# as large as it gets; what a facilitator sees is made of the set's own members
ATTENDED = attended([(number, "Amina Khan", "yes") for number in range(1, SEATS + 1)], "Thu 5 Mar, 10:00–10:45")

FORMS = (START, INVITE, PROPOSE, RETIME, CANCEL, ATTENDED)
