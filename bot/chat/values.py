"""What the one string of a value or an answer can stand for: several choices, the number of a record or several.

It imports nothing of ours.
"""

from collections.abc import Iterable

BETWEEN = "\n"  # what joins the values of several choices into one answer


def joined(values: Iterable[str]) -> str:
    """Several chosen values as one answer."""
    return BETWEEN.join(values)


def several(answer: str) -> tuple[str, ...]:
    """The values in an answer to several choices, each once and in the order given: the inverse of `joined`."""
    return tuple(dict.fromkeys(value for value in answer.split(BETWEEN) if value))


def numbered(value: str) -> int | None:
    """The number of a record, as buttons, lists and forms carry one in their value; None of anything else."""
    return int(value) if value.isdecimal() and len(value) < 10 else None


def numbers(value: str) -> tuple[int, ...]:
    """The numbers of several records, with commas between them; whatever else is there is left out."""
    return tuple(number for one in value.split(",") if (number := numbered(one)) is not None)
