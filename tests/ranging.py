"""Work on ranges, for processes that import no more than it takes."""

from __future__ import annotations

import os
from collections.abc import Callable

from gamify_cli.errors import StoreError
from gamify_cli.store.ranges import Range
from gamify_cli.store.session import Session


def ids(session: Session) -> Callable[[Range], list[str]]:
    return lambda one: [
        row[0] for row in session.rows(session.sql.RANGE_PARTICIPANTS, one._asdict())
    ]


def failing(_: Session) -> Callable[[Range], None]:
    def fail(one: Range) -> None:
        raise StoreError(f"damaged from {one.first}", hint="look")

    return fail


def dying(_: Session) -> Callable[[Range], None]:
    return lambda _: os._exit(1)
