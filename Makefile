# The two commands: `make model` and `make test`. Both make .venv first, from hashed pins; nothing else is needed.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
OUT ?= build/model

.PHONY: model test lint format types sample benchmarks clean

model: $(READY)
	$(BIN)/seefud build data/product3.csv data/user3.csv --out $(OUT) --demo data/arrivals.csv

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(READY)
	$(BIN)/mypy

sample: $(READY)
	$(BIN)/python data/generate.py --out data

benchmarks: $(READY)
	$(BIN)/python benchmarks/run.py

# pip checks every download against the lock; the packages of this project are installed editable, without the network.
$(READY): python/requirements.lock python/pyproject.toml converter/pyproject.toml
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "make: $(PYTHON) was not found; install Python 3.11 or run make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "make: $(PYTHON) is not Python 3.11; run make PYTHON=/path/to/python3.11" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r python/requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --no-index -e converter -e python
	touch $(READY)

clean:
	rm -rf build
