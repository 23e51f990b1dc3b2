"""Years side by side: a table of what may be shown, and the chart that draws it."""

from collections.abc import Callable, Sequence

from bot.documents.content import Chart, Table

HIDDEN = "–"
TOGETHER = "Together"

Column = Callable[[float | None], str]


def whole(value: float | None) -> str:
    """`1,234`."""
    return HIDDEN if value is None else f"{value:,.0f}"


def days(value: float | None) -> str:
    """`1,234.5`."""
    return HIDDEN if value is None else f"{value:,.1f}"


def money(value: float | None) -> str:
    """`£1,234`, of pence."""
    return HIDDEN if value is None else f"£{round(value / 100):,}"


def beside(
    caption: str,
    heading: str,
    labels: Sequence[str],
    names: Sequence[str],
    columns: Sequence[Sequence[float | None]],
    worded: Column,
    *,
    totals: Sequence[float | None] = (),
    most: float = 0,
    together: str = TOGETHER,
    drawn: bool = True,
    keep: bool = False,
) -> Table | None:
    """A row for each label, a column for each name, and last what is `together`; None where nothing may be shown.

    A label of which nothing may be shown looks like one of which there is nothing: both are left out, unless the table
    shall `keep` them.
    """
    rows = [
        (label, values)
        for label, *values in zip(labels, *columns, strict=True)
        if keep or any(value for value in values)
    ]
    if not rows and not any(totals):
        return None
    told = [(label, *map(worded, values)) for label, values in rows]
    if any(total is not None for total in totals):
        told.append((together, *map(worded, totals)))
    chart = None
    if drawn and rows:
        series = tuple((name, tuple(_drawn(values[at], worded) for _, values in rows)) for at, name in enumerate(names))
        unit = "£" if worded is money else ""
        chart = Chart(tuple(label for label, _ in rows), series, most=most, unit=unit)
    return Table(caption, (heading, *names), tuple(told), chart)


def _drawn(value: float | None, worded: Column) -> float | None:
    return round(value / 100) if value is not None and worded is money else value
