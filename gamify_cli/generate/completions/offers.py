"""What a shell may offer at each place of a command line."""

from __future__ import annotations

from dataclasses import dataclass

from gamify_cli import credentials, shells
from gamify_cli.commands import LEAVES, NOUNS, bodies, exports, topics
from gamify_cli.commands.imports import options
from gamify_cli.commands.tree import Argument, Command, Option
from gamify_cli.config import defaults
from gamify_cli.domain import answers, facts, keys, listing, outputs, vocabulary
from gamify_cli.domain.explain import asked


@dataclass(frozen=True)
class Offer:
    """What may stand at a place, nothing for most.

    Words, with commas between them if `listed`, with more to follow if `open`; the names of
    files; or what `gamify __complete` knows of the kind `live`.
    """

    words: tuple[str, ...] = ()
    listed: bool = False
    open: bool = False
    files: bool = False
    live: str | None = None


_FILES = Offer(files=True)
_REWARD_TYPES = Offer(vocabulary.REWARD_TYPES)

_OPTIONS = {
    "--profile": Offer(live="profiles"),
    "--confirm": Offer(live="profiles"),
    "--store": _FILES,
    "--output": Offer(defaults.FORMATS),
    "--color": Offer(defaults.COLORS),
    "--input": _FILES,
    "--tls-cert": _FILES,
    "--tls-key": _FILES,
    "--include": Offer(vocabulary.SECTIONS, listed=True),
    "--clear": Offer(bodies.CLEARABLE),
    "--tier": Offer(live="tiers"),
    "--where": Offer(listing.NUMBERS, open=True),
    "--shape": Offer(tuple(exports.SHAPES)),
    "--format": Offer(options.FORMATS),
    "--on-error": Offer(options.ON_ERROR),
    "--results": _FILES,
    "--sort": Offer((*listing.SORT_KEYS, *(f"-{key}" for key in listing.SORT_KEYS))),
    "--period": Offer(vocabulary.PERIODS),
    "--ranking": Offer(vocabulary.RANKINGS),
    "--scope": Offer(keys.SCOPES),
    "--rate-limit": Offer(("none",)),
    "--key-source": Offer(credentials.KINDS),
}
"""Of every option that means the same wherever it stands."""

_TYPES: dict[tuple[str, ...], Offer] = {
    ("participants", "history"): Offer(facts.KINDS),
    ("points", "history"): Offer(tuple(answers.TRANSACTIONS.values())),
    ("rewards", "list"): _REWARD_TYPES,
    ("rewards", "history"): _REWARD_TYPES,
}

_ARGUMENTS = {
    "ID": Offer(live="ids"),
    "KEY_ID": Offer(live="keys"),
    "REWARD": Offer(live="rewards"),
    "FILE": _FILES,
    "FILE|-": _FILES,
    "TOPIC|COMMAND": Offer((*topics.TOPICS, *NOUNS, *LEAVES)),
    "SHELL": Offer(shells.SHELLS),
    "WHAT": Offer(asked.WORDS),
}

_PROFILES = Offer(live="profiles")

_NAMES: dict[tuple[str, ...], Offer] = {
    ("schema",): Offer(("openapi", *outputs.OUTPUTS)),
    **{("profiles", verb): _PROFILES for verb in ("show", "use", "test", "remove")},
}
"""What a NAME is, where it is one that exists."""


def after(command: Command | None, option: Option) -> Offer:
    """What may stand after an option of a command, of None for a global one."""
    name = option.names[-1]
    if command and name == "--type":
        return _TYPES.get(command.path, Offer())
    return _OPTIONS.get(name, Offer())


def at(command: Command, argument: Argument) -> Offer:
    """What may stand in the place of an argument; a CODE is of the command's noun."""
    if argument.metavar == "CODE":
        return Offer(live=command.path[0])
    if argument.metavar == "NAME":
        return _NAMES.get(command.path, Offer())
    return _ARGUMENTS.get(argument.metavar, Offer())
