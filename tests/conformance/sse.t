#!/usr/bin/env bash
# Server-Sent Events: the stream's format (WHATWG HTML, "Server-sent events"), replay, the gap that is
# told, heartbeats, slow readers. What npm's client makes of it: npm_clients.t.
. "$(dirname "$0")/../lib.sh"

# A quiet stream, for the heartbeat at the end of this test.
start_server sse --events-per-second 0
quiet_pid=$pid quiet_keeper=$keeper
curl -sN --max-time 60 "http://127.0.0.1:$port/events" >"$SCRATCH/quiet" &
quiet_curl=$!

start_server sse --events-per-second 0 --feed-events 8

# stream REQUEST_LINES UNTIL: what comes on a stream until the text UNTIL
stream() {
    printf 'GET /events HTTP/1.1\r\nHost: localhost\r\n%s\r\n' "$1" | raw "$port" --until "$2" "${@:3}" | tr -d '\r'
}

# --- the format -------------------------------------------------------------------------------------

publish 'hello' >/dev/null
publish $'a\nb' >/dev/null
answer=$(stream $'Last-Event-ID: 0\r\n' '"seq":2')
like "$answer" '^HTTP/1\.1 200 ' 'a stream opens'
like "$answer" '^Content-Type: text/event-stream' 'its type is text/event-stream'
like "$answer" '^Cache-Control: .*no-store' 'no cache may keep it'
like "$answer" '^Transfer-Encoding: chunked$' 'its length is not known beforehand'
unlike "$answer" '^Content-Length' 'so none is told'
like "$answer" '^retry: [0-9]+$' 'it says how soon to come back'
curl -sN --max-time 2 -H 'Last-Event-ID: 0' "http://127.0.0.1:$port/events" >"$SCRATCH/decoded"
epoch=$(sed -n 's/^id: \([0-9a-f]\{8\}\)-0$/\1/p' "$SCRATCH/decoded")
like "$epoch" '^[0-9a-f]{8}$' 'the stream says where it begins, by an id without an event'
is "$(sed -n "/^id: $epoch-1\$/,/^\$/p" "$SCRATCH/decoded" | sed 's/_ns":[0-9]*/_ns":N/g')" \
    "id: $epoch-1"$'\ndata: {"seq":1,"due_ns":N,"lag_ns":N,"payload":"hello"}' 'an event is id, data and an empty line'
is "$(grep -c '^data: ' "$SCRATCH/decoded")" 2 'a line break in a payload does not break the line'

# --- where it begins ----------------------------------------------------------------------------------

is "$(seqs_of "$(stream "Last-Event-ID: $epoch-1"$'\r\n' '"seq":2')")" '2 ' 'Last-Event-ID replays what came after it'
for strange in 00000000-1 "$epoch-99" abc; do
    answer=$(stream "Last-Event-ID: $strange"$'\r\n' '"seq":2')
    is "$(seqs_of "$answer")" '1 2 ' "an id of another life ($strange) gets all there is"
    like "$answer" '^event: reset$' 'and is told'
done
unlike "$(stream "Last-Event-ID: $epoch-1"$'\r\n' '"seq":2')" '^event: reset' 'one of this life is not'
is "$(seqs_of "$(printf 'GET /events?after=1 HTTP/1.1\r\nHost: localhost\r\n\r\n' | raw "$port" --until '"seq":2')")" '2 ' \
    'so does after= by hand'
stream '' '"seq"' --sent "$SCRATCH/live.sent" >"$SCRATCH/live" &
live=$!
eventually taken "$SCRATCH/live.sent"
next=$(publish next)
wait $live
is "$(seqs_of "$(cat "$SCRATCH/live")")" "$next " 'a stream without an id begins with what is new'

# --- gaps -------------------------------------------------------------------------------------------

publish_many 20 10
newest=$(publish last)
answer=$(stream $'Last-Event-ID: 3\r\n' "\"seq\":$newest,")
is "$(seqs_of "$answer")" "$(seq -s ' ' $((newest - 7)) "$newest") " 'a replay holds what the feed holds'
is "$(grep -A 1 '^event: missed$' <<<"$answer" | tail -n 1)" "data: $((newest - 8 - 3))" 'and tells how many are gone'

# --- HEAD, HTTP/1.0 -----------------------------------------------------------------------------------

like "$(get /events -I)" '^Content-Type: text/event-stream' 'HEAD is answered, and ends'
both=$(printf '%s /events?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n' HEAD | { cat; printf 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'; } | raw "$port")
unlike "$both" '"seq"' 'without a word of the stream'
like "$both" '^HTTP/1\.1 200 OK' 'and the connection goes on'
newest=$(publish 'nobody listens')
old=$(printf 'GET /events?after=%d HTTP/1.0\r\n\r\n' $((newest - 1)) | raw "$port" --until '"seq"' | tr -d '\r')
unlike "$old" '^Transfer-Encoding' 'HTTP/1.0 knows no chunks'
like "$old" '^data: ' 'but gets its events'
like "$(get /events -X DELETE)" '^HTTP/1\.1 405 ' 'DELETE makes no sense here'

# --- a reader that does not read ------------------------------------------------------------------------

exec {sleeper}<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n' >&"$sleeper"
eventually all_read
publish_many 400 100000
newest=$(publish 'awake again?')
resident=$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status")
ok "40 MB for a reader that sleeps leave the server small ($resident KiB)" [ "$resident" -lt 400000 ]
is "$(seqs_of "$(stream "Last-Event-ID: $((newest - 1))"$'\r\n' "\"seq\":$newest,")")" "$newest " 'others are served meanwhile'
timeout $PATIENCE grep -a -m 1 "\"seq\":$newest," <&"$sleeper" >"$SCRATCH/slept" &
grep_pid=$!
wait $grep_pid
is "$?" 0 'when it wakes up it gets the newest event'
exec {sleeper}>&-

stop_server
is "$status" 0 'the server ends well while streams are open'

# --- heartbeat --------------------------------------------------------------------------------------

heartbeat() { grep -q '^:' "$SCRATCH/quiet"; }
ok 'a quiet stream gets a comment in time' eventually heartbeat
kill $quiet_curl
pid=$quiet_pid keeper=$quiet_keeper
stop_server
is "$status" 0 'the quiet server ends well'

start_server sse --events-per-second 0 --heartbeat-seconds 0.5
begun_ns=$(now_ns)
curl -sN --max-time 60 "http://127.0.0.1:$port/events" >"$SCRATCH/often" &
often=$!
beats() { grep -c '^:' "$SCRATCH/often"; }
four_beats() { [ "$(beats)" -ge 4 ]; }
ok 'with --heartbeat-seconds 0.5 the comments come' eventually four_beats
kill $often
count=$(beats) half_seconds=$((($(now_ns) - begun_ns) / 500000000))
ok "and no more often than asked for ($count in $half_seconds half seconds)" [ "$count" -le "$half_seconds" ]
stop_server
for bad in 0 0.09 3601 x; do
    "$BIN/sse_server" --heartbeat-seconds $bad >"$SCRATCH/told" 2>&1 </dev/null
    is "$?" 2 "--heartbeat-seconds $bad is refused"
done
done_testing
