# make run: a demo server.  make test: all tests.  make check: lint, types, contracts.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run test check bench bench-quick reference clean

run: $(STAMP)
	$(BIN)/culver demo

test: $(VENV)/.installed-dev
	contrib/peers.sh
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine -q
	$(BIN)/coverage report --fail-under=85 --format=total
	PATH="$(CURDIR)/$(BIN):$$PATH" contrib/check-hello.sh

check: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python

bench: $(VENV)/.installed-dev
	contrib/peers.sh
	$(BIN)/python -m tests.bench.sidebyside

bench-quick: $(VENV)/.installed-dev
	contrib/peers.sh
	$(BIN)/python -m tests.bench.sidebyside --quick

reference: $(VENV)/.installed-dev
	$(BIN)/python -m culver.reference

# An old pip knows neither --group nor the newest wheels, so it is renewed first.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip

$(STAMP): $(BIN)/python pyproject.toml
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/.installed-dev: $(STAMP)
	$(BIN)/pip install --quiet --editable . --group dev
	touch $@

clean:
	rm -rf $(VENV) build dist bench-results .coverage*
