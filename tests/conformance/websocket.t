#!/usr/bin/env bash
# WebSocket as RFC 6455 wants it, the server by a client that misbehaves, the client by a server that
# cuts its messages up; and this project's own: replay, the gap told, slow subscribers.
. "$(dirname "$0")/../lib.sh"
HERE=$(dirname "$0")

ws() { node "$HERE/websocket.mjs" "$port" "$@"; }
begins='text \{"after":"[0-9a-f]{8}-[0-9]+"(,"reset":true)?\}'
event='text \{"seq":[0-9]+,"due_ns":[0-9]+,"lag_ns":[0-9]+,"payload":'

# A silent subscriber waits for its ping at a server of its own while all else is tested.
start_server websocket
ws --until '^ping' --patience 40000 >"$SCRATCH/quiet" &
quiet=$!

start_server websocket

# --- HTTP on the same port (http.t has the rest) ---------------------------------------------------------

answer=$(get /events)
like "$answer" '^HTTP/1\.1 426 ' 'GET /events without upgrade is 426'
like "$answer" '^Upgrade: websocket$' 'which says what to upgrade to'
like "$answer" '^Connection: (.*, )?Upgrade' 'on this hop'
like "$answer" '^Sec-WebSocket-Version: 13$' 'and in which version'
like "$(get /events -I)" '^HTTP/1\.1 426 ' 'so is HEAD'
post='POST /publish HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello'
printf "$post$post" | raw "$port" --until '"seq":2}' >"$SCRATCH/two"
like "$(cat "$SCRATCH/two")" '"seq":1\}' 'of two requests in one segment the first is answered'
like "$(cat "$SCRATCH/two")" '"seq":2\}' 'and the second'

# out_of NAME OPTION...: a server that must not start says why.
does_not_start() { # PATTERN OPTION...
    timeout $PATIENCE "$BIN/websocket_server" "${@:2}" </dev/null >"$SCRATCH/no" 2>&1
    is $? 1 "${*:2}: it does not start"
    like "$(cat "$SCRATCH/no")" "$1" 'and says why'
}
does_not_start 'in use' --port "$port"
does_not_start 'not available|invalid' --address 192.0.2.1 --port 0

# --- the opening handshake (section 4.2) ----------------------------------------------------------------

answer=$(ws)
like "$answer" '^HTTP/1\.1 101 ' 'a handshake is answered with 101'
like "$answer" '^accept ok$' 'and the key is proven to have been read'
like "$answer" '^open$' 'the connection stays open'
like "$(ws --path /)" '^HTTP/1\.1 200 ' 'at / there is help, whatever is asked for'
like "$(ws --set 'upgrade: h2c, WebSocket')" '^accept ok$' 'it may be one of several protocols, in any letters'
like "$(ws --set 'Connection: keep-alive' --more 'Connection: upgrade')" '^accept ok$' 'Connection may come in several lines'
like "$(ws --early 9f:early)" '^pong early$' 'a frame may come in the same segment'
is "$(ws --early 1fz:6000 9f:late | grep -c '^pong late$')" 1 'also a long one'
like "$(ws --http 1.0)" '^HTTP/1\.[01] 426 ' 'HTTP/1.0 has no upgrade: 426'
like "$(ws --method POST)" '^HTTP/1\.1 405 ' 'a handshake is a GET'
like "$(ws --path '/events?after=abc')" '^HTTP/1\.1 400 ' 'what is no cursor is 400'
like "$(ws --set 'Origin: http://stranger.example')" '^HTTP/1\.1 403 ' "a stranger's page is 403"
like "$(ws --set "Origin: http://127.0.0.1:$port" --set "Host: 127.0.0.1:$port")" '^accept ok$' "the server's own page is welcome"
like "$(ws --split)" '^accept ok$' 'a handshake may come byte by byte'
for version in 12 14 0 '13, 8'; do
    answer=$(ws --set "Sec-WebSocket-Version: $version")
    like "$answer" '^HTTP/1\.1 426 ' "version $version is 426"
done
like "$answer" '^Sec-WebSocket-Version: 13$' 'which names version 13'
like "$(ws --drop Sec-WebSocket-Version)" '^HTTP/1\.1 426 ' 'no version is 426'
like "$(ws --drop Sec-WebSocket-Key)" '^HTTP/1\.1 400 ' 'no key is 400'
like "$(ws --set 'Sec-WebSocket-Key: c2hvcnQ=')" '^HTTP/1\.1 400 ' 'a key that is not 16 bytes is 400'
like "$(ws --drop Host)" '^HTTP/1\.1 400 ' 'no Host is 400'
like "$(ws --set 'Connection: keep-alive')" '^HTTP/1\.1 400 ' 'Connection without Upgrade is 400'
like "$(ws --path /nowhere)" '^HTTP/1\.1 404 ' 'another path is 404'
like "$(ws --set 'Upgrade: h2c')" '^HTTP/1\.1 4[0-9][0-9] ' 'another protocol is refused'
unlike "$(ws --set 'Sec-WebSocket-Extensions: permessage-deflate')" 'wrongly|accept wrong' 'an extension that is offered is left alone'

# --- events -----------------------------------------------------------------------------------------------

# Whether it is there when the event comes, or a little later, which `after` makes good.
receive() { # NEWEST: the one event that comes after this one, sent from stdin
    ws --path "/events?after=$1" --count 2 --patience 5000 >"$SCRATCH/live" &
    sleep 0.3
    curl -s -H Expect: --data-binary @- "http://127.0.0.1:$port/publish" >/dev/null
    wait $!
}
receive 2 <<<'hello "world"'
like "$(cat "$SCRATCH/live")" "^$event"'"hello \\"world\\"\\n"\}$' 'an event is a text frame'
newest=3
for payload in 100 1000 70000; do
    receive $((newest++)) < <(head -c $payload /dev/zero | tr '\0' x)
    is "$(sed -n 's/^text .*"payload":"\(x*\)"}$/\1/p' "$SCRATCH/live" | tr -d '\n' | wc -c)" $payload "a payload of $payload bytes comes whole"
done
is "$(ws --path '/events?after=0' | grep -cE "^$event")" 6 '?after=0 replays all that the feed holds'
is "$(ws --path '/events?after=5' | sed -n 's/^text {"seq":\([0-9]*\),.*/\1/p')" 6 '?after=SEQ what came after it'
answer=$(ws)
is "$(grep -cE "^$event" <<<"$answer")" 0 'a new subscriber starts at the newest event'
like "$answer" '^text \{"after":"[0-9a-f]{8}-6"\}$' 'and is told where that is'
epoch=$(sed -n 's/^text {"after":"\(.*\)-6"}$/\1/p' <<<"$answer")
is "$(ws --path "/events?after=$epoch-4" | grep -cE "^$event")" 2 'the life may stand in it'
for strange in 99 "$epoch-7" 00000000-4; do
    answer=$(ws --path "/events?after=$strange")
    like "$answer" "^text \{\"after\":\"$epoch-0\",\"reset\":true\}\$" "a cursor of another life ($strange) is told so"
    is "$(grep -cE "^$event" <<<"$answer")" 6 'and gets all there is'
done

# --- frames (section 5) -----------------------------------------------------------------------------------

closes() { like "$(ws "${@:3}")" "^close $1\$" "$2"; }
stays() { is "$(ws "${@:2}" | tail -n 1)" open "$1"; }

like "$(ws 9f:hello)" '^pong hello$' 'a ping is answered with its payload'
like "$(ws 9f:)" '^pong$' 'an empty one too'
like "$(ws --split 9fz:125)" '^pong a{125}$' 'so is one of 125 bytes, byte by byte'
is "$(ws 9fz:126 | tail -n 1)" closed 'a ping above 125 bytes ends the connection'
closes 1002 'a ping in pieces' 9:part
closes 1002 'a reserved bit' 1fr:hello
closes 1002 'an unknown opcode' 3f:hello
closes 1002 'an unknown control opcode' bf:hello
closes 1002 'a continuation of nothing' 0f:hello
closes 1002 'a message inside a message' 1:one 1f:two
stays 'a message is read and dropped' 1f:hello
stays 'a binary one as well' 2fh:ff00fe
stays 'a message in pieces' 1:one 0:two 0f:three
like "$(ws 1:one 9f:between 0f:two)" '^pong between$' 'a ping between the pieces is answered'
closes 1007 'text that is not UTF-8' 1fh:fffe
closes 1007 'text that ends in the middle of a character' 1fh:e282
closes 1007 'an overlong form' 1fh:c080
closes 1007 'a surrogate' 1fh:eda080
stays 'a character cut in two by pieces' 1h:e282 0fh:ac
closes 1009 'a message that is too big' 1fz:65537
closes 1009 'one that becomes too big in pieces' 1z:40000 0fz:40000
stays 'one that is just not too big' 1fz:65536

# What libwebsockets 4.1 does otherwise, and does not tell.
todo() { # STATUS DESCRIPTION REASON
    if [ "$1" -eq 0 ]; then result 0 "$2"; return; fi
    tap_count=$((tap_count + 1))
    printf 'not ok %d - %s # TODO %s\n' $tap_count "$2" "$3"
}
grep -q '^close 1002$' <<<"$(ws 1fu:hello)"
todo $? 'a frame that is not masked ends the connection' 'libwebsockets does not tell'
grep -q '^pong two$' <<<"$(ws --early 9f:one --early 9f:two)"
todo $? 'of several pings at least the last is answered' 'libwebsockets answers the first'

grep -q '^close 1002$' <<<"$(ws 1fl:hello)"
todo $? 'a length in more bytes than it needs is 1002' 'libwebsockets takes it'
grep -q '^close 1002$' <<<"$(ws 9fz:126)"
todo $? 'a ping above 125 bytes is 1002' 'libwebsockets hangs up without a word'

# --- closing (section 5.5.1, 7.4) -------------------------------------------------------------------------

closes 1000 'a close frame is echoed' 8fh:03e8
is "$(ws 8fh:03e8 | tail -n 1)" closed 'and then the connection ends'
like "$(ws 8f:)" '^close$' 'an empty close frame is echoed as such'
closes 3000 'a status of an application is echoed' 8fh:0bb8
closes 1002 'a status of one byte' 8fh:03
closes 1002 'a status that must not be sent' 8fh:03ed
is "$(ws 8fh:03e8fffe | tail -n 1)" closed 'a reason that is not UTF-8 ends the connection'

# --- the ping, and the end ----------------------------------------------------------------------------------

wait $quiet
like "$(cat "$SCRATCH/quiet")" '^ping' 'a silent subscriber is pinged after 25 s'
ws --patience 40000 >"$SCRATCH/last" &
last=$!
eventually grep -q after "$SCRATCH/last"
stop_server
is "$status" 0 'the server ends well while subscribers are there'
wait $last
is "$(tail -n 2 "$SCRATCH/last")" $'close 1001\nclosed' 'and they are told that it goes away'

start_server websocket --ping-seconds 0.5
ws --mute --patience 40000 >"$SCRATCH/mute" &
mute=$!
ws --until 'ping' --count 6 --patience 40000 >"$SCRATCH/alive"
wait $mute
is "$(tail -n 1 "$SCRATCH/mute")" closed 'a subscriber that does not answer its ping is let go'
is "$(tail -n 1 "$SCRATCH/alive")" open 'one that answers is not'
descriptors() { ls "/proc/$pid/fd" | wc -l; }
few() { [ "$(descriptors)" -le "$1" ]; }
all=$(descriptors)
publish_many 20 1000000
ws --path '/events?after=0' --pause 60000 >"$SCRATCH/full" &
full=$!
eventually grep -q '^accept ok$' "$SCRATCH/full"
ok 'one whose socket is full and stays so is let go' eventually few "$all"
kill $full
for gone_in in 'GET /events?after=0 HTTP/1.1' $'GET /events HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'; do
    for _ in 1 2 3 4 5; do printf '%s' "$gone_in" | raw "$port" --end --patience 500 >/dev/null; done
done
ok 'nobody who goes in the middle leaves a descriptor behind' eventually few "$all"

# Connections that say nothing have all descriptors when one of them wants to subscribe, which takes one
# more for a moment.
prlimit --pid "$pid" --nofile="$((all + 4)):$((all + 4))"
crowd=()
for _ in 1 2 3 4 5 6 7 8 9 10; do
    exec {one}<>"/dev/tcp/127.0.0.1/$port"
    crowd+=("$one")
done
no_more() { grep -q 'new connections have to wait' "$server_out.err"; }
ok 'the descriptors are gone' eventually no_more
printf '%s' "$gone_in" >&"${crowd[0]}"
IFS= read -r -t "$PATIENCE" answer <&"${crowd[0]}"
like "$answer" '^HTTP/1\.1 503 ' 'a subscriber for whom there is no descriptor is told so'
like "$(cat "$server_out.err")" 'cannot take over a connection' 'and so is the log'
for one in "${crowd[@]}"; do exec {one}>&-; done
stop_server

# Its ping lies behind more than it takes in the time for an answer.
start_server websocket --ping-seconds 2
ws --trickle 80 --until '"seq":' --count 5 --patience 40000 >"$SCRATCH/steady" &
steady=$!
eventually grep -q after "$SCRATCH/steady"
publish_many 4 900000
eventually grep -q '"seq":4,' "$SCRATCH/steady"
publish_many 1 10
wait $steady
is "$(tail -n 1 "$SCRATCH/steady")" open 'one that takes what there is, slowly, is not let go'
stop_server

# --- a subscriber that is too slow ------------------------------------------------------------------------

export ASAN_OPTIONS=${ASAN_OPTIONS:-}:quarantine_size_mb=1 # freed memory is not kept, to be seen
start_server websocket --feed-events 16
ws --pause 4000 --patience 1500 >"$SCRATCH/slow" &
slow=$!
eventually grep -q '^accept ok$' "$SCRATCH/slow"
resident() { awk '/VmRSS/ { print $2 }' "/proc/$pid/status"; }
before=$(resident)
publish_many 1000 20000
ok 'a subscriber that does not read costs the server no memory' [ $(($(resident) - before)) -lt 8000 ]
wait $slow
like "$(cat "$SCRATCH/slow")" '^text \{"missed":[0-9]+\}$' 'and is told what it missed'
# Sequence numbers and gaps must add up: 1, 2, missed 7, 10, ...
sums=$(awk -F'[:,}]' '/^text \{"missed"/ { expected += $2 } /^text \{"seq"/ { if (started && $2 != expected) print "after " expected - 1 " came " $2; expected = $2 + 1; started = 1 }' "$SCRATCH/slow")
is "$sums" '' 'to the event'
stop_server
is "$status" 0 'that server ends well, too'

# --- the client -----------------------------------------------------------------------------------------------

one='{"seq":7,"due_ns":1,"lag_ns":0,"payload":"x"}'
# client [OPTION...] FRAME...: the client against a server that sends these, until it hangs up.
# It lasts for `lasts` seconds. `saw` is what the server saw, `said` what the client had to say, `report` its report.
client() {
    coproc PEER { exec node "$HERE/websocket.mjs" --listen --patience 20000 "$@"; }
    local peer=$PEER_PID peer_port peer_out ours
    read -r peer_port <&"${PEER[0]}"
    exec {peer_out}<&"${PEER[0]}"
    "$BIN/websocket_client" --servers "127.0.0.1:$peer_port" --seconds "${lasts:-0.5}" >"$SCRATCH/client" 2>"$SCRATCH/client.err" &
    ours=$!
    saw=$(cat <&"$peer_out")
    exec {peer_out}<&-
    wait "$peer" 2>/dev/null
    kill -TERM $ours 2>/dev/null
    wait $ours
    said=$(cat "$SCRATCH/client.err")
    report=$(grep '"report"' "$SCRATCH/client")
}
# The first thing that it complains of: later it finds nobody there any more.
complains() { like "$(head -n 1 <<<"$said")" "$1" "$2"; }

client "1f:$one"
like "$saw" '^GET /events HTTP/1\.1$' 'the client asks for /events'
like "$report" '"malformed": *0' 'and takes a whole message'
unlike "$said" 'not an event' 'without complaint'
client "1:${one:0:10}" "0:${one:10:5}" 9f:still-there 9f:and-now "0f:${one:15}"
like "$saw" '^pong still-there$' 'it answers a ping between pieces, masked'
like "$saw" '^pong and-now$' 'and the next'
like "$report" '"malformed": *0' 'it joins the pieces'
unlike "$said" 'not an event' 'and nothing else reaches its ledger'
client '1f:{"missed":12}'
like "$report" '"malformed": *0' 'word of missed events is not taken for an event'

client 8fh:03e9
like "$saw" '^close 1001$' 'it echoes a close'
complaints() { grep -c '127\.0\.0\.1\|no sign of life' <<<"$said"; }
lasts=2.5 client --stay --patience 5000 8fh:03e9
is "$(grep -c '^GET' <<<"$saw")" 2 'to a server that does not hang up then, it does'
is "$(complaints)" 0 'which is nothing to complain of'
lasts=2.5 client --stay --patience 5000 3f:hello
is "$(grep -c '^GET' <<<"$saw")" 2 'so it does to one that broke the protocol'
is "$(complaints)" 1 'and says so once'
client --hang-up 1:hel
complains '\(1006\)' 'a server that hangs up without a close frame, amid a message, is told as such'

fails() { # STATUS DESCRIPTION FRAME...
    client "${@:3}"
    like "$saw" "^close $1\$" "$2"
    is "$(tail -n 1 <<<"$saw")" closed 'and it hangs up'
    complains "\($1\)" 'and says why'
}
fails 1002 'a masked frame is 1002' 1fm:hello
fails 1002 'a reserved bit is 1002' 1fr:hello
fails 1002 'an unknown opcode is 1002' 3f:hello
fails 1002 'a continuation of nothing is 1002' 0f:hello
fails 1002 'a ping in pieces is 1002' 9:hello
fails 1002 'a ping above 125 bytes is 1002' 9fz:126
fails 1003 'a message that is no text is 1003' 2f:hello
fails 1007 'text that is not UTF-8 is 1007' 1fh:fffe
fails 1009 'a message above 16 MiB is 1009' 1fz:16777217

refuses() { # PATTERN DESCRIPTION OPTION...
    client "${@:3}"
    complains "$1" "$2"
    unlike "$(cat "$SCRATCH/client")" '"connected"' 'and does not count as connected'
}
refuses 'Sec-WebSocket-Accept' 'a server that cannot prove it read the key' --set 'Sec-WebSocket-Accept: bm9uc2Vuc2U='
refuses 'Sec-WebSocket-Accept' 'one that does not try' --drop Sec-WebSocket-Accept
refuses 'Upgrade' 'one that switches to something else' --set 'Upgrade: h2c'
refuses 'Connection' 'one that does not say so on this hop' --drop Connection
refuses 'nobody offered' 'an extension that nobody offered' --more 'Sec-WebSocket-Extensions: permessage-deflate'
refuses 'nobody offered' 'a protocol that nobody offered' --more 'Sec-WebSocket-Protocol: chat'
for status in '401 Unauthorized' '503 Service Unavailable' '302 Found' '200 OK'; do
    refuses "status ${status%% *}\$" "$status is told as such" --status "$status" --more 'Content-Length: 0'
done
client --stay --status '503 Service Unavailable' --more 'Content-Length: 0' --patience 3000
ok 'a server that refuses is asked again' [ "$(grep -c '^GET' <<<"$saw")" -gt 1 ]
client --stay --status '503 Service Unavailable' --more 'Content-Length: 0' --more 'Retry-After: 9' --patience 3000
is "$(grep -c '^GET' <<<"$saw")" 1 'one that asks for a pause is not, until it is over'

done_testing
