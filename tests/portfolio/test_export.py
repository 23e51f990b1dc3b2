"""A portfolio is its owner's: previewed, made, handed over once, and then nowhere but with them."""

import io
import json
import zipfile
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from bot.chat import Button
from bot.console import direct_chat
from bot.portfolio.formats import name_of
from bot.portfolio.pages import pages
from storage import erasure
from storage.models import Course, Origin, Person, Portfolio, PortfolioFile
from storage.portfolio import document as doc
from storage.portfolio import notation
from tests.conftest import NOW, Chat
from tests.portfolio.conftest import Desk
from tests.records import THEIRS


def portfolio_in(content: bytes) -> doc.Portfolio:
    """The portfolio in a zip of several kinds of file."""
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        (name,) = [name for name in files.namelist() if name.endswith(".json")]
        return notation.from_json(files.read(name))


def states(chat: Chat) -> list[str]:
    return [one.state for one in chat.rows(select(Portfolio).order_by(Portfolio.id))]


@pytest.mark.parametrize("typed", ["export", "Export my record", "my portfolio", "portfolio", "export my portfolio."])
def test_what_it_would_hold_is_shown_before_anything_is_made(desk: Desk, typed: str) -> None:
    desk.chat.say("Amina", typed)
    shown = desk.chat.last("Amina")
    assert "Learning diary: 40 diary entries" in shown
    assert "Mandatory training: 1 mandatory training\n" in shown
    assert "Learning interviews: 3 learning interviews" in shown
    assert "What others wrote is theirs" in shown
    assert states(desk.chat) == ["draft"]
    assert desk.work() == 0


def test_who_has_nothing_yet_is_told_how_to_begin(desk: Desk) -> None:
    desk.chat.say("Eve", "export")
    assert "There is nothing to put into a portfolio yet" in desk.chat.last("Eve")
    assert states(desk.chat) == []


def test_in_a_channel_it_is_neither_shown_nor_made(desk: Desk) -> None:
    desk.chat.say("Amina", "export", in_channel="cs")
    assert "in our direct chat" in desk.chat.screen_of("Amina", in_channel="cs")
    assert "40" not in desk.chat.screen_of("Ben", in_channel="cs")
    assert states(desk.chat) == []


def test_the_card_says_how_far_it_is_and_then_where_to_fetch_it(desk: Desk) -> None:
    desk.chat.say("Amina", "export")
    desk.chat.press("Amina", "Make it")
    assert "being made: 0 per cent" in desk.chat.last("Amina")
    assert desk.work() == 1
    shown = desk.chat.last("Amina")
    assert "Your portfolio is ready" in shown
    assert "once, until Tue 3 Mar" in shown
    assert "Make it" not in shown


def test_fetching_it_gives_the_whole_record_and_leaves_no_file(desk: Desk) -> None:
    address = desk.made()
    response = desk.post(address)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/zip"
    assert "learning-portfolio-Amina-Khan.zip" in response.headers["content-disposition"]
    held = portfolio_in(response.content)
    assert held.owner.name == "Amina Khan"
    assert [len(getattr(held, section)) for section in doc.SECTIONS] == [40, 6, 1, 20, 6, 3, 1, 1, 3, 1]
    assert desk.chat.rows(select(PortfolioFile)) == []
    desk.chat.wait(seconds=1)
    assert "You have your portfolio." in desk.chat.last("Amina")
    assert address.rpartition("/")[2] not in desk.chat.last("Amina")


def test_looking_at_the_address_does_not_use_it_up(desk: Desk) -> None:
    """Slack, Teams and mail filters open every address that they see."""
    address = desk.made()
    for method in ("GET", "HEAD", "GET"):
        response = desk.ask(method, address)
        assert response.status_code == 200
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["referrer-policy"] == "no-referrer"
    assert "<button>" in desk.get(address).text
    assert "http" not in desk.get(address).text  # nothing is fetched from anywhere
    assert desk.post(address).status_code == 200


def test_it_opens_once(desk: Desk) -> None:
    address = desk.made()
    assert desk.post(address).status_code == 200
    for method in ("GET", "POST"):
        response = desk.ask(method, address)
        assert response.status_code == 404
        assert "opens nothing any more" in response.text


def test_it_opens_for_a_day(desk: Desk) -> None:
    address = desk.made()
    desk.chat.now += timedelta(hours=24)
    assert desk.post(address).status_code == 404
    desk.work()
    assert desk.chat.rows(select(PortfolioFile)) == []
    assert "That portfolio is gone" in desk.chat.screen_of("Amina")


@pytest.mark.parametrize("wrong", ["", "x" * 43, "é" * 43, "../../etc/passwd"])
def test_a_guess_opens_nothing(desk: Desk, wrong: str) -> None:
    address = desk.made()
    base = address.rpartition("/")[0]
    assert desk.post(f"{base}/{wrong}").status_code in (404, 405)
    assert desk.post(f"https://learn.example/portfolio/999999999999/{wrong or 'x'}").status_code == 404
    assert desk.post(address).status_code == 200


def test_the_address_of_one_portfolio_does_not_open_another(desk: Desk) -> None:
    desk.live("Chloe")
    amina, chloe = desk.made(), desk.made("Chloe")
    mixed = f"{chloe.rpartition('/')[0]}/{amina.rpartition('/')[2]}"
    assert desk.post(mixed).status_code == 404


def test_a_second_one_closes_the_first(desk: Desk) -> None:
    first = desk.made()
    second = desk.made()
    assert desk.post(first).status_code == 404
    assert desk.post(second).status_code == 200


def test_it_can_be_stopped_and_deleted_and_made_again(desk: Desk) -> None:
    chat = desk.chat
    chat.say("Amina", "export")
    chat.press("Amina", "Make it")
    chat.press("Amina", "Stop")
    assert desk.work() == 0
    assert "That portfolio is gone" in chat.last("Amina")
    chat.press("Amina", "Make another")
    chat.press("Amina", "Make it")
    desk.work()
    address = desk.address()
    chat.press("Amina", "Delete it now")
    assert desk.post(address).status_code == 404
    assert chat.rows(select(PortfolioFile)) == []


def test_pressing_twice_makes_it_once(desk: Desk) -> None:
    chat = desk.chat
    chat.say("Amina", "export")
    (portfolio,) = chat.rows(select(Portfolio))
    chat.tap("Amina", "portfolio.make", portfolio.id)
    chat.tap("Amina", "portfolio.make", portfolio.id)
    assert "on its way already" in chat.last("Amina")
    assert desk.work() == 1


def test_nothing_of_it_is_kept_in_plain_words(desk: Desk) -> None:
    desk.made()
    (kept,) = desk.chat.rows(select(PortfolioFile))
    assert b"asked before" not in kept.content
    assert kept.content[:1] == b"\x01"


def test_what_others_wrote_is_theirs(desk: Desk) -> None:
    held = portfolio_in(desk.post(desk.made()).content)
    assert THEIRS not in notation.to_json(held).decode()
    assert [one.other for one in held.interviews] == ["Ben Carter"] * 3
    assert {target.agreed_with for target in held.targets} == {"Ben Carter"}
    assert any(entry.quoted and entry.quoted.by == "Chloe Dunn" for entry in held.diary)


def test_nobody_else_can_make_stop_or_repeat_it(desk: Desk) -> None:
    chat = desk.chat
    chat.say("Amina", "export")
    (portfolio,) = chat.rows(select(Portfolio))
    for who in ("Ben", "Ola", "Cora"):
        for action in ("portfolio.make", "portfolio.stop", "portfolio.again"):
            chat.tap(who, action, portfolio.id)
            assert "I can't find that any more" in chat.last(who)
    assert states(chat) == ["draft"]


def test_the_policys_words_for_its_keys_are_in_what_is_read(desk: Desk) -> None:
    chat = desk.chat
    choice = chat.policy.courses.activities[0]
    chat.database.run(lambda session: session.execute(update(Course).values(kind=choice.key, kind_words=None)))
    with zipfile.ZipFile(io.BytesIO(desk.post(desk.made()).content)) as files:
        page = files.read(next(name for name in files.namelist() if name.endswith(".html"))).decode()
    assert choice.label in page


def test_every_record_keeps_its_name_from_one_portfolio_to_the_next(desk: Desk) -> None:
    first = portfolio_in(desk.post(desk.made()).content)
    desk.chat.say("Amina", "diary: one more")
    second = portfolio_in(desk.post(desk.made()).content)
    before = {item.uid: item for _, item in doc.items(first)}
    after = {item.uid: item for _, item in doc.items(second)}
    assert before.items() < after.items()
    assert len(after) == len(before) + 1


def test_a_number_that_is_used_again_does_not_inherit_a_name(desk: Desk) -> None:
    """SQLite gives the number of the last record that was deleted to the next one."""
    chat = desk.chat
    chat.say("Amina", "diary: the last one")
    first = portfolio_in(desk.post(desk.made()).content)
    (gone,) = [entry.uid for entry in first.diary if entry.words == "the last one"]
    chat.say("Amina", "diary")
    chat.press("Amina", "Open")
    chat.press("Amina", "Remove")
    chat.wait(seconds=1)
    chat.say("Amina", "diary: another one")
    second = portfolio_in(desk.post(desk.made()).content)
    assert gone not in {entry.uid for entry in second.diary}
    assert "another one" in {entry.words for entry in second.diary}


def test_both_partners_can_take_the_interview_they_share(desk: Desk) -> None:
    desk.made()
    theirs = portfolio_in(desk.post(desk.made("Ben")).content)
    assert len(theirs.interviews) == 3
    assert {one.other for one in theirs.interviews} == {"Amina Khan"}
    assert "Only for me" not in notation.to_json(theirs).decode()


def test_where_files_can_be_put_into_the_chat_it_goes_there_and_is_never_stored(chat: Chat) -> None:
    desk = Desk(chat, takes_files=True)
    desk.live()
    chat.say("Amina", "export")
    chat.press("Amina", "Make it")
    desk.work()
    (given,) = chat.screen.files
    assert given.conversation == direct_chat("amina@example.org").conversation
    assert len(portfolio_in(given.content).diary) == 40
    assert chat.rows(select(PortfolioFile)) == []
    assert "You have your portfolio." in chat.last("Amina")
    desk.close()


def test_what_breaks_is_told_and_can_be_tried_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bytes:
        raise ValueError("nothing of this may be logged")

    monkeypatch.setattr("bot.documents.html_page.write", broken)
    desk.chat.say("Amina", "export")
    desk.chat.press("Amina", "Make it")
    desk.work()
    assert "That was on my side" in desk.chat.last("Amina")
    monkeypatch.undo()
    desk.chat.press("Amina", "Try again")
    desk.chat.press("Amina", "Make it")
    desk.work()
    assert "Your portfolio is ready" in desk.chat.last("Amina")


def test_what_a_process_left_half_made_is_taken_up_once_and_then_given_up(desk: Desk) -> None:
    """Killed while it makes one: the next process makes it; killed again, its owner decides."""
    from storage.portfolio import making
    from tests.conftest import KEYRING

    def claim() -> making.Job | None:
        return desk.chat.database.run(lambda session: making.claim(session, KEYRING, desk.chat.now, "killed"))

    desk.chat.say("Amina", "export")
    desk.chat.press("Amina", "Make it")
    assert claim() is not None
    assert desk.work() == 0  # its lease still stands
    desk.chat.now += making.LEASE * 2
    assert claim() is not None
    desk.chat.now += making.LEASE * 2
    assert desk.work() == 0
    assert states(desk.chat) == ["failed"]


def test_erasing_somebody_takes_file_names_and_address_with_them(desk: Desk) -> None:
    address = desk.made()
    chat = desk.chat
    amina = chat.person("Amina").id
    chat.database.run(lambda session: erasure.erase(session, session.get_one(Person, amina), chat.now))
    assert desk.post(address).status_code == 404
    for table in (Portfolio, PortfolioFile, Origin):
        assert chat.rows(select(table)) == []


def test_somebody_erased_while_it_is_made_gets_nothing(desk: Desk) -> None:
    from storage.portfolio import making
    from tests.conftest import KEYRING

    chat = desk.chat
    chat.say("Amina", "export")
    chat.press("Amina", "Make it")
    job = chat.database.run(lambda session: making.claim(session, KEYRING, chat.now, "test"))
    assert job is not None
    amina = chat.person("Amina").id
    chat.database.run(lambda session: erasure.erase(session, session.get_one(Person, amina), chat.now))
    made = chat.database.run(
        lambda session: making.ready(session, KEYRING, job.portfolio_id, "test", "x", "text/plain", b"x", chat.now)
    )
    assert not made
    assert chat.rows(select(PortfolioFile)) == []


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        ("Amina Khan", "learning-portfolio-Amina-Khan.html"),
        ("../../x", "learning-portfolio-x.html"),
        ("", "learning-portfolio-mine.html"),
        ("Siân O’Brien \r\n", "learning-portfolio-Siân-O-Brien.html"),
        ("م" * 500, f"learning-portfolio-{'م' * 60}.html"),
    ],
)
def test_a_file_has_a_name_that_every_system_takes(owner: str, name: str) -> None:
    assert name_of(owner, "html") == name


def test_a_button_of_nobodys_portfolio_is_refused(desk: Desk) -> None:
    desk.chat.run(desk.chat.visitor("Amina").tap(Button("", "portfolio.make", 4711), direct_chat("amina@example.org")))
    assert "I can't find that any more" in desk.chat.last("Amina")


def test_the_json_says_what_it_is(desk: Desk) -> None:
    content = desk.post(desk.made()).content
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        said = json.loads(files.read(next(name for name in files.namelist() if name.endswith(".json"))))
    assert (said["format"], said["version"]) == ("learnbot-portfolio", 1)


def test_where_only_the_link_to_somebody_elses_message_was_kept_the_link_is_there_and_no_empty_quote() -> None:
    said = doc.Quoted(by="Ben Carter", link="https://town.slack.com/archives/C1/p1")
    entry = doc.DiaryEntry(uid=f"urn:uuid:{UUID(int=1)}", made_at=NOW, words="Strengths first!", quoted=said)
    portfolio = doc.Portfolio(made_at=NOW, owner=doc.Owner(name="Amina Khan", organisation=""), diary=(entry,))
    lines = pages(portfolio, ZoneInfo("Europe/London")).chapters[0].records[0].lines
    assert [line.words for line in lines] == [
        "Strengths first!",
        "About a message of Ben Carter’s: https://town.slack.com/archives/C1/p1",
    ]
