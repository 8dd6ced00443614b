# make demo       install gamify and run its main job on an example
# make test       install what the tests need and run all of them
# make check      format, lint, types, layers, generated files
# make generate   write completions, man pages and compiled SQL anew
# make bench      measure against bare SQL and other programs, in a quarter of an hour
# make bench-quick   most of it with less of everything, in a minute
# make soak       kill whatever writes, then the primary of a PostgreSQL cluster, again and again;
#                 takes a quarter of an hour

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check generate bench bench-quick soak clean

demo: $(BIN)/gamify
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh tests/demo.sh

test: $(VENV)/developing
	$(BIN)/python -m pytest -n auto --dist loadfile

check: $(VENV)/developing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m gamify_cli.generate --check

generate: $(VENV)/developing
	$(BIN)/python -m gamify_cli.generate

bench: $(VENV)/developing
	$(BIN)/python benchmarks/run.py

bench-quick: $(VENV)/developing
	$(BIN)/python benchmarks/run.py --quick

soak: $(VENV)/developing
	cd tests && ../$(BIN)/python -m faults
	$(BIN)/python benchmarks/failover.py

clean:
	rm -rf $(VENV) .bench

$(BIN)/gamify:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check '.[serve]'

$(VENV)/developing: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@
