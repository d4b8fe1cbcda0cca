#!/usr/bin/env bash
# HTTP/1.1 as RFC 9110 and RFC 9112 want it. All strategies share one server (core/net/http/server.c), and
# yet each of them is asked everything: what a strategy does with an exchange is its own.
# http.mjs holds the list; here is what needs more than one connection, or a server of its own.
. "$(dirname "$0")/../lib.sh"

: "${HTTP_STRATEGIES:=polling long_polling sse websocket webhook}"

# answers WHAT PORT: the lines of the list become results.
answers() {
    local lines=0 line
    while IFS= read -r line; do
        case $line in
            'ok - '*) result 0 "$1: ${line#ok - }" ;;
            'not ok - '*) result 1 "$1: ${line#not ok - }" ;;
            *) diag "${line#\# }" ;;
        esac
        lines=$((lines + 1))
    done < <(node "$ROOT/tests/conformance/http.mjs" "$2" 2>&1)
    [ $lines -ge 200 ]
    result $? "$1: the whole list was asked ($lines)"
}

for strategy in $HTTP_STRATEGIES; do
    start_server "$strategy"
    before=$(ls "/proc/$pid/fd" | wc -l)
    answers "$strategy" "$port"
    reused=$(curl -sv "http://127.0.0.1:$port/" "http://127.0.0.1:$port/" 2>&1 >/dev/null | grep -ciE 're-us(ing|ed) existing')
    is "$reused" 1 "$strategy: curl keeps the connection for its second request"
    descriptors_back() { [ "$(ls "/proc/$pid/fd" | wc -l)" -le "$before" ]; }
    ok "$strategy: all descriptors come back" eventually descriptors_back
    stop_server
    is "$status" 0 "$strategy: the server ends well"
done
diag "$tap_count checks of $HTTP_STRATEGIES"

# --- clients that say no more, and listen ---------------------------------------------------------------

# half_closed STRATEGY OPTIONS REQUEST: an event comes to a client that has ended its side before.
half_closed() {
    # shellcheck disable=SC2086
    start_server "$1" $2
    echo "publish $(now_ns)" >"$server_out.in"
    printf '%b' "$3" | raw "$port" --end --until '"seq"' --patience $((PATIENCE * 1000)) >"$SCRATCH/half"
    like "$(cat "$SCRATCH/half")" '"seq"' "$1: a client that has said all still gets its events"
    stop_server
}
request='GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n'
half_closed long_polling '--events-per-second 5' "$request"
half_closed sse '--events-per-second 5' "$request"
half_closed tcp '--events-per-second 5' ''

# --- pages of other origins --------------------------------------------------------------------------

start_server polling --allow-origin http://example.org
preflight=$(get /publish -X OPTIONS -H 'Origin: http://example.org' -H 'Access-Control-Request-Method: PUT' \
    -H 'Access-Control-Request-Headers: cache-control')
like "$preflight" '^Access-Control-Allow-Methods: .*\bPUT\b' 'a preflight is granted PUT'
like "$preflight" '^Access-Control-Allow-Headers: .*\bCache-Control\b' 'and Cache-Control, that EventSource sends'
like "$preflight" '^Access-Control-Allow-Origin: http://example\.org$' 'the origin is named'
answer=$(get / -H 'Origin: http://example.org')
like "$answer" '^Access-Control-Allow-Origin: http://example\.org$' 'so it is in an answer'
unlike "$answer" '^Access-Control-Allow-Methods' 'which says nothing of methods'
answer=$(get / -H 'Origin: http://example.com')
unlike "$answer" '^Access-Control' 'another origin is told nothing'
like "$answer" '^Vary: Origin$' 'but caches that it matters'
unlike "$(get /)" '^Access-Control' 'nor is a request without one'
like "$(get /publish -d x -H 'Origin: http://example.org')" '^HTTP/1\.1 202 ' 'the allowed origin may publish'
like "$(get /publish -d x -H 'Origin: http://example.com')" '^HTTP/1\.1 403 ' 'another may not'
stop_server

start_server polling --allow-origin '*'
like "$(get /publish -d x -H 'Origin: http://example.com')" '^HTTP/1\.1 202 ' 'with * all may'
like "$(get / -H 'Origin: http://example.com')" '^Access-Control-Allow-Origin: \*$' 'and read'
stop_server

# --- other addresses ---------------------------------------------------------------------------------

start_server polling --address 0.0.0.0
like "$(get / -H 'Host: example.org')" '^HTTP/1\.1 200 ' 'a server that is not for this host alone takes any name'
stop_server
start_server polling --address ::1
six() { curl -sS --max-time $PATIENCE -o /dev/null -w '%{http_code}' "http://[::1]:$port/" "$@"; }
is "$(six)" 200 'a server on ::1 is called by its address'
is "$(six -H 'Host: example.org')" 403 'and by no other name'
stop_server

# --- out of descriptors ----------------------------------------------------------------------------

# Forty connections at a server that may have thirty-two descriptors: all are answered in the end, the
# last ones when the first have left, and the log says why they had to wait.
start_server polling
prlimit --pid "$pid" --nofile=32:32
crowd=$(node -e '
    const net = require("net"), port = Number(process.argv[1]);
    let answered = 0, open = [];
    const request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (let i = 0; i < 40; i++) {
        const socket = net.connect(port, "127.0.0.1", () => socket.write(request));
        socket.once("data", () => {
            answered++;
            open.push(socket);
            if (answered === 40) { console.log("all"); process.exit(0); }
            if (answered > 10) open.shift().destroy();
        });
        socket.on("error", (error) => { console.log(error.code); process.exit(1); });
        socket.on("end", () => { console.log("closed unanswered"); process.exit(1); });
    }
    setTimeout(() => { console.log(`${answered} answered`); process.exit(1); }, 20000);' "$port")
is "$crowd" all 'connections wait for a descriptor, and are served'
stop_server

# None of the first leaves: the server says so, and is not busy with it.
start_server polling
prlimit --pid "$pid" --nofile=32:32
node -e '
    const net = require("net"), port = Number(process.argv[1]);
    for (let i = 0; i < 60; i++) net.connect(port, "127.0.0.1").on("error", () => {});
    setTimeout(() => {}, 60000);' "$port" &
crowd_pid=$!
started_pids+=("$crowd_pid")
said() { grep -q 'out of file descriptors' "$server_out.err"; }
ok 'the log says that descriptors are out' eventually said
ticks() { awk '{ print $14 + $15 }' "/proc/$pid/stat"; }
first=$(ticks)
sleep 1 # the time itself is the matter
used=$(($(ticks) - first))
[ $used -lt 50 ]
result $? "waiting costs little ($used of 100 ticks)"
[ "$(wc -l <"$server_out.err")" -lt 100 ]
result $? 'the log stays short'
kill "$crowd_pid"
like "$(get /)" '^HTTP/1\.1 200 ' 'and when they have gone, all is well'
stop_server

done_testing
