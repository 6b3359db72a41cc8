# make run     a demo hall and its server        PORT=8000 HOST=127.0.0.1 (0.0.0.0 for phones on the same network)
# make test    linters, contracts, every test    ARGS='tests/scoring -x' for some of them
# make faults  kills, power cuts, full disks     results in docs/faults.md
# make growth  every page at 10^5 and 10^6 ratings, three quarters of an hour
# make attack  hostile requests by thousands     results in docs/attack.md
# make bench   each figure beside its ceiling    results in docs/benchmarks.md
# Each prepares a fresh Debian 12 or 13 first (as root or with sudo); on other systems it says what is missing.

PORT ?= 8000
HOST ?= 127.0.0.1
ARGS ?= -n 2 --dist loadgroup
BIN := .venv/bin

.PHONY: run test lint faults growth attack bench clean

run: .stamps/run
	@EVALSYS_BASE_URL="$${EVALSYS_BASE_URL:-http://$$(.ci/address $(HOST)):$(PORT)}" && export EVALSYS_BASE_URL && \
	$(BIN)/evalsys upgrade && \
	$(BIN)/evalsys demo && \
	exec $(BIN)/evalsys serve --host $(HOST) --port $(PORT)

test: .stamps/test lint
	@$(BIN)/python -m pytest $(ARGS)

lint: .stamps/test
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive evalsys

# Whatever is marked long, wherever it lies, and every fault.
faults: .stamps/test
	@FAULTS_REPORT=docs/faults.md $(BIN)/python -m pytest -m "long or faults"

growth: .stamps/test
	@$(BIN)/python -m pytest -m growth

attack: .stamps/test
	@ATTACK_REPORT=docs/attack.md $(BIN)/python -m pytest -m attack

bench: .stamps/test
	$(BIN)/python -m benchmarks

# Done again when the dependencies change.
.stamps/run .stamps/test: .stamps/%: setup.cfg pyproject.toml .ci/prepare
	@.ci/prepare $*
	@mkdir -p $(@D) && touch $@

clean:
	rm -rf .venv .stamps build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
