"""The formats that programs read: json, jsonl, csv, tsv, ids. One line at a time, never cut."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from gamify_cli.domain.jsontext import compact
from gamify_cli.render.escape import escape, escape_json
from gamify_cli.render.fields import cell
from gamify_cli.render.rows import WholeRows

Body = dict[str, Any]


def write_one(out: WholeRows, format_: str, body: Body, columns: Sequence[str]) -> None:
    """One body asked for by name; as json it is indented by 2."""
    if format_ == "json":
        out.write(escape_json_lines(json.dumps(body, ensure_ascii=False, indent=2)) + "\n")
    else:
        write_many(out, format_, iter((body,)), columns)


def write_many(
    out: WholeRows, format_: str, bodies: Iterable[Body], columns: Sequence[str]
) -> None:
    """A stream of bodies; as json an array with a body a line."""
    if format_ == "json":
        _write_array(out, iter(bodies))
    elif format_ == "jsonl":
        for body in bodies:
            out.write(escape_json(compact(body)) + "\n")
    elif format_ == "csv":
        _write_csv(out, bodies, columns)
    elif format_ == "tsv":
        out.write("\t".join(map(escape, columns)) + "\n")
        for body in bodies:
            out.write("\t".join(escape(cell(body, path)) for path in columns) + "\n")
    else:
        # Another program must get the very id; one that acts is spelt out for a person alone.
        spell = escape if out.isatty() else str
        for body in bodies:
            out.write(spell(body["participant_id"]) + "\n")


def escape_json_lines(text: str) -> str:
    """Indented JSON with its active characters escaped, its line breaks kept."""
    return "\n".join(map(escape_json, text.split("\n")))


def _write_array(out: WholeRows, bodies: Iterator[Body]) -> None:
    """A line is whole before the next body is asked for, whose error may go to the terminal."""
    opening, ending = "[", "[]\n"
    try:
        for body in bodies:
            row, opening, ending = f"{opening}{escape_json(compact(body))}\n", ",", "]\n"
            out.write(row)
    finally:
        out.write(ending)


def _write_csv(out: WholeRows, bodies: Iterable[Body], columns: Sequence[str]) -> None:
    import csv

    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(map(escape, columns))
    for body in bodies:
        writer.writerow([escape(cell(body, path)) for path in columns])
