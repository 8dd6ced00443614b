"""Where the key of a connection profile comes from, and where it is put."""
