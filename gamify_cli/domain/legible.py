"""Data of facts as people read it: instants as RFC 3339, nothing else changed."""

from __future__ import annotations

from typing import Any

from gamify_cli.domain import instants


def legible(data: dict[str, Any]) -> dict[str, Any]:
    """A copy of a fact's data with its instants as people write them."""
    data = dict(data)
    if "expires_at" in data:
        data["expires_at"] = instants.text(data["expires_at"])
    if "refused" in data:
        data["refused"] = [
            {**one, "until": instants.text(one["until"])} if "until" in one else one
            for one in data["refused"]
        ]
    if "limits" in data:
        data["limits"] = {
            rule: [per, *map(instants.text, starts)]
            for rule, (per, *starts) in data["limits"].items()
        }
    if "lots" in data:
        data["lots"] = [
            [instants.text(expires_at), drained] for expires_at, drained in data["lots"]
        ]
    return data
