"""Data of facts as people read it: instants as RFC 3339, nothing else changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gamify_cli.domain import instants

_MOMENTS = {"first_seen_at", "last_seen_at", "points_at", "tier_since", "event_at"}
"""Fields of a participant that are instants."""


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
    if "change" in data:
        data["change"] = _change(data["change"])
    return data


def _change(change: Mapping[str, Any]) -> dict[str, Any]:
    """The same of what a reversal changed."""
    legible = dict(change)
    if "lots" in change:
        legible["lots"] = {instants.text(int(at)): left for at, left in change["lots"].items()}
    if "set" in change:
        legible["set"] = {name: _value(name, value) for name, value in change["set"].items()}
    if "badges" in change.get("merge", {}):
        badges = {code: instants.text_or_none(at) for code, at in change["merge"]["badges"].items()}
        legible["merge"] = {**change["merge"], "badges": badges}
    return legible


def _value(name: str, value: Any) -> Any:
    if name == "tiers":
        return [[code, instants.text(at)] for code, at in value]
    return instants.text_or_none(value) if name in _MOMENTS else value
