#!/usr/bin/env bash
# Hostile servers against our clients: see servers.mjs.
exec node "$(dirname "$0")/servers.mjs" "$@"
