"""gamify serve on PostgreSQL: nobody waits for another, and a database that was away is found."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import count
from typing import Any

import postgres
import psycopg
import pytest
from conftest import Place, Run
from contract import write
from postgres import Cluster
from serving import Reply, Server, make_key, serving

from gamify_cli.backend.whole import Served
from gamify_cli.errors import Unavailable
from gamify_cli.server import pool
from gamify_cli.server.service import Service
from gamify_cli.store.local import LocalStore

WRITERS_AND_MORE = pool.WRITERS + 4
_NUMBERS = count()


@pytest.fixture
def server(place: Place, call: Run, database: str) -> Iterator[Server]:
    """A server of a store in which ada has one point."""
    with served(place, call, database) as server:
        yield server


def served(place: Place, call: Run, url: str) -> Any:
    key = make_key(call, "--scope", "admin", "--rate-limit", "none", "--store", url)
    call("points", "award", "ada", "1", "--store", url)
    return serving(place, key, "--store", url)


def award(server: Server, one: str = "ada", key: str | None = None) -> Reply:
    headers = {"Idempotency-Key": key or f"k{next(_NUMBERS)}"}
    body = {"participant_id": one, "amount": 1}
    return server.ask("POST", "/points/award", body, headers=headers)


def balance(server: Server) -> int:
    return int(server.ask("GET", "/participants/ada/points").body["balance"])


def hold(rival: psycopg.Connection[Any]) -> None:
    """Keep ada from being changed, as any change of her does."""
    rival.execute("SELECT * FROM participants WHERE participant_id = 'ada' FOR UPDATE")


def wait_for_waiting(
    rival: psycopg.Connection[Any], number: int, works: Iterable[Future[Any] | asyncio.Task[Any]]
) -> None:
    """Wait until so many sessions wait for a lock, none of which gets it."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    while True:
        rival.execute("SELECT pg_stat_clear_snapshot()")
        (found,) = rival.execute(waiting).fetchone() or (0,)
        if found >= number:
            return
        assert not any(work.done() for work in works)


def test_a_change_that_waits_keeps_nobody_else_waiting(server: Server, database: str) -> None:
    with psycopg.connect(database) as rival, ThreadPoolExecutor(WRITERS_AND_MORE) as clients:
        hold(rival)
        waiting = [clients.submit(award, server) for _ in range(WRITERS_AND_MORE)]
        wait_for_waiting(rival, pool.WRITERS, waiting)

        assert balance(server) == 1
        assert server.ask("GET", "/participants/ada").status == 200
        assert server.ask("GET", "/admin/participants").status == 200
        assert server.ask("GET", "/readyz").status == 200
        assert not any(one.done() for one in waiting)
        rival.rollback()
        answers = [one.result() for one in waiting]

    assert {one.status for one in answers} == {200}
    assert balance(server) == 1 + WRITERS_AND_MORE


def test_a_key_counts_from_when_it_is_made_to_when_it_is_revoked(
    server: Server, call: Run, database: str
) -> None:
    made = json.loads(call("keys", "create", "--store", database, "--json").stdout)
    before = server.ask("GET", "/participants/ada", key=made["key"])
    call("keys", "revoke", made["key_id"], "--store", database)
    after = server.ask("GET", "/participants/ada", key=made["key"])

    assert (before.status, after.status) == (200, 401)
    assert after.body["detail"] == "the API key was revoked"


def test_a_change_that_was_taken_is_made_before_the_server_stops(
    server: Server, database: str
) -> None:
    with psycopg.connect(database) as rival, ThreadPoolExecutor(1) as client:
        hold(rival)
        taken = client.submit(award, server)
        wait_for_waiting(rival, 1, [taken])
        server.process.terminate()
        rival.rollback()
        answer = taken.result()
        server.process.communicate(timeout=30)

        assert (answer.status, answer.body["new_balance"]) == (200, 2)
        assert server.process.returncode == 0


def test_connections_that_the_database_ends_are_opened_again(
    server: Server, cluster: Cluster
) -> None:
    """Those that idle are ended as an administrator or a proxy between does it."""
    for _ in range(3):
        assert award(server).status == 200
        with psycopg.connect(cluster.administrator(), autocommit=True) as administrator:
            administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'gamify'"
            )
        assert server.ask("GET", "/readyz").status == 200

    assert balance(server) == 4


def control(cluster: Cluster, *command: str) -> None:
    """Start or stop PostgreSQL, as the user that it runs as."""
    folder = postgres.binaries()
    assert folder
    subprocess.run(
        [folder / "pg_ctl", *command, "--pgdata=data", "--wait", "--log=log"],
        cwd=cluster.folder,
        check=True,
        stdout=subprocess.DEVNULL,
        **postgres.ordinary_user(),
    )


def test_a_database_that_is_away_is_told_and_found_when_it_is_back(place: Place, call: Run) -> None:
    """Whoever repeats a change under its key until it is answered has it made once.

    The database keeps what it acknowledged, unlike the one for the other tests.
    """
    with postgres.running(settings={}) as cluster:
        url = cluster.namespace()
        with served(place, call, url) as server, ThreadPoolExecutor(2) as clients:

            def insist(number: int) -> int:
                """Award under one key until it is answered; how often it was refused."""
                for refused in count():
                    reply = award(server, key=f"insist{number}")
                    if reply.status == 200:
                        return refused
                    assert (reply.status, reply.headers["retry-after"]) == (503, "1")
                raise AssertionError

            begun: list[Future[int]] = [clients.submit(insist, one) for one in range(20)]
            begun[0].result()
            control(cluster, "stop", "--mode=immediate")
            away = [server.ask("GET", path) for path in ("/readyz", "/participants/ada")]
            healthy = server.ask("GET", "/healthz").status
            control(cluster, "start")
            for one in begun:
                one.result()

            assert [one.status for one in away] == [503, 503]
            assert away[1].body["detail"] == "the store cannot answer now; try again"
            assert healthy == 200
            assert server.ask("GET", "/readyz").status == 200
            assert balance(server) == 21


def test_more_than_can_wait_are_refused_and_those_who_waited_too_long(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_() -> LocalStore:
        return LocalStore.open(database, timeout=5)

    def make(backend: Served) -> str:
        return backend.points.award("ada", {"amount": 1}, write(f"k{next(_NUMBERS)}")).outcome

    async def run() -> tuple[list[Any], str]:
        service = Service(open_, log=False)
        service.start()
        await service.write(make)
        with psycopg.connect(database) as rival:
            hold(rival)
            tasks = [asyncio.create_task(service.write(make)) for _ in range(pool.WRITERS + 3)]
            await asyncio.to_thread(wait_for_waiting, rival, pool.WRITERS, tasks[:1])
            monkeypatch.setattr(pool, "LONGEST_WAIT", 0.0)
        results = await asyncio.gather(*tasks, return_exceptions=True)
        monkeypatch.undo()
        last = await service.write(make)
        await service.stop()
        return results, last

    monkeypatch.setattr(pool, "MOST_WAITING", 2)
    results, last = asyncio.run(run())

    assert results[: pool.WRITERS] == ["awarded"] * pool.WRITERS
    assert [type(one) for one in results[pool.WRITERS :]] == [Unavailable] * 3
    assert last == "awarded"
    with closing(open_()) as store:
        assert next(store.points.balances(["ada"]))["balance"] == pool.WRITERS + 2
