"""What a learner can choose for a brief: the form for it, what of each kind is offered, and what was chosen."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from bot import wording
from bot.chat import Form, Option, joined, several, text
from handlers.interviews import form, words
from handlers.turn import Turn
from storage import briefs, next_steps, targets
from storage.models import Brief, Course, Entry, Interview, Target

MOST_OFFERED = 20
MOST_CHOSEN = {"targets": 5, "entries": 5, "courses": 5, "steps": 10}  # so that it is read

Own = TypeVar("Own", Target, Entry, Course)


@dataclass(frozen=True)
class Chosen:
    """What the learner chose: their own words, and the numbers of targets, diary entries, courses and next steps."""

    words: str = ""
    targets: tuple[int, ...] = ()
    entries: tuple[int, ...] = ()
    courses: tuple[int, ...] = ()
    steps: tuple[int, ...] = ()


def chosen_in(turn: Turn, brief: Brief) -> Chosen:
    """What was chosen, opened for the reader."""
    kept = json.loads(opened(turn, brief, brief.words))
    return Chosen(kept["words"], **{kind: tuple(kept.get(kind, ())) for kind in MOST_CHOSEN})


def opened(turn: Turn, brief: Brief, sealed: bytes) -> str:
    """Words of the learner's, opened for whoever reads the brief."""
    return turn.read(brief.learner_id, sealed, "brief", brief.interview_id)


def day_of(turn: Turn, entry: Entry) -> str:
    """The day on which an entry was kept."""
    return wording.day_and_year(entry.made_at.astimezone(turn.zone).date())


def asked(turn: Turn, interview: Interview) -> Form:
    """What can be chosen, with what was chosen before; questions without anything to choose are left out."""
    brief = briefs.of(turn.session, interview.id)
    chosen = chosen_in(turn, brief) if brief is not None else Chosen()
    options = _options(turn, interview, chosen)
    fields = [
        replace(one, options=options[one.name], value=joined(map(str, getattr(chosen, one.name))))
        if one.kind == "choices"
        else replace(one, value=chosen.words)
        for one in form.BRIEF.fields
        if one.kind != "choices" or options[one.name]
    ]
    other = words.first(words.other_of(turn, interview))
    intro = [text("Choose what {other} may read beforehand. You see it once more before it goes.", other=other)]
    if brief is not None and brief.state == "released":
        intro.append(text("When you change it, {other} sees nothing until you release it again.", other=other))
    return replace(form.BRIEF, fields=tuple(fields), intro=tuple(intro), about=interview.id)


def _options(turn: Turn, interview: Interview, chosen: Chosen) -> Mapping[str, tuple[Option, ...]]:
    """What can be chosen from, by field: the latest of each, and what was chosen before if it is still there."""
    session, owner = turn.session, turn.person.id
    meant = _with_chosen(turn, Target, targets.open_of(session, owner)[:MOST_OFFERED], chosen.targets)
    entries = _with_chosen(turn, Entry, briefs.recent_entries(session, owner, MOST_OFFERED), chosen.entries)
    courses = _with_chosen(turn, Course, briefs.unaccounted(session, owner, turn.today, MOST_OFFERED), chosen.courses)
    steps = [one for one in next_steps.open_of(session, owner) if one.interview_id != interview.id][:MOST_OFFERED]
    return {
        "targets": tuple(Option(_short(turn, one.words), str(one.id)) for one in meant if one.state != "dropped"),
        "entries": tuple(
            Option(wording.shortened(f"{day_of(turn, one)}: {_short(turn, one.words)}", 75), str(one.id))
            for one in entries
        ),
        "courses": tuple(Option(_short(turn, one.title), str(one.id)) for one in courses),
        "steps": tuple(Option(_short(turn, one.words), str(one.id)) for one in steps),
    }


def _with_chosen(turn: Turn, kind: type[Own], latest: Sequence[Own], chosen: Sequence[int]) -> list[Own]:
    """The latest, and those that were chosen before and are still the reader's."""
    before = [turn.session.get(kind, number) for number in chosen]
    return [
        *latest,
        *(one for one in before if one is not None and one.owner_id == turn.person.id and one not in latest),
    ]


def _short(turn: Turn, sealed: bytes) -> str:
    return wording.shortened(" ".join(turn.read(turn.person.id, sealed, "entry", 0).split()), 70) or "…"


def read_answers(turn: Turn, interview: Interview, answers: Mapping[str, str]) -> Chosen:
    """What was chosen, of what could be chosen."""
    brief = briefs.of(turn.session, interview.id)
    offered = _options(turn, interview, chosen_in(turn, brief) if brief is not None else Chosen())
    ids = {kind: [option.value for option in found] for kind, found in offered.items()}

    def picked(kind: str) -> tuple[int, ...]:
        return tuple(int(value) for value in several(answers.get(kind, "")) if value in ids[kind])

    return Chosen(answers.get("words", "").strip(), **{kind: picked(kind) for kind in MOST_CHOSEN})
