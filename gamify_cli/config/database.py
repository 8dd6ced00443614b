"""A store in a PostgreSQL database: its URL as libpq takes it, which never holds a password."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from gamify_cli.errors import UsageError

_SCHEMES = ("postgresql://", "postgres://")
_SECRETS = {
    "password",
    "sslpassword",
    "oauth_client_secret",
    "scram_client_key",
    "scram_server_key",
}


def is_database(text: str) -> bool:
    """Whether it is the URL of a database, not the path of a file."""
    return text.startswith(_SCHEMES)


def database_url(text: str) -> str:
    """The URL as it is, for libpq to read; raises UsageError, which does not repeat it."""
    if not text.isprintable():
        raise UsageError("the URL of the database holds a character that does not print")
    rest = text.partition("://")[2]
    if any(":" in user for user in _users(rest)) or _SECRETS & {*_parameters(rest)}:
        raise UsageError(
            "the URL of the database holds a password",
            hint="leave it out; it is taken from ~/.pgpass, PGPASSFILE, PGPASSWORD or a service",
        )
    return text


def _users(rest: str) -> Iterator[str]:
    """What may be meant as a user and a password, also where one of them is not escaped."""
    for part in (rest.partition("/")[0], rest.partition("?")[0]):
        yield unquote(part.rpartition("@")[0])


def _parameters(rest: str) -> Iterator[str]:
    """The names of all parameters, which may be escaped, too."""
    for part in rest.partition("?")[2].replace("?", "&").split("&"):
        yield unquote(part.partition("=")[0]).strip().lower()
