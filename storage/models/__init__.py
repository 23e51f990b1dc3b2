"""Every table, by noun. Records are the domain's dataclasses; `Sealed` columns hold words under their owner's key."""

from storage.models.calendars import Away, BusyTime, CalendarEvent, CalendarLook, KnownClosure
from storage.models.courses import Course, Impact, Reflection, TrainingDone
from storage.models.diary import Attachment, DiaryHabit, Draft, Entry, Source
from storage.models.engine import Beat, HandledEvent, Owed
from storage.models.interviews import Brief, Held, Interview, InterviewNote, NextStep
from storage.models.learning_time import LearningTime, PeriodLog
from storage.models.looks import Grant, Look, RefusedAttempt
from storage.models.people import KnownAccount, KnownPlace, Partnership, Person, Team
from storage.models.portfolios import CarriedOver, Origin, Portfolio, PortfolioFile
from storage.models.reviews import (
    Finding,
    FindingSource,
    PointMark,
    Review,
    ReviewAnswer,
    ReviewDraft,
    ReviewGuest,
    ReviewPoint,
    ReviewTaken,
)
from storage.models.sets import Attendance, LearningSet, SetMeeting, SetMember
from storage.models.standards import Evidence, Post, SelfRating, SelfReview, Standard, StandardItem
from storage.models.targets import PlanReview, Target, TargetVersion
from storage.models.team_plans import (
    DevelopmentPlan,
    PlanItem,
    PlanItemStep,
    PlanVoice,
    ReleasedNeed,
    Seminar,
    SeminarSeat,
    StrategicItem,
    ThemesCounted,
)

__all__ = [
    "Attachment",
    "Attendance",
    "Away",
    "Beat",
    "Brief",
    "BusyTime",
    "CalendarEvent",
    "CalendarLook",
    "CarriedOver",
    "Course",
    "DevelopmentPlan",
    "DiaryHabit",
    "Draft",
    "Entry",
    "Evidence",
    "Finding",
    "FindingSource",
    "Grant",
    "HandledEvent",
    "Held",
    "Impact",
    "Interview",
    "InterviewNote",
    "KnownAccount",
    "KnownClosure",
    "KnownPlace",
    "LearningSet",
    "LearningTime",
    "Look",
    "NextStep",
    "Origin",
    "Owed",
    "Partnership",
    "PeriodLog",
    "Person",
    "PlanItem",
    "PlanItemStep",
    "PlanReview",
    "PlanVoice",
    "PointMark",
    "Portfolio",
    "PortfolioFile",
    "Post",
    "Reflection",
    "RefusedAttempt",
    "ReleasedNeed",
    "Review",
    "ReviewAnswer",
    "ReviewDraft",
    "ReviewGuest",
    "ReviewPoint",
    "ReviewTaken",
    "SelfRating",
    "SelfReview",
    "Seminar",
    "SeminarSeat",
    "SetMeeting",
    "SetMember",
    "Source",
    "Standard",
    "StandardItem",
    "StrategicItem",
    "Target",
    "TargetVersion",
    "Team",
    "ThemesCounted",
    "TrainingDone",
]
