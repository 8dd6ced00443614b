"""The tree of facts behind a value. Everything here reads facts and values alone.

Each value has a module: it reads the journal once, in its order, and holds of it what it tells.
`tree` chooses among them.
"""
