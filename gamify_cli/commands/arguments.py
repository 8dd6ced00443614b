"""Arguments and options that several commands take."""

from __future__ import annotations

from typing import Annotated

import typer

from gamify_cli.errors import UsageError


def _one(value: str) -> str:
    if value == "-":
        raise UsageError("this command takes one id, and - stands for many")
    return value


OneId = Annotated[
    str,
    typer.Argument(metavar="ID", help="The participant.", show_default=False, callback=_one),
]
SomeIds = Annotated[
    list[str],
    typer.Argument(
        metavar="ID", help="Participants; - reads ids from stdin, one a line.", show_default=False
    ),
]
DisplayName = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Name to show, at most 255 characters.")
]
AvatarUrl = Annotated[
    str | None, typer.Option(metavar="URL", help="Absolute http or https URL of a picture.")
]
Attributes = Annotated[
    str | None, typer.Option(metavar="JSON|@FILE", help="Attributes as one JSON object.")
]
Attr = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=TEXT", help="One attribute; NAME:=JSON for other than text."),
]
Input = Annotated[
    str | None, typer.Option("--input", metavar="FILE|-", help="The whole request body as JSON.")
]
OneOrStdin = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="The participant; - reads ids from stdin.", show_default=False
    ),
]
Reason = Annotated[str | None, typer.Option(metavar="TEXT", help="Kept in the journal.")]
Metadata = Annotated[
    str | None, typer.Option(metavar="JSON|@FILE", help="Free members, kept in the journal.")
]
OccurredAt = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="When it happened, if not now; in order alone."),
]
ProgramFile = Annotated[
    str,
    typer.Argument(
        metavar="FILE", help="The program in TOML or JSON; - reads stdin.", show_default=False
    ),
]
Since = Annotated[str | None, typer.Option(metavar="TIME", help="Occurred at this time or later.")]
Until = Annotated[
    str | None, typer.Option(metavar="TIME", help="Occurred at this time or earlier.")
]
Before = Annotated[int | None, typer.Option(metavar="NUMBER", help="Facts before this one.")]
After = Annotated[
    str | None, typer.Option(metavar="CURSOR", help="Go on where the page before ended.")
]
Limit = Annotated[int | None, typer.Option(metavar="N", help="At most so many, 100 by default.")]
All = Annotated[bool, typer.Option("--all", help="All there are.")]
Text = Annotated[
    str | None, typer.Option("--q", metavar="TEXT", help="Part of the id or name, any case.")
]
HasAttr = Annotated[
    list[str] | None,
    typer.Option("--attr", metavar="NAME=TEXT", help="Has this attribute; NAME:=JSON if not text."),
]
InTier = Annotated[str | None, typer.Option("--tier", metavar="CODE", help="Stands in this tier.")]
Where = Annotated[
    list[str] | None,
    typer.Option(metavar="TEST", help="A number compared, such as 'balance>=1000'."),
]
SeenBefore = Annotated[
    str | None, typer.Option(metavar="TIME", help="Last seen before: a date, or 90d ago.")
]
Active = Annotated[
    bool | None, typer.Option("--active/--inactive", help="Active ones alone, or the others.")
]
Sort = Annotated[str, typer.Option(metavar="KEY", help="Field to sort by; -KEY for descending.")]
