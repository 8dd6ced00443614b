"""The JSON Schemas of all answers, by name. No answer is made or read through them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from gamify_cli.domain import (
    outputs_access,
    outputs_interactions,
    outputs_operations,
    outputs_participants,
    outputs_program,
    outputs_rewards,
    outputs_simulation,
    outputs_store,
    outputs_tree,
)
from gamify_cli.domain.output_values import Untitled

DIALECT = "https://json-schema.org/draft/2020-12/schema"

OUTPUTS: Mapping[str, type[BaseModel]] = MappingProxyType(
    {
        "created": outputs_participants.Created,
        "profile": outputs_participants.Profile,
        "state": outputs_participants.State,
        "participants_found": outputs_participants.FoundParticipants,
        "row": outputs_participants.Row,
        "participants": outputs_participants.Rows,
        "erased": outputs_participants.Erased,
        "bundle": outputs_participants.Bundle,
        "fact": outputs_participants.FactRow,
        "facts": outputs_participants.Facts,
        "difference": outputs_participants.Difference,
        "award": outputs_interactions.Award,
        "deduction": outputs_interactions.Deduction,
        "award_results": outputs_interactions.AwardResults,
        "balance": outputs_interactions.Balance,
        "expiring": outputs_interactions.Expiring,
        "transaction": outputs_interactions.Transaction,
        "transactions": outputs_interactions.Transactions,
        "badge_award": outputs_interactions.BadgeAward,
        "badges": outputs_interactions.Badges,
        "tier": outputs_interactions.TierStanding,
        "tick": outputs_interactions.Tick,
        "streaks": outputs_interactions.Streaks,
        "event_answer": outputs_interactions.EventAnswer,
        "event_results": outputs_interactions.EventResults,
        "import": outputs_program.Import,
        "restored": outputs_program.Restored,
        "import_result": outputs_program.ImportResult,
        "event": outputs_interactions.Event,
        "events": outputs_interactions.Events,
        "challenges": outputs_interactions.Challenges,
        "claim": outputs_rewards.Claim,
        "rewards": outputs_rewards.Offers,
        "claims": outputs_rewards.Claims,
        "loaded": outputs_rewards.Loaded,
        "leaderboard": outputs_rewards.Ranking,
        "rank": outputs_rewards.Rank,
        "program": outputs_program.Program,
        "programs": outputs_program.Programs,
        "applied": outputs_program.Applied,
        "checked": outputs_program.Checked,
        "change": outputs_program.Change,
        "operation": outputs_operations.Operation,
        "operations": outputs_operations.Operations,
        "simulated": outputs_simulation.Simulated,
        "simulation": outputs_simulation.Simulation,
        "simulation_part": outputs_simulation.SimulationPart,
        "undone": outputs_operations.Undone,
        "store": outputs_program.Store,
        "sweep": outputs_program.Sweep,
        "upgrade": outputs_program.Upgrade,
        "backup": outputs_store.Backup,
        "put_back": outputs_store.PutBack,
        "drift": outputs_store.Drift,
        "version": outputs_program.Version,
        "commands": outputs_tree.Commands,
        "explanation": outputs_tree.Explanation,
        "key": outputs_program.Key,
        "new_key": outputs_program.NewKey,
        "connection": outputs_access.Connection,
        "connection_details": outputs_access.ConnectionDetails,
        "current": outputs_access.Current,
        "tested": outputs_access.Tested,
        "setting": outputs_access.Setting,
        "config_file": outputs_access.ConfigFile,
        "finding": outputs_access.Finding,
        "completion": outputs_access.Completion,
        "rehearsal": outputs_program.Rehearsal,
        "error": outputs_program.Error,
    }
)
"""The models by the names of shapes; lists, batches, files, rehearsals and errors beside them."""


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of an answer; raises KeyError."""
    model = OUTPUTS[name]
    found = model.model_json_schema(mode="serialization", schema_generator=Untitled)
    return {"$schema": DIALECT, **found}
