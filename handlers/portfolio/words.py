"""The words of portfolios: what one would hold, how far it is, where to fetch it."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from bot import wording
from bot.chat import Button, Buttons, Facts, Link, Message, Part, small, text
from bot.errors import Refusal
from bot.portfolio.formats import FORMATS
from storage.portfolio.document import SECTIONS, counted
from storage.portfolio.making import CARD as CARD
from storage.portfolio.making import Choices

TITLE = "Your portfolio"


class NotHere(Refusal):
    """Your portfolio is for you alone, so I make it in our direct chat. Say `export` to me there."""


class NothingYet(Refusal):
    """There is nothing to put into a portfolio yet. Keep a line in your diary, or tell me about a course, and say
    `export` again."""


class NoWay(Refusal):
    """I have no web address of my own yet, so I can't hand you a file. Your learning coordinator can ask whoever runs
    me for one. Nothing of yours is lost."""


class Chosen(Refusal):
    """Nothing would be left in it. Put a section back, then make it."""


class TooLate(Refusal):
    """That portfolio is on its way already, or done with. Say `export` to begin a new one."""


def preview(about: int, counts: Mapping[str, int], choices: Choices) -> Message:
    """What it would hold, in which kinds of file, and what can be changed about that."""
    rows = [
        (SECTIONS[section][0], "left out" if section in choices.without else counted(section, number))
        for section, number in counts.items()
        if number
    ]
    kinds = wording.listed([FORMATS[key].label for key in choices.formats if key in FORMATS])
    parts: list[Part] = [
        text("**Your portfolio belongs to you.** It would hold what you wrote and did, and goes where you go:"),
        Facts(tuple(rows)),
        text("As: **{kinds}**.", kinds=kinds),
    ]
    if choices.without_items:
        left_out = wording.count(len(choices.without_items), "single record")
        parts.append(text("{left_out} left out.", left_out=left_out))
    parts += [
        small(
            "What others wrote is theirs and is not in it: notes of your learning partner, comments on your targets. "
            "Nobody is told that you made one."
        ),
        Buttons(
            (Button("Make it", "portfolio.make", about, style="primary"), Button("Not now", "portfolio.stop", about))
        ),
    ]
    return Message(TITLE, tuple(parts), notice=CARD, about=about)


def making(about: int, done: int) -> Message:
    """That it is being made, and how far it is."""
    return Message(
        "Your portfolio is being made",
        (
            text("**Your portfolio is being made:** {done} per cent.", done=done),
            small("You need not wait here. This card changes when it is ready."),
            Buttons((Button("Stop", "portfolio.stop", about),)),
        ),
        notice=CARD,
        about=about,
    )


def ready(about: int, address: str, until: datetime, zone: ZoneInfo) -> Message:
    """Where to fetch it, how often and until when."""
    return Message(
        "Your portfolio is ready",
        (
            text("**Your portfolio is ready.**"),
            Link("Fetch my portfolio", address),
            small(
                "The address works once, until {until}. After that I keep no copy. Whoever has the file can read it, "
                "so keep it as you would keep your diary.",
                until=wording.moment(until, zone),
            ),
            Buttons((Button("Delete it now", "portfolio.stop", about),)),
        ),
        notice=CARD,
        about=about,
    )


def fetched(about: int) -> Message:
    """That it is where its owner is, and nowhere else."""
    return Message(
        "You have your portfolio",
        (
            text("**You have your portfolio.** I keep no copy of the file; your record here stays as it is."),
            Buttons((Button("Make another", "portfolio.again", about),)),
        ),
        notice=CARD,
        about=about,
    )


def failed(about: int) -> Message:
    """That it could not be made, and what to do."""
    return Message(
        "Your portfolio could not be made",
        (
            text("**Your portfolio could not be made.** That was on my side; nothing of your record is lost."),
            Buttons((Button("Try again", "portfolio.again", about, style="primary"),)),
        ),
        notice=CARD,
        about=about,
    )


def gone(about: int) -> Message:
    """That there is no file any more."""
    return Message(
        "That portfolio is gone",
        (
            text("That portfolio is gone: its address opens nothing any more. Your record here stays as it is."),
            Buttons((Button("Make another", "portfolio.again", about),)),
        ),
        notice=CARD,
        about=about,
    )
