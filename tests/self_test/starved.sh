# A load generator that is late measures the same latency: it ends when an event is in the subscriber's
# socket, by the kernel's stamp, and not when the generator comes to it. So the generator is starved on
# purpose: at a low priority beside busy loops, on another core than the server. Where it is later than the
# next event, no stamp helps: such a trial must say so.
#
# It is compared with a generator that is not starved beside the same loops, for a core that sleeps is slow
# to wake, and that would be in the server's write. They take turns; the means are compared. A scheduler that
# lets a sleeper run at once starves it in part of its wake-ups alone: of what is handled late the p90 tells.
attempts=3

TURNS=3

p50s() { # WHAT
    local strategy
    run_scenario starved --bin "$work/$1" || return
    for strategy in sse tcp; do
        metric $strategy delivery_latency_p50_us >>"$work/$strategy.$1"
        metric $strategy handled_latency_p90_us >>"$work/$strategy.$1.handled"
        query "SELECT DISTINCT metric_group FROM doubt JOIN trial ON trial.id = trial_id
            WHERE $newest AND strategy = '$strategy' AND metric_group = 'latency'" >>"$work/$strategy.taken"
    done
}

mean() { known "$(awk '$1 == "missing" { bad = 1 } { sum += $1 } END { if (NR && !bad) print sum / NR }' "$1")"; }

check() {
    local strategy turn shared quiet starved
    [ "$(nproc)" -ge 2 ] || { verdict 'starved' 'not on one processor: server and generator need their own' 1; return; }
    rm -f "$work"/sse.* "$work"/tcp.*
    wrapped "$work/quiet" 0 2 19
    wrapped "$work/starved" $((14 + attempt)) 2 0 # how hard a priority starves is the scheduler's affair
    for ((turn = 0; turn < TURNS; turn++)); do
        p50s quiet && p50s starved || return
    done
    for strategy in sse tcp; do
        near "$strategy: arrival, p50" "$(mean "$work/$strategy.starved")" "$(mean "$work/$strategy.quiet")" 25 µs
        starved=$(mean "$work/$strategy.starved.handled") quiet=$(mean "$work/$strategy.quiet.handled")
        verdict "$strategy: handled, p90" "$(round "$starved") µs, at least 1.5 times $(round "$quiet")" \
            "$starved >= 1.5 * ($quiet)"
        same "$strategy: times that latency is taken" "$(wc -l <"$work/$strategy.taken")" 0
    done

    wrapped "$work/late" 19 4 0
    run_scenario starved --bin "$work/late" --set events_per_second=100 || return
    for strategy in sse tcp; do
        shared=$(metric $strategy stamps_shared)
        verdict "$strategy: too late for stamps" "$(round "$shared") of $(round "$(metric $strategy deliveries)") are another's" \
            "$shared > 0.01 * $(metric $strategy deliveries)"
        same "$strategy: and it says so" "$(query "SELECT count(*) FROM doubt JOIN trial ON trial.id = trial_id
            WHERE $newest AND strategy = '$strategy' AND doubt.verdict = 'generator_bound' AND metric_group = 'latency'
            AND doubt.reason LIKE printf('%.0f of %%were read together%%', $shared)")" 1
    done
}
