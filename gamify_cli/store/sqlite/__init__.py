"""A store in one SQLite file: `file` as a file, `faults` the seam to the driver, `sql` made."""
