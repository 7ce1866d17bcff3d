# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
ONLY ?=
STAMP := $(VENV)/.installed
NODE_STAMP := tests/node/node_modules/.installed

.PHONY: demo install check format test test-all test-workers soak bench lock node clean

demo: install
	@$(BIN)/huep up --demo $(ARGS)

install: $(STAMP)

$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; ok = (3, 11) <= sys.version_info[:2] <= (3, 13); \
	  print("HueP needs Python 3.11 to 3.13, and $(PYTHON) is %d.%d: name another with PYTHON=python3.12." % sys.version_info[:2]) if not ok else None; \
	  sys.exit(not ok)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing HueP into $(VENV), once: about two minutes ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

check: install
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: install
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

# The independent client in Node is used where Node is; pytest says what it skipped.
node: $(NODE_STAMP)

$(NODE_STAMP): tests/node/package-lock.json
	@if command -v npm >/dev/null; then cd tests/node && npm ci --silent --no-audit --no-fund && touch node_modules/.installed; \
	 else echo "npm is missing: the tests with matrix-js-sdk will be skipped (Debian: apt-get install nodejs npm)."; fi

OTHERS_LOG := $(VENV)/other-tests.log

# Hundreds of commands are started, each of which would compile HueP anew.
unexport PYTHONDONTWRITEBYTECODE

# The tests of what runs inside Synapse, on Synapse in several processes.
WORKERS_TESTS := tests/real/attacks $(addprefix tests/real/test_,workers.py accounts.py room_rules.py directory_rules.py \
  media_rules.py activation_page.py projection.py doors.py guests.py push.py)
ON_WORKERS := HUEP_TEST_WORKERS=1 $(BIN)/pytest -m "not soak" -p no:cacheprovider $(WORKERS_TESTS)

# Two at once: those on the province that they share, and beside them all others, in test-all then those on workers.
# With ARGS one pytest does as it is told.
test-all: THEN := && $(ON_WORKERS)

test test-all: install node
ifneq ($(ARGS),)
	@$(BIN)/pytest -m "not soak" $(ARGS)
else
	@{ $(BIN)/pytest -m "not soak and not province" -p no:cacheprovider tests --ignore tests/real/test_workers.py $(THEN); } \
	   >$(OTHERS_LOG) 2>&1 & others=$$!; \
	 $(BIN)/pytest -m "not soak and province" tests; shared=$$?; \
	 wait $$others; others=$$?; echo; echo "Tests that do not need the shared province:"; cat $(OTHERS_LOG); \
	 test $$shared -eq 0 -a $$others -eq 0
endif

test-workers: install
	@$(ON_WORKERS) $(ARGS)

soak: install node
	@$(BIN)/pytest -m soak $(ARGS)
	@$(BIN)/pytest --hypothesis-profile=soak tests/real/test_directory_store.py \
	  $(addprefix tests/hr_provisioner/test_,desired_state.py plan_json.py plan.py inverse.py)

bench: install
	@$(BIN)/python -m benchmarks $(if $(ONLY),--only $(ONLY)) $(ARGS)

# Takes new versions of everything; needs uv.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --extra dev --upgrade pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache tests/node/node_modules
