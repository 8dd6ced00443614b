"""gamify profiles: where servers and stores are, and which one commands work on."""

from __future__ import annotations

import shlex
import sys
import time
from typing import Annotated

import typer

from gamify_cli.commands.base import noun, verb
from gamify_cli.config.profiles import NewProfile
from gamify_cli.config.reading import server_url
from gamify_cli.context import Context
from gamify_cli.credentials import KINDS
from gamify_cli.credentials.entry import MAX_BYTES, checked
from gamify_cli.domain import shapes_access as shapes
from gamify_cli.errors import UsageError, nearest

app = noun(
    "profiles",
    """Say where servers and stores are, and which one to use.

    The profile local exists from the start: a store of your own, which needs no set-up.

    Examples:
        gamify profiles add team --store ./team.db
        gamify profiles list
        gamify profiles use team
    """,
)

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="The connection profile.", show_default=False)
]
NameOrCurrent = Annotated[
    str | None,
    typer.Argument(metavar="NAME", help="A profile; without one, that in use."),
]


@verb(app, "list", shows=shapes.CONNECTION)
def list_(ctx: typer.Context) -> None:
    """Show every connection profile, and which is the default.

    Examples:
        gamify profiles list
        gamify profiles list --json

    Exit codes: 0, 2.
    """
    context: Context = ctx.obj
    context.output.many(context.profiles.list())


@verb(app, shows=shapes.CONNECTION_DETAILS)
def show(ctx: typer.Context, name: NameOrCurrent = None) -> None:
    """Show a profile and where its key is, but never the key.

    Examples:
        gamify profiles show
        gamify profiles show local

    Exit codes: 0, 2, 3.
    """
    context: Context = ctx.obj
    context.output.one(context.profiles.show(name or context.chosen_profile))


@verb(app, shows=shapes.CURRENT)
def current(ctx: typer.Context) -> None:
    """Show what commands work on, and what decided so.

    Examples:
        gamify profiles current
        gamify profiles current --profile local

    Exit codes: 0, 2, 3.
    """
    context: Context = ctx.obj
    context.output.one(context.profiles.current(context.given))


@verb(app, shows=shapes.CONNECTION, writes=True)
def add(
    ctx: typer.Context,
    name: Name,
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="A server: https://HOST/api/v1/gamify")
    ] = None,
    key_source: Annotated[
        str | None,
        typer.Option(metavar="SOURCE", help="keyring, file, command or env [GAMIFY_API_KEY]."),
    ] = None,
    key_command: Annotated[
        str | None, typer.Option(metavar="COMMAND", help="Prints the key, run without a shell.")
    ] = None,
    key_stdin: Annotated[
        bool, typer.Option("--key-stdin", help="Read the key from stdin.")
    ] = False,
    protected: Annotated[
        bool, typer.Option("--protected", help="Let writes need --confirm NAME.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace a profile of that name.")
    ] = False,
) -> None:
    """Add a profile: a server by --url, or a store by --store, a path or a URL.

    A key is asked for, unless it is on stdin. It is put into the keyring, or where none answers
    into a file beside config.toml that only you may read; --key-source chooses. It goes to the
    server of --url alone, even if another URL is written into config.toml later.

    Examples:
        gamify profiles add shop --store postgresql://HOST/DATABASE
        gamify profiles add prod --url https://HOST/api/v1/gamify --key-source env
        gamify profiles add ops --url https://HOST/api/v1/gamify --key-command pass

    Exit codes: 0, 2, 3, 4, 5, 7, 10.
    """
    context: Context = ctx.obj
    kind = _kind(key_source, key_command)
    new = NewProfile(name, context.given.get("store"), url, protected, kind, _words(key_command))
    _check(new, wants_key=key_stdin)
    url = url and server_url(url)
    before = context.profiles.check_new(name, replace)
    if before and before["protected"]:
        context.require_named(name, str(context.profiles.path), f"replace profile {name}")
    if url and kind not in ("command", "env"):
        new = new._replace(key=_key(context, url, key_stdin))
    answer, place = context.profiles.add(new, replace=replace, dry_run=context.options.dry_run)
    context.note(place and f"the key is in {place}")
    context.output.one(context.show_answer(name, answer))
    if place and not context.options.dry_run:
        context.note(f"try it: gamify profiles test {name}")


@verb(app, shows=shapes.CONNECTION, writes=True)
def use(ctx: typer.Context, name: Name) -> None:
    """Make a profile the one that commands use by default.

    Examples:
        gamify profiles use local
        gamify profiles use local --dry-run

    Exit codes: 0, 2, 3, 7.
    """
    context: Context = ctx.obj
    answer = context.profiles.use(name, dry_run=context.options.dry_run)
    context.output.one(context.show_answer(name, answer))


@verb(app, "test", shows=shapes.TESTED)
def try_(ctx: typer.Context, name: NameOrCurrent = None) -> None:
    """Ask a profile's server or store something, and show how long the answer took.

    Fails (exit 7) where it cannot be reached, and (exit 4) where the key is refused.

    Examples:
        gamify profiles test
        gamify profiles test local --json

    Exit codes: 0, 2, 3, 4, 7, 8.
    """
    context: Context = ctx.obj
    if name is not None:
        context.choose_profile(name)
    target, backend = context.target, context.backend
    began = time.perf_counter()
    backend.rewards.list(None)
    milliseconds = (time.perf_counter() - began) * 1_000
    context.note(backend.notice())
    context.output.one(
        {
            "name": target.profile,
            "store": None if target.url else target.address,
            "url": target.url,
            "key": "accepted" if target.url else None,
            "latency_ms": round(milliseconds, 1),
        }
    )


@verb(app, shows=shapes.CONNECTION, writes=True)
def remove(ctx: typer.Context, name: Name) -> None:
    """Remove a profile, and the key that was put away for it.

    The store or server that it leads to stays.

    Examples:
        gamify profiles remove team --dry-run
        gamify profiles remove team

    Exit codes: 0, 2, 3, 7, 10.
    """
    context: Context = ctx.obj
    before = context.profiles.check_removable(name)
    if before["protected"]:
        context.require_named(name, str(context.profiles.path), f"remove profile {name}")
    if before["is_default"]:
        question = f"remove {name}, which is the default profile,"
        context.confirm_in(str(context.profiles.path), question, name)
    answer, left = context.profiles.remove(name, dry_run=context.options.dry_run)
    body = context.show_answer(name, answer)
    context.note(left)
    context.output.one(body)


def _kind(source: str | None, command: str | None) -> str | None:
    """Where the key is to be; raises UsageError."""
    if source is not None and source not in KINDS:
        raise UsageError(
            f'--key-source "{source}" is none of {", ".join(KINDS)}', hint=nearest(source, KINDS)
        )
    if command is not None and source not in (None, "command"):
        raise UsageError(f"--key-command contradicts --key-source {source}")
    if command is None and source == "command":
        raise UsageError("--key-source command needs --key-command")
    return source if command is None else "command"


def _words(command: str | None) -> tuple[str, ...]:
    """The words of a command as a shell would part them; raises UsageError."""
    try:
        words = tuple(shlex.split(command or ""))
    except ValueError as error:
        raise UsageError(f"--key-command: {error}") from error
    if command is not None and not any(words[:1]):
        raise UsageError("--key-command is empty")
    return words


def _check(new: NewProfile, *, wants_key: bool) -> None:
    """Raise UsageError for options that do not go together."""
    if (new.store is None) == (new.url is None):
        raise UsageError("a profile is of one server or one store", hint="give --url or --store")
    if new.store is not None and (new.kind or wants_key):
        raise UsageError("a store takes no key")
    if wants_key and new.kind in ("command", "env"):
        raise UsageError(f"--key-stdin contradicts the key source {new.kind}")


def _key(context: Context, url: str, on_stdin: bool) -> str | None:
    """The key on stdin, or typed; None where a rehearsal needs none. Raises UsageError."""
    if on_stdin:
        return checked(_stdin())
    if context.options.dry_run:
        return None
    key = context.ask_hidden(f"Key for {url}")
    if key is None:
        raise UsageError(
            "no key was given, and nobody can be asked",
            hint="add --key-stdin and pipe it in, or choose --key-source env",
        )
    return checked(key)


def _stdin() -> str:
    if sys.stdin is None:
        raise UsageError("stdin is closed, so there is no key to read")
    try:
        text = sys.stdin.buffer.read(MAX_BYTES)
    except OSError as error:
        raise UsageError(f"cannot read stdin: {error.strerror}") from error
    return text.decode("latin-1").removesuffix("\n").removesuffix("\r")
