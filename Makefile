# The build of bugd. `make help` lists what can be made; `make run` and
# `make test` do all their own set-up.
#
# Variables: CC, CFLAGS, LDFLAGS, BUILD (folder of everything made),
# PREFIX and DESTDIR (make install), WERROR=1 (every warning is an error),
# SANITIZE=address,undefined, COVERAGE=1, DOCS=0 (no Swagger UI, no ReDoc),
# FUZZ_SECONDS, TESTS (files for `make test`), NO_INSTALL=1 (name what is
# missing, install nothing), V=1 (print whole commands).

VERSION := 0.1.0
# Only where there is no .git, such as in a container's build, somebody else has to say it.
COMMIT = $(shell git describe --always --dirty --abbrev=10 2>/dev/null || echo unknown)

ifeq ($(origin CC),default)
CC := gcc
endif
CFLAGS ?= -O2 -g
BUILD ?= build
PREFIX ?= /usr/local
WERROR ?=
SANITIZE ?=
COVERAGE ?=
DOCS ?= 1
FUZZ_SECONDS ?= 30

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# ---- libraries ------------------------------------------------------------
# Those that every supported system has come by pkg-config. llhttp and yyjson
# do, too, where the system has them; else they are below vendor/root/ (see
# vendor/README.md).

PKGS := libuv libpq libargon2 libcrypto libxxhash zlib libmagic
MISSING := $(shell for p in $(PKGS); do pkg-config --exists $$p 2>/dev/null || echo $$p; done)
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null)

VENDORED := $(patsubst vendor/root/%/complete,%,$(wildcard vendor/root/*/complete))
ON_SYSTEM := $(shell pkg-config --exists 'libllhttp >= 9.0' 2>/dev/null && echo llhttp; \
	pkg-config --exists 'yyjson >= 0.8' 2>/dev/null && echo yyjson)
VENDORED := $(filter-out $(ON_SYSTEM),$(VENDORED))
# A library that is in neither place may still be there without a .pc file.
ifneq ($(filter-out $(ON_SYSTEM) $(VENDORED),llhttp yyjson),)
MISSING += $(shell CC='$(CC)' vendor/fetch --check 2>/dev/null | sed -n 's/^missing://p')
endif

LLHTTP_LIBS := -lllhttp
YYJSON_LIBS := -lyyjson
ifneq ($(filter llhttp,$(VENDORED)),)
PKG_CFLAGS += -isystem vendor/root/llhttp/usr/include
LLHTTP_LIBS := $(firstword $(wildcard vendor/root/llhttp/usr/lib/*/libllhttp.a))
endif
ifneq ($(filter yyjson,$(VENDORED)),)
# Only a shared library: programs find it from where they are themselves, so
# that neither the tree nor an installation is tied to a place.
YYJSON_DIR := $(patsubst %/,%,$(dir $(firstword $(wildcard vendor/root/yyjson/usr/lib/*/libyyjson.so))))
PKG_CFLAGS += -isystem vendor/root/yyjson/usr/include
YYJSON_LIBS = $(YYJSON_DIR)/libyyjson.so \
	-Wl,-rpath,'$$ORIGIN/../lib/bugd',-rpath,'$$ORIGIN/$(shell realpath -m --relative-to=$(@D) $(YYJSON_DIR))'
endif

LIBS = $(LLHTTP_LIBS) $(YYJSON_LIBS) $(PKG_LIBS) -lcsv -lm

# ---- flags ----------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wformat=2 -Wundef -Wvla -Wimplicit-fallthrough
IS_CLANG := $(shell $(CC) --version 2>/dev/null | grep -c clang)
ifeq ($(IS_CLANG),0)
# An initialised local that an await jumps over would be lost (see base/co.h).
WARNINGS += -Werror=jump-misses-init
endif
ifeq ($(WERROR),1)
WARNINGS += -Werror
endif

HARDENING := -fstack-protector-strong -fPIE -fno-plt
ifneq ($(SANITIZE),)
INSTRUMENT := -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
else ifneq ($(filter -O1 -O2 -O3 -Os,$(CFLAGS)),)
HARDENING += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
ifeq ($(COVERAGE),1)
INSTRUMENT += --coverage -fprofile-update=atomic
endif

# Headers of libraries are system headers: our warnings are for our code.
BUGD_CFLAGS := -std=c11 -D_GNU_SOURCE -Iinclude -I$(BUILD)/gen \
	$(patsubst -I%,-isystem %,$(PKG_CFLAGS)) $(WARNINGS) $(HARDENING) $(INSTRUMENT)
BUGD_LDFLAGS := -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(INSTRUMENT) -pthread

COMPILE = $(CC) $(BUGD_CFLAGS) $(CFLAGS) $(CPPFLAGS) -MMD -MP
LINK = $(CC) $(BUGD_LDFLAGS) $(CFLAGS) $(LDFLAGS)

# One short line a command; V=1 prints the command itself.
ifeq ($(V),1)
run = $(2)
else
run = @printf '%-5s %s\n' $(1) $@; $(2)
endif

# ---- files ----------------------------------------------------------------

SOURCES := $(sort $(shell find src -name '*.c'))
HEADERS := $(sort $(shell find include src -name '*.h'))
UNIT_TESTS := $(sort $(wildcard test/unit/*_test.c))
UNIT_SUPPORT := $(filter-out $(UNIT_TESTS),$(sort $(wildcard test/unit/*.c)))
FUZZERS := $(sort $(wildcard test/fuzz/*_fuzz.c))
QUERIES := $(sort $(wildcard sql/query/*.sql))
MIGRATIONS := $(sort $(wildcard sql/schema/*.sql))
PAGES := $(sort $(wildcard src/api/pages/*))
DOCS_FILES := $(if $(filter-out 0,$(DOCS)),$(addprefix vendor/root/docs/,\
	swagger-ui-bundle.js swagger-ui.css redoc.standalone.js))
FORMATTED = $(SOURCES) $(HEADERS) $(sort $(shell find test -name '*.[ch]' -not -path '*/node_modules/*'))

GEN := $(BUILD)/gen
GEN_HEADERS := $(GEN)/statements.h $(GEN)/version.h
GEN_OBJECTS := $(GEN)/statements.o $(GEN)/migrations.o $(GEN)/examples.o $(GEN)/embedded.o
MAIN_OBJECT := $(BUILD)/src/main.o
LIB_OBJECTS := $(filter-out $(MAIN_OBJECT),$(SOURCES:%.c=$(BUILD)/%.o)) $(GEN_OBJECTS)
SUPPORT_OBJECTS := $(UNIT_SUPPORT:%.c=$(BUILD)/%.o)
TEST_OBJECTS := $(UNIT_TESTS:%.c=$(BUILD)/%.o)
TEST_PROGRAMS := $(UNIT_TESTS:%.c=$(BUILD)/%)
FUZZ_PROGRAMS := $(FUZZERS:%.c=$(BUILD)/%)
# The server with faults built in, for test/fault. Sanitizers have an allocator of their own.
FAULTY := $(if $(SANITIZE),,$(BUILD)/bugd-faults)
OBJECTS := $(MAIN_OBJECT) $(BUILD)/test/fault/inject.o $(LIB_OBJECTS) $(SUPPORT_OBJECTS) $(TEST_OBJECTS) $(FUZZ_PROGRAMS:%=%.o)

# ---- what is built --------------------------------------------------------

.PHONY: all
all: $(BUILD)/bugd ## build the server, build/bugd (the default)

$(BUILD)/bugd: $(MAIN_OBJECT) $(BUILD)/libbugd.a
	$(call run,LINK,$(LINK) -o $@ $^ $(LIBS))

# Built anew each time: an archive keeps members whose source is gone.
$(BUILD)/libbugd.a: $(LIB_OBJECTS)
	$(call run,AR,rm -f $@ && $(AR) rcs $@ $^)

.PHONY: unit-tests
unit-tests: $(TEST_PROGRAMS) $(FAULTY) ## build the programs of the unit tests

$(BUILD)/bugd-faults: $(MAIN_OBJECT) $(BUILD)/test/fault/inject.o $(BUILD)/libbugd.a
	$(call run,LINK,$(LINK) -o $@ $^ $(LIBS))

$(TEST_PROGRAMS): $(BUILD)/%: $(BUILD)/%.o $(SUPPORT_OBJECTS) $(BUILD)/libbugd.a
	$(call run,LINK,$(LINK) -o $@ $^ -lcmocka $(LIBS))

$(FUZZ_PROGRAMS): $(BUILD)/%: $(BUILD)/%.o $(BUILD)/libbugd.a
	$(call run,LINK,$(LINK) -fsanitize=fuzzer -o $@ $^ $(LIBS))

# Generated headers must be there before the first compile finds out who needs
# them; afterwards the .d files know. A change of flags compiles all anew.
$(OBJECTS): $(BUILD)/flags | libraries $(GEN_HEADERS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call run,CC,$(COMPILE) -c -o $@ $<)

$(GEN)/%.o: $(GEN)/%.c
	$(call run,CC,$(COMPILE) -c -o $@ $<)

$(GEN)/statements.c $(GEN)/statements.h &: scripts/generate-statements.awk $(QUERIES)
	@mkdir -p $(@D)
	$(call run,GEN,awk -v header=$(GEN)/statements.h -v source=$(GEN)/statements.c -f $< $(QUERIES) </dev/null)

$(GEN)/migrations.c: scripts/generate-migrations $(MIGRATIONS)
	@mkdir -p $(@D)
	$(call run,GEN,scripts/generate-migrations $(MIGRATIONS) >$@)

$(GEN)/examples.c: scripts/generate-examples.awk docs/examples.tsv
	@mkdir -p $(@D)
	$(call run,GEN,awk -f $< docs/examples.tsv >$@)

$(GEN)/embedded.c: scripts/embed $(PAGES) $(DOCS_FILES) $(GEN)/embedded-files
	@mkdir -p $(@D)
	$(call run,GEN,scripts/embed $(GEN)/compressed $(PAGES) -z $(DOCS_FILES) >$@)

# The code holds the files by name alone, and reads them when it is assembled.
$(GEN)/embedded.o: $(PAGES)

ifneq ($(DOCS_FILES),)
$(DOCS_FILES) &: vendor/fetch-docs vendor/docs/package-lock.json
	$(call run,NPM,vendor/fetch-docs)
endif

# A file that was deleted must make the generated code anew, too.
$(GEN)/statements.c $(GEN)/migrations.c: $(GEN)/sql-files

# Written only when their content changes, so that nothing is built for nothing.
write_if_changed = mkdir -p $(@D); printf '%s\n' $(1) >$@.new; \
	if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(GEN)/version.h: FORCE
	@$(call write_if_changed,'#define BUGD_VERSION "$(VERSION)"' \
		'#define BUGD_COMMIT "$(COMMIT)"')

$(GEN)/sql-files: FORCE
	@$(call write_if_changed,$(QUERIES) $(MIGRATIONS))

$(GEN)/embedded-files: FORCE
	@$(call write_if_changed,$(PAGES) $(DOCS_FILES))

$(BUILD)/flags: FORCE
	@$(call write_if_changed,'$(subst ','\'',$(COMPILE) $(LINK))')

.PHONY: FORCE libraries
FORCE:

# Named at once and together, not one by one by the compiler.
libraries:
ifneq ($(strip $(MISSING)),)
	@echo 'make: these libraries are not there: $(strip $(MISSING))' >&2
	@echo 'make: `make deps` installs them' >&2
	@exit 1
endif
	@command -v $(firstword $(CC)) >/dev/null || { echo 'make: no compiler $(CC); `make deps` installs gcc' >&2; exit 1; }

-include $(OBJECTS:.o=.d)

# ---- what is done with it -------------------------------------------------

.PHONY: deps
deps: ## install what building, running and testing need, and nothing else
	@scripts/deps build run test
	@echo 'All that building, running and testing need is there.'

.PHONY: run
run: ## install, build, start a private PostgreSQL and the server
	@BUILD='$(BUILD)' scripts/run

.PHONY: test
test: ## install, build, run every test against a private PostgreSQL
	@BUILD='$(BUILD)' TESTS='$(TESTS)' scripts/test

.PHONY: test-fresh
test-fresh: ## prove `make run` and `make test` in a bare Debian 13 (needs root, debootstrap)
	scripts/test-fresh

.PHONY: test-image
test-image: ## build the container's image and run it read-only (needs root, debootstrap, buildah)
	scripts/test-image

.PHONY: check
check: all unit-tests layers ## fast: unit tests, layers, and formatting if clang-format is there
	@if command -v clang-format >/dev/null; then $(MAKE) --no-print-directory format-check; fi
	@scripts/unit-tests $(TEST_PROGRAMS)

.PHONY: layers
layers: ## check that every include obeys the floors, and the sizes of files
	scripts/check-layers

.PHONY: asan
asan: ## run every test under AddressSanitizer and UndefinedBehaviorSanitizer
	@BUILD=build/asan SANITIZE=address,undefined TESTS='$(TESTS)' scripts/test

.PHONY: cov
cov: ## run every test and print the line coverage of each file
	@rm -rf build/cov
	@BUILD=build/cov COVERAGE=1 CFLAGS='-O0 -g' TESTS='$(TESTS)' scripts/test
	@scripts/coverage build/cov

.PHONY: lint
lint: $(GEN_HEADERS) ## clang-tidy, cppcheck, and promtool over the alerts
	@scripts/deps build lint
	@vendor/fetch promtool
	@scripts/check-alerts
	@scripts/lint '$(BUILD)' $(BUGD_CFLAGS) -- $(SOURCES)

.PHONY: format
format: ## lay out every C file by .clang-format
	@clang-format -i $(FORMATTED)

.PHONY: format-check
format-check: ## fail when a C file is not laid out by .clang-format
	@scripts/format-check $(FORMATTED)

.PHONY: bench
bench: ## measure against nginx and pgbench
	@scripts/deps build run bench
	@$(MAKE) --no-print-directory all
	@BUILD='$(BUILD)' scripts/bench/run

# Each target that is in test/fuzz/ runs FUZZ_SECONDS; what it found before, and
# seeds in test/fuzz/corpus/NAME/, are its start.
.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZ_SECONDS (30) seconds
	@scripts/deps build lint
	@$(MAKE) --no-print-directory BUILD=build/fuzz CC=clang SANITIZE=address,undefined \
		CFLAGS='-O1 -g -fsanitize=fuzzer-no-link' fuzz-programs
	@FUZZ_SECONDS='$(FUZZ_SECONDS)' scripts/fuzz build/fuzz

.PHONY: fuzz-programs
fuzz-programs: $(FUZZ_PROGRAMS)

.PHONY: readme
readme: all ## fill the README's tables from the program
	@BUGD='$(BUILD)/bugd' scripts/readme

.PHONY: install
install: all ## install into PREFIX (/usr/local), below DESTDIR
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(BUILD)/bugd $(DESTDIR)$(PREFIX)/bin/bugd
ifneq ($(YYJSON_DIR),)
	install -d $(DESTDIR)$(PREFIX)/lib/bugd
	install -m 644 $(wildcard $(YYJSON_DIR)/libyyjson.so.?) $(DESTDIR)$(PREFIX)/lib/bugd/
endif

.PHONY: clean
clean: ## remove everything that was built (not the data below var/)
	rm -rf $(sort build $(BUILD))

.PHONY: help
help: ## list these targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile | awk -F '\t' '{ printf "make %-13s %s\n", $$1, $$2 }'
