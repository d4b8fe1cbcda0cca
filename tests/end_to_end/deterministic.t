#!/usr/bin/env bash
# A simulated trial comes out the same to the last byte: twice, on every compiler, at every level of optimisation.
. "$(dirname "$0")/../lib.sh"
type -P sqlite3 >/dev/null || skip_all "sqlite3 is not installed"

# What is random is drawn, what is lost is sent again, and what has to wait waits.
sed 's/^    //' >"$SCRATCH/all.ini" <<'END_OF_SCENARIO'
    [scenario]
    title = All of them
    repeats = 2
    warmup_seconds = 1
    measure_seconds = 5
    [hold]
    subscribers = 200
    events_per_second = 30
    arrivals = poisson
    polling.interval_ms = 70
    link.loss_percent = 1
    link.jitter_ms = 1
    link.down_mbit = 40
    [vary]
    strategy = polling, long_polling, sse, websocket, webhook, tcp
    link.rtt_ms = 0, 30
END_OF_SCENARIO

# Everything that a trial leaves behind, by PUSHPULL. The programs only tell their options.
simulated() { # PUSHPULL NAME
    "$1" run "$SCRATCH/all.ini" --mode simulated --bin "$BIN" --charts off --results "$SCRATCH/$2" >"$SCRATCH/out" 2>&1 || {
        cat "$SCRATCH/out"
        return 1
    }
    sqlite3 -readonly "$SCRATCH/$2/pushpull.sqlite" '
        SELECT position, strategy, parameters, seed, status, verdict, reason, seconds FROM trial ORDER BY position;
        SELECT trial_id, name, unit, hex(value), hex(low), hex(high), value FROM metric ORDER BY trial_id, name;
        SELECT trial_id, name, count, minimum, maximum, hex(buckets) FROM histogram ORDER BY trial_id, name;
        SELECT trial_id, role, process, json FROM report ORDER BY trial_id, role, process' >"$SCRATCH/$2.txt"
    "$1" export --format long --results "$SCRATCH/$2" >"$SCRATCH/$2.csv"
}

ok 'it runs' simulated "$BIN/pushpull" first
ok 'and says much' [ "$(wc -l <"$SCRATCH/first.txt")" -gt 1000 ]
ok 'it runs again' simulated "$BIN/pushpull" second
ok 'and leaves the same behind' cmp "$SCRATCH/first.txt" "$SCRATCH/second.txt"
ok 'also as an export' cmp "$SCRATCH/first.csv" "$SCRATCH/second.csv"

# Another compiler, if there is one, and nothing optimised.
other=gcc
! type -P clang >/dev/null || other=clang
ok "$other -O0 builds it" make -C "$ROOT" --no-print-directory MODE=deterministic CC=$other CFLAGS=-O0 SANITIZE= \
    build/deterministic/bin/pushpull
ok 'that runs as well' simulated "$ROOT/build/deterministic/bin/pushpull" plain
ok 'and leaves the same behind' cmp "$SCRATCH/first.txt" "$SCRATCH/plain.txt"
ok 'also as an export' cmp "$SCRATCH/first.csv" "$SCRATCH/plain.csv"

# Can it fail?
sed -i 's/^    title/title/; s/repeats = 2/repeats = 2\nseed = 2/' "$SCRATCH/all.ini"
ok 'with another seed' simulated "$BIN/pushpull" other
ok 'something else comes out' [ "$(cmp -s "$SCRATCH/first.txt" "$SCRATCH/other.txt" && echo same)" = '' ]

done_testing
