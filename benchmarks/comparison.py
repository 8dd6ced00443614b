"""What do other command lines do where cli.md promises something?

Makes the table of README.md from comparison.toml; with --write, keeps it there.
"""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path
from typing import Any

from figures import aligned

DATA = Path(__file__).with_suffix(".toml")
README = Path(__file__).parents[1] / "README.md"
MARKS = {"less": "", "equal": "= ", "better": "+ "}
_BEGIN, _END = "<!-- comparison -->", "<!-- /comparison -->"


def main() -> None:
    """Prints the table, or writes it between the marks of README.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the table in README.md")
    table = compared(tomllib.loads(DATA.read_text("utf-8")))
    if not parser.parse_args().write:
        print(table)
        return
    before, rest = README.read_text("utf-8").split(_BEGIN)
    after = rest.split(_END)[1]
    README.write_text(f"{before}{_BEGIN}\n{table}\n{_END}{after}", "utf-8")


def compared(data: dict[str, Any]) -> str:
    """The behaviours as a table, a column for gamify and for each tool with its version."""
    tools: dict[str, str] = data["versions"]
    headings = ("§", "Behaviour", "gamify", *(f"{name} {tools[name]}" for name in tools))
    rows = [
        (
            str(one["section"]),
            one["does"],
            one["gamify"],
            *(MARKS[one[name]["stands"]] + one[name]["says"] for name in tools),
        )
        for one in data["behaviour"]
    ]
    return aligned([headings, *rows])


if __name__ == "__main__":
    main()
