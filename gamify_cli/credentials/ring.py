"""A key in the system's keyring: the one place where the library for it is called."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from gamify_cli.credentials.entry import Entry
from gamify_cli.errors import GamifyError, Unauthorized, Unavailable, UsageError

SECONDS = 3.0
SERVICE = "gamify"

_Result = TypeVar("_Result")


def read(profile: str) -> Entry | None:
    """What the keyring holds for a profile, None for nothing.

    Raises UsageError where the library is missing, Unauthorized where there is no keyring or
    it refuses, Unavailable where it does not answer in time.
    """
    text = _ask(lambda keyring: keyring.get_password(SERVICE, profile))
    return None if text is None else Entry.read(str(text))


def keep(profile: str, entry: Entry) -> None:
    """Put a key there, and see that it is there; raises as `read` does."""
    _ask(lambda keyring: keyring.set_password(SERVICE, profile, entry.text), entry.key)
    if read(profile) != entry:
        raise Unauthorized("the keyring does not keep what it is given")


def forget(profile: str) -> None:
    """Delete a key, if it is there; raises as `read` does."""
    if read(profile) is not None:
        _ask(lambda keyring: keyring.delete_password(SERVICE, profile))


def _ask(call: Callable[[Any], _Result], secret: str | None = None) -> _Result:
    """What the library answers within SECONDS; a call that hangs is left behind.

    What it has to say of a failure is told without the secret.
    """
    results: SimpleQueue[_Result | GamifyError] = SimpleQueue()
    Thread(target=lambda: results.put(_answer(call, secret)), daemon=True).start()
    try:
        result = results.get(timeout=SECONDS)
    except Empty:
        raise Unavailable(
            f"the keyring did not answer in {SECONDS:g} s", hint="is it waiting to be unlocked?"
        ) from None
    if isinstance(result, GamifyError):
        raise result
    return result


def _answer(call: Callable[[Any], _Result], secret: str | None) -> _Result | GamifyError:
    try:
        import keyring
    except ImportError:
        return UsageError(
            "the keyring needs a library that is not installed",
            hint="run: pip install 'gamify-cli[keyring]'",
        )
    try:
        return call(keyring)
    except Exception as error:  # backends raise what they like
        reason = str(error).replace(secret, "***") if secret else str(error)
        return Unauthorized(f"the keyring refused: {type(error).__name__}: {reason}")
