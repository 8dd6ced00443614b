"""The OpenAPI document, out of the table of routes and the models of bodies and answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from gamify_cli import __version__, wire
from gamify_cli.backend import Outcome
from gamify_cli.domain import inputs
from gamify_cli.domain.input_values import Key, ParticipantId
from gamify_cli.domain.output_values import Untitled
from gamify_cli.domain.outputs import OUTPUTS
from gamify_cli.domain.program_input import ProgramFile
from gamify_cli.server import openapi_parts as parts
from gamify_cli.server.openapi_examples import EXAMPLES
from gamify_cli.server.openapi_parts import Json
from gamify_cli.server.queries import Query
from gamify_cli.server.routes import ROUTES, Route

Mode = Literal["validation", "serialization"]

_REF = "#/components/schemas/{model}"
_PROGRAM = "Program"
_NOTHING = "Nothing"
_IDS = {
    "pid": ("A participant's id.", TypeAdapter(ParticipantId).json_schema()),
    "code": ("The code of a definition.", {"type": "string", "minLength": 1}),
    "reward": ("A reward's id.", {"type": "string", "minLength": 1}),
    "operation": ("An operation's id.", {"type": "string", "minLength": 1}),
    "at": ("Facts that occurred up to then.", {"type": "string", "format": "date-time"}),
    "known_at": ("Facts recorded up to then.", {"type": "string", "format": "date-time"}),
}
"""What the ids of paths are."""


def document() -> Json:
    """The whole document; OpenAPI 3.1."""
    refs, schemas = _schemas()
    paths: dict[str, Json] = {}
    for route in ROUTES:
        for path, method, operation in _operations(route, refs):
            paths.setdefault(path, {})[method] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "gamify",
            "version": __version__,
            "summary": "Participants of a gamification platform, and what they earn.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": wire.BASE}],
        "security": [{parts.SCHEME: []}],
        "tags": [{"name": name} for name in dict.fromkeys(_tag(route) for route in ROUTES)],
        "paths": paths,
        "components": parts.components(schemas, TypeAdapter(Key).json_schema()),
    }


class _Refs:
    """References to the schemas of the document."""

    def __init__(self, found: Mapping[Any, Json]) -> None:
        self._found = found

    def body(self, name: str) -> Json:
        """The schema of a request body."""
        return self._found[_body_model(name), "validation"]

    def answer(self, name: str) -> Json:
        """The schema of an answer."""
        return self._found[OUTPUTS[name], "serialization"]


def _schemas() -> tuple[_Refs, Json]:
    """All schemas by their names, and references to them."""
    bodies = {route.body for route in ROUTES if route.body}
    wanted: list[tuple[type[BaseModel], Mode]] = [
        *((_body_model(name), "validation") for name in sorted(bodies)),
        *((OUTPUTS[route.answers], "serialization") for route in ROUTES),
        *((OUTPUTS[name], "serialization") for name in ("error", "profile")),
    ]
    found, definitions = models_json_schema(
        list(dict.fromkeys(wanted)), schema_generator=Untitled, ref_template=_REF
    )
    return _Refs(found), definitions["$defs"]


def _body_model(name: str) -> type[BaseModel]:
    model: type[BaseModel] = ProgramFile if name == _PROGRAM else getattr(inputs, name)
    return model


def _operations(route: Route, refs: _Refs) -> list[tuple[str, str, Json]]:
    """The path, the method and the operation of a route and of what goes with it."""
    found = [(route.path, route.method.lower(), _operation(route, refs))]
    if route.is_write:
        rehearsal = _operation(route, refs, dry_run=True)
        found.append((wire.DRY_RUN + route.path, "post", rehearsal))
    if route.any_time:
        found += [
            (before + route.path, "get", _operation(route, refs, past=name))
            for name, before in wire.PASTS.items()
        ]
    return found


def _operation(route: Route, refs: _Refs, *, dry_run: bool = False, past: str = "") -> Json:
    name, title = route.name, route.name.replace("_", " ").capitalize()
    if dry_run:
        name, title = f"dry_run_{name}", f"{title}: rehearse it, write nothing"
    if past:
        name, title = f"{past}_{name}", f"{title}, {past.replace('_', ' ')} a time"
    operation: Json = {
        "operationId": name,
        "summary": title,
        "tags": [_tag(route)],
        "parameters": _parameters(route, past),
        "responses": _responses(route, refs, dry_run=dry_run),
    }
    if route.scope == "admin":
        operation["description"] = "Needs a key with the scope admin."
    if route.body:
        operation["requestBody"] = {
            "required": route.body != _NOTHING,
            "content": parts.content(refs.body(route.body), EXAMPLES.get(route.body)),
        }
    return operation


def _tag(route: Route) -> str:
    return route.path.split("/")[1]


def _parameters(route: Route, past: str) -> list[Json]:
    path = wire.PASTS.get(past, "") + route.path
    found = [
        {"name": name, "in": "path", "required": True, "description": about, "schema": schema}
        for name, (about, schema) in _IDS.items()
        if f"{{{name}}}" in path
    ]
    found += [_query(query) for query in route.query]
    if route.is_write:
        found += [parts.parameter(name) for name in ("IdempotencyKey", "Command", "Operation")]
    if route.name == "create_participant":
        found.append(parts.parameter("IfNoneMatch"))
    if route.name == "update_participant":
        found.append(parts.parameter("IfMatch"))
    return found


def _query(query: Query) -> Json:
    schema = query.schema
    if query.most > 1:
        schema = {"type": "array", "items": schema, "maxItems": query.most}
        if query.is_needed:
            schema["minItems"] = 1
    found = {"name": query.name, "in": "query", "description": query.about, "schema": schema}
    return found | {"required": True} if query.is_needed else found


def _responses(route: Route, refs: _Refs, *, dry_run: bool) -> Json:
    """Every status that a call may answer."""
    schema, example = refs.answer(route.answers), EXAMPLES.get(route.answers)
    headers = list(parts.ALWAYS)
    status = route.status
    if dry_run:
        status, example = 200, None
        schema = _rehearsal(route, schema, refs)
    elif route.is_write:
        headers += parts.OF_WRITES
    done = {
        "description": "What a real call would lead to." if dry_run else "Done.",
        "headers": parts.headers(headers),
        "content": parts.content(schema, example),
    }
    return {str(status): done, **parts.refusals(_refusals(route))}


def _refusals(route: Route) -> list[int]:
    statuses = [400, 401, 429, 500, 503]
    if route.scope == "admin":
        statuses.append(403)
    if _names_something(route):
        statuses.append(404)
    if route.is_write:
        statuses += [409, 410]
    if route.body:
        statuses += [413, 415]
    return sorted(statuses)


def _names_something(route: Route) -> bool:
    """Whether a call names what may not be there."""
    model = _body_model(route.body) if route.body else None
    in_body = model and any(name.endswith("_code") for name in model.model_fields)
    return bool("{" in route.path or in_body or route.answers in ("program", "operations"))


def _rehearsal(route: Route, answer: Json, refs: _Refs) -> Json:
    """A dry run's answer; the profiles before and after, where one participant is meant."""
    names_one = route.body and "participant_id" in _body_model(route.body).model_fields
    is_of_one = names_one or "{pid}" in route.path
    state: Json = refs.answer("profile") if is_of_one else {"type": "object"}
    beside: Json = {"anyOf": [state, {"type": "null"}]}
    outcome: Json = {"type": "string", "enum": list(get_args(Outcome))}
    members = {"outcome": outcome, "answer": answer, "before": beside, "after": beside}
    return {
        "type": "object",
        "properties": members,
        "required": list(members),
        "additionalProperties": False,
    }
