"""Calls on participants: the documented four, and what administration adds."""

from __future__ import annotations

from gamify_cli import wire
from gamify_cli.backend import Answer, Body, HistoryQuery, ListQuery, Page, only
from gamify_cli.backend.whole import Backend
from gamify_cli.domain.explain.asked import asked_by
from gamify_cli.errors import GamifyError, UsageError
from gamify_cli.server.calls import Call

_FIRST_PAGE, _PAGE_SIZE = 1, 20


def create(backend: Backend, call: Call) -> Answer:
    own = {name: value for name, value in call.body.items() if name != "participant_id"}
    return backend.participants.create(
        call.participant_id, own, call.write, if_not_exists=call.only_if_new
    )


def get(backend: Backend, call: Call) -> Body:
    return only(backend.participants.profiles([call.pid], call.when))


def several(backend: Backend, call: Call) -> Body:
    ids, include = call.query["id"], call.query["include"]
    if include is None:
        each = backend.participants.profiles(ids, call.when)
    else:
        each = backend.participants.states(ids, include, call.when)
    return {"results": [_found(one) for one in each]}


def _found(one: Body | GamifyError) -> Body:
    if isinstance(one, GamifyError):
        return {"ok": False, **wire.error_body(one)}
    return {"ok": True, "participant": one}


def update(backend: Backend, call: Call) -> Answer:
    return backend.participants.update(call.pid, call.body, call.write, if_match=call.version)


def state(backend: Backend, call: Call) -> Body:
    return only(backend.participants.states([call.pid], call.query["include"], call.when))


def activate(backend: Backend, call: Call) -> Answer:
    return backend.participants.set_active(call.pid, True, call.write)


def deactivate(backend: Backend, call: Call) -> Answer:
    return backend.participants.set_active(call.pid, False, call.write)


def erase(backend: Backend, call: Call) -> Answer:
    return backend.participants.erase(call.pid, call.body.get("new_id", False), call.write)


def bundle(backend: Backend, call: Call) -> Body:
    return backend.participants.bundle(call.pid)


def list_(backend: Backend, call: Call) -> Body:
    asked = call.query
    sort, descending = asked["sort"]
    query = ListQuery(
        text=asked["q"],
        attributes=dict(asked["attr"]),
        tier=asked["tier"],
        where=asked["where"],
        seen_before=asked["seen_before"],
        active=asked["active"],
        sort=sort,
        descending=descending,
        after=asked["after"],
        limit=asked["limit"],
    )
    settling = call.write._replace(operation=call.write.operation._replace(shared=True))
    if asked["count"]:
        return {"count": backend.participants.count(query, settling)}
    return listed("participants", backend.participants.list(query, settling))


def history(backend: Backend, call: Call) -> Body:
    query = history_query(call, kinds=call.query["type"])
    return listed("facts", backend.participants.history(call.pid, query))


def explain(backend: Backend, call: Call) -> Body:
    return backend.participants.explain(call.pid, asked_by(call.query["of"], call.query["limit"]))


def diff(backend: Backend, call: Call) -> Body:
    return backend.participants.diff(call.pid, call.query["from"], call.query["to"])


def transactions(backend: Backend, call: Call) -> Body:
    kind = call.query["type"]
    query = history_query(call, kinds=() if kind is None else (kind,))
    page = backend.points.transactions(call.pid, query)
    return {"participant_id": call.pid, **paged("transactions", page, call)}


def events(backend: Backend, call: Call) -> Body:
    page = backend.events.list(call.pid, history_query(call), call.query["event_name"])
    return {"participant_id": call.pid, **paged("events", page, call)}


def history_query(call: Call, *, kinds: tuple[str, ...] = ()) -> HistoryQuery:
    """What of a history is asked for."""
    names = ("since", "until", "before", "limit")
    return HistoryQuery(kinds=kinds, **{name: call.query[name] for name in names})


def listed(name: str, page: Page) -> Body:
    """All rows of a page under a name, and the cursor that goes on."""
    rows, following = _rows(page)
    return {name: rows, "next": following}


def paged(name: str, page: Page, call: Call) -> Body:
    """Rows up to a limit with the cursor that goes on, or one page out of all by its number."""
    asked = call.query
    if asked["limit"] is not None:
        if asked["page"] is not None or asked["page_size"] is not None:
            raise UsageError("limit goes with cursors, not with page and page_size")
        return listed(name, page)
    number, size = asked["page"] or _FIRST_PAGE, asked["page_size"] or _PAGE_SIZE
    skipped, total, rows = (number - 1) * size, 0, []
    for total, row in enumerate(page, 1):
        if skipped < total <= skipped + size:
            rows.append(row)
    return {name: rows, "total": total, "page": number, "page_size": size}


def _rows(page: Page) -> tuple[list[Body], str | None]:
    rows = []
    try:
        while True:
            rows.append(next(page))
    except StopIteration as end:
        return rows, end.value
