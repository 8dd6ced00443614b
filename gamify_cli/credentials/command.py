"""A key that a program prints: a password manager, a secret store."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, cast

from gamify_cli.credentials.entry import MAX_BYTES, Entry
from gamify_cli.errors import Unauthorized, Unavailable

SECONDS = 10.0
_TURN = 0.05
_CHUNK = 65_536


def read(command: Sequence[str], seconds: float = SECONDS) -> Entry:
    """The first line that it prints; what it says on stderr goes to ours.

    It runs without a shell, reads nothing, and is killed with its children if it takes
    longer. Raises Unauthorized where it fails, Unavailable where it takes too long.
    """
    name = command[0]
    with _running(command) as process:
        deadline = time.monotonic() + seconds
        printed = _printed(process, deadline)
        try:
            code = process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise Unavailable(f'the key command "{name}" took over {seconds:g} s') from None
    if code:
        how = f"exit code {code}" if code > 0 else f"signal {-code}"
        raise Unauthorized(f'the key command "{name}" failed with {how}')
    line = printed.partition(b"\n")[0].removesuffix(b"\r")
    return Entry(None, line.decode("latin-1"))


@contextmanager
def _running(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, which ends with it where the rest of this fails."""
    try:
        process = subprocess.Popen(  # noqa: S603 (the user's own configuration)
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, process_group=0
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Unauthorized(f'cannot run the key command "{command[0]}": {reason}') from error
    try:
        yield process
    except BaseException:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        raise
    finally:
        if process.stdout:
            process.stdout.close()
        process.wait()


def _printed(process: subprocess.Popen[bytes], deadline: float) -> bytes:
    """How its output begins; read until it ends, even if a child of it still holds the pipe."""
    kept, descriptor = b"", cast(IO[bytes], process.stdout).fileno()
    while (left := deadline - time.monotonic()) > 0:
        is_over = process.poll() is not None
        if select.select([descriptor], [], [], 0 if is_over else min(left, _TURN))[0]:
            chunk = os.read(descriptor, _CHUNK)
            if not chunk:
                break
            kept = (kept + chunk)[: MAX_BYTES + 1]
        elif is_over:
            break
    return kept
