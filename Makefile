# Everything a developer or a visitor runs. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo test sure prove bench pictures types cases

# Compiled modules are kept: without them each process that a test or a job starts compiles the portal anew.
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin
TESTS ?= tests

help:  ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

setup:  ## make .venv with everything, also the tools of development
	@.ci/venv dev

demo:  ## the demonstration district on http://127.0.0.1:8000
	@.ci/venv runtime
	@$(BIN)/portal demo

test: setup  ## install what the tests need, then run them; TESTS=tests/cases for some
	@.ci/test-tools
	@$(MAKE) --no-print-directory cases

sure: setup  ## every check: lint, format, types, imports, tests
	@.ci/test-tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory -j 2 types cases

# Two at once in `sure`: the types are looked at by one processor, which would leave the other one idle.
types:
	$(BIN)/mypy

cases:
	$(BIN)/pytest -n 2 --dist loadgroup -m "not prove" $(TESTS)

prove: setup  ## the long properties and fault runs
	@.ci/test-tools
	PORTAL_PROVE=1 $(BIN)/pytest -n 2 --dist loadgroup -m "prove or hypothesis" $(TESTS)

bench: setup  ## measure imports, lists and plans against their floors; asserts nothing
	@.ci/test-tools
	$(BIN)/python -m bench

pictures: setup  ## photograph the pages of the demonstration into build/pictures
	@.ci/test-tools
	$(BIN)/python -m bench.pictures
