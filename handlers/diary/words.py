"""What the diary shows: the card of an entry, its pages, lists; and its forms."""

from collections.abc import Sequence
from dataclasses import replace

from bot import wording
from bot.chat import Button, Buttons, Field, File, Form, Link, Message, Option, Part, Quote, small, text
from bot.errors import Refusal
from handlers import evidence
from handlers.diary import rules
from handlers.diary.rules import Said
from handlers.turn import Turn
from storage import diary, sharing
from storage.models import Entry, Person

SHOWN = 5
SHORT = 1_500  # characters of an entry on its card
SHORT_QUOTE = 700  # of what somebody else said
LINKS = 5  # to files, on a card
MESSAGE = "message"  # the type of an attachment that is the message an entry was kept from

# ------------------------------------------------------------------------------------------------------------- forms

EDIT = Form(
    "diary.edited",
    "Edit diary entry",
    (Field("words", "What you learned", "paragraph"),),
    submit="Save",
)
TAG = Form(
    "diary.tagged",
    "Tag diary entry",
    (
        Field(
            "tags",
            "Tags",
            hint="A word or two each, with commas between: safeguarding, coaching",
            required=False,
        ),
    ),
    submit="Save",
)
WITH_WORDS = Option("What they said, with their name", "words")
ONLY_LINK = Option("Only a link to their message", "link")
NOTE = Form(
    "diary.noted",
    "Keep it with my note",
    (
        Field("note", "What do you take from it?", "paragraph", hint="In your own words"),
        Field("keep", "What goes beside your note?", "choice", options=(ONLY_LINK, WITH_WORDS), value=ONLY_LINK.value),
    ),
    submit="Keep",
)


class NothingToKeep(Refusal):
    """There was nothing to keep. Write it after the word, like this: `diary: today I learned to …`"""


class NotClearWhat(Refusal):
    """I can't tell what to take back. Tap the button under it, or say `diary` and take a line out there."""


class TooLong(Refusal):
    """That is longer than a diary entry can be. Split it into messages of up to 40,000 characters."""


class TooLongForAForm(Refusal):
    """This entry is kept whole, but it is longer than a form can hold.

    Change the message it was kept from, in the chat: the entry follows. Where there is no such message, take the entry
    out and send it again in parts.
    """


# ------------------------------------------------------------------------------------------------------------- cards


def kept(
    turn: Turn,
    entry: Entry,
    words: str | None = None,
    *,
    heading: str = "",
    files: Sequence[File] | None = None,
    more: Sequence[Part] = (),
) -> Message:
    """The card of an entry, with what can be done with it.

    `words` are the entry's and `files` those it refers to, where they are at hand. `more` stands above the buttons.
    """
    fresh = heading == FRESH
    words = words_of(turn, entry) if words is None else words
    files = files_of(turn, entry) if files is None else files
    parts: list[Part] = [
        text("**{heading}**", heading=heading) if heading else text("From your diary, {day}:", day=day_of(turn, entry))
    ]
    if entry.question:
        parts.append(small("In answer to: {question}", question=entry.question))
    parts.append(Quote(wording.shortened(words, SHORT)))
    if len(words) > SHORT:
        parts.append(small("That is the beginning. All {count} characters are kept.", count=f"{len(words):,}"))
    parts += said_by(turn, entry)
    if tags := tags_of(turn, entry):
        parts.append(small("Tags: {tags}", tags=", ".join(tags)))
    if not fresh:  # one that was kept this moment is shared with nobody and counts for nothing yet
        parts += _read_by(turn, entry)
        parts += evidence.line(turn, "entry", entry.id)
    parts += more
    parts += links(files)
    buttons = [
        Button("Undo" if fresh else "Remove", "diary.undo", entry.id),
        Button("Edit", "diary.edit", entry.id, opens_form=True),
        Button("Tag", "diary.tag", entry.id, opens_form=True),
        Button("Share", "sharing.share", entry.id, "entry", opens_form=True),
        *evidence.button(turn, "entry", entry.id),
    ]
    if len(words) > SHORT:
        buttons.insert(0, Button("Read it all", "diary.page", entry.id, "1"))
    parts.append(Buttons(tuple(buttons)))
    return Message("Kept in your diary.", tuple(parts), notice="diary.entry", about=entry.id)


FRESH = "Kept in your diary."


def _read_by(turn: Turn, entry: Entry) -> list[Part]:
    readers = sharing.readers(turn.session, "entry", entry.id, turn.now)
    names = [turn.session.get_one(Person, one.reader_id).name for one in readers]
    return [small("{names} can read this.", names=wording.listed(names))] if names else []


def said_by(turn: Turn, entry: Entry) -> list[Part]:
    """What somebody else said that the entry is about, always with who said it."""
    said = said_to(turn, entry)
    if said is None:
        return []
    parts: list[Part] = []
    if said.words:
        parts.append(Quote(wording.shortened(said.words, SHORT_QUOTE), said.by))
    else:
        parts.append(text("About a message of **{by}**’s.", by=said.by))
    if said.link:
        parts.append(Link("Open their message", said.link))
    return parts


def links(files: Sequence[File]) -> list[Part]:
    """Files as links: they are opened on their platform, by whoever may."""
    shown: list[Part] = [
        Link("Open the message" if file.type == MESSAGE else wording.shortened(file.name, 60), file.address)
        for file in files[:LINKS]
    ]
    if len(files) > LINKS:
        shown.append(small("And {count} more.", count=wording.count(len(files) - LINKS, "file")))
    return shown


def page(turn: Turn, entry: Entry, number: int) -> Message:
    """One page of a long entry."""
    found = rules.pages(words_of(turn, entry))
    number = min(max(number, 1), len(found))
    buttons = [Button("Back to the entry", "diary.open_here", entry.id)]
    if number > 1:
        buttons.append(Button(f"Page {number - 1}", "diary.page", entry.id, str(number - 1)))
    if number < len(found):
        buttons.append(Button(f"Page {number + 1}", "diary.page", entry.id, str(number + 1), "primary"))
    heading = f"Page {number} of {len(found)}"
    return Message(
        heading,
        (
            text("From your diary, {day}. **{heading}**", day=day_of(turn, entry), heading=heading),
            Quote(found[number - 1]),
            Buttons(tuple(buttons)),
        ),
        notice="diary.entry",
        about=entry.id,
    )


def listed(turn: Turn, found: Sequence[Entry], heading: str, *, more: bool) -> Message:
    """Entries with a button each, newest first."""
    parts: list[Part] = [text("**{heading}**", heading=heading)]
    for entry in found:
        parts.append(Quote(wording.shortened(words_of(turn, entry), 300)))
        said, tags = said_to(turn, entry), tags_of(turn, entry)
        beside = (f" · on a message of {said.by}’s" if said else "") + (f" · {', '.join(tags)}" if tags else "")
        parts.append(small("{day}{beside}", day=day_of(turn, entry), beside=beside))
        parts.append(Buttons((Button("Open", "diary.open", entry.id),)))
    if more:
        parts.append(small("There is more: say `diary search` and a word from it."))
    return Message(heading, tuple(parts))


def note_form(draft_id: int, said: Said) -> Form:
    """The form that asks for the owner's own note, above it what somebody else said and who."""
    choices = tuple(option for option, there in ((ONLY_LINK, bool(said.link)), (WITH_WORDS, bool(said.words))) if there)
    note, keep = NOTE.fields
    keep = replace(keep, options=choices, value=choices[0].value)
    shown = (Quote(wording.shortened(said.words, SHORT_QUOTE), said.by),) if said.words else ()
    reason = "**{by}** wrote this. It goes into your diary with a note of yours, or not at all; nobody is told."
    return replace(NOTE, fields=(note, keep), intro=(text(reason, by=said.by), *shown), about=draft_id)


def edit_form(turn: Turn, entry: Entry) -> Form:
    """The entry to change. Raises `TooLongForAForm`."""
    words = words_of(turn, entry)
    if len(words) > rules.FORM:
        raise TooLongForAForm
    return replace(EDIT, about=entry.id).filled({"words": words})


# ----------------------------------------------------------------------------------------------- what an entry holds


def words_of(turn: Turn, entry: Entry) -> str:
    """Its words, whole."""
    return turn.read(entry.owner_id, entry.words, "entry", entry.id)


def tags_of(turn: Turn, entry: Entry) -> list[str]:
    """Its tags, in the order they were written."""
    return [] if entry.tags is None else turn.read(entry.owner_id, entry.tags, "entry", entry.id).split("\n")


def said_to(turn: Turn, entry: Entry) -> Said | None:
    """What somebody else said that it is about."""
    return None if entry.quoted is None else Said.unpack(turn.read(entry.owner_id, entry.quoted, "entry", entry.id))


def files_of(turn: Turn, entry: Entry) -> list[File]:
    """The files that it refers to."""
    return [
        File(
            turn.read(one.owner_id, one.name, "entry", entry.id),
            turn.read(one.owner_id, one.address, "entry", entry.id),
            one.type,
        )
        for one in diary.attachments(turn.session, "entry", entry.id)
    ]


def day_of(turn: Turn, entry: Entry) -> str:
    """The day it was kept."""
    return wording.day_and_year(entry.made_at.astimezone(turn.zone).date())


def checked(words: str) -> str:
    """The words, when an entry can hold them. Raises `TooLong`."""
    if len(words) > rules.LONGEST:
        raise TooLong
    return words
