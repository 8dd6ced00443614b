"""Participants kept in a database.

`schema` and `statements` hold all the SQL there is, in SQLAlchemy Core, and `dialects` what kinds
of databases spell in their own ways; `make generate` compiles it for each kind, so that it runs
without SQLAlchemy. `session` says what a kind can do, `sqlite` and `postgres` do it;
`participants` and its neighbours are the behaviour above it.
"""
