"""Completion, in the real shells."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pexpect
import pytest
from conftest import Place, Run, program

from gamify_cli.commands import LEAVES, NOUNS, tree
from gamify_cli.commands.root import load
from gamify_cli.generate.__main__ import ROOT

SCRIPTS = ROOT / "completions"
NASTY = [
    "us er\"'$x\\`y!z:~#é",
    "a:b@c=d:e",
    "sp ace",
    "ünï\u3000x",
    "#hash",
    "~tilde",
    "q{a,b}*?[x]",
    "two/slash",
]
BEGINNINGS = {"#h": "\\#h", "~t": "\\~t", "q{": "q\\{"}
"""How a shell wants some of their first two characters."""

OFFERED: dict[str, set[str]] = {
    "gamify ": {*NOUNS, *LEAVES},
    "gamify par": {"participants"},
    "gamify --ver": {"--version", "--verbose"},
    "gamify participants ac": {"activate"},
    "gamify store ": {*load("store").commands},
    "gamify -o json store i": {"info"},
    "gamify -qo json --store ./x.db participants ge": {"get"},
    "gamify --store=./x.db store u": {"upgrade"},
    "gamify participants -o json get x --da": set(),
    "gamify participants list --inac": {"--inactive"},
    "gamify participants state x --inc": {"--include"},
    "gamify store info --no-": {"--no-input"},
    "gamify store info --output js": {"json", "jsonl"},
    "gamify -o j": {"json", "jsonl"},
    "gamify --color a": {"auto", "always"},
    "gamify participants list --sort bal": {"balance"},
    "gamify participants history x --type reg": {"registered"},
    "gamify participants history x --type cou": set(),
    "gamify points history x --type ba": set(),
    "gamify points history x --type aw": {"award"},
    "gamify rewards list --type v": {"voucher"},
    "gamify participants list --where total_s": {"total_spent"},
    "gamify leaderboards show x --period w": {"weekly"},
    "gamify participants get x --fields tier.n": {
        "tier.name",
        "tier.next_tier",
        "tier.next_tier.code",
        "tier.next_tier.name",
        "tier.next_tier.points_required",
        "tier.next_tier.points_remaining",
    },
    "gamify points balance x --fields balance,total_s": {"total_spent"},
    "gamify version --fields p": {"python"},
    "gamify serve --fields p": set(),
    "gamify completion show f": {"fish"},
    "gamify schema openap": {"openapi"},
    "gamify participants update x --clear d": {"display-name"},
    "gamify participants state x --include points,ti": {"tier"},
    "gamify participants exists x u": set(),
    "gamify participants explain x p": {"points"},
    "gamify points award x u": set(),
    "gamify badges award x y u": set(),
    "gamify profiles add u": set(),
    "gamify participants list u": set(),
    "gamify participants exists -- -x us": set(),
    "gamify store info --vers": set(),
    "gamify bogus ": set(),
    "gamify __": set(),
}
"""Lines, with what has to be offered at their end (without the words of a list before the last)."""

_BASH = f"""
compopt() {{ :; }}
source {SCRIPTS}/gamify.bash
for COMP_LINE; do
    COMP_POINT=${{#COMP_LINE}}
    _gamify
    printf '%s\\n' "> $COMP_LINE" "${{COMPREPLY[@]}}"
done
"""
_FISH = f"""
source {SCRIPTS}/gamify.fish
for line in $argv
    printf '%s\\n' "> $line" (complete -C $line | string replace -r '\\t.*' '')
end
"""
_ZSH = """
compadd() {
  local -a offered
  [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]] || {
    builtin compadd -A offered "$@"
    (($#offered)) && print -rl -- $offered >> offered
  }
  builtin compadd "$@"
}
finish() { zle kill-whole-line; print -r -- "ready" }
zle -N finish
bindkey '^G' finish
"""
_START = {
    "bash": f"source {SCRIPTS}/gamify.bash",
    "zsh": f"fpath=({SCRIPTS} $fpath); autoload -Uz compinit; compinit -D -u",
    "fish": f"source {SCRIPTS}/gamify.fish",
}
_BARE = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"], "fish": ["--no-config"]}


@pytest.fixture(params=["bash", "zsh", "fish"])
def shell(request: pytest.FixtureRequest) -> str:
    """Each shell, if it is installed."""
    program(request.param, request.param)
    return str(request.param)


@contextmanager
def terminal(shell: str, place: Place, setup: str = "") -> Iterator[Any]:
    """An interactive shell with the completion of gamify."""
    script = place.home / "setup"
    script.write_text(f"{_START[shell]}\n{setup}\n", "utf-8")
    child = pexpect.spawn(
        shell,
        [*_BARE[shell], "-i"],
        env=place.env | {"TERM": "dumb"},
        cwd=str(place.home),
        encoding="utf-8",
        dimensions=(100, 400),
        timeout=30,
    )
    child.send("source ./setup; echo rea''dy\r")
    child.expect("ready")
    yield child
    child.close(force=True)


def offers(shell: str, place: Place, lines: Iterable[str]) -> dict[str, set[str]]:
    """What a shell offers at the end of each line."""
    if shell == "zsh":
        with terminal(shell, place, _ZSH) as child:
            return {line: offers_of_zsh(child, place, line) for line in lines}
    command = {
        "bash": ["bash", "--norc", "-c", _BASH, "bash", *lines],
        "fish": ["fish", "--no-config", "-c", _FISH, *lines],
    }
    done = subprocess.run(
        command[shell], env=place.env, cwd=place.home, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    found: dict[str, set[str]] = {}
    for block in done.stdout.removeprefix("> ").split("\n> "):
        line, *words = block.split("\n")
        found[line] = {word.split(",")[-1] for word in words if word}
    return found


def offers_of_zsh(child: Any, place: Place, line: str) -> set[str]:
    offered = place.home / "offered"
    offered.unlink(missing_ok=True)
    child.send(f"{line}\t\a")
    child.expect("ready")
    return set(offered.read_text("utf-8").split("\n")) - {""} if offered.exists() else set()


def completed(child: Any, place: Place, line: str) -> str:
    """The output of a line that is run as completion left it."""
    child.send(f"{line}\t> got; echo rea''dy\r")
    child.expect("ready")
    return (place.home / "got").read_text("utf-8")


class Spied(Place):
    """A place where gamify knows one id, and notes what it is asked for."""

    @property
    def env(self) -> dict[str, str]:
        spy = self.home / "bin" / "gamify"
        spy.parent.mkdir(exist_ok=True)
        spy.write_text(
            "#!/bin/sh\n"
            f"[ $1 != __complete ] || printf '%s\\n' \"$@\" > {self.asked}\n"
            "echo 'us er'\n"
        )
        spy.chmod(0o700)
        env = super().env
        return env | {"PATH": f"{spy.parent}:{env['PATH']}"}

    @property
    def asked(self) -> Path:
        return self.home / "asked"


def test_commands_options_and_values_are_offered_without_starting_gamify(
    shell: str, place: Place
) -> None:
    spied = Spied(place.home, place.bytecode)

    assert offers(shell, spied, OFFERED) == OFFERED
    assert not spied.asked.exists()


def test_gamify_is_asked_for_the_ids_that_begin_as_typed(shell: str, place: Place) -> None:
    spied = Spied(place.home, place.bytecode)
    asked = {}

    with terminal(shell, spied) as child:
        for start in ("us\\ e", "'us e", '"us e', "us' e"):
            completed(child, spied, f"gamify participants get -p team {start}")
            asked[start] = spied.asked.read_text("utf-8").split("\n")

    words = ["__complete", "ids", "-p", "team", "--", "us e", ""]
    assert asked == dict.fromkeys(asked, words)


LIVE = {
    "gamify --profile ": "profiles",
    "gamify points balance -p ": "profiles",
    "gamify profiles test ": "profiles",
    "gamify participants exists ": "ids",
    "gamify badges list one ": "ids",
    "gamify badges award one ": "badges",
    "gamify streaks restore -q one ": "streaks",
    "gamify challenges enroll one ": "challenges",
    "gamify tiers assign one ": "tiers",
    "gamify participants list --tier ": "tiers",
    "gamify rewards claim one ": "rewards",
    "gamify rewards load-codes ": "rewards",
    "gamify leaderboards show ": "leaderboards",
    "gamify leaderboards rank one ": "leaderboards",
    "gamify keys revoke one ": "keys",
}


def test_gamify_is_asked_for_what_may_stand_at_the_cursor(shell: str, place: Place) -> None:
    spied = Spied(place.home, place.bytecode)
    asked = {}

    with terminal(shell, spied) as child:
        for line in LIVE:
            completed(child, spied, line)
            asked[line] = spied.asked.read_text("utf-8").split("\n")[1]

    assert asked == LIVE


def test_every_command_and_option_of_the_tree_is_offered(shell: str, place: Place) -> None:
    wanted: dict[str, set[str]] = {}
    for command in tree.read().walk():
        line = " ".join(["gamify", *command.path, ""])
        if command.children:
            wanted[line] = {child.name for child in command.children}
        options = (*command.options, *tree.global_options())
        names = {name for option in options for name in option.spellings}
        wanted[line + "--"] = {name for name in names if name.startswith("--")}

    found = offers(shell, place, wanted)

    assert {line: words & wanted[line] for line, words in found.items()} == wanted


def test_an_id_comes_back_exactly_whatever_it_holds(shell: str, place: Place, execute: Run) -> None:
    for one in NASTY:
        assert execute("participants", "create", one).exit_code == 0
    begun = {BEGINNINGS.get(one[:2], one[:2]): one for one in NASTY}
    begun |= {quote + one[:2]: one for quote in "'\"" for one in NASTY[:3]}
    begun |= {"a:b@": NASTY[1], 's"p"': NASTY[2], "sp\\ a": NASTY[2]}

    with terminal(shell, place) as child:
        got = {
            start: completed(child, place, f"gamify participants get -o ids {start}")
            for start in begun
        }

    assert got == {start: f"{one}\n" for start, one in begun.items()}


@pytest.mark.parametrize(
    "line",
    [
        "gamify -o ids --store './other store.db' participants get el",
        "gamify -qo ids participants get --store=other\\ store.db el",
        "gamify --store 'other store.db' -o ids participants state x --store other\\ store.db el",
    ],
)
def test_ids_come_from_the_store_that_the_line_chooses(
    shell: str, place: Place, execute: Run, line: str
) -> None:
    execute("participants", "create", "element")
    for one in ("elsewhere", "x"):
        execute("participants", "create", one, "--store", "other store.db")

    with terminal(shell, place) as child:
        assert completed(child, place, line).endswith("elsewhere\n")


def test_files_are_offered_where_an_option_takes_one(
    shell: str, place: Place, execute: Run
) -> None:
    execute("participants", "create", "only", "--store", "team of 2.db")

    with terminal(shell, place) as child:
        line = "gamify participants get only -o ids --store tea"
        assert completed(child, place, line) == "only\n"


def test_files_are_offered_after_a_redirection(shell: str, place: Place) -> None:
    target = place.home / "a target"
    target.write_text("old", "utf-8")

    with terminal(shell, place) as child:
        completed(child, place, "gamify participants list > a")

    assert target.read_text("utf-8") != "old"


def test_an_id_like_an_option_is_offered_after_two_hyphens_alone(
    shell: str, place: Place, execute: Run
) -> None:
    execute("participants", "create", "--", "-dash")
    execute("participants", "create", "plain")

    assert offers(shell, place, ["gamify participants get ", "gamify participants get -- -d"]) == {
        "gamify participants get ": {"plain"},
        "gamify participants get -- -d": {"-dash"},
    }


def test_of_many_ids_the_first_99_and_the_last_are_offered(call: Run) -> None:
    for number in range(102):
        call("participants", "create", f"u{number:03}")

    result = call("__complete", "ids", "u")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [f"u{number:03}" for number in (*range(99), 101)]


PROGRAM = """
name = "codes"
tiers = [{ code = "gold", name = "Gold", level = 1, points_required = 10 }]
badges = [{ code = "gift", name = "Gift" }, { code = "early", name = "Early" }]
streaks = [{ code = "daily", name = "Daily", period = "daily" }]
rewards = [{ id = "mug", name = "Mug", type = "physical", points_cost = 5 }]
leaderboards = [{ code = "top", name = "Top", metric = "events", period = "all_time" }]

[[challenges]]
code = "start"
name = "Start"
objectives = [{ id = "one", event = "login", target = 1 }]
"""


def test_what_the_program_has_is_known_by_its_code(call: Run, place: Place) -> None:
    (place.home / "p.toml").write_text(PROGRAM, "utf-8")
    assert call("program", "apply", "p.toml").exit_code == 0
    known = {
        kind: call("__complete", kind, "").stdout.split()
        for kind in ("tiers", "badges", "streaks", "challenges", "rewards", "leaderboards", "x")
    }

    assert known == {
        "tiers": ["gold"],
        "badges": ["gift", "early"],
        "streaks": ["daily"],
        "challenges": ["start"],
        "rewards": ["mug"],
        "leaderboards": ["top"],
        "x": [],
    }
    assert call("__complete", "badges", "g").stdout == "gift\n"


def test_a_badge_that_the_program_dropped_is_not_offered(call: Run, place: Place) -> None:
    for badges in ('[{ code = "old", name = "Old" }]', '[{ code = "new", name = "New" }]'):
        (place.home / "p.toml").write_text(f'name = "n"\nbadges = {badges}', "utf-8")
        call("program", "apply", "p.toml")

    assert call("__complete", "badges").stdout == "new\n"


def test_a_key_is_offered_until_it_is_revoked(call: Run) -> None:
    one, other = (json.loads(call("keys", "create").stdout)["key_id"] for _ in range(2))
    call("keys", "revoke", one)

    assert call("__complete", "keys").stdout == f"{other}\n"


def test_of_a_server_its_profile_is_offered_and_nothing_that_it_knows(call: Run) -> None:
    call("participants", "create", "ada")
    # Nothing listens there: a request would fail, but not in silence if it were made.
    add = ("profiles", "add", "prod", "--url", "http://127.0.0.1:9", "--key-source", "env")
    assert call(*add).exit_code == 0

    for kind in ("ids", "badges", "keys"):
        result = call("__complete", kind, "-p", "prod")
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert call("__complete", "profiles", "-p", "prod").stdout == "local\nprod\n"
    assert call("__complete", "profiles", "pr").stdout == "prod\n"


def test_codes_come_from_the_store_that_the_line_chooses(
    shell: str, place: Place, execute: Run
) -> None:
    (place.home / "p.toml").write_text(PROGRAM, "utf-8")
    execute("program", "apply", "p.toml", "--store", "other.db")
    execute("participants", "create", "ada", "--store", "other.db")
    execute("profiles", "add", "team", "--store", "other.db")

    with terminal(shell, place) as child:
        line = "gamify badges award --store other.db -o json ada ea"
        assert json.loads(completed(child, place, line))["badge_code"] == "early"
        line = "gamify participants list -o ids -p te"
        assert completed(child, place, line) == "ada\n"


@pytest.mark.parametrize(
    ("args", "env"),
    [
        ((), {}),
        (("--store", "https://example.com"), {}),
        (("--profile", "nobody"), {}),
        ((), {"GAMIFY_TIMEOUT": "soon", "GAMIFY_OUTPUT": "prose"}),
        (("--", b"\xff".decode(errors="surrogateescape")), {}),
    ],
)
def test_where_there_is_nothing_to_offer_completion_is_silent(
    run: Run, args: tuple[str, ...], env: dict[str, str]
) -> None:
    result = run("__complete", "ids", *args, env=env)

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_a_locked_store_does_not_hold_up_the_command_line(place: Place, execute: Run) -> None:
    execute("participants", "create", "ada")
    with closing(sqlite3.connect(place.store, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        result = execute("__complete", "ids", "a", env={"GAMIFY_TIMEOUT": "3600"})

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_the_hidden_command_is_not_in_help_nor_in_suggestions(call: Run) -> None:
    assert "__complete" not in call("--help").stdout
    assert "__complete" not in call("__complet").stderr


INSTALLED = {
    "bash": "data/bash-completion/completions/gamify",
    "zsh": "data/zsh/site-functions/_gamify",
    "fish": "config/fish/completions/gamify.fish",
}
BASH_COMPLETION = Path("/usr/share/bash-completion/bash_completion")


def test_an_installed_completion_works_in_the_shell_as_its_user_starts_it(
    shell: str, place: Place, execute: Run
) -> None:
    execute("participants", "create", "element")
    done = execute("completion", "install", shell)
    told = [line.strip() for line in done.stderr.splitlines()]
    assert done.exit_code == 0
    assert told[0].startswith("add to ~/.zshrc" if shell == "zsh" else "it works in every")
    (place.home / ".zshrc").write_text("\n".join(told[1:]) + "\n", "utf-8")
    (place.home / ".bashrc").write_text(f"source {BASH_COMPLETION}\n", "utf-8")

    child = pexpect.spawn(
        shell,
        ["-i"],
        env=place.env | {"TERM": "dumb"},
        cwd=str(place.home),
        encoding="utf-8",
        dimensions=(100, 400),
        timeout=30,
    )
    child.send("echo rea''dy\r")
    child.expect("ready")
    assert completed(child, place, "gamify participants get -o ids el") == "element\n"
    child.close(force=True)


def test_installing_is_told_repeated_and_taken_back(shell: str, place: Place, call: Run) -> None:
    path = place.home / INSTALLED[shell]
    env = {"SHELL": f"/opt/bin/{shell}"}

    def outcome(*words: str) -> str:
        result = call("completion", *words, env=env)
        assert result.exit_code == 0
        body = json.loads(result.stdout)
        assert (body["shell"], body["path"]) == (shell, str(path))
        return str(body["outcome"])

    assert (outcome("install", "-n"), path.exists()) == ("installed", False)
    assert outcome("install") == "installed"
    assert path.read_text("utf-8") == call("completion", "show", "-o", "json", env=env).stdout
    assert outcome("install", shell) == "unchanged"
    path.write_text(path.read_text("utf-8") + "# of an older gamify\n", "utf-8")
    assert (outcome("install", "-n"), outcome("install")) == ("updated", "updated")
    assert (outcome("uninstall", "-n"), path.exists()) == ("removed", True)
    assert (outcome("uninstall"), path.exists()) == ("removed", False)
    assert outcome("uninstall") == "absent"


@pytest.mark.parametrize("verb", ["install", "uninstall"])
def test_a_file_of_another_maker_is_left_alone(verb: str, place: Place, call: Run) -> None:
    path = place.home / INSTALLED["fish"]
    path.parent.mkdir(parents=True)
    path.write_text("# mine\n", "utf-8")

    result = call("completion", verb, "fish")

    assert (result.exit_code, result.stdout) == (5, "")
    assert "was not made by gamify; nothing was done" in result.stderr
    assert path.read_text("utf-8") == "# mine\n"


def test_a_zsh_that_is_told_already_is_not_told_again(place: Place, call: Run) -> None:
    first = call("completion", "install", "zsh").stderr.splitlines()
    (place.home / ".zshrc").write_text("\n".join(first[1:]), "utf-8")

    assert "add to" not in call("completion", "install", "zsh").stderr
    assert (place.home / ".zshrc").read_text("utf-8") == "\n".join(first[1:])


def test_without_bash_completion_the_line_for_bashrc_is_told(
    place: Place, call: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gamify_cli.shells.PREFIXES", (str(place.home),))

    told = call("completion", "install", "bash").stderr

    assert f"  source {place.home / INSTALLED['bash']}\n" in told


@pytest.mark.parametrize(
    ("words", "shell", "message"),
    [
        (("zhs",), "/bin/bash", 'gamify has no completion for "zhs"\n  hint: did you mean zsh?'),
        ((), "/bin/ksh", "$SHELL names none that gamify completes for"),
        ((), "", "$SHELL names none that gamify completes for"),
    ],
)
def test_a_shell_that_is_none_of_ours_is_refused(
    words: tuple[str, ...], shell: str, message: str, call: Run
) -> None:
    result = call("completion", "show", *words, env={"SHELL": shell})

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
