# Every command of the project. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help run spark query metric journey dashboard dev rollback publish-postgres test test-spark soak fuzz faults readers bench docs lint audit clean environment

LANDING ?= $(or $(CAMPAIGN_LANDING),seeds/sample)
WAREHOUSE ?= $(or $(CAMPAIGN_WAREHOUSE),warehouse)
PORT ?= 3000
# The interpreter that makes .venv: empty picks the first of python3.12, python3.11, python3 that works.
PYTHON ?=

VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
BENCH_VENV := .venv-bench
BENCH_INSTALLED := $(BENCH_VENV)/.installed
AUDIT_VENV := .venv-audit
AUDIT_INSTALLED := $(AUDIT_VENV)/.installed
DOCS_VENV := .venv-docs
DOCS_INSTALLED := $(DOCS_VENV)/.installed
SPARK_VENV := .venv-spark
SPARK_INSTALLED := $(SPARK_VENV)/.installed

export CAMPAIGN_LANDING := $(LANDING)
export CAMPAIGN_WAREHOUSE := $(WAREHOUSE)
export SQL QUERY JOURNEY
export DAGSTER_DISABLE_TELEMETRY := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

run: $(INSTALLED) ## Load LANDING (seeds/sample), build, audit and publish into WAREHOUSE (warehouse)
	@$(PY) -m orchestration.run $(ARGS)

spark: $(SPARK_INSTALLED) ## As run, with the models built by Spark
	@CAMPAIGN_ENGINE=spark $(SPARK_VENV)/bin/python -m orchestration.run $(ARGS)

query: $(INSTALLED) ## Ask the published warehouse, e.g. make query SQL="select * from campaigns"
	@$(PY) -m orchestration.query "$${SQL}"

metric: $(INSTALLED) ## Ask by name, e.g. make metric QUERY="--metrics revenue --group-by campaign"; alone: lists names
	@$(PY) -m orchestration.metric "$${QUERY}"

journey: $(INSTALLED) ## Draw a journey of the published warehouse, e.g. make journey JOURNEY=webinar
	@$(PY) -m dashboards.journey "$${JOURNEY}"

dashboard: $(INSTALLED) ## Draw the dashboard of the published warehouse again
	@$(PY) -m dashboards

dev: $(INSTALLED) ## Open the Dagster UI on 127.0.0.1:PORT (3000), with runs, lineage and the nightly schedule
	@$(PY) -m orchestration.dev --port $(PORT)

rollback: $(INSTALLED) ## Link the published warehouse before the present one
	@$(PY) -m orchestration.publish --back

publish-postgres: $(INSTALLED) ## Publish the linked night to the database of CAMPAIGN_POSTGRES_URL
	@$(PY) -m orchestration.publish --to-postgres

test: $(INSTALLED) ## Run every test
	@echo "Running the tests (pytest, 2 processes) ..."
	@$(PY) -m pytest -n 2 $(ARGS)

test-spark: $(SPARK_INSTALLED) ## Run the tests of the Spark engine: every mart equals DuckDB's
	@echo "Running the tests of Spark ..."
	@$(SPARK_VENV)/bin/python -m pytest tests/spark $(ARGS)

soak: $(INSTALLED) ## Replay random sequences of nights for MINUTES (10), from SEED (1) on, against rebuilds
	@$(PY) -m tests.nights.soak --minutes $(or $(MINUTES),10) --seed $(or $(SEED),1) $(ARGS)

fuzz: $(INSTALLED) ## Load FILES (10000) hostile files, made from SEED (1), and look that none does harm
	@$(PY) -m tests.fuzz --files $(or $(FILES),10000) --seed $(or $(SEED),1) $(ARGS)

faults: $(INSTALLED) ## Kill nights KILLS (200) times, from SEED (1) on, fill disks, damage files, and look whether anything is lost
	@$(PY) -m tests.faults --kills $(or $(KILLS),200) --seed $(or $(SEED),1) $(ARGS)

readers: $(INSTALLED) ## Publish NIGHTS (20) while READERS (8) processes read, and measure what they take on disk
	@$(PY) -m tests.readers --nights $(or $(NIGHTS),20) --readers $(or $(READERS),8) $(ARGS)

bench: $(BENCH_INSTALLED) ## Measure SIZE (1m, 10m, 100m) events and write docs/benchmarks.md; also REPEATS, SEED, MEMORY, WORK
	@$(BENCH_VENV)/bin/python -m benchmarks --size $(or $(SIZE),1m) $(if $(REPEATS),--repeats $(REPEATS)) \
	  $(if $(SEED),--seed $(SEED)) $(if $(MEMORY),--memory $(MEMORY)) $(if $(WORK),--work "$(WORK)") $(ARGS)

docs: $(INSTALLED) $(DOCS_INSTALLED) ## Make the site of the documentation, site/index.html, with the rules as WAREHOUSE has them
	@echo "Gathering the pages ..." && $(PY) -m docs_site
	@echo "Making the site ..." && rm -rf site && \
	  $(DOCS_VENV)/bin/sphinx-build -W --keep-going -q -d target/docs/doctrees target/docs/pages site
	@$(PY) -m docs_site.outside site
	@echo "Open site/index.html."

lint: $(INSTALLED) ## Check the code's style and types
	@echo "ruff ..." && $(PY) -m ruff check . && $(PY) -m ruff format --check .
	@echo "mypy ..." && $(PY) -m mypy
	@echo "sqlfluff ..." && mkdir -p target/lint && CAMPAIGN_WAREHOUSE=target/lint $(PY) -m sqlfluff lint models tests/dbt

# Strict: a package that the service doesn't know, or can't be asked about, fails the audit.
audit: $(AUDIT_INSTALLED) ## Look for known vulnerabilities of requirements.lock; asks pypi.org (ARGS="-s osv": osv.dev)
	@$(AUDIT_VENV)/bin/pip-audit --strict --requirement requirements.lock --require-hashes --disable-pip \
	  --progress-spinner off $(ARGS) || { status=$$?; \
	  echo "The packages are not cleared: a vulnerability was found, or the service could not be asked." >&2; \
	  exit $$status; }

clean: ## Remove the environment and everything cached; warehouses stay
	rm -rf $(VENV) $(BENCH_VENV) $(AUDIT_VENV) $(DOCS_VENV) $(SPARK_VENV) site target logs .cache .state .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find orchestration dashboards docs_site tests -name __pycache__ -type d -prune -exec rm -rf {} +

environment: $(INSTALLED) ## Make the Python environment, .venv (the other commands do, where they need it)

# A pyenv shim may exist for a version that isn't installed: each candidate has to run, not just to be found.
$(INSTALLED): requirements.lock
	@set -e; \
	if ! $(PY) -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	  chosen=; \
	  for candidate in "$${PYTHON:-python3.12}" python3.11 python3; do \
	    if "$$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	      chosen=$$candidate; break; \
	    fi; \
	    if [ -n "$$PYTHON" ]; then break; fi; \
	  done; \
	  if [ -z "$$chosen" ]; then \
	    echo "No Python 3.11 or newer (with venv) runs here: install one, or name it: make PYTHON=/path/to/python3.12" >&2; \
	    exit 2; \
	  fi; \
	  echo "Making $(VENV) with $$("$$chosen" --version) ..."; \
	  "$$chosen" -m venv --clear $(VENV); \
	fi; \
	echo "Installing requirements.lock into $(VENV) (about a minute, once) ..."; \
	$(PY) -m pip install --quiet --require-hashes --no-deps --only-binary :all: --no-binary halo -r requirements.lock; \
	touch $(INSTALLED)

# The project's packages and, beside them, the peers that are measured. One of these has to be compiled,
# with packages of the same lock; where that fails, it is left out of what is measured.
$(BENCH_INSTALLED): requirements-bench.lock | $(INSTALLED)
	@set -e; \
	echo "Making $(BENCH_VENV) and installing requirements-bench.lock (about three minutes, once) ..."; \
	$(PY) -m venv --clear $(BENCH_VENV); \
	echo '*' > $(BENCH_VENV)/.gitignore; \
	awk '/^[a-z]/ { compiled = /^channelattribution==/ } !compiled' requirements-bench.lock > $(BENCH_VENV)/binary.txt; \
	awk '/^[a-z]/ { compiled = /^channelattribution==/ } compiled' requirements-bench.lock > $(BENCH_VENV)/compiled.txt; \
	$(BENCH_VENV)/bin/python -m pip install --quiet --require-hashes --no-deps --only-binary :all: --no-binary halo \
	  -r $(BENCH_VENV)/binary.txt; \
	echo "Compiling ChannelAttribution (about a minute) ..."; \
	$(BENCH_VENV)/bin/python -m pip install --quiet --require-hashes --no-deps --no-build-isolation \
	  --no-binary channelattribution -r $(BENCH_VENV)/compiled.txt > $(BENCH_VENV)/compiled.log 2>&1 \
	  || echo "ChannelAttribution did not compile, and is left out: $(BENCH_VENV)/compiled.log says why." >&2; \
	touch $(BENCH_INSTALLED)

# Both apart from what the project runs on, so that none decides on the others' versions.
$(AUDIT_INSTALLED): requirements-audit.lock | $(INSTALLED)
	@set -e; \
	echo "Installing requirements-audit.lock into $(AUDIT_VENV) ..."; \
	$(PY) -m venv --clear $(AUDIT_VENV); \
	echo '*' > $(AUDIT_VENV)/.gitignore; \
	$(AUDIT_VENV)/bin/python -m pip install --quiet --require-hashes --no-deps --only-binary :all: \
	  -r requirements-audit.lock; \
	touch $(AUDIT_INSTALLED)

$(DOCS_INSTALLED): requirements-docs.lock | $(INSTALLED)
	@set -e; \
	echo "Installing requirements-docs.lock into $(DOCS_VENV) ..."; \
	$(PY) -m venv --clear $(DOCS_VENV); \
	echo '*' > $(DOCS_VENV)/.gitignore; \
	$(DOCS_VENV)/bin/python -m pip install --quiet --require-hashes --no-deps --only-binary :all: \
	  -r requirements-docs.lock; \
	touch $(DOCS_INSTALLED)

# pyspark comes as source alone, which needs no compiler.
$(SPARK_INSTALLED): requirements-spark.lock | $(INSTALLED)
	@set -e; \
	echo "Making $(SPARK_VENV) and installing requirements-spark.lock, with Spark and Java (about three minutes, once) ..."; \
	$(PY) -m venv --clear $(SPARK_VENV); \
	echo '*' > $(SPARK_VENV)/.gitignore; \
	$(SPARK_VENV)/bin/python -m pip install --quiet --require-hashes --no-deps --only-binary :all: \
	  --no-binary halo,pyspark -r requirements-spark.lock; \
	touch $(SPARK_INSTALLED)
