#!/usr/bin/env bash
# Clients that others wrote and everybody uses: npm's `eventsource` for Server-Sent Events, npm's `ws`
# for WebSocket. They are fetched into build/ and never become part of this repository.
. "$(dirname "$0")/../lib.sh"

packages=$ROOT/build/npm
command -v npm >/dev/null || skip_all 'npm is not installed'
if [ ! -d "$packages/node_modules/ws" ] || [ ! -d "$packages/node_modules/eventsource" ]; then
    mkdir -p "$packages"
    outside timeout 120 npm install --no-save --no-audit --no-fund --loglevel=error --fetch-retries=1 \
        --prefix "$packages" eventsource@3 ws@8 >"$SCRATCH/npm.out" 2>&1 ||
        skip_all "npm cannot fetch eventsource and ws: $(grep -m 1 . "$SCRATCH/npm.out" | tr -d '#')"
fi

start_server sse --events-per-second 0
sse=$port
start_server websocket --events-per-second 0
node "$ROOT/tests/conformance/npm_clients.mjs" "$packages" "$sse" "$port"
