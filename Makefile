# faldone: every day-to-day command. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PAGES ?= 60
HOME_DIR ?= demo-home
PYTHON := .venv/bin/python
SCREENS := acquisizione da-rivedere risultati documento fascicolo storia-documento statistiche

##@ Provare · try
.PHONY: demo
demo: ## installs what is missing, puts a box of made-up scans through the archive, says what to try
	@tools/setup demo
	@.venv/bin/faldone demo --home "$(HOME_DIR)" --pages $(PAGES)

.PHONY: demo-elasticsearch
demo-elasticsearch: setup ## the demo on a real Elasticsearch node, started for it and ended after it
	@$(PYTHON) -m tests.elasticsearch_node.demo --home demo-elasticsearch-home --pages $(PAGES)

.PHONY: run
run: ## the demo's home, served on 127.0.0.1:8080: watches its inbox and works until Ctrl-C
	@tools/setup run
	@[ -e "$(HOME_DIR)/faldone.toml" ] || .venv/bin/faldone init --home "$(HOME_DIR)"
	@.venv/bin/faldone run --home "$(HOME_DIR)"

##@ Verificare · check
.PHONY: test
test: setup ## installs what is missing and passes all tests, real servers included
	$(PYTHON) -m pytest

.PHONY: quick
quick: setup ## the tests that take seconds
	$(PYTHON) -m pytest -q -m "not slow and not redis and not elasticsearch"

.PHONY: lint
lint: setup ## ruff, mypy and the import contracts
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports

.PHONY: check
check: lint test ## lint, types, import contracts and tests: what CI runs

.PHONY: bench
bench: setup ## pages per second against bare tesseract, and memory against the length of a PDF
	$(PYTHON) -m tests.bench.throughput
	$(PYTHON) -m tests.bench.memory

.PHONY: bench-ocr
bench-ocr: setup ## recognition: pages a second, errors, codes, confidence, text layers, both engines (REAL=folder: real scans too)
	$(PYTHON) -m tests.bench.throughput
	$(PYTHON) -m tests.bench.reading $(if $(REAL),--real "$(REAL)")
	$(PYTHON) -m tests.bench.born_digital
	$(PYTHON) -m tests.bench.engines

.PHONY: bench-quality
bench-quality: setup ## how well a box of made-up dossiers is read, against its truth
	$(PYTHON) -m tests.bench.quality

.PHONY: bench-filing
bench-filing: setup ## filing by person and service: against what is asked, on papers from another hand, and with a register of 200 000
	$(PYTHON) -m tests.bench.filing
	$(PYTHON) -m tests.bench.otherhand --documents 2000 --seed 31
	$(PYTHON) -m tests.bench.otherhand --documents 2000 --seed 31 --without-register
	$(PYTHON) -m tests.bench.register
	$(PYTHON) -m tests.bench.train

.PHONY: bench-intake
bench-intake: setup ## a burst of files, very long files, time to a verdict, sheets, blank backs, bad scans, sheets scanned twice
	$(PYTHON) -m tests.bench.burst
	$(PYTHON) -m tests.bench.long_files
	$(PYTHON) -m tests.bench.verdict
	$(PYTHON) -m tests.bench.sheets
	$(PYTHON) -m tests.bench.blanks
	$(PYTHON) -m tests.bench.gate
	$(PYTHON) -m tests.bench.likeness

.PHONY: bench-search
bench-search: setup ## search over made-up documents: indexing, questions, access, rebuild (DOCUMENTS=1000000, ENGINE=elasticsearch)
	$(PYTHON) -m tests.bench.search --facets --documents $(or $(DOCUMENTS),100000) --engine $(or $(ENGINE),tantivy)

.PHONY: bench-web
bench-web: setup ## the web app on many documents: search, viewer, review, fifty people at once (DOCUMENTS=100000)
	$(PYTHON) -m tests.bench.web --documents $(or $(DOCUMENTS),100000)

.PHONY: screenshots
screenshots: setup demo ## every screen on the demo's archive looked at, and the pictures of the documents taken anew
	$(PYTHON) -m tests.browser.screens --home $(HOME_DIR) --out .cache/screens
	cd .cache/screens && cp $(SCREENS:=.png) ../../docs/img/screens/

.PHONY: faults
faults: setup ## kill -9 at every named point of intake, and three hundred times at random
	$(PYTHON) -m tests.faults.points --random 300

##@ Lavorare · work on it
.PHONY: setup
setup: ## installs what the tests need
	@tools/setup test

.PHONY: fmt
fmt: setup ## formats the code
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

.PHONY: lock
lock: ## renews the lock files (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --extra dev pyproject.toml -o requirements-dev.lock

.PHONY: clean
clean: ## removes the environment, the demo's home and caches
	rm -rf .venv demo-home assets/node_modules src/faldone/web/static tests/oidc_server/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.PHONY: help
help: ## this list
	@awk 'BEGIN {FS = ":.*##"} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*##/ {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
