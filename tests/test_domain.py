"""The pure parts: times, JSON, merging, replaying."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamify_cli.domain import instants, jsontext
from gamify_cli.domain.facts import Fact
from gamify_cli.domain.participant import Participant, evolve
from gamify_cli.errors import UsageError
from gamify_cli.render.escape import escape, escape_json

NOW = instants.parse("2026-02-14T10:00:00Z", 0)

scalars = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(st.text(), values, max_size=5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-14T10:00:00Z", "2026-02-14T10:00:00Z"),
        ("2026-02-14T11:30:00+01:30", "2026-02-14T10:00:00Z"),
        ("2026-02-14t10:00:00.999999z", "2026-02-14T10:00:00Z"),
        ("2026-02-14 10:00:00", "2026-02-14T10:00:00Z"),
        ("2026-02-14", "2026-02-14T00:00:00Z"),
        ("now", "2026-02-14T10:00:00Z"),
        ("2h", "2026-02-14T08:00:00Z"),
        ("7d", "2026-02-07T10:00:00Z"),
        ("1w", "2026-02-07T10:00:00Z"),
        ("0001-01-01", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_a_time_is_read_in_every_documented_form(text: str, expected: str) -> None:
    assert instants.text(instants.parse(text, NOW)) == expected


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026", "2026-13-01", "20260214", "2026-02-14T10", "7", "7y", "-7d", "2026-W07-6"],
)
def test_anything_else_is_no_time(text: str) -> None:
    with pytest.raises(UsageError, match="is not a time"):
        instants.parse(text, NOW)


def test_a_bound_in_whole_seconds_means_the_end_of_that_second() -> None:
    assert instants.parse_bound("2026-02-14T10:00:00Z", NOW) == NOW + 999_999
    assert instants.parse_bound("2026-02-14T10:00:00.5Z", NOW) == NOW + 500_000
    assert instants.parse_bound("now", NOW) == NOW


@given(objects)
def test_json_comes_back_with_every_digit_and_in_order(value: dict[str, Any]) -> None:
    try:
        checked = jsontext.check_object(jsontext.loads(json.dumps(value), "it"), "it")
    except UsageError:
        return
    assert jsontext.compact(jsontext.stored(jsontext.compact(checked))) == jsontext.compact(value)


@given(values, values)
def test_a_merge_is_idempotent_and_leaves_no_null_it_was_told_to_remove(
    target: Any, patch: Any
) -> None:
    once = jsontext.merge(target, patch)

    assert jsontext.merge(once, patch) == once
    if isinstance(patch, dict):
        assert not [name for name, value in patch.items() if value is None and name in once]


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_merge_follows_the_examples_of_rfc_7396(target: Any, patch: Any, result: Any) -> None:
    assert jsontext.merge(target, patch) == result


@given(st.text())
def test_what_is_shown_holds_nothing_that_acts(text: str) -> None:
    shown = escape(text)

    assert shown.isprintable() or not {"\x1b", "\n", "\r", "\t", "\0", "\x9b", "\u202e"} & set(
        shown
    )
    assert json.loads(escape_json(json.dumps(text, ensure_ascii=False))) == text


def test_a_fact_of_a_kind_unknown_is_never_passed_over() -> None:
    with pytest.raises(ValueError, match="unknown kind of fact: invented"):
        evolve(Participant("ada"), Fact(1, "invented", {}, NOW))
