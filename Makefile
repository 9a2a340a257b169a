# One environment, .venv, made by python3 and pip alone; every target uses it and makes it if needed.
# Another interpreter: make PYTHON=python3.12 ...   (then "make clean" first if .venv exists)

PYTHON ?= python3
VENV ?= .venv
SOAK_MINUTES ?= 1
PYTEST_ARGS ?=
BENCH_ARGS ?=
MUTATE ?= docsearch_cli --sample 100

PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
BASE := $(VENV)/.base-installed
DEV := $(VENV)/.dev-installed
CI := $(VENV)/.ci-installed
DOCS := $(VENV)/.docs-installed
TESTS = $(wildcard tests/unit tests/integration)

# Parts of the package whose every branch their own unit tests take: folders, or modules without .py.
COVERED := engine runs explore/plan
COVERING = $(foreach part,$(COVERED),$(wildcard tests/unit/$(part)/test_*.py tests/unit/$(dir $(part))test_$(notdir $(part))*.py))
COMMA := ,
EMPTY :=
COVERED_FILES = $(subst $(EMPTY) ,$(COMMA),$(strip $(foreach part,$(COVERED),docsearch_cli/$(part)/* docsearch_cli/$(part).py)))

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: help install demo test coverage check lint type fmt bench soak mutate workflows help-check help-update man docs golden-update picture build clean

help:  ## Show this help
	@echo "docsearch: budgeted exploration of a document graph"
	@echo
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | \
		while IFS='|' read -r name text; do printf '%-18s %s\n' "$$name" "$$text"; done

# The base environment: what a user gets. pip is renewed first, because --group needs 25.1.
$(BASE): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "docsearch needs Python 3.11 or newer, this is " + sys.version.split()[0] + ": try make PYTHON=python3.12")'
	@echo "making $(VENV) and installing docsearch into it"
	@$(PY) -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@$(PIP) install --upgrade 'pip>=25.1'
	@$(PIP) install --editable .
	@touch $@

$(DEV): $(BASE)
	@echo "installing the tools for development"
	@$(PIP) install --group dev --group semantic
	@$(PIP) install --force-reinstall --no-deps docstring-parser-fork  # a model's client brings its namesake, which pydoclint cannot use
	@touch $@

$(CI): $(BASE)
	@echo "installing the tools that check the workflows"
	@$(PIP) install --group ci
	@touch $@

$(DOCS): $(DEV)
	@echo "installing the tools that build the documentation"
	@$(PIP) install --group docs
	@touch $@

install: $(DEV)  ## Make .venv with docsearch and the tools for development

demo: $(BASE)  ## Index a sample corpus, ask a simple and a deep question, replay one step
	@rm -rf .demo && mkdir .demo && printf '*\n' > .demo/.gitignore
	@set -eu; unset DOCSEARCH_INDEX; export PATH="$(abspath $(VENV))/bin:$$PATH"; cd .demo; \
	run() { \
		printf '\n$$ docsearch'; \
		for word in "$$@"; do case $$word in *' '*) printf ' "%s"' "$$word";; *) printf ' %s' "$$word";; esac; done; \
		printf '\n'; docsearch "$$@"; \
	}; \
	run index ../corpora/fenwick/docs; \
	run ask "Until when did paying customers get security patches for the last 2.x line?" --simple; \
	run ask "After a power cut on XFS we got FW-2110 though the data was fine. Which release contains the fix?" --deep; \
	id=$$(docsearch runs list --limit 1 --json | \
		python -c 'import json, sys; print(json.load(sys.stdin)["data"]["runs"][0]["run_id"])'); \
	run replay "$$id" --step 6; \
	printf '\nThat was docsearch. The index is in .demo; "cd .demo" and "../$(VENV)/bin/docsearch" ask more.\n'

# With BESIDE_COVERAGE set, without those that "make coverage" runs.
test: $(DEV)  ## Run the tests
	$(PY) -m pytest $(TESTS) $(if $(BESIDE_COVERAGE),$(addprefix --ignore=,$(COVERING))) $(PYTEST_ARGS)

coverage: $(DEV)  ## Check that the unit tests of what COVERED names take its every branch
	@$(PY) -m coverage erase
	$(PY) -m coverage run -m pytest $(COVERING) $(PYTEST_ARGS)
	@$(PY) -m coverage combine --quiet
	$(PY) -m coverage report --fail-under=100 --include='$(COVERED_FILES)'

check: lint type help-check docs coverage  ## Everything that .ci/run checks
	@$(MAKE) test BESIDE_COVERAGE=1

lint: $(DEV)  ## Check style: ruff, formatting, docstrings
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(VENV)/bin/pydoclint --quiet docsearch_cli

type: $(DEV)  ## Check types: mypy, strict
	$(PY) -m mypy

fmt: $(DEV)  ## Format the code and fix what ruff can fix
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

# The last four take larger files and corpora, more runs and what --install fetches when they are
# run alone.
bench: $(DEV)  ## Measure start-up, indexing, engine, warm calls, recall, routing, answers, what a model and what an agent gains, reading, scale (needs ../shared/eval; minutes)
	@failed=; for name in startup index keyword engine warm recall routing not_found answers ablation \
			"budget --limit 100" "ceiling --limit 10 --agents 5,20" "saves --limit 20" \
			cluster "reading --scale .1" "scale --quick" "update --quick" "others --builds 1 --questions 20"; do \
		$(PY) -m tests.bench.bench_$$name $(BENCH_ARGS) || failed="$$failed $$name"; \
	done; \
	if [ -n "$$failed" ]; then echo "missed a target or failed:$$failed"; exit 1; fi

soak: $(DEV)  ## Random corpora for SOAK_MINUTES (default 1), workers killed at random, other examples
	$(PY) -m tests.bench.soak.soak_workers --minutes $(SOAK_MINUTES)
	$(PY) -m tests.bench.soak.soak_kills
	$(PY) -m tests.bench.soak.soak_limits --minutes $(SOAK_MINUTES)
	$(PY) -m tests.bench.soak.soak_forgeries
	$(PY) -m tests.bench.soak.soak_resume --minutes $(SOAK_MINUTES)
	$(PY) -m tests.bench.soak.soak_money --minutes $(SOAK_MINUTES)
	$(PY) -m tests.bench.soak.soak_pool
	$(PY) -m tests.bench.soak.soak_cluster
	$(PY) -m tests.bench.soak.soak_signals --minutes $(SOAK_MINUTES)
	$(PY) -m tests.bench.soak.soak_readers --minutes $(SOAK_MINUTES)
	$(PY) -m tests.bench.soak.soak_patterns --minutes $(SOAK_MINUTES)
	SOAK=1 $(PY) -m pytest --quiet $(shell grep -rl --include='test_*.py' 'in_soak\|usual_or_soak' tests)
	$(PY) -m pytest --quiet --hypothesis-profile=random tests/unit

workflows: $(CI)  ## Check .github: schemas, and what zizmor knows of unsafe workflows; offline
	$(VENV)/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(VENV)/bin/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(VENV)/bin/zizmor --quiet --offline --persona pedantic .github

mutate: $(DEV)  ## Break the code in places drawn by chance and see that a test fails (MUTATE="docsearch_cli/explore --sample 40")
	$(PY) -m tests.bench.mutate $(MUTATE)

help-check: $(DEV)  ## Compare every --help with tests/fixtures/help, the manual page, docs/reference
	@$(PY) tests/unit/test_help.py check
	@$(PY) -m tests.manual check
	@$(PY) -m tests.reference_pages check

help-update: $(DEV) man  ## Write every --help to tests/fixtures/help, the manual page, docs/reference
	@$(PY) tests/unit/test_help.py update
	@$(PY) -m tests.reference_pages update

man: $(DEV)  ## Write docs/docsearch.1 from the help
	@$(PY) -m tests.manual update

docs: $(DOCS)  ## Build the documentation into build/site; offline, warnings are errors
	@$(PY) -m tests.docs_site build/site

golden-update: $(DEV)  ## Write what searches and a user's session give to tests/fixtures
	@$(PY) -m tests.golden update
	@$(PY) -m tests.terminals update >/dev/null

picture: $(DEV)  ## Draw the pictures of the README from a real run and from docs/benchmarks.md
	@$(PY) -m tests.bench.draw_picture .github

build: $(DEV)  ## Build the source archive and the wheel into dist/
	@$(PIP) install build
	rm -rf dist
	$(PY) -m build --outdir dist .

clean:  ## Remove what make made, .venv included; measured results stay
	rm -rf $(VENV) .demo dist build *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
	find docsearch_cli tests -name __pycache__ -type d -prune -exec rm -rf {} +
