"""Scenes: what is killed again and again, repeated until it ends, and what must be true then."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from faults.world import World

Line = Sequence[str | Path]

PROGRAM = """
name = "faults"
rewards = [{ id = "mug", name = "Mug", type = "physical", points_cost = 3, stock = "codes" }]
"""
PEOPLE = 5
ROWS = 400
CODES = 400
PLENTY = 100_000


class Scene(NamedTuple):
    """`line` is the command of a turn; it may be repeated, and changes no more once it ended.

    `check` fails unless as many turns as it is told are done, each once.
    """

    prepare: Callable[[World], None]
    line: Callable[[World, int], Line]
    check: Callable[[World, int], None]


def run(scene: Scene, world: World, kills: int) -> None:
    """Play a scene until it was killed so often, and check it after each turn."""
    scene.prepare(world)
    turn = killed = 0
    while killed < kills:
        line = scene.line(world, turn)
        while killed < kills and world.kill(line):
            killed += 1
            world.require_sound()
        world.require(*line)
        turn += 1
        world.require_sound()
        scene.check(world, turn)


def _one(turn: int) -> str:
    return f"user_{turn % PEOPLE}"


def _balances(world: World) -> dict[str, int]:
    rows = world.json("participants", "list", "--all")
    return {row["participant_id"]: row["balance"] for row in rows}


def _nothing(world: World) -> None:
    world.write("program.toml", PROGRAM)
    world.require("program", "apply", "program.toml")


def _award(_: World, turn: int) -> Line:
    return ("points", "award", _one(turn), "7", "--idempotency-key", f"award-{turn}")


def _check_awards(world: World, turns: int) -> None:
    assert sum(_balances(world).values()) == 7 * turns


def _import(world: World, turn: int) -> Line:
    rows = ({"participant_id": f"n{turn}_{n}", "display_name": f"N {n}"} for n in range(ROWS))
    world.write(f"people_{turn}.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    return ("participants", "import", f"people_{turn}.jsonl", "-q")


def _check_import(world: World, turns: int) -> None:
    assert world.json("participants", "list", "--count") == ROWS * turns


def _rich(world: World) -> None:
    _nothing(world)
    world.write("codes.txt", "".join(f"MUG-{n}\n" for n in range(CODES)))
    world.require("rewards", "load-codes", "mug", "codes.txt")
    for one in range(PEOPLE):
        world.require("points", "award", _one(one), str(PLENTY))


def _claim(_: World, turn: int) -> Line:
    return ("rewards", "claim", _one(turn), "mug", "--pay", "--idempotency-key", f"claim-{turn}")


def _check_claims(world: World, turns: int) -> None:
    histories = [world.json("rewards", "history", _one(one)) for one in range(min(turns, PEOPLE))]
    codes = [claim["code"] for history in histories for claim in history["rewards"]]
    assert len(codes) == len(set(codes)) == turns
    assert sum(_balances(world).values()) == PLENTY * PEOPLE - 3 * turns
    assert world.json("rewards", "list")["rewards"][0]["available_codes"] == CODES - turns


def _undo(world: World, turn: int) -> Line:
    world.require("points", "award", _one(turn), "9", "--idempotency-key", f"wrong-{turn}")
    (latest,) = world.json("operations", "list", "--limit", "1")
    return ("operations", "undo", latest["id"], "--yes", "--idempotency-key", f"undo-{turn}")


def _check_undone(world: World, _: int) -> None:
    assert set(_balances(world).values()) == {PLENTY}


def _named(world: World) -> None:
    _nothing(world)
    _import(world, 0)
    world.require("participants", "import", "people_0.jsonl", "-q")


def _erase(_: World, turn: int) -> Line:
    return ("participants", "erase", f"n0_{turn}", "--yes", "--idempotency-key", f"erase-{turn}")


def _check_erased(world: World, turns: int) -> None:
    rows = world.json("participants", "list", "--all")
    unnamed = {row["participant_id"] for row in rows if row["display_name"] is None}
    assert unnamed == {f"n0_{turn}" for turn in range(turns)}


def _back_up(_: World, turn: int) -> Line:
    return ("store", "backup", f"saved_{turn}", "--force")


def _check_backups(world: World, turns: int) -> None:
    assert world.verify(world.home / f"saved_{turns - 1}").returncode == 0
    assert not [path for path in world.home.iterdir() if path.name.startswith(".saved")]


def _saved(world: World) -> None:
    _rich(world)
    world.require("store", "backup", "saved")


def _restore(world: World, turn: int) -> Line:
    world.require("points", "award", _one(turn), "1", "--idempotency-key", f"late-{turn}")
    return ("store", "restore", "saved", "--yes")


def _check_restored(world: World, _: int) -> None:
    assert set(_balances(world).values()) == {PLENTY}


UPGRADE = """
import sys
from pathlib import Path
from gamify_cli.store.upgrade import upgrade_store
store, migrations = map(Path, sys.argv[1:])
upgrade_store(store, timeout=1, dry_run=False, migrations=migrations)
"""
MIGRATION = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0002", "0001"
def upgrade():
    op.add_column("journal", sa.Column("note", sa.Text()))
    with op.batch_alter_table("operations", recreate="always") as batch:
        batch.add_column(sa.Column("nickname", sa.Text()))
"""


def _older(world: World) -> None:
    from gamify_cli.store.upgrade import MIGRATIONS

    _named(world)
    migrations = shutil.copytree(MIGRATIONS, world.home / "migrations")
    (migrations / "versions" / "0002_next.py").write_text(MIGRATION)


def _upgrade(world: World, turn: int) -> Line:
    copy = world.home / f"old_{turn}.db"
    with closing(sqlite3.connect(world.store)) as old, closing(sqlite3.connect(copy)) as new:
        old.backup(new)
    return (Path(sys.executable), "-c", UPGRADE, copy, world.home / "migrations")


def _check_upgraded(world: World, turns: int) -> None:
    with closing(sqlite3.connect(world.home / f"old_{turns - 1}.db")) as store:
        assert store.execute("SELECT version_num FROM alembic_version").fetchall() == [("0002",)]
        counts: list[Any] = store.execute("SELECT count(note), count(*) FROM journal")
        assert list(counts) == [(0, ROWS)]
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


SCENES = {
    "award": Scene(_nothing, _award, _check_awards),
    "import": Scene(_nothing, _import, _check_import),
    "claim": Scene(_rich, _claim, _check_claims),
    "undo": Scene(_rich, _undo, _check_undone),
    "erase": Scene(_named, _erase, _check_erased),
    "backup": Scene(_rich, _back_up, _check_backups),
    "restore": Scene(_saved, _restore, _check_restored),
    "upgrade": Scene(_older, _upgrade, _check_upgraded),
}
