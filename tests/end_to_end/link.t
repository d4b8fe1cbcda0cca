#!/usr/bin/env bash
# Trials with a network between servers and clients, as root and as an ordinary user: they are as far apart as
# the scenario says; a link that is not what was asked for is not believed; whoever is killed, nothing of it is
# left; two runs do not disturb each other.
. "$(dirname "$0")/../lib.sh"
type -P sqlite3 >/dev/null || skip_all "sqlite3 is not installed"
why=$("$BIN/link" --check 2>&1) || skip_all "no link can be made here: $why"

sed 's/^    //' >"$SCRATCH/far.ini" <<'END'
    [scenario]
    title = Far
    repeats = 1
    warmup_seconds = 0.2
    measure_seconds = 1
    drain_seconds = 2
    [hold]
    subscribers = 3
    events_per_second = 50
    link.rtt_ms = 40
    [vary]
    strategy = sse
END

# run NAME [ARGUMENT...]: output in $SCRATCH/NAME.out and .err, results in $SCRATCH/NAME
run() {
    local name=$1
    shift
    "$BIN/pushpull" run "$SCRATCH/far.ini" --results "$SCRATCH/$name" --charts off "$@" \
        >"$SCRATCH/$name.out" 2>"$SCRATCH/$name.err"
}
query() { sqlite3 -readonly "$SCRATCH/$1/pushpull.sqlite" "$2"; }
figure() { query "$1" "SELECT cast(value AS INTEGER) FROM metric WHERE name = '$2' ORDER BY trial_id DESC LIMIT 1"; }
verdict() { query "$1" "SELECT verdict || ': ' || coalesce(reason, '') FROM trial ORDER BY id DESC LIMIT 1"; }

cards=$(ls /sys/class/net)

# --- as far as the scenario says ------------------------------------------------------------------------

run far
ran $? "$SCRATCH/far.err" 'a scenario with a link runs'
ok 'nothing is faster than half the round trip' within "$(figure far delivery_latency_p50_us)" 20000 60000
ok 'a connection takes the round trip twice' within "$(figure far connect_p50_us)" 80000 200000
ok 'the link was measured' within "$(figure far link_round_trip_us)" 40000 45000
ok 'its frames are counted' within "$(figure far link_frames)" 250 1000
is "$(query far 'SELECT sum(value) FROM metric WHERE name IN ("lost", "link_lost", "link_dropped", "link_overrun")')" 0.0 \
    'none was lost'
is "$(query far 'SELECT value > 0 AND value <= 1 FROM metric WHERE name = "radio_awake"')" 1 \
    'no radio is awake for longer than there is time'
is "$(query far "SELECT json_extract(parameters, '\$.\"link.rtt_ms\"') FROM trial")" 40 'the key stands in its cell'
is "$(query far "SELECT json_extract(json, '\$.asked.rtt_ms') FROM report WHERE role = 'link'")" 40.0 \
    'what was asked for stands with the trial'
like "$(query far 'SELECT text FROM workload')" 'round trip 40 ms$' 'and in the line of the load'
run path --set path=lte --set link.rtt_ms=30
is "$(query path "SELECT json_extract(json, '\$.asked.rtt_ms'), json_extract(json, '\$.asked.down_mbit') FROM report WHERE role = 'link'")" \
    '30.0|12.0' 'a path stands for keys, and a key of its own goes before it'
run near --set link.rtt_ms=0
is "$(query near "SELECT count(*) FROM report WHERE role = 'link'")" 0 'a link that does nothing is none'

# The figures of the sockets do not depend on where they are.
run here --set link.rtt_ms=0 --set subscribers=50
run there --set link.rtt_ms=5 --set subscribers=50
here=$(figure here wire_bytes_per_delivery) there=$(figure there wire_bytes_per_delivery)
ok "an event costs the same bytes on a link as without one ($there, $here)" within "$there" $((here - 30)) $((here + 30))
ok 'the kernel counts for namespaces too' within "$(figure there kernel_memory_bytes_per_connection)" 0 1000000

for strategy in $("$BIN/pushpull" strategies); do
    run every --set "strategy=$strategy" --set link.loss_percent=2 --set events_per_second=10 --set drain_seconds=8
    is "$(query every 'SELECT status FROM trial ORDER BY id DESC LIMIT 1') $(figure every lost)" 'done 0' \
        "$strategy delivers everything over a lossy link"
done

# --- as an ordinary user --------------------------------------------------------------------------------

# as_nobody NAME [ARGUMENT...]
as_nobody() {
    local name=$1
    shift
    (cd / && setpriv --reuid=65534 --regid=65534 --clear-groups env -u XDG_RUNTIME_DIR "$SCRATCH/nobody/bin/pushpull" run \
        "$SCRATCH/far.ini" --results "$SCRATCH/nobody/$name" --charts off "$@") \
        >"$SCRATCH/$name.out" 2>"$SCRATCH/$name.err"
}
if [ "$(id -u)" -ne 0 ]; then
    skip 'as an ordinary user' 'this is one already'
else
    mkdir "$SCRATCH/nobody"
    cp -r "$BIN" "$SCRATCH/nobody/bin"
    chmod 755 "$SCRATCH" && chmod -R a+rX "$SCRATCH/nobody" && chown 65534 "$SCRATCH/nobody"
    if ! why=$(setpriv --reuid=65534 --regid=65534 --clear-groups "$SCRATCH/nobody/bin/link" --check 2>&1); then
        skip 'as an ordinary user' "$why"
    else
        as_nobody far2
        ran $? "$SCRATCH/far2.err" 'an ordinary user can run it'
        ok 'and has the same distance' within "$(figure nobody/far2 delivery_latency_p50_us)" 20000 60000
    fi
fi

# --- what is not what was asked for -----------------------------------------------------------------------

run late --set link.late_ms=3
like "$(verdict late)" '^link_off: the link is not what was asked for: .*ms' 'a relay that is 3 ms late is found out'
is "$(query late 'SELECT count(*) FROM figure WHERE believed')" 0 'and nothing is believed'
like "$(cat "$SCRATCH/late.out")" 'link_off' 'which is told'
run lossy --set link.loss_percent=3 --set link.loss_times=2
like "$(verdict lossy)" '^link_off: .*%' 'one that loses twice as much'
run wide --set link.down_mbit=10 --set link.rate_times=1.5
like "$(verdict wide)" '^link_off: .*Mbit' 'one with another rate'

# --- two at once ------------------------------------------------------------------------------------------

run slow --set link.rtt_ms=150 --set measure_seconds=2 &
first=$!
run fast --set link.rtt_ms=60 --set measure_seconds=2
is $? 0 'two runs at once: the one'
wait $first
is $? 0 'and the other'
ok 'each has its own distance' within "$(figure fast delivery_latency_p50_us)" 30000 70000
ok 'and its own' within "$(figure slow delivery_latency_p50_us)" 75000 120000

# --- nothing is left --------------------------------------------------------------------------------------

# under PID: it and all that descend from it
under() {
    local child
    echo "$1"
    for child in $(children_of "$1"); do under "$child"; done
}
none_left() {
    local one
    for one in $all; do gone "$one" || return 1; done
}
own=$(readlink /proc/self/ns/net)
# spaces PID...: the network namespaces that these processes are in, but for ours
spaces() {
    local one
    for one; do readlink "/proc/$one/ns/net" 2>/dev/null; done | sort -u | grep -vF "$own"
}
no_space() {
    local space
    for space in $taken; do ! readlink /proc/[0-9]*/ns/net 2>/dev/null | grep -qF "$space" || return 1; done
}
logged() { ls "$SCRATCH/$1/logs/"*"$2"* >/dev/null 2>&1; }

# killed_when WHAT PATTERN: the runner is killed once a log of that name is there.
killed_when() {
    run "killed$2" --set measure_seconds=30 2>/dev/null &
    local shell=$!
    eventually logged "killed$2" "$2"
    sleep "0.$((RANDOM % 5))"
    local runner
    runner=$(children_of $shell)
    all=$(under "$runner")
    taken=$(spaces $all)
    kill -KILL "$runner"
    ok "killed while $1: no process is left" eventually none_left
    ok "killed while $1: no namespace" eventually no_space
    wait $shell 2>/dev/null
}
killed_when 'the link is being made' link
killed_when 'servers start' server
killed_when 'clients connect' client

# The link itself is killed: the trial fails, and the next one runs.
run cut --set measure_seconds=30 &
shell=$!
eventually logged cut client
relay=$(for one in $(under $shell); do
    [[ $(tr '\0' ' ' <"/proc/$one/cmdline" 2>/dev/null) == *"bin/link --supervised"* ]] && echo "$one" && break
done)
all=$(under $shell | tail -n +2)
taken=$(spaces $all)
is "$(wc -w <<<"$taken")" 3 'a link has three namespaces: one per side, and its own'
kill -KILL "$relay"
wait $shell
is $? 1 'the link is killed: the run fails'
like "$(verdict cut)" '^failed: .*(link was killed by signal 9|exited before it was asked to)' 'and says why'
ok 'no process of it is left' eventually none_left
ok 'and no namespace' eventually no_space
is "$(ls /sys/class/net)" "$cards" 'the interfaces of this host are as they were'
run cut
is $? 0 'the next one runs'

done_testing
