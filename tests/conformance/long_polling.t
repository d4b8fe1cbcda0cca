#!/usr/bin/env bash
# Long polling as RFC 6202 advises: wait for an event, answer with everything after the cursor, answer
# 204 in time, notice who has gone.
. "$(dirname "$0")/../lib.sh"

start_server long_polling --events-per-second 0 --hold-seconds 1

answer=$(get '/events?after=0')
like "$answer" '^HTTP/1\.1 204 ' 'a request that waited in vain is answered with 204'
unlike "$answer" '^Content-Length' 'which has no length'

publish one >/dev/null
publish two >/dev/null
publish three >/dev/null
answer=$(get '/events?after=1')
like "$answer" '^HTTP/1\.1 200 ' 'what is there already is answered at once'
is "$(seqs_of "$answer")" '2 3 ' 'everything after the cursor, in one answer'
like "$answer" '^Cache-Control: .*no-store' 'no cache may keep it'
for bad in x abc 1x -1; do
    like "$(get "/events?after=$bad")" '^HTTP/1\.1 400 ' "after=$bad is no cursor"
done
tag=$(sed -n 's/^ETag: "\(.*\)"$/\1/p' <<<"$answer")
like "$tag" '^[0-9a-f]{8}-3$' 'an answer says where the next request goes on'
publish four >/dev/null
is "$(seqs_of "$(get "/events?after=$tag")")" '4 ' 'and it does'
head=$(get /events -I)
like "$head" '^HTTP/1\.1 200 ' 'HEAD is answered at once'
like "$head" "^ETag: \"${tag%-3}-4\"" 'with the place where one would begin'
for strange in 00000000-4 "${tag%-3}-99" 99; do
    answer=$(get "/events?after=$strange")
    like "$answer" '^Events-Reset: \?1$' "a cursor of another life ($strange) is told so, at once"
    is "$(seqs_of "$answer")" '1 2 3 4 ' 'and gets all there is'
done
like "$(get '/events')" '^HTTP/1\.1 204 ' 'without a cursor one waits for the next event'
stop_server
is "$status" 0 'the server ends well'

# --- the wait ---------------------------------------------------------------------------------------

start_server long_polling --events-per-second 0 --hold-seconds 60
waiting=()
for i in 1 2 3; do
    get '/events?after=0' >"$SCRATCH/wait.$i" &
    waiting+=($!)
done
curl -sS "http://127.0.0.1:$port/events?after=0" >"$SCRATCH/leaves" &
leaves=$!
sleep 0.5 # nothing must happen
is "$(cat "$SCRATCH"/wait.*)" '' 'while there is no event there is no answer'
kill $leaves
wait $leaves 2>/dev/null
publish hello >/dev/null
wait "${waiting[@]}"
for i in 1 2 3; do
    is "$(seqs_of "$(cat "$SCRATCH/wait.$i")")" '1 ' "the event answers waiting request $i"
done
is "$(cat "$SCRATCH/leaves")" '' 'and nobody answers the one that has gone'

# A second request, pipelined behind one that waits, is answered after it.
printf 'GET /events?after=1 HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
    raw "$port" --sent "$SCRATCH/pipelined.sent" | tr -d '\r' >"$SCRATCH/pipelined" &
pipelined=$!
eventually taken "$SCRATCH/pipelined.sent"
publish again >/dev/null
wait $pipelined
is "$(grep -aoE '^HTTP/1\.1 [0-9]+|"seq":[0-9]+' "$SCRATCH/pipelined" | tr '\n' ' ')" \
    'HTTP/1.1 200 "seq":2 HTTP/1.1 200 ' 'a request pipelined behind one that waits is answered after it'

# Whoever asks again at once, asks on the same connection, and misses nothing.
node -e '
    const http = require("http");
    const port = Number(process.argv[1]);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set();
    const seen = [];
    (function ask(after) {
        http.get({ port, agent, path: "/events?after=" + after }, (answer) => {
            sockets.add(answer.socket);
            let text = "";
            answer.on("data", (part) => (text += part)).on("end", () => {
                for (const line of text.trim().split("\n")) seen.push(JSON.parse(line).seq);
                if (seen.length < 100) return ask(seen[seen.length - 1]);
                console.log(sockets.size, seen.every((seq, i) => seq === i + 3));
                process.exit(0);
            });
        });
    })(2);' "$port" >"$SCRATCH/loop" &
loop=$!
publish_many 100 10
wait $loop
is "$(cat "$SCRATCH/loop")" '1 true' 'a hundred events in a row, none missed, on one connection'

printf 'GET /events?after=102 HTTP/1.1\r\nHost: localhost\r\n\r\n' | raw "$port" --sent "$SCRATCH/last.sent" >/dev/null &
eventually taken "$SCRATCH/last.sent"
stop_server
is "$status" 0 'the server ends well while a request waits'

# --- a feed that is too short -----------------------------------------------------------------------------

start_server long_polling --events-per-second 0 --feed-events 4
publish_many 10 5
answer=$(get '/events?after=2')
is "$(seqs_of "$answer")" '7 8 9 10 ' 'who is too late gets what the feed still holds'
like "$answer" '^Events-Missed: 4$' 'and is told how many are gone'
unlike "$(get '/events?after=6')" '^Events-Missed' 'the oldest one held is no gap'

# The first of two that wait has events to publish behind its request: the ring comes round, but not while
# the second is still to be answered.
wait_for_event='GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n'
publish_another='POST /publish HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx'
{
    printf '%b' "$wait_for_event"
    for _ in 1 2 3 4 5 6 7 8; do printf '%b' "$publish_another"; done
} | raw "$port" --sent "$SCRATCH/first.sent" --until '"seq":18' >/dev/null &
first=$!
eventually taken "$SCRATCH/first.sent"
printf '%b' "$wait_for_event" | raw "$port" --sent "$SCRATCH/second.sent" --until '"seq"' >"$SCRATCH/second" &
second=$!
eventually taken "$SCRATCH/second.sent"
publish_many 1 1
wait $first $second
is "$(seqs_of "$(cat "$SCRATCH/second")")" '11 ' 'what one publishes behind its request overtakes no other answer'
stop_server
is "$status" 0 'the server ends well'

# --- the client: a server that hangs up after each answer --------------------------------------------------

peer "$SCRATCH/closing" 'setTimeout(() => socket.end(answer(event + "\n", `ETag: "00000001-${request}"`, "Connection: close")), 20);'
"$BIN/long_polling_client" --servers "127.0.0.1:$port" --seconds 2 >"$SCRATCH/client" 2>"$SCRATCH/client.err"
is "$?" 0 'a client whose server hangs up after each answer ends well'
report=$(grep '"report"' "$SCRATCH/client")
ok "it gets its events ($(field deliveries <<<"$report"))" [ "$(field deliveries <<<"$report")" -ge 1 ]
is "$(field errors <<<"$report") $(field reconnects <<<"$report")" '0 0' 'without an error or a reconnection'
is "$(grep -c HEAD "$SCRATCH/closing")" 1 'it asks where to begin once'
done_testing
