"""Sharing one item with named people: previewed, then sent, taken back at will; who read what; and forgetting one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.chat import Event, FixAnswers, Form, Message, OpenForm, Reply, Say, small, text
from bot.errors import NotYours
from handlers.registry import Belonging
from handlers.replying import in_place
from handlers.sharing import words
from handlers.sharing.rules import Chosen, mark, named, wanted
from handlers.turn import Turn
from storage import outbox, people, sharing
from storage.models import Grant, Person

SHOWN = 15
STAYS = "It stays as it is."


@dataclass(frozen=True)
class Sharing:
    """The handlers, which know every kind of record that somebody can own, by its name."""

    keeps: Mapping[str, Belonging]

    # -------------------------------------------------------------------------------------------------- to let in

    def share(self, turn: Turn, event: Event) -> Reply:
        """Ask with whom and until when."""
        chosen = Chosen.read(event.value)
        self._belonging(chosen.kind)
        readers = [turn.session.get(Person, number) for number in chosen.readers]
        names = ", ".join(person.name for person in readers if person is not None and person.left_at is None)
        return OpenForm(_form(event.about, chosen.kind).filled({"readers": names, "until": f"{chosen.until or ''}"}))

    def shared(self, turn: Turn, event: Event) -> Reply:
        """Show what those who were named would see; nothing is sent yet."""
        kind = Chosen.read(event.value).kind
        belonging, about = self._belonging(kind), _number(event)
        readers, until, problems = wanted(turn, event.answers)
        if problems:
            return FixAnswers(_form(about, kind).filled(event.answers), problems)
        return in_place(turn, event, self._preview(turn, belonging, about, Chosen(kind, _ids(readers), until), readers))

    def share_typed(self, turn: Turn, event: Event) -> Reply:
        """`share this with Ben`: what was just shown, or what is being answered."""
        kind, about = self._pointed_at(turn, event)
        readers, problem = named(turn, event.words.get("who", ""))
        if problem:
            return OpenForm(_form(about, kind).filled({"readers": event.words.get("who", "")}))
        chosen = Chosen(kind, _ids(readers))
        return Say(self._preview(turn, self._belonging(kind), about, chosen, readers), private=True)

    def send(self, turn: Turn, event: Event) -> Reply:
        """Let them read it and send it to them; tapping twice sends it once. What has changed is shown once more."""
        chosen, about = Chosen.read(event.value), _number(event)
        belonging = self._belonging(chosen.kind)
        readers = [
            person
            for number in chosen.readers
            if (person := turn.session.get(Person, number)) is not None
            and person.left_at is None
            and person.id != turn.person.id
        ]
        until = chosen.until_instant(turn.zone)
        if not readers or (until is not None and until <= turn.now):
            raise NotYours
        if chosen.seen != mark(belonging.shown(turn, about)):
            line = "This has changed in the meantime. It is now:"
            return in_place(turn, event, self._preview(turn, belonging, about, chosen, readers, line))
        given: list[tuple[Grant, Person]] = []
        for person in readers:
            grant, fresh = sharing.let(turn.session, turn.person.id, chosen.kind, about, person.id, turn.now, until)
            given.append((grant, person))
            if fresh:
                outbox.owe(turn.session, sharing.CARD, about=grant.id, to=person.id, at=turn.now)
        waiting = [person for person in readers if not people.accounts(turn.session, person.id)]
        return in_place(turn, event, words.shared(belonging, given, waiting, words.until_in_words(turn, until)))

    def leave(self, turn: Turn, event: Event) -> Reply:
        """Nothing happens."""
        return in_place(turn, event, Message(STAYS, (small(STAYS),)))

    def take_back(self, turn: Turn, event: Event) -> Reply:
        """The reader's message changes, and the next read is refused."""
        given = turn.session.get_one(Grant, event.about)
        sharing.take_back(turn.session, given, turn.now)
        reader = turn.session.get_one(Person, given.reader_id)
        said = text("**{reader}** can't read it any more.", reader=reader.name)
        return Say(Message(said.plain(), (said,)), private=True)

    # ---------------------------------------------------------------------------------------------------- to read

    def read(self, turn: Turn, event: Event) -> Reply:
        """Show somebody who was let in what there is now."""
        given = turn.session.get_one(Grant, event.about)
        message = self._item(turn, given)
        if message is None:
            raise NotYours
        return in_place(turn, event, message)

    def with_me(self, turn: Turn, event: Event) -> Reply:
        """What others let me read: whose and of which kind, without opening any."""
        given = [one for one in sharing.with_(turn.session, turn.person.id, turn.now) if self._is_there(turn, one)]
        rows = [(one, _name(turn, one.owner_id), self.keeps[one.kind].what) for one in given[:SHOWN]]
        return Say(words.with_me(rows, more=len(given) - len(rows)), private=True)

    def card(self, turn: Turn, about: int | None) -> Message | None:
        """What a reader was sent, while they may read it; that they may not any more, afterwards."""
        given = turn.session.get(Grant, about)
        if given is None or given.reader_id != turn.person.id or not sharing.is_in_force(given, turn.now):
            return self._no_longer(turn, given, about)
        if all(known.unreachable for known in people.accounts(turn.session, turn.person.id)):
            return Message("Waiting.")  # it cannot arrive, and so nothing is opened: it is built again when it can
        return self._item(turn, given) or self._no_longer(turn, given, about)

    def end(self, turn: Turn, until: datetime) -> None:
        """What was shared until a day is taken back from the reader's screen once that day is over."""
        for given in sharing.ended(turn.session, turn.now):
            sharing.take_back(turn.session, given, turn.now)

    # -------------------------------------------------------------------------------------------------- to forget

    def forget_typed(self, turn: Turn, event: Event) -> Reply:
        """`forget this`: ask about what was just shown, or what is being answered."""
        kind, about = self._pointed_at(turn, event)
        return Say(self._before_forgetting(turn, kind, about), private=True)

    def before_forgetting(self, turn: Turn, event: Event) -> Reply:
        """Ask before it is forgotten for good."""
        return in_place(turn, event, self._before_forgetting(turn, event.value, _number(event)))

    def forget(self, turn: Turn, event: Event) -> Reply:
        """Forget it for good: the words, what refers to it, and what others were shown of it."""
        belonging, about = self._belonging(event.value), _number(event)
        sharing.gone(turn.session, event.value, about, turn.now)
        belonging.forget(turn, about)
        outbox.cancel(turn.session, about, belonging.card)
        return in_place(turn, event, Message("Forgotten.", (text("Forgotten. I keep no copy of it."),)))

    # ------------------------------------------------------------------------------------------------- the parts

    def _belonging(self, kind: str) -> Belonging:
        if kind not in self.keeps:
            raise NotYours
        return self.keeps[kind]

    def _is_there(self, turn: Turn, given: Grant) -> bool:
        return given.kind in self.keeps and sharing.owner_of(turn.session, given.kind, given.about) == given.owner_id

    def _preview(
        self,
        turn: Turn,
        belonging: Belonging,
        about: int,
        chosen: Chosen,
        readers: Sequence[Person],
        line: str = "",
    ) -> Message:
        shown = belonging.shown(turn, about)
        until = words.until_in_words(turn, chosen.until_instant(turn.zone))
        parts = words.content(belonging, turn.person, shown, until)
        return words.preview(about, replace(chosen, seen=mark(shown)), readers, parts, line)

    def _item(self, turn: Turn, given: Grant) -> Message | None:
        if not self._is_there(turn, given):
            return None
        owner = turn.session.get_one(Person, given.owner_id)
        belonging = self.keeps[given.kind]
        parts = belonging.shown(turn, given.about)
        return words.item(given, words.content(belonging, owner, parts, words.until_in_words(turn, given.until)))

    def _no_longer(self, turn: Turn, given: Grant | None, about: int | None) -> Message | None:
        if not outbox.stands(turn.session, sharing.CARD, about, to=turn.person.id):
            return None
        return words.no_longer(turn.session.get(Person, given.owner_id) if given is not None else None, about)

    def _before_forgetting(self, turn: Turn, kind: str, about: int) -> Message:
        belonging = self._belonging(kind)
        readers = [_name(turn, one.reader_id) for one in sharing.readers(turn.session, kind, about, turn.now)]
        return words.before_forgetting(kind, about, belonging.title(turn, about), readers)

    def _pointed_at(self, turn: Turn, event: Event) -> tuple[str, int]:
        """Which record of their own somebody means by "this": the card they answer, or the one they were just shown."""
        said = outbox.pointed_at(turn.session, event.place)
        for kind, belonging in self.keeps.items():
            if said is not None and said.notice == belonging.card and said.about is not None:
                if sharing.owner_of(turn.session, kind, said.about) != turn.person.id:
                    break
                return kind, said.about
        raise words.NotClearWhich


def _form(about: int | None, kind: str) -> Form:
    return replace(words.SHARE, about=about, value=kind)


def _number(event: Event) -> int:
    if event.about is None:
        raise NotYours
    return event.about


def _ids(readers: Sequence[Person]) -> tuple[int, ...]:
    return tuple(person.id for person in readers)


def _name(turn: Turn, person_id: int) -> str:
    return turn.session.get_one(Person, person_id).name
