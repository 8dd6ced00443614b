"""The completion script for zsh."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from gamify_cli.commands.tree import Command, Option
from gamify_cli.generate.completions import short
from gamify_cli.generate.completions.offers import Offer, after, at
from gamify_cli.shells import NOTE

_SCRIPT = r"""#compdef gamify
# Completion of gamify for zsh 5.
# @NOTE@

# What gamify itself knows of a kind, the last argument, in the store that the line chooses.
_gamify_ask() {
  local -a target found
  local -i i
  [[ $PREFIX == -* ]] && (( ! $gamify_line[(Ie)--])) && return 1
  for ((i = 2; i <= $#gamify_line; i++)); do
    case $gamify_line[i] in
      (--store|--profile|-p) target+=("${(Q)gamify_line[i]}" "${(Q)gamify_line[++i]}") ;;
      (--store=*|--profile=*|-p*) target+=("${(Q)gamify_line[i]}") ;;
    esac
  done
  found=(${(f)"$(gamify __complete $@[-1] "${target[@]}" -- "${(Q)PREFIX}" 2>/dev/null)"})
  compadd "${@[1,-2]}" -a found
}

# Words that something follows at once.
_gamify_open() {
  compadd -S '' "$@"
}

# The fields of what the command shows.
_gamify_fields() {
  (($#gamify_fields)) && _values -s , field $gamify_fields
}

# The commands below $1, with what each is for in `commands`, and all that follows one of them.
_gamify_below() {
  local curcontext=$curcontext function=$1 state state_descr
  local -a line
  local -A opt_args
  shift
  _arguments -C -s -S -A '-*' $gamify_globals "$@" '1:command:->command' '*::argument:->rest' &&
    return
  case $state in
    (command) _describe command commands ;;
    (rest) (($+functions[${function}_$line[1]])) && ${function}_$line[1] ;;
  esac
}

@FUNCTIONS@
_gamify() {
  local -a gamify_line=("${(@)words}") gamify_fields=() gamify_globals=(
@GLOBALS@
  )
  _gamify_at
}

_gamify "$@"
"""


def script(root: Command, everywhere: tuple[Option, ...]) -> str:
    """The whole script."""
    functions = "\n".join(map(_function, root.walk()))
    specs = "".join(f"    {_option(option, after(None, option))}\n" for option in everywhere)
    text = _SCRIPT.replace("@NOTE@", NOTE).replace("@FUNCTIONS@", functions)
    return text.replace("@GLOBALS@\n", specs)


def _function(command: Command) -> str:
    name = "_".join(("_gamify_at", *command.path))
    specs = [_option(option, after(command, option)) for option in command.options]
    if command.children:
        described = [f"{child.name}:{short(child.document.summary)}" for child in command.children]
        head = ["  local -a commands=(", *(f"    {_quote(one)}" for one in described), "  )"]
        start = f"  _gamify_below {name}"
    else:
        head, start = [], "  _arguments -s -S $gamify_globals"
    if command.fields:
        head = ["  gamify_fields=(", _wrapped(command.fields), "  )"]
    for number, argument in enumerate(command.arguments, start=1):
        place = "*" if argument.several else str(number)
        if action := _action(at(command, argument)):
            specs.append(_quote(f"{place}:{argument.metavar}:{action}"))
    lines = [*head, " \\\n    ".join([start, *specs])]
    return "\n".join([f"{name}() {{", *lines, "}", ""])


def _option(option: Option, offer: Offer) -> str:
    """A specification for _arguments: `'(-o --output)'{-o+,--output=}'[help]:FORMAT:(...)'`."""
    names = [name + _sign(option, name) for name in option.spellings]
    text = f"[{_escape(short(option.help), '[]')}]{_value(option, offer)}"
    if option.repeats:
        return _quote(f"*{names[0]}{text}")
    if len(names) == 1:
        return _quote(names[0] + text)
    return f"'({' '.join(option.spellings)})'{{{','.join(names)}}}{_quote(text)}"


def _sign(option: Option, name: str) -> str:
    """How a value may follow a name: `-o+` in the same word, `--output=` after an equals sign."""
    if not option.metavar:
        return ""
    return "=" if name.startswith("--") else "+"


def _value(option: Option, offer: Offer) -> str:
    if not option.metavar:
        return ""
    name = option.names[-1]
    action = "_gamify_fields" if name == "--fields" else _action(offer, name.lstrip("-")) or " "
    return f":{_escape(option.metavar, ':')}:{action}"


def _action(offer: Offer, tag: str = "") -> str:
    """What _arguments does to offer it, nothing for nothing."""
    words = " ".join(offer.words)
    if offer.live:
        return f"_gamify_ask {offer.live}"
    if offer.files:
        return "_files"
    if offer.listed:
        return f"_values -s , {tag} {words}"
    if offer.open:
        return f"_gamify_open {words}"
    return f"({words})" if words else ""


def _wrapped(words: Iterable[str]) -> str:
    text = textwrap.fill(" ".join(words), 92, break_on_hyphens=False)
    return textwrap.indent(text, "    ")


def _escape(text: str, characters: str) -> str:
    return "".join("\\" + one if one in characters + "\\" else one for one in text)


def _quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
