"""One of many processes that award points on one store.

    python awarder.py PLACE PEOPLE

For each number of seconds on stdin it awards to random participants for so long, and prints how
often it did. PLACE is a store as `--store` takes it, with participants user_1 to user_PEOPLE.
"""

from __future__ import annotations

import os
import random
import sys
import time

from gamify_cli.backend import Operation, Write
from gamify_cli.store.local import LocalStore


def main() -> None:
    """Each award is an operation of its own, under a key of its own."""
    place, people = sys.argv[1], int(sys.argv[2])
    store = LocalStore.open(place, timeout=10)
    for line in sys.stdin:
        done, end = 0, time.monotonic() + float(line)
        while time.monotonic() < end:
            operation = Operation.new("gamify points award", "bench")
            write = Write(operation, os.urandom(16).hex())
            store.points.award(f"user_{random.randint(1, people)}", {"amount": 5}, write)
            done += 1
        print(done, flush=True)
    store.close()


if __name__ == "__main__":
    main()
