#!/usr/bin/env bash
# congestion_control: every socket of a server and of a client has the one that was asked for; the sockets that
# a listener takes, those that are connected, and those that libcurl opens to receivers.
. "$(dirname "$0")/../lib.sh"

# controls PID: the congestion controls of its TCP sockets, in one line.
controls() {
    ss -Hatinp | awk -v pid="pid=$1," '/^[A-Z]/ { ours = index($0, pid) > 0 } ours' |
        grep -owE 'cubic|reno|bbr' | sort -u | paste -sd ' '
}
states() { ss -Hatnp | awk -v pid="pid=$1," 'index($0, pid) > 0 { print $1 }'; } # PID
connected() { states "$1" | grep -q ESTAB; }                                    # PID
# posts: the server holds a connection to the client's listener.
posts() {
    local own
    own=$(ss -Hltnp | awk -v pid="pid=$client_pid," 'index($0, pid) > 0 { sub(/.*:/, "", $4); print $4 }')
    ss -Htnp state established "( dport = :$own )" | grep -q "pid=$pid,"
}

works() { # NAME: this kernel has it, and this user may use it
    : | "$BIN/tcp_server" --congestion-control "$1" --port 0 --supervised >/dev/null 2>&1
}
for name in cubic reno; do
    works $name || skip_all "this kernel gives $(id -un) no $name"
done

for strategy in $(strategies); do
    for pair in 'cubic reno' 'reno cubic'; do
        read -r theirs ours <<<"$pair"
        start_server "$strategy" --events-per-second 50 --congestion-control "$theirs"
        start_client "$strategy" --subscribers 2 --congestion-control "$ours"
        echo "publish $(now_ns)" >"$server_out.in"
        ok "$strategy: the client is connected" eventually grep -q '"connected"' "$client_out"
        if [ "$strategy" = webhook ]; then
            ok 'the server sends to it' eventually posts
        else
            eventually connected "$client_pid"
        fi
        is "$(controls "$pid")" "$theirs" "$strategy: all sockets of a server with $theirs have it"
        is "$(controls "$client_pid")" "$ours" "and those of a client with $ours"
        kill "$client_keeper"
        status_of_end "$client_pid"
        stop_server
    done
done

start_server tcp --events-per-second 0 --congestion-control host
is "$(controls "$pid")" "$(cat /proc/sys/net/ipv4/tcp_congestion_control)" 'host: that of this machine'
stop_server
start_server tcp --events-per-second 0
is "$(controls "$pid")" cubic 'without a word: cubic'
stop_server

message=$("$BIN/sse_server" --congestion-control vegas 2>&1 >/dev/null </dev/null)
is "$? $(wc -l <<<"$message")" '2 1' 'another name is refused in a line'
like "$message" 'cubic' 'which says what there is'
done_testing
