# The two commands: `make model` and `make test`. Both make .venv first, from hashed pins; nothing else is needed.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
OUT ?= build/model
# Further options of `seefud build`, such as --with-ingredients.
OPTIONS ?=

MAVEN ?= mvn
# Further options of Maven, such as -Dapi.record=true or -Dscreenshots.record=true.
MAVEN_OPTIONS ?=
# Every artifact and its version is named in android/jvm; nothing but JDK 17 and Maven must be there.
JVM := $(MAVEN) -B -ntp -q -f android/jvm/pom.xml -Dlitert.so=$(CURDIR)/$(VENV)/lib/python3.11/site-packages/ai_edge_litert/libLiteRt.so

.PHONY: model test test-python test-kotlin fixtures lint format types sample benchmarks benchmarks-kotlin clean

model: $(READY)
	$(BIN)/seefud build data/product3.csv data/user3.csv --out $(OUT) --demo data/arrivals.csv $(OPTIONS)

test: test-python test-kotlin

test-python: $(READY) fixtures
	$(BIN)/python -m pytest -n 2 --dist loadfile

# The Android library and the sample app, compiled and run on the JVM: see "For mobile developers" in the README.
test-kotlin: fixtures
	@command -v $(MAVEN) >/dev/null 2>&1 || { echo "make: $(MAVEN) was not found; install Maven and JDK 17" >&2; exit 1; }
	$(JVM) -T 2 $(MAVEN_OPTIONS) test

# Models for the Kotlin tests, good and damaged ones; written again only after something changed.
fixtures: $(READY)
	$(BIN)/python tests/fixtures.py --out build/fixtures

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(MAVEN) -B -ntp -f android/jvm/lint/pom.xml validate

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(MAVEN) -B -ntp -f android/jvm/lint/pom.xml validate -Dktlint.option=--format

types: $(READY)
	$(BIN)/mypy

sample: $(READY)
	$(BIN)/python data/generate.py --out data

benchmarks: $(READY)
	$(BIN)/python benchmarks/run.py

# The Android library beside the interpreter that it calls, by JMH; nothing of it is in `make test`.
# Not quiet: what a program started by Maven prints is lost otherwise.
benchmarks-kotlin: $(READY)
	$(BIN)/python tests/fixtures.py --large --out build/fixtures
	$(filter-out -q,$(JVM)) $(MAVEN_OPTIONS) -DskipTests -Dbenchmarks.skip=false -pl benchmarks -am test

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
