"""Many participants in few requests; one by one of a server that has no path for that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote

from gamify_cli import wire
from gamify_cli.backend import Body, Each, When
from gamify_cli.domain import vocabulary
from gamify_cli.errors import GamifyError, NoRoute, UsageError, WrongMethod
from gamify_cli.remote.calls import Calls, Parameters
from gamify_cli.remote.groups import grouped
from gamify_cli.remote.workers import in_order

_PATH = "/participants"
_MOST_BYTES = 16_000
"""Of ids in one path, which servers and proxies limit."""

Results = list[Body | GamifyError]


class Together:
    """Asks one server for participants, as many at a time as it takes."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._one_by_one = False

    def each(
        self,
        ids: Sequence[str],
        parameters: Parameters,
        when: When,
        otherwise: Callable[[Sequence[str]], Each],
    ) -> Each:
        """What is answered of each; `otherwise` asks for those that cannot be asked together."""
        asked = [] if self._one_by_one or len(ids) < 2 else ids
        groups = [*grouped(asked, _size, most=wire.MAX_TOGETHER, most_bytes=_MOST_BYTES)]
        path = wire.as_of(when) + _PATH
        answers = in_order(lambda some: self._ask(path, some, parameters), groups, self._calls.jobs)
        done = 0
        for group, results in zip(groups, answers, strict=True):
            if results is None:
                self._one_by_one = True
                break
            yield from results
            done += len(group)
        yield from otherwise(ids[done:])

    def _ask(self, path: str, ids: Sequence[str], parameters: Parameters) -> Results | None:
        """What is answered of each of a group; None if the server has no such path."""
        checked = [_checked(one) for one in ids]
        good = [one for one in checked if isinstance(one, str)]
        rows: Iterator[Body] = iter(())
        if good:
            try:
                body = self._calls.get(path, {"id": good, **parameters})
            except (NoRoute, WrongMethod):
                return None
            if "results" not in body:
                return None
            found = self._calls.rows(path, body, "results")
            if len(found) != len(good):
                raise self._calls.incomplete(path)
            rows = iter(found)
        return [_result(next(rows)) if isinstance(one, str) else one for one in checked]


def _result(row: Body) -> Body | GamifyError:
    body = row.get("participant")
    return body if isinstance(body, dict) else wire.item_error(row)


def _checked(one: str) -> str | GamifyError:
    try:
        return vocabulary.participant_id(one)
    except UsageError as error:
        return error


def _size(one: str) -> int:
    return len(quote(one, safe="", errors="replace"))
