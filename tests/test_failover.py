"""A store in PostgreSQL whose primary may fail: what is acknowledged is on a standby, too."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count
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
