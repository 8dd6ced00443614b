"""Operations: what each command left, over every backend."""

from __future__ import annotations

from typing import Any

import pytest
from contract import create, rows, write

from gamify_cli.backend import Entry, OperationQuery, Source
from gamify_cli.backend.whole import Backend
from gamify_cli.errors import NotFound, UsageError


def listed(backend: Backend, one: str | None = None, **query: Any) -> list[Any]:
    return rows(backend.operations.list(OperationQuery(one, **query)))[0]


def test_every_operation_is_listed_by_what_it_left(backend: Backend) -> None:
    create(backend, "ada")
    for one in ("ada", "bob"):
        backend.points.award(one, {"amount": 5}, write())
    many = write()
    many = many._replace(operation=many.operation._replace(shared=True))
    importer = backend.participants.importer(many, Source())
    entries = [Entry(n, one, {"display_name": one}) for n, one in enumerate(("ada", "eve"), 1)]
    list(importer.record(entries, 2))
    importer.finish()

    every = listed(backend)

    counts = [(one["participants"], one["facts"]) for one in every]
    assert sorted(counts) == [(1, 1), (1, 1), (1, 2), (2, 2)]
    assert every == sorted(every, key=lambda one: str(one["id"]), reverse=True)
    assert [backend.operations.show(one["id"]) for one in every] == every
    of_ada = listed(backend, "ada")
    assert of_ada == [one for one in every if one["facts"] == 1 or one["participants"] == 2]
    page, following = rows(backend.operations.list(OperationQuery(limit=3)))
    assert page == every[:3]
    assert listed(backend, after=following) == every[3:]
    assert listed(backend, "ada", after=of_ada[0]["id"], limit=1) == [of_ada[1]]


def test_an_operation_that_is_none_is_not_found(backend: Backend) -> None:
    create(backend, "ada")

    with pytest.raises(NotFound, match='operation "op_1/" not found'):
        backend.operations.show("op_1/")
    with pytest.raises(NotFound, match='participant "bob" not found'):
        listed(backend, "bob")
    with pytest.raises(UsageError):
        listed(backend, "")
