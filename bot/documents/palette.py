"""The colours of documents, the same in every kind of file."""

INK, QUIET, BLUE = "1B1F24", "57606A", "2B5D8A"  # words, smaller words, headings
LINES, SHADE = "B6C2CF", "EAF0F6"  # of tables
SERIES = (BLUE, "D98C2B", "4C8C4A", "8A5A9E")  # of charts
IN_THE_DARK = ("6CB0E8", "E8B063", "85C883", "C39BD8")  # the same, on a dark screen


def colour_of(series: int) -> str:
    """The colour of the bars of this series, counted from 0."""
    return SERIES[series % len(SERIES)]


def rgb(colour: str) -> tuple[int, int, int]:
    """A colour as three numbers from 0 to 255."""
    red, green, blue = bytes.fromhex(colour)
    return red, green, blue
