# Every event is published late, by a known distribution: uniform between 100 and 300 ms.
#
# So the age of what a subscriber knows is known too: over whole periods the mean delay, 200 ms, and
# half of the 2 ms between two events; just before an event comes all of them.
attempts=3

check() {
    local strategy name q
    run_scenario delay || return
    "$TOOLS/truth" delay 500 3000 100 300 1000 >"$work/truth"
    for strategy in tcp sse; do
        for name in p50:0.5 p90:0.9 p99:0.99; do
            q=${name#*:} name=${name%:*}
            near "$strategy $name" "$(metric_ms $strategy "delivery_latency_${name}_us")" \
                "$(quantile_ms "$q" "$work/truth")" 1 ms
        done
        near "$strategy schedule lag, p50" "$(metric_ms $strategy schedule_lag_p50_us)" \
            "$(quantile_ms 0.5 "$work/truth")" 1 ms
        near "$strategy age, mean" "$(metric_ms $strategy age_mean_us)" 201 1 ms
        near "$strategy age, unavoidable" "$(metric_ms $strategy age_least_us)" 1 0.05 ms
        near "$strategy age, peaks" "$(metric_ms $strategy age_peak_us)" 202 1 ms
    done
}
