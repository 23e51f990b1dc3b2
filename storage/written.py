"""Files that somebody wrote for an import: read as text whatever saved them, every mistake named with its line."""

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bot import wording


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


def decoded(written: bytes, notes: list[str]) -> str:
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
    """Every record of a CSV file that is not empty, with the line it begins on: commas, semicolons or tabs."""
    lines = io.StringIO(written, newline="")
    skipped = 0
    if written[:4].lower() == "sep=":  # Excel's own first line
        skipped, separator = 1, written[4:5]
        lines.readline()
    else:
        heading = next((line for line in written.splitlines() if line.strip()), "")
        separator = max(",;\t", key=heading.count)
    reader = csv.reader(lines, delimiter=separator if separator in (",", ";", "\t") else ",", strict=True)
    begins = 1
    for record in reader:
        if any(value.strip() for value in record):
            yield begins + skipped, [value.strip() for value in record]
        begins = reader.line_num + 1


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
