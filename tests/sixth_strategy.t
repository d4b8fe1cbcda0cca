#!/usr/bin/env bash
# How to add a strategy, as CONTRIBUTING.md tells it: a copy of this tree gets a sixth one by a server, a
# client and a row, and a chapter in the handbook. Nothing else may be needed to build and to run it.
. "$(dirname "$0")/lib.sh"

fixture=$ROOT/tests/fixtures/ndjson
copy=$SCRATCH/copy

# --- a copy, and what is compiled already -------------------------------------------------------------

# The files of this tree: those that git knows, or all where there is no git.
files() {
    (cd "$ROOT" && { git ls-files --cached --others --exclude-standard -z 2>/dev/null ||
        find . \( -path ./build -o -path ./results \) -prune -o -type f -print0; })
}
mkdir "$copy"
files | (cd "$ROOT" && while IFS= read -r -d '' file; do [ ! -f "$file" ] || printf '%s\0' "$file"; done |
    xargs -0 cp --parents --preserve=mode,timestamps -t "$copy")
mode=$(basename "$BUILD")
mkdir -p "$copy/build"
cp -r --preserve=timestamps "$BUILD" "$copy/build/$mode"
rm -rf "$copy/build/$mode"/self-test

# As the tree was built: the make above us has its own ideas of jobs, and hands down what it was given.
unset MAKELEVEL MFLAGS
[[ " ${MAKEFLAGS-} " =~ (SANITIZE=[^ ]*) ]] && sanitize=${BASH_REMATCH[1]}
unset MAKEFLAGS
[ "$mode" = sanitize ] && : "${sanitize:=SANITIZE=address,undefined}"
build() { (cd "$copy" && timeout 280 make -j2 MODE="$mode" ${sanitize:+"$sanitize"} "$@") >"$SCRATCH/make" 2>&1; }

# --- three touches and a chapter ------------------------------------------------------------------------

cp "$fixture/server.c" "$copy/servers/ndjson.c"
cp "$fixture/client.c" "$copy/clients/ndjson.c"
sed -i "s|^ *{\"tcp\", .*|$(cat "$fixture/row")\n&|" "$copy/runner/scenario/strategies.c"
cp "$fixture/chapter.md" "$copy/docs/ndjson.md"
sed -i 's|^6\. \[TCP\].*|&\n7. [NDJSON](ndjson.md): a stream of lines|' "$copy/docs/README.md"
ok 'it builds' build all
[ -x "$copy/build/$mode/bin/ndjson_server" ] || { diag "$(tail -n 20 "$SCRATCH/make")"; done_testing; }
unlike "$(cat "$SCRATCH/make")" 'warning' 'without a warning'

BIN=$copy/build/$mode/bin
BUILD=$copy/build/$mode
like "$(strategies)" '^ndjson$' 'pushpull knows it'
is "$(strategies | tail -n 1)" tcp 'and the floor is still the last'

# --- through the runner ---------------------------------------------------------------------------------

# Three events per second, and a heartbeat in each gap: an empty line is no malformed event.
cat >"$SCRATCH/sixth.ini" <<'END'
[scenario]
title = The sixth
repeats = 1
warmup_seconds = 0.3
measure_seconds = 2
drain_seconds = 30
[hold]
subscribers = 5
events_per_second = 3
payload_bytes = 64
ndjson.heartbeat_seconds = 0.1
[vary]
strategy = ndjson, tcp
END
timeout 120 "$BIN/pushpull" run "$SCRATCH/sixth.ini" --results "$SCRATCH/results" >"$SCRATCH/out" 2>"$SCRATCH/err"
ran $? "$SCRATCH/err" 'it runs'
sql() { sqlite3 "$SCRATCH/results/pushpull.sqlite" "$1"; }
value() { known "$(sql "SELECT value FROM metric JOIN trial ON trial.id = trial_id WHERE strategy = '$1' AND name = '$2'")"; }
for strategy in ndjson tcp; do
    is "$(value $strategy expected) $(value $strategy deliveries)" '30.0 30.0' "$strategy: 3 events/s for 2 s came to all 5"
    for metric in lost duplicates reordered malformed errors reconnects missed; do
        is "$(value $strategy $metric)" 0.0 "$strategy: $metric 0"
    done
done
ok 'there were heartbeats' awk "BEGIN { exit !($(value ndjson heartbeats) > 0) }"
like "$(cat "$SCRATCH/results/report.html")" NDJSON 'the report speaks of it'

timeout 60 "$BIN/pushpull" diagram "$SCRATCH/sixth.ini" --only ndjson --live >"$SCRATCH/picture" 2>"$SCRATCH/err"
ran $? "$SCRATCH/err" 'a live run of it can be drawn'
like "$(cat "$SCRATCH/picture")" '>event 3, [0-9]+ B, to the user: sent [0-9.]+ s, there [0-9.]+ s<' 'with its events'
like "$(cat "$SCRATCH/picture")" '>no event [0-9]+ B, to the user: ' 'and its signs of life'

# --- by hand, and to come back ----------------------------------------------------------------------------

start_server ndjson --events-per-second 0
publish one >/dev/null
publish two >/dev/null
stream() { printf 'GET /events%s HTTP/1.1\r\nHost: localhost\r\n\r\n' "$1" | raw "$port" --until "$2" | tr -d '\r'; }
is "$(seqs_of "$(stream '?after=1' '"seq":2')")" '2 ' 'after= replays what came after it'
like "$(stream '?after=00000000-1' '"seq":2')" '"reset":true' 'a cursor of another life is a reset'
stop_server
is "$status" 0 'the server ends well'

# --- the house still stands -------------------------------------------------------------------------------

(cd "$copy" && BUILD=$BUILD BIN=$BIN timeout 120 bash tests/architecture.t) >"$SCRATCH/architecture" 2>&1
is "$? $(grep '^not ok' "$SCRATCH/architecture")" '0 ' 'its architecture test passes'
like "$(cat "$SCRATCH/architecture")" '^ok .* servers/ndjson\.c ' 'and has looked at it'
done_testing
