#!/usr/bin/env bash
# One experiment from the scenario to the report, with every strategy: what is stored, what the ledgers
# say, what must hold of any measurement, and that nothing is left running.
. "$(dirname "$0")/../lib.sh"

mapfile -t strategies < <(strategies)
interval_ms=300
results=$SCRATCH/results

cat >"$SCRATCH/small.ini" <<END
[scenario]
title = Small
repeats = 1
warmup_seconds = 0.3
measure_seconds = 2
drain_seconds = 30

[hold]
subscribers = 5
events_per_second = 40
payload_bytes = 64
polling.interval_ms = $interval_ms

[vary]
strategy = $(strategies | paste -sd ,)
END

run() { PUSHPULL_TEST=$$ timeout 200 "$BIN/pushpull" "$@" --results "$results" >"$SCRATCH/out" 2>"$SCRATCH/err"; }
sql() { sqlite3 "$results/pushpull.sqlite" "$1"; }
value() { sql "SELECT m.value FROM metric m JOIN trial t ON t.id = m.trial_id WHERE t.experiment_id = 1 AND t.strategy = '$1' AND m.name = '$2'"; }
# Processes that were started by this test's runner
running() { grep -lz "^PUSHPULL_TEST=$$\$" /proc/[0-9]*/environ 2>/dev/null; }
# holds EXPRESSION DESCRIPTION: arithmetic that awk can decide
holds() { ok "$2 ($1)" awk "BEGIN { exit !($1) }"; }

run run "$SCRATCH/small.ini" --label 'before — the patch' --charts svg,png,pdf
ran $? "$SCRATCH/err" 'the experiment runs'
like "$(cat "$SCRATCH/out")" 'report\.html' 'and names its report'
is "$(running)" '' 'no process is left'

# --- what is stored -----------------------------------------------------------------------------------

is "$(sql 'SELECT count(*) FROM experiment WHERE finished_at IS NOT NULL')" 1 'one finished experiment'
is "$(sql "SELECT group_concat(strategy, ' ') FROM (SELECT strategy FROM trial WHERE status = 'done' ORDER BY position)")" \
    "${strategies[*]}" 'one finished trial for each strategy'
is "$(sql "SELECT count(DISTINCT seed) FROM trial")" 1 'all had the same schedule'
is "$(sql 'PRAGMA integrity_check')" ok 'the database is whole'
is "$(sql 'SELECT count(*) FROM report')" $((2 * ${#strategies[@]})) 'every program has its report stored'

# Their names are part of the interface (DESIGN and docs/metrics.md).
metrics='delivery_latency_mean_us delivery_latency_p50_us delivery_latency_p90_us delivery_latency_p99_us
delivery_latency_p999_us delivery_latency_max_us schedule_lag_p50_us schedule_lag_p99_us
schedule_lag_max_us age_mean_us age_least_us age_peak_us events subscribers expected deliveries lost duplicates
reordered deliveries_per_second wire_bytes_per_delivery wire_bytes_up wire_bytes_down segments
payload_bytes_per_delivery framing_bytes_per_delivery header_bytes_per_delivery
acknowledgement_bytes_per_delivery overhead_bytes_per_delivery wire_bytes_per_subscriber_second requests empty_responses
requests_per_delivery server_cpu_us_per_delivery client_cpu_us_per_delivery server_cpu_utilisation
client_cpu_utilisation server_memory_bytes_per_connection client_memory_bytes_per_connection
kernel_memory_bytes_per_connection connect_p50_us connect_p99_us connect_seconds reconnects errors'
for strategy in "${strategies[@]}"; do
    missing=$(for metric in $metrics; do [ -n "$(value "$strategy" "$metric")" ] || echo "$metric"; done)
    is "$missing" '' "$strategy has every metric"
done

# --- the ledgers --------------------------------------------------------------------------------------

for strategy in "${strategies[@]}"; do
    is "$(value "$strategy" deliveries)" "$(value "$strategy" expected)" "$strategy delivered every event to everyone"
    is "$(for m in lost duplicates reordered malformed errors reconnects; do value "$strategy" $m; done | tr '\n' ' ')" \
        '0.0 0.0 0.0 0.0 0.0 0.0 ' "$strategy: none lost, doubled, out of order, broken; no error, no reconnect"
    is "$(value "$strategy" expected)" 400.0 "$strategy: 40 events/s for 2 s to 5 subscribers"
    is "$(value "$strategy" payload_bytes_per_delivery)" 64.0 "$strategy: payloads arrive whole"
    holds "$(value "$strategy" framing_bytes_per_delivery) > 0 && $(value "$strategy" header_bytes_per_delivery) > 0 && \
        ($(value "$strategy" overhead_bytes_per_delivery) - $(value "$strategy" framing_bytes_per_delivery) \
        - $(value "$strategy" header_bytes_per_delivery) - $(value "$strategy" acknowledgement_bytes_per_delivery)) ^ 2 < 1e-6" \
        "$strategy: framing, headers and acknowledgements are all that is added"
    holds "($(value "$strategy" age_least_us) - 12500) ^ 2 < 100 ^ 2 && $(value "$strategy" age_mean_us) > $(value "$strategy" age_least_us)" \
        "$strategy: nobody is fresher than half the gap of 25 ms"
done

# --- what must hold on any machine, however slow --------------------------------------------------------

holds "$(value polling delivery_latency_mean_us) > 0.3 * 1000 * $interval_ms" 'polling waits half an interval on average, if not longer'
holds "$(value polling requests_per_delivery) < 0.5" 'one poll brings several events'
for strategy in sse websocket tcp; do
    is "$(value $strategy requests)" 0.0 "$strategy makes no request inside the window"
    holds "$(value $strategy wire_bytes_per_delivery) < $(value long_polling wire_bytes_per_delivery)" \
        "$strategy takes fewer bytes than long polling"
done
holds "$(value long_polling requests_per_delivery) <= 1.05 && $(value long_polling requests_per_delivery) > 0" \
    'long polling makes at most one request for a delivery'
is "$(value webhook requests_per_delivery)" 1.0 'a webhook is one request for each delivery'
for strategy in "${strategies[@]}"; do
    holds "$(value "$strategy" delivery_latency_p50_us) <= $(value "$strategy" delivery_latency_p99_us) && $(value "$strategy" delivery_latency_p99_us) <= $(value "$strategy" delivery_latency_max_us)" \
        "$strategy: quantiles rise"
    holds "$(value "$strategy" delivery_latency_p50_us) > 0" "$strategy: no event arrives before it is due"
    holds "$(value "$strategy" wire_bytes_per_delivery) > 64 + 40" "$strategy: a delivery takes more bytes than its payload"
done

# --- reports ------------------------------------------------------------------------------------------

report=$(cat "$results/report.html" 2>/dev/null)
like "$report" '<svg' 'the report has charts in it'
unlike "$report" '(src|href)="https?://' 'and needs nothing from elsewhere'
for strategy in "${strategies[@]}"; do
    title=$(sed -n "s/^ *{\"$strategy\", \"\([^\"(]*[^\"( ]\).*/\1/p" "$ROOT/runner/scenario/strategies.c")
    ok "the report speaks of $title" grep -q -- "${title:-no title of $strategy}" "$results/report.html"
done
broken=$(for chart in "$results"/charts*/*.svg "$results"/charts/*/*.svg; do
    [ -e "$chart" ] || continue
    tail -c 200 "$chart" | grep -q '</svg>' || echo "$chart"
done)
is "$broken" '' 'every chart is a whole SVG'
ok 'memory of five connections is not drawn' [ ! -e "$results/charts/80-memory.svg" ]
for format in png pdf; do
    is "$(cd "$results/charts" && ls ./*.svg | sed "s/svg$/$format/")" "$(cd "$results/charts" && ls ./*.$format)" \
        "and there as $format"
done
# Of several trials each part has a median of its own, and these need not come to that of the whole.
several=$SCRATCH/several
mkdir "$several"
sqlite3 "$results/pushpull.sqlite" ".backup '$several/pushpull.sqlite'"
sqlite3 "$several/pushpull.sqlite" "
    CREATE TEMP TABLE more AS SELECT id + 1000 * k AS id, id AS was, k FROM trial, (SELECT 1 AS k UNION SELECT 2);
    INSERT INTO trial SELECT m.id, experiment_id, strategy, parameters, repeat + k, position + 1000 * k, seed, status, verdict,
        reason, started_at, seconds, variant, batch FROM more m JOIN trial t ON t.id = was;
    INSERT INTO metric SELECT m.id, name, unit,
        value * iif(name = 'schedule_lag_mean_us', 1 + k, 1), low, high FROM more m JOIN metric ON trial_id = was;"
"$BIN/pushpull" report 1 --results "$several" >"$SCRATCH/out" 2>"$SCRATCH/err"
is "$(awk -F'\t' '!/^#/ && NF > 9 { printf "%.3f\n", $7 + $8 + $9 + $10 }' "$several/charts/27-parts.tsv" | sort -u)" 100.000 \
    'the parts of the latency that are drawn come to all of it'
begins() { for picture in "$results"/charts/*."$1"; do head -c 4 "$picture" | tail -c 3; echo; done | sort -u; }
is "$(begins png) $(begins pdf)" 'PNG PDF' 'which they are'

run list
like "$(cat "$SCRATCH/out")" "1.*small.*${#strategies[@]}/${#strategies[@]}" 'pushpull list shows it'
like "$(cat "$SCRATCH/out")" '"before — the patch"' 'by its label'
run show 1
is "$?" 0 'pushpull show shows it'
like "$(cat "$SCRATCH/out")" '^label +before — the patch$' 'with its label'
like "$(cat "$results/report.html")" 'before — the patch' 'and so does the report'
run run "$SCRATCH/small.ini" --label "$(printf 'two\nlines')"
like "$? $(cat "$SCRATCH/err")" '^2 .*--label.*a line of at most 80 bytes' 'a label is one line'
run run "$SCRATCH/small.ini" --label again --resume
like "$? $(cat "$SCRATCH/err")" '^2 .*resumed keeps the label' 'which an experiment keeps'
run run "$SCRATCH/small.ini" --charts gif
like "$? $(cat "$SCRATCH/err")" '^2 .*--charts is "gif", not off, or some of svg, png and pdf' 'a chart is no GIF'

run report --charts off
like "$? $(cat "$SCRATCH/err")" '^2 .*--charts is "off", not some of svg' 'nor is a report without charts drawn'

# Commands and paths, which are to be copied, are not broken; all else fits.
fits() {
    local widest
    widest=$(grep -v 'pushpull run\|pushpull show\|^The report is' "$SCRATCH/out" | LC_ALL=C.UTF-8 wc -L)
    ok "$2 ($widest <= $1 columns)" [ "$widest" -le "$1" ]
}
for columns in 60 80; do
    COLUMNS=$columns run show 1
    fits $columns 'what show prints fits'
done
run export --format json
is "$(node -e 'JSON.parse(require("fs").readFileSync(0, "utf8")); console.log("good")' <"$SCRATCH/out")" good \
    'pushpull export --format json is JSON'
is "$(node -e '
    const trials = JSON.parse(require("fs").readFileSync(0, "utf8")).trials;
    const whole = trial => Object.values(trial.histograms).every(h =>
        h.count === h.buckets.reduce((sum, [, count]) => sum + count, 0));
    const delivered = trial => trial.histograms.delivery_latency.count === trial.metrics.deliveries.value;
    const told = trial => trial.series.some(s => s.name === "deliveries" && s.points.length > 0);
    console.log(trials.every(t => whole(t) && delivered(t) && told(t)))' <"$SCRATCH/out")" true \
    'with the histograms, which hold every delivery, and the series'
for format in wide long; do
    run export --format $format
    is "$(awk -F, 'NR == 1 { n = NF } NF != n { bad++ } END { print (n > 9), (NR > 1), bad + 0 }' "$SCRATCH/out")" '1 1 0' \
        "and --format $format is a table"
done
run export
is "$(sed 1d "$SCRATCH/out" | wc -l)" "${#strategies[@]}" 'of a row per cell'

# --- several processes on a side ------------------------------------------------------------------------

run run "$SCRATCH/small.ini" --only sse,webhook --set server_processes=2 --set client_processes=2 --set measure_seconds=1 --charts off
ran $? "$SCRATCH/err" 'several servers and clients'
is "$(sql "SELECT count(*) FROM report r JOIN trial t ON t.id = r.trial_id WHERE t.experiment_id = 2")" 8 \
    'four programs a trial have reported'
is "$(sql "SELECT sum(abs(e.value - d.value)) FROM metric e JOIN metric d USING (trial_id) JOIN trial t ON t.id = trial_id
    WHERE t.experiment_id = 2 AND e.name = 'expected' AND d.name = 'deliveries' AND e.value > 0")" 0.0 \
    'and together delivered every event to everyone'
is "$(running)" '' 'no process is left'

# --- in a narrow terminal -------------------------------------------------------------------------------

COLUMNS=60 run run "$SCRATCH/small.ini" --only long_polling,tcp --set payload_bytes=64,1024 --set measure_seconds=0.4
ran $? "$SCRATCH/err" 'an experiment that varies a key'
fits 60 'what run prints fits'
like "$(cat "$SCRATCH/out")" '^\[1/4\] [a-z_]+ payload_bytes=64$' 'a trial has two lines then'
done_testing
