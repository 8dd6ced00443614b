"""Participants kept in a local database.

`schema` and `statements` hold all the SQL there is, in SQLAlchemy Core; `make generate`
compiles it into `sqlite_sql`, which runs without SQLAlchemy. `file` is the store as
a file, `faults` the seam to the driver, `session` a connection, `participants` the behaviour
above it.
"""
