"""What went wrong with an exchange, in our words: the seam to the errors of urllib3."""

from __future__ import annotations

from http.client import HTTPException, IncompleteRead, RemoteDisconnected
from ssl import SSLCertVerificationError
from typing import NamedTuple

from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)


class Fault(NamedTuple):
    """Why there is no answer.

    `sent` if the server may have got the request; `passing` if another try may do better.
    """

    reason: str
    sent: bool
    passing: bool


def fault(error: HTTPError) -> Fault:
    """What an error of urllib3 means."""
    match error:
        case ReadTimeoutError():
            return Fault("it did not answer in time", sent=True, passing=False)
        case NewConnectionError() | ConnectTimeoutError() | ProxyError():
            via = "by the proxy: " if isinstance(error, ProxyError) else ""
            return Fault(via + _reason(error, "it took too long"), sent=False, passing=True)
        case SSLError():
            return _tls_fault(error)
        case ProtocolError():
            return _broken(error)
    return _malformed(str(error))


def _tls_fault(error: SSLError) -> Fault:
    for cause in _causes(error):
        if isinstance(cause, SSLCertVerificationError):
            reason = f"its certificate is not trusted: {cause.verify_message}"
            return Fault(reason, sent=False, passing=False)
    return Fault(f"TLS failed: {_reason(error, str(error))}", sent=True, passing=True)


def _broken(error: ProtocolError) -> Fault:
    """A connection that broke, or an answer that is not HTTP."""
    for cause in _causes(error):
        match cause:
            case RemoteDisconnected():
                return Fault("it closed the connection without an answer", sent=True, passing=True)
            case IncompleteRead():
                return Fault("its answer was cut short", sent=True, passing=True)
            case OSError():
                return Fault(_reason(error, "the connection broke"), sent=True, passing=True)
            case HTTPException():
                return _malformed(f"{type(cause).__name__}: {cause}")
    return _malformed(str(error))


def _malformed(what: str) -> Fault:
    return Fault(f"its answer is not sound HTTP ({what[:200]})", sent=True, passing=False)


def _reason(error: BaseException, otherwise: str) -> str:
    """What the system says of it, if it says anything."""
    for cause in _causes(error):
        if isinstance(cause, OSError) and (told := cause.strerror or str(cause)):
            return told
    return otherwise


def _causes(error: BaseException) -> list[BaseException]:
    """An error with all that led to it or that it holds, the outermost first."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            waiting += [*one.args, getattr(one, "original_error", None), one.__cause__]
    return found
