"""What is wrong with a command line, in our words; loaded only where something is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import typer

from gamify_cli.commands import NOUNS, pages
from gamify_cli.errors import UsageError, nearest

_MOST_NOUNS = 3
_OTHER_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212"


def usage(error: typer.TyperException, ctx: Any) -> UsageError:
    """The parser's complaint about the words of the command of `ctx`."""
    param, name = getattr(error, "param", None), getattr(error, "option_name", None)
    if name is not None:
        return _option(ctx, name)
    if param is None:
        return UsageError(error.format_message(), hint=f"see: {ctx.command_path} --help")
    if not error.message:
        return _missing(ctx, param)
    return UsageError(f"{_subject(param)} {_fault(param, error.message)}", hint=param.help)


def no_such_command(ctx: typer.Context, word: str, known: Mapping[str, Any]) -> UsageError:
    """A word that is no command at its place."""
    hint = None
    if ctx.parent is None:
        hint = _noun_first(word)
    hint = hint or nearest(word, known) or f"see: {ctx.command_path} --help"
    return UsageError(f'no such command "{ctx.command_path} {word}"', hint=hint)


def misspelt(given: str, option: str) -> UsageError:
    """An option with one dash where it has two."""
    return UsageError(f"no such option: {given}", hint=f"did you mean {option}?")


def twice(order: Iterable[Any]) -> UsageError | None:
    """Whether an option that takes one value was given several times; `order` is as given."""
    for param, times in Counter(order).items():
        is_option = param.param_type_name == "option"
        if is_option and times > 1 and not (param.is_flag or param.multiple):
            return UsageError(
                f"{_subject(param)} is given {'twice' if times == 2 else f'{times} times'}",
                hint="it takes one value; leave one of them",
            )
    return None


def too_many(ctx: Any, extra: Sequence[str]) -> UsageError:
    """Words after the last argument that a command takes."""
    words = ", ".join(f'"{word}"' for word in extra)
    first = extra[0].lstrip(_OTHER_DASHES)
    is_option = first != extra[0] or f"--{first}" in _names(ctx)
    hint = nearest(first, _names(ctx)) if is_option else None
    return UsageError(
        f"unexpected argument{'s' * (len(extra) > 1)} {words}",
        hint=hint or f"usage: {pages.usage(ctx.command, ctx)}",
    )


def _noun_first(word: str) -> str | None:
    """The hint for a verb in the place of a noun."""
    from gamify_cli.commands.root import load

    found = [f"{noun} {word}" for noun in NOUNS if word in load(noun).commands]
    if not found:
        return None
    if len(found) > _MOST_NOUNS:
        return f"the noun comes first: gamify {found[0]}"
    return f"did you mean {' or '.join(found)}?"


def _missing(ctx: Any, param: Any) -> UsageError:
    """An argument or option that has to be there; after an argument the others are missing, too."""
    names = [_subject(param)]
    if param.param_type_name == "argument":
        own = [one for one in ctx.command.params if one.param_type_name == "argument"]
        names = [_subject(one) for one in own[own.index(param) :] if one.required]
    are = "is" if len(names) == 1 else "are"
    return UsageError(f"{' and '.join(names)} {are} missing", hint=_example(ctx))


def _example(ctx: Any) -> str:
    """The example of the command that has most words of the line given."""
    given = {*ctx.find_root().obj.argv}
    examples = pages.document(ctx.command).examples
    best = max(examples, key=lambda one: len(given.intersection(one.split())))
    return f"for example: {best}"


def _option(ctx: Any, name: str) -> UsageError:
    """An option that is not there, lacks its value, or has one that it does not take."""
    for param in ctx.command.params:
        if name in (*param.opts, *param.secondary_opts):
            if param.is_flag:
                return UsageError(f"{name} takes no value", hint=param.help)
            return UsageError(f"{name} needs a value: {param.metavar}", hint=param.help)
    given = _as_given(ctx, name)
    otherwise = f"see: {ctx.command_path} --help"
    if len(given) == len("-x"):
        otherwise = "an argument that begins with - goes after --"
    return UsageError(f"no such option: {given}", hint=nearest(given, _names(ctx)) or otherwise)


def _as_given(ctx: Any, name: str) -> str:
    """The word of the line in which a letter is no option: -yes rather than -e."""
    words = [word.split("=")[0] for word in ctx.find_root().obj.argv]
    long = [word for word in words if f"-{word}" in _names(ctx)]
    return next((word for word in long if len(name) == 2 and name[1] in word), name)


def _names(ctx: Any) -> list[str]:
    params = ctx.command.params
    return [
        *(name for one in params for name in (*one.opts, *one.secondary_opts) if name[:1] == "-"),
        *ctx.help_option_names,
    ]


def _subject(param: Any) -> str:
    """What an argument or an option is called in help."""
    is_argument = param.param_type_name == "argument"
    return str(param.metavar if is_argument else max(param.opts, key=len))


def _fault(param: Any, message: str) -> str:
    """What is wrong with a value, which the parser quotes in its own way."""
    value, _, about = message.rstrip(".").partition(" is not ")
    value = f'"{value.strip(chr(39) + chr(34))}"'
    if "valid int" in about:
        return f"{value} is not a whole number"
    if "in the range" in about:
        return f"{value} is not a number from {param.type.min:,} to {param.type.max:,}"
    return message
