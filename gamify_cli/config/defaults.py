"""The options that config.toml may give a default to, and what each may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from gamify_cli.errors import UsageError, nearest

FORMATS = ("auto", "table", "json", "jsonl", "csv", "tsv", "ids")
COLORS = ("auto", "always", "never")
_MOST_SECONDS = 86_400
_MOST_JOBS = 64
_FLAGS = {"true": True, "false": False}


class Default(NamedTuple):
    """An option that has a default: its types in TOML, what is built in, and its check.

    `check` takes a text, and what messages call it; it returns the value or raises UsageError.
    """

    types: tuple[type, ...]
    builtin: Any
    check: Callable[[str, str], Any]


def checked(path: Path, config: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults in a config.toml by name; raises UsageError for one that is no good."""
    found = {}
    for name, default in DEFAULTS.items():
        if name in config:
            value = config[name]
            if type(value) not in default.types:
                raise UsageError(f"{path}: {name} is of the wrong type")
            found[name] = default.check(text(value), f"{path}: {name}")
    return found


def text(value: Any) -> str:
    """A value as one would write it on a command line."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def flag(text_: str, name: str) -> bool:
    """True or false, as TOML spells them; raises UsageError."""
    if text_ not in _FLAGS:
        raise UsageError(f'{name} "{text_}" is none of true, false')
    return _FLAGS[text_]


def _one_of(choices: Sequence[str]) -> Callable[[str, str], str]:
    def check(text_: str, name: str) -> str:
        if text_ not in choices:
            raise UsageError(
                f'{name} "{text_}" is none of {", ".join(choices)}', hint=nearest(text_, choices)
            )
        return text_

    return check


def _seconds(text_: str, name: str) -> float:
    try:
        seconds = float(text_)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= _MOST_SECONDS:
        raise UsageError(f'{name} "{text_}" is not a number of seconds from 0 to {_MOST_SECONDS}')
    return int(seconds) if seconds.is_integer() else seconds


def _jobs(text_: str, name: str) -> int:
    if not (text_.isascii() and text_.isdigit()) or not 1 <= int(text_[:9]) <= _MOST_JOBS:
        raise UsageError(f'{name} "{text_}" is not a number from 1 to {_MOST_JOBS}')
    return int(text_)


DEFAULTS: Mapping[str, Default] = MappingProxyType(
    {
        "output": Default((str,), "auto", _one_of(FORMATS)),
        "color": Default((str,), "auto", _one_of(COLORS)),
        "timeout": Default((int, float), 30, _seconds),
        "jobs": Default((int,), 8, _jobs),
        "no_input": Default((bool,), False, flag),
    }
)
"""By the name that the option has in config.toml."""
