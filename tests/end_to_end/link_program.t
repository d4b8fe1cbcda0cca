#!/usr/bin/env bash
# A link, by hand: programs at its two ends meet a delay, loss, a narrow line. It leaves nothing behind,
# however it ends, and says in one sentence what it cannot do.
. "$(dirname "$0")/../lib.sh"

TOOLS=$BUILD/tests/tools
PROGRAMS=$SCRATCH/bin # where an ordinary user may read them
SERVER=198.18.0.1

mkdir "$PROGRAMS"
cp "$BIN"/{link,enter,sse_server,sse_client} "$TOOLS/flood" "$PROGRAMS"
chmod -R a+rX "$SCRATCH"

# --- what it refuses ----------------------------------------------------------------------------------

refuses() { # PATTERN OPTION...
    local pattern=$1 status
    shift
    "$BIN/link" "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null
    status=$?
    is "$status $(wc -l <"$SCRATCH/err") $(wc -c <"$SCRATCH/out")" '2 1 0' "link $*: status 2, one line for people, nothing else"
    like "$(cat "$SCRATCH/err")" "$pattern" 'which says why'
}
refuses 'rtt-ms.* from 0 to 60000' --rtt-ms 60001
refuses 'loss-percent.* from 0 to 100' --loss-percent 101
refuses 'burst-loss.*P:R:H:K' --burst-loss 0.1:0.2:0.3
refuses 'burst-loss.*P:R:H:K' --burst-loss 0.1:0.2:0.3:1.5
refuses '--loss-percent and --burst-loss exclude each other' --loss-percent 1 --burst-loss 0.01:0.3:0:1
refuses 'mtu.* from 576 to 9000' --mtu 100
refuses 'down-mbit.* from 0 to 1000' --down-mbit -1
refuses 'jitter-ms' --jiter-ms 3

entering() { # STATUS PATTERN WORD...
    local wanted=$1 pattern=$2 status
    shift 2
    "$BIN/enter" "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null
    status=$?
    is "$status $(wc -l <"$SCRATCH/err")" "$wanted 1" "enter $*: status $wanted, one line"
    like "$(cat "$SCRATCH/err")" "$pattern" 'which says why'
}
entering 2 '^enter: usage: enter PID PROGRAM'
entering 2 'no number of a process' ../1 true
entering 1 'no process 4999999' 4999999 true

# --- links --------------------------------------------------------------------------------------------

# start_link OPTION...: as a runner does. Sets link_pid, link_out, link_in (a descriptor), server, client
# (processes at its ends). Who it runs as: the words in `as`.
as=()
start_link() {
    link_out=$SCRATCH/link.$((${#started_pids[@]} + 1)).out
    mkfifo "$link_out.in"
    ${as[@]+"${as[@]}"} "$PROGRAMS/link" --supervised "$@" <"$link_out.in" >"$link_out" 2>"$link_out.err" &
    link_pid=$!
    started_pids+=("$link_pid")
    exec {link_in}>"$link_out.in"
    said_ready() { grep -q '"ready"' "$link_out" || gone "$link_pid"; }
    eventually said_ready
    server=$(sed -n '/"ready"/s/.*"server": *\([0-9]*\).*/\1/p' "$link_out")
    client=$(sed -n '/"ready"/s/.*"client": *\([0-9]*\).*/\1/p' "$link_out")
    [ -n "$server" ] && [ -n "$client" ] && return
    diag "the link did not get ready: $(cat "$link_out.err")"
    echo 'Bail out! no link'
    exit 1
}
measure_all() { echo 'measure 1 9000000000000000000' >&"$link_in"; }
# Sets `status`, and `report` to its report. (By a command: those in the background have the pipe open, too.)
stop_link() {
    echo stop >&"$link_in" 2>/dev/null
    exec {link_in}>&-
    status_of_end "$link_pid"
    report=$(grep '"type": *"report"' "$link_out")
}
at() { # server|client COMMAND...: there. In the background it is that command which has the number $!.
    local place=${!1} become=
    shift
    [ "$BASHPID" = $$ ] || become=exec
    $become ${as[@]+"${as[@]}"} "$PROGRAMS/enter" "$place" "$@"
}
of_report() { sed -n "s/.*\"$1\": *\([0-9.]*\)[,}].*/\1/p" <<<"$report"; }

# Processes of ours that are still there. (What stands in a namespace keeps it: without them it is gone, and
# its interfaces with it.)
left() { find /proc/[0-9]*/exe -maxdepth 0 -lname "$PROGRAMS/*" 2>/dev/null; }
nothing_left() { [ -z "$(left)" ]; }

# A quantile of a histogram in the report on stdin, in ms. On a busy machine the best of them are what is
# known to be the link's.
histogram() { # NAME QUANTILE
    sed -n "s/.*\"$1\": *{\"unit\": *\"ns\", *\"data\": *\"\([^\"]*\)\".*/\1/p" | "$TOOLS/histogram" |
        awk -v share="$2" '{ value[NR] = $1; upto[NR] = sum += $2 }
            END { for (i = 1; i < NR && upto[i] < share * sum; i++); print NR ? value[i] / 1e6 : "missing" }'
}

# Server and client at the ends of a link of 40 ms: what a subscriber sees.
delays() { # WHO
    local sse_server sse deliveries connect median
    start_link --rtt-ms 40
    measure_all
    at server "$PROGRAMS/sse_server" --address $SERVER --port 8080 --events-per-second 50 >/dev/null 2>"$SCRATCH/server.err" &
    sse_server=$!
    started_pids+=("$sse_server")
    eventually grep -q listening "$SCRATCH/server.err"
    sse=$(at client "$PROGRAMS/sse_client" --servers $SERVER:8080 --subscribers 5 --seconds 1 2>/dev/null | grep '"report"')
    kill "$sse_server"
    stop_link
    is "$status" 0 "$1: a link ends with status 0"
    deliveries=$(sed -n 's/.*"deliveries": *\([0-9]*\),.*/\1/p' <<<"$sse")
    connect=$(histogram connect 0 <<<"$sse")
    median=$(histogram delivery_latency 0.5 <<<"$sse")
    ok "$1: to subscribe takes two round trips of 40 ms ($connect)" within "$connect" 80 140
    ok "$1: an event takes half a round trip ($median)" within "$median" 20 40
    ok "$1: all come ($deliveries)" within "$deliveries" 225 255
    ok "$1: the relay counts frames of it" within "$(of_report link_frames)" 250 2000
    is "$(of_report link_lost) $(of_report link_dropped) $(of_report link_overrun)" '0 0 0' "$1: none is lost"
    is "$(of_report radio_users)" 5 "$1: five lines are in use"
    like "$report" '"link_lateness"' "$1: its lateness is told"
}

as_nobody() {
    [ "$(id -u)" = 0 ] || return 1
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
}

if ! reason=$("$PROGRAMS/link" --check 2>&1); then
    like "$reason" '^link: .+$' 'where no links can be made, it says why'
    skip 'links' "$reason"
    done_testing
fi
is "$reason" '' 'link --check finds that links can be made'
ok 'and leaves nothing behind' nothing_left

delays "$(id -un)"
if as_nobody && reason=$("${as[@]}" "$PROGRAMS/link" --check 2>&1); then
    delays nobody
else
    skip 'an ordinary user delays' "${reason:-this is one}"
fi
as=()

# --- what it says -------------------------------------------------------------------------------------

start_link --rtt-ms 3 --seed 7
ready=$(grep '"ready"' "$link_out")
is "$(field server_address <<<"$ready") $(field role <<<"$ready")" "$SERVER link" 'it says where servers are to listen'
is "$(field calibration <<<"$ready" | head -c 1)" '[' 'and how it was calibrated'
places=$(readlink /proc/{"$link_pid","$server","$client"}/ns/net)
is "$(sort -u <<<"$places" | wc -l)" 3 'relay, server side and client side are in different places'
entering 127 'cannot start /nowhere' "$server" /nowhere
is "$(at client cat /proc/sys/net/ipv4/ip_local_port_range | tr '\t' ' ')" '1024 65535' 'clients may have many connections'
kill -INT "$link_pid"
stop_link
is "$status" 0 'an interrupt ends it'
is "$(node -p 'const r = JSON.parse(process.argv[1]); [r.asked.rtt_ms, r.asked.mtu, r.command.length].join(" ")' "$report")" '3 1500 6' \
    'with a report, which says what was asked for'
ok 'and nothing is left' nothing_left

# --- loss, and a narrow line --------------------------------------------------------------------------

send() { at server "$PROGRAMS/flood" send 198.18.1.1 9000 "$@"; } # BYTES PER_SECOND SECONDS
receive() { # SECONDS: in the background, into $SCRATCH/came
    at client "$PROGRAMS/flood" receive 9000 "$1" 0 >"$SCRATCH/came" &
    receiver=$!
    sleep 0.3
}

start_link --loss-percent 20 --seed 3
measure_all
receive 2
sent=$(send 100 2000 1)
wait "$receiver"
stop_link
read -r came _ <"$SCRATCH/came"
is "$(of_report link_lost)" $((sent - came)) "what it says is lost does not come ($came of $sent)"
ok 'a fifth is lost' within "$(of_report link_lost)" 300 500

# A megabit, 20 ms of queue: of two megabits half pass, and what waited besides.
start_link --down-mbit 1 --queue-ms 20
measure_all
receive 2
sent=$(send 972 250 1)
wait "$receiver"
stop_link
read -r came p50 _ <"$SCRATCH/came"
ok "a line of a megabit carries a megabit ($came of $sent)" within "$came" 119 135
is "$(of_report link_dropped)" $((sent - came)) 'the rest is dropped, and told'
ok "those that pass have waited in the queue ($p50 ns)" within "$p50" 15000000 60000000

# Over a lossy link the kernel sends again, and everything comes.
start_link --rtt-ms 10 --loss-percent 10 --seed 5
measure_all
printf 'HTTP/1.0 200 OK\r\n\r\n' >"$SCRATCH/page"
head -c 300000 /dev/zero >>"$SCRATCH/page"
at server node -e 'require("http").createServer((q, a) => a.end("x".repeat(300000))).listen(8080, "198.18.0.1", () => console.log("up"))' >"$SCRATCH/up" &
peer=$!
started_pids+=("$peer")
eventually grep -q up "$SCRATCH/up"
is "$(at client curl -sS --max-time 30 http://$SERVER:8080/ | wc -c)" 300000 'a page comes over a lossy link'
kill "$peer"
stop_link
ok "segments were sent again ($(of_report retransmissions) of $(of_report link_frames))" within "$(of_report retransmissions)" 3 200

# What an interface refuses is counted: here its other end is down.
start_link
measure_all
eventually grep -q '"tick"' "$link_out"
at client ip link set eth0 down
sent=$(send 100 200 0.5)
sleep 0.2
stop_link
is "$(of_report link_overrun)" "$sent" 'what the kernel drops is not lost silently'

# --- its end ------------------------------------------------------------------------------------------

start_link
kill -KILL "$client"
status_of_end "$link_pid"
is "$status" 1 'a link whose side is gone has failed'
like "$(cat "$link_out")" '"failed".*a side of the link is gone' 'and says so'
exec {link_in}>&-

start_link --rtt-ms 20
is "$(left | wc -l)" 3 'a link is three processes'
kill -KILL "$link_pid"
{ wait "$link_pid"; } 2>/dev/null
exec {link_in}>&-
ok 'killed, it leaves no process and no place behind' eventually nothing_left

for ((i = 0; i < 16; i++)); do
    "$PROGRAMS/link" </dev/null >/dev/null 2>&1 &
    killed=$!
    sleep "0.00$((i % 10))"
    [ $((i % 2)) = 0 ] || sleep "0.0$((i % 7))"
    kill -KILL $killed
    { wait $killed; } 2>/dev/null
done
ok 'whenever it is killed' eventually nothing_left

done_testing
