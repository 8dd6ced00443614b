"""Command lines over a server tell what they tell on the store; most of it runs elsewhere.

`parity` has the modules whose every test runs both ways.
"""

from __future__ import annotations

import ast
from pathlib import Path

import parity
import pytest

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
