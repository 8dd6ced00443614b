"""`gamify doctor`: checks of the configuration, of what a profile leads to, and of this machine.

They change nothing, and each has an outcome of its own, whatever became of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from gamify_cli import credentials
from gamify_cli.config import reading
from gamify_cli.config.reading import Target
from gamify_cli.doctor import configuration, files, installation
from gamify_cli.domain.findings import Finding, failed, passed
from gamify_cli.errors import GamifyError, UsageError

_KEY_SECONDS = 3.0
_SERVER_SECONDS = 10.0


def examine(
    environ: Mapping[str, str], target: Callable[[], Target] | None, timeout: float
) -> Iterator[tuple[str | None, Finding]]:
    """Every finding, with the profile that it is of, None for this machine.

    `target` is what to look at, None for every profile; `timeout` is in seconds for a server.
    """
    yield from ((None, finding) for finding in _of_machine(environ))
    for profile, open_ in [(None, target)] if target else _profiles(environ):
        try:
            found = open_()
        except GamifyError as error:
            yield profile, failed("profile", error.message, error.hint)
            continue
        for finding in _of_target(found, environ, timeout):
            yield found.profile, finding


def _profiles(environ: Mapping[str, str]) -> Iterator[tuple[str, Callable[[], Target]]]:
    """Every profile; a configuration with a fault, which has a finding of its own, has none."""
    with suppress(UsageError):
        config = reading.read(environ)
        for name in config.names:
            yield name, partial(config.target, name)


def _of_machine(environ: Mapping[str, str]) -> Iterator[Finding]:
    yield installation.versions()
    yield installation.completion(environ)
    yield installation.manual(environ)
    yield from configuration.examine(environ)


def _of_target(target: Target, environ: Mapping[str, str], timeout: float) -> Iterator[Finding]:
    seconds = min(timeout, _SERVER_SECONDS)
    if target.store:
        yield from _of_file(target.store)
    elif target.database:
        yield from _of_database(target.database, seconds)
    else:
        yield from _of_server(target, environ, seconds)


def _of_file(path: Path) -> Iterator[Finding]:
    from gamify_cli.store.sqlite import health

    yield files.space(path)
    yield from health.examine(path)
    if path.is_file():
        yield files.permissions("store permissions", path)


def _of_database(url: str, seconds: float) -> Iterator[Finding]:
    try:
        from gamify_cli.store.postgres import health
    except ImportError as error:
        told = f"it needs packages that are not installed: {error.name or error}"
        yield failed("store", told, "pip install 'gamify-cli[postgres]'")
        return
    yield from health.examine(url, timeout=seconds)


def _of_server(target: Target, environ: Mapping[str, str], seconds: float) -> Iterator[Finding]:
    from gamify_cli.remote import health

    finding, key = _key(target, environ)
    yield finding
    yield from health.examine(
        target.address, key, environ, timeout=seconds, is_local=target.is_loopback
    )


def _key(target: Target, environ: Mapping[str, str]) -> tuple[Finding, str | None]:
    """What is found of the source of the key, and the key."""
    profile = str(target.profile)
    try:
        key = credentials.key_of(profile, target.key, target.address, environ, seconds=_KEY_SECONDS)
        place = credentials.place_of(profile, target.key, environ)
    except GamifyError as error:
        return failed("key", error.message, error.hint), None
    return passed("key", f"from {place}"), key
