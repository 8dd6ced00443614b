"""Lines to stderr from a thread of its own, so that a reader who stalls never stalls a request."""

from __future__ import annotations

import sys
from queue import SimpleQueue
from threading import Thread

from gamify_cli.domain import jsontext

MOST_WAITING = 10_000
"""Lines; while so many wait, further ones are counted and dropped."""

_LARGEST_WRITE = 500
_LAST_SECONDS = 2.0


class Log:
    """A log of JSON, a line for each thing told; until `close`."""

    def __init__(self) -> None:
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self._dropped = 0
        self._thread = Thread(target=self._write, name="log", daemon=True)
        self._thread.start()

    def tell(self, thing: dict[str, object]) -> None:
        """Write a line as soon as the reader takes it."""
        if self._lines.qsize() >= MOST_WAITING:
            self._dropped += 1
            return
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            self._lines.put(jsontext.compact({"dropped_lines": dropped}))
        self._lines.put(jsontext.compact(thing))

    def close(self) -> None:
        """Write what waits, unless nobody reads it."""
        self._lines.put(None)
        self._thread.join(_LAST_SECONDS)

    def _write(self) -> None:
        line: str | None = ""
        while line is not None:
            lines = []
            line = self._lines.get()
            while line is not None:
                lines.append(line + "\n")
                if len(lines) >= _LARGEST_WRITE or self._lines.empty():
                    break
                line = self._lines.get()
            _print("".join(lines))


def _print(text: str) -> None:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:  # nobody reads it any more
        return
