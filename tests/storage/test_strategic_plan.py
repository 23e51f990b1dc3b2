"""The strategic plan from a file: all of it or nothing, twice the same as once, what is left out retired if asked."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from storage import strategic_plan
from storage.database import Database
from storage.models import StrategicItem
from storage.strategic_file import StrategicMistakes, read_plan
from storage.strategic_plan import Changes, import_plan
from tests.conftest import NOW, enrol

FILE = """code,words,team,research,by
A1,Every child reads well by the age of eleven,,no,31/08/2027
A2,"Fewer exclusions, and earlier help",Inclusion,no,
R1,What helps children who are looked after to stay in one school?,inclusion,yes,2027-07-01
"""


def imported(database: Database, written: str | bytes, **how: Any) -> Changes:
    return database.run(lambda session: import_plan(session, read_plan(written), NOW, **how))


def there(database: Database) -> dict[str, StrategicItem]:
    return {item.code: item for item in database.run(lambda session: list(session.scalars(select(StrategicItem))))}


def mistakes(database: Database, written: str | bytes) -> tuple[str, ...]:
    with pytest.raises(StrategicMistakes) as refused:
        imported(database, written)
    return refused.value.lines


@pytest.fixture
def teams(database: Database) -> Database:
    enrol(database)
    return database


def test_items_are_for_one_team_or_for_all_and_research_projects_are_marked(teams: Database) -> None:
    assert imported(teams, FILE).summary() == "3 new, 0 changed, 0 retired, 0 as before"
    items = there(teams)
    assert items["A1"].team_id is None
    assert items["A1"].due_on == date(2027, 8, 31)
    assert items["A2"].team_id == items["R1"].team_id is not None
    assert [code for code, item in items.items() if item.research] == ["R1"]


def test_importing_twice_changes_nothing(teams: Database) -> None:
    imported(teams, FILE)
    before = there(teams)
    assert imported(teams, FILE).summary() == "0 new, 0 changed, 0 retired, 3 as before"
    assert there(teams) == before


def test_a_dry_run_says_what_would_change_and_changes_nothing(teams: Database) -> None:
    assert imported(teams, FILE, dry_run=True).summary() == "3 new, 0 changed, 0 retired, 0 as before"
    assert there(teams) == {}


def test_what_changed_is_named_and_a_column_that_is_left_out_leaves_things_as_they_are(teams: Database) -> None:
    imported(teams, FILE)
    changes = imported(teams, "code;words\na2;Fewer exclusions\nB1;Something new\n")
    assert changes.lines() == ["new: B1 Something new", "changed: A2 (now “Fewer exclusions”)"]
    items = there(teams)
    assert items["A2"].words == "Fewer exclusions"
    assert items["A2"].team_id is not None
    assert set(items) == {"A1", "A2", "R1", "B1"}
    changes = imported(teams, "code,words,team,research,by\nR1,What helps?,,no,\n")
    (line,) = changes.lines()
    assert "for all teams" in line
    assert "no research project" in line
    assert "by no day" in line


def test_what_is_left_out_is_retired_only_when_the_file_is_complete(teams: Database) -> None:
    imported(teams, FILE)
    first = FILE.splitlines()[0] + "\n" + FILE.splitlines()[1] + "\n"
    assert imported(teams, first).gone == []
    assert len(imported(teams, first, complete=True).gone) == 2
    assert [item.code for item in teams.run(strategic_plan.in_force)] == ["A1"]
    assert imported(teams, first, complete=True).summary() == "0 new, 0 changed, 0 retired, 1 as before"
    back = imported(teams, FILE)
    assert [line for line in back.lines() if "in force again" in line] == back.lines()
    assert len(back.changed) == 2


def test_every_bad_row_is_named_with_its_line_and_nothing_is_imported(teams: Database) -> None:
    wrong = (
        FILE
        + "A1,Once more,,no,\n"
        + "B 1,Spaces,,no,\n"
        + "B2,,,no,\n"
        + "B3,Unknown team,Nowhere,no,\n"
        + "B4,Neither,,perhaps,\n"
        + "B5,No such day,,no,31/02/2027\n"
        + "B6,Too many,,no,,more\n"
        + f"B7,{'x' * 601},,no,\n"
    )
    lines = mistakes(teams, wrong)
    assert [line.split(":")[0] for line in lines] == [f"line {number}" for number in range(5, 13)]
    assert "is on line 2 already" in lines[0]
    assert "no team “Nowhere”" in lines[3]
    assert "31/02/2027" in lines[5]
    assert there(teams) == {}


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "empty"),
        ("code,words\n", "nothing under the headings"),
        ("code,title\nA,b\n", "no column “title”"),
        ("words\nb\n", "the column code is missing"),
        ("code,words\nA,\"open\n", "not a CSV file"),
        (b"code,words\nA,\0\n", "not a CSV file"),
        (b"x" * 2_000_001, "larger than 2 MB"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_plan_is_refused_with_a_reason(teams: Database, written: str | bytes, why: str) -> None:
    assert why in "\n".join(mistakes(teams, written))


def test_a_file_that_excel_saved_is_read(teams: Database) -> None:
    assert imported(teams, b"\xef\xbb\xbfcode;words;team\r\nA1;Caf\xc3\xa9s;Inclusion\r\n").added == ["A1 Cafés"]
    windows = imported(teams, "code,words\nA2,Cafés\n".encode("cp1252"))
    assert windows.added == ["A2 Cafés"]
    assert "Windows" in windows.notes[0]


def test_codes_for_items_that_have_none_are_counted_on(teams: Database) -> None:
    imported(teams, "code,words\nS7,Seven\nX9,Nine\n")
    assert teams.run(strategic_plan.next_code) == "S8"
