# One command is all of CI: `make check`. Everything runs in $(VENV), which is made when it is missing.
# Another environment: `make check VENV=/path/to/venv`. Another Python: `make check PYTHON=python3.13`.

# The first that runs: a name alone may be a pyenv shim with nothing behind it.
PYTHON ?= $(shell for p in python3.11 python3; do $$p -c '' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
WORKERS ?= auto
RUN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo check lint types contracts test soak bench cover figures docs clean

help: ## list what can be made
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

$(RUN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "maild needs Python 3.11 or newer, not %s" % sys.version)'
	$(PYTHON) -m venv $(VENV)

# A stamp for each set of extras, so that nothing is installed again until setup.cfg changes.
$(VENV)/.maild-%: $(RUN)/python setup.cfg pyproject.toml
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	@touch $@

demo: $(VENV)/.maild-demo ## play a conversation with an embedded desk, then stay up until Ctrl-C
	$(RUN)/maild demo $(DEMO)

check: lint types contracts test ## all of CI

lint: $(VENV)/.maild-test ## style and spelling
	$(RUN)/ruff check
	$(RUN)/ruff format --check
	$(RUN)/codespell

types: $(VENV)/.maild-test ## mypy --strict
	$(RUN)/mypy

contracts: $(VENV)/.maild-test ## which room may import which
	$(RUN)/lint-imports

test: $(VENV)/.maild-test ## all tests but the long ones; TESTS=tests/unit/sla for some
	$(RUN)/python -m pytest -n $(WORKERS) --dist worksteal -m 'not soak' $(TESTS)

soak: $(VENV)/.maild-test ## the tests that run for long, and properties on other examples
	-$(RUN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]' # not for every machine
	$(RUN)/python -m pytest -m soak $(TESTS)
	MAILD_EXPLORE=1 $(RUN)/python -m pytest -m 'hypothesis and not soak' $(TESTS)

bench: $(VENV)/.maild-test ## figures of docs/performance.md
	$(RUN)/python -m bench $(BENCH)

cover: $(VENV)/.maild-test ## branch coverage; fails under 90 %
	$(RUN)/coverage erase
	$(RUN)/coverage run -m pytest -m 'not soak' $(TESTS)
	$(RUN)/coverage combine --quiet
	$(RUN)/coverage report --fail-under=90

figures: $(VENV)/.maild-test ## how long functions and modules are
	$(RUN)/python -m tests.house.figures

docs: $(VENV)/.maild-test ## write the pages that are made from the program
	$(RUN)/python -m tests.house.pages

clean: ## remove what was built, but not $(VENV)
	rm -rf build dist *.egg-info .coverage .coverage.* htmlcov .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
