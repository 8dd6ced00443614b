"""The completion script for bash."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from gamify_cli.commands.tree import Command, Option
from gamify_cli.generate.completions import letters
from gamify_cli.generate.completions.offers import Offer, after, at
from gamify_cli.shells import NOTE

_SCRIPT = r"""# Completion of gamify for bash 4 and later.
# @NOTE@

# What may stand at `path` in the tree, and after --fields.
_gamify_at() {
    commands=() options=() fields=()
    case $path in
@PLACES@
    esac
}

# What may stand after the option $1, or as the argument of that number, from 0.
_gamify_values() {
    case $path:$1 in
@VALUES@
    esac
}

# Of several words with commas between them, those before the last stay.
_gamify_list() {
    [[ $typed == *,* ]] && prefix=${typed%,*},
    found=("$@")
}

# What gamify itself knows of a kind, such as ids, in the store that the line chooses.
_gamify_ask() {
    local begun=${typed#"$prefix"}
    mapfile -t found < <(gamify __complete "$1" "${target[@]}" -- "$begun" 2> /dev/null)
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
        _gamify_values "$option"
    elif [[ ! $ended && $typed == -* ]]; then
        found=("${options[@]}" "${globals[@]}")
    elif ((given == 0)) && [[ ${commands[*]} ]]; then
        found=("${commands[@]}")
    else
        _gamify_values "$given"
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
    local IFS=$' \t\n' words=() open='' head='' target=() path='' commands options fields
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
        "@VALUES@": "\n".join(_values(root, everywhere)),
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
        ("fields", command.fields),
    ]
    lines = [f"{name}=({' '.join(words)})" for name, words in sets if words]
    return _branch(f"'{' '.join(command.path)}'", lines)


def _values(root: Command, everywhere: tuple[Option, ...]) -> Iterator[str]:
    """A branch for each thing to do, with all the places where it is done."""
    places: dict[tuple[str, ...], list[str]] = {}
    for option in everywhere:
        lines = _lines(option, after(None, option))
        places.setdefault(lines, []).extend(f"*:{name}" for name in option.names)
    for command in root.walk():
        path = " ".join(command.path)
        for option in command.options:
            names = [f"'{path}:{name}'" for name in option.names]
            places.setdefault(_lines(option, after(command, option)), []).extend(names)
        for number, argument in enumerate(command.arguments):
            place = f"'{path}:'[0-9]*" if argument.several else f"'{path}:{number}'"
            places.setdefault(_offered(at(command, argument)), []).append(place)
    for lines, patterns in places.items():
        yield from filter(None, [_branch(_alternatives(patterns), [*lines])])


def _lines(option: Option, offer: Offer) -> tuple[str, ...]:
    if option.names[-1] == "--fields":
        return ('_gamify_list "${fields[@]}"',)
    return _offered(offer)


def _offered(offer: Offer) -> tuple[str, ...]:
    """What to do so that it is offered."""
    if offer.live:
        return (f"_gamify_ask {offer.live}",)
    if offer.files:
        return ("compopt -o default",)
    words = " ".join(offer.words)
    if offer.listed:
        return (f"_gamify_list {words}",)
    more = ("compopt -o nospace",) if offer.open else ()
    return (f"found=({words})", *more) if words else ()


def _alternatives(patterns: list[str]) -> str:
    """Patterns of a branch, several a line."""
    lines = [""]
    for pattern in patterns:
        if len(lines[-1]) + len(pattern) > _WIDTH - 16:
            lines.append("")
        lines[-1] += f"{' | ' * bool(lines[-1])}{pattern}"
    return " | \\\n            ".join(lines)


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
