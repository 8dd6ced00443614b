"""Request bodies: what is taken of them, and how what is not is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from gamify_cli.domain import inputs, instants
from gamify_cli.domain.inputs import Body
from gamify_cli.domain.jsontext import Written
from gamify_cli.errors import UsageError

AMOUNT = "an amount is an integer from 1 to 1,000,000, not "


def body(**members: Any) -> bytes:
    return json.dumps({"participant_id": "ada", **members}).encode()


@pytest.mark.parametrize(
    ("model", "text", "members"),
    [
        (inputs.CreateParticipant, body(display_name=None), body(display_name=None)),
        (inputs.UpdateParticipant, b"{}", b"{}"),
        (inputs.UpdateParticipant, b'{"attributes": null}', b'{"attributes": null}'),
        (inputs.AwardPoints, body(amount=1, reason=None), body(amount=1)),
        (inputs.AwardPoints, body(amount=10**6, reason=""), None),
        (inputs.DeductPoints, body(amount=1, metadata={"a": [1.5]}), None),
        (inputs.AwardBadge, body(badge_code="Not A Code", metadata={}), None),
        (inputs.AssignTier, body(tier_code="gold", reason="r" * 500), None),
        (inputs.RecordStreak, body(streak_code="daily", timestamp="2h"), None),
        (inputs.RestoreStreak, b'{"reason": ""}', b'{"reason": ""}'),
        (inputs.RecordEvent, body(event_name="é" * 100), None),
        (inputs.EnrollChallenge, body(), None),
        (inputs.ClaimReward, body(), body(points_deduction=False)),
        (
            inputs.ClaimReward,
            body(points_deduction=None),
            body(points_deduction=False),
        ),
        (inputs.LoadCodes, b'{"codes": ["A-1"]}', b'{"codes": ["A-1"]}'),
        (inputs.AwardBatch, b'{"awards": [5, {}]}', b'{"awards": [5, {}]}'),
        (inputs.RecordEvents, b'{"events": [[]]}', b'{"events": [[]]}'),
    ],
)
def test_good_bodies_give_their_members(
    model: type[Body], text: bytes, members: bytes | None
) -> None:
    assert inputs.read(model, text) == json.loads(members or text)


@pytest.mark.parametrize(
    ("model", "text", "message"),
    [
        *(
            (inputs.AwardPoints, body(amount=amount), AMOUNT + shown)
            for amount, shown in [
                (True, "true"),
                (1.0, "1.0"),
                ("ten", '"ten"'),
                (None, "null"),
                (0, "0"),
                (-1, "-1"),
                (1_000_001, "1000001"),
                (["x" * 100], '["' + "x" * 38),
            ]
        ),
        (inputs.AwardPoints, b"[]", "the body must be a JSON object"),
        (inputs.AwardPoints, body(), 'the body lacks "amount"'),
        (
            inputs.AwardPoints,
            body(amount=1, participant_id="a\tb"),
            'participant id "a\tb" holds the control character U+0009',
        ),
        (
            inputs.AwardPoints,
            b'{"participant_id": "\\ud800", "amount": 1}',
            "the body holds a lone surrogate, which is no character",
        ),
        (
            inputs.DeductPoints,
            body(amount=1, expires_at="2027-01-01"),
            'unknown field "expires_at" in the body',
        ),
        (
            inputs.DeductPoints,
            body(amount=1, reason="r" * 501),
            "reason has at most 500 characters, this one 501",
        ),
        (
            inputs.DeductPoints,
            body(amount=1, occurred_at=5),
            "occurred_at must be text",
        ),
        (inputs.AwardBadge, body(badge_code=None), "badge_code must be text"),
        (
            inputs.RecordEvent,
            body(event_name="e", properties=[]),
            "properties must be a JSON object",
        ),
        (inputs.RecordEvent, body(event_name=""), "an event name must not be empty"),
        (
            inputs.RecordEvent,
            body(event_name="e", idempotency_key="a b"),
            "an idempotency key has 1 to 255 of the characters A-Z a-z 0-9 _ - : .",
        ),
        (
            inputs.ClaimReward,
            body(points_deduction=1),
            "points_deduction must be true or false",
        ),
        (
            inputs.LoadCodes,
            b'{"codes": ["A", ""]}',
            "codes.1: a reward code must not be empty",
        ),
        (inputs.LoadCodes, b'{"codes": ["A", 1]}', "codes.1 must be text"),
        (inputs.LoadCodes, b'{"codes": "A"}', "codes must be a list"),
        (inputs.AwardBatch, b'{"awards": []}', "a batch has 1 to 100 items, not 0"),
        (
            inputs.RecordEvents,
            json.dumps({"events": [{}] * 101}).encode(),
            "a batch has 1 to 100 items, not 101",
        ),
        (
            inputs.CreateParticipant,
            body(attributes={"a": "\0"}),
            "attributes holds the character U+0000",
        ),
    ],
)
def test_bad_bodies_are_told_in_one_sentence(model: type[Body], text: bytes, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        inputs.read(model, text)

    assert raised.value.message == message


def test_an_unknown_field_may_be_a_misspelt_one() -> None:
    with pytest.raises(UsageError) as raised:
        inputs.read(inputs.AwardPoints, body(ammount=1, amount=1))

    assert raised.value.message == 'unknown field "ammount" in the body'
    assert raised.value.hint == "did you mean amount?"


def test_an_item_of_a_batch_is_told_by_its_name() -> None:
    with pytest.raises(UsageError, match='the item lacks "participant_id"'):
        inputs.read_value(inputs.RecordEvent, {"event_name": "e"}, "the item")


@pytest.mark.parametrize("text", ['{"events": [%s]}', "%s"])
def test_properties_keep_their_numbers_as_written(text: str) -> None:
    event = '{"participant_id": "ada", "event_name": "sale", "properties": {"total": 12.50}}'
    model = inputs.RecordEvents if "[" in text else inputs.RecordEvent

    read = inputs.read(model, (text % event).encode())
    item = read if "events" not in read else read["events"][0]
    total = inputs.read_value(inputs.RecordEvent, item)["properties"]["total"]

    assert isinstance(total, Written)
    assert total.text == "12.50"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-02-14T10:00:00Z", "2026-02-14T10:00:00Z"),
        ("2026-02-14t10:00:00.123456789+01:00", "2026-02-14T09:00:00Z"),
        ("2026-02-14 10:00:00", "2026-02-14T10:00:00Z"),
        ("2026-02-14", "2026-02-14T00:00:00Z"),
        ("0001-01-01", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_stamps_are_rfc_3339_or_dates(text: str, shown: str) -> None:
    assert instants.text(instants.parse_stamp(text)) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2h",
        " 2026-02-14",
        "2026-02-30",
        "2026-02-14T10:00:00.Z",
        "2026-02-14T10:00:60Z",
        "0000-01-01",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    ],
)
def test_what_only_people_write_is_no_stamp(text: str) -> None:
    with pytest.raises(UsageError, match="is not a time"):
        instants.parse_stamp(text)


@given(data=st.data())
@settings(max_examples=300)
def test_what_the_schema_of_a_text_allows_is_taken_and_nothing_else(data: st.DataObject) -> None:
    model, member = data.draw(
        st.sampled_from(
            [
                (inputs.CreateParticipant, "participant_id"),
                (inputs.CreateParticipant, "display_name"),
                (inputs.CreateParticipant, "avatar_url"),
                (inputs.AwardPoints, "reason"),
                (inputs.AwardPoints, "idempotency_key"),
                (inputs.RecordEvent, "event_name"),
                (inputs.LoadCodes, "codes"),
            ]
        )
    )
    text = data.draw(
        st.text(max_size=3)
        | st.text(".:-_aZ09\n\x7f", max_size=3)
        | st.text("ab.:/?#@ \u3000", min_size=1, max_size=6).map("http://{}".format)
        | st.integers(95, 520).map("x".__mul__)
    )
    given_ = [text] if member == "codes" else text
    whole = {"participant_id": "a", "amount": 1, "event_name": "e", member: given_}
    value = {name: one for name, one in whole.items() if name in model.model_fields}

    try:
        inputs.read_value(model, value)
        taken = True
    except UsageError:
        taken = False

    assert Draft202012Validator(model.model_json_schema()).is_valid(value) is taken
