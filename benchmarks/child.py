"""Run `python -I child.py DESCRIPTOR COMMAND...` and print its seconds and its peak memory in KiB.

A process of its own, because Linux lets a child begin with the peak of the process that
started it, and the one that measures may hold far more than the one that is measured.
"""

from __future__ import annotations

import os
import sys
import time


def main() -> None:
    """The command inherits stdin; its stdout goes to the descriptor, which the caller opened."""
    opened, *command = sys.argv[1:]
    stdout = [(os.POSIX_SPAWN_DUP2, int(opened), 1), (os.POSIX_SPAWN_CLOSE, int(opened))]
    start = time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ, file_actions=stdout)
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - start
    if status:
        sys.exit(f"status {status} from {command}")
    print(seconds, usage.ru_maxrss)


if __name__ == "__main__":
    main()
