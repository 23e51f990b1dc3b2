"""The web server: one for every platform, stopped gently."""

import asyncio
import gc
import socket

import structlog
import uvicorn

from bot.app import DRAIN_SECONDS, build, web
from bot.config import Settings

log = structlog.get_logger("learnbot.server")

COLLECT_AFTER = 10_000  # new objects that hold others: some two megabytes of them


def run(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C; then take nothing more in, finish what was taken in, and stop."""
    asyncio.run(serve(settings))


async def serve(settings: Settings) -> None:
    """The same inside a running event loop."""
    ready = server(settings)
    spare_the_collector()
    await ready.serve()


def spare_the_collector() -> None:
    """Let Python's collector of cycles pass over what stays for good, and look at the rest less often.

    A message leaves a few cycles behind and some hundred thousand objects of the libraries never go: looking through
    them all, again and again, took a twentieth to a fifth of the CPU of a message.
    """
    gc.collect()
    gc.freeze()
    gc.enable()  # it rests while the program is imported and put together (`bot.cli.serve`)
    gc.set_threshold(COLLECT_AFTER, 10, 10)


class _Server(uvicorn.Server):
    """Uvicorn, which would wait its full time for a connection that came in while it began to stop and is now idle."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        closing = asyncio.create_task(self._close_idle())
        try:
            await super().shutdown(sockets)
        finally:
            closing.cancel()

    async def _close_idle(self) -> None:
        while True:
            await asyncio.sleep(0.1)
            for connection in list(self.server_state.connections):
                connection.shutdown()  # at once when idle, else after the answer that is being given


def server(settings: Settings) -> uvicorn.Server:
    """The server of a bot with these settings, not yet started."""
    application = web(build(settings))
    return _Server(
        uvicorn.Config(
            application,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=int(DRAIN_SECONDS),
            timeout_keep_alive=75,
            h11_max_incomplete_event_size=64 * 1024,
        )
    )
