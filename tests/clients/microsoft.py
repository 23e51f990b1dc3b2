"""Entra ID on this machine: emulate's, behind a door with TLS (msal takes no other) that can fail as Entra does."""

import asyncio
import datetime as dt
import ipaddress
import ssl
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Self

import httpx
import yaml
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.clients.node import ENDS_WITH_ITS_STARTER, MODULES, NODE, ensure_node_modules, free_port

Json = dict[str, Any]

TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"  # emulate's own
CLIENT_ID = "00000000-0000-4000-8000-0000000000c1"
SECRET = "the-secret-of-the-tests"
STARTS_WITHIN = 30.0  # seconds
TRIES = 5  # somebody else may take a port between our finding it and the emulator's binding it


class Served:
    """An aiohttp application in a thread of its own. Use it in a `with` block."""

    scheme = "http"

    def __init__(self) -> None:
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=type(self).__name__, daemon=True)
        self._runner: web.AppRunner | None = None

    @property
    def address(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def application(self) -> web.Application:
        raise NotImplementedError

    def tls(self) -> ssl.SSLContext | None:
        return None

    def start(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result(30)
        return self

    def stop(self) -> None:
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(30)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)
        self._loop.close()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def _serve(self) -> None:
        self._runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self.tls()).start()
        self.port = self._runner.addresses[0][1]

    async def _close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()


class EntraId(Served):
    """Tokens for applications, from emulate. Change the attributes at any time; `reset()` puts them back."""

    scheme = "https"

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(prefix="learnbot-entra-")
        self._certificate, self._key = self_signed(Path(self._folder.name))
        self._emulator: subprocess.Popen[bytes] | None = None
        self._target = ""
        self._http = httpx.AsyncClient(verify=False)  # the emulator has no TLS
        self.reset()

    def reset(self) -> None:
        self.issued: list[tuple[str, str]] = []  # every token with the scope that it was asked for
        self.down = False  # answers 503 to everything
        self.garbled = False  # answers a page instead of JSON, as a proxy on the way does
        self.refuses_with = 0  # Entra's number for why it refuses, such as 7000222: the secret has expired
        self.lifetime = 3600  # seconds
        self.refresh_in: int | None = None  # seconds

    @property
    def ca_bundle(self) -> str:
        """What REQUESTS_CA_BUNDLE must say, so that msal trusts the door."""
        return str(self._certificate)

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._answer)
        application.on_cleanup.append(lambda _: self._http.aclose())
        return application

    def tls(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate, self._key)
        return context

    def start(self) -> Self:
        ensure_node_modules()
        super().start()  # first, since emulate must be told the address of its door
        for _ in range(TRIES):
            if self._start_emulator():
                return self
        raise RuntimeError("emulate's Entra ID did not start")

    def stop(self) -> None:
        super().stop()
        self._stop_emulator()
        self._folder.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        if self.down:
            return web.Response(status=503, text="Our services are not available right now")
        if self.garbled:
            return web.Response(text="<html>Please sign in to the network</html>", content_type="text/html")
        asks_for_token = request.path.endswith("/oauth2/v2.0/token")
        if asks_for_token and self.refuses_with:
            return web.json_response(refusal(self.refuses_with), status=401)
        if request.path.endswith("openid-configuration") and not request.path.startswith(f"/{TENANT}/"):
            return web.json_response(refusal(90002), status=400)
        body = await request.read()
        kept = {"Content-Type": request.headers.get("Content-Type", "application/json")}
        found = await self._http.request(request.method, self._target + request.path_qs, content=body, headers=kept)
        answer: Json = found.json()
        if asks_for_token and found.is_success:
            answer["expires_in"] = self.lifetime
            if self.refresh_in is not None:
                answer["refresh_in"] = self.refresh_in
            self.issued.append((answer["access_token"], (await request.post()).get("scope", "")))
        return web.json_response(answer, status=found.status_code)

    def _start_emulator(self) -> bool:
        seed = Path(self._folder.name) / "seed.yaml"
        client = {"client_id": CLIENT_ID, "client_secret": SECRET, "name": "learnbot", "redirect_uris": []}
        seed.write_text(yaml.safe_dump({"microsoft": {"oauth_clients": [client]}}), "utf-8")
        port = free_port()
        self._target = f"http://127.0.0.1:{port}"
        command = [
            str(NODE),
            "--import",
            ENDS_WITH_ITS_STARTER,
            str(MODULES / "emulate" / "dist" / "index.js"),
            "start",
        ]
        command += ["--service", "microsoft", "--port", str(port), "--seed", str(seed), "--base-url", self.address]
        nothing = subprocess.DEVNULL
        self._emulator = subprocess.Popen(command, cwd=self._folder.name, stdin=nothing, stdout=nothing, stderr=nothing)
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline and self._emulator.poll() is None:
            try:
                httpx.get(f"{self._target}/{TENANT}/v2.0/.well-known/openid-configuration").raise_for_status()
            except httpx.HTTPError:
                time.sleep(0.03)
            else:
                return True
        self._stop_emulator()
        return False

    def _stop_emulator(self) -> None:
        if self._emulator is not None:
            self._emulator.terminate()
            self._emulator.wait(10)


def refusal(number: int) -> Json:
    """What Entra says when it does not give a token. The number is what tells the reasons apart."""
    return {
        "error": "invalid_client" if number > 7_000_000 else "invalid_request",
        "error_description": f"AADSTS{number}: … Trace ID: 00000000-0000-0000-0000-000000000000",
        "error_codes": [number],
        "timestamp": "2026-03-02 09:00:00Z",
        "trace_id": "00000000-0000-0000-0000-000000000000",
        "correlation_id": "00000000-0000-0000-0000-000000000000",
    }


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 which is its own authority, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Entra ID of the tests")])
    now = dt.datetime.now(dt.UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "door.pem", folder / "door.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return paths
