"""The manual pages, out of the command tree."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pathlib import Path

from gamify_cli import __version__
from gamify_cli.commands.environment import ENVIRONMENT
from gamify_cli.commands.pages import exit_meanings, exit_name
from gamify_cli.commands.tree import Argument, Command, Option
from gamify_cli.generate.man_config import CONFIG, FILES

DATE = "November 23, 2026"
"""When the manual of this version was finished; it must not change at each generation."""


def files(root: Command, everywhere: tuple[Option, ...]) -> dict[Path, str]:
    """Every manual page, by its path from the top of the repository."""
    folder = Path("man")
    config = CONFIG.strip().replace("@FILES@", FILES)
    pages = {folder / "gamify.1": _main_page(root, everywhere)}
    for noun in root.children:
        if noun.children:
            pages[folder / f"gamify-{noun.name}.1"] = _noun_page(noun)
    pages[folder / "gamify-config.5"] = _page("GAMIFY-CONFIG", 5, [config])
    return pages


def escape(text: str) -> str:
    """Text as roff shows it literally: backslashes, hyphens, quotes, a dot that leads a line."""
    for character, name in (("\\", "\\e"), ("-", "\\-"), ('"', "\\(dq"), ("`", "\\(ga")):
        text = text.replace(character, name)
    text = text.replace("^", "\\(ha").replace("'", "\\(aq")
    return "\n".join(f"\\&{line}" if line.startswith(".") else line for line in text.split("\n"))


def _page(title: str, section: int, parts: Iterable[str]) -> str:
    head = [
        '.\\" `make generate` writes this file from the command tree; do not edit it.',
        f".Dd {DATE}",
        f".Dt {title} {section}",
        f'.Os "gamify {__version__}"',
    ]
    return "\n".join([*head, *(part for part in parts if part), ""])


def _main_page(root: Command, everywhere: tuple[Option, ...]) -> str:
    nouns = [child for child in root.children if child.children]
    see = [("gamify-config", 5), *((f"gamify-{noun.name}", 1) for noun in nouns)]
    return _page(
        "GAMIFY",
        1,
        [
            _name("gamify", root.document.summary),
            _synopsis([root]),
            ".Sh DESCRIPTION",
            *_paragraphs([root.document.summary, *root.document.description]),
            ".Sh COMMANDS",
            _list((f".It Cm {escape(one.name)}", _about(one)) for one in root.children),
            ".Sh OPTIONS",
            _options(root.options),
            ".Ss Global options",
            "These stand before or after the command.",
            _options(everywhere),
            ".Sh ENVIRONMENT",
            _list((f".It Ev {name}", _text(about)) for name, about in ENVIRONMENT.items()),
            FILES,
            _exit_codes(),
            _examples(".Sh EXAMPLES", root),
            _see_also(see),
        ],
    )


def _noun_page(noun: Command) -> str:
    return _page(
        f"GAMIFY-{noun.name.upper()}",
        1,
        [
            _name(f"gamify-{noun.name}", noun.document.summary),
            _synopsis(noun.children),
            ".Sh DESCRIPTION",
            *_paragraphs([noun.document.summary, *noun.document.description]),
            ".Pp\nThe global options, which every command takes, are in",
            ".Xr gamify 1 .",
            ".Sh COMMANDS",
            *(part for verb in noun.children for part in _verb(verb)),
            ".Sh EXIT STATUS",
            "The codes stand at each command;\n.Xr gamify 1\ntells what they mean.",
            _examples(".Sh EXAMPLES", noun),
            _see_also([("gamify", 1), ("gamify-config", 5)]),
        ],
    )


def _verb(verb: Command) -> list[str]:
    document = verb.document
    codes = ", ".join(f"{code} {exit_name(code)}" for code in document.exits)
    return [
        f".Ss {escape(verb.name)}",
        f".Bd -literal\n{escape(verb.usage)}\n.Ed\n.Pp",
        *_paragraphs([document.summary, *document.description]),
        _arguments(verb.arguments),
        _options(verb.options),
        f".Pp\nExit codes: {_text(codes)}." if document.exits else "",
        _examples(".Pp\nExamples:", verb),
    ]


def _about(command: Command) -> str:
    """What a command is for; a leaf at once in full, as it has no page of its own."""
    if command.children:
        return f"{_text(command.document.summary)}\nSee\n.Xr gamify-{command.name} 1 ."
    return "\n".join(part for part in _verb(command)[2:] if part)


def _name(name: str, summary: str) -> str:
    about = summary.removesuffix(".")
    return f".Sh NAME\n.Nm {name}\n.Nd {_text(about[:1].lower() + about[1:])}"


def _synopsis(commands: Iterable[Command]) -> str:
    lines = "\n".join(escape(command.usage) for command in commands)
    return f".Sh SYNOPSIS\n.Bd -literal\n{lines}\n.Ed"


def _options(options: Iterable[Option]) -> str:
    return _list((f".It {_spelling(option)}", _text(option.help)) for option in options)


def _arguments(arguments: Iterable[Argument]) -> str:
    return _list((f".It Ar {escape(one.metavar)}", _text(one.help)) for one in arguments)


def _spelling(option: Option) -> str:
    names = " , ".join(f"Fl {escape(name[1:])}" for name in option.spellings)
    return f"{names} Ar {escape(option.metavar)}" if option.metavar else names


def _exit_codes() -> str:
    items = ((f".It {code}", _text(text)) for code, text in exit_meanings().items())
    return ".Sh EXIT STATUS\n" + _list(items)


def _examples(title: str, command: Command) -> str:
    lines = "\n".join(map(escape, command.document.examples))
    return f"{title}\n.Bd -literal -offset indent\n{lines}\n.Ed" if lines else ""


def _see_also(pages: Iterable[tuple[str, int]]) -> str:
    by_section = sorted(pages, key=lambda page: (page[1], page[0]))
    return ".Sh SEE ALSO\n" + " ,\n".join(f".Xr {name} {section}" for name, section in by_section)


def _list(items: Iterable[tuple[str, str]]) -> str:
    lines = "\n".join(f"{item}\n{text}" for item, text in items)
    return f".Bl -tag -width Ds\n{lines}\n.El" if lines else ""


def _paragraphs(texts: Iterable[str]) -> list[str]:
    return "\n.Pp\n".join(map(_text, texts)).split("\n")


def _text(text: str) -> str:
    """Running text, wrapped so that a sentence ends its line, as roff wants it."""
    sentences = text.replace(". ", ".\n").split("\n")
    lines = [line for one in sentences for line in textwrap.wrap(one, 96, break_on_hyphens=False)]
    return escape("\n".join(lines))
