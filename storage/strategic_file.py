"""The strategic plan as a CSV file has it: read whole, with every mistake that shows in the file by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from storage.roster.values import Values
from storage.written import Mistake, Mistakes, Table, read_table, shown

COLUMNS = ("code", "words", "team", "research", "by")
NEEDED = ("code", "words")
LONGEST_CODE = 20
LONGEST_WORDS = 600


class StrategicMistakes(Mistakes):
    """The strategic plan cannot be imported, and nothing of it was."""


@dataclass(frozen=True)
class StrategicRow:
    """One item as the file has it. Without a team it is for all."""

    line: int
    code: str
    words: str
    team: str = ""
    research: bool = False
    by: date | None = None


StrategicPlan = Table[StrategicRow]


def read_plan(written: str | bytes) -> StrategicPlan:
    """The plan in a CSV file, commas, semicolons or tabs, with every mistake that shows in the file by itself."""
    read = read_table(written, _row, known=COLUMNS, needed=NEEDED, megabytes=2, what="a strategic plan",
                      nothing="there is nothing under the headings")  # fmt: skip
    return replace(read, mistakes=(*read.mistakes, *_twice(read.rows)))


def _row(line: int, values: Mapping[str, str], wrong: list[str]) -> StrategicRow:
    found = Values(values, wrong)
    code, words = _one_line(values, "code"), _one_line(values, "words")
    if problem := code_problem(code):
        wrong.append(problem)
    if problem := words_problem(words):
        wrong.append(problem)
    return StrategicRow(
        line, code, words, found.short("team") or "", research=found.yes("research"), by=found.date("by")
    )


def _twice(rows: Sequence[StrategicRow]) -> list[Mistake]:
    mistakes: list[Mistake] = []
    seen: dict[str, int] = {}
    for row in rows:
        first = seen.setdefault(row.code.casefold(), row.line)
        if row.code and first != row.line:
            mistakes.append(Mistake(row.line, f"the code {shown(row.code)} is on line {first} already"))
    return mistakes


def _one_line(values: Mapping[str, str], column: str) -> str:
    return " ".join(values.get(column, "").split())


def code_problem(code: str) -> str:
    """What is wrong with a code; "" when nothing is."""
    if not code:
        return "there is no code"
    if len(code) > LONGEST_CODE or not code.isprintable() or " " in code or "," in code:
        return f"the code {shown(code)} is longer than {LONGEST_CODE} characters, or has spaces or commas in it"
    return ""


def words_problem(words: str) -> str:
    """What is wrong with the words of an item; "" when nothing is."""
    if not words:
        return "there are no words"
    if len(words) > LONGEST_WORDS or not words.isprintable():
        return (
            f"the words {shown(words)} are longer than {LONGEST_WORDS} characters, or hold signs that cannot be shown"
        )
    return ""
