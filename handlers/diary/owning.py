"""A diary entry as somebody's own: what another sees of it when they are let in, and how it is forgotten."""

from bot import wording
from bot.chat import Part, Quote, small
from handlers.diary.words import day_of, files_of, links, said_by, words_of
from handlers.registry import Belonging
from handlers.turn import Turn
from storage import briefs, sharing
from storage.models import Entry


def followed(turn: Turn, entry: Entry) -> None:
    """What others were shown of the entry follows its words."""
    briefs.follow(turn.session, turn.person.id, turn.now)
    sharing.followed(turn.session, "entry", entry.id, turn.now)


def _title(turn: Turn, about: int) -> str:
    """How the entry is named to its owner: by how it begins."""
    words = words_of(turn, turn.session.get_one(Entry, about))
    return f"a diary entry, “{wording.shortened(' '.join(words.split()), 60)}”"


def _shown(turn: Turn, about: int) -> tuple[Part, ...]:
    """What somebody sees whom its owner lets read it: the day, the words and what they are about; none of the tags."""
    entry = turn.session.get_one(Entry, about)
    asked = (small("In answer to: {question}", question=entry.question),) if entry.question else ()
    return (
        small("From the diary, {day}:", day=day_of(turn, entry)),
        *asked,
        Quote(words_of(turn, entry)),
        *said_by(turn, entry),
        *links(files_of(turn, entry)),
    )


def _forget(turn: Turn, about: int) -> None:
    """The entry goes, and no draft of it is kept."""
    turn.session.delete(turn.session.get_one(Entry, about))
    turn.session.flush()
    briefs.follow(turn.session, turn.person.id, turn.now)


ENTRY = Belonging("a diary entry", _title, _shown, "diary.entry", "diary.open", _forget)
