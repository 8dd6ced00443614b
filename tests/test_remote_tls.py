"""Whom the client trusts, and by which proxy it goes."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from conftest import Place, Result, Run
from fake_server import profile, says, serving, tunnels

KEY = "bq_test_0123456789abcdef0123456789abcdef"
DEAD = "http://someone:secret@127.0.0.1:1"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def bundle(authority: trustme.CA, tmp_path: Path) -> str:
    """A file with the authority's certificate."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture
def get(place: Place, call: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Read a participant from a server, in an environment of its own."""
    monkeypatch.setattr("gamify_cli.remote.client.sleep", lambda _seconds: None)
    for name in ("NO_PROXY", "HTTPS_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)

    def run(url: str, **env: str) -> Result:
        config = place.home / "config" / "gamify" / "config.toml"
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(f'[profiles.team]\nurl = "{url}"\n')
        line = ("participants", "get", "ada", "-p", "team", "-o", "ids")
        result = call(*line, env={"GAMIFY_API_KEY": KEY, **env})
        assert "secret" not in result.stderr
        return result

    return run


Get = Callable[..., Result]


def tls(authority: trustme.CA, host: str, until: datetime | None = None) -> ssl.SSLContext:
    """What a server shows that has a certificate for a host."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host, not_after=until).configure_cert(context)
    return context


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "CURL_CA_BUNDLE"])
def test_an_authority_of_ones_own_is_trusted(
    variable: str, authority: trustme.CA, bundle: str, get: Get
) -> None:
    with serving(profile("ada"), tls=tls(authority, "127.0.0.1")) as server:
        result = get(server.url, **{variable: bundle, "HTTPS_PROXY": DEAD})

    assert result == Result(0, "ada\n", "")


@pytest.mark.parametrize(
    ("host", "until", "trusts", "reason"),
    [
        ("127.0.0.1", datetime(2020, 1, 1, tzinfo=UTC), True, "certificate has expired"),
        ("example.org", None, True, "IP address mismatch"),
        ("127.0.0.1", None, False, "unable to get local issuer certificate"),
    ],
)
def test_a_certificate_that_is_no_good_ends_it(
    host: str,
    until: datetime | None,
    trusts: bool,
    reason: str,
    authority: trustme.CA,
    bundle: str,
    get: Get,
) -> None:
    with serving(profile("ada"), tls=tls(authority, host, until)) as server:
        result = get(server.url, **({"SSL_CERT_FILE": bundle} if trusts else {}))

    assert (result.exit_code, result.stdout) == (7, "")
    assert f"{server.url}: its certificate is not trusted: " in result.stderr
    assert reason in result.stderr
    assert not server.requests


def test_certificates_that_cannot_be_read_are_told(get: Get, place: Place) -> None:
    missing = get("https://127.0.0.1:1", SSL_CERT_FILE="none.pem")
    (place.home / "text.pem").write_text("no certificate")
    text = get("https://127.0.0.1:1", SSL_CERT_FILE="text.pem")

    assert missing.stderr == (
        "gamify: cannot use the certificates in none.pem: No such file or directory\n"
    )
    assert text.stderr == (
        "gamify: cannot use the certificates in text.pem: it holds no certificate\n"
    )
    assert (missing.exit_code, text.exit_code) == (2, 2)


def test_a_proxy_carries_what_it_cannot_read(authority: trustme.CA, bundle: str, get: Get) -> None:
    with serving(tunnels(tls(authority, "gamify.test"), profile("ada"))) as proxy:
        address = f"http://someone:secret@127.0.0.1:{proxy.port}"
        result = get("https://gamify.test/api", HTTPS_PROXY=address, SSL_CERT_FILE=bundle)

    assert result == Result(0, "ada\n", "")
    (connect,) = proxy.requests
    assert (connect.method, connect.path) == ("CONNECT", "gamify.test:443")
    assert connect.headers["proxy-authorization"] == "Basic c29tZW9uZTpzZWNyZXQ="
    assert "x-api-key" not in connect.headers


def test_a_proxy_that_fails_is_told(get: Get) -> None:
    dead = get("https://gamify.test/api", HTTPS_PROXY=DEAD)
    with serving(says(403, {})) as proxy:
        closed = get("https://gamify.test/api", HTTPS_PROXY=f"http://127.0.0.1:{proxy.port}")
    strange = get("https://gamify.test/api", HTTPS_PROXY="ftp://someone:secret@127.0.0.1")

    no_answer = "gamify: no answer from the server at https://gamify.test/api: by the proxy: "
    assert dead.stderr.splitlines()[0] == no_answer + "Connection refused"
    assert closed.stderr.splitlines()[0] == no_answer + "Tunnel connection failed: 403 X"
    assert strange.stderr == "gamify: the proxy in the environment is not an http or https URL\n"
    assert (dead.exit_code, closed.exit_code, strange.exit_code) == (7, 7, 2)
