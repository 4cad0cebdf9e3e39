MAKEFLAGS += --no-print-directory
COMPLETE := .venv/complete
# Given on the command line, never taken from the environment.
VENV = build/runtime
ARGS =
# Tests of one file share what they set up, so a file stays on one process. Files go in the order of their
# folders: the long ones of e2e first, the short ones of unit last.
WORKERS = -n 2 --dist loadfile --no-loadscope-reorder

# A moved checkout or a vanished interpreter leaves .venv unusable: make it anew.
$(shell grep -qsxF "$(CURDIR)" $(COMPLETE) && .venv/bin/python -c '' 2>/dev/null || rm -f $(COMPLETE))

.PHONY: help install demo test test-fast coverage check fuzz bench bench-scale bench-peers docs lock wheel install-runtime clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(COMPLETE) ## .venv with everything, pinned and hash-checked (PYTHON=python3.12 to choose one)

$(COMPLETE): requirements-dev.lock pyproject.toml
	@.ci/venv .venv requirements-dev.lock --no-build-isolation --editable .

demo: install ## the whole chain here and now: Neo4j and a small model, no key, no Docker (ARGS="...")
	@.venv/bin/glan demo $(ARGS)

test: install ## all tests, on two processes with a Neo4j each (ARGS="-k name", ARGS="-n 0 -x")
	@.venv/bin/pytest $(WORKERS) $(ARGS)

test-fast: install ## of tests/unit what needs no patience: half a minute
	@.venv/bin/pytest tests/unit $(WORKERS) -m "not neo4j and not slow" $(ARGS)

coverage: install ## all tests, and the lines that none of them runs; fails below the floor
	@rm -f .coverage .coverage.*
	@.venv/bin/pytest $(WORKERS) --cov --cov-report=term:skip-covered $(ARGS)

check: install ## lint, format, types, direction of imports, dependencies, CI's own files
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/basedpyright
	.venv/bin/lint-imports
	.venv/bin/deptry .
	.venv/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	.ci/lowest

fuzz: install ## schemathesis against the service for so long (SECONDS=600)
	@FUZZ_S=$(or $(SECONDS),600) .venv/bin/pytest tests/service/test_schemathesis.py $(ARGS)

bench: install ## measure, write docs/benchmarks.md, fail where a goal is missed (ARGS="--only generation")
	@.venv/bin/python tests/bench/report.py $(ARGS)

bench-scale: install ## a tenth of the paper's graph loaded and measured (ARGS="--scale 1.0", "--keep FOLDER")
	@.venv/bin/python tests/bench/bench_scale.py $(ARGS)

bench-peers: install ## other generators from PyPI on the same endpoint, each in an environment of its own
	@.venv/bin/python tests/bench/bench_peers.py $(ARGS)

docs: install ## write docs/reference from the code
	@.venv/bin/python docs/reference.py

lock: install ## pin again what pyproject.toml asks for (ARGS=--upgrade: the newest)
	@.ci/lock $(ARGS)

wheel: ## build the wheel into dist/
	@.ci/venv build/venv .ci/build.lock
	@rm -f dist/glan-*.whl
	@build/venv/bin/hatchling build --target wheel

install-runtime: wheel ## what production runs, pinned and hash-checked, into VENV=folder; the image is made so
	@.ci/venv "$(VENV)" requirements.lock --no-index --force-reinstall dist/glan-*.whl

clean: ## remove .venv and everything built or cached in this folder
	rm -rf .venv build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find service generators graph cypher tests -name __pycache__ -type d -prune -exec rm -rf {} +
