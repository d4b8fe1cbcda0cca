#!/usr/bin/env bash
# A link measures itself before it is ready. What it was asked for passes; what is late, lossy or fast on
# purpose is said to be off, in a sentence that names both figures.
. "$(dirname "$0")/../lib.sh"

"$BIN/link" --check 2>"$SCRATCH/check" || skip_all "$(cat "$SCRATCH/check")"

# calibrate [OPTION...]: the figures that the link is ready with, one per line: name, asked, got, least, most, whether
# it is off, its sentence. With the end of its stdin the link ends, and reports.
calibrate() {
    : | timeout 60 "$BIN/link" --supervised "$@" >"$SCRATCH/link.out" 2>"$SCRATCH/link.err"
    status=$?
    figures=$(node -e '
        const lines = require("fs").readFileSync(process.argv[1], "utf8").trim().split("\n").map((l) => JSON.parse(l));
        for (const f of lines.find((l) => l.type === "ready").calibration)
            console.log(f.name, f.asked, f.got, f.least, f.most, f.off ? "off" : "fine", f.sentence);
    ' "$SCRATCH/link.out")
}
names() { cut -d ' ' -f 1 <<<"$figures" | tr '\n' ' '; }
off() { awk '$6 == "off" { printf "%s ", $1 }' <<<"$figures"; }
asked() { awk -v name="$1" '$1 == name { printf "%.0f", $2 }' <<<"$figures"; }
sentence() { awk -v name="$1" '$1 == name' <<<"$figures" | cut -d ' ' -f 7-; }

# passes DESCRIPTION [OPTION...]: nothing is off. A machine that is busy for a second can delay anything: three
# times in all.
passes() {
    local description=$1 attempt
    shift
    for attempt in 1 2 3; do
        calibrate "$@"
        [ "$status" -ne 0 ] || [ -n "$(off)" ] || break
        diag "attempt $attempt of link $*, exit status $status:" "$figures"
    done
    is "$status: $(off)" '0: ' "$description"
}

# One that stands still while everything else here is done: whoever measures it is stopped at once.
mkfifo "$SCRATCH/stopped.in"
sleep 3600 >"$SCRATCH/stopped.in" &
keeper=$!
"$BIN/link" --supervised --rtt-ms 1000 <"$SCRATCH/stopped.in" >"$SCRATCH/stopped.out" 2>"$SCRATCH/stopped.err" &
stopped=$!
started_pids+=("$stopped" "$keeper")
# measuring PID: sets `child` to the process that measures for this link. It can be seen for some round trips.
measuring() {
    for child in $(children_of "$1"); do
        [ "$(cat "/proc/$child/comm" 2>/dev/null)" != link_calibrate ] || return 0
    done
    child=
    return 1
}
eventually measuring "$stopped"
sleeper=$child
kill -STOP "$sleeper"

# --- what was asked for ---------------------------------------------------------------------------

passes 'a link that does nothing is what was asked for'
is "$(names)" 'round_trip_us delay_down_us delay_up_us loss_down_percent loss_up_percent ' 'its times and losses are measured'
is "$(asked round_trip_us) $(asked loss_up_percent)" '0 0' 'none was asked for'
like "$(cat "$SCRATCH/link.out")" '"type":"report".*"calibration":\[\{"name":"round_trip_us"' 'the report says it once more'

passes 'a far one' --rtt-ms 100
is "$(asked round_trip_us) $(asked delay_down_us) $(asked delay_up_us)" '100000 50000 50000' 'both ways are a round trip'
passes 'one with jitter' --rtt-ms 20 --jitter-ms 10
passes 'one that loses frames' --rtt-ms 20 --loss-percent 3
is "$(asked loss_down_percent)" 3 'as many as were asked for'
passes 'one that loses them in bursts' --burst-loss 0.01:0.3:0:1
passes 'a narrow one' --rtt-ms 50 --down-mbit 1.6 --up-mbit 0.4
is "$(names)" 'round_trip_us delay_down_us delay_up_us down_mbit up_mbit loss_down_percent loss_up_percent ' 'its rates are measured, too'
is "$(asked delay_down_us) $(asked delay_up_us)" '25240 25960' 'a small frame takes half the round trip and its time on the line'
passes 'one for short packets' --mtu 576 --down-mbit 10
passes 'one through which nothing comes' --loss-percent 100
is "$(names)" 'loss_down_percent loss_up_percent ' 'has no times'

# --- what is wrong on purpose -----------------------------------------------------------------------

calibrate --rtt-ms 50 --late-ms 3
like "$(off)" '^round_trip_us delay_down_us delay_up_us ' 'a relay that sends everything 3 ms late is off'
like "$(sentence delay_up_us)" '^a frame from clients to servers takes (2[89]|3[0-9])[0-9.]* ms, but 25 were asked for, and no more than 25\.8 ' 'the sentence says what it is and what it should be'
calibrate --rtt-ms 20 --loss-percent 3 --loss-times 2
like "$(off)" 'loss_down_percent loss_up_percent $' 'one that loses twice as much is off'
like "$(sentence loss_down_percent)" '^loss from servers to clients is [4-8][0-9.]* %, but 3 were asked for, and no more than 4' 'and says so'
calibrate --rtt-ms 20 --down-mbit 1.6 --rate-times 1.5
like "$(off)" 'down_mbit ' 'a line that is half as fast again is off'
like "$(sentence down_mbit)" '^the line from servers to clients carries [0-9.]* Mbit/s, but 1\.6 were asked for, and no more than 1\.632 ' 'and says so'
calibrate --rtt-ms 20 --up-mbit 1.6 --rate-times 0.5
like "$(sentence up_mbit)" '^the line from clients to servers carries 0\.[78][0-9]* Mbit/s, but 1\.6 were asked for, and no less than 1\.568 ' 'one of half the rate, too'

# --- what cannot be measured ------------------------------------------------------------------------

"$BIN/link" --supervised --rtt-ms 2000 <"$SCRATCH/stopped.in" >"$SCRATCH/killed.out" 2>&1 &
killed=$!
started_pids+=("$killed")
eventually measuring "$killed"
kill -KILL "$child"
eventually grep -q '"ready"' "$SCRATCH/killed.out"
like "$(cat "$SCRATCH/killed.out")" '"off":true,"sentence":"the link cannot be measured: whoever measures it ended too early"' 'a link whose measuring is killed is ready, and off'
kill "$killed"
status_of_end "$killed"
is "$status" 0 'and works'

# ended_early DESCRIPTION WHOM STATUS: a link of which that process is ended while it is measured.
ended_early() {
    local link
    "$BIN/link" --supervised --rtt-ms 2000 <"$SCRATCH/stopped.in" >"$SCRATCH/ended.out" 2>&1 &
    link=$!
    started_pids+=("$link")
    eventually measuring "$link"
    case $2 in
        link) kill "$link" ;;
        holder) kill -KILL "$(children_of "$link" | grep -vx "$child" | head -n 1)" ;;
    esac
    status_of_end "$link"
    is "$status" "$3" "$1 ends"
    ok 'and so does whoever measures it' eventually gone "$child"
}
ended_early 'a link that is ended while it is measured' link 143
ended_early 'one that loses a side meanwhile' holder 1
like "$(cat "$SCRATCH/ended.out")" '"message":"a side of the link is gone' 'and says why'

eventually grep -q '"ready"' "$SCRATCH/stopped.out"
like "$(cat "$SCRATCH/stopped.out")" '"off":true,"sentence":"the link cannot be measured: nothing was heard for 19 s' 'one that hears nothing gets ready without'
ok 'and ends whoever is silent' gone "$sleeper"
kill "$keeper"
status_of_end "$stopped"
is "$status" 0 'it ends like any other'

done_testing
