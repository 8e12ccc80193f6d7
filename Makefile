# `make tour` and `make test` need Python 3.11 or newer, make and git; they set everything else up themselves, in .venv.

PYTHON ?= python3
UV ?= uv
BIN := .venv/bin
# How the tests share the machine's cores (CORES= runs them one after the other).
CORES ?= --numprocesses=auto --maxprocesses=4 --dist=worksteal
# The rules and the flows are covered by the tests of their own rooms; the others would add nothing but minutes.
COVERING := tests/policies tests/flows tests/profiles
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.DEFAULT_GOAL := help
.PHONY: help tour test check bench search requirements lock clean

help: ## show what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

tour: .venv/.tour ## walk through the bank: apply, log in, be locked out, be let in again
	$(BIN)/janetbank tour

test: .venv/.dev ## run the tests
	$(BIN)/python -m pytest $(CORES)

check: .venv/.dev ## everything that must hold before a change is taken, except the tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python -m pytest $(CORES) --quiet $(COVERING) --cov --cov-report=term

bench: .venv/.dev ## measure, and print each figure as a ratio inside one run
	$(BIN)/python -m benchmarks

search: .venv/.dev ## look for counter-examples at length
	$(BIN)/python -m pytest -m search --hypothesis-profile=search --timeout=3600

requirements: .venv/.dev ## note in docs/requirements.toml which rows the tests bear
	$(BIN)/python -m tests.requirements_sync

# Resolving needs uv (https://docs.astral.sh/uv/); installing what was resolved does not.
LOCK := $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --custom-compile-command 'make lock' --group build

lock: ## resolve the dependencies anew (LOCKFLAGS=--upgrade takes the newest)
	$(LOCK) $(LOCKFLAGS) --extra dev --output-file requirements/dev.txt
	$(LOCK) --extra cli --extra postgres --constraint requirements/dev.txt --output-file requirements/tour.txt

clean: ## forget the virtual environment and the caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage

# A stamp is as old as the last install from its requirement file, so a second `make` starts at once.
.venv/.%: requirements/%.txt pyproject.toml Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "janetbank needs Python 3.11 or newer; this is " \
		+ sys.version.split()[0] + ". Name another one: make PYTHON=python3.12")'
	@test -x $(BIN)/python || { echo "Setting up .venv ..."; $(PYTHON) -m venv .venv; }
	@echo "Installing requirements/$*.txt ..."
	@$(PIP) --require-hashes --only-binary :all: -r requirements/$*.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@
