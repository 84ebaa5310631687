.DEFAULT_GOAL := help
.PHONY: help setup lab lab-destroy test lint unit contract browser molecule bench reference build clean

VENV ?= .venv
export VENV

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Create the virtual environment
	@scripts/setup.sh

lab: ## Create seven container hosts and deploy the cluster on them
	@scripts/lab.sh

lab-destroy: ## Remove the lab
	@scripts/lab.sh destroy

test: ## Run every check: lint, unit, contract and browser tests, Molecule scenarios
	@scripts/test.sh

lint: setup ## Run the linters
	@scripts/lint.sh

unit: setup ## Run the unit tests
	@scripts/unit.sh

contract: setup ## Load the configuration of ClickHouse in real engines
	@scripts/contract.sh

browser: setup ## Show the health page in a headless Chromium
	@scripts/browser.sh

molecule: setup ## Run the Molecule scenarios, or those in SCENARIO="a b"
	@scripts/docker.sh
	@scripts/molecule.sh $(SCENARIO)

bench: setup ## Measure the cost of a run that changes nothing
	@scripts/bench.sh

reference: setup ## Write the tables of variables in the READMEs of the roles
	@$(VENV)/bin/python tests/tools/role_reference.py

build: setup ## Build the collection into build/
	@$(VENV)/bin/ansible-galaxy collection build --force --output-path build

clean: ## Remove the output of builds and tests, but not the lab
	@rm -rf build .cache/test .cache/molecule .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +
