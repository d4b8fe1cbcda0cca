#!/usr/bin/env bash
# A runner that is killed in the middle: its children end, and --resume finishes what it began, without
# losing a trial or running one twice.
. "$(dirname "$0")/../lib.sh"

results=$SCRATCH/results
cat >"$SCRATCH/long.ini" <<'END'
[scenario]
title = Long enough to be killed
repeats = 2
warmup_seconds = 0.1
measure_seconds = 1
drain_seconds = 20

[hold]
subscribers = 3
events_per_second = 20
polling.interval_ms = 100

[vary]
strategy = polling, sse, webhook
END

sql() { sqlite3 -cmd '.timeout 10000' "$results/pushpull.sqlite" "$1" 2>/dev/null; }
run() { PUSHPULL_TEST=$$ timeout 200 "$BIN/pushpull" run "$SCRATCH/long.ini" --results "$results" --charts off "$@" >"$SCRATCH/out" 2>"$SCRATCH/err"; }
running() { grep -lz "^PUSHPULL_TEST=$$\$" /proc/[0-9]*/environ 2>/dev/null; }
none_running() { [ -z "$(running)" ]; }
in_the_middle() { # at least one trial is done, and another one is under way
    [ "$(sql "SELECT count(*) FROM trial WHERE status = 'done'")" -ge "$1" ] &&
        [ "$(sql "SELECT count(*) FROM trial WHERE status = 'running'")" = 1 ]
}

# start_run ARGUMENT...: the runner itself in the background, not a shell around it
start_run() {
    PUSHPULL_TEST=$$ "$BIN/pushpull" run "$SCRATCH/long.ini" --results "$results" --charts off "$@" \
        >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null &
    runner=$!
    started_pids+=("$runner")
}
done_trials() { sql "SELECT id, strategy, repeat, started_at, seconds FROM trial WHERE status = 'done' ORDER BY id"; }
kept() { # every line of $1 is still in $2
    comm -23 <(sort <<<"$1") <(sort <<<"$2")
}

# --- kill -9 ------------------------------------------------------------------------------------------

start_run
ok 'an experiment is in its middle' eventually in_the_middle 1
kill -KILL $runner
{ wait $runner; } 2>/dev/null
ok 'after kill -9 of the runner no process is left' eventually none_running
is "$(sql 'SELECT count(*) FROM trial')" 6 'every trial is in the database'
is "$(sql 'PRAGMA integrity_check')" ok 'which is whole'
before=$(done_trials)
ok 'some trials are done' [ -n "$before" ]
is "$(sql "SELECT count(*) FROM metric m JOIN trial t ON t.id = m.trial_id WHERE t.status != 'done'")" 0 \
    'an unfinished trial has left no figures'

# --- a polite interrupt, on the way ---------------------------------------------------------------------

start_run --resume
ok 'the resumed experiment is in its middle' eventually in_the_middle "$(($(wc -l <<<"$before") + 1))"
kill -TERM $runner
{ wait $runner; } 2>/dev/null
ok 'an interrupt ends it' [ $? -ne 0 ]
ok 'and its programs' eventually none_running
is "$(kept "$before" "$(done_trials)")" '' 'no finished trial has been run again'
before=$(done_trials)

# --- to the end -----------------------------------------------------------------------------------------

run --resume
ran $? "$SCRATCH/err" '--resume goes on to the end'
is "$(kept "$before" "$(done_trials)")" '' 'again no finished trial has been run again'
is "$(sql 'SELECT count(*) FROM experiment')" 1 'it is still one experiment'
is "$(sql 'SELECT count(*) FROM experiment WHERE finished_at IS NOT NULL')" 1 'which is finished'
is "$(sql "SELECT status, count(*), count(DISTINCT position) FROM trial GROUP BY status")" 'done|6|6' 'all trials are done, each once'
is "$(sql "SELECT count(*) FROM (SELECT trial_id FROM metric WHERE name = 'lost' AND value = 0)")" 6 'none has lost an event'
is "$(sql "SELECT count(*) FROM report")" 12 'each has one report from each program'
run --resume
ok 'there is nothing left to resume' [ $? -ne 0 ]
is "$(sql 'SELECT count(*) FROM trial')" 6 'and asking does nothing'
is "$(running)" '' 'no process is left'

# --- signals ---------------------------------------------------------------------------------------------
# What was ignored when the runner began stays so: nohup means it.

experiment_in() { # DIRECTORY [ARGUMENT...]
    local directory=$SCRATCH/$1
    shift
    "$BIN/pushpull" run "$SCRATCH/long.ini" --results "$directory" --charts off --only sse --set warmup_seconds=0 \
        --set measure_seconds=0.1 "$@" >"$directory.out" 2>"$directory.err" </dev/null &
    runner=$!
    started_pids+=("$runner")
}
under_way() { ls "$SCRATCH/$1"/logs/*-server-0.log; }

trap '' HUP
experiment_in nohup --set repeats=6
trap 'exit 1' HUP
ok 'an experiment is under way that ignores SIGHUP' eventually under_way nohup
kill -HUP "$runner"
{ wait "$runner"; } 2>/dev/null
unlike "$(cat "$SCRATCH/nohup.err")" Interrupted 'it goes on'
is "$(sqlite3 "$SCRATCH/nohup/pushpull.sqlite" 'SELECT count(finished_at) FROM experiment')" 1 'to its end'

# Somebody else holds the database: the runner waits to write down the trial that has ended.
experiment_in between --set repeats=20
ok 'another one is under way' eventually under_way between
mkfifo "$SCRATCH/sql"
sqlite3 -cmd '.timeout 10000' "$SCRATCH/between/pushpull.sqlite" <"$SCRATCH/sql" >"$SCRATCH/held" &
started_pids+=($!)
exec {orders}>"$SCRATCH/sql"
echo "BEGIN IMMEDIATE; SELECT 'held';" >&"$orders"
ok 'the database is held' eventually grep -q held "$SCRATCH/held"
between() { [ -z "$(children_of "$runner")" ]; }
ok 'a trial has ended' eventually between
kill -TERM "$runner"
exec {orders}>&-
{ wait "$runner"; } 2>/dev/null
is "$?" 130 'a signal between two trials interrupts'
like "$(cat "$SCRATCH/between.err")" 'pushpull run .*--resume' 'and how to resume is told'
done_testing
