"""The one Protocol: what the rest of the program asks of Slack, Teams, the terminal and the fake used in tests."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bot.chat import Account, Message, Place


@dataclass(frozen=True)
class Address:
    """Where a message goes: into a known place, or to a person directly (`place` None: open a direct chat).

    `private` in a place that is not direct asks that only `account` sees it.
    """

    account: Account | None
    place: Place | None
    private: bool = False


@dataclass(frozen=True)
class Sent:
    """Where a message went: enough to change it in place or to find the answers to it."""

    place: Place
    message: str


class NotAccepted(Exception):
    """The platform certainly did not take the message: a refusal, a limit, or a failure before the first byte.

    `retry_after` in seconds when it may be tried again (None: with the usual backoff); `final` when it never will be;
    `reason` is one of: not_installed, blocked, no_such_place, archived, deactivated, wrong_tenant, token_revoked,
    too_large, rate_limited, unreachable, unavailable, refused.
    """

    def __init__(self, reason: str, *, final: bool = False, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final
        self.retry_after = retry_after


class CannotTell(Exception):
    """The platform offers no way to find out whether it has a message."""


class Platform(Protocol):
    """One chat platform. Any exception but `NotAccepted` from `send` means: it may or may not have arrived."""

    name: str

    async def send(self, to: Address, message: Message, key: str) -> Sent:
        """Post `message`, carrying `key` with it where the platform can. The SDK's own retries are off."""
        ...

    async def update(self, sent: Sent, message: Message) -> None:
        """Change a posted message in place. Safe to repeat."""
        ...

    async def find(self, to: Address, key: str) -> Sent | None:
        """The message posted with `key`, or None when it is certainly not there. Raises `CannotTell`."""
        ...


@runtime_checkable
class TakesFiles(Protocol):
    """A platform on which a file can be put into somebody's direct chat."""

    async def give(self, to: Address, name: str, type_: str, content: bytes, key: str) -> None:
        """Put the file there. Raises `NotAccepted` when it certainly is not there, anything else when it may be."""
        ...
