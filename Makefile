# make up        set everything up and start it on http://127.0.0.1:8000 (PORT=9000 for another port,
#                EVENTS=kafka for a real Apache Kafka instead of the embedded event log). It takes seven ports: PORT for the
#                gateway, the next three for the services, and PORT + 11 to PORT + 13 for their workers
# make story     run the demonstration story in the terminal, against what `make up` started
# make links     new one-time sign-in links for the personas of the demo
# make reset     delete the databases, keys and logs of this checkout, to start over; it asks first (FORCE=1: it does not)
# make test      everything that must hold: style, types, imports, dependencies, tests
# make check     the same without what needs a PostgreSQL, a Kafka or a whole platform
# make one       one test, or what is in a file or folder: T=tests/funding/programme/rates/test_rules.py
# make format    what can be put right by a program is put right
# make migration a new migration of a service: S=funding M="add receipts" (S=platform for the tables that all have)
# make lock      the lock files, from pyproject.toml (UPGRADE=--upgrade for newer versions of everything)
# make licences  what production installs and under which licences; fails on GPL and AGPL
# make verify    what needs more than Python's package registry: real proxies, browsers, other readers, generated
#                clients, attackers; it installs what it needs (the programs with apt-get, for which it must be root)
# make attack    1,000 random surveys, and schemes with their payments: what an attacker can tell from all that is public
#                (N=30 for fewer)
# make bench     how fast it is, beside what bare nginx, PostgreSQL and Kafka do in the same run
# make bench-pages  how many pages and bytes a journey takes, and how fast each page is (needs what make verify installs)

# Of another checkout, it would be that one's code that runs, on that one's data.
unexport PYTHONPATH

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
EVENTS ?= embedded
VENV := .venv
BIN := $(VENV)/bin
INSTALL := exec "$(PYTHON)" -m deploy.install

# Kafka's two packages stand in the developers' lock, which holds everything of the other in the same versions.
READY := $(if $(filter kafka,$(EVENTS)),$(VENV)/ready-dev,$(VENV)/ready)

# As many tests at once as there are processors.
WORKERS ?= $(shell nproc 2>/dev/null || echo 2)
PYTEST := $(BIN)/pytest
AT_ONCE := -n $(WORKERS) --dist loadscope

# Programs of others whose own packages would get in the way of ours.
TOOLS := .venv-verify

.PHONY: python free-ports up story links reset test check checks tests one format migration lock licences verify attack bench bench-pages install install-dev

up: free-ports $(READY)
	@PORT=$(PORT) EVENTS=$(EVENTS) exec $(BIN)/impact up

story links reset: $(VENV)/ready
	@FORCE=$(FORCE) exec $(BIN)/impact $@

test: $(VENV)/ready-dev
	@$(MAKE) --no-print-directory -k -j2 checks tests; status=$$?; cat $(VENV)/checks.log; exit $$status

check: $(VENV)/ready-dev
	@$(MAKE) --no-print-directory test SELECTED=--without-engines

tests: $(VENV)/ready-dev
	@$(PYTEST) $(AT_ONCE) $(SELECTED)

# Beside the tests; what they say is told when both are done.
CHECKS := "ruff check --quiet ." "ruff format --quiet --check ." lint-imports "deptry --no-ansi ." basedpyright
checks: $(VENV)/ready-dev
	@status=0; for check in $(CHECKS); do \
	  if said=$$(NO_COLOR=1 $(BIN)/$$check 2>&1); then echo "passed: $$check"; \
	  else status=1; echo "$$said"; echo "FAILED: $$check"; fi; \
	done > $(VENV)/checks.log; exit $$status

one: $(VENV)/ready-dev
	@test -n "$(T)" || { echo "Which test? For example: make one T=tests/funding/programme/rates/test_rules.py"; exit 1; }
	@$(PYTEST) -q $(T)

format: $(VENV)/ready-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

migration: $(VENV)/ready-dev
	@$(BIN)/python -m tests.support.migrations "$(S)" "$(M)"
	@$(BIN)/ruff format --quiet shared/persistence/migrations services gateway

# Each lock holds the versions of the one before: production, a developer's machine, development.
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
  --no-header --no-annotate --no-emit-index-url $(UPGRADE)
lock: $(VENV)/ready-dev
	@$(LOCK) --output-file requirements.lock
	@$(LOCK) --extra local --constraint requirements.lock --output-file requirements-local.lock
	@$(LOCK) --extra local --extra kafka --extra dev --constraint requirements-local.lock --output-file requirements-dev.lock

licences: $(VENV)/ready
	@$(BIN)/python -m deploy.licences requirements.lock

verify: $(VENV)/ready-verify $(TOOLS)/ready
	@tests/verify/install
	$(BIN)/basedpyright --project tests/verify
	$(BIN)/pytest tests/verify

attack: $(VENV)/ready-dev
	@$(BIN)/python -m tests.attack $(or $(N),1000)

bench: $(VENV)/ready-dev
	for name in gateway engagement events evidence.reads evidence.imports evidence.duplicates evidence.oai evidence.exports evidence.search evidence.ranking; do $(BIN)/python -m tests.benchmarks.$$name || exit 1; done

bench-pages: $(VENV)/ready-verify $(TOOLS)/ready
	@$(BIN)/python -m tests.benchmarks.pages

install: $(VENV)/ready
install-dev: $(VENV)/ready-dev

python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed: install it, or say where it is with PYTHON=/path/to/python3.11."; exit 1; }

# What runs here already, or in the way, is told before anything is installed.
free-ports: python
	@PORT=$(PORT) "$(PYTHON)" -m deploy.supervision.ports

$(VENV)/ready: requirements-local.lock pyproject.toml deploy/install.py | python
	@$(INSTALL) $(VENV) requirements-local.lock $@ "Installing the packages: the first time this takes a minute."

# It holds all of the other lock.
$(VENV)/ready-dev: requirements-dev.lock pyproject.toml deploy/install.py | python
	@$(INSTALL) $(VENV) requirements-dev.lock $@ "Installing the packages for development: the first time this takes a minute or two."
	@touch $(VENV)/ready

$(VENV)/ready-verify: tests/verify/requirements.lock $(VENV)/ready-dev
	@$(INSTALL) $(VENV) tests/verify/requirements.lock $@ "Installing what the checks of make verify need."

$(TOOLS)/ready: tests/verify/tools.lock | python
	@$(INSTALL) $(TOOLS) tests/verify/tools.lock $@ "Installing the programs of others that make verify runs."
