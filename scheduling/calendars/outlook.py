"""Outlook: busy times and events in Exchange Online, through Microsoft Graph (docs/calendars.md).

Of an event only its times are looked at. Source of every request: Microsoft Graph REST API v1.0 reference.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast

from scheduling.calendars import outlook_events as events
from scheduling.calendars.contract import (
    Appointment,
    CalendarDown,
    CalendarRefused,
    Changed,
    Changes,
    Placed,
    Seen,
)
from scheduling.calendars.graph import API_URL, AUTHORITY, TIMEOUT, Graph, GraphRefused, Json, Tokens, origin
from scheduling.slots import Interval

SCHEDULES = 20  # mailboxes that one getSchedule may ask for
LONGEST_LOOK = timedelta(days=42)  # one getSchedule; Exchange refuses much longer ones
SHORTEST_LOOK = timedelta(minutes=5)  # the smallest interval getSchedule knows
LONGEST_INTERVAL = timedelta(days=1)
AHEAD = timedelta(days=60)  # further than was asked, so that a mark serves for weeks
PAGE = 100  # events
MOST_PAGES = 200
# What is not known to be free is busy: a time that cannot be offered is better than one that cannot be kept.
FREE = frozenset({"free", "workingElsewhere"})
NOT_SEEN = {"ErrorMailRecipientNotFound": "no_such_mailbox", "ErrorNoFreeBusyAccess": "not_permitted"}
DUPLICATE = "ErrorDuplicateTransactionId"
EXPIRED = frozenset({"SyncStateNotFound", "SyncStateInvalid", "resyncRequired"})
IN_UTC = 'outlook.timezone="UTC"'
ITS_TIMES = "id,start,end,isCancelled,onlineMeeting"

GUIDE = "see docs/calendars.md"
WHY_NO_TOKEN = {
    "7000215": "the secret is not the right one: copy its value, not its id, into LEARNBOT_OUTLOOK_CLIENT_SECRET",
    "7000222": "the secret has expired: make a new one and put it into LEARNBOT_OUTLOOK_CLIENT_SECRET",
    "700016": "there is no such application in this tenant: check LEARNBOT_OUTLOOK_CLIENT_ID",
    "90002": "there is no such tenant: check LEARNBOT_OUTLOOK_TENANT_ID",
    "no_such_tenant": "there is no such tenant: check LEARNBOT_OUTLOOK_TENANT_ID",
}


class OutlookCalendar:
    """The mailboxes of one Microsoft 365 tenant, as far as Exchange lets the application in.

    `outside` is a mailbox of the tenant that it must not be let into. `now` counts seconds and only goes forward.
    """

    name = "outlook"

    def __init__(
        self,
        tenant_id: str,
        client_id: str,
        client_secret: str,
        outside: str,
        authority: str = AUTHORITY,
        api_url: str = API_URL,
        *,
        timeout: float = TIMEOUT,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outside = outside
        scope = f"{origin(api_url)}/.default"
        self._tokens = Tokens(tenant_id, client_id, client_secret, authority=authority, scope=scope, now=now)
        self._graph = Graph(self._tokens, api_url=api_url, timeout=timeout, now=now)

    # -- when people are busy

    async def busy(self, mailboxes: Sequence[str], starts_at: datetime, ends_at: datetime) -> Seen:
        """When each mailbox is busy: tentative, busy, out of office and unknown count; working elsewhere does not."""
        seen: dict[str, list[Interval] | CalendarRefused] = {}
        for first in range(0, len(mailboxes), SCHEDULES):
            seen.update(await self._busy(mailboxes[first : first + SCHEDULES], starts_at, ends_at))
        return seen

    async def _busy(self, mailboxes: Sequence[str], starts_at: datetime, ends_at: datetime) -> Seen:
        """As `busy`, of few enough mailboxes for one request.

        A request is made in the name of one mailbox. Where Exchange does not let us into that one, the next is asked.
        """
        seen: dict[str, list[Interval] | CalendarRefused] = {}
        for place, asking in enumerate(mailboxes):
            try:
                seen.update(await self._busy_as(asking, mailboxes[place:], starts_at, ends_at))
                break
            except GraphRefused as refused:
                if refused.reason not in ("not_permitted", "no_such_mailbox"):
                    raise
                seen[asking] = refused
        return seen

    async def _busy_as(self, asking: str, mailboxes: Sequence[str], starts_at: datetime, ends_at: datetime) -> Seen:
        seen: dict[str, list[Interval] | CalendarRefused] = {mailbox: [] for mailbox in mailboxes}
        for begins, ends in _looks(starts_at, ends_at):
            body: Json = {
                "schedules": list(mailboxes),
                "startTime": events.when(begins),
                "endTime": events.when(ends),
                "availabilityViewInterval": int(min(LONGEST_INTERVAL, ends - begins) / timedelta(minutes=1)),
            }
            answer = await self._graph.ask("POST", asking, "calendar/getSchedule", body=body, prefer=(IN_UTC,))
            found = {str(one.get("scheduleId", "")).casefold(): one for one in events.items(answer, "value")}
            for mailbox, known in seen.items():
                part = _busy_times(found.get(mailbox.casefold(), {}))
                if isinstance(known, list):
                    seen[mailbox] = part if isinstance(part, CalendarRefused) else known + part
        return seen

    # -- events

    async def put(self, mailbox: str, appointment: Appointment) -> Placed:
        """Make the event, with a Teams link where the mailbox has Teams.

        `transactionId` is derived from the key, so what a time-out left behind is found and not made again. Graph
        answers a repeat with what stands, or, when the appointment has changed in between, with a refusal.
        """
        try:
            made = await self._made(mailbox, appointment)
        except GraphRefused as refused:
            if refused.code != DUPLICATE:
                raise
            made = await self._made_before(mailbox, appointment)
        if made.is_at(appointment):
            return Placed(made.event_id, made.join_url)
        changed = await self.change(mailbox, made.event_id, appointment)
        if changed is None:
            raise CalendarDown("gone_meanwhile")
        return changed

    async def _made(self, mailbox: str, appointment: Appointment) -> events.Event:
        body = events.new(appointment)
        try:
            return events.read(await self._graph.ask("POST", mailbox, "events", body=body, prefer=(IN_UTC,)))
        except GraphRefused as refused:
            if refused.status != 400 or refused.code == DUPLICATE:
                raise
        # Mostly Graph just leaves the Teams link out for a mailbox without Teams; some it refuses.
        body = events.without_teams(body)
        return events.read(await self._graph.ask("POST", mailbox, "events", body=body, prefer=(IN_UTC,)))

    async def _made_before(self, mailbox: str, appointment: Appointment) -> events.Event:
        is_it = f"ep/id eq '{events.KEY}' and ep/value eq '{events.derived(appointment.key)}'"
        params = {"$filter": f"singleValueExtendedProperties/Any(ep: {is_it})", "$select": ITS_TIMES}
        found = await self._graph.ask("GET", mailbox, "events", params=params, prefer=(IN_UTC,))
        for one in events.items(found, "value"):
            return events.read(one)
        raise CalendarDown("made_but_not_found")  # it may still be on its way

    async def change(self, mailbox: str, event_id: str, appointment: Appointment) -> Placed | None:
        """Write what differs: the times, and what the event is called and who is invited if we wrote that otherwise.

        The description stays as it was first: Teams keeps its link in there, and we do not read it. What people added
        in Outlook, such as a room, stays too, unless those invited change.
        """
        stands = await self._look(mailbox, event_id)
        if stands is None or stands.gone:
            return None
        body: Json = {} if stands.is_at(appointment) else events.times(appointment)
        if stands.written != events.written(appointment):
            body |= events.called_and_invited(appointment)
        if not body:
            return Placed(event_id, stands.join_url)
        try:
            answer = await self._graph.ask("PATCH", mailbox, events.path(event_id), body=body, prefer=(IN_UTC,))
        except GraphRefused as refused:
            if _is_gone(refused):
                return None
            raise
        changed = events.read(answer)
        return Placed(changed.event_id, changed.join_url or stands.join_url)

    async def remove(self, mailbox: str, event_id: str) -> None:
        """Delete the event. In the organiser's calendar Exchange tells everybody invited that it is cancelled."""
        try:
            await self._graph.ask("DELETE", mailbox, events.path(event_id))
        except GraphRefused as refused:
            if not _is_gone(refused):
                raise

    async def _look(self, mailbox: str, event_id: str) -> events.Event | None:
        params = {
            "$select": ITS_TIMES,
            "$expand": f"singleValueExtendedProperties($filter=id eq '{events.WRITTEN}')",
        }
        try:
            answer = await self._graph.ask("GET", mailbox, events.path(event_id), params=params, prefer=(IN_UTC,))
        except GraphRefused as refused:
            if _is_gone(refused):
                return None
            raise
        return events.read(answer)

    # -- what changed outside

    async def changes(self, mailbox: str, mark: str, starts_at: datetime, ends_at: datetime) -> Changes:
        """What changed since `mark`: new times, or gone. The mark is Graph's own link, after the end of what it covers.

        Graph calls removed what is deleted, and also what is outside the time that the link covers. So what it calls
        removed is looked up before it is called gone.
        """
        until, _, link = mark.partition(" ")
        if link and self._graph.leads_to_graph(link) and until >= events.in_url(ends_at):
            try:
                return await self._changed_since(mailbox, link, until)
            except GraphRefused as refused:
                if not _is_expired(refused):
                    raise
        until = events.in_url(ends_at + AHEAD)
        try:
            found, link = await self._pages(mailbox, {"startDateTime": events.in_url(starts_at), "endDateTime": until})
        except GraphRefused as refused:
            if _is_expired(refused):
                raise CalendarDown("expired_meanwhile") from refused
            raise
        standing = [one for one in found.values() if one.starts_at and one.starts_at < ends_at]
        return Changes(f"{until} {link}", standing, whole=True)

    async def _changed_since(self, mailbox: str, link: str, until: str) -> Changes:
        found, link = await self._pages(mailbox, {}, link)
        for event_id, one in found.items():
            if one.gone:
                stands = await self._look(mailbox, event_id)
                found[event_id] = events.changed(stands) if stands else one
        return Changes(f"{until} {link}", list(found.values()))

    async def _pages(self, mailbox: str, query: Mapping[str, str], link: str = "") -> tuple[dict[str, Changed], str]:
        """Every page of a round, and the link for the next round. What came several times counts as it came last."""
        prefer = (f"odata.maxpagesize={PAGE}", IN_UTC)
        found: dict[str, Changed] = {}
        for _ in range(MOST_PAGES):
            if link:
                page = await self._graph.follow(mailbox, link, prefer=prefer)
            else:
                page = await self._graph.ask("GET", mailbox, "calendarView/delta", params=query, prefer=prefer)
            for one in events.items(page, "value"):
                changed = _entry(one)
                found[changed.event_id] = changed
            if "@odata.deltaLink" in page:
                return found, events.text(page, "@odata.deltaLink")
            link = events.text(page, "@odata.nextLink")
        raise CalendarDown("too_many_pages")

    # -- the rest

    async def mistakes(self) -> list[str]:
        """Whether Entra knows us, and whether Exchange keeps us out of the mailbox outside. No event is looked at."""
        try:
            await self._tokens.token()
        except GraphRefused as refused:
            why = WHY_NO_TOKEN.get(refused.code, f"Microsoft calls it {refused.code}")
            return [f"Outlook: Microsoft does not know the application: {why} ({GUIDE})"]
        if not self._outside:
            return [
                "LEARNBOT_OUTLOOK_OUTSIDE is missing: name a mailbox which the bot must not reach, so that its limits "
                f"can be tried ({GUIDE})"
            ]
        try:
            await self._graph.ask("GET", self._outside, "calendar", params={"$select": "id"})
        except GraphRefused as refused:
            return _why_not_proven(refused)
        return [
            "Outlook: the bot can reach the mailbox in LEARNBOT_OUTLOOK_OUTSIDE: take the application's permissions "
            f"away in Entra, and give it a role with a scope in Exchange ({GUIDE})"
        ]

    async def close(self) -> None:
        await self._graph.close()


def _why_not_proven(refused: GraphRefused) -> list[str]:
    if refused.reason == "not_permitted":
        return []
    if refused.reason == "no_such_mailbox":
        return [
            "LEARNBOT_OUTLOOK_OUTSIDE is not a mailbox of this organisation, so it proves nothing: name one that is, "
            f"and that is not in the scope ({GUIDE})"
        ]
    return [f"Outlook: the bot's limits could not be tried: Microsoft calls it {refused.code} ({GUIDE})"]


def _looks(starts_at: datetime, ends_at: datetime) -> Iterator[Interval]:
    """The time between two instants in parts that getSchedule takes; never shorter than it knows."""
    begins, last = events.whole(starts_at), events.whole(ends_at)
    while begins < last:
        ends = min(begins + LONGEST_LOOK, last)
        yield begins, max(ends, begins + SHORTEST_LOOK)
        begins = ends


def _busy_times(schedule: Json) -> list[Interval] | CalendarRefused:
    if "scheduleItems" not in schedule or schedule.get("error"):
        error = cast(Json, schedule.get("error") or {})
        return CalendarRefused(NOT_SEEN.get(str(error.get("responseCode")), "refused"))
    return [
        (events.instant(item, "start"), events.instant(item, "end"))
        for item in events.items(schedule, "scheduleItems")
        if item.get("status") not in FREE
    ]


def _entry(found: Json) -> Changed:
    """An entry of a delta. What is removed comes with nothing but its id."""
    if "@removed" in found:
        return Changed(events.text(found, "id"), gone=True)
    return events.changed(events.read(found))


def _is_gone(refused: GraphRefused) -> bool:
    return refused.status == 404 and refused.reason != "no_such_mailbox"


def _is_expired(refused: GraphRefused) -> bool:
    return refused.status == 410 or refused.code in EXPIRED
