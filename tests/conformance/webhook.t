#!/usr/bin/env bash
# Webhooks as the Standard Webhooks specification wants them: the server against receivers that
# refuse, hang and redirect, the receiver against a sender that lies.
. "$(dirname "$0")/../lib.sh"
HERE=$(dirname "$0")

call() { curl -s "$@" | tr -d '\r'; }
hooks() { echo "http://127.0.0.1:$port/hooks"; }
status_of() { curl -s -o /dev/null -w '%{http_code}' "$@"; }
emit() { for _ in $(seq "${1:-1}"); do curl -s -o /dev/null --data hello "http://127.0.0.1:$port/publish"; done; }

# receiver NAME ANSWER...: starts one; its address is in $url, its lines in $SCRATCH/NAME
receiver() {
    local name=$1
    shift
    : >"$SCRATCH/$name.secrets"
    node "$HERE/webhook.mjs" receive "$SCRATCH/$name.secrets" "$@" >"$SCRATCH/$name" &
    started_pids+=($!)
    eventually grep -q . "$SCRATCH/$name"
    url=http://127.0.0.1:$(head -n 1 "$SCRATCH/$name")/$name
}
# register NAME: at the server; sets $id
register() {
    local answer
    answer=$(call --json "{\"url\":\"$url\"}" "$(hooks)")
    id=$(field id <<<"$answer")
    field secret <<<"$answer" >"$SCRATCH/$1.secrets"
}
came() { sed 1d "$SCRATCH/$1"; }
count() { [ "$(came "$1" | wc -l)" -ge "$2" ]; }
seqs() { came "$1" | sed 's/.*{"seq":\([0-9]*\),.*/\1/' | tr '\n' ' '; }

# measure: everything that the server does from now on is counted
measure() { local now && now=$(now_ns) && echo "measure $now $((now + 1000 * 1000000000))" >"$server_out.in"; }

# --- registration ---------------------------------------------------------------------------------------

start_server webhook --events-per-second 0 --retry-scale 0.02 --attempt-seconds 1 --in-flight 4
receiver plain 204
answer=$(call -i --json "{\"url\":\"$url\"}" "$(hooks)")
like "$answer" '^HTTP/1\.1 201 ' 'a registration is answered with 201'
id=$(tail -n 1 <<<"$answer" | field id)
secret=$(tail -n 1 <<<"$answer" | field secret)
like "$answer" "^Location: /hooks/$id\$" 'and the place of the hook'
like "$secret" '^whsec_[A-Za-z0-9+/]{43}=$' 'a secret of 32 bytes is made when none is given'
echo "$secret" >"$SCRATCH/plain.secrets"
own=whsec_$(head -c 24 /dev/zero | base64)
is "$(call --json "{\"url\":\"http://127.0.0.1:1/\",\"secret\":\"$own\"}" "$(hooks)" | field secret)" "$own" 'a given one is taken'
own_id=$(call "$(hooks)" | node -e 'console.log(JSON.parse(require("fs").readFileSync(0)).hooks[1].id)')
unlike "$(call "$(hooks)")" 'whsec_|secret' 'the list of hooks tells no secrets'
like "$(call "$(hooks)")" "\"url\":\"$url\"" 'but the addresses'
for bad in '{}' '{"url":7}' '{"url":"/relative"}' '{"url":"ftp://127.0.0.1/"}' '{"url":"http://"}' 'no json' '[]' '' \
    "{\"url\":\"$url\",\"secret\":\"whsec_c2hvcnQ=\"}" "{\"url\":\"$url\",\"secret\":\"whsec_!\"}" "{\"url\":\"$url\",\"secret\":1}"; do
    is "$(status_of --json "$bad" "$(hooks)")" 400 "not a registration: ${bad/$url/URL}"
done
for type in text/plain application/x-www-form-urlencoded application/jsonx 'text/html; a=application/json' ''; do
    is "$(status_of -H "Content-Type: $type" --data "{\"url\":\"$url\"}" "$(hooks)")" 415 "nor is one of type '$type'"
    is "$(status_of -H "Content-Type: $type" -X PUT --data '{}' "$(hooks)/$id/secret")" 415 'nor a new secret'
done
long=$(head -c 2048 /dev/zero | tr '\0' x)
for bad in "http://127.0.0.1/#part" "http:/127.0.0.1/" "http:///127.0.0.1/" "http://127.0.0.1/a b" 'http://127.0.0.1/\n' \
    'http://127.0.0.1/\u007f' 'http://127.0.0.1/ü' "http://127.0.0.1/$long" "http://user@/" "http://:80/" \
    "http://127.0.0.1:70000/" "http://[::1/" "file:///etc/passwd" 'http://127.0.0.1/\u0000'; do
    is "$(status_of --json "{\"url\":\"$bad\"}" "$(hooks)")" 400 "not an address: ${bad:0:40}"
done
is "$(call "$(hooks)" | grep -o '"id"' | wc -l)" 2 'nothing of that was registered'
for bad in '[]' '7' 'null' '"x"' '{' '{"secret":[]}' '{"secret":7}' '{"secret":null}'; do
    answer=$(call -i -X PUT --json "$bad" "$(hooks)/$id/secret")
    like "$answer" '^HTTP/1\.1 400 ' "not a new secret: $bad"
    like "$(tail -n 1 <<<"$answer")" '^[A-Z].*\.$' 'said in a sentence'
done
answer=$(call -H 'Content-Type: Application/JSON ; charset=utf-8' --data '{"url":"http://me:key@127.0.0.1:1/a@b"}' "$(hooks)")
hidden=$(field id <<<"$answer")
unlike "$answer$(call "$(hooks)")$(call "$(hooks)/$hidden")" 'me:|key' 'a password in an address is never shown'
like "$(call "$(hooks)/$hidden")" '"url":"http://\*\*\*@127.0.0.1:1/a@b"' 'but that there is one'
is "$(status_of -X DELETE "$(hooks)/$hidden")" 204 'it goes'
is "$(status_of -X DELETE "$(hooks)/$own_id")" 204 'a hook can be deleted'
is "$(status_of -X DELETE "$(hooks)/$own_id")" 404 'once'
again=$(call --json '{"url":"http://127.0.0.1:1/"}' "$(hooks)" | field id)
like "$again" '^[12]-' 'its place is used again'
unlike "$again" "^($own_id|$hidden)\$" 'its id never'
is "$(status_of "$(hooks)/$own_id")" 404 'the old id is nobody'
is "$(status_of -X DELETE "$(hooks)/$again")" 204 'the new one can be deleted'
is "$(status_of -X DELETE "$(hooks)/${id}0")" 404 'an id must be right to the letter'
is "$(status_of -X DELETE "$(hooks)/$id/x")" 404 'and to the end'

# --- delivery ---------------------------------------------------------------------------------------------

emit 3
ok 'events are delivered' eventually count plain 3
is "$(seqs plain)" '1 2 3 ' 'in order'
like "$(came plain | head -n 1)" '^/plain msg_[^ .]+ \+[0-9]+ application/json missed=0 0 \{"seq":1,"due_ns":[0-9]+,"lag_ns":[0-9]+,"payload":"hello"\} open=1$' \
    'as JSON, signed for this message and time'
is "$(came plain | cut -d ' ' -f 2 | sort -u | wc -l)" 3 'each with an id of its own'

receiver late 204
register late
is "$(seqs late)" '' 'a new hook starts at the newest event'
is "$(call -X PUT --json '{}' "$(hooks)/$id/secret" | tee "$SCRATCH/new" | field id)" "$id" 'a secret can be changed'
field secret <"$SCRATCH/new" >>"$SCRATCH/late.secrets"
emit
ok 'and delivery goes on' eventually count late 1
like "$(came late)" ' 1,0 \{"seq":4,' 'signed with the new and the old one'
is "$(status_of -X PUT --json '{"secret":"x"}' "$(hooks)/$id/secret")" 400 'a bad secret changes nothing'
is "$(status_of -X PUT --json '{}' "$(hooks)/0-0/secret")" 404 'nor can that of nobody be changed'

# --- failure ------------------------------------------------------------------------------------------------

receiver failing 404 302\>http://127.0.0.1:"$(head -n 1 "$SCRATCH/plain")"/redirected 204
register failing
emit 2
ok 'what is refused comes again' eventually count failing 4
is "$(seqs failing)" '5 5 5 6 ' 'the same event until it is taken, and only then the next'
is "$(came failing | cut -d ' ' -f 2 | uniq -c | awk '{ print $1 }' | tr '\n' ' ')" '3 1 ' 'with the same id each time'
is "$(came failing | cut -d ' ' -f 6 | sort -u)" 0 'and a signature for the time of the attempt'
unlike "$(came plain)" '^/redirected' 'a redirection is not followed'
gaps=$(came failing | cut -d ' ' -f 3 | tr -d + | sed -n '2,3p' | tr '\n' ' ')
read -r first second <<<"$gaps"
ok "the pauses grow (5 s and 5 min, scaled: $gaps ms)" [ "$first" -ge 75 ] && ok 'the second is longer' [ "$second" -ge 4700 ]

receiver gone 410 204
register gone
emit
eventually count gone 1
emit 2
sleep 0.5 # nothing must happen
is "$(seqs gone | wc -w)" 1 '410 is the end of it'
like "$(call "$(hooks)")" "\"id\":\"$id\",\"url\":\"$url\",\"disabled\":true" 'and the list says so'

receiver ended 410
call --json "{\"url\":\"$url\"}" $(for _ in $(seq 101); do hooks; done) >"$SCRATCH/registered"
emit
ok 'all hooks are ended that a receiver wants no more' eventually count ended 101
disabled() { call "$(hooks)" | grep -o '"disabled":true' | wc -l; }
hundred() { [ "$(disabled)" = 100 ]; }
ok 'and the last hundred of them can be seen' eventually hundred
is "$(status_of "$(hooks)/$id")" 404 'the oldest of all is gone'

receiver busy 503:2 204
register busy
emit
ok 'Retry-After' eventually count busy 2
ok 'is waited for, unscaled' [ "$(came busy | sed -n 2p | cut -d ' ' -f 3 | tr -d +)" -ge 1900 ]

receiver mute never 204
register mute
emit
ok 'no answer within --attempt-seconds is a failure' eventually count mute 2
ok 'and not sooner' [ "$(came mute | sed -n 2p | cut -d ' ' -f 3 | tr -d +)" -ge 500 ] # it may have come late

receiver deleted never
register deleted
emit
eventually count deleted 1
is "$(status_of -X DELETE "$(hooks)/$id")" 204 'a hook can be deleted while a delivery is under way'
sleep 1.5 # nothing must happen
is "$(seqs deleted | wc -w)" 1 'and gets no more'
emit
receiver mute2 never
register mute2
emit
eventually count mute2 1
stop_server
is "$status" 0 'the server ends well with a delivery under way'

# --- giving up, and the bound --------------------------------------------------------------------------------

start_server webhook --events-per-second 0 --retry-scale 0 --in-flight 2 --keep-alive off --attempt-seconds 2
measure
receiver hopeless 500 500 500 500 500 500 500 500 500 500 204
register hopeless
emit 2
ok 'after ten attempts an event is given up' eventually count hopeless 11
is "$(seqs hopeless)" '1 1 1 1 1 1 1 1 1 1 2 ' 'and the next one comes'
like "$(came hopeless | tail -n 1)" ' missed=1 ' 'which tells the gap'
for name in a b c; do
    receiver hang_$name never
    register hang_$name
done
emit
two_hang() { [ "$(cat "$SCRATCH"/hang_? | grep -c msg_)" = 2 ]; }
eventually two_hang
sleep 1 # nothing more must happen
is "$(cat "$SCRATCH"/hang_? | grep -c msg_)" 2 'no more than --in-flight are outstanding'
ok 'the others get their turn' eventually count hang_c 1
stop_server
is "$status" 0 'that server ends well, too'
like "$(grep '"report"' "$server_out")" '"missed": *1[,}]' 'what it gave up is counted as missed'

# --- receivers that hang, and the others ------------------------------------------------------------------------

start_server webhook --events-per-second 0 --retry-scale 0 --in-flight 4 --attempt-seconds 4
receiver good 204
register good
good=$id
emit
ok 'a good receiver gets its event' eventually count good 1
receiver hanging never
for _ in 1 2 3 4 5 6; do call --json "{\"url\":\"$url\",\"after\":\"0\"}" "$(hooks)"; done >"$SCRATCH/hung"
eventually count hanging 2
emit
ok 'and the next' eventually count good 2
ok 'while no more than half of the places are held by those that are new' [ "$(came hanging | wc -l)" -le 2 ]
eventually count hanging 3 # one has timed out
emit
ok 'and one more' eventually count good 3
ok 'nor by those that hang' [ "$(came hanging | wc -l)" -le 4 ]
like "$(call "$(hooks)")" '"attempts":[12],"last_error":"[^"]*timed out' 'a hook that fails says how'
like "$(call "$(hooks)/$good")" '"cursor":"[0-9a-f]{8}-3","missed":0,"attempts":1,"last_status":204' 'and one that does not'
stop_server

# unreliable NAME COUNT ANSWER...: two hooks that were good, then not, COUNT requests in all, and would
# hang now
unreliable() {
    local name=$1 requests=$2 before
    shift 2
    start_server webhook --events-per-second 0 --retry-scale 0 --in-flight 2 --attempt-seconds 4
    receiver "$name" 204 204 "$@" never
    register "$name"
    register "$name"
    receiver "beside_$name" 204
    register "beside_$name"
    emit
    eventually count "$name" 2
    eventually count "beside_$name" 1
    emit
    ok "$name: two hooks of one receiver disappoint" eventually count "$name" "$requests"
    idle() { [ "$(call "$(hooks)" | grep -o '"cursor":"[0-9a-f]*-2"' | wc -l)" = 3 ]; }
    ok 'then all have their events' eventually idle
    emit
    ok 'the next one comes to another receiver' eventually count "beside_$name" 3
    before=$(came "$name" | wc -l)
    ok 'while those two hold one of two places' [ "$before" -le $((requests + 1)) ]
    stop_server
}
unreliable alternating 6 never never 204 204
unreliable tardy 4 204@3000 204@3000

# --- one or several at a time -----------------------------------------------------------------------------------

most_open() { came "$1" | sed 's/.* open=//' | sort -n | tail -n 1; }
sorted() { seqs "$1" | tr ' ' '\n' | sort -n | uniq | tr '\n' ' ' | sed 's/^ //'; }
cursor() { call "$(hooks)/$id" | sed -n 's/.*"cursor":"[0-9a-f]*-\([0-9]*\)".*/\1/p'; }
cursor_is() { [ "$(cursor)" = "$1" ]; }

start_server webhook --events-per-second 0
receiver alone 204@300
register alone
emit 4
ok 'without a word' eventually count alone 4
is "$(most_open alone)" 1 'a receiver never has two deliveries at once'
is "$(seqs alone)" '1 2 3 4 ' 'and its events in order'
stop_server

start_server webhook --events-per-second 0 --in-flight-per-receiver 3 --retry-scale 0.4 --attempt-seconds 10
receiver slow 204@3000 204@3000 204@3000 204@100
register slow
emit 9
ok 'with --in-flight-per-receiver 3 a slow receiver has three' eventually count slow 3
is "$(most_open slow) $(came slow | wc -l)" '3 3' 'at once, and the others wait'
is "$(cursor)" 0 'nothing is acknowledged yet'
ok 'all events come' eventually count slow 9
is "$(sorted slow)" '1 2 3 4 5 6 7 8 9 ' 'each of them'
is "$(came slow | wc -l) $(most_open slow)" '9 3' 'once, and never more than three at a time'
ok 'then all are acknowledged' eventually cursor_is 9
is "$(status_of -X DELETE "$(hooks)/$id")" 204 'that hook can go'

receiver stumbling 500 204
register stumbling
emit 6
ok 'one that failed is sent again' eventually count stumbling 7
again=$(seqs stumbling | tr ' ' '\n' | grep . | sort -n | uniq -d)
is "$(seqs stumbling | awk '{ print $1, $NF }')" "$again $again" 'after all others, which went on meanwhile'
is "$(sorted stumbling)" '10 11 12 13 14 15 ' 'all come'
is "$(came stumbling | cut -d ' ' -f 2 | sort -u | wc -l)" 6 'the repeated one with the same id'
ok 'and all are acknowledged' eventually cursor_is 15

receiver once_more 503:3 204
register once_more
emit 5
eventually count once_more 5
held=$(seqs once_more | awk '{ print $1 }')
ok 'what failed holds up what is acknowledged, and nothing else' eventually cursor_is $((held - 1))
like "$(call "$(hooks)/$id")" '"next_attempt_seconds":[0-9.]+' 'when it is tried again is told'
ok 'until it has come, too' eventually cursor_is 20

receiver deleted3 never
register deleted3
emit 4
eventually count deleted3 3
is "$(status_of -X DELETE "$(hooks)/$id")" 204 'a hook can be deleted with several deliveries under way'
is "$(status_of "$(hooks)/$id")" 404 'and is gone at once'
emit
receiver leaving 204@1500 410 204@1500
id=$(call --json "{\"url\":\"$url\",\"after\":\"0\"}" "$(hooks)" | field id) # more than enough is there
disabled_now() { call "$(hooks)/$id" | grep -q '"disabled":true'; }
ok '410 is the end of it, with others under way' eventually disabled_now
sleep 2 # nothing must happen
is "$(came leaving | wc -l),$(came deleted3 | wc -l)" 3,3 'no more comes to those that are gone'
is "$(status_of -X DELETE "$(hooks)/$id")" 204 'the ended one can be deleted'
receiver open_end never
register open_end
emit 2
eventually count open_end 2
stop_server
is "$status" 0 'the server ends well with several under way'

start_server webhook --events-per-second 0 --in-flight 4 --in-flight-per-receiver 16 --attempt-seconds 10
receiver bounded 204 204@1000
register bounded
emit
eventually count bounded 1
emit 9
ok 'the whole server is bound by --in-flight' eventually count bounded 10
is "$(most_open bounded)" 4 'whatever one receiver may have'
stop_server

start_server webhook --events-per-second 0 --feed-events 4 --in-flight-per-receiver 2 --retry-scale 1
measure
receiver behind 500:3 500:3 204
register behind
emit 2
eventually count behind 2
emit 8 # of ten, four are still there
ok 'one that was down for longer than the feed holds' eventually count behind 6
is "$(sorted behind)" '1 2 7 8 9 10 ' 'gets what there is'
ok 'and is done with what is gone, however long a lane pauses' eventually cursor_is 10
emit
eventually count behind 7
told=$(came behind | sed 's/.* missed=\([0-9]*\) .*/\1/' | awk '{ sum += $1 } END { print sum }')
ok "and is told of all six (told: $told)" [ "$told" -ge 6 ]
none_left() { call "$(hooks)/$id" | grep -Eq '"cursor":"[0-9a-f]{8}-11","missed":0,'; }
ok 'then it is on a level with the feed' eventually none_left
stop_server
like "$(grep '"report"' "$server_out")" '"missed": *6[,}]' 'the server counts them once'
for bad in 0 17 x; do
    "$BIN/webhook_server" --in-flight-per-receiver $bad >"$SCRATCH/told" 2>&1 </dev/null
    is "$?" 2 "--in-flight-per-receiver $bad is refused"
done

# --- refusals are counted, and gaps told ---------------------------------------------------------------------------

counter() { grep '"report"' "$server_out" | node -e 'console.log(JSON.parse(require("fs").readFileSync(0, "utf8")).counters[process.argv[1]])' "$1"; }
twice() { count refuses_413 2 && count refuses_401 2 && count refuses_429 2 && count breaks_500 2 && count leaves_410 1; }

start_server webhook --events-per-second 0 --retry-scale 0
measure
for name in refuses_413 refuses_401 refuses_429 breaks_500 leaves_410; do
    receiver $name "${name#*_}" 204
    register $name
done
emit
ok 'everybody is asked, and those that said no once more' eventually twice
stop_server
is "$(counter refused),$(counter failures),$(counter disabled)" 3,4,1 'what a receiver refused is counted apart from what failed'

start_server webhook --events-per-second 0 --feed-events 4 --retry-scale 1
measure
receiver refusing 500:3 204
register refusing
emit
waits() { call "$(hooks)/$id" | grep -Eq '"missed":0,"attempts":1,"last_status":500,"next_attempt_seconds":[0-9.]+'; }
ok 'when it is tried again is told' eventually waits
emit 9 # of ten, four are still there
ok 'a receiver that was down for longer than the feed holds' eventually count refusing 5
is "$(seqs refusing)" '1 7 8 9 10 ' 'gets what there is'
is "$(came refusing | sed 's/.* missed=\([0-9]*\) .*/\1/' | tr '\n' ' ')" '0 6 0 0 0 ' 'and is told once how much there was'
known() { call "$(hooks)/$id" | grep -Eq '"cursor":"[0-9a-f]{8}-10","missed":0,'; }
ok 'then it is on a level with the feed' eventually known
stop_server
like "$(grep '"report"' "$server_out")" '"missed": *6[,}]' 'the server counts them'

# --- the receiver ---------------------------------------------------------------------------------------------

coproc SENDER { exec node "$HERE/webhook.mjs" send; }
sender=$SENDER_PID
read -r port <&"${SENDER[0]}"
exec {sender_out}<&"${SENDER[0]}"
"$BIN/webhook_client" --servers "127.0.0.1:$port" --seconds 1000 >"$SCRATCH/client" 2>"$SCRATCH/client.err" &
client=$!
started_pids+=("$client")
saw=$(cat <&"$sender_out")
wait "$sender" 2>/dev/null
kill -INT $client
wait $client
is "$?" 0 'the client ends well'
like "$saw" '^POST /hooks$' 'it registers'
for line in 'good: 204' 'again: 204' 'second signature: 204' 'wrong key: 401' 'changed body: 401' 'old: 401' \
    'from the future: 401' 'a little old: 204' 'by its hook(, .*)?: 204' 'by another hook(, .*)?: 410' 'by another form of id: 204' \
    'nobody: 404' 'unsigned: 401'; do
    like "$saw" "^$line\$" "$line"
done
report=$(grep '"report"' "$SCRATCH/client")
like "$report" '"malformed": *0' 'nothing that was refused reached the ledger'
is "$(grep -c 'by .*hook' <<<"$saw"),$(grep -c ': 410' <<<"$saw")" 5,2 'all that come by its own hook are taken, those by others are sent away'
is "$(field missed <<<"$report")" 5 'what is gone is counted once, and what had come is not'
like "$report" '"repeated": *1' 'a repeated message was taken once'
like "$report" '"bad_signatures": *5' 'five were refused'

# Overtaking: the newest place counts, and what comes again is known also when much came between.
coproc SENDER { exec node "$HERE/webhook.mjs" overtake; }
sender=$SENDER_PID
read -r port <&"${SENDER[0]}"
exec {sender_out}<&"${SENDER[0]}"
"$BIN/webhook_client" --servers "127.0.0.1:$port" --seconds 1000 >"$SCRATCH/overtaken" 2>"$SCRATCH/overtaken.err" &
client=$!
started_pids+=("$client")
saw=$(cat <&"$sender_out")
wait "$sender" 2>/dev/null
kill -INT $client
wait $client
is "$?" 0 'a client whose events overtake each other ends well'
like "$saw" '^12: 204$' 'an older event is taken after a newer one'
like "$saw" '^after 5c1f09aa-43$' 'and does not move the receiver back'
report=$(grep '"report"' "$SCRATCH/overtaken")
is "$(field deliveries <<<"$report"),$(field reordered <<<"$report"),$(field duplicates <<<"$report")" 33,1,0 'it is counted as one that was late'
like "$report" '"repeated": *3' 'and those that came again are known'

# registry NAME ID: a server that takes registrations; sets $port
registry() {
    node "$HERE/webhook.mjs" register "$2" >"$SCRATCH/$1" &
    started_pids+=($!)
    eventually grep -q . "$SCRATCH/$1"
    port=$(head -n 1 "$SCRATCH/$1")
}
# receive NAME OPTION...: a client as a runner starts it; its orders go to $orders
receive() {
    client_out=$SCRATCH/$1
    shift
    mkfifo "$client_out.in"
    "$BIN/webhook_client" --supervised --servers "127.0.0.1:$port" "$@" <"$client_out.in" >"$client_out" 2>"$client_out.err" &
    client=$!
    started_pids+=("$client")
    exec {orders}>"$client_out.in"
    eventually grep -q '"connected"' "$client_out" || diag "$(cat "$client_out.err")"
    local now
    now=$(now_ns)
    echo "measure $now $((now + 1000 * 1000000000))" >&"$orders"
}
end_receive() {
    echo stop >&"$orders"
    exec {orders}>&-
    wait "$client"
    is "$?" 0 "$1"
    report=$(grep '"report"' "$client_out")
}
delivered() { grep '"tick"' "$client_out" | grep -o '"deliveries":[0-9]*' | cut -d : -f 2 | awk '{ sum += $1 } END { print sum + 0 }'; }
have() { [ "$(delivered)" -ge "$1" ]; }
have_requests() { [ "$(sed 1d "$SCRATCH/$1" | wc -l)" -ge "$2" ]; }

registry mute_registry 0-1
receive of_mute
ok 'a server that takes the question and never answers is given up' eventually have_requests mute_registry 4
end_receive 'its receiver ends well'
is "$(sed -n 2,5p "$SCRATCH/mute_registry" | tr '\n' ,)" 'POST /hooks,GET /hooks/0-1,DELETE /hooks/0-1,POST /hooks,' \
    'the receiver takes its old hook away and registers again'
like "$(cat "$client_out.err")" 'timed out' 'and says why'

registry lying_registry $'0-1 HTTP/1.1\r\nHost: x\r\n\r\nGET /forged'
receive of_liar
registry long_registry "$(head -c 64 /dev/zero | tr '\0' a)"
liar_orders=$orders liar=$client
receive of_long
long_orders=$orders long=$client long_out=$client_out
registry witness 0-1 # of how much time has passed: when it is asked, the others would have been, too
receive of_witness
ok 'a good id is asked for' eventually have_requests witness 2
end_receive 'its receiver ends well'
orders=$long_orders client=$long client_out=$long_out
echo stop >&"$liar_orders"
exec {liar_orders}>&-
wait "$liar"
is "$?" 0 'the receiver of a server that lies ends well'
end_receive 'and that of one with ids that are too long'
is "$(sed 1d "$SCRATCH/lying_registry" | tr '\n' ,)" 'POST /hooks,' 'what is no id is not asked for'
is "$(sed 1d "$SCRATCH/long_registry" | tr '\n' ,)" 'POST /hooks,' 'nor what is too long for one'

# A server that stands still for longer than its receivers wait: they come again, and nobody has two hooks.
start_server webhook --events-per-second 0
receive of_sleeper --subscribers 3
emit 2
ok 'events come' eventually have 6
kill -STOP "$pid"
ok 'a server that stands still is given up' eventually grep -q 'timed out' "$client_out.err"
kill -CONT "$pid"
emit 2
ok 'and all come back' eventually have 12
is "$(call "$(hooks)" | grep -o '"id"' | wc -l)" 3 'with one hook each'
emit
ok 'new events come' eventually have 15
end_receive 'they end well'
is "$(field deliveries <<<"$report"),$(field duplicates <<<"$report"),$(field missed <<<"$report")" 15,0,0 'nothing came twice, nothing is missing'
is "$(call "$(hooks)")" '{"hooks":[]}' 'and have taken their hooks away'
receive of_stopped --subscribers 3
kill -STOP "$pid"
end_receive 'they end well, too, when the server does not answer'
kill -CONT "$pid"
receive of_dead --subscribers 3
stop_server
is "$status" 0 'so does the server'
end_receive 'and those whose server is gone'
like "$report" '"subscribers": *3' 'each with a report'

done_testing
