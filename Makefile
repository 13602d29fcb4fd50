VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/pytest -n 3 --dist loadscope --no-loadscope-reorder
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11,\
	$(shell $(p) -c '$(SUPPORTED)' 2>/dev/null && echo $(p))))

PIP := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt
# uv takes a third of the time, but knows nothing of the index and certificates that pip is set to.
define install
	@$(PIP) uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --editable '$(1)' \
		|| { echo "uv could not install the packages: trying pip"; $(PIP) --editable '$(1)'; }
endef
# Compiles the modules of a run; all modules of all packages would take twice as long.
COMPILE := from pipeline.runtime import import_libraries; import flows.end_to_end, \
	prefect.server.api.server; import_libraries()

unexport PYTHONDONTWRITEBYTECODE # or each process of the tests compiles the sources again

.PHONY: run test test-long test-all lint bench

run: $(VENV)/compiled ## crawl the demo site, train, evaluate; print the report's path
	@$(BIN)/review-sentiment run

test: $(VENV)/compiled ## pass all tests but the long ones
	$(PYTEST) -m "not long"

test-long: $(VENV)/compiled ## pass the long tests: whole flows again and again, kills, schedules
	$(PYTEST) -m long

test-all: $(VENV)/compiled ## pass all tests; the long ones wait more than they compute
	$(PYTEST) -n 4

lint: $(VENV)/installed ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/installed ## measure; needs the movie reviews, see tests/benchmarks/README.md
	$(call install,.[bench])
	$(BIN)/python -m tests.benchmarks.accuracy
	$(BIN)/python -m tests.benchmarks.tokenize
	$(BIN)/python -m tests.benchmarks.tokenize_many
	$(BIN)/python -m tests.benchmarks.train_speed
	$(BIN)/python -m tests.benchmarks.crawl
	$(BIN)/python -m tests.benchmarks.crawl --shape api --connections 8

$(VENV)/installed: constraints.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "error: Python 3.11, 3.12 or 3.13 is needed; name yours: make PYTHON=..." >&2; exit 2; }
	@echo "setting up $(VENV) with $(PYTHON) (once, a minute or more)"
	@$(PYTHON) -m venv --clear $(VENV)
	$(call install,.[dev])
	@touch $@

$(VENV)/compiled: $(VENV)/installed
	@PREFECT_HOME=$(VENV) $(BIN)/python -c "$(COMPILE)" # else Prefect would make ~/.prefect
	@touch $@
