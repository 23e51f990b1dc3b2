"""Every table, by noun. Records are the domain's dataclasses; `Sealed` columns hold words under their owner's key."""

from storage.models.calendars import Away, BusyTime, CalendarEvent, CalendarLook, KnownClosure
from storage.models.engine import Beat, HandledEvent, Owed
from storage.models.interviews import Brief, Held, Interview, InterviewNote, NextStep
from storage.models.learning import Course, Draft, Entry, Reflection, Source
from storage.models.looks import Grant, Look, RefusedAttempt
from storage.models.people import KnownAccount, KnownPlace, Partnership, Person, Team
from storage.models.reviews import Review, ReviewAnswer
from storage.models.sets import Attendance, LearningSet, SetMeeting, SetMember

__all__ = [
    "Attendance",
    "Away",
    "Beat",
    "Brief",
    "BusyTime",
    "CalendarEvent",
    "CalendarLook",
    "Course",
    "Draft",
    "Entry",
    "Grant",
    "HandledEvent",
    "Held",
    "Interview",
    "InterviewNote",
    "KnownAccount",
    "KnownClosure",
    "KnownPlace",
    "LearningSet",
    "Look",
    "NextStep",
    "Owed",
    "Partnership",
    "Person",
    "Reflection",
    "RefusedAttempt",
    "Review",
    "ReviewAnswer",
    "SetMeeting",
    "SetMember",
    "Source",
    "Team",
]
