"""How fast is an import taken back, beside the import itself?"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

import inputs
import installed
from figures import Figure, ratio, show
from installed import GAMIFY, Cost
from sizes import size

ROWS = size(100_000, 20_000)
ROUNDS = size(3, 1)


def figures() -> list[Figure]:
    """Each import into a new store is undone at once, by the installed command."""
    installed.install()
    people = inputs.people(ROWS).jsonl
    imported: list[Cost] = []
    undone: list[Cost] = []
    with tempfile.TemporaryDirectory() as name:
        for number in range(ROUNDS):
            store = Path(name) / f"{number}.db"
            imported.append(_run(store, "participants", "import", people))
            (newest,) = _read(store, "operations", "list", "--limit", "1")
            undone.append(_run(store, "operations", "undo", newest["id"], "--yes"))
            if _read(store, "participants", "list", "--count"):
                raise SystemExit(f"something is left in {store}")
    return [
        ratio(
            f"operations undo of an import of {ROWS:,}, its speed / that import",
            [ROWS / cost.seconds for cost in undone],
            [ROWS / cost.seconds for cost in imported],
            0.3,
            "{:,.0f}/s",
            at_least=True,
            of_size=True,
        )
    ]


def _run(store: Path, *line: str | Path) -> Cost:
    return installed.cost(GAMIFY, "--store", store, *line)


def _read(store: Path, *line: str) -> list[dict[str, str]]:
    command = [GAMIFY, "--store", store, *line, "--json"]
    env = installed.environment()
    done = subprocess.run(command, env=env, capture_output=True, check=True)
    found: list[dict[str, str]] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    show(figures)
