#!/usr/bin/env bash
# What a loss costs. An event that comes behind a lost one lies in the kernel until that has been sent again: it
# has arrived when it could be read, not when it was stamped. With a gap g between events and a round trip R the
# lost one takes g + 3R/2: the next event, R for the kernel to hear of it and send again, R/2 once more. By the stamps
# alone it would take g + R/2, as if TCP gave out events before their turn.
. "$(dirname "$0")/../lib.sh"

[ -x "$BIN/link" ] || skip_all 'this build has no link'
sentence=$("$BIN/link" --check 2>&1 </dev/null) || skip_all "$sentence"

# start_link OPTION...: sets server_end and client_end, a process at each of its ends.
start_link() {
    link_out=$SCRATCH/link.$((${#started_pids[@]} + 1)).out
    mkfifo "$link_out.in"
    sleep 3600 >"$link_out.in" &
    link_keeper=$!
    started_pids+=("$link_keeper")
    disown "$link_keeper"
    "$BIN/link" --supervised "$@" <"$link_out.in" >"$link_out" 2>"$link_out.err" &
    link=$!
    started_pids+=("$link")
    eventually grep -q '"ready"' "$link_out"
    server_end=$(sed -n '/"ready"/s/.*"server": *\([0-9]*\).*/\1/p' "$link_out")
    client_end=$(sed -n '/"ready"/s/.*"client": *\([0-9]*\).*/\1/p' "$link_out")
}
stop_link() {
    kill "$link_keeper"
    status_of_end "$link"
    is "$status" 0 'the link ends well'
}

# deliver STRATEGY OPTION...: over the link, one event per 100 ms for six seconds; sets report.
deliver() {
    local strategy=$1
    shift
    "$BIN/enter" "$server_end" "$BIN/${strategy}_server" --address 198.18.0.1 --port 8080 --events-per-second 10 \
        >"$SCRATCH/server" 2>"$SCRATCH/server.err" </dev/null &
    server=$!
    started_pids+=("$server")
    eventually grep -q '"ready"' "$SCRATCH/server"
    "$BIN/enter" "$client_end" "$BIN/${strategy}_client" --servers 198.18.0.1:8080 --seconds 6 "$@" \
        >"$SCRATCH/client" 2>"$SCRATCH/client.err" </dev/null
    is "$?" 0 "$strategy: the client ends well"
    report=$(grep '"report"' "$SCRATCH/client")
    kill -TERM "$server"
    status_of_end "$server"
    is "$status" 0 'so does the server'
}

# share_above MS: of the delivery latencies, in percent
share_above() {
    node -e 'console.log(JSON.parse(require("fs").readFileSync(0, "utf8")).histograms.delivery_latency.data)' <<<"$report" |
        "$BUILD/tests/tools/histogram" |
        awk -v limit="$1" '{ all += $2; if ($1 > limit * 1e6) above += $2 } END { printf "%.2f\n", 100 * above / all }'
}

start_link --rtt-ms 50 --loss-percent 3
for strategy in sse websocket tcp; do
    deliver $strategy --subscribers 30
    share=$(share_above 160)
    ok "$strategy: of 3 % lost events, one in three at least is seen to take longer than 160 ms ($share % of all)" within "$share" 1 100
    held_up=$(field held_up <<<"$report")
    ok "they and those behind them were held up ($held_up)" [ "$held_up" -ge 18 ]
    is "$(field stamps_dropped <<<"$report")" 0 'which is no mistake of a clock'
done
deliver webhook --subscribers 5
ok 'a receiver of webhooks gets its events as well' [ "$(field deliveries <<<"$report")" -ge 50 ]
stop_link

start_link --rtt-ms 50
deliver sse --subscribers 30
is "$(field held_up <<<"$report")" 0 'where nothing is lost nothing is held up'
stop_link
done_testing
