# Every target with a line behind ## stands in `make help`.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
PYTHON312 ?= python3.12
VENV := .venv
BIN := $(VENV)/bin
# Bytecode is kept there: the tree stays clean, and of the agents that tests start only the first
# compiles anything.
export PYTHONPYCACHEPREFIX ?= $(abspath $(VENV))/bytecode
unexport PYTHONDONTWRITEBYTECODE
# The tests' scratch homes stand in memory where there is room: a thousand small databases wait for
# the disk otherwise.
SCRATCH := $(shell [ -w /dev/shm ] && [ "$$(df -Pk /dev/shm | awk 'NR == 2 { print $$4 }')" -gt 4000000 ] && echo /dev/shm)
# A file stays on one worker; the longest begin (tests/conftest.py), the quick doctests come last.
PYTEST := $(if $(SCRATCH),TMPDIR=$(SCRATCH)) $(BIN)/python -m pytest -q --dist loadfile --no-loadscope-reorder
# Most tests wait for something: six at a time keep two cores busy.
ALL := -n 6
QUICK := -n 2 --dist worksteal --hypothesis-profile fast -m "not slow"
# What could depend on the machine's time zone runs a second time in the owner's: what is quick,
# and what is marked so: pages, roll-ups and reports.
IN_SEOUL := -n 3 --hypothesis-profile fast -m "not slow or zone" --ignore=tests/sallim/guard/sdks \
            models data pages/parts agent sallim \
            tests/models tests/data tests/agent tests/sallim tests/pages
# What these import takes longer than what they hold for `make fast`.
NO_BROWSER := --ignore=tests/e2e --ignore=tests/pages --ignore=tests/faults --ignore=tests/pipeline \
              --ignore=tests/sallim/guard/sdks
DEMO_HOME := data/demo-store

.PHONY: help run demo probe test fast check bench faults eyes soak install upgrade rollback uninstall format clean \
        debian-packages test-n8n test-focus screenshots catalogs lock

help: ## list every target
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Two stamps: what runs the product, and what its tests need on top. uv when it is there, else pip.
$(VENV)/.runtime: requirements.txt
	@deploy/venv.sh "$(PYTHON)" $(VENV) requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.txt
	@deploy/venv.sh "$(PYTHON)" $(VENV) requirements-dev.txt
	@touch $@

run: $(VENV)/.runtime ## start agent and app on this machine; one Ctrl-C ends both
	@exec $(BIN)/python -m agent up

demo: $(VENV)/.runtime ## the same with 60 days of made-up data in a home of its own
	@$(BIN)/python -m agent demo --home $(DEMO_HOME) --days 60
	@SALLIM_CONFIG= exec $(BIN)/python -m agent up --home $(DEMO_HOME)

debian-packages:
	@tests/debian-packages.sh

test: $(VENV)/.dev debian-packages ## everything: with browser, real programs, kill -9 (20 to 35 minutes)
	$(PYTEST) $(ALL)
	TZ=Asia/Seoul $(PYTEST) $(IN_SEOUL)

test-n8n: $(VENV)/.dev ## the collector against a real n8n, installed outside the repository (2.5 GB; first 5 to 30 minutes, then 2 to 5)
	@PYTHON="$(PYTHON)" tests/real_n8n/install.sh
	$(BIN)/python -m pytest tests/real_n8n --timeout 600 -v

test-focus: $(VENV)/.dev ## the FOCUS export before the official validator (PYTHON312=python3.12; 2 minutes)
	$(BIN)/python -m tests.real_focus "$(PYTHON312)"

fast: $(VENV)/.dev ## what needs no browser and no second process (2 minutes)
	$(PYTEST) $(QUICK) $(NO_BROWSER)

check: $(VENV)/.dev ## ruff, mypy --strict, import contracts, generated files up to date
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict models data agent sallim pages app.py
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m agent.commands.settings_docs --check
	$(BIN)/python -m pages.parts.catalogs --check

bench: $(VENV)/.dev debian-packages ## speed and size beside the peers, figures for bench/README.md
	$(BIN)/python -m bench

faults: $(VENV)/.dev debian-packages ## the destructive tests in full: 500 kills, 500 damaged places
	SALLIM_FAULT_COUNT=500 $(BIN)/python -m pytest tests/faults --timeout 3600 -v

eyes: $(VENV)/.dev debian-packages ## every page at every size, light and dark, Korean and English
	SALLIM_EYES=all $(BIN)/python -m pytest tests/e2e --timeout 3600 -v

soak: $(VENV)/.dev debian-packages ## 30 minutes of a watched agent, looking for growth and errors
	$(BIN)/python -m bench.soak --minutes 30

screenshots: $(VENV)/.dev debian-packages ## the pictures in docs/screenshots
	$(BIN)/python -m tests.e2e.screenshots

catalogs: $(VENV)/.dev ## bring the translations up to the sources
	$(BIN)/python -m pages.parts.catalogs

lock: ## pin everything with hashes from requirements*.in (needs uv: pipx install uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate \
	    --custom-compile-command "make lock" requirements.in -o requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate \
	    --custom-compile-command "make lock" -c requirements.txt requirements-dev.in -o requirements-dev.txt

probe: $(VENV)/.runtime ## build dist/sallim-probe.pyz, which watches another machine for this hub
	@$(BIN)/python -m agent.probe.archive dist/sallim-probe.pyz

install: ## make it a service: users, units, start at boot (as root)
	@$(PYTHON) -m deploy install

upgrade: ## back up, install this version, go back if it is not healthy (as root)
	@$(PYTHON) -m deploy upgrade

rollback: ## go back to the version and the data of before the last upgrade (as root)
	@$(PYTHON) -m deploy rollback

uninstall: ## remove the service; data and settings stay (as root)
	@$(PYTHON) -m deploy uninstall

format: $(VENV)/.dev ## format the code and write the generated files
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python -m agent.commands.settings_docs
	$(BIN)/python -m pages.parts.catalogs

clean: ## remove what can be made again; never the data
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	find . -name __pycache__ -type d -not -path './data/store/*' -prune -exec rm -rf {} +
