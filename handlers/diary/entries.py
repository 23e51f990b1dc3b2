"""Entries once they are kept: shown, paged, found, changed, tagged, taken out; and following their messages."""

from dataclasses import replace

from bot import wording
from bot.chat import Button, Buttons, Event, FixAnswers, Message, Nothing, OpenForm, Replace, Reply, Say, text
from handlers.diary import rules, words
from handlers.diary.owning import followed
from handlers.diary.words import SHOWN, TAG, checked, kept, listed, tags_of, words_of
from handlers.turn import Turn
from storage import briefs, diary, learning, outbox, sharing
from storage.models import Draft, Entry

# ------------------------------------------------------------------------------------------------------------ looking


def open_entry(turn: Turn, event: Event) -> Reply:
    """Show one entry with what can be done with it."""
    return Say(kept(turn, _entry(turn, event)), private=True)


def open_here(turn: Turn, event: Event) -> Reply:
    """The same, in place of the page that was read."""
    return Replace(kept(turn, _entry(turn, event)))


def page(turn: Turn, event: Event) -> Reply:
    """One page of a long entry."""
    number = int(event.value) if event.value.isdecimal() and len(event.value) < 4 else 1
    return Replace(words.page(turn, _entry(turn, event), number))


def show(turn: Turn, event: Event) -> Reply:
    """The latest entries."""
    everything = learning.entries(turn.session, turn.person.id)
    if not everything:
        return Say(
            Message("Your diary is empty.", (text("Your diary is empty. Start with: `diary: today I learned to …`"),)),
            private=True,
        )
    heading = wording.count(len(everything), "entry", "entries") + " in your diary"
    return Say(listed(turn, everything[:SHOWN], heading, more=len(everything) > SHOWN), private=True)


def search(turn: Turn, event: Event) -> Reply:
    """The entries that hold every word that was asked for, in their words or tags or in what they quote."""
    asked = event.words.get("words", "")
    wanted = asked.lower().split()
    found = [
        entry
        for entry in learning.entries(turn.session, turn.person.id)
        if (held := _all_of(turn, entry)) and all(word in held for word in wanted)
    ]
    if not found:
        return Say(
            Message("Nothing found.", (text("Nothing in your diary mentions “{asked}”.", asked=asked),)), private=True
        )
    heading = f"{wording.count(len(found), 'entry', 'entries')} with “{asked}”"
    return Say(listed(turn, found[:SHOWN], heading, more=len(found) > SHOWN), private=True)


def _all_of(turn: Turn, entry: Entry) -> str:
    said = words.said_to(turn, entry)
    beside = (said.by, said.words) if said else ()
    return " ".join((words_of(turn, entry), *tags_of(turn, entry), *beside)).lower()


# ----------------------------------------------------------------------------------------------------------- changing


def edit(turn: Turn, event: Event) -> Reply:
    """Open the entry to change it."""
    return OpenForm(words.edit_form(turn, _entry(turn, event)))


def edited(turn: Turn, event: Event) -> Reply:
    """Save the changed words."""
    entry = _entry(turn, event)
    changed = event.answers.get("words", "").strip()
    if not changed:
        return FixAnswers(
            words.edit_form(turn, entry).filled(event.answers),
            {"words": "Write a few words, or close this and use Undo to take the entry out."},
        )
    entry.words, entry.edited_at = turn.seal(checked(changed)), turn.now
    followed(turn, entry)
    return Replace(kept(turn, entry))


def tag(turn: Turn, event: Event) -> Reply:
    """Open the entry's tags."""
    entry = _entry(turn, event)
    return OpenForm(replace(TAG, about=entry.id).filled({"tags": ", ".join(tags_of(turn, entry))}))


def tagged(turn: Turn, event: Event) -> Reply:
    """Save the tags."""
    entry = _entry(turn, event)
    tags = list(
        dict.fromkeys(" ".join(tag.split())[:60] for tag in event.answers.get("tags", "").split(",") if tag.strip())
    )
    entry.tags = turn.seal("\n".join(tags[:12])) if tags else None
    return Replace(kept(turn, entry))


# --------------------------------------------------------------------------------------------------------- taking out


def undo(turn: Turn, event: Event) -> Reply:
    """Take an entry out; what it holds is set aside for a while in case that was a slip."""
    return Replace(_taken_out(turn, event, _entry(turn, event)))


def undo_typed(turn: Turn, event: Event) -> Reply:
    """`undo`: the entry whose card stands right above."""
    said = outbox.pointed_at(turn.session, event.place) if event.place.direct else None
    entry = turn.session.get(Entry, said.about) if said is not None and said.notice == "diary.entry" else None
    if entry is None or entry.owner_id != turn.person.id:
        raise words.NotClearWhat
    return Say(_taken_out(turn, event, entry), private=True)


def _taken_out(turn: Turn, event: Event, entry: Entry) -> Message:
    here = (entry.platform, entry.conversation) == (event.place.platform, event.place.conversation)
    draft = Draft(owner_id=turn.person.id, words=entry.words, made_at=turn.now, quoted=entry.quoted,
                  message=(entry.message or "") if here else "")  # fmt: skip
    turn.session.add(draft)
    turn.session.flush()
    diary.move_attachments(turn.session, "entry", entry.id, "draft", draft.id)
    outbox.cancel(turn.session, entry.id, "diary.entry")
    _remove(turn, entry)
    how_long = "a day" if draft.quoted else "a week"
    return Message(
        "Taken out of your diary.",
        (
            text(f"Taken out of your diary. I keep the words for {how_long} in case that was a slip."),
            Buttons(
                (
                    Button("Put it back", "diary.keep_draft", draft.id),
                    Button("Forget it now", "diary.forget", draft.id),
                )
            ),
        ),
    )


def forget(turn: Turn, event: Event) -> Reply:
    """Forget set-aside words at once."""
    draft = turn.taken_up(event.about)
    diary.forget_attachments(turn.session, "draft", draft.id)
    turn.session.delete(draft)
    return Replace(Message("Forgotten.", (text("Forgotten."),)))


# ---------------------------------------------------------------------------------------------- following the message


def follow_edit(turn: Turn, event: Event) -> Reply:
    """A message that was kept was changed in chat: so is the entry."""
    entry = _kept_from(turn, event)
    changed = rules.said_in(event.text)
    if entry is not None and changed:
        entry.words, entry.edited_at = turn.seal(checked(changed)), turn.now
        outbox.refresh(turn.session, "diary.entry", entry.id, turn.now)
        followed(turn, entry)
    return Nothing()


def follow_delete(turn: Turn, event: Event) -> Reply:
    """A message that was kept was deleted in chat: the entry goes too."""
    entry = _kept_from(turn, event)
    if entry is not None:
        outbox.refresh(turn.session, "diary.entry", entry.id, turn.now)
        _remove(turn, entry)
    return Nothing()


def card(turn: Turn, about: int | None) -> Message | None:
    """The entry as it is now; that it is gone, when it is."""
    entry = turn.session.get(Entry, about)
    if entry is None:
        return Message("Taken out of your diary.", (text("Taken out of your diary, because the message was deleted."),))
    return kept(turn, entry)


def _kept_from(turn: Turn, event: Event) -> Entry | None:
    place = event.place
    entry = learning.entry_from(turn.session, place.platform, place.conversation, place.message)
    return entry if entry is not None and entry.owner_id == turn.person.id else None


def _entry(turn: Turn, event: Event) -> Entry:
    return turn.session.get_one(Entry, event.about)


def _remove(turn: Turn, entry: Entry) -> None:
    sharing.gone(turn.session, "entry", entry.id, turn.now)
    turn.session.delete(entry)
    turn.session.flush()
    briefs.follow(turn.session, turn.person.id, turn.now)
