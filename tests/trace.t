#!/usr/bin/env bash
# `--trace`: both ends of a user's connections tell the same bytes, whatever the strategy, and the events in them.
. "$(dirname "$0")/lib.sh"

ADDRESS=127.0.0.65
EVENTS=10 # at 20 per second
said() { grep -q "\"type\": *\"$2\"" "$1"; } # FILE TYPE

# run STRATEGY SERVER_OPTIONS CLIENT_OPTIONS: a server and its client with three users, and so many events; what they said
# is in $server_out and $client_out.
run() {
    # shellcheck disable=SC2086 # options are words
    start_server "$1" --events-per-second 20 $2
    # shellcheck disable=SC2086
    start_client "$1" --subscribers 3 $3
    eventually said "$client_out" connected
    local start=$(($(now_ns) + 100000000))
    local window="measure $((start - 10000000)) $((start - 10000000 + EVENTS * 50000000))"
    echo "$window" >"$client_out.in"
    printf '%s\npublish %s\n' "$window" "$start" >"$server_out.in"
    eventually said "$server_out" window
    echo "drain 1 $EVENTS $(($(now_ns) + PATIENCE * 1000000000))" >"$client_out.in"
    eventually said "$client_out" drained
    kill "$client_keeper"
    status_of_end "$client_pid"
    stop_server
}

# compare whole|part: whether the two traces agree, see `wanted`; and whether what was read is a number of whole messages.
compare() {
    node -e '
        const fs = require("fs");
        const [server, client] = process.argv.slice(1, 3).map((file) =>
            fs.readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line)).filter((m) => m.type === "trace")[0]);
        const last = Number(process.argv[3]), whole = process.argv[4] === "whole";
        // By connection: where each write, or read, ends in the stream, and when it was.
        const ends = (trace, said) => {
            const streams = {};
            for (const [line, wasSaid, at, count, heldUp, what, first, last] of trace.pieces) {
                if (wasSaid !== said) continue;
                const stream = streams[line] ??= [];
                stream.push({ end: count + (stream.at(-1)?.end || 0), at, first, last });
            }
            return streams;
        };
        // What was read is what was written, up to the end of a write: the server goes on when the client has ended.
        const agree = (said, heard) => Object.keys(said).sort().join() === Object.keys(heard).sort().join() &&
            Object.entries(heard).every(([line, reads]) => whole ? said[line].some(({ end }) => end === reads.at(-1).end)
                : reads.at(-1).end <= said[line].at(-1).end);
        const down = [ends(server, true), ends(client, false)], up = [ends(client, true), ends(server, false)];
        const times = down.concat(up).every((side, i) => Object.values(side).every((stream) => stream.every(({ at }, k) =>
            at > 0 && (i % 2 === 1 || k === 0 || stream[k - 1].at <= at)))); // of writes
        const carried = new Map(); // when what carries an event came
        for (const [line, writes] of Object.entries(down[0]))
            for (const { end, first, last } of writes)
                for (let n = first; n > 0 && n <= last; n++)
                    carried.set(n, down[1][line].find((read) => read.end >= end)?.at);
        const has = (numbers) => { for (let n = 1; n <= last; n++) if (!numbers.has(n)) return false; return true; };
        const published = new Map(server.events.map(([n, due, at]) => [n, [due, at]]));
        const received = new Map(client.events.map(([n, due, at]) => [n, [due, at]]));
        console.log("down", agree(...down), "up", agree(...up));
        console.log("in order", times);
        console.log("published", has(published), "sent", has(carried), "received", has(received));
        console.log("due", [...received].every(([n, [due, at]]) => published.get(n)[0] === due && at >= published.get(n)[1]));
        console.log("when", [...received].every(([n, [, at]]) => Math.abs(carried.get(n) - at) < 1e7));
        console.log("left out", server.left_out + client.left_out);
    ' "$server_out" "$client_out" "$EVENTS" "$1" 2>&1
}
wanted='down true up true
in order true
published true sent true received true
due true
when true
left out 0'

agree() { # DESCRIPTION STRATEGY SERVER_OPTIONS CLIENT_OPTIONS [whole|part]
    run "$2" "--trace $ADDRESS $3" "--trace $ADDRESS $4"
    is "$(compare "${5:-whole}")" "$wanted" "$1: both ends tell of the same bytes, and of all events"
}

mapfile -t all < <(strategies)
for strategy in "${all[@]}"; do agree "$strategy" "$strategy" '' ''; done
agree 'polling, a connection for each' polling '' '--keep-alive off --interval-ms 100'
agree 'webhook, a connection for each' webhook '--keep-alive off' ''
agree 'webhook, several at a time' webhook '--in-flight-per-receiver 4' ''
agree 'websocket, with pings and pongs' websocket '--ping-seconds 0.1' ''
agree 'sse, with heartbeats' sse '--heartbeat-seconds 0.1' ''
for strategy in polling sse websocket webhook tcp; do
    agree "$strategy, 200 kB an event" "$strategy" '--payload-bytes 200000' '' part
done

# --- what else is told ------------------------------------------------------------------------------

notes() { sed -n 's/.*"type": *"trace".*"notes": *\(\[.*\]\), *"left_out".*/\1/p' "$1" | grep -o "$2" | wc -l; }
run long_polling "--trace $ADDRESS" "--trace $ADDRESS"
ok 'long polling: the server tells when a request is held' [ "$(notes "$server_out" parked)" -ge "$EVENTS" ]
run polling "--trace $ADDRESS" "--trace $ADDRESS --interval-ms 100"
ok 'polling: the client tells when a poll is due' [ "$(notes "$client_out" due)" -ge 5 ]
run sse '' ''
unlike "$(cat "$server_out" "$client_out")" '"trace"' 'nobody is traced who was not asked for'
run sse '' "--trace $ADDRESS"
like "$(grep '"trace"' "$client_out")" '"pieces": *\[ *\[' 'one side alone tells its side'

for program in sse_server sse_client; do
    message=$("$BIN/$program" --trace nowhere 2>&1)
    like "$? $message" "^2 $program: --trace wants an IPv4 address, e\.g\. 127\.0\.0\.65, not \"nowhere\"\$" "$program refuses what is no address"
done

done_testing
