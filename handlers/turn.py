"""What a handler is given: who, when, the open transaction, the policy, and the keys to people's words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.chat import Event, File, Place
from bot.errors import NotYours
from bot.policy import Policy
from storage.models import Attachment, Draft, Look, Person
from storage.sealed import Keyring, Unreadable


@dataclass(frozen=True)
class Turn:
    """One event being handled, or one message being built. `now` is the UTC instant; handlers never read the clock.

    `reader` is the person who acted or who will read the message; None when a message goes to a channel. `place_id` is
    the known place it happens in. `base_url` is where the bot's own web addresses begin ("" when it has none);
    `calendars` names the calendar systems that can be reached, the organisation's own first ("" when it has none).
    """

    session: Session
    now: datetime
    policy: Policy
    keyring: Keyring
    reader: Person | None = None
    place: Place | None = None
    place_id: int | None = None
    base_url: str = ""
    calendars: tuple[str, ...] = ()

    @property
    def person(self) -> Person:
        """The person who acted or who will read this."""
        assert self.reader is not None, "this message goes to a channel: it has no reader"
        return self.reader

    @property
    def zone(self) -> ZoneInfo:
        """The reader's time zone; the organisation's for a channel."""
        return ZoneInfo(self.reader.zone if self.reader else self.policy.zone)

    @property
    def today(self) -> date:
        """The local date where the reader is."""
        return self.now.astimezone(self.zone).date()

    def seal(self, words: str, owner: Person | None = None) -> bytes:
        """`words` sealed with their owner's key: the person's own unless another is named."""
        owner = owner or self.person
        return self.keyring.seal(owner.id, owner.key, words)

    def opened(self, sealed: bytes | None) -> str:
        """Words of the organisation's, which a channel or a whole team reads; "" for none."""
        return "" if sealed is None else self.keyring.open_for_organisation(sealed)

    def read(self, owner_id: int, sealed: bytes, kind: str, about: int) -> str:
        """Words opened for the reader. Another person's words leave a `Look` that their owner can see.

        This is the only way handlers open people's words; whether the reader may is decided before. Raises `NotYours`
        when the owner was erased.
        """
        own = self.reader is not None and self.reader.id == owner_id
        owner = self.reader if own else self.session.get(Person, owner_id)
        try:
            if owner is None:
                raise NotYours
            words = self.keyring.open(owner.id, owner.key, sealed)
        except Unreadable as error:
            raise NotYours from error
        if self.reader is not None and not own:
            self.session.add(Look(owner_id=owner_id, reader_id=self.reader.id, kind=kind, about=about, at=self.now))
        return words

    def set_aside(self, event: Event) -> int:
        """The id of a draft that holds what was typed, so that a button can stand for the words."""
        draft = Draft(
            owner_id=self.person.id, words=self.seal(event.text), made_at=self.now, message=event.place.message
        )
        self.session.add(draft)
        self.session.flush()
        self.attach("draft", draft.id, event.files)
        return draft.id

    def attach(self, kind: str, about: int, files: Iterable[File]) -> None:
        """Note the files that a record of this person's refers to: name, address and type, never the file itself."""
        for file in files:
            self.session.add(
                Attachment(owner_id=self.person.id, kind=kind, about=about, name=self.seal(file.name),
                           address=self.seal(file.address), type=file.type)
            )  # fmt: skip

    def taken_up(self, draft_id: int | None) -> Draft:
        """The draft behind a button, if it is this person's and not yet cleared. Raises `NotYours`."""
        draft = None if draft_id is None else self.session.get(Draft, draft_id)
        if draft is None or draft.owner_id != self.person.id:
            raise NotYours
        return draft
