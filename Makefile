# Every target works on a fresh checkout: it makes .venv from Python 3.11, installs the locked packages with their
# hashes and this project, and is quick the second time. `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo serve test bench check format lock clean

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
UNREAD := $(addprefix --no-emit-package ,icalendar shapely)
UNREAD_AT_RUN_TIME := $(UNREAD) $(addprefix --no-emit-package ,statsmodels patsy formulaic interface-meta)
UV := uv==0.13.9
COMPILED := $(VENV)-lock/bin/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-annotate --no-header $(UPGRADE)

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.runtime ## set everything up and run the main job on the bundled real data
	@$(BIN)/assay demo

serve: $(VENV)/.runtime ## show the demo's log over HTTP, for reading only (assay serve runs a paper market)
	@$(BIN)/assay serve --home var/demo --read-only

test: $(VENV)/.dev ## every test (make test PYTEST="tests/nodes -x" for some)
	@$(BIN)/python -m pytest -q -n auto --dist worksteal $(PYTEST)

bench: $(VENV)/.dev ## the table of benchmarks, ratios within one run; also rewrites docs/benchmarks.md
	@$(BIN)/python -m tests.benchmarks

check: $(VENV)/.dev ## format, lint, types and import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports --no-logo

format: $(VENV)/.dev ## write the format and the safe mends of the linter
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean: ## remove the environment, caches and what the demo wrote
	rm -rf $(VENV) var build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage .coverage.* htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The interpreter is whichever of python3.11, python3 and python is a CPython 3.11.
$(VENV)/.made:
	@echo "Making $(VENV) ..."; for name in $${PYTHON:-python3.11 python3 python}; do \
	  if "$$name" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then found="$$name"; break; fi; \
	done; \
	if [ -z "$${found:-}" ]; then echo "No Python 3.11 found: install it, or name it with make PYTHON=/path/to/python3.11" >&2; exit 1; fi; \
	"$$found" -m venv $(VENV) || { echo "Python could not make a virtual environment: install its venv package (python3.11-venv)" >&2; exit 1; }
	@touch $@

# --no-deps: the lock is the whole answer. It leaves out what only code that we never import would need
# (of arch and bokeh-sampledata we read the data files), so pip must not go looking for it.
$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/.made
	@echo "Installing the locked packages ..."
	@$(PIP) install --quiet --quiet --no-deps --require-hashes -r requirements.lock
	@$(PIP) install --quiet --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "Installing the locked development packages ..."
	@$(PIP) install --quiet --quiet --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

lock: ## rewrite both lock files from pyproject.toml (make lock UPGRADE=--upgrade moves the versions)
	@rm -rf $(VENV)-lock && $${PYTHON:-python3.11} -m venv $(VENV)-lock && $(VENV)-lock/bin/pip install --quiet --quiet $(UV)
	@echo setuptools | $(COMPILED) $(UNREAD_AT_RUN_TIME) pyproject.toml - --output-file requirements.lock
	@echo setuptools | $(COMPILED) $(UNREAD) --extra dev --constraint requirements.lock pyproject.toml - --output-file requirements-dev.lock
	@rm -rf $(VENV)-lock
