"""The command tree: one module a noun, named here so that none is imported before it runs."""

from __future__ import annotations

NOUNS = {
    "participants": "Register participants, read and edit their profiles.",
    "points": "Award and deduct points, show balances and histories.",
    "badges": "Award badges, show which are earned.",
    "streaks": "Tick streaks, show them, bring back one that lapsed.",
    "events": "Record events, with all that they earn.",
    "challenges": "Enrol in challenges, show how they stand.",
    "tiers": "Show tiers, assign them by hand.",
    "rewards": "Claim rewards, load their codes, show what is left.",
    "leaderboards": "Show who is ahead, and where one participant stands.",
    "program": "Say what can be earned, and how.",
    "operations": "Show what was done, by the command that did it, and undo it.",
    "profiles": "Say where servers and stores are, and which one to use.",
    "config": "Show what is set, and by what; change config.toml.",
    "keys": "Make and revoke the API keys of a store.",
    "store": "Look after the local store.",
    "completion": "Let a shell complete commands, ids and codes.",
}

LEAVES = {
    "commands": "List every command there is.",
    "help": "Explain a topic or a command.",
    "doctor": "Check the configuration, the store or server, and this machine.",
    "schema": "Print the JSON Schema of an answer, or the OpenAPI document.",
    "serve": "Serve the HTTP API over a store.",
    "version": "Show the version of gamify and of what it runs on.",
}

HIDDEN = {"__complete": "complete"}
"""Commands that only programs call, with their modules; no list of commands shows them."""
