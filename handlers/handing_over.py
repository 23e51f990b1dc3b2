"""A file of one's own: chosen, asked for, and handed to its owner in the direct chat or at a one-time address."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from bot.chat import Event, Field, FixAnswers, Form, Option, joined, several
from bot.documents.formats import Format
from bot.errors import Refusal
from handlers.turn import Turn
from storage.models import Portfolio
from storage.portfolio import making
from storage.portfolio.making import Choices

TAKES_FILES = ("console", "slack")  # where a file can be handed over without an address

# ------------------------------------------------------------------------------------------------------------ asking


def to_choose(name: str) -> Form:
    """The form that asks what shall be in a file."""
    return Form(
        name,
        "Choose what is in it",
        (
            Field("sections", "What shall it hold?", "choices", required=False),
            Field("formats", "As which kinds of file?", "choices"),
        ),
    )


def offered(
    form: Form, about: int, sections: Mapping[str, str], formats: Mapping[str, Format[...]], choices: Choices
) -> Form:
    """The form with what there is to choose from, and what is chosen so far. `sections` are labels by their keys."""
    held = {
        "sections": tuple(Option(label, key) for key, label in sections.items()),
        "formats": tuple(Option(f"{one.label}: {one.good_for}", one.key) for one in formats.values()),
    }
    kept = {
        "sections": joined(key for key in sections if key not in choices.without),
        "formats": joined(key for key in choices.formats if key in formats),
    }
    fields = tuple(replace(one, options=held[one.name], value=kept[one.name]) for one in form.fields)
    return replace(form, about=about, fields=fields)


def keep(turn: Turn, event: Event, draft: Portfolio, form: Form) -> FixAnswers | None:
    """Keep what was chosen of what this form offers; a file with nothing in it, or of no kind, is asked about again."""
    ticked: dict[str, tuple[str, ...]] = {}
    not_ticked: dict[str, tuple[str, ...]] = {}
    for field in form.fields:
        picked, values = several(event.answers.get(field.name, "")), [option.value for option in field.options]
        ticked[field.name] = tuple(value for value in values if value in picked)
        not_ticked[field.name] = tuple(value for value in values if value not in picked)
    problems: dict[str, str] = {}
    if not ticked["sections"]:
        problems["sections"] = "Choose at least one: an empty file is no use to you."
    if not ticked["formats"]:
        problems["formats"] = "Choose at least one kind of file."
    if problems:
        return FixAnswers(form.filled(event.answers), problems)
    kept = replace(chosen(turn, draft), formats=ticked["formats"], without=not_ticked["sections"])
    draft.choices = turn.seal(kept.packed())
    return None


def begun(
    turn: Turn, choices: Choices, kind: str = "portfolio", *, about: int | None = None, year: date | None = None
) -> Portfolio:
    """A draft of a file for whoever acts; nothing is made of it yet."""
    draft = Portfolio(owner_id=turn.person.id, made_at=turn.now, choices=turn.seal(choices.packed()), kind=kind,
                      about=about, year=year)  # fmt: skip
    turn.session.add(draft)
    turn.session.flush()
    return draft


def draft_of(turn: Turn, event: Event, too_late: type[Refusal]) -> Portfolio:
    """The draft that is acted on, as it stays meanwhile. Raises `too_late` once it is more than one, or none."""
    draft = turn.session.get_one(Portfolio, event.about, with_for_update=True)
    if draft.state != "draft":
        raise too_late
    return draft


def chosen(turn: Turn, portfolio: Portfolio) -> Choices:
    """What was chosen for it."""
    return Choices.of(turn.read(portfolio.owner_id, portfolio.choices, "portfolio", portfolio.id))


def order(turn: Turn, draft: Portfolio) -> None:
    """Have it made; earlier ones of its kind that still wait for its owner are closed."""
    making.want(draft)
    making.put_away(turn.session, draft, turn.now)


# -------------------------------------------------------------------------------------------------------- handing over


def can_be_handed_over(turn: Turn, event: Event) -> bool:
    """Whether there is a way to hand a file to whoever acted."""
    return bool(turn.base_url) or event.place.platform in TAKES_FILES


def address_of(turn: Turn, portfolio: Portfolio) -> str:
    """The address at which its owner, the reader, can fetch or bring it once."""
    secret = making.secret(turn.keyring, turn.person, portfolio)
    return f"{turn.base_url}/portfolio/{portfolio.id}/{secret}"
