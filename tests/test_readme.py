"""The README tells the truth."""

from __future__ import annotations

import subprocess
from pathlib import Path

from conftest import Place

ROOT = Path(__file__).parents[1]


def test_the_demo_prints_what_the_readme_shows(place: Place) -> None:
    done = subprocess.run(
        ["/bin/sh", ROOT / "tests" / "demo.sh"],
        env=place.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )

    shown = (ROOT / "README.md").read_text("utf-8").split("<!-- demo -->\n```console\n")[1]
    assert shown.split("```\n<!-- /demo -->")[0] == f"$ make demo\n{done.stdout}"


def test_the_map_names_every_part_of_the_package() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    code_map = readme.split("```\ngamify_cli/\n")[1].split("```")[0]

    for part in sorted((ROOT / "gamify_cli").iterdir()):
        if not part.name.startswith(("__", "py.typed")):
            name = part.name + "/" * part.is_dir()
            assert f"  {name} " in code_map, name
    assert len(code_map.splitlines()) <= 20
