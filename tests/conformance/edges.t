#!/usr/bin/env bash
# A client that comes late to the end of the window has read its sockets for longer than the window: what they
# carried is divided by what arrived until then, not by what was due in the window. (Who polls is told nothing
# while it stands still.)
. "$(dirname "$0")/../lib.sh"

# figure EXPRESSION: of the report `r`, and of n, what arrived
figure() {
    grep '"report"' "$client_out" |
        node -e 'const r = JSON.parse(require("fs").readFileSync(0, "utf8")), n = r.arrivals;
            console.log(eval(process.argv[1]).toFixed(3))' "$1"
}

# late STRATEGY: its client stands still from half a second before the end of a window of one second until half a
# second after it. Event by event, the window is open for half as long again, at least.
late() {
    local strategy=$1 now
    start_server "$strategy" --events-per-second 100
    start_client "$strategy" --subscribers 3
    ok "$strategy: its subscribers are there" eventually grep -q '"connected"' "$client_out"
    now=$(now_ns)
    echo "publish $now" >"$server_out.in"
    echo "measure $((now + 505000000)) $((now + 1505000000))" >"$client_out.in"
    sleep 1 # the time itself is the matter
    kill -STOP "$client_pid"
    sleep 1
    kill -CONT "$client_pid"
    echo "drain 1 1 0" >"$client_out.in" # its answer says that the loop has come round: all is read
    eventually grep -q '"drained"' "$client_out"
    echo stop >"$client_out.in"
    status_of_end "$client_pid"
    is "$status" 0 "$strategy: it ends well"
    kill "$client_keeper"
    stop_server
}

# has_its_bytes STRATEGY DATA FEWEST MOST: an event has so many bytes of data, give or take a few digits, and with
# headers and acknowledgements a figure between these two: a busy machine may put two events into one segment, and
# while a client stands still its kernel acknowledges several at once, or each (then it has 266, 296 and 269 bytes).
has_its_bytes() {
    local data all
    data=$(figure 'r.wire.data_down / n')
    all=$(figure '(r.wire.bytes_up + r.wire.bytes_down) / n')
    ok "$1: an event has its data ($data)" within "$data" $(($2 - 8)) $(($2 + 8))
    ok "$1: and its bytes ($all)" within "$all" "$3" "$4"
}

late tcp
ok "what arrived late is told ($(figure 'n / r.deliveries') of what was due)" within "$(figure 'n / r.deliveries')" 1.3 2
has_its_bytes tcp 163 180 275
late sse
has_its_bytes sse 192 200 310
late websocket
has_its_bytes websocket 166 160 280
late webhook
ok "webhook: a POST has an event ($(figure 'r.requests / n'))" within "$(figure 'r.requests / n')" 0.99 1.01
bytes=$(figure '(r.wire.bytes_up + r.wire.bytes_down) / n')
ok "and its bytes ($bytes)" within "$bytes" 500 660
done_testing
