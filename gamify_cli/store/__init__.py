"""Participants kept in a local database.

`schema` and `statements` hold all the SQL there is, in SQLAlchemy Core; `make generate`
compiles it into `sqlite_sql`, which runs without SQLAlchemy. `session` is the seam to the
driver, `participants` the behaviour above it.
"""
