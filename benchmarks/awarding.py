"""How many awards do eight processes write into PostgreSQL, beside pgbench?"""

from __future__ import annotations

import re
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import cluster
import crowd
import installed
from figures import Figure, ratio, show, skipped
from sizes import size

from gamify_cli.store.postgres import sql

PROCESSES = 8
PEOPLE = size(5_000, 500)
ROUNDS = size(3, 2)
SECONDS = size(5, 2)

_QUESTION = f"PostgreSQL: {PROCESSES} processes awarding / pgbench with the same statements"
_LIMIT = 0.5
_TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
_NULL = "NULL"

_PERSON = "'user_' || :person::text"
_BALANCE = "(:was_balance::bigint + 5)"

# What a script can compute of the values that an award writes; the rest it read before. Blanks
# stand where a colon and a word would name a variable.
_VALUES = {
    "participant_id": f"({_PERSON})",
    "balance": _BALANCE,
    "total_earned": "(:was_total_earned::bigint + 5)",
    "last_seen_at": ":now",
    "recorded_at": ":now",
    "version": "(:was_version + 1)",
    "search": f"({_PERSON} || chr(10))",
    "operation_name": "'award'",
    "idempotency_key": "('0123456789abcdef' || :client_id::text || :key::text)",
    "fingerprint": f"'{'0123456789abcdef' * 4}'",
    "status": "200",
    "answer": (
        f"""('{{"transaction_id":"{"0123456789ab" * 2}","participant_id":"' || {_PERSON} ||"""
        f""" '","amount": 5,"new_balance":' || {_BALANCE} ||"""
        """ ',"tier_upgrade": null,"badges_unlocked":[]}')"""
    ),
    "number": "(:was_version + 1)",
    "kind": "'points_awarded'",
    "data": f"""('{{"id":"{"0123456789ab" * 2}","amount": 5,"balance":' || {_BALANCE} || '}}')""",
    "occurred_at": ":now",
    "operation": f"('op_{'0123456789' * 2}' || :key::text)",
    "command": "'gamify points award'",
    "actor": "'bench'",
} | dict.fromkeys(("display_name", "avatar_url", "tier", "due_at", "cause", "program"), _NULL)

_VARIABLES = (
    f"\\set person random(1, {PEOPLE})",
    "\\set key random(1000000000, 9999999999)",
    "\\set now 1770000000000000 + :key",
)
_BEGIN = ("BEGIN ISOLATION LEVEL READ COMMITTED;", f"{sql.FIND_REVISION};")


def figures() -> list[Figure]:
    """Turns of some seconds on one store."""
    if not cluster.BINARIES:
        return [skipped(_QUESTION, _LIMIT, cluster.MISSING, at_least=True)]
    installed.install()
    with cluster.running() as place:
        url = cluster.namespace(place, "awards")
        crowd.register(url, PEOPLE)
        with (
            crowd.running(url, PEOPLE, PROCESSES) as every,
            _pgbench(url, _in_turn()) as in_turn,
            _pgbench(url, _together()) as together,
        ):
            rounds = [(_award(every), in_turn(), together()) for _ in range(ROUNDS + 1)][1:]
    ours, theirs, together = zip(*rounds, strict=True)
    found = ratio(_QUESTION, ours, theirs, _LIMIT, "{:,.0f}/s", at_least=True)
    beside = f"; sent together {statistics.median(together):,.0f}/s"
    return [replace(found, measured=found.measured + beside)]


def _award(processes: crowd.Processes) -> float:
    """How many they award a second."""
    came = crowd.turn(processes, SECONDS)
    if came.errors:
        raise RuntimeError(came.errors[0])
    return len(came.seconds) / SECONDS


@contextmanager
def _pgbench(url: str, script: str) -> Iterator[Callable[[], float]]:
    """What has pgbench do the same, and answers how many a second it did."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        load = ["-c", str(PROCESSES), "-j", "2", "-M", "prepared", "-T", str(SECONDS)]
        command = [cluster.BINARIES / "pgbench", "-n", *load, "-f", file.name, url]

        def bench() -> float:
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            return float(_TPS.search(done.stdout)[1])

        yield bench


def _in_turn() -> str:
    """The statements of an award, each sent when the one before is answered."""
    return "\n".join([*_VARIABLES, *_BEGIN, _lock(), *_rest()])


def _together() -> str:
    """The same in as few round trips as a script can make of them.

    It uses the row that it locks, which it can of nothing that is sent together; gamify asks for
    that with what it begins with, but looks at what it finds before it writes.
    """
    begin = ["\\startpipeline", *_BEGIN, "\\endpipeline"]
    rest = ["\\startpipeline", *_rest(), "\\endpipeline"]
    return "\n".join([*_VARIABLES, *begin, _lock(), *rest])


def _lock() -> str:
    return f"{_spelt(sql.LOCK_PARTICIPANT)} \\gset was_"


def _rest() -> list[str]:
    valued = (sql.UPDATE_PARTICIPANT, sql.APPEND_FACT, sql.KEEP_REQUEST)
    found = (f"{_spelt(sql.FIND_REQUEST)};", f"{sql.FIND_PROGRAM};")
    return [*found, *(f"{_spelt(one)};" for one in valued), "COMMIT;"]


def _spelt(statement: str) -> str:
    """A statement with expressions of a script in the places of its values."""
    inserted = re.search(r"\(([^)]*)\) VALUES", statement)
    names = iter(inserted[1].split(", ") if inserted else re.findall(r"(\w+) ?= ?%s", statement))

    def value(place: re.Match[str]) -> str:
        name = place[1] or next(names)
        return _VALUES.get(name, f":was_{name}")

    return re.sub(r"%(?:\((\w+)\))?s", value, statement).replace("\n", " ")


if __name__ == "__main__":
    show(figures)
