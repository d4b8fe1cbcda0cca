#!/usr/bin/env bash
# A server is killed and begins anew on the same port while its subscribers stay. Of every strategy:
# nobody storms it, nothing of its new life is skipped or taken for a duplicate, and that there is a
# new life is told and counted.
. "$(dirname "$0")/../lib.sh"

SUBSCRIBERS=5
EVENTS=10

# begin_client STRATEGY OPTION...: starts it as a runner does, and opens a window that is long enough.
begin_client() {
    local strategy=$1 now
    shift
    client_out=$SCRATCH/$strategy.client
    [ -p "$client_out.in" ] || mkfifo "$client_out.in"
    "$BIN/${strategy}_client" --supervised --servers "127.0.0.1:$port" --subscribers $SUBSCRIBERS "$@" \
        <"$client_out.in" >"$client_out" 2>"$client_out.err" &
    client=$!
    started_pids+=("$client")
    exec {orders}>"$client_out.in"
    eventually grep -q '"connected"' "$client_out" || diag "$(cat "$client_out.err")"
    now=$(now_ns)
    opened=$now
    echo "measure $now $((now + 100 * 1000000000))" >&"$orders"
}

end_client() {
    echo stop >&"$orders"
    exec {orders}>&-
    wait "$client"
    client_status=$?
    seconds=$((($(now_ns) - opened) / 1000000000 + 1))
    report=$(grep '"report"' "$client_out")
}

# What the client's ticks say was delivered so far.
delivered() { grep '"tick"' "$client_out" | grep -o '"deliveries":[0-9]*' | cut -d : -f 2 | awk '{ sum += $1 } END { print sum + 0 }'; }
have() { [ "$(delivered)" -ge "$1" ]; }
counted() { field "$1" <<<"$report"; }

kill_server() {
    kill -KILL "$pid"
    { wait "$pid"; } 2>/dev/null
    kill "$keeper"
}

for strategy in polling long_polling sse websocket webhook tcp; do
    options=()
    [ $strategy = polling ] && options=(--interval-ms 200)
    common=(--events-per-second 0)
    if [ $strategy = tcp ]; then common=(--events-per-second 20); fi # there is no POST /publish
    start_server $strategy "${common[@]}"
    begin_client $strategy "${options[@]}"
    if [ $strategy != tcp ]; then
        publish_many $EVENTS 50
        ok "$strategy: everybody has the events of the first life" eventually have $((SUBSCRIBERS * EVENTS))
    else
        echo "publish $opened" >"$server_out.in"
        ok "$strategy: events come" eventually have $((SUBSCRIBERS * EVENTS))
    fi
    before=$(delivered)
    kill_server
    start_server $strategy "${common[@]}" --port "$port"
    if [ $strategy != tcp ]; then
        publish_many $EVENTS 50 # before anybody is back
        ok "$strategy: everybody has the events of the second life" \
            eventually have $((2 * SUBSCRIBERS * EVENTS))
    else
        echo "publish $(now_ns)" >"$server_out.in"
        ok "$strategy: events of the second life come" eventually have $((before + SUBSCRIBERS * EVENTS))
    fi
    end_client
    is "$client_status" 0 "$strategy: the client ends well"
    [ $strategy = tcp ] || is "$(counted deliveries)" $((2 * SUBSCRIBERS * EVENTS)) "$strategy: each exactly once"
    is "$(counted duplicates)" 0 "$strategy: none is taken for a duplicate"
    is "$(counted malformed)" 0 "$strategy: nothing is misunderstood"
    is "$(counted resets)" $SUBSCRIBERS "$strategy: each subscriber was told of the new life"
    # Polls come by schedule; the others ask for events, and again after a pause.
    most=$((SUBSCRIBERS * (4 * EVENTS + 20 * seconds)))
    ok "$strategy: no storm ($(counted requests) requests in $seconds s)" [ "$(counted requests)" -le $most ]
    stop_server
    is "$status" 0 "$strategy: the server ends well"
done

# --- before anything was published ------------------------------------------------------------------------

# Each is told where it begins, so it can tell a new life from the old one though it has had no event.
for strategy in polling long_polling sse websocket webhook; do
    options=()
    [ $strategy = polling ] && options=(--interval-ms 200)
    start_server $strategy --events-per-second 0
    begin_client $strategy ${options[@]+"${options[@]}"}
    kill_server
    start_server $strategy --events-per-second 0 --port "$port"
    publish_many 1 50
    ok "$strategy: everybody has the first event of the second life" eventually have $SUBSCRIBERS
    end_client
    is "$(counted resets) $(counted deliveries)" "$SUBSCRIBERS $SUBSCRIBERS" "$strategy: each was told of the new life, before any event"
    stop_server
done
done_testing
