"""The parts of the OpenAPI document that many calls share: headers, refusals, the key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, get_args

from gamify_cli import wire
from gamify_cli.backend import Outcome

Json = dict[str, Any]

SCHEME = "key"
"""The name of the security scheme."""

ALWAYS = (wire.REQUEST_ID, wire.RATE_LIMIT, wire.RATE_REMAINING, wire.RATE_RESET)
"""Headers of every answer; those of the rate limit are missing for a key without one."""

OF_WRITES = (wire.OPERATION_ID, wire.OUTCOME, wire.REPLAYED)

_RETRY_AFTER = "Retry-After"
_NUMBER = {"type": "integer", "minimum": 0}
_HEADERS: dict[str, tuple[str, Json]] = {
    wire.REQUEST_ID: ("The id of this request, also in the log.", {"type": "string"}),
    wire.RATE_LIMIT: ("Requests that the key has in a minute.", _NUMBER),
    wire.RATE_REMAINING: ("Requests that are left in it.", _NUMBER),
    wire.RATE_RESET: ("When it ends, in seconds since 1970.", _NUMBER),
    wire.OPERATION_ID: ("The id under which the journal has the write.", {"type": "string"}),
    wire.OUTCOME: ("What came of it.", {"type": "string", "enum": list(get_args(Outcome))}),
    wire.REPLAYED: ("There where the answer was given before.", {"const": "true"}),
    _RETRY_AFTER: ("Seconds to wait.", _NUMBER),
}
_REFUSALS: dict[int, tuple[str, str]] = {
    400: ("BadRequest", "A parameter or the body is no good, or there are too few points."),
    401: ("Unauthorized", "No key, or one that is unknown, expired or revoked."),
    403: ("Forbidden", "The key has not the scope for this."),
    404: ("NotFound", "There is nothing by that name."),
    409: ("Conflict", "What is there contradicts the request, or its key was used for another."),
    410: ("Erased", "The participant was erased, or what the key was answered was."),
    413: ("TooLarge", "The body is over 1 MiB."),
    415: ("NotJson", "The body is not JSON."),
    429: ("RateLimited", "Too many requests with this key."),
    500: ("Internal", "A bug; the log has more under the id of the request."),
    503: ("Unavailable", "The store cannot answer now."),
}
_WAITED = (429, 503)


def parameter(name: str) -> Json:
    """A reference to a header that a request may have."""
    return {"$ref": f"#/components/parameters/{name}"}


def headers(names: Iterable[str]) -> Json:
    """References to the headers of an answer."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def refusals(statuses: Sequence[int]) -> Json:
    """References to the refusals with these statuses."""
    return {
        str(status): {"$ref": f"#/components/responses/{_REFUSALS[status][0]}"}
        for status in statuses
    }


def content(schema: Json, example: Any = None) -> Json:
    """A body in JSON."""
    shown = {} if example is None else {"example": example}
    return {"application/json": {"schema": schema, **shown}}


def components(schemas: Json, key: Json) -> Json:
    """What the document refers to; `key` is the schema of an idempotency key."""
    return {
        "securitySchemes": {
            SCHEME: {"type": "apiKey", "in": "header", "name": wire.API_KEY},
        },
        "parameters": _parameters(key),
        "headers": {
            name: {"description": about, "schema": schema}
            for name, (about, schema) in _HEADERS.items()
        },
        "responses": {name: _refusal(status, about) for status, (name, about) in _REFUSALS.items()},
        "schemas": schemas,
    }


def _refusal(status: int, about: str) -> Json:
    names = [*ALWAYS, _RETRY_AFTER] if status in _WAITED else ALWAYS
    schema = {"$ref": "#/components/schemas/Error"}
    return {"description": about, "headers": headers(names), "content": content(schema)}


def _parameters(key: Json) -> Json:
    return {
        "IdempotencyKey": _header(
            wire.IDEMPOTENCY_KEY, "A repeat under the same key is answered as before.", key
        ),
        "Command": _header(
            wire.COMMAND, "What the journal says was done, percent-encoded.", {"type": "string"}
        ),
        "Operation": _header(
            wire.OPERATION,
            "Shared by changes of one participant each; other calls leave it aside.",
            {"type": "string", "pattern": f"^{wire.AN_OPERATION}$"},
        ),
        "IfNoneMatch": _header("If-None-Match", "* if it must be new.", {"const": "*"}),
        "IfMatch": _header(
            "If-Match",
            "The version that it must have.",
            {"type": "string", "pattern": '^"[0-9]{1,18}"$'},
        ),
    }


def _header(name: str, about: str, schema: Json) -> Json:
    return {"name": name, "in": "header", "description": about, "schema": schema}
