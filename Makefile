# Two commands do everything: `make demo` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check
EXTRAS ?= torch,map,datasets,search,hybrid,remote,hub,tune,serve,mcp
PYTHONS ?= 3.10 3.13

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-exhaustive test-interop test-pythons check format counts architecture docs docs-output site bench bench-gpu same same-speed torture surroundings fuzz clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.installed  ## make the environment, install wordvec, train on the documentation of this Python
	$(BIN)/wordvec demo

test: $(VENV)/.developer  ## run the tests (the slow ones excepted)
	$(BIN)/python -m pytest -q -n 2 --dist loadfile $(PYTEST_FLAGS)

test-slow: $(VENV)/.developer  ## run the slow tests, too
	$(BIN)/python -m pytest -q -m slow -n 2 --dist loadgroup $(PYTEST_FLAGS)

test-exhaustive: $(VENV)/.developer  ## run what CI leaves out: every combination of a kernel's parts, all kills; many minutes
	$(BIN)/python -m pytest -q -m exhaustive -n 2 --dist loadgroup $(PYTEST_FLAGS)

test-pythons:  ## run the tests on other Pythons, too: make test-pythons PYTHONS='3.10 3.13'
	.ci/pythons $(PYTHONS)

test-interop: $(VENV)/.interop  ## load what we write in the libraries it is for (500 MB more to install)
	$(BIN)/python -m pytest -q -m interop tests/interop

check: $(VENV)/.developer  ## format, lint, types, and the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(VENV)/.developer  ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

counts: $(VENV)/.developer  ## count files, long functions, doubles and words that strangers do not know
	$(BIN)/python -m tests.house

architecture: $(VENV)/.developer  ## renew the list of files, docs/files.md, and the public names for type checkers
	$(BIN)/python -m tests.test_architecture

docs: $(VENV)/.developer  ## renew the package's code in the pages of docs/
	$(BIN)/python -m tests.documentation.renew

docs-output: $(VENV)/.developer  ## run the pages, too, and record what they print: make docs-output CORPUS=wikitext-2.train.txt.gz
	$(BIN)/python -m tests.documentation.renew --outputs $(if $(CORPUS),--corpus $(CORPUS))

site: $(VENV)/.site  ## build the documentation as a site, build/site/index.html
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

bench: $(VENV)/.developer  ## compare with gensim: make bench CORPUS=text.txt.gz ANALOGIES=... SIMILARITY=...
	$(BIN)/python -m benchmarks.compare $(if $(CORPUS),--corpus $(CORPUS)) $(if $(ANALOGIES),--analogies $(ANALOGIES)) $(if $(SIMILARITY),--similarity $(SIMILARITY)) $(BENCH_FLAGS)

bench-gpu: $(VENV)/.developer  ## measure the torch engine on a GPU by batch size, beside the CPU; without a GPU, say so
	$(BIN)/python -m benchmarks.gpu $(BENCH_FLAGS)

same: $(VENV)/.developer  ## compare vectors with another checkout, to the last byte: make same BEFORE=../wordvec-before
	$(BIN)/python -m benchmarks.same_vectors --before $(BEFORE) $(SAME_FLAGS)

same-speed: $(VENV)/.developer  ## compare speed with another checkout, in turn: make same-speed BEFORE=../wordvec-before
	$(BIN)/python -m benchmarks.same_speed --before $(BEFORE)

torture: $(VENV)/.developer  ## kill training runs 200 times, resume each, and see that nothing is lost
	$(BIN)/python -m torture.kills $(TORTURE_FLAGS)

surroundings: $(VENV)/.developer  ## run the command with damaged caches, closed and full streams, odd paths
	$(BIN)/python -m torture.surroundings

fuzz: $(VENV)/.developer  ## read a million damaged files, and see that each is read rightly or refused clearly
	$(BIN)/python -m torture.fuzz $(FUZZ_FLAGS)

clean:  ## remove the environment and every cache
	rm -rf .venv* .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "wordvec needs Python 3.10 or newer; say which one with: make PYTHON=python3.12 ...")'
	$(BIN)/python -m pip --version > /dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	$(PIP) install --quiet --constraint constraints.txt 'pip>=25.1'
	$(PIP) install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/.developer: $(VENV)/.installed
	$(PIP) install --quiet --constraint constraints.txt --editable '.[$(EXTRAS)]' --group dev --group bench
	touch $@

$(VENV)/.interop: $(VENV)/.developer
	$(PIP) install --quiet --constraint constraints.txt --editable '.[export]' --group interop
	touch $@

$(VENV)/.site: $(VENV)/.developer
	$(PIP) install --quiet --constraint constraints.txt --group site
	touch $@
