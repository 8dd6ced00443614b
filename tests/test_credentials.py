"""Where a key comes from: keyring, command, file, environment; and to whom it may go."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Place

from gamify_cli import credentials
from gamify_cli.credentials import command, ring
from gamify_cli.credentials.entry import Entry, origin_of
from gamify_cli.errors import GamifyError, Unauthorized, Unavailable, UsageError

KEY = "bq_live_0123456789abcdef0123456789abcdef"
URL = "https://gamify.example.com/api/v1/gamify"
ORIGIN = "https://gamify.example.com"
BOUND = {"origin": ORIGIN}

Ask = Callable[..., str]


@pytest.fixture
def env(place: Place) -> dict[str, str]:
    """An environment with a configuration of its own."""
    return {"GAMIFY_CONFIG": str(place.home / "config" / "gamify" / "config.toml")}


@pytest.fixture
def ask(env: dict[str, str]) -> Ask:
    """The key of profile prod, by its source."""

    def key_of(source: dict[str, Any], url: str = URL, **more: str) -> str:
        return credentials.key_of("prod", source, url, env | more)

    return key_of


@pytest.fixture
def key_file(place: Place, env: dict[str, str]) -> Path:
    """The file that a key is kept in by default, with one in it."""
    credentials.keep("prod", "file", KEY, URL, env)
    return place.home / "config" / "gamify" / "keys" / "prod.key"


def refused(ask: Ask, source: dict[str, Any], kind: type[GamifyError], **more: str) -> GamifyError:
    with pytest.raises(kind) as error:
        ask(source, **more)
    assert type(error.value) is kind
    assert KEY not in f"{error.value.message} {error.value.hint}"
    return error.value


def test_without_a_source_the_key_is_in_the_environment(ask: Ask) -> None:
    assert ask({}, GAMIFY_API_KEY=KEY) == KEY
    assert ask({"source": "env"}, GAMIFY_API_KEY=KEY) == KEY

    error = refused(ask, {}, Unauthorized)
    assert error.message == "profile prod has no key: nothing in GAMIFY_API_KEY"
    assert error.hint == (
        f"set GAMIFY_API_KEY, or run: gamify profiles add prod --url {URL} --replace --key-stdin"
    )
    refused(ask, {}, Unauthorized, GAMIFY_API_KEY="")


@pytest.mark.usefixtures("key_file")
def test_a_source_of_its_own_wins_over_the_environment(ask: Ask) -> None:
    assert ask({"source": "file"}, GAMIFY_API_KEY="other") == KEY


@pytest.mark.parametrize("key", ["a b", "é", "a\nX-Admin: 1", "a\r", "x" * 201, " a", "\x7f"])
def test_what_no_header_can_carry_is_no_key(key: str, ask: Ask, key_file: Path) -> None:
    key_file.write_bytes(f"{ORIGIN}\n{key}\n".encode())

    by_environment = refused(ask, {}, UsageError, GAMIFY_API_KEY=key)
    assert "the API key has other than visible ASCII characters" in by_environment.message
    if key != "a\r":
        by_file = Unauthorized if "\n" in key else UsageError
        refused(ask, {"source": "file"}, by_file)


def test_a_key_file_is_made_for_its_owner_alone(key_file: Path) -> None:
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700
    assert key_file.read_text() == f"{ORIGIN}\n{KEY}\n"
    assert [path.name for path in key_file.parent.iterdir()] == ["prod.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644, 0o666])
def test_a_key_file_that_others_may_open_is_refused(mode: int, ask: Ask, key_file: Path) -> None:
    key_file.chmod(mode)

    error = refused(ask, {"source": "file"}, Unauthorized)

    assert error.message == f"the key file {key_file} is open to others than its owner"
    assert error.hint == f"run: chmod 600 {key_file}"


def test_a_key_file_of_ones_own_starts_at_the_folder_of_the_configuration(
    ask: Ask, place: Place
) -> None:
    folder = place.home / "config" / "gamify"
    folder.mkdir(parents=True)
    (folder / "own.key").write_text(f"{KEY}\r\n\n")
    (folder / "own.key").chmod(0o600)
    (place.home / "link").symlink_to(folder / "own.key")

    assert ask({"source": "file", "path": "own.key", **BOUND}) == KEY
    assert ask({"source": "file", "path": str(place.home / "link"), **BOUND}) == KEY


def test_what_is_no_key_file_is_refused_at_once(ask: Ask, place: Place) -> None:
    def source(name: str) -> dict[str, Any]:
        return {"source": "file", "path": str(place.home / name), **BOUND}

    os.mkfifo(place.home / "pipe", 0o600)
    (place.home / "long").write_text("x" * 5_000)
    (place.home / "three").write_text(f"a\nb\n{KEY}\n")
    (place.home / "empty").write_text("\n")
    for name in ("long", "three", "empty"):
        (place.home / name).chmod(0o600)

    assert "is not a regular file" in refused(ask, source("pipe"), Unauthorized).message
    assert "is not a regular file" in refused(ask, source(""), Unauthorized).message
    for name in ("long", "three", "empty"):
        assert "something else" in refused(ask, source(name), Unauthorized).message
    missing = refused(ask, source("missing"), Unauthorized)
    assert missing.message == f"profile prod has no key: nothing in {place.home / 'missing'}"
    assert "--key-stdin" in str(missing.hint)


@pytest.mark.parametrize(
    "url",
    [
        "https://gamify.example.org/api/v1/gamify",
        "https://gamify.example.com:8443/api/v1/gamify",
        "http://gamify.example.com/api/v1/gamify",
        "https://gamify.example.com.evil.example/api/v1/gamify",
    ],
)
def test_a_key_goes_to_no_other_origin_than_its_own(url: str, ask: Ask, key_file: Path) -> None:
    script = {"source": "command", "command": ["tail", "-n1", str(key_file)], **BOUND}
    assert ask(script) == KEY

    for source in ({"source": "file"}, script, {"source": "env", **BOUND}):
        error = refused(ask, source, Unauthorized, url=url, GAMIFY_API_KEY=KEY)
        assert error.message == (
            f"the key of profile prod is for {ORIGIN}, and its url leads to {origin_of(url)}"
        )
        assert f"gamify profiles add prod --url {url} --replace" in str(error.hint)


@pytest.mark.usefixtures("key_file")
def test_another_path_of_the_same_origin_is_the_same_server(ask: Ask) -> None:
    assert ask({"source": "file"}, url="https://GAMIFY.example.com:443/v2") == KEY


def test_a_key_of_which_nothing_says_where_it_may_go_stays(ask: Ask, place: Place) -> None:
    own = place.home / "own.key"
    own.write_text(KEY)
    own.chmod(0o600)

    for source in (
        {"source": "command", "command": ["echo", KEY]},
        {"source": "file", "path": str(own)},
    ):
        error = refused(ask, source, Unauthorized)
        assert error.message == "nothing says which server the key of profile prod is for"
        assert f'add origin = "{ORIGIN}" to [profiles.prod.key]' in str(error.hint)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://H.example:443/x", "https://h.example"),
        ("http://127.0.0.1:8080/api", "http://127.0.0.1:8080"),
        ("http://[::1]:80/api", "http://[::1]"),
        ("https://[::1]:80/api", "https://[::1]:80"),
    ],
)
def test_an_origin_names_its_port_only_where_it_is_not_the_usual_one(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"source": "keychain"}, 'source "keychain" is none of keyring, file, command, env'),
        ({"sorce": "env"}, 'unknown key "sorce" in profiles.prod.key'),
        ({"path": "x"}, 'source "" is none of'),
        ({"source": 7}, "profiles.prod.key.source is of the wrong type"),
        ({"source": "command"}, "goes with source"),
        ({"source": "command", "command": []}, "goes with source"),
        ({"source": "command", "command": [""]}, "goes with source"),
        ({"source": "command", "command": "echo x"}, "command is of the wrong type"),
        ({"source": "command", "command": ["a\0b"]}, "must be a list of texts"),
        ({"source": "command", "command": [7]}, "must be a list of texts"),
        ({"source": "env", "command": ["x"]}, "goes with source"),
        ({"source": "file", "path": "a\0b"}, "U+0000"),
        ({"source": "file", "path": "~nobody_here/x"}, "nobody_here"),
    ],
)
def test_a_slip_in_a_source_is_told(source: dict[str, Any], message: str, ask: Ask) -> None:
    assert message in refused(ask, source, UsageError).message


def test_a_command_is_run_without_a_shell_and_its_first_line_counts(ask: Ask) -> None:
    script = f"import sys; print('{KEY}\\r', 'more', sep='\\n'); assert sys.stdin.read() == ''"
    source = {"source": "command", "command": [sys.executable, "-c", script], **BOUND}

    assert ask(source) == KEY
    assert ask({"source": "command", "command": ["echo", "$HOME;x"], **BOUND}) == "$HOME;x"


@pytest.mark.parametrize(
    ("words", "kind", "message"),
    [
        (["sh", "-c", "echo secret; exit 3"], Unauthorized, '"sh" failed with exit code 3'),
        (["sh", "-c", "kill -9 $$"], Unauthorized, '"sh" failed with signal 9'),
        (["no-such-program"], Unauthorized, "No such file or directory"),
        (["/"], Unauthorized, "Permission denied"),
        (["true"], Unauthorized, "has no key: nothing in true"),
        (["head", "-c", "5000000", "/dev/zero"], UsageError, "has other than visible ASCII"),
    ],
)
def test_a_command_that_gives_no_key_is_told(
    words: list[str], kind: type[GamifyError], message: str, ask: Ask
) -> None:
    error = refused(ask, {"source": "command", "command": words, **BOUND}, kind)

    assert message in error.message
    assert "secret" not in error.message


def test_what_a_command_has_to_say_reaches_the_person(
    ask: Ask, capfd: pytest.CaptureFixture[str]
) -> None:
    words = ["sh", "-c", "echo 'unlock the vault first' >&2; exit 1"]

    refused(ask, {"source": "command", "command": words, **BOUND}, Unauthorized)

    assert capfd.readouterr() == ("", "unlock the vault first\n")


@pytest.mark.parametrize("ending", ["wait", "exec yes", "echo key; exec sleep 1000"])
def test_a_command_that_hangs_is_killed_with_its_children(ending: str, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    began = time.monotonic()

    with pytest.raises(Unavailable, match=r'the key command "sh" took over 0\.5 s'):
        command.read(["sh", "-c", f"sleep 1000 > '{pipe}' & {ending}"], 0.5)

    assert time.monotonic() - began < 5
    # Nothing to read is the end of the pipe: nobody is left who could write.
    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b""
    os.close(reader)


def test_a_child_that_stays_behind_keeps_nobody_waiting() -> None:
    began = time.monotonic()

    entry = command.read(["sh", "-c", "sleep 20 & echo key"], 10)

    assert entry == Entry(None, "key")
    assert time.monotonic() - began < 5


def test_a_key_is_not_shown_by_what_holds_it() -> None:
    assert repr(Entry(ORIGIN, KEY)) == f"Entry('{ORIGIN}', ***)"


def in_keyring(place: Place, backend: str, script: str) -> subprocess.CompletedProcess[str]:
    """A script in a process of its own, with a keyring that is a file."""
    head = (
        "import os\nfrom gamify_cli import credentials\nfrom gamify_cli.credentials import ring\n"
        "from gamify_cli.errors import GamifyError\n"
        f"KEY, URL, SOURCE = {KEY!r}, {URL!r}, {{'source': 'keyring'}}\n"
        "def tell(call):\n"
        "    try: print(call())\n"
        "    except GamifyError as error: print(type(error).__name__, error.message)\n"
    )
    env = place.env | {
        "PYTHON_KEYRING_BACKEND": backend,
        "KEYRING_FILE": str(place.home / "ring"),
        "PYTHONPATH": str(Path(__file__).parent),
    }
    return subprocess.run(
        [sys.executable, "-c", head + script],
        env=env,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )


def test_a_keyring_keeps_a_key_with_its_origin(place: Place) -> None:
    done = in_keyring(
        place,
        "file_keyring.FileKeyring",
        "tell(lambda: credentials.key_of('prod', SOURCE, URL, os.environ))\n"
        "tell(lambda: credentials.keep('prod', None, KEY, URL, os.environ))\n"
        "tell(lambda: credentials.key_of('prod', SOURCE, URL, os.environ) == KEY)\n"
        "tell(lambda: credentials.key_of('prod', SOURCE, 'https://other.example', os.environ))\n"
        "tell(lambda: credentials.forget('prod', SOURCE, os.environ))\n"
        "tell(lambda: credentials.forget('prod', SOURCE, os.environ))\n"
        "print((open(os.environ['KEYRING_FILE']).read()))\n",
    )

    assert done.stdout.splitlines() == [
        "Unauthorized profile prod has no key: nothing in the keyring (gamify, prod)",
        "({'source': 'keyring'}, 'the keyring')",
        "True",
        f"Unauthorized the key of profile prod is for {ORIGIN},"
        " and its url leads to https://other.example",
        "None",
        "None",
        "{}",
    ]


@pytest.mark.parametrize(
    ("backend", "message"),
    [
        ("keyring.backends.fail.Keyring", "Unauthorized the keyring refused: NoKeyringError: "),
        ("file_keyring.ForgetfulKeyring", "Unauthorized the keyring does not keep what it"),
        ("keyring.backends.null.Keyring", "Unauthorized the keyring does not keep what it"),
        (
            "file_keyring.TellingKeyring",
            f"Unauthorized the keyring refused: RuntimeError: cannot keep {ORIGIN}",
        ),
    ],
)
def test_a_keyring_that_keeps_nothing_is_refused_where_it_was_asked_for(
    backend: str, message: str, place: Place
) -> None:
    done = in_keyring(
        place,
        backend,
        "tell(lambda: credentials.keep('prod', 'keyring', KEY, URL, os.environ))\n"
        "tell(lambda: credentials.keep('prod', None, KEY, URL, os.environ))\n",
    )

    assert done.stdout.startswith(message)
    assert KEY not in done.stdout + done.stderr
    file = place.home / "config" / "gamify" / "keys" / "prod.key"
    assert done.stdout.endswith(f"({{'source': 'file'}}, '{file}')\n")


def test_a_keyring_that_hangs_keeps_nobody_waiting(place: Place) -> None:
    began = time.monotonic()

    done = in_keyring(
        place,
        "file_keyring.HangingKeyring",
        "tell(lambda: credentials.key_of('prod', SOURCE, URL, os.environ))\n",
    )

    assert done.stdout == "Unavailable the keyring did not answer in 3 s\n"
    assert ring.SECONDS <= time.monotonic() - began < 15


def test_a_missing_keyring_library_is_told_with_the_command_that_installs_it(place: Place) -> None:
    done = in_keyring(
        place,
        "x",
        "import sys\nsys.modules['keyring'] = None\n"
        "try: ring.read('prod')\n"
        "except GamifyError as error: print(error.exit_code, error.message, error.hint)\n",
    )

    assert done.stdout == (
        "2 the keyring needs a library that is not installed"
        " run: pip install 'gamify-cli[keyring]'\n"
    )
