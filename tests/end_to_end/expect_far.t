#!/usr/bin/env bash
# What the shipped scenarios with a link predict, in short: none of it is refuted, and each is when its figure is
# falsified. They wait more than they work, so they run at the same time.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/shipped.sh"
type -P sqlite3 >/dev/null || skip_all "sqlite3 is not installed"
reason=$("$BIN/link" --check 2>&1) || skip_all "${reason#link: }"

# Some windows may not be shorter: those of distance and far_receiver were chosen with their seeds (see there; each rate of
# far_receiver has its own by its place in the list), polls of mobile come every ten seconds, and a connection of narrow is to
# forget what it was allowed in a second of silence. In three seconds of 3 % loss a few packets more that are lost twice put a
# mean 20 % off (in one seed of thirty); of 1 % it keeps six deviations away from that. At 5 % all eight seconds are needed.
SHORT=(
    [distance]='--set link.rtt_ms=100 --only polling,long_polling,sse,websocket,tcp|--set link.rtt_ms=20 --only webhook|--set link.rtt_ms=5 --set measure_seconds=1 --only sse'
    [loss]='--set link.loss_percent=0,1 --set measure_seconds=3 --set drain_seconds=3 --only long_polling,sse,websocket,tcp|--set link.loss_percent=5 --only sse'
    [narrow]='--set payload_bytes=14000,15000,90000 --set warmup_seconds=1 --set measure_seconds=2 --only sse'
    [mobile]='--set path=lte --set measure_seconds=10 --set events_per_second=0.25 --only polling,sse'
    [million]='--set subscribers=50000 --set server_processes=1 --set measure_seconds=20 --set polling.interval_ms=10000'
    [far_receiver]='--set events_per_second=2,5|--set events_per_second=20 --set warmup_seconds=0.2 --set measure_seconds=4'
)
running=()
for file in "$ROOT"/scenarios/*.ini; do
    far "$file" || continue
    left_out "$file"
    run_short "$file" &
    running+=($!)
done
wait "${running[@]}"
for file in "$ROOT"/scenarios/*.ini; do
    ! far "$file" || check_short "$file"
done
done_testing
