"""What `make generate` writes: SQL, man pages, completions. gamify itself never runs it."""
