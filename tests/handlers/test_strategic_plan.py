"""The strategic plan in chat: everybody reads what is for their team, the coordinator adds, changes and retires."""

from datetime import date

import pytest
from sqlalchemy import select

from bot.chat import FixAnswers, OpenForm
from storage.models import StrategicItem
from tests.conftest import Chat
from tests.planning import TEAM, strategic, team_id


def there(chat: Chat) -> dict[str, StrategicItem]:
    return {item.code: item for item in chat.rows(select(StrategicItem))}


def test_the_coordinator_adds_changes_and_retires(chat: Chat) -> None:
    chat.say("Cora", "strategic plan")
    assert "0 items" in chat.last("Cora")
    opened = chat.press("Cora", "Add an item")
    assert isinstance(opened, OpenForm)
    team = chat.database.run(team_id)
    chat.submit("Cora", words="Every child  reads\nwell", team=str(team), research="yes", due="31 July 2027")
    item = there(chat)["S1"]
    assert (item.words, item.team_id, item.research, item.due_on) == (
        "Every child reads well", team, True, date(2027, 7, 31)
    )  # fmt: skip
    assert f"S1 Every child reads well (for {TEAM}, a research project, by Sat 31 Jul 2027)" in chat.last("Cora")
    chat.choose("Cora", "S1")
    chat.press("Cora", "Change")
    chat.submit("Cora", code="A1", team="", research="no")
    item = there(chat)["A1"]
    assert (item.team_id, item.research, item.due_on) == (None, False, date(2027, 7, 31))
    chat.press("Cora", "Retire")
    assert "offered to nobody" in chat.last("Cora")
    chat.press("Cora", "The whole plan")
    assert "0 items" in chat.last("Cora")
    chat.tap("Cora", "strategic.restore", item.id)
    assert there(chat)["A1"].retired_at is None


def test_mistakes_are_asked_about_and_a_code_is_taken_once(chat: Chat) -> None:
    strategic(chat, "A1", "There already")
    chat.say("Cora", "our strategic plan")
    chat.press("Cora", "Add an item")
    fixed = chat.submit("Cora", words="", code="two words", due="someday or other 99")
    assert isinstance(fixed, FixAnswers)
    assert {"words", "code"} <= set(fixed.problems)
    fixed = chat.submit("Cora", words="Something", code="a1", due="")
    assert isinstance(fixed, FixAnswers)
    assert "taken already" in fixed.problems["code"]
    chat.submit("Cora", words="Something", code="")
    assert set(there(chat)) == {"A1", "S1"}


@pytest.mark.parametrize("who", ["Ola", "Amina"])
def test_the_others_read_what_is_for_their_team_and_change_nothing(chat: Chat, who: str) -> None:
    strategic(chat, "A1", "For all")
    strategic(chat, "B1", "For others", "Inclusion")
    strategic(chat, "C1", "For us", TEAM)
    chat.say(who, "strategic plan")
    seen = chat.last(who)
    assert "For all" in seen
    assert "For us" in seen
    assert "For others" not in seen
    assert "[Add" not in seen
    for action in ("open", "add", "added", "change", "changed", "retire", "restore"):
        chat.tap(who, f"strategic.{action}", 1, "1")
    assert {item.retired_at for item in there(chat).values()} == {None}
    assert set(there(chat)) == {"A1", "B1", "C1"}


def test_a_long_plan_is_read_in_pages(chat: Chat) -> None:
    for number in range(17):
        strategic(chat, f"A{number}", f"Priority {number}")
    chat.say("Cora", "strategic plan")
    assert "17 items" in chat.last("Cora")
    assert "Priority 16" not in chat.last("Cora")
    chat.press("Cora", "Next page (2 of 2)")
    assert "Priority 16" in chat.last("Cora")
    chat.press("Cora", "Back")
    assert "Priority 0 " in chat.last("Cora")
