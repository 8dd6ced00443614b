"""What goes to stdout: the one place that knows the chosen format, fields and colour."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Any

from gamify_cli.domain.shapes import Shape
from gamify_cli.errors import UsageError
from gamify_cli.render import machine
from gamify_cli.render.fields import pick, tree
from gamify_cli.render.rows import WholeRows

Body = dict[str, Any]


class Output:
    """Shows bodies of one shape on stdout."""

    def __init__(
        self,
        shape: Shape,
        format_: str,
        fields: Sequence[str],
        color: str,
        jq: str | None = None,
    ) -> None:
        """`format_` is one of `defaults.FORMATS`, `fields` paths in the shape, none for all.

        Raises UsageError for an unknown field, for ids where the shape has none, and for an
        expression `jq` that is none.
        """
        auto = "table" if sys.stdout.isatty() else "json"
        self.format = auto if format_ == "auto" else format_
        if shape.rows and self.format != "json":
            shape = shape.rows
        for path in fields:
            shape.check(path)
        if format_ == "ids" and not shape.has_ids:
            raise UsageError("this command has no ids to print", hint="choose another --output")
        self._shape = shape
        self._fields = fields
        self._tree = tree(fields)
        self._color = color
        self._out = WholeRows(sys.stdout)
        self._filter = None if jq is None else _filter(jq)

    def one(self, body: Body, *, present: Sequence[str] = ()) -> None:
        """Show the one body that was asked for by name."""
        if self._filter:
            self._filter.one(self._out, self._chosen(body))
        elif self.format == "table":
            self._tables().one(pick(self._tree, body), self._fields)
        else:
            columns = self._columns(present)
            machine.write_one(self._out, self.format, self._chosen(body), columns)

    def many(self, bodies: Iterable[Body], *, present: Sequence[str] = ()) -> None:
        """Show a stream of bodies; `present` names the members that a partial shape has.

        Nothing is written before there is a first body, or none: what fails at once leaves
        stdout empty.
        """
        bodies = iter(bodies)
        bodies = chain(tuple(islice(bodies, 1)), bodies)
        with self._out.listening():
            self._many(bodies, present)

    def _many(self, bodies: Iterable[Body], present: Sequence[str]) -> None:
        if self.format == "table":
            columns = self._fields or self._present(self._shape.table, present)
            self._tables().many(bodies, columns, chosen=bool(self._fields))
            return
        chosen = map(self._chosen, bodies)
        if self._filter:
            self._filter.many(self._out, self.format, chosen)
        else:
            machine.write_many(self._out, self.format, chosen, self._columns(present))

    def stream(self, groups: Iterable[Sequence[Body]]) -> None:
        """Show a long stream of bodies that comes in groups; members may be `jsontext.Kept`."""
        from gamify_cli.render import bulk

        groups = iter(groups)
        groups = chain(tuple(islice(groups, 1)), groups)
        if self._fields or self._filter:
            self.many(map(bulk.opened, chain.from_iterable(groups)))
        elif self.format not in ("json", "jsonl"):
            self.many(chain.from_iterable(groups))
        else:
            with self._out.listening():
                bulk.write_groups(self._out, self.format, groups)

    def texts(self, texts: Iterable[str]) -> None:
        """Show whole lines as they are."""
        texts = iter(texts)
        texts = chain(tuple(islice(texts, 1)), texts)
        with self._out.listening():
            for text in texts:
                self._out.write(text)

    def hold(self) -> None:
        """Hear no Ctrl-C until all is told that is done, at `end_group`; a second one is heard."""
        self._out.hold()

    def end_group(self) -> None:
        """Let what was shown go to its reader."""
        self._out.flush()
        self._out.release()

    def number(self, value: int) -> None:
        """Show a single number, the same in every format."""
        if self._filter:
            self._filter.one(self._out, value)
        else:
            print(value)

    def _chosen(self, body: Body) -> Body:
        if not self._tree or self.format == "ids":
            return body
        chosen: Body = pick(self._tree, body)
        return chosen

    def _columns(self, present: Sequence[str]) -> Sequence[str]:
        return self._fields or self._present(self._shape.fields, present)

    def _present(self, fields: Sequence[str], present: Sequence[str]) -> Sequence[str]:
        if not present:
            return fields
        kept = ("participant_id", *present)
        return [path for path in fields if path.split(".")[0] in kept]

    def _tables(self) -> Any:
        from gamify_cli.render.tables import Tables

        return Tables(self._shape, wants_color(self._color, sys.stdout.isatty()))


def _filter(expression: str) -> Any:
    from gamify_cli.render.filter import Filter

    return Filter(expression)


def wants_color(choice: str, is_terminal: bool) -> bool:
    """Whether escape codes may be written; an option wins over the environment."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal and os.environ.get("TERM") != "dumb"
