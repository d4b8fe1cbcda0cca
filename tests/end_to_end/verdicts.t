#!/usr/bin/env bash
# Whose fault is it? What was lost by a fault on purpose, by a limit or by an error of ours is no limit of
# a strategy; a runner that stood still blames nobody else; the largest events reach everybody.
. "$(dirname "$0")/../lib.sh"
type -P sqlite3 >/dev/null || skip_all "sqlite3 is not installed"

results=$SCRATCH/results
strategies=$("$BIN/pushpull" strategies | paste -sd,)
sed 's/^    //' >"$SCRATCH/verdicts.ini" <<END
    [scenario]
    title = Whose fault?
    repeats = 1
    warmup_seconds = 0.2
    measure_seconds = 1
    drain_seconds = 1
    [hold]
    subscribers = 3
    events_per_second = 50
    [vary]
    strategy = $strategies
END
run() { "$BIN/pushpull" run "$SCRATCH/verdicts.ini" --results "$results" --charts off "$@" >"$SCRATCH/out" 2>"$SCRATCH/err"; }
newest='experiment_id = (SELECT max(id) FROM experiment)'
query() { sqlite3 -readonly "$results/pushpull.sqlite" "$1"; }
each() { query "SELECT DISTINCT $1 FROM trial WHERE $newest"; }

# --- faults on purpose, in every strategy -------------------------------------------------------------

run --set drop_every=10 --set polling.interval_ms=100
is "$(each verdict)" faulty 'every 10th event is dropped: faulty, whatever the strategy'
is "$(each "reason LIKE '%did not come, and not for want of speed: server 0 was told drop_every=10%'")" 1 'and says what lost them, and who'
ok 'which nobody believes' [ "$(query "SELECT sum(believed) FROM cell WHERE $newest")" = 0 ]
run --only tcp --set duplicate_every=10 --set polling.interval_ms=100
unlike "$(each verdict)" 'faulty' 'a fault that loses nothing is none'

# --- limits and settings of ours -------------------------------------------------------------------------

run --only polling --set feed_events=2 --set polling.interval_ms=300
unlike "$(each verdict)" saturated 'a feed too small for the interval is no limit of the strategy'
ok 'the trouble is told' [ "$(query "SELECT max(json_extract(json, '$.troubles.missed')) FROM report
    JOIN trial ON trial.id = trial_id WHERE $newest")" -gt 0 ]
run --only polling --set polling.interval_ms=1500 --set drain_seconds=0.2
is "$(query "SELECT value FROM trial JOIN metric ON trial_id = trial.id WHERE $newest AND name = 'lost'")" 0.0 \
    'a drain shorter than the interval: it lasts until everybody has asked once more'
run --only tcp --set pacing=spin
unlike "$(each reason)" '^server 0 used' 'a server that spins is not judged by its processor'

# --- what went wrong outside the window -------------------------------------------------------------------
# The window opens in an hour: the figures are 0, the troubles are told.

ended() { grep -q '"report"' "$1"; }
report_says() { # FILE: the last two words of each line, in order
    grep '"report"' "$1" | node -e 'const r = JSON.parse(require("fs").readFileSync(0, "utf8"));
        console.log(JSON.stringify(r.troubles), r.counters.disabled ?? r.malformed)'
}
later=$(($(now_ns) + 3600000000000))
window="measure $later $((later + 1000000000))"
start_server webhook --events-per-second 0
node -e 'require("http").createServer((q, a) => { a.writeHead(410); a.end(); process.exitCode = 0; })
    .listen(0, "127.0.0.1", function () { console.log(this.address().port); })' >"$SCRATCH/receiver" &
started_pids+=($!)
ok 'a receiver listens' eventually test -s "$SCRATCH/receiver"
echo "$window" >"$server_out.in"
curl -sS --max-time $PATIENCE --json "{\"url\":\"http://127.0.0.1:$(cat "$SCRATCH/receiver")/\"}" "http://127.0.0.1:$port/hooks" >/dev/null
publish one >/dev/null
disabled() { curl -sS --max-time $PATIENCE "http://127.0.0.1:$port/hooks" | grep -q '"disabled": *true'; }
ok 'it wants no more' eventually disabled
stop_server
is "$(report_says "$server_out")" '{"disabled":1} 0' 'webhook: a receiver that was lost in the warm-up is told'

node -e 'require("net").createServer((s) => { s.write("{\"after\":\"5c1f09aa-0\"}\nrubbish\n"); s.on("error", () => 0); })
    .listen(0, "127.0.0.1", function () { console.log(this.address().port); })' >"$SCRATCH/talker" &
started_pids+=($!)
ok 'a server that talks rubbish listens' eventually test -s "$SCRATCH/talker"
port=$(cat "$SCRATCH/talker")
start_client tcp
echo "$window" >"$client_out.in"
ok 'its client hears it' eventually grep -q 'not an event: rubbish' "$client_out.err"
echo stop >"$client_out.in"
ok 'and reports' eventually ended "$client_out"
is "$(report_says "$client_out")" '{"malformed":1} 0' 'client: what was no event in the warm-up is told'
kill "$client_keeper"

# --- who stands still --------------------------------------------------------------------------------------
# A program is stopped for two seconds of eight. What was pushed meanwhile waits in the client's sockets, so
# of each connection all stamps but the last are lost; what the server did not send came late. (The trial's
# verdict may be graver, where other programs keep this machine busy.)

stand_still() { # PID
    kill -STOP "$1"
    sleep 2 # the time itself is the matter
    kill -CONT "$1"
}
# It goes on as an event has come: a stamp that is fresh does not tell that the others are old.
stand_still_to_an_event() {
    local address
    address=$(tr '\0' '\n' <"/proc/$1/cmdline" | sed -n 's/^--servers=//p')
    "$BUILD/tests/tools/stand_still" "$1" 2 "${address%:*}" "${address##*:}"
}
stopped() { # NAME STRATEGY HOW
    "$BIN/pushpull" run "$SCRATCH/verdicts.ini" --results "$results" --charts off --only "$2" \
        --set measure_seconds=8 --set polling.interval_ms=100 >"$SCRATCH/out" 2>"$SCRATCH/err" &
    runner=$!
    started_pids+=("$runner")
    runs() { [ -n "$(running "$1_client")" ]; }
    ok "$1: a trial is under way" eventually runs "$2"
    local pid
    pid=$(running "$1")
    sleep 3 # into the middle of the window, however long the start takes
    ok "$1: it stands still" "$3" "$pid"
    wait "$runner"
    is "$?" 0 "$1: stopped and continued, the trial comes to its end, and a doubt is no failure"
}
# taken_for VERDICT WHOSE: the groups that this verdict takes for standing still
taken_for() {
    query "SELECT group_concat(metric_group) FROM (SELECT metric_group FROM doubt JOIN trial ON trial.id = trial_id
        WHERE $newest AND doubt.verdict = '$1' AND doubt.reason LIKE '$2 stood still for %' ORDER BY metric_group)"
}

# The gravest: what the test did, or what a busy machine did besides.
poor='^(generator_bound|disturbed)$'
stopped tcp_client tcp stand_still_to_an_event
like "$(each verdict)" "$poor" 'a trial whose client was stopped is in doubt'
is "$(taken_for generator_bound 'client 0')" "client_cpu,generator" \
    'for the client is not to be believed'
like "$(each reason)" 'deliveries, above 1 %, were read together with later ones.*client 0 stood still for 2[0-9]\.' \
    'and it says how long it stood still'
is "$(query "SELECT group_concat(believed, '') FROM (SELECT believed FROM figure JOIN trial ON trial.id = trial_id
    WHERE $newest AND name IN ('delivery_latency_mean_us', 'wire_bytes_per_delivery', 'lost') ORDER BY name)")" 011 \
    'its latency is taken; bytes and ledger are not'
stopped polling_client polling stand_still
like "$(each verdict)" "$poor" 'so with one that polls'
is "$(taken_for generator_bound 'client 0')" "client_cpu,freshness,generator,latency,parts" 'whose latency is taken with it'
stopped tcp_server tcp stand_still
is "$(each verdict)" disturbed 'a server that was stopped is disturbed'
is "$(taken_for disturbed 'server 0')" "freshness,latency,parts" 'which takes its times'
like "$(each reason)" 'server 0 stood still for 2[0-9]\.' 'and that is said of it'

# --- the largest events ---------------------------------------------------------------------------------

run --set payload_bytes=1048576 --set events_per_second=2 --set subscribers=1 --set drain_seconds=20 \
    --set polling.interval_ms=200
is "$(query "SELECT group_concat(strategy) FROM trial JOIN metric ON trial_id = trial.id
    WHERE $newest AND name = 'lost' AND value != 0")" '' 'payloads of 1 MiB reach everybody'
is "$(query "SELECT count(*) FROM trial JOIN metric ON trial_id = trial.id
    WHERE $newest AND name = 'deliveries' AND value > 0")" "$(tr , '\n' <<<"$strategies" | wc -l)" 'in every strategy'

# An event of 1 MiB that JSON makes six times as long, through POST /publish to a receiver.
start_server webhook --events-per-second 0
hook_port=$port
mkfifo "$SCRATCH/client.in"
"$BIN/webhook_client" --supervised --servers "127.0.0.1:$port" <"$SCRATCH/client.in" >"$SCRATCH/client.out" 2>"$SCRATCH/client.err" &
started_pids+=($!)
exec {orders}>"$SCRATCH/client.in"
ok 'a receiver is registered' eventually grep -q '"connected"' "$SCRATCH/client.out"
now=$(now_ns)
echo "measure $now $((now + 3600000000000))" >&"$orders"
head -c 1048576 /dev/zero | tr '\0' '\1' >"$SCRATCH/ones"
answer=$(curl -sS --noproxy '*' --max-time $PATIENCE -o /dev/null -w '%{http_code}' --data-binary "@$SCRATCH/ones" "http://127.0.0.1:$hook_port/publish")
is "$answer" 202 'a payload of 1 MiB of what JSON must escape is taken'
echo x >>"$SCRATCH/ones"
answer=$(curl -sS --noproxy '*' --max-time $PATIENCE -o /dev/null -w '%{http_code}' --data-binary "@$SCRATCH/ones" "http://127.0.0.1:$hook_port/publish")
is "$answer" 413 'and one byte more is not'
echo "drain 1 1 $((now + 20000000000))" >&"$orders"
ok 'it arrives' eventually grep -q '"deliveries":1,"complete":true' "$SCRATCH/client.out"
stop_server

# --- a runner that stands still ---------------------------------------------------------------------------
# The programs are fakes: the server never tells that the window is over, so the trial surely lasts.

grep -v events_per_second "$SCRATCH/verdicts.ini" >"$SCRATCH/still.ini" # the fakes have none
mkdir "$SCRATCH/fakes"
for role in server client; do ln -s "$ROOT/tests/fakes/program" "$SCRATCH/fakes/tcp_$role"; done
FAKE=server:slow "$BIN/pushpull" run "$SCRATCH/still.ini" --results "$SCRATCH/still" --bin "$SCRATCH/fakes" \
    --charts off --only tcp >"$SCRATCH/out" 2>"$SCRATCH/err" &
runner=$!
started_pids+=("$runner")
measuring() { grep -qs measuring "$SCRATCH"/still/logs/*-server-0.log; }
ok 'a trial is under way' eventually measuring
kill -STOP "$runner"
sleep 2 # the time itself is the matter
kill -CONT "$runner"
wait "$runner"
is "$?" 1 'the runner was stopped for two seconds: no trial to believe'
outcome=$(sqlite3 -readonly "$SCRATCH/still/pushpull.sqlite" "SELECT status, verdict, reason FROM trial")
like "$outcome" '^failed\|failed\|the runner itself stood still for [0-9.]+ s' 'its trial failed, and nobody else is blamed'
is "$(grep -c . <<<"$outcome") $(sqlite3 -readonly "$SCRATCH/still/pushpull.sqlite" 'SELECT count(finished_at) FROM experiment')" '1 1' \
    'the experiment comes to its end'
done_testing
