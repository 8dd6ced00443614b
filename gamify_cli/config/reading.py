"""config.toml: where it is, what it may hold, and the connection profiles in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from gamify_cli.config.database import database_url, is_database
from gamify_cli.config.defaults import checked
from gamify_cli.domain import vocabulary
from gamify_cli.errors import UnknownProfile, UsageError, nearest

DEFAULT_PROFILE = "local"
"""It exists even where no file names it."""

_PROFILE_KEYS = {"store": str, "url": str, "protected": bool, "key": dict}


class Target(NamedTuple):
    """What commands work on: a store or a server, by a connection profile or by a path.

    Of `store`, a file, `database`, a URL for libpq, and `url`, a server, one is given; `key`
    says where the key to the server comes from.
    """

    store: Path | None = None
    profile: str | None = None
    protected: bool = False
    url: str | None = None
    key: Mapping[str, Any] = MappingProxyType({})
    database: str | None = None

    @property
    def place(self) -> str:
        """How messages name it."""
        return f"profile {self.profile}" if self.profile else f"store {self.address}"

    @property
    def is_loopback(self) -> bool:
        """Whether it is a server on this machine."""
        from urllib.parse import urlsplit

        return self.url is not None and is_loopback(str(urlsplit(self.url).hostname))

    @property
    def address(self) -> str:
        """Where it is: a path or a URL."""
        return self.url or self.database or str(self.store)


class Config(NamedTuple):
    """What stands in a config.toml that was found good; `default` is None where it names none.

    `defaults` are those of options, by name.
    """

    path: Path
    default: str | None
    profiles: Mapping[str, Mapping[str, Any]]
    defaults: Mapping[str, Any] = MappingProxyType({})

    @property
    def names(self) -> list[str]:
        """Every connection profile there is, the built-in one first."""
        return list(dict.fromkeys((DEFAULT_PROFILE, *self.profiles)))

    def target(self, name: str | None = None) -> Target:
        """What a profile leads to, the default one for None; raises UnknownProfile, UsageError."""
        name = name or (DEFAULT_PROFILE if self.default is None else self.default)
        profile = self.profiles.get(name, {} if name == DEFAULT_PROFILE else None)
        if profile is None:
            known = sorted(self.names)
            raise UnknownProfile(
                f'connection profile "{name}" not found',
                hint=nearest(name, known) or f"{self.path} has: {', '.join(known)}",
            )
        protected = profile.get("protected", False)
        if url := profile.get("url"):
            key = MappingProxyType(profile.get("key", {}))
            return Target(None, name, protected, server_url(url), key)
        store = store_target(profile.get("store") or default_store())
        return store._replace(profile=name, protected=protected)


def config_path(environ: Mapping[str, str]) -> Path:
    """Where config.toml is, whether it exists or not."""
    if path := environ.get("GAMIFY_CONFIG"):
        return store_path(path)
    from platformdirs import user_config_path

    return user_config_path("gamify") / "config.toml"


def read(environ: Mapping[str, str]) -> Config:
    """What config.toml holds; nothing where it is missing, unless GAMIFY_CONFIG names it.

    Raises UsageError for one that cannot be read or has a fault.
    """
    path = config_path(environ)
    content = content_of(path)
    if content is None and environ.get("GAMIFY_CONFIG"):
        raise UsageError(f"cannot read {path}: No such file or directory")
    return parse(content, path) if content is not None else Config(path, None, {})


def content_of(path: Path) -> bytes | None:
    """The bytes of a config.toml, None where there is none; raises UsageError."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error


def parse(content: bytes, path: Path) -> Config:
    """The bytes of a config.toml as what they say; raises UsageError, naming the path."""
    import tomllib

    try:
        config = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not TOML: {error}") from error
    if not isinstance(config.get("default_profile", ""), str):
        raise UsageError(f"{path}: default_profile must be a text")
    profiles = config.get("profiles", {})
    if not isinstance(profiles, dict):
        raise UsageError(f"{path}: profiles must be a table of tables")
    for name, profile in profiles.items():
        if not isinstance(profile, dict):
            raise UsageError(f"{path}: profiles.{name} must be a table")
        _check_profile(profile, name, path)
    return Config(path, config.get("default_profile"), profiles, checked(path, config))


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
    store = profile.get("store")
    if store and profile.get("url"):
        raise UsageError(f"{path}: profiles.{name} has both store and url")
    if store and is_database(store):
        try:
            database_url(store)
        except UsageError as error:
            raise UsageError(f"{path}: profiles.{name}: {error.message}", hint=error.hint) from None


def server_url(text: str) -> str:
    """The base of an API, without a slash at its end; raises UsageError.

    Plain http is for servers on this machine alone, since every request carries the key.
    """
    url = vocabulary.web_url(text)
    if not url or any(c.isspace() or not c.isprintable() for c in text):
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


def store_target(text: str) -> Target:
    """A store as a person writes it, by a path or a URL; raises UsageError."""
    return Target(database=database_url(text)) if is_database(text) else Target(store_path(text))


def store_path(text: str) -> Path:
    """The path of a store as a person writes it; raises UsageError."""
    if not text:
        raise UsageError("the path of the store is empty")
    if "://" in text:
        raise UsageError(
            "a store is a file or a PostgreSQL database, and this is neither",
            hint="write a path, or postgresql://HOST/DATABASE",
        )
    return file_path(text, Path())


def file_path(text: str, folder: Path) -> Path:
    """A path as a person writes it, from a folder on; raises UsageError."""
    if "\0" in text:
        raise UsageError(f"the path {text} holds the character U+0000")
    try:
        return (folder / Path(text).expanduser()).absolute()
    except RuntimeError as error:
        raise UsageError(f"{text}: {error}") from error


def default_store() -> str:
    """The file of the built-in profile."""
    from platformdirs import user_data_path

    return str(user_data_path("gamify") / "gamify.db")
