"""Stores of another schema than the one that this gamify knows."""

from __future__ import annotations

from shlex import quote

from gamify_cli.errors import StoreError


def refusal(place: str, revision: str, known: str) -> StoreError:
    """Why a store is not opened whose Alembic revision is not the one that is known."""
    if revision > known:
        return StoreError(
            f"the store {place} was made by a newer gamify"
            f" (schema {revision}; this one knows up to {known})",
            hint="upgrade gamify: pip install --upgrade gamify-cli",
        )
    return StoreError(
        f"the store {place} is older than this gamify",
        hint=f"run: gamify store upgrade --store {quote(place)}",
    )
