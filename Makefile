# pushpull: every task a person does. `make help` lists them.
#
# CFLAGS, LDFLAGS, CC and PREFIX are yours to set. SANITIZE=address,undefined builds a second tree.

CC      ?= cc
CFLAGS  ?= -O2 -g
V       ?= 0
SCENARIO ?= quick

MODE  := $(if $(SANITIZE),sanitize,release)
BUILD := build/$(MODE)
Q     := $(if $(filter 1,$(V)),,@)
say    = $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' '$(1)' '$(2)')

# --- libraries --------------------------------------------------------------------------------
# What goes into every program, and what only one of them needs.
PACKAGES           := libuv jansson libcrypto
PACKAGES_websocket := libwebsockets
PACKAGES_runner    := sqlite3 inih

# llhttp: a system library where there is one, else the distribution's C sources.
LLHTTP_SOURCES := $(if $(shell pkg-config --exists libllhttp && echo y),,$(wildcard /usr/share/llhttp/*.c))
LLHTTP_CFLAGS  := $(if $(LLHTTP_SOURCES),-I/usr/share/include/llhttp,$(shell pkg-config --cflags libllhttp 2>/dev/null))
LLHTTP_LIBS    := $(if $(LLHTTP_SOURCES),,$(shell pkg-config --libs libllhttp 2>/dev/null))

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            $(if $(WERROR),-Werror)
SANITIZE_FLAGS := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=undefined)

cflags = -std=gnu11 -D_GNU_SOURCE -Icore $(WARNINGS) $(SANITIZE_FLAGS) $(LLHTTP_CFLAGS) \
         $(shell pkg-config --cflags $(PACKAGES) libcurl libwebsockets sqlite3 inih 2>/dev/null)
libs   = $(shell pkg-config --libs $(PACKAGES) $(1) 2>/dev/null) $(LLHTTP_LIBS) -lm
