"""Nothing of a paper is ever logged, however much is: not while it is made, nor when that breaks."""

import logging

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from storage.models import Finding, PlanItem
from tests.conftest import KEYRING, Chat
from tests.papers.conftest import Office
from tests.papers.organisation import Organisation
from tests.trust.test_private import CANARY, everything_logged


def lived(office: Office) -> None:
    def work(session: Session) -> None:
        Organisation(session, canary=CANARY).live()
        kept = KEYRING.seal_for_organisation(CANARY)
        session.execute(update(PlanItem).values(need=kept, criteria=kept))
        session.execute(update(Finding).values(words=kept))

    office.do(work)


@pytest.mark.parametrize(("who", "words"), [("Ola", "export review"), ("Cora", "yearly report")])
def test_not_a_word_while_it_is_made(chat: Chat, who: str, words: str) -> None:
    with everything_logged() as written:
        logging.getLogger("of the test").debug("is heard")
        office = Office(chat)
        lived(office)
        made = office.in_kinds("html", "pdf", "word", "csv", who=who, words=words)
        address = office.address(who)
        office.close()
        logged = "".join(
            line for line in written.getvalue().splitlines(True) if not line.startswith(("httpx", "INFO httpx"))
        )
    assert "is heard" in logged
    assert CANARY not in logged
    assert address.rpartition("/")[2] not in logged
    assert (CANARY.encode() in made["html"]) == (words == "export review")


@pytest.mark.parametrize("where", ["bot.documents.pdf_file.write", "handlers.papers.report.pages"])
def test_not_a_word_when_it_breaks(chat: Chat, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    def broken(*_: object) -> bytes:
        raise ValueError(f"with the words {CANARY}")

    monkeypatch.setattr(where, broken)
    with everything_logged() as written:
        office = Office(chat)
        chat.say("Cora", "yearly report")
        chat.press("Cora", "Make it")
        office.work()
        office.close()
        logged = written.getvalue()
    assert "not made" in logged
    assert CANARY not in logged
    assert "could not be written" in chat.last("Cora")
