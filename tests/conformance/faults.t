#!/usr/bin/env bash
# Faults on purpose (core/harness/fault.h) do what the report says they do, together and by hand, too.
. "$(dirname "$0")/../lib.sh"

# newest: the number of the newest event at the server on $port.
newest() { get /events -I | sed -n 's/^ETag: "[0-9a-f]*-\([0-9]*\)"$/\1/p'; }
has() { [ "$(newest)" -ge "$1" ]; }

# publishes NUMBERS DESCRIPTION OPTION...: a server with these faults publishes these first.
publishes() {
    local wanted=$1 description=$2 count numbers
    count=$(wc -w <<<"$wanted")
    shift 2
    start_server polling --events-per-second 1000 --feed-events 65536 "$@"
    echo "publish $(now_ns)" >"$server_out.in"
    eventually has "$count"
    numbers=$(seqs_of "$(get '/events?after=0')" | cut -d ' ' -f "1-$count")
    stop_server
    is "$numbers" "$wanted" "$description"
}

# --- together -----------------------------------------------------------------------------------------

publishes '1 2 4 5 7 8 10 11 13 14' 'every third is dropped' --drop-every 3
publishes '1 2 3 5 4 6 7 9 8 10' 'every fourth comes after the one that follows it' --swap-every 4
publishes '2 1 4 3 6 5 8 7' 'one that lets another pass is not held itself' --swap-every 1
publishes '1 2 5 4 7 8 11 10 13 14' 'every third is dropped, also where one is held' --drop-every 3 --swap-every 2
publishes '1 3 3 2 5 4 6 6 7 9 9 8' 'every third comes twice, also where one is held' --duplicate-every 3 --swap-every 2

# --- gone for a while -----------------------------------------------------------------------------------

# All at once: each server is gone from 0.5 s to 1.5 s of a window of 4 s; SSE's subscribers, whom it asked to wait for
# 2 s, come back 3.6 s after the cut at the latest.
CUT_STRATEGIES='polling long_polling sse websocket webhook tcp'
CUT_USERS=2
declare -A cut_server cut_client cut_port
for strategy in $CUT_STRATEGIES; do
    start_server $strategy --events-per-second 20 --cut 500:1000
    options=()
    [ $strategy = polling ] && options=(--interval-ms 100)
    start_client $strategy --subscribers $CUT_USERS ${options[@]+"${options[@]}"}
    eventually grep -q '"connected"' "$client_out" || diag "$(cat "$client_out.err")"
    cut_server[$strategy]=$server_out cut_client[$strategy]=$client_out cut_port[$strategy]=$port
done
now=$(($(now_ns) + 500000000)) # all are told by then
for strategy in $CUT_STRATEGIES; do
    for side in "${cut_server[$strategy]}" "${cut_client[$strategy]}"; do
        echo "measure $now $((now + 4000000000))" >"$side.in"
    done
    echo "publish $now" >"${cut_server[$strategy]}.in"
done
refused() { curl -s -o /dev/null --max-time 1 "http://127.0.0.1:$1/"; [ $? -eq 7 ]; }
for strategy in $CUT_STRATEGIES; do
    ok "$strategy: who connects to a server that is gone is refused" eventually refused "${cut_port[$strategy]}"
done
for strategy in $CUT_STRATEGIES; do
    eventually grep -q '"window"' "${cut_server[$strategy]}"
    last=$(grep '"window"' "${cut_server[$strategy]}" | field last)
    echo "drain 1 $last $(($(now_ns) + 6000000000))" >"${cut_client[$strategy]}.in"
done
for strategy in $CUT_STRATEGIES; do
    eventually grep -q '"drained"' "${cut_client[$strategy]}"
    echo stop >"${cut_client[$strategy]}.in"
    eventually grep -q '"report"' "${cut_client[$strategy]}"
    echo stop >"${cut_server[$strategy]}.in"
    eventually grep -q '"report"' "${cut_server[$strategy]}"
    expected=$((CUT_USERS * $(grep '"report"' "${cut_server[$strategy]}" | field events)))
    report=$(grep '"report"' "${cut_client[$strategy]}")
    deliveries=$(field deliveries <<<"$report") reconnects=$(field reconnects <<<"$report")
    if [ $strategy = tcp ]; then
        ok "tcp: what came meanwhile is lost ($deliveries of $expected)" within "$deliveries" 1 $((expected - 30))
        ok 'tcp: and only that' within "$deliveries" $((expected / 3)) "$expected"
    else
        is "$deliveries" "$expected" "$strategy: nothing is lost"
    fi
    [ $strategy = webhook ] || ok "$strategy: all came back ($reconnects times)" within "$reconnects" $CUT_USERS 100
    like "$(grep '"report"' "${cut_server[$strategy]}" | field faults)" '^cut=500:1000$' "$strategy: the report says so"
done

# One that is told to stop while it is gone.
start_server tcp --cut 1:60000
now=$(now_ns)
echo "measure $now $((now + 1000000000))" >"$server_out.in"
ok 'tcp: it is gone' eventually refused "$port"
stop_server
is "$status" 0 'and ends well'
start_server webhook --cut 1:60000
echo "measure $(now_ns) $(($(now_ns) + 1000000000))" >"$server_out.in"
ok 'webhook: it is gone' eventually refused "$port"
stop_server
is "$status" 0 'and ends well'

# --- by hand ------------------------------------------------------------------------------------------

"$BIN/polling_server" --port 0 --events-per-second 20 --stall 300:1500 >"$SCRATCH/stall" 2>"$SCRATCH/stall.err" &
stalled=$!
started_pids+=("$stalled")
eventually grep -q '"ready"' "$SCRATCH/stall"
port=$(grep '"ready"' "$SCRATCH/stall" | field port)
ok 'a server that stands still goes on' eventually has 40 # due after 2 s
lag_ms=$(get '/events?after=0' | grep -o '"lag_ns":[0-9]*' | cut -d : -f 2 | sort -n | tail -n 1 | sed 's/......$//')
kill -INT $stalled
status_of_end $stalled
is "$status" 0 'and ends well'
like "$(grep '"report"' "$SCRATCH/stall" | field faults)" '^stall=300:1500$' 'its report says what it was told to do'
ok "events that were due meanwhile came late (by $lag_ms ms)" [ "$lag_ms" -ge 1300 ]

# --- without bounds -------------------------------------------------------------------------------------

for delay in 1e300:1e300:1 0:3600001:1e9 0:0:1e-9; do
    "$BIN/polling_server" --port 0 --delay $delay </dev/null >"$SCRATCH/delay" 2>&1 &
    delayed=$!
    started_pids+=("$delayed")
    status_of_end $delayed
    is "$status" 2 "--delay $delay is refused"
    like "$(cat "$SCRATCH/delay")" "LEAST_MS:MOST_MS:PERIOD_MS" 'in a sentence'
done
start_server polling --events-per-second 1e-12 --delay 1:2:10
echo "publish $(now_ns)" >"$server_out.in"
ok 'the first event is published' eventually has 1
publish 'now' >/dev/null
is "$(newest)" 2 'the second is never due, however late it shall be'
stop_server
is "$status" 0 'the server ends well'
done_testing
