"""A standard as a CSV or YAML file has it: read whole, with every mistake that shows in the file by itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from storage.standard_files.trees import Branch, read_tree
from storage.written import TOO_MANY, Mistake, Mistakes, Unreadable, headings, records, shown, text_of

COLUMNS = ("standard", "title", "version", "source", "posts", "code", "under", "words", "gloss")
NEEDED = ("standard", "title", "version", "code", "under", "words")
ABOUT = ("standard", "title", "version", "source", "posts")  # the file's own, on its first row or on all of them
MEGABYTES = 2
MOST_STATEMENTS = 200  # more than that nobody can look at themselves against
MOST_AREAS = 20  # that hold statements: as many as a chart can show beside one another
DEEPEST = 4  # areas within areas
LONGEST = {"title": 120, "version": 40, "source": 500, "code": 20, "area": 120, "words": 600, "gloss": 1_000}

_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CODE = re.compile(r"[^\s,]+")


class StandardMistakes(Mistakes):
    """The standard cannot be imported, and nothing of it was."""


@dataclass(frozen=True)
class Item:
    """An area, or a statement in the area whose code is `under`."""

    line: int
    code: str
    words: str
    under: str = ""
    gloss: str = ""
    is_area: bool = False


@dataclass(frozen=True)
class StandardFile:
    """A file that was read, its items in order, every area before what is in it.

    With `mistakes` nothing of it can be imported. `notes` are worth saying, but nothing is wrong.
    """

    key: str = ""
    title: str = ""
    version: str = ""
    source: str = ""
    posts: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class _Reading:
    """What has been found so far."""

    about: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])
    posts: list[str] = field(default_factory=list[str])
    items: list[Item] = field(default_factory=list[Item])
    mistakes: list[Mistake] = field(default_factory=list[Mistake])
    notes: list[str] = field(default_factory=list[str])

    def wrong(self, line: int, reason: str) -> None:
        self.mistakes.append(Mistake(line, reason))

    def done(self) -> StandardFile:
        shapeless, self.mistakes = self.mistakes, []
        _check(self, whole=not shapeless)
        lines = {mistake.line for mistake in shapeless}  # what follows from a mistake is not one of its own
        self.mistakes = [*shapeless, *(mistake for mistake in self.mistakes if mistake.line not in lines)]
        said = {name: words for name, (_, words) in self.about.items()}
        return StandardFile(
            key=said.get("standard", ""), title=said.get("title", ""), version=said.get("version", ""),
            source=said.get("source", ""), posts=tuple(dict.fromkeys(self.posts)), items=tuple(self.items),
            mistakes=tuple(self.mistakes), notes=tuple(self.notes),
        )  # fmt: skip


def read_standard(written: str | bytes, *, is_csv: bool) -> StandardFile:
    """The standard in a file, with every mistake that shows in the file by itself."""
    reading = _Reading()
    try:
        text = text_of(written, reading.notes, megabytes=MEGABYTES, what="a standard", kind="text", save_as="UTF-8")
        if not text.strip():
            raise Unreadable(1, "the file is empty")
        if is_csv:
            _read_csv(text, reading)
        else:
            _read_yaml(text, reading)
    except Unreadable as unreadable:
        return StandardFile(mistakes=(unreadable.mistake,))
    return reading.done()


# ------------------------------------------------------------------------------------------------------------ the forms


def _read_csv(written: str, reading: _Reading) -> None:
    lines = records(written)
    heading_line, heading = next(lines)
    columns = headings(heading_line, heading, COLUMNS, NEEDED, reading.mistakes)
    if reading.mistakes:
        return
    rows = 0
    for line, values in lines:
        rows += 1
        if len(values) > len(columns):
            reading.wrong(line, TOO_MANY)
        row = dict(zip(columns, values, strict=False))
        for name in ("code", "words"):
            if not row.get(name):
                reading.wrong(line, f"this row has no {name}")
        for name in ABOUT:
            if value := row.get(name, ""):
                _say_about(reading, line, name, value)
        item = Item(line, row.get("code", ""), _one_line(row.get("words", "")), row.get("under", ""),
                    _one_line(row.get("gloss", "")))  # fmt: skip
        reading.items.append(item)
    if not rows:
        reading.wrong(heading_line, "there is nothing under the headings")
        return
    for name in ("standard", "title", "version"):
        if name not in reading.about:
            reading.wrong(heading_line, f"the first row names no {name}")
    holds = {item.under for item in reading.items}
    reading.items = [
        Item(one.line, one.code, one.words, one.under, one.gloss, is_area=not one.under or one.code in holds)
        for one in reading.items
    ]


def _say_about(reading: _Reading, line: int, name: str, value: str) -> None:
    if name == "posts":
        reading.posts.extend(" ".join(post.split()) for post in value.split(";") if post.strip())
        return
    value = _one_line(value)
    first, before = reading.about.setdefault(name, (line, value))
    if value != before:
        reading.wrong(line, f"the {name} is {shown(value)} here and {shown(before)} on line {first}")


def _read_yaml(written: str, reading: _Reading) -> None:
    tree = read_tree(written, reading.mistakes, DEEPEST)
    if tree is None:
        return
    for name, (line, words) in tree.about.items():
        reading.about[name] = (line, _one_line(words))
    reading.posts = [" ".join(post.split()) for post in tree.posts if post.strip()]
    _flatten(tree.areas, "", reading.items)


def _flatten(branches: Sequence[Branch], under: str, items: list[Item]) -> None:
    for branch in branches:
        words, gloss = _one_line(branch.words), _one_line(branch.gloss)
        items.append(Item(branch.line, branch.code, words, under, gloss, branch.is_area))
        _flatten(branch.within, branch.code, items)


def _one_line(words: str) -> str:
    return " ".join(words.split())


# ---------------------------------------------------------------------------------------------------------- the checks


def _check(reading: _Reading, *, whole: bool) -> None:
    """What is wrong with values and, as far as all of it could be read, with the tree."""
    for name, (line, value) in reading.about.items():
        if value and name == "standard" and (len(value) > 60 or not _KEY.fullmatch(value)):
            reading.wrong(line, f"the standard {shown(value)} needs a short name of small letters, digits and hyphens")
        elif name != "standard":
            _check_words(reading, line, name, value, LONGEST[name])
    for post in reading.posts:
        _check_words(reading, 1, "post", post, 120)
    codes: dict[str, int] = {}
    for item in reading.items:
        what = "area" if item.is_area else "statement"
        if not item.code:
            continue  # said already
        if not _CODE.fullmatch(item.code) or len(item.code) > LONGEST["code"] or not item.code.isprintable():
            reading.wrong(item.line, f"the code {shown(item.code)} is too long, or has spaces or commas in it")
        elif (line := codes.setdefault(item.code.casefold(), item.line)) != item.line:
            reading.wrong(item.line, f"the code {item.code} is on line {line} already")
        _check_words(reading, item.line, what, item.words, LONGEST["area" if item.is_area else "words"])
        _check_words(reading, item.line, "gloss", item.gloss, LONGEST["gloss"])
    if whole:
        _check_tree(reading, {item.code for item in reading.items})


def _check_words(reading: _Reading, line: int, what: str, words: str, longest: int) -> None:
    if len(words) > longest or not words.isprintable():
        reading.wrong(
            line, f"the {what} {shown(words)} is longer than {longest} characters, or holds signs that cannot be shown"
        )


def _check_tree(reading: _Reading, codes: set[str]) -> None:
    seen: set[str] = set()
    depth = {"": 0}
    holds = {item.under for item in reading.items}
    for item in reading.items:
        if item.under and item.under not in codes:
            reading.wrong(item.line, f"{item.code} is under {shown(item.under)}, which is not in this file")
        elif item.under and item.under not in seen:
            reading.wrong(item.line, f"{item.code} is under {item.under}, which comes after it: put the area first")
        elif item.is_area and item.code and item.code not in holds:
            reading.wrong(item.line, f"the area {item.code} has no statements")
        depth[item.code] = depth.get(item.under, 0) + 1
        if item.is_area and depth[item.code] > DEEPEST:
            reading.wrong(item.line, f"the area {item.code} is more than {DEEPEST} areas deep")
        seen.add(item.code)
    statements = [item for item in reading.items if not item.is_area]
    if not reading.items:
        reading.wrong(1, "there are no areas with statements in it")
    if len(statements) > MOST_STATEMENTS:
        line = statements[MOST_STATEMENTS].line
        reading.wrong(line, f"there are {len(statements)} statements; a standard has at most {MOST_STATEMENTS}")
    direct = dict.fromkeys(item.under for item in statements)
    if len(direct) > MOST_AREAS:
        line = next(item.line for item in statements if item.under == list(direct)[MOST_AREAS])
        reading.wrong(line, f"{len(direct)} areas hold statements; in a standard at most {MOST_AREAS} do")
