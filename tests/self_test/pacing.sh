# How late the publisher is. On an idle machine the bounds are 100 µs asleep and 10 µs spinning; a busy
# one is not the instrument's fault, so the guard is five times as wide, and the best of three counts.
attempts=3

check() {
    local way bound
    for way in timer:100 spin:10; do
        bound=${way#*:} way=${way%:*}
        run_scenario pacing --set pacing=$way || return
        at_most "schedule lag, p99, pacing=$way" "$(metric tcp schedule_lag_p99_us)" $((5 * bound)) µs \
            "guard; on an idle machine $bound"
    done
}
