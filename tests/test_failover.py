"""A store in PostgreSQL on the way to it: cut connections, a primary that fails, round trips."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from itertools import count
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from contract import profile, write
from postgres import Cluster

from gamify_cli.errors import Unavailable
from gamify_cli.store.local import LocalStore

GIVE_UP = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
_BODY = {"amount": 5}
_MANY = 10_000
_CHUNK = 65_536


@contextmanager
def no_standby(cluster: Cluster) -> Iterator[psycopg.Connection[Any]]:
    """A primary that waits for a standby which does not come, and its administrator."""
    with psycopg.connect(cluster.administrator(), autocommit=True) as administrator:
        administrator.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        administrator.execute("SELECT pg_reload_conf()")
        try:
            yield administrator
        finally:
            administrator.execute("ALTER SYSTEM RESET synchronous_standby_names")
            administrator.execute("SELECT pg_reload_conf()")


@contextmanager
def relay(url: str, port: int, fatal: bytes = b"") -> Iterator[tuple[str, list[bytes]]]:
    """The same URL by another way, and all that is said on it, each time before it is answered.

    The first connection that says these bytes is cut.
    """
    cuts, heard = [fatal] if fatal else [], list[bytes]()

    def answer(here: socket.socket, there: socket.socket) -> None:
        # Either end may be gone first.
        with suppress(OSError):
            while told := there.recv(_CHUNK):
                here.sendall(told)

    class Way(BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)) as there:
                Thread(target=answer, args=(self.request, there), daemon=True).start()
                while said := self.request.recv(_CHUNK):
                    heard.append(said)
                    if cuts and cuts[0] in said:
                        cuts.clear()
                        there.shutdown(socket.SHUT_RDWR)
                        return
                    there.sendall(said)

    with ThreadingTCPServer(("127.0.0.1", 0), Way) as server:
        Thread(target=server.serve_forever).start()
        try:
            yield url.replace(f":{port}/", f":{server.server_address[1]}/"), heard
        finally:
            server.shutdown()
        assert not cuts


def test_a_connection_that_is_cut_while_a_store_is_looked_for_is_made_again(
    database: str, cluster: Cluster
) -> None:
    with (
        relay(database, cluster.port, b"pg_temp") as (url, _),
        closing(LocalStore.open(url, timeout=20)) as store,
    ):
        assert store.notice()
        assert store.points.award("ann", _BODY, write()).body["new_balance"] == 5


def test_a_change_asks_the_database_twice_and_so_does_a_reading(
    database: str, cluster: Cluster
) -> None:
    """With what it begins with it reads, with its commit it writes."""
    with (
        relay(database, cluster.port) as (url, heard),
        closing(LocalStore.open(url, timeout=20)) as store,
    ):
        store.points.award("ann", _BODY, write("1"))
        before = len(heard)
        assert store.points.award("ann", _BODY, write("2")).outcome == "awarded"
        assert len(heard) == before + 2
        assert store.points.award("ann", _BODY, write("2")).outcome == "replayed"
        assert len(heard) == before + 4
        assert profile(store, "ann")["points"]["balance"] == 10
        assert len(heard) == before + 6


def test_what_no_standby_confirmed_is_not_acknowledged(database: str, cluster: Cluster) -> None:
    waiting = database + quote(" -csynchronous_commit=on", safe="")
    with closing(LocalStore.open(waiting, timeout=5)) as store:
        numbers = count()

        def award_on_and_on() -> None:
            while (number := next(numbers)) < _MANY:
                store.points.award("ann", _BODY, write(str(number)))

        with ThreadPoolExecutor(1) as thread, no_standby(cluster) as administrator:
            awarding = thread.submit(award_on_and_on)
            while not awarding.done():
                administrator.execute(GIVE_UP)
            with pytest.raises(Unavailable, match="no standby confirmed it"):
                awarding.result()

        number = next(numbers) - 1
        assert store.points.award("ann", _BODY, write(str(number))).outcome == "replayed"
        assert profile(store, "ann")["points"]["balance"] == 5 * (number + 1)


def test_what_fell_before_its_commit_is_done_again_even_without_a_key(
    database: str, cluster: Cluster
) -> None:
    """A rival holds the journal, so that the award falls while it waits to write there."""
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with (
        closing(LocalStore.open(database, timeout=20)) as store,
        psycopg.connect(database) as rival,
        psycopg.connect(cluster.administrator(), autocommit=True) as administrator,
        ThreadPoolExecutor(1) as thread,
    ):
        store.points.award("ann", _BODY, write())
        rival.execute("LOCK TABLE journal IN SHARE MODE")
        awarding = thread.submit(store.points.award, "ann", _BODY, write())
        while not administrator.execute(ended).rowcount:
            assert not awarding.done()
        rival.rollback()

        assert awarding.result().body["new_balance"] == 10
        assert profile(store, "ann")["points"]["balance"] == 10
