"""The web server: one for every platform, stopped gently."""

import asyncio

import structlog
import uvicorn

from bot.app import DRAIN_SECONDS, build, web
from bot.config import Settings

log = structlog.get_logger("learnbot.server")


def run(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C; then take nothing more in, finish what was taken in, and stop."""
    asyncio.run(serve(settings))


async def serve(settings: Settings) -> None:
    """The same inside a running event loop."""
    await server(settings).serve()


def server(settings: Settings) -> uvicorn.Server:
    """The server of a bot with these settings, not yet started."""
    application = web(build(settings))
    return uvicorn.Server(
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
