#!/usr/bin/env bash
# A program that ends before it is asked to: a failure of the trial, unless the scenario says that its role
# may. Then the others are measured, and what was lost with it is booked as what it is.
. "$(dirname "$0")/../lib.sh"
type -P sqlite3 >/dev/null || skip_all "sqlite3 is not installed"

results=$SCRATCH/results
sed 's/^    //' >"$SCRATCH/early.ini" <<'END'
    [scenario]
    title = Who may leave?
    repeats = 1
    warmup_seconds = 0.1
    measure_seconds = 4
    drain_seconds = 0.5
    [hold]
    subscribers = 4
    events_per_second = 50
    client_processes = 2
    server_processes = 2
    [vary]
    strategy = sse
END
query() { sqlite3 -readonly "$results/pushpull.sqlite" "$1"; }
newest='trial_id = (SELECT max(id) FROM trial)'

# leave SIGNAL PROGRAM HOW_MANY [ARGUMENT...]: a trial in whose window so many of the programs are told to go
leave() {
    local signal=$1 program=$2 count=$3 pid
    shift 3
    "$BIN/pushpull" run "$SCRATCH/early.ini" --results "$results" --charts off "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" &
    runner=$!
    started_pids+=("$runner")
    connected() { [ "$(running sse_client | wc -l)" -eq 2 ]; }
    eventually connected
    sleep 1 # into the window
    for pid in $(running "$program" | head -n "$count"); do kill "-$signal" "$pid"; done
    wait "$runner"
    status=$?
    verdict=$(query 'SELECT verdict FROM trial ORDER BY id DESC LIMIT 1')
    reason=$(query 'SELECT reason FROM trial ORDER BY id DESC LIMIT 1')
}

# --- who may not --------------------------------------------------------------------------------------

leave TERM sse_client 1
is "$status $verdict" '1 failed' 'a client that ends early fails the trial'
like "$reason" '^sse_client [01] exited before it was asked to' 'which says who'
leave TERM sse_server 1 --set may_end_early=clients
is "$status $verdict" '1 failed' 'a server may not where only clients may'
like "$reason" '^sse_server [01] exited before it was asked to' 'which says who'

# --- who may ------------------------------------------------------------------------------------------

leave TERM sse_client 1 --set may_end_early=clients
is "$verdict" faulty 'a client that may: what was lost is no limit of the strategy'
like "$reason" '^[0-9]+ of [0-9]+ deliveries did not come, and not for want of speed: client [01] ended early' \
    'which says who, and what it cost'
# Four subscribers, two of them of the client that stayed: these received all that they should.
ok 'the others went on' [ "$(query "SELECT d.value >= e.value / 2 FROM metric d JOIN metric e USING (trial_id)
    WHERE d.$newest AND d.name = 'deliveries' AND e.name = 'expected'")" = 1 ]
is "$(query "SELECT count(*) FROM report WHERE $newest")" 4 'and every report is kept'
leave TERM sse_server 1 --set may_end_early=servers
is "$verdict" faulty 'so with a server'
like "$reason" 'server [01] ended early' 'which is named'
leave TERM sse_server 1 --set may_end_early=everybody
is "$verdict" faulty 'everybody is servers too'

# --- but ----------------------------------------------------------------------------------------------

leave KILL sse_client 1 --set may_end_early=clients
is "$status $verdict" '1 failed' 'who is killed has not ended in order'
like "$reason" '^sse_client [01] was killed by signal 9' 'which is said'
leave TERM sse_client 2 --set may_end_early=clients
is "$status $verdict" '1 failed' 'when nobody is left there is nothing to measure'
like "$reason" '^sse_client [01] ended early, and no client is left' 'which is said'

message=$("$BIN/pushpull" run "$SCRATCH/early.ini" --set may_end_early=cats --results "$results" 2>&1)
is $? 2 'cats may not'
like "$message" 'may_end_early must be nobody, servers, clients or everybody, not "cats"' 'which is said'
done_testing
