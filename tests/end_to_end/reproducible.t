#!/usr/bin/env bash
# Same seed, same schedule, byte for byte: what the events of two servers say about when they were
# due, in a Poisson schedule, is compared; a third server with another seed must differ.
. "$(dirname "$0")/../lib.sh"

START=$(($(sed 's/[. ].*//' /proc/uptime) * 1000000000 + 3000000000)) # CLOCK_MONOTONIC, in 3 s or so
EVENTS=200

# events NAME SEED: starts a tcp server under orders to publish at START; its events go to a file.
events() {
    local name=$1 seed=$2 port
    mkfifo "$SCRATCH/$name.in"
    "$BIN/tcp_server" --supervised --seed "$seed" --events-per-second 500 --arrivals poisson \
        <"$SCRATCH/$name.in" >"$SCRATCH/$name.out" 2>"$SCRATCH/$name.err" &
    started_pids+=($!)
    exec {orders}>"$SCRATCH/$name.in"
    eventually grep -q '"port"' "$SCRATCH/$name.out"
    port=$(sed -n 's/.*"port":\([0-9]*\).*/\1/p' "$SCRATCH/$name.out")
    exec {socket}<>"/dev/tcp/127.0.0.1/$port"
    timeout 20 head -n $((EVENTS + 1)) <&"$socket" | sed 1d | sed 's/,"lag_ns":[0-9]*//' >"$SCRATCH/$name.events" &
    readers+=($!)
    echo "publish $START" >&"$orders"
}

readers=()
events first 7
events second 7
events third 8
wait "${readers[@]}"

is "$(wc -l <"$SCRATCH/first.events")" $EVENTS "$EVENTS events came"
ok 'the same seed gives the same events, due at the same nanosecond' \
    cmp "$SCRATCH/first.events" "$SCRATCH/second.events"
! cmp -s "$SCRATCH/first.events" "$SCRATCH/third.events"
result $? 'another seed gives other times'
like "$(head -n 1 "$SCRATCH/first.events")" '^\{"seq":1,"due_ns":[0-9]+,"payload":"[a-z]*"\}$' 'each event says when it was due'
done_testing
