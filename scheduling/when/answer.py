"""From one proposal to a reading: the instant it means, or what to ask, at one moment and in one zone."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduling.localtime import WorkingCalendar, at_local
from scheduling.when import days
from scheduling.when.clocks import spans
from scheduling.when.pieces import ABOUT_NOW, Clock, Day, Doubt, Length, Part
from scheduling.when.reading import Missing, Reading, said_choices, said_day, said_days, said_time
from scheduling.when.sentence import Proposal

MOST_ALTERNATIVES = 4
ONE_DAY, ONE_HOUR = timedelta(days=1), timedelta(hours=1)
BOTH: frozenset[Missing] = frozenset(("day", "time"))


def one_of(readings: list[Reading], zone: ZoneInfo) -> Reading:
    """The only reading there is; or, where they differ, all of them to choose from. What is past is no choice."""
    different = list(dict.fromkeys(readings))
    possible = [reading for reading in different if reading.start or reading.day or reading.alternatives]
    if len(possible) < 2:
        if possible and any(reading.doubt not in (None, "past") for reading in different if reading not in possible):
            return Reading(missing=BOTH, alternatives=tuple(possible), doubt="unclear")
        return (possible or different)[0]
    choices = dict.fromkeys(choice for reading in possible for choice in (reading.alternatives or (reading,)))
    return _choice(tuple(choices), zone)


def _choice(choices: tuple[Reading, ...], zone: ZoneInfo) -> Reading:
    known = {choice.day or (choice.start.astimezone(zone).date() if choice.start else None) for choice in choices}
    day = known.pop() if len(known) == 1 else None
    return Reading(
        day=day,
        understood=said_choices(choices),
        missing=BOTH if day is None else frozenset(("time",)),
        alternatives=choices[:MOST_ALTERNATIVES],
        doubt="several",
    )


class Asker:
    """Turns one proposal into a reading, at one moment, in one zone."""

    def __init__(self, here: datetime, zone: ZoneInfo, hours: WorkingCalendar, known_calendar: bool) -> None:
        self.here, self.zone, self.hours, self.known_calendar = here, zone, hours, known_calendar
        self.today = here.date()
        self.now = here.astimezone(UTC)

    def at(self, moment: datetime) -> "Asker":
        """The same at another moment."""
        return Asker(moment.astimezone(self.zone), self.zone, self.hours, self.known_calendar)

    def reading(self, proposal: Proposal) -> Reading:
        if proposal.offset is not None:
            return self._from_now(proposal, proposal.offset.span)
        if proposal.part == ABOUT_NOW:
            proposal = replace(proposal, part=None if proposal.clock is not None else self._about_now())
        day = proposal.day
        if day is None:
            return self._without_day(proposal)
        if proposal.run is not None and proposal.run.days is not None and proposal.clock is not None:
            # "a day starting on Friday at 5pm" ends on Saturday at 5pm
            proposal = replace(proposal, run=None, length=Length(timedelta(days=proposal.run.days)))
        if proposal.clock is not None and proposal.until is not None and day.joined(proposal.until) == day:
            proposal = replace(proposal, until=None)  # "Thu 2pm to Thu 3pm" says the day twice
        if proposal.weekday_of_run is not None:
            return self._in_week_of(day, proposal.weekday_of_run, proposal)
        if proposal.until is not None or proposal.run is not None or not day.complete:
            return self._range_of_days(proposal)
        choices = days.dates(day, self.today)
        if isinstance(choices, str):
            near = days.nearest(day, self.today) if choices == "contradiction" else ()
            answer = one_of([self._on(choice, proposal) for choice in near], self.zone) if near else Reading()
            return replace(answer, start=None, end=None, doubt=choices, missing=frozenset(("day",)))
        shifted = [choice + timedelta(days=proposal.shift) for choice in choices]
        return one_of([self._on(choice, proposal) for choice in shifted], self.zone)

    def _about_now(self) -> Part | None:
        """An hour either side of the present quarter of an hour, within the working day; None outside it."""
        near = self.here - timedelta(minutes=self.here.minute % 15)
        begins, ends = (max(near - ONE_HOUR, self._today_at(self.hours.opens)), near + ONE_HOUR)
        ends = min(ends, self._today_at(self.hours.closes))
        return Part(f"about {near:%H:%M}", begins.time(), ends.time()) if begins < ends else None

    def _today_at(self, clock: time) -> datetime:
        return datetime.combine(self.today, clock, self.here.tzinfo)

    def _from_now(self, proposal: Proposal, span: timedelta) -> Reading:
        start = self.now + span
        says_today = proposal.day == Day(on=self.today) and start.astimezone(self.zone).date() == self.today
        if proposal.clock is not None or (proposal.day is not None and not says_today):
            return Reading(doubt="unclear", missing=BOTH)
        return self._settled(start, start + proposal.length.span if proposal.length else None)

    def _settled(self, start: datetime, end: datetime | None) -> Reading:
        return Reading(start=start, end=end, understood=said_time(start, end, self.zone))

    def _without_day(self, proposal: Proposal) -> Reading:
        """Only a clock: today if still to come, otherwise tomorrow; a part of the day that has begun is asked about."""
        if proposal.clock is None:
            part = proposal.part
            assert part is not None
            if part.begins <= self.here.time() < part.ends:
                return Reading(understood=part.name, missing=BOTH)
            day = self.today if self.here.time() < part.begins else self.today + ONE_DAY
            return replace(self._on(day, proposal), assumed=frozenset(("day",)))
        today = self._on(self.today, proposal)
        if today.start is not None or today.window is not None or today.alternatives:
            return replace(today, assumed=frozenset(("day",)))
        tomorrow = self._on(self.today + ONE_DAY, proposal)
        if self.known_calendar and not self.hours.is_working_day(self.today + ONE_DAY):
            return Reading(
                understood=tomorrow.understood,
                missing=frozenset(("day",)),
                alternatives=tomorrow.alternatives or ((tomorrow,) if tomorrow.start else ()),
                doubt="past",
            )
        return replace(tomorrow, assumed=frozenset(("day",)))

    def _range_of_days(self, proposal: Proposal) -> Reading:
        day = proposal.day
        assert day is not None
        if proposal.until is not None:
            last_said = proposal.until
            if last_said.year is not None and day.year is None and day.month is not None:
                day = replace(day, year=last_said.year)
            if last_said.week is not None and last_said.weekday is not None and day == Day(weekday=day.weekday):
                week_before = (day.weekday or 0) > last_said.weekday  # "Friday to Monday next week" starts this week
                day = replace(day, week=last_said.week - week_before)
            first = days.dates(day, self.today)
            if isinstance(first, str):
                return Reading(doubt=first, missing=BOTH)
            if len(first) > 1 and day.which == "this":
                first = first[:1]
            last = self._last_day(last_said, first[0])
            if isinstance(last, str) or len(first) > 1 or len(last) > 1 or last[0] < first[0]:
                return Reading(doubt=last if isinstance(last, str) else "several", missing=BOTH)
            if proposal.clock is not None and proposal.clock_until is not None:
                return self._over_days(first[0], last[0], proposal.clock, proposal.clock_until)
            return self._days(first[0], last[0], proposal)
        if proposal.run is not None:
            found = days.dates(day, self.today if proposal.run.days is not None else days.monday_of(self.today))
            if isinstance(found, str) or len(found) > 1:
                return Reading(doubt=found if isinstance(found, str) else "several", missing=BOTH)
            if proposal.run.days is not None:
                return self._days(found[0], found[0] + timedelta(days=proposal.run.days - 1), proposal)
            monday = days.monday_of(found[0])
        elif day.week is not None:
            monday = days.monday_of(self.today) + timedelta(weeks=day.week)
        else:
            return Reading(doubt="vague", missing=BOTH)
        return self._days(max(monday, self.today), monday + timedelta(days=6), proposal)

    def _in_week_of(self, day: Day, weekday: int, proposal: Proposal) -> Reading:
        """ "w/c 16 March, Thursday at 10": that weekday of the week that holds the day."""
        found = days.dates(day, days.monday_of(self.today))
        if isinstance(found, str) or len(found) > 1:
            return Reading(doubt=found if isinstance(found, str) else "several", missing=BOTH)
        chosen = days.monday_of(found[0]) + timedelta(days=weekday)
        return self._on(chosen, proposal) if chosen >= self.today else Reading(doubt="past", missing=BOTH)

    def _last_day(self, day: Day, first: date) -> list[date] | Doubt:
        """The end of a range: the next such day after its start, unless a week is said with it."""
        if day.weekday is None or day.on is not None or day.day is not None:
            return days.dates(day, first)
        plainly = days.dates(replace(day, which="coming", week=None), first)
        if day.which is None and day.week is None:
            return plainly
        said = days.dates(day, self.today)
        return "several" if said == plainly and day.which == "next" and first != self.today else said

    def _over_days(self, first: date, last: date, begins: Clock, ends: Clock) -> Reading:
        """ "Thursday 2pm to Friday noon": each clock belongs to the day beside it."""
        edges = [spans(Proposal(clock=clock), self.hours) for clock in (begins, ends)]
        if any(edge.doubt is not None or len(edge.found) != 1 for edge in edges):
            return Reading(understood=said_days(first, last), missing=frozenset(("time",)), doubt="several")
        start, end = (
            at_local(day, edge.found[0].begins, self.zone) for day, edge in zip((first, last), edges, strict=True)
        )
        return self._settled(start, end) if self.now <= start < end else Reading(doubt="past", missing=BOTH)

    def _days(self, first: date, last: date, proposal: Proposal) -> Reading:
        if proposal.clock is not None:
            return Reading(understood=said_days(first, last), missing=frozenset(("day",)), doubt="several")
        begins, ends = at_local(first, self.hours.opens, self.zone), at_local(last, self.hours.closes, self.zone)
        if ends <= self.now:
            return Reading(doubt="past", missing=BOTH)
        return Reading(
            day=first,
            ends_on=last,
            window=(max(begins, self.now), ends),
            understood=said_days(first, last),
            missing=BOTH,
        )

    def _on(self, day: date, proposal: Proposal) -> Reading:
        if proposal.clock is None:
            return self._some_time_on(day, proposal)
        if proposal.open_ended:
            return self._after(day, proposal)
        choices = spans(proposal, self.hours)
        readings: list[Reading] = []
        for choice in choices.found:
            # "6pm to 1am tomorrow" may begin today or tomorrow
            first_days = (day, day - ONE_DAY) if choice.overnight and proposal.day_said_last else (day,)
            for first_day in first_days:
                start = at_local(first_day, choice.begins, self.zone)
                end = start + proposal.length.span if proposal.length else None
                if choice.ends is not None:
                    end = at_local(first_day + ONE_DAY * choice.overnight, choice.ends, self.zone)
                if start >= self.now and (end is None or end > start):
                    readings.append(self._settled(start, end))
        if not readings:
            return Reading(doubt=choices.doubt or "past", missing=BOTH)
        if choices.doubt is None:
            return one_of(readings, self.zone)
        asked = _choice(tuple(readings), self.zone)
        return replace(asked, day=day, missing=frozenset(("time",)), doubt=choices.doubt)

    def _after(self, day: date, proposal: Proposal) -> Reading:
        choices = spans(proposal, self.hours)
        if len(choices.found) != 1:
            return Reading(doubt="several", day=day, understood=said_day(day), missing=frozenset(("time",)))
        start = at_local(day, choices.found[0].begins, self.zone)
        end = at_local(day, self.hours.closes, self.zone)
        if start < self.now or end <= start:
            return Reading(doubt="past" if start < self.now else "vague", missing=frozenset(("time",)))
        return Reading(
            day=day,
            window=(start, end),
            understood=f"{said_day(day)}, after {start.astimezone(self.zone):%H:%M}",
            missing=frozenset(("time",)),
        )

    def _some_time_on(self, day: date, proposal: Proposal) -> Reading:
        begins, ends = self.hours.opens, self.hours.closes
        words = said_day(day)
        if proposal.part is not None:
            begins, ends = proposal.part.begins, proposal.part.ends
            words = f"{words}, {proposal.part.name} ({begins:%H:%M}–{ends:%H:%M})"
        opening, closing = at_local(day, begins, self.zone), at_local(day, ends, self.zone)
        if closing <= self.now and (proposal.part is not None or day < self.today):
            return Reading(doubt="past", missing=BOTH)
        return Reading(
            day=day,
            window=(max(opening, self.now), max(closing, self.now)),
            understood=words,
            missing=frozenset(("time",)),
        )
