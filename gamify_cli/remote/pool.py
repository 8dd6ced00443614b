"""Connections to one server: how long they may take, whom they trust, by which proxy they go.

Certificates are trusted as the system trusts them, or by the file that `SSL_CERT_FILE` or
`CURL_CA_BUNDLE` names. `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` choose a proxy; a server on
this machine is never asked through one.
"""

from __future__ import annotations

import io
import ssl
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import LocationValueError

from gamify_cli.errors import UsageError


def open_pool(
    url: str, size: int, environ: Mapping[str, str], *, is_local: bool
) -> HTTPConnectionPool:
    """A pool for the origin of a URL; it connects when it is first used.

    Raises UsageError for a host, a file of certificates or a proxy that is no good.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        return _pool(parts, host, size, environ, is_local)
    except LocationValueError as error:
        raise UsageError(f'the URL {url} has no host that can be asked: "{host}"') from error


def _pool(
    parts: SplitResult, host: str, size: int, environ: Mapping[str, str], is_local: bool
) -> HTTPConnectionPool:
    if parts.scheme == "http":
        # Plain http is for this machine alone, which is asked without a proxy.
        pool = HTTPConnectionPool(host, parts.port, maxsize=size)
        pool.ConnectionCls = _PlainConnection
        return pool
    options: dict[str, Any] = {"maxsize": size, "ssl_context": _trust(environ)}
    proxy = None if is_local else _proxy(host, environ)
    if proxy:
        secure = _proxied(proxy, host, parts.port, options)
    else:
        secure = HTTPSConnectionPool(host, parts.port, **options)
    secure.ConnectionCls = _SecureConnection
    return secure


def _trust(environ: Mapping[str, str]) -> ssl.SSLContext:
    bundle = environ.get("SSL_CERT_FILE") or environ.get("CURL_CA_BUNDLE")
    if not bundle:
        import truststore

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        return ssl.create_default_context(cafile=bundle)
    except OSError as error:
        reason = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise UsageError(f"cannot use the certificates in {bundle}: {reason}") from None


def _proxy(host: str, environ: Mapping[str, str]) -> str | None:
    if not any(name.lower().endswith("_proxy") for name in environ):
        return None
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    return None if proxy_bypass(host) else proxies.get("https") or proxies.get("all")


def _proxied(
    proxy: str, host: str, port: int | None, options: dict[str, Any]
) -> HTTPSConnectionPool:
    from urllib3.exceptions import HTTPError
    from urllib3.poolmanager import ProxyManager
    from urllib3.util import make_headers, parse_url

    try:
        auth = parse_url(proxy).auth
        headers = make_headers(proxy_basic_auth=auth) if auth else None
        manager = ProxyManager(proxy, proxy_headers=headers, **options)
    except (HTTPError, AssertionError, ValueError):
        # What is wrong with it is not shown: it may hold a password.
        raise UsageError("the proxy in the environment is not an http or https URL") from None
    pool = manager.connection_from_host(host, port, "https")
    assert isinstance(pool, HTTPSConnectionPool)  # noqa: S101 (what https stands for)
    return pool


class _PlainConnection(HTTPConnection):
    """A connection whose timeout is one deadline over a whole request or answer."""

    def connect(self) -> None:
        super().connect()
        self.sock: Any = _TimedSocket(self.sock, self.timeout)


class _SecureConnection(HTTPSConnection):
    """The same over TLS."""

    def connect(self) -> None:
        super().connect()
        self.sock: Any = _TimedSocket(self.sock, self.timeout)


class _TimedSocket:
    """A socket whose timeout counts from when it was set, however much trickles in meanwhile."""

    def __init__(self, sock: Any, seconds: float | None) -> None:
        self._sock = sock
        self.settimeout(seconds)

    def settimeout(self, seconds: float | None) -> None:
        self._end = None if seconds is None else monotonic() + seconds

    def sendall(self, data: bytes) -> None:
        self._arm()
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._sock.makefile("rb", buffering=0), self._arm))

    def _arm(self) -> None:
        """Leave the next step what time there is left; raises TimeoutError if there is none."""
        if self._end is not None:
            left = self._end - monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            self._sock.settimeout(left)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class _TimedReader(io.RawIOBase):
    """Reads from a socket that is armed before every step."""

    def __init__(self, raw: Any, arm: Callable[[], None]) -> None:
        self._raw = raw
        self._arm = arm

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._arm()
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()
