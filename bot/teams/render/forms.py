"""Form → the card in which it is filled in, among the messages or in a dialog. What is filled in `filled` reads."""

import re
from collections.abc import Mapping
from typing import assert_never

from bot.chat import PUT_AWAY, Button, Field, Form, Option, Span, several
from bot.teams.render.cards import framed, size
from bot.teams.render.controls import OURS, action_sets, button_action, choices_of, title_of
from bot.teams.render.limits import LIMITS, TooLarge
from bot.teams.render.parts import elements
from bot.teams.render.text import Json, literal, rich_text, unlinked, unmarked

AMONG = ","  # what Teams puts between several choices
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{2}:\d{2}")
_RATINGS = tuple(Option(str(n), str(n)) for n in range(1, 6))
_YES_NO = (Option("Yes", "yes"), Option("No", "no"))


def form_card(
    form: Form,
    problems: Mapping[str, str] | None = None,
    *,
    dialog: bool = False,
    over: bool = False,
    origin: str = "",
) -> Json:
    """A form as a card, with `problems` beside the fields they are about.

    In a `dialog` the title stands above the card and the answer is a submit. `over` says that it took the place of
    another card, and `origin` names the message whose button opened the dialog: both come back with the answers.
    """
    wrong = dict(problems or {})
    names = {question.name for question in form.fields}
    assert OURS not in names, "that name is taken"
    body: list[Json] = [] if dialog else [rich_text([Span(form.title, bold=True)], size="Medium")]
    for part in form.intro:
        body.extend(elements(part, 0, True, 4_000, alone=False))
    body.extend(_problem(problem) for name, problem in wrong.items() if name not in names)
    some_needed = any(question.required for question in form.fields)
    for question in form.fields:
        body.extend(_question(question, wrong.get(question.name, ""), some_needed=some_needed))
    ours: Json = {
        "form": form.name,
        "about": form.about,
        "value": form.value,
        "fields": [question.name for question in form.fields],
    }
    if among := [question.name for question in form.fields if question.kind == "choices"]:
        ours["several"] = among
    if over:
        ours["over"] = True
    if origin:
        ours["origin"] = origin
    send: Json = {"title": title_of(form.submit), "style": "positive", "data": {OURS: ours}}
    kind: Json = {"type": "Action.Submit"} if dialog else {"type": "Action.Execute", "verb": form.name}
    # A dialog has its own way out; a form among the messages needs one.
    ways_out = [] if dialog else [button_action(Button("Never mind", PUT_AWAY, form.about, form.value), direct=True)]
    shown = framed([*body, *action_sets([kind | send, *ways_out])], form.title)
    if size(shown) > LIMITS["form bytes"]:
        raise TooLarge
    return shown


def _question(question: Field, problem: str, *, some_needed: bool) -> list[Json]:
    # Where nothing is needed, saying so at every field is noise.
    label = question.label if question.required or not some_needed else f"{question.label} (optional)"
    shown: Json = {"id": question.name, "label": literal(label)}
    if question.required:
        shown |= {"isRequired": True, "errorMessage": "This one is needed."}
    block = [_input(question, shown)]
    if problem:
        block.append(_problem(problem))
    if question.hint:
        block.append(rich_text([Span(question.hint)], small=True) | {"spacing": "Small"})
    return block


def _input(question: Field, shown: Json) -> Json:
    match question.kind:
        case "line" | "paragraph":
            longest = max(LIMITS[question.kind], len(question.value))
            kind: Json = {"type": "Input.Text", "isMultiline": question.kind == "paragraph", "maxLength": longest}
        case "choice":
            kind = {"type": "Input.ChoiceSet", "style": "compact", "choices": choices_of(question.options)}
        case "choices":
            # Boxes that can be seen at once, a menu when there are many: only beside boxes is a label read as Markdown.
            boxes, choices = len(question.options) <= LIMITS["boxes"], choices_of(question.options)
            shield = unmarked if boxes else unlinked
            kind = {"type": "Input.ChoiceSet", "style": "expanded" if boxes else "compact", "isMultiSelect": True}
            kind |= {"wrap": True, "choices": [one | {"title": shield(one["title"])} for one in choices]}
        case "rating":
            # A menu: five buttons below one another, six times over, are more than anybody wants to scroll through.
            kind = {"type": "Input.ChoiceSet", "style": "compact", "placeholder": "1 to 5"}
            kind["choices"] = choices_of(_RATINGS)
        case "yesno":
            kind = {"type": "Input.ChoiceSet", "style": "expanded", "choices": choices_of(_YES_NO)}
        case "date":
            kind = {"type": "Input.Date"}
        case "time":
            kind = {"type": "Input.Time"}
        case _:
            assert_never(question.kind)
    value = question.value if question.kind != "choices" else AMONG.join(several(question.value))
    return kind | shown | ({"value": value} if _fits(question) else {})


def _fits(question: Field) -> bool:
    """Whether the input can show the value: what is not a date would make the card invalid."""
    match question.kind:
        case "date":
            return bool(_DATE.fullmatch(question.value))
        case "time":
            return bool(_TIME.fullmatch(question.value))
        case _:
            return bool(question.value)


def _problem(words: str) -> Json:
    return rich_text([Span(words)], colour="Attention") | {"spacing": "Small"}
