"""What a server tells of itself: a line of JSON a request, and numbers for Prometheus."""

from __future__ import annotations

import sys
import traceback
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from gamify_cli.domain import instants, jsontext
from gamify_cli.domain.instants import Instant

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Seen(NamedTuple):
    """A request that was answered; `key_id` is None if it came without a good key."""

    at: Instant
    request_id: str
    method: str
    path: str
    route: str
    status: int
    seconds: float
    bytes: int
    key_id: str | None
    operation: str | None


class Observer:
    """Counts every request, and logs it to stderr if `log` is set."""

    def __init__(self, *, log: bool) -> None:
        self._log = log
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "gamify_http_requests", "Requests answered.", ("method", "route", "status"),
            registry=self._registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "gamify_http_request_duration_seconds", "From request to answer.", ("route",),
            registry=self._registry, buckets=BUCKETS,
        )  # fmt: skip

    def saw(self, one: Seen) -> None:
        """Note a request."""
        self._requests.labels(one.method, one.route, one.status).inc()
        self._seconds.labels(one.route).observe(one.seconds)
        if self._log:
            line = {
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
            _print(jsontext.compact(line))

    def failed(self, request_id: str, error: BaseException) -> None:
        """Tell operators what clients are not told."""
        trace = "".join(traceback.format_exception(error))
        _print(jsontext.compact({"request_id": request_id, "error": trace}))

    def metrics(self) -> bytes:
        """All numbers in the text form of Prometheus."""
        return generate_latest(self._registry)


def _print(line: str) -> None:
    sys.stderr.write(line + "\n")
