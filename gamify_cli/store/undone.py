"""What is undone, how far that came, and what is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gamify_cli.backend import Body, Operation
from gamify_cli.domain import undoing
from gamify_cli.domain.undoing import Undone
from gamify_cli.errors import Conflict, Erased
from gamify_cli.store.session import Row, Session

_PROGRESS = "undo:"
"""What the input of an undo begins with; the last participant that is done follows."""


class Target(NamedTuple):
    """What is undone: the columns of an operation, then how its undo stands.

    `undoing` is the undo that was cut short, `after` the participant up to which it came;
    `only` the one participant that it is on, None for several. `is_undo` if it is one itself.
    """

    operation: str
    command: str
    actor: str
    recorded_at: int
    program: int | None
    participants: int
    facts: int
    undone_by: str | None
    undoing: str | None = None
    after: str = ""
    only: str | None = None
    is_undo: bool = False

    @classmethod
    def of(cls, session: Session, row: Row) -> Target:
        """An operation that can be undone; raises Conflict for any other."""
        target = cls(*row)
        one = {"operation": target.operation}
        target._require_facts(session)
        only = session.one(session.sql.FIND_ONLY, one)
        (input_, _) = session.one(session.sql.FIND_PROGRESS, one) or (None, None)
        target = target._replace(
            only=only[0] if only else None, is_undo=str(input_).startswith(_PROGRESS)
        )
        return target._standing(session, target.undone_by)

    @property
    def since(self) -> int:
        """Nobody that it is on was recorded before, whatever clocks were put back.

        Its id tells when it was made, in milliseconds.
        """
        digits = self.operation[3:15]
        try:
            return min(self.recorded_at, int(digits, 16) * 1_000)
        except ValueError:
            return self.recorded_at

    def locked(self, session: Session) -> Target:
        """The same as nobody else changes it until the transaction ends; raises Conflict."""
        if self.only is not None:
            session.lock([self.only])
        row = session.one(session.sql.LOCK_OPERATION, {"operation": self.operation})
        return self._standing(session, row[0] if row else None)

    def keep(
        self,
        session: Session,
        operation: Operation,
        told: Told,
        ids: Sequence[str],
        *,
        is_last: bool,
    ) -> None:
        """Count what a batch did, and how far it came."""
        values = operation._asdict() | {
            "recorded_at": session.now(),
            "participants": told.participants,
            "facts": told.facts,
            # Nobody needs to know who was last, once it is done.
            "input": _PROGRESS + ("" if is_last else ids[-1] if ids else self.after),
            "lines": None,
            "finished": int(is_last),
        }
        del values["shared"]
        session.run(session.sql.COUNT_IMPORT, values)
        if self.undoing:
            return
        mark = {"operation": self.operation, "undone_by": operation.operation}
        if session.one(session.sql.FIND_OPERATION, {"operation": self.operation}):
            session.run(session.sql.MARK_UNDONE, mark)
        else:
            columns = self._asdict() | mark
            for name in ("undoing", "after", "only", "is_undo"):
                del columns[name]
            session.run(session.sql.KEEP_UNDONE, columns)

    def _standing(self, session: Session, undone_by: str | None) -> Target:
        """How its undo stands; raises Conflict if that is done."""
        if undone_by is None:
            return self._replace(undone_by=None, undoing=None, after="")
        progress = session.one(session.sql.FIND_PROGRESS, {"operation": undone_by})
        input_, finished = progress or ("", 1)
        if not finished:
            after = input_.removeprefix(_PROGRESS)
            return self._replace(undone_by=undone_by, undoing=undone_by, after=after)
        raise self._undone_already(session, undone_by)

    def _undone_already(self, session: Session, undone_by: str) -> Conflict:
        chain = [undone_by]
        while row := session.one(session.sql.FIND_OPERATION, {"operation": chain[-1]}):
            *_, following = row
            if following is None:
                break
            chain.append(following)
        what = "bring it back" if len(chain) % 2 else "undo it again"
        return Conflict(
            f'operation "{self.operation}" was undone already, by {undone_by}',
            hint=f"to {what}: gamify operations undo {chain[-1]}",
        )

    def _require_facts(self, session: Session) -> None:
        applied = session.one(session.sql.FIND_APPLIED, {"operation": self.operation})
        if applied:
            raise Conflict(
                f'operation "{self.operation}" applied version {applied[0]} of the program,'
                " which is not undone",
                hint="apply an earlier one: gamify program show --version N --json",
            )
        if not self.facts:
            raise Conflict(
                f'operation "{self.operation}" changed no participant: there is nothing to undo',
                hint="keys, codes and what is done to a whole store stay as they are",
            )


class Told:
    """What is told of the participants that an undo changed, or would."""

    def __init__(self, target: Target, operation: str | None) -> None:
        self._target = target
        self._operation = operation
        self.participants = self.facts = 0
        self._reversed = self._points = self._void = 0
        self._codes: list[Body] = []
        self._shortfalls: list[Body] = []
        self._refused: list[Body] = []
        self._spared: list[Erased] = []

    def add(self, undone: Undone) -> None:
        """One more participant."""
        decision = undone.decision
        one = {"participant_id": decision.participant.participant_id}
        self.participants += 1
        self.facts += len(decision.facts)
        self._reversed += undone.reversed
        self._points += undone.amount
        self._void += undone.vanishes
        if undone.lost:
            self._codes += [one | code for code in undone.codes]
        if undone.shortfalls or undone.refused:
            self._shortfalls += [one | shortfall for shortfall in undone.shortfalls]
            self._refused += [one | refused for refused in undone.refused]

    def spare(self, participant_id: str, fact: int, error: Erased) -> None:
        """One who was erased stays as it is."""
        self._spared.append(error)
        told = {"fact": fact, "kind": "erased", "reason": error.message}
        self._refused.append({"participant_id": participant_id, **told})

    def body(self, *, complete: bool) -> Body:
        """As it is shown; `complete` if nobody is left."""
        return {
            "operation": self._target.operation,
            "command": self._target.command,
            "undo": self._operation,
            "participants": self.participants,
            "facts": self._reversed,
            "points": self._points,
            "void": self._void,
            "codes": self._codes,
            "shortfalls": self._shortfalls,
            "refused": self._refused,
            "complete": complete,
        }

    def require_some(self) -> None:
        """Raise Conflict if nothing was there to be undone."""
        if self._spared and not self.participants:
            raise self._spared[0]
        if not self.participants:
            raise Conflict(
                f'operation "{self._target.operation}" recorded nothing but points that ran out:'
                " there is nothing to undo"
            )

    def require_enough(self) -> None:
        """Raise Rejected if points are spent already that would be taken back."""
        if self._shortfalls:
            raise undoing.short(self._shortfalls)
