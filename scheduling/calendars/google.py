"""Google calendars, reached by a service account that acts as the owner of each mailbox (domain-wide delegation).

Of events only the identifier, the state, the times and the address to meet at are ever asked for (`fields`).
Source: https://developers.google.com/workspace/calendar/api/v3/reference
"""

import asyncio
import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from bot.clock import Clock, utc_now
from scheduling.calendars.contract import (
    Appointment,
    CalendarDown,
    CalendarRefused,
    Changed,
    Changes,
    Placed,
    Seen,
)
from scheduling.calendars.google_api import API_URL, Answer, GoogleApi, ServiceKey
from scheduling.slots import Interval

Json = dict[str, Any]

OURS = "learnbot"  # how the identifiers of our events begin: letters that base32hex has
ASKED_AT_ONCE = 50  # calendars in one question: the most that Google takes
AS_THEMSELVES_AT_ONCE = 8  # people looked at each in their own name, at the same time
FURTHER = timedelta(days=180)  # beyond what is asked for: a sync token never looks past the range it was made for
MOST_LIVES = 20  # how often one appointment may be made again after somebody deleted it
EVENTS = "calendars/primary/events"
EVENT_FIELDS = "id,status,start,end,hangoutLink,conferenceData(createRequest/status),extendedProperties/private"
LIST_FIELDS = "nextPageToken,nextSyncToken,items(id,status,start,end)"


class GoogleCalendar:
    """The calendars of one Google Workspace, in each person's own name. See `CalendarSystem`.

    `outside` is a mailbox that must not be reachable, for `mistakes`. Raises OSError, KeyError or ValueError when the
    key file holds no service account's key.
    """

    name = "google"

    def __init__(self, key_file: Path, outside: str = "", api_url: str = API_URL, *, clock: Clock = utc_now) -> None:
        self._outside = outside
        self._clock = clock
        self._api = GoogleApi(ServiceKey.read(key_file), api_url=api_url, clock=clock)

    async def busy(self, mailboxes: Sequence[str], starts_at: datetime, ends_at: datetime) -> Seen:
        """When each is busy. What colleagues may see of one another takes one question for fifty of them.

        Whoever does not share that with the first of them is looked at in their own name.
        """
        seen: dict[str, list[Interval] | CalendarRefused] = {}
        for first in range(0, len(mailboxes), ASKED_AT_ONCE):
            some = mailboxes[first : first + ASKED_AT_ONCE]
            try:
                seen.update(await self._asked_by(some[0], some, starts_at, ends_at))
            except CalendarRefused as refused:
                seen[some[0]] = refused
        unseen = [mailbox for mailbox in mailboxes if mailbox not in seen]
        places = asyncio.Semaphore(AS_THEMSELVES_AT_ONCE)

        async def themselves(mailbox: str) -> list[Interval] | CalendarRefused:
            async with places:
                try:
                    found = await self._asked_by(mailbox, [mailbox], starts_at, ends_at)
                except CalendarRefused as refused:
                    return refused
                return found.get(mailbox, CalendarRefused("not_permitted"))

        seen.update(zip(unseen, await asyncio.gather(*map(themselves, unseen)), strict=True))
        return seen

    async def put(self, mailbox: str, appointment: Appointment) -> Placed:
        """Make the event under an identifier that comes from its key: made twice, it is there once.

        An event that somebody deleted keeps its identifier for good, so that the next one is taken.
        """
        for life in range(MOST_LIVES):
            event_id = _event_id(appointment.key, life)
            made = await self._insert(mailbox, event_id, appointment)
            if made.status != 409:
                return await self._placed(mailbox, made.body)
            stands = await self._standing(mailbox, event_id)
            if stands is None:
                continue
            if _times(stands) == (appointment.starts_at, appointment.ends_at):
                return await self._placed(mailbox, stands)
            changed = await self.change(mailbox, event_id, appointment)
            if changed is not None:
                return changed
        raise CalendarRefused("refused")

    async def change(self, mailbox: str, event_id: str, appointment: Appointment) -> Placed | None:
        """Make the event stand as it should. Of what is as we wrote it only the times are written again.

        So a room, a guest or a note that somebody added in Google stays when the interview moves.
        """
        stands = await self._standing(mailbox, event_id)
        if stands is None:
            return None
        body = _body(mailbox, appointment)
        if _written(stands) == _written(body):
            body = {"start": body["start"], "end": body["end"]}
        for edge in ("start", "end"):
            body[edge] = {
                **body[edge],
                "date": None,
            }  # a patch leaves what it does not name: it may last all day by now
        answer = await self._api.ask(
            mailbox, "PATCH", f"{EVENTS}/{event_id}",
            query={"sendUpdates": "all", "conferenceDataVersion": "1", "fields": EVENT_FIELDS},
            body=body, expects=(404, 410),
        )  # fmt: skip
        if answer.status in (404, 410) or answer.body.get("status") == "cancelled":
            return None
        return await self._placed(mailbox, answer.body)

    async def remove(self, mailbox: str, event_id: str) -> None:
        """Delete the event, telling who was invited."""
        query = {"sendUpdates": "all"}
        await self._api.ask(mailbox, "DELETE", f"{EVENTS}/{event_id}", query=query, expects=(404, 410))

    async def changes(self, mailbox: str, mark: str, starts_at: datetime, ends_at: datetime) -> Changes:
        """What changed of our own events; other people's are left out as soon as they are read."""
        reaches, _, token = mark.partition(" ")
        if token and datetime.fromisoformat(reaches) >= ends_at:
            found = await self._listed(mailbox, {"syncToken": token})
            if found is not None:
                looked_up = [await self._looked_up(mailbox, one) if one.gone else one for one in found[0]]
                return Changes(f"{reaches} {found[1]}", looked_up)
        until = ends_at + FURTHER
        found = await self._listed(mailbox, {"timeMin": _rfc3339(starts_at), "timeMax": _rfc3339(until)})
        if found is None:  # 410 without a token: not in Google's reference
            raise CalendarDown("unreadable")
        return Changes(f"{until.astimezone(UTC).isoformat()} {found[1]}", found[0], whole=True)

    async def mistakes(self) -> list[str]:
        """Whether Google takes the key, and whether the mailbox outside is refused. Raises `CalendarDown`."""
        try:
            await self._api.tokens.of("")
        except CalendarRefused:
            return [
                "Google does not accept the key in LEARNBOT_GOOGLE_KEY_FILE: make a new one in the Google Cloud "
                "console (IAM & Admin → Service Accounts → Keys), and check this machine's clock"
            ]
        if not self._outside:
            return []
        now = self._clock()
        try:
            found = await self._asked_by(self._outside, [self._outside], now, now + timedelta(days=1))
        except CalendarRefused:
            return []
        if not found:
            return []
        return [
            "the bot can reach the calendar of LEARNBOT_GOOGLE_OUTSIDE: turn Google Calendar off for the "
            "organisational unit of this mailbox, or name one that the delegation does not cover (docs/calendars.md)"
        ]

    async def close(self) -> None:
        """Let go of connections."""
        await self._api.close()

    async def _asked_by(
        self, mailbox: str, about: Sequence[str], starts_at: datetime, ends_at: datetime
    ) -> dict[str, list[Interval]]:
        """The busy times that the owner of `mailbox` may see; whoever they may not see is left out."""
        body = {
            "timeMin": _rfc3339(starts_at),
            "timeMax": _rfc3339(ends_at),
            "calendarExpansionMax": ASKED_AT_ONCE,
            "items": [{"id": one} for one in about],
        }
        answer = await self._api.ask(mailbox, "POST", "freeBusy", body=body)
        try:
            calendars = {name.lower(): found for name, found in answer.body["calendars"].items()}
            return {
                one: [(_instant(busy["start"]), _instant(busy["end"])) for busy in calendars[one.lower()]["busy"]]
                for one in about
                if one.lower() in calendars and not calendars[one.lower()].get("errors")
            }
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise CalendarDown("unreadable") from error

    async def _insert(self, mailbox: str, event_id: str, appointment: Appointment) -> Answer:
        """Ask for the event with a place to meet, and without one where the Workspace has no Meet."""
        query = {"sendUpdates": "all", "conferenceDataVersion": "1", "fields": EVENT_FIELDS}
        body = {"id": event_id, **_body(mailbox, appointment)}
        meet = {"createRequest": {"requestId": event_id, "conferenceSolutionKey": {"type": "hangoutsMeet"}}}
        answer = await self._api.ask(
            mailbox, "POST", EVENTS, query=query, body={**body, "conferenceData": meet}, expects=(400, 409)
        )
        if answer.status == 400:
            answer = await self._api.ask(mailbox, "POST", EVENTS, query=query, body=body, expects=(409,))
        return answer

    async def _standing(self, mailbox: str, event_id: str) -> Json | None:
        """The event, if it is there and not cancelled: Google shows a deleted one for as long as it remembers it."""
        answer = await self._api.ask(
            mailbox, "GET", f"{EVENTS}/{event_id}", query={"fields": EVENT_FIELDS}, expects=(404, 410)
        )
        gone = answer.status in (404, 410) or answer.body.get("status") == "cancelled"
        return None if gone else answer.body

    async def _looked_up(self, mailbox: str, gone: Changed) -> Changed:
        """Whether it is gone: one that was moved out of the range that the token looks at may be called so as well."""
        stands = await self._standing(mailbox, gone.event_id)
        return gone if stands is None else _changed(stands)

    async def _placed(self, mailbox: str, event: Json) -> Placed:
        """Where the event stands. A place to meet that Google is still making is looked for once more."""
        try:
            event_id = str(event["id"])
            if "hangoutLink" not in event and _still_making(event):
                event = await self._standing(mailbox, event_id) or event
            return Placed(event_id, str(event.get("hangoutLink", "")))
        except (KeyError, TypeError) as error:
            raise CalendarDown("unreadable") from error

    async def _listed(self, mailbox: str, wanted: dict[str, str]) -> tuple[list[Changed], str] | None:
        """Our events and the next sync token; None when Google no longer knows the token that `wanted` holds.

        Whatever else is in the query must be the same in every question that the token is used for.
        """
        query = {"singleEvents": "true", "showDeleted": "true", "maxResults": "250", "fields": LIST_FIELDS, **wanted}
        events: list[Changed] = []
        while True:
            answer = await self._api.ask(mailbox, "GET", EVENTS, query=query, expects=(410,))
            if answer.status == 410:
                return None
            try:
                events.extend(_changed(one) for one in answer.body.get("items", []) if one["id"].startswith(OURS))
                if not answer.body.get("nextPageToken"):
                    return events, answer.body["nextSyncToken"]
            except (KeyError, TypeError, AttributeError, ValueError) as error:
                raise CalendarDown("unreadable") from error
            query["pageToken"] = answer.body["nextPageToken"]


def _event_id(key: str, life: int) -> str:
    """The identifier of an appointment: lower-case base32hex, as Google asks, and the same for the same key."""
    digest = hashlib.sha256(f"{key}\x1f{life}".encode()).digest()[:20]
    return OURS + base64.b32hexencode(digest).decode().lower()


def _body(mailbox: str, appointment: Appointment) -> Json:
    """The event as Google takes it, with a fingerprint of its words and guests that nobody but the bot sees.

    Its host has said yes already: it was they who booked.
    """
    said = repr((appointment.summary, appointment.description, appointment.attendees))
    return {
        "extendedProperties": {"private": {OURS: hashlib.sha256(said.encode()).hexdigest()[:32]}},
        "summary": appointment.summary,
        "description": appointment.description,
        "start": {"dateTime": _rfc3339(appointment.starts_at), "timeZone": appointment.zone},
        "end": {"dateTime": _rfc3339(appointment.ends_at), "timeZone": appointment.zone},
        "attendees": [
            {"displayName": name, "email": email}
            | ({"responseStatus": "accepted"} if email.lower() == mailbox.lower() else {})
            for name, email in appointment.attendees
        ],
    }


def _written(event: Json) -> str:
    """The fingerprint of what we wrote into the event last; "" when it has none."""
    return str(event.get("extendedProperties", {}).get("private", {}).get(OURS, ""))


def _still_making(event: Json) -> bool:
    request: Json = event.get("conferenceData", {}).get("createRequest", {})
    return request.get("status", {}).get("statusCode") == "pending"


def _changed(event: Json) -> Changed:
    event_id = str(event["id"])
    return Changed(event_id, gone=True) if event.get("status") == "cancelled" else Changed(event_id, *_times(event))


def _times(event: Json) -> Interval:
    try:
        return _instant_of(event["start"]), _instant_of(event["end"])
    except (KeyError, TypeError, ValueError) as error:
        raise CalendarDown("unreadable") from error


def _instant_of(when: Json) -> datetime:
    """An event's start or end; somebody may have made it last all day, which begins at midnight UTC."""
    if "dateTime" in when:
        return _instant(when["dateTime"])
    return datetime.combine(datetime.fromisoformat(when["date"]).date(), time(0), tzinfo=UTC)


def _instant(written: str) -> datetime:
    instant = datetime.fromisoformat(written)
    if instant.tzinfo is None:
        raise ValueError("an instant without its offset")
    return instant.astimezone(UTC)


def _rfc3339(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
