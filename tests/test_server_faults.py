"""A server under fire: locks, lost files, slow clients, signals, kills: no answer is untrue."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from conftest import EXECUTABLE, Place, Run
from serving import BASE, Reply, Server, make_key, serving
from test_concurrency import check

from gamify_cli.server import app, bodies, protocol
from gamify_cli.server.service import Service
from gamify_cli.store.local import LocalStore

WRITERS = 8
PATIENCE_SECONDS = 30


@pytest.fixture
def key(call: Run) -> str:
    return make_key(call)


def award(server: Server, participant_id: str = "ada", amount: int = 1) -> Reply:
    return server.ask("POST", "/points/award", {"participant_id": participant_id, "amount": amount})


def until(asked: Callable[[], Reply], status: int) -> Reply:
    """Ask again until the status comes."""
    end = time.monotonic() + PATIENCE_SECONDS
    while (reply := asked()).status != status:
        assert time.monotonic() < end, reply
    return reply


def test_writes_of_many_at_once_are_all_kept_and_each_is_whole(place: Place, key: str) -> None:
    with serving(place, key) as server:
        replies: list[Reply] = []

        def write(number: int) -> None:
            amount = number % 2 * 1_000_001 + 1
            replies.extend(award(server, f"user_{turn}", amount) for turn in range(20))

        threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        server.stop()

    assert sorted(reply.status for reply in replies) == [200] * 80 + [400] * 80
    assert sum(one.balance for one in check(place.store).values()) == 80


def test_a_locked_store_is_told_and_the_server_goes_on(place: Place, key: str) -> None:
    with serving(place, key, "--timeout", "0.1") as server:
        award(server)
        with closing(sqlite3.connect(place.store, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            locked, read = award(server), server.ask("GET", "/participants/ada")
            other.execute("ROLLBACK")
        after = award(server)

    assert (locked.status, locked.body["code"]) == (503, "unavailable")
    assert locked.headers["retry-after"] == "1"
    assert str(place.store) not in str(locked.body)
    assert (read.status, after.body["new_balance"]) == (200, 2)


def test_a_store_that_is_gone_is_told_until_it_is_back(place: Place, key: str) -> None:
    with serving(place, key) as server:
        award(server)
        place.store.rename(place.home / "away.db")
        gone = [server.ask("GET", "/participants/ada"), award(server), server.ask("GET", "/readyz")]
        assert server.ask("GET", "/healthz").status == 200
        (place.home / "away.db").rename(place.store)
        back = server.ask("GET", "/participants/ada")

    assert [reply.status for reply in gone] == [503] * 3
    assert back.body["points"]["balance"] == 1


def test_a_store_that_is_replaced_is_served_from_then_on(place: Place, key: str, call: Run) -> None:
    call("points", "award", "ada", "7")
    shutil.copy(place.store, place.home / "backup.db")
    with serving(place, key) as server:
        award(server)
        (place.home / "backup.db").rename(place.store)
        # What is beside a file belongs to it.
        for suffix in ("-wal", "-shm"):
            Path(f"{place.store}{suffix}").unlink(missing_ok=True)
        read = until(lambda: server.ask("GET", "/participants/ada"), 200)
        written = award(server)
        server.stop()

    assert (read.body["points"]["balance"], written.body["new_balance"]) == (7, 8)
    assert check(place.store)["ada"].balance == 8


def test_a_key_that_another_process_revokes_is_refused_at_once(
    place: Place, key: str, call: Run
) -> None:
    with serving(place, key) as server:
        made = json.loads(call("keys", "create", "--json").stdout)
        before = server.ask("GET", "/rewards", key=made["key"]).status
        call("keys", "revoke", made["key_id"])
        after = server.ask("GET", "/rewards", key=made["key"]).status

    assert (before, after) == (200, 401)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_no_stop_loses_what_was_acknowledged(stop: signal.Signals, place: Place, key: str) -> None:
    with serving(place, key, "--no-access-log") as server:
        kept: list[str] = []
        enough = threading.Event()

        def write(number: int) -> None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                for turn in range(10_000):
                    one = f"user_{number}_{turn}"
                    if award(server, one).status == 200:
                        kept.append(one)
                    if len(kept) > 40:
                        enough.set()

        threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
        for thread in threads:
            thread.start()
        assert enough.wait(PATIENCE_SECONDS)
        server.process.send_signal(stop)
        server.process.wait(PATIENCE_SECONDS)
        for thread in threads:
            thread.join(PATIENCE_SECONDS)

    assert server.process.returncode == (-9 if stop == signal.SIGKILL else 0)
    assert kept
    assert set(kept) <= check(place.store).keys()


def test_a_write_that_waits_is_answered_before_the_server_stops(place: Place, key: str) -> None:
    with serving(place, key) as server:
        award(server)
        with closing(sqlite3.connect(place.store, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
            body = json.dumps({"participant_id": "ada", "amount": 1})
            headers = {"X-API-Key": key, "Content-Type": "application/json"}
            connection.request("POST", f"{BASE}/points/award", body, headers)
            server.process.terminate()
            while can_connect(server.port):
                pass
            other.execute("ROLLBACK")
        answer = connection.getresponse()
        status, balance = answer.status, json.loads(answer.read())["new_balance"]
        connection.close()
        server.process.wait(PATIENCE_SECONDS)

    assert (status, balance, server.process.returncode) == (200, 2, 0)


def test_a_second_interrupt_waits_for_no_client_but_for_writes(place: Place, key: str) -> None:
    with serving(place, key) as server:
        award(server)
        clients = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(2)]
        body = b'{"participant_id":"ada","amount":1}'.ljust(50)
        with closing(sqlite3.connect(place.store, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for client, sent in zip(clients, [HALF, HALF[:-1] + body], strict=True):
                client.sendall(sent % (BASE.encode(), key.encode()))
            server.process.send_signal(signal.SIGINT)
            while can_connect(server.port):
                pass
            server.process.send_signal(signal.SIGINT)
            other.execute("ROLLBACK")
        code = server.process.wait(PATIENCE_SECONDS)
        for client in clients:
            client.close()

    assert code == 0
    assert check(place.store)["ada"].balance == 2


def can_connect(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


HALF = (
    b"POST %b/points/award HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"Content-Length: 50\r\nConnection: close\r\nX-API-Key: %b\r\n\r\n{"
)
"""A request whose body never comes."""


@pytest.fixture
def impatient(
    place: Place, key: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[bytes], bytes]]:
    """Sends bytes to a server that gives a request a fifth of a second; what it answers."""
    import uvicorn

    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.2)
    service = Service(partial(LocalStore.open, place.store, timeout=0.0), log=False)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            app.Application(service),
            http=protocol.PatientProtocol,
            log_config=None,
            lifespan="on",
            ws="none",
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        port = listener.getsockname()[1]

        def send(sent: bytes) -> bytes:
            with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as connection:
                with contextlib.suppress(OSError):
                    connection.sendall(
                        sent % (BASE.encode(), key.encode()) if sent is HALF else sent
                    )
                with contextlib.suppress(OSError):
                    return connection.makefile("rb").read()
            return b""

        yield send
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"", b""),
        (b"GET ", b""),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ", b""),
        (HALF, b"did not come in time"),
    ],
)
def test_a_client_that_sends_next_to_nothing_is_cut_off(
    sent: bytes, answer: bytes, impatient: Callable[[bytes], bytes]
) -> None:
    received = impatient(sent)

    assert answer in received
    assert bool(received) == bool(answer)


def test_a_head_without_an_end_is_cut_off(impatient: Callable[[bytes], bytes]) -> None:
    received = impatient(b"GET / HTTP/1.1\r\nX-A: " + b"x" * 600_000)

    assert not received or b"the head of the request is too large" in received


def test_a_log_that_nobody_reads_holds_up_no_request(place: Place, key: str) -> None:
    with serving(place, key) as server:
        one = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        for _ in range(1_000):
            # Far more than a pipe holds.
            one.request("GET", f"/{'x' * 200}")
            one.getresponse().read()
        alive = server.ask("GET", "/rewards").status
        one.close()

    assert alive == 200


def test_a_body_without_an_end_is_refused(place: Place, key: str) -> None:
    with serving(place, key) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        headers = {"X-API-Key": key, "Content-Type": "application/json"}

        def endless() -> Iterator[bytes]:
            while True:
                yield b" " * 65_536

        with contextlib.suppress(OSError):
            connection.request("POST", f"{BASE}/events", endless(), headers, encode_chunked=True)
        with contextlib.suppress(OSError, http.client.HTTPException):
            assert connection.getresponse().status == 413
        connection.close()
        alive = server.ask("GET", "/rewards").status

    assert alive == 200


@pytest.mark.parametrize(("is_proxied", "expected"), [(False, 200), (True, 401)])
def test_the_metrics_are_for_this_machine_or_an_admin_key(
    is_proxied: bool, expected: int, place: Place, key: str
) -> None:
    opened = partial(LocalStore.open, place.store, timeout=0.0)
    service = Service(opened, is_proxied=is_proxied, log=False)
    statuses = []

    async def ask(client: str, *headers: tuple[bytes, bytes]) -> None:
        sent: list[Any] = []
        scope = {"type": "http", "method": "GET", "raw_path": b"/metrics", "headers": [*headers]}

        async def send(message: Any) -> None:
            sent.append(message)

        await application(scope | {"client": (client, 1)}, send, send)  # type: ignore[arg-type]
        statuses.append(sent[0]["status"])

    async def everyone() -> None:
        service.start()
        await ask("127.0.0.1")
        await ask("192.0.2.1")
        await ask("192.0.2.1", (b"x-api-key", key.encode()))
        await service.stop()

    application = app.Application(service)
    asyncio.run(everyone())

    assert statuses == [expected, 401, 200]


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ((), 2, "nobody could call: there is no active key"),
        (("--host", "192.0.2.1"), 2, "keys would reach 192.0.2.1 unencrypted"),
        (("--host", "", "--behind-tls-proxy"), 2, "--host is empty"),
        (("--tls-key", "x.pem"), 2, "--tls-key needs --tls-cert"),
        (("--port", "70000"), 2, "70000"),
    ],
)
def test_a_server_that_should_not_start_does_not(
    options: tuple[str, ...], code: int, message: str, call: Run
) -> None:
    result = call("serve", *options)

    assert (result.exit_code, message in result.stderr) == (code, True)


@pytest.mark.usefixtures("key")
def test_a_certificate_and_an_address_must_be_good(place: Place, call: Run) -> None:
    (place.home / "no.pem").write_text("no certificate")
    missing = call("serve", "--tls-cert", "missing.pem")
    bad = call("serve", "--tls-cert", "no.pem", "--port", "0")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        busy = call("serve", "--port", str(port))
    long = call("serve", "--host", "ü" * 100, "--behind-tls-proxy")

    assert (missing.exit_code, bad.exit_code, busy.exit_code, long.exit_code) == (2, 2, 7, 2)
    assert long.stderr == f'gamify: "{"ü" * 100}" is no address and no name of a host\n'
    cannot = "gamify: cannot use the certificate"
    assert missing.stderr == f"{cannot} missing.pem: No such file or directory\n"
    assert bad.stderr.startswith(f"{cannot} no.pem: it or its private key is no PEM file")
    assert busy.stderr == (
        f"gamify: cannot listen on 127.0.0.1:{port}: Address already in use\n"
        "  hint: choose another address with --host, another port with --port\n"
    )


@pytest.mark.usefixtures("key")
def test_a_server_without_its_packages_says_what_to_install(place: Place) -> None:
    code = (
        "import sys; sys.modules['uvicorn'] = None;"
        "from gamify_cli.app import run; sys.exit(run(['serve']))"
    )
    python = EXECUTABLE.with_name("python")
    done = subprocess.run(
        [python, "-c", code], env=place.env, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "pip install 'gamify-cli[serve]'" in done.stderr
