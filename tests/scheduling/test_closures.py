"""Closures from a calendar: all-day events are days off, a mistake is named, and a calendar that is away opens none."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot import policy as policies
from bot.app import Bot, build, web
from bot.config import Settings, SettingsError, from_environment
from bot.policy import Policy, PolicyError
from bot.term_dates import TermDates
from handlers.calendars import calendar_of
from scheduling.calendars import closures
from scheduling.calendars.closures import NotACalendar, NotFetched, fetch, load, read
from scheduling.jobs import Jobs
from scheduling.slots import Side, free_slots
from storage.database import Database
from storage.models import Interview, KnownClosure
from tests.conftest import KEYRING, NOW, Chat
from tests.foundation import World

THURSDAY = date(2026, 3, 5)
INSET = ["DTSTART;VALUE=DATE:20260305", "DTEND;VALUE=DATE:20260306", "SUMMARY:INSET day"]


def calendar(*events: list[str]) -> bytes:
    """A calendar of these events; the first event begins on line 3."""
    inside = [line for event in events for line in ("BEGIN:VEVENT", *event, "END:VEVENT")]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *inside, "END:VCALENDAR", ""]).encode()


def days(file: bytes) -> list[tuple[str, str, str]]:
    return [(str(one.first), str(one.last), one.name) for one in read(file).closures]


# ---------------------------------------------------------------------------------------------------- what is a closure


@pytest.mark.parametrize(
    ("event", "closed"),
    [
        (INSET, ("2026-03-05", "2026-03-05", "INSET day")),
        (["DTSTART;VALUE=DATE:20260525", "DTEND;VALUE=DATE:20260530", "SUMMARY:May half term"],
         ("2026-05-25", "2026-05-29", "May half term")),
        (["DTSTART;VALUE=DATE:20261221", "DTEND;VALUE=DATE:20270104", "SUMMARY:Christmas"],
         ("2026-12-21", "2027-01-03", "Christmas")),
        (["DTSTART;VALUE=DATE:20260305", "SUMMARY:A single day"], ("2026-03-05", "2026-03-05", "A single day")),
        (["DTSTART;VALUE=DATE:20260305", "DTEND;VALUE=DATE:20260305", "SUMMARY:Ends where it begins"],
         ("2026-03-05", "2026-03-05", "Ends where it begins")),
        (["DTSTART;VALUE=DATE:20260525", "DURATION:P5D", "SUMMARY:Five days"],
         ("2026-05-25", "2026-05-29", "Five days")),
        (["DTSTART;VALUE=DATE:20260525", "DURATION:P1W", "SUMMARY:A week"], ("2026-05-25", "2026-05-31", "A week")),
        (["dtstart:20260305", "summary:Small letters and no VALUE"],
         ("2026-03-05", "2026-03-05", "Small letters and no VALUE")),
        (["DTSTART;TZID=\"Europe/London\";VALUE=DATE:20260305", "SUMMARY;LANGUAGE=en:A\\, b\\; c\\nd"],
         ("2026-03-05", "2026-03-05", "A, b; c d")),
        (["DTSTART;VALUE=DATE:20260305", "SUMMARY:Folded in", "  the mid", " dle"],
         ("2026-03-05", "2026-03-05", "Folded in the middle")),
        (["DTSTART;VALUE=DATE:20260305", 'ATTENDEE;MEMBER="mailto:a@x","mailto:b;@x";CN=A "B" C:mailto:c@x'],
         ("2026-03-05", "2026-03-05", "Closed")),
        (["DTSTART;VALUE=DATE:20260305", "SUMMARY:🎄 24"], ("2026-03-05", "2026-03-05", "Closed")),
        (["DTSTART;VALUE=DATE:20260305", "SUMMARY:End of term holiday"],
         ("2026-03-05", "2026-03-05", "End of term holiday")),
        (["DTSTART;VALUE=DATE:20260305", "SUMMARY:Alarmed", "BEGIN:VALARM", "DURATION:PT5M", "SUMMARY:Wake up",
          "END:VALARM"], ("2026-03-05", "2026-03-05", "Alarmed")),
    ],
)  # fmt: skip
def test_an_all_day_event_is_closed_from_its_first_day_to_the_day_before_it_ends(
    event: list[str], closed: tuple[str, str, str]
) -> None:
    assert days(calendar(event)) == [closed]


def test_closures_come_in_their_order_whatever_the_calendars() -> None:
    christmas = ["DTSTART;VALUE=DATE:20261221", "SUMMARY:Christmas"]
    assert [name for _, _, name in days(calendar(christmas, INSET))] == ["INSET day", "Christmas"]


def test_a_calendar_may_have_line_ends_of_any_kind_and_a_mark_at_its_beginning() -> None:
    assert days(b"\xef\xbb\xbf" + calendar(INSET).replace(b"\r\n", b"\n")) == days(calendar(INSET))


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (["DTSTART:20260305T090000Z", "SUMMARY:Staff meeting"], "line 3: it has a time of day"),
        (["DTSTART;TZID=Europe/London:20260305T090000", "RRULE:FREQ=WEEKLY", "SUMMARY:Assembly"],
         "line 3: it has a time of day"),
        (["DTSTART;VALUE=DATE:20260105", "DTEND;VALUE=DATE:20260214", "SUMMARY:Spring term"],
         "line 3: it names a term, in which people work"),
        (["DTSTART;VALUE=DATE:20260105", "SUMMARY:Term starts"], "line 3: it names a term, in which people work"),
    ],
)  # fmt: skip
def test_what_is_no_closure_is_left_out_and_named(event: list[str], why: str) -> None:
    found = read(calendar(event, INSET))
    assert [closure.name for closure in found.closures] == ["INSET day"]
    assert found.ignored == (why,)


def test_a_closure_that_was_called_off_is_none() -> None:
    assert read(calendar([*INSET, "STATUS:CANCELLED"])) == closures.Found((), ())


# -------------------------------------------------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("file", "mistake"),
    [
        (b"", "line 1: the calendar is cut off here"),
        (b"<html>\nNot found", "line 1: this is not a line of a calendar"),
        (b"VERSION:2.0\nBEGIN:VCALENDAR", "line 1: a calendar begins with BEGIN:VCALENDAR"),
        (calendar(INSET)[:60], "line 4: this is not a line of a calendar"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\n", "line 3: the calendar is cut off here"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n", "line 3: VCALENDAR ends here, and did not begin"),
        (calendar(INSET, ["SUMMARY:x"]), "line 8: an event without its first day"),
        (calendar(["DTSTART;VALUE=DATE:20260532"]), "line 4: 20260532 is not a day"),
        (calendar(["DTSTART;VALUE=DATE:2026-05-25"]), "line 4: 2026-05-25 is not a day"),
        (calendar(["DTSTART;VALUE=DATE:00010101", "DTEND;VALUE=DATE:00010101"]), "line 4: 00010101 is not a day"),
        (calendar(["DTSTART;VALUE=DATE:20260306", "DTEND;VALUE=DATE:20260305"]), "line 5: it ends before it begins"),
        (calendar(["DTSTART;VALUE=DATE:20260306", "DTEND:20260307T120000Z"]), "line 5: 20260307T120000Z is not a day"),
        (calendar(["DTSTART;VALUE=DATE:20260306", "DURATION:PT5H"]), "line 5: PT5H is no number of days"),
        (calendar(["DTSTART;VALUE=DATE:20261221", "DTEND;VALUE=DATE:20720104"]), "line 3: it lasts more than four"),
        (calendar([*INSET, "RRULE:FREQ=YEARLY"]), "line 7: it repeats, and repeats are not read"),
        (calendar([*INSET, "RDATE;VALUE=DATE:20270305"]), "line 7: it repeats, and repeats are not read"),
        (calendar(INSET).replace(b"INSET", b"\xff\xfe"), "line 6: it is not written in UTF-8"),
        (calendar(*[INSET] * 501), "line 1: it has 501 all-day events"),
    ],
)
def test_a_broken_calendar_is_named_with_its_line(file: bytes, mistake: str) -> None:
    with pytest.raises(NotACalendar) as error:
        read(file)
    assert error.value.mistakes[0].startswith(mistake)


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(NotACalendar) as error:
        read(calendar(["DTSTART;VALUE=DATE:20260532"], INSET, [*INSET, "RRULE:FREQ=YEARLY"]))
    assert [mistake.partition(":")[0] for mistake in error.value.mistakes] == ["line 4", "line 15"]


def test_a_calendar_full_of_mistakes_is_not_told_in_full() -> None:
    with pytest.raises(NotACalendar) as error:
        read(calendar(*[["SUMMARY:no first day"]] * 400))
    assert len(error.value.mistakes) == 21
    assert error.value.mistakes[-1] == "and 380 mistakes more"


# ----------------------------------------------------------------------------------------------------------- the policy


def written(folder: Path, source: str, file: bytes | None = None) -> str:
    """A policy beside its calendar; where the policy is."""
    path = folder / "ours.toml"
    path.write_text(f'closures_from = "{source}"\n' + (policies.BUNDLED / "southampton.toml").read_text())
    if file is not None:
        (folder / source).write_bytes(file)
    return str(path)


def test_a_calendar_beside_the_policy_adds_to_the_closures_that_the_policy_names(tmp_path: Path) -> None:
    policy = load(written(tmp_path, "term-dates.ics", calendar(INSET, ["DTSTART:20260305T090000Z"])))
    assert [closure.name for closure in policy.closures] == ["Christmas closure", "INSET day"]
    assert closures.ignored(policy) == ("line 8: it has a time of day",)
    assert calendar_of(policy).closed_because(THURSDAY) == "INSET day"


def test_a_broken_calendar_beside_the_policy_stops_the_start_with_every_mistake(tmp_path: Path) -> None:
    file = calendar(["DTSTART;VALUE=DATE:20260532"], [*INSET, "RRULE:FREQ=YEARLY"])
    with pytest.raises(PolicyError) as error:
        load(written(tmp_path, "term-dates.ics", file))
    assert [line.partition(": ")[0] for line in str(error.value).splitlines()] == [
        "term-dates.ics line 4",
        "term-dates.ics line 10",
    ]


def test_the_settings_name_what_is_wrong_with_the_calendar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEARNBOT_POLICY", written(tmp_path, "term-dates.ics", calendar([*INSET, "RRULE:FREQ=YEARLY"])))
    monkeypatch.setenv("LEARNBOT_MASTER_KEY", "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=")
    with pytest.raises(SettingsError) as error:
        from_environment(platforms_needed=False)
    assert error.value.mistakes == [
        "LEARNBOT_POLICY: term-dates.ics line 7: it repeats, and repeats are not read: give every year an event of its "
        "own"
    ]


def test_a_calendar_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"closures_from: term-dates\.ics cannot be read"):
        load(written(tmp_path, "term-dates.ics"))


def test_a_calendar_that_is_far_too_long_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="longer than a megabyte"):
        load(written(tmp_path, "term-dates.ics", b" " * 1_000_001))


@pytest.mark.parametrize("source", ["term-dates.csv", "http://example.org/t.ics", "file:///etc/passwd", "webcal://x/t.ics",
                                    "https://"])  # fmt: skip
def test_closures_come_from_a_calendar_file_or_a_secure_address(tmp_path: Path, source: str) -> None:
    with pytest.raises(PolicyError, match=r"ours\.toml line 1: closures_from: .*https://"):
        load(written(tmp_path, source))


def test_an_address_is_not_fetched_while_the_policy_is_read(tmp_path: Path) -> None:
    policy = load(written(tmp_path, "https://calendar.example.org/private-1/basic.ics"))
    assert [closure.name for closure in policy.closures] == ["Christmas closure"]
    assert closures.ignored(policy) == ()


# ---------------------------------------------------------------------------------------------------------- the address


@dataclass
class Website:
    """A school's website. `answer` is (status, headers, body); None closes the connection without one."""

    answer: tuple[int, dict[str, str], bytes] | None = (200, {}, calendar(INSET))
    asked: list[str] = field(default_factory=list)
    url: str = ""

    @property
    def address(self) -> str:
        return f"{self.url}/term-dates.ics"

    def says(self, file: bytes) -> None:
        self.answer = (200, {"Content-Type": "text/calendar"}, file)


@contextmanager
def a_website() -> Iterator[Website]:
    site = Website()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            if site.answer is None:
                self.close_connection = True
                return
            status, headers, body = site.answer
            if status == 302 and self.path == "/moved":
                status, headers, body = 200, {}, calendar(INSET)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: `asked` keeps what came."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    site.url = f"http://127.0.0.1:{server.server_port}"
    yield site
    server.shutdown()
    server.server_close()


@pytest.fixture
def website() -> Iterator[Website]:
    with a_website() as site:
        yield site


def why_not(address: str) -> str:
    with pytest.raises(NotFetched) as error:
        asyncio.run(fetch(address))
    return error.value.reason


def test_a_calendar_is_fetched(website: Website) -> None:
    assert asyncio.run(fetch(website.address)) == calendar(INSET)


def test_it_may_move_within_its_host(website: Website) -> None:
    website.answer = (302, {"Location": "/moved"}, b"")
    assert asyncio.run(fetch(website.address)) == calendar(INSET)


@pytest.mark.parametrize("location", ["http://127.0.0.1:1/moved", "http://localhost/moved", "https://example.org/x",
                                      "file:///etc/passwd", "//169.254.169.254/latest", "/moved-for-ever"])  # fmt: skip
def test_it_is_not_followed_elsewhere_nor_for_ever(website: Website, location: str) -> None:
    website.answer = (301, {"Location": location}, b"")
    assert why_not(website.address) == "moved_elsewhere"
    assert len(website.asked) <= 4


def test_no_more_than_a_megabyte_is_taken(website: Website) -> None:
    website.says(calendar(INSET) + b" " * 1_000_001)
    assert why_not(website.address) == "too_long"


@pytest.mark.parametrize("status", [404, 403, 500])
def test_an_answer_that_is_no_calendar_is_told_by_its_status(website: Website, status: int) -> None:
    website.answer = (status, {}, b"sorry")
    assert why_not(website.address) == f"status_{status}"


def test_no_answer_is_told_as_such(website: Website) -> None:
    website.answer = None
    assert why_not(website.address) == "no_answer"
    assert why_not("http://127.0.0.1:1/t.ics") == "no_answer"


# ------------------------------------------------------------------------------------------------------ the running bot


@dataclass
class Following:
    """A process that follows the website's calendar, and the policies it has gone by."""

    database: Database
    policy: Policy
    now: datetime = NOW
    used: list[Policy] = field(default_factory=list)

    def started(self) -> TermDates:
        following = TermDates(self.database, self.policy, lambda: self.now, self.used.append)
        following.begin()
        return following

    @property
    def closed(self) -> list[str]:
        return [closure.name for closure in self.used[-1].closures] if self.used else []


@pytest.fixture
def following(database: Database, policy: Policy, website: Website) -> Following:
    return Following(database, policy.model_copy(update={"closures": (), "closures_from": website.address}))


def test_an_address_is_asked_once_a_day(following: Following, website: Website) -> None:
    term_dates = following.started()
    for hour in range(49):
        following.now = NOW + timedelta(hours=hour)
        asyncio.run(term_dates.look())
    assert len(website.asked) == 3
    assert following.closed == ["INSET day"]
    assert len(following.used) == 1, "nothing is changed while nothing has changed"


def test_what_the_calendar_no_longer_says_is_open_again(following: Following, website: Website) -> None:
    term_dates = following.started()
    asyncio.run(term_dates.look())
    website.says(calendar(["DTSTART;VALUE=DATE:20260525", "SUMMARY:May half term"]))
    following.now += timedelta(days=1)
    asyncio.run(term_dates.look())
    assert following.closed == ["May half term"]


@pytest.mark.parametrize(
    "answer", [None, (503, {}, b""), (200, {}, b"<html>"), (200, {}, calendar([*INSET, "RRULE:x"]))]
)
def test_a_calendar_that_is_away_or_broken_opens_no_day(
    following: Following, website: Website, answer: tuple[int, dict[str, str], bytes] | None
) -> None:
    asyncio.run(following.started().look())
    website.answer = answer
    following.now += timedelta(days=1)
    again = following.started()  # after a restart, too
    assert following.closed == ["INSET day"]
    asyncio.run(again.look())
    assert following.closed == ["INSET day"]
    website.says(calendar(["DTSTART;VALUE=DATE:20260525", "SUMMARY:May half term"]))
    following.now += timedelta(hours=1)
    asyncio.run(again.look())
    assert following.closed == ["May half term"], "it is asked every hour until it answers"


def test_what_another_process_fetched_is_known_within_the_hour(following: Following, website: Website) -> None:
    one, other = following.started(), following.started()
    asyncio.run(one.look())
    website.answer = None
    following.used.clear()
    asyncio.run(other.look())
    assert following.closed == ["INSET day"]


def test_another_address_brings_its_own_closures_only(following: Following, website: Website) -> None:
    before = following.started()
    asyncio.run(before.look())
    following.policy = following.policy.model_copy(update={"closures_from": f"{website.url}/another.ics"})
    following.used.clear()
    website.says(calendar(["DTSTART;VALUE=DATE:20260525", "SUMMARY:May half term"]))
    asyncio.run(following.started().look())
    assert following.closed == ["May half term"]
    asyncio.run(before.look())  # a process that was started before goes by its own
    assert len(following.used) == 1


def test_the_address_is_not_written_down(following: Following) -> None:
    asyncio.run(following.started().look())
    rows = following.database.run(lambda session: [row.source for row in session.scalars(select(KnownClosure))])
    assert len(rows) == 1
    assert "127.0.0.1" not in rows[0]


def test_the_clockwork_looks_at_once(world: World) -> None:
    looked = asyncio.Event()

    async def look() -> None:
        looked.set()

    async def through() -> None:
        jobs = Jobs(world.delivery, closures=look)
        await jobs.start()
        await asyncio.wait_for(looked.wait(), 30)
        jobs.stop()

    world.run(through())


def test_the_running_program_goes_by_the_calendar_as_soon_as_it_is_fetched(
    policy: Policy, website: Website, tmp_path: Path
) -> None:
    followed = policy.model_copy(update={"closures_from": website.address})
    bot = build(Settings(f"sqlite:///{tmp_path}/learnbot.db", KEYRING, followed))
    assert bot.term_dates is not None
    taken_up = asyncio.Event()

    def use(policy: Policy) -> None:
        bot.use(policy)
        taken_up.set()

    bot.term_dates.use = use

    async def through() -> None:
        app = web(bot)
        async with app.router.lifespan_context(app):
            await asyncio.wait_for(taken_up.wait(), 30)

    asyncio.run(through())
    for holder in (bot.settings, bot.dispatcher, bot.delivery):
        assert [closure.name for closure in holder.policy.closures] == ["Christmas closure", "INSET day"]


# ----------------------------------------------------------------------------------------------- what people see of it


def closing(chat: Chat) -> Callable[[Policy], None]:
    """How the running bot takes a policy up."""
    bot = Bot(
        Settings("", KEYRING, chat.policy), chat.database, chat.dispatcher, chat.delivery, chat.reception,
        lambda: chat.now, {}, chat.now,
    )  # fmt: skip
    return bot.use


def test_a_closed_day_is_never_offered(policy: Policy) -> None:
    london = ZoneInfo("Europe/London")
    closed = closures.with_closures(policy, read(calendar(INSET)).closures)
    window = (NOW, NOW + timedelta(days=7))
    for offered_on, expected in ((policy, True), (closed, False)):
        side = Side(london, calendar_of(offered_on))
        slots = free_slots([side, side], window, NOW, at_most=500)
        assert (THURSDAY in {slot.starts_at.astimezone(london).date() for slot in slots}) is expected


def test_from_the_moment_the_calendar_is_read_nobody_is_offered_the_day(chat: Chat) -> None:
    chat.say("Ben", "hello")
    closing(chat)(closures.with_closures(chat.policy, read(calendar(INSET)).closures))
    chat.say("Amina", "book Ben")
    for _ in range(3):
        assert "Thu 5 Mar" not in chat.last("Amina")
        chat.press("Amina", "More times")


def test_a_time_typed_on_that_day_is_not_booked_and_the_reason_is_told(chat: Chat) -> None:
    chat.say("Ben", "hello")
    closing(chat)(closures.with_closures(chat.policy, read(calendar(INSET)).closures))
    chat.say("Amina", "book Ben on Thursday at 10am")
    assert "INSET day" in chat.last("Amina")
    assert chat.rows(select(Interview)) == []
