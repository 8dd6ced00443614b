"""Calls on rewards, leaderboards and the program."""

from __future__ import annotations

from hashlib import sha256
from itertools import islice

from gamify_cli import wire
from gamify_cli.backend import Answer, Body, HistoryQuery
from gamify_cli.backend.whole import Backend
from gamify_cli.domain import program_file, vocabulary
from gamify_cli.errors import FaultyFile, UsageError
from gamify_cli.server.calls import Call

_VERSIONS = 100


def list_(backend: Backend, call: Call) -> Body:
    return backend.rewards.list(call.query["reward_type"])


def claim(backend: Backend, call: Call) -> Answer:
    pay = bool(call.body.get("points_deduction"))
    return backend.rewards.claim(call.participant_id, call.ids["reward"], pay, call.write)


def claims(backend: Backend, call: Call) -> Body:
    return backend.rewards.history(call.pid, HistoryQuery(), None)


def load_codes(backend: Backend, call: Call) -> Answer:
    codes = [vocabulary.reward_code(code) for code in call.body["codes"]]
    digest = sha256()
    for code in codes:
        digest.update(code.encode() + b"\n")
    return backend.rewards.load_codes(call.ids["reward"], [codes], digest.hexdigest(), call.write)


def leaderboard(backend: Backend, call: Call) -> Body:
    dense = call.query["ranking"] == "dense"
    code, period = call.ids["code"], call.query["period"]
    return backend.leaderboards.show(
        code, period, call.when, dense=dense, limit=call.query["limit"]
    )


def rank(backend: Backend, call: Call) -> Body:
    return backend.leaderboards.rank(call.pid, call.ids["code"], call.query["period"], call.when)


def program(backend: Backend, call: Call) -> Body:
    return backend.programs.at(call.query["version"])


def versions(backend: Backend, call: Call) -> Body:
    before, limit = call.query["before"], call.query["limit"] or _VERSIONS
    older = (
        one for one in backend.programs.versions() if before is None or one["version"] < before
    )
    rows = list(islice(older, limit + 1))
    following = str(rows[limit - 1]["version"]) if len(rows) > limit else None
    return {"programs": rows[:limit], "next": following}


def apply(backend: Backend, call: Call) -> Answer:
    return backend.programs.apply(_document(call), call.write)


def simulate(backend: Backend, call: Call) -> Body:
    since, first = call.query["since"], call.query["after"]
    return wire.simulation(backend.programs.simulate_some(_document(call), since, first))


def _document(call: Call) -> Body:
    try:
        return program_file.read(call.raw, "the body")
    except FaultyFile as error:
        raise UsageError(f"{error.message}: {'; '.join(error.faults)}") from None
