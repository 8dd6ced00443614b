"""The README tells the truth."""

from __future__ import annotations

import re
import shlex
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme
from conftest import EXECUTABLE, Place, Run, program

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
SHARE = README.split("\n## Share a store\n")[1].split("\n## ")[0]


def demo(place: Place, **more: str) -> subprocess.CompletedProcess[str]:
    """What it prints; it must not leave a server behind that keeps its output open."""
    (place.home / "tmp").mkdir()
    return subprocess.run(
        ["/bin/sh", ROOT / "tests" / "demo.sh"],
        env=place.env | {"TMPDIR": str(place.home / "tmp")} | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_demo_prints_what_the_readme_shows(place: Place) -> None:
    done = demo(place)

    assert done.returncode == 0, done.stdout
    shown = README.split("<!-- demo -->\n```console\n")[1]
    assert shown.split("```\n<!-- /demo -->")[0] == f"$ make demo\n{done.stdout}"
    assert not list((place.home / "tmp").iterdir())


@pytest.mark.parametrize("failing", ["serve", "-p team participants update"])
def test_a_demo_that_fails_leaves_nothing_behind(failing: str, place: Place) -> None:
    shim = place.home / "bin" / "gamify"
    shim.parent.mkdir()
    shim.write_text(
        f'#!/bin/sh\ncase "$*" in "{failing}"*) echo broken >&2; exit 7 ;; esac\n'
        f'exec {EXECUTABLE} "$@"\n'
    )
    shim.chmod(0o755)

    done = demo(place, PATH=f"{shim.parent}:{place.env['PATH']}")

    assert done.returncode != 0
    assert done.stdout.endswith("\nbroken\n")
    assert not list((place.home / "tmp").iterdir())


def lines(section: str) -> list[str]:
    """The command lines that a section shows, without the comments at their end."""
    return [line[2:] for line in section.splitlines() if line.startswith("$ ")]


@contextmanager
def started(line: str, place: Place, cwd: Path) -> Iterator[str]:
    """gamify serve as it is shown, but on a free port; the URL that it tells."""
    words = shlex.split(re.sub(r"--port \d+", "", line), comments=True)
    process = subprocess.Popen(
        [EXECUTABLE, *words[1:], "--port", "0"],
        env=place.env,
        cwd=cwd,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr
        yield process.stderr.readline().strip()
        process.terminate()
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.communicate()


def test_a_store_is_shared_as_the_readme_shows(place: Place, execute: Run) -> None:
    program("curl", "curl")
    execute("participants", "create", "user_123")
    laptop = place.env | {"XDG_CONFIG_HOME": str(place.home / "laptop")}
    shown = [line for line in lines(SHARE) if not line.startswith("gamify serve")]
    setup, rest = shown[:3], shown[3:]
    assert all(line.startswith("gamify keys") for line in setup)

    def run(script: list[str], env: dict[str, str]) -> str:
        return subprocess.run(
            ["/bin/sh", "-ec", "\n".join(script)],
            env=env,
            cwd=place.home,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    run(setup, place.env)
    with started("gamify serve", place, place.home) as url:
        origin = url.removesuffix("/api/v1/gamify")
        hosts = {"https://gamify.example.com": origin, "http://127.0.0.1:8080": origin}
        script = [re.sub("|".join(hosts), lambda found: hosts[found[0]], one) for one in rest]
        said = run([one.replace("curl", "curl -sSf") for one in script], laptop)
        with closing(sqlite3.connect(place.store)) as shell:
            shell.execute("VACUUM INTO ?", [str(place.home / "backup.db")])
    assert '"key": "accepted"' in said
    assert said.count('"participant_id"') == 2
    for part in ('"status":"ok"', '"status":"ready"', "gamify_http_requests_total"):
        assert part in said
    assert execute("participants", "get", "user_123", "--store", "backup.db").exit_code == 0


@pytest.mark.parametrize("line", [one for one in lines(SHARE) if one.startswith("gamify serve")])
def test_a_server_starts_as_the_readme_shows(line: str, place: Place, call: Run) -> None:
    call("keys", "create")
    certificate = trustme.CA().issue_cert("gamify.example.com")
    certificate.private_key_pem.write_to_path(str(place.home / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(place.home / "cert.pem"))

    with started(line, place, place.home) as url:
        where = urlsplit(url)
        assert where.scheme == ("https" if "--tls" in line else "http")
        assert where.hostname == ("0.0.0.0" if "--host" in line else "127.0.0.1")  # noqa: S104


def test_the_unit_of_systemd_starts_the_server(place: Place, call: Run) -> None:
    (line,) = re.findall(r"^ExecStart=(/\S+)/(gamify .*)$", SHARE, re.MULTILINE)
    path = str(place.home / "gamify.db")
    call("keys", "create", "--store", path)

    with started(line[1].replace("/var/lib/gamify/gamify.db", path), place, place.home) as url:
        assert url.startswith("http://127.0.0.1:")


def test_an_error_looks_as_the_readme_shows(run: Run) -> None:
    line, shown = README.split("$ gamify leaderboards show tops")[1].splitlines()[:2]

    run("program", "init")
    run("program", "apply", "program.toml")
    assert run("leaderboards", "show", "tops", *line.split()).stderr == f"{shown}\n"


def test_the_map_names_every_part_of_the_package() -> None:
    code_map = README.split("```\ngamify_cli/\n")[1].split("```")[0]

    for part in sorted((ROOT / "gamify_cli").iterdir()):
        if not part.name.startswith(("__", "py.typed")):
            name = part.name + "/" * part.is_dir()
            assert f"  {name} " in code_map, name
    assert len(code_map.splitlines()) <= 20
