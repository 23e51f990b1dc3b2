"""What becomes of a row of the outbox after an attempt: sent, due again, uncertain, parked, or closed."""

import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.platforms import Sent
from storage import outbox, people, sending
from storage.models import KnownAccount, KnownPlace, Owed
from storage.sending import Parcel

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(seconds=40)
_ABOUT_THE_PLACE = frozenset({"not_installed", "blocked", "no_such_place", "archived", "wrong_tenant"})
_ABOUT_THE_RECIPIENT = _ABOUT_THE_PLACE | {"deactivated"}


@dataclass(frozen=True)
class Kept:
    """Why a claimed row is not sent: `state` is what it becomes. `wait`, in seconds, is how long a due one rests."""

    state: str
    reason: str = ""
    wait: float | None = None


def later(seconds: float | None = None) -> Kept:
    """Due again: after `seconds`, or after a wait that grows with every attempt."""
    return Kept("due", wait=seconds or 0.0)


@dataclass(frozen=True)
class Fates:
    """Decides at `now` about rows that `process` claimed. `platforms` are those that can be written to.

    `settling` is how long a platform may take to know of a message that it was given.
    """

    platforms: Collection[str]
    process: str
    now: datetime
    settling: timedelta

    def keep(self, session: Session, row: int, kept: Kept) -> Kept:
        """Let the row become what `kept` says, if it is still ours; and what it did become."""
        owed = sending.held(session, row, self.process)
        if owed is None:
            return kept
        if kept.state == "parked":
            kept = self._given_up(session, owed, kept.reason)
        owed.state, owed.lease_until, owed.claimed_by, owed.reason = kept.state, None, "", kept.reason
        match kept:
            case Kept("due", _, None):
                owed.attempts = max(0, owed.attempts - 1)
            case Kept("due", _, asked):
                wait = timedelta(seconds=asked) if asked else min(FIRST_WAIT * 2 ** min(owed.attempts, 9), LONGEST_WAIT)
                jitter = random.uniform(1.0 if asked else 0.8, 1.2)  # noqa: S311 - not a secret
                owed.due_at = self.now + wait * jitter
            case Kept("uncertain"):
                owed.lease_until = self.now + self.settling
            case Kept("closed"):
                owed.body = None
            case _:
                pass
        return kept

    def sent(self, session: Session, parcel: Parcel, sent: Sent) -> None:
        """The parcel is there, and whatever it mentions has been said with it."""
        owed = session.get(Owed, parcel.row, with_for_update=True)
        if owed is None or (owed.changes is not None and sending.held(session, parcel.row, self.process) is None):
            return  # forgotten, or asked for again while the change was being made
        if owed.state != "sent":  # whoever holds the claim by now: it is there
            self.mark_sent(session, owed, sent)
        for mentioned in parcel.mentions:
            missed = session.get(Owed, mentioned)
            if missed is not None and missed.state == "uncertain":
                missed.state, missed.body, missed.reason = "closed", None, "mentioned instead"

    def mark_sent(self, session: Session, owed: Owed, sent: Sent) -> None:
        """The row's message is there; a direct chat that was opened for it is remembered."""
        owed.state, owed.sent_at, owed.lease_until, owed.claimed_by = "sent", self.now, None, ""
        owed.conversation, owed.message, owed.platform = sent.place.conversation, sent.message, sent.place.platform
        owed.body, owed.reason = None, ""
        if owed.account_id is not None and owed.place_id is None and sent.place.direct:
            account = session.get(KnownAccount, owed.account_id)
            if account is not None and account.place_id is None and account.platform == sent.place.platform:
                account.place_id = people.place(session, sent.place)

    def found_out(
        self, session: Session, row: int, asked_by: str, asked_at: datetime, answer: Sent | str | None
    ) -> str:
        """Settle an uncertain row with what its platform said when `asked_by` asked, and say what it became.

        The answer is where the message stands, None when it is not there, or why that cannot be known.
        """
        owed = session.get(Owed, row, with_for_update=True)
        if owed is None or owed.state != "uncertain" or owed.claimed_by != asked_by:
            return "uncertain"  # somebody asked later than this, and their answer counts
        if isinstance(answer, Sent):
            self.mark_sent(session, owed, answer)
        elif answer is None:
            if owed.lease_until is None or owed.lease_until <= asked_at:
                owed.state, owed.due_at, owed.claimed_by, owed.lease_until = "due", self.now, "", None
        elif answer != ASK_AGAIN:
            owed.reason = answer
        return owed.state

    def _given_up(self, session: Session, owed: Owed, reason: str) -> Kept:
        """What becomes of a row that its recipient can never get this way, and what that says about the recipient."""
        if owed.changes is not None:
            return Kept("closed", reason)  # the message that was to be changed is gone
        place = session.get(KnownPlace, owed.place_id) if owed.place_id is not None else None
        account = session.get(KnownAccount, owed.account_id) if owed.account_id is not None else None
        if owed.to_id is None or (place is not None and not place.direct):
            if owed.thread and owed.body is None and reason == "no_such_place":
                owed.thread = ""  # the message that it was to stand under is gone: the conversation may well be there
                return later()
            if place is not None and reason in _ABOUT_THE_PLACE and not owed.private:
                place.unreachable = reason
                self._tell_who_can_act(session, "people.place_lost", place.id, reason)
            return Kept("parked", reason)
        if account is None or reason not in _ABOUT_THE_RECIPIENT:
            return Kept("parked", reason)
        if reason == "no_such_place" and place is None and account.place_id is not None:
            account.place_id = None  # the chat that was known is gone: open another
            return later()
        account.unreachable = reason
        others = people.accounts(session, account.person_id)
        elsewhere = any(not other.unreachable and other.platform in self.platforms for other in others)
        if not elsewhere:
            self._tell_who_can_act(session, "people.unreachable", account.id, reason, besides=account.person_id)
        return later() if elsewhere and place is None else Kept("parked", reason)

    def _tell_who_can_act(
        self, session: Session, notice: str, about: int, reason: str, *, besides: int | None = None
    ) -> None:
        """Owe the coordinators one message, once for each reason, on somebody or some place that cannot be reached."""
        for person in people.coordinators(session):
            if person.id != besides:
                key = f"{notice}/{about}/{reason}/{person.id}"
                outbox.owe(session, notice, about=about, to=person.id, at=self.now, key=key)


ASK_AGAIN = "ask again"  # the answer of a platform that could not be asked just now
