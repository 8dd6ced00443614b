"""The programs of a server, by version."""

from __future__ import annotations

from collections.abc import Iterator

from gamify_cli import wire
from gamify_cli.backend import Answer, Body, Operation, SimulatedPart, Write
from gamify_cli.domain.instants import Instant
from gamify_cli.errors import NotFound
from gamify_cli.remote.calls import LARGEST, Calls

_PATH = "/admin/program"
_SIMULATE = f"{_PATH}/simulate"
_ADDED = ("version", "applied_at", "operation")
"""What a version has beside its document."""

_AT_A_TIME = 50
"""Versions in one answer; each is a whole program."""


class ProgramCalls:
    """Implements `backend.Programs` by calls of a server."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def apply(self, document: Body, write: Write) -> Answer:
        answer = self._calls.write("PUT", _PATH, document, write, "applied")
        if write.dry_run or answer.outcome != "applied":
            return answer
        version = answer.body.get("version")
        if not isinstance(version, int):
            raise self._calls.incomplete(_PATH)
        before = self._document(version - 1) if version > 1 else {}
        return answer._replace(before=before, after=self._document(version))

    def compare(self, document: Body) -> Answer:
        write = Write(Operation("", "", ""), dry_run=True)
        return self._calls.write("PUT", _PATH, document, write, "applied")

    def simulate(self, document: Body, since: Instant | None) -> Iterator[SimulatedPart]:
        following: str | None = ""
        while following is not None:
            part = self.simulate_some(document, since, following)
            yield part
            following = part.following

    def simulate_some(self, document: Body, since: Instant | None, first: str) -> SimulatedPart:
        at = None if since is None else wire.time(since)
        body = self._calls.ask(_SIMULATE, document, {"since": at, "after": first or None})
        self._calls.rows(_SIMULATE, body, "changed")
        try:
            return wire.simulated(body)
        except KeyError:
            raise self._calls.incomplete(_SIMULATE) from None

    def at(self, version: int | None = None) -> Body:
        if version is not None and not 0 < version <= LARGEST:
            newest = self.at()["version"]
            raise NotFound(f"program version {version} not found", hint=f"newest is {newest}")
        return self._calls.get(_PATH, {"version": version})

    def versions(self) -> Iterator[Body]:
        yield from self._calls.page(f"{_PATH}/versions", {}, "programs", None, most=_AT_A_TIME)

    def _document(self, version: int) -> Body:
        return {name: value for name, value in self.at(version).items() if name not in _ADDED}
