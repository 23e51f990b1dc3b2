"""As many people's words as one message holds, by question; and all of them in pages, for whoever wants the rest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot import wording
from bot.chat import Part, Quote, small, text

MOST_IN_ONE_MESSAGE = 8_000  # bytes of words and what they stand in: well inside what every platform shows at once
SHOWN_OF_ONE = 600  # characters of one answer in the channel; the whole of it is a choice away
ROOM_FOR_ONE = 150  # bytes that a quotation takes besides its words


@dataclass(frozen=True)
class Shown:
    """What of some words fits a message, and whether anything was left out or shortened."""

    parts: tuple[Part, ...]
    left_out: bool


def fitted(groups: Sequence[tuple[str, Sequence[Quote]]], room: int = MOST_IN_ONE_MESSAGE) -> Shown:
    """The groups, each under its heading, as much of them as fits `room` bytes: every group has as much of it."""
    parts: list[Part] = []
    left_out = False
    for heading, quotes in groups:
        left = room // len(groups)
        parts.append(text("**{heading}**", heading=heading))
        for number, quote in enumerate(quotes):
            words = wording.shortened(quote.words, SHOWN_OF_ONE)
            left -= _size(words, quote.by)
            if number and left < 0:
                left_out = True
                parts.append(small("and {more} more", more=len(quotes) - number))
                break
            left_out = left_out or words != quote.words
            parts.append(Quote(words, quote.by))
    return Shown(tuple(parts), left_out)


def paged(quotes: Iterable[Quote], number: int) -> tuple[list[Quote], int, int]:
    """One page of whole quotations, its number, and how many there are. Pages count from 1; beyond the last is last."""
    pages: list[list[Quote]] = [[]]
    room = MOST_IN_ONE_MESSAGE
    for quote in quotes:
        room -= _size(quote.words, quote.by)
        if pages[-1] and room < 0:
            pages.append([])
            room = MOST_IN_ONE_MESSAGE - _size(quote.words, quote.by)
        pages[-1].append(quote)
    number = min(max(number, 1), len(pages))
    return pages[number - 1], number, len(pages)


def page_of(typed: str) -> int:
    """The page that a button names, 1 where it names none."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 5 else 1


def _size(words: str, by: str) -> int:
    return len(words.encode()) + len(by.encode()) + ROOM_FOR_ONE
