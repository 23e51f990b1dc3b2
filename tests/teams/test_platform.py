"""What becomes of a message that Teams takes, refuses, or leaves in doubt."""

import socket

import aiohttp
import pytest

from bot.chat import Account, Button, Buttons, Message, Place, Quote, text
from bot.platforms import Address, CannotTell, NotAccepted, Sent
from bot.teams.platform import TeamsPlatform, Uncertain, new_session
from tests.clients.entra import TENANT
from tests.teams.world import AMINA, CHANNEL, World, buttons

WHO = Account("teams", TENANT, AMINA["aadObjectId"])
HELLO = Message("hello", (text("hello"),))


@pytest.fixture
def chat(world: World) -> Place:
    return Place("teams", TENANT, "a:amina", direct=True, service_url=world.connector.url)


def send(world: World, to: Address, message: Message = HELLO) -> Sent:
    return world.runner.run(world.platform.send(to, message, "key"))


def test_a_sent_message_says_where_it_is(world: World, chat: Place) -> None:
    sent = send(world, Address(WHO, chat))
    assert (sent.place, sent.message) == (chat, "1700000000001")
    world.runner.run(world.platform.update(sent, HELLO))
    (changed,) = world.connector.posted("PUT")
    assert changed.path == "/conversations/a:amina/activities/1700000000001"
    assert changed.body["id"] == "1700000000001"


def test_a_channel_is_written_to_at_its_top_or_in_a_thread(world: World, chat: Place) -> None:
    channel = Place("teams", TENANT, CHANNEL, direct=False, service_url=world.connector.url)
    send(world, Address(None, channel))
    threaded = Place("teams", TENANT, CHANNEL, direct=False, thread="17", service_url=world.connector.url)
    sent = send(world, Address(None, threaded))
    direct = Place("teams", TENANT, "a:amina", direct=True, thread="17", service_url=world.connector.url)
    send(world, Address(None, direct))
    assert [asked.path for asked in world.connector.posted()] == [
        f"/conversations/{CHANNEL}/activities",
        f"/conversations/{CHANNEL};messageid=17/activities",
        "/conversations/a:amina/activities",
    ]
    assert sent.place.conversation == CHANNEL
    world.runner.run(world.platform.update(sent, HELLO))
    (changed,) = world.connector.posted("PUT")
    assert changed.path == f"/conversations/{CHANNEL};messageid=17/activities/{sent.message}"


@pytest.mark.parametrize(
    ("status", "code", "reason", "final"),
    [
        (403, "BotNotInConversationRoster", "not_installed", True),
        (403, "BotDisabledByAdmin", "not_installed", True),
        (403, "ConversationBlockedByUser", "blocked", True),
        (403, "MessageWritesBlocked", "blocked", True),
        (403, "", "not_installed", True),
        (404, "ConversationNotFound", "no_such_place", True),
        (404, "BotNotInConversationRoster", "not_installed", True),
        (401, "", "token_revoked", False),
        (412, "PreconditionFailed", "unavailable", False),
        (413, "MessageSizeTooBig", "too_large", True),
        (400, "BadSyntax", "refused", True),
        (302, "", "", None),
    ],
)
def test_a_refusal_is_named(world: World, chat: Place, status: int, code: str, reason: str, final: bool | None) -> None:
    world.connector.answers(status, code, Location="https://evil.example/")
    if final is None:
        with pytest.raises(Uncertain):
            send(world, Address(WHO, chat))
    else:
        with pytest.raises(NotAccepted) as refused:
            send(world, Address(WHO, chat))
        assert (refused.value.reason, refused.value.final) == (reason, final)
    assert len(world.connector.asked) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("30", 30.0), ("Mon, 02 Mar 2026 09:01:00 GMT", 60.0), ("Mon, 02 Mar 2026 08:00:00 GMT", 0.0), ("soon", None)],
)
def test_when_teams_asks_for_a_rest_its_length_is_passed_on(
    world: World, chat: Place, header: str, seconds: float | None
) -> None:
    world.connector.answers(429, "", Retry_After=header)
    with pytest.raises(NotAccepted) as refused:
        send(world, Address(WHO, chat))
    assert (refused.value.reason, refused.value.retry_after) == ("rate_limited", seconds)


@pytest.mark.parametrize("fault", [500, 502, 503, 504, "reset"])
def test_accepted_and_then_failed_is_uncertain_and_never_sent_twice(
    world: World, chat: Place, fault: int | str
) -> None:
    world.connector.answers(fault)
    with pytest.raises((Uncertain, aiohttp.ClientError)):
        send(world, Address(WHO, chat))
    assert len(world.connector.posted()) == 1
    with pytest.raises(CannotTell):
        world.runner.run(world.platform.find(Address(WHO, chat), "key"))


@pytest.mark.parametrize("fault", [504, "reset"])
def test_through_the_outbox_an_uncertain_answer_is_not_sent_again(world: World, fault: int | str) -> None:
    world.say("first")
    world.connector.answers(fault)
    world.say("second", id="1700000000002")
    world.wait(hours=1)
    world.runner.run(world.delivery.reconcile())
    world.runner.run(world.delivery.run_until_idle())
    assert len(world.connector.posted()) == 2
    assert world.owed() == [("sent", ""), ("uncertain", "cannot_tell")]
    world.say("third", id="1700000000003")
    assert "may not have reached you" in world.connector.posted()[-1].words


def test_nobody_there_is_certain(world: World) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        port = taken.getsockname()[1]
        platform = TeamsPlatform()
        from bot.teams.guard import ServiceUrls

        async def attempt() -> None:
            async with new_session() as http:
                platform.connect(
                    http, None, client_id="x", tenant_id=TENANT, service_urls=ServiceUrls((), loopback=True),
                    clock=lambda: world.now,
                )  # fmt: skip
                place = Place("teams", TENANT, "a:x", direct=True, service_url=f"http://127.0.0.1:{port}")
                await platform.send(Address(None, place), HELLO, "key")

        with pytest.raises(NotAccepted, match="unreachable"):
            world.runner.run(attempt())


def test_before_it_is_connected_nothing_is_accepted(world: World, chat: Place) -> None:
    with pytest.raises(NotAccepted, match="unavailable"):
        world.runner.run(TeamsPlatform().send(Address(WHO, chat), HELLO, "key"))


def test_a_withdrawn_secret_is_told_from_a_fault(world: World, chat: Place) -> None:
    for error, reason in (
        (ValueError("invalid_client"), "token_revoked"),
        (ValueError("temporarily_unavailable"), "unavailable"),
        (OSError("no network"), "unreachable"),
    ):

        async def token(error: Exception = error) -> str:
            raise error

        world.platform._token = token
        with pytest.raises(NotAccepted, match=reason):
            send(world, Address(WHO, chat))
    assert world.connector.asked == []


def test_somebody_never_met_gets_a_chat_of_their_own(world: World) -> None:
    near = Place("teams", TENANT, CHANNEL, direct=False, service_url=world.connector.url)
    sent = send(world, Address(WHO, near, private=True))
    assert (sent.place.conversation, sent.place.direct) == ("a:opened", True)
    assert world.connector.asked[0].body["members"] == [{"id": WHO.user}]
    send(world, Address(WHO, near, private=True))
    assert [asked.path for asked in world.connector.asked].count("/conversations") == 1


@pytest.mark.parametrize(("fault", "reason"), [(403, "not_installed"), (503, "unavailable"), ("reset", "unavailable")])
def test_a_chat_that_cannot_be_opened_is_certain(world: World, fault: int | str, reason: str) -> None:
    near = Place("teams", TENANT, CHANNEL, direct=False, service_url=world.connector.url)
    world.connector.answers(fault)
    with pytest.raises(NotAccepted, match=reason):
        send(world, Address(WHO, near, private=True))
    assert world.connector.posted() == []


def test_nobody_and_nowhere_is_no_place(world: World) -> None:
    with pytest.raises(NotAccepted, match="no_such_place"):
        send(world, Address(None, None))


def test_too_much_is_refused_before_it_is_sent(world: World, chat: Place) -> None:
    with pytest.raises(NotAccepted) as refused:
        send(world, Address(WHO, chat), Message("x", (text("{words}", words="a" * 40_001),)))
    assert (refused.value.reason, refused.value.final) == ("too_large", True)
    assert world.connector.asked == []
    send(world, Address(WHO, chat), Message("x", (Quote("a" * 40_001),)))


def test_ids_are_quoted_where_they_stand_in_a_path(world: World) -> None:
    place = Place("teams", TENANT, "a:../../b?c#d", direct=True, service_url=world.connector.url)
    send(world, Address(WHO, place))
    assert world.connector.asked[0].path == "/conversations/a:../../b?c#d/activities"


FORM_BUTTON = Message("A form", (Buttons((Button("Start", "t.start", opens_form=True),)),))


def action_in(world: World, *, direct: bool) -> str:
    place = Place("teams", TENANT, "a:amina" if direct else CHANNEL, direct, service_url=world.connector.url)
    (action,) = buttons(world.platform.drawn(FORM_BUTTON, place)["attachments"][0]["content"]).values()
    return str(action["type"])


def test_in_a_channel_a_button_opens_a_dialog(world: World) -> None:
    assert action_in(world, direct=False) == "Action.Submit"
    assert action_in(world, direct=True) == "Action.Execute"


def test_the_local_chat_windows_have_no_dialogs_and_get_an_ordinary_button(local: World) -> None:
    assert action_in(local, direct=False) == action_in(local, direct=True) == "Action.Execute"
