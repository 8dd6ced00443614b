"""What the journal says, written in place of what differs from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice

from gamify_cli.backend import Write
from gamify_cli.domain import jsontext
from gamify_cli.store import records
from gamify_cli.store.session import Row, Session
from gamify_cli.store.verifying.auditing import Auditor
from gamify_cli.store.verifying.drifts import Drift, Fix
from gamify_cli.store.verifying.findings import Claim, Findings

_BATCH = 500


class Repair:
    """Repairs one store under an operation of its own, a batch a transaction.

    Others may write: each value is looked at again once it is locked, and sums and counters are
    changed by what was missing.
    """

    def __init__(self, session: Session, write: Write) -> None:
        self._session = session
        self._write = write

    def run(self, drifts: Iterable[Drift], watch: Callable[[int], None]) -> set[Fix]:
        """Make every fix that still can be made, and answer which.

        `watch` hears how many were looked at.
        """
        fixes = iter(dict.fromkeys(drift.fix for drift in drifts if drift.fix))
        made: set[Fix] = set()
        looked_at = 0
        while batch := list(islice(fixes, _BATCH)):
            made |= self._session.changed(partial(self._batch, batch), is_keyed=False)
            looked_at += len(batch)
            watch(looked_at)
        return made

    def _batch(self, fixes: Sequence[Fix]) -> set[Fix]:
        who = self._write.operation._asdict()
        del who["shared"]
        # It has no facts of its own: what it does is what the journal said before.
        counts = {"recorded_at": self._session.now(), "participants": 0, "facts": 0}
        self._session.run(self._session.sql.COUNT_OPERATION, who | counts)
        made = self._rows([fix for fix in fixes if fix.how == "row"])
        for fix in fixes:
            if fix.how != "row" and getattr(self, fix.how)(*fix.values):
                made.add(fix)
        return made

    def _rows(self, fixes: Sequence[Fix]) -> set[Fix]:
        """Make rows of what their journals say, those that are missing, too."""
        session, sql = self._session, self._session.sql
        ids = sorted(str(fix.values[0]) for fix in fixes)
        locked = session.rows(sql.LOCK_PARTICIPANTS, {"ids": jsontext.compact(ids)})
        known = {row[0] for row in locked}
        auditor, found = Auditor(session), Findings()
        new: list[Row] = []
        changed: list[Row] = []
        for one in ids:
            if replayed := auditor.replayed(one, found):
                row = records.participant_row(replayed)
                (changed if one in known else new).append(row)
        session.run_all(sql.UPDATE_PARTICIPANT, [records.update_row(row) for row in changed])
        session.run_all(sql.INSERT_PARTICIPANT, new)
        return {Fix("row", (row[0],)) for row in (*changed, *new)}

    def sums(self, operation: str, participants: int, facts: int) -> bool:
        """Add to what an operation counts what is missing there."""
        missing = {"more_participants": participants, "more_facts": facts}
        self._session.run(self._session.sql.CORRECT_OPERATION, {"operation": operation, **missing})
        return True

    def undone(self, operation: str, undoing: str) -> bool:
        """Say of an operation that another one undid it."""
        mark = {"operation": operation, "undone_by": undoing}
        self._session.run(self._session.sql.MARK_UNDONE, mark)
        return True

    def counter(self, reward: str, stored: int | None, left: int) -> bool:
        """Let the counter of a reward say how much is left, less what was claimed since."""
        sql, whose = self._session.sql, {"reward_id": reward}
        if stored is None:
            self._session.run(sql.START_COUNTER, whose | {"remaining": left})
        else:
            self._session.run(sql.CHANGE_COUNTER, whose | {"change": left - stored})
        return True

    def code(self, reward: str, code: str, stored: Row | None, claim: Claim) -> bool:
        """Give a code to whom the journal gave it, unless it is another's by now."""
        session, sql = self._session, self._session.sql
        left = int(claim.claim_id is None)
        whose = {"of_reward": reward, "of_code": code}
        now = session.one(sql.LOCK_TAKEN, whose)
        if now != stored:
            return False
        if now is None:
            session.run(sql.RESTORE_STOCK, (reward, code, left, *claim))
        else:
            values = {"remaining": left, **claim._asdict()}
            session.run(sql.CORRECT_CODE, whose | values)
        return True
