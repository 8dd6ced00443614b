"""HTTP as it may come: odd methods, paths, queries, headers, bodies; and what a connection is
good for afterwards. Every answer has the form of all others."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Place, Run
from serving import BASE, Reply, Server, serving_for_all

from gamify_cli import wire
from gamify_cli.server.routes import ROUTES

AWARD = b'{"participant_id": "%b", "amount": 1}'
IDS = {"pid": "ada", "code": "x", "reward": "x", "operation": "x"}
OWN = ["/healthz", "/readyz", "/metrics", "/openapi.json"]
CHUNKED = b"Transfer-Encoding: chunked"
JSON = b"Content-Type: application/json"
CLOSE = b"Connection: close"


def methods_of_paths() -> dict[str, set[str]]:
    """The methods of every path below the base."""
    found: dict[str, set[str]] = {}
    for route in ROUTES:
        path = route.path.format(**IDS)
        found.setdefault(path, set()).add(route.method)
        if route.is_write:
            found.setdefault(f"/dry-run{path}", set()).add("POST")
        if route.any_time:
            for before in wire.PASTS.values():
                times = before.format(at="2026-01-01T00:00:00Z", known_at="2026-01-01")
                found.setdefault(times + path, set()).add("GET")
    return found


PATHS = methods_of_paths() | {path: {"GET"} for path in OWN}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, bytecode: Path) -> Iterator[Server]:
    place = Place(tmp_path_factory.mktemp("http"), bytecode)
    with serving_for_all(place, ["points", "award", "ada", "1"]) as one:
        yield one


def request(line: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    """A request in bytes; BASE and KEY stand for what they are until it is sent."""
    return b"\r\n".join([line, b"Host: x", b"X-API-Key: KEY", *headers, b"", body])


def get(target: bytes, *headers: bytes) -> bytes:
    return request(b"GET %b HTTP/1.1" % target, *headers)


def award(*headers: bytes, body: bytes | None = None, to: bytes = b"eve") -> bytes:
    """An award, with the length of its body unless it is given in chunks."""
    sent = AWARD % to if body is None else body
    own = [] if any(b"Length" in one or b"Enc" in one for one in headers) else [length(sent)]
    return request(b"POST BASE/points/award HTTP/1.1", *own, *headers, body=sent)


def length(body: bytes) -> bytes:
    return b"Content-Length: %d" % len(body)


def chunks(body: bytes, trailer: bytes = b"") -> bytes:
    return b"%x\r\n%b\r\n0\r\n%b\r\n" % (len(body), body, trailer)


def exchange(server: Server, sent: bytes, *, half: bool = False) -> list[Reply]:
    """All answers on one connection until the server closes it; `half`: no more will be sent."""
    with socket.create_connection(("127.0.0.1", server.port), 30) as connection:
        named = sent.replace(b"BASE", BASE.encode()).replace(b"KEY", server.key.encode())
        connection.sendall(named)
        if half:
            connection.shutdown(socket.SHUT_WR)
        rest = connection.makefile("rb").read()
    return list(replies(rest))


def replies(received: bytes) -> Iterator[Reply]:
    while received:
        head, _, received = received.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        size = int(headers.get("content-length", "0"))
        yield Reply(int(status.split()[1]), headers, received[:size])
        received = received[size:]


def is_sound(reply: Reply) -> bool:
    """Whether an answer is one of ours."""
    if reply.status < 400:
        return True
    known = {"detail", "code", "hint"}
    return reply.headers["content-type"] == "application/json" and reply.body.keys() <= known


@pytest.mark.parametrize("path", [path for path, methods in PATHS.items() if "GET" in methods])
def test_head_answers_as_get_does_without_the_body(path: str, server: Server) -> None:
    there, head = server.ask("GET", path), server.ask("HEAD", path)

    same = ["content-type", *(["content-length"] if path != "/metrics" else [])]
    assert (head.status, head.raw) == (there.status, b"")
    assert [head.headers[name] for name in same] == [there.headers[name] for name in same]


@pytest.mark.parametrize(("path", "methods"), PATHS.items())
def test_other_methods_are_told_which_there_are(
    path: str, methods: set[str], server: Server
) -> None:
    allowed = methods | ({"HEAD"} if "GET" in methods else set())

    for method in {"OPTIONS", "TRACE", "DELETE", "QUERY", "GET", "PUT", "HEAD"} - allowed:
        reply = server.ask(method, path)
        assert (reply.status, set(reply.headers["allow"].split(", "))) == (405, allowed)
        assert method == "HEAD" or is_sound(reply)


@pytest.mark.parametrize(
    ("target", "status", "detail"),
    [
        (b"http://any.where" + BASE.encode() + b"/rewards", 200, ""),
        (b"http://any.where", 400, ""),
        (b"rewards", 400, ""),
        (b"/", 404, "there is no / here"),
        (b"*", 404, "there is no * here"),
        (b"//api/v1/gamify/rewards", 404, "there is no //api/v1/gamify/rewards here"),
        (b"BASE//rewards", 404, "there is no"),
        (b"BASE/rewards/", 404, "there is no"),
        (b"BASE/../gamify/rewards", 404, "there is no"),
        (b"BASE/%72ewards", 404, "there is no"),
        (b"BASE/leaderboards/a%2Fb", 404, 'leaderboard "a/b" not found'),
        (b"BASE/leaderboards/a%2fb", 404, 'leaderboard "a/b" not found'),
        (b"BASE/leaderboards/a/b", 404, "there is no"),
        (b"BASE/leaderboards/%00", 404, 'leaderboard "\0" not found'),
        (b"BASE/participants/%61da", 200, '"participant_id":"ada"'),
        (b"BASE/participants/%C3%a9", 404, 'participant "é" not found'),
        (b"BASE/participants/%zz", 400, 'the path has "%zz", which is no escape'),
        (b"BASE/participants/50%", 400, 'the path has "%", which is no escape'),
        (b"BASE/participants/%FF", 400, "the path is not UTF-8"),
        (b"BASE/participants/\xc3\xa9", 400, ""),
        (b"BASE/participants/\xff", 400, ""),
        (b"BASE/rewards?reward_type=\xe9", 400, ""),
        (b"BASE/rewards?reward_type=%E9", 400, "the query is no good"),
        (b"BASE/rewards?reward_type=%zz", 400, 'the query has "%zz", which is no escape'),
        (b"BASE/rewards?reward_type=coupon&reward_type=coupon", 400, "came twice"),
        (b"BASE/rewards?Reward_type=coupon", 400, 'unknown parameter "Reward_type"'),
        (b"BASE/rewards?%72eward_type=%63oupon", 200, ""),
        (b"BASE/rewards?", 200, ""),
        (b"BASE/rewards?&&", 200, ""),
        (b"BASE/rewards?" + b"&".join([b"reward_type=coupon"] * 201), 400, "is no good"),
        (b"BASE/admin/participants?" + b"&".join([b"where=version>0"] * 51), 400, "over 50 times"),
        (b"BASE/admin/participants?q=" + b"a" * 60_000, 400, "q has at most 510 characters"),
        (b"BASE/rewards?" + b"a" * 65_536, 400, ""),
    ],
)  # fmt: skip
def test_a_target_means_one_thing_or_is_refused(
    target: bytes, status: int, detail: str, server: Server
) -> None:
    (reply,) = exchange(server, get(target, CLOSE))

    assert (reply.status, is_sound(reply)) == (status, True)
    text = reply.body["detail"] if status >= 400 else reply.raw.decode()
    assert detail in text


PACKED = b"\x1f\x8b not really packed"


@pytest.mark.parametrize(
    ("sent", "statuses", "detail"),
    [
        # Who asks.
        (b"GET BASE/rewards HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", [401], "missing"),
        (get(b"BASE/rewards", CLOSE).replace(b"KEY", b""), [401], "X-API-Key is missing"),
        (get(b"BASE/rewards", CLOSE).replace(b"KEY", b" \t "), [401], "X-API-Key is missing"),
        (get(b"BASE/rewards", CLOSE).replace(b"KEY", b"\xe9\xff"), [401], "unknown"),
        (get(b"BASE/rewards", CLOSE, b"Host: y"), [400], "the header host came twice"),
        # Headers that are no text, or no header.
        (get(b"BASE/rewards", CLOSE, b"X-Other: \xe9\xff"), [200], ""),
        (award(CLOSE, JSON, b"Idempotency-Key: \xe9"), [400], "an idempotency key has"),
        (award(CLOSE, JSON, b"Gamify-Command: \xe9%zz%ff"), [200], ""),
        (award(CLOSE, b"Content-Type: \xe9"), [415], "the body must be JSON"),
        (award(CLOSE), [415], "the body must be JSON"),
        (get(b"BASE/rewards", b"X-Other : a"), [400], ""),
        (get(b"BASE/rewards", b"X-Other: a\r\n b"), [400], ""),
        (get(b"BASE/rewards", b"X-Other: a\0"), [400], ""),
        # Versions.
        (get(b"BASE/rewards").replace(b"HTTP/1.1", b"HTTP/1.0"), [200], ""),
        (get(b"BASE/nothing").replace(b"HTTP/1.1", b"HTTP/1.0"), [404], "there is no"),
        (get(b"BASE/rewards").replace(b"HTTP/1.1", b"HTTP/7.0"), [400], ""),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400], ""),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", [400], ""),
        # Where a body ends.
        (award(CLOSE, JSON, CHUNKED, body=chunks(AWARD % b"eve")), [200], ""),
        (award(CLOSE, JSON, CHUNKED, length(AWARD), body=chunks(AWARD)), [400], ""),
        (award(CLOSE, JSON, length(AWARD), CHUNKED, body=chunks(AWARD)), [400], ""),
        (award(CLOSE, JSON, length(AWARD), length(AWARD)), [400], ""),
        (award(CLOSE, JSON, b"Content-Length: 34, 34"), [400], ""),
        (award(CLOSE, JSON, b"Content-Length: -1"), [400], ""),
        (award(CLOSE, JSON, b"Content-Length: +34"), [400], ""),
        (award(CLOSE, JSON, b"Content-Length: "), [400], ""),
        (award(CLOSE, JSON, b"Content-Length: 1" + b"0" * 20), [400], ""),
        (award(CLOSE, JSON, b"Content-Length: 10000000"), [413], "at most 1,048,576 bytes"),
        (award(CLOSE, JSON, CHUNKED, body=b"zz\r\n"), [400], ""),
        (award(CLOSE, JSON, CHUNKED, body=b"2\r\n{}{}\r\n0\r\n\r\n"), [400], ""),
        # How a body is packed.
        (award(CLOSE, JSON, b"Content-Encoding: gzip", length(PACKED), body=PACKED), [415], "gzip"),
        (award(CLOSE, JSON, b"Content-Encoding: identity", length(AWARD % b"eve")), [200], ""),
        (award(CLOSE, JSON, b"Transfer-Encoding: x, chunked", body=chunks(AWARD)), [415], "x,"),
        (award(CLOSE, JSON, b"Transfer-Encoding: gzip", body=PACKED), [400], ""),
        (award(CLOSE, JSON, body=b"\xef\xbb\xbf" + AWARD % b"eve"), [200], ""),
        # Who waits for a word before sending a body.
        (award(CLOSE, JSON, b"Expect: 100-continue"), [100, 200], ""),
        (
            request(b"POST BASE/nothing HTTP/1.1", JSON, length(AWARD), b"Expect: 100-continue"),
            [404],
            "there is no",
        ),
    ],
)  # fmt: skip
def test_what_is_odd_is_answered_in_the_usual_form(
    sent: bytes, statuses: list[int], detail: str, server: Server
) -> None:
    answers = exchange(server, sent)

    assert [reply.status for reply in answers] == statuses
    assert all(is_sound(reply) for reply in answers)
    assert detail in (answers[-1].body["detail"] if statuses[-1] >= 400 else "")
    assert answers[-1].headers["connection"] == "close"


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        # One after another, without waiting.
        ([award(JSON), get(b"BASE/participants/ada"), get(b"BASE/no"), get(b"BASE/rewards", CLOSE)],
         [200, 200, 404, 200]),
        # No error ends a connection on which the next request can be found.
        ([get(b"BASE/no"), get(b"BASE/rewards?x=1"), request(b"DELETE BASE/rewards HTTP/1.1"),
          get(b"BASE/rewards").replace(b"KEY", b""), award(JSON, body=b"{"), award(),
          get(b"BASE/rewards", CLOSE)],
         [404, 400, 405, 401, 400, 415, 200]),
        # A body that is not read ends it, be it empty or not what the path takes.
        ([request(b"POST BASE/no HTTP/1.1", JSON, length(AWARD), body=AWARD), get(b"BASE/rewards")],
         [404]),
        ([request(b"GET BASE/rewards HTTP/1.1", length(AWARD), body=AWARD), get(b"BASE/rewards")],
         [200]),
        ([request(b"GET BASE/rewards HTTP/1.1", b"Content-Length: 0"), get(b"BASE/no", CLOSE)],
         [200, 404]),
        # What is no request ends it, after what was asked before.
        ([award(JSON), b"NO HTTP AT ALL\r\n\r\n"], [200]),
        # Another protocol is not spoken: what follows would be in it.
        ([get(b"BASE/rewards", b"Connection: Upgrade", b"Upgrade: h2c"), get(b"BASE/rewards")],
         [200]),
        ([get(b"BASE/rewards", b"Connection: Upgrade", b"Upgrade: websocket")], [200]),
        ([request(b"CONNECT BASE/rewards HTTP/1.1"), get(b"BASE/rewards")], [405]),
        # The end of a chunked body may bring headers, which say nothing of the request.
        ([award(JSON, CHUNKED, body=chunks(AWARD % b"eve", b"X-API-Key: other\r\n")),
          get(b"BASE/rewards", CLOSE)],
         [200, 200]),
    ],
)  # fmt: skip
def test_a_connection_is_used_again_or_closed_but_never_confused(
    sent: list[bytes], statuses: list[int], server: Server
) -> None:
    answers = exchange(server, b"".join(sent))

    assert [reply.status for reply in answers] == statuses
    assert all(is_sound(reply) for reply in answers)
    closing = [reply.headers.get("connection") for reply in answers]
    assert closing == [None] * (len(answers) - 1) + ["close"]


@pytest.mark.parametrize(
    "sent",
    [
        award(JSON, b"Content-Length: 100", to=b"half"),
        award(JSON, CHUNKED, body=chunks(AWARD % b"half")[:-5]),
    ],
)
def test_a_request_that_breaks_off_changes_nothing(sent: bytes, server: Server) -> None:
    exchange(server, sent, half=True)

    assert server.ask("GET", "/participants/half").status == 404


@pytest.mark.parametrize(("path", "status"), [("/points/award", 413), ("/nothing", 404)])
def test_a_client_that_sends_too_much_gets_its_answer(
    path: str, status: int, server: Server
) -> None:
    assert server.ask("POST", path, b" " * 4_000_000).status == status


def test_a_client_may_go_on_after_an_error(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {"X-API-Key": server.key}
    statuses = []

    for path in ("/participants/nobody", "/rewards?x=1", "/no", "/participants/ada"):
        connection.request("GET", BASE + path, headers=headers)
        answer = connection.getresponse()
        statuses.append(answer.status)
        answer.read()
        opened = connection.sock

    assert statuses == [404, 400, 404, 200]
    assert connection.sock is opened
    connection.close()


def test_the_document_is_the_same_on_every_way(server: Server, call: Run) -> None:
    first, again = server.ask("GET", "/openapi.json"), server.ask("GET", "/openapi.json")
    printed = json.loads(call("schema", "openapi").stdout)

    def in_order(value: Any) -> str:
        return json.dumps(value)

    assert first.raw == again.raw
    assert in_order(first.body) == in_order(printed)
    assert first.body["servers"] == [{"url": wire.BASE}]
