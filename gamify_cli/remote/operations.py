"""The operations of a server."""

from __future__ import annotations

from gamify_cli.backend import Answer, Body, OperationQuery, Page, Write
from gamify_cli.domain import vocabulary
from gamify_cli.remote.calls import Calls, code_path

_LIST = "/admin/operations"


class OperationCalls:
    """Implements `backend.Operations` by calls of a server."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def list(self, query: OperationQuery) -> Page:
        one = query.participant_id
        asked = {
            "participant_id": None if one is None else vocabulary.participant_id(one),
            "after": query.after,
        }
        return self._calls.page(_LIST, asked, "operations", query.limit, cursor="after")

    def show(self, operation: str) -> Body:
        return self._calls.get(code_path(f"{_LIST}/{{code}}", "operation", operation))

    def undo(self, operation: str, on_short: str, write: Write) -> Answer:
        path = code_path(f"{_LIST}/{{code}}/undo", "operation", operation)
        return self._calls.write("POST", path, {"on_short": on_short}, write, "undone")
