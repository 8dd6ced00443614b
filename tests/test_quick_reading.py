"""What is quick in an import takes nothing that the strict way refuses, and counts as exactly."""

from __future__ import annotations

import io
import json
import random
import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gamify_cli.commands.imports import jsonl, tables
from gamify_cli.commands.imports.lines import Input
from gamify_cli.commands.imports.repeats import Ids, Repeats
from gamify_cli.commands.imports.rows import Participants
from gamify_cli.domain import jsontext, vocabulary
from gamify_cli.errors import UsageError

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
)
LISTS = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3), max_leaves=4)
FREE = st.dictionaries(st.sampled_from(["a", "b", ":", "{", 'q"', "é"]), LISTS, max_size=3)
OBJECTS = st.fixed_dictionaries({"id": st.text(max_size=5)}, optional={"free": FREE, "more": LISTS})
BITS = (
    *('{"id":1', '"free":{"a":1}', '"a":1,"a":2', "{", "}", "[", "]", ",", "null", "NaN", "1e999"),
    *('" :', '"\t:', ":", "\\u0000", "\\ud800", "1" * 1001, "[" * 40, "]" * 40, "{}", '{"id":[{}'),
)


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """Lines of JSON as programs write it, some of them with something that is not."""
    told = []
    for value in draw(st.lists(OBJECTS, max_size=4)):
        apart = draw(st.sampled_from([(",", ":"), (", ", ": "), (",", " :")]))
        text = json.dumps(value, ensure_ascii=draw(st.booleans()), separators=apart)
        if draw(st.booleans()):
            place = draw(st.integers(0, len(text)))
            text = text[:place] + draw(st.sampled_from(BITS)) + text[place:]
        told += text.split("\x00") if draw(st.booleans()) else [text]
    if draw(st.booleans()) and told:
        place = draw(st.integers(0, len(told) - 1))
        cut = draw(st.integers(0, len(told[place])))
        told[place : place + 1] = [told[place][:cut], told[place][cut:]]
    return told


def strictly(line: str) -> Any:
    value = jsontext.loads(line, "the line")
    assert isinstance(value, dict)
    jsontext.check_object(value.get("free") or {}, "free")
    return value


@settings(max_examples=300)
@given(lines())
def test_the_quick_way_takes_what_the_strict_way_takes_and_nothing_else(texts: list[str]) -> None:
    found = jsontext.plain_objects(texts, "free")

    if found is not None:
        assert found == [strictly(text) for text in texts]


@pytest.mark.parametrize(
    "texts",
    [
        ['{"a":1', '"b":2}', '{"c":3},{"d":4}'],
        ['{"a":[{}', "{}]}", "{},{}"],
        ['{"a":1},{"b":2}', '{"c":"x', 'y"}'],
        ['{"a":1,"a":2}'],
        ['{"a" :1,"a":":"}'],
        ['{"a"\t:1,"a":":"}'],
        ['{"a"\r:1,"a":":"}'],
        ['{"free":{"a":{"b":1,"b":2}}}'],
        ['{"more":[{"b":1,"b":2}]}'],
        ['{"free":[1]}'],
        ['{"a":1}', ""],
        ["\ufeff{}"],
    ],
)
def test_what_looks_like_objects_only_together_is_left_to_the_strict_way(texts: list[str]) -> None:
    assert jsontext.plain_objects(texts, "free") is None


def test_the_usual_lines_go_the_quick_way() -> None:
    texts = [
        '{"id": "é", "free": {"a": [1, -2.5e3], "b": null}, "more": "x:"}\r',
        '{"id":"b"}',
        "{}",
    ]

    assert jsontext.plain_objects(texts, "free") == [strictly(text) for text in texts]
    (written,) = jsontext.plain_objects(['{"free":{"a":1.10}}'], "free", written=True) or ()
    assert jsontext.exact(written) == '{"free":{"a":1.10}}'


@settings(max_examples=100)
@given(st.from_regex(vocabulary._PLAIN_URL, fullmatch=True))
def test_every_plain_url_is_one(url: str) -> None:
    parts = vocabulary.web_url(url)

    assert parts
    assert parts.hostname
    assert not re.search(r"[\s\x00-\x1f\x7f-\x9f]", url)


@given(st.lists(st.integers(-3, 3) | st.integers(-(2**63), 2**63 - 1)))
def test_repeats_are_counted(hashes: list[int]) -> None:
    counted: Counter[int] = Counter()
    expected = []
    for one in hashes:
        counted[one or 1] += 1
        expected.append(counted[one or 1])

    assert list(Repeats().ordinals(hashes)) == expected


@pytest.mark.parametrize("is_sorted", [True, False])
def test_many_ids_are_told_apart(is_sorted: bool) -> None:
    ids = [f"u{number:06}" for number in range(20_000)]
    groups = [ids[start : start + 700] for start in range(0, len(ids), 700)]
    if not is_sorted:
        random.Random(5).shuffle(groups)
    known = Ids()

    assert [place for group in groups for place in known.again(group)] == []
    assert list(known.again(["new", ids[7], "new", ids[-1]])) == [1, 2, 3]


CELLS = st.sampled_from(
    ["ada", "", '"', '""', '"a', 'b"', '"a\nb"', "é", "\0", "\r", "{}", "1", "x,y"]
)
TABLE = st.lists(st.lists(CELLS, max_size=5).map(",".join), max_size=8).map("\n".join)
HEADERS = st.sampled_from(
    ["participant_id", "participant_id,attr.a:int,attributes", "participant_id,display_name,x", ""]
)


@settings(max_examples=300)
@given(st.sampled_from(["jsonl", "csv", "tsv"]), HEADERS, TABLE | st.binary(max_size=60), st.data())
def test_whatever_a_file_holds_each_line_is_taken_or_refused_once(
    kind: str, header: str, text: str | bytes, data: st.DataObject
) -> None:
    body = text.encode() if isinstance(text, str) else text
    content = header.replace(",", "\t" if kind == "tsv" else ",").encode() + b"\n" + body
    if data.draw(st.booleans()):
        content = content.replace(b"\n", b"\r\n")
    rows = Participants(None)
    source = Input(io.BufferedReader(io.BytesIO(content)), "x", is_named=False, once=True)
    reads = (
        jsonl.read(source.chunks(), rows)
        if kind == "jsonl"
        else tables.read(source.chunks(), rows, tabs=kind == "tsv")
    )
    try:
        groups = [rows.group(read) for read in reads]
    except UsageError:
        return

    numbers = [number for group in groups for number in group.numbers]
    assert numbers == sorted(set(numbers))
    assert all(0 < number <= group.lines for group in groups for number in group.numbers)
    assert [len(group.entries) for group in groups] == [len(group.numbers) for group in groups]
