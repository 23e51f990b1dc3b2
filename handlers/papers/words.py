"""The words of papers: what one would hold, how far it is, where to fetch it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot import wording
from bot.chat import Button, Buttons, Form, Link, Message, Option, Part, Select, small, text
from bot.documents.formats import FORMATS
from bot.errors import Refusal
from handlers.handing_over import offered, to_choose
from storage.portfolio.making import PAPER as CARD
from storage.portfolio.making import Choices

MOST = 25  # reviews to choose from
DRAFT = "It is a draft: read it, change it in Word, and send it yourself. I send it to nobody."


class NoReviewYet(Refusal):
    """There is no closed review yet that I could make a paper of. Once your team's review has closed, say
    `export review` again."""


class NotClosed(Refusal):
    """That review is not closed, so there is nothing to write up yet."""


class NoWay(Refusal):
    """I have no web address of my own yet, so I can't hand you a file. Your learning coordinator can ask whoever runs
    me for one."""


class TooLate(Refusal):
    """That paper is on its way already, or done with. Say `export review` or `yearly report` to begin a new one."""


@dataclass(frozen=True)
class Paper:
    """A paper as its card speaks of it. `named` is whether it says who wrote what."""

    about: int
    title: str
    of: str
    sections: Mapping[str, str]
    choices: Choices
    named: bool = False


CHOOSE = to_choose("papers.chosen")


def choose(paper: Paper) -> Form:
    """The form with what there is to choose from."""
    return offered(CHOOSE, paper.about, paper.sections, FORMATS, paper.choices)


def preview(paper: Paper, others: Sequence[tuple[str, str, str]] = ()) -> Message:
    """What it would hold; `others` are what it could be made of instead: action, label, value."""
    kept = [label for key, label in paper.sections.items() if key not in paper.choices.without]
    kinds = wording.listed([FORMATS[key].label for key in paper.choices.formats if key in FORMATS])
    parts: list[Part] = [
        text("**{title}** of {of}", title=paper.title, of=paper.of),
        text("It would hold: {kept}. As: **{kinds}**.", kept=wording.listed([_in_a_row(one) for one in kept]),
             kinds=kinds),
        small(DRAFT),
    ]  # fmt: skip
    if paper.named and "words" not in paper.choices.without:
        parts.append(
            small("It says who wrote what, as your team's channel does. Before it goes further than the team, leave "
                  "“What people wrote” out, or ask those whose words they are.")
        )  # fmt: skip
    parts.append(
        Buttons(
            (
                Button("Make it", "papers.make", paper.about, style="primary"),
                Button("Choose", "papers.choose", paper.about, opens_form=True),
                Button("Not now", "papers.stop", paper.about),
            )
        )
    )
    if others:
        action = others[0][0]
        options = tuple(Option(wording.shortened(label, 75), value) for _, label, value in others)
        parts.append(Select("Make it of another", action, options))
    return Message(paper.title, tuple(parts), notice=CARD, about=paper.about)


def _in_a_row(label: str) -> str:
    """A heading inside a sentence; a name keeps its capitals."""
    return label if label.istitle() else label[:1].lower() + label[1:]


def making(paper: Paper, done: int) -> Message:
    """That it is being made, and how far it is."""
    return _card(
        paper,
        text("**{title}** is being written: {done} per cent.", title=paper.title, done=done),
        small("You need not wait here. This card changes when it is ready."),
        Buttons((Button("Stop", "papers.stop", paper.about),)),
    )


def ready(paper: Paper, address: str, until: datetime, zone: ZoneInfo) -> Message:
    """Where to fetch it, how often and until when."""
    return _card(
        paper,
        text("**{title}** is ready.", title=paper.title),
        Link("Fetch it", address),
        small(DRAFT),
        small("The address works once, until {until}. After that I keep no copy.", until=wording.moment(until, zone)),
        Buttons((Button("Delete it now", "papers.stop", paper.about),)),
    )


def fetched(paper: Paper) -> Message:
    """That it is with whoever asked, and nowhere else."""
    return _card(
        paper,
        text("**{title}** is with you. I keep no copy of the file.", title=paper.title),
        small(DRAFT),
        Buttons((Button("Make another", "papers.again", paper.about),)),
    )


def failed(paper: Paper) -> Message:
    """That it could not be made, and what to do."""
    return _card(
        paper,
        text("**{title}** could not be written. That was on my side; nothing is lost.", title=paper.title),
        Buttons((Button("Try again", "papers.again", paper.about, style="primary"),)),
    )


def gone(paper: Paper) -> Message:
    """That there is no file any more."""
    return _card(
        paper,
        text("**{title}**: there is no file any more, and its address opens nothing.", title=paper.title),
        Buttons((Button("Make another", "papers.again", paper.about),)),
    )


def not_yours(about: int) -> Message:
    """That whoever asked may not have it any more: they have left the team, or coordinate no longer."""
    return Message(
        "That paper is gone",
        (text("That paper is gone: it was made for a part that you no longer have."),),
        notice=CARD,
        about=about,
    )


def in_our_chat() -> Message:
    """Asked for where others see it."""
    return Message(
        "I have put it into our direct chat.",
        (text("A draft is for you first. I have put the card for it into our direct chat."),),
    )


def _card(paper: Paper, *parts: Part) -> Message:
    return Message(paper.title, parts, notice=CARD, about=paper.about)
