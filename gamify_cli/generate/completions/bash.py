"""The completion script for bash."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from gamify_cli.commands.tree import Command, Option
from gamify_cli.generate.completions import NOTE, letters, takes_ids, values

_SCRIPT = r"""# Completion of gamify for bash 4 and later.
# @NOTE@

# What may stand at `path` in the tree; `ids` tells how many arguments are ids.
_gamify_at() {
    commands=() options=() ids=none
    case $path in
@PLACES@
    esac
}

# What the option `option` takes.
_gamify_values() {
    case $option in
@VALUES@
    esac
}

# Split a line into `words`, unquoted. Where it ends, the quote `open` is still open, and readline
# keeps `head` of the last word as it is.
_gamify_split() {
    local rest=$1 char before=' ' kept='' last=0
    words=('') open='' head=''
    while [[ $rest ]]; do
        char=${rest:0:1} rest=${rest:1}
        if [[ $char == "$open" ]]; then
            open='' head=$kept
        elif [[ ! $open && $char == [\'\"] ]]; then
            open=$char kept=$head head=${words[last]}
        elif [[ $char == \\ && $open != \' ]]; then
            [[ $open && $rest != [\"\\\$\`]* ]] && words[last]+=$char
            words[last]+=${rest:0:1} rest=${rest:1}
        elif [[ ! $open && $char == [[:space:]] ]]; then
            [[ $before == [[:space:]] ]] || words[++last]='' head=''
        else
            words[last]+=$char
            # Readline replaces an @ together with what follows it.
            [[ ! $open && $COMP_WORDBREAKS == *"$char"* ]] && head=${words[last]%@}
        fi
        before=$char
    done
}

# The options of the line that choose a store.
_gamify_target() {
    local i
    for ((i = 1; i < ${#words[@]}; i++)); do
        case ${words[i]} in
            --store | --profile | -p) target+=("${words[i]}" "${words[++i]}") ;;
            --store=* | --profile=* | -p*) target+=("${words[i]}") ;;
        esac
    done
}

# Go down the tree along the words before the cursor.
_gamify_walk() {
    local word valued=(
@VALUED@
    )
    _gamify_at
    for word in "${words[@]:1:${#words[@]}-2}"; do
        [[ ! $ended && $word =~ ^-[@FLAGS@]*[@SHORT@]$ ]] && word=-${word: -1}
        if [[ $option ]]; then
            option=''
        elif [[ ! $ended && $word == -- ]]; then
            ended=1
        elif [[ ! $ended && $word == -?* ]]; then
            [[ " ${valued[*]} " == *" $word "* ]] && option=$word
        elif [[ " ${commands[*]} " == *" $word "* ]]; then
            path+=${path:+ }$word
            _gamify_at
        else
            ((++given))
        fi
    done
}

# What may stand at the cursor, in `found`.
_gamify_find() {
    local globals=(
@GLOBALS@
    )
    if [[ ! $option && ! $ended && $typed == --*=* ]]; then
        option=${typed%%=*} prefix=${typed%%=*}=
    fi
    if [[ $typed == [\<\>]* || ${words[*]: -2:1} == *[\<\>] ]]; then
        compopt -o default
    elif [[ $option ]]; then
        _gamify_values
    elif [[ ! $ended && $typed == -* ]]; then
        found=("${options[@]}" "${globals[@]}")
    elif ((given == 0)) && [[ ${commands[*]} ]]; then
        found=("${commands[@]}")
    elif [[ $ids == all || ($ids == one && $given == 0) ]]; then
        mapfile -t found < <(gamify __complete ids "${target[@]}" -- "$typed" 2> /dev/null)
    fi
}

# Quote $1 as it has to stand at the cursor.
_gamify_quote() {
    case $open in
        \') quoted=${1//\'/\'\\\'\'} ;;
        \")
            quoted=${1//\\/\\\\} quoted=${quoted//\"/\\\"} quoted=${quoted//\$/\\\$}
            quoted=${quoted//\`/\\\`} quoted=${quoted//\!/\"\\\!\"}
            ;;
        *) printf -v quoted %q "$1" && quoted=${quoted//\\,/,} ;;
    esac
}

_gamify() {
    local IFS=$' \t\n' words=() open='' head='' target=() path='' commands options ids
    local option='' ended='' given=0 typed prefix='' found=() word quoted
    COMPREPLY=()
    _gamify_split "$COMP_LINE"
    _gamify_target
    _gamify_split "${COMP_LINE:0:COMP_POINT}"
    _gamify_walk
    typed=${words[${#words[@]} - 1]}
    _gamify_find
    for word in "${found[@]}"; do
        [[ $prefix$word == "$typed"* ]] || continue
        word=$prefix$word
        _gamify_quote "${word#"$head"}"
        COMPREPLY+=("$quoted")
    done
}

complete -F _gamify gamify
"""

_WIDTH = 96


def script(root: Command, everywhere: tuple[Option, ...]) -> str:
    """The whole script."""
    own = [option for command in root.walk() for option in command.options]
    valued = [option for option in (*everywhere, *own) if option.metavar]
    parts = {
        "@NOTE@": NOTE,
        "@PLACES@": "\n".join(filter(None, map(_place, root.walk()))),
        "@VALUES@": "\n".join(filter(None, map(_values, _once(valued)))),
        "@VALUED@": _wrapped(name for option in _once(valued) for name in option.names),
        "@FLAGS@": letters(everywhere, valued=False),
        "@SHORT@": letters(everywhere, valued=True),
        "@GLOBALS@": _wrapped(name for option in everywhere for name in option.spellings),
    }
    text = _SCRIPT
    for mark, part in parts.items():
        text = text.replace(mark, part)
    return text


def _once(options: Iterable[Option]) -> list[Option]:
    """Options without those whose names came before."""
    return list({option.names: option for option in reversed([*options])}.values())[::-1]


def _place(command: Command) -> str:
    sets = [
        ("commands", [child.name for child in command.children]),
        ("options", [name for option in command.options for name in option.spellings]),
    ]
    lines = [f"{name}=({' '.join(words)})" for name, words in sets if words]
    if takes_ids(command):
        lines.append("ids=all" if command.arguments[0].several else "ids=one")
    return _branch(f"'{' '.join(command.path)}'", lines)


def _values(option: Option) -> str:
    offered = values(option)
    lines = []
    if offered.listed:
        lines.append("[[ $typed == *,* ]] && prefix=${typed%,*},")
    if offered.words:
        lines.append(f"found=({' '.join(offered.words)})")
    if offered.files:
        lines.append("compopt -o default")
    return _branch(" | ".join(option.names), lines)


def _branch(pattern: str, lines: list[str]) -> str:
    """A branch of a `case`, none if it does nothing."""
    body = "".join(_indented(line, 12) for line in lines)
    return f"        {pattern})\n{body}            ;;" if lines else ""


def _wrapped(words: Iterable[str]) -> str:
    return _indented(" ".join(words), 8).rstrip("\n")


def _indented(line: str, by: int) -> str:
    lines = textwrap.wrap(
        line, _WIDTH - by, break_on_hyphens=False, subsequent_indent="    " * line.endswith(")")
    )
    return textwrap.indent("\n".join(lines), " " * by) + "\n"
