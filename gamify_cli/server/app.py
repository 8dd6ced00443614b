"""The ASGI application: every path of the table, those that need no key, and the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from ipaddress import ip_address
from typing import Any

from starlette.routing import Route as Path
from starlette.routing import Router

from gamify_cli import wire
from gamify_cli.domain import jsontext
from gamify_cli.errors import GamifyError, NoRoute, RateLimited
from gamify_cli.server import access
from gamify_cli.server.bodies import Receive
from gamify_cli.server.endpoint import (
    Endpoint,
    Reply,
    Request,
    Scope,
    Send,
    Variant,
    refusal,
    respond,
    wrong_method,
)
from gamify_cli.server.routes import ROUTES
from gamify_cli.server.service import Service

MOST_RUNNING = 1_000
"""Requests at a time; more are refused."""


class Application:
    """Serves a store, as an ASGI application.

    Paths are routed as they came, before they are decoded, so that an id may hold a slash.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        own = [
            Path("/healthz", Plain(service, "healthz", _healthy)),
            Path("/readyz", Plain(service, "readyz", _ready)),
            Path("/metrics", Plain(service, "metrics", _metrics)),
        ]
        documents = [Path("/openapi.json", Plain(service, "openapi", _openapi))]
        self._router = Router(
            [*_paths(service), *own, *documents],
            redirect_slashes=False,
            default=Refusal(service, _unknown),
            lifespan=self._lifespan,
        )
        self._busy = Refusal(service, _overrun)
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._router(scope, receive, send)
            return
        scope["path"] = scope["raw_path"].decode("latin-1")
        self._running += 1
        try:
            app = self._router if self._running <= MOST_RUNNING else self._busy
            await app(scope, receive, send)
        finally:
            self._running -= 1

    @asynccontextmanager
    async def _lifespan(self, _app: Any) -> AsyncIterator[None]:
        self._service.start()
        yield
        await self._service.stop()


class Plain:
    """A path that needs no key."""

    def __init__(self, service: Service, name: str, answer: Any) -> None:
        self._service = service
        self._name = name
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            if scope["method"] not in ("GET", "HEAD"):
                raise wrong_method(scope["method"], ["GET"])
            reply = await self._answer(self._service, request)
        except Exception as error:
            reply = refusal(self._service, request, error)
        await respond(self._service, request, self._name, reply, send)


class Refusal:
    """Answers every request with an error."""

    def __init__(self, service: Service, error: Callable[[Scope], GamifyError]) -> None:
        self._service = service
        self._error = error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        reply = refusal(self._service, request, self._error(scope))
        await respond(self._service, request, "", reply, send)


def _paths(service: Service) -> list[Path]:
    """All routes; those that are called most come first, as they do in the table."""
    paths: dict[str, dict[str, Variant]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method] = Variant(route)
    for route in ROUTES:
        if route.is_write:
            paths.setdefault(wire.DRY_RUN + route.path, {})["POST"] = Variant(route, dry_run=True)
        if route.any_time:
            for name, before in wire.PASTS.items():
                paths.setdefault(before + route.path, {})["GET"] = Variant(route, past=name)
    return [Path(wire.BASE + path, Endpoint(service, methods)) for path, methods in paths.items()]


def _unknown(scope: Scope) -> GamifyError:
    return NoRoute(f"there is no {scope['path']} here")


def _overrun(_scope: Scope) -> GamifyError:
    return RateLimited("too many requests at a time", retry_after=1)


async def _healthy(_service: Service, _request: Request) -> Reply:
    return _json({"status": "ok"})


async def _ready(service: Service, _request: Request) -> Reply:
    await service.quick(lambda backend: backend.keys.find(""))
    return _json({"status": "ready"})


async def _openapi(_service: Service, _request: Request) -> Reply:
    return Reply(200, _document(), [])


@cache
def _document() -> bytes:
    from gamify_cli.server.openapi import document

    return jsontext.compact(document()).encode()


async def _metrics(service: Service, request: Request) -> Reply:
    client = request.scope.get("client")
    # Whoever comes through a proxy on this machine comes from loopback, too.
    if service.is_proxied or not (client and ip_address(client[0]).is_loopback):
        key = await service.quick(lambda backend: service.caller(backend, request.headers))
        access.require_scope(key, "admin")
    return Reply(200, service.observer.metrics(), [], b"text/plain; version=0.0.4; charset=utf-8")


def _json(body: Any) -> Reply:
    return Reply(200, jsontext.compact(body).encode(), [])
