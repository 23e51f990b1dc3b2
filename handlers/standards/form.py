"""The forms of standards: what a record is evidence for, and how somebody sees themselves, an area at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.chat import Field, Form, Option, joined, numbers, text
from handlers.standards.mine import LEVELS, Mine, Said
from storage.models import StandardItem
from storage.standards import Area

PER_FORM = 20  # statements in one form: a longer area has several
LONGEST_WORDS = 2_000
_LEVELS = tuple(Option(label, level) for level, label in LEVELS.items())
_TYPED = Field("typed", "Or type part of a statement", hint="A word or two of it, or its code", required=False)

TAG = Form(
    "standards.tagged",
    "Evidence for …",
    (
        Field("which", "Which statements does it show?", "choices", required=False),
        _TYPED,
        Field("area", "Or look through an area", "choice", required=False),
    ),
)
RATE = Form(
    "standards.rated",
    "Self-review",
    (Field("statement", "A statement", "choice", options=_LEVELS, required=False),),
)
SEE = Form(
    "standards.seen",
    "How I see it",
    (
        Field("level", "How do you see yourself in this?", "choice", options=_LEVELS),
        Field("words", "Why?", "paragraph", "Only you read this", required=False),
    ),
)


@dataclass(frozen=True)
class Tagging:
    """What the form of evidence has to remember: the kind of record, what counted when it was opened, which round.

    It travels in a form's value and is never trusted: whose the record is and which statements there are is looked up.
    """

    kind: str
    before: tuple[int, ...] = ()
    round: int = 0

    @classmethod
    def read(cls, value: str) -> "Tagging":
        """What a form or button says; whatever makes no sense in it is left out."""
        kind, before, round_ = (*value.split(":"), "", "")[:3]
        return cls(kind, numbers(before), int(round_) if round_.isdecimal() and len(round_) < 3 else 0)

    def written(self) -> str:
        """The value for a form."""
        return f"{self.kind}:{','.join(map(str, self.before))}:{self.round}"

    def field(self, name: str) -> str:
        """A field's name in this round: another one each time, so that nothing of the last round is still in it."""
        return f"{name}{self.round or ''}"


def tag(about: int, tagging: Tagging, mine: Mine, offered: Sequence[StandardItem], ticked: Sequence[int],
        line: str = "") -> Form:  # fmt: skip
    """Statements to tick, and two ways to find others."""
    which, typed, area = TAG.fields
    options = tuple(Option(named(item), str(item.id)) for item in offered)
    areas = tuple(Option(one.title, str(one.item.id)) for one in mine.areas)
    chosen = joined(str(item.id) for item in offered if item.id in ticked)
    fields = [
        *([replace(which, name=tagging.field("which"), options=options, value=chosen)] if options else []),
        replace(typed, name=tagging.field("typed"),
                label=typed.label if options else "Type part of a statement"),
        replace(area, name=tagging.field("area"), options=areas),
    ]  # fmt: skip
    intro = (text("{line}", line=line),) if line else ()
    return replace(TAG, fields=tuple(fields), intro=intro, about=about, value=tagging.written())


def named(item: StandardItem) -> str:
    """`K1 Knows the duties …`."""
    return f"{item.code} {item.words}"


# ------------------------------------------------------------------------------------------------------ self-review


@dataclass(frozen=True)
class Page:
    """The statements of an area that one form asks about."""

    area: Area
    number: int
    of: int
    statements: tuple[StandardItem, ...]

    @property
    def title(self) -> str:
        """`Personal qualities and values (1 of 2)`."""
        return self.area.title if self.of == 1 else f"{self.area.title} ({self.number + 1} of {self.of})"

    @property
    def value(self) -> str:
        """For a button or a form."""
        return f"{self.area.item.id}:{self.number}"

    def is_done(self, said: Mapping[int, Said]) -> bool:
        """Whether every statement of it was answered."""
        return all(said.get(one.id, Said()).level for one in self.statements)


def pages(areas: Sequence[Area]) -> list[Page]:
    """A form for each area, several for a long one."""
    found: list[Page] = []
    for area in areas:
        starts = range(0, len(area.statements), PER_FORM)
        found.extend(
            Page(area, number, len(starts), area.statements[start : start + PER_FORM])
            for number, start in enumerate(starts)
        )
    return found


def rate(review_id: int, page: Page, said: Mapping[int, Said]) -> Form:
    """One page of a self-review, as far as it was answered."""
    fields = tuple(
        Field(_asked(one), named(one), "choice", one.gloss, _LEVELS, required=False,
              value=said.get(one.id, Said()).level)
        for one in page.statements
    )  # fmt: skip
    intro = (
        text("**{title}**", title=page.title),
        text("How do you see yourself? Leave out what you cannot say; you can come back to it."),
    )
    return replace(RATE, fields=fields, intro=intro, about=review_id, value=page.value)


def rated(page: Page, answers: Mapping[str, str]) -> dict[int, str]:
    """The levels that were chosen, by statement: "" where none was; whatever was not asked is left out."""
    given = {one.id: answers[_asked(one)] for one in page.statements if _asked(one) in answers}
    return {item_id: level if level in LEVELS else "" for item_id, level in given.items()}


def see(item: StandardItem, said: Said) -> Form:
    """One statement, with room for why."""
    intro = (text("**{statement}**", statement=named(item)),)
    return replace(SEE, intro=intro, about=item.id).filled({"level": said.level, "words": said.words})


def _asked(item: StandardItem) -> str:
    return f"s{item.id}"
