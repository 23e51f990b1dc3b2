"""The one-time address of a portfolio: a page with a button, and the file once that is pressed.

Chat platforms and mail filters open every address they see. Only pressing the button fetches the file, so that nobody
uses up an address by looking at it.
"""

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.clock import Clock
from bot.errors import Unavailable
from storage.database import Database
from storage.portfolio import making
from storage.portfolio.making import Handed
from storage.sealed import Keyring

LARGEST = 2**31 - 1
# `form-action` would hold up the file in some browsers if it named anything narrower than the page's own origin
GUARDED = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow",
}
STYLE = """body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 3rem auto; padding: 0 1rem;
  color: #1b1f24; background: #fff; } button { font: inherit; padding: .6rem 1.2rem; border: 0; border-radius: .4rem;
  background: #1f5a8f; color: #fff; cursor: pointer; } button:focus-visible { outline: 3px solid #e0a100; }
  @media (prefers-color-scheme: dark) { body { color: #e6edf3; background: #0d1117; } }"""
GONE = (
    "This address opens nothing any more. It works once and for a day; say “export” to the learning bot for a new one."
)


def portfolio_routes(database: Database, keyring: Keyring, clock: Clock) -> Sequence[Route]:
    """The web addresses of portfolios."""
    pages = _Pages(database, keyring, clock)
    return [
        Route("/portfolio/{number:int}/{secret}", pages.show, methods=["GET"]),
        Route("/portfolio/{number:int}/{secret}", pages.fetch, methods=["POST"]),
    ]


class _Pages:
    def __init__(self, database: Database, keyring: Keyring, clock: Clock) -> None:
        self.database, self.keyring, self.clock = database, keyring, clock

    async def show(self, request: Request) -> Response:
        """The page with the button; looking at it changes nothing."""
        number, secret = _named(request)

        def look(session: Session) -> bool:
            return making.opened(session, number, secret, self.clock()) is not None

        try:
            opens = await self.database.run_async(look)
        except Unavailable:
            return page("Please try again in a minute", "<p>I can't look that up just now.</p>", 503)
        if not opens:
            return page("Nothing here", f"<p>{GONE}</p>", 404)
        return page(
            "Your portfolio",
            '<form method="post"><p>This works once. Afterwards no copy is kept here.</p>'
            "<p><button>Fetch my portfolio</button></p></form>",
        )

    async def fetch(self, request: Request) -> Response:
        """The file; from now on the address opens nothing."""
        number, secret = _named(request)

        def hand_over(session: Session) -> Handed | None:
            portfolio = making.opened(session, number, secret, self.clock())
            file = making.file_of(session, self.keyring, portfolio) if portfolio is not None else None
            if portfolio is not None:
                making.fetched(session, portfolio, self.clock())
            return file

        try:
            file = await self.database.run_async(hand_over)
        except Unavailable:
            return page("Please try again in a minute", "<p>Your portfolio is still here.</p>", 503)
        if file is None:
            return page("Nothing here", f"<p>{GONE}</p>", 404)
        headers = {**GUARDED, "content-disposition": f"attachment; filename*=UTF-8''{quote(file.name)}"}
        return Response(file.content, media_type=file.type, headers=headers)


def page(title: str, body: str, status: int = 200) -> HTMLResponse:
    """A small page that fetches nothing and is kept by nobody. `body` is HTML of ours."""
    return HTMLResponse(
        f'<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main><h1>{escape(title)}</h1>{body}</main></body></html>",
        status,
        headers=GUARDED,
    )


def _named(request: Request) -> tuple[int, str]:
    number = int(request.path_params["number"])
    return number if 0 < number <= LARGEST else 0, str(request.path_params["secret"])
