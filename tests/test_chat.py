"""The vocabulary: words that people wrote are never markup, and what is put in the outbox comes out the same."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat import (
    Account,
    Button,
    Buttons,
    Chart,
    Event,
    Facts,
    Field,
    Form,
    Link,
    Message,
    Option,
    Part,
    Place,
    Quote,
    Select,
    Span,
    Table,
    Text,
    joined,
    numbered,
    numbers,
    plain,
    several,
    small,
    text,
)
from bot.chat.packing import pack, unpack

NASTY = ("**bold**", "{name}", "{{DATE()}}", "<!channel>", "<@U1>", "[HR](https://evil)", "a\nb", "", "🌱", "\\{name}")


@pytest.mark.parametrize("words", NASTY)
def test_what_somebody_wrote_is_shown_as_it_is_in_a_sentence_of_ours(words: str) -> None:
    spans = text("From **{who}**: {words}", who=words, words=words).spans()
    assert "".join(span.words for span in spans) == f"From {words}: {words}"
    assert [span for span in spans if span.bold] == [Span(words, bold=True)]


def test_a_sentence_is_cut_into_bold_and_plain() -> None:
    assert Text("**Booked** with **Ben**, today").spans() == (
        Span("Booked", bold=True), Span(" with "), Span("Ben", bold=True), Span(", today"),
    )  # fmt: skip
    assert Text("").spans() == ()


def test_a_place_that_nothing_fills_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        text("Hello {name}", nome="Ana").spans()


def test_quieter_type_is_the_same_words() -> None:
    assert small("Hello {name}", name="Ana").plain() == text("Hello {name}", name="Ana").plain()
    assert small("Hello").small


words = st.text(max_size=20) | st.sampled_from(NASTY)
options = st.lists(st.builds(Option, words, words), max_size=3).map(tuple)
buttons = st.builds(
    Button, words, words, st.none() | st.integers(), words, st.sampled_from(("", "primary", "danger")), st.booleans()
)
parts: st.SearchStrategy[Part] = st.one_of(
    words.map(lambda said: text("It says {words}", words=said)),
    st.builds(Quote, words, words),
    st.lists(st.tuples(words, words), max_size=3).map(lambda pairs: Facts(tuple(pairs))),
    st.lists(st.tuples(words, words), max_size=3).map(lambda rows: Table(("a", "b"), tuple(rows))),
    st.builds(Chart, words, st.just(("x", "y")), st.just((("s", (1.0, 2.5)),))),
    st.builds(Link, words, words),
    st.lists(buttons, max_size=3).map(lambda row: Buttons(tuple(row))),
    st.builds(Select, words, words, options, st.none() | st.integers()),
)
messages = st.builds(Message, words, st.lists(parts, max_size=5).map(tuple), words, st.none() | st.integers(), words)


@given(messages)
def test_a_message_comes_out_of_the_outbox_as_it_went_in(message: Message) -> None:
    assert unpack(pack(message)) == message


def test_what_a_message_does_not_say_is_not_packed_and_may_be() -> None:
    message = Message("Kept.", (Quote("words"), Buttons((Button("Undo", "diary.undo", 3),))))
    assert pack(message) == (
        '{"_":"Message","summary":"Kept.","parts":[{"_":"Quote","words":"words"},'
        '{"_":"Buttons","buttons":[{"_":"Button","label":"Undo","action":"diary.undo","about":3}]}]}'
    )
    of_an_earlier_version = (
        '{"_":"Message","summary":"Kept.","parts":[{"_":"Quote","words":"words","by":""},{"_":"Buttons","buttons":'
        '[{"_":"Button","label":"Undo","action":"diary.undo","about":3,"value":"","style":"","opens_form":false}]}],'
        '"notice":"","about":null,"awaits":""}'
    )
    assert unpack(of_an_earlier_version) == message


def test_what_the_quick_writer_refuses_is_written_all_the_same() -> None:
    message = Message("half of a pair: \ud83d", (Quote("and a number"), Buttons((Button("Go", "x", 2**70),))))
    assert unpack(pack(message)) == message


def test_a_packed_message_of_something_else_is_refused() -> None:
    with pytest.raises((KeyError, TypeError)):
        unpack('{"_": "os.system", "command": "true"}')


@given(messages)
def test_every_message_can_be_said_plainly(message: Message) -> None:
    said = plain(message)
    for part in message.parts:
        if isinstance(part, Text):
            assert part.plain() in said


def test_a_message_of_buttons_alone_still_says_something() -> None:
    assert plain(Message("Choose.", (Buttons((Button("Yes", "a.yes"),)),))) == "Choose."


@pytest.mark.parametrize("values", [(), ("a",), ("b", "a", "the third")])
def test_several_choices_are_one_answer_and_several_again(values: tuple[str, ...]) -> None:
    assert several(joined(values)) == values
    assert several(joined((*values, *values))) == values


@pytest.mark.parametrize(
    ("value", "number"),
    [("7", 7), ("", None), ("-7", None), ("7 ", None), ("seven", None), ("²", None), ("999999999", 999_999_999),
     ("9" * 10, None), ("9" * 10_000, None)],
)  # fmt: skip
def test_a_number_that_a_button_carries_is_one_that_a_record_can_have(value: str, number: int | None) -> None:
    assert numbered(value) == number
    assert numbers(f"3,{value},x") == (3, *([] if number is None else [number]))


def test_what_an_event_is_about_is_said_by_its_button_or_chosen_from_a_list() -> None:
    here = Event("k", Account("console", "t", "u"), Place("console", "t", "u", direct=True), "tap", value="7")
    assert (here.number, here.subject) == (7, 7)
    assert replace(here, about=3).subject == 3
    assert replace(here, value="").subject is None


@pytest.mark.parametrize("value", ["a,b", "a\nb"])
def test_a_value_that_could_not_be_told_apart_from_several_is_a_mistake_of_ours(value: str) -> None:
    with pytest.raises(ValueError, match="neither a comma nor a new line"):
        Field("one", "One", "choices", options=(Option("A", value),))


def test_a_form_keeps_what_was_typed_and_what_was_not() -> None:
    form = Form("f", "F", (Field("one", "One", value="a"), Field("two", "Two", value="b")), about=7, value="v")
    filled = form.filled({"one": "typed", "unknown": "x"})
    assert [field.value for field in filled.fields] == ["typed", "b"]
    assert (filled.about, filled.value) == (7, "v")
