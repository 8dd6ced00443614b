"""Edits of config.toml: comments kept, whole or not at all, one at a time."""
