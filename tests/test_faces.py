"""Every form on every platform: within its limits, and read back."""

from operator import attrgetter

import pytest

from bot.chat import Field, Form, joined
from bot.slack.render import filled as slack_filled
from bot.slack.render import forms as slack_forms
from bot.slack.render.limits import Limit
from bot.teams.render import filled as teams_filled
from bot.teams.render import forms as teams_forms
from handlers import CONVERSATIONS
from tests.slack.test_render import check as slack_would_take
from tests.teams.test_render import valid as teams_would_take

ALL_FORMS = [form for conversation in CONVERSATIONS for form in conversation.forms]
SAMPLES = {
    "line": "Safeguarding level 2",
    "paragraph": "First line\nsecond line with <!channel> & **stars**",
    "date": "2026-03-05",
    "time": "14:30",
    "rating": "4",
    "yesno": "yes",
}


def sample(one: Field) -> str:
    if one.kind == "choices":
        return joined(option.value for option in one.options[::2])
    return one.options[-1].value if one.options else SAMPLES.get(one.kind, "")


def sample_answers(form: Form) -> dict[str, str]:
    return {one.name: sample(one) for one in form.fields}


def slack_reads_back(form: Form, answers: dict[str, str]) -> dict[str, str]:
    return slack_filled.read(slack_filled.fill(form, answers))


def teams_reads_back(form: Form, answers: dict[str, str]) -> dict[str, str]:
    submitted = teams_filled.read(teams_filled.fill(form, answers))
    assert submitted is not None
    assert submitted.action == form.name
    return dict(submitted.answers)


@pytest.mark.parametrize("reads_back", [slack_reads_back, teams_reads_back])
@pytest.mark.parametrize("form", ALL_FORMS, ids=attrgetter("name"))
def test_what_a_person_fills_in_is_what_we_read(form: Form, reads_back: object) -> None:
    assert callable(reads_back)
    answers = sample_answers(form)
    read = reads_back(form, answers)
    assert {name: words for name, words in read.items() if words} == {n: w for n, w in answers.items() if w}


@pytest.mark.parametrize("form", ALL_FORMS, ids=attrgetter("name"))
def test_every_form_is_within_each_platforms_limits(form: Form) -> None:
    problems = {one.name: "This needs another look." for one in form.fields}
    filled = form.filled(sample_answers(form))
    for view in (slack_forms.view(form), slack_forms.view(filled, problems=problems)):
        assert len(view["title"]["text"]) <= Limit.VIEW_TITLE
        slack_would_take({"blocks": view["blocks"]}, Limit.VIEW_BLOCKS)
    for dialog in (True, False):
        teams_would_take(teams_forms.form_card(form, dialog=dialog))
        teams_would_take(teams_forms.form_card(filled, problems, dialog=dialog))
