# A second opinion: curl receives events of the same server, timed by a program that shares no code with
# pushpull's clients (tests/tools/stamp.c). It is compared with `handled_latency`, when ours has the event:
# that of its arrival is the kernel's. What curl prints goes through a pipe, which costs a wake-up
# more: that is measured by itself and taken off. So is curl's own work on an event, which ours does not
# have in it: CURL_US, the middle of what was seen on a quiet machine (0 to 35).
#
# The two take turns. At the same time they would be in each other's way: a server writes to one after
# the other, and of three programs one has to wait when there are two cores. The server has a core of
# its own and the clients another, so that the scheduler treats both alike.
attempts=3

TURNS=3 # of each; the best counts, for what disturbs a turn only adds
TURN_SECONDS=1
CURL_US=15

pin() { # CORE PID...: where there is such a core, else not at all
    local p
    for p in "${@:2}"; do taskset -cp "$1" "$p" >/dev/null 2>&1; done
}

serve() { # STRATEGY
    start server "$BIN/$1_server" --port 0 --events-per-second 100
    pin 0 "$pid"
    eventually grep -q '"ready"' "$work/server"
    port=$(sed -n 's/.*"port": *\([0-9]*\).*/\1/p' "$work/server")
    url=http://127.0.0.1:$port/events
}

# One request for a stream; for long polling as many requests as there may be events, on one connection:
# each waits for the next event.
urls() { # STRATEGY
    local i count=1
    [ "$1" = long_polling ] && count=1000
    for ((i = 0; i < count; i++)); do echo "url = \"$url\""; done
}

# curl, and the stamp that reads what it prints.
curl_turn() { # STRATEGY
    local curl_pid stamp_pid
    rm -f "$work/pipe"
    mkfifo "$work/pipe"
    "$TOOLS/stamp" <"$work/pipe" >"$work/turn" &
    stamp_pid=$!
    curl -sN --config "$work/urls" >"$work/pipe" 2>/dev/null </dev/null &
    curl_pid=$!
    started+=("$stamp_pid" "$curl_pid")
    pin 1 $stamp_pid $curl_pid
    sleep $TURN_SECONDS # the turn itself
    stop $curl_pid
    await $stamp_pid
    p50_us "$work/turn" >>"$work/curl.us"
}

own_turn() { # STRATEGY
    start own.json "$BIN/$1_client" --servers "127.0.0.1:$port" --seconds $TURN_SECONDS
    pin 1 "$pid"
    await "$pid"
    sed -n '/"type": *"report"/p' "$work/own.json" >"$work/own.report"
    sqlite3 :memory: "SELECT json_extract(CAST(readfile('$work/own.report') AS TEXT),
                      '\$.histograms.handled_latency.data')" | "$TOOLS/histogram" >"$work/turn"
    p50_us "$work/turn" >>"$work/own.us"
}

# What the pipe and the reader behind it add, in microseconds: also the best of some turns.
measure_pipe() {
    local turn
    for ((turn = 0; turn < TURNS; turn++)); do pipe_turn; done >"$work/pipe.us"
    pipe_us=$(least "$work/pipe.us")
}

pipe_turn() {
    local writer reader
    rm -f "$work/pipe"
    mkfifo "$work/pipe"
    "$TOOLS/stamp" <"$work/pipe" >"$work/pipe.ns" &
    reader=$!
    "$TOOLS/stamp" 60 10000 >"$work/pipe" &
    writer=$!
    started+=("$reader" "$writer")
    pin 1 $reader $writer
    await $reader $writer
    p50_us "$work/pipe.ns"
}

# Missing when there are hardly any events: that is no turn.
p50_us() { # FILE
    [ "$(wc -l <"$1")" -gt 20 ] || { known; return; }
    sort -n -o "$1" "$1"
    printf '%s\n' "$(calculate "1000 * ($(quantile_ms 0.5 "$1"))")"
}

compare() { # STRATEGY
    local turn ours theirs bound
    rm -f "$work/curl.us" "$work/own.us"
    serve "$1"
    urls "$1" >"$work/urls"
    for ((turn = 0; turn < TURNS; turn++)); do
        curl_turn "$1"
        own_turn "$1"
    done
    stop_started
    ours=$(least "$work/own.us")
    theirs=$(calculate "$(least "$work/curl.us") - $pipe_us - $CURL_US")
    bound=$(calculate "0.05 * $ours > 50 ? 0.05 * $ours : 50")
    verdict "$1: p50 by curl, by ours" \
        "$(round "$theirs") (its own $(calculate "$pipe_us + $CURL_US" | cut -d . -f 1) taken off) and $(round "$ours") µs, at most $(round "$bound") apart" \
        "($theirs) - ($ours) <= $bound && ($ours) - ($theirs) <= $bound"
}

check() {
    measure_pipe
    compare sse
    compare long_polling
}
