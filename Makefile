.DEFAULT_GOAL := help
.PHONY: help setup lab lab-destroy test lint unit molecule bench build clean

VENV ?= .venv
export VENV

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make the virtual environment
	@scripts/setup.sh

lab: ## Bring up seven container hosts and the whole cluster on them
	@scripts/lab.sh

lab-destroy: ## Remove the lab and its facts
	@scripts/lab.sh destroy

test: ## Run every check: lint, unit tests, Molecule scenarios
	@scripts/test.sh

lint: setup ## Run the linters
	@scripts/lint.sh

unit: setup ## Run the unit tests
	@scripts/unit.sh

molecule: setup ## Run the Molecule scenarios, or those in SCENARIO="a b"
	@scripts/docker.sh
	@scripts/molecule.sh $(SCENARIO)

bench: setup ## Measure
	@scripts/bench.sh

build: setup ## Build the collection into build/
	@$(VENV)/bin/ansible-galaxy collection build --force --output-path build

clean: ## Remove what building and testing left behind; the lab stays
	@rm -rf build .cache/test .cache/molecule .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +
