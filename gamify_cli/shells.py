"""The shells that gamify completes for: their scripts, and where each looks for one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import gamify_cli
from gamify_cli.config import reading, writing
from gamify_cli.errors import Conflict, NotFound, UsageError, nearest

SHELLS = ("bash", "zsh", "fish")

NOTE = "`make generate` writes this file from the command tree; do not edit it."
"""A line of every script, by which one of ours is known."""

_SCRIPTS = {"bash": "gamify.bash", "zsh": "_gamify", "fish": "gamify.fish"}
_PATIENCE = 3.0

PREFIXES = ("/usr", "/usr/local", "/opt/homebrew")
"""Where the package bash-completion may be."""


class Place(NamedTuple):
    """Where a shell looks for its script; `advice` is what it needs beside, a line each."""

    shell: str
    path: Path
    advice: tuple[str, ...] = ()


def guessed(name: str | None, environ: Mapping[str, str]) -> str:
    """The shell of that name, or that of $SHELL; raises UsageError."""
    found = name or Path(environ.get("SHELL", "")).name
    if found in SHELLS:
        return found
    if name is None:
        raise UsageError(
            "$SHELL names none that gamify completes for", hint="add bash, zsh or fish"
        )
    raise UsageError(
        f'gamify has no completion for "{name}"',
        hint=nearest(name, SHELLS) or f"choose from {', '.join(SHELLS)}",
    )


def script(shell: str) -> str:
    """The script of a shell, as it came with gamify; raises NotFound for one that did not."""
    package = Path(gamify_cli.__file__).parent
    # A checkout has them beside the package, a wheel in it.
    for folder in (package, package.parent):
        file = folder / "completions" / _SCRIPTS[shell]
        if file.is_file():
            return file.read_text("utf-8")
    raise NotFound(f"the completion for {shell} was not installed", hint="install gamify again")


def place(shell: str, environ: Mapping[str, str]) -> Place:
    """Where a user's own script of a shell goes."""
    data = _folder("XDG_DATA_HOME", "~/.local/share", environ)
    if shell == "fish":
        config = _folder("XDG_CONFIG_HOME", "~/.config", environ)
        return Place(shell, config / "fish" / "completions" / "gamify.fish")
    if shell == "bash":
        return _bash(data, environ)
    folder = data / "zsh" / "site-functions"
    advice = () if _is_searched(folder, environ) else _zsh_lines(folder)
    return Place(shell, folder / "_gamify", advice)


def is_ours(path: Path) -> bool | None:
    """Whether a script was written by gamify, None where there is none; raises UsageError."""
    try:
        return NOTE in path.read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error


def install(where: Place, *, dry_run: bool) -> str:
    """Put the script in its place; `installed`, `updated` or `unchanged`. Raises Conflict."""
    found, text = _required_ours(where.path), script(where.shell)
    if found and where.path.read_text("utf-8", errors="replace") == text:
        return "unchanged"
    if not dry_run:
        writing.write(where.path, text.encode())
    return "updated" if found else "installed"


def uninstall(where: Place, *, dry_run: bool) -> str:
    """Take the script away; `removed` or `absent`. Raises Conflict."""
    if _required_ours(where.path) is None:
        return "absent"
    if not dry_run:
        writing.remove(where.path)
    return "removed"


def _required_ours(path: Path) -> bool | None:
    found = is_ours(path)
    if found is False:
        raise Conflict(
            f"{path} is there and was not made by gamify; nothing was done",
            hint="move it away, then try again",
        )
    return found


def _folder(variable: str, otherwise: str, environ: Mapping[str, str]) -> Path:
    """A folder of the user's; what is not absolute does not count, as freedesktop.org has it."""
    given = environ.get(variable, "")
    return reading.file_path(given if given.startswith("/") else otherwise, Path())


def _bash(data: Path, environ: Mapping[str, str]) -> Place:
    """Where the package bash-completion looks; without it nothing is looked for."""
    folder = environ.get("BASH_COMPLETION_USER_DIR") or str(data / "bash-completion")
    path = Path(folder) / "completions" / "gamify"
    has_package = any(
        (Path(prefix) / "share/bash-completion/bash_completion").exists() for prefix in PREFIXES
    )
    return Place("bash", path, () if has_package else (f"source {path}",))


def _zsh_lines(folder: Path) -> tuple[str, ...]:
    return (f"fpath=({folder} $fpath)", "autoload -Uz compinit && compinit")


def _is_searched(folder: Path, environ: Mapping[str, str]) -> bool:
    """Whether zsh looks there: its .zshrc names the folder, or it does so on its own."""
    settings = Path(environ.get("ZDOTDIR") or _folder("HOME", "~", environ)) / ".zshrc"
    try:
        lines = settings.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    code = [line for line in lines if not line.lstrip().startswith("#")]
    if any("fpath" in line and folder.name in line for line in code):
        return True
    return str(folder) in _default_folders(environ)


def _default_folders(environ: Mapping[str, str]) -> list[str]:
    import subprocess

    try:
        done = subprocess.run(
            ["zsh", "-c", "print -rl -- $fpath"],  # noqa: S607 (the zsh of the user's PATH)
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return done.stdout.decode(errors="replace").splitlines()
