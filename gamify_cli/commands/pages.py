"""Help pages: our own short template of at most 80 columns, examples first."""

from __future__ import annotations

import inspect
import textwrap
from dataclasses import dataclass, field
from typing import Any

from gamify_cli.commands.base import GLOBAL_OPTIONS
from gamify_cli.errors import CLOSED_PIPE, GamifyError

WIDTH = 80

_HARD_SPACE = "\u00a0"


@dataclass
class Document:
    """A command's docstring, in its parts."""

    summary: str
    description: list[str] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)
    exits: list[int] = field(default_factory=list)


def document(command: Any) -> Document:
    """Read a command's docstring: a summary, paragraphs, `Examples:`, `Exit codes: 0, 2.`"""
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    found = Document(" ".join(paragraphs[0].split()))
    for paragraph in paragraphs[1:]:
        if paragraph.startswith("Examples:"):
            found.examples = [line.strip() for line in paragraph.splitlines()[1:]]
        elif paragraph.startswith("Exit codes:"):
            codes = paragraph.removeprefix("Exit codes:").strip(" .\n").split(",")
            found.exits = [int(code) for code in codes]
        else:
            found.description.append(" ".join(paragraph.split()))
    return found


def page(command: Any, ctx: Any) -> str:
    """The whole help page of a command."""
    doc = document(command)
    own = [option for option in command.params if option not in GLOBAL_OPTIONS]
    options = [option for option in own if option.param_type_name == "option"]
    arguments = [option for option in own if option.param_type_name == "argument"]
    commands = getattr(command, "commands", {})
    parts = [
        _fill(doc.summary),
        section("Examples", doc.examples),
        section("Usage", [usage(command, ctx)]),
        *map(_fill, doc.description),
        section("Commands", table([(name, one.help) for name, one in commands.items()])),
        section("Arguments", table([(one.metavar, one.help) for one in arguments])),
        section("Options", table([(spelling(one), one.help) for one in options])),
        _global_options(ctx),
        section("Exit codes", _exit_codes(doc.exits)),
    ]
    return "\n\n".join(part for part in parts if part)


def usage(command: Any, ctx: Any) -> str:
    """The line that shows how a command is called."""
    pieces = [ctx.command_path, "[OPTIONS]"]
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            dots = "..." if parameter.nargs == -1 else ""
            name = f"{parameter.metavar}{dots}"
            pieces.append(name if parameter.required else f"[{name}]")
    if hasattr(command, "commands"):
        pieces.append("COMMAND ...")
    return " ".join(pieces)


def spelling(option: Any) -> str:
    """How an option is written: `-o, --output FORMAT`."""
    names = ", ".join([*option.opts, *option.secondary_opts])
    return names if option.is_flag else f"{names} {option.metavar or 'TEXT'}"


def exit_name(code: int) -> str:
    """The word for an exit code."""
    names = {0: "ok", CLOSED_PIPE: "closed pipe"}
    names |= {kind.exit_code: kind.code for kind in GamifyError.__subclasses__()}
    return names[code].replace("_", " ")


def exit_meanings() -> dict[int, str]:
    """What each exit code means, out of the classes of errors."""
    texts = {0: "All is done."}
    texts |= {kind.exit_code: meaning(kind) for kind in GamifyError.__subclasses__()}
    texts[CLOSED_PIPE] = "The reader of the output went away."
    return dict(sorted(texts.items()))


def meaning(kind: type[GamifyError]) -> str:
    """What an error means, in a sentence."""
    return (kind.__doc__ or "").split("\n")[0].replace("`", "")


def _global_options(ctx: Any) -> str:
    if ctx.parent is None:
        rows = [(spelling(option), option.help or "") for option in GLOBAL_OPTIONS]
        return section("Global options, before or after the command", table(rows))
    names = " ".join(option.opts[0] for option in GLOBAL_OPTIONS)
    return section("Global options", _wrapped(f"{names} (see: gamify --help)"))


def _exit_codes(codes: list[int]) -> list[str]:
    """A number and its word are kept on one line."""
    pairs = (f"{code} {exit_name(code)}".replace(" ", _HARD_SPACE) for code in codes)
    return [line.replace(_HARD_SPACE, " ") for line in _wrapped(" · ".join(pairs))] if codes else []


def section(title: str, lines: list[str]) -> str:
    """A titled part of a page, nothing where it has no lines."""
    return "\n".join([f"{title}:", *(f"  {line}" for line in lines)]) if lines else ""


def table(rows: list[tuple[str, str]], *, widest: int = 26) -> list[str]:
    """Rows of a name and what it is for, the second column aligned and wrapped.

    A name over `widest` has a line of its own.
    """
    column = min(max((len(name) for name, _ in rows), default=0), widest) + 2
    lines: list[str] = []
    for name, text in rows:
        first, *more = _wrapped(text.split("\n")[0], WIDTH - 2 - column)
        if len(name) + 2 > column:
            lines += [name, " " * column + first]
        else:
            lines.append(name.ljust(column) + first)
        lines += [" " * column + line for line in more]
    return lines


def _wrapped(text: str, width: int = WIDTH - 2) -> list[str]:
    return textwrap.wrap(text, width, break_on_hyphens=False, break_long_words=False) or [""]


def _fill(text: str) -> str:
    return "\n".join(_wrapped(text, WIDTH))
