"""Long streams of JSON: a group of lines at a time, at the speed of the machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from gamify_cli.domain.jsontext import Kept, compact, stored
from gamify_cli.render.escape import escape_json
from gamify_cli.render.rows import WholeRows

Body = dict[str, Any]

_DELETE = b"\x7f"


def opened(body: Body) -> Body:
    """A body with the values of what was kept as text."""
    return {name: stored(v) if isinstance(v, Kept) else v for name, v in body.items()}


def write_groups(out: WholeRows, format_: str, groups: Iterable[Sequence[Body]]) -> None:
    """Bodies in groups, as `machine.write_many` has them; format_ is json or jsonl.

    A number with a fraction is written by the way of `jsontext.Kept` alone.
    """
    if format_ == "jsonl":
        for group in groups:
            out.write(lines(group))
        return
    opening, ending = "[", "[]\n"
    try:
        for group in groups:
            text, opening, ending = opening + lines(group, ","), ",", "]\n"
            out.write(text)
    finally:
        out.write(ending)


def lines(bodies: Iterable[Body], between: str = "") -> str:
    """Each body as a line, all but the last followed by what stands between two."""
    return f"\n{between}".join(map(_line, bodies)) + "\n"


def _line(body: Body) -> str:
    try:
        line = orjson.dumps(body, _as_it_is, orjson.OPT_PASSTHROUGH_SUBCLASS)
    except (TypeError, UnicodeEncodeError):
        # An integer of more than 64 bits, or half of a character.
        return escape_json(compact(opened(body)))
    # Where there is nothing but ASCII, JSON itself has spelt out all that acts, except this.
    if line.isascii() and _DELETE not in line:
        return line.decode("ascii")
    return escape_json(line.decode())


def _as_it_is(kept: Kept) -> orjson.Fragment:
    """What orjson asks for, since a Kept is no plain text."""
    return orjson.Fragment(kept.encode())
