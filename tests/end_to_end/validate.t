#!/usr/bin/env bash
# validate holds models against what was measured: what is counted agrees, what is too far off is found, what is known
# is let pass. calibrate measures what the models have to be told.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/shipped.sh"
type -P sqlite3 >/dev/null || skip_all "sqlite3 is not installed"

sed 's/^    //' >"$SCRATCH/small.ini" <<'END_OF_SCENARIO'
    [scenario]
    title = Small
    repeats = 1
    warmup_seconds = 0.3
    measure_seconds = 2
    [hold]
    subscribers = 5
    events_per_second = 20
    polling.interval_ms = 100
    [vary]
    strategy = polling, long_polling, sse, tcp
END_OF_SCENARIO
results=$SCRATCH/results
database=$results/pushpull.sqlite
"$BIN/pushpull" run "$SCRATCH/small.ini" --results "$results" --charts off >"$SCRATCH/out" 2>"$SCRATCH/err"
ran $? "$SCRATCH/err" 'something is measured'
validate() {
    COLUMNS=200 "$BIN/pushpull" validate --results "$results" "$@" >"$SCRATCH/out" 2>"$SCRATCH/err"
    status=$?
}

# --- what is counted ----------------------------------------------------------------------------------

cp "$database" "$SCRATCH/before.sqlite"
validate --all
like "$status" '^[01]$' 'it is held against its models'
for figure in bytes deliveries requests segments; do
    is "$(grep -c "^  held .*: $figure " "$SCRATCH/out")" 4 "$figure agree for each strategy"
done
like "$(cat "$SCRATCH/out")" '^Polling +near +1 ' 'in a table with a row per strategy'
like "$(cat "$SCRATCH/out")" '^[0-9]+ figures: [0-9]+ within their bounds' 'and a sum'
ok 'nothing is stored' cmp "$database" "$SCRATCH/before.sqlite"

# --- what is too far off ------------------------------------------------------------------------------

# Whatever this machine's latencies were: these figures are made wrong by a tenth.
sqlite3 "$database" "DELETE FROM doubt; UPDATE metric SET value = value * 1.1 WHERE name IN ('requests_per_delivery', 'wire_bytes_per_delivery')
    AND trial_id IN (SELECT id FROM trial WHERE strategy = 'long_polling')"
validate
is "$status" 1 'what is wrong is found'
like "$(cat "$SCRATCH/out")" '^  BROKEN +small, long_polling: requests predicted 1, measured 1\.10, -9\.1 % \(at most 2 %\)$' 'and named'
cat >"$SCRATCH/known.md" <<'END_OF_PAGE'
| scenario | strategy | where | metric | up to | cause |
|---|---|---|---|---|---|
| small | long_polling | near | requests | 10 % | it was made so |
| small | any | any | `bytes` | 5 % | not enough |
END_OF_PAGE
validate --deviations "$SCRATCH/known.md"
like "$(cat "$SCRATCH/out")" '^  known +small, long_polling: requests ' 'what a page has a cause for is known'
like "$(cat "$SCRATCH/out")" '^  BROKEN +small, long_polling: bytes ' 'up to what it says'

# --- what can be compared -------------------------------------------------------------------------------

validate --all
is "$(grep -c ': mean ' "$SCRATCH/out")" 4 'a mean of forty events is'
is "$(grep -o '[a-z_]*: shape,' "$SCRATCH/out")" 'polling: shape,' 'a shape, where latencies are not this machine'"'"'s own affair'
# Of a median of a few events no interval is kept.
sqlite3 "$database" "UPDATE metric SET low = NULL, high = NULL WHERE name = 'delivery_latency_p50_us'"
validate --all
is "$(grep -cE ': (mean|p50) |: shape,' "$SCRATCH/out")" 0 'of a few events neither is'
is "$(grep -c ': bytes ' "$SCRATCH/out")" 4 'but what is counted is'

# --- mistakes -----------------------------------------------------------------------------------------

validate 7
is "$status $(grep -c . "$SCRATCH/err")" '1 1' 'an experiment that is not there is one sentence'
validate one
is "$status $(grep -c . "$SCRATCH/err")" '2 1' 'a word that is none as well'
validate --deviations "$SCRATCH/nowhere.md"
is "$status $(cat "$SCRATCH/err")" "1 pushpull: cannot read the known deviations in $SCRATCH/nowhere.md: No such file or directory" 'so is a page that is not there'

# --- calibrate ----------------------------------------------------------------------------------------

if sanitized; then
    result 0 'calibrate # SKIP it would measure the sanitizers'
else
    "$BIN/pushpull" calibrate --results "$results" >"$SCRATCH/out" 2>"$SCRATCH/err"
    is $? 0 'this machine is calibrated' || diag "$(cat "$SCRATCH/err")"
    like "$(cat "$SCRATCH/out")" '^  write_ns +[0-9]+ ' 'and says what it takes'
    is "$(sqlite3 "$database" "SELECT count(*), min(json_extract(figures, '\$.write_ns')) > 0 FROM calibration")" '1|1' 'which is kept'
    "$BIN/pushpull" run "$SCRATCH/small.ini" --mode simulated --results "$results" --charts off >"$SCRATCH/out" 2>&1
    is "$(sqlite3 "$database" "SELECT json_extract(environment, '\$.simulator.write_ns') = (SELECT json_extract(figures, '\$.write_ns') FROM calibration)
        FROM experiment ORDER BY id DESC LIMIT 1")" 1 'and named by what is simulated then'

    # 40,000 webhooks a second: no server has rest, and what waits in a queue is no piece of work.
    mkdir "$SCRATCH/busy"
    ln -s "$BIN"/* "$SCRATCH/busy"
    rm "$SCRATCH/busy/webhook_server"
    cat >"$SCRATCH/busy/webhook_server" <<END
#!/usr/bin/env bash
exec "$BIN/webhook_server" "\${@/#--events-per-second=*/--events-per-second=400}"
END
    chmod +x "$SCRATCH/busy/webhook_server"
    "$BIN/pushpull" calibrate --bin "$SCRATCH/busy" --results "$SCRATCH/saturated" >"$SCRATCH/out" 2>"$SCRATCH/err"
    is $? 0 'a machine that is too slow for one strategy is calibrated as well' || diag "$(cat "$SCRATCH/err")"
    is "$(grep -cE '^  (sign|post|confirm|receive)_ns +[0-9]+ \(usual\)' "$SCRATCH/out")" 4 'but for what that takes'
    is "$(grep -cE '^  (write|answer|read)_ns +[0-9]+  ' "$SCRATCH/out")" 3 'and for nothing else'
    is "$(grep -c 'Webhook' "$SCRATCH/err")" 1 'which is told in one sentence' || diag "$(cat "$SCRATCH/err")"
fi
done_testing
