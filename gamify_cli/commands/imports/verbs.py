"""gamify participants import, gamify events import: the same command for two kinds of rows."""

from __future__ import annotations

import typer

from gamify_cli.commands.base import described
from gamify_cli.commands.imports.options import (
    Check,
    Chosen,
    File,
    Format,
    Journal,
    OnError,
    ResultsFile,
    Resume,
)
from gamify_cli.context import Context
from gamify_cli.domain import shapes, shapes_store
from gamify_cli.errors import UsageError

_IMPORTED = {"rows": shapes.IMPORT, "journal": shapes_store.RESTORED}


@described(shows=_IMPORTED, writes=True)
def participants(
    ctx: typer.Context,
    file: File,
    format_: Format = None,
    check: Check = False,
    on_error: OnError = "continue",
    results: ResultsFile = None,
    resume: Resume = False,
    journal: Journal = False,
) -> None:
    """Register participants from a file, or update those that are there.

    A row of JSON Lines has participant_id and any of display_name, avatar_url and attributes,
    as for `create`; null clears. CSV and TSV have a header of these and of attr.NAME or
    attr.NAME:TYPE, where TYPE is str, int, float, bool or json; an empty cell gives nothing,
    and quotes count in CSV alone. What gamify shows beside, such as points, is left aside. A
    name that ends in .gz is unpacked.

    A bad row never stops the others, unless --on-error stop; exit 9 tells of any. Repeating
    the command changes nothing more. One that was cut short goes on with --resume, as if it
    had never been, while the file is as it was; its summary counts what was left to do. One
    into a server is repeated instead.

    --journal makes an empty store what the one was that `participants export --journal` read,
    whatever kind of database each is in; all of it, or nothing of a file that is cut off or
    was changed.

    Examples:
        gamify participants import people.csv
        gamify participants import people.jsonl --check
        gamify participants import journal.jsonl --journal --store copy.db

    Exit codes: 0, 2, 3, 4, 5, 7, 8, 9, 10.
    """
    if journal:
        if format_ or check or results or resume or on_error != "continue":
            raise UsageError("--journal takes no other option of an import")
        from gamify_cli.commands import journals

        journals.restore(ctx.obj, file)
        return
    chosen = Chosen.of(file, format_, check, on_error, results, resume)
    # What reads files is not loaded for the other commands of the noun.
    from gamify_cli.commands.imports import rows, running

    context: Context = ctx.obj
    # A store needs none: what a row gives is there already where it comes again.
    is_sent = not check and context.target.url
    people = rows.Participants(context.idempotency_key if is_sent else None)
    running.run(context, chosen, people, lambda *how: context.backend.participants.importer(*how))


@described(shows=shapes.IMPORT, writes=True)
def events(
    ctx: typer.Context,
    file: File,
    format_: Format = None,
    check: Check = False,
    on_error: OnError = "continue",
    results: ResultsFile = None,
    resume: Resume = False,
) -> None:
    """Record events from a file; a bad one never stops the others.

    A row of JSON Lines has participant_id and event_name and, where wanted, properties,
    timestamp (RFC 3339 or a date) and idempotency_key. CSV and TSV have a header of these and
    of property.NAME or property.NAME:TYPE, where TYPE is str, int, float, bool or json; an
    empty cell gives nothing, and quotes count in CSV alone. A name that ends in .gz is
    unpacked. Whoever is unknown is registered by its first event.

    A row without a key has the one of its line under --idempotency-key, or one of its content
    and its place among equal rows: what is imported again is recorded once, also after it was
    undone. An import that was cut short goes on with --resume; one into a server is repeated
    instead. --on-error stop ends at the first bad row.

    Examples:
        gamify events import events.jsonl
        gamify events import events.csv --idempotency-key import:7
        gamify events import - --on-error stop < events.jsonl

    Exit codes: 0, 2, 3, 4, 5, 7, 8, 9, 10.
    """
    chosen = Chosen.of(file, format_, check, on_error, results, resume)
    from gamify_cli.commands.imports import rows, running

    context: Context = ctx.obj
    told = rows.Events(context.options.idempotency_key)
    running.run(context, chosen, told, lambda *how: context.backend.events.importer(*how))
