"""Checks of config.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from gamify_cli.config import reading
from gamify_cli.config.checking import check
from gamify_cli.config.defaults import DEFAULTS
from gamify_cli.doctor import files
from gamify_cli.domain.findings import Finding, failed, passed, warned
from gamify_cli.errors import GamifyError, nearest

_CHECK = "configuration"
_KNOWN = ("default_profile", "profiles", *DEFAULTS)


def examine(environ: Mapping[str, str]) -> Iterator[Finding]:
    """What is found of what it says, and of who may change it."""
    path = reading.config_path(environ)
    try:
        check(reading.read(environ))
        content = reading.content_of(path)
    except GamifyError as error:
        yield failed(_CHECK, error.message, error.hint or "mend it: gamify config edit")
    else:
        yield (
            passed(_CHECK, "no file, all is built in") if content is None else _said(path, content)
        )
    if path.exists():
        yield files.permissions("configuration permissions", path)


def _said(path: Path, content: bytes) -> Finding:
    unknown = [key for key in tomllib.loads(content.decode()) if key not in _KNOWN]
    if unknown:
        hint = nearest(unknown[0], _KNOWN) or f"it has {', '.join(_KNOWN)}"
        return warned(_CHECK, f"{path} says {', '.join(unknown)}, which means nothing", hint)
    return passed(_CHECK, str(path))
