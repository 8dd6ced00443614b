"""The OpenAPI document and `gamify schema`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import Run
from jsonschema_rs import Draft202012Validator
from openapi_spec_validator import validate

from gamify_cli import wire
from gamify_cli.domain import outputs
from gamify_cli.server import openapi
from gamify_cli.server.routes import ROUTES

METHODS = {"get", "post", "patch", "put"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi.document()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert method in METHODS
            yield path, method, operation


def bodies(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every body in JSON, of requests and of answers."""
    for _, _, operation in operations(document):
        for part in (operation.get("requestBody", {}), *operation["responses"].values()):
            if "content" in part:
                yield part["content"]["application/json"]


def test_the_document_is_valid_and_is_printed(run: Run, document: dict[str, Any]) -> None:
    result = run("schema", "openapi")

    validate(document)
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == document


def test_every_route_stands_in_it_with_its_rehearsal_and_its_past(
    document: dict[str, Any],
) -> None:
    expected = set()
    for route in ROUTES:
        expected.add((route.path, route.method.lower()))
        if route.is_write:
            expected.add((wire.DRY_RUN + route.path, "post"))
        if route.any_time:
            expected |= {(before + route.path, "get") for before in wire.PASTS.values()}

    assert {(path, method) for path, method, _ in operations(document)} == expected
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)


def test_every_id_of_a_path_is_a_parameter(document: dict[str, Any]) -> None:
    for path, _, operation in operations(document):
        ids = {one["name"] for one in operation["parameters"] if one.get("in") == "path"}
        assert ids == {part[1:-1] for part in path.split("/") if part.startswith("{")}


def test_calls_document_the_refusals_that_they_can_give(document: dict[str, Any]) -> None:
    paths = document["paths"]

    def refusals(path: str, method: str) -> set[str]:
        return {status for status in paths[path][method]["responses"] if status >= "400"}

    always = {"400", "401", "429", "500", "503"}
    assert refusals("/rewards", "get") == always
    assert refusals("/participants/{pid}", "get") == always | {"404"}
    assert refusals("/points/award", "post") == always | {"409", "410", "413", "415"}
    assert refusals("/badges/award", "post") == always | {"404", "409", "410", "413", "415"}
    assert refusals("/admin/program", "get") == always | {"403", "404"}


def test_examples_are_valid(document: dict[str, Any]) -> None:
    shown = [body for body in bodies(document) if "example" in body]

    for body in shown:
        schema = {**body["schema"], "components": document["components"]}
        Draft202012Validator(schema, validate_formats=True).validate(body["example"])
    examples = [body["example"] for body in shown]
    assert all(example in examples for example in openapi.EXAMPLES.values())


@pytest.mark.parametrize("name", ["profile", "participants", "error"])
def test_schemas_of_answers_are_printed(name: str, run: Run) -> None:
    result = run("schema", name)

    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == outputs.schema(name)


def test_without_a_name_the_names_are_printed(run: Run) -> None:
    result = run("schema")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == ["openapi", *outputs.OUTPUTS]


@pytest.mark.parametrize(
    ("name", "hint"),
    [("profil", "did you mean profile?"), ("zzz", "see the names: gamify schema")],
)
def test_an_unknown_name_is_refused(name: str, hint: str, run: Run) -> None:
    result = run("schema", name)

    assert (result.exit_code, result.stdout) == (2, "")
    assert f'there is no schema "{name}"' in result.stderr
    assert hint in result.stderr
