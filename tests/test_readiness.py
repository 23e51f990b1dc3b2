"""Ready means: the database takes a write, messages go out, and the clock is right."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import Engine, event, select

from bot.app import Bot, web
from bot.config import Settings
from bot.errors import Unavailable
from storage.models import Beat
from tests.conftest import KEYRING, NOW
from tests.foundation import World

SILENT = ["nothing has looked for messages to send for more than five minutes"]
NO_WRITE = ["the database cannot be written"]


@pytest.fixture
def bot(world: World) -> Bot:
    """The program on that world, just started."""
    settings = Settings("", KEYRING, world.policy, metrics_token="m")
    return Bot(
        settings, world.database, world.dispatcher, world.delivery, world.reception, lambda: world.now, {}, world.now
    )


def wrong(world: World, bot: Bot) -> list[str]:
    return world.run(bot.readiness())


def test_it_is_ready_when_all_is_well(world: World, bot: Bot) -> None:
    assert wrong(world, bot) == []
    world.run(world.delivery.beat())
    world.later(minutes=4)
    assert wrong(world, bot) == []


def test_it_is_not_ready_when_nobody_has_sent_anything_for_a_while(world: World, bot: Bot) -> None:
    world.run(world.delivery.beat())
    world.later(minutes=6)
    assert wrong(world, bot) == SILENT
    world.run(world.another_delivery("two").beat())  # another process sends for all of them
    assert wrong(world, bot) == []


def test_a_process_that_never_got_to_sending_is_not_ready(world: World, bot: Bot) -> None:
    world.later(minutes=6)
    assert wrong(world, bot) == SILENT


def test_after_a_long_outage_it_has_time_to_begin(world: World, bot: Bot) -> None:
    world.run(world.delivery.beat())
    world.later(hours=3)
    bot.started_at = world.now
    assert wrong(world, bot) == []
    world.later(minutes=6)
    assert wrong(world, bot) == SILENT


def test_it_is_not_ready_while_messages_wait_or_the_clock_is_behind(world: World, bot: Bot) -> None:
    world.owe("Ana")
    world.later(minutes=6)
    world.run(world.delivery.beat())
    assert wrong(world, bot) == ["messages have been waiting for more than five minutes"]
    world.now = NOW - timedelta(minutes=3)
    assert wrong(world, bot) == ["the clock stands earlier than when messages were last sent"]


def test_a_database_that_can_be_read_but_not_written_is_not_ready(world: World, bot: Bot) -> None:
    assert wrong(world, bot) == []
    read_only(world, "ON")
    world.later(seconds=6)
    assert wrong(world, bot) == NO_WRITE
    read_only(world, "OFF")
    assert wrong(world, bot) == []


def read_only(world: World, switch: str) -> None:
    """From its next connection on, as when a disk is full or a server has become a standby."""

    def connected(connection: object, _: object) -> None:
        statement = f"PRAGMA query_only={switch}" if sqlite else f"SET default_transaction_read_only = {switch}"
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute(statement)
        cursor.close()
        if not sqlite:
            connection.commit()  # type: ignore[attr-defined]

    sqlite, engine = world.database.sqlite, world.database.engine
    event.listen(engine, "connect", connected)
    disconnect(world, engine)


def disconnect(world: World, engine: Engine) -> None:
    if world.database.sqlite:
        world.database._writer._disconnect()  # type: ignore[union-attr]
    engine.dispose()


def test_asked_again_and_again_it_writes_once_in_five_seconds(world: World, bot: Bot) -> None:
    written = []
    for _ in range(20):
        assert wrong(world, bot) == []
        written.append(world.database.run(lambda s: s.scalar(select(Beat.at).where(Beat.name == "ready"))))
        world.later(seconds=1)
    assert len(set(written)) == 4


def test_what_waits_is_measured_even_by_those_who_only_read(world: World, bot: Bot) -> None:
    world.owe("Ana")
    world.later(seconds=90)

    async def asked(path: str) -> httpx.Response:
        application = web(bot)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(application), base_url="http://bot", headers={"authorization": "Bearer m"}
        ) as client:
            return await client.get(path)

    told = world.run(asked("/metrics")).text
    assert "learnbot_outbox_waiting 1.0" in told
    assert "learnbot_outbox_oldest_seconds 90.0" in told
    assert world.count(Beat) == 0
    ready = world.run(asked("/readyz"))
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "reasons": []})
    world.later(minutes=6)
    ready = world.run(asked("/readyz"))
    assert ready.status_code == 503
    assert len(ready.json()["reasons"]) == 2


def test_without_a_database_the_other_numbers_are_still_told(world: World, bot: Bot) -> None:
    async def away(_: object) -> None:
        raise Unavailable("for a while")

    world.database.run_async = away  # type: ignore[method-assign, assignment]
    assert wrong(world, bot) == NO_WRITE

    async def asked() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(web(bot)), base_url="http://bot", headers={"authorization": "Bearer m"}
        ) as client:
            return await client.get("/metrics")

    answer = world.run(asked())
    assert answer.status_code == 200
    assert "learnbot_deliveries_total" in answer.text
