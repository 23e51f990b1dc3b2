"""What typed words mean to the diary, how long ones are paged, and what somebody else said, packed and unpacked."""

import json
import unicodedata
from dataclasses import asdict, dataclass

from handlers.registry import command
from handlers.turn import Turn
from storage import diary

LONGEST = 40_000  # characters: the longest message that a platform delivers
PAGE = 3_000  # characters of an entry that every platform shows in one piece, emoji and all
FORM = 12_000  # characters that can be edited in a form everywhere: Slack needs a box for every 3,000

# ------------------------------------------------------------------------------------------------------- typed words


def keeps_today_i(turn: Turn) -> bool:
    """Whether this person chose that a message beginning “today I” is kept."""
    habit = diary.habit_of(turn.session, turn.person.id)
    return habit is not None and habit.today_i


KEEP = command(r"diary\s*:\s*(?P<words>.*)", "diary.keep", "diary: today I learned to …", "keep a line in your diary")
LEARNED = command(
    r"(?:today )?(?:i(?:'ve|’ve| have)? )?(?:just )?learn(?:ed|t)\b[\s:,]*(?P<words>.+)", "diary.keep", yields=True
)
TODAY_I = command(r"(?P<words>today,?\s+i(?:'ve|’ve)?\b.+)", "diary.keep", yields=True, chosen=keeps_today_i)
PREFIXED = (KEEP, LEARNED)  # whose words begin after what makes them a command


def said_in(message: str) -> str:
    """What a chat message says, without the word that made it an entry."""
    words = message.strip()
    for typed in PREFIXED:
        if found := typed.pattern.fullmatch(words):
            return found["words"].strip()
    return words


# ------------------------------------------------------------------------------------------------------------- pages


def pages(words: str, longest: int = PAGE) -> list[str]:
    """Words in pages, parted after a line or a word where there is one; put together again they are the same."""
    found: list[str] = []
    while len(words) > longest:
        near = max(words.rfind("\n", longest // 2, longest), words.rfind(" ", longest // 2, longest))
        end = near + 1 if near > 0 else _between_letters(words, longest)
        found.append(words[:end])
        words = words[end:]
    return [*found, words]


def _between_letters(words: str, end: int) -> int:
    """The last place up to `end` that does not take an accent or the rest of an emoji from what it belongs to."""
    for place in range(end, max(end - 20, 1), -1):
        if not _belongs_before(words[place]) and words[place - 1] != "\N{ZERO WIDTH JOINER}":
            return place
    return end


def _belongs_before(letter: str) -> bool:
    return (
        unicodedata.combining(letter) > 0
        or letter in "\N{ZERO WIDTH JOINER}\N{VARIATION SELECTOR-16}"
        or ("\N{EMOJI MODIFIER FITZPATRICK TYPE-1-2}" <= letter <= "\N{EMOJI MODIFIER FITZPATRICK TYPE-6}")
    )


# ------------------------------------------------------------------------------------------------ what others said


@dataclass(frozen=True)
class Said:
    """What somebody else said: who, in which words ("" when only the link is kept), and where it stands."""

    by: str
    words: str
    link: str

    def pack(self) -> str:
        """As it is sealed."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def unpack(cls, packed: str) -> "Said":
        """What was packed."""
        found = json.loads(packed)
        return cls(found["by"], found["words"], found["link"])
