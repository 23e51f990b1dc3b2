"""The address under which somebody's interviews can be subscribed to, for whoever's calendar the bot cannot reach.

Its secret is made of the person's own key and a counter whenever it is needed: nothing of it is stored, a new one shuts
the one before it, and erasing the person shuts them all.
"""

from sqlalchemy.orm import Session

from bot.chat import Button, Buttons, Event, Message, Quote, Replace, Reply, Say, small, text
from bot.errors import Refusal
from handlers.registry import Conversation, command
from handlers.turn import Turn
from storage.models import Person
from storage.sealed import Keyring

PURPOSE = "calendar"
LARGEST = 2**31 - 1  # the highest number a person can have on PostgreSQL

# --------------------------------------------------------------------------------------------------------------- words


class NoAddressYet(Refusal):
    """I have no web address of my own yet, so there is nothing to subscribe to. Your learning coordinator can ask
    whoever runs me for one. Until then, every interview's card shows when and with whom."""


class NotInAChannel(Refusal):
    """That address is for you alone, so I only show it in our direct chat. Say `calendar` to me there."""


def address(url: str) -> Message:
    """Where to subscribe, how, and what to do when somebody else has seen it."""
    return Message(
        "Your interviews in your own calendar",
        (
            text(
                "**Your interviews in your own calendar.** In your calendar choose to subscribe, or to add from the "
                "web, and paste this address. What is booked, moved or cancelled follows by itself, within some hours."
            ),
            Quote(url),
            text("On a Mac, an iPhone or an iPad, open this one instead:"),
            Quote(f"webcal://{url.partition('://')[2]}"),
            small(
                "Whoever has the address sees the names and times of your interviews, learning sets and "
                "seminars, and nothing else. If somebody else has seen it, take a new one: the old one stops at once."
            ),
            Buttons(
                (
                    Button("New address", "calendar_address.renew"),
                    Button("Switch it off", "calendar_address.switch_off"),
                )
            ),
        ),
    )


def switched_off() -> Message:
    """That the address opens nothing any more."""
    return Message(
        "Your calendar address is switched off",
        (text("Your calendar address is switched off: nobody sees anything there. Say `calendar` for a new one."),),
    )


# --------------------------------------------------------------------------------------------------------------- rules


def opens(session: Session, keyring: Keyring, person_id: int, secret: str) -> Person | None:
    """Whose interviews this address shows; None when it is nobody's, was renewed or switched off, or they have left."""
    person = session.get(Person, person_id) if 0 < person_id <= LARGEST else None
    if person is None or person.left_at is not None or person.subscribed < 1:
        return None
    return person if keyring.is_person_mark(secret, person.key, PURPOSE, person.id, person.subscribed) else None


def _url(turn: Turn) -> str:
    """The present address: the secret is the person's key over their number and how many addresses they had."""
    person = turn.person
    secret = turn.keyring.person_mark(person.key, PURPOSE, person.id, person.subscribed)
    return f"{turn.base_url}/calendar/{person.id}/{secret}.ics"


# ------------------------------------------------------------------------------------------------------------ handlers


def show(turn: Turn, event: Event) -> Reply:
    """The present address; the first one for whoever had none."""
    _check(turn, event)
    turn.person.subscribed = max(1, turn.person.subscribed)
    return Say(address(_url(turn)), private=True)


def renew(turn: Turn, event: Event) -> Reply:
    """Another address; the one before it opens nothing from now on."""
    _check(turn, event)
    turn.person.subscribed += 1
    return Replace(address(_url(turn)))


def switch_off(turn: Turn, event: Event) -> Reply:
    """Make the address useless: the next one is counted, and nobody is told it."""
    turn.person.subscribed += 1
    return Replace(switched_off())


def _check(turn: Turn, event: Event) -> None:
    if not event.place.direct:
        raise NotInAChannel
    if not turn.base_url:
        raise NoAddressYet


CONVERSATION = Conversation(
    name="calendar_address",
    actions={
        "calendar_address.show": show,
        "calendar_address.renew": renew,
        "calendar_address.switch_off": switch_off,
    },
    commands=(
        command(
            r"(?:please\s+)?(?:subscribe(?:\s+to\s+my\s+\w+)?|(?:my\s+)?calendar(?:\s+address)?)[.! ]*",
            "calendar_address.show",
            "calendar",
            "have your interviews in your own calendar",
        ),
    ),
)
