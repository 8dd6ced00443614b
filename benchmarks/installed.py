"""gamify as users get it: a wheel, installed in a venv of its own, compiled ahead of time."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from functools import cache
from pathlib import Path
from typing import IO, NamedTuple

from data import BENCH

REPOSITORY = BENCH.parent
VENV = BENCH / "venv"
PYTHON = VENV / "bin" / "python"
GAMIFY = VENV / "bin" / "gamify"
SQLITE_UTILS = VENV / "bin" / "sqlite-utils"

_LAUNCHER = Path(__file__).with_name("child.py")
_WHEELS = BENCH / "wheels"
_STAMP = VENV / "installed"


class Cost(NamedTuple):
    """What a command took: seconds from its start to its end, and KiB of memory at its peak."""

    seconds: float
    peak: int


def environment(**extra: str) -> dict[str, str]:
    """What measured commands see: nothing that would change the way Python or gamify runs."""
    return {"PATH": os.defpath, "HOME": str(BENCH), "LANG": "C.UTF-8", **extra}


def cost(
    *command: str | Path, stdin: IO[bytes] | int = subprocess.DEVNULL, stdout: int | None = None
) -> Cost:
    """Run a command to its end; its stdout goes to the descriptor, by default nowhere."""
    with Path(os.devnull).open("wb") as nowhere:
        opened = nowhere.fileno() if stdout is None else stdout
        # The launcher's own stdout tells the figures, so the command's goes by another number.
        told = subprocess.run(
            [PYTHON, "-I", _LAUNCHER, str(opened), *command],
            stdin=stdin,
            stdout=subprocess.PIPE,
            pass_fds=(opened,),
            env=environment(),
            check=True,
        )
    seconds, peak = told.stdout.split()
    return Cost(float(seconds), int(peak))


@cache
def install() -> None:
    """Build the checkout and install it, unless exactly this checkout is installed already.

    Once a run, so that all its figures are of one build even while someone edits.
    """
    sources = _sources()
    if _STAMP.exists() and _STAMP.read_text(encoding="utf-8") == sources:
        return
    print("installing the checkout in .bench/venv", file=sys.stderr, flush=True)
    if not PYTHON.exists():
        venv.create(VENV, with_pip=True)
    _STAMP.unlink(missing_ok=True)
    shutil.rmtree(_WHEELS, ignore_errors=True)
    _pip("wheel", "--no-deps", "--wheel-dir", _WHEELS, REPOSITORY)
    (wheel,) = _WHEELS.glob("*.whl")
    _pip("install", f"{wheel}[serve,postgres]", "sqlite-utils>=4.1", "fastapi>=0.120")
    # The version need not have changed since the last time, so pip would keep the old files.
    _pip("install", "--force-reinstall", "--no-deps", wheel)
    _run(PYTHON, "-m", "compileall", "-q", VENV / "lib")
    _STAMP.write_text(sources, encoding="utf-8")


def _sources() -> str:
    """What the installed build is made of."""
    digest = hashlib.sha256(sys.version.encode())
    files = sorted((REPOSITORY / "gamify_cli").rglob("*.py"))
    for file in (REPOSITORY / "pyproject.toml", *files):
        digest.update(f"{file.relative_to(REPOSITORY)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def _pip(verb: str, *arguments: str | Path) -> None:
    _run(PYTHON, "-m", "pip", "--disable-pip-version-check", "-qq", verb, *arguments)


def _run(*command: str | Path) -> None:
    # An inherited wish for no bytecode would have every start compile what it imports.
    inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, env=inherited, check=True)
