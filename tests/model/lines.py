"""Command lines that run in process, on a store and a clock of their own."""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from gamify_cli import app
from model.commands import Model, Refused

PROGRAM = Path(__file__).parent / "program.toml"


class Lines(RuleBasedStateMachine):
    """Runs gamify and compares; `kept` are the lines that were given under a key, and answers."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = Path(self.folder.name) / "model.db"
        self.files = self.keys = 0
        self.kept: list[tuple[tuple[str, ...], str]] = []
        self.now = datetime(2026, 2, 14, 10, tzinfo=UTC)

    @initialize(
        basis=st.sampled_from(["balance", "total_earned"]),
        downgrade=st.booleans(),
        life=st.sampled_from(["", "expires = { days = 9 }\n"]),
    )
    def begin(self, basis: str, downgrade: bool, life: str) -> None:
        top = f'tier_basis = "{basis}"\ntier_downgrade = {str(downgrade).lower()}\n{life}'
        self.program = self.file(top + PROGRAM.read_text())
        assert self.run("program", "apply", self.program)[0] == 0
        self.model = Model(tomllib.loads(Path(self.program).read_text()), self.now)

    def teardown(self) -> None:
        self.folder.cleanup()

    @rule(hours=st.sampled_from([1, 1, 14, 24, 24, 48, 72, 5 * 24, 8 * 24, 15 * 24]))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.model.now = self.now

    def after(self, pauses: list[int]) -> Iterator[None]:
        """Come back after each pause of so many hours."""
        for hours in pauses:
            self.wait(hours)
            yield

    def file(self, content: str) -> str:
        self.files += 1
        path = Path(self.folder.name) / f"given_{self.files}"
        path.write_text(content)
        return str(path)

    def run(self, *line: str) -> tuple[int, str]:
        out = io.TextIOWrapper(io.BytesIO(), "utf-8")
        env = {"GAMIFY_STORE": str(self.store), "GAMIFY_TEST_NOW": self.now.isoformat()}
        with (
            patch.dict(os.environ, env),
            patch.object(sys, "stdout", out),
            patch.object(sys, "stderr", io.StringIO()),
        ):
            code = app.run(["--yes", "--json", *line])
        out.flush()
        return code, out.buffer.getvalue().decode()

    def read(self, *line: str) -> Any:
        code, out = self.run(*line)
        assert code == 0
        return json.loads(out)

    def write(self, how: str, *line: str) -> tuple[int, Any]:
        """Run a write in one of three ways; answers its exit code and its body."""
        if how == "rehearsed first":
            before = self.store.read_bytes()
            rehearsed = self.run(*line, "--dry-run")[0]
            assert self.store.read_bytes() == before
        if how == "repeated":
            self.keys += 1
            line = (*line, "--idempotency-key", f"key:{self.keys}")
        code, out = self.run(*line)
        if how == "rehearsed first":
            assert rehearsed == code
        if how == "repeated":
            assert self.run(*line) == (code, out)
            if code == 0:
                self.kept.append((line, out))
        return code, json.loads(out) if out else None

    def told(self, written: tuple[int, Any], promise: Callable[..., Any], *given: Any) -> None:
        """A command is refused where the model refuses it, and else answers what it promises."""
        code, body = written
        try:
            expected, promised = 0, promise(*given)
        except Refused as refused:
            expected, promised = refused.code, None
        assert code == expected
        if promised is not None:
            assert {name: body[name] for name in promised} == promised
