"""Who was shown words of mine, what and when; and who may read what now, with the way to end it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot import wording
from bot.chat import Button, Buttons, Event, Reply, Say
from handlers.registry import Belonging
from handlers.sharing import words
from handlers.turn import Turn
from storage import briefs, learning, sharing
from storage.models import Grant, Interview, Look, Person

READ_SINCE = timedelta(days=365)
SHOWN = 15


@dataclass(frozen=True)
class Reading:
    """The answer to "who has read", which knows every kind of record that somebody can own."""

    keeps: Mapping[str, Belonging]

    def who_read(self, turn: Turn, event: Event) -> Reply:
        """Who was shown words of mine, and who may read what now."""
        looks = learning.looks_at(turn.session, turn.person.id, turn.now - READ_SINCE)
        # opening one thing opens its parts, and draws its cards again: within a minute that was one look
        once = list(
            {
                (look.reader_id, look.kind, look.about, look.at.replace(second=0, microsecond=0)): look
                for look in looks
            }.values()
        )
        rows = [
            (_name(turn, look.reader_id), self._what(turn, look), wording.moment(look.at, turn.zone))
            for look in once[:SHOWN]
        ]
        now = [
            (_name(turn, given.reader_id), self._what(turn, given), self._ways(given))
            for given in sharing.by(turn.session, turn.person.id, turn.now)
            if given.kind in self.keeps
        ]
        now += [
            (
                _name(turn, interview.partner_id),
                f"{words.KINDS['brief']} of {_held_on(turn, interview)}",
                Buttons((Button("Open", "interviews.brief_show", interview.id),)),
            )
            for _, interview in briefs.released_by(turn.session, turn.person.id)
        ]
        return Say(words.who_read(rows, now, more=len(once) - len(rows)), private=True)

    def _ways(self, given: Grant) -> Buttons:
        return Buttons(
            (
                Button("Open", self.keeps[given.kind].open, given.about),
                Button("Take it back", "sharing.take_back", given.id),
            )
        )

    def _what(self, turn: Turn, item: Look | Grant) -> str:
        """What was read, with the title of what is still there."""
        belonging = self.keeps.get(item.kind)
        if belonging is not None:
            if sharing.owner_of(turn.session, item.kind, item.about) != turn.person.id:
                return belonging.what
            until = words.until_in_words(turn, item.until) if isinstance(item, Grant) else ""
            return belonging.title(turn, item.about) + (f", until {until}" if until else "")
        what = words.KINDS.get(item.kind, "something you wrote")
        interview = turn.session.get(Interview, item.about) if item.kind in ("interview", "brief", "step") else None
        return what if interview is None else f"{what} of {_held_on(turn, interview)}"


def _name(turn: Turn, person_id: int) -> str:
    return turn.session.get_one(Person, person_id).name


def _held_on(turn: Turn, interview: Interview) -> str:
    return wording.day(interview.starts_at.astimezone(turn.zone).date())
