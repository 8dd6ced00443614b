"""What a command loads, counted in modules; and the cap on Typer that start-up needs."""

from __future__ import annotations

import subprocess
import sys

import pytest
from conftest import Place, Run
from fake_server import profile, serving

HEAVY = {
    "sqlalchemy",
    "alembic",
    "pydantic",
    "rich",
    "asyncio",
    "http.client",
    "urllib.request",
    "zoneinfo",
    "tomllib",
    "gamify_cli.commands.complaints",
    "gamify_cli.render.crash",
    "jq",
    "orjson",
    "gamify_cli.store.schema",
    "gamify_cli.render.tables",
    "gamify_cli.domain.inputs",
    "gamify_cli.domain.outputs",
}
STORE = {"sqlite3", "gamify_cli.store"}
NETWORK = {"_socket", "socket", "_ssl", "urllib3", "gamify_cli.remote"}
PROBE = (
    "import sys; from gamify_cli import app; code = app.run(sys.argv[1:]);"
    "print(*sys.modules, file=sys.stderr)"
)


def loaded(place: Place, *line: str, env: dict[str, str] | None = None) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *line],
        env=place.env | (env or {}),
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("line", [["--version"], ["--help"], ["participants", "--help"]])
def test_what_needs_no_store_loads_none(line: list[str], place: Place) -> None:
    modules = loaded(place, *line)

    assert not modules & (HEAVY | STORE)
    if len(line) == 1:
        assert not {name for name in modules if name.startswith("gamify_cli.commands.part")}


@pytest.mark.parametrize(
    "line",
    [
        ["get", "ada", "-o", "json"],
        ["get", "ada", "bob", "-o", "jsonl"],
        ["state", "ada", "--include", "points"],
        ["exists", "ada"],
        ["list", "-o", "ids"],
        ["history", "ada"],
        ["create", "ada", "--attr", "a=1"],
        ["update", "ada", "--attr", "a=1"],
    ],
)
def test_plain_reads_and_writes_load_nothing_heavy(
    line: list[str], place: Place, call: Run
) -> None:
    call("participants", "create", "ada")
    call("participants", "create", "bob")

    assert not loaded(place, "participants", *line) & HEAVY


@pytest.mark.parametrize(
    "line",
    [
        ["--version"],
        ["participants", "create", "bob"],
        ["participants", "get", "ada", "-o", "table"],
        ["points", "award", "ada", "5"],
        ["config", "list"],
    ],
)
def test_a_command_on_a_store_loads_no_network(line: list[str], place: Place, call: Run) -> None:
    """What has no socket sends nothing to anyone: no telemetry, no question for a newer version."""
    call("participants", "create", "ada")

    assert not loaded(place, *line) & NETWORK


def test_a_read_from_a_server_loads_no_store_and_little_else(place: Place) -> None:
    config = place.home / "config" / "gamify" / "config.toml"
    config.parent.mkdir(parents=True)
    with serving(profile("ada")) as server:
        config.write_text(f'[profiles.team]\nurl = "{server.url}"\n')
        line = ("participants", "get", "ada", "-p", "team", "-o", "json")
        modules = loaded(place, *line, env={"GAMIFY_API_KEY": "k"})

    needed = {"http.client", "tomllib"}
    other = {"truststore", "urllib.request", "concurrent.futures", "gamify_cli.remote.programs"}
    assert needed <= modules
    assert not modules & (HEAVY - needed | STORE | other)


@pytest.mark.parametrize("kind", ["ids", "badges", "rewards", "keys"])
def test_a_completion_loads_nothing_heavy(kind: str, place: Place, call: Run) -> None:
    call("participants", "create", "ada")

    modules = loaded(place, "__complete", kind, "")

    assert "sqlite3" in modules
    assert not modules & HEAVY


def test_a_completion_of_profiles_loads_no_store(place: Place) -> None:
    modules = loaded(place, "__complete", "profiles", "")

    assert not modules & (HEAVY | STORE)


def test_a_path_given_needs_no_platformdirs(place: Place) -> None:
    assert "platformdirs" not in loaded(place, "participants", "list", "--store", "x.db")


def test_the_cap_on_typer_can_go_once_a_release_loads_no_pydantic(place: Place) -> None:
    """Fails with the first Typer that needs the cap no longer, or with one that breaks it."""
    modules = loaded(place, "participants", "get", "--help")

    assert "typer" in modules
    assert "pydantic" not in modules
