"""What stands between the open internet and the bot: size, signature, tenant and address, before anything is read.

The SDK checks tokens too, but after it has parsed the body; it fetches signing keys with a call that holds up the whole
event loop, takes tokens without `exp` or `iss`, fetches keys of whatever tenant an unverified token names, and writes
what it refuses into the log. Doing it here, once and before parsing, was simpler than standing beside it.
"""

import asyncio
import ipaddress
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import jwt
import structlog
from starlette.requests import ClientDisconnect, Request

from bot.clock import Clock

log = structlog.get_logger("learnbot.teams.guard")

Json = dict[str, Any]

BODY_BYTES = 1024 * 1024
BODY_SECONDS = 15.0
TOKEN_CHARACTERS = 16 * 1024
KEY_ID_CHARACTERS = 200
CLOCK_SKEW = timedelta(minutes=5)  # what Microsoft asks bots to allow

REFRESH_KEYS_AFTER = timedelta(hours=24)  # Microsoft: at least once a day
TRUST_KEYS_FOR = timedelta(days=5)  # and never older than this, when they cannot be fetched
COOL_DOWN = timedelta(seconds=30)

# Where Teams' public cloud and GCC may ask to be answered, from the Teams SDK's reference on service URL validation.
TEAMS_HOSTS = frozenset(
    {"smba.trafficmanager.net", "smba.onyx.prod.teams.trafficmanager.net", "smba.infra.gcc.teams.microsoft.com"}
)


class Refused(Exception):
    """A request that goes no further. `reason` is a constant of ours: nothing of the request is in it."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens on `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class ServiceUrls:
    """Which addresses Teams may be answered at. Checked when one is received, and again before anything is sent.

    `more` are origins that are allowed besides Teams' own, for tests and other clouds (`https://host`, or `http://` on
    loopback). `loopback` allows every port of this machine: for the local chat windows.
    """

    more: tuple[str, ...] = ()
    loopback: bool = False

    @staticmethod
    def of(more: Iterable[str], *, loopback: bool = False) -> "ServiceUrls":
        """The list with `more` addresses, of which only the origin counts. ValueError when one is not an address."""
        origins = [(address, _origin(address)) for address in more]
        wrong = [address for address, origin in origins if not origin]
        if wrong:
            raise ValueError(f"not an address that Teams could be answered at: {', '.join(wrong)}")
        return ServiceUrls(tuple(origin for _, origin in origins), loopback)

    def allow(self, url: str) -> bool:
        """Whether the bot may send messages, and its credentials, to this address."""
        origin = _origin(url)
        if not origin:
            return False
        parts = urlsplit(origin)
        host = parts.hostname or ""
        if self.loopback and is_loopback(host):
            return True
        return origin in self.more or (parts.scheme == "https" and parts.port is None and host in TEAMS_HOSTS)


def _origin(url: str) -> str:
    """`scheme://host[:port]` in lower case; "" when it is not https (or http on loopback), or hides something."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").lower()
    if not host or parts.username is not None or parts.password is not None or "\\" in url:
        return ""
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        return ""
    shown = f"[{host}]" if ":" in host else host
    default = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{shown}" + ("" if port in (None, default) else f":{port}")


async def read_body(request: Request) -> bytes:
    """The body, at most a mebibyte, counted as it comes: whoever sends more is turned away before it is all here."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > BODY_BYTES:
        raise Refused(413, "too large")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > BODY_BYTES:
                    raise Refused(413, "too large")
    except TimeoutError as error:
        raise Refused(408, "too slow") from error
    except ClientDisconnect as error:
        raise Refused(400, "hung up") from error
    return bytes(body)


def parse(body: bytes) -> Json:
    """The activity in a body whose token was verified."""
    try:
        activity = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "not JSON") from error
    if not isinstance(activity, dict) or not isinstance(activity.get("type"), str):  # pyright: ignore[reportUnknownMemberType]
        raise Refused(400, "not an activity")
    return cast(Json, activity)


@dataclass(frozen=True)
class Key:
    """A public signing key, and the channels it is endorsed for."""

    key: Any
    endorsements: tuple[str, ...]


@dataclass
class SigningKeys:
    """Microsoft's signing keys, fetched rarely: however many unknown key ids arrive, one fetch in `COOL_DOWN`."""

    url: str
    clock: Clock
    fetches: int = 0
    _keys: dict[str, Key] = field(default_factory=dict[str, Key])
    _fetched_at: datetime | None = None
    _tried_at: datetime | None = None
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, key_id: str) -> Key:
        """The key of that id. Refused (401) when there is none, (503) when the keys cannot be had at all."""
        if key_id not in self._keys or self._age() > REFRESH_KEYS_AFTER:
            async with self._one_at_a_time:
                if (key_id not in self._keys or self._age() > REFRESH_KEYS_AFTER) and self._cooled():
                    await self._fetch()
        if self._age() > TRUST_KEYS_FOR:
            raise Refused(503, "no signing keys")
        key = self._keys.get(key_id)
        if key is None:
            raise Refused(401, "unknown key")
        return key

    def _age(self) -> timedelta:
        return timedelta.max if self._fetched_at is None else self.clock() - self._fetched_at

    def _cooled(self) -> bool:
        return self._tried_at is None or self.clock() - self._tried_at >= COOL_DOWN

    async def _fetch(self) -> None:
        self._tried_at = self.clock()  # a failed attempt cools down too
        self.fetches += 1
        try:
            async with httpx.AsyncClient(timeout=10.0) as http:  # once a day: no connection is worth keeping for it
                response = await http.get(self.url, follow_redirects=False)
            response.raise_for_status()
            found = _keys(response.json())
        except (httpx.HTTPError, ValueError) as error:
            log.error("signing keys not fetched", error=type(error).__name__)
            return
        if found:
            self._keys, self._fetched_at = found, self._tried_at


def _keys(document: Any) -> dict[str, Key]:
    """Only RSA keys for signatures: with them nothing else can ever be verified, whatever a token claims."""
    found: dict[str, Key] = {}
    listed = cast(Json, document).get("keys") if isinstance(document, dict) else None
    for entry in cast(list[Any], listed) if isinstance(listed, list) else []:
        if not isinstance(entry, dict):
            continue
        jwk = cast(Json, entry)
        if jwk.get("kty") != "RSA" or jwk.get("use", "sig") != "sig" or not isinstance(jwk.get("kid"), str):
            continue
        try:
            key = jwt.PyJWK(jwk, algorithm="RS256").key
        except jwt.PyJWTError:
            continue
        endorsed = cast(Sequence[Any], jwk.get("endorsements") or ())
        found[jwk["kid"]] = Key(key, tuple(str(channel) for channel in endorsed))
    return found


@dataclass(frozen=True)
class Caller:
    """What a verified token says."""

    service_url: str
    endorsements: tuple[str, ...]


@dataclass
class Tokens:
    """Verifies the bearer tokens that the Bot Connector sends: ours, present, in date, signed with RS256."""

    keys: SigningKeys
    client_id: str
    issuer: str
    tenant_id: str

    async def verify(self, authorization: str) -> Caller:
        """Who calls, or `Refused`. Looks at nothing but the header."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token or len(token) > TOKEN_CHARACTERS or not token.isascii():
            raise Refused(401, "no token")
        try:
            header = jwt.get_unverified_header(token)
            key_id = header.get("kid")
            # The algorithm is ours to choose: `none`, or HS256 with the public key for a secret, ends here.
            if header.get("alg") != "RS256" or not isinstance(key_id, str) or len(key_id) > KEY_ID_CHARACTERS:
                raise Refused(401, "wrong algorithm or key")
            key = await self.keys.get(key_id)
            claims: Json = jwt.decode(
                token,
                key.key,
                algorithms=["RS256"],
                audience=self.client_id,
                issuer=self.issuer,
                leeway=CLOCK_SKEW,
                options={"require": ["exp", "iss", "aud"], "strict_aud": True},
            )
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise Refused(401, f"token refused: {type(error).__name__}") from error
        service_url = claims.get("serviceurl") or claims.get("serviceUrl")
        if not isinstance(service_url, str):
            raise Refused(401, "no service url in the token")
        if "tid" in claims and claims["tid"] != self.tenant_id:
            raise Refused(401, "token of another tenant")
        return Caller(service_url, key.endorsements)


def check(activity: Json, caller: Caller | None, tenant_id: str, service_urls: ServiceUrls) -> None:
    """Refuse an activity from elsewhere. `caller` is None only in the local mode, where nobody signs."""
    service_url = activity.get("serviceUrl")
    if not isinstance(service_url, str) or not service_urls.allow(service_url):
        raise Refused(401, "service url not allowed")
    if caller is not None:
        if service_url.rstrip("/") != caller.service_url.rstrip("/"):
            raise Refused(401, "service url is not the token's")
        if activity.get("channelId") != "msteams":
            raise Refused(401, "not Teams")
        if caller.endorsements and "msteams" not in caller.endorsements:
            raise Refused(401, "key not endorsed for Teams")
    tenants = [tenant for tenant in _tenants(activity) if tenant is not None]
    if any(tenant != tenant_id for tenant in tenants) or (caller is not None and not tenants):
        raise Refused(401, "another tenant")


def _tenants(activity: Json) -> tuple[Any, Any]:
    return _inside(activity, "channelData", "tenant", "id"), _inside(activity, "conversation", "tenantId")


def _inside(value: Any, *path: str) -> Any:
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = cast(Mapping[str, Any], value).get(name)
    return cast(object, value)
