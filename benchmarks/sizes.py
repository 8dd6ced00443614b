"""How much is measured: all of it, or with --quick just enough to see that it works."""

from __future__ import annotations

import sys
from typing import TypeVar

QUICK = "--quick" in sys.argv

_Size = TypeVar("_Size")


def size(full: _Size, quick: _Size) -> _Size:
    """The one that the command line asks for."""
    return quick if QUICK else full
