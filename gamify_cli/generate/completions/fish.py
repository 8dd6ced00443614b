"""The completion script for fish."""

from __future__ import annotations

from gamify_cli.commands.tree import Command, Option
from gamify_cli.generate.completions import NOTE, letters, short, takes_ids, values

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

# Whether the words before the cursor begin with these, more of them or not.
function __gamify_below
    set -l words (__gamify_words)
    test "$words[1..$(count $argv)]" = "$argv"
end

# The word at the cursor, unquoted.
function __gamify_typed
    commandline -ct | string unescape
end

# The ids that begin as the word at the cursor, in the store that the line chooses.
function __gamify_ids
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
    gamify __complete ids $target -- (__gamify_typed) 2>/dev/null
end

# Words after what stands before the last comma.
function __gamify_list
    set -l given (__gamify_typed | string replace -r '^--[a-z-]+=' '' | string match -r '^.*,')
    printf '%s\n' "$given"$argv
end

complete -c gamify -f
@LINES@
"""


def script(root: Command, everywhere: tuple[Option, ...]) -> str:
    """The whole script."""
    options = [*everywhere, *(one for command in root.walk() for one in command.options)]
    valued = {name: True for one in options if one.metavar for name in one.names}
    blocks = ["\n".join(_option(option) for option in everywhere), *map(_place, root.walk())]
    parts = {
        "@NOTE@": NOTE,
        "@VALUED@": " ".join(valued),
        "@FLAGS@": letters(everywhere, valued=False),
        "@SHORT@": letters(everywhere, valued=True),
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
    lines += [_option(option, f"-n '{below}'") for option in command.options]
    if takes_ids(command):
        at = below if command.arguments[0].several else here
        lines.append(f"complete -c gamify -n '{at}' -a '(__gamify_ids)' -d {_quote('participant')}")
    return "\n".join(lines)


def _option(option: Option, condition: str = "") -> str:
    names = [f"-s {name[1:]}" for name in option.spellings if len(name) == 2]
    names += [f"-l {name[2:]}" for name in option.spellings if name.startswith("--")]
    pieces = [
        "complete -c gamify",
        condition,
        *names,
        _value(option),
        f"-d {_described(option.help)}",
    ]
    return " ".join(piece for piece in pieces if piece)


def _value(option: Option) -> str:
    if not option.metavar:
        return ""
    offered = values(option)
    if offered.files:
        return "-rF"
    words = " ".join(offered.words)
    if offered.listed:
        return f"-xa '(__gamify_list {words})'"
    return f"-xa {_quote(words)}" if words else "-x"


def _described(text: str) -> str:
    return _quote(short(text))


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
