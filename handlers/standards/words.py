"""What is shown of a standard: all of it at a glance, an area, a statement. Everything here is its reader's alone."""

from collections.abc import Sequence

from bot import wording
from bot.chat import Button, Buttons, Facts, Message, Option, Part, Quote, Select, small, text
from handlers.standards.form import named
from handlers.standards.mine import LEVELS, Mine, Said
from handlers.turn import Turn
from storage.models import Post, Standard, StandardItem
from storage.standards import Area

PER_PAGE = 15  # statements of an area in one message
SHORT = 200  # characters of a statement in a list
SHOWN = 6  # records on a statement's card
ONLY_YOU = "Only you can see this: your manager and your coordinator can’t, and nobody is told whether you did it."


def overview(turn: Turn, mine: Mine) -> Message:
    """The standard of one's post: its areas, what counts as evidence, how one sees oneself, what changed."""
    standard = mine.standard
    post = turn.session.get_one(Post, turn.person.post_id)
    heading = text("**{title}**, version {version}, for your post: {post}.", title=standard.title,
                   version=standard.version, post=post.name)  # fmt: skip
    parts: list[Part] = [heading]
    parts.append(Facts(tuple((area.title, _standing(mine, area)) for area in mine.areas)))
    parts += changes(mine)
    review = mine.review
    if review is None:
        review_button = Button("Look at myself", "standards.review")
    elif review.finished_at is None:
        review_button = Button("Go on with my self-review", "standards.review")
    else:
        review_button = Button("My self-review", "standards.review")
        parts.append(
            text("You last looked at yourself on {day}.",
                 day=wording.day_and_year(review.finished_at.astimezone(turn.zone).date()))
        )  # fmt: skip
    if standard.source:
        parts.append(small("{source}", source=standard.source))
    parts.append(small(ONLY_YOU))
    options = tuple(Option(area.title, str(area.item.id)) for area in mine.areas)
    parts.append(Select("Look at an area", "standards.area", options))
    parts.append(Buttons((review_button,)))
    return Message(standard.title, tuple(parts))


def changes(mine: Mine) -> tuple[Part, ...]:
    """What is new, reworded or gone since the version before, for as long as that one is the last."""
    difference, replaced = mine.difference, mine.replaced
    if replaced is None or not (difference.new or difference.changed or difference.gone):
        return ()
    pairs = [
        (label, wording.shortened(wording.listed([item.code for item in items]), 400))
        for label, items in (
            ("New", difference.new),
            ("Reworded", difference.changed),
            ("Gone", difference.gone),
        )
        if items
    ]
    return (
        text("**Since version {version}:**", version=replaced.version),
        Facts(tuple(pairs)),
        small("What you counted as evidence stays with the version that it was counted for."),
    )


def area(mine: Mine, shown: Area, page: int) -> Message:
    """The statements of an area: a page of them, each with its evidence and how its reader sees themselves."""
    pages = max(1, -(-len(shown.statements) // PER_PAGE))
    page = min(max(page, 0), pages - 1)
    here = shown.statements[page * PER_PAGE : (page + 1) * PER_PAGE]
    of = f" ({page + 1} of {pages})" if pages > 1 else ""
    pairs = tuple((_label(mine, item), wording.shortened(item.words, SHORT)) for item in here)
    parts: list[Part] = [text("**{title}**{of}", title=shown.title, of=of)]
    if shown.item.gloss:
        parts.append(small("{gloss}", gloss=shown.item.gloss))
    parts.append(Facts(pairs))
    options = tuple(Option(named(item), str(item.id)) for item in here)
    parts.append(Select("Look at a statement", "standards.statement", options))
    buttons = [Button("The whole standard", "standards.mine")]
    if page:
        buttons.append(Button("Page before", "standards.area", shown.item.id, str(page - 1)))
    if page + 1 < pages:
        buttons.append(Button("Next page", "standards.area", shown.item.id, str(page + 1)))
    parts.append(Buttons(tuple(buttons)))
    return Message(shown.title, tuple(parts))


def statement(
    item: StandardItem, standard: Standard, mark: str, said: Said, records: Sequence[Part], count: int
) -> Message:
    """A statement with what counts as evidence for it. `records` are those shown, `count` how many there are."""
    parts: list[Part] = [text("**{statement}**", statement=named(item))]
    if item.gloss:
        parts.append(small("{gloss}", gloss=item.gloss))
    if mark:
        parts.append(small("{mark} in version {version}.", mark=mark.capitalize(), version=standard.version))
    if said.level:
        parts.append(text("You see yourself here: **{level}**.", level=LEVELS[said.level].lower()))
    if said.words:
        parts.append(Quote(said.words))
    if count:
        parts.append(text("**{count} as evidence**", count=wording.count(count, "record")))
        parts += records
    else:
        parts.append(small("Nothing counts as evidence yet. On a diary entry or a course, choose “Evidence for …”."))
    buttons = [
        Button("How I see it", "standards.see", item.id, opens_form=True),
        Button("Make it a target", "targets.from_statement", item.id, opens_form=True),
    ]
    buttons.append(Button("The whole standard", "standards.mine"))
    parts.append(Buttons(tuple(buttons)))
    return Message(named(item), tuple(parts))


def several(found: Sequence[StandardItem], typed: str) -> Message:
    """Which of these was meant?"""
    options = tuple(Option(named(item), str(item.id)) for item in found)
    return Message(
        "Which statement?",
        (
            text("These fit “{typed}”. Which one?", typed=typed),
            Select("Look at a statement", "standards.statement", options),
        ),
    )


def none_fits(mine: Mine, typed: str) -> Message:
    """Nothing in the standard says that."""
    return Message(
        "No statement says that.",
        (
            text("No statement of {title} says “{typed}”. Try another word of it, or its code.",
                 title=mine.standard.title, typed=typed),
            Buttons((Button("The whole standard", "standards.mine"),)),
        ),
    )  # fmt: skip


def _standing(mine: Mine, shown: Area) -> str:
    """`20 statements, 3 with evidence; 4 strengths, 2 growing, 1 need`."""
    with_evidence = sum(mine.counts.get(item.code, 0) > 0 for item in shown.statements)
    words = f"{wording.count(len(shown.statements), 'statement')}, {with_evidence} with evidence"
    said = counted(mine, shown)
    return words + (f"; {tally(said)}" if any(said.values()) else "")


def counted(mine: Mine, shown: Area) -> dict[str, int]:
    """How many statements of an area are at which level."""
    levels = [mine.said.get(item.id, Said()).level for item in shown.statements]
    return {level: levels.count(level) for level in LEVELS}


def tally(said: dict[str, int]) -> str:
    """`4 strengths, 2 growing, 1 need`."""
    strengths, needs = wording.count(said["strength"], "strength"), wording.count(said["need"], "need")
    return f"{strengths}, {said['growing']} growing, {needs}"


def _label(mine: Mine, item: StandardItem) -> str:
    """`K1 · new · growing · 2 records`."""
    said, count = mine.said.get(item.id, Said()), mine.counts.get(item.code, 0)
    notes = [
        mine.mark(item),
        LEVELS[said.level].lower() if said.level else "",
        wording.count(count, "record") if count else "",
    ]
    return " · ".join([item.code, *filter(None, notes)])
