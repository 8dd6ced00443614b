"""Award points one after the other until stdin ends: `failover_client.py URL NAME`.

Each award is told on stdout once it is acknowledged: its key, the participant, the amount, and
the time of the system's monotonic clock. Errors that reach this program are told on stderr.
"""

from __future__ import annotations

import random
import select
import sys
import time
from itertools import count

from gamify_cli.backend import Body, Operation, Write
from gamify_cli.errors import Unavailable
from gamify_cli.store.local import LocalStore

PARTICIPANTS = 200
_TIMEOUT = 60
_REPEATED = 20
"""One of so many is sent twice under its key, as by someone who missed the answer."""


def main() -> None:
    """Each award has its key as its reason, so that the journal tells one from another."""
    url, name = sys.argv[1:]
    choose = random.Random(name)
    store = LocalStore.open(url, timeout=_TIMEOUT)
    for number in count(1):
        if select.select([sys.stdin], [], [], 0)[0]:
            break
        key = f"{name}-{number}"
        participant = f"user_{choose.randrange(PARTICIPANTS):03}"
        body: Body = {"amount": choose.randint(1, 1_000), "reason": key}
        for _ in range(1 + (number % _REPEATED == 0)):
            _award(store, participant, body, key)
        print(key, participant, body["amount"], time.monotonic(), flush=True)
    store.close()


def _award(store: LocalStore, participant: str, body: Body, key: str) -> None:
    """Until it is acknowledged."""
    while True:
        try:
            store.points.award(participant, body, Write(Operation.new("soak", "soak"), key))
        except Unavailable as error:
            print(f"{key}: {error}", file=sys.stderr, flush=True)
        else:
            return


if __name__ == "__main__":
    main()
