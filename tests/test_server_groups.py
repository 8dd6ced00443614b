"""Changes that a server makes together: all, or none, or each alone; and never one twice."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Place, Run
from serving import make_key

from gamify_cli.backend import Answer, Body, Change, Operation, Write
from gamify_cli.backend.whole import Served
from gamify_cli.domain import program_file
from gamify_cli.errors import StoreError, Unavailable
from gamify_cli.server import turns
from gamify_cli.server.service import Service
from gamify_cli.server.threads import Threads
from gamify_cli.store.local import LocalStore
from gamify_cli.store.sqlite.session import SqliteSession

WRITE = Write(Operation("op_1", "test", "tester"))


@pytest.fixture
def store(place: Place, call: Run) -> Path:
    """A store with a key and nothing else."""
    make_key(call)
    return place.store


def opened(store: Path) -> LocalStore:
    return LocalStore.open(store, timeout=0.0)


def award(backend: Served) -> Answer:
    return backend.points.award("ada", {"amount": 1}, WRITE)


def program_with_tier(code: str) -> Body:
    tier = {"code": code, "name": code, "level": 1, "points_required": 1}
    return program_file.read(json.dumps({"name": "p", "tiers": [tier]}).encode(), "the body")


def together(store: Path, *works: Callable[[Served], Any]) -> list[Any]:
    """What comes of changes that are made in one group, an error among it too."""

    async def run() -> list[Any]:
        threads = Threads(opened(store), 1.0)
        begun, free = threading.Event(), threading.Event()

        def hold(_backend: Served) -> None:
            begun.set()
            free.wait()

        # While this one is under way, the others come to wait together.
        first = asyncio.ensure_future(threads.write(hold))
        await asyncio.to_thread(begun.wait)
        others = [asyncio.ensure_future(threads.write(work)) for work in works]
        await asyncio.sleep(0)
        free.set()
        await first
        results = await asyncio.gather(*others, return_exceptions=True)
        await threads.close()
        return results

    return asyncio.run(run())


def test_a_program_that_is_taken_back_with_its_group_judges_nothing_later(store: Path) -> None:
    backend = opened(store)

    def lose() -> None:
        backend.programs.apply(program_with_tier("lost"), WRITE)
        award(backend)
        raise Unavailable("the disk took no more")

    (lost,) = backend.together([Change(lose)], lambda: None)
    assert isinstance(lost, Unavailable)
    backend.programs.apply(program_with_tier("kept"), WRITE)
    reached = award(backend).body["tier_upgrade"]["code"]
    backend.close()

    assert reached == "kept"


def test_what_was_made_before_the_store_went_away_is_not_made_again(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = store.with_name("away.db")
    look = SqliteSession.require_same_file

    def look_and_bring_back(session: SqliteSession) -> None:
        try:
            look(session)
        finally:
            if away.exists():
                away.rename(store)

    monkeypatch.setattr(SqliteSession, "require_same_file", look_and_bring_back)
    results = together(store, award, lambda _backend: store.rename(away))
    backend = opened(store)
    balance = next(backend.points.balances(["ada"]))
    backend.close()

    assert [type(result) for result in results] == [StoreError, StoreError]
    assert balance["balance"] == 1  # type: ignore[index]


def test_a_store_that_goes_away_while_it_is_opened_stops_no_server(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = store.with_name("away.db")

    class Fleeting(LocalStore):
        """A store that is gone when a third connection to it is opened."""

        def twin(self, timeout: float) -> LocalStore:
            twin = super().twin(timeout)
            store.rename(away)
            return twin

    def look(backend: Served) -> None:
        backend.keys.find("")

    def replace() -> None:
        away.write_bytes(store.read_bytes())
        away.rename(store)

    stores = iter([LocalStore.open, Fleeting.open, LocalStore.open])
    service = Service(lambda: next(stores)(store, timeout=0.0), log=False)
    monkeypatch.setattr(turns, "_RETRY_SECONDS", 0.0)

    async def run() -> Answer:
        service.start()
        replace()
        with pytest.raises(StoreError):
            await service.quick(look)
        away.rename(store)
        await service.quick(look)
        answer: Answer = await service.write(award)
        await service.stop()
        return answer

    assert asyncio.run(run()).body["new_balance"] == 1
