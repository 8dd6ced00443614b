"""What every backend does with participants: the same bodies, errors, pages and answers."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest
from conftest import NOW
from contract import create, profile, rows, told, write
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gamify_cli.backend import HistoryQuery, ListQuery, Page
from gamify_cli.backend.whole import Backend
from gamify_cli.domain import instants, jsontext, vocabulary
from gamify_cli.errors import Conflict, GamifyError, NotFound, UsageError

EACH = settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
"""All examples go to one backend, under ids of their own."""

IDS = [
    "a/b",
    "a/state",
    "/",
    "//a",
    "%2F",
    "a%2Fb",
    "%",
    "?",
    "a?b=c",
    "#",
    "&=+",
    "a b",
    " ",
    "..x",
    "...",
    ".a",
    "./..",
    "-",
    ":@;,!$'()*",
    '"\\<>^`{|}~',
    "{pid}",
    "badges",
    "e\u0301",
    "é",
    "ﬀ",
    "😀",
    "x" * 255,
    "😀" * 255,
]


@pytest.mark.parametrize("one", IDS)
def test_an_id_of_any_kind_is_the_same_everywhere(one: str, backend: Backend) -> None:
    made = backend.participants.create(one, {"display_name": "A"}, write(), if_not_exists=True)
    backend.participants.update(one, {"attributes": {"n": 1}}, write(), if_match=1)
    backend.points.award(one, {"amount": 5}, write())
    backend.participants.set_active(one, False, write())

    assert (made.outcome, made.body["participant_id"]) == ("created", one)
    assert profile(backend, one)["participant_id"] == one
    assert profile(backend, one)["attributes"] == {"n": 1}
    assert next(backend.participants.states([one], ["points"])) == {
        "participant_id": one,
        "points": {"balance": 5, "total_earned": 5, "total_spent": 0},
    }
    facts, _ = rows(backend.participants.history(one, HistoryQuery()))
    assert [fact["number"] for fact in facts] == [4, 3, 2, 1]
    assert [row["participant_id"] for row in rows(everyone(backend))[0]] == [one]
    assert rows(everyone(backend, text=one[-3:]))[0] == rows(everyone(backend))[0]


@given(one=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=255))
@EACH
def test_any_text_that_is_an_id_is_kept_as_it_is(one: str, backend: Backend) -> None:
    assume(one not in (".", ".."))

    assert create(backend, one)["participant_id"] == one
    assert profile(backend, one)["participant_id"] == one


@pytest.mark.parametrize("one", ["", ".", "..", "a\nb", "\0", "x" * 256, "\ud800", "a\x7f"])
def test_what_is_no_id_is_refused_in_the_same_words(one: str, backend: Backend) -> None:
    with pytest.raises(UsageError) as expected:
        vocabulary.participant_id(one)

    assert told(backend.participants.profiles([one])) == [(UsageError, expected.value.message)]
    for call in (
        lambda: create(backend, one),
        lambda: backend.participants.update(one, {"display_name": "A"}, write(), if_match=None),
        lambda: backend.participants.set_active(one, True, write()),
        lambda: backend.points.award(one, {"amount": 1}, write()),
        lambda: rows(backend.participants.history(one, HistoryQuery())),
        lambda: rows(backend.points.transactions(one, HistoryQuery())),
    ):
        with pytest.raises(UsageError) as refused:
            call()
        assert refused.value.message == expected.value.message


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
_SCALARS = (
    st.booleans()
    | st.integers()
    | st.integers(10**999, 10**1000 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner | st.none(), max_size=4)
        | st.dictionaries(_TEXT.filter(bool), inner, max_size=4)
    ),
    max_leaves=8,
)
_people = (f"person {number}" for number in count())


@given(attributes=st.dictionaries(_TEXT.filter(bool), _VALUES, max_size=5))
@EACH
def test_attributes_come_back_to_the_last_digit(
    attributes: dict[str, Any], backend: Backend
) -> None:
    jsontext.check_object(attributes, "attributes")
    one = next(_people)

    made = create(backend, one, attributes=attributes)

    # As text, for the order of members, and for what is 1 and what is 1.0.
    expected = json.dumps(attributes)
    assert json.dumps(made["attributes"]) == expected
    assert json.dumps(profile(backend, one)["attributes"]) == expected
    again = backend.participants.update(one, {"attributes": attributes}, write(), if_match=None)
    assert again.outcome == "unchanged"


def test_each_is_answered_in_order_with_its_own_failure(backend: Backend) -> None:
    create(backend, "ada", display_name="Ada")
    create(backend, "eve")
    asked = ["eve", "nobody", "", "ada", "eve"]

    for each in (
        backend.participants.profiles(asked),
        backend.participants.cards(asked),
        backend.participants.states(asked, ["points"]),
        backend.points.balances(asked),
        backend.points.expiring(asked, None),
        backend.badges.list(asked, earned_only=False),
        backend.tiers.show(asked),
        backend.streaks.list(asked),
        backend.challenges.list(asked),
    ):
        eve, nobody, empty, ada, again = told(each)
        assert nobody == (NotFound, 'participant "nobody" not found')
        assert empty == (UsageError, "a participant id must not be empty")
        assert (eve["participant_id"], ada["participant_id"], again) == ("eve", "ada", eve)


def test_a_write_tells_what_came_of_it(backend: Backend) -> None:
    people = backend.participants
    done = [
        people.create("ada", {"display_name": "A"}, write(), if_not_exists=False),
        people.create("ada", {"display_name": "A"}, write(), if_not_exists=False),
        people.create("ada", {"display_name": "B"}, write(), if_not_exists=False),
        people.update("ada", {"display_name": None}, write(), if_match=2),
        people.update("ada", {"display_name": None}, write(), if_match=None),
        people.set_active("ada", True, write()),
        people.set_active("ada", False, write()),
        people.set_active("ada", False, write()),
        people.set_active("ada", True, write()),
    ]

    assert [one.outcome for one in done] == [
        *("created", "unchanged", "updated", "updated", "unchanged"),
        *("unchanged", "deactivated", "unchanged", "activated"),
    ]
    assert done[-1].body == profile(backend, "ada")


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda b: b.update("nobody", {"display_name": "A"}, write(), if_match=None), NotFound,
         'participant "nobody" not found'),
        (lambda b: b.set_active("nobody", True, write()), NotFound,
         'participant "nobody" not found'),
        (lambda b: b.create("ada", {}, write(), if_not_exists=True), Conflict,
         'participant "ada" exists already'),
        (lambda b: b.update("ada", {"display_name": "B"}, write(), if_match=7), Conflict,
         'participant "ada" is at version 1, not 7'),
        (lambda b: rows(b.history("nobody", HistoryQuery())), NotFound,
         'participant "nobody" not found'),
        (lambda b: rows(b.list(ListQuery(after="x"), write())), UsageError,
         '"x" is not a cursor of this list'),
        (lambda b: rows(b.list(ListQuery(after=""), write())), UsageError,
         '"" is not a cursor of this list'),
    ],
)  # fmt: skip
def test_a_refusal_has_one_class_and_one_sentence(
    call: Any, kind: type[GamifyError], message: str, backend: Backend
) -> None:
    create(backend, "ada")

    for _ in range(2):
        with pytest.raises(GamifyError) as refused:
            call(backend.participants)
        assert (type(refused.value), refused.value.message) == (kind, message)
    assert profile(backend, "ada")["display_name"] is None


def test_a_key_answers_as_before_and_nothing_else(backend: Backend) -> None:
    people = backend.participants
    first = people.create("ada", {"display_name": "A"}, write("k"), if_not_exists=True)
    people.update("ada", {"display_name": "B"}, write(), if_match=None)

    again = people.create("ada", {"display_name": "A"}, write("k"), if_not_exists=True)

    assert (again.outcome, again.body) == ("replayed", first.body)
    assert profile(backend, "ada")["display_name"] == "B"
    with pytest.raises(Conflict, match='key "k" was used for another create of participant "ada"'):
        people.create("ada", {"display_name": "C"}, write("k"), if_not_exists=True)
    assert people.update("ada", {"display_name": "C"}, write("k"), if_match=None).outcome == (
        "updated"
    )


def test_a_rehearsal_answers_and_leaves_nothing(backend: Backend) -> None:
    create(backend, "ada", display_name="A")
    before = profile(backend, "ada")

    answer = backend.participants.update(
        "ada", {"display_name": "B"}, write("k", dry_run=True), if_match=1
    )

    assert (answer.outcome, answer.body["display_name"]) == ("updated", "B")
    assert answer.before == before
    assert answer.after == {**before, "display_name": "B"}
    assert profile(backend, "ada") == before
    with pytest.raises(Conflict, match="is at version 1, not 2"):
        backend.participants.update("ada", {"display_name": "B"}, write(dry_run=True), if_match=2)
    real = backend.participants.update("ada", {"display_name": "B"}, write("k"), if_match=1)
    assert real.outcome == "updated"


def everyone(backend: Backend, **query: Any) -> Page:
    return backend.participants.list(ListQuery(**query), write())


@pytest.mark.parametrize("limit", [1, 2, 5])
@pytest.mark.parametrize("sort", ["participant_id", "balance", "display_name"])
@pytest.mark.parametrize("descending", [False, True])
def test_pages_go_on_where_the_one_before_ended(
    limit: int | None, sort: str, descending: bool, backend: Backend
) -> None:
    for number, one in enumerate(["b/b", "a", "c?c", "d", "é"]):
        create(backend, one, display_name="%#"[number % 2])
        backend.points.award(one, {"amount": 1 + number % 3}, write())
    query = ListQuery(sort=sort, descending=descending)
    whole, end = rows(backend.participants.list(query, write()))

    pages, after = [], None
    for _ in range(6):
        part, after = rows(
            backend.participants.list(query._replace(after=after, limit=limit), write())
        )
        pages += part
        if after is None:
            break

    assert (pages, end, len(whole)) == (whole, None, 5)


def test_filters_choose_the_same_and_count_them(backend: Backend) -> None:
    create(backend, "ada", display_name="Ada", attributes={"n": 1, "s": "1", "a b": [1.0]})
    create(backend, "eve", attributes={"n": 1.0, "s": True})
    backend.points.award("eve", {"amount": 7}, write())
    backend.participants.set_active("eve", False, write())
    now = instants.parse(NOW, 0)

    for query, expected in [
        ({"text": "AD"}, ["ada"]),
        ({"attributes": {"n": 1}}, ["ada"]),
        ({"attributes": {"n": 1.0}}, ["eve"]),
        ({"attributes": {"s": "1", "a b": [1.0]}}, ["ada"]),
        ({"attributes": {"s": True}}, ["eve"]),
        ({"where": (("balance", ">=", 7), ("balance", "!=", 8))}, ["eve"]),
        ({"where": (("balance", "<", -1),)}, []),
        ({"active": True}, ["ada"]),
        ({"active": False}, ["eve"]),
        ({"seen_before": now}, []),
        ({"seen_before": now + 1}, ["ada", "eve"]),
        ({"tier": "gold"}, []),
    ]:
        found, _ = rows(everyone(backend, **query))
        assert [row["participant_id"] for row in found] == expected, query
        assert backend.participants.count(ListQuery(**query), write()) == len(expected)
