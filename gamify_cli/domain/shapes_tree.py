"""The shape of what is shown of the command tree."""

from __future__ import annotations

from gamify_cli.domain.shapes import Shape

COMMANDS = Shape(
    "commands",
    ("name", "summary", "options", "arguments", "examples", "exit_codes", "commands"),
    ("name", "summary"),
    free=("options", "arguments", "commands"),
)
