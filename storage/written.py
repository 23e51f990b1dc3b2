"""Files that somebody wrote for an import: read as text whatever saved them, every mistake named with its line."""

import csv
import io
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bot import wording

Row = TypeVar("Row")


@dataclass(frozen=True)
class Mistake:
    """What is wrong, and on which line of the file."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


class Mistakes(ValueError):
    """The file cannot be imported, and nothing of it was. `lines` names every mistake, in the file's order."""

    def __init__(self, mistakes: Collection[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes, key=lambda mistake: mistake.line))
        super().__init__("\n".join(self.lines))

    @property
    def lines(self) -> tuple[str, ...]:
        """Each mistake with its line, ready to print."""
        return tuple(str(mistake) for mistake in self.mistakes)


class Unreadable(ValueError):
    """The file cannot be read, or not from this line on: nothing else is wrong with it, as far as can be said."""

    def __init__(self, line: int, reason: str) -> None:
        self.mistake = Mistake(line, reason)
        super().__init__(str(self.mistake))


@dataclass(frozen=True)
class Table(Generic[Row]):
    """A CSV file that was read. `columns` are those it has: what it has no column for is left as it is.

    With `mistakes` nothing of it can be imported. `notes` are worth saying, but nothing is wrong.
    """

    rows: tuple[Row, ...] = ()
    columns: frozenset[str] = frozenset()
    mistakes: tuple[Mistake, ...] = ()
    notes: tuple[str, ...] = ()


def read_table(
    written: str | bytes,
    read_row: Callable[[int, Mapping[str, str], list[str]], Row],
    *,
    known: Collection[str],
    needed: Collection[str],
    megabytes: int,
    what: str,
    nothing: str,
) -> Table[Row]:
    """Read a CSV file, with commas, semicolons or tabs, row by row; one that cannot be read to its end has no rows.

    `read_row` is told the line, the values by column, and a list to which it adds what is wrong with them. `what` is
    what a larger file is not, `nothing` what is missing when there is no row.
    """
    notes, mistakes, rows = list[str](), list[Mistake](), list[Row]()
    try:
        lines = records(text_of(written, notes, megabytes=megabytes, what=what))
        first = next(lines, None)
        if first is None:
            raise Unreadable(1, "the file is empty")
        heading_line, heading = first
        columns = headings(heading_line, heading, known, needed, mistakes)
        for line, values in lines if not mistakes else ():
            wrong = [TOO_MANY] if len(values) > len(columns) else []
            rows.append(read_row(line, dict(zip(columns, values, strict=False)), wrong))
            mistakes.extend(Mistake(line, reason) for reason in wrong)
        if not rows and not mistakes:
            mistakes.append(Mistake(heading_line, nothing))
    except Unreadable as unreadable:
        return Table(mistakes=(unreadable.mistake,))
    return Table(tuple(rows), frozenset(columns), tuple(mistakes), tuple(notes))


def text_of(
    written: str | bytes,
    notes: list[str],
    *,
    megabytes: int,
    what: str,
    kind: str = "a CSV file",
    save_as: str = "“CSV UTF-8”",
) -> str:
    """What a file says. Raises `Unreadable` when it is no text, or is larger than `what` ever is.

    What it should be and be saved as is named to whoever made it: `kind` and `save_as`.
    """
    if isinstance(written, bytes):
        if len(written) > megabytes * 1_000_000:
            raise Unreadable(1, f"the file is larger than {megabytes} MB: that is not {what}")
        try:
            written = _decoded(written, notes)
        except UnicodeDecodeError as error:
            raise Unreadable(1, f"this is not text: save it as {save_as}") from error
    if "\0" in written:
        raise Unreadable(1, f"this is not {kind}: save it as {save_as}")
    return written.removeprefix("\ufeff")


TOO_MANY = "there are more values than headings: put quotation marks around a value that holds a separator"


@dataclass
class Changes:
    """What an import did, or would do: each thing in a few words, and for what changed, how. `gone` is what the file
    does not name any more, which is called `gone_as`.
    """

    gone_as: str
    added: list[str] = field(default_factory=list[str])
    changed: list[str] = field(default_factory=list[str])
    gone: list[str] = field(default_factory=list[str])
    unchanged: int = 0
    notes: list[str] = field(default_factory=list[str])

    def lines(self) -> list[str]:
        """One line for each thing that is not as before, and for each note."""
        return [
            *(f"new: {one}" for one in self.added),
            *(f"changed: {one}" for one in self.changed),
            *(f"{self.gone_as}: {one}" for one in self.gone),
            *(f"note: {note}" for note in self.notes),
        ]

    def summary(self) -> str:
        """`8 new, 0 changed, 0 left, 0 as before`."""
        return (
            f"{len(self.added)} new, {len(self.changed)} changed, {len(self.gone)} {self.gone_as}, "
            f"{self.unchanged} as before"
        )


def _decoded(written: bytes, notes: list[str]) -> str:
    """The text of a file. One that is not UTF-8 is read as Windows text, and a note says so."""
    if written[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return written.decode("utf-16")
    try:
        return written.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = written.decode("cp1252")
        notes.append("the file is not UTF-8; it was read as Windows text (cp1252), so check names with accents")
        return text


def records(written: str) -> Iterator[tuple[int, list[str]]]:
    """Every record of a CSV file that is not empty, with the line it begins on: commas, semicolons or tabs.

    Raises `Unreadable` at the first that cannot be read.
    """
    lines = io.StringIO(written, newline="")
    skipped = 0
    if written[:4].lower() == "sep=":  # Excel's own first line
        skipped, separator = 1, written[4:5]
        lines.readline()
    else:
        heading = next((line for line in written.splitlines() if line.strip()), "")
        separator = max(",;\t", key=heading.count)
    reader = csv.reader(lines, delimiter=separator if separator in (",", ";", "\t") else ",", strict=True)
    begins = 1 + skipped
    try:
        for record in reader:
            if any(value.strip() for value in record):
                yield begins, [value.strip() for value in record]
            begins = reader.line_num + 1 + skipped
    except csv.Error as error:
        raise Unreadable(begins, f"this is not a CSV file: {error}") from error


def headings(line: int, heading: list[str], known: Collection[str], needed: Collection[str],
             mistakes: list[Mistake]) -> list[str]:  # fmt: skip
    """The names of the columns; one that is not known, there twice or missing is a mistake."""
    names = [" ".join(name.lower().split()) for name in heading]
    for name in dict.fromkeys(names):
        if name not in known:
            quoted = shown(name) if name else "without a heading"
            mistakes.append(Mistake(line, f"there is no column {quoted}; the columns are {', '.join(known)}"))
        elif names.count(name) > 1:
            mistakes.append(Mistake(line, f"the column {name} is there twice"))
    mistakes.extend(Mistake(line, f"the column {name} is missing") for name in needed if name not in names)
    return names


def shown(value: str) -> str:
    """A value as a mistake quotes it: short, and without what cannot be printed."""
    printable = "".join(sign if sign.isprintable() else "�" for sign in value)
    return f"“{wording.shortened(printable, 60)}”"
