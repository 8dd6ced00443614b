"""The completion script for zsh."""

from __future__ import annotations

from gamify_cli.commands.tree import Command, Option
from gamify_cli.generate.completions import NOTE, short, takes_ids, values

_SCRIPT = r"""#compdef gamify
# Completion of gamify for zsh 5.
# @NOTE@

# The ids that begin as the word at the cursor, in the store that the line chooses.
_gamify_ids() {
  local -a target ids
  local -i i
  [[ $PREFIX == -* ]] && (( ! $gamify_line[(Ie)--])) && return 1
  for ((i = 2; i <= $#gamify_line; i++)); do
    case $gamify_line[i] in
      (--store|--profile|-p) target+=("${(Q)gamify_line[i]}" "${(Q)gamify_line[++i]}") ;;
      (--store=*|--profile=*|-p*) target+=("${(Q)gamify_line[i]}") ;;
    esac
  done
  ids=(${(f)"$(gamify __complete ids "${target[@]}" -- "${(Q)PREFIX}" 2>/dev/null)"})
  compadd "$@" -a ids
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
  local -a gamify_line=("${(@)words}") gamify_globals=(
@GLOBALS@
  )
  _gamify_at
}

_gamify "$@"
"""


def script(root: Command, everywhere: tuple[Option, ...]) -> str:
    """The whole script."""
    functions = "\n".join(map(_function, root.walk()))
    specs = "".join(f"    {_option(option)}\n" for option in everywhere)
    text = _SCRIPT.replace("@NOTE@", NOTE).replace("@FUNCTIONS@", functions)
    return text.replace("@GLOBALS@\n", specs)


def _function(command: Command) -> str:
    name = "_".join(("_gamify_at", *command.path))
    specs = [_option(option) for option in command.options]
    if command.children:
        described = [f"{child.name}:{short(child.document.summary)}" for child in command.children]
        head = ["  local -a commands=(", *(f"    {_quote(one)}" for one in described), "  )"]
        start = f"  _gamify_below {name}"
    else:
        head, start = [], "  _arguments -s -S $gamify_globals"
    if takes_ids(command):
        place = "*" if command.arguments[0].several else "1"
        specs.append(f"'{place}:ID:_gamify_ids'")
    lines = [*head, " \\\n    ".join([start, *specs])]
    return "\n".join([f"{name}() {{", *lines, "}", ""])


def _option(option: Option) -> str:
    """A specification for _arguments: `'(-o --output)'{-o+,--output=}'[help]:FORMAT:(...)'`."""
    names = [name + _sign(option, name) for name in option.spellings]
    text = f"[{_escape(short(option.help), '[]')}]{_value(option)}"
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


def _value(option: Option) -> str:
    if not option.metavar:
        return ""
    offered = values(option)
    action = " "
    if offered.listed:
        action = f"_values -s , {option.names[-1].lstrip('-')} {' '.join(offered.words)}"
    elif offered.words:
        action = f"({' '.join(offered.words)})"
    elif offered.files:
        action = "_files"
    return f":{_escape(option.metavar, ':')}:{action}"


def _escape(text: str, characters: str) -> str:
    return "".join("\\" + one if one in characters + "\\" else one for one in text)


def _quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
