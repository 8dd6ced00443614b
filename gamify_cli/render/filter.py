"""--jq: an expression of jq over the JSON that would be shown, run inside the program.

Numbers stay as they are written, also those beyond a double, unless the expression calculates
with them: jq itself keeps them, and its results are taken as text.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import jq  # type: ignore[import-not-found] # has no types

from gamify_cli.domain.jsontext import compact
from gamify_cli.errors import UsageError
from gamify_cli.render.escape import escape_json, escape_lines
from gamify_cli.render.rows import WholeRows

Body = dict[str, Any]

_MANUAL = "the language is told at https://jqlang.org/manual"
_DONE = "the command itself is done; only its answer was not shown"
_FAULT = "jq: error: "


class Filter:
    """An expression that was found good. Texts are shown as they are, the rest as JSON."""

    def __init__(self, expression: str) -> None:
        """Raises UsageError, with what jq says, unless it compiles."""
        self._program = _compiled(expression)

    def one(self, out: WholeRows, body: Any) -> None:
        """Show what comes of one body. Raises UsageError where the expression fails on it."""
        self._whole(out, _text(body))

    def many(self, out: WholeRows, format_: str, bodies: Iterable[Body]) -> None:
        """The same for a stream: of all as one array, or as jsonl of each as it comes.

        A body that the expression fails on does not stop those after it.
        """
        texts = map(_text, bodies)
        if format_ == "jsonl":
            self._each(out, texts)
            return
        shown: list[str] = []
        try:
            shown.extend(texts)
        except BaseException:
            # What was done is shown as it is without an expression, and why it ended matters most.
            with suppress(UsageError):
                self._whole(out, _array(shown))
            raise
        self._whole(out, _array(shown))

    def _whole(self, out: WholeRows, text: str) -> None:
        try:
            self._show(out, _interruptible(self._program.input_text(text)))
        except ValueError as error:
            raise UsageError(f"--jq: {error}", hint=_DONE) from None

    def _each(self, out: WholeRows, texts: Iterable[str]) -> None:
        count, faults = 0, []
        for count, text in enumerate(texts, 1):  # noqa: B007 (told below)
            try:
                self._show(out, self._program.input_text(text))
            except ValueError as error:
                faults.append(str(error))
        if faults:
            many = f"{len(faults):,} of {count:,} lines"
            raise UsageError(f"--jq failed on {many}: {faults[0]}", hint=_DONE)

    def _show(self, out: WholeRows, results: Iterable[str]) -> None:
        """Write the results; asking for them raises ValueError with what jq says."""
        is_terminal = out.isatty()
        for result in results:
            line = escape_json(result)
            if result.startswith('"'):
                line = json.loads(result)
                # Another program must get the very text; what acts is spelt out for a person.
                line = escape_lines(line) if is_terminal else line
            out.write(line + "\n")


def _text(body: Any) -> str:
    return escape_json(compact(body))


def _array(texts: list[str]) -> str:
    return f"[{','.join(texts)}]"


def _compiled(expression: str) -> Any:
    """The expression, its results as JSON text; raises UsageError."""
    try:
        jq.compile(expression)
    except ValueError as error:
        faults = [line for line in str(error).splitlines() if line.startswith(_FAULT)]
        text = "; ".join(map(_plain, faults)) or str(error)
        raise UsageError(f"--jq: {text}", hint=_MANUAL) from None
    # A comment at its end may reach into the next line, by a backslash.
    return jq.compile(f"{expression}\n\n| tojson")


def _plain(fault: str) -> str:
    return fault.removeprefix(_FAULT).replace("<top-level>, ", "").rstrip(": ")


def _interruptible(results: Iterable[str]) -> Iterator[str]:
    """The results; Ctrl-C ends the program while jq looks for one, as Python cannot hear it."""
    following = iter(results)
    while True:
        before = signal.signal(signal.SIGINT, signal.SIG_DFL)
        try:
            result = next(following, None)
        finally:
            signal.signal(signal.SIGINT, before)
        if result is None:
            return
        yield result
