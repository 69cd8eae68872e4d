# Everything runs in a virtual environment of its own, with locked versions. PYTHON may name another interpreter.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: venv browser demo test check format bench lock clean

venv: $(READY)

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	@echo "Setting up $(VENV) with locked versions, once; a minute or two."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: venv
	@exec $(BIN)/python -m spanscape.demo $(DEMO)

# For the browser tests, where the machine has none: a Chromium from Playwright, in the user's cache.
browser: venv
	@command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
		|| $(BIN)/playwright install chromium || echo "No browser could be had: the browser tests will be skipped."

# All tests: several files at once, then those that need the machine for themselves. TESTS=tests/api runs a part.
# On a busy machine a collector, a browser or a shop may come late once: of each run up to eight tests are tried again, and named.
AGAIN := --reruns 1 --max-suite-reruns 8 --rerun-show-tracebacks
test: venv browser
ifdef TESTS
	$(BIN)/python -m pytest $(TESTS)
else
	$(BIN)/python -m pytest -m "not alone" -n auto --dist loadfile --no-loadscope-reorder $(AGAIN)
	$(BIN)/python -m pytest -m alone $(AGAIN)
endif

check: venv
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: venv
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: venv
	$(BIN)/python -m benchmarks all

# Needs uv: https://docs.astral.sh/uv
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml -o requirements/runtime.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --extra dev pyproject.toml -o requirements/dev.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --group build -o requirements/build.txt

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
