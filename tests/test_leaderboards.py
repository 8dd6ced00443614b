"""Leaderboards: who is ranked where, in which window, and how that changed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, get_args

import pytest
from conftest import Place, Run

from gamify_cli.domain import instants, program_input, vocabulary
from gamify_cli.domain.leaderboards import SCORES, percentile, windows

BOARDS = "".join(
    f'[[leaderboards]]\ncode = "{metric}"\nname = "{metric}"\nmetric = "{metric}"\n'
    f'period = "{period}"\n'
    for metric, period in [
        ("balance", "all_time"),
        ("total_earned", "weekly"),
        ("events", "daily"),
    ]
)


@pytest.fixture(autouse=True)
def boards(call: Run, place: Place) -> None:
    """A store under a program of three leaderboards, made before anything happens in it."""
    apply(call, place, "")


def apply(call: Run, place: Place, settings: str) -> None:
    (place.home / "program.toml").write_text(f'name = "boards"\n{settings}\n{BOARDS}')
    at = {"GAMIFY_TEST_NOW": "2026-01-01T00:00:00Z"}
    assert call("program", "apply", "program.toml", env=at).exit_code == 0


def happen(call: Run, *lines: str) -> None:
    """Run `TIME words…` each at its time."""
    for line in lines:
        time, *words = line.split()
        result = call(*words, env={"GAMIFY_TEST_NOW": time})
        assert result.exit_code == 0, result.stderr


def ask(call: Run, time: str, *words: str) -> Any:
    """What a board says at a time; a year later, it says the same of that time."""
    result = call("leaderboards", *words, env={"GAMIFY_TEST_NOW": time})
    assert (result.exit_code, result.stderr) == (0, "")
    later = {"GAMIFY_TEST_NOW": "2027-03-01"}
    assert call("leaderboards", *words, "--at", time, env=later) == result
    return json.loads(result.stdout)


def entries(body: dict[str, Any], *members: str) -> list[tuple[Any, ...]]:
    return [tuple(entry[member] for member in members) for entry in body["entries"]]


def ids(entries: Iterable[tuple[Any, ...]]) -> dict[Any, Any]:
    return dict(entries)


def instant(time: str) -> int:
    return instants.parse(time, 0)


@pytest.mark.parametrize(
    ("period", "zone", "now", "before", "start", "end"),
    [
        ("daily", "UTC", "2026-02-28T23:59:59Z", "2026-02-27", "2026-02-28", "2026-03-01"),
        ("daily", "UTC", "2026-03-01T00:00:00Z", "2026-02-28", "2026-03-01", "2026-03-02"),
        (
            "daily", "Europe/Berlin", "2026-03-29T12:00:00Z",
            "2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z",
        ),
        (
            "daily", "Europe/Berlin", "2026-10-25T22:59:59Z",
            "2026-10-23T22:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z",
        ),
        (
            "daily", "America/New_York", "2026-02-15T04:59:59Z",
            "2026-02-13T05:00:00Z", "2026-02-14T05:00:00Z", "2026-02-15T05:00:00Z",
        ),
        ("weekly", "UTC", "2026-02-15T23:59:59Z", "2026-02-02", "2026-02-09", "2026-02-16"),
        ("weekly", "UTC", "2026-02-16T00:00:00Z", "2026-02-09", "2026-02-16", "2026-02-23"),
        ("weekly", "UTC", "2026-01-01T00:00:00Z", "2025-12-22", "2025-12-29", "2026-01-05"),
        (
            "weekly", "Europe/Berlin", "2026-04-01T00:00:00Z",
            "2026-03-22T23:00:00Z", "2026-03-29T22:00:00Z", "2026-04-05T22:00:00Z",
        ),
        ("monthly", "UTC", "2026-02-28T23:59:59Z", "2026-01-01", "2026-02-01", "2026-03-01"),
        ("monthly", "UTC", "2028-02-29T12:00:00Z", "2028-01-01", "2028-02-01", "2028-03-01"),
        ("monthly", "UTC", "2026-01-31T00:00:00Z", "2025-12-01", "2026-01-01", "2026-02-01"),
        (
            "monthly", "Europe/Berlin", "2026-03-31T21:59:59Z",
            "2026-01-31T23:00:00Z", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z",
        ),
        ("yearly", "UTC", "2026-12-31T23:59:59Z", "2025-01-01", "2026-01-01", "2027-01-01"),
        ("yearly", "UTC", "2026-01-01T00:00:00Z", "2025-01-01", "2026-01-01", "2027-01-01"),
        (
            "yearly", "Asia/Tokyo", "2026-12-31T15:00:00Z",
            "2025-12-31T15:00:00Z", "2026-12-31T15:00:00Z", "2027-12-31T15:00:00Z",
        ),
    ],
)  # fmt: skip
def test_a_window_is_cut_by_the_calendar_of_its_zone(
    period: str, zone: str, now: str, before: str, start: str, end: str
) -> None:
    found = windows(period, zone, instant(now))

    assert found == ((instant(start), instant(end)), (instant(before), instant(start)))


def test_all_time_has_no_window() -> None:
    assert windows("all_time", "UTC", instant("2026-02-14")) is None


@pytest.mark.parametrize(
    ("rank", "total", "expected"),
    [(1, 1, 0.0), (1, 2, 50.0), (1, 3, 66.7), (2, 3, 33.3), (3, 3, 0.0), (1, 16, 93.8)],
)
def test_a_percentile_tells_how_many_stand_below(rank: int, total: int, expected: float) -> None:
    assert percentile(rank, total) == expected


def test_the_words_of_the_options_are_those_of_a_program() -> None:
    fields = program_input.Leaderboard.model_fields

    assert get_args(fields["period"].annotation) == vocabulary.PERIODS
    assert set(get_args(fields["metric"].annotation)) == set(SCORES)


def test_all_time_ranks_every_active_participant(run: Run) -> None:
    happen(
        run,
        "2026-02-01T10:00:00Z points award bob 50",
        "2026-02-01T10:00:00Z points award ada 70",
        "2026-02-01T10:00:00Z points award fay 90",
        "2026-02-01T10:00:00Z points deduct ada 20",
        "2026-02-01T10:00:00Z participants create eve --display-name Eve",
        "2026-02-01T10:00:00Z participants deactivate fay --yes",
    )

    body = ask(run, "2026-02-14T10:00:00Z", "show", "balance")

    assert list(body) == ["leaderboard_code", "period", "entries", "total_participants"]
    assert (body["leaderboard_code"], body["period"]) == ("balance", "all_time")
    assert body["total_participants"] == 3
    assert [list(entry.items()) for entry in body["entries"]] == [
        [("rank", rank), ("participant_id", one), ("display_name", name), ("score", score),
         ("change", None)]
        for rank, one, name, score in [
            (1, "ada", None, 50), (1, "bob", None, 50), (3, "eve", "Eve", 0)
        ]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ranking", "ranks"),
    [("competition", [1, 2, 2, 2, 5, 6]), ("dense", [1, 2, 2, 2, 3, 4])],
)
def test_ties_share_a_rank_and_stand_by_their_ids(
    call: Run, ranking: str, ranks: list[int]
) -> None:
    for one, points in [("z", 9), ("b", 5), ("é", 5), ("B", 5), ("a", 4), ("y", 1)]:
        happen(call, f"2026-02-01T10:00:00Z points award {one} {points}")

    body = ask(call, "2026-02-14T10:00:00Z", "show", "balance", "--ranking", ranking)

    found = entries(body, "participant_id", "rank")
    assert found == list(zip(["z", "B", "b", "é", "a", "y"], ranks, strict=True))


def test_a_window_ranks_those_who_scored_in_it(run: Run) -> None:
    happen(
        run,
        "2026-02-08T23:59:59Z points award ada 500",
        "2026-02-09T00:00:00Z points award bob 20",
        "2026-02-15T23:59:59Z points award eve 30",
        "2026-02-15T23:59:59Z participants create fay",
    )

    assert ids(
        entries(ask(run, "2026-02-15T23:59:59Z", "show", "total_earned"), "participant_id", "score")
    ) == {"eve": 30, "bob": 20}
    empty = ask(run, "2026-02-16T00:00:00Z", "show", "total_earned")
    assert (empty["entries"], empty["total_participants"]) == ([], 0)


def test_the_zone_of_the_program_cuts_the_window(call: Run, place: Place) -> None:
    apply(call, place, 'timezone = "Europe/Berlin"')
    happen(
        call,
        "2026-03-28T22:59:59Z points award ada 1",
        "2026-03-28T23:00:00Z points award bob 2",
        "2026-03-29T21:59:59Z points award eve 3",
        "2026-03-29T22:00:00Z points award fay 4",
    )

    body = ask(call, "2026-03-29T21:59:59Z", "show", "total_earned", "--period", "daily")

    assert body["period"] == "daily"
    assert entries(body, "participant_id", "score") == [("eve", 3), ("bob", 2)]


def test_what_is_told_late_counts_when_it_happened(call: Run) -> None:
    happen(call, "2026-02-14T10:00:00Z points award ada 5 --occurred-at 2026-02-05T10:00:00Z")

    assert ask(call, "2026-02-14T10:00:00Z", "show", "total_earned")["entries"] == []
    monthly = ask(call, "2026-02-14T10:00:00Z", "show", "total_earned", "--period", "monthly")
    assert entries(monthly, "participant_id", "score") == [("ada", 5)]


def test_the_balance_of_a_window_is_what_it_changed(call: Run, place: Place) -> None:
    mug = '[[rewards]]\nid = "mug"\nname = "Mug"\ntype = "physical"\npoints_cost = 30\n'
    apply(call, place, f"\n{mug}")
    happen(
        call,
        "2026-02-01T10:00:00Z points award ada 500",
        "2026-02-01T10:00:00Z points award bob 500",
        "2026-02-01T10:00:00Z points award fay 500",
        "2026-02-14T10:00:00Z points deduct ada 20",
        "2026-02-14T10:00:00Z points award bob 7",
        "2026-02-14T10:00:00Z points deduct bob 7",
        "2026-02-14T10:00:00Z rewards claim eve mug",
        "2026-02-14T10:00:00Z rewards claim fay mug --pay",
    )

    body = ask(call, "2026-02-14T11:00:00Z", "show", "balance", "--period", "daily")

    assert entries(body, "participant_id", "score") == [("bob", 0), ("ada", -20), ("fay", -30)]


@pytest.mark.parametrize("swept", [False, True])
def test_points_that_ran_out_count_no_more(call: Run, swept: bool) -> None:
    happen(
        call,
        "2026-02-01T10:00:00Z points award ada 100 --expires-at 2026-02-13T00:00:00Z",
        "2026-02-01T10:00:00Z points award ada 40 --expires-at 2026-02-14T00:00:00Z",
        "2026-02-01T10:00:00Z points award ada 7 --expires-at 2026-02-15T00:00:00Z",
        "2026-02-01T10:00:00Z points award bob 50",
    )
    if swept:
        happen(call, "2026-02-14T10:00:00Z points award ada 1")
    now = "2026-02-14T12:00:00Z"
    more = 1 if swept else 0

    standing = entries(ask(call, now, "show", "balance"), "participant_id", "score")
    assert standing == [("bob", 50), ("ada", 7 + more)]
    daily = ask(call, now, "show", "balance", "--period", "daily")
    assert entries(daily, "participant_id", "score", "change") == [("ada", -40 + more, "same")]
    monthly = ask(call, now, "show", "balance", "--period", "monthly")
    assert ids(entries(monthly, "participant_id", "score")) == {"bob": 50, "ada": 7 + more}
    earned = ask(call, now, "show", "total_earned", "--period", "monthly")
    assert ids(entries(earned, "participant_id", "score")) == {"bob": 50, "ada": 147 + more}


def test_a_change_is_told_against_the_window_before(run: Run) -> None:
    before = [("ada", 40), ("bob", 30), ("cat", 20), ("dan", 10), ("eli", 99)]
    after = [("bob", 40), ("ada", 30), ("cat", 20), ("dan", 20), ("fay", 1)]
    for time, scores in [("2026-02-07", before), ("2026-02-14", after)]:
        happen(run, *(f"{time}T10:00:00Z points award {one} {n}" for one, n in scores))

    body = ask(run, "2026-02-14T12:00:00Z", "show", "total_earned")
    assert entries(body, "rank", "participant_id", "change") == [
        (1, "bob", "up"),
        (2, "ada", "same"),
        (3, "cat", "up"),
        (3, "dan", "up"),
        (5, "fay", "new"),
    ]
    happen(run, "2026-02-14T12:00:00Z points award fay 100")
    body = ask(run, "2026-02-14T12:00:00Z", "show", "total_earned")
    assert entries(body, "participant_id", "change")[2] == ("ada", "down")


def test_a_change_is_told_in_the_ranks_that_are_shown(call: Run) -> None:
    before = [("ada", 9), ("bob", 9), ("cat", 5)]
    after = [("ada", 9), ("bob", 8), ("cat", 8)]
    for time, scores in [("2026-02-07", before), ("2026-02-14", after)]:
        happen(call, *(f"{time}T10:00:00Z points award {one} {n}" for one, n in scores))
    line = ("2026-02-14T12:00:00Z", "show", "total_earned", "--ranking")

    competition = entries(ask(call, *line, "competition"), "participant_id", "change")
    dense = entries(ask(call, *line, "dense"), "participant_id", "change")

    assert ids(competition) == {"ada": "same", "bob": "down", "cat": "up"}
    assert ids(dense) == {"ada": "same", "bob": "down", "cat": "same"}


def test_events_are_counted(call: Run) -> None:
    happen(
        call,
        "2026-02-13T10:00:00Z events record ada login",
        "2026-02-14T10:00:00Z events record ada login",
        "2026-02-14T10:00:00Z events record ada buy",
        "2026-02-14T10:00:00Z events record bob login",
        "2026-02-14T10:00:00Z points award eve 5",
    )

    daily = ask(call, "2026-02-14T12:00:00Z", "show", "events")
    ever = ask(call, "2026-02-14T12:00:00Z", "show", "events", "--period", "all_time")

    assert entries(daily, "participant_id", "score", "change") == [
        ("ada", 2, "same"),
        ("bob", 1, "new"),
    ]
    assert entries(ever, "participant_id", "score") == [("ada", 3), ("bob", 1), ("eve", 0)]


def test_the_best_are_shown_and_all_are_counted(call: Run) -> None:
    for number in range(25):
        happen(call, f"2026-02-14T10:00:00Z points award user_{number:02} {100 + number}")

    usual = ask(call, "2026-02-14T12:00:00Z", "show", "balance")
    three = ask(call, "2026-02-14T12:00:00Z", "show", "balance", "--limit", "3")

    assert len(usual["entries"]) == 20
    assert entries(three, "participant_id") == [("user_24",), ("user_23",), ("user_22",)]
    assert three["total_participants"] == usual["total_participants"] == 25


def test_the_rank_of_one_tells_how_many_stand_below(run: Run) -> None:
    for one, points in [("ada", 9), ("bob", 5), ("cat", 5), ("dan", 1)]:
        happen(run, f"2026-02-14T10:00:00Z points award {one} {points}")
    happen(run, "2026-02-14T10:00:00Z participants create eve")

    found = ask(run, "2026-02-14T12:00:00Z", "rank", "cat", "balance")
    weekly = ask(run, "2026-02-14T12:00:00Z", "rank", "dan", "total_earned")

    assert list(found.items()) == [
        ("participant_id", "cat"),
        ("rank", 2),
        ("score", 5),
        ("total_participants", 5),
        ("percentile", 60.0),
    ]
    assert tuple(weekly.values()) == ("dan", 4, 1, 4, 0.0)


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("rank bob balance", 3, 'participant "bob" not found'),
        ("rank ada total_earned", 3, 'participant "ada" is not ranked in "total_earned" (weekly)'),
        ("rank gus balance", 3, 'participant "gus" is not ranked in "balance" (all_time)'),
        ("rank ada balanc", 3, 'leaderboard "balanc" not found in profile local\n  hint: did you'),
        ("show balanc", 3, 'leaderboard "balanc" not found in profile local\n  hint: did you mean'),
        ("show balance --limit 0", 2, "--limit must be from 1 to 100, not 0"),
        ("show balance --limit 101", 2, "--limit must be from 1 to 100, not 101"),
        ("show balance --period week", 2, 'unknown "week" in --period\n  hint: did you mean week'),
        ("show balance --ranking x", 2, 'unknown "x" in --ranking\n  hint: choose from compet'),
        ("rank ada balance --period x", 2, 'unknown "x" in --period'),
    ],
)
def test_what_cannot_be_ranked_says_why(run: Run, line: str, code: int, message: str) -> None:
    happen(
        run,
        "2026-02-01T10:00:00Z participants create ada",
        "2026-02-01T10:00:00Z participants create gus",
        "2026-02-01T10:00:00Z participants deactivate gus --yes",
    )

    result = run("leaderboards", *line.split())

    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith(f"gamify: {message}")


def test_what_happened_later_and_what_was_told_later_are_left_out(call: Run) -> None:
    happen(
        call,
        "2026-02-01T10:00:00Z participants create ada --display-name Ada",
        "2026-02-01T10:00:00Z points award ada 50 --expires-at 2026-02-20",
        "2026-02-01T10:00:00Z points award bob 40",
        "2026-02-10T10:00:00Z participants create ada --display-name Eve",
        "2026-02-10T10:00:00Z participants deactivate bob --yes",
        "2026-02-21T10:00:00Z points award cat 60 --occurred-at 2026-02-05T00:00:00Z",
    )

    def board(*times: str) -> list[tuple[Any, ...]]:
        now = {"GAMIFY_TEST_NOW": "2026-03-01T00:00:00Z"}
        shown = call("leaderboards", "show", "balance", *times, env=now)
        return entries(json.loads(shown.stdout), "participant_id", "display_name", "score")

    assert board() == [("cat", None, 60), ("ada", "Eve", 0)]
    assert board("--at", "2026-02-06") == [("cat", None, 60), ("ada", "Ada", 50), ("bob", None, 40)]
    assert board("--known-at", "2026-02-06") == [("ada", "Ada", 50), ("bob", None, 40)]
    assert board("--at", "2026-02-06", "--known-at", "2026-02-12") == [
        ("ada", "Ada", 50),
        ("bob", None, 40),
    ]
    unknown = call("leaderboards", "rank", "cat", "balance", "--known-at", "2026-02-06")
    assert unknown.exit_code == 3
    assert unknown.stderr.startswith('gamify: participant "cat" not found')


def test_a_person_sees_a_row_an_entry(run: Run) -> None:
    happen(
        run,
        "2026-02-14T10:00:00Z participants create ada --display-name Ada",
        "2026-02-14T10:00:00Z points award ada 1500",
        "2026-02-14T10:00:00Z points award bob 20",
    )

    shown = run("leaderboards", "show", "balance", "-o", "table").stdout
    empty = run("leaderboards", "show", "events", "-o", "table").stdout

    assert [line.rstrip() for line in shown.splitlines()] == [
        "leaderboard_code    balance",
        "period              all_time",
        "total_participants  2",
        "",
        "entries",
        "rank  participant_id  display_name  score  change",
        "─────────────────────────────────────────────────",
        "   1  ada             Ada            1500",
        "   2  bob                              20",
    ]
    assert [line.split() for line in empty.splitlines()][2:] == [
        ["entries", "none"],
        ["total_participants", "0"],
    ]


def test_without_a_store_there_is_no_leaderboard(call: Run, place: Place) -> None:
    other = place.home / "other.db"

    assert call("leaderboards", "show", "balance", "--store", str(other)).exit_code == 3
    assert not other.exists()
