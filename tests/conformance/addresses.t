#!/usr/bin/env bash
# Names, IPv4 and IPv6: what a server listens on is what it was told, and its client finds it.
. "$(dirname "$0")/../lib.sh"

EVENTS=5
has_ipv6() { [ -e /proc/net/if_inet6 ] && grep -q '^0\{31\}1 ' /proc/net/if_inet6; }

# The local addresses on which $pid listens.
listens_on() {
    local inodes
    inodes=$(ls -l "/proc/$pid/fd" 2>/dev/null | sed -n 's/.*socket:\[\([0-9]*\)\].*/\1/p' | paste -sd '|')
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '$4 == "0A" { print $2, $10 }' | grep -E " ($inodes)$" | cut -d : -f 1
}

# delivers STRATEGY SERVERS [OPTION...]: one subscriber that finds the server by this name gets all events.
delivers() {
    local strategy=$1 servers=$2 report
    shift 2
    "$BIN/${strategy}_client" --servers "$servers" --seconds 1 "$@" >"$SCRATCH/client" 2>"$SCRATCH/client.err"
    is "$?" 0 "$strategy: the client finds $servers${*:+ ($*)}"
    report=$(grep '"report"' "$SCRATCH/client")
    ok "$strategy: and gets events from it" [ "$(field deliveries <<<"$report")" -ge $EVENTS ]
}

# serve STRATEGY ADDRESS: a server by hand, which publishes by itself.
serve() {
    server_out=$SCRATCH/$1.$((${#started_pids[@]} + 1)).out
    "$BIN/$1_server" --address "$2" --events-per-second 20 >"$server_out" 2>"$server_out.err" </dev/null &
    pid=$!
    started_pids+=("$pid")
    eventually grep -q '"ready"' "$server_out"
    port=$(sed -n 's/.*"port": *\([0-9]*\).*/\1/p' "$server_out" | head -n 1)
}
end() {
    kill -TERM "$pid"
    wait "$pid" 2>/dev/null
    is "$?" 0 "$1: the server ends well"
}

all=$("$BIN/pushpull" strategies)
ok 'there are strategies' [ -n "$all" ]
for strategy in $all; do
    serve "$strategy" 127.0.0.1
    is "$(listens_on)" 0100007F "$strategy: 127.0.0.1 is 127.0.0.1 and nothing else"
    delivers "$strategy" "localhost:$port"
    end "$strategy"
    if has_ipv6; then
        serve "$strategy" ::1
        is "$(listens_on)" 00000000000000000000000001000000 "$strategy: ::1 is ::1 and nothing else"
        delivers "$strategy" "[::1]:$port"
        end "$strategy"
    fi
done
has_ipv6 || skip 'IPv6' 'this host has no ::1'

for bad in '' 127.0.0.1 127.0.0.1: 127.0.0.1:0 127.0.0.1:65536 127.0.0.1:80x :80 ::1:80 '[::1]' nowhere.invalid:80 127.0.0.1:80,; do
    message=$("$BIN/sse_client" --servers "$bad" 2>&1 >/dev/null </dev/null)
    is "$?" 2 "--servers '$bad' is refused"
    is "$(grep -c . <<<"$message")" 1 'in one line'
done

# A webhook receiver is a server, too: where it listens is where it is sent to.
serve webhook 127.0.0.1
own_addresses=('' 127.0.0.2 localhost)
has_ipv6 && own_addresses+=(::1)
for own in "${own_addresses[@]}"; do delivers webhook "127.0.0.1:$port" --receive-address "$own"; done
end webhook
# Without a word it receives where this host is, as the server sees it. An address of a network card, if there is
# one, stands for all servers that are elsewhere.
elsewhere=$(node -p 'const all = Object.values(require("os").networkInterfaces()).flat();
    (all.find((a) => a.family === "IPv4" && !a.internal) || { address: "" }).address')
for address in 127.0.0.1 ::1 "$elsewhere"; do
    in_url=$address
    [[ $address == *:* ]] && in_url="[$address]"
    if [ "$address" = ::1 ] && ! has_ipv6 || [ -z "$address" ]; then
        skip "a server at ${in_url:-another address}" 'this host has no such address'
        continue
    fi
    serve webhook "$address"
    "$BIN/webhook_client" --servers "$in_url:$port" --seconds 1000 >"$SCRATCH/client" 2>"$SCRATCH/client.err" &
    client=$!
    started_pids+=("$client")
    hook_is_there() { curl -gs "http://$in_url:$port/hooks" | grep -qF "\"url\":\"http://$in_url:"; }
    ok "a server at $in_url sends to $in_url" eventually hook_is_there
    kill -INT $client
    wait $client
    is "$?" 0 'and the receiver ends well'
    end webhook
done

for bad in nowhere.invalid 127.0.0.300 '[::1]' ::1%lo 127.0.0.1:80; do
    message=$("$BIN/webhook_client" --receive-address "$bad" 2>&1 >/dev/null </dev/null)
    is "$?" 2 "--receive-address '$bad' is refused"
    is "$(grep -c . <<<"$message")" 1 'in one line'
done
done_testing
