"""Standards: every mistake is named with its line, a file is imported whole or not at all; twice is once."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

import bot
from bot.policy import Policy
from storage import standards
from storage.database import Database
from storage.models import Evidence, Person, Post, Standard, StandardItem
from storage.roster import RosterMistakes, import_roster, read_roster
from storage.standard_files import Changes, StandardMistakes, import_standard, read_standard
from tests.conftest import KEYRING, NOW

BUNDLED = Path(bot.__file__).parent / "standards"
YAML = """\
standard: support
title: Support
version: 1.10
source: Ours
posts: [Teaching assistant]
areas:
  - code: L
    title: Learning
    statements:
      - {code: L1, words: Listens}
      - {code: L2, words: Explains, gloss: And waits}
  - code: S
    title: Safety
    areas:
      - code: S.A
        title: At school
        statements:
          - {code: S1, words: "no: says so"}
"""
CSV = """\
standard,title,version,source,posts,code,under,words,gloss
support,Support,1.10,Ours,Teaching assistant,L,,Learning,
,,,,,L1,L,Listens,
,,,,,L2,L,Explains,And waits
,,,,,S,,Safety,
,,,,,S.A,S,At school,
,,,,,S1,S.A,no: says so,
"""


def brought_in(database: Database, written: str, *, posts: tuple[str, ...] = (), dry_run: bool = False,
               is_csv: bool = False, later: int = 0) -> Changes:  # fmt: skip
    file, now = read_standard(written, is_csv=is_csv), NOW + timedelta(days=later)
    return database.run(lambda session: import_standard(session, file, now, posts=posts, dry_run=dry_run))


def mistakes(written: str | bytes, *, is_csv: bool = False) -> list[str]:
    return list(StandardMistakes(read_standard(written, is_csv=is_csv).mistakes).lines)


def count(database: Database, kind: type) -> int:
    return len(database.run(lambda session: list(session.scalars(select(kind)))))


# ------------------------------------------------------------------------------------------------------- what is read


def test_a_csv_and_a_yaml_file_say_the_same() -> None:
    tree, table = read_standard(YAML, is_csv=False), read_standard(CSV, is_csv=True)
    assert not tree.mistakes + table.mistakes
    assert (tree.key, tree.title, tree.version, tree.source) == ("support", "Support", "1.10", "Ours")
    assert (table.key, table.title, table.version, table.source) == ("support", "Support", "1.10", "Ours")
    assert tree.posts == table.posts == ("Teaching assistant",)
    without_lines = [[(one.code, one.words, one.under, one.gloss, one.is_area) for one in file.items]
                     for file in (tree, table)]  # fmt: skip
    assert without_lines[0] == without_lines[1]
    assert [one.code for one in tree.items if one.is_area] == ["L", "S", "S.A"]


@pytest.mark.parametrize(("name", "counts"), [("welsh-standard", [3, 20, 7]), ("learning-support", [5, 5, 3, 4])])
def test_the_standards_that_come_with_the_bot_can_be_imported(database: Database, name: str, counts: list[int]) -> None:
    written = (BUNDLED / f"{name}.yaml").read_text("utf-8")
    brought_in(database, written)
    found = database.run(
        lambda session: [
            len(area.statements) for area in standards.areas(session, standards.in_force(session, name).id)
        ]  # type: ignore[union-attr]
    )
    assert found == counts
    assert "ours" in written.lower()  # whose wording it is, is said in the file


# ----------------------------------------------------------------------------------------------------------- mistakes


def test_every_mistake_of_a_csv_file_is_named_with_its_line() -> None:
    written = (
        "standard,title,version,code,under,words\n"
        "Big Standard,Big,1,A,,Area\n"
        ",Bigger,,A1,A,Fine\n"
        ",,,a1,A,Twice\n"
        ",,,,A,No code\n"
        ",,,A2,A,\n"
        ",,,A 3,A,Spaced\n"
        ",,,B1,B,Nowhere\n"
        ",,,C1,C,Too early\n"
        ",,,C,,Late\n"
        ",,,D,,Empty\n"
        f",,,A4,A,{'x' * 601}\n"
        ",,,A5,A,more,than,headings\n"
    )
    assert mistakes(written, is_csv=True) == [
        "line 2: the standard “Big Standard” needs a short name of small letters, digits and hyphens",
        "line 3: the title is “Bigger” here and “Big” on line 2",
        "line 4: the code a1 is on line 3 already",
        "line 5: this row has no code",
        "line 6: this row has no words",
        "line 7: the code “A 3” is too long, or has spaces or commas in it",
        f"line 12: the statement “{'x' * 59}…” is longer than 600 characters, or holds signs that cannot be shown",
        "line 13: there are more values than headings: put quotation marks around a value that holds a separator",
    ]


def test_every_mistake_of_a_tree_is_named_with_its_line() -> None:
    written = (
        "standard,title,version,code,under,words\n"
        "big,Big,1,A,,Area\n"
        ",,,A1,A,Fine\n"
        ",,,B1,B,Nowhere\n"
        ",,,C1,C,Too early\n"
        ",,,C,,Late\n"
        ",,,D,,Empty\n"
    )
    assert mistakes(written, is_csv=True) == [
        "line 4: B1 is under “B”, which is not in this file",
        "line 5: C1 is under C, which comes after it: put the area first",
        "line 7: the area D has no statements",
    ]


def test_every_mistake_of_a_yaml_file_is_named_with_its_line() -> None:
    written = (
        "standard: support\n"
        "titel: Support\n"
        "version: 1\n"
        "areas:\n"
        "  - code: L\n"
        "    title: [Learning]\n"
        "    statements: Listens\n"
        "  - just words\n"
        "  - code: S\n"
        "    title: Safety\n"
        "    statements:\n"
        "      - {code: S1}\n"
        "      - {code: S2, words: Fine, words: Again}\n"
        "      - {code: '', words: Fine}\n"
        "      - {code: S 3, words: Fine}\n"
    )
    assert mistakes(written) == [
        "line 1: a standard needs title:",
        "line 2: a standard has no “titel”; it has standard, title, version, source, posts, areas",
        "line 6: title is a few words, not a list",
        "line 7: statements is a list, each line of it beginning with a hyphen",
        "line 8: an area is written as code: … and so on, one below the other",
        "line 12: a statement needs words:",
        "line 13: words is there twice",
        "line 14: code is empty",
        "line 15: the code “S 3” is too long, or has spaces or commas in it",
    ]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (b"", "the file is empty"),
        (b"  \n", "the file is empty"),
        (b"\x00", "this is not text"),
        (b"x" * 2_000_001, "larger than 2 MB"),
        (b"a: [", "line 1: this is not YAML"),
        (b"- a\n- b", "a standard begins with"),
        (b"a: &x [1]\nb: *x", "line 2: write it out"),
        (b"[" * 3_000, "this is not YAML"),
        (b"{a: " * 1_500, "this is not YAML"),
    ],
)
def test_what_is_no_standard_is_said_to_be_none(written: bytes, reason: str) -> None:
    assert reason in "\n".join(mistakes(written))


def test_a_tag_makes_nothing() -> None:
    assert mistakes(YAML.replace("title: Support", "title: !!python/object/apply:os.system [exit]")) == [
        "line 2: title is a few words, not a list"
    ]


@pytest.mark.parametrize(
    ("statements", "areas", "reason"), [(201, 1, "at most 200"), (42, 21, "in a standard at most 20")]
)
def test_a_standard_that_nobody_could_look_through_is_refused(statements: int, areas: int, reason: str) -> None:
    lines = ["standard,title,version,code,under,words", "big,Big,1,A0,,Area"]
    lines += [f",,,A{number},,Area" for number in range(1, areas)]
    lines += [f",,,S{number},A{number % areas},Statement" for number in range(statements)]
    [found] = mistakes("\n".join(lines), is_csv=True)
    assert reason in found


def test_with_a_mistake_nothing_is_imported(database: Database) -> None:
    with pytest.raises(StandardMistakes):
        brought_in(database, YAML.replace("code: S1", "code: L1"))
    assert (count(database, Standard), count(database, StandardItem), count(database, Post)) == (0, 0, 0)


# ----------------------------------------------------------------------------------------------------------- importing


def test_importing_twice_changes_nothing(database: Database) -> None:
    first = brought_in(database, YAML)
    assert first.summary() == "Support, version 1.10 (3 statements)"
    assert first.lines() == ["post: Teaching assistant has this standard"]
    again = brought_in(database, CSV, is_csv=True, later=1)
    assert again.summary() == "Support, version 1.10 (3 statements), as before"
    assert again.lines() == []
    assert (count(database, Standard), count(database, StandardItem)) == (1, 6)


def test_a_dry_run_says_the_same_and_does_nothing(database: Database) -> None:
    would = brought_in(database, YAML, dry_run=True)
    assert (count(database, Standard), count(database, Post)) == (0, 0)
    done = brought_in(database, YAML)
    assert (done.summary(), done.lines()) == (would.summary(), would.lines())


def test_other_words_under_the_same_version_are_refused(database: Database) -> None:
    brought_in(database, YAML)
    for other in (YAML.replace("Listens", "Hears"), YAML.replace("And waits", "And goes"), YAML.replace("Ours", "His")):
        with pytest.raises(StandardMistakes, match="give the new wording a version of its own"):
            brought_in(database, other)


def test_a_new_version_says_what_changed_and_leaves_evidence_where_it_was(database: Database) -> None:
    brought_in(database, YAML)

    def count_something(session: object) -> int:
        person = Person(name="Amina", email="amina@example.org", key=KEYRING.new_person_key())
        session.add(person)  # type: ignore[attr-defined]
        session.flush()  # type: ignore[attr-defined]
        item = session.scalars(select(StandardItem).where(StandardItem.code == "L1")).one()  # type: ignore[attr-defined]
        session.add(Evidence(owner_id=person.id, item_id=item.id, kind="entry", about=1, made_at=NOW))  # type: ignore[attr-defined]
        return item.id  # type: ignore[no-any-return]

    before = database.run(count_something)
    newer = YAML.replace("1.10", "2").replace("words: Listens", "words: Listens well").replace("code: S1", "code: S2")
    changes = brought_in(database, newer, later=1)
    assert changes.summary() == "Support, version 2 (3 statements), in place of version 1.10: 1 new, 1 changed, 1 gone"
    assert changes.lines() == ["new: S2 no: says so", "changed: L1 Listens well", "gone: S1 no: says so"]
    in_force = database.run(lambda session: standards.in_force(session, "support"))
    assert in_force is not None
    assert in_force.version == "2"
    [kept] = database.run(lambda session: list(session.scalars(select(Evidence))))
    assert kept.item_id == before


def test_an_earlier_version_imported_again_does_not_come_back_into_force(database: Database) -> None:
    brought_in(database, YAML)
    brought_in(database, YAML.replace("1.10", "2"), later=1)
    again = brought_in(database, YAML, later=2)
    assert again.lines() == ["note: version 2 was imported after this one, and stays in force"]
    in_force = database.run(lambda session: standards.in_force(session, "support"))
    assert in_force is not None
    assert in_force.version == "2"


# --------------------------------------------------------------------------------------------------------------- posts


def test_a_post_has_one_standard_and_can_be_given_another(database: Database) -> None:
    brought_in(database, YAML, posts=("Mentor", " teaching  Assistant "))
    other = YAML.replace("standard: support", "standard: other").replace("posts: [Teaching assistant]\n", "")
    changes = brought_in(database, other, posts=("mentor",))
    assert changes.lines() == ["post: Mentor has this standard, no longer support"]
    posts = database.run(lambda session: {post.name: post.standard for post, _ in standards.posts(session)})
    assert posts == {"Mentor": "other", "Teaching assistant": "support"}


def test_the_roster_names_the_post_that_somebody_holds(database: Database, policy: Policy) -> None:
    def roster(written: str) -> list[str]:
        read = read_roster(written)
        return database.run(lambda session: import_roster(session, read, KEYRING, NOW, policy)).lines()

    def standard() -> str | None:
        def work(session: object) -> str | None:
            person = session.scalars(select(Person)).one()  # type: ignore[attr-defined]
            found = standards.of_person(session, person)  # type: ignore[arg-type]
            return found.title if found else None

        return database.run(work)

    roster("name,email,post\nAmina Khan,amina@example.org,Teaching Assistant\n")
    assert standard() is None
    brought_in(database, YAML)
    assert standard() == "Support"
    assert roster("name,email,post\nAmina Khan,amina@example.org,teaching assistant\n") == []
    assert roster("name,email\nAmina Khan,amina@example.org\n") == []  # no column: as it was
    assert standard() == "Support"
    [changed] = roster("name,email,post\nAmina Khan,amina@example.org,\n")
    assert "post is now none" in changed
    assert standard() is None
    with pytest.raises(RosterMistakes, match="too long"):
        roster(f"name,email,post\nAmina Khan,amina@example.org,{'x' * 121}\n")


def test_who_left_holds_no_post_in_the_list(database: Database, policy: Policy) -> None:
    brought_in(database, YAML)
    written = "name,email,post,leaves\nA,a@example.org,Teaching assistant,\nB,b@example.org,Teaching assistant,{}\n"
    for leaves in ("", date(2026, 1, 1).isoformat()):
        read = read_roster(written.format(leaves))
        database.run(lambda session, read=read: import_roster(session, read, KEYRING, NOW, policy))
    [(post, people)] = database.run(standards.posts)
    assert (post.name, people) == ("Teaching assistant", 1)
