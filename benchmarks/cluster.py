"""A PostgreSQL of the benchmarks' own, which keeps what it acknowledged, as any does."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import quote

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))

import postgres
from postgres import Cluster

BINARIES = postgres.binaries()
MISSING = "PostgreSQL is not installed"

_SETTINGS = {
    "timezone": "UTC",
    # What a machine of this size would be given; the rest is as PostgreSQL comes.
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
}


def running() -> AbstractContextManager[Cluster]:
    """It is gone when this ends."""
    return postgres.running(_SETTINGS)


def namespace(cluster: Cluster, name: str) -> str:
    """The URL of a namespace by that name, as its superuser sees it."""
    options = quote(f"-csearch_path={name}", safe="")
    return f"{cluster.administrator()}&options={options}"
