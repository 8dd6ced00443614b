"""The HTTP API over a backend; imports no store."""
