"""Files to import, the same ones every time, kept under .bench/."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import data

_SECONDS = 20 * 24 * 3_600


class People(NamedTuple):
    """The same participants twice: as JSON Lines, and as CSV with their attributes as JSON."""

    jsonl: Path
    csv: Path


def people(count: int) -> People:
    """New participants in random order of their ids."""
    name = f"people-{count}"
    return People(
        data.kept(f"{name}.jsonl", partial(_write_json, count=count), __file__),
        data.kept(f"{name}.csv", partial(_write_csv, count=count), __file__),
    )


def events(count: int, people: int, parts: int = 1) -> list[Path]:
    """Visits of random people, in order of time, in that many files to import one by one."""
    return [
        data.kept(
            f"events-{count}-{people}-{part + 1}-of-{parts}.jsonl",
            partial(_write_events, people=people, part=part, count=count, parts=parts),
            __file__,
        )
        for part in range(parts)
    ]


def _write_json(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        for one, person in _everyone(count):
            file.write(f'{{"participant_id":"{one}",{person.registered[1:]}\n')


def _write_csv(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("participant_id,display_name,attributes\n")
        for one, person in _everyone(count):
            attributes = person.attributes.replace('"', '""')
            file.write(f'{one},{person.display_name},"{attributes}"\n')


def _everyone(count: int) -> Iterator[tuple[str, data.Person]]:
    return zip(data.ids(count), data.people(), strict=False)


def _write_events(path: Path, people: int, part: int, count: int, parts: int) -> None:
    rng = random.Random(f"{data.SEED} events {part}")
    ids = data.ids(people)
    with path.open("w", encoding="utf-8") as file:
        for number in range(part * count // parts, (part + 1) * count // parts):
            second = number * _SECONDS // count
            day, hour = 1 + second // 86_400, second // 3_600 % 24
            time = f"2026-02-{day:02}T{hour:02}:{second // 60 % 60:02}:{second % 60:02}Z"
            file.write(
                f'{{"participant_id":"{rng.choice(ids)}","event_name":"visit",'
                f'"properties":{{"page":{rng.randrange(1_000)}}},"timestamp":"{time}"}}\n'
            )
