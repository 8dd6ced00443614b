"""From a request to an answer: access, checks, the handler, the reply, and a note of it all."""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from functools import partial
from typing import Any, NamedTuple

from gamify_cli import wire
from gamify_cli.backend import Answer, Body, KeyRecord, When
from gamify_cli.backend.whole import Served
from gamify_cli.domain import jsontext, vocabulary
from gamify_cli.errors import (
    GamifyError,
    InternalError,
    RateLimited,
    StoreError,
    Unavailable,
    UsageError,
    WrongMethod,
)
from gamify_cli.server import access, bodies, queries
from gamify_cli.server.bodies import Receive
from gamify_cli.server.calls import Call, write_of
from gamify_cli.server.observe import Seen
from gamify_cli.server.routes import Route
from gamify_cli.server.service import Service

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_GZIP_FROM, _GZIP_LEVEL = 2_048, 6
"""Bytes of a body from which compressing it pays, and how hard to try."""

_SINGLE = (
    b"x-api-key",
    b"idempotency-key",
    b"if-match",
    b"if-none-match",
    b"content-type",
    b"content-length",
    b"content-encoding",
    b"gamify-command",
    b"gamify-operation",
    b"host",
)


class Reply(NamedTuple):
    """A status, a body, and headers beside the usual ones."""

    status: int
    body: bytes
    headers: list[tuple[bytes, bytes]]
    media: bytes = b"application/json"


class Variant(NamedTuple):
    """A route as it is called: for real, as a dry run, or in the `past`, by one of wire.PASTS."""

    route: Route
    dry_run: bool = False
    past: str = ""

    @property
    def name(self) -> str:
        """How metrics name it."""
        prefix = "dry_run_" if self.dry_run else f"{self.past}_" if self.past else ""
        return prefix + self.route.name

    @property
    def changes(self) -> bool:
        """Whether it can change anything."""
        return self.route.is_write and not self.dry_run

    @property
    def is_quick(self) -> bool:
        """Whether it reads by key alone."""
        return self.route.quick and not self.past


class Request:
    """What is known of a request so far; what is not yet is None."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.receive = receive
        self.id = os.urandom(8).hex()
        self.started = time.perf_counter()
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.twice = len(self.headers) != len(scope["headers"])
        length = self.headers.get(b"content-length", b"0")
        self.has_rest = length != b"0" or b"transfer-encoding" in self.headers
        self.key: KeyRecord | None = None
        self.quota: access.Quota | None = None
        self.operation: str | None = None


class Endpoint:
    """Answers every method of one path, as an ASGI application."""

    def __init__(self, service: Service, methods: Mapping[str, Variant]) -> None:
        self._service = service
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        variant = self._methods.get("GET" if scope["method"] == "HEAD" else scope["method"])
        try:
            if request.twice:
                _require_single(scope["headers"])
            if variant is None:
                raise wrong_method(scope["method"], self._methods)
            reply = await self._answer(request, variant)
        except Exception as error:
            reply = refusal(self._service, request, error)
        await respond(self._service, request, variant.name if variant else "", reply, send)

    async def _answer(self, request: Request, variant: Variant) -> Reply:
        route = variant.route
        if variant.is_quick:
            answer = partial(self._answer_quickly, request, variant)
            return await self._service.quick(answer)  # type: ignore[no-any-return]
        key = await self._service.quick(partial(self._admit, request, route))
        raw = b""
        if route.body:
            raw = await bodies.read(request.headers, request.receive)
            request.has_rest = False
        call = _call(request, key, variant, raw)
        return _reply(variant, call, await self._run(variant, call))

    def _answer_quickly(self, request: Request, variant: Variant, backend: Served) -> Reply:
        key = self._admit(request, variant.route, backend)
        call = _call(request, key, variant)
        return _reply(variant, call, variant.route.handler(backend, call))

    def _admit(self, request: Request, route: Route, backend: Served) -> KeyRecord:
        """The key of the caller, who may make this call; raises Unauthorized and others."""
        key = request.key = self._service.caller(backend, request.headers)
        quota = request.quota = self._service.quotas.take(key)
        if quota:
            quota.require()
        access.require_scope(key, route.scope)
        return key

    async def _run(self, variant: Variant, call: Call) -> Answer | Body:
        if variant.changes and self._service.needs_keys and call.write.idempotency_key is None:
            write = call.write._replace(idempotency_key=os.urandom(16).hex())
            call = call._replace(write=write)

        def work(one: Served) -> Answer | Body:
            return variant.route.handler(one, call)

        run = self._service.write if variant.changes else self._service.read
        return await run(work)  # type: ignore[no-any-return]


def refusal(service: Service, request: Request, error: BaseException) -> Reply:
    """What an error looks like to the client; what it must not see goes to the log."""
    shown = error if isinstance(error, GamifyError) else InternalError("internal error")
    headers = []
    if shown is not error:
        service.observer.failed(request.id, error)
    elif isinstance(error, StoreError | Unavailable) and not isinstance(error, RateLimited):
        service.observer.failed(request.id, error)
        shown = Unavailable("the store cannot answer now; try again")
        headers.append((b"retry-after", b"1"))
    if isinstance(error, WrongMethod):
        headers.append((b"allow", error.allowed.encode()))
    if isinstance(error, RateLimited):
        headers.append((b"retry-after", b"%d" % error.retry_after))
    body = jsontext.compact(wire.error_body(shown)).encode(errors="backslashreplace")
    return Reply(shown.http_status, body, headers)


async def respond(service: Service, request: Request, route: str, reply: Reply, send: Send) -> None:
    """Send a reply, and note it."""
    body, headers = reply.body, [(b"content-type", reply.media), *reply.headers]
    if len(body) >= _GZIP_FROM:
        headers.append((b"vary", b"accept-encoding"))
        if b"gzip" in request.headers.get(b"accept-encoding", b""):
            headers.append((b"content-encoding", b"gzip"))
            body = gzip.compress(body, _GZIP_LEVEL, mtime=0)
    headers.append((b"content-length", b"%d" % len(body)))
    headers.append((b"x-request-id", request.id.encode()))
    if request.quota:
        headers += request.quota.headers()
    if request.has_rest:
        # Else a client could send for ever what nobody will read.
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": request.has_rest})
    _note(service, request, route, reply.status, len(body))
    if request.has_rest:
        await bodies.drain(request.receive)
        await send({"type": "http.response.body"})


def _note(service: Service, request: Request, route: str, status: int, size: int) -> None:
    method, observer = request.scope["method"], service.observer
    seconds = time.perf_counter() - request.started
    observer.count(method, route, status, seconds)
    if observer.logs:
        observer.log(
            Seen(
                at=time.time_ns() // 1_000,
                request_id=request.id,
                method=method,
                path=request.scope["path"],
                status=status,
                seconds=seconds,
                bytes=size,
                key_id=request.key.key_id if request.key else None,
                operation=request.operation,
            )
        )


def _call(request: Request, key: KeyRecord, variant: Variant, raw: bytes = b"") -> Call:
    """What was asked, every part of it checked."""
    route, scope, headers = variant.route, request.scope, request.headers
    ids = {name: wire.value_of(raw) for name, raw in scope["path_params"].items()}
    if "pid" in ids:
        vocabulary.participant_id(ids["pid"])
    when = When(**{name: queries.bound(ids.pop(name)) for name in When._fields if name in ids})
    query = queries.read(route.query, scope["query_string"])
    if variant.is_quick:
        return Call(ids, query, {}, raw, headers)
    body = bodies.checked(route.body, raw, headers) if route.body else {}
    told = f"{scope['method']} {route.path}"
    is_on_one = "pid" in ids or "participant_id" in body
    write = write_of(headers, key, told, body, dry_run=variant.dry_run, is_on_one=is_on_one)
    if variant.changes:
        request.operation = write.operation.operation
    return Call(ids, query, body, raw, headers, when, write)


def _reply(variant: Variant, call: Call, result: Answer | Body) -> Reply:
    headers: list[tuple[bytes, bytes]] = []
    if not isinstance(result, Answer):
        return Reply(variant.route.status, jsontext.compact(result).encode(), headers)
    if variant.dry_run:
        return Reply(200, jsontext.compact(wire.rehearsal(result)).encode(), headers)
    headers.append((b"gamify-outcome", result.outcome.encode()))
    headers.append((b"x-operation-id", call.write.operation.operation.encode()))
    if result.outcome == "replayed":
        headers.append((b"idempotency-replayed", b"true"))
    return Reply(variant.route.status, jsontext.compact(result.body).encode(), headers)


def wrong_method(method: str, known: Iterable[str]) -> WrongMethod:
    """The refusal of a method that a path does not take; HEAD goes with GET."""
    taken = sorted(known)
    message = f"the path takes {', '.join(taken)}, not {method}"
    return WrongMethod(message, allowed=", ".join(taken).replace("GET", "GET, HEAD"))


def _require_single(headers: list[tuple[bytes, bytes]]) -> None:
    """Raise UsageError where one of two values would be chosen by chance."""
    names = [name for name, _ in headers]
    for name in _SINGLE:
        if names.count(name) > 1:
            raise UsageError(f"the header {name.decode()} came twice")
