# make demo       install gamify and run its main job on an example
# make test       install what the tests need and run all of them
# make check      format, lint, types, layers, generated files
# make generate   write completions, man pages and compiled SQL anew
# make bench      measure against the bare interpreter, sqlite-utils and bare servers

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check generate bench clean

demo: $(BIN)/gamify
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh tests/demo.sh

test: $(VENV)/developing
	$(BIN)/python -m pytest

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

clean:
	rm -rf $(VENV) .bench

$(BIN)/gamify:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check '.[serve]'

$(VENV)/developing: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@
