"""The completion script for fish."""

from __future__ import annotations

from gamify_cli.commands.tree import Command, Option
from gamify_cli.generate.completions import letters, short
from gamify_cli.generate.completions.offers import Offer, after, at
from gamify_cli.shells import NOTE

_SCRIPT = r"""# Completion of gamify for fish 3.
# @NOTE@

# The words before the cursor without the options and their values.
function __gamify_words
    set -l valued @VALUED@
    set -l skip 0
    set -l ended 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
        else if test $ended = 0; and test "$word" = --
            set ended 1
        else if test $ended = 0; and string match -qr -- '^-.' $word
            if contains -- $word $valued; or string match -qr -- '^-[@FLAGS@]*[@SHORT@]$' $word
                set skip 1
            end
        else
            printf '%s\n' $word
        end
    end
end

# Whether the words before the cursor are exactly these.
function __gamify_at
    set -l words (__gamify_words)
    test "$words" = "$argv"
end

# Whether they are these and so many others, the first argument.
function __gamify_past
    set -l words (__gamify_words)
    set -l path $argv[2..-1]
    test (count $words) = (math $argv[1] + (count $path)); or return
    test "$words[1..$(count $path)]" = "$path"
end

# Whether the words before the cursor begin with these, more of them or not.
function __gamify_below
    set -l words (__gamify_words)
    test "$words[1..$(count $argv)]" = "$argv"
end

# The word at the cursor, unquoted.
function __gamify_typed
    commandline -ct | string unescape
end

# What gamify itself knows of a kind, in the store that the line chooses.
function __gamify_ask
    string match -q -- '-*' (__gamify_typed); and not contains -- -- (commandline -opc); and return
    set -l target
    set -l words (commandline -op)[2..-1]
    for i in (seq (count $words))
        switch $words[$i]
            case --store --profile -p
                set -a target $words[$i..(math $i + 1)]
            case '--store=*' '--profile=*' '-p*'
                set -a target $words[$i]
        end
    end
    set -l begun (__gamify_typed | string replace -r '^--[a-z-]+=' '')
    gamify __complete $argv $target -- "$begun" 2>/dev/null
end

# Words after what stands before the last comma.
function __gamify_list
    set -l given (__gamify_typed | string replace -r '^--[a-z-]+=' '' | string match -r '^.*,')
    printf '%s\n' "$given"$argv
end

# The fields of what the command shows.
function __gamify_fields
    set -l words (__gamify_words)
    switch "$words[1..2] "
@FIELDS@
    end
end

complete -c gamify -f
@LINES@
"""


def script(root: Command, everywhere: tuple[Option, ...]) -> str:
    """The whole script."""
    options = [*everywhere, *(one for command in root.walk() for one in command.options)]
    valued = {name: True for one in options if one.metavar for name in one.names}
    blocks = [
        "\n".join(_option(option, after(None, option)) for option in everywhere),
        *map(_place, root.walk()),
    ]
    parts = {
        "@NOTE@": NOTE,
        "@VALUED@": " ".join(valued),
        "@FLAGS@": letters(everywhere, valued=False),
        "@SHORT@": letters(everywhere, valued=True),
        "@FIELDS@": "\n".join(filter(None, map(_fields, root.walk()))),
        "@LINES@": "\n\n".join(block for block in blocks if block),
    }
    text = _SCRIPT
    for mark, part in parts.items():
        text = text.replace(mark, part)
    return text


def _place(command: Command) -> str:
    """What may stand after a command."""
    here = " ".join(["__gamify_at", *command.path])
    below = here if command.children else here.replace("at", "below", 1)
    lines = [
        f"complete -c gamify -n '{here}' -a {child.name} -d {_described(child.document.summary)}"
        for child in command.children
    ]
    lines += [
        _option(option, after(command, option), f"-n '{below}'") for option in command.options
    ]
    for number, argument in enumerate(command.arguments):
        past = " ".join(["__gamify_past", str(number), *command.path])
        offered = _offered(at(command, argument))
        if offered:
            condition = below if argument.several else past
            tail = f"-d {_quote(argument.metavar)}"
            lines.append(f"complete -c gamify -n '{condition}' {offered} {tail}")
    return "\n".join(lines)


def _fields(command: Command) -> str:
    """A branch with the fields of a command, none where it shows nothing."""
    if not command.fields:
        return ""
    path = " ".join(command.path)
    return f"        case '{path} *'\n            __gamify_list {' '.join(command.fields)}"


def _option(option: Option, offer: Offer, condition: str = "") -> str:
    names = [f"-s {name[1:]}" for name in option.spellings if len(name) == 2]
    names += [f"-l {name[2:]}" for name in option.spellings if name.startswith("--")]
    pieces = [
        "complete -c gamify",
        condition,
        *names,
        _value(option, offer),
        f"-d {_described(option.help)}",
    ]
    return " ".join(piece for piece in pieces if piece)


def _value(option: Option, offer: Offer) -> str:
    if not option.metavar:
        return ""
    if option.names[-1] == "--fields":
        return "-xa '(__gamify_fields)'"
    if offer.files:
        return "-rF"
    return f"-x {_offered(offer)}".rstrip()


def _offered(offer: Offer) -> str:
    """The options of `complete` that offer it, none for nothing."""
    words = " ".join(offer.words)
    if offer.live:
        return f"-a '(__gamify_ask {offer.live})'"
    if offer.files:
        return "-F"
    if offer.listed:
        return f"-a '(__gamify_list {words})'"
    return f"-a {_quote(words)}" if words else ""


def _described(text: str) -> str:
    return _quote(short(text))


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
