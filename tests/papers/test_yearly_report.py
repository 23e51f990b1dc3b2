"""The coordinator's yearly report: numbers of five people or more, nobody's words, a draft for her alone."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta

import pytest
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.chat import joined
from bot.documents.content import Pages, Table
from bot.policy import load
from handlers.papers import numbers, report
from handlers.turn import Turn
from storage.database import Record
from storage.did import Did
from storage.models import Look, Person, Portfolio
from storage.papers.year import Year
from storage.sealed import Sealed
from tests.conftest import KEYRING, Chat
from tests.documents.test_tables_and_charts import in_pdf
from tests.handlers.test_course_chain import SHORT
from tests.handlers.test_courses import ASKED
from tests.papers.conftest import Office
from tests.papers.organisation import LAST, THIS, Organisation
from tests.papers.test_review_paper import words_of
from tests.records import Life
from tests.test_permissions import CANARY, one_of_everything

YEARLY = "yearly report"


def pages_of(office: Office, year: date | None = None) -> Pages:
    cora, chat = office.chat.person("Cora"), office.chat

    def read(session: Session) -> report.Years:
        turn = Turn(session, chat.now, chat.policy, KEYRING, reader=cora)
        return report.Years(*(step(turn) for step in report.steps(year or chat.policy.year_of(turn.today))))

    return report.pages(office.do(read))


def tables_of(pages: Pages) -> dict[str, Table]:
    return {
        f"{chapter.section}: {table.caption}": table
        for chapter in pages.chapters
        for record in chapter.records
        for table in record.tables
    }


def row(table: Table, label: str) -> tuple[str, ...]:
    return next(row[1:] for row in table.rows if row[0] == label)


@pytest.fixture
def lived(office: Office) -> Office:
    office.do(lambda session: Organisation(session).live())
    return office


def test_the_coordinator_gets_the_year_as_word_and_pdf(lived: Office) -> None:
    lived.chat.say("Cora", YEARLY)
    shown = lived.chat.last("Cora")
    assert "Yearly report of Southampton Education Services, 2025/26" in shown
    assert "As: Word and PDF." in shown
    assert "It is a draft: read it, change it in Word, and send it yourself. I send it to nobody." in shown
    lived.chat.press("Cora", "Make it")
    lived.work()
    with zipfile.ZipFile(io.BytesIO(lived.post(lived.address("Cora")).content)) as files:
        assert sorted(name.rpartition(".")[2] for name in files.namelist()) == ["docx", "pdf"]


def test_the_numbers_are_those_of_the_year_beside_last_years(lived: Office) -> None:
    tables = tables_of(pages_of(lived))
    year = tables["summary: The year in numbers"]
    assert year.headings == ("What", "2025/26", "2024/25")
    assert row(year, "People") == ("33", "33")
    assert row(year, "Courses and other activities") == ("99", "66")
    held = row(tables["interviews: People who had it"], "Together")
    assert held == row(year, "Learning interviews held")
    assert int(held[0]) == sum(int(cell) for label, cell, _ in tables["interviews: People who had it"].rows[:2])
    provided, owed = (row(tables["days: People"], label) for label in ("Provided all their days", "Still owed some"))
    assert [int(a) + int(b) for a, b in zip(provided, owed, strict=True)] == [33, 33]
    kinds = tables["provision: People and activities by kind, 2025/26"].rows
    assert kinds[-1] == ("Together", "33", "99")
    sooner = tables["impact: People who saw a change: after a shorter time"]
    assert sooner.rows == (
        ("Skills, knowledge and understanding", "22", "22"), ("Confidence and motivation", "16", "16"),
        ("How the organisation works, and its climate", "24", "24"), ("Everybody who answered", "33", "33"),
    )  # fmt: skip
    assert sooner.chart is not None
    assert sooner.chart.series[0] == ("2025/26", (22, 16, 24))
    assert row(tables["value: Cost by kind"], "Together")[0].startswith("£")
    assert row(tables["reviews: Items by state"], "Done") == ("3", "0")


def test_last_year_can_be_reported_on_and_is_counted_to_its_end(lived: Office) -> None:
    lived.chat.say("Cora", YEARLY)
    lived.chat.choose("Cora", "Southampton Education Services, 2024/25")
    assert "Yearly report of Southampton Education Services, 2024/25" in lived.chat.last("Cora")
    lived.chat.press("Cora", "Choose")
    lived.chat.submit("Cora", sections="interviews\ndays", formats="html")
    lived.chat.press("Cora", "Make it")
    lived.work()
    read = words_of(lived.post(lived.address("Cora")).content)
    assert "counted until 31 August 2025" in read
    assert "2023/24" in read
    assert "Provision" not in read


@pytest.mark.parametrize(
    ("typed", "year"),
    [("Yearly report", THIS), ("the annual report.", THIS), ("last year's report", LAST),
     ("yearly report for last year", LAST), ("make the yearly report for this year", THIS)],
)  # fmt: skip
def test_several_ways_to_ask_for_it(office: Office, typed: str, year: date) -> None:
    office.chat.say("Cora", typed)
    assert [one.year for one in office.chat.rows(select(Portfolio))] == [year]


def test_the_overview_offers_it(office: Office) -> None:
    office.chat.say("Cora", "overview")
    office.chat.press("Cora", "Yearly report")
    assert "Yearly report of Southampton Education Services, 2025/26" in office.chat.last("Cora")


@pytest.mark.parametrize("who", ["Ola", "Amina"])
def test_nobody_but_the_coordinator_gets_it(office: Office, who: str) -> None:
    office.chat.say(who, YEARLY)
    office.chat.tap(who, "papers.report")
    assert office.chat.rows(select(Portfolio)) == []
    assert "That isn't something you can do here" in office.chat.last(who)


def test_whoever_coordinates_no_longer_cannot_fetch_what_was_made(lived: Office) -> None:
    lived.chat.say("Cora", YEARLY)
    lived.chat.press("Cora", "Make it")
    lived.work()
    address = lived.address("Cora")
    lived.do(
        lambda session: (
            session.execute(update(Person).where(Person.role == "coordinator").values(role="member")) and None
        )
    )
    assert lived.post(address).status_code == 404
    lived.chat.say("Cora", YEARLY)
    assert "That isn't something you can do here" in lived.chat.last("Cora")


def test_asked_for_in_a_channel_it_stays_with_the_coordinator(lived: Office) -> None:
    lived.chat.say("Cora", YEARLY, in_channel="cs")
    assert "Yearly report" not in lived.chat.screen_of("Ben", in_channel="cs")
    assert "Yearly report of" in lived.chat.last("Cora")


def test_every_kind_of_file_has_the_same_numbers(lived: Office) -> None:
    pages = pages_of(lived)
    made = lived.in_kinds("html", "word", "pdf", "csv", who="Cora", words=YEARLY)
    document = Document(io.BytesIO(made["word"]))
    in_word = [[tuple(cell.text for cell in row.cells) for row in table.rows] for table in document.tables]
    with zipfile.ZipFile(io.BytesIO(made["csv"])) as files:
        in_csv = [
            [tuple(row) for row in csv.reader(io.StringIO(files.read(name).decode("utf-8-sig")))]
            for name in files.namelist()
        ]
    read, printed = words_of(made["html"]), " ".join(in_pdf(made["pdf"]).split())
    tables = tables_of(pages).values()
    assert len(tables) >= 15
    for table in tables:
        rows = [table.headings, *table.rows]
        assert rows in in_word
        assert rows in in_csv
        assert "".join(" ".join(rows[-1]).split()) in "".join(read.split())
        assert " ".join(rows[-1]) in printed
    with zipfile.ZipFile(io.BytesIO(made["word"])) as files:
        charts = [name for name in files.namelist() if re.fullmatch(r"word/charts/chart\d+\.xml", name)]
    assert len(charts) == sum(table.chart is not None for table in tables)


def test_an_organisation_that_has_told_nothing_is_told_so_kindly(office: Office) -> None:
    read = words_of(office.in_kinds("html", who="Cora", words=YEARLY)["html"])
    assert read.count("There is nothing yet that five people or more have told.") >= 5
    assert "No strategic plan has been brought in yet." in read


def test_in_the_first_month_of_a_year_it_says_that_the_year_has_only_just_begun(lived: Office) -> None:
    lived.chat.now = lived.chat.now.replace(month=9, day=14)
    pages = pages_of(lived)
    assert "which has only just begun" in pages.subtitle
    assert row(tables_of(pages)["summary: The year in numbers"], "Courses and other activities")[0] in ("0", "–")


def test_two_reports_of_one_month_are_alike_whatever_somebody_tells_in_between(lived: Office) -> None:
    """Or one could be taken from the other, and would say what that person did."""
    before = pages_of(lived)
    lived.chat.say("Amina", "log 5 hours reading about phonics today")
    lived.chat.now += timedelta(days=2)
    assert tables_of(pages_of(lived)) == tables_of(before)


def eleven_are_asked_what_changed(office: Office) -> Sequence[str]:
    """Who went to a course and said what they made of it, and are asked now what has changed since."""
    chat = office.chat
    office.do(lambda session: Organisation(session).team("Inclusion", 5) and None)
    everybody = ("Ola", "Amina", "Ben", "Chloe", "Dan", "Eve", "Farid", "Grace", "Cora", "Inclusion3", "Inclusion4")
    for who in everybody:
        chat.say(who, "I'm on Safeguarding level 2 next Thursday")
    chat.wait_until(ASKED)
    for who in everybody:
        chat.press(who, "Write it in a form")
        chat.submit(who, what="Ten real cases")
    chat.wait_until(SHORT)
    return everybody


def test_where_people_saw_a_change_is_counted_as_they_answered_the_question_in_the_chat(office: Office) -> None:
    """Each by themselves: in the form, by typing, with “Nothing yet”, after all; and not whoever declined."""
    chat, short = office.chat, "impact: People who saw a change: after a shorter time"
    eleven_are_asked_what_changed(office)
    assert "Only you can read your words; your coordinator sees how many people saw a change" in chat.last("Amina")
    ticked = {
        "Ola": ("skills", "career"), "Amina": ("skills", "career", "confidence"), "Ben": ("benefit", "retention"),
        "Chloe": ("skills", "career", "confidence"), "Dan": ("skills", "career", "confidence"),
        "Eve": ("career", "confidence"),
    }  # fmt: skip
    for who, criteria in ticked.items():
        chat.press(who, "Say what changed")
        chat.submit(who, changed=joined(criteria), words="canary-of-an-answer")
    chat.press("Ben", "Change it")
    chat.submit("Ben", changed=joined(("skills", "career")))
    chat.say("Farid", "canary-of-an-answer, quite a lot")
    for who in ("Grace", "Inclusion3"):
        chat.press(who, "Nothing yet")
    chat.say("Inclusion4", "nothing")
    chat.press("Cora", "Don't ask about this one")
    assert short not in tables_of(pages_of(office))  # April is not over
    chat.wait_until(SHORT.replace(month=5, day=4))
    # ten of eleven have answered, and their number would say that one has not; career was ticked by six, so that four
    # who answered did not tick it, and confidence by four
    assert tables_of(pages_of(office))[short].rows == (
        ("Skills, knowledge and understanding", "5", "0"), ("Everybody who answered", "–", "0"),
    )  # fmt: skip
    read = words_of(office.in_kinds("html", who="Cora", words=YEARLY)["html"])
    assert (
        "Skills, knowledge and understanding 5 0 2025/26 2024/25 People who saw a change: after a shorter time" in read
    )
    assert "canary-of-an-answer" not in read


@pytest.mark.parametrize(
    ("answer", "skills", "answered"),
    [(11, "11", "11"), (10, "–", "–"), (7, "–", "–"), (6, "6", "6")],
)  # fmt: skip
def test_how_many_answered_never_says_that_a_few_did_not(
    office: Office, answer: int, skills: str, answered: str
) -> None:
    """Eleven were asked: whoever takes those who answered from them learns of nobody, or of five people or more."""
    chat = office.chat
    everybody = eleven_are_asked_what_changed(office)
    for who in everybody[:answer]:
        chat.press(who, "Say what changed")
        chat.submit(who, changed="skills")
    chat.wait_until(SHORT.replace(month=5, day=4))
    tables = tables_of(pages_of(office))
    table = tables.get("impact: People who saw a change: after a shorter time")
    told = {label: now for label, now, _ in table.rows} if table is not None else {}
    assert told.get("Skills, knowledge and understanding", "–") == skills
    assert told.get("Everybody who answered", "–") == answered
    assert row(tables["provision: People and activities by kind, 2025/26"], "Together") == ("11", "11")


@pytest.mark.parametrize(("busy", "shown"), [(9, "9"), (8, "–"), (5, "–")])
def test_how_many_did_something_never_says_that_a_few_did_nothing(office: Office, busy: int, shown: str) -> None:
    """Nine people are on the roster, and the report says so."""

    def work(session: Session) -> None:
        made = Organisation(session)
        people = session.scalars(select(Person).order_by(Person.id)).all()
        for person in people[:busy]:
            made.course(person, THIS + timedelta(days=10), kind="coaching", days=1)

    office.do(work)
    tables = tables_of(pages_of(office))
    assert row(tables["summary: The year in numbers"], "People")[0] == "9"
    people = tables["provision: People and activities by kind, 2025/26"].rows
    assert people[-1] == ("Together", shown, str(busy))
    assert [cells[1] for cells in people[:-1]] == [shown]


def test_what_fewer_than_five_did_is_in_no_table(office: Office) -> None:
    def work(session: Session) -> None:
        made = Organisation(session)
        people = made.team("Children's Services", 6)
        for number, person in enumerate(people):
            made.course(person, THIS + timedelta(days=10), kind="coaching", days=1)
            if number < 4:
                made.course(person, THIS + timedelta(days=20), kind="research", days=7.7, cost=987_600, worth=1)

    office.do(work)
    pages = pages_of(office)
    said = json.dumps([[table.headings, table.rows] for table in tables_of(pages).values()])
    assert "Research or enquiry" not in said
    assert "9,876" not in said
    assert "39,504" not in said
    provision = tables_of(pages)["provision: People and activities by kind, 2025/26"]
    # nothing is left beside coaching that would say what the four did: so the two are only shown together
    # and three of nine people did nothing
    assert provision.rows == (("Together", "–", "10"),)


def test_days_on_the_job_of_a_few_cannot_be_had_by_subtraction(office: Office) -> None:
    """Days provided are of learning off the job: taken from all days, they would say what three people did on it."""

    def work(session: Session) -> None:
        made = Organisation(session)
        for number, person in enumerate(made.team("Children's Services", 8)):
            made.course(person, THIS + timedelta(days=10), kind="coaching", days=1)
            if number < 3:
                made.course(person, THIS + timedelta(days=20), kind="coaching", days=5, off_the_job=False)

    office.do(work)
    tables = tables_of(pages_of(office))
    assert row(tables["summary: The year in numbers"], "Days of learning off the job")[0] == "8.0"
    assert row(tables["provision: Days by kind"], "Together")[0] == "8.0"


def test_a_small_team_is_never_shown_by_itself_nor_left_over(lived: Office) -> None:
    (table,) = [one for key, one in tables_of(pages_of(lived)).items() if "provided all of theirs" in key]
    names = [label for label, *_ in table.rows]
    assert "Governor Support" not in names
    assert sum(int(people) for _, people, *_ in table.rows) == 33
    assert all(int(people) >= 5 for _, people, *_ in table.rows)


def test_nobodys_words_are_in_it_ever(office: Office) -> None:
    """A canary in every sealed column of everything that is kept, and in what people did on their courses."""
    said = "canary-of-the-organisation"

    def work(session: Session) -> None:
        one_of_everything(session)
        made = Organisation(session, canary=CANARY)
        made.live()
        partner, *others = made.teams["Inclusion"]
        for person in others:
            Life(session, person, partner, KEYRING, office.chat.now).live()
        kept = KEYRING.seal_for_organisation(said)
        for mapper in Record.registry.mappers:
            table = mapper.local_table
            for column in table.columns:
                if isinstance(column.type, Sealed) and table.name in (
                    "plan_item",
                    "plan_item_step",
                    "finding",
                    "seminar",
                ):
                    session.execute(update(table).values({column.name: kept}))

    office.do(work)
    made = office.in_kinds("html", "word", "pdf", "csv", who="Cora", words=YEARLY)
    told = [words_of(made["html"]), in_pdf(made["pdf"])]
    for kind in ("word", "csv"):
        with zipfile.ZipFile(io.BytesIO(made[kind])) as files:
            told += [files.read(name).decode(errors="replace") for name in files.namelist()]
    everything = "\n".join(told)
    assert "Skills, knowledge and understanding" in everything  # what was sealed beside those words was counted
    for words in (CANARY, said, "asked before I answered", "The tutor listened", "Safeguarding, part"):
        assert words not in everything
    names = {person.name for person in office.chat.rows(select(Person))}
    assert not any(name in everything for name in names)
    assert office.chat.rows(select(Look).where(Look.reader_id == office.chat.person("Cora").id)) == []


def few_of(have: AbstractSet[int], *of: AbstractSet[int]) -> bool:
    """Whether one to four people have something, or have it not, of any of these."""
    return any(0 < len(some) < 5 for some in (have, *(every - have for every in of)))


ACTIVITY = st.builds(
    Did, st.integers(1, 9), st.sampled_from(("in_house", "coaching", "own")), st.sampled_from(("plan", "")),
    days=st.sampled_from((0.5, 1, 2)), cost=st.sampled_from((None, 10_000)), worth=st.sampled_from((None, 2, 5)),
    off_the_job=st.booleans(),
)  # fmt: skip


@given(
    st.lists(ACTIVITY, max_size=25),
    st.dictionaries(st.integers(1, 9), st.frozensets(st.integers(1, 3)), max_size=9),
    st.dictionaries(st.integers(1, 12), st.frozensets(st.sampled_from(("skills", "career"))), max_size=12),
    st.frozensets(st.integers(1, 12)),
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_in_small_organisations_no_number_and_no_rest_is_of_one_to_four(
    did: list[Did], held: Mapping[int, frozenset[int]], said: Mapping[int, frozenset[str]], unheard: frozenset[int]
) -> None:
    policy = load("southampton")
    people = {number: Person(name=f"P{number}", email=f"{number}@example.org", key=b"k") for number in range(1, 10)}
    year = Year(
        THIS, date(2026, 8, 31), people, {1: ("A", frozenset(range(1, 7))), 2: ("B", frozenset(range(7, 10)))}, did, (),
        {}, held, {"short": said, "long": {}}, {"short": said.keys() | unheard, "long": set()}, frozenset(), {}, (),
    )  # fmt: skip
    counted = numbers.Counted(numbers.comparable(year), policy)
    keys = ["in_house", "coaching"]
    kept = counted.year.activities
    shown = counted.did(lambda one: one.kind, keys, lambda one: one.days)
    of = [{one.person for one in kept if one.kind == key} for key in keys]
    of.append({one.person for one in kept if one.kind not in keys})
    hidden = set().union(*(some for some, value in zip(of, shown.parts, strict=True) if value is None))
    if shown.total is not None:
        assert not hidden or len(hidden) >= 5
        assert not any(0 < len(some) < 5 for some, value in zip(of, shown.parts, strict=True) if value is not None)
    besides = {one.person for one in kept if not one.off_the_job}
    assert not besides or len(besides) >= 5
    windows, interviews = counted.interviews()
    for window, value in zip(windows, interviews.parts, strict=True):
        have = {who for who in people if window in held.get(who, ())}
        if value is not None:
            assert len(have) in (0, 5, 6, 7, 8, 9)
            assert len(people) - len(have) in (0, 5, 6, 7, 8, 9)
    active = {one.person for one in kept}
    did_it = counted.who_did(lambda one: one.kind, keys)
    for some, value in zip((*of, active), (*did_it.parts, did_it.total), strict=True):
        assert value is None or (value == len(some) and not few_of(some, people.keys()))
    could = (said.keys() | unheard, active, people.keys())
    assert counted.answered("short") == (None if few_of(said.keys(), *could) else len(said))
    for criterion in ("skills", "career"):
        saw = {who for who, criteria in said.items() if criterion in criteria}
        told = counted.changed("short", criterion)
        assert told == (None if few_of(saw, said.keys(), *could) else len(saw))
    assert [size for _, size in counted.groups()] in ([frozenset(range(1, 10))], [])


def test_where_files_can_be_put_into_the_chat_it_goes_there(chat: Chat) -> None:
    office = Office(chat, takes_files=True)
    chat.say("Cora", YEARLY)
    chat.press("Cora", "Make it")
    office.work()
    (given_,) = chat.screen.files
    assert "cora@example.org" in given_.conversation
    office.close()
