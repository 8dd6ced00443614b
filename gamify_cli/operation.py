"""Who does what: the mark of a command line that every fact of it carries."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence

from gamify_cli.backend import MAX_COMMAND, Operation
from gamify_cli.domain import secrets


def new_operation(argv: Sequence[str]) -> Operation:
    """An operation of its own for a command line, in which secrets are starred."""
    # An argument may be of bytes that are not UTF-8, which no journal takes.
    command = (
        secrets.starred(shlex.join(argv))[:MAX_COMMAND].encode(errors="backslashreplace").decode()
    )
    return Operation.new(command, _actor())


def _actor() -> str:
    """Who runs this, as the system knows them."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
