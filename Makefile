# Everything there is to do here; `make` alone lists it.

GO      ?= go
TOOLS   := $(GO) tool -modfile=tools/go.mod
NODE    := tools/node_modules/.bin
PACKAGE := ./...
GENERATED := openapi.yaml gen docs/fields.md bench/gen sdk/go/models.gen.go sdk/go/internal/operations/operations.gen.go sdk/typescript/src/gen web/dist

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## Serve the API on :8080, with all that it needs
	@[ -n "$$DATABASE_URL" ] || $(MAKE) --no-print-directory postgres
	@bin/structural serve

.PHONY: test
test: postgres ## Test everything (one package: make test PACKAGE=./server)
	$(GO) test $(PACKAGE)
	@[ "$(PACKAGE)" != ./... ] || { cd sdk/go && $(GO) test ./...; }

.PHONY: build
build: ## Build bin/structural
	@$(GO) build -tags grpcnotrace -o bin/structural ./cmd/structural

.PHONY: generate
generate: ## Make the canonical schemas of openapi.yaml and docs/fields.md from the mapping tables, then gen/
	$(GO) run platform/coverage/generate.go
	$(GO) tool oapi-codegen -config oapi-codegen.yaml openapi.yaml
	cd bench && $(GO) generate ./...

.PHONY: sdk
sdk: sdk-node ## Make the clients in sdk/ from openapi.yaml
	$(GO) tool oapi-codegen -config sdk/go/models.yaml openapi.yaml
	$(GO) tool oapi-codegen -config sdk/go/internal/operations/config.yaml openapi.yaml
	cd sdk/typescript && npm run --silent generate

.PHONY: sdk-test
sdk-test: postgres sdk-node ## Test the clients in sdk/ against a real server
	cd sdk/go && $(GO) test ./...
	cd sdk/typescript && npm test --silent

.PHONY: web
web: web-node ## Build the page at / into web/dist
	@cd web && npm run --silent build

.PHONY: browser
browser: postgres web ## Try the page at / in a real browser (CHROMIUM=/usr/bin/chromium, SCREENSHOTS=folder)
	@cd web/e2e && { [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --silent; } && npm test --silent

.PHONY: drift
drift: generate sdk web ## Fail when what is generated is not what it is made from
	@git diff --exit-code -- $(GENERATED) && test -z "$$(git ls-files --others --exclude-standard $(GENERATED))" \
		|| { echo 'generated files are stale: run "make generate sdk web" and commit them'; exit 1; }

.PHONY: third-platform
third-platform: postgres ## Register one more platform in a copy: no other file changes, and the tests hold
	@GO="$(GO)" scripts/third-platform.sh ./platform/... ./app ./canonical ./mapping/... ./server ./cmd/structural .

.PHONY: lint
lint: node-tools ## Lint the Go code and openapi.yaml
	$(TOOLS) golangci-lint run
	cd bench && $(GO) vet ./...
	cd sdk/go && $(GO) vet ./...
	$(NODE)/redocly lint openapi.yaml

KILLS := 50

.PHONY: kills
kills: postgres ## Kill program and PostgreSQL under load (KILLS=50): nothing answered is lost
	STRUCTURAL_KILLS=$(KILLS) $(GO) test -run 'Kill' -count 1 -timeout 30m ./cmd/structural

.PHONY: race
race: postgres ## Test with the race detector what runs in one process
	$(GO) test -race ./app/... ./canonical/... ./jsonschema ./jsontext ./mapping ./server/... ./store/...

# BASE is the document that the present one is compared with; without it, the committed one.
.PHONY: breaking
breaking: ## Fail when openapi.yaml breaks clients of an older one (BASE=older.yaml)
	@base="$(BASE)"; [ -n "$$base" ] || { base=$$(mktemp); git show HEAD:openapi.yaml > "$$base"; }; \
		$(TOOLS) oasdiff breaking "$$base" openapi.yaml --fail-on WARN

.PHONY: prism
prism: postgres node-tools ## Have Prism judge the traffic of the contract tests
	PRISM=$(CURDIR)/$(NODE)/prism $(GO) test -tags prism -run TestPrism -count 1 ./server

.PHONY: docs-browser
docs-browser: postgres ## Try the API reference in a real browser (CHROMIUM=/usr/bin/chromium)
	@cd server/docs/e2e && { [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --silent; } && npm test --silent

.PHONY: replicas
replicas: postgres ## Test two replicas and a rolling restart (redis-server)
	$(GO) test -tags deployment -run TestReplicas -count 1 ./cmd/structural

# CHANGES is how many changes are made through the two.
CHANGES := 10000
.PHONY: pgbouncer
pgbouncer: postgres ## Test with a PgBouncer in front of PostgreSQL (CHANGES=10000)
	@scripts/install-pgbouncer.sh
	STRUCTURAL_CHANGES=$(CHANGES) $(GO) test -tags deployment -run TestPgBouncer -count 1 -v ./cmd/structural

.PHONY: image
image: postgres ## Test what the Dockerfile builds (Linux)
	$(GO) test -tags deployment -run TestImage -count 1 ./cmd/structural

.PHONY: bench
bench: postgres ## Measure, and compare with what it could be at best
	cd bench && $(GO) run .

# FUZZTIME is how long; the answers are counted at the end, with the requests that cost most.
FUZZTIME := 1h
.PHONY: fuzz
fuzz: postgres ## Send sequences of bad requests to every operation (FUZZTIME=1h)
	$(GO) test -v -run '^FuzzAPI$$' -fuzz '^FuzzAPI$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./server

CHAINS := 100000
.PHONY: retainage
retainage: ## Bill generated contracts and hold every requisition to its books (CHAINS=100000)
	$(GO) test -run TestRetainage_Chains -count 1 -timeout 30m ./platform/registry -rapid.checks=$$(($(CHAINS) / 10))

# SEQUENCES is how many sequences of batches are held to a rebuild.
SEQUENCES := 10000
.PHONY: apply
apply: postgres ## Apply sequences of batches of records and hold each to a rebuild (SEQUENCES=10000)
	$(GO) test -run 'TestApply_EqualsARebuild' -count 1 -timeout 60m ./app -rapid.checks=$(SEQUENCES)

# RECORDS is how many records each platform of the generated customer has.
RECORDS := 10000
.PHONY: reconciliation
reconciliation: postgres ## Hold the report on a generated customer to what was planted in it, and decisions to their records (RECORDS=10000)
	STRUCTURAL_TRUTH=$(RECORDS) STRUCTURAL_DECISIONS=100 $(GO) test -run 'FindsWhatWasPlanted|MatchDecisions_AnyOrder' -count 1 -timeout 30m ./server

.PHONY: attack
attack: postgres ## Measure what the worst requests do to other customers (ATTACK_SECONDS=15, ATTACK_KINDS=regexp)
	cd bench && $(GO) run ./attack

.PHONY: postgres
postgres: # installs PostgreSQL's binaries where there are none
	@scripts/install-postgres.sh

.PHONY: node-tools
node-tools:
	@cd tools && { [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --silent; }

.PHONY: sdk-node
sdk-node:
	@cd sdk/typescript && { [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --silent; }

.PHONY: web-node
web-node:
	@cd web && { [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --silent; }
