"""What one program changes in another, and what becomes of the definitions that it drops."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from gamify_cli.domain.jsontext import canonical, compact
from gamify_cli.domain.program import KINDS, SETTINGS, key_of

Document = Mapping[str, Any]

_WHOLE = ("added", "dropped")


class Change(NamedTuple):
    """One difference: a definition `added` or `dropped`, a value `changed`, a list `reordered`.

    `kind` is a list of the document, or "settings"; `code` names the definition, `member` its
    value. `before` and `after` are whole definitions, values, or the codes in their order.
    """

    change: str
    kind: str
    code: str | None
    member: str | None
    before: Any
    after: Any

    @property
    def body(self) -> dict[str, Any]:
        """The change as it is shown, with whole definitions in a member of their own."""
        shown = self._asdict()
        if self.change in _WHOLE:
            whole = self.before if self.after is None else self.after
            return shown | {"before": None, "after": None, "definition": whole}
        return shown | {"definition": None}

    @property
    def text(self) -> str:
        """The change in a line."""
        if self.change in _WHOLE:
            return f"{self.kind} {self.code}: {self.change}"
        named = self.member if self.kind == "settings" else f"{self.kind} {self.code} {self.member}"
        if self.change == "reordered":
            named = f"order of {self.kind}"
        return f"{named}: {compact(self.before)} → {compact(self.after)}"


def changes(before: Document, after: Document) -> list[Change]:
    """Every difference, in the order of the document; none between equal programs."""
    found = [*_values("settings", None, SETTINGS, before, after)]
    for kind in KINDS:
        found += _definitions(kind, _by_code(kind, before), _by_code(kind, after))
    return found


def succeed(before: Document, after: Document) -> dict[str, Any]:
    """The document `after` with the definitions that it drops, and those dropped before it."""
    inactive = {}
    for kind in KINDS:
        known = {**_by_code(kind, before.get("inactive", {})), **_by_code(kind, before)}
        kept = _by_code(kind, after)
        inactive[kind] = [entry for code, entry in known.items() if code not in kept]
    return {**after, "inactive": inactive}


def _by_code(kind: str, document: Document) -> dict[str, Document]:
    return {entry[key_of(kind)]: entry for entry in document.get(kind, ())}


def _definitions(
    kind: str, before: Mapping[str, Document], after: Mapping[str, Document]
) -> Iterator[Change]:
    for code, entry in before.items():
        if code not in after:
            yield Change("dropped", kind, code, None, entry, None)
    for code, entry in after.items():
        if code in before:
            yield from _values(kind, code, tuple(entry), before[code], entry)
        else:
            yield Change("added", kind, code, None, None, entry)
    old = [code for code in before if code in after]
    new = [code for code in after if code in before]
    if old != new:
        yield Change("reordered", kind, None, None, old, new)


def _values(
    kind: str, code: str | None, members: tuple[str, ...], before: Document, after: Document
) -> Iterator[Change]:
    for member in members:
        old, new = before.get(member), after.get(member)
        # As texts, because true equals 1 and 1.0 equals 1 for Python.
        if canonical(old) != canonical(new):
            yield Change("changed", kind, code, member, old, new)
