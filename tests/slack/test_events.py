"""What people wrote in Slack, read as they saw it; and what a form remembers of where it was opened."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_bolt.request.internals import parse_body

from bot.chat import Place
from bot.slack.events import Origin, key_of, mentioned, readable, told, whose

NAMES = {"U1": "Ben Carter"}


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("plain words", "plain words"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("&lt;@U1&gt; is no mention", "<@U1> is no mention"),
        ("book <@U1> tomorrow", "book @Ben Carter tomorrow"),
        ("book <@U1|ben> tomorrow", "book @Ben Carter tomorrow"),
        ("book <@U2|chloe> tomorrow", "book @chloe tomorrow"),
        ("book <@U2> tomorrow", "book @somebody tomorrow"),
        ("<@UBOT> home", "home"),
        ("in <#C1|general> and <#C2>", "in #general and a channel"),
        ("<!here> <!channel> <!subteam^S1|@team>", "@here @channel @team"),
        ("<!date^1392734382^{date}|18 Feb 2014>", "18 Feb 2014"),
        ("<https://a.example/x>", "https://a.example/x"),
        ("<https://a.example/x|the page>", "the page (https://a.example/x)"),
        ("<https://a.example|a.example>", "a.example"),
        ("<https://a.example/|a.example>", "a.example"),
        ("<mailto:ben@a.example|ben@a.example>", "ben@a.example"),
        ("<https://evil|HR>", "HR (https://evil)"),
        ("<https://a.example/?a=1&amp;b=2>", "https://a.example/?a=1&b=2"),
        ("one\ntwo", "one\ntwo"),
        ("  spaces  ", "spaces"),
        ("&copy; &#60; stay", "&copy; &#60; stay"),
        ("<", "<"),
        ("", ""),
    ],
)
def test_slacks_marks_become_words(sent: str, seen: str) -> None:
    assert readable(sent, NAMES, "UBOT") == seen


@given(st.text())
def test_what_was_typed_without_marks_comes_through(typed: str) -> None:
    sent = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert readable(sent, {}) == typed.strip()


def test_only_people_are_mentioned() -> None:
    assert mentioned("<@U1> <@W2|x> <#C1> <!here> <@nobody> @U3 &lt;@U4&gt;") == {"U1", "W2"}


@pytest.mark.parametrize(
    "origin",
    [
        Origin(Place("slack", "T1", "C1", False, "1.1", "2.2", title="general"), 17, "value", "https://hooks/x", True),
        Origin(Place("slack", "T1", "D1", True)),
        Origin(Place("slack", "T1", "", False), 0, ""),
    ],
)
def test_where_a_form_came_from_comes_back(origin: Origin) -> None:
    assert Origin.unpack(origin.pack(), "T1") == origin


@pytest.mark.parametrize("metadata", ["", "{", "[]", "17", '{"a":"x"}', '{"c":null}', '{"a":[1]}'])
def test_what_cannot_be_read_is_nowhere_in_particular(metadata: str) -> None:
    assert Origin.unpack(metadata, "T1") == Origin(Place("slack", "T1", "", False))


def test_the_key_of_an_interaction_is_its_trigger_or_all_that_it_holds() -> None:
    payload: dict[str, Any] = {"type": "block_actions", "trigger_id": "1.2.abc"}
    assert key_of(payload, "tap", "T1") == "slack/tap/T1/1.2.abc"
    bare = {"type": "block_actions", "actions": [{"action_ts": "1.1"}]}
    assert key_of(bare, "tap") == key_of(dict(reversed(bare.items())), "tap")
    assert key_of(bare, "tap") != key_of({**bare, "actions": [{"action_ts": "1.2"}]}, "tap")


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        ({"team_id": "T1", "authorizations": [{"team_id": "T2", "enterprise_id": None}]}, {"T1", "T2"}),
        ({"team": {"id": "T1", "domain": "x"}, "enterprise": None}, {"T1"}),
        ({"team": None, "enterprise": {"id": "E1"}, "view": {"app_installed_team_id": "T3"}}, {"E1", "T3"}),
        ({"team": "T1", "authorizations": ["?"]}, {"T1"}),
        ({}, set()),
    ],
)
def test_a_payload_says_whose_it_is(payload: dict[str, Any], found: set[str]) -> None:
    assert whose(payload) == found


@given(words=st.text())
def test_a_form_is_read_as_bolt_would_read_it(words: str) -> None:
    told_of = urlencode({"payload": json.dumps({"type": "view_submission", "words": words}, ensure_ascii=False)})
    assert told(told_of) == parse_body(told_of, None) == {"type": "view_submission", "words": words}


@given(words=st.text(), name=st.text(min_size=1))
def test_a_command_is_read_as_bolt_would_read_it(words: str, name: str) -> None:
    fields = {"command": "/learn", "text": words, name: ""}
    assert told(urlencode(fields)) == dict(fields) | {name: ""}


def test_a_body_that_only_begins_like_json_is_refused() -> None:
    for body in ('{"type": ', "payload=%7B", "payload="):
        with pytest.raises(json.JSONDecodeError):
            told(body)
