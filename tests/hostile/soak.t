#!/usr/bin/env bash
# Ten seconds of what scripts/hostile does for ten minutes: see soak.mjs.
exec node "$(dirname "$0")/soak.mjs" --seconds 10 --tap "$@"
