# make demo   the main job on real input: generate, start every adapter, replay Twilio's published vectors
# make test   everything that CI checks
# make bench  the figures of the README

export GOWORK = off

MODULES     := . $(patsubst %/go.mod,%,$(wildcard generated/*/go.mod))
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: demo test bench generate format vet staticcheck unit cover newest fuzz

demo:
	@go run ./golden/demo

test: format vet staticcheck unit cover newest generate fuzz
	@echo "all checks passed"

# bench prints the figures and writes them to docs/ and the README.
bench:
	@cd generated/peers && go run ./bench

# format fails if a file is not as gofmt writes it.
format:
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt -w these files:"; echo "$$unformatted"; exit 1; fi

vet:
	@for module in $(MODULES); do echo "vet $$module"; (cd $$module && go build ./... && go vet ./...) || exit 1; done

staticcheck:
	@for module in $(MODULES); do echo "staticcheck $$module"; (cd $$module && go run $(STATICCHECK) ./...) || exit 1; done

unit:
	@for module in $(MODULES); do echo "test $$module"; (cd $$module && $(CURDIR)/.ci/unit) || exit 1; done

# cover fails below 95 % of core's statements. TestAllocations runs here: the race detector makes pools forget.
cover:
	@go test -cover ./core | awk '{ print } match($$0, /coverage: [0-9.]+/) { covered = substr($$0, RSTART + 10) + 0 } END { exit covered < 95 }'

# generate fails if the checked-in output is not what the generator writes.
generate:
	@before=$$(cat generated/*/*.go | cksum); \
	for module in $(MODULES); do (cd $$module && go generate ./...) || exit 1; done; \
	after=$$(cat generated/*/*.go | cksum); \
	if [ "$$before" != "$$after" ]; then echo "go generate changed checked-in output: commit it"; exit 1; fi

# newest runs each adapter's suite with its framework at the newest version, in a copy of its go.mod.
newest:
	@.ci/newest

# fuzz runs each fuzz target for FUZZTIME, or for the default of .ci/fuzz.
fuzz:
	@.ci/fuzz $(FUZZTIME)
