"""Nothing of a portfolio is ever logged, however much is: not while it is made, nor brought, nor when that breaks."""

import logging

import pytest

from bot.portfolio.formats import FORMATS
from storage.portfolio import document as doc
from storage.portfolio import notation
from storage.portfolio.notation import NotAPortfolio
from tests.conftest import NOW, Chat
from tests.portfolio.conftest import Desk
from tests.trust.test_private import CANARY, everything_logged

UID = "urn:uuid:00000000-0000-4000-8000-00000000000{}"


def test_not_a_word_while_it_is_made_and_brought(chat: Chat) -> None:
    with everything_logged() as written:
        logging.getLogger("of the test").debug("is heard")
        desk = Desk(chat)
        chat.say("Amina", f"diary: {CANARY} 漢 تعلمت")
        chat.say("Amina", "export")
        chat.press("Amina", "Choose")
        chat.submit("Amina", formats="\n".join(FORMATS))
        chat.press("Amina", "Make it")
        desk.work()
        address = desk.address()
        content = desk.post(address).content
        chat.say("Dan", "import")
        assert desk.post(desk.address("Dan"), files={"file": (f"{CANARY}.zip", content)}).status_code == 200
        chat.wait(seconds=1)
        chat.press("Dan", "Bring it in")
        desk.work()
        assert "Your portfolio is in" in chat.last("Dan")
        chat.say("Dan", "import")
        broken = b'{"format": "learnbot-portfolio", "version": 1, "x": "x"}'.replace(b"x", CANARY.encode())
        assert desk.post(desk.address("Dan"), files={"file": ("x", broken)}).status_code == 422
        desk.close()
        # what the browser of this test says of itself is not the bot's
        logged = "".join(
            line for line in written.getvalue().splitlines(True) if not line.startswith(("httpx", "INFO httpx"))
        )
    assert "is heard" in logged
    assert CANARY not in logged
    assert address.rpartition("/")[2] not in logged


@pytest.mark.parametrize("where", ["bot.documents.pdf_file.write", "storage.portfolio.making.ready"])
def test_not_a_word_when_it_breaks(chat: Chat, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    def broken(*_: object) -> bytes:
        raise ValueError(f"with the words {CANARY}")

    monkeypatch.setattr(where, broken)
    with everything_logged() as written:
        desk = Desk(chat)
        chat.say("Amina", f"diary: {CANARY}")
        chat.say("Amina", "export")
        chat.press("Amina", "Make it")
        desk.work()
        desk.close()
        logged = written.getvalue()
    assert "not made" in logged
    assert CANARY not in logged
    assert "could not be made" in chat.last("Amina")


def test_a_mistake_is_named_without_what_somebody_wrote() -> None:
    said = {"format": doc.FORMAT, "version": 1, "made_at": NOW, "owner": {"name": "D"},
            "diary": [{"uid": UID.format(1), "made_at": CANARY, "words": CANARY, "tags": CANARY}]}  # fmt: skip
    with pytest.raises(NotAPortfolio) as mistake:
        notation.from_plain(doc.Portfolio, said)
    assert CANARY not in str(mistake.value)
    assert "diary.0.made_at" in str(mistake.value)
