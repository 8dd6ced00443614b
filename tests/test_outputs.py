"""The schemas of answers, against the documented examples and against every command."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from conftest import Place, Run
from jsonschema_rs import Draft202012Validator, meta
from pydantic import BaseModel

from gamify_cli import commands, errors
from gamify_cli.commands.base import shape_of
from gamify_cli.commands.root import load
from gamify_cli.domain import (
    outputs,
    shapes,
    shapes_access,
    shapes_rewards,
    shapes_simulation,
    shapes_store,
    shapes_tree,
)
from gamify_cli.domain.shapes import Shape

DATA = Path(__file__).parent / "data"
PROGRAM = """
[[badges]]
code = "gift"
name = "Gift"

[[rewards]]
id = "sticker"
name = "Sticker"
type = "physical"
"""
BAD_LINE = "not JSON"
EVENT_LINE = '{"participant_id": "bob", "event_name": "login"}'

LINES = """
version
commands
store info
program validate program.toml
program diff program.toml
program apply program.toml
program show
program show --version 1
program diff changed.toml
program simulate changed.toml
participants create ada --display-name Ada --attr plan=premium
participants create ada
participants update ada --avatar-url https://example.com/a.png
challenges enroll ada onboarding
points award ada 1200 --reason launch --metadata {"a":[1.5,null]} --expires-at 2027-01-01
points award bob 30 --occurred-at 2026-02-01
points deduct ada 200 --reason fee
points balance ada bob
points expiring ada
points history ada
badges award ada gift
badges award ada gift
badges list ada
tiers show ada bob
tiers assign bob gold --reason friend
streaks record ada daily_login
streaks list ada
streaks restore ada daily_login --reason outage
events record ada login
events record ada login
events record ada profile_completed
events record ada purchase_completed --property amount_usd:=12.50
events record ada purchase_completed --property amount_usd=much
events import events.jsonl --results results.jsonl
participants import people.csv --check
events list ada
challenges list ada
rewards list
rewards load-codes coupon10 codes.txt
rewards load-codes coupon10 codes.txt
rewards claim ada coupon10 --pay
rewards claim ada sticker
rewards history ada
leaderboards show top
leaderboards show top --period all_time
leaderboards rank ada top
operations list --participant ada
operations show OPERATION
operations undo OPERATION --on-short clamp
keys create --name shop --expires 2027-01-01
keys create --rate-limit none --dry-run
keys list
keys revoke KEY
profiles add team --store team.db
profiles add prod --url https://gamify.example.com --key-source env
profiles add ops --url https://gamify.example.com --key-command pass
profiles list
profiles show
profiles show prod
profiles show ops
profiles use team
profiles current
profiles current --store x.db
profiles test
profiles remove team
doctor --all
config path
config set output table
config set no_input true
config set timeout 5
config get timeout
config list
config unset no_input
config edit
config path
completion install fish
completion uninstall fish
participants get ada bob
participants get ada --at 2027-06-01
participants diff ada --from 2026-01-01 --to 2027-06-01
participants state ada
participants state ada --include tier,badges
participants list
participants export
participants history ada
participants explain ada
participants explain ada points
participants explain ada tier
participants explain ada badge gift
participants explain ada streak daily_login
participants deactivate bob
participants activate bob
program simulate changed.toml
program simulate changed.toml --since 2026-02-14
participants erase bob --yes
store verify
store sweep
store upgrade
store backup saved.backup
store restore saved.backup --yes
"""
"""Every command that shows bodies, so that each shape is seen with and without what may be null."""


def all_shapes() -> list[Shape]:
    modules: tuple[ModuleType, ...] = (
        shapes,
        shapes_rewards,
        shapes_access,
        shapes_simulation,
        shapes_store,
        shapes_tree,
    )
    return [
        value for module in modules for value in vars(module).values() if isinstance(value, Shape)
    ]


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(outputs.schema(name), validate_formats=True)


def own_model(annotation: Any) -> type[BaseModel] | None:
    """The model in an annotation: as it is, or null beside it, or in a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (own_model(one) for one in get_args(annotation))
    return next((one for one in found if one), None)


def members(model: type[BaseModel]) -> list[tuple[str, Any]]:
    fields = model.model_fields.items()
    return [(field.alias or name, field.annotation) for name, field in fields]


def paths(model: type[BaseModel], shape: Shape, prefix: str = "") -> Iterator[str]:
    """The members of a model as a shape names them, with those of objects behind a point."""
    for name, annotation in members(model):
        path = f"{prefix}{name}"
        inner = own_model(annotation)
        opaque = path in shape.lists or path in shape.free or path in shape.fields
        if inner is None or opaque:
            yield path
        else:
            yield from paths(inner, shape, f"{path}.")


def verbs() -> dict[str, Shape]:
    """Every command that shows bodies, with their shape."""
    found = {}
    for name in (*commands.NOUNS, *commands.LEAVES):
        command = load(name)
        below: Mapping[str, Any] = getattr(command, "commands", {"": command})
        for verb in below:
            shape = shape_of(below[verb])
            if shape is not None:
                found[f"{name} {verb}".strip()] = shape
    return found


@pytest.fixture
def files(place: Place) -> None:
    text = (DATA / "program.toml").read_text("utf-8") + PROGRAM
    (place.home / "program.toml").write_text(text, "utf-8")
    (place.home / "changed.toml").write_text(text.replace("first_steps", "first"), "utf-8")
    (place.home / "events.jsonl").write_text(f"{EVENT_LINE}\n{BAD_LINE}\n", "utf-8")
    (place.home / "people.csv").write_text("participant_id\nbob\n", "utf-8")
    (place.home / "codes.txt").write_text("A-1\nA-2\nA-1\n", "utf-8")


@pytest.mark.parametrize("name", outputs.OUTPUTS)
def test_every_schema_is_one_and_closed(name: str) -> None:
    schema = outputs.schema(name)

    meta.validate(schema)
    for one in (schema, *schema.get("$defs", {}).values()):
        assert "anyOf" in one or one["additionalProperties"] is False
        assert set(one.get("required", ())) <= set(one.get("properties", ()))


@pytest.mark.parametrize("shape", all_shapes(), ids=lambda shape: shape.name)
def test_models_have_the_members_of_shapes_in_their_order(shape: Shape) -> None:
    model = outputs.OUTPUTS[shape.name]
    lists = {name: own_model(dict(members(model))[name]) for name in shape.lists}

    assert list(paths(model, shape)) == list(shape.fields)
    for name, item in lists.items():
        assert item is not None
        assert [member for member, _ in members(item)] == list(shape.lists[name])


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("created", "create_response.json"),
        ("profile", "profile_response.json"),
        ("state", "state_response.json"),
    ],
)
def test_documented_examples_are_valid_and_in_order(name: str, file: str) -> None:
    example = json.loads((DATA / file).read_text("utf-8"))

    validator(name).validate(example)
    assert list(example) == [member for member, _ in members(outputs.OUTPUTS[name])]


@pytest.mark.usefixtures("files")
def test_every_command_shows_what_its_schema_says(call: Run, place: Place) -> None:
    shown, key, operation = verbs(), "", ""
    left = set(shown)

    for line in LINES.strip().splitlines():
        words = line.replace("KEY", key).replace("OPERATION", operation).split()
        command = " ".join(words[: 1 if words[0] in commands.LEAVES else 2])
        result = call(*words, "--json", "--yes")
        assert result.exit_code in (0, 9), (line, result.stderr)
        bodies = json.loads(result.stdout)
        for body in bodies if isinstance(bodies, list) else [bodies]:
            validator(shown[command].name).validate(body)
        if line.startswith("keys create --name"):
            key = bodies["key_id"]
        if line.startswith("operations list"):
            operation = bodies[0]["id"]
        left.discard(command)

    assert not left
    for line in (place.home / "results.jsonl").read_text("utf-8").splitlines():
        validator("import_result").validate(json.loads(line))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("profile", {"first_seen_at": "2026-02-14 10:00"}),
        ("profile", {"points": {"balance": 1.5, "total_earned": 1, "total_spent": 0}}),
        ("profile", {"is_active": None}),
        ("profile", {"tier": {"code": "gold"}}),
    ],
)
def test_a_body_that_is_not_as_documented_is_not_valid(name: str, change: dict[str, Any]) -> None:
    example = json.loads((DATA / f"{name}_response.json").read_text("utf-8"))

    assert validator(name).is_valid(example)
    assert not validator(name).is_valid(example | change)
    assert not validator(name).is_valid({k: v for k, v in example.items() if k not in change})


def test_batches_pages_rehearsals_and_errors_have_schemas() -> None:
    failed = {"index": 1, "ok": False, "detail": "no", "code": "usage"}
    awarded = {"index": 0, "participant_id": "a", "ok": True}
    awarded |= {"transaction_id": "t", "new_balance": 1}
    counts = {"succeeded": 1, "failed": 1}
    row = {"id": "e", "event_name": "n", "properties": {}, "occurred_at": "2026-02-14T10:00:00Z"}
    events = {"participant_id": "a", "events": [row]}

    for name, body in [
        ("award_results", {"results": [awarded, failed], **counts}),
        ("event_results", {"results": [{"index": 0, "ok": True, "event_id": "e"}], **counts}),
        ("import_result", {"line": 2, "id": None, "outcome": None, "error": None}),
        ("event_results", {"results": [failed | {"hint": "try"}], **counts}),
        ("events", {**events, "total": 1, "page": 1, "page_size": 20}),
        ("events", {**events, "next": None}),
        ("participants", {"participants": [], "next": "c"}),
        ("participants", {"count": 0}),
        ("rehearsal", {"outcome": "created", "answer": {}, "before": None, "after": {}}),
        ("error", {"detail": "no", "code": "usage"}),
        ("error", {"detail": "no", "code": "usage", "hint": "yes"}),
    ]:
        validator(name).validate(body)
    assert not validator("events").is_valid(events)
    assert not validator("error").is_valid({"detail": "no", "code": "usage", "exit": 2})
    assert not validator("error").is_valid({"detail": "no", "code": "no"})


def test_every_error_that_a_server_answers_has_its_code_in_the_schema() -> None:
    codes = set(outputs.schema("error")["properties"]["code"]["enum"])
    ours = {kind.code for kind in errors.kinds()}

    assert ours - codes == {"partial", "declined", "drifted", "interrupted"}
    assert codes <= ours
