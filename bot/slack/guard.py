"""What stands in front of Slack's door: size, shape and signature of a request, judged on raw bytes before any parsing.

Bolt parses JSON before it checks a signature, fails on odd headers, and logs the whole body of a request whose
signature is wrong. Nothing reaches it from here unless Slack signed it, and nothing of a body is ever logged.
"""

import hmac
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request

from bot.clock import Clock

LARGEST_BODY = 1024 * 1024
FRESH_FOR = 5 * 60  # seconds
SIGNATURE = re.compile(rb"v0=[0-9a-f]{64}")
TIMESTAMP = re.compile(rb"[0-9]{1,12}")


class Refused(Exception):
    """A request that goes no further; `status` is the whole answer, the text a reason that is safe to log."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Guard:
    """Lets through what Slack signed. The first secret is the present one; any others are those being rotated out."""

    def __init__(self, secrets: Sequence[str], clock: Clock) -> None:
        if not secrets or not all(secret.strip() for secret in secrets):
            raise ValueError("Slack's signing secret is missing")
        self._keyed = [hmac.new(secret.strip().encode(), digestmod="sha256") for secret in secrets]
        self._clock = clock

    async def body(self, request: Request) -> str:
        """The body of a request that Slack signed in the last five minutes. Raises `Refused`."""
        timestamp, signature = self._headers(request)
        raw = await _read(request)
        signed = b"v0:" + timestamp + b":" + raw
        if not any(hmac.compare_digest(signature, _signature(keyed, signed)) for keyed in self._keyed):
            raise Refused(401, "wrong signature")
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            raise Refused(400, "not UTF-8") from error

    def _headers(self, request: Request) -> tuple[bytes, bytes]:
        timestamps = _named(request, b"x-slack-request-timestamp")
        signatures = _named(request, b"x-slack-signature")
        if len(timestamps) != 1 or not TIMESTAMP.fullmatch(timestamps[0]):
            raise Refused(401, "no usable timestamp")
        if len(signatures) != 1 or not SIGNATURE.fullmatch(signatures[0]):
            raise Refused(401, "no usable signature")
        if abs(self._clock().timestamp() - int(timestamps[0])) > FRESH_FOR:
            raise Refused(401, "too old, or from the future")
        return timestamps[0], signatures[0]


def _named(request: Request, name: bytes) -> list[bytes]:
    return [value for header, value in request.scope["headers"] if header == name]


async def _read(request: Request) -> bytes:
    for announced in _named(request, b"content-length"):
        if announced.isdigit() and int(announced[:16]) > LARGEST_BODY:
            raise Refused(413, "too large")
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > LARGEST_BODY:
                raise Refused(413, "too large")
            chunks.append(chunk)
    except ClientDisconnect as error:
        raise Refused(400, "ended early") from error
    return b"".join(chunks)


def _signature(keyed: hmac.HMAC, signed: bytes) -> bytes:
    # a copy: it keeps hold of the interpreter, where `hmac.digest` lets go of it and then waits for the other threads
    mark = keyed.copy()
    mark.update(signed)
    return b"v0=" + mark.hexdigest().encode()


def is_slacks(response_url: str, api_url: str) -> bool:
    """Whether a `response_url` leads to Slack: to hooks.slack.com, or to wherever the Web API was configured to be."""
    try:
        there, api = urlsplit(response_url), urlsplit(api_url)
    except ValueError:
        return False
    if there.scheme == "https" and there.netloc == "hooks.slack.com":
        return True
    return api.hostname != "slack.com" and (there.scheme, there.netloc) == (api.scheme, api.netloc)
