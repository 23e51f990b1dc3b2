"""The Team Development Plan: its three sources, its items, what the team said to it, how it went; and seminars."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Record
from storage.sealed import Sealed


class StrategicItem(Record):
    """A priority of the organisation's strategic plan, for one team or for all. `research` marks a research project.

    `code` names it in imports. One that a later import leaves out is `retired_at`, and stays where it is referred to.
    """

    __tablename__ = "strategic_item"
    __table_args__ = (UniqueConstraint("code"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    code: Mapped[str]
    words: Mapped[str]
    made_at: Mapped[datetime]
    research: Mapped[bool] = mapped_column(default=False)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), default=None, index=True)
    due_on: Mapped[date | None] = mapped_column(default=None)
    retired_at: Mapped[datetime | None] = mapped_column(default=None)


class ReleasedNeed(Record):
    """Somebody lets a need of their own learning plan count for their team: its theme, never a word of it.

    `theme` is the policy's key. It is shown only as a theme that enough people named (five, or as many more as the
    policy says), and to nobody as theirs.
    """

    __tablename__ = "released_need"
    __table_args__ = (UniqueConstraint("owner_id", "target_id"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id", ondelete="CASCADE"), index=True)
    theme: Mapped[str]
    released_at: Mapped[datetime]


class ThemesCounted(Record):
    """The themes that enough people of the whole organisation had released, counted once for the term from `since`."""

    __tablename__ = "themes_counted"
    since: Mapped[date] = mapped_column(primary_key=True)
    themes: Mapped[str]  # the policy's keys, with commas between
    at: Mapped[datetime]


class DevelopmentPlan(Record):
    """A team's development plan for the learning year that starts on `year`, in the channel `place_id`.

    States: draft (its lead works on it), proposed (the team is asked), agreed, ended. `themes` are the policy's keys,
    with commas between, of what enough people of the team had released when it was begun: counted once and kept, so
    that no two looks differ by one person. `version` counts changes of what it says. Nobody is asked how it goes
    before `ask_on`.
    """

    __tablename__ = "development_plan"
    __table_args__ = (UniqueConstraint("team_id", "year"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    year: Mapped[date]
    made_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="draft")
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), default=None)
    review_id: Mapped[int | None] = mapped_column(ForeignKey("review.id", ondelete="SET NULL"), default=None)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=None)
    proposed_at: Mapped[datetime | None] = mapped_column(default=None)
    agreed_at: Mapped[datetime | None] = mapped_column(default=None)
    themes: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=0)
    ask_on: Mapped[date | None] = mapped_column(default=None)


class PlanItem(Record):
    """One need in a team's plan and what is done about it. Its words are the organisation's: the channel reads them.

    `source` says where it came from: strategic (`strategic_id`), review (`finding_id`), individual (a theme that at
    least five people released) or team (somebody said so). `theme` is the policy's key, `how` that of a kind of
    activity, `cost` is in pence, `from_id` the item of an earlier plan that it goes on from.
    States: open, under_way, done, dropped (`why` says why).
    """

    __tablename__ = "plan_item"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    plan_id: Mapped[int] = mapped_column(ForeignKey("development_plan.id", ondelete="CASCADE"), index=True)
    source: Mapped[str]
    need: Mapped[bytes] = mapped_column(Sealed)
    made_at: Mapped[datetime]
    position: Mapped[int] = mapped_column(default=0)
    theme: Mapped[str] = mapped_column(default="", index=True)
    research: Mapped[bool] = mapped_column(default=False)
    who_for: Mapped[bytes | None] = mapped_column(Sealed, default=None)
    how: Mapped[str] = mapped_column(default="")
    how_words: Mapped[bytes | None] = mapped_column(Sealed, default=None)
    criteria: Mapped[bytes | None] = mapped_column(Sealed, default=None)
    due_on: Mapped[date | None] = mapped_column(default=None)
    cost: Mapped[int | None] = mapped_column(default=None)
    leads_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=None, index=True)
    state: Mapped[str] = mapped_column(default="open")
    why: Mapped[bytes | None] = mapped_column(Sealed, default=None)
    changed_at: Mapped[datetime | None] = mapped_column(default=None)
    strategic_id: Mapped[int | None] = mapped_column(ForeignKey("strategic_item.id", ondelete="SET NULL"), default=None)
    finding_id: Mapped[int | None] = mapped_column(ForeignKey("finding.id", ondelete="SET NULL"), default=None)
    from_id: Mapped[int | None] = mapped_column(ForeignKey("plan_item.id", ondelete="SET NULL"), default=None)


class PlanItemStep(Record):
    """How an item stood when it was followed up, or changed by its lead in between. `told_at`: the team was told."""

    __tablename__ = "plan_item_step"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    item_id: Mapped[int] = mapped_column(ForeignKey("plan_item.id", ondelete="CASCADE"), index=True)
    state: Mapped[str]
    at: Mapped[datetime]
    words: Mapped[bytes | None] = mapped_column(Sealed, default=None)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=None)
    told_at: Mapped[datetime | None] = mapped_column(default=None)


class PlanVoice(Record):
    """What somebody of the team said to a plan in the channel: that they agree, or what they object to, by name.

    `about_proposal` is when the plan they answered was proposed: a plan that is proposed again is answered again.
    """

    __tablename__ = "plan_voice"
    __table_args__ = (UniqueConstraint("plan_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    plan_id: Mapped[int] = mapped_column(ForeignKey("development_plan.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    agrees: Mapped[bool]
    at: Mapped[datetime]
    about_proposal: Mapped[datetime]
    words: Mapped[bytes | None] = mapped_column(Sealed, default=None)  # sealed with the key of whoever said them


class Seminar(Record):
    """A seminar for a need that several teams share. `sequence` and `uid` are as in `Interview`.

    States: offered (the coordinator has not decided, or is still planning it), planned, held, cancelled, declined.
    `offer_of` is the year and theme that it was offered for, which happens once; `theme` is empty for one that a
    coordinator made. `title` and `about` are the organisation's words; `where` is an address or a room. `changed_by_id`
    is planning it, or moved or cancelled it; `reason` is why.
    """

    __tablename__ = "seminar"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    theme: Mapped[str]
    year: Mapped[date]
    title: Mapped[bytes] = mapped_column(Sealed)
    made_at: Mapped[datetime]
    uid: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="offered")
    about: Mapped[bytes | None] = mapped_column(Sealed, default=None)
    where: Mapped[bytes | None] = mapped_column(Sealed, default=None)
    starts_at: Mapped[datetime | None] = mapped_column(default=None)
    ends_at: Mapped[datetime | None] = mapped_column(default=None)
    host_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=None, index=True)
    places: Mapped[int | None] = mapped_column(default=None)  # how many can come; empty for any number
    off_the_job: Mapped[bool] = mapped_column(default=True)
    sequence: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=0)
    reason: Mapped[bytes | None] = mapped_column(Sealed, default=None)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=None)
    offer_of: Mapped[str | None] = mapped_column(default=None, unique=True)


class SeminarSeat(Record):
    """Somebody was invited to a seminar. `state` is asked, accepted, declined, waiting, attended or missed.

    `time_id` is the learning time that it became.
    """

    __tablename__ = "seminar_seat"
    __table_args__ = (UniqueConstraint("seminar_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    seminar_id: Mapped[int] = mapped_column(ForeignKey("seminar.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="asked")
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    time_id: Mapped[int | None] = mapped_column(ForeignKey("learning_time.id", ondelete="SET NULL"), default=None)
