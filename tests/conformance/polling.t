#!/usr/bin/env bash
# Polling: entity tags and conditional requests (RFC 9110, section 13), the cursor, the gap that is told.
. "$(dirname "$0")/../lib.sh"

# A server that answers the first poll, says that there is more, and says it to nobody. What becomes of
# that: at the end of this test.
peer "$SCRATCH/silent" 'if (request === 1) socket.write(answer(event + "\n", `ETag: "00000001-1"`, "Events-More: ?1"));'
start_client polling --interval-ms 3600000
silent_client=$client_pid silent_keeper=$client_keeper silent_out=$client_out
eventually grep -q '"connected"' "$silent_out"
echo "measure $(now_ns) $(($(now_ns) + 100 * 1000000000))" >"$silent_out.in"

start_server polling --events-per-second 0

# --- nothing yet ------------------------------------------------------------------------------------

answer=$(get /events)
like "$answer" '^HTTP/1\.1 200 ' 'an empty feed is no error'
like "$answer" '^ETag: "[0-9a-f]{8}-0"$' 'its tag is a cursor: a life of the server, and the event number 0'
epoch=$(sed -n 's/^ETag: "\(.*\)-0"$/\1/p' <<<"$answer")
is "$(body_of "$answer")" '' 'its body is empty'

# --- events -----------------------------------------------------------------------------------------

is "$(publish 'one')" 1 'POST /publish answers with the sequence number'
publish $'two\nlines, a "quote", a \\ and \x01' >/dev/null
publish 'snow ☃' >/dev/null
answer=$(get /events)
is "$(seqs_of "$answer")" '1 2 3 ' 'a poll without a cursor gets all that the server holds, in order'
is "$(body_of "$answer" | wc -l)" 3 'one event per line'
payloads=$(body_of "$answer" | node -e '
    const lines = require("fs").readFileSync(0, "utf8").trim().split("\n");
    console.log(JSON.stringify(lines.map((line) => JSON.parse(line).payload)))')
is "$payloads" '["one","two\nlines, a \"quote\", a \\ and \u0001","snow ☃"]' 'the payloads come back as they were'
like "$answer" "^ETag: \"$epoch-3\"\$" 'the tag is the cursor of the newest event, strong'
like "$answer" '^Cache-Control: no-cache$' 'caches must ask'
like "$answer" '^Content-Type: application/x-ndjson' 'the type is NDJSON'

is "$(seqs_of "$(get '/events?after=1')")" '2 3 ' 'a cursor gets what came after it'
is "$(seqs_of "$(get '/events?x=5&after=2&y=')")" '3 ' 'also among other parameters'
is "$(body_of "$(get '/events?after=3')")" '' 'up to date: an empty body'
is "$(seqs_of "$(get "/events?after=$epoch-1")")" '2 3 ' 'so does one with the life in it'
for strange in 99 "$epoch-4" 00000000-2; do
    answer=$(get "/events?after=$strange")
    is "$(seqs_of "$answer")" '1 2 3 ' "a cursor of another life ($strange) gets all there is"
    like "$answer" '^Events-Reset: \?1$' 'and is told'
done
unlike "$(get "/events?after=$epoch-1")" '^Events-Reset' 'one of this life is not'
# (a life alone: not this one's, which may be digits, as 95302389 was, and then is a number of the present life)
for bad in '' x abc -1 1x 99999999999999999999999 "${epoch%?}f" "$epoch-" "$epoch-x" "x-1"; do
    like "$(get "/events?after=$bad")" '^HTTP/1\.1 400 ' "after=$bad is refused"
done

# --- conditional requests ------------------------------------------------------------------------------

answer=$(get '/events?after=3' -H "If-None-Match: \"$epoch-3\"")
like "$answer" '^HTTP/1\.1 304 ' 'nothing new: 304'
like "$answer" "^ETag: \"$epoch-3\"\$" 'which repeats the tag'
is "$(body_of "$answer")" '' 'and has no body'
unlike "$answer" '^Content-Length: [1-9]' 'nor claims to'
like "$(get '/events?after=2' -H "If-None-Match: \"$epoch-2\"")" '^HTTP/1\.1 200 ' 'an old tag: 200'
like "$(get '/events?after=3' -H 'If-None-Match: "00000000-3"')" '^HTTP/1\.1 200 ' "another life's tag: 200"
like "$(get /events -H 'If-None-Match: *')" '^HTTP/1\.1 304 ' '* matches whatever there is'
like "$(get /events -H "If-None-Match: \"1\", \"$epoch-3\"")" '^HTTP/1\.1 304 ' 'a list matches when one of its tags does'
like "$(get /events -H "If-None-Match: W/\"$epoch-3\"")" '^HTTP/1\.1 304 ' 'the comparison is the weak one'
like "$(get /events -H "If-None-Match: \"$epoch-33\"")" '^HTTP/1\.1 200 ' 'a tag is compared whole'
curl -sS --etag-save "$SCRATCH/tag" -o "$SCRATCH/first" "http://127.0.0.1:$port/events"
is "$(curl -sS --etag-compare "$SCRATCH/tag" -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/events")" 304 \
    "curl's own ETag support works"
pair="GET /events HTTP/1.1"$'\r\n'"Host: localhost"$'\r\n'"If-None-Match: \"$epoch-3\""$'\r\n\r\n'
both=$(printf '%sGET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$pair" | raw "$port" | tr -d '\r')
is "$(grep -aoE '^HTTP/1\.1 [0-9]+' <<<"$both" | cut -d ' ' -f 2 | tr '\n' ' ')" '304 200 ' \
    'the answer after a 304 starts where it should'
is "$(printf 'HEAD /events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' | raw "$port" | grep -acE '^HTTP/1.1 200|"seq"')" 1 'HEAD has no body'

# --- payloads ---------------------------------------------------------------------------------------

code=$(printf 'a\xff' | curl -s -o /dev/null -w '%{http_code}' --data-binary @- "http://127.0.0.1:$port/publish")
is "$code" 400 'a payload that is no UTF-8 is refused'
stop_server
is "$status" 0 'the server ends well'

# --- a feed that is too short, and pages of another origin ------------------------------------------------

start_server polling --events-per-second 0 --feed-events 4 --allow-origin https://example.org
echo "measure $(now_ns) $(($(now_ns) + 100 * 1000000000))" >"$server_out.in"
publish_many 10 5
answer=$(get /events)
is "$(seqs_of "$answer")" '7 8 9 10 ' 'a newcomer gets what the feed holds'
unlike "$answer" '^Events-Missed' 'and has missed nothing: it was not there'
like "$(get '/events?after=2' -I)" '^Events-Missed: 4$' 'HEAD says what GET would say'
answer=$(get '/events?after=2')
is "$(seqs_of "$answer")" '7 8 9 10 ' 'a slow poller gets what the feed still holds'
like "$answer" '^Events-Missed: 4$' 'and is told how many are gone'
unlike "$(get '/events?after=6')" '^Events-Missed' 'the oldest one held is no gap'

answer=$(get /events -H 'Origin: https://example.org')
like "$answer" '^Access-Control-Allow-Origin: https://example\.org$' 'the allowed origin may read'
like "$answer" '^Access-Control-Expose-Headers: .*ETag' 'the tag, too'
for name in Events-Missed Events-Reset Events-More Retry-After; do
    like "$answer" "^Access-Control-Expose-Headers: .*$name" "and $name"
done
like "$answer" '^Vary: .*Origin' 'and caches know that the answer depends on it'
answer=$(get /events -X OPTIONS -H 'Origin: https://example.org' -H 'Access-Control-Request-Method: GET' \
    -H 'Access-Control-Request-Headers: if-none-match')
like "$answer" '^HTTP/1\.1 20[04] ' 'its preflight is answered'
like "$answer" '^Access-Control-Allow-Headers: .*[Ii]f-[Nn]one-[Mm]atch' 'If-None-Match is allowed'
stop_server
is "$status" 0 'the server ends well'
is "$(grep '"report"' "$server_out" | field counters)" '{ missed: 4 }' 'it has told of four events that are gone, once'

# --- more than fits into an answer ------------------------------------------------------------------------

start_server polling --events-per-second 0
publish_many 20 1000000
cursor=0
turns=0
seen=
more=1
while [ -n "$more" ] && [ $turns -lt 10 ]; do
    curl -sS --max-time $PATIENCE -D "$SCRATCH/head" -o "$SCRATCH/body" "http://127.0.0.1:$port/events?after=$cursor"
    cursor=$(tr -d '\r' <"$SCRATCH/head" | sed -n 's/^ETag: "\(.*\)"$/\1/p')
    more=$(grep -i '^Events-More: ?1' "$SCRATCH/head")
    seen+=$(grep -aoE '"seq":[0-9]+' "$SCRATCH/body" | cut -d : -f 2 | tr '\n' ' ')
    [ "$(wc -c <"$SCRATCH/body")" -le 9000000 ] || seen+='too long '
    turns=$((turns + 1))
done
is "$seen" "$(seq -s ' ' 1 20) " "20 MB come in $turns answers, each where the last one ended"
ok 'none is above 8 MiB' [ $turns -ge 3 ]
"$BIN/polling_client" --servers "127.0.0.1:$port" --interval-ms 1000 --subscribers 3 --seconds 2 >"$SCRATCH/client" 2>"$SCRATCH/client.err"
is "$? $(grep '"report"' "$SCRATCH/client" | field errors)" '0 0' 'the client takes them'
is "$(wc -l <"$SCRATCH/client.err")" 0 'without a complaint'
stop_server
is "$status" 0 'the server ends well'

# --- the client: a connection that is closed between two polls is no failure ------------------------------

coproc PEER { exec node -e '
    const net = require("net");
    let requests = 0, connections = 0;
    const answer = "HTTP/1.1 200 OK\r\nETag: \"00000001-0\"\r\nContent-Length: 0\r\n\r\n";
    net.createServer((socket) => {
        connections++;
        socket.on("error", () => {});
        socket.on("data", () => {
            requests++;
            socket.write(answer);
            setTimeout(() => socket.end(), 100); // long before the next poll
        });
    }).listen(0, "127.0.0.1", function () { console.log(this.address().port); });
    process.stdin.on("end", () => { console.log(requests, connections); process.exit(0); }).resume();'; }
peer=$PEER_PID
read -r peer_port <&"${PEER[0]}"
exec {peer_out}<&"${PEER[0]}" {peer_in}>&"${PEER[1]}"
"$BIN/polling_client" --servers "127.0.0.1:$peer_port" --interval-ms 500 --seconds 3 >"$SCRATCH/client" 2>"$SCRATCH/client.err"
is "$?" 0 'a client whose server closes idle connections ends well'
report=$(grep '"report"' "$SCRATCH/client")
is "$(field errors <<<"$report") $(field reconnects <<<"$report")" '0 0' 'without an error or a reconnection'
ok "it polls as often as it should ($(field requests <<<"$report"))" [ "$(field requests <<<"$report")" -le 7 ]
eval "exec ${PEER[1]}>&-"
exec {peer_in}>&-
read -r requests connections <&"$peer_out"
exec {peer_out}<&-
wait "$peer"
is "$connections" "$requests" 'each of its polls took a connection of its own'

# --- the client: strange servers ----------------------------------------------------------------------------

# More, says the server each time, and gives nothing.
peer "$SCRATCH/more" 'socket.write(answer(request === 1 ? event + "\n" : "", `ETag: "00000001-1"`, "Events-More: ?1"));'
"$BIN/polling_client" --servers "127.0.0.1:$port" --interval-ms 500 --seconds 2 >"$SCRATCH/client" 2>"$SCRATCH/client.err"
requests=$(grep -c '^request' "$SCRATCH/more")
ok "a server that says that there is more, and gives nothing, is asked by schedule ($requests)" [ "$requests" -le 12 ]

# The last line has no end: the answer has.
peer "$SCRATCH/last" 'socket.write(answer(event, `ETag: "00000001-${request}"`));'
start_client polling --interval-ms 100
has_event() { grep '"tick"' "$client_out" | grep -q '"deliveries":[1-9]'; }
echo "measure $(now_ns) $(($(now_ns) + 100 * 1000000000))" >"$client_out.in"
ok 'an event whose line does not end before the answer does is an event' eventually has_event
kill "$client_keeper"
status_of_end "$client_pid"

# --- the client: an answer that does not come is a failure --------------------------------------------------

PATIENCE=60 # the client's own is 30 s
ok 'it gives up on an answer that does not come' eventually grep -q 'no sign of life' "$silent_out.err"
ok 'and asks again' eventually grep -q 'request 3' "$SCRATCH/silent"
kill "$silent_keeper"
status_of_end "$silent_client"
is "$(grep '"report"' "$silent_out" | field errors) $(grep '"report"' "$silent_out" | field reconnects)" '1 1' \
    'which is an error, and a return after a pause'
done_testing
