# pushpull: every task a person does. `make help` lists them.
#
# CC, CFLAGS and LDFLAGS are yours to set. SANITIZE=address,undefined builds a second tree beside
# the first, WERROR=1 makes warnings errors, V=1 shows the commands.

CFLAGS   ?= -O2 -g
V        ?= 0
SCENARIO ?= quick
LAB      ?= 1
ARGS     ?=
MODE     ?= $(if $(SANITIZE),sanitize,release)

BUILD := build/$(MODE)
Q     := $(if $(filter 1,$(V)),,@)
say    = $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' '$(1)' '$(2)')

# --- libraries --------------------------------------------------------------------------------
# What goes into every program, and what only some of them need.

PACKAGES                  := libuv jansson libcrypto
PACKAGES_websocket_server := libwebsockets
PACKAGES_webhook_server   := libcurl
PACKAGES_pushpull         := sqlite3 inih
PACKAGES_gate_power       := sqlite3 inih
PACKAGES_tests            := libwebsockets sqlite3 inih libcurl cmocka
PACKAGES_compile          := $(PACKAGES) libwebsockets libcurl sqlite3 inih

# llhttp: a system library where there is one, else the distribution's C sources.
LLHTTP_LIBS    := $(shell pkg-config --libs libllhttp 2>/dev/null)
LLHTTP_SOURCES := $(if $(LLHTTP_LIBS),,$(wildcard /usr/share/llhttp/*.c))
LLHTTP_CFLAGS  := $(if $(LLHTTP_LIBS),$(shell pkg-config --cflags libllhttp),-isystem /usr/include/llhttp)
ifneq ($(LLHTTP_SOURCES),)
LLHTTP_CFLAGS  := -isystem /usr/share/include/llhttp
endif

libs = $(shell pkg-config --libs $(PACKAGES) $(1) 2>/dev/null) $(LLHTTP_LIBS) -lm

# "libuv 1.44.2, jansson 2.14, ...": stored with every experiment.
LIBRARIES := $(shell separator=; for name in $(PACKAGES_compile); do \
               printf '%s%s %s' "$$separator" "$$name" \
                 "$$(pkg-config --modversion $$name 2>/dev/null | sed 's/-$$//')"; \
               separator=', '; done)

# --- flags ------------------------------------------------------------------------------------

# Rows of option tables leave out what is zero: -Wextra would have every field spelt out.
WARNINGS := -Wall -Wextra -Wno-missing-field-initializers -Wshadow -Wconversion \
            -Wstrict-prototypes -Wmissing-prototypes -Wvla $(if $(WERROR),-Werror)
SANITIZE_FLAGS := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer \
                    -fno-sanitize-recover=undefined)

# Includes name the room: "net/http/server.h" is core/net/http/server.h, for everybody.
PROJECT_CFLAGS := -std=gnu11 -D_GNU_SOURCE -iquote core $(WARNINGS) $(SANITIZE_FLAGS) \
                  $(LLHTTP_CFLAGS) $(shell pkg-config --cflags $(PACKAGES_compile) 2>/dev/null)

in_quotes = '"$(subst ",\",$(subst ',,$(1)))"'
RUNNER_CFLAGS  := -DPUSHPULL_CFLAGS=$(call in_quotes,$(strip $(CFLAGS) $(SANITIZE_FLAGS))) \
                  -DPUSHPULL_COMPILER=$(call in_quotes,$(shell $(CC) --version 2>/dev/null | head -n 1)) \
                  -DPUSHPULL_LIBRARIES=$(call in_quotes,$(LIBRARIES))

compile = $(Q)mkdir -p $(@D) && $(CC) $(PROJECT_CFLAGS) $(1) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
link    = $(Q)mkdir -p $(@D) && $(CC) $(CFLAGS) $(SANITIZE_FLAGS) $(LDFLAGS) -o $@ \
            $(filter %.o,$^) $(filter %/librunner.a,$^) $(filter %/libcore.a,$^) $(1)

# --- what is built from what --------------------------------------------------------------------

CORE_OBJECTS   := $(patsubst %.c,$(BUILD)/%.o,$(wildcard core/*/*.c core/*/*/*.c)) \
                  $(patsubst /usr/share/llhttp/%.c,$(BUILD)/llhttp/%.o,$(LLHTTP_SOURCES))
RUNNER_SQL     := $(patsubst %.sql,$(BUILD)/%_sql.o,$(wildcard runner/*/*.sql))
RUNNER_HTML    := $(patsubst %.html,$(BUILD)/%_html.o,$(wildcard runner/*/*.html))
RUNNER_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(filter-out runner/main.c,$(wildcard runner/*.c runner/*/*.c))) \
                  $(RUNNER_SQL) $(RUNNER_HTML)
SIMULATOR_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard simulator/*.c))
SERVERS := $(patsubst servers/%.c,$(BUILD)/bin/%_server,$(wildcard servers/*.c))
CLIENTS := $(patsubst clients/%.c,$(BUILD)/bin/%_client,$(wildcard clients/*.c))
RUNNER  := $(patsubst runner/main.c,$(BUILD)/bin/pushpull,$(wildcard runner/main.c))
TOOLS   := $(patsubst tests/tools/%.c,$(BUILD)/tests/tools/%,$(wildcard tests/tools/*.c))
TESTS   := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/*_test.c))

# The link is a program and its parts; bin/enter is one file.
LINK_PARTS := $(patsubst %.c,$(BUILD)/%.o,$(filter-out links/link.c links/enter.c,$(wildcard links/*.c)))
LINK    := $(patsubst links/%.c,$(BUILD)/bin/%,$(wildcard links/link.c links/enter.c))

PROGRAMS := $(SERVERS) $(CLIENTS) $(LINK) $(RUNNER)
LINKS    := $(if $(filter release,$(MODE)),$(patsubst $(BUILD)/bin/%,build/%,$(RUNNER)))

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: help all tools tests run-scenario lab test test-sanitize self-test check-scenarios regression regression-self-test validate \
        validate-self-test verify-wire handbook run-tests \
        format check-format clean libraries FORCE

help: ## list these tasks
	@printf 'Usage: make TASK [SETTING=value ...]\n\nTasks\n'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{ printf "%-22s %s\n", $$1, $$2 }'
	@printf '\nSettings\n'
	@printf '  %-30s %s\n' \
	  'LAB=1' 'which lab: labs/README.md has them' \
	  'SCENARIO=quick' 'what run-scenario runs: a name in scenarios/, or a file' \
	  'ARGS="--set subscribers=100"' 'more words for pushpull run' \
	  'BASE=main' 'what regression compares this build with: a revision' \
	  'SANITIZE=address,undefined' 'build and test with sanitizers, in build/sanitize' \
	  'WERROR=1' 'a warning is an error' \
	  'V=1' 'show every command' \
	  'CC, CFLAGS, LDFLAGS' 'as usual'

all: $(PROGRAMS) $(LINKS) ## build all programs (the default)

tools: $(TOOLS)
	@:

tests: $(TESTS) tools

run-scenario: ## run an experiment: SCENARIO=quick by default
	$(Q)scripts/setup
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(BUILD)/bin/pushpull run '$(subst ','\'',$(SCENARIO))' $(ARGS)

# Without root and without gnuplot a lab still runs: its charts say what is missing.
lab: ## a lab, from what must be installed to its first step: LAB=1
	$(Q)scripts/setup || { scripts/setup --check --for compile >/dev/null && echo 'It goes on without them.' >&2; }
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(or $(LINKS),$(RUNNER)) lab '$(subst ','\'',$(LAB))'

test: ## build and run every test
	$(Q)scripts/setup --for test
	$(Q)$(MAKE) --no-print-directory all tests
	$(Q)$(MAKE) --no-print-directory run-tests

self-test: ## does the instrument measure truly? Known faults, measured back; five minutes
	$(Q)scripts/setup --for self-test
	$(Q)$(MAKE) --no-print-directory all tools
	$(Q)BUILD='$(abspath $(BUILD))' scripts/self-test $(CHECK)

check-scenarios: ## do the shipped scenarios come out as they predict? An hour; TIMES=1
	$(Q)scripts/setup
	$(Q)$(MAKE) --no-print-directory all
	$(Q)BIN='$(abspath $(BUILD))/bin' scripts/check-scenarios $(or $(TIMES),1)

regression: ## is this build worse than another revision? BASE=main; five minutes
	$(Q)scripts/setup
	$(Q)MODE='$(MODE)' MAKE='$(MAKE)' scripts/regression '$(subst ','\'',$(BASE))' $(ARGS)

regression-self-test: ## does that find what is worse, and nothing else? Half an hour; TIMES=1
	$(Q)scripts/setup --for self-test
	$(Q)$(MAKE) --no-print-directory all
	$(Q)BUILD='$(abspath $(BUILD))' scripts/regression-self-test $(or $(TIMES),1) $(CHECK)

validate: ## how far is the simulator from what this machine measures? Eighteen minutes
	$(Q)scripts/setup
	$(Q)$(MAKE) --no-print-directory all
	$(Q)BIN='$(abspath $(BUILD))/bin' scripts/validate $(CHECK)

validate-self-test: ## does that find a model that is wrong? After make validate; two minutes
	$(Q)scripts/setup
	$(Q)$(MAKE) --no-print-directory all
	$(Q)BIN='$(abspath $(BUILD))/bin' scripts/validate-self-test $(CHECK)

verify-wire: ## compare bytes and packets with a capture of them; takes root
	$(Q)scripts/setup --for self-test
	$(Q)$(MAKE) --no-print-directory all tools
	$(Q)BUILD='$(abspath $(BUILD))' scripts/verify-wire $(STRATEGY)

handbook: $(PROGRAMS) ## write the tables and diagrams of docs/ from the program's own
	$(Q)BUILD='$(abspath $(BUILD))' scripts/handbook

test-sanitize: ## the same with address and undefined-behaviour sanitizers
	$(Q)$(MAKE) --no-print-directory test SANITIZE=address,undefined

# One prove for all of them, hence one summary. Most of them wait most of the time: three at once, the
# longest first. Those that measure (with sanitizers they do not), and those whose relays watch the clock,
# come last, one after the other. TEST="tests/architecture.t ..." picks some.
comma := ,
MEASURING := conformance/loss $(addprefix end_to_end/,calibration $(if $(SANITIZE),,expect) expect_far link link_program)
PROVEFLAGS ?= --timer --jobs 3 --rules='seq={$(subst $() ,$(comma),$(MEASURING:%=tests/%.t))}' --rules='par=**'
TEST ?= $(HOSTILE_TESTS) $(wildcard tests/conformance/*.t tests/*.t tests/end_to_end/*.t) $(TESTS)
# Memory that is used after it was freed is seen by the sanitizers alone: these tests are for them.
HOSTILE_TESTS := $(if $(SANITIZE),$(wildcard tests/hostile/*.t))
run-tests:
	$(Q)BIN='$(abspath $(BUILD)/bin)' BUILD='$(abspath $(BUILD))' CMOCKA_MESSAGE_OUTPUT=TAP \
	  ASAN_OPTIONS='detect_leaks=1:abort_on_error=0' UBSAN_OPTIONS='print_stacktrace=1' \
	  LSAN_OPTIONS='suppressions="$(abspath tests/leaks.txt)":print_suppressions=0' \
	  prove --norc --exec 'timeout --kill-after=10 300' $(PROVEFLAGS) $(TEST)

SOURCES = $(foreach room,core/* core/*/* servers servers/* clients clients/* links simulator runner \
            runner/* tests/unit tests/tools tests/fixtures/*,$(wildcard $(room)/*.[ch]))

format: ## lay out the C sources by .clang-format
	$(Q)clang-format -i $(SOURCES)

check-format: ## say where the C sources are laid out differently
	$(Q)clang-format --dry-run --Werror $(SOURCES)

clean: ## remove build/ (results/ stays)
	$(Q)rm -rf build

# --- rules ------------------------------------------------------------------------------------

# One sentence instead of a hundred compiler errors. Charts take gnuplot, building does not.
libraries:
	@missing=$$(scripts/setup --check --for compile) || { \
	  printf '%s\n' 'pushpull is built from these, which are missing (names as in Debian):' "$$missing" \
	    'Run scripts/setup, then make again.' >&2; \
	  exit 1; }

# Objects depend on the flags they were made with, so that another CC or WERROR rebuilds them.
$(BUILD)/flags: FORCE | libraries
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(CC) $(PROJECT_CFLAGS) $(RUNNER_CFLAGS) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS))' > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(BUILD)/core/%.o: core/%.c $(BUILD)/flags
	$(call say,CC,$<)
	$(call compile)

$(BUILD)/servers/%.o: servers/%.c $(BUILD)/flags
	$(call say,CC,$<)
	$(call compile)

$(BUILD)/clients/%.o: clients/%.c $(BUILD)/flags
	$(call say,CC,$<)
	$(call compile)

$(BUILD)/links/%.o: links/%.c $(BUILD)/flags
	$(call say,CC,$<)
	$(call compile)

$(BUILD)/simulator/%.o: simulator/%.c $(BUILD)/flags
	$(call say,CC,$<)
	$(call compile)

$(BUILD)/runner/%.o: runner/%.c $(BUILD)/flags
	$(call say,CC,$<)
	$(call compile,-iquote runner -iquote . $(RUNNER_CFLAGS))

$(BUILD)/tests/%.o: tests/unit/%.c $(BUILD)/flags
	$(call say,CC,$<)
	$(call compile,-iquote runner -iquote .)

$(BUILD)/tests/tools/%.o: tests/tools/%.c $(BUILD)/flags
	$(call say,CC,$<)
	$(call compile,-iquote runner)

# Other people's code: their warnings, no sanitizer.
$(BUILD)/llhttp/%.o: /usr/share/llhttp/%.c $(BUILD)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(LLHTTP_CFLAGS) -O2 -g -w -c -o $@ $<

# runner/store/schema.sql becomes `const char schema_sql[]`, runner/live/page.html `const char page_html[]`.
define embed
	@mkdir -p $(@D)
	@{ printf 'extern const char %s[];\nconst char %s[] =\n' '$(1)' '$(1)'; \
	   sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/?/\\?/g' -e 's/^/    "/' -e 's/$$/\\n"/' $<; \
	   printf '    "";\n'; } > $@
endef

$(BUILD)/%_sql.c: %.sql
	$(call say,SQL,$<)
	$(call embed,$(*F)_sql)

$(BUILD)/%_html.c: %.html
	$(call say,HTML,$<)
	$(call embed,$(*F)_html)

$(BUILD)/%_sql.o: $(BUILD)/%_sql.c $(BUILD)/flags
	$(call compile)

$(BUILD)/%_html.o: $(BUILD)/%_html.c $(BUILD)/flags
	$(call compile)

# q, not r: two rooms may each have a server.o.
$(BUILD)/libcore.a: $(CORE_OBJECTS)
	$(call say,AR,$@)
	@mkdir -p $(@D) && rm -f $@
	$(Q)$(AR) qcs $@ $^

$(BUILD)/librunner.a: $(RUNNER_OBJECTS) $(SIMULATOR_OBJECTS)
	$(call say,AR,$@)
	@mkdir -p $(@D) && rm -f $@
	$(Q)$(AR) qcs $@ $^

.SECONDEXPANSION:
$(SERVERS): $(BUILD)/bin/%_server: $(BUILD)/servers/%.o $$(call parts_of,servers/$$*) $(BUILD)/libcore.a
	$(call say,LINK,$@)
	$(call link,$(call libs,$(PACKAGES_$(@F))))

$(CLIENTS): $(BUILD)/bin/%_client: $(BUILD)/clients/%.o $$(call parts_of,clients/$$*) $(BUILD)/libcore.a
	$(call say,LINK,$@)
	$(call link,$(call libs,$(PACKAGES_$(@F))))

$(BUILD)/bin/link: $(BUILD)/links/link.o $(LINK_PARTS) $(BUILD)/libcore.a
	$(call say,LINK,$@)
	$(call link,$(call libs))

$(BUILD)/bin/enter: $(BUILD)/links/enter.o $(BUILD)/libcore.a
	$(call say,LINK,$@)
	$(call link,$(call libs))

$(BUILD)/bin/pushpull: $(BUILD)/runner/main.o $(BUILD)/librunner.a $(BUILD)/libcore.a
	$(call say,LINK,$@)
	$(call link,$(call libs,$(PACKAGES_pushpull)))

# A server or client that is more than a file keeps the rest in a folder of its name.
parts_of = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)/*.c))

# Strategies without their main(), for tests that have several in one process.
$(BUILD)/tests/parts/servers/%.o: servers/%.c $(BUILD)/flags
	$(call compile,-Dmain=$*_server_main -Wno-missing-prototypes)

$(BUILD)/tests/parts/clients/%.o: clients/%.c $(BUILD)/flags
	$(call compile,-Dmain=$*_client_main -Wno-missing-prototypes)

$(BUILD)/tests/one_process_test: $(foreach side,servers clients,$(foreach strategy,sse polling,\
  $(BUILD)/tests/parts/$(side)/$(strategy).o $(call parts_of,$(side)/$(strategy))))

# The parts of the link without its main(), for their tests.
$(BUILD)/tests/flows_test: $(addprefix $(BUILD)/links/,flows.o queue.o ring.o segment.o)

$(TESTS): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(BUILD)/librunner.a $(BUILD)/libcore.a
	$(call say,LINK,$@)
	$(call link,$(call libs,$(PACKAGES_tests)))

$(BUILD)/tests/tools/gate_power: $(BUILD)/librunner.a

$(TOOLS): %: %.o $(BUILD)/libcore.a
	$(call say,LINK,$@)
	$(call link,$(call libs,$(PACKAGES_$(@F))))

build/pushpull: $(BUILD)/bin/pushpull
	@ln -sf $(patsubst build/%,%,$<) $@

-include $(wildcard $(addsuffix /*.d,$(BUILD)/* $(BUILD)/*/* $(BUILD)/*/*/*))
