"""A store in a folder of its own, and the executable that is run, or killed, on it."""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

EXECUTABLE = Path(sys.executable).with_name("gamify")
DRIFTED = 8
Done = subprocess.CompletedProcess[str]


class World:
    """`home` is an empty folder; `chance` says when to kill."""

    def __init__(self, home: Path, chance: random.Random) -> None:
        self.home = home
        self.chance = chance
        self.store = home / "gamify.db"
        self.env = {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "GAMIFY_STORE": str(self.store),
            "GAMIFY_NO_INPUT": "1",
            "PYTHONPATH": str(Path(__file__).parent.parent),
            "PYTHONPYCACHEPREFIX": os.environ.get("PYTHONPYCACHEPREFIX", str(home / "bytecode")),
        }
        self._usual: dict[str, float] = {}

    def write(self, name: str, text: str) -> None:
        """A file that commands name."""
        (self.home / name).write_text(text, "utf-8")

    def start(self, line: Sequence[str | Path], **more: Any) -> subprocess.Popen[str]:
        """A command line under way; one that does not begin with a path is gamify's."""
        whole = line if isinstance(line[0], Path) else [EXECUTABLE, *line]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(whole, cwd=self.home, **pipes, **({"env": self.env} | more))

    def run(self, *line: str | Path, most_bytes: int | None = None) -> Done:
        """What comes of a command line; `most_bytes` is how long a file may become."""
        limit = None if most_bytes is None else _limit(most_bytes)
        # Python would keep bytecode that was cut off, and fail on it from then on.
        env = self.env | ({"PYTHONDONTWRITEBYTECODE": "1"} if limit else {})
        started = time.monotonic()
        with self.start(line, env=env, preexec_fn=limit) as process:
            stdout, stderr = process.communicate(timeout=60)
        self._usual[" ".join(map(str, line[:2]))] = time.monotonic() - started
        return Done(line, process.returncode, stdout, stderr)

    def require(self, *line: str | Path) -> str:
        """The stdout of a command line that has to go well."""
        done = self.run(*line)
        assert done.returncode == 0, (line, done.stderr)
        return done.stdout

    def json(self, *line: str) -> Any:
        """The JSON that a command line answers."""
        return json.loads(self.require(*line, "-o", "json"))

    def kill(self, line: Sequence[str | Path]) -> bool:
        """Start a command line and kill it, most likely while it writes; whether that was in time.

        Of what it takes as a rule, it may have a half at least, for no more than its start.
        """
        usual = self._usual.get(" ".join(map(str, line[:2])), 0.3)
        with self.start(line) as process:
            try:
                process.communicate(timeout=usual * self.chance.uniform(0.4, 1.1))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
        return process.returncode < 0

    def verify(self, store: Path | None = None) -> Done:
        """What `store verify` says; neither a crash nor a file that is none."""
        done = self.run("--store", str(store or self.store), "store", "verify", "-o", "json")
        assert done.returncode in (0, DRIFTED), done.stderr
        assert "internal" not in done.stderr
        return done

    def require_sound(self) -> None:
        """Fail unless all that is stored is what the journal says."""
        done = self.verify()
        assert done.returncode == 0, done.stdout + done.stderr


def _limit(most: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
