"""The one-time address of a portfolio or a paper: a page with a button, and the file once that is pressed.

Chat platforms and mail filters open every address they see. Only pressing the button fetches the file, so that nobody
uses up an address by looking at it.
"""

import asyncio
import re
from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.clock import Clock
from bot.errors import Unavailable
from bot.portfolio.reading import LARGEST as LARGEST_BROUGHT
from bot.portfolio.reading import read
from storage.database import Database
from storage.papers import rights
from storage.portfolio import bringing, making
from storage.portfolio.making import Handed
from storage.portfolio.notation import NotAPortfolio
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
LARGEST_FILE = LARGEST_BROUGHT
_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,200})"|([^\s;]{1,200}))', re.IGNORECASE)
BRING = (
    '<form method="post" enctype="multipart/form-data"><p><label for="file">Your portfolio: the .json, the leap2a.xml, '
    'or the zip that holds one of them.</label></p><p><input type="file" id="file" name="file" required '
    'accept=".json,.xml,.zip"></p><p>Nothing is kept in your record before you say yes in the chat.</p>'
    "<p><button>Bring it</button></p></form>"
)
STYLE = """body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 3rem auto; padding: 0 1rem;
  color: #1b1f24; background: #fff; } button { font: inherit; padding: .6rem 1.2rem; border: 0; border-radius: .4rem;
  background: #1f5a8f; color: #fff; cursor: pointer; } button:focus-visible { outline: 3px solid #e0a100; }
  @media (prefers-color-scheme: dark) { body { color: #e6edf3; background: #0d1117; } }"""
GONE = (
    "This address opens nothing any more. It works once and for a day; ask the learning bot for a new one, the way you "
    "asked for this one."
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

        def look(session: Session) -> tuple[str, str]:
            found = making.opened(session, number, secret, self.clock())
            if found is None or not rights.may_still_have(session, found):
                return "", ""
            return found.state, found.kind

        try:
            opens, kind = await self.database.run_async(look)
        except Unavailable:
            return page("Please try again in a minute", "<p>I can't look that up just now.</p>", 503)
        if not opens:
            return page("Nothing here", f"<p>{GONE}</p>", 404)
        if opens == "upload":
            return page("Bring your portfolio", BRING)
        title, button = ("Your portfolio", "my portfolio") if kind == "portfolio" else ("Your draft", "it")
        return page(
            title,
            '<form method="post"><p>This works once. Afterwards no copy is kept here.</p>'
            f"<p><button>Fetch {button}</button></p></form>",
        )

    async def fetch(self, request: Request) -> Response:
        """The file, and from now on the address opens nothing; or, where one is to be brought, take it."""
        number, secret = _named(request)
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            return await self._bring(request, number, secret)

        def hand_over(session: Session) -> Handed | None:
            portfolio = making.opened(session, number, secret, self.clock())
            if portfolio is None or portfolio.state != "ready":
                return None
            if not rights.may_still_have(session, portfolio):
                making.drop(session, portfolio, self.clock())
                return None
            file = making.file_of(session, self.keyring, portfolio)
            making.fetched(session, portfolio, self.clock())
            return file

        try:
            file = await self.database.run_async(hand_over)
        except Unavailable:
            return page("Please try again in a minute", "<p>Your file is still here.</p>", 503)
        if file is None:
            return page("Nothing here", f"<p>{GONE}</p>", 404)
        headers = {**GUARDED, "content-disposition": f"attachment; filename*=UTF-8''{quote(file.name)}"}
        return Response(file.content, media_type=file.type, headers=headers)

    async def _bring(self, request: Request, number: int, secret: str) -> Response:
        def wanted(session: Session) -> bool:
            found = making.opened(session, number, secret, self.clock())
            return found is not None and found.state == "upload"

        def keep(session: Session) -> bool:
            found = making.opened(session, number, secret, self.clock())
            if found is None or found.state != "upload":
                return False
            bringing.bring(session, self.keyring, found, brought, self.clock())
            return True

        try:
            if not await self.database.run_async(wanted):  # nothing is read from whoever has no address
                return page("Nothing here", f"<p>{GONE}</p>", 404)
            content = await _uploaded(request)
            if content is None:
                return page("That is too large", f"<p>It is larger than {LARGEST_FILE // 1024**2} MB.</p>{BRING}", 413)
            brought = await asyncio.to_thread(read, content)
            kept = await self.database.run_async(keep)
        except NotAPortfolio as mistake:
            said = escape(str(mistake))
            return page("I can't read that file", f"<p>I can't take it: {said}. Nothing was kept.</p>{BRING}", 422)
        except Unavailable:
            return page("Please try again in a minute", "<p>I can't keep it just now; nothing was kept.</p>", 503)
        if not kept:
            return page("Nothing here", f"<p>{GONE}</p>", 404)
        return page("Thank you", "<p>Go back to the chat: there you see what it would bring, and say yes or no.</p>")


async def _uploaded(request: Request) -> bytes | None:
    """The file of the form, kept in memory only; None when it is too large."""
    limit = LARGEST_FILE + 10_000  # what the form puts around it
    if int(request.headers.get("content-length", "0") or "0") > limit:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            return None
    return file_in_form(bytes(body), request.headers.get("content-type", ""))


def file_in_form(body: bytes, content_type: str) -> bytes:
    """The first file of a submitted form; b"" when there is none."""
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        return b""
    mark = b"--" + (boundary[1] or boundary[2]).encode()
    for part in (b"\r\n" + body).split(b"\r\n" + mark)[1:]:
        head, found, content = part.partition(b"\r\n\r\n")
        if found and b"filename=" in head.lower():
            return content
    return b""


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
