# Everything here needs Python 3.11 or newer and make, and nothing else: what is missing is installed into .venv
# (Node too), except Chromium, which comes from apt where that is to be had.
#
#   make lab     open the tour in JupyterLab
#   make test    run all tests, those in a real browser included
#   make check   run the quick ones: no browser, no notebook, nothing that takes long
#   make lint    the checks of .pre-commit-config.yaml, without changing anything
#   make format  let the formatters change the files
#   make dist    wheel and sdist in dist/
#   make page    the page that paints, in docs/page/: any server of plain files can show it
#   make pictures   the pictures of the documentation, in docs/pictures/
#   make docs    the documentation as a site in docs/_build/, with the page that paints in it
#   make release-check   build wheel and sdist, and try them in empty environments
#   make prove   the slow counts: many more random examples, and the benchmarks into benchmarks/results/
#   make evidence   the benchmarks alone, going on where an interrupted run was; EVIDENCE_ARGS=--list says which

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
# Commands of the environment come first; Node is in there where the machine has none.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PIP := $(BIN)/python -m pip --quiet

# The kernels besides the newest that the widgets are tested on: 6.x has no subshells, 7.0-7.3 routes comms its own way.
KERNELS := 6.31.0 7.3.0
KERNEL_STAMPS := $(KERNELS:%=.make/kernels/%/.done)
# Not npm's own .package-lock.json: building the bundle installs the bundler alone and writes that too.
JS_STAMP := .make/js

# Opening a browser as root, as in a container, has to be asked for.
LAB_ARGS ?= --LabApp.news_url= $(if $(filter 0,$(shell id -u)),--allow-root)
PYTEST_ARGS ?=
EVIDENCE_ARGS ?=
# Two workers, each with whole files; see tests/conftest.py for their order.
PARALLEL := -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: help lab test check lint format dist page pictures docs release-check prove evidence lint-js bundle chromium clean

help:
	@sed -n 's/^#   //p' Makefile

lab: .make/venv bundle
	$(BIN)/python -m jupyterlab $(LAB_ARGS) notebooks/00_tour.ipynb

test: .make/venv bundle $(JS_STAMP) $(KERNEL_STAMPS) chromium
	cd js && npm test
	$(BIN)/python -m pytest $(PARALLEL) $(PYTEST_ARGS)

check: .make/venv bundle $(JS_STAMP)
	cd js && npm test
	$(BIN)/python -m pytest $(PARALLEL) -m "not browser and not slow" $(PYTEST_ARGS)

lint: .make/venv $(JS_STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory lint-js

lint-js: $(JS_STAMP)
	cd js && npm run check

format: .make/venv $(JS_STAMP)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	cd js && npm run fix

dist: .make/venv
	rm -rf dist
	$(BIN)/python -m build

page: .make/venv $(JS_STAMP)
	$(BIN)/python docs/build_page.py

pictures: page bundle chromium
	$(BIN)/python docs/pictures.py

docs: page
	$(BIN)/python -m sphinx -q -W --keep-going -b html docs docs/_build
	cp -r docs/page docs/_build/

release-check: .make/venv bundle $(JS_STAMP)
	$(PIP) install --constraint constraints.txt build twine uv
	$(BIN)/python .ci/release_check.py

prove: .make/venv bundle $(JS_STAMP) $(KERNEL_STAMPS) chromium
	$(PIP) install --constraint constraints.txt --editable '.[ray]'
	HYPOTHESIS_PROFILE=prove $(BIN)/python -m pytest $(PARALLEL) $(PYTEST_ARGS)
	$(BIN)/python -m benchmarks.evidence

evidence: .make/venv
	$(BIN)/python -m benchmarks.evidence $(EVIDENCE_ARGS)

# What the recipes stand on. torch goes first, alone: its pinned build then satisfies everybody else's range.
.make/venv: pyproject.toml constraints.txt hatch_build.py
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --constraint constraints.txt torch hatchling hatch-jupyter-builder
	node=$$($(BIN)/python hatch_build.py node) && { test -z "$$node" || $(PIP) install "$$node"; }
	$(PIP) install --constraint constraints.txt --editable '.[lab,dev]'
	@mkdir -p .make && touch $@

bundle: .make/venv
	@$(BIN)/python hatch_build.py

$(JS_STAMP): js/package-lock.json | .make/venv
	cd js && npm ci
	@touch $@

.make/kernels/%/.done: | .make/venv
	$(PIP) install --no-deps --target $(@D) ipykernel==$* nest-asyncio==1.6.0
	@touch $@

chromium:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
	  sudo=; test "$$(id -u)" = 0 || sudo="sudo -n"; \
	  command -v apt-get >/dev/null && $$sudo apt-get update -qq </dev/null \
	    && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends chromium </dev/null >/dev/null; \
	} || { echo "no Chromium and no way to install it: the tests in the browser are skipped"; test -z "$${CI:-}"; }

clean:
	rm -rf $(VENV) .make dist docs/page docs/_build js/node_modules guidewidgets/widgets/static e2e-artifacts
