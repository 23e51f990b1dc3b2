# Everything the project needs comes as wheels into .venv and, for the test clients, from package-lock.json.
PYTHON ?= python3.11
BIN := .venv/bin
# A third of the suite's time is waiting, for processes to start, to stop, and to be noticed dead: one more than there
# are cores, but no more than eight, since each has a PostgreSQL and maybe a Chromium of its own.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN); echo $$((n < 8 ? n + 1 : 8)))

# The suite starts hundreds of processes: none of them should compile every library anew, whatever the machine asks for.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: everything demo chat test check format install clients torture bench lock clean

demo: install  ## the bot with a demo organisation and two Teams-like windows
	@$(BIN)/python -m tests.clients.node >/dev/null 2>&1 || true # without them the demo says so and opens the terminal
	@$(BIN)/learnbot demo

chat: install  ## the same bot in the terminal
	@$(BIN)/learnbot chat

test: install clients  ## the whole suite, on SQLite and PostgreSQL, with the real clients
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

everything: install clients  ## the same, and every conversation on PostgreSQL, too
	$(BIN)/pytest -n $(WORKERS) --dist worksteal --everything

check: install  ## format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

install: .venv/installed

# python3 where it is called so: a machine may have 3.11 under either name
.venv/installed: requirements-dev.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: install it, or name it with make PYTHON=…" >&2; exit 1; }; }
	@test -x $(BIN)/python || $$(command -v $(PYTHON) || command -v python3) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip install --quiet --compile-bytecode --require-hashes -r requirements-dev.lock
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip install --quiet --no-deps -e .
	@touch $@

clients: install  ## emulate, the Agents Playground and playwright-core, as locked
	@$(BIN)/python -m tests.clients.node

torture: install  ## kill -9 at random, thousands of times
	LEARNBOT_TORTURE_KILLS=3000 $(BIN)/pytest -q tests/trust -m torture

bench: install
	$(BIN)/python -m benchmarks.inbound
	$(BIN)/python -m benchmarks.start
	$(BIN)/python -m benchmarks.when
	$(BIN)/python -m benchmarks.portfolio
	$(BIN)/python -m benchmarks.reviews

lock: install  ## newest versions that fit pyproject.toml
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header --group dev pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header -c requirements-dev.lock pyproject.toml -o requirements.lock

clean:
	rm -rf .venv node_modules var
