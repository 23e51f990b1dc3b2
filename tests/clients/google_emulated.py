"""Google Calendar as `emulate` has it: a stateful copy of Google's API, with our own token endpoint in front of it.

emulate takes no assertions of service accounts, chooses the identifiers of events itself, and knows neither patches nor
sync tokens: for those see `tests.clients.google`.
"""

import contextlib
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx
import yaml

from tests.clients.google import GoogleServer
from tests.clients.node import ENDS_WITH_ITS_STARTER, MODULES, NODE, ensure_node_modules, free_port

STARTS_WITHIN = 20  # seconds
TRIES = 3  # somebody may take the port first


@dataclass
class EmulatedGoogle(GoogleServer):
    """emulate, with everybody of `people` in it. Use it in a `with` block."""

    _emulator: subprocess.Popen[bytes] | None = None
    _port: int = 0

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/calendar/v3"

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        """The assertion is checked as ever; the token is one that emulate was told of."""
        super().token(form)
        return {"access_token": f"token-of-{self.tokens_given[-1]}", "expires_in": 3599, "token_type": "Bearer"}

    def __enter__(self) -> Self:
        ensure_node_modules()
        super().__enter__()
        for _ in range(TRIES):
            self._port = free_port()
            self._start()
            if self._answers():
                return self
            self._stop()
        super().__exit__()
        raise RuntimeError("emulate did not start")

    def __exit__(self, *_: object) -> None:
        self._stop()
        super().__exit__()

    def _start(self) -> None:
        seed = Path(tempfile.mkdtemp(dir=self.folder)) / "seed.yaml"
        tokens = {f"token-of-{email}": {"login": email, "scopes": []} for email in self.people}
        users = [{"email": email, "name": email.split("@")[0].title()} for email in self.people]
        calendars = [
            {"id": email, "user_email": email, "summary": email, "primary": True, "time_zone": "Europe/London"}
            for email in self.people
        ]
        google = {"users": users, "calendars": calendars}
        seed.write_text(yaml.safe_dump({"tokens": tokens, "google": google}), "utf-8")
        command = [
            str(NODE),
            "--import",
            ENDS_WITH_ITS_STARTER,
            str(MODULES / "emulate" / "dist" / "index.js"),
            "start",
        ]
        command += ["--service", "google", "--port", str(self._port), "--seed", str(seed)]
        with (seed.parent / "emulate.log").open("wb") as out:
            self._emulator = subprocess.Popen(
                command, cwd=seed.parent, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )

    def _answers(self) -> bool:
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline and self._emulator is not None and self._emulator.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                return httpx.get(f"{self.api_url}/calendars/primary/events").status_code in (200, 401)
            time.sleep(0.03)
        return False

    def _stop(self) -> None:
        if self._emulator is not None:
            self._emulator.terminate()
            try:
                self._emulator.wait(5)
            except subprocess.TimeoutExpired:
                self._emulator.kill()
                self._emulator.wait()
            self._emulator = None
