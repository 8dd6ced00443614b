"""Program files that are refused: every fault is told, with its line, and nothing is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Place, Run

from gamify_cli.domain import program_file, program_lines
from gamify_cli.errors import FaultyFile, UsageError

EXAMPLE = Path(__file__).with_name("data") / "program.toml"
LONG = "x" * 256

TIER = '[[tiers]]\ncode = "{}"\nname = "T"\nlevel = {}\npoints_required = {}\n'
TIERS = TIER.format("one", 1, 0) + TIER.format("two", 2, 500)
BADGE = '[[badges]]\ncode = "b"\nname = "B"\n'
STREAK = '[[streaks]]\ncode = "s"\nname = "S"\nperiod = "daily"\n'
CHALLENGE = '[[challenges]]\ncode = "c"\nname = "C"\n'
ONE = 'objectives = [{ id = "a", event = "e", target = 1 }]\n'
REWARD = '[[rewards]]\nid = "r"\nname = "R"\ntype = "coupon"\n'
BOARD = '[[leaderboards]]\ncode = "l"\nname = "L"\nmetric = "events"\nperiod = "daily"\n'
RULE = '[[rules]]\ncode = "r"\nevent = "e"\n'
NUMBER = "must be a whole number"
FACTOR = "must be a number above 0, at most 1,000,000"
CONDITION = "must be a value that JSON has: text, a finite number, true, false, a list"

SINGLE_VALUES = {
    "timezon = 'UTC'": "timezon: is no key of a program file here; did you mean timezone?",
    "x = 1": "x: is no key of a program file here; the keys are name, timezone, tier_basis,",
    "timezone = 'Europe/Belrin'": 'timezone: "Europe/Belrin" is no IANA time zone; did you mean',
    "timezone = 'Europe'": 'timezone: "Europe" is no IANA time zone',
    "timezone = '../UTC'": 'timezone: "../UTC" is no IANA time zone',
    "timezone = 'participant'": 'timezone: "participant" is no IANA time zone',
    "tier_basis = 'earned'": 'tier_basis: "earned" is none of balance, total_earned',
    "tier_downgrade = 1": "tier_downgrade: must be true or false, not 1",
    "expires = 5": "expires: must be a table, not 5",
    "[expires]": "expires.days: is missing",
    "expires = { days = 0 }": "expires.days: must be at least 1, not 0",
    "expires = { days = 36501 }": "expires.days: must be at most 36,500, not 36,501",
    "tiers = 5": "tiers: must be a list, not 5",
    "tiers = [1]": "tiers[0]: must be a table, not 1",
}

DEFINITIONS = [
    (TIER.format("Gold", 1, 0), 3, "tiers[0].code: a code has 1 to 50 of the characters a-z 0-9"),
    (TIER.format("", 1, 0), 3, "tiers[0].code: a code has 1 to 50 of the characters"),
    (TIER.format("x" * 51, 1, 0), 3, "tiers[0].code: a code has 1 to 50 of the characters"),
    (TIER.format("a", "true", 0), 5, f"tiers[0].level: {NUMBER}, not true"),
    (TIER.format("a", 1.0, 0), 5, f"tiers[0].level: {NUMBER}, not 1.0"),
    (TIER.format("a", '"1"', 0), 5, f'tiers[0].level: {NUMBER}, not "1"'),
    (TIER.format("a", 0, 0), 5, "tiers[0].level: must be at least 1, not 0"),
    (TIER.format("a", 1, -1), 6, "tiers[0].points_required: must be at least 0, not -1"),
    (TIER.format("a", 1, 10**16), 6, "tiers[0].points_required: must be at most 9,007,199,254"),
    (TIER.format("a", 1, 0) + 'color = "red"', 7, 'tiers[0].color: "red" is no color; write #RRG'),
    (TIER.format("a", 1, 0) + 'color = "#ÀÀÀÀÀÀ"', 7, 'tiers[0].color: "#ÀÀÀÀÀÀ" is no color'),
    (TIER.format("a", 1, 0) + 'colour = "#FFFFFF"', 7, "tiers[0].colour: is no key of a program"),
    ('[[tiers]]\ncode = "a"\nname = "A"\nlevel = 1', 2, "tiers[0].points_required: is missing"),
    (TIERS + TIER.format("two", 3, 900), 13, "tiers[2].code: tiers[1] has the code two already"),
    (TIERS + TIER.format("tri", 2, 900), 15, "tiers[2].level: tiers[1] has the level 2 already"),
    (
        TIERS + TIER.format("tri", 3, 500),
        16,
        "tiers[2].points_required: must be more than 500, which level 2 needs",
    ),
    (BADGE + 'rarity = "mythic"', 5, 'badges[0].rarity: "mythic" is none of common, uncommon,'),
    (BADGE + f"icon = '{LONG * 2}'", 5, "badges[0].icon: an icon has at most 500 characters"),
    (BADGE + "criterion = {}", 5, "badges[0].criterion: needs one of event, total_earned, bal"),
    (
        BADGE + "criterion = { balance = 1, total_earned = 1 }",
        5,
        "badges[0].criterion: has total_earned and balance, but takes one of event, total_earn",
    ),
    (
        BADGE + "criterion = { balance = 1, at_least = 1 }",
        5,
        "badges[0].criterion.at_least: goes with event or streak alone",
    ),
    (
        BADGE + "criterion = { streak = 'dayly' }\n" + STREAK.replace('"s"', '"daily"'),
        5,
        'badges[0].criterion.streak: there is no streak "dayly"; did you mean daily?',
    ),
    (BADGE + "criterion = { tier = 'top' }", 5, 'badges[0].criterion.tier: there is no tier "to'),
    (BADGE + "criterion = { evnt = 'e' }", 5, "badges[0].criterion.evnt: is no key of a program"),
    (
        STREAK.replace("daily", "dayly"),
        5,
        'streaks[0].period: "dayly" is none of daily, weekly, mo',
    ),
    (STREAK + "timezone = 'Mars'", 6, 'streaks[0].timezone: "Mars" is no IANA time zone'),
    (STREAK + "week_starts = 'sun'", 6, 'streaks[0].week_starts: "sun" is none of monday, tues'),
    (STREAK + "grace = -1", 6, "streaks[0].grace: must be at least 0, not -1"),
    (STREAK + "freezes = 2", 6, "streaks[0].freezes: must be a table, not 2"),
    (STREAK + "freezes = { earn_every = 7 }", 6, "streaks[0].freezes.stock: is missing"),
    (CHALLENGE + "objectives = []", 5, "challenges[0].objectives: must not be empty"),
    (CHALLENGE, 2, "challenges[0].objectives: is missing"),
    (CHALLENGE + ONE + "window = {}", 6, "challenges[0].window: needs either days, or from and to"),
    (
        CHALLENGE + ONE + "window = { days = 1, from = 2026-01-01, to = 2026-02-01 }",
        6,
        "challenges[0].window: needs either days, or from and to",
    ),
    (
        CHALLENGE + ONE + "window = { from = 2026-01-01 }",
        6,
        "challenges[0].window: needs either days, or from and to",
    ),
    (
        CHALLENGE + ONE + "window = { from = 2026-01-01T01:00:00+01:00, to = '2026-01-01' }",
        6,
        "challenges[0].window.to: must lie after from",
    ),
    (CHALLENGE + ONE + "reward = {}", 6, "challenges[0].reward: needs points or a badge"),
    (
        CHALLENGE + ONE + "reward = { points = 1000001 }",
        6,
        "challenges[0].reward.points: must be at most 1,000,000, not 1,000,001",
    ),
    (CHALLENGE + ONE + "reward = { badge = 'b' }", 6, "challenges[0].reward.badge: there is no ba"),
    (REWARD.replace('"r"', '"R"'), 3, "rewards[0].id: a code has 1 to 50 of the characters"),
    (REWARD + REWARD, 7, "rewards[1].id: rewards[0] has the id r already"),
    (REWARD.replace("coupon", "car"), 5, 'rewards[0].type: "car" is none of coupon, voucher, phys'),
    (REWARD + "stock = 'some'", 6, 'rewards[0].stock: "some" is none of codes, unlimited'),
    (REWARD + "stock = true", 6, f"rewards[0].stock: {NUMBER}, not true"),
    (REWARD + "stock = -1", 6, "rewards[0].stock: must be at least 0, not -1"),
    (REWARD + "max_claims_per_user = 0", 6, "rewards[0].max_claims_per_user: must be at least 1"),
    (REWARD + "expires_at = 12:00:00", 6, "rewards[0].expires_at: must be a time such as 2027-12-"),
    (REWARD + "expires_at = '7d'", 6, "rewards[0].expires_at: must be a time such as 2027-12-31T2"),
    (REWARD + "expires_at = '2026-02-30'", 6, 'rewards[0].expires_at: "2026-02-30" is not a time'),
    (
        REWARD + "expires_at = 2026-02-28T00:00:00.5Z",
        6,
        "rewards[0].expires_at: must be a time in whole seconds",
    ),
    (
        REWARD + "expires_at = 0001-01-01T00:00:00+01:00",
        6,
        'rewards[0].expires_at: "0001-01-01T00:00:00+01:00" is not a time',
    ),
    (BOARD.replace("events", "points"), 5, 'leaderboards[0].metric: "points" is none of balance,'),
    (BOARD.replace("daily", "hourly"), 6, 'leaderboards[0].period: "hourly" is none of all_time'),
    (RULE.replace('"e"', '""'), 4, "rules[0].event: an event name must not be empty"),
    (RULE.replace('"e"', f'"{"e" * 101}"'), 4, "rules[0].event: an event name has at most 100 cha"),
    (RULE + "points = 0", 5, "rules[0].points: must be at least 1, not 0"),
    (RULE + "points = 1000001", 5, "rules[0].points: must be at most 1,000,000, not 1,000,001"),
    (RULE + "points = true", 5, f"rules[0].points: {NUMBER}, not true"),
    (RULE + "points = 1.0", 5, f"rules[0].points: {NUMBER}, not 1.0"),
    (RULE + "points = 'ten'", 5, f'rules[0].points: {NUMBER}, not "ten"'),
    (RULE + "points = { times = 2 }", 5, "rules[0].points.property: is missing"),
    (RULE + "points = { property = 5 }", 5, "rules[0].points.property: must be text, not 5"),
    (RULE + "points = { property = 'a', times = 0 }", 5, f"rules[0].points.times: {FACTOR}"),
    (RULE + "points = { property = 'a', times = true }", 5, f"rules[0].points.times: {FACTOR}"),
    (RULE + "points = { property = 'a', times = nan }", 5, f"rules[0].points.times: {FACTOR}"),
    (
        RULE + "points = { property = 'a', times = 0.1234567890123456 }",
        5,
        "rules[0].points.times: has more than 15 digits",
    ),
    (
        RULE + "points = { property = 'a', rounding = 'near' }",
        5,
        'rules[0].points.rounding: "near" is none of down, up, half_up, half_even',
    ),
    (RULE + "expires = { days = 1.5 }", 5, f"rules[0].expires.days: {NUMBER}, not 1.5"),
    (RULE + "limit = { times = 0, per = 'day' }", 5, "rules[0].limit.times: must be at least 1"),
    (RULE + "limit = { times = 1 }", 5, "rules[0].limit.per: is missing"),
    (RULE + "limit = { per = 'year' }", 5, 'rules[0].limit.per: "year" is none of hour, day, week'),
    (RULE + "streak = 's'", 5, 'rules[0].streak: there is no streak "s"'),
    (RULE + "badge = 'bb'\n" + BADGE, 5, 'rules[0].badge: there is no badge "bb"'),
    (RULE + "where = 5", 5, "rules[0].where: must be a table, not 5"),
    (RULE + "where = { a = {} }", 5, "rules[0].where.a: needs a test such as { gte = 10 }"),
    (RULE + "where = { 'a..b' = 1 }", 5, 'rules[0].where.a..b: "a..b" is no path of a property'),
    (
        RULE + "where = { a = { gtee = 1 } }",
        5,
        "rules[0].where.a.gtee: is no test; did you mean gte?; a member of that name is written",
    ),
    (
        RULE + "where = { a = { gte = 1, b = 2 } }",
        5,
        "rules[0].where.a.b: is no test; the tests are",
    ),
    (RULE + "where = { a = { gte = true } }", 5, "rules[0].where.a.gte: must be a number or text"),
    (RULE + "where = { a = { in = 5 } }", 5, "rules[0].where.a.in: must be a list of values"),
    (RULE + "where = { a = { in = [] } }", 5, "rules[0].where.a.in: must be a list of values"),
    (RULE + "where = { a = { exists = 1 } }", 5, "rules[0].where.a.exists: must be true or false"),
    (RULE + "where = { a = 2026-01-01 }", 5, f"rules[0].where.a: {CONDITION}"),
    (RULE + "where = { a = [inf] }", 5, f"rules[0].where.a: {CONDITION}"),
    (
        RULE + "where = { a.b = 1, 'a.b' = 1 }",
        5,
        'rules[0].where.a.b: is a second test "eq" of a.b',
    ),
    (RULE + 'where = { a = "\\u0000" }', 5, "rules[0].where: the condition holds the character U+"),
]

CIRCLES = """
[[challenges]]
code = "c"
name = "C"
objectives = [
    { id = "a", event = "e", target = 1, after = ["b"] },
    { id = "b", event = "e", target = 1, after = ["a", "z"] },
    { id = "c", event = "e", target = 1, after = ["c"] },
    { id = "c", event = "e", target = 1 },
    { id = "d", event = "e", target = 0, after = [5] },
]
"""

MANY = """\
name = "many"
[[tiers]]
code = "one"
name = "One"
level = 1
points_required = true

[[tiers]]
code = "two"
name = "Two"
level = 1
color = "blue"

[[badges]]
code = "b"
name = "B"
criterion = { streak = "none" }
"""


def faults(text: str) -> list[str]:
    """The faults of a file, without its name."""
    with pytest.raises(FaultyFile) as refused:
        program_file.read(text.encode(), "program.toml")
    return [fault.removeprefix("program.toml:") for fault in refused.value.faults]


@pytest.mark.parametrize("line", SINGLE_VALUES)
def test_a_bad_setting_is_told_with_its_line(line: str) -> None:
    (fault,) = faults(f'name = "p"\n{line}\n')

    assert fault.startswith(f"2: {SINGLE_VALUES[line]}")


@pytest.mark.parametrize(("text", "line", "message"), DEFINITIONS)
def test_a_bad_definition_is_told_with_its_line(text: str, line: int, message: str) -> None:
    (fault,) = faults(f'name = "p"\n{text}')

    assert fault.startswith(f"{line}: {message}")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "1: name: is missing"),
        ("name = 5", "1: name: must be text, not 5"),
        ('name = ""', "1: name: must not be empty"),
        (f'name = "{LONG}"', "1: name: a name has at most 255 characters, this one 256"),
        ('name = "\\u0000"', "1: name: a name must not hold the character U+0000"),
    ],
)
def test_a_program_needs_a_name(text: str, fault: str) -> None:
    assert faults(text) == [fault]


def test_prerequisites_must_be_there_and_not_wait_for_each_other() -> None:
    found = faults(f'name = "p"{CIRCLES}')

    where = "challenges[0].objectives"
    assert found == [
        f"6: {where}[0].after: is a circle: a waits for b waits for a",
        f'7: {where}[1].after[1]: this challenge has no objective "z"',
        f"8: {where}[2].after: is a circle: c waits for c",
        f"9: {where}[3].id: objectives[2] has the id c already",
        f"10: {where}[4].target: must be at least 1, not 0",
        f"10: {where}[4].after[0]: must be text, not 5",
    ]


def test_every_fault_is_told_at_once(run: Run, place: Place) -> None:
    (place.home / "many.toml").write_text(MANY)

    result = run("program", "apply", "many.toml")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        "many.toml:6: tiers[0].points_required: must be a whole number, not true",
        "many.toml:8: tiers[1].points_required: is missing",
        "many.toml:11: tiers[1].level: tiers[0] has the level 1 already",
        'many.toml:12: tiers[1].color: "blue" is no color; write #RRGGBB',
        'many.toml:17: badges[0].criterion.streak: there is no streak "none"',
        "gamify: many.toml has 5 faults; nothing was applied",
    ]
    assert place.is_untouched


@pytest.mark.parametrize("verb", ["validate", "diff", "apply"])
def test_faults_are_members_of_a_json_error(verb: str, run: Run, place: Place) -> None:
    (place.home / "p.toml").write_text("name = 'p'\nx = 1")

    result = run("program", verb, "p.toml", "--json")

    assert (result.exit_code, result.stdout) == (2, "")
    error = json.loads(result.stderr)["error"]
    assert error["message"].startswith("p.toml has 1 fault")
    assert error["code"] == "usage"
    (fault,) = error["faults"]
    assert fault.startswith("p.toml:2: x: is no key of a program file here")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("name = 'p'\nlevel 1", "2: is not TOML: expected '=' after a key in a key/value pair"),
        ("name = 'p'\n[[tiers]\n", "2: is not TOML: expected ']]' at the end of an array decl"),
        ("name = 'p'\nname = 'q'\n", "2: is not TOML: cannot overwrite a value"),
        ('name = "p"\nx = """a\n', "3: is not TOML: unterminated string"),
        ("name = 'p'\nx = [1,\n", "3: is not TOML: "),
    ],
)
def test_broken_toml_is_told_with_its_line(text: str, fault: str) -> None:
    (found,) = faults(text)

    assert found.startswith(fault)


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"{", "p.toml", "p.toml is not JSON: Expecting property name enclosed in double quotes"),
        (b"[]", "p.json", "p.json must be a JSON object"),
        (b'name = "p"', "p.json", "p.json is not JSON: Expecting value at line 1 column 1"),
        (b'{"name": "p", "name": "q"}', "stdin", 'stdin has the member "name" twice'),
        (b'name = "\xff"', "p.toml", "p.toml is not UTF-8 (byte 8)"),
        (b'{"name": "\\ud800"}', "p.json", "p.json holds a lone surrogate, which is no char"),
        (b"x = " + b"[" * 20_000, "p.toml", "p.toml is nested too deep to read"),
        (b"x = " + b"9" * 5_000, "p.toml", "p.toml holds an integer that is too long to read"),
        (b'{"x": ' * 900 + b"1" + b"}" * 900, "p.json", "p.json"),
    ],
)
def test_what_is_no_toml_or_json_is_refused_as_a_whole(
    content: bytes, name: str, message: str
) -> None:
    with pytest.raises(UsageError) as refused:
        program_file.read(content, name)

    assert refused.value.message.startswith(message)


def test_a_missing_or_oversized_file_is_refused(run: Run, place: Place) -> None:
    (place.home / "big.toml").write_text("# " + "x" * 1024 * 1024)

    missing = run("program", "apply", "missing.toml")
    big = run("program", "apply", "big.toml")

    assert (missing.exit_code, missing.stdout) == (2, "")
    assert missing.stderr == "gamify: cannot read missing.toml: No such file or directory\n"
    assert (big.exit_code, big.stdout) == (2, "")
    assert big.stderr.startswith("gamify: big.toml is longer than")


def test_faults_of_json_have_lines_too(run: Run) -> None:
    text = '{"name": "p",\n "rules": [\n  {"code": "r",\n   "event": "e",\n   "points": 0}]}'

    result = run("program", "validate", "-", stdin=text)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        "stdin:5: rules[0].points: must be at least 1, not 0",
        "gamify: stdin has 1 fault",
    ]


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ("{}", None),
        ("{ a = 1 }", {"a": {"eq": 1}}),
        ("{ a = [1, 'b'] }", {"a": {"eq": [1, "b"]}}),
        ("{ a = { gte = 1, lt = 2.5 } }", {"a": {"gte": 1, "lt": 2.5}}),
        ("{ a.b = true }", {"a.b": {"eq": True}}),
        ("{ 'a.b' = { ne = 'x' } }", {"a.b": {"ne": "x"}}),
        ("{ a = { b = { in = [1] }, c = 2 } }", {"a.b": {"in": [1]}, "a.c": {"eq": 2}}),
        ("{ a.name = 'x', a.age.gte = 3 }", {"a.name": {"eq": "x"}, "a.age": {"gte": 3}}),
        ("{ a = { exists = false } }", {"a": {"exists": False}}),
    ],
)
def test_conditions_are_kept_in_one_form(where: str, kept: object) -> None:
    document = program_file.read(f'name = "p"\n{RULE}where = {where}'.encode(), "p.toml")

    assert document["rules"][0]["where"] == kept
    assert program_file.read(json.dumps(document).encode(), "p.json") == document


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2027-12-31T23:59:59Z", "2027-12-31T23:59:59Z"),
        ("2027-12-31T23:59:59+02:00", "2027-12-31T21:59:59Z"),
        ("2027-12-31T23:59:59", "2027-12-31T23:59:59Z"),
        ("2027-12-31", "2027-12-31T00:00:00Z"),
        ('"2027-12-31T23:59:59-01:00"', "2028-01-01T00:59:59Z"),
    ],
)
def test_times_are_kept_in_utc(written: str, kept: str) -> None:
    text = f'name = "p"\n{REWARD}expires_at = {written}'

    assert program_file.read(text.encode(), "p.toml")["rewards"][0]["expires_at"] == kept


@pytest.mark.parametrize("times", ["2", "0.1", "1.005", "123456.789012345", "1e-5"])
def test_factors_are_kept_exactly(times: str) -> None:
    text = f'name = "p"\n{RULE}points = {{ property = "a", times = {times} }}'

    kept = program_file.read(text.encode(), "p.toml")["rules"][0]["points"]["times"]

    assert float(repr(kept)) == float(times)
    assert type(kept) is (int if times == "2" else float)


def test_lines_are_found_in_every_spelling_of_toml() -> None:
    text = (
        'name = """a\n[[x]]"""\n'
        "t.'o'.\"p\" = 1 # = 2\n"
        "[[a]]\n"
        "k = '''\nx = 1'''\n"
        "[[a.b]]\n"
        'q = [ 1, # ]\n  [2, { z = "]" }],\n]\n'
        "[a.c]\n"
        "w = 2027-12-31T23:59:59Z\n"
        "[[a.b]]\n"
        "v = { x = { y = 1 } }\n"
    )

    lines = program_lines.of_toml(text)

    assert lines["name",] == 1
    assert lines["t", "o", "p"] == 3
    assert (lines["a", 0], lines["a", 0, "k"]) == (4, 5)
    assert (lines["a", 0, "b", 0], lines["a", 0, "b", 0, "q"]) == (7, 8)
    assert lines["a", 0, "b", 0, "q", 1, 1, "z"] == 9
    assert (lines["a", 0, "c"], lines["a", 0, "c", "w"]) == (11, 12)
    assert (lines["a", 0, "b", 1], lines["a", 0, "b", 1, "v", "x", "y"]) == (13, 14)
    assert program_lines.nearest(lines, ("a", 0, "c", "none", 3)) == 11


def test_the_example_has_no_faults() -> None:
    assert program_file.read(b"\xef\xbb\xbf" + EXAMPLE.read_bytes(), "program.toml")
