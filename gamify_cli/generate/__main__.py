"""Write every generated file, or with --check fail if one is stale."""

from __future__ import annotations

import sys
from pathlib import Path

from gamify_cli.commands import tree
from gamify_cli.generate import completions, man
from gamify_cli.generate.sql import postgres_module, sqlite_module

ROOT = Path(__file__).parents[2]


def generated() -> dict[Path, str]:
    """Every generated file with its content, by its path from the top of the repository."""
    root, everywhere = tree.read(), tree.global_options()
    return {
        Path("gamify_cli/store/sqlite/sql.py"): sqlite_module(),
        Path("gamify_cli/store/postgres/sql.py"): postgres_module(),
        **completions.files(root, everywhere),
        **man.files(root, everywhere),
    }


def main() -> int:
    """Write what changed; with --check only name it, and exit 1 if there is any."""
    stale = [
        path
        for path, text in generated().items()
        if not (ROOT / path).exists() or (ROOT / path).read_text("utf-8") != text
    ]
    for path in stale:
        print(path)
        if "--check" not in sys.argv:
            (ROOT / path).parent.mkdir(exist_ok=True)
            (ROOT / path).write_text(generated()[path], "utf-8")
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    raise SystemExit(main())
