"""A store in a PostgreSQL database: `faults` the seam to the driver, `sql` made."""
