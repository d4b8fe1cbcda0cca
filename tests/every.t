#!/usr/bin/env bash
# What must be true of every strategy, whatever it does: how its programs start, what they say of
# themselves, how they end, and that events come once and in order.
. "$(dirname "$0")/lib.sh"

mapfile -t all < <(strategies)
ok "there are strategies (${all[*]})" [ ${#all[@]} -ge 6 ]

said() { grep -q "\"type\": *\"$2\"" "$1"; } # FILE TYPE
# The last message of this type, or nothing.
message() { grep "\"type\": *\"$2\"" "$1" | tail -n 1; } # FILE TYPE

# --- the command line -----------------------------------------------------------------------------------

# tell PROGRAM ARGUMENT...: stdout in $SCRATCH/told, stderr in $SCRATCH/told.err; sets `status`
tell() {
    timeout $PATIENCE "$BIN/$1" "${@:2}" >"$SCRATCH/told" 2>"$SCRATCH/told.err" </dev/null
    status=$?
}

check_command_line() { # PROGRAM OPTION
    local option=$2
    tell "$1" --help
    is "$status" 0 "$1 --help"
    like "$(head -n 1 "$SCRATCH/told")" "^$1: " 'begins with its name'
    like "$(cat "$SCRATCH/told")" "^  --$option " "and lists --$option"
    tell "$1" --options
    is "$status $(node -e '
        const options = JSON.parse(require("fs").readFileSync(0, "utf8"));
        const bad = options.filter((o) => !/^[a-z][a-z_]*$/.test(o.name) || !o.kind || !o.help);
        const names = new Set(options.map((o) => o.name));
        console.log(bad.length, names.size === options.length, names.has(process.argv[1]))' \
        "$option" <"$SCRATCH/told")" '0 0 true true' "$1 --options is JSON: name, kind and help of each, none twice"
    tell "$1" --no-such-option
    is "$status $(wc -l <"$SCRATCH/told.err")" '2 1' "$1 refuses an unknown option in one line"
    like "$(cat "$SCRATCH/told.err")" "^$1: .*no-such-option" 'which names it'
    tell "$1" "--$option" ''
    is "$status" 2 "$1 refuses --$option without a value"
    tell "$1" "--seed" 12x
    is "$status $(wc -l <"$SCRATCH/told.err")" '2 1' "$1 refuses a value that is none in one line"
    like "$(cat "$SCRATCH/told.err")" "^$1: .*seed.*12x" 'which names it'
    is "$(cat "$SCRATCH/told")" '' 'and nothing on stdout'
}

# --- how it ends ------------------------------------------------------------------------------------------

# Both programs start as the runner starts them, and end well when its pipe does.
check_end_of_stdin() {
    start_server "$1" --events-per-second 0
    start_client "$1" --subscribers 3
    ok "$1: three subscribers are connected" eventually said "$client_out" connected
    kill "$client_keeper"
    status_of_end "$client_pid"
    is "$status" 0 "$1: the client ends when its stdin does"
    ok 'with a report' said "$client_out" report
    stop_server
    is "$status" 0 "$1: the server ends when its stdin does"
    ok 'with a report' said "$server_out" report
    # (the sanitizers see what is left behind)
    printf 'stop\nmeasure 1 2\npart of a li' | "$BIN/${1}_server" --supervised --port 0 >"$SCRATCH/told" 2>&1
    is "${PIPESTATUS[1]}" 0 "$1: what comes behind a stop is not heard"
    is "$(grep -c '"report"' "$SCRATCH/told")" 1 'there is one report'
}

check_signal() {
    start_server "$1" --events-per-second 50
    start_client "$1" --subscribers 3
    eventually said "$client_out" connected
    kill -TERM "$client_pid"
    status_of_end "$client_pid"
    is "$status" 0 "$1: SIGTERM ends the client well"
    ok 'with a report' said "$client_out" report
    kill -TERM "$pid"
    status_of_end "$pid"
    is "$status" 0 "$1: SIGTERM ends the server well"
    ok 'with a report' said "$server_out" report
}

# --- a port in use ------------------------------------------------------------------------------------------

check_port_in_use() {
    start_server "$1" --events-per-second 0
    tell "$1_server" --port "$port"
    is "$status $(wc -l <"$SCRATCH/told.err")" '1 1' "$1: a port in use is told in one line, exit status 1"
    like "$(cat "$SCRATCH/told.err")" "^$1_server: .*port $port: address already in use" 'which names the port'
    unlike "$(cat "$SCRATCH/told")" '"ready"' 'and never says that it is ready'
    stop_server
}

# --- five events to three subscribers -------------------------------------------------------------------------

# As the runner does it, but by hand: ten events per second, a window of half a second.
check_delivery() {
    local now start end first last window report
    local own=()
    "$BIN/$1_client" --options | grep -q '"interval_ms"' && own=(--interval-ms 100)
    start_server "$1" --events-per-second 10
    start_client "$1" --subscribers 3 ${own[@]+"${own[@]}"}
    eventually said "$client_out" connected || diag "$(cat "$client_out.err")"
    now=$(now_ns)
    start=$((now + 1250000000)) end=$((now + 1750000000)) # between two events, and time to say so
    echo "publish $((now + 1000000000))" >"$server_out.in"
    echo "measure $start $end" | tee "$server_out.in" >"$client_out.in"
    ok "$1: the window has ended" eventually said "$server_out" window
    window=$(message "$server_out" window)
    is "$(field events <<<"$window")" 5 'five events were due in it'
    first=$(field first <<<"$window") last=$(field last <<<"$window")
    is "$((last - first + 1))" 5 'one after the other'
    echo "drain $first $last $(($(now_ns) + PATIENCE * 1000000000))" >"$client_out.in"
    ok "$1: they have come" eventually said "$client_out" drained
    is "$(message "$client_out" drained | field complete)" true 'all of them'
    echo stop >"$client_out.in"
    status_of_end "$client_pid"
    report=$(message "$client_out" report)
    is "$(for key in subscribers deliveries duplicates reordered malformed missed resets reconnects errors; do
        field $key <<<"$report"
    done | tr '\n' ' ')" '3 15 0 0 0 0 0 0 0 ' "$1: each once and in order to all three, and no trouble"
    stop_server
}

# --- a runner that is killed ------------------------------------------------------------------------------------

cat >"$SCRATCH/long.ini" <<'END'
[scenario]
title = Long enough to be killed
repeats = 1
warmup_seconds = 60
measure_seconds = 60
drain_seconds = 1
[hold]
subscribers = 3
events_per_second = 20
END

# What the runner starts, at most one trial at a time: two programs.
both_there() { [ "$(children_of "$1" | wc -l)" = 2 ]; }
all_gone() { local p; for p; do gone "$p" || return 1; done; }

check_killed_runner() {
    local runner children
    "$BIN/pushpull" run "$SCRATCH/long.ini" --set "strategy=$1" --results "$SCRATCH/killed.$1" --charts off \
        >"$SCRATCH/runner.out" 2>&1 </dev/null &
    runner=$!
    started_pids+=("$runner")
    ok "$1: the runner has started a server and a client" eventually both_there $runner
    mapfile -t children < <(children_of $runner)
    kill -KILL $runner
    { wait $runner; } 2>/dev/null
    ok "$1: both are gone when it is killed" eventually all_gone "${children[@]}" ||
        kill -KILL "${children[@]}" 2>/dev/null
}

for strategy in "${all[@]}"; do
    check_command_line "${strategy}_server" port
    check_command_line "${strategy}_client" subscribers
    check_end_of_stdin "$strategy"
    check_signal "$strategy"
    check_port_in_use "$strategy"
    check_delivery "$strategy"
    check_killed_runner "$strategy"
done
done_testing
