"""How far an import came, kept in its operation: with each batch, in the batch's transaction."""

from __future__ import annotations

from hashlib import sha256

from gamify_cli.backend import Source, Write
from gamify_cli.domain import instants
from gamify_cli.domain.instants import Instant
from gamify_cli.errors import Conflict, NotFound
from gamify_cli.store.session import Session


class Progress:
    """One import of a kind, `participants` or `events`: begun now, or gone on with.

    What came of a stream counts alone, for nobody can read the rest of it again.

    `write` is as under the operation of the import; `now` is when that began, `done` how many
    lines of its input were done before. Raises NotFound, Conflict where nothing can be resumed.
    """

    def __init__(self, session: Session, kind: str, write: Write, source: Source) -> None:
        self._session = session
        self._kind = kind
        self._input = source.hash and f"{kind}:{source.hash}"
        self._is_kept = False
        self._lines = 0
        self._facts = 0
        self.write = write._replace(idempotency_key=None)
        self.now = session.now()
        self.done = 0
        if source.resume:
            self._resume()

    @property
    def operation(self) -> str:
        """The id of the operation."""
        return self.write.operation.operation

    def keep(self, lines: int, participants: int, facts: int) -> None:
        """Count what a batch changed; of an import that changed nothing yet, nothing is kept.

        Raises Conflict where what was kept before is gone.
        """
        self._require_known()
        if facts or (self._is_kept and self._input):
            self._lines = max(self._lines, lines)
            self._save(participants, facts, finished=0)

    def kept(self, facts: int) -> None:
        """What `keep` wrote is durable."""
        self._is_kept = self._is_kept or facts > 0
        self._facts += facts

    def finish(self) -> None:
        """All of the input is done."""
        if self._is_kept and self._input and not self.write.dry_run:
            self._session.changed(lambda: self._save(0, 0, finished=1), is_keyed=True)

    def _require_known(self) -> None:
        """A backup that was restored meanwhile has none of it, or not all."""
        session = self._session
        if not self._facts or self.write.dry_run:
            return
        (done,) = session.one(session.sql.COUNT_DONE, {"operation": self.operation}) or (0,)
        if done < self._facts:
            raise Conflict(
                "the store was restored while this went on: what was done before is not in it",
                hint="begin again from the start: what is there already stays as it is",
            )

    def _save(self, participants: int, facts: int, *, finished: int) -> None:
        operation = self.write.operation._asdict()
        del operation["shared"]
        values = operation | {"participants": participants, "facts": facts, "recorded_at": self.now}
        if not self._input:
            self._session.run(self._session.sql.COUNT_OPERATION, values)
            return
        values |= {"input": self._input, "lines": self._lines, "finished": finished}
        self._session.run(self._session.sql.COUNT_IMPORT, values)

    def _resume(self) -> None:
        with self._session.reading():
            every = list(self._session.rows(self._session.sql.FIND_IMPORTS))
        unfinished = [row for row in every if str(row[2]).startswith(f"{self._kind}:")]
        found = next((row for row in unfinished if row[2] == self._input), None)
        if found is None:
            raise self._refusal([row[1] for row in unfinished])
        operation, self.now, _, self.done = found
        self._lines, self._is_kept = self.done, True
        self.write = self.write._replace(
            operation=self.write.operation._replace(operation=operation)
        )

    def _refusal(self, begun: list[Instant]) -> NotFound | Conflict:
        hint = "import it without --resume: what is done already stays as it is"
        if not begun:
            return NotFound(f"no import of {self._kind} was cut short here", hint=hint)
        return Conflict(
            f"the import of {self._kind} of {instants.text(begun[0])} that was cut short read"
            " another file, or this one was changed since",
            hint=hint,
        )


class Ids:
    """New ids of one import, the same whenever a line is done again."""

    def __init__(self, operation: str) -> None:
        self._prefix = sha256(operation.encode()).hexdigest()[:14]
        self._line = self._count = 0

    def at(self, line: int) -> None:
        """The next ones are for this line."""
        self._line, self._count = line, 0

    def __call__(self) -> str:
        self._count += 1
        return f"{self._prefix}{self._line:07x}{self._count:03x}"
