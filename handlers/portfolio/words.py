"""The words of portfolios: what one would hold, how far it is, where to fetch it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot import wording
from bot.chat import (
    Button,
    Buttons,
    Facts,
    Form,
    Link,
    Message,
    Option,
    Part,
    Quote,
    Select,
    small,
    text,
)
from bot.errors import Refusal
from bot.portfolio.formats import FORMATS
from handlers.handing_over import offered, to_choose
from storage.portfolio.bringing import Brought
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


class NoSuchRecord(Refusal):
    """I can't find that record in your portfolio any more."""


class BringItToMe(Refusal):
    """What you bring is for you alone, so I take it in our direct chat. Say `import` to me there."""


class NoWayIn(Refusal):
    """I have no web address of my own yet, so there is nowhere to bring a file. Your learning coordinator can ask
    whoever runs me for one."""


class TooLateToTake(Refusal):
    """That file is not here any more. Say `import` and bring it again: nothing comes in twice."""


CHOOSE = to_choose("portfolio.chosen")


def choose(about: int, counts: Mapping[str, int], choices: Choices) -> Form:
    """The form with what there is to choose from."""
    sections = {key: f"{SECTIONS[key][0]} ({number})" for key, number in counts.items() if number}
    return offered(CHOOSE, about, sections, FORMATS, choices)


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
            (
                Button("Make it", "portfolio.make", about, style="primary"),
                Button("Choose", "portfolio.choose", about, opens_form=True),
                Button("Leave single records out", "portfolio.records", about),
                Button("Not now", "portfolio.stop", about),
            )
        ),
    ]
    return Message(TITLE, tuple(parts), notice=CARD, about=about)


def records(about: int, heading: str, shown: Sequence[tuple[str, str, bool]], page: str, more: str) -> Message:
    """Records one by one: uid, what it is, whether it is left out. `page` is the place in the list to come back to."""
    parts: list[Part] = [text("**{heading}.** Everything else stays in your portfolio.", heading=heading)]
    for uid, said, left_out in shown:
        parts.append(Quote(said))
        label, value = ("Put it back", f"+{uid}") if left_out else ("Leave it out", f"-{uid}")
        parts.append(Buttons((Button(label, "portfolio.record", about, f"{page} {value}"),)))
    ways = [Button("Back", "portfolio.back", about, style="primary")]
    if more:
        ways.insert(0, Button("More", "portfolio.records", about, more))
    parts.append(Buttons(tuple(ways)))
    return Message(heading, tuple(parts), notice=CARD, about=about)


def which(about: int, counts: Mapping[str, int], choices: Choices) -> Message:
    """Which section to look through."""
    options = tuple(
        Option(f"{SECTIONS[section][0]} ({number})", section)
        for section, number in counts.items()
        if number and section not in choices.without
    )
    return Message(
        "Leave single records out",
        (
            text("Which part would you like to look through? Nothing is deleted: it is only not in this portfolio."),
            Select("Look through", "portfolio.records", options, about),
            Buttons((Button("Back", "portfolio.back", about),)),
        ),
        notice=CARD,
        about=about,
    )


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
            small("If the file stands in this chat, it stays there until you delete it."),
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


# ------------------------------------------------------------------------------------------------------------ bringing


def bring(about: int, address: str, until: datetime, zone: ZoneInfo) -> Message:
    """Where to bring a portfolio, and which."""
    ways: list[Part] = (
        [Link("Bring my portfolio", address)]
        if address
        else [text("Type `import` and the path of the file, like `import portfolio.json`.")]
    )
    return Message(
        "Bring your portfolio",
        (
            text(
                "**Bring your portfolio** from another learning bot (JSON or Leap2A), or from Mahara (Leap2A). You see "
                "what it would bring before anything is kept, and nothing comes in twice."
            ),
            *ways,
            small(
                "You can bring it until {until}. Only you can read what comes in.", until=wording.moment(until, zone)
            ),
            Buttons((Button("Not now", "portfolio.leave", about),)),
        ),
        notice=CARD,
        about=about,
    )


def brought(about: int, found: Brought, name: str, zone: ZoneInfo) -> Message:
    """What it would bring."""
    parts: list[Part] = [
        text("**This is what your portfolio would bring**{where}:", where=_from(found)),
        *_facts(found),
    ]
    if found.name.casefold() != name.casefold():
        parts.append(
            text(
                "**It says that it belongs to {name}.** If that is not you, leave it: a portfolio goes with its "
                "owner only.",
                name=found.name or "nobody",
            )
        )
    if not found.new and not found.history:
        parts.append(text("Everything in it is here already, so there is nothing to bring in."))
        ways = (Button("Close", "portfolio.leave", about),)
    else:
        ways = (
            Button("Bring it in", "portfolio.take", about, style="primary"),
            Button("Leave it", "portfolio.leave", about),
        )
    parts += [
        small(
            "What is kept as history has no place of its own here, like interviews that you held elsewhere. It "
            "stays in your portfolio, and nothing is asked about it. What is here already stays as it is."
        ),
        Buttons(ways),
    ]
    return Message("What your portfolio would bring", tuple(parts), notice=CARD, about=about)


def taking(about: int) -> Message:
    """That it is coming in."""
    return Message("Your portfolio is coming in", (text("Your portfolio is coming in …"),), notice=CARD, about=about)


def taken(about: int, found: Brought) -> Message:
    """That it is in, and what came."""
    return Message(
        "Your portfolio is in",
        (
            text("**Your portfolio is in**{where}. The file itself is not kept.", where=_from(found)),
            *_facts(found),
            Buttons((Button("Home", "home.show"),)),
        ),
        notice=CARD,
        about=about,
    )


def _from(found: Brought) -> str:
    return f", made at {found.organisation}" if found.organisation else ""


def _facts(found: Brought) -> list[Part]:
    rows: list[tuple[str, str]] = []
    for section, (heading, _, _) in SECTIONS.items():
        said = [
            f"{number} {what}"
            for number, what in (
                (found.new.get(section), "new"),
                (found.history.get(section), "kept as history"),
                (found.here.get(section), "here already"),
            )
            if number
        ]
        if said:
            rows.append((heading, ", ".join(said)))
    return [Facts(tuple(rows))] if rows else []


def left(about: int) -> Message:
    """That nothing came in, and nothing was kept."""
    return Message(
        "Nothing came in",
        (text("Nothing came in, and I keep nothing of the file. Say `import` whenever you like."),),
        notice=CARD,
        about=about,
    )


def not_taken(about: int) -> Message:
    """That it could not be taken in."""
    return Message(
        "Your portfolio could not be brought in",
        (
            text("**Your portfolio could not be brought in.** That was on my side; nothing of it came in."),
            Buttons((Button("Bring it again", "portfolio.import", style="primary"),)),
        ),
        notice=CARD,
        about=about,
    )
