"""How Slack shows things: every part and field, every limit, and words that stay words."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat import (
    Button,
    Buttons,
    Chart,
    Facts,
    Field,
    Form,
    Link,
    Message,
    Option,
    Part,
    Quote,
    Select,
    Table,
    small,
    text,
)
from bot.slack.render import filled, forms, messages
from bot.slack.render.controls import control, control_id
from bot.slack.render.limits import Limit, TooLarge
from bot.slack.render.text import escaped

EVIL = (
    "<!channel> <@U1> <https://evil|HR> [HR](https://evil) <at>all</at> {{DATE()}} *b* _i_ ~s~ `c` :smile: & @here #x"
)


def said(*parts: Part, summary: str = "Something") -> dict[str, Any]:
    return messages.message(Message(summary, parts))


def everything(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in blocks or a view, however deep."""
    if isinstance(value, dict):
        yield value
        for inside in value.values():
            yield from everything(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from everything(inside)


def read_aloud(blocks: Any) -> str:
    """The words that Slack shows without reading any markup in them."""
    return "".join(
        one["text"] for one in everything(blocks) if one.get("type") in ("text", "plain_text") and "text" in one
    )


def check(shown: dict[str, Any], blocks_allowed: int = Limit.MESSAGE_BLOCKS) -> None:
    """Everything that Slack's reference limits, looked up again here, on the finished JSON."""
    json.dumps(shown)
    blocks = shown["blocks"]
    assert 1 <= len(blocks) <= blocks_allowed
    named = [block["block_id"] for block in blocks if "block_id" in block]
    assert len(named) == len(set(named))
    assert sum(block["type"] == "table" for block in blocks) <= 1
    assert sum(block["type"] == "data_visualization" for block in blocks) <= 2
    for block in blocks:
        controls = [one["action_id"] for one in block.get("elements", []) if "action_id" in one]
        assert len(controls) == len(set(controls)) <= 25
    for one in everything(blocks):
        kind = one.get("type")
        assert kind != "mrkdwn", "people's words would be read as markup"
        if kind == "plain_text":
            assert 1 <= len(one["text"]) <= 3000
            assert one["text"].strip()
            assert one["emoji"] is False
        if kind == "text":
            assert 1 <= len(one["text"]) <= 3000
        if kind == "button":
            assert len(one["text"]["text"]) <= 75
            assert len(one.get("value", "")) <= 2000
        if kind == "context":
            assert 1 <= len(one["elements"]) <= 10
        if kind in ("static_select", "radio_buttons", "multi_static_select", "checkboxes"):
            groups = [group["options"] for group in one.get("option_groups", [])] or [one["options"]]
            assert len(groups) <= 100
            assert all(1 <= len(group) <= (10 if kind in ("radio_buttons", "checkboxes") else 100) for group in groups)
            drawn = [option for group in groups for option in group]
            assert all(len(option["text"]["text"]) <= 75 and 1 <= len(option["value"]) <= 150 for option in drawn)
            assert "initial_option" not in one or one["initial_option"] in drawn
            assert len(one.get("placeholder", {}).get("text", "")) <= 150
        if kind == "plain_text_input":
            assert one["max_length"] == 3000
            assert len(one.get("initial_value", "")) <= 3000
        if kind == "input":
            assert len(one["label"]["text"]) <= 2000
            assert len(one.get("hint", {}).get("text", "")) <= 2000
            assert len(one["block_id"]) <= 255
        if kind == "table":
            assert len(one["rows"]) <= 100
            assert all(len(row) <= 20 for row in one["rows"])
        if kind == "data_visualization":
            assert 1 <= len(one["title"]) <= 50
        assert len(one.get("action_id", "")) <= 255
    if "text" in shown:
        assert 1 <= len(shown["text"]) <= 4001
        assert messages.weight(blocks) <= Limit.MESSAGE_WEIGHT


# --------------------------------------------------------------------------------------------------- words stay words


@pytest.mark.parametrize(
    "part",
    [
        Quote(EVIL),
        Quote("x", by=EVIL),
        text("You wrote {words}.", words=EVIL),
        text("**{words}**", words=EVIL),
        small("You wrote {words}.", words=EVIL),
        Facts(((EVIL, "x"),)),
        Facts((("x", EVIL),)),
        Table(("What", EVIL), (("x", "y"),)),
        Table(("What",), ((EVIL,),)),
        Link(EVIL, "https://learn.example"),
    ],
    ids=lambda part: type(part).__name__,
)
def test_what_people_wrote_is_shown_literally(part: Part) -> None:
    shown = said(part)
    check(shown)
    shown_words = read_aloud(shown["blocks"]) + "".join(
        one["text"] for one in everything(shown["blocks"]) if one.get("type") == "link"
    )
    assert EVIL in shown_words
    assert "<" not in shown["text"]
    assert ">" not in shown["text"]


def test_the_fallback_text_is_escaped_and_its_summary_comes_first() -> None:
    shown = said(Quote(EVIL), summary="Ana wrote <!here>")
    assert shown["text"].startswith("Ana wrote &lt;!here&gt;\n")
    assert "&lt;!channel&gt;" in shown["text"]


def test_bold_in_our_sentences_is_bold_and_in_peoples_words_is_not() -> None:
    [block] = said(text("**Booked** with {who}.", who="**Ben**"))["blocks"]
    [section] = block["elements"]
    assert section["elements"] == [
        {"type": "text", "text": "Booked", "style": {"bold": True}},
        {"type": "text", "text": " with **Ben**."},
    ]


# ------------------------------------------------------------------------------------------------------- every part


def test_every_part_has_its_block() -> None:
    shown = said(
        text("A sentence."),
        small("Quietly."),
        Quote("words", by="Ana"),
        Facts((("When", "Thu 5 Mar"), ("Who", "Ben"))),
        Table(("Question", "Mean"), (("Why?", "4.2"),)),
        Chart("Answers", ("Why?", "What?"), (("Mean", (4.0, 3.5)),)),
        Link("The policy", "https://learn.example/policy"),
        Buttons((Button("Book", "i.take", 17, "x", "primary"), Button("Later", "i.later"))),
        Select("A day", "i.day", (Option("Mon", "1"),), about=3),
    )
    check(shown)
    assert [block["type"] for block in shown["blocks"]] == [
        "rich_text", "context", "rich_text", "rich_text", "table", "data_visualization", "rich_text", "actions",
        "actions",
    ]  # fmt: skip
    chart = shown["blocks"][5]
    assert chart == {
        "type": "data_visualization",
        "title": "Answers",
        "chart": {
            "type": "bar",
            "series": [{"name": "Mean", "data": [{"label": "Why?", "value": 4}, {"label": "What?", "value": 3.5}]}],
            "axis_config": {"categories": ["Why?", "What?"]},
        },
    }
    book, later = shown["blocks"][7]["elements"]
    assert (book["action_id"], book["value"], book["style"]) == ("i.take|0|17", "x", "primary")
    assert later == {
        "type": "button",
        "text": {"type": "plain_text", "text": "Later", "emoji": False},
        "action_id": "i.later|1|",
    }
    assert shown["blocks"][8]["elements"][0]["action_id"] == "i.day|2|3"


def test_a_message_without_parts_shows_its_summary() -> None:
    shown = said(summary="Nothing <new>")
    assert read_aloud(shown["blocks"]) == "Nothing <new>"


@pytest.mark.parametrize(
    ("action_id", "meant"),
    [
        ("i.take|0|17", ("i.take", 17)),
        ("i.take|0|", ("i.take", None)),
        ("i.take", ("i.take", None)),
        ("i.take|0|-1", ("i.take", None)),
        ("i.take|0|٣", ("i.take", None)),
        ("i.take|0|" + "9" * 40, ("i.take", None)),
        ("", ("", None)),
    ],
)
def test_a_control_says_what_was_pressed_and_nonsense_means_nothing(action_id: str, meant: Any) -> None:
    assert control(action_id) == meant


@given(
    st.from_regex(r"[a-z]{1,20}\.[a-z_]{1,20}", fullmatch=True), st.integers(0, 200), st.none() | st.integers(0, 10**9)
)
def test_a_control_comes_back_as_it_went(action: str, number: int, about: int | None) -> None:
    assert control(control_id(action, number, about)) == (action, about)


# ------------------------------------------------------------------------------------------------------ every limit

LONG = "word " * 9_000  # 45,000 characters
NOTE = "longer than Slack can show"


@pytest.mark.parametrize(
    ("part", "complete"),
    [
        (Quote("x" * 3_000), True),
        (Quote("x" * 3_001), True),
        (Quote("line\n" * 1_500), True),
        (Quote(LONG), False),
        (Quote("x" * 40_001), False),
        (text("{words}", words="x" * 3_001), True),
        (text("{words}", words=LONG), False),
        (small("{words}", words="x" * 7_000), True),
        (small("{words}", words=LONG), False),
        (Facts((("Long", "x" * 7_000),)), True),
        (Facts(tuple((f"Fact {number}", "value") for number in range(60))), True),
        (Facts(tuple((f"Fact {number}", "value " * 20) for number in range(300))), False),
        (Table(("A", "B"), tuple((str(number), "x") for number in range(60))), True),
        (Table(("A", "B"), tuple((str(number), "x") for number in range(100))), True),
        (Table(("A",) * 25, (("x",) * 25,)), True),
        (Table(("A", "B"), (("", " "),)), True),
        (Quote(""), True),
        (text(""), True),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, bool) else None,
)
def test_what_is_too_long_is_parted_or_cut_and_said_so(part: Part, complete: bool) -> None:
    shown = said(text("First."), part, Buttons((Button("Go on", "x.go"),)))
    check(shown)
    assert (NOTE in read_aloud(shown["blocks"])) is not complete
    assert "Go on" in read_aloud(shown["blocks"])


def test_long_words_that_fit_are_all_there() -> None:
    words = " ".join(str(number) for number in range(1_500))
    assert words in read_aloud(said(Quote(words))["blocks"])


@pytest.mark.parametrize("number", [1, 49, 50, 51, 120, 400])
def test_more_than_fifty_blocks_are_drawn_closer_and_then_cut(number: int) -> None:
    shown = said(*(text(f"Line {line}.") for line in range(number)), Buttons((Button("All of it", "x.all"),)))
    check(shown)
    assert "Line 0." in read_aloud(shown["blocks"])
    assert "All of it" in read_aloud(shown["blocks"])


def test_sixty_entries_with_buttons_of_their_own_keep_the_first_and_the_last_controls() -> None:
    rows = [part for n in range(60) for part in (Quote(f"Entry {n}"), Buttons((Button("Open", "d.open", n),)))]
    shown = said(*rows, Buttons((Button("Older", "d.older"),)))
    check(shown)
    assert "Entry 0" in read_aloud(shown["blocks"])
    assert "Older" in read_aloud(shown["blocks"])
    assert NOTE in read_aloud(shown["blocks"])


def test_many_buttons_share_several_rows() -> None:
    shown = said(Buttons(tuple(Button(f"Time {n}", "i.take", n) for n in range(60))))
    check(shown)
    assert [len(block["elements"]) for block in shown["blocks"]] == [25, 25, 10]


def test_labels_are_shortened_and_values_never_are() -> None:
    long = Button("x" * 200, "i.take", value="v" * 2_000)
    shown = said(Buttons((long,)), Select("y" * 300, "i.day", (Option("z" * 200, "w" * 150),)))
    check(shown)
    for refused in (
        Buttons((Button("x", "i.take", value="v" * 2_001),)),
        Buttons((Button("x", "i." + "x" * 260),)),
        Select("y", "i.day", (Option("z", "w" * 151),)),
        Select("y", "i.day", (Option("z", ""),)),
        Link("x", "https://learn.example/" + "x" * 3_000),
    ):
        with pytest.raises(TooLarge):
            said(refused)


@pytest.mark.parametrize("number", [1, 100, 101, 250])
def test_any_number_of_options_can_be_chosen_from(number: int) -> None:
    shown = said(Select("A person", "p.choose", tuple(Option(f"Person {n}", str(n)) for n in range(number))))
    check(shown)
    drawn = [one["value"] for one in everything(shown["blocks"]) if "value" in one and "text" in one]
    assert drawn == [str(n) for n in range(number)]


def test_a_select_without_options_is_not_drawn() -> None:
    assert [block["type"] for block in said(text("Hm."), Select("A", "p.x", ()))["blocks"]] == ["rich_text"]


ONE = (("Mean", (1.0, 2.0)),)
BARS = ("A", "B")


@pytest.mark.parametrize(
    ("chart", "drawn"),
    [
        (Chart("T", BARS, ONE), True),
        (Chart("T" * 51, BARS, ONE), True),
        (Chart("T", BARS, tuple((str(n), (1.0, 2.0)) for n in range(6))), True),
        (Chart("T", BARS, tuple((str(n), (0.0, 2.0)) for n in range(5)), stacked=True), True),
        (Chart("T", BARS, tuple((str(n), (1.0, 2.0)) for n in range(7))), False),
        (Chart("T", tuple(map(str, range(20))), (("M", (1.0,) * 20),)), True),
        (Chart("T", tuple(map(str, range(21))), (("M", (1.0,) * 21),)), False),
        (Chart("T", ("A" * 20, "B"), ONE), True),
        (Chart("T", ("A" * 21, "B"), ONE), False),
        (Chart("T", BARS, (("M" * 21, (1.0, 2.0)),)), False),
        (Chart("T", ("A", "A"), ONE), False),
        (Chart("T", BARS, (*ONE, *ONE)), False),
        (Chart("T", BARS, (("M", (1.0,)),)), False),
        (Chart("T", BARS, (("M", (1.0, float("nan"))),)), False),
        (Chart("T", BARS, (("M", (1.0, float("inf"))),)), False),
        (Chart("T", (), (("M", ()),)), False),
        (Chart("T", BARS, ()), False),
        (Chart("T", ("", "B"), ONE), False),
    ],
)
def test_a_chart_outside_the_limits_becomes_a_table(chart: Chart, drawn: bool) -> None:
    shown = said(text("See:"), chart)
    check(shown)
    assert (shown["blocks"][-1]["type"] == "data_visualization") is drawn
    beside = said(chart, Table(("A", "M"), (("A", "1"),)))
    assert [block["type"] for block in beside["blocks"]] == (["data_visualization", "table"] if drawn else ["table"])


def test_a_third_chart_and_a_second_table_are_drawn_in_text() -> None:
    chart, table = Chart("T", BARS, ONE), Table(("A",), (("1",),))
    shown = said(chart, chart, chart)
    check(shown)
    assert [block["type"] for block in shown["blocks"]] == ["data_visualization", "data_visualization", "rich_text"]
    assert [block["type"] for block in said(table, table)["blocks"]] == ["table", "rich_text"]


def test_drawn_simply_a_message_has_neither_charts_nor_tables() -> None:
    message = Message("M", (Chart("T", BARS, ONE), Table(("A", "B"), (("1", "22"), ("333", "4")))))
    shown = messages.message(message, simple=True)
    check(shown)
    assert read_aloud(shown["blocks"]) == "A    B\n1    22\n333  4"


def test_the_home_tab_has_twice_the_room_and_no_charts() -> None:
    parts = (*(text(f"Line {n}.") for n in range(99)), Chart("T", BARS, ONE))
    home = messages.home(Message("Home", parts), "{}")
    check(home, Limit.VIEW_BLOCKS)
    assert (home["type"], len(home["blocks"])) == ("home", 100)
    assert {block["type"] for block in home["blocks"]} == {"rich_text"}


PIECES = st.sampled_from(["a", "é", "👋", " ", "\n", "<", "&", "*", "_", "`", "\t", "x" * 700, "line\n" * 300])
WORDS = st.lists(PIECES, max_size=12).map("".join)
PARTS: st.SearchStrategy[Part] = st.one_of(
    st.builds(Quote, WORDS, WORDS),
    WORDS.map(lambda words: text("Said: **{words}** {words}", words=words)),
    WORDS.map(lambda words: small("{words}", words=words)),
    st.builds(Facts, st.lists(st.tuples(WORDS, WORDS), max_size=4).map(tuple)),
    st.integers(1, 22).flatmap(
        lambda width: st.lists(st.tuples(*[WORDS] * width), min_size=1, max_size=3).map(
            lambda rows: Table(rows[0], tuple(rows[1:]))
        )
    ),
    st.builds(Buttons, st.lists(st.builds(Button, WORDS, st.just("x.y")), max_size=30).map(tuple)),
    st.builds(Select, WORDS, st.just("x.z"), st.lists(st.builds(Option, WORDS, st.just("v")), max_size=3).map(tuple)),
    st.builds(
        lambda labels, values: Chart("T", tuple(labels), (("M", tuple(values)),)),
        st.lists(WORDS, max_size=3),
        st.lists(st.floats(), max_size=3),
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PARTS, max_size=12), WORDS)
def test_whatever_is_said_slack_would_take_it(parts: list[Part], summary: str) -> None:
    check(messages.message(Message(summary or "M", tuple(parts))))
    check(messages.message(Message(summary or "M", tuple(parts)), simple=True))
    check(messages.home(Message(summary or "M", tuple(parts))), Limit.VIEW_BLOCKS)


# ------------------------------------------------------------------------------------------------------------- forms

CHOICES = (Option("Here", "here"), Option("Elsewhere", "else"))
FEW = tuple(Option(f"{EVIL[:20]} {n}", f"few{n}") for n in range(10))
MANY = tuple(Option(f"Number {n} {EVIL}", f"many{n}") for n in range(101))
FORM = Form(
    "f.all",
    "A form with a title that is far too long",
    (
        Field("line", "A line", hint="Short"),
        Field("paragraph", "A paragraph", "paragraph", required=False),
        Field("choice", "A choice", "choice", options=CHOICES),
        Field("boxes", "Any of a few", "choices", options=FEW, required=False),
        Field("menu", "Any of many", "choices", options=MANY, required=False),
        Field("date", "A date", "date"),
        Field("time", "A time", "time", required=False),
        Field("rating", "A rating", "rating"),
        Field("yesno", "Yes or no", "yesno", required=False),
        Field("none", "Nothing to choose from", "choice", required=False),
    ),
    submit="Save all of what was written here",
    intro=(text("**Before** you start"), Quote(EVIL), Facts((("When", "today"),))),
)
ANSWERS = {
    "line": "words & <more>",
    "paragraph": "one\ntwo\n\nthree",
    "choice": "else",
    "boxes": "few0\nfew9",
    "menu": "many0\nmany99\nmany100",
    "date": "2028-02-29",
    "time": "09:05",
    "rating": "5",
    "yesno": "no",
    "none": "typed",
}


def test_every_kind_of_field_has_its_element() -> None:
    view = forms.view(FORM)
    check({"blocks": view["blocks"]}, Limit.VIEW_BLOCKS)
    assert view["callback_id"] == "f.all"
    assert view["title"]["text"] == "A form with a title tha…"
    assert len(view["submit"]["text"]) <= 24
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    assert [block["element"]["type"] for block in inputs] == [
        "plain_text_input", "plain_text_input", "static_select", "checkboxes", "multi_static_select", "datepicker",
        "timepicker", "radio_buttons", "radio_buttons", "plain_text_input",
    ]  # fmt: skip
    assert [block["optional"] for block in inputs] == [not field.required for field in FORM.fields]
    assert inputs[1]["element"]["multiline"] is True
    assert inputs[0]["hint"]["text"] == "Short"


@pytest.mark.parametrize(
    "answers",
    [
        ANSWERS,
        ANSWERS | {"paragraph": "", "time": "", "yesno": "", "none": "", "boxes": "", "menu": ""},
        ANSWERS | {"boxes": "few3", "menu": "many7"},
        ANSWERS | {"paragraph": EVIL, "line": EVIL},
        ANSWERS | {"paragraph": "x" * 3_000},
        ANSWERS | {"paragraph": "x" * 3_001},
        ANSWERS | {"paragraph": "line of words\n" * 1_000 + "end"},
        ANSWERS | {"paragraph": "words " * 2_000 + "end"},
        ANSWERS | {"line": "x" * 9_001},
    ],
)
def test_what_a_person_fills_in_is_what_we_read(answers: dict[str, str]) -> None:
    check({"blocks": forms.view(FORM.filled(answers))["blocks"]}, Limit.VIEW_BLOCKS)
    assert filled.read(filled.fill(FORM, answers)) == answers


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["a", "word ", "\n", "  ", "x" * 999, "👋"]), max_size=40).map("".join))
def test_words_of_any_length_come_back_whole(words: str) -> None:
    form = Form("f", "F", (Field("words", "Words", "paragraph"),))
    check({"blocks": forms.view(form.filled({"words": words}))["blocks"]}, Limit.VIEW_BLOCKS)
    assert filled.read(filled.fill(form, {"words": words})) == {"words": words}


@pytest.mark.parametrize("date", ["31/02", "2026-02-31", "next Tuesday", "2026-3-5", "1" * 10_000, " "])
def test_a_date_that_is_none_leaves_the_picker_empty(date: str) -> None:
    [block] = forms.view(Form("f", "F", (Field("on", "When?", "date", value=date),)))["blocks"]
    assert "initial_date" not in block["element"]


@pytest.mark.parametrize("time", ["25:00", "9:05", "half two", "09:05:00", "0905"])
def test_a_time_that_is_none_leaves_the_picker_empty(time: str) -> None:
    [block] = forms.view(Form("f", "F", (Field("at", "When?", "time", value=time),)))["blocks"]
    assert "initial_time" not in block["element"]


def test_a_choice_that_is_gone_is_not_shown_as_chosen() -> None:
    [block] = forms.view(Form("f", "F", (Field("c", "C", "choice", options=CHOICES, value="gone"),)))["blocks"]
    assert "initial_option" not in block["element"]


def test_several_choices_that_are_gone_are_not_shown_as_chosen() -> None:
    many = Field("c", "C", "choices", options=CHOICES, value="gone\nelse")
    [block] = forms.view(Form("f", "F", (many,)))["blocks"]
    assert [option["value"] for option in block["element"]["initial_options"]] == ["else"]


def test_an_answer_that_may_be_left_out_can_be_taken_back() -> None:
    form = Form("f", "F", (Field("r", "R", "rating", required=False),))
    [block] = forms.view(form)["blocks"]
    last = block["element"]["options"][-1]
    assert last["text"]["text"] == "No answer"
    assert filled.read({"r": {"answer": {"type": "radio_buttons", "selected_option": last}}}) == {"r": ""}


@pytest.mark.parametrize("number", [9, 10, 11, 150])
def test_many_choices_of_a_rating_become_a_list(number: int) -> None:
    options = tuple(Option(f"Level {n}", f"level{n}") for n in range(number))
    form = Form("f", "F", (Field("r", "R", "rating", options=options),))
    check({"blocks": forms.view(form)["blocks"]}, Limit.VIEW_BLOCKS)
    assert filled.read(filled.fill(form, {"r": "level8"})) == {"r": "level8"}


@pytest.mark.parametrize(
    "state",
    [
        {"line": None},
        {"line": "text"},
        {"line": []},
        {"line": {"answer": None}},
        {"line": {"answer": {"type": "plain_text_input", "value": 17}}},
        {"line": {"answer": {"type": "static_select", "selected_option": None}}},
        {"line": {"answer": {"type": "checkboxes", "selected_options": "all"}}},
        {"line": {"answer": {"type": "multi_static_select", "selected_options": [None, 3]}}},
        {"line": {"somewhere else": {"type": "plain_text_input", "value": "x"}}},
    ],
)
def test_a_state_in_another_shape_is_no_answer(state: dict[str, Any]) -> None:
    assert filled.read(state) in ({}, {"line": ""})


def test_a_mistake_is_shown_above_its_field() -> None:
    view = forms.view(FORM, problems={"date": "That day does not exist."})
    where = next(n for n, block in enumerate(view["blocks"]) if block.get("block_id") == "date")
    assert read_aloud(view["blocks"][where - 1]) == "That day does not exist."


def test_what_a_view_remembers_is_bounded() -> None:
    forms.view(FORM, "x" * 3_000)
    with pytest.raises(TooLarge):
        forms.view(FORM, "x" * 3_001)
    with pytest.raises(TooLarge):
        forms.view(Form("f", "F", tuple(Field(f"f{n}", "L") for n in range(101))))


@given(st.text(max_size=300), st.integers(5, 100))
def test_escaping_never_ends_in_the_middle_of_an_entity(words: str, limit: int) -> None:
    shown = escaped(words, limit)
    assert len(shown) <= limit
    rest = shown.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert not set("<>&") & set(rest)
