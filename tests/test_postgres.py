"""A store in PostgreSQL: races, lost connections and refusals; nothing is lost or done twice."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from contract import create, profile, write
from postgres import Cluster

from gamify_cli.backend import Answer, Body
from gamify_cli.domain import program_file
from gamify_cli.domain.participant import Participant, evolve
from gamify_cli.errors import Conflict, GamifyError, StoreError, Unavailable, UsageError
from gamify_cli.store import records
from gamify_cli.store.local import LocalStore
from gamify_cli.store.postgres import sql
from gamify_cli.store.postgres.connection import MAKING

WRITERS = 8
_A_FEW = 5
_WAITING = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
PROGRAM = Path(__file__).parent / "data" / "program.toml"


@contextmanager
def opened(url: str, timeout: float = 20) -> Iterator[LocalStore]:
    with closing(LocalStore.open(url, timeout=timeout)) as store:
        yield store


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def at_once(url: str, works: list[Callable[[LocalStore], Any]]) -> list[Any]:
    """What each leads to, or its error; each on a connection of its own, all at one moment."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[LocalStore], Any]) -> Any:
        with opened(url) as store:
            start.wait()
            try:
                return work(store)
            except GamifyError as error:
                return error

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(run, works))


def award(one: str, key: str | None = None, amount: int = 1) -> Callable[[LocalStore], Answer]:
    return lambda store: store.points.award(one, {"amount": amount}, write(key))


def facts(url: str) -> list[tuple[Any, ...]]:
    with connected(url) as connection:
        return connection.execute(
            "SELECT participant_id, number, kind FROM journal ORDER BY participant_id, number"
        ).fetchall()


def require_replayed(url: str) -> None:
    """Every row is what its facts lead to."""
    with connected(url) as connection:
        for row in connection.execute(sql.PAGE_PARTICIPANTS, {"after": "", "limit": 1_000}):
            stored, replayed = records.participant(row), Participant(row[0])
            asked = {"participant_id": row[0], "until": 2**63 - 1, "known_at": 2**63 - 1}
            for fact in connection.execute(sql.FIND_FACTS, asked):
                evolve(replayed, records.fact(fact))
            replayed.recorded_at = stored.recorded_at
            assert stored == replayed


def test_the_first_writers_make_one_store_and_one_participant(database: str) -> None:
    answers = at_once(database, [award("ann")] * WRITERS)

    assert sorted(one.body["new_balance"] for one in answers) == [*range(1, WRITERS + 1)]
    assert [number for _, number, _ in facts(database)] == [*range(1, WRITERS + 2)]
    with connected(database) as connection:
        assert connection.execute("SELECT count(*) FROM store").fetchone() == (1,)
    require_replayed(database)


def test_a_store_that_another_one_makes_is_waited_for_and_found(database: str) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with connected(database) as rival, ThreadPoolExecutor(1) as thread:
        rival.execute("SELECT pg_advisory_lock(%s)", (MAKING,))
        answers = thread.submit(at_once, database, [award("ann", "k")] * 2)
        while rival.execute(waiting).fetchone() != (2,):
            assert not answers.done()
        rival.execute("SELECT pg_advisory_unlock_all()")

        assert sorted(one.outcome for one in answers.result()) == ["awarded", "replayed"]


def test_one_key_pays_once_however_many_bring_it(database: str) -> None:
    answers = at_once(database, [award("ann", "k")] * WRITERS)

    assert sorted(one.outcome for one in answers) == ["awarded"] + ["replayed"] * (WRITERS - 1)
    assert [one.body for one in answers] == [answers[0].body] * WRITERS
    with opened(database) as store:
        assert profile(store, "ann")["points"]["balance"] == 1


def test_two_requests_under_one_key_are_a_conflict_for_one(database: str) -> None:
    answers = at_once(database, [award("ann", "k"), award("ann", "k", 2)])

    assert sorted(type(one).__name__ for one in answers) == ["Answer", "Conflict"]


@pytest.mark.parametrize("stock", ["codes", 5])
def test_no_reward_is_handed_out_twice_nor_left_over(database: str, stock: Any) -> None:
    with opened(database) as store:
        reward = {"id": "r", "name": "R", "type": "coupon", "stock": stock}
        document = program_file.read(
            json.dumps({"name": "P", "rewards": [reward]}).encode(), "p.json"
        )
        store.programs.apply(document, write())
        if stock == "codes":
            store.rewards.load_codes("r", [[f"code-{number}" for number in range(5)]], "x", write())

    def claim(one: int) -> Callable[[LocalStore], Answer]:
        return lambda store: store.rewards.claim(f"user_{one}", "r", False, write())

    answers = at_once(database, [claim(one) for one in range(WRITERS)])

    claimed = [one.body["code_value"] for one in answers if isinstance(one, Answer)]
    assert len(claimed) == 5
    assert stock == 5 or sorted(claimed) == [f"code-{number}" for number in range(5)]
    assert all(type(one) is Conflict for one in answers if not isinstance(one, Answer))


def test_connections_that_are_cut_lose_nothing_and_pay_nothing_twice(
    database: str, cluster: Cluster
) -> None:
    """Another one ends every connection after each few awards, which go on under keys."""
    awarded, done = threading.Semaphore(0), threading.Event()
    with opened(database) as store:
        create(store, "ann")

    def cut() -> int:
        ended = 0
        with connected(cluster.administrator()) as connection:
            while not done.is_set():
                ended += connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE usename = 'gamify' AND application_name = 'gamify'"
                ).rowcount
                for _ in range(_A_FEW):
                    awarded.acquire()
        return ended

    def many(writer: int) -> Callable[[LocalStore], list[Body]]:
        def work(store: LocalStore) -> list[Body]:
            bodies = []
            for turn in range(50):
                bodies.append(award("ann", f"{writer}.{turn}")(store).body)
                awarded.release()
            return bodies

        return work

    with ThreadPoolExecutor(1) as cutter:
        cutting = cutter.submit(cut)
        try:
            answers = at_once(database, [many(writer) for writer in range(4)])
        finally:
            done.set()
            awarded.release(_A_FEW)
        assert cutting.result() > 4

    assert not [one for one in answers if isinstance(one, GamifyError)]
    bodies = [body for answer in answers for body in answer]
    assert len({body["transaction_id"] for body in bodies}) == 200
    with opened(database) as store:
        assert profile(store, "ann")["points"]["balance"] == 200
    require_replayed(database)


def test_a_lock_that_nobody_lets_go_is_not_waited_for_for_ever(database: str) -> None:
    with opened(database) as store:
        create(store, "ann")
    with (
        opened(database, timeout=1) as store,
        psycopg.connect(database) as rival,
    ):
        rival.execute("SELECT 1 FROM participants FOR UPDATE")
        with pytest.raises(Unavailable, match="took too long"):
            award("ann")(store)
        assert profile(store, "ann")["points"]["balance"] == 0


def test_ctrl_c_ends_the_wait_for_a_lock_and_leaves_the_store_of_use(database: str) -> None:
    with opened(database) as store:
        create(store, "ann")
        with psycopg.connect(database) as rival, connected(database) as watcher:
            rival.execute("SELECT 1 FROM participants FOR UPDATE")

            def interrupt() -> None:
                while not watcher.execute(_WAITING).fetchone():
                    pass
                signal.raise_signal(signal.SIGINT)

            thread = threading.Thread(target=interrupt)
            thread.start()
            with pytest.raises(KeyboardInterrupt):
                award("ann")(store)
            thread.join()
        assert award("ann")(store).body["new_balance"] == 1


@pytest.mark.parametrize(
    ("revision", "told"), [("0000", "older than this gamify"), ("9999", "newer gamify")]
)
def test_a_store_of_another_schema_is_refused(database: str, revision: str, told: str) -> None:
    with opened(database) as store:
        create(store, "ann")
        with connected(database) as connection:
            connection.execute("UPDATE alembic_version SET version_num = %s", (revision,))
            connection.execute("ALTER TABLE participants RENAME COLUMN state TO document")
        for work in (award("ann"), lambda one: profile(one, "ann")):
            with pytest.raises(StoreError, match=told):
                work(store)


def test_a_user_who_may_only_read_reads(database: str, cluster: Cluster) -> None:
    with opened(database) as store:
        award("ann", amount=5)(store)
    namespace = database.rpartition("%3D")[2]
    with connected(cluster.administrator()) as connection:
        connection.execute(f"GRANT USAGE ON SCHEMA {namespace} TO guarded")
        connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {namespace} TO guarded")

    with opened(database.replace("gamify@127.0.0.1", "guarded:sesame@127.0.0.1")) as store:
        assert profile(store, "ann")["points"]["balance"] == 5
        with pytest.raises(StoreError, match="refuses its user") as refused:
            award("ann")(store)
    assert "sesame" not in f"{refused.value.message}{refused.value.hint}"


def test_what_is_refused_or_only_read_makes_no_store(database: str) -> None:
    with opened(database) as store:
        assert store.notice()
        assert isinstance(profile(store, "ann"), GamifyError)
        with pytest.raises(GamifyError):
            store.badges.award("ann", "none", {}, write())
        store.points.award("ann", {"amount": 1}, write(dry_run=True))
    with connected(database) as connection:
        assert connection.execute("SELECT to_regclass('journal')").fetchone() == (None,)


def test_a_database_that_is_not_there_is_told_of(cluster: Cluster) -> None:
    with pytest.raises(Unavailable, match='database "nowhere" does not exist') as missing:
        LocalStore.open(cluster.url("nowhere"), timeout=1)
    assert missing.value.hint == "make it on the server, or mend the URL"
    with pytest.raises(Unavailable, match="no password supplied") as locked:
        LocalStore.open(cluster.url("gamify", "guarded"), timeout=1)
    assert locked.value.hint
    assert "~/.pgpass" in locked.value.hint
    with pytest.raises(Unavailable, match="cannot be reached"):
        LocalStore.open("postgresql://gamify@127.0.0.1:1/gamify", timeout=1)


@pytest.mark.parametrize("path", ["MixedCase", '"A ""name"""', "Ärger,public"])
def test_a_namespace_is_made_by_the_name_that_is_asked_for(cluster: Cluster, path: str) -> None:
    url = placed(cluster, path)
    with opened(url) as store:
        create(store, "ann")

    with opened(url) as store:
        assert profile(store, "ann")["participant_id"] == "ann"


@pytest.mark.parametrize("path", ["pg_temp", "pg_catalog", '""', ""])
def test_a_place_where_no_store_lasts_is_refused(cluster: Cluster, path: str) -> None:
    with pytest.raises(UsageError, match="no place for a store"), opened(placed(cluster, path)):
        pass


def test_a_store_that_its_user_may_not_see_is_not_taken_for_an_empty_one(cluster: Cluster) -> None:
    theirs = cluster.namespace("guarded").replace("guarded@", "guarded:sesame@")
    with opened(theirs) as store:
        create(store, "ann")

    with (
        pytest.raises(StoreError, match="lacks the privilege USAGE"),
        opened(theirs.replace("guarded:sesame@", "gamify@")),
    ):
        pass


def placed(cluster: Cluster, path: str) -> str:
    """The URL of a database with that search path."""
    options = quote(f"-csearch_path={path.replace(' ', chr(92) + ' ')}", safe="")
    return f"{cluster.url('gamify')}?options={options}"
