"""What is in a portfolio is its owner's choice: whole parts, single records, kinds of file."""

import io
import zipfile

import pytest
from sqlalchemy import select

from bot.chat import joined
from storage.models import Entry, Portfolio
from tests.portfolio.conftest import Desk
from tests.portfolio.test_export import portfolio_in


def begun(desk: Desk, who: str = "Amina") -> int:
    desk.chat.say(who, "export")
    return desk.chat.rows(select(Portfolio.id).order_by(Portfolio.id.desc()))[0]


def test_parts_and_kinds_of_file_can_be_chosen(desk: Desk) -> None:
    begun(desk)
    desk.chat.press("Amina", "Choose")
    form = desk.chat.form("Amina")
    assert [option.label for option in form.fields[0].options][:2] == [
        "Learning diary (40)",
        "Courses and other activities (6)",
    ]
    desk.chat.submit("Amina", sections=joined(("courses", "targets")), formats=joined(("json", "word")))
    shown = desk.chat.last("Amina")
    assert "Learning diary: left out" in shown
    assert "As: Word and JSON." in shown
    desk.chat.press("Amina", "Make it")
    desk.work()
    content = desk.post(desk.address()).content
    held = portfolio_in(content)
    assert (len(held.diary), len(held.courses), len(held.targets), len(held.interviews)) == (0, 6, 3, 0)
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        assert sorted(name.partition(".")[2] for name in files.namelist()) == ["docx", "json"]


def test_one_kind_of_file_is_not_put_into_a_zip(desk: Desk) -> None:
    begun(desk)
    desk.chat.press("Amina", "Choose")
    desk.chat.submit("Amina", formats="pdf")
    desk.chat.press("Amina", "Make it")
    desk.work()
    response = desk.post(desk.address())
    assert response.headers["content-type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")


def test_a_part_that_had_nothing_in_it_was_not_left_out_and_is_in_the_next_one(desk: Desk) -> None:
    desk.chat.say("Dan", "diary: today I learned to ask twice")
    begun(desk, "Dan")
    desk.chat.press("Dan", "Choose")
    desk.chat.submit("Dan", sections="diary", formats="json")
    desk.chat.press("Dan", "Make it")
    desk.work()
    desk.post(desk.address("Dan"))
    desk.chat.wait(seconds=1)
    desk.chat.say("Dan", "log 2 hours reading about phonics today")
    desk.chat.press("Dan", "Make another")
    assert "Learning time: 1 " in desk.chat.last("Dan")


@pytest.mark.parametrize("left", ["sections", "formats"])
def test_choosing_nothing_is_asked_about_again_and_the_rest_stays_chosen(desk: Desk, left: str) -> None:
    begun(desk)
    desk.chat.press("Amina", "Choose")
    desk.chat.submit("Amina", **{"sections": "diary", "formats": "json", left: ""})
    assert "Choose at least one" in desk.chat.problems("Amina")[left]
    kept = {one.name: one.value for one in desk.chat.form("Amina").fields}
    assert kept == {"sections": "diary", "formats": "json", left: ""}


def test_a_single_record_can_be_left_out_and_put_back(desk: Desk) -> None:
    begun(desk)
    desk.chat.press("Amina", "Leave single records out")
    desk.chat.choose("Amina", "Courses")
    assert desk.chat.last("Amina").count("[Leave it out]") == 6
    desk.chat.press("Amina", "Leave it out")
    desk.chat.press("Amina", "Leave it out")
    assert desk.chat.last("Amina").count("[Put it back]") == 2
    desk.chat.press("Amina", "Put it back")
    desk.chat.press("Amina", "Back")
    assert "1 single record left out" in desk.chat.last("Amina")
    desk.chat.press("Amina", "Make it")
    desk.work()
    assert len(portfolio_in(desk.post(desk.address()).content).courses) == 5
    assert len(desk.chat.rows(select(Entry))) == 40  # nothing of the record itself went


def test_a_long_list_is_shown_in_pages_newest_first(desk: Desk) -> None:
    begun(desk)
    desk.chat.press("Amina", "Leave single records out")
    desk.chat.choose("Amina", "Learning diary")
    first = desk.chat.last("Amina")
    desk.chat.press("Amina", "More")
    second = desk.chat.last("Amina")
    assert first.count("[Leave it out]") == second.count("[Leave it out]") == 6
    assert first != second
    desk.chat.press("Amina", "Leave it out")
    assert desk.chat.last("Amina").count("[Put it back]") == 1  # still the same page


@pytest.mark.parametrize(
    "value", ["", "nothing 0 -x", "diary 0 -urn:uuid:x", "diary x -y", "diary 0 *y", "diary 9999999999 -y"]
)
def test_a_button_that_was_tampered_with_changes_nothing(desk: Desk, value: str) -> None:
    number = begun(desk)
    before = desk.chat.rows(select(Portfolio.choices))
    desk.chat.tap("Amina", "portfolio.record", number, value)
    assert "I can't find that record" in desk.chat.last("Amina")
    assert desk.chat.rows(select(Portfolio.choices)) == before


def test_a_portfolio_that_is_on_its_way_is_not_chosen_for_any_more(desk: Desk) -> None:
    number = begun(desk)
    desk.chat.press("Amina", "Make it")
    for action in ("portfolio.choose", "portfolio.records", "portfolio.record"):
        desk.chat.tap("Amina", action, number)
        assert "on its way already" in desk.chat.last("Amina")


def test_nobody_else_chooses_or_looks(desk: Desk) -> None:
    number = begun(desk)
    for action in ("portfolio.choose", "portfolio.records", "portfolio.record", "portfolio.back"):
        desk.chat.tap("Ben", action, number, "diary 0")
        assert "I can't find that any more" in desk.chat.last("Ben")
