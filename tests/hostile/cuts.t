#!/usr/bin/env bash
# Connections that are cut at every byte, in every way, at both ends: see cuts.mjs.
exec node "$(dirname "$0")/cuts.mjs" "$@"
