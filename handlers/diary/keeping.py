"""Keeping: what is typed, replied, reacted to or chosen from a message's menu; somebody else's words with a note."""

from collections.abc import Sequence
from dataclasses import replace

from bot.chat import (
    Account,
    Button,
    Buttons,
    Event,
    File,
    FixAnswers,
    Message,
    Nothing,
    OpenForm,
    Part,
    Replace,
    Reply,
    Say,
    small,
    text,
)
from bot.errors import NotYours
from handlers.diary import rules
from handlers.diary.questions import Question
from handlers.diary.rules import Said
from handlers.diary.words import FRESH, MESSAGE, NothingToKeep, checked, kept, note_form
from handlers.purpose import with_purpose
from handlers.turn import Turn
from storage import diary, learning, people
from storage.database import add_now, add_once
from storage.models import Draft, Entry

HERE_ALREADY = "That is in your diary already."

# ----------------------------------------------------------------------------------------------------- one's own words


def keep(turn: Turn, event: Event) -> Reply:
    """Keep what was typed after `diary:` or `learned`."""
    return _kept(turn, event, event.words.get("words", event.text))


def reply(turn: Turn, event: Event) -> Reply:
    """Keep what was typed in the thread of a card, or as a reply that quotes one: an entry of its own."""
    return _kept(turn, event, rules.said_in(event.text))


def keep_message(turn: Turn, event: Event) -> Reply:
    """Keep the message the shortcut was used on; ask for a note when the words are somebody else's."""
    if event.author and event.author != event.account.user:
        return _ask_for_a_note(turn, event)
    return _kept(turn, event, rules.said_in(event.text))


def reacted(turn: Turn, event: Event) -> Reply:
    """A notebook was put on a message of one's own: keep it."""
    return _kept(turn, event, rules.said_in(event.text))


def unreacted(turn: Turn, event: Event) -> Reply:
    """The notebook was taken off: ask whether the entry goes too, since it may hold more than the message by now."""
    place = event.place
    entry = learning.entry_from(turn.session, place.platform, place.conversation, place.message)
    if entry is None or entry.owner_id != turn.person.id:
        return Nothing()
    return Say(kept(turn, entry, heading="The notebook is off. This is still in your diary:"), private=True)


def keep_draft(turn: Turn, event: Event) -> Reply:
    """Keep words that were typed before it was clear what they were."""
    draft = turn.taken_up(event.about)
    words = turn.read(draft.owner_id, draft.words, "draft", draft.id)
    if not words.strip():
        raise NotYours
    entry, fresh = _entry(turn, words, event, draft.message)
    entry.quoted = entry.quoted or draft.quoted
    if fresh:
        diary.move_attachments(turn.session, "draft", draft.id, "entry", entry.id)
    turn.session.delete(draft)
    turn.session.flush()
    return Replace(kept(turn, entry, heading=FRESH if fresh else HERE_ALREADY, more=_always(turn, words)))


def keep_answer(turn: Turn, event: Event, asked: Question) -> Reply:
    """Keep an answer to a question of the diary's own, with the question and the way of learning it asks after."""
    if event.kind == "submit":  # the question stands there, and the answer takes its place
        entry, _ = _entry(turn, event.text, event, "")
        entry.question, entry.tags = asked.ask, turn.seal(asked.way)
        return Replace(with_purpose(turn, kept(turn, entry, event.text, heading=FRESH, files=())))
    return _kept(turn, event, event.text, asked)


def _kept(turn: Turn, event: Event, words: str, asked: Question | None = None) -> Reply:
    words = words.strip() or ", ".join(file.name for file in event.files)
    if not words:
        raise NothingToKeep
    entry, fresh = _entry(turn, words, event, event.place.message)
    if not fresh:
        return Say(kept(turn, entry, heading=HERE_ALREADY), private=True)
    if asked is not None:
        entry.question, entry.tags = asked.ask, turn.seal(asked.way)
    files = event.files
    if event.link:
        files = (*files, File("The message in the chat", event.link, MESSAGE))
    turn.attach("entry", entry.id, files)
    card = kept(turn, entry, words, heading=FRESH, files=files, more=_offer(turn) if asked is None else ())
    return Say(with_purpose(turn, card), private=True)


def _offer(turn: Turn) -> Sequence[Part]:
    """Who has kept a few lines is told, once, that they can be asked now and then."""
    if not diary.may_be_offered(turn.session, turn.person.id):
        return ()
    diary.habit(turn.session, turn.person.id)
    return (
        small("If you like, I ask you one short question every week or two that helps to see how you learn. Not unless "
              "you choose it, and I mention it only this once."),
        Buttons((Button("See what I could ask", "diary.offer"),)),
    )  # fmt: skip


def _entry(turn: Turn, words: str, event: Event, source: str) -> tuple[Entry, bool]:
    """The entry kept from the message `source`, and whether it is new: however it is kept again, it is one entry."""
    entry = Entry(owner_id=turn.person.id, words=turn.seal(checked(words)), made_at=turn.now)
    if not source:
        add_now(turn.session, entry)
        return entry, True
    where = event.place
    entry.platform, entry.conversation, entry.message = where.platform, where.conversation, source
    if add_once(turn.session, entry):
        return entry, True
    known = learning.entry_from(turn.session, where.platform, where.conversation, source)
    if known is not None and known.owner_id == turn.person.id:
        return known, False  # as it is: edits of the message have followed, and what was changed by hand stays
    entry.platform = entry.conversation = entry.message = None  # somebody else's entry follows that message
    add_now(turn.session, entry)
    return entry, True


def _always(turn: Turn, words: str) -> Sequence[Part]:
    """Who keeps a line that begins “today I” is told that it can go without asking."""
    if not rules.TODAY_I.pattern.fullmatch(words) or rules.keeps_today_i(turn):
        return ()
    return (
        small("Lines that begin “today I” can go into your diary without my asking."),
        Buttons((Button("Always keep those", "diary.today_i", value="yes"),)),
    )


# ------------------------------------------------------------------------------------------------ somebody else's words


def _ask_for_a_note(turn: Turn, event: Event) -> Reply:
    said = Said(_name(turn, event), event.text.strip(), event.link)
    if not said.by or not (said.words or said.link):
        return Say(_in_your_own(), private=True)
    draft = Draft(
        owner_id=turn.person.id,
        words=turn.seal(""),
        made_at=turn.now,
        message=event.place.message,
        quoted=turn.seal(said.pack()),
    )
    turn.session.add(draft)
    turn.session.flush()
    turn.attach("draft", draft.id, event.files)
    return OpenForm(note_form(draft.id, said))


def noted(turn: Turn, event: Event) -> Reply:
    """Keep somebody else's words, or only the link to them, with the owner's own note."""
    draft = turn.taken_up(event.about)
    if draft.quoted is None:
        raise NotYours
    said = Said.unpack(turn.read(draft.owner_id, draft.quoted, "draft", draft.id))
    note = event.answers.get("note", "").strip()
    if not note:
        problem = "Write a few words of your own, or close this: then nothing is kept."
        return FixAnswers(note_form(draft.id, said).filled(event.answers), {"note": problem})
    if event.answers.get("keep") != "words" and said.link:
        said = replace(said, words="")
        diary.forget_attachments(turn.session, "draft", draft.id)
    entry = Entry(owner_id=turn.person.id, words=turn.seal(checked(note)), made_at=turn.now,
                  quoted=turn.seal(said.pack()))  # fmt: skip
    add_now(turn.session, entry)
    diary.move_attachments(turn.session, "draft", draft.id, "entry", entry.id)
    turn.session.delete(draft)
    return Say(with_purpose(turn, kept(turn, entry, note, heading=FRESH)), private=True)


def _name(turn: Turn, event: Event) -> str:
    """Whose words those are: by the roster, else as the platform calls them; "" when neither knows."""
    account = Account(event.account.platform, event.account.tenant, event.author)
    known = people.by_account(turn.session, account)
    return known[1].name if known is not None else " ".join(event.author_name.split())


def _in_your_own() -> Message:
    return Message(
        "That is somebody else's message.",
        (
            text("Those are somebody else's words, and I can't tell whose, so I haven't copied them."),
            text("Tell me in your own what you take from it: `diary: …`"),
        ),
    )
