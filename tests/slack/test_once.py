"""One event, one effect, however often and whichever way it arrives."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from storage.database import Database, Record
from tests.clients.slack import SlackServer
from tests.slack.conftest import Town, Worker, a_worker, enrol, words_of

DIRECT = "diary: asked first"


@pytest.fixture
def two(slack: SlackServer, postgresql_url: str) -> Iterator[tuple[Town, Worker]]:
    """Two processes of the bot on one PostgreSQL database."""
    database, other = Database(postgresql_url), Database(postgresql_url)
    Record.metadata.create_all(database.engine)
    enrol(database, slack)
    with a_worker(slack, database) as one, a_worker(slack, other, process="two") as two:
        yield Town(slack, database, one), two
    database.close()
    other.close()


def test_delivered_three_times_ten_seconds_apart_to_two_workers(two: tuple[Town, Worker]) -> None:
    town, other = two
    amina = town.user("amina")
    signed = town.sign.message(amina, DIRECT, town.slack.dm(amina))
    for number, worker in enumerate((town.bot, other, town.bot)):
        worker.ahead = 10.0 * number
        assert worker.post(signed.again(number) if number else signed).status_code == 200
    assert town.kept() == ["asked first"]
    assert len(town.seen("amina")) == 1


def test_delivered_to_two_workers_in_the_same_moment(two: tuple[Town, Worker]) -> None:
    town, other = two
    amina = town.user("amina")
    town.says("amina", "home")
    for number in range(5):
        signed = town.sign.message(amina, f"diary: line {number}", town.slack.dm(amina))
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda worker, s=signed: worker.post(s), [town.bot, other] * 3))
        assert {answer.status_code for answer in answers} == {200}
    assert town.kept() == [f"line {number}" for number in range(5)]
    town.bot.settle()
    other.settle()
    assert len([said for said in town.seen("amina") if "Kept" in words_of(said["blocks"])]) == 5


@pytest.mark.parametrize("later", [300, 86_400, 6 * 86_400])
def test_delivered_again_much_later(town: Town, later: int) -> None:
    amina, dm = town.user("amina"), town.slack.dm(town.user("amina"))
    town.bot.post(town.sign.message(amina, DIRECT, dm, ts="1.1", event_id="Ev1"))
    town.bot.ahead = later
    again = town.sign.message(amina, DIRECT, dm, ts="1.1", event_id="Ev1", at=time.time() + later).again(2)
    assert town.bot.post(again).status_code == 200
    assert town.kept() == ["asked first"]
    assert len(town.seen("amina")) == 1


def test_only_the_delivery_with_retry_number_one_arrives(town: Town) -> None:
    amina = town.user("amina")
    signed = town.sign.message(amina, DIRECT, town.slack.dm(amina)).again(1)
    assert town.bot.post(signed).status_code == 200
    assert town.kept() == ["asked first"]
    assert len(town.seen("amina")) == 1


def test_a_captured_request_replayed_has_no_second_effect_and_later_gets_nowhere(town: Town) -> None:
    amina, dm = town.user("amina"), town.slack.dm(town.user("amina"))
    town.bot.post(town.sign.message(amina, DIRECT, dm))
    message = town.seen("amina")[0]
    town.bot.post(town.sign.press(amina, message, "Edit", channel=dm))
    captured = [
        town.sign.message(amina, "diary: a message", dm),
        town.sign.command(amina, "diary: a command"),
        town.sign.message_shortcut(amina, "keep", {"ts": "1.1", "text": "a shortcut", "user": amina.id}, dm),
        town.sign.submit(amina, town.slack.view(amina), {"words": "an edited line"}),
    ]
    for signed in captured:
        assert town.bot.post(signed).status_code == 200
    after = (town.kept(), len(town.seen("amina")))
    assert sorted(after[0]) == ["a command", "a message", "a shortcut", "an edited line"]
    for signed in captured:
        assert town.bot.post(signed).status_code == 200
    assert (town.kept(), len(town.seen("amina"))) == after
    town.bot.ahead = 301
    for signed in captured:
        assert town.bot.post(signed).status_code == 401
    assert (town.kept(), len(town.seen("amina"))) == after


def test_a_double_click_within_fifty_milliseconds(town: Town) -> None:
    amina = town.user("amina")
    dm = town.slack.dm(amina)
    town.bot.post(town.sign.message(amina, DIRECT, dm))
    message = town.seen("amina")[0]
    clicks = [town.sign.press(amina, message, "Undo", channel=dm) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(town.bot.post, clicks))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert town.kept() == []
    assert [words_of(said["blocks"]) for said in town.seen("amina")] == ["Taken out again."]


def test_one_tap_delivered_twice_at_once(town: Town) -> None:
    amina = town.user("amina")
    town.bot.post(town.sign.home_opened(amina, town.slack.dm(amina)))
    tap = town.sign.press(amina, town.slack.home(amina), "Count")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(town.bot.post, [tap] * 4))
    assert town.kept() == ["counted"]
