"""gamify schema: what the API and the output look like, for programs."""

from __future__ import annotations

from typing import Annotated

import typer

from gamify_cli.commands.base import noun, verb
from gamify_cli.errors import UsageError, nearest

OPENAPI = "openapi"

app = noun("schema", "Print the JSON Schema of an answer, or the OpenAPI document.")


@verb(app)
def schema(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="openapi, or the name of a shape.", show_default=False),
    ] = None,
) -> None:
    """Print the JSON Schema of an answer, or the OpenAPI document.

    Without a name, print the names there are. Lists and pages have names of their own: row is
    a line of participants list, participants the page that a server answers.

    Examples:
        gamify schema
        gamify schema profile
        gamify schema openapi > openapi.json

    Exit codes: 0, 2.
    """
    import json

    from gamify_cli.domain import outputs

    if name is None:
        print(OPENAPI, *outputs.OUTPUTS, sep="\n")
        return
    if name == OPENAPI:
        from gamify_cli.server import openapi

        found = openapi.document()
    elif name in outputs.OUTPUTS:
        found = outputs.schema(name)
    else:
        hint = nearest(name, (OPENAPI, *outputs.OUTPUTS)) or "see the names: gamify schema"
        raise UsageError(f'there is no schema "{name}"', hint=hint)
    print(json.dumps(found, ensure_ascii=False, indent=2))
