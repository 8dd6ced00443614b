"""A keyring in one file, for tests: PYTHON_KEYRING_BACKEND=file_keyring.FileKeyring."""

# ruff: noqa: ARG002 (the signatures are those of the library)

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class FileKeyring(KeyringBackend):
    """Keeps what it is given in $KEYRING_FILE."""

    priority = 1

    @property
    def path(self) -> Path:
        return Path(os.environ["KEYRING_FILE"])

    def entries(self) -> dict[str, str]:
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self.path.write_text(json.dumps(self.entries() | {f"{service}/{username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        entries = self.entries()
        if entries.pop(f"{service}/{username}", None) is None:
            raise PasswordDeleteError
        self.path.write_text(json.dumps(entries))


class ForgetfulKeyring(FileKeyring):
    """Takes everything and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Nothing."""


class TellingKeyring(FileKeyring):
    """Fails, and repeats what it was given."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"cannot keep {password}")


class HangingKeyring(FileKeyring):
    """Never answers."""

    def get_password(self, service: str, username: str) -> str | None:
        threading.Event().wait()
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        threading.Event().wait()
