"""Request bodies from the command line: single options, whole JSON, files, stdin."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from gamify_cli.domain import jsontext, vocabulary
from gamify_cli.domain.decide import profile
from gamify_cli.errors import UsageError, nearest

Body = dict[str, Any]

CLEARABLE = ("display-name", "avatar-url", "attributes")


def profile_body(
    display_name: str | None,
    avatar_url: str | None,
    attributes: str | None,
    attr: Sequence[str],
    unset_attr: Sequence[str] = (),
    clear: Sequence[str] = (),
) -> Body:
    """The members of a participant's own data that the options give; raises UsageError."""
    body: Body = {}
    if display_name is not None:
        body["display_name"] = display_name
    if avatar_url is not None:
        body["avatar_url"] = avatar_url
    given = _attributes(attributes, attr, unset_attr)
    if given is not None:
        body["attributes"] = given
    for option in clear:
        if option not in CLEARABLE:
            message = f'--clear "{option}" is none of {", ".join(CLEARABLE)}'
            raise UsageError(message, hint=nearest(option, CLEARABLE))
        name = option.replace("-", "_")
        if body.get(name) is not None:
            raise UsageError(f"--clear {option} contradicts a value given for it")
        body[name] = None
    return profile.check(body)


def given(**members: Any) -> Body:
    """The members that are not None."""
    return {name: value for name, value in members.items() if value is not None}


def properties(whole: str | None, single: Sequence[str]) -> Body | None:
    """What an event brings, as JSON and one by one; None if nothing. Raises UsageError."""
    members = assignments("--property", single, written=True)
    base = json_object("--properties", whole, written=True)
    return members or None if base is None else {**base, **members}


def json_object(option: str, text: str | None, *, written: bool = False) -> Body | None:
    """A JSON object given in place or, after @, in a file; raises UsageError.

    `written` is that of `jsontext.loads`.
    """
    if text is None:
        return None
    content: str | bytes = read_file(text[1:]) if text.startswith("@") else text
    return jsontext.check_object(jsontext.loads(content, option, written=written), option)


def read(path: str, model: str, options: Body) -> Body:
    """The body in a file, as the named model of `domain.inputs` takes it.

    Raises UsageError if `options` give values, too, or the body is no good.
    """
    if options:
        raise UsageError("--input is the whole body, so it excludes options that give values")
    from gamify_cli.domain import inputs

    return profile.check(inputs.read(getattr(inputs, model), read_file(path)))


def program(file: str, *, consequence: str = "") -> Body:
    """The document in a program file, `-` for stdin; raises UsageError, FaultyFile."""
    from gamify_cli.domain import program_file

    return program_file.read(read_file(file), name(file), consequence=consequence)


def name(file: str) -> str:
    """What to call a file, `-` for stdin."""
    return "stdin" if file == "-" else file


def assignments(option: str, given: Sequence[str], *, written: bool = False) -> Body:
    """`k=text` and `k:=JSON` as members; raises UsageError for a name that comes twice.

    `written` is that of `jsontext.loads`.
    """
    members: Body = {}
    for text in given:
        name, value = _assignment(option, text, written=written)
        if name in members:
            raise UsageError(f'{option} gives "{name}" twice')
        members[name] = value
    return members


def read_file(path: str) -> bytes:
    """A request body from a file, `-` for stdin; raises UsageError if unreadable or over 1 MiB."""
    try:
        if path != "-":
            with Path(path).open("rb") as file:
                return _limited(file, path)
        if sys.stdin is None:
            raise UsageError("stdin is closed, so there is nothing to read")
        return _limited(sys.stdin.buffer, "stdin")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"cannot read {path}: {reason}") from error


def _limited(file: BinaryIO, name: str) -> bytes:
    content = file.read(vocabulary.MAX_BODY + 1)
    if len(content) > vocabulary.MAX_BODY:
        raise UsageError(f"{name} is longer than a body may be ({vocabulary.MAX_BODY:,} bytes)")
    return content


def _attributes(whole: str | None, attr: Sequence[str], unset: Sequence[str]) -> Body | None:
    members = assignments("--attr", attr)
    for name in unset:
        if name in members:
            raise UsageError(f'--attr and --unset-attr both name "{name}"')
        members[name] = None
    base = json_object("--attributes", whole)
    return members or None if base is None else {**base, **members}


def _assignment(option: str, text: str, *, written: bool) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    typed = name.endswith(":")
    name = name.removesuffix(":")
    if not equals or not name:
        raise UsageError(
            f'{option} "{text}" is no assignment', hint="write name=text or name:=JSON"
        )
    if typed:
        return name, jsontext.loads(value, f"{option} {name}", written=written)
    return name, value
