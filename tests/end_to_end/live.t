#!/usr/bin/env bash
# pushpull live without a browser: the page is served, its stream tells of every lane, each control does what it says,
# strangers are refused, and nothing is left running, however it ends.
. "$(dirname "$0")/../lib.sh"

STRATEGIES=$("$BIN/pushpull" strategies)
COUNT=$(wc -w <<<"$STRATEGIES")

# live OPTION...: starts it on a port of the kernel's choice. Sets runner, port, out.
live() {
    out=$SCRATCH/live.$((${#started_pids[@]} + 1))
    [[ " $* " == *' --bin '* ]] || set -- --bin "$BIN" "$@"
    TMPDIR=$SCRATCH "$BIN/pushpull" live --port 0 --results "$SCRATCH/results" "$@" >"$out" 2>"$out.err" </dev/null &
    runner=$!
    started_pids+=("$runner")
    eventually grep -q 'The live page is' "$out" || diag "$(cat "$out.err")"
    port=$(sed -n 's|.*http://127\.0\.0\.1:\([0-9]*\)/.*|\1|p' "$out")
}

# watch FILE: keeps what the stream says in FILE, in the background.
watch() {
    curl -sN "http://127.0.0.1:$port/events" >"$1" 2>/dev/null &
    watcher=$!
    started_pids+=("$watcher")
}

# control JSON [CURL OPTION...]: prints the status and the body of the answer.
control() {
    local json=$1
    shift
    curl -sS --max-time $PATIENCE -w ' %{http_code}' -H 'Content-Type: application/json' -d "$json" "$@" \
        "http://127.0.0.1:$port/control" | tr -d '\n'
}

# told FILE SCRIPT: SCRIPT, a function's body over `states`, `news`, `faults` (lists of objects), returns something true.
told() {
    node -e '
        const text = require("fs").readFileSync(process.argv[1], "utf8");
        const of = (type) => [...text.matchAll(new RegExp("event: " + type + "\ndata: (.*)\n", "g"))].map((m) => JSON.parse(m[1]));
        const seen = new Function("states", "news", "faults", process.argv[2])(of("state"), of("news"), of("fault"));
        process.exit(seen ? 0 : 1);' "$@"
}
LATENCIES='const late = (lane, from) => news.flatMap((n) => n.lanes[lane]?.received ?? []).filter((r) => r[2] >= from).map((r) => r[2] - r[1]);'

live --set events_per_second=20 --set arrivals=constant --set subscribers=3 --set polling.interval_ms=200
watch "$SCRATCH/stream"

# --- the page -------------------------------------------------------------------------------------------

page=$(get /)
like "$page" '^HTTP/1.1 200 OK$' 'the page is there'
like "$page" '^Content-Type: text/html; charset=utf-8$' 'and says what it is'
ok 'it is the file' diff <(body_of "$page") <(cat "$ROOT/runner/live/page.html")
is "$(grep -cE 'https?://' "$ROOT/runner/live/page.html")" "$(grep -c 'http://www.w3.org/2000/svg' "$ROOT/runner/live/page.html")" \
    'which names nothing in the network'
ok "and is read in one sitting ($(wc -l <"$ROOT/runner/live/page.html") lines)" [ "$(wc -l <"$ROOT/runner/live/page.html")" -le 1000 ]
listens() { awk -v port="$(printf ':%04X' "$port")" '$4 == "0A" && $2 ~ port "$" { print $2 }' /proc/net/tcp; }
like "$(listens)" '^0100007F:' 'it listens on loopback alone'

# --- the stream -----------------------------------------------------------------------------------------

ok "there are $COUNT lanes" eventually told "$SCRATCH/stream" "return states.some((s) => s.status === 'running' && s.lanes.length === $COUNT);"
ok 'events arrive in each' eventually told "$SCRATCH/stream" "$LATENCIES
    return [...Array($COUNT).keys()].every((lane) => late(lane, 0).length > 20);"
ok 'and are due at the same time in all' eventually told "$SCRATCH/stream" "
    const dues = (lane) => new Map(news.flatMap((n) => n.lanes[lane]?.published ?? []).map((p) => [p[0], p[1]]));
    const all = [...Array($COUNT).keys()].map(dues);
    return [...all[0]].filter(([n]) => all.every((a) => a.has(n))).length > 20 &&
        [...all[0]].every(([n, due]) => all.every((a) => !a.has(n) || a.get(n) === due));"
ok 'messages are told, and what they bring' eventually told "$SCRATCH/stream" "
    return [...Array($COUNT).keys()].every((lane) => news.flatMap((n) => n.lanes[lane]?.messages ?? []).some((m) => m[0] === 1 && m[5] > 0 && m[2] >= m[1]));"
ok 'counts too' eventually told "$SCRATCH/stream" "
    return [...Array($COUNT).keys()].every((lane) => news.some((n) => n.lanes[lane]?.counts?.total_bytes > 0 && n.lanes[lane].counts.total_segments > 0));"

# --- controls -------------------------------------------------------------------------------------------

now_ms() { node -e '
    const text = require("fs").readFileSync(process.argv[1], "utf8");
    console.log([...text.matchAll(/data: \{"now":([0-9.]+)/g)].pop()[1]);' "$SCRATCH/stream"; }

is "$(control '{"do":"set","rate":0}')" '{"error":null} 200' 'the rate can be set'
sleep 1
from=$(now_ms)
is "$(control '{"do":"publish"}')" '{"error":null} 200' 'publish'
ok 'brings one event to each lane' eventually told "$SCRATCH/stream" "
    return [...Array($COUNT).keys()].every((lane) => news.flatMap((n) => n.lanes[lane]?.received ?? []).filter((r) => r[1] > $from).length === 1);"
is "$(control '{"do":"set","rate":50,"payload":1000}')" '{"error":null} 200' 'rate and payload'
ok 'take effect at once' eventually told "$SCRATCH/stream" "
    const last = news.flatMap((n) => n.lanes[2]?.messages ?? []).filter((m) => m[1] > $from);
    return last.filter((m) => m[0] === 1 && m[3] > 1000).length > 50;"
ok 'without a restart' told "$SCRATCH/stream" 'return states.every((s) => s.session === 1);'

from=$(now_ms)
is "$(control '{"do":"stall","ms":600}')" '{"error":null} 200' 'stall'
ok 'makes every lane late' eventually told "$SCRATCH/stream" "$LATENCIES
    return faults.some((f) => f.what === 'stall' && f.ms === 600) && [...Array($COUNT).keys()].every((lane) => Math.max(...late(lane, $from)) > 450);"
from=$(now_ms)
is "$(control '{"do":"cut","ms":300}')" '{"error":null} 200' 'cut'
ok 'breaks connections, and all come back' eventually told "$SCRATCH/stream" "$LATENCIES
    return [0, 1, 2, 3, 4].every((lane) => Math.max(...late(lane, $from)) > 150) &&
        [...Array($COUNT).keys()].every((lane) => late(lane, $from + 4500).length > 10);"
sleep 0.3
from=$(now_ms)
is "$(control '{"do":"pause","ms":700}')" '{"error":null} 200' 'pause'
ok 'keeps the user from reading' eventually told "$SCRATCH/stream" "$LATENCIES
    return [...Array($COUNT).keys()].every((lane) => Math.max(...late(lane, $from)) > 500);"
is "$(control '{"do":"set","interval":100,"subscribers":2}')" '{"error":null} 200' 'interval and users'
ok 'restart the programs, visibly' eventually told "$SCRATCH/stream" "
    return states.some((s) => s.status === 'restarting') && states.some((s) => s.session === 2 && s.status === 'running' && s.knobs.interval.value === 100);"
is "$(running polling_client | wc -l) $(running sse_server | wc -l)" '1 1' 'each runs once'
like "$(tr '\0' ' ' <"/proc/$(running polling_client)/cmdline")" '--subscribers=2 .*--interval-ms=100 ' 'with what was set'

# --- what is refused ------------------------------------------------------------------------------------

like "$(control '{"do":"set","rate":1000}')" 'rate must be a number from 0 to 200\..* 400$' 'a rate that is too high'
like "$(control '{"do":"set","subscribers":2.5}')" 'must be a whole number.* 400$' 'half a user'
like "$(control '{"do":"stall","ms":100000}')" 'ms must be .* 400$' 'a stall of minutes'
like "$(control '{"do":"dance"}')" 'Wanted: .* 400$' 'what is no control'
like "$(control 'nonsense')" 'Wanted: .* 400$' 'what is no JSON'
like "$(curl -sS -w ' %{http_code}' -H 'Content-Type: text/plain' -d '{"do":"publish"}' "http://127.0.0.1:$port/control")" ' 415$' 'a body that does not say it is JSON'
like "$(control '{"do":"publish"}' -H 'Origin: http://example.org')" ' 403$' 'a page of another origin'
like "$(control '{"do":"publish"}' -H "Origin: http://127.0.0.1:1")" ' 403$' 'one of another port'
like "$(control '{"do":"publish"}' -H "Host: example.org:$port")" ' 403$' 'another name of this host'
like "$(control '{"do":"publish"}' -H 'Host: 127.0.0.1:1')" ' 403$' 'another port'
like "$(control '{"do":"publish"}' -H 'Host: 127.0.0.1')" ' 403$' 'no port'
like "$(control '{"do":"publish"}' -H "Origin: http://localhost:$port" -H "Host: localhost:$port")" ' 200$' 'but not localhost'
like "$(get / -H 'Host: example.org')" '^HTTP/1.1 403' 'a name that leads here is not served the page either'
like "$(get '/experiment?id=7')" '^HTTP/1.1 404' 'an experiment that is not there'
is "$(body_of "$(get /experiments)")" '{"experiments":[]}' 'there are none'
message=$("$BIN/pushpull" live --port "$port" --bin "$BIN" 2>&1)
like "$? $message" "^1 .*cannot serve the page on 127.0.0.1 port $port: address already in use .*--port" 'a port that is in use, in one sentence'
message=$("$BIN/pushpull" live nowhere --bin "$BIN" 2>&1)
like "$? $message" '^2 .*there is no scenario nowhere' 'a scenario that does not exist'

# --- the end --------------------------------------------------------------------------------------------

kill "$watcher"
sleep 0.3
like "$(control '{"do":"publish"}')" ' 200$' 'a page that is closed ends nothing but its stream'
children=$(children_of "$runner")
is "$(wc -w <<<"$children")" $((2 * COUNT)) 'a server and a client run for each strategy'
kill -TERM "$runner"
status_of_end "$runner"
is "$status" 0 'it ends when it is told to'
none_left() { local p; for p in $children; do gone "$p" || return 1; done; }
ok 'and all its programs with it' none_left
is "$(cat "$out.err" | grep -cv 'connection refused\|more line\|is gone\|at 127\.0\.0\.1')" 0 'it had nothing to complain about'

live
eventually told "$SCRATCH/stream" 'return true;'
all_run() { children=$(children_of "$runner"); [ "$(wc -w <<<"$children")" -eq $((2 * COUNT)) ]; }
eventually all_run
kill -KILL "$runner" && { wait "$runner"; } 2>/dev/null
ok 'when it is killed nothing is left running' eventually none_left

# --- models ---------------------------------------------------------------------------------------------

live --modelled --set link.rtt_ms=80
watch "$SCRATCH/models"
ok 'models can take the place of programs' eventually told "$SCRATCH/models" "$LATENCIES
    return states.some((s) => s.network === 'models') && late(2, 0).length > 3 && late(2, 0).every((l) => l > 39 && l < 200);"
like "$(control '{"do":"stall","ms":500}')" 'Models are shown.* 400$' 'which cannot be stalled'
is "$(children_of "$runner" | wc -l)" 0 'and no program runs'
kill -TERM "$runner"
status_of_end "$runner"
is "$status" 0 'it ends well'

# A machine that makes no networks: its `link` says so.
mkdir "$SCRATCH/bin"
ln -s "$BIN"/* "$SCRATCH/bin/"
rm "$SCRATCH/bin/link"
printf '#!/bin/sh\n[ "$1" != --check ] || exit 1\nexec "%s" "$@"\n' "$BIN/link" >"$SCRATCH/bin/link"
chmod +x "$SCRATCH/bin/link"
live --bin "$SCRATCH/bin"
watch "$SCRATCH/fallen"
eventually told "$SCRATCH/fallen" 'return states.some((s) => s.status === "running" && s.network === "loopback");'
is "$(control '{"do":"set","rtt":60}')" '{"error":null} 200' 'a distance is asked for'
ok 'models stand in where no link can be had, and the page is told' eventually told "$SCRATCH/fallen" "
    return states.some((s) => s.network === 'models' && /makes no networks/.test(s.why_models));"
kill -TERM "$runner"
status_of_end "$runner"
is "$status" 0 'it ends well'
done_testing
