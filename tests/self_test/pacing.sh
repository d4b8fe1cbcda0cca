# How late the publisher is. On an idle machine the bounds are 100 µs asleep and 10 µs spinning. A busy
# one is not the instrument's fault, so the guard is five times as wide, and the best of up to six short
# trials counts. After each bad trial a program with nothing in it (tests/tools/wake.c) says how late the
# machine wakes anybody up: when the best of the trials is bad, it may be twice their median.
attempts=1
TRIALS=6

try_often() { # PACING GUARD: appends to the files lags and wakes, in microseconds
    local trial lag
    : >"$work/lags" >"$work/wakes"
    for ((trial = 0; trial < TRIALS; trial++)); do
        run_scenario pacing --set "pacing=$1" || return
        lag=$(metric tcp schedule_lag_p99_us)
        printf '%s\n' "$lag" >>"$work/lags"
        holds "$lag <= $2" && break
        "$TOOLS/wake" "$1" 470 1 | sort -n >"$work/wake"
        printf '%s\n' "$(calculate "1000 * ($(quantile_ms 0.99 "$work/wake"))")" >>"$work/wakes"
    done
}

check() {
    local way bound guard lag wake
    for way in timer:100 spin:10; do
        bound=${way#*:} way=${way%:*} guard=$((5 * bound))
        try_often $way $guard || return
        lag=$(least "$work/lags")
        wake=0
        holds "$lag > $guard" && wake=$(median "$work/wakes")
        at_most "schedule lag, p99, pacing=$way" "$lag" \
            "$(round "$(calculate "2 * $wake > $guard ? 2 * $wake : $guard")")" µs \
            "on an idle machine $bound, guard $guard$([ "$wake" = 0 ] || echo "; this one wakes any program $wake µs late")"
    done
}
