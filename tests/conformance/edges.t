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

# A busy machine may put two events into one segment, and while a client stands still its kernel may acknowledge
# each event or several at once: with an acknowledgement each, an event has 266, 296 and 269 bytes. Divided by what
# was due, it would have half as many again as it has with the fewest: above 320, 360 and 320.
bytes='(r.wire.bytes_up + r.wire.bytes_down) / n'
late tcp
ok "what arrived late is told ($(figure 'n / r.deliveries') of what was due)" within "$(figure 'n / r.deliveries')" 1.3 2
ok "tcp: an event has its bytes ($(figure "$bytes"))" within "$(figure "$bytes")" 180 290
late sse
ok "sse: an event has its bytes ($(figure "$bytes"))" within "$(figure "$bytes")" 200 320
late websocket
ok "websocket: an event has its bytes ($(figure "$bytes"))" within "$(figure "$bytes")" 160 290
late webhook
ok "webhook: a POST has an event ($(figure 'r.requests / n'))" within "$(figure 'r.requests / n')" 0.99 1.01
ok "and its bytes ($(figure "$bytes"))" within "$(figure "$bytes")" 500 660
done_testing
