"""What the user chose: options, then the environment, then config.toml, then what is built in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gamify_cli.config import reading
from gamify_cli.config.reading import Target
from gamify_cli.domain import instants, vocabulary
from gamify_cli.domain.instants import Instant
from gamify_cli.errors import UsageError, nearest

DEFAULT_TIMEOUT = 30.0
DEFAULT_JOBS = 8
_MOST_JOBS = 64
FORMATS = ("auto", "table", "json", "jsonl", "csv", "tsv", "ids")
COLORS = ("auto", "always", "never")
_BY_OPTION = {"profile": "--profile", "store": "--store"}
_IMPLY_JSON = {"json": ("json",), "jq": ("json", "jsonl")}
"""Options that ask for JSON, with the formats that they go with."""

_BY_VARIABLE = {"profile": "GAMIFY_PROFILE", "store": "GAMIFY_STORE"}


class Choice(NamedTuple):
    """A profile or a store chosen on the command line or in the environment, and by what."""

    profile: str | None = None
    store: str | None = None
    by: str | None = None


class Options(NamedTuple):
    """The global options, with what the environment adds where an option was not given."""

    output: str = "auto"
    fields: tuple[str, ...] = ()
    jq: str | None = None
    at: str | None = None
    color: str = "auto"
    dry_run: bool = False
    yes: bool = False
    confirm: str | None = None
    no_input: bool = False
    idempotency_key: str | None = None
    timeout: float = DEFAULT_TIMEOUT
    jobs: int = DEFAULT_JOBS
    quiet: bool = False
    verbose: bool = False
    debug: bool = False

    @classmethod
    def read(cls, given: Mapping[str, Any], environ: Mapping[str, str]) -> Options:
        """From the values given on the command line; raises UsageError for one that is no good."""
        key = given.get("idempotency_key")
        return cls(
            output=_choice("--output", output(given, environ), FORMATS),
            fields=_fields(given.get("fields")),
            jq=given.get("jq"),
            at=given.get("at"),
            color=_choice("--color", given.get("color") or "auto", COLORS),
            dry_run=bool(given.get("dry_run")),
            yes=bool(given.get("yes")),
            confirm=given.get("confirm"),
            no_input=bool(given.get("no_input") or environ.get("GAMIFY_NO_INPUT")),
            idempotency_key=None if key is None else vocabulary.idempotency_key(key),
            timeout=_timeout(given.get("timeout"), environ.get("GAMIFY_TIMEOUT")),
            jobs=_jobs(given.get("jobs")),
            quiet=bool(given.get("quiet")),
            verbose=bool(given.get("verbose")),
            debug=bool(given.get("debug")),
        )


def output(given: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """The format asked for, "auto" if none was; raises UsageError where two were."""
    asked: str | None = given.get("output")
    for option, allowed in _IMPLY_JSON.items():
        if given.get(option) is not None:
            if asked not in (None, *allowed):
                raise UsageError(f"--{option} contradicts --output {asked}")
            asked = asked or "json"
    return asked or environ.get("GAMIFY_OUTPUT") or "auto"


def test_now(environ: Mapping[str, str]) -> Instant | None:
    """The time that GAMIFY_TEST_NOW gives to stores made under it."""
    text = environ.get("GAMIFY_TEST_NOW")
    return instants.parse(text, 0) if text else None


def target(given: Mapping[str, Any], environ: Mapping[str, str]) -> Target:
    """Which store or server to work on.

    Raises UsageError where profile and store are both chosen, UnknownProfile, and UsageError
    for a configuration that cannot be read.
    """
    choice = chosen(given, environ)
    if choice.store is not None:
        return Target(reading.store_path(choice.store))
    return reading.read(environ).target(choice.profile)


def chosen(given: Mapping[str, Any], environ: Mapping[str, str]) -> Choice:
    """What was chosen, before config.toml is asked; raises UsageError for more than one."""
    names, values = _BY_OPTION, {name: given.get(name) for name in _BY_OPTION}
    if values["profile"] is None and values["store"] is None:
        names, values = _BY_VARIABLE, {key: environ.get(_BY_VARIABLE[key]) or None for key in names}
    profile, store = values["profile"], values["store"]
    if profile is not None and store is not None:
        message = f"{names['profile']} and {names['store']} exclude each other"
        raise UsageError(message, hint="give one of them")
    if profile is None and store is None:
        return Choice()
    return Choice(profile, store, names["store" if profile is None else "profile"])


def _choice(option: str, value: str, choices: Sequence[str]) -> str:
    if value not in choices:
        raise UsageError(
            f'{option} "{value}" is none of {", ".join(choices)}', hint=nearest(value, choices)
        )
    return value


def _fields(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    paths = tuple(path.strip() for path in text.split(","))
    if "" in paths:
        raise UsageError("--fields has an empty name")
    return tuple(dict.fromkeys(paths))


def _timeout(given: str | None, environ: str | None) -> float:
    text = given if given is not None else environ or str(DEFAULT_TIMEOUT)
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86_400:
        raise UsageError(f'--timeout "{text}" is not a number of seconds from 0 to 86400')
    return seconds


def _jobs(given: str | None) -> int:
    if given is None:
        return DEFAULT_JOBS
    if not (given.isascii() and given.isdigit()) or not 1 <= int(given[:9]) <= _MOST_JOBS:
        raise UsageError(f'--jobs "{given}" is not a number from 1 to {_MOST_JOBS}')
    return int(given)
