"""What the user chose: options, then the environment, then config.toml, then what is built in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from gamify_cli.domain import instants, vocabulary
from gamify_cli.domain.instants import Instant
from gamify_cli.errors import UnknownProfile, UsageError, nearest

DEFAULT_PROFILE = "local"
DEFAULT_TIMEOUT = 30.0
DEFAULT_JOBS = 8
_MOST_JOBS = 64
FORMATS = ("auto", "table", "json", "jsonl", "csv", "tsv", "ids")
_PROFILE_KEYS = {"store": str, "url": str, "protected": bool, "key": dict}
COLORS = ("auto", "always", "never")


class Target(NamedTuple):
    """What commands work on: a store file or a server, by a connection profile or by a path.

    Of `store` and `url` one is given; `key` says where the key to the server comes from.
    """

    store: Path | None = None
    profile: str | None = None
    protected: bool = False
    url: str | None = None
    key: Mapping[str, Any] = MappingProxyType({})

    @property
    def place(self) -> str:
        """How messages name it."""
        return f"profile {self.profile}" if self.profile else f"store {self.store}"

    @property
    def is_loopback(self) -> bool:
        """Whether it is a server on this machine."""
        from urllib.parse import urlsplit

        return self.url is not None and is_loopback(str(urlsplit(self.url).hostname))

    @property
    def address(self) -> str:
        """Where it is: a path or a URL."""
        return self.url or str(self.store)


class Options(NamedTuple):
    """The global options, with what the environment adds where an option was not given."""

    output: str = "auto"
    fields: tuple[str, ...] = ()
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
    if given.get("json"):
        if asked not in (None, "json"):
            raise UsageError(f"--json contradicts --output {asked}")
        return "json"
    return asked or environ.get("GAMIFY_OUTPUT") or "auto"


def test_now(environ: Mapping[str, str]) -> Instant | None:
    """The time that GAMIFY_TEST_NOW gives to stores made under it."""
    text = environ.get("GAMIFY_TEST_NOW")
    return instants.parse(text, 0) if text else None


def target(given: Mapping[str, Any], environ: Mapping[str, str]) -> Target:
    """Which store to work on.

    Raises UsageError where profile and store are both chosen, UnknownProfile, and UsageError
    for a configuration that cannot be read.
    """
    chosen, source = given, ("--profile", "--store")
    if given.get("profile") is None and given.get("store") is None:
        names = {"profile": "GAMIFY_PROFILE", "store": "GAMIFY_STORE"}
        chosen = {key: environ[name] for key, name in names.items() if environ.get(name)}
        source = ("GAMIFY_PROFILE", "GAMIFY_STORE")
    if chosen.get("profile") is not None and chosen.get("store") is not None:
        raise UsageError(f"{source[0]} and {source[1]} exclude each other", hint="give one of them")
    if chosen.get("store") is not None:
        return Target(_store_path(chosen["store"]))
    return _profile(chosen.get("profile"), environ)


def config_path(environ: Mapping[str, str]) -> Path:
    """Where config.toml is, whether it exists or not."""
    if path := environ.get("GAMIFY_CONFIG"):
        return _store_path(path)
    from platformdirs import user_config_path

    return user_config_path("gamify") / "config.toml"


def _profile(name: str | None, environ: Mapping[str, str]) -> Target:
    path = config_path(environ)
    config = _read_config(path, required=bool(environ.get("GAMIFY_CONFIG")))
    profiles = config.get("profiles", {})
    name = name or config.get("default_profile", DEFAULT_PROFILE)
    profile = profiles.get(name, {} if name == DEFAULT_PROFILE else None)
    if profile is None:
        known = sorted({DEFAULT_PROFILE, *profiles})
        raise UnknownProfile(
            f'connection profile "{name}" not found',
            hint=nearest(str(name), known) or f"{path} has: {', '.join(known)}",
        )
    protected = profile.get("protected", False)
    if url := profile.get("url"):
        key = profile.get("key", {})
        return Target(None, name, protected, server_url(url), MappingProxyType(key))
    store = profile.get("store") or _default_store()
    return Target(_store_path(store), name, protected)


def server_url(text: str) -> str:
    """The base of an API, without a slash at its end; raises UsageError.

    Plain http is for servers on this machine alone, since every request carries the key.
    """
    from urllib.parse import urlsplit

    try:
        url = urlsplit(text)
        sound = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        sound = False
    if not sound or any(c.isspace() or not c.isprintable() for c in text):
        raise UsageError(f'"{text}" is not an absolute http or https URL')
    if url.username is not None or url.query or url.fragment:
        raise UsageError("the URL of a server has no user, query or fragment")
    if url.scheme == "http" and not is_loopback(str(url.hostname)):
        raise UsageError(
            f"{text} would send the key unencrypted", hint="use https; http is for loopback alone"
        )
    return text.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether an address or a name is of this machine alone."""
    from ipaddress import ip_address

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _default_store() -> str:
    from platformdirs import user_data_path

    return str(user_data_path("gamify") / "gamify.db")


def _store_path(text: str) -> Path:
    if not text:
        raise UsageError("the path of the store is empty")
    if "\0" in text:
        raise UsageError("the path of the store holds the character U+0000")
    if "://" in text:
        raise UsageError("a store is the path of a file; this version knows no store URLs")
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:
        raise UsageError(f"{text}: {error}") from error


def _read_config(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        if not required:
            return {}
        raise UsageError(f"cannot read {path}: No such file or directory") from None
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    import tomllib

    try:
        config = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not TOML: {error}") from error
    _check_config(config, path)
    return config


def _check_config(config: dict[str, Any], path: Path) -> None:
    if not isinstance(config.get("default_profile", ""), str):
        raise UsageError(f"{path}: default_profile must be a text")
    profiles = config.get("profiles", {})
    if not isinstance(profiles, dict):
        raise UsageError(f"{path}: profiles must be a table of tables")
    for name, profile in profiles.items():
        if not isinstance(profile, dict):
            raise UsageError(f"{path}: profiles.{name} must be a table")
        _check_profile(profile, name, path)


def _check_profile(profile: dict[str, Any], name: str, path: Path) -> None:
    """A slip must not turn a team's profile into the local store."""
    for key, value in profile.items():
        if key not in _PROFILE_KEYS:
            raise UsageError(
                f'{path}: unknown key "{key}" in profiles.{name}', hint=nearest(key, _PROFILE_KEYS)
            )
        if not isinstance(value, _PROFILE_KEYS[key]):
            raise UsageError(f"{path}: profiles.{name}.{key} is of the wrong type")
    if name != DEFAULT_PROFILE and not (profile.get("store") or profile.get("url")):
        raise UsageError(f"{path}: profiles.{name} has neither store nor url")
    if profile.get("store") and profile.get("url"):
        raise UsageError(f"{path}: profiles.{name} has both store and url")


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
