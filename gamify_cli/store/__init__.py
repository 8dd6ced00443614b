"""Participants kept in a database.

`schema` and `statements` hold all the SQL there is, in SQLAlchemy Core; `make generate`
compiles it for each kind of database, so that it runs without SQLAlchemy. `session` says what
a kind can do, `sqlite` does it; `participants` and its neighbours are the behaviour above it.
"""
