"""Command lines over a server tell what they tell on the store; most of it runs elsewhere.

`parity` has the modules whose every test runs both ways.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path

import parity
import pytest
from conftest import Place, Run
from loopback import KEY_NAME
from parity import Transcript

TESTS = Path(__file__).parent


def found_in(module: str) -> set[str]:
    body = ast.parse((TESTS / f"{module}.py").read_text("utf-8")).body
    return {f"{module}.{one.name}" for one in body if isinstance(one, ast.FunctionDef)}


@pytest.mark.parametrize("module", [*parity.MODULES, *parity.EXECUTABLE])
def test_each_module_that_runs_over_a_server_has_tests(module: str) -> None:
    assert any(".test_" in name for name in found_in(module))


def test_each_exception_is_a_test_that_would_run() -> None:
    excepted = [name for names in parity.DIFFERENT.values() for name in names]
    every = {name for module in parity.MODULES for name in found_in(module)}

    assert set(excepted) <= every
    assert len(excepted) == len(set(excepted))


def test_the_second_way_is_over_a_server(run: Run, place: Place) -> None:
    run("participants", "create", "ada")

    (fact,) = json.loads(run("participants", "history", "ada").stdout)

    assert (fact["actor"] == f"key {KEY_NAME}") == place.is_served
    assert fact["command"] == "gamify participants create ada"


def test_a_transcript_knows_ids_by_their_place_alone() -> None:
    told = {one: Transcript("/home/of") for one in ("first", "second", "other")}
    told["first"].add(["get"], 0, "op_0123456789abcdef of 0123456789ab", "at /home/of/x")
    told["second"].add(["get"], 0, "op_fedcba9876543210 of ba9876543210", "at /home/of/x")
    told["other"].add(["get"], 0, "op_fedcba9876543210 of fedcba9876543210", "at /home/of/x")

    assert told["first"].lines == told["second"].lines
    assert told["first"].lines != told["other"].lines
