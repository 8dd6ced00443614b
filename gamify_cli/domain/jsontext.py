"""Free JSON members (attributes, properties, metadata): strict in, compact out.

They are kept as compact text, so that the order of members and every digit of an integer
come back as they went in. Everything else about JSON is the standard library's.
"""

from __future__ import annotations

import json
import json.encoder
import os
from collections.abc import Callable, Sequence
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any, NoReturn, cast

from gamify_cli.errors import StoreError, UsageError

Json = Any

MAX_BYTES = 64 * 1024
MAX_DEPTH = 32
MAX_DIGITS = 1_000


def _encoder(spell: Callable[[str], str], *, is_sorted: bool) -> Callable[[Any, int], tuple[str]]:
    """What a JSONEncoder makes anew for each value, which takes longer than most values do."""
    make: Any = json.encoder.c_make_encoder  # type: ignore[attr-defined] # typeshed lacks it
    encoder = make(None, _NO_JSON, spell, None, ":", ",", is_sorted, False, True)
    return cast(Callable[[Any, int], tuple[str]], encoder)


_NO_JSON = json.JSONEncoder().default
_pieces = _encoder(encode_basestring, is_sorted=False)
_ordered_pieces = _encoder(encode_basestring_ascii, is_sorted=True)


class Written(float):
    """A number as a double, with the text that it was written as."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Checked(dict[str, Json]):
    """An object that `check_object` passed, with its compact text; nobody changes it."""

    __slots__ = ("text",)

    text: str


class Kept(str):
    """The compact text of a value in the place of the value, where nobody looks inside."""

    __slots__ = ()


def compact(value: Json) -> str:
    """The one-line form in which JSON is stored and streamed."""
    if type(value) is Checked:
        return value.text
    return encode_basestring(value) if type(value) is str else "".join(_pieces(value, 0))


def joined(value: dict[str, Json]) -> str:
    """The compact form of an object, sooner where some members were checked."""
    parts = [
        f"{encode_basestring(name)}:{member.text if type(member) is Checked else compact(member)}"
        for name, member in value.items()
    ]
    return "{" + ",".join(parts) + "}"


def exact(value: Json) -> str:
    """The compact form with each number as it was written."""
    if isinstance(value, Written):
        return value.text
    if isinstance(value, dict):
        members = (f"{compact(name)}:{exact(member)}" for name, member in value.items())
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(exact, value)) + "]"
    return compact(value)


def canonical(value: Json) -> str:
    """A form that is equal for equal requests, whatever the order of their members."""
    return "".join(_ordered_pieces(value, 0))


def stored(text: str) -> Json:
    """Read JSON that gamify itself wrote, so needs no checks; raises StoreError if damaged."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise StoreError(
            f"the store holds JSON that is damaged: {error}",
            hint="see where: gamify store verify",
        ) from error


def loads(text: str | bytes, what: str, *, written: bool = False) -> Json:
    """Read JSON from outside, bytes with or without a byte order mark; `what` names it in errors.

    Raises UsageError for broken JSON, duplicate members, NaN and infinities, numbers beyond
    a double, integers of more than 1,000 digits and lone surrogates. If `written` is set,
    numbers other than integers keep their text.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        value = (_WRITTEN if written else _PLAIN).decode(text)
        # A surrogate has no way into a text but its escape.
        if "\\ud" in text or "\\uD" in text:
            compact(value).encode("utf-8")
        return value
    except UnicodeDecodeError as error:
        raise UsageError(f"{what} is not UTF-8 (byte {error.start})") from None
    except UnicodeEncodeError:
        raise UsageError(f"{what} holds a lone surrogate, which is no character") from None
    except json.JSONDecodeError as error:
        raise UsageError(
            f"{what} is not JSON: {error.msg} at line {error.lineno} column {error.colno}"
        ) from None
    except RecursionError:
        raise UsageError(f"{what} is nested deeper than {MAX_DEPTH} levels") from None
    except _RefusedError as error:
        raise UsageError(f"{what} {error}") from None


def plain_objects(
    lines: Sequence[str], free: str, *, written: bool = False
) -> list[dict[str, Json]] | None:
    """The objects in lines, one each, in a fraction of the time; None where `loads` has to look.

    `free` names the one member that may hold an object: one that `check_object` takes, and that
    holds no other. All else in them is scalars and lists. `written` is that of `loads`.
    """
    mark = int.from_bytes(os.urandom(7), "big")
    text = "[" + f",{mark},".join(lines) + "]"
    # Without a backslash a quote is the end of a text or its beginning; without space before a
    # colon each name takes one `":`.
    if "\\" in text or " :" in text or "\t" in text or ("\r" in text and "\r:" in text):
        return None
    # A short line holds no long integer, and no object over the limit.
    if max(map(len, lines), default=0) > MAX_DIGITS:
        return None
    if "[" in text[1:] and max(line.count("[") for line in lines) > MAX_DEPTH - 2:
        return None
    try:
        values, end = (_WRITTEN_ONCE if written else _PLAIN_ONCE).raw_decode(text)
    except (ValueError, _RefusedError, RecursionError):
        return None
    found = values[::2]
    # Whatever a line begins or ends in the middle of another, no mark stands in its place then.
    if end != len(text) or len(found) != len(lines) or values[1::2] != [mark] * (len(lines) - 1):
        return None
    return found if _names_each_once(found, free, text) else None


def _names_each_once(values: list[Json], free: str, text: str) -> bool:
    """Whether these are objects with none below but the free ones, and no member came twice."""
    if any(type(value) is not dict for value in values):
        return False
    below = [value[free] for value in values if value.get(free) is not None]
    if any(type(one) is not dict for one in below):
        return False
    names = sum(map(len, values)) + sum(map(len, below))
    return text.count("{") == len(values) + len(below) and text.count('":') == names


def check_object(value: Json, what: str) -> Checked:
    """What is equal to `value`, if that may be kept as attributes (limits: api.md, JSON).

    Raises UsageError.
    """
    if type(value) is Checked:
        return value
    text = checked(value, what)
    kept = Checked(value)
    kept.text = text
    return kept


def checked(value: Json, what: str) -> str:
    """The compact text of what `check_object` takes; raises UsageError as that does."""
    if type(value) is Checked:
        return value.text
    if not isinstance(value, dict):
        raise UsageError(f"{what} must be a JSON object")
    try:
        text = "".join(_pieces(value, 0))
        # Most texts rule out by themselves what a walk would look for.
        if "\\u0000" in text or text.count("{") + text.count("[") > MAX_DEPTH:
            _walk(value, 1)
        size = len(text) if text.isascii() else len(text.encode("utf-8"))
    except _RefusedError as error:
        raise UsageError(f"{what} {error}") from None
    except RecursionError:
        raise UsageError(f"{what} is nested deeper than {MAX_DEPTH} levels") from None
    except UnicodeEncodeError:
        raise UsageError(f"{what} holds a lone surrogate, which is no character") from None
    if size > MAX_BYTES:
        raise UsageError(f"{what} is {size:,} bytes long; at most {MAX_BYTES:,} are kept")
    return text


def merge(target: Json, patch: Json) -> Json:
    """`target` after a JSON merge patch (RFC 7396): members replace, null removes."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


class _RefusedError(Exception):
    """Why a JSON text was refused; becomes a UsageError that names the text."""


def _members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        shown = twice.encode("utf-8", "backslashreplace").decode("utf-8")
        raise _RefusedError(f'has the member "{shown}" twice')
    return members


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        raise _RefusedError(f"has an integer of more than {MAX_DIGITS:,} digits")
    return int(digits)


def _number(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise _RefusedError(f"has the number {digits[:40]}, which is too large for a double")
    return number


def _written(digits: str) -> Written:
    _number(digits)
    return Written(digits)


def _constant(name: str) -> NoReturn:
    raise _RefusedError(f"has {name}, which is no JSON number")


def _walk(value: Json, depth: int) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise _RefusedError("holds the character U+0000")
    elif isinstance(value, dict | list):
        if depth > MAX_DEPTH:
            raise _RefusedError(f"is nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, dict):
            for name in value:
                _walk(name, depth)
        for member in value.values() if isinstance(value, dict) else value:
            _walk(member, depth + 1)


def _decoder(parse_float: Callable[[str], float]) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=_members,
        parse_int=_integer,
        parse_float=parse_float,
        parse_constant=_constant,
    )


_PLAIN = _decoder(_number)
_WRITTEN = _decoder(_written)
_PLAIN_ONCE = json.JSONDecoder(parse_float=_number, parse_constant=_constant)
_WRITTEN_ONCE = json.JSONDecoder(parse_float=_written, parse_constant=_constant)
"""They tell nothing of members that come twice."""
