# Two commands for a newcomer: `make demo` shows the main job at work; `make test` runs the suite.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
DEMO := build/demo
AS_OF ?= 2026-11-23
SEED ?= 1
SIZE ?= 703

.PHONY: demo google-demo test lint bench proof mutation shots docs clean

# The stamp stands for a finished installation: an interrupted one is done again.
.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q cdi_sync jobs
	touch $@

demo: .venv/installed
	$(BIN)/cdi demo $(DEMO) --seed $(SEED) --size $(SIZE) --as-of $(AS_OF)

google-demo: .venv/installed
	SEED=$(SEED) SIZE=$(SIZE) $(BIN)/python -m tests.google_demo

test: .venv/installed lint
	$(BIN)/python -m pytest tests -n 2 --dist worksteal

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy

bench: .venv/installed
	$(BIN)/python -m tests.bench

proof: .venv/installed
	$(BIN)/python -m pytest tests -m proof

mutation: .venv/installed
	$(BIN)/python -m tests.mutation

shots: .venv/installed
	$(BIN)/python -m tests.shots

docs: .venv/installed
	$(BIN)/python -m tests.catalogue
	$(BIN)/python -m tests.rulebook_pages
	$(BIN)/python -m tests.said
	$(BIN)/python -m tests.states
	$(BIN)/python -m tests.google.coverage > docs/google-coverage.md

clean:
	rm -rf build .venv
