# Python of the virtual environment; PYTHON makes it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

# Servers that `make matrix` runs: MATRIX="15 18" chooses.
MATRIX ?= 15 16 17 18
# Test processes, each with a server of its own: two a core, as half of a test is waiting. JOBS=0 runs all in one.
JOBS   ?= $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN))
# A module's tests stay together: they share what is made for them.
PYTEST  = $(BIN)/pytest -q -n $(JOBS) --maxprocesses 8 --dist worksteal $(TESTS)
# Tests start many processes: what is compiled for one is there for the next, whatever the environment says.
test matrix: export PYTHONDONTWRITEBYTECODE =
# How the bench runs: BENCH="--quick" takes a few minutes, BENCH=--help tells the rest.
BENCH  ?=
# Seconds of each run of `make soak`: four runs over 200 tenants, and then thousands of random statements and transactions.
SECONDS ?= 120
# Examples a route of `make fuzz`.
EXAMPLES ?= 50
# What pytest runs: TESTS="tests/py/test_cli.py -k help" chooses.
TESTS  ?= tests

.DEFAULT_GOAL := help
.PHONY: help setup demo test check lint format docs pictures matrix soak fuzz bench bench-context bench-rollout bench-audit bench-service bench-seal bench-fleet clean

help:  ## show this
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 15

setup: $(STAMP)  ## make .venv with freehold and its tools

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "freehold needs Python 3.10 or later")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo 'installing freehold and its tools into $(VENV) ...'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(STAMP)  ## freehold at work on a real schema, in under a minute
	@$(BIN)/freehold demo

test: $(STAMP)  ## all suites on the embedded server
	@$(PYTEST)

check: $(STAMP)  ## plpgsql_check over every function (Debian and npm bring it)
	@tests/tools/plpgsql_check.sh $(BIN)/python

lint: $(STAMP)  ## ruff, mypy --strict, and the rules for SQL files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python tests/tools/lint_sql.py

format: $(STAMP)  ## rewrite Python files as ruff would have them
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: $(STAMP)  ## write the generated part of docs/
	@$(BIN)/python tests/tools/reference.py

pictures: $(STAMP)  ## take docs/images anew: pages of the console
	@$(BIN)/python tests/tools/pictures.py

matrix: $(STAMP)  ## all suites on PostgreSQL 15, 16, 17 and 18 (MATRIX="15 18" chooses)
	@PYTEST='$(PYTEST)' tests/tools/matrix.sh $(MATRIX)

soak: $(STAMP)  ## the pools with faults, two minutes each way (SECONDS=30), then random SQL and use
	@FREEHOLD_SOAK=$(SECONDS) $(BIN)/pytest -q -s -n 0 tests/py/test_soak.py tests/py/test_sqlsmith.py tests/py/test_tenants_machine.py

fuzz: $(STAMP)  ## schemathesis over the whole OpenAPI document (EXAMPLES=200 a route)
	@FREEHOLD_FUZZ=$(EXAMPLES) $(BIN)/pytest -q -n 0 tests/py/test_http_schema.py

$(VENV)/.bench: $(STAMP)
	@echo 'installing the peers of the bench into $(VENV) ...'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@

bench: $(VENV)/.bench  ## measure freehold beside its peers (BENCH="--quick" for a short run)
	@$(BIN)/python -m bench $(BENCH)

bench-context: $(VENV)/.bench  ## measure transactions for tenants (BENCH="--quick" for a short run)
	@$(BIN)/python -m bench.context $(BENCH)

bench-rollout: $(VENV)/.bench  ## measure migrations over a fleet (BENCH="--quick" for a short run)
	@$(BIN)/python -m bench.rollout $(BENCH)

bench-audit: $(VENV)/.bench  ## measure row audit beside a row trigger (BENCH="--quick" for a short run)
	@$(BIN)/python -m bench.audit $(BENCH)

bench-service: $(STAMP)  ## measure the service beside the same endpoint by hand (BENCH="--quick" for a short run; Debian brings wrk)
	@$(BIN)/python -m bench.service $(BENCH)

bench-seal: $(VENV)/.bench  ## measure seals of a million rows beside writers (BENCH="--rows 100000" for a short run)
	@$(BIN)/python -m bench.seal $(BENCH)

bench-fleet: $(STAMP)  ## measure a question to all tenants beside one view over them (BENCH="--tenants 300" chooses)
	@$(BIN)/python -m bench.fleet $(BENCH)

clean:  ## remove what the other targets made
	rm -rf $(VENV) .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
