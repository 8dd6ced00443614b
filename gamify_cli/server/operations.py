"""Calls on operations: what was done, and undoing it."""

from __future__ import annotations

from gamify_cli.backend import Answer, Body, OperationQuery
from gamify_cli.backend.whole import Backend
from gamify_cli.server.calls import Call
from gamify_cli.server.participants import listed


def list_(backend: Backend, call: Call) -> Body:
    query = OperationQuery(**{name: call.query[name] for name in OperationQuery._fields})
    return listed("operations", backend.operations.list(query))


def show(backend: Backend, call: Call) -> Body:
    return backend.operations.show(call.ids["operation"])


def undo(backend: Backend, call: Call) -> Answer:
    """One batch a call, so that no caller and no other write waits long."""
    on_short = str(call.body.get("on_short", "refuse"))
    return backend.operations.undo(call.ids["operation"], on_short, call.write)
