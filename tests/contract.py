"""How the tests of backends call one."""

from __future__ import annotations

import time
from collections.abc import Iterable
from itertools import count
from typing import Any

from gamify_cli.backend import Body, Imported, Operation, Page, Write
from gamify_cli.backend.whole import Backend
from gamify_cli.errors import GamifyError

_NUMBERS = count()


def write(key: str | None = None, *, dry_run: bool = False) -> Write:
    moment = time.time_ns() // 1_000_000
    one = f"op_{moment:012x}{next(_NUMBERS):012x}"
    return Write(Operation(one, "a test", "tests"), key, dry_run)


def create(backend: Backend, one: str, **body: Any) -> Any:
    return backend.participants.create(one, body, write(), if_not_exists=False).body


def profile(backend: Backend, one: str) -> Any:
    return next(backend.participants.profiles([one]))


def rows(page: Page) -> tuple[list[Any], str | None]:
    """What is on a page, and the cursor that goes on."""
    found = []
    while True:
        try:
            found.append(next(page))
        except StopIteration as end:
            return found, end.value


def told(results: Iterable[Body | Imported | GamifyError]) -> list[Any]:
    """Bodies as they are, errors as their class and message."""
    return [(type(one), one.message) if isinstance(one, GamifyError) else one for one in results]
