#!/usr/bin/env bash
# What scenarios predict. A prediction that is refuted is told, and with --strict it fails the run; what is no
# prediction is a mistake before anything runs. The shipped scenarios' own, in short: none is refuted, and
# each is when its figure is falsified. (Those of scenarios with a link: expect_far.t.)
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/shipped.sh"
type -P sqlite3 >/dev/null || skip_all "sqlite3 is not installed"

results=$SCRATCH/results
sed 's/^    //' >"$SCRATCH/predict.ini" <<'END'
    [scenario]
    title = Predict
    repeats = 1
    warmup_seconds = 0
    measure_seconds = 0.5
    drain_seconds = 2
    [hold]
    subscribers = 2
    events_per_second = 100
    [vary]
    strategy = sse, tcp
    payload_bytes = 10, 1000
    [expect]
    the payload travels = sse.payload_bytes_per_delivery = payload_bytes   ; a comment
    nothing is lost     = lost = 0
    no such thing       = sse.wire_bytes_per_delivery < 5
    big ones            = sse.wire_bytes_per_delivery > 1000 where payload_bytes = 1000
    nobody ran          = sse.lost = webhook.lost
END
run() { "$BIN/pushpull" run "$SCRATCH/predict.ini" --results "$results" --charts off "$@" >"$SCRATCH/out" 2>"$SCRATCH/err"; }

# --- told ---------------------------------------------------------------------------------------------

run
is $? 0 'a prediction that is refuted is no failure'
out=$(cat "$SCRATCH/out")
like "$out" '^Expected$' 'the predictions are told'
like "$out" '^  held       the payload travels$' 'one came true'
like "$out" '^             sse.payload_bytes_per_delivery = payload_bytes$' 'with what it says'
like "$out" '^             2 of 2; payload_bytes=10: 10\.0 B = 10\.0 B$' 'in each pair of cells, and to what it came'
like "$out" '^             4 of 4; sse payload_bytes=10: 0 = 0$' 'without a strategy it is about each'
like "$out" '^  refuted    no such thing$' 'one did not'
like "$out" '^             2 of 2; payload_bytes=10: [0-9]* B < 5\.00 B$' 'which says why'
like "$out" '^             payload_bytes=1000: 1\.[0-9]* kB > 1\.00 kB$' 'where: of these cells'
like "$out" '^  undecided  nobody ran$' 'one of a strategy that did not run is undecided'
run --strict
is $? 4 '--strict: exit status 4'
like "$("$BIN/pushpull" show --results "$results")" '^  refuted    no such thing' 'show tells them too'
"$BIN/pushpull" report --results "$results" >/dev/null 2>&1
like "$(cat "$results/report.html")" '<td>refuted</td><td class=words><strong>no such thing</strong><br><code>sse.wire_bytes_per_delivery &lt; 5</code>' \
    'and the report'
run --strict --set payload_bytes=1 --only tcp
is $? 0 'what is undecided is not refuted'

# --- mistakes -----------------------------------------------------------------------------------------

mistake() { # DESCRIPTION LINE PATTERN
    sed "/^no such thing/c\\$2" "$SCRATCH/predict.ini" >"$SCRATCH/bad.ini"
    message=$("$BIN/pushpull" run "$SCRATCH/bad.ini" --results "$results" --dry-run 2>&1 >/dev/null)
    is "$? $(grep -c . <<<"$message")" '2 1' "$1: exit status 2, in one line"
    like "$message" "bad\.ini:16: $3" "$1: says where and what"
}
mistake 'a misspelt metric' 'a name = sse.lots = 0' '\[expect\] a name: lots is neither .*did you mean lost\?'
mistake 'no comparison' 'a name = sse.lost' '\[expect\] a name: there is no comparison'
mistake 'another query' 'a name = lost = (SELECT 1)' '\[expect\] a name: select is no part of an expression'
mistake 'the same name twice' 'nothing is lost = lost < 1' '\[expect\] nothing is lost was given before, at .*bad\.ini:15'
mistake 'a name alone' 'a name =' '\[expect\] a name says nothing'
mistake 'whose?' 'a name = lost < sse.lost' '\[expect\] a name: lost is of which strategy\?'

# --- the shipped ones -----------------------------------------------------------------------------------

# What they are measured with here: all cells that their predictions are about, in a fraction of the time.
SHORT=(
    [quick]='--set repeats=1 --set measure_seconds=1'
    [latency]='--set repeats=1 --set warmup_seconds=0.2 --set measure_seconds=1 --set events_per_second=600 --set polling.interval_ms=100,200 --set subscribers=10'
    [bandwidth]='--set measure_seconds=2 --set payload_bytes=32,8192 --set events_per_second=0.5,100 --set polling.interval_ms=200'
    [fanout]='--set repeats=1 --set measure_seconds=1'
    [ci]='--set repeats=1'
    [calibrate]='--set repeats=1'
    [live]='--set measure_seconds=2 --set events_per_second=40 --set polling.interval_ms=500'
    [connections]='--set repeats=1 --set warmup_seconds=0.2 --set measure_seconds=1 --set events_per_second=20 --set subscribers=100,1000 --set polling.interval_ms=500'
)
for file in "$ROOT"/scenarios/*.ini; do
    far "$file" || left_out "$file"
done
# One after the other, not to disturb each other; where nothing that they measure counts, at once.
running=()
for file in "$ROOT"/scenarios/*.ini; do
    far "$file" && continue
    run_short "$file" &
    running+=($!)
    sanitized || wait $!
done
wait "${running[@]}"
for file in "$ROOT"/scenarios/*.ini; do
    far "$file" || check_short "$file"
done
done_testing
