"""A portfolio goes with its owner: brought to another organisation, looked at first, taken in once, the same again."""

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.portfolio.formats import FORMATS
from bot.portfolio.reading import LARGEST
from bot.portfolio_pages import file_in_form
from storage.models import (
    CarriedOver,
    Course,
    Entry,
    Evidence,
    Origin,
    Owed,
    Portfolio,
    PortfolioFile,
    Reflection,
    Target,
)
from storage.portfolio import document as doc
from storage.portfolio import notation
from storage.portfolio.gathering import gather
from storage.portfolio.taking import take
from tests.conftest import KEYRING, NOW, Chat
from tests.portfolio.conftest import Desk
from tests.records import lived


def held_by(chat: Chat, who: str) -> doc.Portfolio:
    """What somebody would export now."""
    person = chat.person(who)
    return chat.database.run(lambda session: gather(session, person, KEYRING, "Elsewhere", NOW))


@pytest.fixture
def portfolio(desk: Desk) -> doc.Portfolio:
    """Amina's year, as she takes it with her."""
    return held_by(desk.chat, "Amina")


@pytest.fixture
def new(chat: Chat) -> Iterator[Desk]:
    """Another organisation, where nobody has any record; Dan is the one who comes to it."""
    desk = Desk(chat)
    yield desk
    desk.close()


def made_elsewhere(tmp_path_factory: pytest.TempPathFactory, years: int = 1) -> doc.Portfolio:
    """A portfolio from a database that is not this one."""
    from storage.database import Database, Record
    from tests.conftest import enrol

    database = Database(f"sqlite:///{tmp_path_factory.mktemp('elsewhere')}/there.db")
    Record.metadata.create_all(database.engine)
    enrol(database)
    database.run(lambda session: lived(session, "dan@example.org", KEYRING, NOW, years))
    from storage import people

    def all_of(session) -> doc.Portfolio:
        person = people.by_email(session, "dan@example.org")
        assert person is not None
        return gather(session, person, KEYRING, "Elsewhere", NOW)

    portfolio = database.run(all_of)
    database.close()
    return portfolio


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> doc.Portfolio:
    return made_elsewhere(tmp_path_factory)


def written(portfolio: doc.Portfolio, kind: str) -> bytes:
    from zoneinfo import ZoneInfo

    return FORMATS[kind].write(portfolio, ZoneInfo("Europe/London"), {})


def brought(new: Desk, content: bytes, name: str = "portfolio.json", who: str = "Dan"):
    """Say `import`, open the address and hand the file in."""
    new.chat.say(who, "import")
    return new.post(new.address(who), files={"file": (name, content, "application/octet-stream")})


@pytest.mark.parametrize(("kind", "name"), [("json", "p.json"), ("leap2a", "leap2a.xml")])
def test_a_year_goes_to_another_organisation_and_comes_out_the_same(
    new: Desk, year: doc.Portfolio, kind: str, name: str
) -> None:
    response = brought(new, written(year, kind), name)
    assert response.status_code == 200
    assert "Go back to the chat" in response.text
    new.chat.wait(seconds=1)
    shown = new.chat.last("Dan")
    assert "made at Elsewhere" in shown
    assert "Learning diary: 40 new" in shown
    assert "Learning interviews: 3 kept as history" in shown
    assert "It says that it belongs to" not in shown
    assert new.chat.rows(select(Entry)) == []  # nothing is written before the yes
    new.chat.press("Dan", "Bring it in")
    new.work()
    assert "Your portfolio is in" in new.chat.last("Dan")
    assert held_by(new.chat, "Dan") == year
    assert new.chat.rows(select(PortfolioFile)) == []


def test_bringing_it_twice_brings_nothing(new: Desk, year: doc.Portfolio) -> None:
    for _ in range(2):
        brought(new, written(year, "json"))
        new.chat.wait(seconds=1)
        if "Everything in it is here already" in new.chat.last("Dan"):
            break
        new.chat.press("Dan", "Bring it in")
        new.work()
    assert "Everything in it is here already" in new.chat.last("Dan")
    assert "[Bring it in]" not in new.chat.last("Dan")
    assert held_by(new.chat, "Dan") == year


def test_back_where_it_came_from_only_what_is_new_comes_in(desk: Desk, portfolio: doc.Portfolio) -> None:
    fresh = doc.DiaryEntry(uid="urn:uuid:00000000-0000-4000-8000-000000000001", made_at=NOW, words="from elsewhere")
    brought(desk, notation.to_json(replace(portfolio, diary=(*portfolio.diary, fresh))), who="Amina")
    desk.chat.wait(seconds=1)
    assert "Learning diary: 1 new, 40 here already" in desk.chat.last("Amina")
    desk.chat.press("Amina", "Bring it in")
    desk.work()
    after = held_by(desk.chat, "Amina")
    assert set(after.diary) == {*portfolio.diary, fresh}
    assert replace(after, diary=()) == replace(portfolio, diary=())


def test_nothing_that_came_in_is_asked_about(new: Desk, year: doc.Portfolio) -> None:
    late = replace(year.courses[0], starts_on=NOW.date() - timedelta(days=44), ends_on=NOW.date() - timedelta(days=43))
    take_in(new, replace(year, courses=(*year.courses[1:], replace(late, impact=(), reflection=None, worth=None))))
    new.chat.say("Dan", "hello")
    new.chat.wait(days=14)
    asked = new.chat.rows(select(Owed).where(Owed.to_id == new.chat.person("Dan").id, Owed.notice.like("courses.%")))
    assert asked == []
    assert "What did you make of" not in new.chat.screen_of("Dan")


def take_in(new: Desk, portfolio: doc.Portfolio, who: str = "Dan") -> None:
    person = new.chat.person(who)
    new.chat.database.run(lambda session: take(session, person, KEYRING, portfolio, NOW))


def test_what_belongs_together_stays_together(new: Desk, year: doc.Portfolio) -> None:
    take_in(new, year)
    courses, targets = new.chat.rows(select(Course)), {one.id for one in new.chat.rows(select(Target))}
    assert {course.target_id for course in courses} <= targets
    assert {one.course_id for one in new.chat.rows(select(Reflection))} <= {course.id for course in courses}
    assert all(target.agreement == "" and target.other_id is None for target in new.chat.rows(select(Target)))


def test_where_the_standard_is_known_evidence_and_self_reviews_find_their_place(new: Desk, year: doc.Portfolio) -> None:
    new.chat.database.run(lambda session: lived(session, "chloe@example.org", KEYRING, NOW))  # the standard is here now
    before = len(new.chat.rows(select(Evidence)))
    take_in(new, year)
    assert len(new.chat.rows(select(Evidence))) > before
    assert [one.kind for one in new.chat.rows(select(CarriedOver)) if one.kind == "self_reviews"] == []
    assert held_by(new.chat, "Dan") == year


def test_the_same_address_takes_another_file_after_one_that_cannot_be_read(new: Desk, year: doc.Portfolio) -> None:
    response = brought(new, b"{not json")
    assert response.status_code == 422
    assert "cut off on its way" in response.text
    again = new.post(new.address("Dan"), files={"file": ("p.json", written(year, "json"))})
    assert again.status_code == 200


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b"hello", "neither JSON nor Leap2A"),
        (b"[]", "neither JSON nor Leap2A"),
        (b"{}", "not a portfolio"),
        (b'{"format": "learnbot-portfolio", "version": 2}', "newer version"),
        (b'{"format": "learnbot-portfolio", "version": 1}', "made_at: is missing"),
        (b"<html/>", "not Leap2A"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"/>', "not Leap2A of the version"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><feed/>', "it holds a DTD"),
        (b"<feed>", "cut off"),
        (b"PK\x03\x04broken", "the zip cannot be opened"),
        (b"{" * 100_000, "cut off"),
        (b"\xff\xfe\x00", "neither JSON nor Leap2A"),
        (
            b'{"format": "learnbot-portfolio", "version": 1, "made_at": "2026-01-01T00:00:00Z", "owner": {"name": "D"},'
            b' "diary": [{"uid": "1", "made_at": "yesterday", "words": "canary"}]}',
            "diary.0.uid: is not written as it should be",
        ),
    ],
)
def test_every_mistake_is_named_kindly_and_nothing_is_kept(new: Desk, content: bytes, said: str) -> None:
    response = brought(new, content)
    assert response.status_code == 422
    assert said in response.text
    assert "canary" not in response.text
    assert "Nothing was kept" in response.text
    assert new.chat.rows(select(PortfolioFile)) == []


def test_a_zip_that_holds_one_is_taken_whatever_else_is_in_it(new: Desk, year: doc.Portfolio) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("files/../../x.png", b"x")
        files.writestr("leap2a.xml", written(year, "leap2a"))
    assert brought(new, packed.getvalue(), "mahara.zip").status_code == 200


def test_a_zip_that_grows_is_not_read_to_its_end(new: Desk) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("p.json", b"0" * (70 * 1024 * 1024))
    response = brought(new, packed.getvalue(), "bomb.zip")
    assert response.status_code == 422
    assert "larger than 60 MB" in response.text


def test_what_is_too_large_is_refused_before_it_is_read(new: Desk) -> None:
    new.chat.say("Dan", "import")
    response = new.post(new.address("Dan"), files={"file": ("p.json", b"x" * (LARGEST + 20_000))})
    assert response.status_code == 413


def test_without_the_address_nothing_is_taken(new: Desk, year: doc.Portfolio) -> None:
    new.chat.say("Dan", "import")
    guess = f"{new.address('Dan').rpartition('/')[0]}/{'x' * 43}"
    assert new.post(guess, files={"file": ("p.json", written(year, "json"))}).status_code == 404
    assert new.chat.rows(select(PortfolioFile)) == []


def test_the_address_takes_one_file_and_works_for_a_day(new: Desk, year: doc.Portfolio) -> None:
    assert brought(new, written(year, "json")).status_code == 200
    with pytest.raises(LookupError):
        new.chat.wait(seconds=1) or new.address("Dan")
    new.chat.say("Dan", "import")
    late = new.address("Dan")
    new.chat.now += timedelta(hours=25)
    assert new.post(late, files={"file": ("p.json", written(year, "json"))}).status_code == 404
    new.work()
    assert "Nothing came in" in new.chat.screen_of("Dan")


def test_leaving_it_keeps_nothing(new: Desk, year: doc.Portfolio) -> None:
    brought(new, written(year, "json"))
    new.chat.wait(seconds=1)
    new.chat.press("Dan", "Leave it")
    assert "Nothing came in" in new.chat.last("Dan")
    assert new.chat.rows(select(PortfolioFile)) == []
    (portfolio,) = new.chat.rows(select(Portfolio))
    new.chat.tap("Dan", "portfolio.take", portfolio.id)
    assert "That file is not here any more" in new.chat.last("Dan")


def test_somebody_elses_portfolio_is_said_to_be_that(new: Desk, year: doc.Portfolio) -> None:
    brought(new, written(replace(year, owner=doc.Owner(name="Chloe Dunn")), "json"))
    new.chat.wait(seconds=1)
    assert "It says that it belongs to Chloe Dunn." in new.chat.last("Dan")


def test_nobody_else_can_take_it_in(new: Desk, year: doc.Portfolio) -> None:
    brought(new, written(year, "json"))
    (portfolio,) = new.chat.rows(select(Portfolio))
    for who in ("Ben", "Cora"):
        for action in ("portfolio.take", "portfolio.leave"):
            new.chat.tap(who, action, portfolio.id)
            assert "I can't find that any more" in new.chat.last(who)


def test_a_period_that_has_a_log_here_keeps_it_and_the_other_is_history(new: Desk, year: doc.Portfolio) -> None:
    take_in(new, year)
    other = replace(year.logs[0], uid="urn:uuid:00000000-0000-4000-8000-000000000002")
    take_in(new, replace(year, logs=(other, replace(other, uid="urn:uuid:00000000-0000-4000-8000-000000000003"))))
    assert len(held_by(new.chat, "Dan").logs) == len(year.logs) + 2
    assert [one.kind for one in new.chat.rows(select(CarriedOver)) if one.kind == "logs"] == ["logs", "logs"]


def test_what_came_with_a_record_goes_with_it(new: Desk, year: doc.Portfolio) -> None:
    take_in(new, year)
    more = [one.uid for one in new.chat.rows(select(CarriedOver).where(CarriedOver.kind == "more"))]
    target = year.targets[0].uid
    assert f"{target}#more" in more
    number = new.chat.rows(select(Origin.about).where(Origin.uid == target))[0]
    new.chat.database.run(lambda session: session.delete(session.get_one(Target, number)))
    assert target not in {one.uid for one in held_by(new.chat, "Dan").targets}
    left = [one.uid for one in new.chat.rows(select(CarriedOver).where(CarriedOver.kind == "more"))]
    assert set(more) - set(left) == {f"{target}#more"}


def test_words_that_no_database_takes_come_in_all_the_same(new: Desk) -> None:
    said = {
        "format": doc.FORMAT, "version": 1, "made_at": "2026-01-01T00:00:00Z", "owner": {"name": "Dan Evans"},
        "diary": [{"uid": "urn:uuid:00000000-0000-4000-8000-000000000004", "made_at": "2026-01-01T00:00:00+01:00",
                   "words": "nul \u0000, half \ud83d, ]]> and \uffff"}],
    }  # fmt: skip
    take_in(new, notation.from_json(json.dumps(said).encode()))
    (entry,) = held_by(new.chat, "Dan").diary
    assert entry.words == "nul \u0000, half ?, ]]> and \uffff"
    again = notation.from_json(written(held_by(new.chat, "Dan"), "json"))
    assert again.diary == (entry,)
    from bot.portfolio.leap2a_reader import read

    assert read(written(again, "leap2a")).diary == (entry,)
    for kind in FORMATS:
        assert written(again, kind)


def test_a_file_in_a_form_is_found_byte_for_byte() -> None:
    content = bytes(range(256)) * 3 + b"\r\n--not the boundary\r\n\r\n"
    body = (
        b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + content + b"\r\n--b--\r\n"
    )
    assert file_in_form(body, "multipart/form-data; boundary=b") == content
    assert file_in_form(body, 'multipart/form-data; boundary="b"') == content
    assert file_in_form(body, "multipart/form-data") == b""
    assert file_in_form(b"rubbish", "multipart/form-data; boundary=b") == b""
