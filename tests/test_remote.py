"""A connection profile with a URL: what goes over the wire, and what comes back."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable
from signal import SIGINT
from subprocess import PIPE, Popen
from threading import Barrier, Event
from urllib.parse import unquote

import pytest
from conftest import EXECUTABLE, Place, Result, Run
from fake_server import Act, FakeServer, Received, hangs, profile, says, serving

from gamify_cli import wire

KEY = "bq_test_0123456789abcdef0123456789abcdef"
ROW = {"participant_id": "ada", "balance": 5}


@pytest.fixture
def team(place: Place, call: Run) -> Callable[..., Result]:
    """Run a command on a profile of a server."""

    def run(server: FakeServer, *args: str, **options: object) -> Result:
        config = place.home / "config" / "gamify" / "config.toml"
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(f'[profiles.team]\nurl = "{server.url}"\n')
        return call("--profile", "team", *args, env={"GAMIFY_API_KEY": KEY}, **options)

    return run


Team = Callable[..., Result]


@pytest.mark.parametrize(
    ("line", "asked", "answer"),
    [
        ("participants get ada", "GET /participants/ada", {}),
        (
            "participants get ada --at 2026-02-01",
            "GET /as-of/2026-02-01T00%3A00%3A00.999999Z/participants/ada",
            {},
        ),
        (
            "participants state ada --include tier,points",
            "GET /participants/ada/state?include=points%2Ctier",
            {},
        ),
        ("points balance ada", "GET /participants/ada/points", {}),
        (
            "points expiring ada --by 2026-03-01",
            "GET /participants/ada/points/expiring?by=2026-03-01T00%3A00%3A00.999999Z",
            {},
        ),
        ("badges list ada --earned", "GET /participants/ada/badges?earned_only=true", {}),
        ("tiers show ada", "GET /participants/ada/tier", {}),
        ("streaks list ada", "GET /participants/ada/streaks", {}),
        ("challenges list ada", "GET /participants/ada/challenges", {}),
        (
            "challenges list ada --at 2026-02-01T10:00:00.5Z",
            "GET /as-of/2026-02-01T10%3A00%3A00.500000Z/participants/ada/challenges",
            {},
        ),
        ("rewards list --type coupon", "GET /rewards?reward_type=coupon", {}),
        ("rewards history ada", "GET /participants/ada/rewards", {"rewards": []}),
        (
            "leaderboards show top --period daily --ranking dense",
            "GET /leaderboards/top?limit=20&period=daily&ranking=dense",
            {},
        ),
        (
            "badges list ada --known-at 2026-02-01",
            "GET /known-at/2026-02-01T00%3A00%3A00.999999Z/participants/ada/badges",
            {},
        ),
        (
            "tiers show ada --at 2026-02-01 --known-at 2026-02-02",
            "GET /known-at/2026-02-02T00%3A00%3A00.999999Z/as-of/2026-02-01T00%3A00%3A00.999999Z"
            "/participants/ada/tier",
            {},
        ),
        (
            "leaderboards show top --known-at 2026-02-01",
            "GET /known-at/2026-02-01T00%3A00%3A00.999999Z/leaderboards/top?limit=20",
            {},
        ),
        ("leaderboards rank ada top", "GET /leaderboards/top/rank/ada", {}),
        ("program show", "GET /admin/program", {}),
        ("program show --version 2", "GET /admin/program?version=2", {}),
        (
            "program show --all",
            "GET /admin/program/versions?limit=50",
            {"programs": [], "next": None},
        ),
        (
            "participants list --q jane --attr n:=5 --attr a=b --where balance>=7 --where version<3"
            " --active --sort -balance --limit 7 --after x --tier gold --seen-before 2026-01-01",
            "GET /admin/participants?q=jane&attr=n%3A%3D5&attr=a%3A%3D%22b%22&tier=gold"
            "&where=balance%3E%3D7&where=version%3C3&seen_before=2026-01-01T00%3A00%3A00Z"
            "&active=true&sort=-balance&after=x&limit=7",
            {"participants": [], "next": None},
        ),
        (
            "participants list --count",
            "GET /admin/participants?sort=participant_id&count=true",
            {"count": 5},
        ),
        (
            "participants history ada --type profile_changed --before 9 --since 2026-01-01",
            "GET /admin/participants/ada/history?type=profile_changed"
            "&since=2026-01-01T00%3A00%3A00Z&before=9&limit=100",
            {"facts": [], "next": None},
        ),
        (
            "participants diff ada --from 2026-01-01 --to 2026-02-01T10:00:00.5Z",
            "GET /admin/participants/ada/diff?from=2026-01-01T00%3A00%3A00.999999Z"
            "&to=2026-02-01T10%3A00%3A00.500000Z",
            {},
        ),
        (
            "points history ada --type deduct",
            "GET /participants/ada/points/transactions?type=deduct&limit=100",
            {"transactions": [], "next": None},
        ),
        (
            "events list ada --event-name login --until 2026-01-01",
            "GET /participants/ada/events?event_name=login"
            "&until=2026-01-01T00%3A00%3A00.999999Z&limit=100",
            {"events": [], "next": None},
        ),
    ],
)
def test_reads_ask_at_their_path(
    line: str, asked: str, answer: dict[str, object], team: Team
) -> None:
    with serving(says(200, {"participant_id": "ada", **answer})) as server:
        result = team(server, *line.split())

    assert (result.exit_code, result.stderr) == (0, "")
    assert server.paths == [asked]
    assert server.requests[0].headers["x-api-key"] == KEY


@pytest.mark.parametrize(
    ("line", "asked", "body"),
    [
        (
            "participants create ada --attr n:=5",
            "POST /participants",
            {"participant_id": "ada", "attributes": {"n": 5}},
        ),
        (
            "participants update ada --clear avatar-url",
            "PATCH /participants/ada",
            {"avatar_url": None},
        ),
        ("participants activate ada", "POST /admin/participants/ada/activate", {}),
        ("participants deactivate ada --yes", "POST /admin/participants/ada/deactivate", {}),
        (
            "points award ada 5 --reason survey --expires-at 2027-01-01 --occurred-at 1h",
            "POST /points/award",
            {
                "participant_id": "ada",
                "amount": 5,
                "reason": "survey",
                "expires_at": "2027-01-01T00:00:00Z",
                "occurred_at": "2026-02-14T09:00:00Z",
            },
        ),
        ("points deduct ada 5", "POST /points/deduct", {"participant_id": "ada", "amount": 5}),
        (
            "badges award ada first",
            "POST /badges/award",
            {"participant_id": "ada", "badge_code": "first"},
        ),
        (
            "tiers assign ada gold --reason x",
            "POST /tiers/assign",
            {"participant_id": "ada", "tier_code": "gold", "reason": "x"},
        ),
        (
            "streaks record ada daily --timestamp 2026-02-14T09:00:00.25Z",
            "POST /streaks/record",
            {
                "participant_id": "ada",
                "streak_code": "daily",
                "timestamp": "2026-02-14T09:00:00.250000Z",
            },
        ),
        (
            "streaks restore ada daily --reason outage",
            "POST /admin/participants/ada/streaks/daily/restore",
            {"reason": "outage"},
        ),
        (
            "events record ada login --property a=b",
            "POST /events",
            {"participant_id": "ada", "event_name": "login", "properties": {"a": "b"}},
        ),
        ("challenges enroll ada first", "POST /challenges/first/enroll", {"participant_id": "ada"}),
        (
            "rewards claim ada mug --pay",
            "POST /rewards/mug/claim",
            {"participant_id": "ada", "points_deduction": True},
        ),
    ],
)
def test_writes_ask_at_their_path_under_a_key(
    line: str, asked: str, body: dict[str, object], team: Team
) -> None:
    with serving(says(200, {"participant_id": "ada"}, "Gamify-Outcome: unchanged")) as server:
        first = team(server, *line.split())
        team(server, *line.split())
        rehearsed = says(200, {"outcome": "created", "answer": {}, "before": None, "after": None})
        server.acts[:] = [rehearsed]
        rehearsal = team(server, *line.split(), "--dry-run")

    *target, told = first.stderr.splitlines()
    assert (first.exit_code, told, len(target)) == (0, "unchanged ada", "--yes" in line)
    assert rehearsal.stderr == "dry run: ada would be created; nothing was written\n"
    path = asked.partition(" ")[2]
    assert server.paths == [asked, asked, f"POST /dry-run{path}"]
    assert [one.json for one in server.requests] == [body] * 3
    keys = [one.headers["idempotency-key"] for one in server.requests]
    assert len(set(keys)) == 3
    assert unquote(server.requests[0].headers["gamify-command"]).startswith("gamify --profile team")


def test_a_write_tells_what_the_server_tells(team: Team) -> None:
    answers = [
        says(200, ROW, "Gamify-Outcome: created"),
        says(200, ROW, "Gamify-Outcome: created", "Idempotency-Replayed: true"),
        says(201, ROW),
        says(200, ROW, "Gamify-Outcome: created", "Gamify-Outcome: created"),
    ]
    with serving(*answers) as server:
        told = [team(server, "participants", "create", "ada").stderr for _ in answers]

    assert told == [
        "created ada\n",
        "replayed ada: this key was answered before\n",
        "updated ada\n",
        "updated ada\n",
    ]


def test_conditions_go_as_headers(team: Team) -> None:
    with serving(says(200, ROW)) as server:
        team(server, "participants", "create", "ada", "--if-not-exists")
        team(server, "participants", "update", "ada", "--attr", "a=b", "--if-match", "7")

    assert server.requests[0].headers["if-none-match"] == "*"
    assert server.requests[1].headers["if-match"] == '"7"'


@pytest.mark.parametrize("one", ["a/b", "a b", "a?b#c", "%2F", "ü😀", "..a", "a\\b", "a;b"])
def test_every_id_stays_one_segment(one: str, team: Team) -> None:
    with serving(profile("x")) as server:
        result = team(server, "participants", "get", one)

    assert result.exit_code == 0
    (path,) = server.paths
    assert path.count("/") == 2
    assert unquote(path.removeprefix("GET /participants/")) == one


@pytest.mark.parametrize("one", [".", "..", ""])
def test_an_id_that_no_path_can_hold_is_not_asked_for(one: str, team: Team) -> None:
    with serving(profile("x")) as server:
        result = team(server, "participants", "get", one)

    assert result.exit_code == 2
    assert not server.requests


def test_the_numbers_of_an_event_go_as_they_were_written(team: Team) -> None:
    with serving(says(200, {})) as server:
        team(server, "events", "record", "ada", "paid", "--property", "sum:=49.90")

    assert b'"sum":49.90' in server.requests[0].body


def test_several_ids_are_shown_in_order_and_failures_told(team: Team) -> None:
    def act(connection: socket.socket, request: Received) -> bool:
        one = request.path.rsplit("/", 1)[1]
        missing = says(404, {"detail": f'participant "{one}" not found', "code": "not_found"})
        return (missing if one == "p7" else profile(one))(connection, request)

    ids = [f"p{n}" for n in range(1200)]
    with serving(act) as server:
        result = team(server, "participants", "get", "-", "-o", "ids", stdin="\n".join(ids))

    assert result.exit_code == 9
    assert result.stdout.split() == [one for one in ids if one != "p7"]
    assert result.stderr.splitlines() == [
        'gamify: participant "p7" not found in profile team',
        "gamify: 1 of 1,200 failed",
    ]


def test_pages_follow_their_cursors_up_to_the_limit(team: Team) -> None:
    def rows(first: int, count: int, following: str | None) -> Act:
        listed = [{"participant_id": f"p{n}"} for n in range(first, first + count)]
        return says(200, {"participants": listed, "next": following})

    acts = [rows(0, 1000, "c1"), rows(1000, 500, "c2")]
    with serving(*acts) as server:
        result = team(server, "participants", "list", "--limit", "1500", "-o", "ids")

    assert result.exit_code == 0
    assert result.stdout.split() == [f"p{n}" for n in range(1500)]
    assert result.stderr == "more follow: add --after c2, or --all\n"
    assert [path.split("&", 1)[1] for path in server.paths] == ["limit=1000", "after=c1&limit=500"]


def test_a_server_that_pages_otherwise_lacks_what_is_needed(team: Team) -> None:
    answer = {"transactions": [], "total": 0, "page": 1, "page_size": 20}
    with serving(says(200, answer)) as server:
        result = team(server, "points", "history", "ada")

    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        f"gamify: the server at {server.url} has no cursors for"
        " /participants/ada/points/transactions"
    ]


def test_a_card_has_the_challenges_too(team: Team) -> None:
    body = {
        "participant_id": "ada",
        "points": {"balance": 1, "total_earned": 1, "total_spent": 0},
    }
    challenges = {"challenges": [{"status": "active"}, {"status": "active"}, {"status": "expired"}]}
    with serving(says(200, body), says(200, challenges)) as server:
        result = team(server, "participants", "get", "ada", "-o", "table")

    assert "2 active · 0 completed" in result.stdout
    assert server.paths == ["GET /participants/ada", "GET /participants/ada/challenges"]


def test_an_import_goes_in_batches_each_event_under_its_key(team: Team, place: Place) -> None:
    def act(connection: socket.socket, request: Received) -> bool:
        results = [{"index": n, "ok": True, "event_id": f"e{n}"} for n in range(100)]
        count = len(request.json["events"])
        results[0]["replayed"] = True
        results[1] = {"index": 1, "ok": False, "detail": "it is inactive", "code": "conflict"}
        answer = {"results": results[:count], "succeeded": 1, "failed": 1}
        return says(200, answer)(connection, request)

    lines = [json.dumps({"participant_id": f"p{n % 5}", "event_name": "x"}) for n in range(150)]
    lines[2] = "{"
    with serving(act) as server:
        more = ("--results", "results.jsonl", "-o", "jsonl")
        result = team(server, "events", "import", "-", *more, stdin="\n".join([*lines, ""]))

    summary = json.loads(result.stdout)
    assert result.exit_code == 9
    assert (summary["created"], summary["unchanged"], summary["failed"]) == (145, 2, 3)
    shown = [json.loads(one) for one in (place.home / "results.jsonl").read_text().splitlines()]
    assert [n for n, one in enumerate(shown) if one["outcome"] == "failed"] == [1, 2, 102]
    assert shown[102]["error"] == "it is inactive"
    events = [event for request in server.requests for event in request.json["events"]]
    keys = [event["idempotency_key"] for event in events]
    assert len(set(keys)) == len(keys)
    assert [key.rpartition(".")[2] for key in keys[:6]] == ["1", "1", "1", "1", "2", "2"]
    assert server.paths == ["POST /events/batch"] * 2


def test_participants_are_imported_one_by_one_in_the_order_of_each(team: Team) -> None:
    rows = [{"participant_id": f"p{n % 3}", "display_name": f"n{n}"} for n in range(9)]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    with serving(says(201, {"participant_id": "p"}, "Gamify-Outcome: created")) as server:
        given = team(server, "participants", "import", "-", "--idempotency-key", "k", stdin=lines)
        resumed = team(server, "participants", "import", "x.jsonl", "--resume")

    assert json.loads(given.stdout)["created"] == 9
    for one in range(3):
        names = [
            r.json["display_name"]
            for r in server.requests
            if r.json["participant_id"][1] == str(one)
        ]
        assert names == [f"n{n}" for n in range(one, 9, 3)]
    assert sorted(r.headers["idempotency-key"] for r in server.requests) == [
        f"k.{n}" for n in range(1, 10)
    ]
    assert resumed.exit_code == 2


def test_what_a_program_changed_is_fetched_by_versions(team: Team, place: Place) -> None:
    (place.home / "p.toml").write_text('name = "two"\n')
    kinds = ("tiers", "badges", "streaks", "challenges", "rewards", "leaderboards", "rules")
    document = {"name": "one", **{kind: [] for kind in kinds}}
    versions = [
        {"version": number, "applied_at": "x", "operation": "op", **document, "name": name}
        for number, name in ((1, "one"), (2, "two"))
    ]
    applied = says(200, {"version": 2, "name": "two"}, "Gamify-Outcome: applied")
    with serving(applied, *(says(200, version) for version in versions)) as server:
        result = team(server, "program", "apply", "p.toml")

    assert server.paths == [
        "PUT /admin/program",
        "GET /admin/program?version=1",
        "GET /admin/program?version=2",
    ]
    assert result.stderr.splitlines()[0] == "applied version 2"
    assert '"one"' in result.stderr
    assert '"two"' in result.stderr


def test_codes_go_in_several_requests_and_are_counted_together(team: Team, place: Place) -> None:
    codes = [f"{n:0150}" for n in range(8000)]
    (place.home / "codes").write_text("\n".join(codes) + "\n")
    loaded = {"reward_id": "mug", "duplicates": 1, "duplicate_lines": [2]}
    acts = [says(200, loaded | {"loaded": n, "available_codes": n + 1}) for n in (5880, 2118)]
    with serving(*acts) as server:
        result = team(server, "rewards", "load-codes", "mug", "codes", "--idempotency-key", "k")

    assert [code for one in server.requests for code in one.json["codes"]] == codes
    first = len(server.requests[0].json["codes"])
    assert [one.headers["idempotency-key"] for one in server.requests] == ["k", "k.1"]
    assert all(len(one.body) < 900_100 for one in server.requests)
    body = json.loads(result.stdout)
    assert (body["loaded"], body["duplicates"]) == (7998, 2)
    assert body["duplicate_lines"] == [2, first + 2]


def test_claims_are_filtered_here(team: Team) -> None:
    claims = [
        {"claim_id": n, "type": type_, "claimed_at": f"2026-02-1{n}T10:00:00Z"}
        for n, type_ in ((3, "coupon"), (2, "digital"), (1, "coupon"))
    ]
    answer = says(200, {"participant_id": "ada", "rewards": claims, "total": 3})
    with serving(answer) as server:
        line = ("rewards", "history", "ada", "--until", "2026-02-13T10:00:00Z")
        every = json.loads(team(server, *line).stdout)
        late = json.loads(team(server, *line, "--since", "2026-02-12").stdout)
        coupons = json.loads(team(server, *line, "--type", "coupon", "--limit", "1").stdout)

    assert [one["claim_id"] for one in every["rewards"]] == [3, 2, 1]
    assert [one["claim_id"] for one in late["rewards"]] == [3, 2]
    assert ([one["claim_id"] for one in coupons["rewards"]], coupons["total"]) == ([3], 2)


def test_a_compressed_answer_is_read(team: Team) -> None:
    content = gzip.compress(json.dumps(ROW).encode())
    with serving(says(200, content, "Content-Encoding: gzip")) as server:
        result = team(server, "points", "balance", "ada")

    assert json.loads(result.stdout) == ROW
    assert server.requests[0].headers["accept-encoding"] == "gzip"


def test_verbose_tells_each_request_but_never_the_key(team: Team) -> None:
    with serving(profile("x", "X-Request-Id: req_1")) as server:
        result = team(server, "participants", "get", KEY, "--verbose")

    first, line = result.stderr.splitlines()
    assert first == f"server: {server.url}"
    assert line.startswith("GET /participants/*** 200 ")
    assert line.endswith(" ms req_1")


def test_a_store_command_needs_a_store(team: Team) -> None:
    with serving(profile("x")) as server:
        result = team(server, "store", "info")

    assert result.exit_code == 2
    assert "profile team is a server, and this command is for a local store" in result.stderr
    assert not server.requests


def test_jobs_must_be_a_number_that_makes_sense(call: Run) -> None:
    for jobs in ("0", "65", "x", "-1"):
        assert call("participants", "list", "--jobs", jobs).exit_code == 2


def test_as_many_are_asked_at_a_time_as_jobs_says(team: Team) -> None:
    together = Barrier(4)

    def act(connection: socket.socket, request: Received) -> bool:
        if "?id=" in request.path:
            return says(404, {"detail": "no such path", "code": "no_route"})(connection, request)
        together.wait(timeout=20)
        return profile(request.path.rsplit("/", 1)[1])(connection, request)

    ids = [f"p{n}" for n in range(12)]
    with serving(act) as server:
        result = team(server, "participants", "get", *ids, "--jobs", "4", "-o", "ids")

    assert result.stdout.split() == ids


def test_many_are_asked_for_together_where_the_server_takes_it(team: Team) -> None:
    ids = ["ada", "bob", ".", "a/b"]
    asked: list[str] = []

    def act(connection: socket.socket, request: Received) -> bool:
        asked.append(request.path)
        lost = {"ok": False, "detail": 'participant "bob" not found', "code": "not_found"}
        found = [{"ok": True, "participant": {"participant_id": one}} for one in ("ada", "a/b")]
        return says(200, {"results": [found[0], lost, found[1]]})(connection, request)

    with serving(act) as server:
        result = team(server, "participants", "get", *ids, "-o", "ids")

    assert asked == [f"{wire.BASE}/participants?id=ada&id=bob&id=a%2Fb"]
    assert (result.exit_code, result.stdout) == (9, "ada\na/b\n")
    assert 'participant "bob" not found in profile team' in result.stderr
    assert '"." cannot be a participant id' in result.stderr


def test_what_concerns_all_ends_it_after_what_came_before(team: Team) -> None:
    def act(connection: socket.socket, request: Received) -> bool:
        if "?id=" in request.path:
            return says(405, {"detail": "not that way", "code": "usage"})(connection, request)
        one = request.path.rsplit("/", 1)[1]
        revoked = says(401, {"detail": "the API key was revoked", "code": "unauthorized"})
        return (revoked if one >= "p300" else profile(one))(connection, request)

    ids = [f"p{n}" for n in range(200, 500)]
    with serving(act) as server:
        result = team(server, "participants", "get", "-", "-o", "ids", stdin="\n".join(ids))

    assert (result.exit_code, result.stdout.split()) == (4, ids[:100])
    assert result.stderr == (
        "gamify: the API key was revoked\n"
        "  hint: to see where the key comes from, run: gamify profiles show NAME\n"
    )


def test_ctrl_c_does_not_wait_for_answers(team: Team, place: Place) -> None:
    asked = Event()

    def act(connection: socket.socket, request: Received) -> bool:
        asked.set()
        return hangs(connection, request)

    with serving(act) as server:
        team(server, "version")
        line = [EXECUTABLE, "-p", "team", "participants", "get", "ada", "bob"]
        env = place.env | {"GAMIFY_API_KEY": KEY}
        with Popen(line, env=env, stdout=PIPE, stderr=PIPE, text=True) as process:
            assert asked.wait(20)
            process.send_signal(SIGINT)
            _, stderr = process.communicate(timeout=20)

    assert process.returncode == 130
    assert stderr == "gamify: interrupted: 0 done, 0 failed\n"
