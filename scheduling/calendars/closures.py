"""Closures from a calendar of term dates: a file beside the policy, or an address that is fetched.

Every all-day event is a stretch of days on which nobody is asked anything. It is read line by line, so that a mistake
can be named with its line. Source: RFC 5545.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from bot.policy import Closure, Policy, PolicyError, is_address
from bot.policy import load as load_policy
from bot.wording import shortened

LONGEST = 1_000_000  # bytes
MOST = 500  # closures: a calendar with more is of something else
NAMED = 20  # mistakes
MOST_DAYS = timedelta(days=124)
MOST_MOVES = 3
TIMEOUT = 15.0  # seconds for the whole of it
ONE_DAY = timedelta(days=1)
NAMELESS = "Closed"
LINE = re.compile(r"([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:\"[^\"]*\"|[^\";:])*)*):(.*)", re.DOTALL)
# An event that names a term is a time to work in; one that names a holiday or half-term is not.
TEACHING = re.compile(r"\bterm\b", re.IGNORECASE)
CLOSED = re.compile(r"half|holiday|break|clos|inset|leave|vacation", re.IGNORECASE)


class NotACalendar(ValueError):
    """What was read is no calendar that closures can be taken from. `mistakes` names the first twenty by their line."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


class NotFetched(Exception):
    """The address gave no calendar. `reason`: no_answer, status_404 (or another), moved_elsewhere, too_long."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Found:
    """The closures of a calendar, by their first day, and a sentence on each event that was not taken for one.

    Sentences name the line and never what stands there: they go into the log.
    """

    closures: tuple[Closure, ...]
    ignored: tuple[str, ...]


@dataclass(frozen=True)
class _Line:
    number: int
    name: str
    parameters: str
    value: str


@dataclass
class _Event:
    begins: int  # the line
    lines: dict[str, _Line] = field(default_factory=dict[str, _Line])

    @property
    def title(self) -> str:
        line = self.lines.get("SUMMARY")
        said = " ".join(re.sub(r"\\([,;\\nN])", _unescaped, line.value).split()) if line else ""
        return shortened(said, 80) if re.search(r"[A-Za-z]", said) else NAMELESS


class _Mistake(Exception):
    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: {what}")


def load(source: str) -> Policy:
    """The policy of that name or file, with the closures of its calendar file. An address is not fetched here.

    Raises `PolicyError`, which names every mistake of both with its line.
    """
    policy = load_policy(source)
    if not policy.closures_from or is_address(policy.closures_from):
        return policy
    path = Path(policy.closures_from)
    try:
        return with_closures(policy, read(_from_disk(path)).closures)
    except OSError as error:
        raise PolicyError(f"closures_from: {path.name} cannot be read ({error.strerror})") from error
    except NotACalendar as error:
        raise PolicyError("\n".join(f"{path.name} {mistake}" for mistake in error.mistakes)) from error


def ignored(policy: Policy) -> tuple[str, ...]:
    """What of the policy's calendar file was not taken for a closure, a sentence each."""
    if not policy.closures_from or is_address(policy.closures_from):
        return ()
    return read(_from_disk(Path(policy.closures_from))).ignored


def with_closures(policy: Policy, closures: Sequence[Closure]) -> Policy:
    """The policy, closed on these days as well."""
    return policy.model_copy(update={"closures": (*policy.closures, *closures)})


def read(file: bytes) -> Found:
    """The closures in an iCalendar file. Raises `NotACalendar`."""
    mistakes: list[str] = []
    closures: list[Closure] = []
    left_out: list[str] = []
    try:
        events = list(_events(_lines(file)))
    except _Mistake as mistake:
        raise NotACalendar([str(mistake)]) from mistake
    for event in events:
        if "STATUS" in event.lines and event.lines["STATUS"].value.upper() == "CANCELLED":
            continue
        try:
            if reason := _why_ignored(event):
                left_out.append(f"line {event.begins}: {reason}")
            else:
                closures.append(_closure(event))
        except _Mistake as mistake:
            mistakes.append(str(mistake))
    if len(closures) > MOST:
        mistakes.append(f"line 1: it has {len(closures)} all-day events, more than a calendar of closures can have")
    if len(mistakes) > NAMED:
        mistakes[NAMED:] = [f"and {len(mistakes) - NAMED} mistakes more"]
    if mistakes:
        raise NotACalendar(mistakes)
    return Found(tuple(sorted(closures, key=lambda closure: (closure.first, closure.last))), tuple(left_out))


async def fetch(url: str) -> bytes:
    """What stands at an address. It may move it within its own host, and nowhere else. Raises `NotFetched`."""
    import httpx  # for the organisations that name an address: not for every start

    headers = {"Accept": "text/calendar", "Accept-Encoding": "identity"}  # so that what comes is as long as it looks
    try:
        async with asyncio.timeout(TIMEOUT), httpx.AsyncClient(timeout=TIMEOUT, headers=headers) as web:
            for _ in range(MOST_MOVES + 1):
                async with web.stream("GET", url) as response:
                    if not response.has_redirect_location:
                        return await _body(response.status_code, response.aiter_raw())
                    moved = response.url.join(response.headers["Location"])
                    if (moved.scheme, moved.netloc) != (response.url.scheme, response.url.netloc):
                        raise NotFetched("moved_elsewhere")
                    url = str(moved)
            raise NotFetched("moved_elsewhere")
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        raise NotFetched("no_answer") from error


async def _body(status: int, chunks: AsyncIterator[bytes]) -> bytes:
    if status != 200:
        raise NotFetched(f"status_{status}")
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > LONGEST:
            raise NotFetched("too_long")
    return bytes(body)


def _from_disk(path: Path) -> bytes:
    with path.open("rb") as file:
        found = file.read(LONGEST + 1)
    if len(found) > LONGEST:
        raise NotACalendar(["line 1: it is longer than a megabyte"])
    return found


# ---------------------------------------------------------------------------------------------------------- the lines


def _lines(file: bytes) -> Iterator[_Line]:
    """The content lines, folded ones put together again, with the number of the line each begins at."""
    try:
        written = file.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Mistake(file[: error.start].count(b"\n") + 1, "it is not written in UTF-8") from error
    unfolded: list[tuple[int, list[str]]] = []
    for number, line in enumerate(re.split(r"\r?\n", written), 1):
        if line.startswith((" ", "\t")) and unfolded:
            unfolded[-1][1].append(line[1:])
        elif line.strip():
            unfolded.append((number, [line]))
    for number, pieces in unfolded:
        found = LINE.fullmatch("".join(pieces))
        if found is None:
            raise _Mistake(number, "this is not a line of a calendar")
        yield _Line(number, found[1].upper(), found[2].upper(), found[3].strip())


def _events(lines: Iterator[_Line]) -> Iterator[_Event]:
    """The events, without what stands inside of them, such as alarms."""
    within: list[str] = []
    event: _Event | None = None
    number = 1
    for line in lines:
        number = line.number
        kind = line.value.upper()
        if not within and (line.name, kind) != ("BEGIN", "VCALENDAR"):
            raise _Mistake(number, "a calendar begins with BEGIN:VCALENDAR")
        if line.name == "BEGIN":
            within.append(kind)
            if kind == "VEVENT":
                event = _Event(number)
        elif line.name == "END":
            if within.pop() != kind:
                raise _Mistake(number, f"{kind} ends here, and did not begin")
            if kind == "VEVENT" and event is not None:
                yield event
        elif within[-1] == "VEVENT" and event is not None:
            event.lines.setdefault(line.name, line)
    if within or number == 1:
        raise _Mistake(number, "the calendar is cut off here")


# ---------------------------------------------------------------------------------------------------------- one event


def _why_ignored(event: _Event) -> str:
    """Why an event is no closure; "" when it is one."""
    starts = event.lines.get("DTSTART")
    if starts is not None and not _is_date(starts):
        return "it has a time of day"
    if TEACHING.search(event.title) and not CLOSED.search(event.title):
        return "it names a term, in which people work"
    return ""


def _closure(event: _Event) -> Closure:
    starts = event.lines.get("DTSTART")
    if starts is None:
        raise _Mistake(event.begins, "an event without its first day")
    for repeats in ("RRULE", "RDATE"):
        if repeats in event.lines:
            raise _Mistake(
                event.lines[repeats].number,
                "it repeats, and repeats are not read: give every year an event of its own",
            )
    first = _date(starts)
    last = max(first, _last(event, first))
    if last - first > MOST_DAYS:
        raise _Mistake(event.begins, "it lasts more than four months: check its years")
    return Closure(first=first, last=last, name=event.title)


def _last(event: _Event, first: date) -> date:
    """The last day: the one before DTEND, which is not included. An event that ends where it begins lasts a day."""
    ends, lasts = event.lines.get("DTEND"), event.lines.get("DURATION")
    if ends is not None:
        after = _date(ends)
        if after < first:
            raise _Mistake(ends.number, "it ends before it begins")
        return after - ONE_DAY
    if lasts is not None:
        found = re.fullmatch(r"\+?P(?:(\d{1,3})W|(\d{1,4})D)", lasts.value.upper())
        if found is None:
            raise _Mistake(lasts.number, f"{shortened(lasts.value, 20)} is no number of days")
        return first + timedelta(weeks=int(found[1] or 0), days=int(found[2] or 0)) - ONE_DAY
    return first


def _is_date(line: _Line) -> bool:
    return "VALUE=DATE" in line.parameters.split(";") or re.fullmatch(r"\d{8}", line.value) is not None


def _date(line: _Line) -> date:
    try:
        day = date.fromisoformat(line.value) if re.fullmatch(r"\d{8}", line.value) else None
    except ValueError:
        day = None
    if day is None or not 1900 <= day.year < 3000:
        raise _Mistake(line.number, f"{shortened(line.value, 20)} is not a day: it is written like 20260525")
    return day


def _unescaped(found: re.Match[str]) -> str:
    return " " if found[1] in "nN" else found[1]
