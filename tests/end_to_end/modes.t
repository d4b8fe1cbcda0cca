#!/usr/bin/env bash
# run --mode: trials in virtual time, alone or as twins of live ones; how they are stored, shown and resumed.
. "$(dirname "$0")/../lib.sh"
type -P sqlite3 >/dev/null || skip_all "sqlite3 is not installed"

sed 's/^    //' >"$SCRATCH/two.ini" <<'END_OF_SCENARIO'
    [scenario]
    title = Two ways
    repeats = 2
    warmup_seconds = 0.2
    measure_seconds = 0.5
    [hold]
    subscribers = 3
    events_per_second = 40
    polling.interval_ms = 50
    [vary]
    strategy = polling, tcp
END_OF_SCENARIO
results=$SCRATCH/results
database=$results/pushpull.sqlite
run() { "$BIN/pushpull" run "$SCRATCH/two.ini" --results "$results" "$@" >"$SCRATCH/out" 2>"$SCRATCH/err"; }
query() { sqlite3 -readonly "$database" "$1"; }
look() { COLUMNS=200 "$BIN/pushpull" "$@" --results "$results" 2>&1; }

# --- simulated --------------------------------------------------------------------------------------

began=$(now_ns)
run --mode simulated --set measure_seconds=20 --charts off
ran $? "$SCRATCH/err" 'an experiment in virtual time'
ok 'is over long before its window would be' [ $((($(now_ns) - began) / 1000000000)) -lt 20 ]
is "$(query "SELECT mode, group_concat(status) FROM experiment JOIN trial ON experiment_id = experiment.id")" \
    'simulated|done,done,done,done' 'all its trials are done'
is "$(query "SELECT DISTINCT variant FROM trial")" '' 'they are nobody'"'"'s twins'
is "$(query "SELECT count(*) > 0 FROM metric WHERE name = 'delivery_latency_p50_us'")" 1 'they have figures'
is "$(query "SELECT json_type(environment, '\$.simulator') IS NOT NULL FROM experiment")" 1 'what they know of the machine is stored'
is "$(ls "$results/logs")" '' 'no program has run'
like "$(cat "$SCRATCH/out")" '^4 trials in virtual time, about 0:00' 'the head says so'
like "$(cat "$SCRATCH/out")" '^\[1/4\] polling, simulated ' 'and each trial'
like "$(cat "$SCRATCH/out")" '^Simulated, in virtual time: nothing of this was measured\.$' 'and the table'
like "$(look show)" '^run +simulated \(in virtual time: nothing was measured\)' 'show says it'
like "$(look show)" 'run .*/two\.ini .*--mode simulated' 'and how to do it again'
like "$(look list)" 'Two ways .*--mode simulated' 'list says it'
like "$(look show --trial 1)" 'polling, repeat 1, simulated: in virtual time' 'a trial says it'
unlike "$(look show --trial 1)" 'By hand' 'and has no command lines'
first=$(query "SELECT name, value FROM metric WHERE trial_id = 1 ORDER BY name")
run --mode simulated --set measure_seconds=20 --charts off
is "$(query "SELECT name, value FROM metric WHERE trial_id = 5 ORDER BY name")" "$first" 'the same seed makes the same figures'

# --- both -------------------------------------------------------------------------------------------

run --mode both
ran $? "$SCRATCH/err" 'an experiment with twins'
is "$(query "SELECT mode, group_concat(variant) FROM experiment e JOIN trial ON experiment_id = e.id WHERE e.id = 3")" \
    'both|,simulated,,simulated,,simulated,,simulated' 'each trial is followed by its own'
is "$(query "SELECT count(*), sum(l.seed = s.seed) FROM twin JOIN trial l ON l.id = live_trial JOIN trial s ON s.id = simulated_trial")" \
    '4|4' 'with its seed'
is "$(query "SELECT planned, repeats FROM cell WHERE experiment_id = 3" | sort -u)" '2|2' 'a cell counts what was measured'
is "$(query "SELECT count(*) FROM prediction WHERE experiment_id = 3 AND metric = 'delivery_latency_mean_us'")" 2 'and has its predictions'
like "$(cat "$SCRATCH/out")" '^Simulated against measured$' 'they are printed'
like "$(cat "$SCRATCH/out")" '^\[2/8\] polling, simulated ' 'after trials that say what they are'
like "$(cat "$results/report.html")" 'id="simulated-against-measured"' 'the report has them'
like "$(look show)" '^Simulated against measured$' 'show, too'
if type -P gnuplot >/dev/null; then
    charts=$results/charts
    unlike "$(cat "$SCRATCH/err")" 'chart|gnuplot' 'no chart fails'
    is "$(cut -f 1 "$charts/10-percentiles.predicted.tsv" | sort -u)" "$(cut -f 1 "$charts/10-percentiles.tsv" | sort -u)" \
        'charts have the prediction of each strategy'
    is "$(grep -c '^polling' "$charts/90-prediction.tsv")" "$(query "SELECT count(*) FROM prediction WHERE experiment_id = 3
        AND strategy = 'polling' AND predicted > 0 AND metric IN ('delivery_latency_mean_us', 'delivery_latency_p50_us',
        'delivery_latency_p99_us', 'age_mean_us', 'wire_bytes_per_delivery')")" 'and one shows all of them'
    like "$(cat "$results/report.html")" '<p>The black stroke across a bar is what the models predict' 'the page says how to read it'
    look report 1 >/dev/null
    is "$(ls "$charts" | grep predict)" '' 'an experiment without twins has none of this'
    unlike "$(cat "$results/report.html")" 'the models predict' 'nor says so'
    look report 3 >/dev/null
else
    skip 'charts' 'gnuplot is not installed'
fi
like "$(look show)" ' repeat 1, simulated ' 'with the twins'

like "$(look compare 1 3)" '^a +1, two in virtual time: revision' 'compare says which one was not measured'
is "$(query "SELECT count(*) FROM prediction WHERE metric LIKE '%memory%'")" 0 'nobody predicts the memory of a model'

# --- resuming ---------------------------------------------------------------------------------------

sqlite3 "$database" "UPDATE experiment SET finished_at = NULL WHERE id = 3;
    UPDATE trial SET status = 'planned', verdict = NULL WHERE experiment_id = 3 AND position > 7;
    DELETE FROM metric WHERE trial_id = 16; DELETE FROM report WHERE trial_id = 16; DELETE FROM series WHERE trial_id = 16;
    DELETE FROM histogram WHERE trial_id = 16; DELETE FROM doubt WHERE trial_id = 16"
run --resume
like "$? $(cat "$SCRATCH/err")" '^1 .*there is nothing to resume: .* these --set, --only and --mode' 'another mode is another experiment'
run --resume --mode simulated
like "$? $(cat "$SCRATCH/err")" '^1 .*there is nothing to resume' 'in either case'
run --resume --mode both --charts off
ran $? "$SCRATCH/err" 'the same goes on'
is "$(query "SELECT status, count(*) FROM trial WHERE experiment_id = 3 GROUP BY status")" 'done|8' 'to its end'
done_testing
