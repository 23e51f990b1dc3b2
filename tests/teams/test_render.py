"""Every part of a message and every field of a form as a card: valid, within limits, and literal."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from microsoft_teams.cards import StackedHorizontalBarChart

from bot.chat import (
    PUT_AWAY,
    Button,
    Buttons,
    Chart,
    Facts,
    Field,
    Form,
    Link,
    Message,
    Option,
    Quote,
    Select,
    Table,
    small,
    text,
)
from bot.teams.render import cards, filled, forms
from bot.teams.render.limits import LIMITS, TooLarge
from bot.teams.render.text import literal
from tests.teams.world import buttons, words_of

SCHEMA = Path(__file__).parents[3] / "shared" / "schemas" / "adaptive-card-1.6.0.schema.json"

HOSTILE = [
    "<!channel>",
    "<@U1>",
    "<https://evil.example|HR>",
    "[HR](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "<at>Everybody</at>",
    "**bold** _and_ `code` # head",
    "- one\r- two",
    "1. one\n2. two",
    "a\n\nb",
    "&lt;b&gt; &amp; <script>alert(1)</script>",
    "\\*escaped\\*",
    "${title} and {sentence}",
    "\N{RIGHT-TO-LEFT OVERRIDE}txt",
]
COMPUTED = [
    "{{DATE(2026-03-05T09:00:00Z, SHORT)}}",
    "{{TIME(2026-03-05T09:00:00Z)}}",
    "{{{DATE(2026-03-05T09:00:00Z)}}}",
    "{{date(2026-03-05)}}",
]


def everywhere(words: str) -> Message:
    """A message with `words` in every place that can hold a person's words."""
    return Message(
        words,
        (
            text("Said: **{words}**", words=words),
            small("{words}", words=words),
            Quote(words, by=words),
            Facts(((words, words),)),
            Table((words, words), ((words, words),)),
            Chart(words, (words,), ((words, (1.0,)),)),
            Chart(words, (words,), ((words, (1.0,)), (words, (2.0,)))),
            Link(words, "https://learn.example/x"),
            Buttons((Button(words, "x.y", 1, words),)),
            Select(words, "x.z", (Option(words, "1"),)),
        ),
    )


FORM = Form(
    "x.filled",
    "Everything asked",
    (
        Field("line", "A line", hint="like this"),
        Field("paragraph", "A paragraph", "paragraph", required=False),
        Field("choice", "A choice", "choice", options=(Option("One", "1"), Option("Two", "2"))),
        Field("some", "Any of these", "choices", options=(Option("One", "1"), Option("*Two*", "2"), Option("3", "3"))),
        Field("date", "A date", "date"),
        Field("time", "A time", "time"),
        Field("rating", "A rating", "rating"),
        Field("yesno", "Yes or no?", "yesno"),
    ),
    intro=(text("Before you start, **{name}**", name="*Ana*"), Quote("a\nb"), Facts((("When", "Thu 5 Mar"),))),
    about=7,
    value="v",
)
ANSWERS = {
    "line": "a *line*",
    "paragraph": "two\nlines {{DATE(2026-03-05)}}",
    "choice": "2",
    "some": "1\n3",
    "date": "2026-03-05",
    "time": "14:30",
    "rating": "4",
    "yesno": "no",
}


def elements(shown: Any) -> list[dict[str, Any]]:
    """Everything in a card that has a type."""
    if isinstance(shown, list):
        return [found for item in shown for found in elements(item)]
    if not isinstance(shown, dict):
        return []
    own = [shown] if "type" in shown else []
    return own + [found for name, value in shown.items() if name != "data" for found in elements(value)]


def runs(shown: Any) -> list[str]:
    return [found["text"] for found in elements(shown) if found["type"] == "TextRun"]


# ---------------------------------------------------------------------------------------------------- words stay words


@pytest.mark.parametrize("words", [*HOSTILE, *COMPUTED])
def test_no_element_that_reads_markdown_ever_holds_words(words: str) -> None:
    shown = cards.card(everywhere(words), direct=True)
    assert {found["type"] for found in elements(shown)}.isdisjoint({"TextBlock", "FactSet", "Input.Toggle"})
    assert not [found for found in elements(shown) if found.get("style") == "expanded"]
    assert "entities" not in json.dumps(shown)


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_are_shown_as_they_are(words: str) -> None:
    assert runs(cards.card(everywhere(words), direct=True)).count(words) >= 8


@pytest.mark.parametrize("words", COMPUTED)
def test_nothing_that_somebody_wrote_is_computed(words: str) -> None:
    computed = re.compile(r"\{\{\s*(DATE|TIME)", re.IGNORECASE)
    for direct in (True, False):
        shown = cards.activity(everywhere(words), direct=direct)
        bare = json.loads(json.dumps(shown))
        for found in elements(bare):
            found.pop("data", None)
        bare.pop("summary")
        assert not computed.search(json.dumps(bare))
    assert (
        words.replace("{{", "{\N{WORD JOINER}{").replace("\N{WORD JOINER}{\N{WORD JOINER}", "{\N{WORD JOINER}") or words
    )


def test_what_is_broken_up_looks_the_same() -> None:
    shown = literal("at {{DATE(x)}} and {{other}}")
    assert shown.replace("\N{WORD JOINER}", "") == "at {{DATE(x)}} and {{other}}"
    assert "{{other}}" in shown


def test_only_our_own_sentence_is_bold() -> None:
    shown = cards.card(Message("x", (text("**Kept.** You said {words}", words="**loud**"),)), direct=True)
    inlines = shown["body"][0]["inlines"]
    assert [(run["text"], run.get("weight")) for run in inlines] == [("Kept.", "Bolder"), (" You said **loud**", None)]


def test_the_line_of_the_notification_is_one_plain_line() -> None:
    shown = cards.activity(Message("a\n  b " + "c" * 400), direct=True)
    assert shown["summary"].startswith("a b ccc")
    assert len(shown["summary"]) <= LIMITS["summary"]
    assert set(shown) == {"type", "summary", "attachments"}


# ------------------------------------------------------------------------------------------------------------- validity


@cache
def published() -> jsonschema.Draft6Validator:
    """The published schema. It is not quite valid itself, so it is used without being checked first."""
    return jsonschema.Draft6Validator(json.loads(SCHEMA.read_text("utf-8")))


VALID: set[str] = set()  # the parts of cards that were looked at


def valid(shown: dict[str, Any]) -> None:
    """Check a card against the published schema, and what is newer than it by name."""
    if not SCHEMA.exists():
        pytest.skip("the published schema of Adaptive Cards is not here")
    known = json.loads(json.dumps(shown))
    known["body"] = [item for item in known["body"] if not item["type"].startswith("Chart.")]
    parts = {json.dumps(item): item for item in known["body"]}
    # one part is valid or not whatever stands beside it, and most parts of a changed message were there before
    known["body"] = [item for words, item in parts.items() if words not in VALID]
    problems = [error.message for error in published().iter_errors(known)]
    assert problems == []
    VALID.update(parts)
    for chart in (item for item in shown["body"] if item["type"].startswith("Chart.")):
        several = chart["type"] in ("Chart.VerticalBar.Grouped", "Chart.HorizontalBar.Stacked")
        assert set(chart) == {"type", "title", "showTitle", "showBarValues", "fallback", "data"} | (
            {"colorSet"} if several else set()
        )
        assert several or chart["type"] == "Chart.VerticalBar"


@pytest.mark.parametrize("direct", [True, False])
@pytest.mark.parametrize("words", ["plain", *HOSTILE])
def test_every_message_is_valid(words: str, *, direct: bool) -> None:
    valid(cards.card(everywhere(words), direct=direct))
    valid(cards.card(Message(words), direct=direct))


@pytest.mark.parametrize("dialog", [True, False])
def test_every_form_is_valid_empty_filled_and_with_problems(*, dialog: bool) -> None:
    valid(forms.form_card(FORM, dialog=dialog))
    valid(forms.form_card(FORM.filled(ANSWERS), dialog=dialog, over=True, origin="17"))
    wrong = dict.fromkeys(ANSWERS, "31/02 {{DATE(x)}}")
    valid(forms.form_card(FORM.filled(wrong), wrong | {"": "Look again."}, dialog=dialog))


def test_a_chart_has_a_bar_for_each_category_and_a_legend_for_each_series() -> None:
    one = cards.card(Message("x", (Chart("How it went", ("Trust", "Focus"), (("Team", (4.0, 3.5)),)),)), direct=False)
    assert one["body"][0]["data"] == [{"x": "Trust", "y": 4.0}, {"x": "Focus", "y": 3.5}]
    two = Chart("How it went", ("Trust",), (("Now", (4.0,)), ("Before", (3.0,))))
    shown = cards.card(Message("x", (two,)), direct=False)["body"][0]
    assert (shown["type"], [s["legend"] for s in shown["data"]]) == ("Chart.VerticalBar.Grouped", ["Now", "Before"])


def test_a_stacked_chart_is_a_bar_for_each_category_made_of_every_series(monkeypatch: pytest.MonkeyPatch) -> None:
    spread = Chart("How many gave 1 to 5", ("Trust", "Focus"), (("1", (0, 2)), ("5", (4, 1))), stacked=True)
    shown = cards.card(Message("x", (spread,)), direct=False)
    valid(shown)
    assert shown["body"][0]["type"] == "Chart.HorizontalBar.Stacked"
    assert shown["body"][0]["data"] == [
        {"title": "Trust", "data": [{"legend": "1", "value": 0}, {"legend": "5", "value": 4}]},
        {"title": "Focus", "data": [{"legend": "1", "value": 2}, {"legend": "5", "value": 1}]},
    ]
    StackedHorizontalBarChart.model_validate(shown["body"][0])
    monkeypatch.setitem(LIMITS, "chart categories", 1)
    assert len(cards.card(Message("x", (spread,)), direct=False)["body"][0]["data"]) == 1


# --------------------------------------------------------------------------------------------------------------- limits


def test_more_buttons_than_a_set_shows_go_into_another() -> None:
    many = Buttons(tuple(Button(f"Book {n}", "x.y", n) for n in range(14)))
    sets = [item for item in cards.card(Message("x", (many,)), direct=True)["body"] if item["type"] == "ActionSet"]
    assert [len(item["actions"]) for item in sets] == [6, 6, 2]


def test_a_link_stands_in_one_row_with_the_buttons_that_follow_it() -> None:
    message = Message("x", (Link("Add it", "https://learn.example/x.ics"), Buttons((Button("Move it", "x.y", 1),))))
    (row,) = cards.card(message, direct=True)["body"]
    assert [action["title"] for action in row["actions"]] == ["Add it", "Move it"]
    full = Buttons(tuple(Button(f"Book {n}", "x.y", n) for n in range(6)))
    rows = cards.card(Message("x", (message.parts[0], full)), direct=True)["body"]
    assert [len(row["actions"]) for row in rows] == [1, 6]


def test_a_long_quote_is_shortened_until_the_card_fits() -> None:
    for words in ("a" * 40_001, "\N{PARTY POPPER}" * 20_000, "line\n" * 8_000, '"\\' * 20_000):
        shown = cards.card(Message("Your diary", (text("From your diary"), Quote(words))), direct=True)
        assert cards.size(shown) <= LIMITS["card bytes"]
        assert runs(shown)[-1].endswith("…")
        assert runs(shown)[0] == "From your diary"


def test_what_cannot_fit_is_refused_before_it_is_sent() -> None:
    with pytest.raises(TooLarge):
        cards.card(Message("x", (text("{words}", words="a" * 40_000),)), direct=True)
    with pytest.raises(TooLarge):
        cards.card(Message("x", (Table(("a",), (("b",),) * 100),)), direct=True)
    with pytest.raises(TooLarge):
        forms.form_card(Form("x.y", "x", (Field("a", "a", "choice", options=(Option("b", "c"),) * 201),)))
    with pytest.raises(TooLarge):
        forms.form_card(Form("x.y", "x", (Field("a", "a", "paragraph", value="a" * 90_000),)))


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("plain words, and more", "plain words, and more"),
        ("[HR](https://evil)", "\\[HR\\](https://evil)"),
        ("**bold** _and_ `code`", "\\*\\*bold\\*\\* \\_and\\_ \\`code\\`"),
        ("<https://evil> &amp;", "\\<https://evil\\> \\&amp;"),
        ("1. a list", "1\N{WORD JOINER}. a list"),
        ("2) a list", "2\N{WORD JOINER}) a list"),
        ("- a list", "\N{WORD JOINER}- a list"),
        ("---", "\N{WORD JOINER}---"),
        ("1.2 a code", "1.2 a code"),
        ("\\", "\\\\"),
        ("{{DATE(2026-03-05)}}", "{\N{WORD JOINER}{DATE(2026-03-05)}}"),
    ],
)
def test_what_stands_beside_a_box_to_tick_is_not_read_as_markdown(words: str, shown: str) -> None:
    card = forms.form_card(Form("x.y", "x", (Field("a", "a", "choices", options=(Option(words, "1"),)),)))
    [ticked] = [found for found in elements(card) if found.get("isMultiSelect")]
    assert ticked["choices"] == [{"title": shown, "value": "1"}]


def test_many_choices_are_a_menu_whose_labels_stand_as_they_are_and_link_nowhere() -> None:
    options = tuple(Option(f"{n}. *a* & b [HR](https://evil) <https://evil>", str(n)) for n in range(11))
    few, many = (
        next(one for one in elements(forms.form_card(Form("x.y", "x", (field,)))) if one.get("isMultiSelect"))
        for field in (Field("a", "a", "choices", options=options[:10]), Field("a", "a", "choices", options=options))
    )
    assert (few["style"], many["style"]) == ("expanded", "compact")
    assert many["choices"][0]["title"] == "0. *a* & b [HR]\N{WORD JOINER}(https://evil) <\N{WORD JOINER}https://evil>"


def test_half_a_surrogate_pair_does_not_stop_a_card() -> None:
    assert cards.size(cards.card(Message("\ud800"), direct=True)) > 0


# ---------------------------------------------------------------------------------------------------------------- forms


def test_what_a_person_fills_in_is_what_we_read() -> None:
    said = filled.read(filled.fill(FORM, ANSWERS))
    assert said is not None
    assert (said.kind, said.action, said.about, said.value) == ("submit", "x.filled", 7, "v")
    assert dict(said.answers) == ANSWERS


def test_what_is_left_empty_or_not_sent_is_an_empty_answer() -> None:
    data = filled.fill(FORM, {"line": "a"})
    del data["rating"]
    data["time"] = None
    said = filled.read(data)
    assert said is not None
    assert dict(said.answers) == dict.fromkeys(ANSWERS, "") | {"line": "a"}


def test_what_was_typed_stays_beside_what_is_wrong_with_it() -> None:
    wrong = FORM.filled(ANSWERS | {"line": "31/02", "date": "soon"})
    body = forms.form_card(wrong, {"line": "Which day?", "date": "Which one?", "gone": "Look again."})["body"]
    values = {item["id"]: item.get("value") for item in body if item["type"].startswith("Input.")}
    # a date field cannot show what is no date; several choices stand with commas between them
    assert values == ANSWERS | {"line": "31/02", "date": None, "some": "1,3"}
    ids = [item.get("id") or words_of(item) for item in body]
    assert ids.index("Which day?") == ids.index("line") + 1
    assert ids.index("Look again.") < ids.index("line")
    colours = {run["text"]: run.get("color") for item in body for run in item.get("inlines", [])}
    assert colours["Which day?"] == "Attention"


def test_optional_fields_say_so_and_needed_ones_are_asked_for() -> None:
    inputs = {item["id"]: item for item in forms.form_card(FORM)["body"] if item["type"].startswith("Input.")}
    assert inputs["paragraph"]["label"] == "A paragraph (optional)"
    assert "isRequired" not in inputs["paragraph"]
    assert inputs["line"]["isRequired"]
    assert inputs["line"]["errorMessage"]


def test_where_nothing_is_needed_no_field_says_that_it_is_optional() -> None:
    fields = (Field("a", "Why, if you like to say", required=False), Field("b", "How?", required=False))
    labels = [item["label"] for item in forms.form_card(Form("x.y", "x", fields))["body"] if "label" in item]
    assert labels == ["Why, if you like to say", "How?"]


def test_a_rating_is_one_line_high() -> None:
    (rating,) = (item for item in forms.form_card(FORM)["body"] if item.get("id") == "rating")
    assert (rating["style"], [choice["title"] for choice in rating["choices"]]) == (
        "compact",
        ["1", "2", "3", "4", "5"],
    )


def test_a_form_among_the_messages_can_be_closed_unsent_and_a_dialog_has_its_own_way_out() -> None:
    assert list(buttons(forms.form_card(FORM))) == ["Save", "Never mind"]
    assert list(buttons(forms.form_card(FORM, dialog=True))) == ["Save"]
    said = filled.read(buttons(forms.form_card(FORM))["Never mind"]["data"])
    assert said is not None
    assert (said.kind, said.action) == ("tap", PUT_AWAY)


def test_a_long_answer_is_never_cut_by_its_own_field() -> None:
    field = Field("a", "a", "paragraph", value="x" * 20_000)
    (shown,) = (i for i in forms.form_card(Form("x.y", "x", (field,)))["body"] if i["type"] == "Input.Text")
    assert shown["maxLength"] == 20_000
    assert shown["value"] == "x" * 20_000


# -------------------------------------------------------------------------------------------------------------- buttons


def test_a_button_that_opens_a_form_asks_for_a_dialog_only_where_others_see_the_card() -> None:
    message = Message("x", (Buttons((Button("Fill in", "x.open", 3, "v", "primary", opens_form=True),)),))
    direct = buttons(cards.card(message, direct=True))["Fill in"]
    assert (direct["type"], direct["verb"], direct["style"]) == ("Action.Execute", "x.open", "positive")
    channel = buttons(cards.card(message, direct=False))["Fill in"]
    assert (channel["type"], channel["data"]["msteams"]) == ("Action.Submit", {"type": "task/fetch"})
    for action in (direct, channel):
        said = filled.read(action["data"])
        assert said is not None
        assert (said.kind, said.action, said.about, said.value) == ("tap", "x.open", 3, "v")


def test_choosing_from_a_list_is_a_tap_with_the_choice() -> None:
    select = Select("Which time?", "x.take", (Option("Thu", "a"), Option("Fri", "b")), about=5)
    body = cards.card(Message("x", (select,)), direct=True)["body"]
    choice, send = body[0], body[1]["actions"][0]
    said = filled.read({choice["id"]: "b", **send["data"]})
    assert said is not None
    assert (said.kind, said.action, said.about, said.value) == ("tap", "x.take", 5, "b")


def test_a_button_beside_a_list_does_not_wait_for_a_choice() -> None:
    message = Message("x", (Select("Which?", "x.take", (Option("a", "a"),)), Buttons((Button("Later", "x.later"),))))
    shown = cards.card(message, direct=True)
    assert buttons(shown)["Later"]["associatedInputs"] == "none"


@pytest.mark.parametrize(
    "data",
    [
        None, "x", 7, [], {}, {"learnbot": None}, {"learnbot": []}, {"learnbot": {}}, {"learnbot": {"action": 7}},
        {"learnbot": {"form": "x"}}, {"learnbot": {"form": 7, "fields": []}}, {"learnbot": {"fields": ["a"]}},
    ],
)  # fmt: skip
def test_data_that_is_not_ours_says_nothing(data: Any) -> None:
    assert filled.read(data) is None


def test_tampered_data_is_read_as_far_as_it_makes_sense() -> None:
    said = filled.read({"learnbot": {"action": "x.y", "about": "7; drop", "value": {"a": 1}}})
    assert said is not None
    assert (said.about, said.value) == (None, "")
    said = filled.read({"learnbot": {"action": "x.y", "about": True}})
    assert said is not None
    assert said.about is None
    said = filled.read({"a": {"b": 1}, "learnbot": {"form": "x", "fields": ["a", 7, None]}})
    assert said is not None
    assert dict(said.answers) == {"a": "", "7": "", "None": ""}
