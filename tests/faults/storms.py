"""Faults that are no kill of one command: many writers, a full disk, a damaged file."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from faults import scenes
from faults.world import World

WRITERS = 8
REWARDED = 3
"""What a claim costs."""

WRITER = """
import sys
from faults.storms import line
from gamify_cli import app
for turn in range(100_000):
    if app.run([*line(sys.argv[1], turn), "-q", "-o", "ids"]):
        sys.exit(1)
"""
"""Awards and claims under keys of its own; each that was acknowledged is a line of stdout."""


def line(who: str, turn: int) -> tuple[str, ...]:
    """What a writer does in a turn."""
    one, key = f"user_{turn % scenes.PEOPLE}", ("--idempotency-key", f"{who}-{turn}")
    if _is_claim(turn):
        return ("rewards", "claim", one, "mug", "--pay", *key)
    return ("points", "award", one, "7", *key)


def _is_claim(turn: int) -> bool:
    return turn % 3 == 0


def writers(world: World, rounds: int) -> None:
    """Let eight write at once and kill each at a moment of its own; what they said must hold."""
    scenes.SCENES["claim"].prepare(world)
    ended: dict[str, int] = {}
    for round_ in range(rounds):
        ended |= _storm(world, round_)
        world.require_sound()
    for who, turns in ended.items():
        # The one that was under way may be done, acknowledged by none.
        world.require(*line(who, turns))
    turns = [turn for ended_ in ended.values() for turn in range(ended_ + 1)]
    claims = sum(map(_is_claim, turns))
    rows = world.json("participants", "list", "--all")
    plenty, awards = scenes.PLENTY * scenes.PEOPLE, len(turns) - claims
    assert sum(row["balance"] for row in rows) == plenty + 7 * awards - REWARDED * claims
    histories = [world.json("rewards", "history", row["participant_id"]) for row in rows]
    codes = [claim["code"] for history in histories for claim in history["rewards"]]
    assert len(codes) == len(set(codes)) == claims
    world.require_sound()


def _storm(world: World, round_: int) -> dict[str, int]:
    """How many turns each writer has told, by its name."""
    whole = (Path(sys.executable), "-c", WRITER)
    running = {f"w{round_}_{n}": world.start((*whole, f"w{round_}_{n}")) for n in range(WRITERS)}
    ended = {}
    for who, process in running.items():
        assert process.stdout
        told = [process.stdout.readline() for _ in range(world.chance.randrange(2, 8))]
        process.kill()
        told += process.stdout.readlines()
        process.communicate()
        ended[who] = sum(one.endswith("\n") for one in told)
    return ended


def full_disk(world: World) -> None:
    """Let the files of a store grow no more: writes fail in a sentence, and nothing is lost."""
    scenes.SCENES["import"].prepare(world)
    line = scenes.SCENES["import"].line(world, 0)
    done = 0
    for room in (8_192, 65_536, 1 << 20):
        for command in (_award(done), [*map(str, line)], ("store", "backup", f"saved_{room}")):
            result = world.run(*command, most_bytes=room)
            assert result.returncode in (0, 7, 8, 9), (command, room, result)
            assert "internal" not in result.stderr
            done += command == _award(done) and not result.returncode
        world.require_sound()
        assert _balance(world) == 7 * done
    world.require(*_award(done))
    world.require(*line)
    world.require_sound()
    assert _balance(world) == 7 * (done + 1)


def _award(turn: int) -> tuple[str, ...]:
    return ("points", "award", "somebody", "7", "--idempotency-key", f"award-{turn}")


def _balance(world: World) -> int:
    rows = world.json("participants", "list", "--q", "somebody")
    return sum(row["balance"] for row in rows)


def flipped_bytes(world: World, flips: int) -> None:
    """Flip bits of a copy: verify names the damage, or every profile reads as it did."""
    scenes.SCENES["claim"].prepare(world)
    world.require(*scenes.SCENES["import"].line(world, 0))
    profiles = world.require("participants", "export")
    named = 0
    for flip in range(flips):
        copy = world.home / f"flipped_{flip}.db"
        shutil.copy(world.store, copy)
        whole = bytearray(copy.read_bytes())
        for _ in range(4):
            whole[world.chance.randrange(len(whole))] ^= 1 << world.chance.randrange(8)
        copy.write_bytes(whole)
        if world.verify(copy).returncode:
            named += 1
        else:
            assert world.require("--store", str(copy), "participants", "export") == profiles
    assert named, "not one was noticed"
