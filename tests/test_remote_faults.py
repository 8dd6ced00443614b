"""What a server and the network between can do, and what is said and done about it."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from email.utils import formatdate

import pytest
from conftest import Place, Result, Run
from fake_server import (
    Act,
    Received,
    cuts,
    drips,
    hangs,
    profile,
    raw,
    resets,
    says,
    serving,
)

KEY = "bq_test_0123456789abcdef0123456789abcdef"
GET = ("participants", "get", "ada")
AWARD = ("points", "award", "ada", "5")
AWARDED = {"transaction_id": "t", "participant_id": "ada", "amount": 5, "new_balance": 5}
HTML = b"<html><h1>Bad Gateway</h1></html>"
NOW = 1_770_000_000
"""By the clock of the server."""


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the client paused; none of it takes time."""
    pauses: list[float] = []
    monkeypatch.setattr("gamify_cli.remote.client.sleep", pauses.append)
    return pauses


@pytest.fixture
def team(place: Place, call: Run, slept: list[float]) -> Callable[..., Result]:
    """Run a command on a profile of a server; what is on stderr never holds the key."""
    assert not slept

    def run(url: str, *args: str) -> Result:
        config = place.home / "config" / "gamify" / "config.toml"
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(f'[profiles.team]\nurl = "{url}"\n')
        result = call("-p", "team", *args, env={"GAMIFY_API_KEY": KEY})
        assert KEY not in result.stdout + result.stderr
        return result

    return run


Team = Callable[..., Result]


def refused(result: Result, code: int, *lines: str) -> None:
    """The command failed so, and showed nothing else."""
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.splitlines() == list(lines)


def test_a_refused_connection_is_tried_again_and_told(team: Team, slept: list[float]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    result = team(url, *AWARD)

    refused(
        result,
        7,
        f"gamify: no answer from the server at {url}: Connection refused",
        "  hint: try again",
    )
    assert len(slept) == 3


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (resets, "Connection reset by peer"),
        (raw(b""), "it closed the connection without an answer"),
        (cuts, "its answer was cut short"),
    ],
)
def test_a_broken_read_is_tried_again(
    act: Callable[..., bool], reason: str, team: Team, slept: list[float]
) -> None:
    with serving(act, profile("ada")) as server:
        assert team(server.url, *GET).exit_code == 0
    with serving(act) as server:
        result = team(server.url, *GET)

    refused(
        result,
        7,
        f"gamify: no answer from the server at {server.url}: {reason}",
        "  hint: try again",
    )
    assert len(server.requests) == 4
    assert all(0 <= pause <= limit for pause, limit in zip(slept[1:], (0.2, 0.4, 0.8), strict=True))


def test_an_award_that_was_made_but_not_answered_is_made_once(team: Team) -> None:
    awards: dict[str, bytes] = {}

    def act(connection: socket.socket, request: Received) -> bool:
        key = request.headers["idempotency-key"]
        if key in awards:
            return says(200, AWARDED, "Idempotency-Replayed: true")(connection, request)
        awards[key] = request.body
        return resets(connection, request)

    with serving(act) as server:
        result = team(server.url, *AWARD)

    assert result.exit_code == 0
    assert json.loads(result.stdout) == AWARDED
    assert len(awards) == 1
    assert len(server.requests) == 2


@pytest.mark.parametrize("act", [resets, cuts, says(502, HTML, media="text/html"), hangs])
def test_a_write_of_unknown_outcome_tells_how_to_finish_it(
    act: Callable[..., bool], team: Team
) -> None:
    with serving(act) as server:
        result = team(server.url, *AWARD, "--reason", "a b", "--timeout", "0.3")

    key = server.requests[0].headers["idempotency-key"]
    assert {one.headers["idempotency-key"] for one in server.requests} == {key}
    message, hint = result.stderr.splitlines()[:2]
    assert result.exit_code == 7
    assert message.endswith("; it may be done, or not")
    assert hint == (
        f"  hint: to finish it safely, run: gamify --idempotency-key {key} -p team"
        " points award ada 5 --reason 'a b' --timeout 0.3"
    )


def test_a_key_of_ones_own_is_not_repeated_in_the_command(team: Team) -> None:
    with serving(resets) as server:
        result = team(server.url, *AWARD, "--idempotency-key", "k:1")

    assert {one.headers["idempotency-key"] for one in server.requests} == {"k:1"}
    assert result.stderr.splitlines()[1] == (
        "  hint: to finish it safely, run: gamify -p team points award ada 5 --idempotency-key k:1"
    )


@pytest.mark.parametrize("fails", [resets, says(503, {"detail": "no", "code": "unavailable"})])
def test_several_writes_are_finished_under_one_key(fails: Act, team: Team) -> None:
    def act(connection: socket.socket, request: Received) -> bool:
        answers = says(200, AWARDED, "Gamify-Outcome: awarded")
        return (answers if request.path.endswith("ada") else fails)(connection, request)

    with serving(act) as server:
        line = ("participants", "update", "ada", "bob", "--attr", "a=b", "--yes")
        result = team(server.url, *line)

    keys = {one.path[-3:]: one.headers["idempotency-key"] for one in server.requests}
    base = keys["ada"].removesuffix(".0")
    assert keys["bob"] == f"{base}.1"
    assert f"gamify --idempotency-key {base} -p team participants update ada bob" in result.stderr
    assert "(1 done, 0 failed)" in result.stderr
    assert result.exit_code == 7


def test_a_refusal_of_the_api_leaves_nothing_unknown(team: Team) -> None:
    locked = says(503, {"detail": "the store is locked", "code": "unavailable"}, "X-Request-Id: r1")
    with serving(locked) as server:
        result = team(server.url, *AWARD)

    refused(result, 7, "gamify: the store is locked", "  request: r1")
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    ("status", "body", "code", "message"),
    [
        (400, {"detail": "no"}, 2, "no"),
        (400, {"detail": "Insufficient points. Available: 3, requested: 5"}, 6, None),
        (401, {"detail": "the API key is unknown", "code": "unauthorized"}, 4, None),
        (403, {"detail": "not for this", "code": "forbidden"}, 4, None),
        (404, {"detail": "no badge", "code": "not_found"}, 3, "no badge in profile team"),
        (409, {"detail": "another request", "code": "conflict"}, 5, None),
        (410, {"detail": "erased"}, 5, None),
        (413, {"detail": "too long"}, 2, None),
        (500, {"detail": "internal error", "code": "internal"}, 1, None),
        (500, {"detail": "damaged", "code": "store"}, 8, None),
    ],
)
def test_an_error_keeps_its_kind(
    status: int, body: dict[str, str], code: int, message: str | None, team: Team
) -> None:
    with serving(says(status, body)) as server:
        result = team(server.url, *AWARD)

    hint = ["  hint: to see where the key comes from, run: gamify profiles show NAME"]
    refused(result, code, f"gamify: {message or body['detail']}", *hint * (status == 401))
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "phrase", "code"),
    [(401, "Unauthorized", 4), (403, "Forbidden", 4), (418, "I'm a Teapot", 2), (799, "", 7)],
)
def test_a_page_of_a_proxy_is_told_by_its_status(
    status: int, phrase: str, code: int, team: Team
) -> None:
    with serving(says(status, HTML, media="text/html; charset=utf-8")) as server:
        result = team(server.url, *GET)

    told = f"{status} {phrase}".strip()
    refused(
        result,
        code,
        f"gamify: the server at {server.url} answered {told} (text/html; charset=utf-8),"
        " which is no error of this API",
    )


def test_502_from_a_proxy_is_tried_again(team: Team) -> None:
    with serving(says(502, HTML, media="text/html"), profile("ada")) as server:
        assert team(server.url, *GET).exit_code == 0
    with serving(says(502, HTML, media="text/html")) as server:
        result = team(server.url, *GET)

    refused(
        result,
        7,
        f"gamify: the server at {server.url} answered 502 Bad Gateway (text/html),"
        " which is no error of this API",
    )


@pytest.mark.parametrize(
    "act", [says(404, HTML, media="text/html"), says(404, {"detail": "Not Found"})]
)
@pytest.mark.parametrize("line", [GET, (*AWARD, "--dry-run"), (*GET, "--at", "2026-02-01")])
def test_a_path_that_the_server_lacks_is_told(
    line: tuple[str, ...], act: Callable[..., bool], team: Team
) -> None:
    with serving(act) as server:
        result = team(server.url, *line)

    refused(
        result,
        2,
        f"gamify: the server at {server.url} has no {server.paths[0]}",
        "  hint: its URL ends in /api/v1/gamify, as a rule; or it lacks what this command needs",
    )
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(status: int, team: Team) -> None:
    with serving(profile("ada")) as elsewhere:
        there = f"{elsewhere.url}/participants/ada"
        with serving(says(status, b"", f"Location: {there}")) as server:
            result = team(server.url, *GET)

    refused(
        result,
        2,
        f"gamify: the server at {server.url} redirects /participants/ada to {there},"
        " which was not followed",
        "  hint: give the profile the URL that the server really has",
    )
    assert not elsewhere.requests


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("Retry-After: 7", 7, 7),
        (f"Retry-After: {formatdate(NOW + 9, usegmt=True)}", 9, 9),
        (f"Retry-After: {formatdate(NOW - 9, usegmt=True)}", 0, 0),
        ("Retry-After: soon", 0, 0.2),
        ("X-Other: 1", 0, 0.2),
    ],
)
def test_too_many_requests_are_followed_by_the_pause_asked_for(
    header: str, least: float, most: float, team: Team, slept: list[float]
) -> None:
    date = f"Date: {formatdate(NOW, usegmt=True)}"
    limited = says(429, {"detail": "too many", "code": "rate_limited"}, header, date)
    with serving(limited, profile("ada")) as server:
        result = team(server.url, *GET)

    assert result.exit_code == 0
    (pause,) = slept
    assert least <= pause <= most


def test_a_pause_beyond_the_deadline_is_not_slept(team: Team, slept: list[float]) -> None:
    limited = says(429, {"detail": "too many", "code": "rate_limited"}, "Retry-After: 60")
    with serving(limited) as server:
        result = team(server.url, *GET)

    refused(
        result,
        7,
        "gamify: too many",
        "  hint: try again in 60 s, or let it wait with --timeout 120",
    )
    assert not slept


ONE_BY_ONE = says(404, {"detail": "no such path", "code": "no_route"})
"""A server that has no path for several participants."""


def test_a_used_up_rate_limit_is_waited_for(team: Team, slept: list[float]) -> None:
    used_up = [
        "X-RateLimit-Remaining: 0",
        f"X-RateLimit-Reset: {NOW + 20}",
        f"Date: {formatdate(NOW, usegmt=True)}",
    ]
    with serving(ONE_BY_ONE, profile("ada", *used_up), profile("bob")) as server:
        result = team(server.url, "participants", "get", "ada", "bob", "--jobs", "1", "-o", "ids")
        assert result.stdout.split() == ["ada", "bob"]
        (pause,) = slept
        assert 19 < pause <= 20

        server.acts[:] = [ONE_BY_ONE, profile("ada", *used_up)]
        result = team(
            server.url, "participants", "get", "ada", "bob", "--jobs", "1", "--timeout", "9"
        )

    assert result.exit_code == 7
    assert result.stderr.splitlines() == [
        "gamify: no request of this API key is left in this minute (1 done, 0 failed)",
        "  hint: try again in 20 s, or let it wait with --timeout 80",
    ]


def test_a_reply_that_drips_ends_at_the_deadline(team: Team) -> None:
    with serving(drips) as server:
        result = team(server.url, *GET, "--timeout", "0.3")

    refused(
        result,
        7,
        f"gamify: the server at {server.url} did not answer within 0.3 s",
        "  hint: try again, or wait longer with --timeout",
    )


@pytest.mark.parametrize("declared", [True, False])
def test_a_huge_reply_is_not_read(declared: bool, team: Team) -> None:
    sent = 0

    def act(connection: socket.socket, _request: Received) -> bool:
        nonlocal sent
        length = "Content-Length: 100000000" if declared else "Connection: close"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{length}\r\n\r\n"
        connection.sendall(head.encode())
        while sent < 100_000_000:
            sent += connection.send(b"x" * 100_000)
        return False

    with serving(act) as server:
        result = team(server.url, *GET)

    refused(
        result,
        7,
        f"gamify: the server at {server.url} answers /participants/ada with more than"
        " 16,777,216 bytes",
        "  hint: ask for less at a time",
    )
    assert sent < 40_000_000


@pytest.mark.parametrize(
    ("body", "media"),
    [
        (b'{"a": 1', "application/json"),
        (b"[1]", "application/json"),
        (b'{"a": NaN}', "application/json"),
        (b"\xff{}", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"a": ' + b"9" * 3_000_000 + b"}", "application/json"),
        (b"", "application/json"),
        (b"{}", "text/html"),
    ],
)
def test_an_answer_that_is_no_json_object_is_told(body: bytes, media: str, team: Team) -> None:
    with serving(says(200, body, media=media)) as server:
        result = team(server.url, *GET)

    refused(
        result,
        7,
        f"gamify: the server at {server.url} answered 200 OK ({media}), which is no JSON object",
    )


@pytest.mark.parametrize(
    "head",
    [
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 500 + b"\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Encoding: gzip\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n{}",
    ],
)
def test_an_answer_that_is_no_sound_http_is_told(head: bytes, team: Team) -> None:
    with serving(raw(head)) as server:
        result = team(server.url, *GET)

    assert result.exit_code == 7
    (message, _hint) = result.stderr.splitlines()
    assert message.startswith(
        f"gamify: no answer from the server at {server.url}: its answer is not sound HTTP ("
    )


def test_an_error_that_repeats_the_key_is_shown_without_it(team: Team) -> None:
    body = json.dumps({"detail": f"what is {KEY}?", "hint": KEY, "code": "unauthorized"})
    with serving(says(409, body.encode(), f"X-Request-Id: {KEY}")) as server:
        result = team(server.url, *GET, "--verbose", "--debug")

    assert result.exit_code == 5
    assert "gamify: what is ***?\n  hint: ***\n" in result.stderr
    assert result.stderr.endswith("  request: ***\n")


def test_errors_as_json_hold_the_request(team: Team) -> None:
    act = says(404, {"detail": "no", "code": "not_found", "hint": "look"}, "X-Request-Id: req_7")
    with serving(act) as server:
        result = team(server.url, *GET, "--json")

    assert json.loads(result.stderr)["error"] == {
        "code": "not_found",
        "message": "no in profile team",
        "hint": "look",
        "exit": 3,
        "retryable": False,
        "request_id": "req_7",
        "profile": "team",
    }


def test_a_missing_key_asks_nothing(place: Place, call: Run) -> None:
    with serving(profile("ada")) as server:
        config = place.home / "config" / "gamify" / "config.toml"
        config.parent.mkdir(parents=True)
        config.write_text(f'[profiles.team]\nurl = "{server.url}"\n')
        result = call("-p", "team", *GET, env={"GAMIFY_API_KEY": ""})

    assert result.exit_code == 4
    assert not server.requests


@pytest.mark.parametrize("key", ["a\nb", "a b", "ü"])
def test_a_key_that_no_header_can_hold_is_not_shown(key: str, place: Place, call: Run) -> None:
    with serving(profile("ada")) as server:
        config = place.home / "config" / "gamify" / "config.toml"
        config.parent.mkdir(parents=True)
        config.write_text(f'[profiles.team]\nurl = "{server.url}"\n')
        result = call("-p", "team", *GET, "--debug", env={"GAMIFY_API_KEY": key})

    assert result.exit_code == 2
    assert "the API key has other than visible ASCII characters" in result.stderr
    assert not server.requests


@pytest.mark.parametrize("host", ["ⓛocalhost", "ü" * 100])
def test_a_host_that_no_name_can_be_is_told(host: str, team: Team) -> None:
    result = team(f"https://{host}/a", *GET)

    refused(result, 2, f'gamify: the URL https://{host}/a has no host that can be asked: "{host}"')


def test_a_stale_connection_is_replaced(team: Team) -> None:
    def act(connection: socket.socket, request: Received) -> bool:
        profile("x")(connection, request)
        return False

    with serving(act) as server:
        line = ("participants", "get", "a", "b", "c", "--jobs", "1", "-o", "ids")
        result = team(server.url, *line)

    assert result.stdout.split() == ["x"] * 3


def test_a_connection_is_kept_for_the_requests_that_follow(team: Team) -> None:
    connections: list[int] = []

    def act(connection: socket.socket, request: Received) -> bool:
        connections.append(connection.getpeername()[1])
        return profile("x")(connection, request)

    with serving(act) as server:
        team(server.url, "participants", "get", "a", "b", "c", "--jobs", "1")

    # The first asks for all together.
    assert len(connections) == 4
    assert len(set(connections)) == 1
