"""What is read of a store, and that it is what the model promises."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from test_concurrency import check

from model.past import IDS, Past
from model.streaks import text

MOVE = {"type", "amount", "balance_after", "expires_at", "created_at"}
CLAIM = {"reward_id", "code", "points_deducted", "claimed_at"}
ENTRY = {"rank", "participant_id", "score", "change"}


def leaves(node: dict[str, Any]) -> int:
    """The sum of the lowest amounts of a tree; each above is that of those below it."""
    below = [leaves(one) for one in node["nodes"] if one["amount"] is not None]
    if below:
        assert node["amount"] in (None, sum(below))
        return sum(below)
    return int(node["amount"] or 0)


def chosen(body: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name in names}


class Reads(Past):
    """Profiles and replays after every command, all other reads now and then."""

    @rule(is_own=st.booleans())
    def simulate(self, is_own: bool) -> None:
        """The program in force makes of the past what is; any does where none of it is its own."""
        other = str(self.store.with_name("other.toml"))
        Path(other).write_text('name = "other"\n')
        file, since = (self.program, "2026-01-01") if is_own else (other, "2100-01-01")
        told = self.read("program", "simulate", file, "--since", since)
        assert (told["summary"]["changed"], told["participants"]) == (0, [])

    @rule(one=IDS)
    def look(self, one: str) -> None:
        """What is read of one participant."""
        self.look_at_progress(one)
        if one not in self.model.people:
            return
        person = self.model.people[one].as_at(self.now)
        lots = self.read("points", "expiring", one)
        promised = person.purse.expiring(self.now + timedelta(days=30))
        assert {name: lots[name] for name in promised} == promised
        tiers = self.read("tiers", "show", one)["tier_history"]
        assert [(tier["code"], tier["achieved_at"]) for tier in tiers] == [
            (code, text(at)) for code, at in person.tiers
        ]
        self.look_at_history(one)
        self.look_at_reasons(one, lots["lots"])

    def look_at_progress(self, one: str) -> None:
        """The streaks and the challenges."""
        if one not in self.model.people:
            assert self.run("streaks", "list", one)[0] == 3
            return
        person = self.model.people[one]
        streaks = {
            streak["code"]: (
                streak["current_count"],
                streak["longest_count"],
                streak["last_recorded_at"],
                streak["is_at_risk"],
            )
            for streak in self.read("streaks", "list", one)["streaks"]
        }
        challenges = {
            challenge["code"]: (
                challenge["status"],
                [objective["progress"] for objective in challenge["objectives"]],
                challenge["enrolled_at"],
                challenge["completed_at"],
            )
            for challenge in self.read("challenges", "list", one)["challenges"]
        }
        assert (streaks, challenges) == (person.standing(self.now), person.progress(self.now))

    def look_at_history(self, one: str) -> None:
        """What was recorded of a participant, newest first."""
        person = self.model.people[one]
        moves = self.read("points", "history", one, "--all")
        assert [chosen(move, MOVE) for move in moves] == person.purse.moves[::-1]
        claims = self.read("rewards", "history", one)["rewards"]
        for claim in claims[:1]:
            tree = self.read("participants", "explain", one, "reward", claim["claim_id"])
            assert -leaves(tree) == claim["points_deducted"]
        assert [chosen(claim, CLAIM) for claim in claims] == person.claims[::-1]
        events = self.read("events", "list", one, "--all")
        for event in events[:1]:
            leaves(self.read("participants", "explain", one, "event", event["id"]))
        assert [(event["event_name"], event["occurred_at"]) for event in events] == [
            (name, text(at)) for name, at in person.events[::-1]
        ]

    def look_at_reasons(self, one: str, lots: list[dict[str, Any]]) -> None:
        """Why the points are there: what came and went adds up to what is left."""
        tree = self.read("participants", "explain", one, "points", "--all")
        assert tree["amount"] == leaves(tree) == sum(lot["remaining"] for lot in lots)
        rests = [(at["amount"], at["data"].get("expires_at")) for at in tree["nodes"]]
        assert [rest for rest in rests if rest[0]] == [
            (lot["remaining"], lot["expires_at"]) for lot in lots
        ]

    def look_at_board(self, code: str, one: str) -> None:
        """A leaderboard, and the rank of a participant in it."""
        promised = self.model.ranking(code)
        board = self.read("leaderboards", "show", code)
        assert board["total_participants"] == len(promised)
        assert [chosen(entry, ENTRY) for entry in board["entries"]] == promised
        found = [entry for entry in promised if entry["participant_id"] == one]
        exit_code, out = self.run("leaderboards", "rank", one, code)
        assert exit_code == (0 if found else 3)
        for entry in found:
            body = json.loads(out)
            assert (body["rank"], body["score"]) == (entry["rank"], entry["score"])
            below = len(promised) - entry["rank"]
            assert body["percentile"] == round(100 * below / len(promised), 1)

    def look_at_stock(self) -> None:
        offers = self.read("rewards", "list")["rewards"]
        left = {offer["id"]: offer["available_codes"] for offer in offers}
        assert left == {reward: self.model.available(reward) for reward in left}

    @invariant()
    def the_profiles_are_as_promised(self) -> None:
        if not hasattr(self, "model") or not self.model.people:
            return
        shown = self.read("participants", "get", *self.model.people)
        for profile in shown if isinstance(shown, list) else [shown]:
            person = self.model.people[profile["participant_id"]].as_at(self.now)
            promised = person.profile(self.now)
            tier = profile["tier"]
            profile["tier"] = tier and (tier["level"], tier["achieved_at"])
            profile["badges"] = {one["code"]: one["earned_at"] for one in profile["badges"]}
            assert {name: profile[name] for name in promised} == promised

    @invariant()
    def a_replay_of_the_journal_is_the_stored_row(self) -> None:
        if hasattr(self, "model"):
            assert list(check(self.store)) == sorted(self.model.people)
