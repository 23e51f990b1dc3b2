"""What a portfolio says: frozen values, from which its JSON and the schema that is published for it are made.

Nothing in it was written by anybody else, except what its owner quoted with the name of who said it. Every record goes
by a `uid` that it keeps wherever it is taken, so that bringing it in twice adds nothing. How that is written
down and read again is `notation`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Annotated, ClassVar, Literal, cast

from pydantic import AwareDatetime, ConfigDict, Field

FORMAT = "learnbot-portfolio"
VERSION = 1
LONGEST = 200_000  # characters of one text
MOST = 50_000  # records of one kind

Words = Annotated[str, Field(max_length=LONGEST)]
Line = Annotated[str, Field(max_length=10_000)]
Key = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Said = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")]  # stands in the database as it is
Uid = Annotated[str, Field(pattern=r"^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
Score = Annotated[int, Field(ge=1, le=5)]
_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, kw_only=True)
class _Part:
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT


@dataclass(frozen=True, kw_only=True)
class Statement(_Part):
    """A statement of a standard, that something is evidence for. `title` is the standard's."""

    standard: Key
    version: Key
    code: Key
    title: Line = ""
    words: Line = ""


@dataclass(frozen=True, kw_only=True)
class Quoted(_Part):
    """What somebody else said, by name, that an entry is about."""

    by: Line = ""
    words: Words = ""
    link: Line = ""


@dataclass(frozen=True, kw_only=True)
class Attached(_Part):
    """A file that an entry refers to: where it was, not what is in it."""

    name: Line
    address: Line = ""
    type: Key = ""


@dataclass(frozen=True, kw_only=True)
class Answer(_Part):
    """An answer to one question, by the question's key: in words, in points from 1 to 5, or both."""

    key: Key
    words: Words = ""
    rating: Score | None = None


@dataclass(frozen=True, kw_only=True)
class DiaryEntry(_Part):
    """A line of the learning diary; `question` is the bot's that it answers."""

    uid: Uid
    made_at: AwareDatetime
    words: Words
    edited_at: AwareDatetime | None = None
    tags: tuple[Line, ...] = ()
    question: Said = ""
    quoted: Quoted | None = None
    attachments: tuple[Attached, ...] = ()
    evidence: tuple[Statement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reflected(_Part):
    """What? So what? What next?"""

    written_at: AwareDatetime
    what: Words = ""
    so_what: Words = ""
    what_next: Words = ""


@dataclass(frozen=True, kw_only=True)
class Changed(_Part):
    """What changed after a shorter or a longer time, by criterion."""

    term: Literal["short", "long"]
    written_at: AwareDatetime | None = None
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Activity(_Part):
    """A course, a conference, a visit or any other activity. `target` is the uid of the target that it served.

    `cost` is in pence; `worth` is value for money. `kind`, `need` and `training` are keys of the organisation's policy,
    `kind_words` a kind of its owner's own. `meeting_on` is when they spoke of it, `document` where they wrote it up.
    """

    uid: Uid
    made_at: AwareDatetime
    title: Line
    starts_on: date
    ends_on: date
    days: Annotated[float, Field(ge=0, le=1000)] = 1.0
    state: Literal["planned", "attended", "cancelled"] = "attended"
    kind: Key = ""
    kind_words: Line = ""
    need: Key = ""
    booking: Literal["", "asked", "booked"] = ""
    off_the_job: bool = True
    provider: Line = ""
    accredited: Line = ""
    feedback: Words = ""
    cost: Annotated[int, Field(ge=0, le=2_000_000_000)] | None = None
    worth: Score | None = None
    training: Key = ""
    shared: Key = ""
    team_words: Words = ""
    meeting_on: date | None = None
    document: Line = ""
    nothing_to_add: bool = False
    target: Uid | None = None
    reflection: Reflected | None = None
    impact: tuple[Changed, ...] = ()
    evidence: tuple[Statement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Training(_Part):
    """A mandatory training that was done. `course` is the uid of the activity that it was."""

    uid: Uid
    made_at: AwareDatetime
    training: Key
    done_on: date
    valid_until: date | None = None
    course: Uid | None = None


@dataclass(frozen=True, kw_only=True)
class TimeSpent(_Part):
    """Time spent learning that was no course."""

    uid: Uid
    made_at: AwareDatetime
    on_day: date
    minutes: Annotated[int, Field(ge=0, le=60 * 24 * 400)]
    words: Words
    off_the_job: bool = True
    kind: Key = ""
    evidence: tuple[Statement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PeriodLogged(_Part):
    """The log of one period, both days included."""

    uid: Uid
    first: date
    last: date
    written_at: AwareDatetime | None = None
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Earlier(_Part):
    """A target as it was before a revision, by field."""

    number: Annotated[int, Field(ge=0, le=100_000)]
    made_at: AwareDatetime
    was: Mapping[Key, Words | None]


@dataclass(frozen=True, kw_only=True)
class Effect(_Part):
    """What came of a target; how effective the development was, and why."""

    rating: Score | None = None
    came: Words = ""
    why: Words = ""


@dataclass(frozen=True, kw_only=True)
class Target(_Part):
    """A target of the learning plan of the learning year that begins on `year`, with its history."""

    uid: Uid
    made_at: AwareDatetime
    changed_at: AwareDatetime
    year: date
    words: Words
    strategy: Words = ""
    criteria: Words = ""
    link: Words = ""
    kind: Key = ""
    due_on: date | None = None
    state: Key = "open"
    version: Annotated[int, Field(ge=0, le=100_000)] = 0
    agreement: Key = ""
    agreed_with: Line = ""
    agreed_version: Annotated[int, Field(ge=0, le=100_000)] | None = None
    answered_at: AwareDatetime | None = None
    evaluated_at: AwareDatetime | None = None
    evaluation: Effect | None = None
    history: tuple[Earlier, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outcome(_Part):
    """What was said of a target, by its uid, when the plan was looked back on."""

    target: Uid
    result: Key


@dataclass(frozen=True, kw_only=True)
class PlanReviewed(_Part):
    """The yearly look at a learning plan."""

    uid: Uid
    year: date
    written_at: AwareDatetime | None = None
    answers: tuple[Answer, ...] = ()
    targets: tuple[Outcome, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Rating(_Part):
    """How somebody sees themselves in one statement, which is given with the area that it is in."""

    code: Key
    statement: Line
    area: Line = ""
    level: Key
    words: Words = ""


@dataclass(frozen=True, kw_only=True)
class SelfReviewed(_Part):
    """A look at oneself against one version of a standard."""

    uid: Uid
    made_at: AwareDatetime
    standard: Key
    version: Key
    title: Line
    finished_at: AwareDatetime | None = None
    ratings: tuple[Rating, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Step(_Part):
    """What somebody meant to do after an interview."""

    made_at: AwareDatetime
    words: Words
    due_on: date | None = None
    state: Key = "open"


@dataclass(frozen=True, kw_only=True)
class InterviewHeld(_Part):
    """A learning interview that was held. `notes` are the owner's own, `private` the half that only they read."""

    uid: Uid
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    role: Literal["learner", "partner"]
    other: Line
    written_at: AwareDatetime | None = None
    notes: Words = ""
    private: Words = ""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LearningSetJoined(_Part):
    """A learning set that somebody was in, and when it met with them."""

    uid: Uid
    joined_at: AwareDatetime
    name: Line
    facilitator: Line = ""
    met_at: tuple[AwareDatetime, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Owner(_Part):
    """Whose portfolio it is, and where it was made."""

    name: Line
    organisation: Line = ""


@dataclass(frozen=True, kw_only=True)
class Portfolio(_Part):
    """The whole document."""

    format: Literal["learnbot-portfolio"] = "learnbot-portfolio"
    version: Literal[1] = 1
    made_at: AwareDatetime
    owner: Owner
    diary: Annotated[tuple[DiaryEntry, ...], Field(max_length=MOST)] = ()
    courses: Annotated[tuple[Activity, ...], Field(max_length=MOST)] = ()
    trainings: Annotated[tuple[Training, ...], Field(max_length=MOST)] = ()
    time: Annotated[tuple[TimeSpent, ...], Field(max_length=MOST)] = ()
    logs: Annotated[tuple[PeriodLogged, ...], Field(max_length=MOST)] = ()
    targets: Annotated[tuple[Target, ...], Field(max_length=MOST)] = ()
    plan_reviews: Annotated[tuple[PlanReviewed, ...], Field(max_length=MOST)] = ()
    self_reviews: Annotated[tuple[SelfReviewed, ...], Field(max_length=MOST)] = ()
    interviews: Annotated[tuple[InterviewHeld, ...], Field(max_length=MOST)] = ()
    sets: Annotated[tuple[LearningSetJoined, ...], Field(max_length=MOST)] = ()


Item = (
    DiaryEntry
    | Activity
    | Training
    | TimeSpent
    | PeriodLogged
    | Target
    | PlanReviewed
    | SelfReviewed
    | InterviewHeld
    | LearningSetJoined
)

# The sections in reading order: the field, its heading, what one record of it is, and the class of its records.
SECTIONS: Mapping[str, tuple[str, str, type]] = {
    "diary": ("Learning diary", "diary entry/diary entries", DiaryEntry),
    "courses": ("Courses and other activities", "course or other activity/courses and other activities", Activity),
    "trainings": ("Mandatory training", "mandatory training/mandatory trainings", Training),
    "time": ("Learning time", "stretch of learning time/stretches of learning time", TimeSpent),
    "logs": ("Learning log", "log of a period/logs of a period", PeriodLogged),
    "targets": ("Learning plan", "target/targets", Target),
    "plan_reviews": ("Yearly reviews of the plan", "review of your plan/reviews of your plan", PlanReviewed),
    "self_reviews": (
        "Myself against the standard",
        "look at yourself against a standard/looks at yourself against a standard",
        SelfReviewed,
    ),
    "interviews": ("Learning interviews", "learning interview/learning interviews", InterviewHeld),
    "sets": ("Learning sets", "learning set/learning sets", LearningSetJoined),
}


def counted(section: str, number: int) -> str:
    """`2 diary entries`."""
    one, many = SECTIONS[section][1].split("/")
    return f"{number} {one if number == 1 else many}"


def items(portfolio: Portfolio) -> Iterator[tuple[str, Item]]:
    """Every record, with the section that it is in."""
    for section in SECTIONS:
        for item in cast(tuple[Item, ...], getattr(portfolio, section)):
            yield section, item


def is_empty(portfolio: Portfolio) -> bool:
    """Whether there is nothing in it."""
    return not any(getattr(portfolio, section) for section in SECTIONS)


def names_of(kind: type) -> tuple[str, ...]:
    """The fields of a part, in order."""
    return tuple(one.name for one in fields(kind))
