"""What a server tells of itself: a line of JSON a request, and numbers for Prometheus."""

from __future__ import annotations

import traceback
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from gamify_cli.domain import instants
from gamify_cli.domain.instants import Instant
from gamify_cli.server.log import Log

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_BOUNDS = (*map(str, BUCKETS), "+Inf")


class Seen(NamedTuple):
    """A request that was answered; `key_id` is None if it came without a good key."""

    at: Instant
    request_id: str
    method: str
    path: str
    status: int
    seconds: float
    bytes: int
    key_id: str | None
    operation: str | None


class Observer(Collector):
    """Counts every request; those who see `logs` set tell it of each in full, too.

    It is for one thread, and so counts without the locks that Prometheus's own counters take.
    """

    def __init__(self, *, log: bool) -> None:
        self.logs = log
        self._log = Log()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._within = defaultdict[str, list[int]](lambda: [0] * len(_BOUNDS))
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests[method, route, status] += 1
        self._seconds[route] += seconds
        self._within[route][bisect_left(BUCKETS, seconds)] += 1

    def log(self, one: Seen) -> None:
        """Write a request to stderr."""
        line: dict[str, object] = {
            "time": instants.text(one.at),
            "request_id": one.request_id,
            "method": one.method,
            "path": one.path,
            "status": one.status,
            "ms": round(one.seconds * 1_000, 2),
            "bytes": one.bytes,
            "key": one.key_id,
            "operation": one.operation,
        }
        self._log.tell(line)

    def failed(self, request_id: str, error: BaseException) -> None:
        """Tell operators what clients are not told."""
        trace = "".join(traceback.format_exception(error))
        self._log.tell({"request_id": request_id, "error": trace})

    def close(self) -> None:
        """Write what of the log waits."""
        self._log.close()

    def metrics(self) -> bytes:
        """All numbers in the text form of Prometheus."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """All numbers, as Prometheus's library asks for them."""
        requests = CounterMetricFamily(
            "gamify_http_requests", "Requests answered.", labels=("method", "route", "status")
        )
        for (method, route, status), number in self._requests.items():
            requests.add_metric((method, route, str(status)), number)
        yield requests
        seconds = HistogramMetricFamily(
            "gamify_http_request_duration_seconds", "From request to answer.", labels=("route",)
        )
        for route, within in self._within.items():
            buckets = [*zip(_BOUNDS, accumulate(within), strict=True)]
            seconds.add_metric((route,), buckets, self._seconds[route])
        yield seconds
