"""What the bot says about pausing, about what it holds, and to coordinators."""

from collections.abc import Sequence
from datetime import date, timedelta

from bot import wording
from bot.chat import Button, Buttons, Facts, Field, Form, Message, Part, Table, small, text
from handlers.people.rules import FOREVER
from handlers.turn import Turn
from storage.numbers import TeamYear

PAUSE = Form(
    "people.paused",
    "Pause",
    (Field("until", "Until which day?", "date", "On that day I begin to ask again"),),
    submit="Pause",
)
HIDDEN = "–"
UNREACHABLE = {
    "not_installed": "The app is not installed for them in Teams",
    "blocked": "They have blocked the app",
    "deactivated": "Their account is switched off",
    "wrong_tenant": "Their account is in another organisation",
}


def paused(turn: Turn, until: date) -> Message:
    """From now on nothing is asked, and how to end that."""
    resume = Button("Resume now", "people.resume")
    if until < FOREVER:
        parts: tuple[Part, ...] = (
            text("I'll ask you nothing until **{day}**.", day=wording.day_and_year(until)),
            small("I still answer whenever you write to me. What you and others have arranged stays as it is."),
            Buttons((resume,)),
        )
        return Message(f"Paused until {wording.day(until)}.", parts)
    week, month = turn.today + timedelta(weeks=1), turn.today + timedelta(weeks=4)
    parts = (
        text("I'll ask you nothing until you say `resume`."),
        small("I still answer whenever you write to me. What you and others have arranged stays as it is."),
        Buttons(
            (
                Button(f"Only until {wording.day(week)}", "people.pause_until", value=week.isoformat()),
                Button(f"Only until {wording.day(month)}", "people.pause_until", value=month.isoformat()),
                resume,
            )
        ),
    )
    return Message("Paused.", parts)


def resumed() -> Message:
    """The pause is over."""
    return Message(
        "Welcome back.",
        (
            text("**Welcome back.** I'll ask you things again when they are due."),
            Buttons((Button("My learning year", "home.show"),)),
        ),
    )


def held(roster: Sequence[tuple[str, str]], counts: Sequence[tuple[str, int]]) -> Message:
    """A plain account of everything there is about this person."""
    kept = tuple((what, f"{number}") for what, number in counts if number)
    none = [what for what, number in counts if not number]
    return Message(
        "What I hold about you",
        (
            text("**From the roster, which your organisation keeps:**"),
            Facts(tuple(roster)),
            text("**Besides that:**"),
            Facts(kept),
            small("Nothing of these: {none}.", none="; ".join(none) or "everything has something"),
            small(
                "Your words are sealed with a key of your own. They are for your learning and development, and for "
                "nothing else: never for appraisal, pay or discipline."
            ),
            small(
                "Answers you gave to an anonymous review are not in this list: nothing in them says whose they are, so "
                "nobody can find them, not even for you."
            ),
            Buttons((Button("Who has read my words?", "sharing.who_read"), Button("Erase me…", "people.erase_me"))),
        ),
    )


def before_erasing() -> Message:
    """What goes, what stays and why: nothing has happened yet."""
    return Message(
        "Before you are erased",
        (
            text("**This would erase you here for good.** Nothing has happened yet."),
            text(
                "**What goes:** your diary, courses, reflections, impact, trainings, time, logs, plan, targets, "
                "evidence, self-reviews, notes, next steps, portfolios; what you shared; your accounts; your key. "
                "What you shared is taken back from everybody's screen. What you have arranged is cancelled."
            ),
            text(
                "**What stays:** that somebody without a name had learning interviews, because they are other people's "
                "records too; and that somebody without a name was shown others' words, because they may know that."
            ),
            text(
                "**What I cannot reach:** answers to anonymous reviews, because nothing says which are yours; what you "
                "and I wrote to each other in Slack or Teams; and backups, where your words cannot be read without the "
                "key, until those are gone too."
            ),
            small("If you are still on your organisation's roster, they may invite you again as somebody new."),
            Buttons(
                (
                    Button("Keep everything", "people.keep_me", style="primary"),
                    Button("Go on to erasing", "people.erase_sure", style="danger"),
                )
            ),
        ),
    )


def sure() -> Message:
    """Asked a second time."""
    return Message(
        "Are you sure?",
        (
            text("**Are you sure?** This cannot be undone, by me or by anybody else."),
            Buttons(
                (
                    Button("Keep everything", "people.keep_me", style="primary"),
                    Button("Erase me for good", "people.erase", style="danger"),
                )
            ),
        ),
    )


def erased() -> Message:
    """The last thing that is said."""
    return Message(
        "You are erased.",
        (
            text(
                "You are erased. I hold no words of yours any more, and I don't know who you are. All the best to you."
            ),
        ),
    )


def overview(
    people: int,
    hello: float | None,
    years: Sequence[TeamYear],
    too_few: Sequence[str],
    windows: int,
    unreachable: Sequence[tuple[str, Sequence[str]]],
    waiting: int | None,
) -> Message:
    """For coordinators: numbers of teams of five people or more, and who cannot be reached."""
    parts: list[Part] = [
        text("**Overview.** {people} on the roster, {hello} of them have said hello to me.",
             people=wording.count(people, "person", "people"),
             hello="some" if hello is None else f"{hello:.0f}")
    ]  # fmt: skip
    if years:
        headings = (
            "Team",
            "People",
            *(f"Interviews {n}" for n in range(1, windows + 1)),
            "Days per person",
            "Still owed time",
        )
        rows = tuple(
            (
                year.name,
                str(year.people),
                *map(_held, year.held, year.late),
                HIDDEN if year.days is None else f"{year.days:.1f}",
                _owed(year.owed, year.people),
            )
            for year in years
        )
        parts.append(Table(headings, rows))
        if any(HIDDEN in cell for row in rows for cell in row[1:]):
            parts.append(small(
                "“–” stands where a number, or what is left when one is taken from another, is of one to four people."
            ))  # fmt: skip
        if any(late != 0 for year in years for late in year.late):
            parts.append(small("“Not yet” counts people whose window has closed. They were reminded, and know best."))
    parts.extend(small("{team}: fewer than five people, so I show no numbers.", team=name) for name in too_few)
    parts.extend(
        text("**{reason}:** {names}.", reason=reason, names=wording.listed(names)) for reason, names in unreachable
    )
    if unreachable:
        parts.append(small("What I owe them waits, and goes as soon as they can be reached."))
    if waiting is None:
        parts.append(
            small("Messages are waiting for people who have not said hello yet. Joining is everybody's own choice.")
        )
    elif waiting:
        parts.append(
            small("{count} waiting for people who have not said hello yet. Joining is everybody's own choice.",
                  count=wording.count(waiting, "message is", "messages are"))
        )  # fmt: skip
    parts.append(small("These are numbers of teams, never of people, and never anybody's words."))
    parts.append(Buttons((Button("Yearly report", "papers.report"),)))
    return Message("Overview", tuple(parts))


def _owed(some: float | None, people: int) -> str:
    """`nobody`, `everybody`, or how many."""
    if some in (0, people):
        return "everybody" if some else "nobody"
    return _number(some)


def _held(held: float | None, late: float | None) -> str:
    """`7 held`, or `7 held, 5 not yet` once the window has closed."""
    if late == 0:
        return f"{_number(held)} held"
    return f"{_number(held)} held, {'some' if late is None else _number(late)} not yet"


def _number(many: float | None) -> str:
    return HIDDEN if many is None else f"{many:.0f}"


def cannot_reach(name: str, platform: str, reason: str) -> Message:
    """For a coordinator: somebody cannot be reached, why, and what would help. Nothing of what waits for them."""
    why = UNREACHABLE.get(reason, "They cannot be reached")
    return Message(
        f"I can't reach {name}.",
        (
            text("I can't reach **{name}** in {platform}.", name=name, platform=PLATFORMS.get(platform, platform)),
            text("{why}. {help}", why=why, help=_HELP.get(reason, "Please check their account.")),
            small("What I owe them waits, and goes as soon as they can be reached. I say this once."),
        ),
    )


def cannot_post(title: str, platform: str, reason: str) -> Message:
    """For a coordinator: a channel takes nothing any more, why, and what would help."""
    where = f"in “{title}”" if title else "in one of the channels"
    return Message(
        f"I can't post {where}.",
        (
            text(
                "I can't post {where} in {platform} any more.", where=where, platform=PLATFORMS.get(platform, platform)
            ),
            text("{help}", help=_HELP.get(reason, "Please check that the channel is there and that I am in it.")),
            small("What I owe there waits. I say this once."),
        ),
    )


PLATFORMS = {"slack": "Slack", "teams": "Teams", "console": "the terminal"}
_HELP = {
    "not_installed": "It helps to add the app again, and to say hello to me.",
    "blocked": "Only they can change that, in the chat with me.",
    "deactivated": "If they have left, put that on the roster.",
    "archived": "It helps to restore the channel, or to start the next review in another.",
    "no_such_place": "It helps to add me again, or to start the next review in another channel.",
    "wrong_tenant": "They use an account of another organisation: ask them to use the one on the roster.",
}
