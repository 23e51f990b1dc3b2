"""Calendars from the settings to the running program: built when configured, kept by the clockwork, examined."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot import doctor
from bot.app import build
from bot.calendars import calendar_systems
from bot.config import Google, Outlook, Settings
from bot.policy import load
from scheduling.appointments import Appointments
from scheduling.calendars.contract import Placed
from scheduling.jobs import Jobs
from storage.models import CalendarEvent
from tests.clients.calendar import MemoryCalendar
from tests.conftest import KEYRING, Chat

NOWHERE = "http://127.0.0.1:9"  # the port that discards: nothing listens there
OUTLOOK = Outlook("tenant", "client", "canary-secret", "head@example.org", authority=NOWHERE, api_url=NOWHERE)


def settings(folder: Path, **more: object) -> Settings:
    return Settings(f"sqlite:///{folder}/learnbot.db", KEYRING, load("southampton"), **more)  # type: ignore[arg-type]


def test_only_what_is_configured_is_built(tmp_path: Path) -> None:
    assert calendar_systems(settings(tmp_path)) == {}
    assert list(calendar_systems(settings(tmp_path, outlook=OUTLOOK))) == ["outlook"]
    with pytest.raises(FileNotFoundError):
        calendar_systems(settings(tmp_path, google=Google(tmp_path / "missing.json")))


def test_without_a_calendar_none_of_their_libraries_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from bot.app import build; from tests.test_calendars_configured import settings; "
        "import pathlib; build(settings(pathlib.Path(sys.argv[1]))).close(); "
        "print(sorted({'msal', 'google.auth'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True,
                         env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[1])})  # fmt: skip
    assert ran.stdout.strip() == "[]", ran.stderr


def test_the_program_hands_its_calendars_to_all_who_need_to_know(tmp_path: Path) -> None:
    bot = build(settings(tmp_path, outlook=OUTLOOK, calendars=("outlook",)))
    try:
        assert bot.appointments is not None
        assert list(bot.appointments.systems) == ["outlook"]
        assert bot.dispatcher.calendars == bot.delivery.calendars == bot.appointments.calendars == ("outlook",)
        asyncio.run(bot.appointments.stop(1))
    finally:
        bot.close()
    plain = build(settings(tmp_path))
    assert plain.appointments is None
    plain.close()


def test_the_clockwork_keeps_calendars(chat: Chat) -> None:
    for words, who in (("hello", "Amina"), ("hello", "Ben"), ("book Thursday at 10", "Amina")):
        chat.say(who, words)
    chat.press("Ben", "Confirm")
    calendar = MemoryCalendar()
    keeper = Appointments(chat.database, chat.registry, chat.policy, KEYRING, {"outlook": calendar}, ("outlook",),
                          lambda: chat.now, "test")  # fmt: skip

    async def through() -> None:
        written = asyncio.Event()
        put = calendar.put

        async def noted(*arguments: Any) -> Placed:
            written.set()
            return await put(*arguments)

        calendar.put = noted  # type: ignore[method-assign]
        jobs = Jobs(chat.delivery, keeper)
        await jobs.start()
        async with asyncio.timeout(60):
            await written.wait()
        await keeper.stop(10)
        jobs.stop()

    chat.run(through())
    assert chat.rows(select(CalendarEvent.state)) == ["standing"]
    assert calendar.closed


@pytest.mark.parametrize(("wrong", "said"), [([], "lets the bot in"), (["OUTSIDE can be reached"], "OUTSIDE can be")])
def test_the_doctor_says_how_the_calendars_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: list[str], said: str
) -> None:
    calendar = MemoryCalendar(wrong=wrong)
    monkeypatch.setattr(doctor, "calendar_systems", lambda settings: {"outlook": calendar})
    found = doctor.Findings()
    asyncio.run(doctor._calendars(settings(tmp_path), found))
    assert said in (found.wrong if wrong else found.well)[0]
    assert calendar.closed


def test_the_doctor_names_a_calendar_that_does_not_answer(tmp_path: Path) -> None:
    found = doctor.Findings()
    asyncio.run(doctor._calendars(settings(tmp_path, outlook=OUTLOOK), found))
    assert found.well == []
    assert "canary" not in found.wrong[0]
