"""The policy: what may be written there, and that every mistake is named with its line."""

from datetime import date
from pathlib import Path

import pytest

from bot.policy import Policy, PolicyError, load

ENOUGH = """name = "A trust"
[interviews]
minutes = 45
windows = [
    { opens = "10-01", closes = "11-30" },
]
[[reviews.questions]]
key = "purpose"
ask = "Why are we here?"
"""


def loaded(tmp_path: Path, more: str = "", base: str = ENOUGH) -> Policy:
    path = tmp_path / "trust.toml"
    path.write_text(base + more, encoding="utf-8")
    return load(str(path))


def mistake(tmp_path: Path, more: str = "", base: str = ENOUGH) -> str:
    with pytest.raises(PolicyError) as wrong:
        loaded(tmp_path, more, base)
    return str(wrong.value)


def test_the_bundled_policy_names_its_activities_needs_criteria_and_trainings() -> None:
    courses = load("southampton").courses
    assert (len(courses.activities), len(courses.needs), len(courses.criteria)) == (14, 8, 8)
    assert courses.activity("shadowing") == "Shadowing somebody at work"
    assert (courses.short_after_days, courses.long_after_months) == (42, 6)
    names = [training.name for training in load("southampton").trainings]
    assert names[0] == "Safeguarding and Prevent"
    assert len(names) == 5


def test_a_list_that_is_left_out_is_empty_and_not_a_mistake(tmp_path: Path) -> None:
    policy = loaded(tmp_path)
    assert policy.courses.activities == ()
    assert policy.trainings == ()
    assert policy.courses.activity("shadowing") == ""


ACTIVITIES = """[[courses.activities]]
key = "reading"
label = "Reading"
[[courses.activities]]
key = "reading"
label = "Reading once more"
"""


@pytest.mark.parametrize(
    ("more", "line", "what"),
    [
        ('[courses]\ncolour = "red"\n', 11, "courses.colour: Extra inputs are not permitted"),
        ("[courses]\nlong_after_months = 90\n", 11, "courses.long_after_months"),
        (ACTIVITIES, 10, "every one of these needs a key of its own"),
        ('[[courses.activities]]\nkey = "reading"\nlabel = "R"\n', 12, "courses.activities.0.label"),
        ('[[courses.needs]]\nkey = "plan"\nlabel = "My plan"\nwho = "me"\n', 13, "courses.needs.0.who"),
        ('[[courses.criteria]]\nkey = "A Key"\nlabel = "Skills"\n', 11, "courses.criteria.0.key"),
        ('[[trainings]]\nkey = "gdpr"\nname = "GDPR"\n[[trainings]]\nkey = "fire"\nname = "Fire"\ncost = 3\n', 16,
         "trainings.1.cost"),
        ('[[trainings]]\nkey = "gdpr"\n', 10, "trainings.0.name: Field required"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_own_line(tmp_path: Path, more: str, line: int, what: str) -> None:
    said = mistake(tmp_path, more)
    assert f"trust.toml line {line}: " in said
    assert what in said


def test_a_mistake_in_a_list_within_brackets_has_the_line_of_its_item(tmp_path: Path) -> None:
    wrong = ENOUGH.replace('    { opens = "10-01", closes = "11-30" },', '    { opens = "10-01", closes = "11-30" },\n'
                           '    { opens = "13-01", closes = "11-30" },')  # fmt: skip
    assert "trust.toml line 6: interviews.windows.1.opens" in mistake(tmp_path, base=wrong)


def test_a_training_is_for_those_it_names_or_for_everybody(tmp_path: Path) -> None:
    everybody, some = loaded(
        tmp_path,
        '[[trainings]]\nkey = "gdpr"\nname = "GDPR"\n'
        '[[trainings]]\nkey = "fire"\nname = "Fire"\nvalid_months = 0\nteams = ["Kitchen"]\nposts = ["Caretaker"]\n',
    ).trainings
    assert everybody.is_for(None, None)
    assert some.is_for("Kitchen", None)
    assert some.is_for("Office", "Caretaker")
    assert not some.is_for("Office", "Teacher")
    assert not some.is_for(None, None)


def test_the_bundled_policy_has_themes_for_team_plans_and_asks_how_they_go_each_term() -> None:
    policy = load("southampton")
    assert policy.team_plans.theme("digital") == "Digital skills and data"
    assert policy.team_plans.theme("forgotten") == ""
    assert policy.plans_followed_up_on(date(2026, 9, 1)) == (date(2026, 12, 1), date(2027, 3, 10), date(2027, 6, 20))


def test_without_themes_and_days_nothing_is_asked_about_team_plans(tmp_path: Path) -> None:
    policy = loaded(tmp_path)
    assert policy.team_plans.themes == ()
    assert policy.plans_followed_up_on(date(2026, 9, 1)) == ()


def test_a_mistake_about_team_plans_is_named_with_its_line(tmp_path: Path) -> None:
    assert "trust.toml line 11: team_plans.followed_up_on" in mistake(
        tmp_path, '[team_plans]\nfollowed_up_on = ["31-12"]\n'
    )
    assert "team_plans" in mistake(tmp_path, '[team_plans]\nfollowed_up_on = ["02-31"]\n')
    twice = '[[team_plans.themes]]\nkey = "law"\nlabel = "Law"\n' * 2
    assert "every one of these needs a key of its own" in mistake(tmp_path, twice)
