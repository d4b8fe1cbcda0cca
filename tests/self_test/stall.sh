# A server that stands still for a second: who sees it?
#
# Of 4 s, in which an event is due every 2 ms, the server stands still in the second. An event that is
# due 300 ms into that second is 700 ms late, and so on: the true distribution of all 2,000 latencies
# is known, and pushpull has to find it. Beside it stands what a closed loop finds: a user who means to
# ask every 2 ms but waits for each answer. It meets the stall once.
attempts=3

# The latencies' curve for the chart: 1 / (1 - quantile), milliseconds. Steps too small to be seen are
# left out.
curve() { # NAME FILE
    printf '\n\n# %s\n' "$1"
    awk 'function point(x, y) {
             if (x < 1.01 * last_x && y <= 1.01 * last_y) return
             printf "%.5g\t%.5g\n", last_x = x, last_y = y
         }
         { value[NR] = $1 / 1e6; count[NR] = $2; total += $2 }
         END { for (i = 1; i <= NR; i++) {
                   point(total / (total - before), value[i])
                   before += count[i]
               }
               printf "%.5g\t%.5g\n", total, value[NR] }' "$2"
}

draw_chart() {
    { curve truth "$work/truth"; curve measured "$work/measured"
      curve closed "$work/closed"; curve filled "$work/filled"; } >"$output/coordinated-omission.tsv"
    gnuplot -e "DATA='$output/coordinated-omission.tsv'; OUTPUT='$output/coordinated-omission.svg'; \
        CHARTS='$ROOT/scripts/charts'" "$ROOT/tests/self_test/coordinated-omission.gp" 2>"$work/gnuplot.err" ||
        echo "FAIL  the chart could not be drawn: $(head -n 1 "$work/gnuplot.err")"
}

check() {
    local q name quiet_p50
    run_scenario pacing --set pacing=timer || return
    quiet_p50=$(metric_ms tcp delivery_latency_p50_us)
    run_scenario stall || return
    "$TOOLS/truth" stall 500 4000 1000 1000 >"$work/truth"
    report tcp client histograms.delivery_latency.data | "$TOOLS/histogram" >"$work/measured"
    report polling client histograms.round_trip.data | "$TOOLS/histogram" >"$work/closed"
    report polling client histograms.round_trip.data | "$TOOLS/histogram" 2000000 >"$work/filled"

    at_most 'p50, less the same without a stall' \
        "$(calculate "($(metric_ms tcp delivery_latency_p50_us)) - ($quiet_p50)" | tr -d -)" 1 ms \
        'a thousandth of the stall'
    for name in p90:0.9 p99:0.99 max:1; do
        q=${name#*:} name=${name%:*}
        near "$name" "$(metric_ms tcp "delivery_latency_${name}_us")" "$(quantile_ms "$q" "$work/truth")" 2 ms
    done
    near 'mean' "$(metric_ms tcp delivery_latency_mean_us)" \
        "$(mean_ms "$work/truth")" 4 ms
    near 'closed loop, back-filled: p99' "$(quantile_ms 0.99 "$work/filled")" \
        "$(quantile_ms 0.99 "$work/truth")" 2 ms
    at_most 'closed loop as it is: p99' "$(quantile_ms 0.99 "$work/closed")" 96 ms \
        'a tenth of the truth: it omits the stall'
    draw_chart
}
