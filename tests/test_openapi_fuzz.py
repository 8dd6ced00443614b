"""Requests made up from the OpenAPI document: every answer is what the document says of it.

GAMIFY_FUZZ_EXAMPLES sets how many requests are made up at random for each operation, beside
those that cover its schema; the same ones each time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests
import schemathesis
from conftest import Place
from hypothesis import HealthCheck, settings
from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import RejectedPositiveData
from serving import BASE, Server, serving_for_all

from gamify_cli import wire
from gamify_cli.server import openapi

PROGRAM = Path(__file__).with_name("data") / "program.toml"
EXAMPLES = int(os.environ.get("GAMIFY_FUZZ_EXAMPLES", "5"))
CONFIG = {
    "seed": 1,
    "generation": {
        "deterministic": True,
        "max-examples": EXAMPLES,
        # No schema of a free object tells that no text in it, however deep, holds U+0000.
        "allow-x00": False,
        # A key that is left out would be put back; ignored_auth leaves it out itself.
        "with-security-parameters": False,
    },
    # Its body, which takes long to cover, is covered as that of its rehearsal.
    "operations": [
        {"include-path": path, "phases": {"coverage": {"enabled": False}}}
        for path in ("/admin/program", "/admin/program/simulate")
    ],
}

schema = schemathesis.openapi.from_dict(
    openapi.document(), config=schemathesis.Config.from_dict(CONFIG)
)


class Excuse(NamedTuple):
    """Why data may be refused that the document calls valid: what is said of it, in which cases."""

    why: str
    detail: str
    holds: Callable[[Case], object] = lambda _case: True


EXCUSES = (
    Excuse(
        "JSON Schema calls 438.0 an integer, the contract does not",
        "an amount is an integer",
        lambda case: isinstance(case.body["amount"], float),
    ),
    Excuse(
        "no schema tells that two values must be equal",
        "the header Idempotency-Key and the member idempotency_key differ",
        lambda case: case.headers["Idempotency-Key"] != case.body["idempotency_key"],
    ),
    Excuse(
        "no schema tells which parameters exclude each other",
        "limit goes with cursors",
        lambda case: "limit" in case.query and case.query.keys() & {"page", "page_size"},
    ),
    Excuse(
        "no schema tells that one part of a program names another",
        "the body has ",
        lambda case: "/admin/program" in case.path,
    ),
    Excuse(
        "no pattern tells whether brackets match",
        "attr ",
        lambda case: any(":=" in one and one.strip()[-1] in "]}" for one in case.query["attr"]),
    ),
    Excuse(
        "only the server knows its cursors",
        "is not a cursor of",
        lambda case: "after" in case.query,
    ),
    Excuse(
        "no schema tells which of two times is the later one",
        "expires_at must lie after the award",
        lambda case: case.body["expires_at"],
    ),
    Excuse(
        "no schema tells which of two times is the later one",
        "from lies after to",
        lambda case: "from" in case.query,
    ),
    Excuse(
        "beside an example of the body, headers come that do not match their pattern",
        "the header Gamify-Operation takes",
        lambda case: not re.fullmatch(wire.AN_OPERATION, case.headers["Gamify-Operation"]),
    ),
    Excuse("no schema tells what time it is", " lies in the future"),
    Excuse("what is there tells how many points can be spent", "Insufficient points"),
)


@schema.hook
def filter_failure(
    _context: HookContext, failure: Failure, case: Case, response: Response
) -> bool:  # fmt: skip
    """Whether a failure counts."""
    if not isinstance(failure, RejectedPositiveData):
        return True
    detail = response.json()["detail"]
    return not any(one.detail in detail and one.holds(case) for one in EXCUSES)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, bytecode: Path) -> Iterator[Server]:
    place = Place(tmp_path_factory.mktemp("fuzz"), bytecode)
    people = [["points", "award", name, "1000"] for name in ("user_123", "user_456", "0")]
    with serving_for_all(place, ["program", "apply", PROGRAM], *people) as one:
        yield one


@pytest.fixture(scope="module")
def options(server: Server) -> Iterator[dict[str, Any]]:
    """How to ask the server, by a key that may do everything."""
    with requests.Session() as session:
        yield {
            "base_url": f"http://127.0.0.1:{server.port}{BASE}",
            "headers": {"X-API-Key": server.key},
            "session": session,
            "timeout": 30,
        }


@schema.parametrize()
def test_an_answer_is_what_the_document_says(case: Case, options: dict[str, Any]) -> None:
    case.call_and_validate(**options)


def test_answers_that_lead_to_requests_are_what_the_document_says(options: dict[str, Any]) -> None:
    class Walk(schema.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Case) -> dict[str, Any]:  # noqa: ARG002
            return options

    Walk.run(
        settings=settings(
            max_examples=EXAMPLES * 2,
            stateful_step_count=6,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
    )
