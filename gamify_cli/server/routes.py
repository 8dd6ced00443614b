"""Every path of the API, in one table: routing, checks, scopes and the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from gamify_cli.backend import Answer, Body
from gamify_cli.backend.whole import Backend
from gamify_cli.server import interactions, operations, participants, queries, rewards
from gamify_cli.server.calls import Call
from gamify_cli.server.queries import Query

Handler = Callable[[Backend, Call], Answer | Body]


class Route(NamedTuple):
    """One method of one path, relative to the base.

    `body` names a model of `domain.inputs` and `answers` one of `domain.outputs`. A read by
    key is `quick`; others run beside the loop. A POST that `asks` changes nothing. One that
    may be read as of `any_time` has a path for each of wire.PASTS, and every write a dry-run path.
    """

    method: Literal["GET", "POST", "PATCH", "PUT"]
    path: str
    name: str
    handler: Handler
    answers: str
    body: str | None = None
    query: tuple[Query, ...] = ()
    status: int = 200
    scope: Literal["participant", "admin"] = "participant"
    quick: bool = False
    any_time: bool = False
    asks: bool = False

    @property
    def is_write(self) -> bool:
        """Whether it can change anything."""
        return self.method != "GET" and not self.asks


_ONE = "/participants/{pid}"
_ADMIN_ONE = "/admin/participants/{pid}"
_PAGED = (queries.PAGE, queries.PAGE_SIZE, *queries.HISTORY)

ROUTES = (
    Route("GET", _ONE, "get_participant", participants.get, "profile", quick=True, any_time=True),
    Route("POST", "/points/award", "award_points", interactions.award, "award", "AwardPoints"),
    Route(
        "POST", "/events", "record_event", interactions.record_event,
        "event_answer", "RecordEvent",
    ),
    Route(
        "GET", f"{_ONE}/state", "get_state", participants.state, "state",
        query=(queries.INCLUDE,), quick=True, any_time=True,
    ),
    Route(
        "POST", "/participants", "create_participant", participants.create, "created",
        "CreateParticipant", status=201,
    ),
    Route(
        "GET", "/participants", "get_participants", participants.several, "participants_found",
        query=queries.TOGETHER, any_time=True,
    ),
    Route("PATCH", _ONE, "update_participant", participants.update, "profile", "UpdateParticipant"),
    Route(
        "POST", "/points/deduct", "deduct_points", interactions.deduct,
        "deduction", "DeductPoints",
    ),
    Route(
        "POST", "/points/award-batch", "award_points_batch", interactions.award_batch,
        "award_results", "AwardBatch",
    ),
    Route(
        "GET", f"{_ONE}/points", "get_points", interactions.balance, "balance",
        quick=True, any_time=True,
    ),
    Route(
        "GET", f"{_ONE}/points/transactions", "list_transactions", participants.transactions,
        "transactions", query=(queries.TRANSACTION_TYPE, *_PAGED),
    ),
    Route(
        "GET", f"{_ONE}/points/expiring", "get_expiring_points", interactions.expiring, "expiring",
        query=(queries.BY,), quick=True, any_time=True,
    ),
    Route(
        "POST", "/badges/award", "award_badge", interactions.award_badge,
        "badge_award", "AwardBadge",
    ),
    Route(
        "GET", f"{_ONE}/badges", "list_badges", interactions.badges, "badges",
        query=(queries.EARNED_ONLY, queries.BADGE_CODES), quick=True, any_time=True,
    ),
    Route(
        "GET", f"{_ONE}/tier", "get_tier", interactions.tier, "tier", quick=True, any_time=True
    ),
    Route("POST", "/tiers/assign", "assign_tier", interactions.assign_tier, "tier", "AssignTier"),
    Route(
        "POST", "/streaks/record", "record_streak", interactions.record_streak,
        "tick", "RecordStreak",
    ),
    Route(
        "GET", f"{_ONE}/streaks", "list_streaks", interactions.streaks, "streaks",
        quick=True, any_time=True,
    ),
    Route(
        "POST", "/events/batch", "record_events", interactions.record_events, "event_results",
        "RecordEvents",
    ),
    Route(
        "GET", f"{_ONE}/events", "list_events", participants.events, "events",
        query=(queries.EVENT_NAME, *_PAGED),
    ),
    Route(
        "GET", "/rewards", "list_rewards", rewards.list_, "rewards", query=(queries.REWARD_TYPE,)
    ),
    Route("POST", "/rewards/{reward}/claim", "claim_reward", rewards.claim, "claim", "ClaimReward"),
    Route("GET", f"{_ONE}/rewards", "list_claims", rewards.claims, "claims"),
    Route(
        "GET", "/leaderboards/{code}", "show_leaderboard", rewards.leaderboard, "leaderboard",
        query=(queries.TOP, queries.PERIOD, queries.RANKING), any_time=True,
    ),
    Route(
        "GET", "/leaderboards/{code}/rank/{pid}", "rank_participant", rewards.rank, "rank",
        query=(queries.PERIOD,), any_time=True,
    ),
    Route(
        "GET", f"{_ONE}/challenges", "list_challenges", interactions.challenges,
        "challenges", quick=True, any_time=True,
    ),
    Route(
        "POST", "/challenges/{code}/enroll", "enroll", interactions.enroll, "challenges",
        "EnrollChallenge",
    ),
    Route(
        "GET", "/admin/participants", "list_participants", participants.list_, "participants",
        query=queries.LIST, scope="admin",
    ),
    Route(
        "POST", f"{_ADMIN_ONE}/deactivate", "deactivate_participant", participants.deactivate,
        "profile", "Nothing", scope="admin",
    ),
    Route(
        "POST", f"{_ADMIN_ONE}/activate", "activate_participant", participants.activate,
        "profile", "Nothing", scope="admin",
    ),
    Route(
        "POST", f"{_ADMIN_ONE}/erase", "erase_participant", participants.erase, "erased",
        "Erase", scope="admin",
    ),
    Route(
        "GET", f"{_ADMIN_ONE}/bundle", "bundle_participant", participants.bundle, "bundle",
        scope="admin",
    ),
    Route(
        "GET", f"{_ADMIN_ONE}/history", "list_facts", participants.history, "facts",
        query=(queries.KIND, *queries.HISTORY), scope="admin",
    ),
    Route(
        "GET", f"{_ADMIN_ONE}/explain", "explain_participant", participants.explain, "explanation",
        query=queries.EXPLAINED, scope="admin",
    ),
    Route(
        "GET", f"{_ADMIN_ONE}/diff", "diff_participant", participants.diff, "difference",
        query=(queries.FROM, queries.TO), scope="admin",
    ),
    Route(
        "POST", f"{_ADMIN_ONE}/streaks/{{code}}/restore", "restore_streak",
        interactions.restore_streak, "streaks", "RestoreStreak", scope="admin",
    ),
    Route(
        "GET", "/admin/program", "get_program", rewards.program, "program",
        query=(queries.VERSION,), scope="admin",
    ),
    Route(
        "PUT", "/admin/program", "apply_program", rewards.apply,
        "applied", "Program", scope="admin",
    ),
    Route(
        "POST", "/admin/program/simulate", "simulate_program", rewards.simulate, "simulation_part",
        "Program", query=(queries.SINCE, queries.FIRST), scope="admin", asks=True,
    ),
    Route(
        "GET", "/admin/program/versions", "list_programs", rewards.versions, "programs",
        query=(queries.BEFORE, queries.LIMIT), scope="admin",
    ),
    Route(
        "POST", "/admin/rewards/{reward}/codes", "load_codes", rewards.load_codes, "loaded",
        "LoadCodes", scope="admin",
    ),
    Route(
        "GET", "/admin/operations", "list_operations", operations.list_, "operations",
        query=queries.OPERATIONS, scope="admin",
    ),
    Route(
        "GET", "/admin/operations/{operation}", "get_operation", operations.show, "operation",
        scope="admin",
    ),
    Route(
        "POST", "/admin/operations/{operation}/undo", "undo_operation", operations.undo,
        "undone", "UndoOperation", scope="admin",
    ),
)  # fmt: skip
