"""What the kinds of databases spell in different ways; used at generation and in composed lists.

JSON is text in every table, so that its members keep their order and its numbers their digits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Insert, Text, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

INSERTS: dict[str, Callable[..., Any]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}

TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""A text that compares by its code points."""


class Upsert:
    """An INSERT that says what to do where the row is there; made for each kind by `make`."""

    def __init__(self, make: Callable[[Any], Insert]) -> None:
        self.make = make


class _Elements(FunctionElement[Any]):
    inherit_cache = True


class _Members(FunctionElement[Any]):
    inherit_cache = True


class _Member(FunctionElement[Any]):
    inherit_cache = True


class _Number(FunctionElement[int]):
    inherit_cache = True
    type = BigInteger()


class _Moment(FunctionElement[str]):
    inherit_cache = True
    type = Text()


def elements(array: ColumnElement[Any], name: str | None = None) -> Any:
    """The texts in a JSON array, as rows of `value`."""
    return _Elements(array).table_valued("value", name=name)


def members(document: ColumnElement[Any], path: str | None, name: str) -> Any:
    """What is in a JSON object, or in its member `path`, as rows of `key` and `value`."""
    chosen = () if path is None else (_text(path),)
    return _Members(document, *chosen).table_valued("key", "value", name=name)


def member(document: ColumnElement[Any], name: str) -> ColumnElement[Any]:
    """A text in a JSON object."""
    return _Member(document, _text(name))


def number(value: ColumnElement[Any]) -> ColumnElement[int]:
    """An integer that came out of JSON."""
    return _Number(value)


def moment(instant: ColumnElement[Any]) -> ColumnElement[str]:
    """Microseconds as people write an instant."""
    return _Moment(instant)


def _text(text: str) -> ColumnElement[str]:
    return literal_column(f"'{text}'")


def _parts(element: FunctionElement[Any], compiler: SQLCompiler, **kw: Any) -> list[str]:
    return [compiler.process(one, **kw) for one in element.clauses]


@compiles(_Elements, "sqlite")
def _(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_each({_parts(element, compiler, **kw)[0]})"


@compiles(_Elements, "postgresql")
def _(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_array_elements_text(CAST({_parts(element, compiler, **kw)[0]} AS JSON))"


@compiles(_Members, "sqlite")
def _(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    document, *path = _parts(element, compiler, **kw)
    return f"json_each({document}, '$.' || {path[0]})" if path else f"json_each({document})"


@compiles(_Members, "postgresql")
def _(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    document, *path = _parts(element, compiler, **kw)
    chosen = "".join(f" -> {one}" for one in path)
    return f"json_each_text(CAST({document} AS JSON){chosen})"


@compiles(_Member, "sqlite")
def _(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    document, name = _parts(element, compiler, **kw)
    return f"json_extract({document}, '$.' || {name})"


@compiles(_Member, "postgresql")
def _(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    document, name = _parts(element, compiler, **kw)
    return f"(CAST({document} AS JSON) ->> {name})"


@compiles(_Number, "sqlite")
@compiles(_Number, "postgresql")
def _(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST({_parts(element, compiler, **kw)[0]} AS BIGINT)"


@compiles(_Moment, "sqlite")
def _(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    instant = _parts(element, compiler, **kw)[0]
    return f"strftime('%Y-%m-%dT%H:%M:%SZ', {instant} / 1000000, 'unixepoch')"


@compiles(_Moment, "postgresql")
def _(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    instant = _parts(element, compiler, **kw)[0]
    at = f"to_timestamp({instant} / 1000000) AT TIME ZONE 'UTC'"
    return f'to_char({at}, \'YYYY-MM-DD"T"HH24:MI:SS"Z"\')'
