# Every target works on a fresh checkout: it makes .venv from Python 3.11, installs the locked packages with their
# hashes and this project, and is quick the second time. `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Tests start hundreds of processes, each of which would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help demo serve console fix test bench check format lock clean

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
	@$(BIN)/python console/build.py
	@$(BIN)/assay demo

serve: $(VENV)/.runtime ## show the demo's log over HTTP, for reading only (assay serve runs a paper market)
	@$(BIN)/python console/build.py
	@$(BIN)/assay serve --home var/demo --read-only

console: $(VENV)/.runtime ## build the web console, which the server shows at /console (brings Node where there is none)
	@$(BIN)/python console/build.py --must

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
	rm -rf $(VENV) var build console/dist console/node_modules *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage .coverage.* htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The interpreter is whichever of python3.11, python3 and python is a CPython 3.11.
$(VENV)/.made:
	@echo "Making $(VENV) ..."; for name in $${PYTHON:-python3.11 python3 python}; do \
	  if "$$name" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then found="$$name"; break; fi; \
	done; \
	if [ -z "$${found:-}" ]; then echo "No Python 3.11 found: install it, or name it with make PYTHON=/path/to/python3.11" >&2; exit 1; fi; \
	"$$found" -m venv $(VENV) || { echo "Python could not make a virtual environment: install its venv package (python3.11-venv)" >&2; exit 1; }
	@touch $@

# uv installs in seconds what pip installs in a minute; it reads no settings of pip, so where it finds no registry, pip does.
# Bytecode is made of what is imported, when it is; making it of everything takes longer than installing.
# --no-deps: the lock is the whole answer. It leaves out what only code that we never import would need
# (of arch and bokeh-sampledata we read the data files), so nothing must go looking for it.
LOCKED = { [ -x $(BIN)/uv ] && $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r $< 2>$(VENV)/uv.log; } \
  || $(PIP) install --quiet --quiet --no-compile --no-deps --require-hashes -r $<

$(VENV)/.runtime: requirements.lock requirements-uv.lock pyproject.toml | $(VENV)/.made
	@echo "Installing the locked packages ..."
	@$(PIP) install --quiet --quiet --no-compile --no-deps --only-binary :all: --require-hashes -r requirements-uv.lock || true
	@$(LOCKED)
	@$(PIP) install --quiet --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "Installing the locked development packages ..."
	@$(LOCKED)
	@touch $@

# Compiled from source, its 51 small files as one: each would read the same headers anew, which takes most of the time.
# Not optimised: the use of it is all waiting for a network.
$(VENV)/.fix: requirements-fix.lock | $(VENV)/.runtime
	@echo "Compiling quickfix (a minute or more; needs a C++ compiler) ..."
	@rm -rf $(VENV)/quickfix && mkdir -p $(VENV)/quickfix
	@$(PIP) download --quiet --quiet --no-deps --no-binary :all: --no-build-isolation --require-hashes -r $< --dest $(VENV)/quickfix
	@cd $(VENV)/quickfix && tar -xzf quickfix-*.tar.gz --strip-components 1 && cd C++ && echo '#include <assert.h>' > all.cc \
	  && for file in *.cpp; do case "$$file" in QuickfixPython.cpp) ;; *) mv "$$file" "$$file.part"; echo "#include \"$$file.part\"" >> all.cc ;; esac; done \
	  && mv all.cc all.cpp
	@CXXFLAGS="-O0 -g0" $(PIP) install --quiet --quiet --no-compile --no-deps --no-build-isolation $(VENV)/quickfix/
	@rm -rf $(VENV)/quickfix
	@touch $@

fix: $(VENV)/.fix ## what the broker adapter for FIX 4.4 and its tests need

lock: ## rewrite the lock files from pyproject.toml (make lock UPGRADE=--upgrade moves the versions)
	@rm -rf $(VENV)-lock && $${PYTHON:-python3.11} -m venv $(VENV)-lock && $(VENV)-lock/bin/pip install --quiet --quiet $(UV)
	@echo setuptools | $(COMPILED) $(UNREAD_AT_RUN_TIME) pyproject.toml - --output-file requirements.lock
	@echo setuptools | $(COMPILED) $(UNREAD) --extra dev --constraint requirements.lock pyproject.toml - --output-file requirements-dev.lock
	@$(COMPILED) --extra fix --no-deps pyproject.toml --output-file /dev/stdout | sed -n '/^quickfix/,/[^\\]$$/p' > requirements-fix.lock
	@echo $(UV) | $(COMPILED) --no-deps - --output-file requirements-uv.lock
	@rm -rf $(VENV)-lock
