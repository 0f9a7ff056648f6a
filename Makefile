# Two commands: `make demo` opens the sample estate live in the browser, `make test` passes the tests.
# Nothing but Python 3.11 or newer has to be there; what they make stays in .venv and data/.

VENV ?= .venv
DATA ?= data
CANDIDATES := python3 python3.13 python3.12 python3.11 python
PYTHON ?= $(shell for p in $(CANDIDATES); do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo "$$p" && break; done)
BIN := $(VENV)/bin
SOURCES := pyproject.toml constraints.txt viewer/build_hook.py $(shell find viewer/web -type f \
	-not -path '*/node_modules/*' 2>/dev/null)

.PHONY: demo test test-browser lint web clean

demo: $(VENV)/.installed ## the sample estate, live, at the address it prints
	$(BIN)/plumbline demo --data $(DATA) $(ARGS)

test: $(VENV)/.installed-test ## all tests that need neither a browser nor VTK
	$(BIN)/python -m pytest -m "not browser and not render" $(ARGS)

test-browser: $(VENV)/.installed-dev ## the tests that drive Chromium or draw with VTK
	$(BIN)/python -m pytest -m "browser or render" $(ARGS)

lint: $(VENV)/.installed-dev ## format, lint, types and import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

web: $(VENV)/.installed-dev ## types and unit tests of the pages
	$(BIN)/python viewer/build_hook.py run check
	$(BIN)/python viewer/build_hook.py run test

clean: ## remove what the commands above made
	rm -rf $(VENV) $(DATA) viewer/static viewer/web/node_modules build dist

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Plumbline needs Python 3.11, 3.12 or 3.13; none was found. \
	Name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12" >&2; exit 3; }
	@$(PYTHON) -m venv $(VENV) || { echo "Making the environment failed. On Debian and Ubuntu: \
	apt install python3-venv" >&2; rm -rf $(VENV); exit 3; }

# pip reads the build's own requirements from PIP_CONSTRAINT only
$(VENV)/.installed: $(VENV)/bin/python $(SOURCES)
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.installed-test: $(VENV)/bin/python $(SOURCES)
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[test]"
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-dev: $(VENV)/bin/python $(SOURCES)
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	@touch $@ $(VENV)/.installed $(VENV)/.installed-test
