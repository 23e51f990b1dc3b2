"""What has changed since a course: how it is asked, and how the answers are shown to their owner."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot import wording
from bot.chat import Button, Buttons, Field, Form, Message, Option, Part, Quote, joined, small, text
from handlers.courses.facts import words_of
from handlers.courses.form import answers_of
from handlers.courses.words import days_of, title_of
from handlers.turn import Turn
from storage import courses, learning
from storage.models import Course, Impact, Target

SAY = "courses.impact_say"
TOGETHER = ""  # the criterion of what was said of all of them
IMPACT = Form(
    "courses.impact_written",
    "What has changed?",
    (
        Field("changed", "Where has something changed?", "choices",
              hint="Choose those where you have seen something, however small. How many people choose each is "
                   "counted, from five people on", required=False),
        Field("words", "What has changed, and how do you see it?", "paragraph", hint="Only you can read it",
              required=False),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Changed:
    """Where something has changed, by the policy's criteria, and what was written about it."""

    criteria: tuple[str, ...]
    words: str

    def packed(self) -> str:
        """As it is kept."""
        said = dict.fromkeys(self.criteria, "") | ({TOGETHER: self.words} if self.words else {})
        return json.dumps({key: {"rating": None, "words": words} for key, words in said.items()}, ensure_ascii=False)


def unpacked(kept: str) -> Changed:
    """What was kept; words that stand with one criterion are put together with the others'."""
    answers: Mapping[str, Mapping[str, str]] = json.loads(kept)
    words = [answer["words"] for answer in answers.values() if answer["words"]]
    return Changed(tuple(key for key in answers if key != TOGETHER), "\n".join(words))


def changed_by(turn: Turn, impact: Impact) -> Changed:
    """What its owner said, opened for the reader."""
    if impact.answers is None:
        return Changed((), "")
    return unpacked(turn.read(impact.owner_id, impact.answers, "course", impact.course_id))


def how_long_ago(ended_on: date, today: date) -> str:
    """`6 weeks`, `6 months`."""
    days = (today - ended_on).days
    return wording.count(round(days / 7), "week") if days < 75 else wording.count(round(days / 30.44), "month")


# --------------------------------------------------------------------------------------------------------------- asking


def prompt(turn: Turn, course: Course, impact: Impact) -> Message:
    """The question with what its owner meant to do then, why it is asked, and the ways out of it."""
    return Message(
        "What has changed since your course?",
        (
            text("**{title}** was {ago} ago ({days}). What has changed since?", title=title_of(turn, course),
                 ago=how_long_ago(course.ends_on, turn.today), days=days_of(course)),
            *_remembered(turn, course, impact),
            Buttons(
                (
                    Button("Say what changed", "courses.impact_write", impact.id, style="primary", opens_form=True),
                    Button("Nothing yet", "courses.impact_none", impact.id),
                    Button("Ask me next week", "courses.impact_later", impact.id),
                    Button("Don't ask about this one", "courses.impact_decline", impact.id),
                )
            ),
            small(
                "I ask because what a course is good for shows only afterwards. You can type it here, too. Only you "
                "can read your words; your coordinator sees how many people saw a change, and where, from five people "
                "on and without names."
            ),
        ),
        notice="courses.impact",
        about=impact.id,
        awaits=SAY,
    )  # fmt: skip


def _remembered(turn: Turn, course: Course, impact: Impact) -> list[Part]:
    """The target that it was for, what was written under "What next?", and what was said after the shorter time."""
    parts: list[Part] = []
    target = turn.session.get(Target, course.target_id) if course.target_id is not None else None
    if target is not None:
        parts += [text("It was for your target:"), Quote(wording.shortened(words_of(turn, target), 500))]
    reflection = learning.reflection_on(turn.session, course.id)
    meant = answers_of(turn, reflection)["what_next"] if reflection is not None else ""
    if meant:
        parts += [text("Then you wrote under **What next?**"), Quote(wording.shortened(meant, 1000))]
    for earlier in courses.impacts(turn.session, course.id):
        if earlier.id != impact.id and earlier.state == "written":
            parts += written(turn, course, earlier)
    return parts


def form(turn: Turn, course: Course, impact: Impact) -> Form:
    """The form, with what was said so far."""
    options = tuple(Option(criterion.label, criterion.key) for criterion in turn.policy.courses.criteria)
    fields = tuple(
        replace(one, options=options) if one.kind == "choices" else one
        for one in IMPACT.fields
        if options or one.kind != "choices"
    )
    said = changed_by(turn, impact)
    intro = (text("**{title}**", title=title_of(turn, course)), *_recalled(turn, course))
    asked = replace(IMPACT, about=impact.id, fields=fields, intro=intro)
    return asked.filled({"changed": joined(said.criteria), "words": said.words})


def _recalled(turn: Turn, course: Course) -> Sequence[Quote]:
    reflection = learning.reflection_on(turn.session, course.id)
    meant = answers_of(turn, reflection)["what_next"] if reflection is not None else ""
    return (Quote(wording.shortened(meant, 500), by="you, under What next?"),) if meant else ()


# -------------------------------------------------------------------------------------------------------------- showing


def written(turn: Turn, course: Course, impact: Impact) -> list[Part]:
    """What was said of what has changed, and when."""
    if impact.state != "written" or impact.written_at is None:
        return []
    said = changed_by(turn, impact)
    ago = how_long_ago(course.ends_on, impact.written_at.astimezone(turn.zone).date())
    labels = [label for key in said.criteria if (label := turn.policy.courses.criterion(key))]
    if not labels and not said.words:
        return [text("**After {ago}** you saw no change yet.", ago=ago)]
    parts: list[Part] = [text("**After {ago}** something had changed{where}", ago=ago,
                              where=f": {'; '.join(labels)}." if labels else ":")]  # fmt: skip
    return [*parts, Quote(said.words)] if said.words else parts


def all_written(turn: Turn, course: Course) -> list[Part]:
    """Everything that was said of what this course changed."""
    return [part for impact in courses.impacts(turn.session, course.id) for part in written(turn, course, impact)]


def shown(turn: Turn, course: Course, impact: Impact, heading: str) -> Message:
    """What was said, with the way to change it."""
    parts = written(turn, course, impact) or [text("I won't ask about it. You can always say something.")]
    return Message(
        heading or "What has changed since your course",
        (
            text("**{heading}** {title}", heading=heading, title=title_of(turn, course)),
            *parts,
            Buttons(
                (
                    Button("Change it" if impact.state == "written" else "Say what changed", "courses.impact_write",
                           impact.id, opens_form=True),
                    Button("Show the course", "courses.open", course.id),
                )
            ),
        ),
        notice="courses.impact",
        about=impact.id,
    )  # fmt: skip
