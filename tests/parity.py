"""Which tests run a second time over a server, and why the others do not.

A command line over a server of the very store must leave the same stdout, stderr and exit
code as on the store itself, byte for byte; every test of these modules asserts both.
"""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Container, Sequence
from typing import Any

from loopback import KEY_NAME

LOCAL_NOUNS = ("store", "keys", "serve", "profiles", "config", "doctor")
"""They are for a local store, and work on it whatever else goes over a server."""

MODULES = (
    "test_bad_input",
    "test_bad_programs",
    "test_challenges",
    "test_engine",
    "test_erasing",
    "test_event_import",
    "test_events",
    "test_explain",
    "test_help",
    "test_import",
    "test_jq",
    "test_leaderboards",
    "test_list",
    "test_output",
    "test_outputs",
    "test_parity",
    "test_program",
    "test_rewards",
    "test_segments",
    "test_several",
    "test_simulate",
    "test_story",
    "test_streaks",
    "test_walk",
    "test_writes",
)
"""Others are of a store alone, or of what stands before any; and test_rehearsals has how a dry
run over several sees its own changes, where a server judges each request alone."""

POSTGRES = (
    "test_challenges",
    "test_engine",
    "test_erasing",
    "test_events",
    "test_explain",
    "test_import",
    "test_leaderboards",
    "test_list",
    "test_program",
    "test_rewards",
    "test_several",
    "test_simulate",
    "test_story",
    "test_streaks",
    "test_walk",
    "test_writes",
)
"""Of these, those that run on PostgreSQL, too: all but the tests that look into the file."""

EXECUTABLE = ("test_walk", "test_several")
"""Of these, the tests that run the executable do so over a server, too."""

DIFFERENT = {
    "it starts processes of its own, on the store": (
        "test_erasing.test_on_a_terminal_the_id_is_typed",
        "test_event_import.test_a_kill_in_the_middle_loses_nothing_that_was_answered",
        "test_help.test_every_example_of_serve_serves_until_it_is_told_to_stop",
        "test_import.test_a_file_that_changes_meanwhile_is_found_out",
        "test_import.test_ctrl_c_tells_what_is_done_and_how_to_go_on",
        "test_import.test_what_a_pipe_has_brought_is_not_held_back",
        "test_rewards.test_a_kill_at_any_moment_leaves_code_and_debit_together",
        "test_rewards.test_a_race_for_the_last_of_a_numbered_stock_oversells_nothing",
        "test_rewards.test_of_eight_who_race_for_five_codes_five_win_different_ones",
        "test_segments.test_a_hundred_thousand_ids_take_little_memory",
        "test_segments.test_a_list_that_fails_leaves_nothing_to_do",
        "test_segments.test_a_reader_that_leaves_ends_the_writer_quietly",
        "test_segments.test_a_segment_flows_from_a_list_into_an_award",
        "test_segments.test_a_segment_flows_through_jq_into_a_badge",
        "test_segments.test_the_lines_of_the_readme_run",
        "test_simulate.test_a_reader_that_leaves_ends_it_quietly",
        "test_several.test_a_batch_that_the_store_stops_tells_how_far_it_came",
    ),
    "it takes the store away, or looks at its file": (
        "test_event_import.test_a_file_without_a_good_line_leaves_no_store",
        "test_erasing.test_nothing_is_left_in_the_file",
        "test_event_import.test_an_import_writes_what_single_events_write",
        "test_program.test_apply_waits_for_a_locked_store_and_gives_up",
        "test_rewards.test_a_history_is_of_one_moment",
    ),
    "a server makes an operation of its own of each request": (
        "test_event_import.test_an_import_is_one_operation",
    ),
    "a server would take minutes for its rows": (
        "test_import.test_packed_data_that_end_too_soon_are_imported_as_far_as_they_go",
    ),
    "-v and --debug tell what stands behind": (
        "test_output.test_verbose_tells_the_store_and_the_operation",
        "test_output.test_debug_adds_the_traceback_of_an_error",
    ),
    "it has no store to begin with": ("test_output.test_no_rows_are_still_a_parseable_answer",),
}
"""Tests of those modules that hold for a store alone, by the reason."""

_USER = pwd.getpwuid(os.getuid()).pw_name
_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{12,32}(?![0-9a-f])")
# What is told where there is nothing; a server has a store from the start.
_NO_STORE = re.compile(r"^[^{].*there is no store at \S+ yet\n", re.MULTILINE)
_NO_STORE_HINT = re.compile(r'"there is no store at [^"]+ yet"')
# The target of a confirmed write: a file, or a server of it.
_PLACE = re.compile(r"profile local \((?:HOME|http://127\.0\.0\.1)[^)]*\)")
# Of an import a server keeps no operation.
_IMPORT = re.compile(r'"operation": ?(null|"op_[0-9a-f]+")(?=,\s*"file_hash")')
# A server makes an operation of each row of an import.
_COMMANDS = re.compile(r'"commands": \d+')
# A server keeps every answer, a store those under a key that was given.
_KEPT = re.compile(r'"requests": \[\n.*?\n  \]', re.DOTALL)
_REQUEST = re.compile(r'"request_id": ?(null|"[0-9a-f]+")')


class Transcript:
    """What command lines told, apart from what differs between any two runs.

    An id that was made up is its place among all of them, so that they still must agree. Who
    did it is, over a server, the name of the key.
    """

    def __init__(self, home: str) -> None:
        self.lines: list[tuple[str, int, str, str]] = []
        self._home = home
        self._ids: dict[str, str] = {}

    def add(self, args: Sequence[str], exit_code: int, stdout: str, stderr: str) -> None:
        """Add a command line and what it left behind, if it may have been over a server."""
        if args and args[0] in LOCAL_NOUNS:
            return
        told = self._plain(stdout), self._plain(stderr)
        self.lines.append((self._plain(" ".join(args)), exit_code, *told))

    def _plain(self, text: str) -> str:
        text = text.replace(self._home, "HOME").replace(f"key {KEY_NAME}", _USER)
        text = _NO_STORE_HINT.sub("null", _NO_STORE.sub("", text))
        text = _PLACE.sub("profile local", text)
        text = _IMPORT.sub('"operation":null', text)
        text = _COMMANDS.sub('"commands": 0', text)
        text = _KEPT.sub('"requests": []', text)
        text = _REQUEST.sub('"request_id":null', text)
        return _ID.sub(lambda found: self._numbered(found[0]), text)

    def _numbered(self, made_up: str) -> str:
        return self._ids.setdefault(made_up, f"id{len(self._ids)}")


def name_of(test: Any) -> str:
    """A test with its parameters, whatever stands behind it."""
    given = test.callspec.params if hasattr(test, "callspec") else {}
    rest = {name: given[name] for name in given if name != "environment"}
    return f"{test.module.__name__}.{test.originalname}{rest}"


def ways(module: str, test: str, arguments: Container[str]) -> list[tuple[str, str]]:
    """The ways in which a test with such arguments runs over a server and on PostgreSQL."""
    on_postgres = module in POSTGRES and "place" not in arguments
    return _remote_ways(module, test) + [("in process", "postgres")] * on_postgres


def _remote_ways(module: str, test: str) -> list[tuple[str, str]]:
    if module not in MODULES or any(f"{module}.{test}" in tests for tests in DIFFERENT.values()):
        return []
    hows = ["in process"] + ["executable"] * (module in EXECUTABLE)
    return [(how, "remote") for how in hows]
