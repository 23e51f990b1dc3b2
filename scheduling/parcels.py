"""Rows of the outbox made into parcels: worded from the database as it is now, and addressed."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.chat import Account, Message, Place, small
from bot.chat.packing import unpack
from bot.platforms import Address, Sent
from bot.policy import Policy
from handlers.registry import Registry
from handlers.turn import Turn
from scheduling.fates import Kept, later
from storage import people, sending, undelivered
from storage.models import KnownAccount, KnownPlace, Owed, Person
from storage.sealed import Keyring
from storage.sending import Parcel


@dataclass(frozen=True)
class Question:
    """What a platform is asked about an uncertain message: is the one with `key` at `to`?"""

    platform: str
    to: Address
    key: str


@dataclass(frozen=True)
class Packing:
    """Builds at `now` what is owed. `platforms` are those that can be written to."""

    registry: Registry
    policy: Policy
    keyring: Keyring
    platforms: Collection[str]
    now: datetime
    base_url: str
    calendars: tuple[str, ...] = ()

    def parcel(self, session: Session, row: int, process: str, lease_until: datetime) -> Parcel | Kept:
        """The row that `process` claimed as a parcel, or why there is nothing to send."""
        owed = sending.held(session, row, process)
        if owed is None:
            return Kept("lost", "claimed by another")
        reader = session.get(Person, owed.to_id) if owed.to_id is not None else None
        if reader is not None and reader.left_at is not None and owed.body is None:
            return Kept("closed", "left")
        if owed.body is None and owed.changes is None and sending.overtaken(session, owed, self.now):
            return Kept("closed", "overtaken")
        message = self._message(session, owed, reader)
        if message is None:
            return Kept("closed", "nothing left to say")
        if owed.changes is not None:
            return self._change(session, owed, message, lease_until)
        return self._addressed(session, owed, reader, message, lease_until)

    def question(self, session: Session, row: int, asked_by: str) -> Question | None:
        """What to ask about an uncertain row, which `asked_by` now asks; None when there is nothing to ask."""
        owed = session.get(Owed, row, with_for_update=True)
        if owed is None or owed.state != "uncertain":
            return None
        if owed.changes is not None:  # changing a message again does no harm
            owed.state, owed.claimed_by, owed.lease_until = "due", "", None
            return None
        account = session.get(KnownAccount, owed.account_id) if owed.account_id is not None else None
        if owed.place_id is None and account is not None:  # where it was sent, whatever its person prefers by now
            address: tuple[str, Address] | Kept = (account.platform, _direct(session, account))
        else:
            address = self._address(session, owed)
        if isinstance(address, Kept):
            owed.reason = address.reason
            return None
        owed.claimed_by = asked_by
        return Question(address[0], address[1], owed.key)

    def _message(self, session: Session, owed: Owed, reader: Person | None) -> Message | None:
        if owed.body is not None:
            return unpack(self.keyring.open_for_organisation(owed.body))
        notice = self.registry.notices.get(owed.notice)
        if notice is None:
            return None
        turn = Turn(session, self.now, self.policy, self.keyring, reader, None, owed.place_id, self.base_url,
                    self.calendars)  # fmt: skip
        message = notice(turn, owed.about)
        session.flush()
        return message

    def _addressed(
        self, session: Session, owed: Owed, reader: Person | None, message: Message, lease_until: datetime
    ) -> Parcel | Kept:
        address = self._address(session, owed)
        if isinstance(address, Kept):
            return address
        platform, to = address
        owed.awaits, owed.platform = message.awaits, platform
        mentions: tuple[int, ...] = ()
        if reader is not None and (to.place is None or to.place.direct):
            mentions = tuple(
                missed.id for missed in undelivered.unconfirmed(session, reader.id) if missed.id != owed.id
            )
        return Parcel(owed.id, owed.key, platform, message, to, lease_until, mentions=mentions)

    def _change(self, session: Session, owed: Owed, message: Message, lease_until: datetime) -> Parcel | Kept:
        original = session.get(Owed, owed.changes)
        if original is not None and original.state in ("due", "sending", "uncertain"):
            return later()  # it has not arrived yet
        place = None
        if original is not None and original.state == "sent" and original.message:
            place = session.scalar(
                select(KnownPlace).where(
                    KnownPlace.platform == original.platform, KnownPlace.conversation == original.conversation
                )
            )
        if original is None or place is None:
            return Kept("closed", "the message is gone")
        original.awaits = message.awaits
        owed.platform = original.platform
        where = _place(place, original.message, original.thread)
        return Parcel(owed.id, owed.key, original.platform, message, Address(None, where), lease_until,
                      Sent(where, original.message))  # fmt: skip

    def _address(self, session: Session, owed: Owed) -> tuple[str, Address] | Kept:
        """Where a row goes: its place, or the direct chat of the account its person used last."""
        place = session.get(KnownPlace, owed.place_id) if owed.place_id is not None else None
        if owed.to_id is None or (place is not None and owed.account_id is not None):
            if place is None or place.unreachable:
                return Kept("parked", place.unreachable if place else "no_such_place")
            account = session.get(KnownAccount, owed.account_id) if owed.account_id is not None else None
            who = Address(_account(account) if account else None, _place(place, "", owed.thread), owed.private)
            return place.platform, who
        reader = session.get_one(Person, owed.to_id)
        known = people.accounts(session, owed.to_id)
        usable = [account for account in known if not account.unreachable and account.platform in self.platforms]
        if not usable:
            reasons = [account.unreachable for account in known if account.unreachable]
            return Kept("parked", reasons[0] if reasons else "not_configured" if known else "has_not_said_hello")
        account = next((a for a in usable if a.platform == reader.prefers), usable[0])
        owed.account_id = account.id
        return account.platform, _direct(session, account)


def with_its_doubts(parcel: Parcel) -> Message:
    """Its message, led by a line on what may not have arrived: said once, here, instead of sending that twice."""
    if not parcel.mentions:
        return parcel.message
    line = small("A message of mine may not have reached you. Say `home` to see everything that is open.")
    return replace(parcel.message, parts=(line, *parcel.message.parts))


def _direct(session: Session, account: KnownAccount) -> Address:
    place = session.get(KnownPlace, account.place_id) if account.place_id is not None else None
    return Address(_account(account), _place(place) if place else None)


def _account(account: KnownAccount) -> Account:
    return Account(account.platform, account.tenant, account.user)


def _place(place: KnownPlace, message: str = "", thread: str = "") -> Place:
    return Place(place.platform, place.tenant, place.conversation, place.direct, thread, message, place.service_url,
                 place.title)  # fmt: skip
