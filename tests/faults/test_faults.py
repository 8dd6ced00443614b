"""Every scene for a few kills, eight writers that are killed, a full disk, and flipped bytes."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from faults import scenes, storms
from faults.world import World

KILLS = 2


@pytest.fixture
def world(tmp_path: Path, bytecode: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(bytecode))
    return World(tmp_path, random.Random(7))


@pytest.mark.parametrize("name", scenes.SCENES)
def test_a_kill_at_any_moment_leaves_it_done_once_or_not_at_all(name: str, world: World) -> None:
    scenes.run(scenes.SCENES[name], world, KILLS)


def test_eight_writers_that_are_killed_lose_nothing_and_do_nothing_twice(world: World) -> None:
    storms.writers(world, rounds=1)


def test_a_full_disk_loses_nothing_that_was_acknowledged(world: World) -> None:
    storms.full_disk(world)


def test_flipped_bytes_are_named_or_change_no_number(world: World) -> None:
    storms.flipped_bytes(world, flips=6)
