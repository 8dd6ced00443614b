"""Whether a config.toml that can be read is one that every command would take."""

from __future__ import annotations

from gamify_cli import credentials
from gamify_cli.config.reading import Config


def check(config: Config) -> None:
    """Raise UsageError for a fault in a profile, UnknownProfile for a default that is none."""
    config.target()
    for profile in config.names:
        config.target(profile)
        check_key(config, profile)


def check_key(config: Config, profile: str) -> None:
    """Raise UsageError for a fault in where the key of a profile comes from."""
    credentials.checked_kind(profile, config.profiles.get(profile, {}).get("key", {}))
