"""A token issuer on this machine, in the place of Microsoft's: signed Teams traffic with keys of the test's own.

The Teams SDK takes every address it asks from its `CloudEnvironment`: `App(cloud=issuer.cloud(), …)` sends it here.
"""

import base64
import hashlib
import hmac
import json
import threading
import time
import uuid
from dataclasses import replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from microsoft_teams.api.auth.cloud_environment import PUBLIC, CloudEnvironment

from tests.clients.signing import Signed

Json = dict[str, Any]

APP_ID = "00000000-0000-4000-8000-0000000000b0"
TENANT = "00000000-0000-4000-8000-00000000007e"
OTHER_TENANT = "00000000-0000-4000-8000-0000000000ee"
SERVICE_URL = "https://smba.trafficmanager.net/uk/"
AGENT_365 = "5a807f24-c9de-44ee-a3a7-329e88a00ffc"  # the only caller the SDK lets in with an Entra token
BOT_ISSUER = "https://api.botframework.com"
LIFETIME = 3600  # seconds


def cloud(url: str) -> CloudEnvironment:
    """Microsoft's cloud as the SDK knows it, with the issuer at `url` in the place of Microsoft's."""
    return replace(
        PUBLIC,
        login_endpoint=url,
        openid_metadata_url=f"{url}/v1/.well-known/openidconfiguration",
        token_issuer=BOT_ISSUER,
        token_service_url=url,
    )


class Key:
    """A signing key with its public half as JWKS publishes it."""

    def __init__(self, private: rsa.RSAPrivateKey | None = None) -> None:
        self.id = uuid.uuid4().hex
        self.private = private or rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def published(self) -> Json:
        numbers = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key()))
        # Microsoft adds which channels a key may speak for.
        return {**numbers, "kid": self.id, "use": "sig", "alg": "RS256", "endorsements": ["msteams"]}

    def public_pem(self) -> bytes:
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.private.public_key().public_bytes(serialization.Encoding.PEM, form)


@cache
def ready_made() -> rsa.RSAPrivateKey:
    """What a new issuer signs with, under an id of its own: making a key takes longer than most tests that need one."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Issuer:
    """Bot Framework and Entra in one: discovery, keys, and tokens with any claims. Use it in a `with` block."""

    def __init__(self, app_id: str = APP_ID, tenant_id: str = TENANT) -> None:
        self.app_id, self.tenant_id = app_id, tenant_id
        self.key = Key(ready_made())
        self.keys = [self.key]
        self.fetches: list[str] = []  # the path of every request that came
        self.broken = False  # answers 503 to everything
        self.delay = 0.0  # seconds before each answer
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def bot_issuer(self) -> str:
        return BOT_ISSUER

    @property
    def entra_issuer(self) -> str:
        return f"{self.url}/{self.tenant_id}/v2.0"

    def cloud(self) -> CloudEnvironment:
        """Give this to the SDK as `cloud`."""
        return cloud(self.url)

    @property
    def key_fetches(self) -> int:
        """How often somebody asked for keys."""
        return sum(path.endswith("/keys") for path in self.fetches)

    def roll(self, *, keep_old: bool = False) -> Key:
        """Sign with a new key from now on; the old one is published on only if `keep_old`."""
        self.key = Key()
        self.keys = [*(self.keys if keep_old else []), self.key]
        return self.key

    # Tokens. A claim given as None is left out.

    def claims(self, **changes: Any) -> Json:
        """What Microsoft's connector says. It names no tenant: that stands only in the activity."""
        now = int(time.time())
        usual = {"iss": self.bot_issuer, "aud": self.app_id, "serviceurl": SERVICE_URL}
        usual |= {"nbf": now, "iat": now, "exp": now + LIFETIME}
        return {name: value for name, value in (usual | changes).items() if value is not None}

    def entra_claims(self, **changes: Any) -> Json:
        """What Entra says for the Agent 365 platform; for a user or another app give `azp`."""
        usual = {"iss": self.entra_issuer, "tid": self.tenant_id, "azp": AGENT_365, "ver": "2.0", "serviceurl": None}
        return self.claims(**(usual | changes))

    def token(self, *, key: Key | None = None, kid: str | None = None, **claims: Any) -> str:
        """A connector's token. `key` signs in place of the published one; `kid` is claimed in place of its own."""
        return self.sign(self.claims(**claims), key=key, kid=kid)

    def entra_token(self, *, key: Key | None = None, kid: str | None = None, **claims: Any) -> str:
        return self.sign(self.entra_claims(**claims), key=key, kid=kid)

    def sign(self, claims: Json, *, key: Key | None = None, kid: str | None = None) -> str:
        key = key or self.key
        return jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": kid or key.id})

    def unsigned_token(self, **claims: Any) -> str:
        """`alg: none`, with the id of a real key."""
        return f"{encoded({'alg': 'none', 'typ': 'JWT', 'kid': self.key.id})}.{encoded(self.claims(**claims))}."

    def confused_token(self, **claims: Any) -> str:
        """HS256 with the public key, which everybody has, as the secret."""
        header = {"alg": "HS256", "typ": "JWT", "kid": self.key.id}
        signed = f"{encoded(header)}.{encoded(self.claims(**claims))}"
        # By hand, since PyJWT refuses to sign so.
        digest = hmac.new(self.key.public_pem(), signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"

    def forged_token(self, **claims: Any) -> str:
        """Signed by a stranger under the id of a published key."""
        return self.token(key=Key(), kid=self.key.id, **claims)

    def request(self, activity: Json, token: str | None = None, path: str = "/api/messages") -> Signed:
        """The activity as Teams would post it, under a good token unless another is given ("" for none)."""
        if token is None:
            token = self.token(serviceurl=activity.get("serviceUrl"))
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Microsoft-SkypeBotApi"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return Signed(path, json.dumps(activity).encode(), headers)

    # The server

    def answer(self, path: str) -> Json | None:
        if path == "/v1/.well-known/openidconfiguration":
            return {
                "issuer": self.bot_issuer,
                "authorization_endpoint": "https://invalid.botframework.com",
                "jwks_uri": f"{self.url}/v1/.well-known/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            }
        if path.endswith("/v2.0/.well-known/openid-configuration"):
            tenant = path.split("/")[1]
            return {
                "issuer": f"{self.url}/{tenant}/v2.0",
                "token_endpoint": f"{self.url}/{tenant}/oauth2/v2.0/token",
                "jwks_uri": f"{self.url}/{tenant}/discovery/v2.0/keys",
            }
        if path.endswith("/keys"):
            return {"keys": [key.published() for key in self.keys]}
        return None

    def start(self) -> Self:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                issuer.fetches.append(path)
                time.sleep(issuer.delay)
                found = None if issuer.broken else issuer.answer(path)
                body = json.dumps(found or {"error": "unavailable"}).encode()
                self.send_response(200 if found else 503 if issuer.broken else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: `fetches` keeps what came."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="issuer", daemon=True).start()
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def encoded(part: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
