# Everything below works in a fresh clone. `make` alone tells what there is.

# The first Python that is new enough; another one: make PYTHON=/path/to/python3 ...
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$python"; break; }; done)
# Options for what the target runs: make demo ARGS="--once --port 0"
ARGS ?=
INSTALL = "$(or $(PYTHON),$(error Earmark needs Python 3.11 or newer: install it, or name one with make PYTHON=/path/to/python3))" requirements/install.py

.PHONY: help setup demo test lint screenshots results acceptance clean

help: ## What there is to make
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

setup: ## Create .venv with the earmark command
	@$(INSTALL)

demo: ## Earmark and Label Studio with sample videos, until Ctrl-C (ARGS=--once: check and leave)
	@$(INSTALL) --label-studio --demo $(ARGS)
	@exec .venv/bin/python -m earmark demo $(ARGS)

test: ## All tests, those against a real Label Studio too (ARGS: pytest's)
	@$(INSTALL) --label-studio
	@exec .venv/bin/python -m pytest $(ARGS)

lint: ## Style, types, Dockerfile and compose files
	@$(INSTALL)
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/hadolint Dockerfile
	.venv/bin/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml deploy/workers.compose.yaml

screenshots: ## Take the pictures in docs/ anew, in a running demo of its own
	@$(INSTALL) --label-studio
	EARMARK_SCREENSHOTS=docs .venv/bin/python -m pytest tests/end_to_end/test_browser.py tests/end_to_end/test_page.py

results: ## docs/results.md anew, from docs/results/ (ARGS="--measure --data FOLDER": measure what is missing)
	@$(INSTALL)
	@exec .venv/bin/python -m acceptance.results $(ARGS)

acceptance: ## Longer evidence, some hours: one script a promise (acceptance/)
	@$(INSTALL) --label-studio
	@exec .venv/bin/python -m acceptance

clean: ## Remove the environments and the demo's data
	rm -rf .venv .venv-labelstudio .earmark *.egg-info
