"""What every backend does for what is earned: points, events, rewards and the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW
from contract import create, profile, rows, told, write

import gamify_cli.commands.program
from gamify_cli.backend import Answer, Body, Entry, HistoryQuery, Source, When
from gamify_cli.backend.whole import Backend
from gamify_cli.domain import instants, jsontext, program_file
from gamify_cli.domain.explain.asked import asked_by
from gamify_cli.errors import Conflict, GamifyError, NotFound, Rejected, UsageError

AT = instants.parse(NOW, 0)
DAY = 24 * 3600 * instants.SECOND
EXAMPLE = Path(gamify_cli.commands.program.EXAMPLE).read_bytes()
DOCUMENT = program_file.read(EXAMPLE, "the example")


@pytest.fixture
def played(backend: Backend) -> Backend:
    """A backend with the example program and one participant of it."""
    backend.programs.apply(DOCUMENT, write())
    create(backend, "a/b?", display_name="Ada")
    award = {"amount": 600, "reason": "é", "occurred_at": AT - 9 * DAY}
    backend.points.award("a/b?", award, write())
    return backend


def history(backend: Backend, one: str = "a/b?", **query: Any) -> list[Any]:
    return rows(backend.participants.history(one, HistoryQuery(**query)))[0]


def test_points_come_and_go_with_all_that_is_said_of_them(played: Backend) -> None:
    times = {"occurred_at": AT, "expires_at": AT + DAY + 1}
    metadata = {"z": 1, "a": [1.50, "😀"]}
    awarded = played.points.award("a/b?", {"amount": 7, "metadata": metadata, **times}, write())
    deducted = played.points.deduct("a/b?", {"amount": 5, "reason": "x"}, write())

    assert (awarded.outcome, awarded.body["new_balance"]) == ("awarded", 607)
    assert (deducted.outcome, deducted.body["new_balance"]) == ("deducted", 602)
    (balance,) = played.points.balances(["a/b?"])
    assert (balance["balance"], balance["total_earned"]) == (602, 607)
    (expiring,) = played.points.expiring(["a/b?"], None)
    assert (expiring["expiring"], len(expiring["lots"])) == (2, 2)
    assert next(played.points.expiring(["a/b?"], AT + DAY))["expiring"] == 0
    assert next(played.points.expiring(["a/b?"], AT + DAY + 1))["expiring"] == 2
    moves, _ = rows(played.points.transactions("a/b?", HistoryQuery()))
    assert [move["type"] for move in moves] == ["deduct", "award", "award"]
    assert json.dumps(moves[1]["metadata"]) == json.dumps(metadata)


def test_histories_page_by_cursors_of_their_own(played: Backend) -> None:
    for number in range(5):
        played.events.record("a/b?", {"event_name": "other", "properties": {"n": number}}, write())
        played.points.award("a/b?", {"amount": 1, "occurred_at": AT - (8 - number) * DAY}, write())

    for read in (
        lambda query: played.participants.history("a/b?", query),
        lambda query: played.points.transactions("a/b?", query),
        lambda query: played.events.list("a/b?", query, "other"),
    ):
        whole, end = rows(read(HistoryQuery()))
        parts, before = [], None
        while True:
            part, cursor = rows(read(HistoryQuery(before=before, limit=2)))
            parts += part
            if cursor is None:
                break
            before = int(cursor)
        assert (parts, end) == (whole, None)
        assert rows(read(HistoryQuery(before=0)))[0] == []
        assert rows(read(HistoryQuery(before=2**63 - 1)))[0] == whole
        between = HistoryQuery(since=AT - 7 * DAY, until=AT - 5 * DAY)
        assert len(rows(read(between))[0]) in (0, 3)


def test_a_history_is_chosen_by_kinds_and_names(played: Backend) -> None:
    played.events.record("a/b?", {"event_name": "a/é&b"}, write())
    played.points.deduct("a/b?", {"amount": 5}, write())

    kinds = [fact["kind"] for fact in history(played)]
    assert history(played, kinds=("points_deducted", "points_awarded")) == [
        fact for fact in history(played) if fact["kind"] in ("points_deducted", "points_awarded")
    ]
    assert kinds.count("event_recorded") == 1
    (event,), _ = rows(played.events.list("a/b?", HistoryQuery(), "a/é&b"))
    assert event["event_name"] == "a/é&b"
    assert rows(played.events.list("a/b?", HistoryQuery(), "other"))[0] == []
    moves = rows(played.points.transactions("a/b?", HistoryQuery(kinds=("points_deducted",))))[0]
    assert [move["amount"] for move in moves] == [-5]


def test_an_event_earns_by_its_exact_numbers(played: Backend) -> None:
    properties = jsontext.loads('{"amount_usd": 10.0000000000000000001}', "it", written=True)
    body = {"event_name": "purchase_completed", "properties": properties, "timestamp": AT - 1}

    recorded = played.events.record("a/b?", body, write("k"))
    again = played.events.record("a/b?", body, write("k"))

    assert (recorded.outcome, again.outcome) == ("recorded", "replayed")
    assert again.body == recorded.body
    assert profile(played, "a/b?")["points"]["balance"] == 620


def test_many_events_fail_one_by_one(played: Backend) -> None:
    create(played, "idle")
    played.participants.set_active("idle", False, write())
    entry = Entry(1, "bob", {"event_name": "login", "timestamp": AT}, "k")
    entries = [
        entry,
        entry,
        entry._replace(body={"event_name": "other"}),
        Entry(4, "idle", {"event_name": "login"}),
        UsageError("of the caller"),
        Entry(6, "bob", {"event_name": "x", "timestamp": AT + DAY}),
        *(Entry(7 + n, "eve", {"event_name": "x"}) for n in range(250)),
    ]

    importer = played.events.importer(write(), Source())
    first, second, other, idle, own, future, *rest = told(importer.record(entries, 256))
    importer.finish()

    assert (first.outcome, second.outcome) == ("created", "unchanged")
    assert first.event_id == second.event_id
    assert other == (Conflict, 'idempotency key "k" was used for another record_event of '
                     'participant "bob"')  # fmt: skip
    assert idle == (Conflict, 'participant "idle" is inactive')
    assert own == (UsageError, "of the caller")
    assert future[0] is UsageError
    assert len({one.event_id for one in rest}) == 250
    assert profile(played, "eve")["total_events"] == 250


def test_many_participants_are_imported_in_the_order_of_each(backend: Backend) -> None:
    create(backend, "ada", display_name="Ada", attributes={"a": 1})
    entries = [
        Entry(1, "ada", {"attributes": {"b": 2}}),
        UsageError("of the caller"),
        *(Entry(3 + n, f"u{n % 10}", {"display_name": f"n{n}"}) for n in range(30)),
        Entry(33, "ada", {"display_name": "Ada"}),
        Entry(34, "ada", {"display_name": None}),
    ]

    importer = backend.participants.importer(write(), Source())
    ada, own, *others, same, cleared = told(importer.record(entries, 34))
    importer.finish()

    assert own == (UsageError, "of the caller")
    assert [one.outcome for one in (ada, same, cleared)] == ["updated", "unchanged", "updated"]
    assert [one.outcome for one in others] == ["created"] * 10 + ["updated"] * 20
    assert profile(backend, "u3")["display_name"] == "n23"
    shown = profile(backend, "ada")
    assert (shown["display_name"], shown["attributes"]) == (None, {"b": 2})


def test_what_is_given_by_hand_is_shown(played: Backend) -> None:
    badge = played.badges.award("a/b?", "first_steps", {"metadata": {"a": 1}}, write())
    tier = played.tiers.assign("a/b?", "gold", {"reason": "é"}, write())
    enrolled = played.challenges.enroll("a/b?", "onboarding", write())
    again = played.challenges.enroll("a/b?", "onboarding", write())
    tick = played.streaks.record("a/b?", "daily_login", AT - DAY, write())

    assert [one.outcome for one in (badge, tier, enrolled, again, tick)] == [
        *("awarded", "assigned", "enrolled", "unchanged", "ticked")
    ]
    (badges,) = played.badges.list(["a/b?"], earned_only=True)
    assert [one["code"] for one in badges["badges"]] == ["first_steps"]
    assert next(played.badges.list(["a/b?"], earned_only=False))["total"] == 2
    assert next(played.tiers.show(["a/b?"])) == tier.body
    assert next(played.challenges.list(["a/b?"])) == enrolled.body
    (streaks,) = played.streaks.list(["a/b?"])
    assert next(one["current_count"] for one in streaks["streaks"]) == 1
    assert next(played.streaks.list(["a/b?"], When(AT + 9 * DAY))) != streaks
    assert played.streaks.record("a/b?", "daily_login", None, write()).body["new_count"] == 2
    (card,) = played.participants.cards(["a/b?"])
    assert card["challenges"] == {"active": 1, "completed": 0}


def test_rewards_are_loaded_and_claimed(played: Backend) -> None:
    load = [["A/1", "é"], ["A/1", "B 2"]]
    loaded = played.rewards.load_codes("coupon10", load, "f", write("k"))
    again = played.rewards.load_codes("coupon10", load, "f", write("k"))
    more = played.rewards.load_codes("coupon10", [["é"]], "g", write())
    claimed = played.rewards.claim("a/b?", "coupon10", True, write("c"))
    replay = played.rewards.claim("a/b?", "coupon10", True, write("c"))

    assert (loaded.outcome, loaded.body["loaded"], loaded.body["duplicate_lines"]) == (
        *("loaded", 3),
        [3],
    )
    assert (again.outcome, again.body) == ("replayed", loaded.body)
    assert (more.outcome, more.body["loaded"], more.body["available_codes"]) == ("unchanged", 0, 3)
    assert (claimed.outcome, claimed.body["points_deducted"]) == ("rewarded", 500)
    assert (replay.outcome, replay.body) == ("replayed", claimed.body)
    shown = played.rewards.history("a/b?", HistoryQuery(), None)
    assert (shown["total"], shown["rewards"][0]["claim_id"]) == (1, claimed.body["claim_id"])
    assert played.rewards.history("a/b?", HistoryQuery(), "voucher")["total"] == 0
    assert played.rewards.history("a/b?", HistoryQuery(since=AT + DAY), None)["total"] == 0
    assert [one["available_codes"] for one in played.rewards.list("coupon")["rewards"]] == [2]
    assert played.rewards.list("voucher")["rewards"] == []


def test_boards_rank_the_same(played: Backend) -> None:
    for one in ("x", "y", "z"):
        played.points.award(one, {"amount": 600 if one == "x" else 10}, write())

    for dense in (False, True):
        board = played.leaderboards.show("top", "all_time", dense=dense, limit=3)
        ranks = [row["rank"] for row in board["entries"]]
        assert ranks == ([1, 1, 2] if dense else [1, 1, 3])
    assert played.leaderboards.rank("a/b?", "top", "all_time")["rank"] == 1
    with pytest.raises(NotFound, match="a/b"):
        played.leaderboards.rank("a/b?", "top", None)


def test_programs_are_kept_by_version(backend: Backend) -> None:
    first = backend.programs.apply(DOCUMENT, write("k"))
    again = backend.programs.apply(DOCUMENT, write("k"))
    same = backend.programs.apply(DOCUMENT, write())
    changed = {**DOCUMENT, "name": "é"}
    compared = backend.programs.compare(changed)
    rehearsed = backend.programs.apply(changed, write(dry_run=True))
    second = backend.programs.apply(changed, write())

    outcomes = [one.outcome for one in (first, again, same, compared, rehearsed, second)]
    assert outcomes == ["applied", "replayed", "unchanged", "applied", "applied", "applied"]
    assert (first.before, first.after and first.after["name"]) == ({}, "demo")
    for one in (compared, rehearsed, second):
        assert (one.body["version"], one.before, one.after) == (2, first.after, second.after)
    versions = list(backend.programs.versions())
    assert [one["version"] for one in versions] == [2, 1]
    assert backend.programs.at() == versions[0]
    assert backend.programs.at(1) == versions[1]


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda b: b.points.deduct("a/b?", {"amount": 601}, write()), Rejected,
         "Insufficient points. Available: 600, requested: 601"),
        (lambda b: b.points.deduct("nobody", {"amount": 1}, write()), Rejected,
         "Insufficient points. Available: 0, requested: 1"),
        (lambda b: b.badges.award("a/b?", "none/é", {}, write()), NotFound,
         'badge "none/é" not found'),
        (lambda b: b.tiers.assign("a/b?", "", {}, write()), NotFound, 'tier "" not found'),
        (lambda b: b.streaks.record("a/b?", "..", None, write()), NotFound,
         'streak ".." not found'),
        (lambda b: b.streaks.restore("a/b?", "..", "r", write()), NotFound,
         'streak ".." not found'),
        (lambda b: b.challenges.enroll("a/b?", "a/b", write()), NotFound,
         'challenge "a/b" not found'),
        (lambda b: b.challenges.enroll("a/b?", "", write()), NotFound, 'challenge "" not found'),
        (lambda b: b.rewards.claim("a/b?", "%2F", False, write()), NotFound,
         'reward "%2F" not found'),
        (lambda b: b.rewards.load_codes(".", [["a"]], "f", write()), NotFound,
         'reward "." not found'),
        (lambda b: b.leaderboards.show("", None, dense=False, limit=1), NotFound,
         'leaderboard "" not found'),
        (lambda b: b.leaderboards.rank("a/b?", "é", None), NotFound, 'leaderboard "é" not found'),
        (lambda b: b.programs.at(2), NotFound, "program version 2 not found"),
        (lambda b: b.programs.at(-1), NotFound, "program version -1 not found"),
        (lambda b: rows(b.events.list("nobody", HistoryQuery(), None)), NotFound,
         'participant "nobody" not found'),
        (lambda b: rows(b.points.transactions("nobody", HistoryQuery())), NotFound,
         'participant "nobody" not found'),
        (lambda b: b.rewards.history("nobody", HistoryQuery(), None), NotFound,
         'participant "nobody" not found'),
    ],
)  # fmt: skip
def test_a_refusal_has_one_class_and_one_sentence(
    call: Any, kind: type[GamifyError], message: str, played: Backend
) -> None:
    before = history(played)

    with pytest.raises(GamifyError) as refused:
        call(played)

    assert (type(refused.value), refused.value.message) == (kind, message)
    assert history(played) == before


@pytest.mark.parametrize(
    "call",
    [
        lambda b, w: b.points.award("bob", {"amount": 600}, w),
        lambda b, w: b.points.deduct("a/b?", {"amount": 1}, w),
        lambda b, w: b.badges.award("a/b?", "first_steps", {}, w),
        lambda b, w: b.tiers.assign("a/b?", "gold", {}, w),
        lambda b, w: b.streaks.record("a/b?", "daily_login", None, w),
        lambda b, w: b.challenges.enroll("bob", "onboarding", w),
        lambda b, w: b.events.record("a/b?", {"event_name": "login"}, w),
        lambda b, w: b.rewards.claim("a/b?", "coupon10", True, w),
        lambda b, w: b.rewards.load_codes("coupon10", [["B"]], "g", w),
        lambda b, w: b.participants.set_active("a/b?", False, w),
    ],
)
def test_a_rehearsal_foretells_the_write(call: Any, played: Backend) -> None:
    played.rewards.load_codes("coupon10", [["A"]], "f", write())
    before = list(played.participants.profiles(["a/b?"]))

    rehearsed: Answer = call(played, write("k", dry_run=True))

    assert list(played.participants.profiles(["a/b?"])) == before
    made: Answer = call(played, write("k"))
    assert rehearsed.outcome == made.outcome
    own = ("transaction_id", "claim_id", "event_id", "code_value")
    assert {name: value for name, value in rehearsed.body.items() if name not in own} == {
        name: value for name, value in made.body.items() if name not in own
    }


def test_other_times_are_read_alike(played: Backend) -> None:
    played.points.award("a/b?", {"amount": 5, "expires_at": AT + 2 * DAY + 1}, write())

    for at, balance in ((AT, 605), (AT + 2 * DAY, 605), (AT + 2 * DAY + 1, 600)):
        for when in (When(at), When(at, known_at=at), When(known_at=at)):
            assert profile_at(played, when)["points"]["balance"] == balance
            assert next(played.points.balances(["a/b?"], when))["balance"] == balance
            (state,) = played.participants.states(["a/b?"], ["points", "tier"], when)
            assert state["points"]["balance"] == balance
            assert next(played.tiers.show(["a/b?"], when))["current_tier"]["code"] == "silver"
            assert next(played.badges.list(["a/b?"], when, earned_only=True))["badges"] == []
            lots = next(played.points.expiring(["a/b?"], None, when))["lots"]
            assert sum(lot["remaining"] for lot in lots) == balance
    assert profile_at(played, When(AT - 1))["first_seen_at"] == "2026-02-05T10:00:00Z"
    for when in (When(AT - 10 * DAY), When(known_at=AT - 1), When(AT, known_at=AT - 1)):
        assert told(played.participants.profiles(["a/b?"], when)) == [
            (NotFound, 'participant "a/b?" not found')
        ]


def test_a_diff_tells_what_changed_and_by_which_facts(played: Backend) -> None:
    played.points.award("a/b?", {"amount": 5, "expires_at": AT + 2 * DAY}, write())
    attributes = {"plan": "x", "seats": {"all": 5, "free": []}}
    played.participants.update("a/b?", {"attributes": attributes}, write(), if_match=None)

    def diff(since: int, until: int | None) -> Any:
        return played.participants.diff("a/b?", since, until)

    def changes(since: int, until: int | None) -> dict[str, Any]:
        return {one["field"]: (one["from"], one["to"]) for one in diff(since, until)["changes"]}

    body = diff(AT - DAY, None)
    assert list(body) == ["participant_id", "from", "to", "changes", "facts"]
    assert (body["from"], body["to"]) == ("2026-02-13T10:00:00Z", NOW)
    assert changes(AT - DAY, None) == {
        "display_name": (None, "Ada"),
        "attributes.plan": (None, "x"),
        "attributes.seats.all": (None, 5),
        "attributes.seats.free": (None, []),
        "points.balance": (600, 605),
        "points.total_earned": (600, 605),
        "tier.next_tier.points_remaining": (400, 395),
        "first_seen_at": ("2026-02-05T10:00:00Z", NOW),
        "last_seen_at": ("2026-02-05T10:00:00Z", NOW),
    }
    facts = history(played)[::-1]
    assert body["facts"] == [fact for fact in facts if fact["occurred_at"] == NOW]
    assert diff(AT - 9 * DAY - 1, AT - DAY)["facts"] == [
        fact for fact in facts if fact["occurred_at"] != NOW
    ]
    assert changes(AT - 10 * DAY, AT)["points.balance"] == (None, 605)
    assert changes(AT, AT + 3 * DAY) == {
        "points.balance": (605, 600),
        "tier.next_tier.points_remaining": (395, 400),
    }
    assert (diff(AT, AT)["changes"], diff(AT, AT)["facts"]) == ([], [])
    with pytest.raises(NotFound, match="a/b"):
        diff(AT - 11 * DAY, AT - 10 * DAY)
    with pytest.raises(UsageError, match=r"^from lies after to$"):
        diff(AT, AT - 1)


def profile_at(backend: Backend, when: When) -> Any:
    return next(backend.participants.profiles(["a/b?"], when))


def test_why_a_value_is_what_it_is_can_be_asked(played: Backend) -> None:
    purchase = {"event_name": "purchase_completed", "properties": {"amount_usd": 20}}
    event = played.events.record("a/b?", purchase, write()).body
    played.points.deduct("a/b?", {"amount": 5, "reason": "é"}, write())

    def explained(value: str, limit: int | None = None) -> Body:
        return played.participants.explain("a/b?", asked_by(value, limit))

    dated, undated = explained("points")["nodes"]
    assert [one["amount"] for one in (dated, *dated["nodes"])] == [35, -5, 40]
    (reason,) = dated["nodes"][1]["nodes"]
    assert (reason["kind"], reason["data"]["id"]) == ("event_recorded", event["event_id"])
    assert (reason["command"], reason["actor"][:4]) == ("a test", dated["nodes"][0]["actor"][:4])
    assert (undated["amount"], explained("points", 1)["nodes"][1]["nodes"][0]["text"]) == (
        600,
        "and 1 more",
    )
    assert explained(f"event:{event['event_id']}")["amount"] == 40
    assert [explained(value)["of"] for value in ("overview", "tier")] == ["overview", "tier"]
    assert explained("badge:first_steps")["data"]["earned"] is False
    assert explained("streak:daily_login")["text"] == "Daily login: never ticked"
    for value in ("badge:first_step", "streak:é", "reward:a/b", "event:\U0001f600 "):
        with pytest.raises(NotFound):
            explained(value)
    with pytest.raises(NotFound, match='participant "nobody" not found'):
        played.participants.explain("nobody", asked_by("points", None))
