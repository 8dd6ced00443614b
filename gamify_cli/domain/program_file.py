"""Reading a program file: TOML or JSON becomes a document, or all its faults with their lines."""

from __future__ import annotations

import json
import re
import tomllib
from copy import deepcopy
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gamify_cli.domain import jsontext, program_checks, program_lines
from gamify_cli.domain.program import ADDED
from gamify_cli.domain.program_input import ProgramFile
from gamify_cli.domain.program_values import TAGS
from gamify_cli.errors import FaultyFile, UsageError, nearest

Document = dict[str, Any]
Path = tuple[str | int, ...]
Fault = tuple[Path, str]

_SHOWN = 60
"""So many characters of a bad value stand in its message."""

_TYPES = {
    "int_type": "a whole number",
    "string_type": "text",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
}
_BOUNDS = {"greater_than_equal": ("least", "ge"), "less_than_equal": ("most", "le")}


def read(content: bytes, name: str, *, consequence: str = "") -> Document:
    """The normalised document in a program file called `name`.

    It is JSON if the name ends in .json or the text begins with a brace. Raises UsageError for
    what is no TOML or JSON at all, and FaultyFile with every fault; its message ends in
    `consequence`.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is not UTF-8 (byte {error.start})") from None
    is_json = name.endswith(".json") or text.lstrip().startswith("{")
    try:
        document, faults = _judge(_json(text, name) if is_json else _toml(text, name))
        lines = program_lines.of_json(text) if is_json else program_lines.of_toml(text)
    except _SyntaxError as error:
        raise _faulty(name, [(error.line, error.message)], consequence) from None
    except RecursionError:
        raise UsageError(f"{name} is nested too deep to read") from None
    if faults:
        placed = [(program_lines.nearest(lines, path), _told(path, one)) for path, one in faults]
        raise _faulty(name, sorted(placed, key=lambda fault: fault[0]), consequence)
    return document


class _SyntaxError(Exception):
    """Why a text is not TOML, and in which line."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def _json(text: str, name: str) -> Document:
    tables = jsontext.loads(text, name)
    if not isinstance(tables, dict):
        raise UsageError(f"{name} must be a JSON object")
    try:
        jsontext.compact(tables).encode("utf-8")
    except UnicodeEncodeError:
        raise UsageError(f"{name} holds a lone surrogate, which is no character") from None
    if tables.keys() >= ADDED:
        return {key: value for key, value in tables.items() if key not in ADDED}
    return tables


def _toml(text: str, name: str) -> Document:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = re.search(r" \(at line (\d+), column \d+\)$| \(at end of document\)$", message)
        complaint = message[: place.start()] if place else message
        line = int(place[1]) if place and place[1] else text.count("\n") + 1
        what = f"is not TOML: {complaint[:1].lower()}{complaint[1:]}"
        raise _SyntaxError(what, line) from None
    except ValueError:
        raise UsageError(f"{name} holds an integer that is too long to read") from None


def _faulty(name: str, faults: list[tuple[int, str]], consequence: str) -> FaultyFile:
    many = "1 fault" if len(faults) == 1 else f"{len(faults):,} faults"
    lines = [f"{name}:{line}: {text}" for line, text in faults]
    return FaultyFile(f"{name} has {many}{consequence}", faults=lines)


def _judge(tables: Document) -> tuple[Document, list[Fault]]:
    """The document, and the faults: those of single values, then those between definitions."""
    program, faults, sound = None, [], deepcopy(tables)
    try:
        program = ProgramFile.model_validate(tables)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            path = tuple(part for part in one["loc"] if part not in TAGS)
            faults.append((path, _message(one, path)))
            _cut(sound, path)
    faults += program_checks.faults(sound)
    return program.model_dump(by_alias=True) if program and not faults else {}, faults


def _cut(tables: Any, path: Path) -> None:
    """Put the mark of a fault in the place of a value; a missing key gets it, too."""
    for part in path[:-1]:
        tables = tables[part]
        if tables is program_checks.CUT:
            return
    tables[path[-1]] = program_checks.CUT


def _message(error: ErrorDetails, path: Path) -> str:
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return _unknown_key(path)
    if kind == "literal_error":
        return _none_of(value, re.findall(r"'([^']*)'", context["expected"]))
    if kind in _BOUNDS:
        side, bound = _BOUNDS[kind]
        return f"must be at {side} {context[bound]:,}, not {_short(f'{value:,}')}"
    if kind in _TYPES:
        return f"must be {_TYPES[kind]}, not {_shown(value)}"
    if kind == "too_short":
        return "must not be empty"
    return str(context.get("error", error["msg"]))


def _unknown_key(path: Path) -> str:
    model: type[BaseModel] | None = ProgramFile
    for part in path[:-1]:
        if model and isinstance(part, str):
            model = _model_in(model.model_fields[part].annotation)
    keys = [field.alias or name for name, field in model.model_fields.items()] if model else []
    hint = nearest(str(path[-1]), keys) or f"the keys are {', '.join(keys)}"
    return f"is no key of a program file here; {hint}"


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The table that a type is, or holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def _none_of(value: Any, choices: list[str]) -> str:
    hint = nearest(value, choices) if isinstance(value, str) else None
    return f"{_shown(value)} is none of {', '.join(choices)}" + (f"; {hint}" if hint else "")


def _shown(value: Any) -> str:
    """The beginning of a bad value, as JSON; a time of TOML as text."""
    return _short(json.dumps(value, ensure_ascii=False, default=str))


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _told(path: Path, message: str) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return f"{''.join(parts).removeprefix('.')}: {message}"
