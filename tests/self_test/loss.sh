# Every 10th event is dropped, every 7th doubled, every 13th swapped with the next: the books of 5
# subscribers must show exactly that, whatever the strategy.
attempts=1

check() {
    local strategy lost twice late
    run_scenario loss || return
    for strategy in $(strategies); do
        read -r lost twice late < <("$TOOLS/truth" loss \
            "$(report $strategy server first)" "$(report $strategy server last)" 10 7 13)
        same "$strategy lost" "$(metric $strategy lost)" "$((5 * lost))"
        same "$strategy duplicates" "$(metric $strategy duplicates)" "$((5 * twice))"
        same "$strategy reordered" "$(metric $strategy reordered)" "$((5 * late))"
    done
}
