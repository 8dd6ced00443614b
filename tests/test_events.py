"""Events: what the rules give for them, what they refuse, and what is kept of it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from itertools import pairwise
from typing import Any

import pytest
from conftest import Place, Run

from gamify_cli.domain import instants
from gamify_cli.domain.instants import DAY, SECOND
from gamify_cli.domain.limits import Windows
from gamify_cli.domain.participant import Participant, evolve
from gamify_cli.store import records

PROGRAM = """
name = "events"
timezone = "Europe/Berlin"
badges = [
    { code = "twice", name = "Twice", criterion = { event = "visit", at_least = 2 } },
    { code = "gift", name = "Gift" },
]
tiers = [{ code = "ten", name = "Ten", level = 1, points_required = 10 }]
streaks = [{ code = "daily", name = "Daily", period = "daily" }]
"""
LOGIN = 'code = "login"\nevent = "login"\npoints = 5\nstreak = "daily"'


def apply(call: Run, place: Place, *rules: str, zone: str = "Europe/Berlin") -> None:
    text = PROGRAM.replace("Europe/Berlin", zone) + "".join(
        f"\n[[rules]]\n{rule}\n" for rule in rules
    )
    (place.home / "program.toml").write_text(text, "utf-8")
    result = call("program", "apply", "program.toml")
    assert result.exit_code == 0, result.stderr


def record(call: Run, *line: str, now: str | None = None) -> Any:
    env = {"GAMIFY_TEST_NOW": now} if now else None
    result = call("events", "record", "ada", *line, env=env)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def journal(place: Place) -> list[tuple[Any, ...]]:
    query = "SELECT number, kind, data, cause, occurred_at FROM journal ORDER BY 1"
    with closing(sqlite3.connect(place.store)) as connection:
        rows = connection.execute(query).fetchall()
    return [(number, kind, json.loads(data), *rest) for number, kind, data, *rest in rows]


def test_the_answer_names_the_rule_of_each_effect(run: Run, call: Run, place: Place) -> None:
    apply(call, place, LOGIN + '\nbadge = "gift"')

    result = run("events", "record", "ada", "login")

    body = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (0, "recorded ada\n")
    assert list(body) == ["event_id", "fact_id", "status", "effects", "refused"]
    assert (body["fact_id"], body["status"], body["refused"]) == (2, "processed", [])
    assert body["effects"] == [
        {"rule": "login", "type": "points", "amount": 5},
        {"rule": "login", "type": "badge", "code": "gift"},
        {"rule": "login", "type": "streak", "code": "daily"},
    ]


def test_every_derived_fact_names_its_cause(call: Run, place: Place) -> None:
    apply(call, place, LOGIN.replace("5", "10") + '\nbadge = "gift"')

    record(call, "login")

    assert [(number, kind, cause) for number, kind, _, cause, _ in journal(place)] == [
        (1, "registered", 2),
        (2, "event_recorded", None),
        (3, "points_awarded", 2),
        (4, "tier_changed", 3),
        (5, "badge_earned", 2),
        (6, "streak_recorded", 2),
    ]
    profile = json.loads(call("participants", "get", "ada").stdout)
    assert (profile["total_events"], profile["points"]["balance"]) == (1, 10)
    assert (profile["tier"]["code"], profile["streaks"]["current"]) == ("ten", 1)


@pytest.mark.parametrize(
    ("where", "properties", "holds"),
    [
        ("amount = 5", {"amount": 5}, True),
        ("amount = 5", {"amount": 5.0}, True),
        ("amount = 5", {"amount": "5"}, False),
        ("amount = 1", {"amount": True}, False),
        ("paid = true", {"paid": 1}, False),
        ('plan = "pro"', {"plan": "pro"}, True),
        ('plan = "pro"', {}, False),
        ("plan = { ne = 1 }", {"plan": "1"}, True),
        ("plan = { ne = 1 }", {}, False),
        ("amount = { gt = 5, lte = 7 }", {"amount": 7}, True),
        ("amount = { gt = 5, lte = 7 }", {"amount": 5}, False),
        ("amount = { gte = 5 }", {"amount": "7"}, False),
        ("amount = { lt = 5 }", {"amount": False}, False),
        ('day = { gte = "2026-01-01" }', {"day": "2026-02-01"}, True),
        ("amount = { in = [1, 2] }", {"amount": 2}, True),
        ('amount = { in = [1, "x"] }', {"amount": True}, False),
        ("coupon = { exists = false }", {}, True),
        ("coupon = { exists = true }", {"coupon": None}, True),
        ('"order.total" = { gte = 5 }', {"order": {"total": 5}}, True),
        ("order = { total = { gte = 5 } }", {"order": {"total": 4}}, False),
        ('"order.total" = 1', {"order": [1]}, False),
        ("tags = [1, true]", {"tags": [1, True]}, True),
        ("tags = [1, true]", {"tags": [1, 1]}, False),
    ],
)
def test_a_rule_acts_where_its_conditions_hold(
    where: str, properties: dict[str, Any], holds: bool, call: Run, place: Place
) -> None:
    apply(call, place, f'code = "r"\nevent = "e"\npoints = 1\nwhere = {{ {where} }}')

    body = record(call, "e", "--properties", json.dumps(properties))

    assert [effect["amount"] for effect in body["effects"]] == [1] * holds
    assert body["refused"] == []


@pytest.mark.parametrize(
    ("number", "times", "rounding", "amount"),
    [
        ("49.99", "2", "down", 99),
        ("1.1", "10", "down", 11),
        ("1.15", "100", "down", 115),
        ("4.35", "100", "up", 435),
        ("2.5", "1", "half_even", 2),
        ("2.5", "1", "half_up", 3),
        ("3.5", "1", "half_even", 4),
        ("2.0000000000000000000001", "1", "up", 3),
        ("2.9999999999999999999999", "1", "down", 2),
        ("1e2", "1.5", "down", 150),
        ("1e-400", "1", "up", 1),
        ("1000000", "1", "down", 1_000_000),
        ("0.1", "30", "down", 3),
    ],
)
def test_points_of_a_property_are_exact(
    number: str, times: str, rounding: str, amount: int, call: Run, place: Place
) -> None:
    points = f'{{ property = "a.b", times = {times}, rounding = "{rounding}" }}'
    apply(call, place, f'code = "r"\nevent = "e"\npoints = {points}')

    body = record(call, "e", "--property", f'a:={{"b": {number}}}')

    assert body["effects"] == [{"rule": "r", "type": "points", "amount": amount}]


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ("{}", 'property "a" is missing'),
        ('{"a": "5"}', 'property "a" is no number'),
        ('{"a": true}', 'property "a" is no number'),
        ('{"a": null}', 'property "a" is no number'),
        ('{"a": 0.9}', 'property "a" gives no amount from 1 to 1,000,000'),
        ('{"a": -5}', 'property "a" gives no amount from 1 to 1,000,000'),
        ('{"a": 1000001}', 'property "a" gives no amount from 1 to 1,000,000'),
        ('{"a": 1e300}', 'property "a" gives no amount from 1 to 1,000,000'),
        ('{"a": 1' + "0" * 999 + "}", 'property "a" gives no amount from 1 to 1,000,000'),
    ],
)
def test_a_property_that_gives_no_amount_refuses_the_points_alone(
    properties: str, reason: str, call: Run, place: Place
) -> None:
    apply(call, place, 'code = "r"\nevent = "e"\nbadge = "gift"\npoints = { property = "a" }')

    body = record(call, "e", "--properties", properties)

    assert body["effects"] == [{"rule": "r", "type": "badge", "code": "gift"}]
    assert body["refused"] == [{"rule": "r", "reason": reason}]
    assert journal(place)[1][2]["refused"] == body["refused"]


def test_points_of_a_rule_expire_as_the_rule_says(call: Run, place: Place) -> None:
    apply(call, place, 'code = "r"\nevent = "e"\npoints = 1\nexpires = { days = 10 }')

    record(call, "e", "--timestamp", "2026-02-01T00:00:00Z")

    lots = json.loads(call("points", "expiring", "ada").stdout)["lots"]
    assert lots == []
    assert json.loads(call("points", "balance", "ada").stdout)["balance"] == 0
    record(call, "e")
    lots = json.loads(call("points", "expiring", "ada").stdout)["lots"]
    assert lots == [{"remaining": 1, "expires_at": "2026-02-24T10:00:00Z"}]


@pytest.mark.parametrize(
    ("per", "first", "same", "until"),
    [
        ("hour", "2026-02-14T09:00:00Z", "2026-02-14T09:59:59Z", "2026-02-14T10:00:00Z"),
        ("day", "2026-02-12T23:00:00Z", "2026-02-13T22:59:59Z", "2026-02-13T23:00:00Z"),
        ("week", "2026-02-01T23:00:00Z", "2026-02-08T22:59:59Z", "2026-02-08T23:00:00Z"),
        ("month", "2025-12-31T23:00:00Z", "2026-01-31T22:59:59Z", "2026-01-31T23:00:00Z"),
    ],
)
def test_a_limit_counts_windows_of_the_calendar_in_the_programs_zone(
    per: str, first: str, same: str, until: str, call: Run, place: Place
) -> None:
    apply(call, place, f'code = "r"\nevent = "e"\npoints = 1\nlimit = {{ per = "{per}" }}')

    assert record(call, "e", "--timestamp", first)["refused"] == []
    refused = record(call, "e", "--timestamp", same)
    later = record(call, "e", "--timestamp", until)

    reason = f"limit of 1 per {per} reached until {until}"
    assert refused["effects"] == []
    assert refused["refused"] == [{"rule": "r", "reason": reason}]
    assert [effect["amount"] for effect in later["effects"]] == [1]


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        ("shorter by an hour", "2025-03-29T23:00:00Z", "2025-03-30T22:00:00Z"),
        ("longer by an hour", "2025-10-25T22:00:00Z", "2025-10-26T23:00:00Z"),
    ],
)
def test_a_day_of_23_or_25_hours_is_one_window(
    day: str, start: str, end: str, call: Run, place: Place
) -> None:
    apply(call, place, 'code = "r"\nevent = "e"\npoints = 1\nlimit = { per = "day" }')
    last = end.replace("22:00:00", "21:59:59").replace("23:00:00", "22:59:59")

    given = [
        len(record(call, "e", "--timestamp", time)["effects"]) for time in (start, last, end, end)
    ]

    assert given == [1, 0, 1, 0], day


def test_an_hour_that_comes_twice_is_two_windows(call: Run, place: Place) -> None:
    apply(call, place, 'code = "r"\nevent = "e"\npoints = 1\nlimit = { per = "hour" }')

    times = ["2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z", "2025-10-26T01:59:59Z"]
    given = [len(record(call, "e", "--timestamp", time)["effects"]) for time in times]

    assert given == [1, 1, 0]


@pytest.mark.parametrize(
    ("zone", "per", "starts"),
    [
        # On by half an hour at 2:00, so that the next hour begins at 2:30; and back at 2:00.
        ("Australia/Lord_Howe", "hour", "2025-10-04T14:30 04T15:30 04T16:00 04T17:00"),
        ("Australia/Lord_Howe", "hour", "2026-04-04T14:00 04T15:00 04T15:30 04T16:30"),
        ("Australia/Lord_Howe", "day", "2026-04-03T13:00 04T13:00 05T13:30"),
        # On by an hour at 2:45, and back at 3:45.
        ("Pacific/Chatham", "hour", "2025-09-27T13:15 27T14:00 27T14:15 27T15:15"),
        ("Pacific/Chatham", "hour", "2026-04-04T13:15 04T14:00 04T14:15 04T15:15"),
        ("America/Caracas", "hour", "2016-05-01T06:30 01T07:00 01T08:00"),
        ("Asia/Kathmandu", "hour", "2026-02-14T09:15 14T10:15"),
        # Back by an hour when a day had begun a minute before.
        ("America/St_Johns", "day", "2006-10-28T02:30 29T02:30 30T03:30"),
        ("Europe/Berlin", "hour", "2025-10-26T00:00 26T01:00 26T02:00"),
        ("Europe/Berlin", "day", "2025-03-28T23:00 29T23:00 30T22:00"),
        ("Europe/Berlin", "week", "2026-03-22T23:00 29T22:00"),
    ],
)
def test_a_window_is_one_span_of_time_whatever_the_clocks_do(
    zone: str, per: str, starts: str
) -> None:
    times = [instants.parse(f"{starts[:8]}{at[-8:]}:00Z", 0) for at in starts.split()]
    windows = Windows(per, zone)

    for start, end in pairwise(times):
        for at in (start, start + 100 * SECOND, (start + end) // 2, end - 1):
            assert (windows.start_at(at), windows.end_at(at)) == (start, end)


@pytest.mark.parametrize("per", ["hour", "day", "month"])
@pytest.mark.parametrize("zone", ["Australia/Lord_Howe", "America/St_Johns", "Africa/Monrovia"])
def test_windows_together_are_all_of_the_time(zone: str, per: str) -> None:
    windows = Windows(per, zone)
    at = start = instants.parse("1971-12-25T12:00:00Z", 0)

    while at < start + 200 * DAY:
        end = windows.end_at(at)
        assert windows.end_at(end - 1) == end == windows.start_at(end) > at
        at = end


def test_times_without_a_calendar_are_in_no_window(call: Run, place: Place) -> None:
    apply(call, place, 'code = "r"\nevent = "e"\npoints = 1\nlimit = { per = "hour" }')

    answer = record(call, "e", "--timestamp", "0001-01-01")

    reason = "a time must lie in the years 1 to 9999 of its zone"
    assert answer["refused"] == [{"rule": "r", "reason": reason}]


def test_an_hour_that_begins_at_half_past_has_its_own_limit(call: Run, place: Place) -> None:
    rule = 'code = "r"\nevent = "e"\npoints = 1\nlimit = { per = "hour" }'
    apply(call, place, rule, zone="Australia/Lord_Howe")

    times = ["2025-10-04T15:15:00Z", "2025-10-04T15:45:00Z", "2025-10-04T15:59:59Z"]
    first, second, third = (record(call, "e", "--timestamp", time) for time in times)

    assert [len(one["effects"]) for one in (first, second, third)] == [1, 1, 0]
    assert third["refused"][0]["reason"].endswith("until 2025-10-04T16:00:00Z")
    history = json.loads(call("participants", "history", "ada", "--type", "event_recorded").stdout)
    used = [line["data"].get("limits", {}).get("r", [])[:2] for line in history]
    assert used == [[], ["hour", "2025-10-04T15:30:00Z"], ["hour", "2025-10-04T14:30:00Z"]]


def test_a_limit_counts_only_what_acted(call: Run, place: Place) -> None:
    apply(
        call, place, 'code = "r"\nevent = "e"\npoints = { property = "a" }\nlimit = { per = "day" }'
    )

    assert record(call, "e")["refused"][0]["reason"] == 'property "a" is missing'
    assert record(call, "e", "--property", "a:=3")["effects"][0]["amount"] == 3
    assert record(call, "e", "--property", "a:=3")["effects"] == []


def test_what_lies_over_35_days_back_earns_nothing_from_a_limited_rule(
    call: Run, place: Place
) -> None:
    free = 'code = "free"\nevent = "e"\npoints = 2'
    apply(call, place, 'code = "r"\nevent = "e"\npoints = 1\nlimit = { per = "month" }', free)
    record(call, "other")

    late = record(call, "e", "--timestamp", "2026-01-10T09:59:59Z")
    in_time = record(call, "e", "--timestamp", "2026-01-10T10:00:00Z")

    assert late["effects"] == [{"rule": "free", "type": "points", "amount": 2}]
    reason = "over 35 days before the participant's newest event"
    assert late["refused"] == [{"rule": "r", "reason": reason}]
    assert [effect["rule"] for effect in in_time["effects"]] == ["r", "free"]


def test_limits_are_kept_for_35_days_alone(call: Run, place: Place) -> None:
    apply(call, place, 'code = "r"\nevent = "e"\npoints = 1\nlimit = { times = 2, per = "hour" }')

    for day in range(1, 51, 7):
        record(call, "e", now=f"2026-{3 + day // 31:02}-{day % 31 + 1:02}T10:00:00Z")

    with closing(sqlite3.connect(place.store)) as connection:
        (state,) = connection.execute("SELECT state FROM participants").fetchone()
    counts = json.loads(state)["limits"]["r"]["counts"]
    assert list(counts.values()) == [1] * 6


def test_points_of_a_late_event_are_dated_no_earlier_than_the_latest(
    call: Run, place: Place
) -> None:
    apply(call, place, LOGIN)
    call("points", "award", "ada", "1")

    record(call, "login", "--timestamp", "2026-02-10T12:00:00Z")

    facts = {kind: occurred_at for _, kind, data, _, occurred_at in journal(place)}
    assert facts["points_awarded"] - facts["event_recorded"] == (4 * 24 - 2) * 3600 * 1_000_000
    assert facts["streak_recorded"] == facts["event_recorded"]
    listed = json.loads(call("events", "list", "ada").stdout)
    assert listed[0]["occurred_at"] == "2026-02-10T12:00:00Z"


def test_a_tick_too_late_refuses_the_tick_alone(call: Run, place: Place) -> None:
    apply(call, place, LOGIN)
    record(call, "login")

    body = record(call, "login", "--timestamp", "2024-01-01")

    assert [effect["type"] for effect in body["effects"]] == ["points"]
    reason = 'the time lies over 400 days before the latest tick of "daily"'
    assert body["refused"] == [{"rule": "login", "reason": reason}]


def test_a_badge_follows_from_events_counted_since_the_program_names_them(
    call: Run, place: Place
) -> None:
    record(call, "visit")
    apply(call, place)

    record(call, "visit")
    assert json.loads(call("badges", "list", "ada").stdout)["earned_count"] == 0
    record(call, "visit")
    record(call, "other")

    assert json.loads(call("badges", "list", "ada").stdout)["earned_count"] == 1
    assert [row[2].get("counted") for row in journal(place) if row[1] == "event_recorded"] == [
        None,
        True,
        True,
        None,
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (["e", "--timestamp", "2026-02-14T10:01:01Z"], "timestamp lies in the future"),
        (["e", "--timestamp", ""], '"" is not a time'),
        (["e", "--timestamp", "soon"], '"soon" is not a time'),
        ([""], "an event name must not be empty"),
        (["x" * 101], "an event name has at most 100 characters, this one 101"),
        (["e", "--property", "a"], '--property "a" is no assignment'),
        (["e", "--property", "a:=NaN"], "--property a has NaN, which is no JSON number"),
        (["e", "--property", "a:=1e999"], "--property a has the number 1e999"),
        (["e", "--property", "a=1", "--property", "a=2"], '--property gives "a" twice'),
        (["e", "--properties", "[1]"], "--properties must be a JSON object"),
        (["e", "--properties", '{"a":1,"a":2}'], '--properties has the member "a" twice'),
        (["e", "--properties", "@missing.json"], "cannot read missing.json"),
    ],
)
def test_bad_input_is_refused_and_leaves_nothing(
    line: list[str], message: str, call: Run, place: Place
) -> None:
    result = call("events", "record", "ada", *line)

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert place.is_untouched


def test_a_clock_up_to_a_minute_ahead_counts_as_now(call: Run) -> None:
    record(call, "e", "--timestamp", "2026-02-14T10:01:00Z")

    listed = json.loads(call("events", "list", "ada").stdout)
    assert listed[0]["occurred_at"] == "2026-02-14T10:00:00Z"


def test_an_inactive_participant_records_no_event(run: Run) -> None:
    run("participants", "create", "ada")
    run("participants", "deactivate", "ada", "--yes")

    result = run("events", "record", "ada", "login")

    assert (result.exit_code, result.stdout) == (5, "")
    assert 'participant "ada" is inactive' in result.stderr
    assert json.loads(run("events", "list", "ada").stdout) == []


def test_a_repeat_under_its_key_answers_the_first(call: Run, place: Place) -> None:
    apply(call, place, LOGIN)
    line = ("login", "--property", "a:=1.10", "--idempotency-key", "k")

    first, again = record(call, *line), record(call, *line)
    other = call("events", "record", "ada", "logout", "--idempotency-key", "k")

    assert first == again
    assert (other.exit_code, other.stdout) == (5, "")
    assert len(json.loads(call("events", "list", "ada").stdout)) == 1


def test_a_dry_run_shows_the_effects_and_writes_nothing(call: Run, place: Place) -> None:
    apply(call, place, LOGIN)

    result = call("events", "record", "ada", "login", "--dry-run")

    assert [effect["type"] for effect in json.loads(result.stdout)["effects"]] == [
        "points",
        "streak",
    ]
    assert "dry run: ada would be recorded; nothing was written\n" in result.stderr
    assert journal(place) == []


def test_one_event_is_recorded_for_each_id_on_stdin(call: Run, place: Place) -> None:
    apply(call, place, LOGIN)

    result = call("events", "record", "-", "login", "--yes", "-o", "jsonl", stdin="ada\nbob\n")

    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 2
    assert result.stderr.splitlines()[1:] == ["recorded ada", "recorded bob"]


def test_events_are_listed_by_name_and_time_a_page_at_a_time(call: Run) -> None:
    for day in range(1, 6):
        line = ("--property", f"day:={day}", "--timestamp", f"2026-02-0{day}")
        record(call, "even" if day % 2 == 0 else "odd", *line)

    def days(*line: str) -> list[int]:
        shown = json.loads(call("events", "list", "ada", *line).stdout)
        return [row["properties"]["day"] for row in shown]

    assert days() == [5, 4, 3, 2, 1]
    assert days("--event-name", "even") == [4, 2]
    assert days("--since", "2026-02-02", "--until", "2026-02-04") == [4, 3, 2]
    page = call("events", "list", "ada", "--event-name", "odd", "--limit", "2")
    assert page.stderr == "more follow: add --before 4, or --all\n"
    assert days("--event-name", "odd", "--before", "4") == [1]
    assert list(json.loads(page.stdout)[0]) == ["id", "event_name", "properties", "occurred_at"]


def test_a_list_of_an_unknown_participant_fails(call: Run) -> None:
    assert call("events", "list", "ada").exit_code == 3


def test_a_late_event_reads_at_its_time_under_an_older_program(call: Run, place: Place) -> None:
    now = {"GAMIFY_TEST_NOW": "2026-02-20T00:00:00Z"}
    (place.home / "program.toml").write_text('name = "older"')
    call("program", "apply", "program.toml")
    text = PROGRAM + f"\n[[rules]]\n{LOGIN.replace('5', '10')}\nbadge = 'gift'\n"
    (place.home / "program.toml").write_text(text)
    call("program", "apply", "program.toml", env=now)
    call("events", "record", "ada", "login", "--timestamp", "2026-02-15", env=now)

    result = call("participants", "get", "ada", "--at", "2026-02-16", env=now)

    profile = json.loads(result.stdout)
    assert (profile["tier"]["code"], profile["badges"][0]["code"]) == ("ten", "gift")
    assert profile["streaks"]["current"] == 1


def test_the_journal_folds_to_the_stored_row(call: Run, place: Place) -> None:
    limited = LOGIN + '\nlimit = { times = 2, per = "hour" }'
    bought = 'code = "buy"\nevent = "visit"\npoints = { property = "n" }\nexpires = { days = 3 }'
    apply(call, place, limited, bought)
    for time in ("2026-02-13", "2026-02-01", "2026-02-13T00:59:59Z", "2026-02-14T09:00:00Z"):
        record(call, "login", "--timestamp", time)
        record(call, "visit", "--property", "n:=2.5", "--timestamp", time)

    with closing(sqlite3.connect(place.store)) as connection:
        columns = ", ".join([*records.COLUMNS, "state"])
        (row,) = connection.execute(f"SELECT {columns} FROM participants")
        facts = connection.execute(
            "SELECT number, kind, data, occurred_at, cause FROM journal ORDER BY number"
        ).fetchall()
    folded = Participant("ada")
    for one in facts:
        evolve(folded, records.fact(one))

    stored = records.participant(row)
    folded.recorded_at = stored.recorded_at
    assert folded == stored
    assert len(row[-1]) < 2_000
