"""The address under which somebody subscribes to their interviews: theirs alone, renewed or shut with one tap."""

import asyncio
import json
import re

import httpx
import pytest
from ical.calendar_stream import IcsCalendarStream
from sqlalchemy import select, update

from bot.app import Bot, web
from bot.chat import Message, Quote
from bot.config import Settings
from bot.slack.render import messages as slack
from bot.teams.render import cards as teams
from storage import erasure
from storage.database import Record
from storage.models import Interview, Person
from storage.sealed import Keyring
from tests.conftest import KEYRING, Chat
from tests.slack.test_render import check as slack_would_take
from tests.teams.test_render import valid as teams_would_take

REASON = "kingfisher"


def shown(chat: Chat, who: str = "Amina") -> list[str]:
    """The addresses in the latest message: the usual one, and the one for Apple's calendars."""
    message: Message = chat.seen(who)[-1].message
    return [part.words for part in message.parts if isinstance(part, Quote)]


def asked(chat: Chat, who: str = "Amina") -> str:
    chat.say(who, "calendar")
    return shown(chat, who)[0]


def fetched(chat: Chat, address: str, *, keyring: Keyring = KEYRING, **headers: str) -> httpx.Response:
    """What a calendar gets that asks at this address."""
    bot = Bot(
        Settings("", keyring, chat.policy, base_url="https://learn.example"), chat.database, chat.dispatcher,
        chat.delivery, chat.reception, lambda: chat.now, {}, chat.now,
    )  # fmt: skip

    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(web(bot))
        async with httpx.AsyncClient(transport=transport, base_url="https://learn.example") as client:
            return await client.get(address, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return asyncio.run(get())


def booked(chat: Chat) -> Interview:
    chat.say("Ben", "hello")
    chat.say("Amina", "book Ben on Thursday at 10am")
    chat.press("Ben", "Confirm")
    return chat.rows(select(Interview))[0]


def events(response: httpx.Response) -> list[tuple[str, str]]:
    """Start and title of every event, as a second library reads them."""
    found = IcsCalendarStream.calendar_from_ics(response.text).events
    return [(event.dtstart.isoformat(), event.summary) for event in found]


def test_what_is_booked_is_in_the_calendar_that_both_subscribe_to(chat: Chat) -> None:
    booked(chat)
    for who in ("Amina", "Ben"):
        response = fetched(chat, asked(chat, who))
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/calendar; charset=utf-8"
        assert events(response) == [
            ("2026-03-05T10:00:00+00:00", "Learning interview: Amina Khan and Ben Carter"),
        ]


def test_somebody_elses_interviews_are_not_in_it(chat: Chat) -> None:
    booked(chat)
    assert events(fetched(chat, asked(chat, "Chloe"))) == []


def test_a_sets_meetings_are_in_it_for_whoever_comes(chat: Chat) -> None:
    for who in ("Amina", "Ben", "Chloe"):
        chat.say(who, "hello")
    chat.say("Dan", "start a learning set")
    chat.submit("Dan", name="Year 3 set", members="Amina and Ben")
    chat.press("Amina", "Join it")
    chat.press("Ben", "Join it")
    chat.say("Dan", "book our set Thursday at 10")
    chat.press("Ben", "I can’t")
    of_the_set = [("2026-03-05T10:00:00+00:00", "Learning set: Year 3 set")]
    addresses = {who: asked(chat, who) for who in ("Dan", "Amina", "Ben", "Chloe")}
    seen = {who: events(fetched(chat, address)) for who, address in addresses.items()}
    assert seen == {"Dan": of_the_set, "Amina": of_the_set, "Ben": [], "Chloe": []}
    chat.say("Dan", "cancel our set")
    chat.submit("Dan", reason=REASON)
    assert events(fetched(chat, addresses["Amina"])) == []


def test_a_cancelled_interview_is_gone_from_it_and_no_word_of_why(chat: Chat) -> None:
    booked(chat)
    address = asked(chat)
    chat.say("Amina", "cancel my interview")
    chat.submit("Amina", reason=f"I have to see the {REASON}")
    response = fetched(chat, address)
    assert events(response) == []
    assert REASON not in response.text


def test_the_address_stays_the_same_however_often_it_is_asked_for(chat: Chat) -> None:
    assert asked(chat) == asked(chat)
    usual, apple = shown(chat)
    assert re.fullmatch(rf"https://learn\.example/calendar/{chat.person('Amina').id}/[\w-]{{43}}\.ics", usual)
    assert apple == usual.replace("https://", "webcal://")


def test_a_new_address_shuts_the_old_one_at_once(chat: Chat) -> None:
    old = asked(chat)
    chat.press("Amina", "New address")
    (new, _) = shown(chat)
    assert new != old
    assert fetched(chat, old).status_code == 404
    assert fetched(chat, new).status_code == 200
    assert asked(chat) == new


def test_an_address_that_was_switched_off_stays_shut_when_there_is_a_new_one(chat: Chat) -> None:
    old = asked(chat)
    chat.press("Amina", "Switch it off")
    assert "switched off" in chat.last("Amina")
    assert fetched(chat, old).status_code == 404
    new = asked(chat)
    assert new != old
    assert (fetched(chat, old).status_code, fetched(chat, new).status_code) == (404, 200)


def test_nobody_gets_in_with_another_secret_or_another_number(chat: Chat) -> None:
    address = asked(chat)
    amina, ben = chat.person("Amina").id, chat.person("Ben").id
    asked(chat, "Ben")
    secret = address.rpartition("/")[2].removesuffix(".ics")
    for wrong in (
        f"/calendar/{ben}/{secret}.ics", f"/calendar/{amina}/{secret[:-1]}.ics", f"/calendar/{amina}/x{secret}.ics",
        f"/calendar/{amina}/.ics", f"/calendar/{amina}/%C3%A9.ics", f"/calendar/0/{secret}.ics",
        f"/calendar/{10**30}/{secret}.ics", f"/calendar/{amina}/{secret.swapcase()}.ics",
        f"/ics/1/{amina}/%C3%A9.ics",
    ):  # fmt: skip
        assert fetched(chat, wrong).status_code == 404, wrong


def test_whoever_never_asked_has_no_address(chat: Chat) -> None:
    chat.say("Amina", "hello")
    amina = chat.person("Amina")
    secret = KEYRING.person_mark(amina.key, "calendar", amina.id, 0)
    assert fetched(chat, f"/calendar/{amina.id}/{secret}.ics").status_code == 404


def test_nothing_is_there_for_whoever_left_or_was_erased(chat: Chat) -> None:
    amina, ben = asked(chat), asked(chat, "Ben")
    chat.database.run(lambda session: session.execute(update(Person).values(left_at=chat.now)))
    assert fetched(chat, amina).status_code == 404
    chat.database.run(lambda session: session.execute(update(Person).values(left_at=None)))
    ben_id = chat.person("Ben").id
    chat.database.run(lambda session: erasure.erase(session, session.get_one(Person, ben_id), chat.now))
    assert fetched(chat, ben).status_code == 404
    assert fetched(chat, amina).status_code == 200


def test_a_change_of_the_master_key_leaves_every_address_as_it_is(chat: Chat) -> None:
    address = asked(chat)
    both = Keyring([b"n" * 32, b"k" * 32])

    def rewrap(session) -> None:
        for person in session.scalars(select(Person)):
            person.key = both.rewrapped(person.key)

    chat.database.run(rewrap)
    assert fetched(chat, address, keyring=Keyring([b"n" * 32])).status_code == 200


def test_what_has_not_changed_is_not_sent_again(chat: Chat) -> None:
    interview = booked(chat)
    address = asked(chat)
    first = fetched(chat, address)
    chat.wait(minutes=5)
    again = fetched(chat, address, if_none_match=f'"other", {first.headers["etag"]}')
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    chat.database.run(lambda session: setattr(session.get_one(Interview, interview.id), "sequence", 7))
    changed = fetched(chat, address, if_none_match=first.headers["etag"])
    assert changed.status_code == 200
    assert "SEQUENCE:7" in changed.text


def test_no_cache_on_the_way_keeps_it(chat: Chat) -> None:
    address = asked(chat)
    found, shut = fetched(chat, address), fetched(chat, address.replace(".ics", "x.ics"))
    assert found.headers["cache-control"] == shut.headers["cache-control"] == "private, no-cache"


def test_in_a_channel_it_is_not_shown(chat: Chat) -> None:
    chat.say("Amina", "calendar", in_channel="cs")
    assert "/calendar/" not in chat.screen_of("Amina", in_channel="cs")
    assert "direct chat" in chat.last("Amina", in_channel="cs")
    assert chat.person("Amina").subscribed == 0


@pytest.mark.parametrize("said", ["subscribe", "my calendar", "Calendar address", "subscribe to my interviews."])
def test_it_can_be_asked_for_in_other_words(chat: Chat, said: str) -> None:
    chat.say("Amina", said)
    assert len(shown(chat)) == 2


def test_a_bot_without_an_address_says_so(chat: Chat) -> None:
    chat.dispatcher.base_url = ""
    chat.say("Amina", "calendar")
    assert "no web address of my own" in chat.last("Amina")


def test_nothing_secret_is_kept(chat: Chat) -> None:
    """The secret can be made again from the key, and stands in no table once the message has gone."""
    secret = asked(chat).rpartition("/")[2].removesuffix(".ics")

    def everything(session) -> str:
        return repr([session.execute(select(table)).all() for table in Record.metadata.sorted_tables])

    assert secret not in chat.database.run(everything)


def test_slack_and_teams_show_it_whole(chat: Chat) -> None:
    address = asked(chat)
    message = chat.seen("Amina")[-1].message
    for card in (slack.message(message), teams.card(message, direct=True)):
        (slack_would_take if "blocks" in card else teams_would_take)(card)
        assert address in json.dumps(card)
