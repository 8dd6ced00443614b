"""A server as a backend: the port over HTTP."""
