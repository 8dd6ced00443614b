"""The OpenAPI document, out of the table of routes and the models of bodies and answers."""

from __future__ import annotations

from typing import Any


def document() -> dict[str, Any]:
    """The document; OpenAPI 3.1."""
    return {"openapi": "3.1.0"}
