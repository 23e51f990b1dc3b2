"""The roster: every mistake is named with its line, a file is imported whole or not at all; twice is once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

import bot
from bot.policy import Policy
from storage import people
from storage.database import Database
from storage.models import Partnership, Person, Team
from storage.roster import (
    Changes,
    RosterMistakes,
    import_roster,
    kept_hours,
    mark_leavers,
    read_roster,
    working_days,
)
from tests.conftest import KEYRING, NOW

DEMO = Path(bot.__file__).parent / "demo" / "roster.csv"
HEADINGS = "name,email,team,lead,manager,partner,zone,days,starts,leaves,role\n"


def brought_in(database: Database, policy: Policy, written: str | bytes, *, now: datetime = NOW,
               dry_run: bool = False, complete: bool = False) -> Changes:  # fmt: skip
    roster = read_roster(written)
    return database.run(
        lambda session: import_roster(session, roster, KEYRING, now, policy, dry_run=dry_run, complete=complete)
    )


def everybody(database: Database) -> dict[str, Person]:
    found = database.run(lambda session: list(session.scalars(select(Person)).all()))
    return {person.email.split("@")[0]: person for person in found}


def partner_of(database: Database, who: str) -> str | None:
    def work(session: object) -> str | None:
        partner = people.partner_of(session, everybody_in(session)[who])  # type: ignore[arg-type]
        return partner.email if partner else None

    def everybody_in(session: object) -> dict[str, int]:
        return {p.email.split("@")[0]: p.id for p in session.scalars(select(Person))}  # type: ignore[attr-defined]

    return database.run(work)


# ---------------------------------------------------------------------------------------------------------- the demo


def test_the_demo_is_eight_people_in_two_teams_with_leads_partners_and_a_coordinator(
    database: Database, policy: Policy
) -> None:
    changes = brought_in(database, policy, DEMO.read_bytes())
    assert changes.summary() == "8 new, 0 changed, 0 left, 0 as before"
    assert not changes.notes
    found = everybody(database)
    teams = {team.name: team for team in database.run(lambda session: list(session.scalars(select(Team))))}
    assert teams["Children's Services"].lead_id == found["ola"].id
    assert teams["Inclusion"].lead_id == found["grace"].id
    assert sum(person.team_id == teams["Children's Services"].id for person in found.values()) >= 5
    assert found["cora"].role == "coordinator"
    assert partner_of(database, "amina") == "ben@example.org"
    assert found["amina"].manager_id == found["ola"].id
    assert found["dan"].working_days == "123"
    assert found["dan"].starts_on == date(2025, 9, 1)
    assert all(person.key for person in found.values())
    assert not any(person.joined_at for person in found.values())


def test_importing_twice_changes_nothing(database: Database, policy: Policy) -> None:
    brought_in(database, policy, DEMO.read_bytes())
    before = {who: person.key for who, person in everybody(database).items()}
    again = brought_in(database, policy, DEMO.read_bytes(), now=NOW + timedelta(days=1), complete=True)
    assert again.summary() == "0 new, 0 changed, 0 left, 8 as before"
    assert again.lines() == []
    assert {who: person.key for who, person in everybody(database).items()} == before
    assert len(database.run(lambda session: list(session.scalars(select(Partnership))))) == 7


def test_a_dry_run_says_the_same_and_does_nothing(database: Database, policy: Policy) -> None:
    would = brought_in(database, policy, DEMO.read_bytes(), dry_run=True)
    assert would.summary().startswith("8 new")
    assert everybody(database) == {}
    assert brought_in(database, policy, DEMO.read_bytes()).lines() == would.lines()


# ---------------------------------------------------------------------------------------------------------- mistakes


def test_every_bad_row_is_named_with_its_line_and_nothing_is_imported(database: Database, policy: Policy) -> None:
    written = HEADINGS + (
        "Amina Khan,amina@example.org,CS,,,,,,,,\n"  # line 2 is right
        ",nobody@example.org,CS,,,,,,,,\n"
        "No Address,,CS,,,,,,,,\n"
        "Bad Address,at example.org,CS,,,,,,,,\n"
        "Amina Again,AMINA@example.org,CS,,,,,,,,\n"
        "Ben Carter,ben@example.org,CS,perhaps,ghost@example.org,ben@example.org,Mars/Olympus,blue,"
        "31/02/2026,soon,boss\n"
        "Chloe Dunn,chloe@example.org,,yes,,,,,2026-09-01,2026-08-31,\n"
        "Dan,dan@example.org,CS,yes,,,,,,,\n"
        "Eve,eve@example.org,cs,yes,,,,,,,\n"
        "Far,far@example.org,CS,no,,,,,,,member,and more\n"
    )
    with pytest.raises(RosterMistakes) as raised:
        brought_in(database, policy, written)
    assert list(raised.value.lines) == [
        "line 3: there is no name",
        "line 4: there is no e-mail address",
        "line 5: the email “at example.org” is not an e-mail address",
        "line 6: amina@example.org is on line 2 already",
        "line 7: lead is yes or no, not “perhaps”",
        "line 7: “Mars/Olympus” is not a time zone here; write it like Europe/London",
        "line 7: the days “blue” are not clear; write them like Mon-Fri, or Mon Tue Thu",
        "line 7: starts: there is no day “31/02/2026”",
        "line 7: leaves: “soon” is not a date; write it like 2026-09-01 or 01/09/2026",
        "line 7: there is no role “boss”; the roles are member, coordinator, privacy officer, operator",
        "line 7: nobody is their own learning partner",
        "line 7: the manager ghost@example.org is neither in this file nor on the roster",
        "line 8: somebody who leads needs a team",
        "line 8: the last day, 2026-08-31, is before the first, 2026-09-01",
        "line 10: the team “cs” has a lead on line 9 already",
        "line 11: there are more values than headings: put quotation marks around a value that holds a separator",
    ]
    assert everybody(database) == {}


@pytest.mark.parametrize(
    ("written", "mistake"),
    [
        ("", "line 1: the file is empty"),
        ("\n\n", "line 1: the file is empty"),
        ("name,email\n", "line 1: there is nobody under the headings"),
        ("name,colour\nA,b\n", "line 1: there is no column “colour”; the columns are name, email, team, lead, post, "
                               "manager, partner, zone, days, hours, lunch, calendar, starts, leaves, role"),
        ("name,team\nA,b\n", "line 1: the column email is missing"),
        ("name,email,Name\nA,a@b.uk,B\n", "line 1: the column name is there twice"),
        (b"PK\x03\x04\0\0", "line 1: this is not a CSV file: save it as “CSV UTF-8”"),
        (b"name,email\n\x81\x8d,a@b.uk", "line 1: this is not text: save it as “CSV UTF-8”"),
        ('name,email\n"A,a@b.uk\n', "line 2: this is not a CSV file: unexpected end of data"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_roster_is_refused_in_words(written: str | bytes, mistake: str) -> None:
    assert mistake in [str(found) for found in read_roster(written).mistakes]


def test_of_a_file_that_cannot_be_read_to_its_end_only_that_is_said(database: Database, policy: Policy) -> None:
    """What was read before is no roster: who is there twice, or refers to somebody further down, made no mistake."""
    rows = "name,email,manager\nAmina,a@b.uk,\nAmina,a@b.uk,eve@b.uk\n"
    for broken in ('"Ben,b@b.uk,\nEve,eve@b.uk,\n', '"Ben" Carter,b@b.uk,\nEve,eve@b.uk,\n'):
        with pytest.raises(RosterMistakes) as refused:
            brought_in(database, policy, rows + broken)
        assert len(refused.value.lines) == 1
        assert refused.value.lines[0].startswith("line 4: this is not a CSV file: ")


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    written = 'name,email\n\n"Amina\nKhan",amina@example.org\n,,\nBen,ben\n'
    roster = read_roster(written)
    assert [str(mistake) for mistake in roster.mistakes] == [
        "line 6: the email “ben” is not an e-mail address",
    ]
    assert roster.rows[0].name == "Amina Khan"
    assert roster.rows[0].line == 3


def test_a_manager_or_partner_who_has_left_is_a_mistake(database: Database, policy: Policy) -> None:
    written = "name,email,partner,leaves\nBen,ben@example.org,,01/02/2026\nAmina,amina@example.org,ben@example.org,\n"
    with pytest.raises(RosterMistakes, match=r"line 3: the partner ben@example\.org has left"):
        brought_in(database, policy, written)


# ------------------------------------------------------------------------------------------------- as Excel saves it


@pytest.mark.parametrize(
    "written",
    [
        "email;name;team\r\nzoe@example.org;Zoë Ågren;Bitterne\r\n".encode(),
        "\ufeffemail;name;team\r\nzoe@example.org;Zoë Ågren;Bitterne\r\n".encode(),
        "sep=;\r\nemail;name;team\r\nzoe@example.org;Zoë Ågren;Bitterne\r\n".encode(),
        "Email\tNAME\tTeam\r\nZOE@example.org\t Zoë   Ågren \tBitterne\r\n".encode("utf-16"),
        'email,name,team\nzoe@example.org,"Zoë Ågren",Bitterne'.encode(),
        "email,name,team\r\nzoe@example.org,Zoë Ågren,Bitterne\r\n".encode("cp1252"),
    ],
)
def test_a_file_is_read_however_it_was_saved(written: bytes) -> None:
    roster = read_roster(written)
    assert not roster.mistakes
    (row,) = roster.rows
    assert (row.name, row.email, row.team) == ("Zoë Ågren", "zoe@example.org", "Bitterne")
    assert bool(roster.notes) == (
        written == "email,name,team\r\nzoe@example.org,Zoë Ågren,Bitterne\r\n".encode("cp1252")
    )


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("Mon-Fri", "12345"), ("Mon to Thu", "1234"), ("Mon Tue Wed", "123"), ("Tuesdays and Fridays", "25"),
        ("MTW", "123"), ("MTWTF", "12345"), ("TWT", "234"), ("TuTh", "24"), ("12345", "12345"), ("Sat-Mon", "167"),
        ("M-F", "12345"), ("Thu", "4"), ("T", None), ("MT", None), ("8", None), ("weekdays", None), ("", None),
        ("Mon-Wed-Fri", None),
    ],
)  # fmt: skip
def test_working_days_are_read_or_asked_back_and_never_guessed(written: str, digits: str | None) -> None:
    assert working_days(written) == digits


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("08:30-16:30", "08:30-16:30"), ("8.30 to 4.30pm", "08:30-16:30"), ("9–17", "09:00-17:00"),
        ("mon 9-1pm; fri 09:00-12:00", "mon 09:00-13:00, fri 09:00-12:00"), ("12pm-8pm", "12:00-20:00"),
        ("9:00-17:00, Wednesdays 9-12", "09:00-17:00, wed 09:00-12:00"), ("Usual", ""), ("", ""),
        ("Mon-Tue: 10-14", "mon 10:00-14:00, tue 10:00-14:00"),
    ],
)  # fmt: skip
def test_hours_are_read_as_people_write_them_and_kept_in_one_way(written: str, kept: str) -> None:
    assert kept_hours(written) == kept
    assert kept_hours(kept) == kept


def test_every_bad_cell_of_hours_lunch_and_calendar_is_named_with_its_line_and_what_to_write() -> None:
    written = (
        "name;email;days;hours;lunch;calendar\n"
        "Ana;ana@b.uk;Mon-Fri;early;noon;iCal\n"
        "Bo;bo@b.uk;Mon-Fri;9-5;13:00-12:30;\n"
        "Cy;cy@b.uk;Mon-Wed;thu 09:00-12:00;;\n"
        "Di;di@b.uk;;mon 9-12, mon 13-14;;\n"
        "Ed;ed@b.uk;;25:00-26:00;;\n"
        f"Flo;flo@b.uk;;{'9-12,' * 100};;\n"
    )
    assert [str(mistake) for mistake in read_roster(written).mistakes] == [
        "line 2: hours: “early” is not clear; write it like 08:30-16:30, or mon 09:00-13:00",
        "line 2: lunch: “noon” is not clear; write it like 12:30-13:00",
        "line 2: there is no calendar “ical”; write outlook, google or none",
        "line 3: hours: 09:00-05:00 is no stretch of a day; write it by the 24-hour clock, like 09:00-17:00",
        "line 3: lunch: 13:00-12:30 is no stretch of a day; write it by the 24-hour clock, like 09:00-17:00",
        "line 4: there are hours for Thu, which the days leave out; add it to the days, or take its hours out",
        "line 5: hours: A weekday is written twice. Write each once.",
        "line 6: hours: 25:00-26:00 is no stretch of a day; write it by the 24-hour clock, like 09:00-17:00",
        "line 7: hours: that is too long for a week; write at most 200 characters",
    ]


def test_hours_lunch_and_calendar_come_in_and_an_empty_cell_leaves_what_was_said(
    database: Database, policy: Policy
) -> None:
    headings = "name;email;days;hours;lunch;calendar\n"
    brought_in(database, policy, headings + "Ana;ana@b.uk;Mon-Wed;8.30-16.30, wed 9-12;12.30-13;Google\n")
    ana = everybody(database)["ana"]
    assert (ana.working_days, ana.hours, ana.lunch, ana.calendar) == (
        "123", "08:30-16:30, wed 09:00-12:00", "12:30-13:00", "google",
    )  # fmt: skip
    empty = brought_in(database, policy, headings + "Ana;ana@b.uk;;;;\n")
    assert empty.changed == ["Ana (ana@b.uk): calendar removed"]
    usual = brought_in(database, policy, headings + "Ana;ana@b.uk;Mon-Fri;usual;usual;\n")
    assert usual.changed == ["Ana (ana@b.uk): days is now 12345, hours is now as usual, lunch is now as usual"]
    ana = everybody(database)["ana"]
    assert (ana.working_days, ana.hours, ana.lunch, ana.calendar) == ("12345", "", "", "")
    again = brought_in(database, policy, headings + "Ana;ana@b.uk;Mon-Fri;usual;usual;\n")
    assert again.summary() == "0 new, 0 changed, 0 left, 1 as before"


def test_dates_are_read_as_in_britain() -> None:
    (row,) = read_roster("name,email,starts,leaves\nA,a@b.uk,01/09/2026,2027-03-02\n").rows
    assert (row.starts, row.leaves) == (date(2026, 9, 1), date(2027, 3, 2))


def test_hostile_names_stay_words(database: Database, policy: Policy) -> None:
    brought_in(database, policy, 'name,email,team\n"=HYPERLINK(""x"")",a@b.uk,<!channel>\n../../x,b@b.uk,<!channel>\n')
    names = {person.name for person in everybody(database).values()} | {
        team.name for team in database.run(lambda session: list(session.scalars(select(Team))))
    }
    assert names == {'=HYPERLINK("x")', "../../x", "<!channel>"}


# --------------------------------------------------------------------------------------------- people come and go


def test_what_changed_is_said_and_what_has_no_column_stays(database: Database, policy: Policy) -> None:
    brought_in(database, policy, DEMO.read_bytes())
    changes = brought_in(
        database, policy, "name,email,team,days\nAmina Khan-Reid,amina@example.org,Inclusion,Mon-Thu\n"
    )
    assert changes.changed == [
        "Amina Khan-Reid (amina@example.org): name was Amina Khan, team is now Inclusion, days is now 1234"
    ]
    amina = everybody(database)["amina"]
    assert amina.manager_id is not None
    assert partner_of(database, "amina") == "ben@example.org"


def test_a_new_lead_takes_over(database: Database, policy: Policy) -> None:
    brought_in(database, policy, DEMO.read_bytes())
    changes = brought_in(
        database, policy,
        "name,email,team,lead\nOla Adeyemi,ola@example.org,Children's Services,no\n"
        "Ben Carter,ben@example.org,Children's Services,yes\n",
    )  # fmt: skip
    assert any("now leads Children's Services" in who for who in changes.changed)
    assert any("no longer leads Children's Services" in who for who in changes.changed)
    teams = {team.name: team for team in database.run(lambda session: list(session.scalars(select(Team))))}
    assert teams["Children's Services"].lead_id == everybody(database)["ben"].id


def test_somebody_missing_from_the_file_has_left_only_when_it_is_everybody(database: Database, policy: Policy) -> None:
    brought_in(database, policy, DEMO.read_bytes())
    without_dan = "".join(
        line for line in DEMO.read_text("utf-8").splitlines(keepends=True) if not line.startswith("Dan")
    )
    assert brought_in(database, policy, without_dan).gone == []
    assert brought_in(database, policy, without_dan, complete=True).gone == ["Dan Evans (dan@example.org)"]
    dan = everybody(database)["dan"]
    assert dan.left_at == NOW
    assert dan.key is not None  # marked, not deleted
    back = brought_in(database, policy, DEMO.read_bytes())
    assert back.changed == ["Dan Evans (dan@example.org): is back"]
    assert everybody(database)["dan"].left_at is None


def test_a_last_day_that_is_over_marks_somebody_as_left(database: Database, policy: Policy) -> None:
    brought_in(database, policy, "name,email,leaves\nBen,ben@example.org,\n")
    written = "name,email,leaves\nBen,ben@example.org,2026-03-01\nNever Here,never@example.org,2025-01-01\n"
    changes = brought_in(database, policy, written)
    assert changes.gone == ["Ben (ben@example.org)"]
    assert changes.notes == ["line 3: Never Here has left already, and was not added"]
    again = brought_in(database, policy, written)
    assert again.summary() == "0 new, 0 changed, 0 left, 1 as before"


def test_leavers_are_marked_the_day_after_their_last_where_they_are(database: Database, policy: Policy) -> None:
    written = "name,email,leaves,zone\nBen,ben@b.uk,2026-03-02,\nAna,ana@b.uk,2026-03-02,Pacific/Auckland\n"
    evening = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # already the third in Auckland
    brought_in(database, policy, written)
    assert database.run(lambda session: mark_leavers(session, evening, policy)) == 1
    assert everybody(database)["ana"].left_at == evening
    assert everybody(database)["ben"].left_at is None
    midnight = datetime(2026, 3, 3, 0, 0, tzinfo=UTC)
    assert database.run(lambda session: mark_leavers(session, midnight, policy)) == 1
    assert database.run(lambda session: mark_leavers(session, midnight, policy)) == 0


# ---------------------------------------------------------------------------------------------------------- partners


def test_the_organisation_nominates_and_can_nominate_anew(database: Database, policy: Policy) -> None:
    brought_in(database, policy, DEMO.read_bytes())
    changes = brought_in(database, policy, "name,email,partner\nAmina Khan,amina@example.org,chloe@example.org\n")
    assert changes.changed == ["Amina Khan (amina@example.org): learning partner is now chloe@example.org"]
    assert partner_of(database, "amina") == "chloe@example.org"


def test_a_partnership_the_learner_made_is_never_overridden(database: Database, policy: Policy) -> None:
    brought_in(database, policy, DEMO.read_bytes())
    found = everybody(database)
    database.run(
        lambda session: session.add(
            Partnership(learner_id=found["dan"].id, partner_id=found["chloe"].id, asked_at=NOW, answered_at=NOW,
                        state="accepted", current=found["dan"].id)
        )
    )  # fmt: skip
    changes = brought_in(database, policy, "name,email,partner\nDan Evans,dan@example.org,ben@example.org\n")
    assert changes.summary() == "0 new, 0 changed, 0 left, 1 as before"
    assert changes.notes == ["line 2: Dan Evans has arranged a learning partnership with Chloe Dunn and keeps it"]
    assert partner_of(database, "dan") == "chloe@example.org"


def test_two_imports_of_one_roster_leave_one_of_everything(database: Database, policy: Policy) -> None:
    roster = read_roster(DEMO.read_bytes())
    twice = replace(roster, notes=("again",))
    for one in (roster, twice):
        database.run(lambda session, one=one: import_roster(session, one, KEYRING, NOW, policy))
    assert len(everybody(database)) == 8
