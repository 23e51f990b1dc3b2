"""The rules of targets: what may be asked to make one clearer, how long its words may be, who can be asked to agree."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from handlers.turn import Turn
from storage import people
from storage.models import Person

LONGEST = {"words": 1_000, "strategy": 3_000, "criteria": 3_000, "link": 300}  # characters
LONGEST_COMMENT = 3_000
FURTHEST = timedelta(days=3 * 366)
MOST_QUESTIONS = 2
KINDS = {"self": "improving myself", "others": "helping others improve", "organisation": "improving the organisation"}
RESULTS = {"met": "Met", "partly": "Partly met", "dropped": "Dropped"}

# ------------------------------------------------------------------------------------- what could make a target clearer


@dataclass(frozen=True)
class Said:
    """What is known of a target when it is looked at: its owner's words, and its day."""

    words: str
    criteria: str = ""
    due_on: date | None = None


@dataclass(frozen=True)
class Hint:
    """A question that may make a target clearer, and what it is asked of."""

    name: str
    ask: str
    applies: Callable[[Said], bool]


_VAGUE = re.compile(
    r"\b(?:improv(?:e|ing)|better|more effective(?:ly)?|more confident(?:ly)?|understand(?:ing)?|aware(?:ness)?|"
    r"enhanc(?:e|ing)|strengthen(?:ing)?|develop(?:ing)?|get to know|know more|learn (?:more )?about|look into|"
    r"work on|keep up (?:to date )?with|be good at|be a better|focus on|think about|engage with|familiar)\b",
    re.IGNORECASE,
)
# Something that another person could see or hear being done; "-ing", "-s" and "-ed" count, too.
_SEEN = (
    "run|lead|write|teach|train|present|observe|visit|shadow|complete|finish|pass|publish|share|build|make|draft|plan|"
    "hold|chair|interview|coach|mentor|deliver|review|set|test|try|record|report|introduce|organise|arrange|start|use|"
    "read|attend|gain|produce|give|show|explain|ask|meet|speak|book|join|apply|mark|moderate|design|translate|edit|"
    "practise|practice|demonstrate|facilitate|hand|reply|answer|cut|halve|double|reduce|bring|send"
)
_SHORT = "|".join(verb[:-1] for verb in _SEEN.split("|") if verb.endswith("e"))  # "writ" of "writing"
_VERB = (
    rf"(?:(?:{_SEEN})(?:e?s|e?d|ing)?|(?:{_SHORT})ing|(?:run|plan|set|cut)[nt]ing|"
    r"led|wrote|taught|held|built|made|gave|spoke|brought|sent)"
)
_OBSERVABLE = re.compile(rf"\b{_VERB}\b", re.IGNORECASE)
_NUMBER = re.compile(
    r"\d|%|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|half|twice|double|every|each|all|"
    r"none|no more than|at least|once a|weekly|monthly|termly)\b",
    re.IGNORECASE,
)
_VAGUE_VERB = r"(?:improve|enhance|strengthen|develop|understand|learn)"
_SECOND = re.compile(
    rf"(?:;|,? and also|,? and then|,? as well as|,? and)\s+(?:to\s+)?(?:{_SEEN}|{_VAGUE_VERB})\b|"
    r"(?:^|\n)\s*(?:[-•*–]|\d{1,2}[.)])\s.*\n\s*(?:[-•*–]|\d{1,2}[.)])\s",
    re.IGNORECASE,
)


def _is_vague(said: Said) -> bool:
    return bool(_VAGUE.search(said.words)) and not _OBSERVABLE.search(said.words)


def _is_several(said: Said) -> bool:
    return bool(_SECOND.search(said.words))


def _has_no_measure(said: Said) -> bool:
    if said.criteria.strip():
        return False
    return not _NUMBER.search(said.words) and not _OBSERVABLE.search(said.words)


def _only_its_doing_is_known(said: Said) -> bool:
    return not said.criteria.strip() and not _NUMBER.search(said.words)


HINTS = (
    Hint("several", "Is this more than one target? Each may be easier to reach on its own.", _is_several),
    Hint("vague", "What would somebody see you do differently, once you are there?", _is_vague),
    Hint("measure", "How will you know that you have got there? A number, or something you could show.",
         _has_no_measure),
    Hint("day", "By when would you like to be there?", lambda said: said.due_on is None),
    Hint("criteria", "How will you know that it went well?", _only_its_doing_is_known),
)  # fmt: skip


def hints(said: Said) -> tuple[Hint, ...]:
    """At most two questions that may make the target more specific, measurable and dated; none when it is clear.

    They are asked once, when it is made or changed, and it can always be left as it is. Those that apply come in the
    order of `HINTS`; of those that ask how its owner will know, only the first.
    """
    found = [hint for hint in HINTS if hint.applies(said)]
    if any(hint.name == "vague" for hint in found):  # what would be seen is how one knows
        found = [hint for hint in found if hint.name not in ("measure", "criteria")]
    if any(hint.name == "measure" for hint in found):
        found = [hint for hint in found if hint.name != "criteria"]
    return tuple(found[:MOST_QUESTIONS])


# -------------------------------------------------------------------------------------------------------- the other one


def possible_others(turn: Turn, owner: Person) -> list[tuple[Person, str]]:
    """Whom its owner can ask to agree: their learning partner and their manager, as they are now."""
    partner = people.partner_of(turn.session, owner.id)
    manager = turn.session.get(Person, owner.manager_id) if owner.manager_id is not None else None
    found = [(partner, "learning partner")] if partner else []
    if manager is not None and manager.left_at is None and (partner is None or manager.id != partner.id):
        found.append((manager, "manager"))
    return found
