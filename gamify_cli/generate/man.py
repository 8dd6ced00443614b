"""The manual pages, out of the command tree."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pathlib import Path

from gamify_cli import __version__
from gamify_cli.app import CLOSED_PIPE
from gamify_cli.commands.help import exit_name
from gamify_cli.errors import GamifyError, InternalError
from gamify_cli.generate.tree import Argument, Command, Option

DATE = "November 23, 2026"
"""When the manual of this version was finished; it must not change at each generation."""

ENVIRONMENT = {
    "GAMIFY_PROFILE": "Connection profile to use, unless --profile or --store is given.",
    "GAMIFY_STORE": "Store file to use, unless --profile or --store is given. "
    "GAMIFY_PROFILE and GAMIFY_STORE exclude each other.",
    "GAMIFY_OUTPUT": "Output format, as --output takes it.",
    "GAMIFY_NO_INPUT": "If not empty, never prompt, as with --no-input.",
    "GAMIFY_TIMEOUT": "Longest wait in seconds, as --timeout takes it.",
    "GAMIFY_CONFIG": "Path of the configuration file.",
    "GAMIFY_API_KEY": "Key to the server of a profile that names no other source for it.",
    "NO_COLOR": "If not empty, no colors.",
    "FORCE_COLOR": "If not empty, colors even where the output is not a terminal.",
}

_CONFIG = r"""
.Sh NAME
.Nm gamify-config
.Nd the configuration file of gamify, config.toml
.Sh DESCRIPTION
.Xr gamify 1
reads this file where a command needs a store or a server, and
.Ic gamify profiles
edits it.
It is TOML; without it everything has a default.
A file that cannot be read or is not TOML is an error, exit code 2.
These are its keys; others are ignored:
.Bl -tag -width Ds
.It Ic default_profile Li = Qq Ar NAME
The connection profile to use where none is chosen.
The default is
.Qq local .
.It Ic [profiles. Ns Ar NAME Ns Ic \&]
A connection profile.
The profile
.Qq local
exists even if it is not in the file.
.It Ic store Li = Qq Ar PATH
In a profile: the path of its store file.
A leading ~ stands for the home directory; other relative paths start at the current directory.
The default is the file
.Pa gamify.db
in the folder for data, see
.Sx FILES .
.It Ic url Li = Qq Ar URL
In a profile: the base of the API of a server, instead of a store.
Plain http is for servers on the same machine alone.
.It Ic protected Li = Cm true
In a profile: a write needs
.Fl \-confirm
with its name.
.It Ic [profiles. Ns Ar NAME Ns Ic .key]
Where the key to the server comes from.
Without it that is the environment variable
.Ev GAMIFY_API_KEY .
.It Ic source Li = Qq Ar SOURCE
Of a key:
.Cm keyring ,
.Cm command ,
.Cm file
or
.Cm env .
A keyring has 3 seconds to answer, a command 10.
.It Ic command Li = [ Ns Qo Ar WORD Qc , ... Ns Li \&]
Of a key: the command whose first line of output is the key.
No shell runs it.
.It Ic path Li = Qq Ar PATH
Of a key: a file of your own that holds it, from the folder of this file on.
Nobody else may be able to open it.
.It Ic origin Li = Qq Ar ORIGIN
Of a key: scheme, host and port of the server that it may be sent to.
A key that gamify put away has its origin beside it;
one from a command or a file of your own is sent nowhere without this.
.El
.Pp
The first of these that is there chooses the store:
.Bl -enum
.It
the option
.Fl \-profile
or
.Fl \-store ;
giving both is an error
.It
the environment variable
.Ev GAMIFY_PROFILE
or
.Ev GAMIFY_STORE ;
setting both is an error
.It
.Ic default_profile
.It
the profile
.Qq local
.El
.Sh ENVIRONMENT
.Bl -tag -width Ds
.It Ev GAMIFY_CONFIG
Another path for this file.
.El
@FILES@
.Sh EXAMPLES
.Bd -literal -offset indent
default_profile = \(dqteam\(dq

[profiles.team]
store = \(dq~/team/gamify.db\(dq

[profiles.prod]
url = \(dqhttps://gamify.example.com/api/v1/gamify\(dq
protected = true

[profiles.prod.key]
source = \(dqcommand\(dq
command = [\(dqpass\(dq, \(dqshow\(dq, \(dqgamify/prod\(dq]
origin = \(dqhttps://gamify.example.com\(dq
.Ed
.Sh SEE ALSO
.Xr gamify 1
"""

_FILES = r""".Sh FILES
.Bl -tag -width Ds
.It Pa ~/.config/gamify/config.toml
The configuration.
.Ev XDG_CONFIG_HOME
moves
.Pa ~/.config .
.It Pa ~/.config/gamify/keys/ Ns Ar NAME Ns Pa .key
The key to the server of a profile, where no keyring has it.
.It Pa ~/.local/share/gamify/gamify.db
The store of the profile
.Qq local .
.Ev XDG_DATA_HOME
moves
.Pa ~/.local/share .
.El
.Pp
On macOS both are in
.Pa ~/Library/Application Support/gamify ."""


def files(root: Command, everywhere: tuple[Option, ...]) -> dict[Path, str]:
    """Every manual page, by its path from the top of the repository."""
    folder = Path("man")
    config = _CONFIG.strip().replace("@FILES@", _FILES)
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
            _FILES,
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
    """What each exit code means, out of the classes of errors."""
    kinds: list[type[GamifyError]] = [InternalError, *GamifyError.__subclasses__()]
    texts = {0: "All is done."}
    texts |= {kind.exit_code: (kind.__doc__ or "").split("\n")[0] for kind in kinds}
    texts[CLOSED_PIPE] = "The reader of the output went away."
    return ".Sh EXIT STATUS\n" + _list(
        (f".It {code}", _text(text)) for code, text in sorted(texts.items())
    )


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
