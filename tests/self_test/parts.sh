# The parts of a latency that are measured by themselves cannot add up to more than the whole, which is
# measured from end to end: schedule lag + wait to be asked + server's work <= delivery latency, in the
# mean. What is left is the way through the kernel. And the client's clock and the kernel's agree: delivery
# latency + client's queue = handled latency.
attempts=3

check() {
    local strategy part whole sum value text
    run_scenario parts || return
    for strategy in $(strategies); do
        whole=$(metric $strategy delivery_latency_mean_us)
        sum=0 text=
        for part in schedule_lag ask_wait server_work; do
            value=$(metric $strategy ${part}_mean_us)
            all_known "$value" || continue # not every strategy has every part
            sum=$(calculate "$sum + $value")
            text="$text${text:+ + }$(round "$value")"
        done
        verdict "$strategy" "$text = $(round "$sum") µs of $(round "$whole"), at most 5 % more" \
            "$sum > 0 && $sum <= 1.05 * ($whole)"
        near "$strategy: arrival and queue" \
            "$(calculate "$whole + $(metric $strategy client_queue_mean_us)")" \
            "$(metric $strategy handled_latency_mean_us)" 1 µs
    done
    # 64 subscribers that ask every 50 ms, for 2 s.
    near 'polling requests' "$(metric polling requests)" 2560 1 requests
}
