"""The learning diary: a line kept from ordinary chat, seen by nobody but its owner."""

from bot import wording
from bot.chat import (
    Button,
    Buttons,
    Event,
    Field,
    FixAnswers,
    Form,
    Message,
    Nothing,
    OpenForm,
    Part,
    Quote,
    Replace,
    Reply,
    Say,
    small,
    text,
)
from bot.errors import Refusal
from handlers.purpose import with_purpose
from handlers.registry import Belonging, Conversation, command
from handlers.turn import Turn
from storage import briefs, learning, outbox, sharing
from storage.database import add_now, add_once
from storage.models import Entry, Person

LONGEST = 40_000  # characters: the longest message that a platform delivers
SHOWN = 5

# ------------------------------------------------------------------------------------------------------ words, forms

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


class NothingToKeep(Refusal):
    """There was nothing to keep. Write it after the word, like this: `diary: today I learned to …`"""


class TooLong(Refusal):
    """That is longer than a diary entry can be. Split it into messages of up to 40,000 characters."""


def kept(turn: Turn, entry: Entry, words: str | None = None, *, fresh: bool = False) -> Message:
    """The card of an entry, with what can be done with it. `words` are the entry's, where they are at hand."""
    tags = tags_of(turn, entry)
    words = turn.read(entry.owner_id, entry.words, "entry", entry.id) if words is None else words
    parts: list[Part] = [
        text("**Kept in your diary.**") if fresh else text("From your diary, {day}:", day=_day(turn, entry)),
        Quote(words),
    ]
    if tags:
        parts.append(small("Tags: {tags}", tags=", ".join(tags)))
    if not fresh and (readers := sharing.readers(turn.session, "entry", entry.id, turn.now)):
        names = wording.listed([turn.session.get_one(Person, one.reader_id).name for one in readers])
        parts.append(small("{names} can read this.", names=names))
    parts.append(
        Buttons(
            (
                Button("Undo" if fresh else "Remove", "diary.undo", entry.id),
                Button("Edit", "diary.edit", entry.id, opens_form=True),
                Button("Tag", "diary.tag", entry.id, opens_form=True),
                Button("Share", "sharing.share", entry.id, "entry", opens_form=True),
            )
        )
    )
    return Message("Kept in your diary.", tuple(parts), notice="diary.entry", about=entry.id)


def tags_of(turn: Turn, entry: Entry) -> list[str]:
    """The entry's tags, in the order they were written."""
    return [] if entry.tags is None else turn.read(entry.owner_id, entry.tags, "entry", entry.id).split("\n")


def listed(turn: Turn, found: list[Entry], heading: str, *, more: bool) -> Message:
    """Entries with a button each, newest first."""
    parts: list[Part] = [text("**{heading}**", heading=heading)]
    for entry in found:
        words = turn.read(entry.owner_id, entry.words, "entry", entry.id)
        parts.append(Quote(wording.shortened(words, 300)))
        tags = tags_of(turn, entry)
        parts.append(small("{day}{tags}", day=_day(turn, entry), tags=f" · {', '.join(tags)}" if tags else ""))
        parts.append(Buttons((Button("Open", "diary.open", entry.id),)))
    if more:
        parts.append(small("There is more: say `diary search` and a word from it."))
    return Message(heading, tuple(parts))


# ---------------------------------------------------------------------------------------------------------- handlers


def keep(turn: Turn, event: Event) -> Reply:
    """Keep what was typed after `diary:` or `learned`."""
    return _kept(turn, event, event.words.get("words", event.text))


def keep_message(turn: Turn, event: Event) -> Reply:
    """Keep the message the shortcut was used on, when the words are the person's own."""
    if event.author and event.author != event.account.user:
        return Say(
            Message(
                "That is somebody else's message.",
                (
                    text("Those are somebody else's words, so I haven't copied them."),
                    text("Tell me in your own what you take from it: `diary: …`"),
                ),
            ),
            private=True,
        )
    return _kept(turn, event, event.text)


def keep_draft(turn: Turn, event: Event) -> Reply:
    """Keep words that were typed before it was clear what they were."""
    draft = turn.taken_up(event.about)
    words = turn.read(draft.owner_id, draft.words, "draft", draft.id)
    entry = _entry(turn, words, event, draft.message)
    turn.session.delete(draft)
    return Replace(kept(turn, entry, fresh=True))


def undo(turn: Turn, event: Event) -> Reply:
    """Take an entry out; the words are set aside for a week in case that was a slip."""
    entry = turn.session.get_one(Entry, event.about)
    words = turn.read(entry.owner_id, entry.words, "entry", entry.id)
    draft = turn.set_aside(Event(event.key, event.account, event.place, "tap", text=words))
    outbox.cancel(turn.session, entry.id, "diary.entry")
    sharing.gone(turn.session, "entry", entry.id, turn.now)
    turn.session.delete(entry)
    briefs.follow(turn.session, turn.person.id, turn.now)
    return Replace(
        Message(
            "Taken out of your diary.",
            (
                text("Taken out of your diary. I keep the words for a week in case that was a slip."),
                Buttons(
                    (Button("Put it back", "diary.keep_draft", draft), Button("Forget it now", "diary.forget", draft))
                ),
            ),
        )
    )


def forget(turn: Turn, event: Event) -> Reply:
    """Forget set-aside words at once."""
    turn.session.delete(turn.taken_up(event.about))
    return Replace(Message("Forgotten.", (text("Forgotten."),)))


def edit(turn: Turn, event: Event) -> Reply:
    """Open the entry to change it."""
    return OpenForm(_edit_form(turn, turn.session.get_one(Entry, event.about)))


def edited(turn: Turn, event: Event) -> Reply:
    """Save the changed words."""
    entry = turn.session.get_one(Entry, event.about)
    words = event.answers.get("words", "").strip()
    if not words:
        return FixAnswers(
            _edit_form(turn, entry).filled(event.answers),
            {"words": "Write a few words, or close this and use Undo to take the entry out."},
        )
    entry.words, entry.edited_at = turn.seal(_checked(words)), turn.now
    _followed(turn, entry)
    return Replace(kept(turn, entry))


def tag(turn: Turn, event: Event) -> Reply:
    """Open the entry's tags."""
    entry = turn.session.get_one(Entry, event.about)
    return OpenForm(_with(TAG, entry.id).filled({"tags": ", ".join(tags_of(turn, entry))}))


def tagged(turn: Turn, event: Event) -> Reply:
    """Save the tags."""
    entry = turn.session.get_one(Entry, event.about)
    tags = list(
        dict.fromkeys(" ".join(tag.split())[:60] for tag in event.answers.get("tags", "").split(",") if tag.strip())
    )
    entry.tags = turn.seal("\n".join(tags[:12])) if tags else None
    return Replace(kept(turn, entry))


def open_entry(turn: Turn, event: Event) -> Reply:
    """Show one entry with what can be done with it."""
    return Say(kept(turn, turn.session.get_one(Entry, event.about)), private=True)


def show(turn: Turn, event: Event) -> Reply:
    """The latest entries."""
    everything = list(learning.entries(turn.session, turn.person.id))
    if not everything:
        return Say(
            Message("Your diary is empty.", (text("Your diary is empty. Start with: `diary: today I learned to …`"),)),
            private=True,
        )
    shown = everything[:SHOWN]
    heading = wording.count(len(everything), "entry", "entries") + " in your diary"
    return Say(listed(turn, shown, heading, more=len(everything) > SHOWN), private=True)


def search(turn: Turn, event: Event) -> Reply:
    """The entries that hold every word that was asked for, in their words or tags."""
    wanted = event.words.get("words", "").lower().split()
    found: list[Entry] = []
    for entry in learning.entries(turn.session, turn.person.id):
        words = turn.read(entry.owner_id, entry.words, "entry", entry.id).lower()
        words += " " + " ".join(tags_of(turn, entry)).lower()
        if all(word in words for word in wanted):
            found.append(entry)
    asked = event.words.get("words", "")
    if not found:
        return Say(
            Message("Nothing found.", (text("Nothing in your diary mentions “{asked}”.", asked=asked),)), private=True
        )
    heading = f"{wording.count(len(found), 'entry', 'entries')} with “{asked}”"
    return Say(listed(turn, found[:SHOWN], heading, more=len(found) > SHOWN), private=True)


def follow_edit(turn: Turn, event: Event) -> Reply:
    """A message that was kept was changed in chat: so is the entry."""
    entry = learning.entry_from(turn.session, event.place.platform, event.place.conversation, event.place.message)
    if entry is None or entry.owner_id != turn.person.id:
        return Nothing()
    words = event.text.strip()
    if typed := KEEP.pattern.fullmatch(words) or LEARNED.pattern.fullmatch(words):
        words = typed["words"].strip()
    if words:
        entry.words, entry.edited_at = turn.seal(_checked(words)), turn.now
        outbox.refresh(turn.session, "diary.entry", entry.id, turn.now)
        _followed(turn, entry)
    return Nothing()


def follow_delete(turn: Turn, event: Event) -> Reply:
    """A message that was kept was deleted in chat: the entry goes too."""
    entry = learning.entry_from(turn.session, event.place.platform, event.place.conversation, event.place.message)
    if entry is not None and entry.owner_id == turn.person.id:
        outbox.refresh(turn.session, "diary.entry", entry.id, turn.now)
        sharing.gone(turn.session, "entry", entry.id, turn.now)
        turn.session.delete(entry)
        briefs.follow(turn.session, turn.person.id, turn.now)
    return Nothing()


# ----------------------------------------------------------------------------------------------------------- notices


def entry_card(turn: Turn, about: int | None) -> Message | None:
    """The entry as it is now; that it is gone, when it is."""
    entry = turn.session.get(Entry, about)
    if entry is None:
        return Message("Taken out of your diary.", (text("Taken out of your diary, because the message was deleted."),))
    return kept(turn, entry)


# ------------------------------------------------------------------------------------------------------ to own one


def title(turn: Turn, about: int) -> str:
    """How the entry is named to its owner: by how it begins."""
    entry = turn.session.get_one(Entry, about)
    words = turn.read(entry.owner_id, entry.words, "entry", entry.id)
    return f"a diary entry, “{wording.shortened(' '.join(words.split()), 60)}”"


def shown(turn: Turn, about: int) -> tuple[Part, ...]:
    """What somebody sees whom its owner lets read it: the day and the words, and none of the tags."""
    entry = turn.session.get_one(Entry, about)
    words = turn.read(entry.owner_id, entry.words, "entry", entry.id)
    return (small("From the diary, {day}:", day=_day(turn, entry)), Quote(words))


def forget_for_good(turn: Turn, about: int) -> None:
    """The entry goes, and no draft of it is kept."""
    turn.session.delete(turn.session.get_one(Entry, about))
    turn.session.flush()
    briefs.follow(turn.session, turn.person.id, turn.now)


# --------------------------------------------------------------------------------------------------------- the parts


def _followed(turn: Turn, entry: Entry) -> None:
    """What others were shown of the entry follows its words."""
    briefs.follow(turn.session, turn.person.id, turn.now)
    sharing.followed(turn.session, "entry", entry.id, turn.now)


def _kept(turn: Turn, event: Event, words: str) -> Reply:
    words = words.strip()
    if not words:
        raise NothingToKeep
    entry = _entry(turn, words, event, event.place.message)
    return Say(with_purpose(turn, kept(turn, entry, words, fresh=True)), private=True)


def _entry(turn: Turn, words: str, event: Event, source: str) -> Entry:
    entry = Entry(owner_id=turn.person.id, words=turn.seal(_checked(words)), made_at=turn.now)
    if not source:
        add_now(turn.session, entry)
        return entry
    where = event.place
    entry.platform, entry.conversation, entry.message = where.platform, where.conversation, source
    if add_once(turn.session, entry):
        return entry
    known = learning.entry_from(turn.session, where.platform, where.conversation, source)
    if known is not None and known.owner_id == turn.person.id:
        known.words, known.edited_at = entry.words, turn.now
        return known
    entry.platform = entry.conversation = entry.message = None  # somebody else's entry follows that message
    add_now(turn.session, entry)
    return entry


def _checked(words: str) -> str:
    if len(words) > LONGEST:
        raise TooLong
    return words


def _edit_form(turn: Turn, entry: Entry) -> Form:
    return _with(EDIT, entry.id).filled({"words": turn.read(entry.owner_id, entry.words, "entry", entry.id)})


def _with(form: Form, about: int) -> Form:
    return Form(form.name, form.title, form.fields, form.submit, form.intro, about)


def _day(turn: Turn, entry: Entry) -> str:
    return wording.day_and_year(entry.made_at.astimezone(turn.zone).date())


KEEP = command(r"diary\s*:\s*(?P<words>.*)", "diary.keep", "diary: today I learned to …", "keep a line in your diary")
LEARNED = command(
    r"(?:today )?(?:i(?:'ve|’ve| have)? )?(?:just )?learn(?:ed|t)\b[\s:,]*(?P<words>.+)", "diary.keep", yields=True
)

CONVERSATION = Conversation(
    name="diary",
    actions={
        "diary.keep": keep,
        "diary.keep_message": keep_message,
        "diary.keep_draft": keep_draft,
        "diary.undo": undo,
        "diary.forget": forget,
        "diary.edit": edit,
        "diary.edited": edited,
        "diary.tag": tag,
        "diary.tagged": tagged,
        "diary.open": open_entry,
        "diary.show": show,
        "diary.search": search,
    },
    forms=(EDIT, TAG),
    notices={"diary.entry": entry_card},
    commands=(
        KEEP,
        LEARNED,
        command(
            r"(?:diary search|search (?:my )?diary(?: for)?|find in (?:my )?diary)\s*:?\s+(?P<words>.+)",
            "diary.search",
            "diary search coaching",
            "find what you kept",
        ),
        command(r"(?:show |open )?(?:my )?diary", "diary.show", "diary", "your latest entries"),
        command(r"diary\s+(?P<words>\S.*)", "diary.keep"),
    ),
    hears={"shortcut": "diary.keep_message"},
    keeps={"entry": Belonging("a diary entry", title, shown, "diary.entry", "diary.open", forget_for_good)},
)
