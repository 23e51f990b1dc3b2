"""Which statements fit some words: by the words they share, the rarer the better. Plain matching, no model."""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

MOST_SUGGESTED = 5
MOST_FOUND = 10

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# Endings that say how a word is used, the longest first; what is left still has to look like a word.
_ENDINGS = (
    "ations", "ation", "ating", "ments", "ingly", "ness", "ment", "ings", "ions", "able", "ates", "ated", "ate", "ing",
    "ion", "ers", "ely", "ed", "er", "es", "ly", "e", "s", "y",
)  # fmt: skip
SHORTEST_STEM = 3
# Words that say nothing about what something is about: they are in every sentence, or in every diary.
_EMPTY = frozenset((
    "a", "about", "after", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "because", "been",
    "before", "but", "by", "can", "could", "did", "do", "does", "for", "from", "get", "got", "had", "has",
    "have", "he", "her", "him", "his", "how", "i", "if", "in", "into", "is", "it", "its", "just", "me", "more",
    "my", "no", "not", "of", "on", "one", "or", "other", "our", "out", "own", "she", "so", "some", "than",
    "that", "the", "their", "them", "then", "there", "these", "they", "this", "to", "up", "us", "very", "was",
    "we", "well", "were", "what", "when", "where", "which", "who", "why", "will", "with", "would", "you",
    "your", "today", "yesterday", "week", "learn", "learned", "learnt", "learning", "thing", "work",
))  # fmt: skip


@dataclass(frozen=True)
class Statement:
    """What is looked through: a statement, by its number."""

    id: int
    code: str
    words: str
    gloss: str = ""


def suggested(statements: Sequence[Statement], said: str) -> list[int]:
    """The statements that somebody's words are most likely about, best first; none when they share no word."""
    wanted = stems(said)
    return _best(statements, lambda stem: stem in wanted, MOST_SUGGESTED)


def found(statements: Sequence[Statement], typed: str) -> list[int]:
    """The statements that a few typed words mean: a code, or the beginnings of words in them; best first."""
    code = typed.strip().casefold()
    if exact := [one.id for one in statements if one.code.casefold() == code]:
        return exact
    if whole := [one.id for one in statements if len(code) > SHORTEST_STEM and code in one.words.casefold()]:
        return whole[:MOST_FOUND]
    wanted = stems(typed) or frozenset(_plain(word) for word in _WORD.findall(typed))
    beginnings = tuple(stem for stem in wanted if len(stem) >= SHORTEST_STEM)
    return _best(statements, lambda stem: stem in wanted or stem.startswith(beginnings), MOST_FOUND)


def stems(words: str) -> frozenset[str]:
    """The words that say something, each without its ending: “listening” and “listens” are one."""
    return frozenset(stem(word) for word in map(_plain, _WORD.findall(words)) if len(word) > 1 and word not in _EMPTY)


def stem(word: str) -> str:
    """A word without the ending that says how it is used."""
    if word.endswith(("ies", "ied")) and len(word) - 3 >= SHORTEST_STEM:
        word = f"{word[:-3]}y"  # families, applied
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            word = word[: -len(ending)]
            break
    if len(word) > SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]  # planned, planning
    return word


def _plain(word: str) -> str:
    """Small letters without accents, and without what follows an apostrophe."""
    letters = unicodedata.normalize("NFKD", word.casefold())
    return re.split("['’]", "".join(sign for sign in letters if not unicodedata.combining(sign)))[0]


def _best(statements: Sequence[Statement], fits: Callable[[str], bool], most: int) -> list[int]:
    named = {one.id: stems(one.words) for one in statements}
    more = {one.id: stems(one.gloss) - named[one.id] for one in statements}
    often: dict[str, int] = {}
    for one in statements:
        for each in named[one.id] | more[one.id]:
            often[each] = often.get(each, 0) + 1

    def worth(shared: Iterable[str]) -> float:
        return sum(math.log(1 + len(statements) / often[each]) for each in shared)

    scores = {
        one.id: (worth(filter(fits, named[one.id])) + worth(filter(fits, more[one.id])) / 2)
        / math.sqrt(1 + len(named[one.id]))
        for one in statements
    }
    ranked = sorted((one.id for one in statements if scores[one.id] > 0), key=lambda number: -scores[number])
    return ranked[:most]
