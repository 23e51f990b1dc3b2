"""A self-review: how far it is, and the picture of it, with the last one beside it."""

from collections.abc import Mapping, Sequence

from bot import wording
from bot.chat import Button, Buttons, Chart, Facts, Message, Option, Part, Select, Table, small, text
from handlers.standards.form import Page, named, pages
from handlers.standards.mine import LEVELS, Mine, Said
from handlers.standards.words import ONLY_YOU, changes, counted, tally
from handlers.turn import Turn
from storage.models import SelfReview, StandardItem

MOST_IN_A_TABLE = 8  # areas: with more, a table with two charts is more than one message holds
MOST_NEEDS = 4  # needs with a line of their own; others are a choice away
MOST_CHOICES = 25  # needs to choose from: the others are found in their area
SHORT = 75  # characters of a statement in that choice
MOST_BUTTONS = 4  # pages of a self-review with a button each
LABEL = 20  # characters below a bar
NAMES = {"strength": "Strength", "growing": "Growing", "need": "Need"}


def under_way(turn: Turn, mine: Mine, review: SelfReview, line: str = "") -> Message:
    """How far a self-review is, and the way on."""
    found = pages(mine.areas)
    to_do = [page for page in found if not page.is_done(mine.said)]
    parts: list[Part] = [text("**{line}**", line=line)] if line else []
    parts.append(
        text("How do you see yourself against **{title}**? For each statement: a strength, growing, or a need.",
             title=mine.standard.title)
    )  # fmt: skip
    parts.append(Facts(tuple((page.title, _done(page, mine.said)) for page in found)))
    parts += changes(mine)
    parts.append(small(ONLY_YOU + " You can stop at any time: what you have said stays."))
    buttons: list[Button] = []
    if to_do:
        first = to_do[0]
        begun = any(said.level for said in mine.said.values())
        label = f"{'Go on' if begun else 'Begin'}: {first.title}"
        buttons.append(
            Button(wording.shortened(label, 70), "standards.rate", review.id, first.value, "primary", opens_form=True)
        )
    others = [page for page in found if page not in to_do[:1]]
    if 0 < len(others) <= MOST_BUTTONS:
        buttons += [
            Button(wording.shortened(page.title, 70), "standards.rate", review.id, page.value, opens_form=True)
            for page in others
        ]
    elif others:
        options = tuple(Option(page.title, page.value) for page in found)
        parts.append(Select("Another area", "standards.rate", options, review.id))
    if any(said.level for said in mine.said.values()):
        buttons.append(Button("Finish with what there is", "standards.finish", review.id))
    buttons.append(Button("Not now", "standards.later", review.id))
    parts.append(Buttons(tuple(buttons)))
    return Message("Your self-review", tuple(parts), notice="standards.review", about=review.id)


def picture(turn: Turn, mine: Mine, review: SelfReview, last: Mine | None) -> Message:
    """What came of a finished self-review: how many of each by area, and the needs. `last` is the time before."""
    assert review.finished_at is not None
    now = {area.item.code: counted(mine, area) for area in mine.areas}
    then = {} if last is None else {area.item.code: counted(last, area) for area in last.areas}
    titles = [area.title for area in mine.areas]
    labels = _short(titles)
    parts: list[Part] = [
        text("**How you see yourself** against {title}, {day}", title=mine.standard.title,
             day=wording.day_and_year(review.finished_at.astimezone(turn.zone).date())),
        _chart("How you see yourself", labels, list(now.values())),
    ]  # fmt: skip
    few = len(titles) <= MOST_IN_A_TABLE
    if last is not None and last.review is not None and last.review.finished_at is not None:
        day = wording.day_and_year(last.review.finished_at.astimezone(turn.zone).date())
        if few:
            beside = [then.get(code, dict.fromkeys(LEVELS, 0)) for code in now]
            parts.append(_chart(f"Last time, {day}", labels, beside))
        parts.append(small("In brackets: last time, {day}.", day=day))
    if few:
        rows = [(title, *_cells(now[code], then.get(code))) for title, code in zip(titles, now, strict=True)]
        parts.append(Table(("Area", *NAMES.values()), tuple(rows)))
    else:
        pairs = [
            (title, tally(now[code]) + (f" ({tally(then[code])})" if code in then else ""))
            for title, code in zip(titles, now, strict=True)
        ]
        parts.append(Facts(tuple(pairs)))
    if left := sum(not mine.said.get(item.id, Said()).level for item in mine.statements):
        parts.append(small("Not said: {count}.", count=wording.count(left, "statement")))
    parts += _needs(mine)
    parts.append(small(ONLY_YOU))
    parts.append(
        Buttons(
            (
                Button("Look again", "standards.again", review.id),
                Button("The whole standard", "standards.mine"),
            )
        )
    )
    return Message("How you see yourself", tuple(parts), notice="standards.review", about=review.id)


def put_off(review: SelfReview, day: str = "") -> Message:
    """It waits, and what was said stays."""
    said = (
        text("I'll ask you once, on **{day}**. What you have said stays.", day=day)
        if day
        else text("It waits for you; what you have said stays. Say `self-review` to go on.")
    )
    buttons = [Button("Go on now", "standards.review")]
    if not day:
        buttons.append(Button("Ask me in a week", "standards.remind", review.id))
    return Message("Your self-review waits.", (said, Buttons(tuple(buttons))))


def _needs(mine: Mine) -> list[Part]:
    needs = [item for item in mine.statements if mine.said.get(item.id, Said()).level == "need"]
    if not needs:
        return []
    parts: list[Part] = [text("**{count}**", count=wording.count(len(needs), "need"))]
    for item in needs[:MOST_NEEDS]:
        parts += [
            text("{statement} ({evidence})", statement=wording.shortened(named(item), 200),
                 evidence=_evidence(mine, item)),
            Buttons((Button("Make it a target", "targets.from_statement", item.id, opens_form=True),)),
        ]  # fmt: skip
    if len(needs) > MOST_NEEDS:
        parts.append(small("And {count} more.", count=len(needs) - MOST_NEEDS))
    options = tuple(Option(wording.shortened(named(item), SHORT), str(item.id)) for item in needs[:MOST_CHOICES])
    parts.append(Select("Look at a need", "standards.statement", options))
    return parts


def _evidence(mine: Mine, item: StandardItem) -> str:
    count = mine.counts.get(item.code, 0)
    return f"{wording.count(count, 'record')} as evidence" if count else "no evidence yet"


def _done(page: Page, said: Mapping[int, Said]) -> str:
    done = sum(bool(said.get(one.id, Said()).level) for one in page.statements)
    return f"{done} of {len(page.statements)}"


def _cells(now: Mapping[str, int], then: Mapping[str, int] | None) -> tuple[str, ...]:
    return tuple(f"{now[level]}" + (f" ({then[level]})" if then is not None else "") for level in LEVELS)


def _chart(title: str, labels: Sequence[str], by_area: Sequence[Mapping[str, int]]) -> Chart:
    series = tuple((name, tuple(float(area[level]) for area in by_area)) for level, name in NAMES.items())
    return Chart(title, tuple(labels), series)


def _short(titles: Sequence[str]) -> list[str]:
    """Titles that fit below a bar, each another one."""
    labels: list[str] = []
    for number, title in enumerate(titles, 1):
        label = wording.shortened(title, LABEL)
        if label in labels:
            label = f"{wording.shortened(title, LABEL - 4)} {number}"
        labels.append(label)
    return labels
