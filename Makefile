# Steward's tasks. `make` alone lists them.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PYTHON ?= python3

.DEFAULT_GOAL := help
.PHONY: help setup tools run screenshots test api-fuzz chaos soak check bench bench-quick sbom lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## Install everything into .venv; the command is then .venv/bin/steward

$(STAMP): requirements/dev.txt requirements/install.sh pyproject.toml
	@PYTHON="$(PYTHON)" sh requirements/install.sh $(VENV)
	@touch $@

tools: $(VENV)/.tools ## Get promtool, kubectl, checkov and Chromium for the tests

$(VENV)/.tools: $(STAMP) requirements/tools.py requirements/lint.txt
	@$(BIN)/python requirements/tools.py $(VENV)/tools && touch $@ || \
		echo "make: without these programs the tests of deploy/ and the console are left out" >&2

run: setup ## Stream a sample day through everything and watch it (ONCE=1: then end)
	@$(BIN)/steward demo $(if $(filter 1,$(ONCE)),--once)

screenshots: setup tools ## Picture every page of the console on the sample day: docs/console/
	@$(BIN)/python -m tests.e2e.screenshots

test: setup tools ## Run every test, on a real Kafka and MongoDB
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest -n 2 --dist loadfile

api-fuzz: setup ## Send 10,000 requests of every shape to the services
	@STEWARD_TEST_FUZZ_REQUESTS=10000 $(BIN)/pytest -q tests/integration/api/test_fuzz.py

chaos: setup ## Break things under load and count what is lost (KILLS=20, SEED=1, PACE=1): build/chaos.json
	@$(BIN)/python -m tests.chaos

soak: setup ## Steady load for MINUTES=20, and whether memory and files stay flat: build/soak.json
	@$(BIN)/python -m tests.soak

check: setup ## Lint, check types, security, the architecture and the links of the documents
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/bandit -q -c pyproject.toml -r services shared steward
	@$(BIN)/pytest -q tests/unit/test_architecture.py tests/unit/test_links.py

bench: setup $(VENV)/.peers ## Measure everything, in 15 minutes: build/bench.json, docs/benchmarks.md
	@$(BIN)/python -m bench

bench-quick: setup ## Measure a little of everything, in 2½ minutes: build/bench.json
	@STEWARD_BENCH_QUICK=1 $(BIN)/python -m bench

$(VENV)/.peers: $(STAMP) requirements/peers.txt
	@$(BIN)/python -m venv --clear $(VENV)/peers && $(VENV)/peers/bin/pip install --quiet \
		--disable-pip-version-check --require-hashes -r requirements/peers.txt && touch $@ || \
		echo "make: without FastStream and Quix Streams, their figures are left out" >&2

sbom: setup ## Write the bill of materials to build/sbom.json (CycloneDX)
	@mkdir -p build
	@$(BIN)/cyclonedx-py requirements requirements/run.txt --of JSON -o build/sbom.json

lock: setup ## Choose the newest versions of the requirements and pin them with their hashes
	@$(BIN)/pip install --quiet --upgrade uv
	@cd requirements && for name in dev run peers lint; do \
		../$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
			--generate-hashes --no-emit-index-url --no-emit-find-links \
			--custom-compile-command 'make lock' $$name.in -o $$name.txt \
			$$([ $$name = run ] && echo -c dev.txt) || exit; \
	done

clean: ## Remove what checks, tests and benchmarks leave behind; data in var/ stay
	@rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
