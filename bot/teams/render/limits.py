"""What a card may hold, all in one table; and the error for what cannot be made to fit. It imports nothing of ours."""

LIMITS = {
    "card bytes": 28 * 1024,  # an Adaptive Card in a message
    "form bytes": 80 * 1024,  # a form with its answers still in it; Teams takes 100 KB altogether
    "actions in a set": 6,  # what is shown of one; the rest goes into a set of its own
    "button": 80,  # characters of a button's label
    "summary": 200,
    "dialog title": 64,
    "choices": 200,
    "choice": 128,
    "boxes": 10,  # to tick, below one another
    "line": 500,
    "paragraph": 12_000,
    "chart categories": 20,
    "chart series": 12,
    "table rows": 60,
}


class TooLarge(Exception):
    """More than a card can hold, even with its quotes shortened."""
