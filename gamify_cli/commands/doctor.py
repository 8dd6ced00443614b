"""gamify doctor: whether all is well here, and what to do where it is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from gamify_cli.backend import Body
from gamify_cli.commands.base import noun, verb
from gamify_cli.context import Context
from gamify_cli.domain import shapes_access as shapes
from gamify_cli.errors import Partial

app = noun("doctor", "Check the configuration, the store or server, and this machine.")

_MARKS = {"pass": "✓", "warn": "!", "fail": "✗"}


@verb(app, shows=shapes.FINDING)
def doctor(
    ctx: typer.Context,
    all_: Annotated[bool, typer.Option("--all", help="Every profile, not the one in use.")] = False,
) -> None:
    """Check the configuration, the store or server, and this machine.

    Each check passes, warns or fails, with a hint. Nothing is changed. Looking at every page of
    a large store takes a while.

    Examples:
        gamify doctor
        gamify doctor --all --json

    Exit codes: 0, 2, 9.
    """
    context: Context = ctx.obj
    statuses: list[str] = []

    def told() -> Iterator[Body]:
        for profile, finding in context.examine(every_profile=all_):
            statuses.append(finding.status)
            body = {"check": finding.check, "profile": profile, **finding._asdict()}
            yield _for_people(body, all_) if context.output.format == "table" else body

    context.output.many(told())
    failed = statuses.count("fail")
    if failed:
        raise Partial(f"{failed} of {len(statuses)} checks failed")


def _for_people(body: Body, named: bool) -> Body:
    """With a mark that is seen at once, and the profile where there are several."""
    check = f"{body['profile']}: {body['check']}" if named and body["profile"] else body["check"]
    return {**body, "status": f"{_MARKS[body['status']]} {body['status']}", "check": check}
