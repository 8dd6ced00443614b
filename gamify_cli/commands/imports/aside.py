"""What a process of its own makes, beside the one that uses it."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, TypeVar

from gamify_cli.errors import Unavailable

_Item = TypeVar("_Item")
_Last = TypeVar("_Last")


class _End(NamedTuple):
    """Nothing more comes: `last` is what is told of all, `error` what cut it short."""

    last: Any
    error: Exception | None


def is_possible() -> bool:
    """Whether there is a processor for it, and a system that starts one as it goes."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


def made(
    items: Callable[[], Iterator[_Item]], last: Callable[[], _Last], tell: Callable[[_Last], None]
) -> Iterator[_Item]:
    """The items, each made while the one before is in use; `tell` gets what `last` answers there.

    The other process begins as a copy of this one, without its threads, and uses nothing that
    is shared. It ends with this one, however that ends. Raises what the making raises, and
    Unavailable where that process cannot begin or is killed.
    """
    context = get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_make, args=(items, last, here, there), daemon=True)
    try:
        process.start()
    except OSError as error:
        raise Unavailable(f"cannot begin another process: {error.strerror}") from error
    there.close()
    try:
        while not isinstance(item := _received(here), _End):
            yield item
    finally:
        here.close()
        process.kill()
        process.join()
    tell(item.last)
    if item.error:
        raise item.error


def _received(here: Connection) -> Any:
    try:
        return pickle.loads(here.recv_bytes())  # noqa: S301 (our own copy wrote it)
    except (EOFError, OSError):
        raise Unavailable("the process beside this one was killed") from None


def _make(
    items: Callable[[], Iterator[_Item]],
    last: Callable[[], _Last],
    here: Connection,
    there: Connection,
) -> None:
    # Ctrl-C is for the other one. Without a reader, writing fails, which is how this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    here.close()
    try:
        error = _sent(items(), there)
        there.send_bytes(pickle.dumps(_End(last(), error)))
    except BrokenPipeError:
        os._exit(0)


def _sent(items: Iterator[object], there: Connection) -> Exception | None:
    """What cut the making short, if anything did."""
    try:
        for item in items:
            there.send_bytes(pickle.dumps(item, pickle.HIGHEST_PROTOCOL))
    except BrokenPipeError:
        raise
    except Exception as error:
        error.add_note(traceback.format_exc())
        return error
    return None
