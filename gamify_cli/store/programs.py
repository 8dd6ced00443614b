"""The program in force in a local store."""

from __future__ import annotations

from gamify_cli.domain import jsontext
from gamify_cli.domain.program import NONE, Program
from gamify_cli.store import sqlite_sql as sql
from gamify_cli.store.session import Session


class Programs:
    """Reads the newest program inside each transaction; one that was read is not built again."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known = NONE

    def current(self) -> Program:
        """The program in force now."""
        row = self._session.one(sql.FIND_PROGRAM)
        if row is None:
            return NONE
        version, document = row
        if version != self._known.version:
            self._known = Program(version, jsontext.stored(document))
        return self._known
