"""What a connection profile leads to, opened as a store, upgraded or served."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gamify_cli import settings
from gamify_cli.backend import Body, Write
from gamify_cli.config.reading import Target, default_store
from gamify_cli.errors import UsageError

if TYPE_CHECKING:
    from gamify_cli.store.backing_up import Found, Watch
    from gamify_cli.store.local import LocalStore
    from gamify_cli.store.restoring import Restorable


def open_store(target: Target, timeout: float) -> LocalStore:
    """A target as a store of its own; `timeout` in seconds.

    Raises UsageError for a server, and where a package is missing.
    """
    from gamify_cli.store.local import LocalStore

    place, test_now = _place(target), settings.test_now(os.environ)
    with _needing("postgres", "a PostgreSQL store"):
        return LocalStore.open(place, timeout=timeout, test_now=test_now)


def upgrade_store(
    target: Target, write: Write, *, timeout: float, watch: Callable[[int, float], None]
) -> Body:
    """Migrate a store, which `open_store` would refuse while it is old; see `store.upgrade`."""
    from gamify_cli.store.upgrade import upgrade_store

    place = _place(target)
    with _needing("postgres", "a PostgreSQL store"):
        return upgrade_store(
            place,
            timeout=timeout,
            dry_run=write.dry_run,
            keep=partial(automatic_backup, target, "before-upgrade"),
            operation=write.operation,
            watch=watch,
        )


def restore_store(
    target: Target,
    file: Path,
    write: Write,
    *,
    timeout: float,
    confirm: Callable[[Found], None],
    watch: Watch,
) -> Body:
    """Put a backup in the place of what a store holds; see `store.restoring.restore`.

    Raises UsageError for a server, and where a package or a program is missing.
    """
    from gamify_cli.store.restoring import restore

    place, test_now = _place(target), settings.test_now(os.environ)
    keep = partial(automatic_backup, target, "before-restore")
    with _needing("postgres", "a PostgreSQL store"):
        store = _restorable(place, timeout)
        body = restore(store, file, keep, write, test_now=test_now, confirm=confirm, watch=watch)
    return {"path": target.address, **body}


def _restorable(place: Path | str, timeout: float) -> Restorable:
    if isinstance(place, Path):
        from gamify_cli.store.sqlite.restoring import SqliteRestore

        return SqliteRestore(place, timeout)
    from gamify_cli.store.postgres.restoring import PostgresRestore

    return PostgresRestore(place, timeout)


def automatic_backup(target: Target, reason: str) -> Path:
    """Where a backup goes that is made unasked: beside a file, and of a database at home.

    Raises UsageError for a server.
    """
    from gamify_cli.store.backing_up import automatic
    from gamify_cli.store.hidden import make_folders

    place = _place(target)
    if isinstance(place, Path):
        return automatic(place, reason, "backup")
    home = Path(default_store())
    make_folders(home)
    return automatic(home.with_name(name_of(target)), reason, "dump")


def name_of(target: Target) -> str:
    """What a store is called that a person is to name: its profile, file or database."""
    if target.profile:
        return target.profile
    from urllib.parse import urlsplit

    place = target.store or Path(urlsplit(target.address).path)
    return place.name or "gamify"


def serve(
    target: Target,
    *,
    host: str,
    port: int,
    timeout: float,
    is_proxied: bool,
    log: bool,
    tell: Callable[[str], None],
    **tls: Path | None,
) -> None:
    """Serve a store until a signal comes.

    Raises UsageError where packages are missing, and as `server.run.serve` does.
    """
    with _needing("serve", "serving"):
        from gamify_cli.server.run import Address, serve
        from gamify_cli.server.service import PATIENCE, Service
    patience = min(timeout, PATIENCE)
    # The loop, which asks a file, waits for no lock, since everyone would wait with it.
    here = patience if target.database else 0.0
    service = Service(
        lambda: open_store(target, here), patience=patience, is_proxied=is_proxied, log=log
    )
    serve(service, Address(host, port, **tls), tell)


def _place(target: Target) -> Path | str:
    """The file or the URL of a store; raises UsageError for a server."""
    place = target.store or target.database
    if place is None:
        raise UsageError(
            f"{target.place} is a server, and this command is for a local store",
            hint="choose a store: --store STORE, or --profile local",
        )
    return place


@contextmanager
def _needing(extra: str, what: str) -> Iterator[None]:
    """Tell what to install where an import fails."""
    try:
        yield
    except ImportError as error:
        raise UsageError(
            f"{what} needs packages that are not installed: {error.name or error}",
            hint=f"pip install 'gamify-cli[{extra}]'",
        ) from error
