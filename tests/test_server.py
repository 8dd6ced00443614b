"""The HTTP API, asked as any program may ask it: statuses, bodies, headers."""

from __future__ import annotations

import json
import socket
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from urllib.parse import quote

import pytest
from conftest import Place, Run
from serving import BASE, Reply, Server, make_key, serving

AWARD = {"participant_id": "ada", "amount": 50}
IDS = ["ada", "a/b", "a/state", "%2F", "?", "#", "two words", "😀", "..x", "é" * 255, "a\\b", "+&="]


@pytest.fixture
def server(place: Place, call: Run) -> Iterator[Server]:
    key = make_key(call)
    with serving(place, key) as one:
        yield one


@pytest.mark.parametrize("participant_id", IDS)
def test_an_id_of_any_kind_comes_back(participant_id: str, server: Server) -> None:
    made = server.ask("POST", "/participants", {"participant_id": participant_id})
    one = f"/participants/{quote(participant_id, safe='')}"

    assert (made.status, made.body["participant_id"]) == (201, participant_id)
    for path in (one, f"{one}/state", f"{one}/points", f"{one}/tier"):
        assert server.ask("GET", path).body["participant_id"] == participant_id, path
    changed = server.ask("PATCH", one, {"display_name": "Jane"})
    assert changed.body["display_name"] == "Jane"


def test_an_unknown_participant_and_an_unknown_path_differ_by_their_code(server: Server) -> None:
    unknown = server.ask("GET", "/participants/nobody")
    nowhere = server.ask("GET", "/participants/nobody/hobbies")

    assert (unknown.status, unknown.body) == (
        404,
        {"detail": 'participant "nobody" not found', "code": "not_found"},
    )
    assert (nowhere.status, nowhere.body["code"]) == (404, "no_route")
    assert unknown.headers["x-request-id"] != nowhere.headers["x-request-id"]


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "detail"),
    [
        ("POST", "/points/award", b"{", {}, 400, "the body is not JSON"),
        ("POST", "/points/award", b"[]", {}, 400, "the body must be a JSON object"),
        ("POST", "/points/award", b"", {}, 400, "the body is not JSON"),
        ("POST", "/points/award", {**AWARD, "amount": 1.0}, {}, 400, "an amount is an integer"),
        ("POST", "/points/award", {**AWARD, "amuont": 1}, {}, 400, 'unknown field "amuont"'),
        ("POST", "/points/award", {"amount": 1}, {}, 400, 'the body lacks "participant_id"'),
        ("POST", "/points/award", AWARD, {"Content-Type": "text/plain"}, 415, "must be JSON"),
        ("POST", "/points/award", b" " * 1_048_577, {}, 413, "at most 1,048,576 bytes"),
        ("POST", "/points/award", AWARD, {"Idempotency-Key": "a b"}, 400, "an idempotency key"),
        ("POST", "/points/award", AWARD, {"Gamify-Operation": "op_1"}, 400, "takes op_ and 24 of"),
        ("POST", "/points/deduct", AWARD, {}, 400, "Insufficient points. Available: 0, requested"),
        ("GET", "/rewards?colour=red", None, {}, 400, 'unknown parameter "colour"'),
        ("GET", "/leaderboards/x?limit=0", None, {}, 400, "limit must be an integer from 1 to 100"),
        ("GET", "/leaderboards/x?limit=1&limit=2", None, {}, 400, '"limit" came twice'),
        ("GET", "/participants/ada/state?include=", None, {}, 400, "valid are points, tier"),
        ("GET", "/participants/%FF", None, {}, 400, "the path is not UTF-8"),
        ("GET", "/participants/%00", None, {}, 400, "control character U+0000"),
        ("GET", "/participants/%2E%2E", None, {}, 400, '".." cannot be a participant id'),
        ("PATCH", "/participants/ada", {}, {}, 400, "nothing to update"),
        ("PATCH", "/participants/ada", {"display_name": "A"}, {"If-Match": "x"}, 400, "a version"),
        ("PUT", "/admin/program", {"name": 1}, {}, 400, "the body has 1 fault"),
        ("DELETE", "/participants/ada", None, {}, 405, "the path takes GET, PATCH, not DELETE"),
        ("POST", "/healthz", {}, {}, 405, "the path takes GET, not POST"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(
    method: str,
    path: str,
    body: Any,
    headers: dict[str, str],
    status: int,
    detail: str,
    server: Server,
) -> None:
    reply = server.ask(method, path, body, headers=headers)

    assert (reply.status, reply.headers["content-type"]) == (status, "application/json")
    assert detail in reply.body["detail"]
    assert reply.headers["x-request-id"]
    if status == 405:
        assert reply.headers["allow"]


def test_bytes_that_are_no_request_get_the_same_form_of_answer(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"NO HTTP AT ALL\r\n\r\n")
        answer = connection.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "usage"


def test_a_header_that_comes_twice_is_refused(server: Server) -> None:
    key = f"X-API-Key: {server.key}\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        head = f"GET {BASE}/rewards HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{key}{key}\r\n"
        connection.sendall(head.encode())
        answer = connection.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"x-api-key came twice" in answer


def test_a_key_answers_again_byte_for_byte(server: Server) -> None:
    keyed = {"Idempotency-Key": "order:7"}

    first = server.ask("POST", "/points/award", AWARD, headers=keyed)
    again = server.ask("POST", "/points/award", AWARD, headers=keyed)
    legacy = server.ask("POST", "/points/award", {**AWARD, "idempotency_key": "order:7"})
    other = server.ask("POST", "/points/award", {**AWARD, "amount": 51}, headers=keyed)
    differs = server.ask("POST", "/points/award", {**AWARD, "idempotency_key": "b"}, headers=keyed)

    assert (first.status, again.status, first.raw) == (200, 200, again.raw)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert legacy.raw == first.raw
    assert (other.status, other.body["code"]) == (409, "conflict")
    assert (differs.status, "differ" in differs.body["detail"]) == (400, True)
    assert server.ask("GET", "/participants/ada/points").body["balance"] == 50


def test_a_creation_is_201_when_it_is_repeated_too(server: Server) -> None:
    body = {"participant_id": "ada", "display_name": "Ada"}
    statuses = [server.ask("POST", "/participants", body).status for _ in range(2)]
    only_new = server.ask("POST", "/participants", body, headers={"If-None-Match": "*"})
    stale = server.ask(
        "PATCH", "/participants/ada", {"display_name": "B"}, headers={"If-Match": '"9"'}
    )

    assert statuses == [201, 201]
    assert (only_new.status, stale.status) == (409, 409)


@pytest.mark.parametrize(
    ("options", "path", "status", "detail"),
    [
        ((), "/admin/participants", 403, "needs the scope admin"),
        ((), "/rewards", 200, None),
        (("--expires", "2099-01-01"), "/rewards", 200, None),
    ],
)
def test_a_key_opens_what_its_scope_says(
    options: tuple[str, ...], path: str, status: int, detail: str | None, server: Server, call: Run
) -> None:
    key = make_key(call, "--scope", "participant", *options)

    reply = server.ask("GET", path, key=key)

    assert reply.status == status
    assert detail is None or detail in reply.body["detail"]


def test_a_key_that_does_not_count_is_refused_and_never_repeated(server: Server, call: Run) -> None:
    made = json.loads(call("keys", "create", "--json").stdout)
    before = server.ask("GET", "/rewards", key=made["key"])
    call("keys", "revoke", made["key_id"])
    revoked = server.ask("GET", "/rewards", key=made["key"])
    unknown = server.ask("GET", "/rewards", key="bq_live_" + "0" * 32)
    missing = server.ask("GET", "/rewards", key="")

    assert before.status == 200
    assert [reply.status for reply in (revoked, unknown, missing)] == [401] * 3
    assert "revoked" in revoked.body["detail"]
    log = server.stop()
    assert made["key"] not in log + str(revoked.raw)
    assert server.key not in log


def test_the_requests_of_a_key_are_counted(server: Server, call: Run) -> None:
    key = make_key(call, "--rate-limit", "2")

    replies = [server.ask("GET", "/rewards", key=key) for _ in range(6)]

    refused = [reply for reply in replies if reply.status == 429]
    # A minute that ends in between allows two more.
    assert len(refused) in (2, 4)
    assert refused[0].body["code"] == "rate_limited"
    assert 1 <= int(refused[0].headers["retry-after"]) <= 60
    assert replies[0].headers["x-ratelimit-limit"] == "2"
    assert replies[0].headers["x-ratelimit-remaining"] == "1"
    assert int(replies[0].headers["x-ratelimit-reset"]) % 60 == 0
    assert "x-ratelimit-limit" not in server.ask("GET", "/rewards").headers


def test_a_rehearsal_has_a_path_of_its_own_and_changes_nothing(server: Server) -> None:
    server.ask("POST", "/points/award", AWARD)

    dry = server.ask("POST", "/dry-run/points/award", AWARD)
    patch = server.ask("POST", "/dry-run/participants/ada", {"display_name": "Ada"})

    assert (dry.status, dry.body["outcome"]) == (200, "awarded")
    assert dry.body["before"]["points"]["balance"] == 50
    assert dry.body["after"]["points"]["balance"] == 100
    assert "x-operation-id" not in dry.headers
    assert patch.body["answer"]["display_name"] == "Ada"
    now = server.ask("GET", "/participants/ada").body
    assert (now["points"]["balance"], now["display_name"]) == (50, None)


def test_a_read_of_the_past_has_a_path_of_its_own(server: Server) -> None:
    server.ask("POST", "/points/award", AWARD | {"occurred_at": "2026-02-01T00:00:00Z"})
    server.ask("POST", "/points/award", AWARD)

    def balance(prefix: str) -> Reply:
        return server.ask("GET", f"{prefix}/participants/ada/points")

    assert balance("").body["balance"] == 100
    assert balance("/as-of/2026-02-02T00:00:00Z").body["balance"] == 50
    assert balance("/as-of/2026-01-01").status == 404
    assert balance("/as-of/yesterday").status == 400
    for rest in ("", "/state", "/streaks", "/challenges"):
        assert server.ask("GET", f"/as-of/2026-02-02/participants/ada{rest}").status == 200


def test_a_batch_answers_each_item_on_its_own(server: Server) -> None:
    items = [AWARD, {**AWARD, "amount": 0}, "no object", {**AWARD, "participant_id": "bob"}]
    keyed = {"Idempotency-Key": "batch"}

    first = server.ask("POST", "/points/award-batch", {"awards": items}, headers=keyed)
    again = server.ask("POST", "/points/award-batch", {"awards": items}, headers=keyed)

    assert first.status == 200
    assert [one["ok"] for one in first.body["results"]] == [True, False, False, True]
    assert (first.body["succeeded"], first.body["failed"]) == (2, 2)
    assert "an amount is an integer" in first.body["results"][1]["detail"]
    assert again.raw == first.raw
    assert server.ask("GET", "/participants/ada/points").body["balance"] == 50


def test_a_batch_of_events_is_written_once(server: Server) -> None:
    event = {"participant_id": "ada", "event_name": "login"}
    items = [event, {**event, "event_name": ""}, {**event, "timestamp": "2099-01-01"}, event]
    keyed = {"Idempotency-Key": "batch"}

    first = server.ask("POST", "/events/batch", {"events": items}, headers=keyed)
    again = server.ask("POST", "/events/batch", {"events": items}, headers=keyed)

    assert [one["ok"] for one in first.body["results"]] == [True, False, False, True]
    assert again.raw == first.raw
    listed = server.ask("GET", "/participants/ada/events?page_size=1").body
    assert (listed["total"], listed["page"], len(listed["events"])) == (2, 1, 1)


def test_pages_come_by_number_or_by_cursor(server: Server) -> None:
    for number in range(1, 8):
        server.ask("POST", "/points/award", {"participant_id": "ada", "amount": number})

    def amounts(query: str) -> tuple[list[int], Any]:
        body = server.ask("GET", f"/participants/ada/points/transactions?{query}").body
        return [one["amount"] for one in body["transactions"]], body.get("next", body.get("total"))

    assert amounts("page=2&page_size=3") == ([4, 3, 2], 7)
    assert amounts("page=9") == ([], 7)
    first, following = amounts("limit=3")
    assert first == [7, 6, 5]
    assert amounts(f"limit=3&before={following}")[0] == [4, 3, 2]
    assert amounts("limit=7")[1] is None
    people = server.ask("GET", "/admin/participants?where=balance%3E%3D28&sort=-balance").body
    assert [one["participant_id"] for one in people["participants"]] == ["ada"]
    assert server.ask("GET", "/admin/participants?count=true").body == {"count": 1}


def test_the_journal_tells_who_did_what(server: Server) -> None:
    told = {"Gamify-Command": "gamify points award ada 50 --reason %C3%A9t%C3%A9"}
    server.ask("POST", "/points/award", AWARD, headers=told)
    server.ask("POST", "/points/award", AWARD)

    facts = server.ask("GET", "/admin/participants/ada/history?type=points_awarded").body["facts"]

    assert facts[0]["command"] == "POST /points/award"
    assert facts[1]["command"] == "gamify points award ada 50 --reason été"
    assert facts[0]["actor"].startswith("key ")


def test_an_operation_is_shared_by_changes_of_one_key_alone(
    server: Server, place: Place, call: Run
) -> None:
    shared, other = {"Gamify-Operation": f"op_{'a' * 24}"}, make_key(call)

    def operation(method: str, path: str, body: Any, key: str | None = None) -> str:
        done = server.ask(method, path, body, key=key, headers=shared)
        assert done.status < 300, done.body
        return done.headers["x-operation-id"]

    program = {"name": "p", "tiers": []}
    mine = operation("POST", "/points/award", AWARD)
    theirs = operation("POST", "/points/award", AWARD, key=other)
    batches = [operation("POST", "/points/award-batch", {"awards": [AWARD]}) for _ in range(2)]
    programs = [
        operation("PUT", "/admin/program", {**program, "name": name}) for name in ("a", "b")
    ]

    assert operation("PATCH", "/participants/ada", {"display_name": "A"}) == mine
    assert len({mine, theirs, *batches, *programs, shared["Gamify-Operation"]}) == 7
    with closing(sqlite3.connect(place.store)) as store:
        counted = store.execute("SELECT facts FROM operations WHERE operation = ?", (mine,))
        assert counted.fetchall() == [(3,)]


def test_the_server_tells_how_it_does(server: Server) -> None:
    asked = server.ask("GET", "/rewards")
    health, ready = server.ask("GET", "/healthz", key=""), server.ask("GET", "/readyz", key="")
    metrics = server.ask("GET", "/metrics", key="")

    assert (health.body, ready.body) == ({"status": "ok"}, {"status": "ready"})
    assert metrics.headers["content-type"].startswith("text/plain")
    line = b'gamify_http_requests_total{method="GET",route="list_rewards",status="200"} 1.0'
    assert line in metrics.raw
    logged = [json.loads(line) for line in server.stop().splitlines()]
    assert [one["path"] for one in logged[:2]] == [f"{BASE}/rewards", "/healthz"]
    assert logged[0]["request_id"] == asked.headers["x-request-id"]
    assert logged[0].keys() == {
        "time", "request_id", "method", "path", "status", "ms", "bytes", "key", "operation",
    }  # fmt: skip


def test_a_long_answer_is_compressed_for_those_who_take_it(server: Server) -> None:
    for number in range(30):
        server.ask("POST", "/participants", {"participant_id": f"user_{number}"})

    plain = server.ask("GET", "/admin/participants")
    packed = server.ask("GET", "/admin/participants", headers={"Accept-Encoding": "gzip"})

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert len(packed.raw) < len(plain.raw) / 2


def test_everyone_reads_what_was_answered_to_them_among_many(server: Server) -> None:
    def award_and_look(number: int) -> list[tuple[int, int]]:
        one, seen = f"user_{number}", []
        for _ in range(10):
            body = {"participant_id": one, "amount": 5}
            told = server.ask("POST", "/points/award", body).body["new_balance"]
            seen.append((told, server.ask("GET", f"/participants/{one}").body["points"]["balance"]))
        return seen

    with ThreadPoolExecutor(8) as clients:
        for seen in clients.map(award_and_look, range(8)):
            assert seen == [(5 * number, 5 * number) for number in range(1, 11)]
