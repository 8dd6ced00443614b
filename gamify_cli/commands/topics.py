"""The topics of `gamify help`: a text file each, with tables out of what they tell of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gamify_cli.commands import pages
from gamify_cli.commands.environment import ENVIRONMENT
from gamify_cli.errors import kinds

_FOLDER = Path(__file__).with_name("topics")
_MARK = "@TABLE@"

TOPICS = ("exit-codes", "errors", "output", "profiles", "environment", "program", "automation")
"""Every topic, in the order of help."""


def summary(name: str) -> str:
    """What a topic is about: its first line after the name."""
    about = _text(name).split("\n", 1)[0].partition(": ")[2]
    return about[:1].upper() + about[1:]


def page(name: str) -> str:
    """The whole text of a topic, in at most 80 columns."""
    text = _text(name)
    return text.replace(_MARK, "\n".join(_TABLES[name]())) if name in _TABLES else text


def _text(name: str) -> str:
    return (_FOLDER / f"{name}.txt").read_text("utf-8").rstrip("\n")


def _exit_codes() -> list[str]:
    return pages.table(
        [
            (f"  {code:>3}  {pages.exit_name(code)}", about)
            for code, about in pages.exit_meanings().items()
        ]
    )


def _errors() -> list[str]:
    """A row each class of error; of several with one code, the HTTP status tells them apart."""
    rows = [("  CODE          EXIT  HTTP  RETRY", "MEANING")]
    for kind in kinds():
        retry = "yes" if kind.retryable else "no"
        columns = f"  {kind.code:<13} {kind.exit_code:>4}  {kind.http_status:>4}  {retry}"
        rows.append((columns, pages.meaning(kind)))
    return pages.table(rows, widest=33)


def _environment() -> list[str]:
    return pages.table([(f"  {name}", about) for name, about in ENVIRONMENT.items()])


_TABLES: dict[str, Callable[[], list[str]]] = {
    "exit-codes": _exit_codes,
    "errors": _errors,
    "environment": _environment,
}
