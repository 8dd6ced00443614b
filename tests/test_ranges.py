"""Ranges of participants, worked on by this process or by several others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from conftest import Place
from ranging import dying, failing, ids

from gamify_cli.backend import Entry, Operation, Source, Write
from gamify_cli.errors import StoreError, Unavailable
from gamify_cli.store import ranges
from gamify_cli.store.local import LocalStore
from gamify_cli.store.session import Session

IDS = sorted(f"user_{number}" for number in range(2 * ranges.SIZE + 1))


@pytest.fixture(params=["sqlite", "postgres"])
def session(request: pytest.FixtureRequest, place: Place) -> Iterator[Session]:
    where = place.store if request.param == "sqlite" else request.getfixturevalue("database")
    store = LocalStore.open(where, timeout=10)
    importer = store.participants.importer(Write(Operation("op_1", "", "")), Source())
    list(importer.record([Entry(1, one, {}) for one in IDS], 1))
    yield store._session
    store.close()


@pytest.mark.parametrize("processes", [1, 2])
def test_each_participant_is_in_one_range_and_results_come_in_order(
    session: Session, processes: int
) -> None:
    found = list(ranges.each(session, ids, processes))

    assert [len(some) for some in found] == [ranges.SIZE, ranges.SIZE, 1]
    assert [one for some in found for one in some] == IDS


def test_what_befalls_one_process_ends_the_work(session: Session) -> None:
    with pytest.raises(StoreError, match="damaged from ") as failed:
        list(ranges.each(session, failing, 2))
    assert failed.value.hint == "look"

    with pytest.raises(Unavailable, match="was ended"):
        list(ranges.each(session, dying, 2))


def test_work_that_nobody_waits_for_ends(session: Session) -> None:
    with closing(ranges.each(session, ids, 2)) as work:
        assert len(next(work)) == ranges.SIZE
    with session.reading():
        assert session.one(session.sql.COUNT_PARTICIPANTS) == (len(IDS),)
