"""What the user chose: options, then the environment, then config.toml, then what is built in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from gamify_cli.config import reading
from gamify_cli.config.database import database_url, is_database
from gamify_cli.config.defaults import DEFAULTS
from gamify_cli.config.reading import Config, Target
from gamify_cli.domain import instants, vocabulary
from gamify_cli.domain.instants import Instant
from gamify_cli.errors import UsageError

_BY_OPTION = {"profile": "--profile", "store": "--store"}
_IMPLY_JSON: Mapping[str, tuple[str, ...]] = {"json": ("json",), "jq": ("json", "jsonl")}
"""Options that ask for JSON, with the formats that they go with."""

_BY_VARIABLE = {"profile": "GAMIFY_PROFILE", "store": "GAMIFY_STORE"}
_VARIABLES: Mapping[str, Mapping[str, str | None]] = {
    "output": {"GAMIFY_OUTPUT": None},
    "color": {"NO_COLOR": "never", "FORCE_COLOR": "always"},
    "timeout": {"GAMIFY_TIMEOUT": None},
    "no_input": {"GAMIFY_NO_INPUT": "true"},
    "jobs": {},
}
"""The variables that stand for a default; one with a value means that, whatever it holds."""


class Choice(NamedTuple):
    """A profile or a store chosen on the command line or in the environment, and by what."""

    profile: str | None = None
    store: str | None = None
    by: str | None = None


class Source(NamedTuple):
    """Something that gives a setting: its value, the kind of source, and which one it is.

    `origin` is option, environment, config or built-in; `place` is the option, the variable,
    or None.
    """

    value: Any
    origin: str
    place: str | None


class Options(NamedTuple):
    """The global options, with what stands for those that were not given."""

    output: str = "auto"
    fields: tuple[str, ...] = ()
    jq: str | None = None
    at: str | None = None
    known_at: str | None = None
    color: str = "auto"
    dry_run: bool = False
    yes: bool = False
    confirm: str | None = None
    no_input: bool = False
    idempotency_key: str | None = None
    timeout: float = 30.0
    jobs: int = 8
    quiet: bool = False
    verbose: bool = False
    debug: bool = False

    @property
    def past(self) -> str | None:
        """The option that asks for another time than now, if one does."""
        if self.at is not None:
            return "--at"
        return None if self.known_at is None else "--known-at"

    @classmethod
    def read(
        cls, given: Mapping[str, Any], environ: Mapping[str, str], config: Mapping[str, Any]
    ) -> Options:
        """From what the command line gives, the environment, and the defaults in config.toml.

        Raises UsageError for a value that is no good.
        """
        key = given.get("idempotency_key")
        return cls(
            **{name: next(sources(name, given, environ, config)).value for name in DEFAULTS},
            fields=_fields(given.get("fields")),
            jq=given.get("jq"),
            at=given.get("at"),
            known_at=given.get("known_at"),
            dry_run=bool(given.get("dry_run")),
            yes=bool(given.get("yes")),
            confirm=given.get("confirm"),
            idempotency_key=None if key is None else vocabulary.idempotency_key(key),
            quiet=bool(given.get("quiet")),
            verbose=bool(given.get("verbose")),
            debug=bool(given.get("debug")),
        )


def output(given: Mapping[str, Any], environ: Mapping[str, str]) -> str | None:
    """The format asked for, None if none was; raises UsageError where two were."""
    return _option("output", given) or environ.get("GAMIFY_OUTPUT") or None


def sources(
    name: str, given: Mapping[str, Any], environ: Mapping[str, str], config: Mapping[str, Any]
) -> Iterator[Source]:
    """All that gives a value to one of DEFAULTS, what wins first, what is built in last.

    Raises UsageError for a value that is no good, when it comes to it.
    """
    default = DEFAULTS[name]
    if (text := _option(name, given)) is not None:
        option = "--" + name.replace("_", "-")
        if name == "output" and given.get(name) is None:
            option = next(f"--{one}" for one in _IMPLY_JSON if given.get(one) is not None)
        yield Source(default.check(text, option), "option", option)
    for variable, meaning in _VARIABLES[name].items():
        if held := environ.get(variable):
            yield Source(default.check(meaning or held, variable), "environment", variable)
    if name in config:
        yield Source(config[name], "config", None)
    yield Source(default.builtin, "built-in", None)


def defaults(
    given: Mapping[str, Any], environ: Mapping[str, str], read: Callable[[], Config]
) -> Mapping[str, Any]:
    """The defaults in config.toml, which a store that is chosen by its path leaves unread.

    A file with a fault has none; what needs the file tells of the fault.
    """
    try:
        return {} if chosen(given, environ).store is not None else read().defaults
    except UsageError:
        return {}


def test_now(environ: Mapping[str, str]) -> Instant | None:
    """The time that GAMIFY_TEST_NOW gives to stores made under it."""
    text = environ.get("GAMIFY_TEST_NOW")
    return instants.parse(text, 0) if text else None


def target(
    given: Mapping[str, Any], environ: Mapping[str, str], read: Callable[[], Config]
) -> Target:
    """Which store or server to work on.

    Raises UsageError where profile and store are both chosen, UnknownProfile, and UsageError
    for a configuration that cannot be read.
    """
    choice = chosen(given, environ)
    if choice.store is not None:
        return reading.store_target(choice.store)
    return read().target(choice.profile)


def chosen(given: Mapping[str, Any], environ: Mapping[str, str]) -> Choice:
    """What was chosen, before config.toml is asked.

    Raises UsageError for more than one, and for the URL of a store that nobody is to see.
    """
    names, values = _BY_OPTION, {name: given.get(name) for name in _BY_OPTION}
    if values["profile"] is None and values["store"] is None:
        names, values = _BY_VARIABLE, {key: environ.get(_BY_VARIABLE[key]) or None for key in names}
    profile, store = values["profile"], values["store"]
    if profile is not None and store is not None:
        message = f"{names['profile']} and {names['store']} exclude each other"
        raise UsageError(message, hint="give one of them")
    if profile == "":
        raise UsageError("the name of the profile is empty")
    if store is not None and is_database(store):
        database_url(store)
    if profile is None and store is None:
        return Choice()
    return Choice(profile, store, names["store" if profile is None else "profile"])


def _option(name: str, given: Mapping[str, Any]) -> str | None:
    """What the command line gives for one of DEFAULTS; raises UsageError where it gives two."""
    value = given.get(name)
    for option, allowed in _IMPLY_JSON.items() if name == "output" else ():
        if given.get(option) is not None:
            if value not in (None, *allowed):
                raise UsageError(f"--{option} contradicts --output {value}")
            value = value or "json"
    return "true" if value is True else value


def _fields(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    paths = tuple(path.strip() for path in text.split(","))
    if "" in paths:
        raise UsageError("--fields has an empty name")
    return tuple(dict.fromkeys(paths))
