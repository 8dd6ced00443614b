"""What can be chosen for an import."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import typer

from gamify_cli.errors import UsageError, nearest

FORMATS = ("jsonl", "csv", "tsv")
ON_ERROR = ("continue", "stop")
_SUFFIXES = {"ndjson": "jsonl", "tab": "tsv", **{one: one for one in FORMATS}}

File = Annotated[
    str,
    typer.Argument(metavar="FILE|-", help="JSON Lines, CSV or TSV.", show_default=False),
]
Format = Annotated[
    str | None,
    typer.Option("--format", metavar="KIND", help="jsonl, csv or tsv, if the name does not tell."),
]
Check = Annotated[bool, typer.Option("--check", help="Read and check every row; touch no store.")]
OnError = Annotated[str, typer.Option(metavar="WHAT", help="At a bad row, continue or stop.")]
ResultsFile = Annotated[
    str | None,
    typer.Option("--results", metavar="FILE", help="Write what came of each row, as JSON Lines."),
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on with an import of this file that was cut short.")
]
Journal = Annotated[
    bool, typer.Option("--journal", help="The file is of export --journal; the store is empty.")
]


class Chosen(NamedTuple):
    """The options of one import; raises UsageError for values that are none."""

    file: str
    format: str
    check: bool
    stops: bool
    results: str | None
    resume: bool

    @classmethod
    def of(
        cls,
        file: str,
        format_: str | None,
        check: bool,
        on_error: str,
        results: str | None,
        resume: bool,
    ) -> Chosen:
        if on_error not in ON_ERROR:
            raise _none_of("--on-error", on_error, ON_ERROR)
        if format_ is not None and format_ not in FORMATS:
            raise _none_of("--format", format_, FORMATS)
        if resume and check:
            raise UsageError("--resume does not go with --check", hint="which checks all rows")
        if resume and file == "-":
            raise UsageError("--resume needs a file", hint="nobody can read stdin again")
        if results == "-":
            raise UsageError("--results needs a file", hint="stdout has the summary")
        format_ = format_ or _format_of(file)
        return cls(file, format_, check, on_error == "stop", results, resume)


def _format_of(file: str) -> str:
    """The format that a name tells; JSON Lines for one without a suffix."""
    name = file.rpartition("/")[2].lower().removesuffix(".gz")
    suffix = name.rpartition(".")[2] if "." in name.strip(".") else "jsonl"
    if suffix not in _SUFFIXES:
        raise UsageError(
            f"the name {file} does not tell its format", hint="add --format jsonl, csv or tsv"
        )
    return _SUFFIXES[suffix]


def _none_of(option: str, value: str, known: tuple[str, ...]) -> UsageError:
    return UsageError(
        f'{option} "{value}" is none of {", ".join(known)}', hint=nearest(value, known)
    )
