"""What the bot says about sharing one item with named people, about who read what, and about forgetting."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot import wording
from bot.chat import Button, Buttons, Field, Form, Message, Part, Table, small, text
from bot.errors import Refusal
from handlers.registry import Belonging
from handlers.sharing.rules import Chosen
from handlers.turn import Turn
from storage.models import Grant, Person
from storage.sharing import CARD

SHARE = Form(
    "sharing.shared",
    "Share this",
    (
        Field("readers", "With whom?", hint="Names or work e-mail addresses, with commas between"),
        Field(
            "until",
            "Until which day?",
            "date",
            "Leave this empty to share it until you take it back",
            required=False,
        ),
    ),
    submit="Show me first",
)
# What is shown of somebody besides what can be shared.
KINDS = {
    "interview": "a note on an interview",
    "brief": "what you chose to show before the interview",
    "step": "a next step after the interview",
    "set": "why a learning set’s meeting was cancelled",
    "review": "an answer to a team review",
    "comment": "what you said about a target that was put to you",
    "plan": "a look at your learning plan",
    "draft": "words set aside",
}


class NotClearWhich(Refusal):
    """I can't tell which one you mean. Open it first (say `diary` or `my courses`), then say that in answer to it."""


def content(belonging: Belonging, owner: Person, shown: Sequence[Part], until: str) -> tuple[Part, ...]:
    """What a reader is shown: exactly this, in the preview and in the message."""
    ends = f" It is shared until {until}." if until else ""
    return (
        text("**{owner}** lets you read {what}:", owner=owner.name, what=belonging.what),
        *shown,
        small(
            "This is for learning and development, and for nothing else. {owner} can take it back, and sees when it "
            "was shown to you.{ends}",
            owner=owner.name,
            ends=ends,
        ),
    )


def preview(about: int, chosen: Chosen, readers: Sequence[Person], parts: Sequence[Part], line: str = "") -> Message:
    """What the readers will see, before anything is sent."""
    names = wording.listed([person.name for person in readers])
    label = f"Share it with {wording.listed([wording.first_name(person.name) for person in readers])}"
    lead = text("This is exactly what **{readers}** will see. Nothing has been sent yet.", readers=names)
    return Message(
        "Before it goes",
        (
            *((text("{line}", line=line),) if line else ()),
            lead,
            *parts,
            Buttons(
                (
                    Button(wording.shortened(label, 70), "sharing.send", about, chosen.written(), "primary"),
                    Button("Change", "sharing.share", about, chosen.written(), opens_form=True),
                    Button("Don't share it", "sharing.leave", about, chosen.kind),
                )
            ),
        ),
    )


def shared(
    belonging: Belonging, given: Sequence[tuple[Grant, Person]], waiting: Sequence[Person], until: str
) -> Message:
    """Who can read it now, and how each can be taken back from."""
    names = wording.listed([person.name for _, person in given])
    parts: list[Part] = [
        text("**{names} can read it now.**{until}", names=names, until=f" Until {until}." if until else "")
    ]
    if waiting:
        parts.append(
            small("{names} has not said hello to me yet, and gets it then.", names=wording.listed(
                [person.name for person in waiting]))
        )  # fmt: skip
    parts.append(small("They see what you change in it. You can take it back at any time."))
    parts.append(Buttons((*(_take_back(grant, person) for grant, person in given),
                          Button("Open it", belonging.open, given[0][0].about))))  # fmt: skip
    return Message(f"{names} can read it now.", tuple(parts))


def _take_back(grant: Grant, reader: Person) -> Button:
    name = wording.shortened(wording.first_name(reader.name), 30)
    return Button(f"Take it back from {name}", "sharing.take_back", grant.id)


def item(grant: Grant, parts: Sequence[Part]) -> Message:
    """The reader's own message."""
    again = Buttons((Button("Show it as it is now", "sharing.read", grant.id),))
    return Message("Somebody lets you read something.", (*parts, again), CARD, grant.id)


def no_longer(owner: Person | None, grant: int | None) -> Message:
    """What stands where something was that cannot be read any more."""
    if owner is None or owner.left_at is not None:
        said = text("This is no longer shared.")
    else:
        said = text("{owner} no longer shares this.", owner=owner.name)
    return Message("No longer shared.", (said,), CARD, grant)


def who_read(rows: Sequence[tuple[str, str, str]], now: Sequence[tuple[str, str, Buttons]], *, more: int) -> Message:
    """Who was shown this person's words (who, what, when), and who may read what now (who, what, what can be done)."""
    parts: list[Part] = []
    if rows:
        parts.append(text("In the last year these people were shown words of yours:"))
        parts.append(Table(("Who", "What", "When"), tuple(rows)))
        if more:
            parts.append(small("And {more} more before that.", more=wording.count(more, "time")))
    else:
        parts.append(text("Nobody has been shown any words of yours in the last year."))
    if now:
        parts.append(text("**Who can read something of yours now:**"))
        for who, what, ways in now:
            parts.append(text("{who}: {what}", who=who, what=what))
            parts.append(ways)
    else:
        parts.append(text("At present nobody can read what you have kept."))
    parts.append(
        small(
            "What you keep is yours alone until you share it. Next steps and notes on an interview are seen by both of "
            "you, but not the half of a note that is only for you. Administrators cannot read any of it."
        )
    )
    return Message("Who has read your words", tuple(parts))


def with_me(rows: Sequence[tuple[Grant, str, str]], *, more: int) -> Message:
    """What others let this person read now: whose, of which kind, and the way to it; nothing is opened yet."""
    if not rows:
        return Message("Nothing is shared with you.", (text("At present nobody shares anything with you."),))
    parts: list[Part] = [text("**Shared with you.** Opening one is recorded, and its owner can see that.")]
    for grant, owner, what in rows:
        parts.append(text("{owner}: {what}", owner=owner, what=what))
        parts.append(Buttons((Button("Read it", "sharing.read", grant.id),)))
    if more:
        parts.append(small("And {more} from earlier.", more=wording.count(more, "other")))
    return Message("Shared with you", tuple(parts))


def before_forgetting(kind: str, about: int, title: str, readers: Sequence[str]) -> Message:
    """What would be forgotten: nothing has happened yet."""
    told = small("{readers} can't read it any more then.", readers=wording.listed(readers))
    return Message(
        "Forget this?",
        (
            text("Forget {title} for good? I keep no copy, and it can't be undone.", title=title),
            *((told,) if readers else ()),
            Buttons(
                (
                    Button("Keep it", "sharing.leave", about, kind, "primary"),
                    Button("Forget it for good", "sharing.forget", about, kind, "danger"),
                )
            ),
        ),
    )  # fmt: skip


def until_in_words(turn: Turn, until: datetime | None) -> str:
    """`Wed 1 Apr 2026`, the last day; "" for something shared for good."""
    if until is None:
        return ""
    return wording.day_and_year((until - timedelta(seconds=1)).astimezone(turn.zone).date())
