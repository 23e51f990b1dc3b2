"""A portfolio put into somebody's direct chat on Slack: theirs alone, whole, or not at all."""

import asyncio
from typing import Any

import httpx
import pytest

from bot.chat import Account, Place
from bot.platforms import Address, NotAccepted, TakesFiles
from bot.slack import manifest as made
from bot.slack.platform import SaidNo
from tests.slack.conftest import Town

CONTENT = bytes(range(256)) * 100


def to(town: Town, name: str, *, known: bool = False) -> Address:
    user, tenant = town.user(name), town.bot.edge.platform.tenant
    place = Place("slack", tenant, town.slack.dm(user), direct=True) if known else None
    return Address(Account("slack", tenant, user.id), place)


def give(town: Town, name: str = "amina", **more: Any) -> None:
    platform = town.bot.edge.platform
    assert isinstance(platform, TakesFiles)
    town.bot.run(platform.give(to(town, name, **more), "learning-portfolio.zip", "application/zip", CONTENT, "k"))


def files(town: Town, name: str) -> list[dict[str, Any]]:
    said = town.slack.api("conversations.history", channel=town.slack.dm(town.user(name)))["messages"]
    return [file for message in said for file in message.get("files", [])]


@pytest.mark.parametrize("known", [True, False])
def test_it_is_in_the_direct_chat_byte_for_byte(town: Town, known: bool) -> None:
    town.slack.proxy.tokens[town.slack.bot_token] = tuple(made.SCOPES)
    give(town, known=known)
    (file,) = files(town, "amina")
    assert (file["name"], file["size"]) == ("learning-portfolio.zip", len(CONTENT))
    there = httpx.get(file["url_private"], headers={"Authorization": "Bearer xoxp-amina"})
    assert there.content == CONTENT
    assert files(town, "ben") == []


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
@pytest.mark.parametrize("error", ["missing_scope", "not_allowed_token_type"])
def test_refused_at_any_step_nothing_is_there(town: Town, method: str, error: str) -> None:
    town.slack.proxy.fail(method, "refusal", error=error)
    with pytest.raises(NotAccepted):
        give(town)
    assert files(town, "amina") == []


def test_a_rest_that_slack_asks_for_is_named(town: Town) -> None:
    town.slack.proxy.fail("files.getUploadURLExternal", "rate_limited", seconds=7)
    with pytest.raises(NotAccepted) as refused:
        give(town)
    assert (refused.value.reason, refused.value.retry_after) == ("rate_limited", 7.0)


ELSEWHERE = (
    "https://evil.example/upload",
    "http://files.slack.com/upload",
    "https://slack.com.evil.example/",
    "file:///etc/passwd",
    "https://evilslack.com/",
    "",
)


@pytest.mark.parametrize("address", ELSEWHERE)
def test_words_go_to_no_address_but_slacks(town: Town, address: str) -> None:
    with pytest.raises(NotAccepted):
        town.bot.run(town.bot.edge.platform.web.upload(address, CONTENT))


def test_the_token_is_not_shown_where_the_file_goes(town: Town) -> None:
    """The upload address is a secret of its own: it needs no token, and a redirect is not followed."""
    seen: list[bytes] = []

    async def serve() -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            seen.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            with pytest.raises(SaidNo):
                await town.bot.edge.platform.web.upload(f"http://127.0.0.1:{port}/u", b"x")

    town.bot.run(serve())
    assert len(seen) == 1
    assert b"authorization" not in seen[0].lower()
