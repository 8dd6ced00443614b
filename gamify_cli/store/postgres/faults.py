"""The seam to the driver: its errors as ours, and which of them pass when tried again."""

from __future__ import annotations

import psycopg
from psycopg import errors

from gamify_cli.errors import GamifyError, StoreError, Unavailable

_RIVALS = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    # Two made the same participant, key or program at once; the second finds it next time.
    errors.UniqueViolation,
)
_AWAY = (
    errors.AdminShutdown,
    errors.CrashShutdown,
    errors.CannotConnectNow,
    errors.IdleInTransactionSessionTimeout,
    # What was the primary is a standby now.
    errors.ReadOnlySqlTransaction,
)
_WAIT_FOR_STANDBY = "SyncRepWaitForLSN"
_WAITED = (errors.LockNotAvailable, errors.QueryCanceled)
_FULL = (errors.DiskFull, errors.OutOfMemory, errors.TooManyConnections)


_WAYS_IN = {
    "password": "it is taken from ~/.pgpass, PGPASSFILE, PGPASSWORD or a service",
    "does not exist": "make it on the server, or mend the URL",
    "resolve host": "is the host of the URL right? if so, try again",
}
"""What helps where a connection is refused in these words; the driver gives it no code."""


class Again(Unavailable):
    """What may pass when it is done again; `is_lost` if the connection is of no more use."""

    def __init__(self, message: str, *, is_lost: bool) -> None:
        hints = (hint for words, hint in _WAYS_IN.items() if is_lost and words in message)
        super().__init__(message, hint=next(hints, "try again"))
        self.is_lost = is_lost


class Seam:
    """Within it, errors of the driver leave as ours."""

    __slots__ = ("_connection", "_place")

    def __init__(self, place: str, connection: psycopg.Connection | None = None) -> None:
        self._place = place
        self._connection = connection

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, psycopg.Error):
            raise _translated(error, self._place, is_lost=self._is_lost(error)) from error

    def _is_lost(self, error: psycopg.Error) -> bool:
        if self._connection is None:
            return isinstance(error, psycopg.OperationalError)
        return bool(self._connection.closed)


def tells_unconfirmed(notice: errors.Diagnostic) -> bool:
    """PostgreSQL only warns when it gives up to wait for a standby, and has committed."""
    return notice.source_function == _WAIT_FOR_STANDBY


def unconfirmed(place: str) -> Unavailable:
    """The failure of a change that is committed on the primary alone."""
    return Unavailable(
        f"the store {place} has made the change, but no standby confirmed it:"
        " it is lost if the primary fails now",
        hint="to be sure, repeat it with the same --idempotency-key",
    )


def unknown(place: str) -> Unavailable:
    """The failure of a change whose commit was not answered."""
    return Unavailable(
        f"the connection to {place} was lost while the change was committed; it may be done, or not"
    )


def _translated(error: psycopg.Error, place: str, *, is_lost: bool) -> GamifyError:
    """What a driver error means to the user."""
    told = _told(error)
    if isinstance(error, _RIVALS):
        return Again(f"the store {place} is being changed by others: {told}", is_lost=False)
    if isinstance(error, _WAITED):
        return Unavailable(
            f"the store {place} took too long: {told}",
            hint="try again, or wait longer with --timeout",
        )
    if isinstance(error, _FULL):
        return Unavailable(f"the store {place} takes no more: {told}")
    if is_lost or isinstance(error, _AWAY):
        return Again(f"the store {place} cannot be reached: {told}", is_lost=True)
    if isinstance(error, errors.InsufficientPrivilege):
        return StoreError(f"the store {place} refuses its user: {told}")
    return StoreError(f"the store {place} failed: {told}")


def _told(error: psycopg.Error) -> str:
    """The first line of what the database says, which has no value of a row in it."""
    text = error.diag.message_primary or str(error).strip().partition("\n")[0]
    return text or type(error).__name__
