"""config.toml: what it holds, how it is edited, and the connection profiles in it."""
