# Does the link do what it was asked for? Datagrams go through the real relay, from one of its places to the other, and
# another program (tests/tools/datagrams.c) says when each left and came, by the kernel's stamps. What should come of that is
# known by arithmetic. How many were lost or dropped the link says as well: there the two must agree.
#
# LINK_FAULT="--late-ms 3" tries a link that is broken on purpose.
attempts=3

PORT=9

# through_link NAME DIRECTION COUNT GAP_US BYTES [OPTION...]: sends them through a link of these options.
# $work/NAME has a line for each that came (index, sent, came, bytes), $work/NAME.report what the link says.
through_link() {
    local name=$1 direction=$2 count=$3 gap=$4 bytes=$5 from=client to=server address=198.18.0.1 link receiver
    shift 5
    [ "$direction" = up ] || { from=server to=client address=198.18.1.1; }
    start "$name.link" "$BIN/link" --seed 1 "$@" ${LINK_FAULT:-}
    link=$pid
    if ! eventually grep -q '"ready"' "$work/$name.link"; then
        printf 'FAIL  %s\n' "the link does not get ready: $(tail -n 1 "$work/$name.link.err")"
        return 1
    fi
    start "$name" "$BIN/enter" "$(place $to "$work/$name.link")" "$TOOLS/datagrams" receive $address $PORT
    receiver=$pid
    eventually grep -q ready "$work/$name"
    "$BIN/enter" "$(place $from "$work/$name.link")" "$TOOLS/datagrams" send $address $PORT \
        "$count" "$gap" "$bytes"
    await $receiver
    stop $link
    sed -i '/ready/d' "$work/$name"
    grep '"type": *"report"' "$work/$name.link" >"$work/$name.report"
}

# place SIDE FILE: the process that stands there.
place() { sed -n "s/.*\"places\":[^}]*\"$1\": *\([0-9]*\).*/\1/p" "$2" | head -n 1; }
# said NAME FIELD: by the link.
said() { known "$(sed -n "s/.*\"$2\": *\([0-9.]*\).*/\1/p" "$work/$1.report")"; }
came() { wc -l <"$work/$1"; }

# delays NAME: "NANOSECONDS 1", rising.
delays() { awk '{ print $3 - $2, 1 }' "$work/$1" | sort -n; }
delay_ms() { delays "$1" >"$work/delays" && quantile_ms "$2" "$work/delays"; } # NAME QUANTILE
# overtaken NAME: how many came after one that was sent later.
overtaken() { awk '$1 < newest { n++ } $1 > newest { newest = $1 } END { print n + 0 }' "$work/$1"; }
# What came behind the first, until the last: bits per microsecond.
mbit() { known "$(awk 'NR == 1 { from = $3 } NR > 1 { bytes += $4 } END { if (NR > 1) print bytes * 8e3 / ($3 - from) }' "$work/$1")"; }
# bursts NAME: how many gaps there are between the indices that came.
bursts() { known "$(sort -n "$work/$1" | awk 'NR > 1 && $1 > last + 1 { n++ } { last = $1 } END { print n + 0 }')"; }

# by_chance WHAT MEASURED TRUTH DEVIATION UNIT: within 3.3 standard deviations, as 999 of 1,000 are.
by_chance() {
    local most
    most=$(calculate "3.29 * ($4)")
    verdict "$1" "$(round "$2") $5, true $(round "$3") $5, by chance up to $(round "$most") off" \
        "($2) - ($3) <= $most && ($3) - ($2) <= $most"
}

# close WHAT MEASURED TRUTH BOUND: in milliseconds.
close() {
    verdict "$1" "$(round "$2") ms, true $(round "$3") ms, at most $4 ms off" \
        "($2) - ($3) <= $4 && ($3) - ($2) <= $4"
}

check_delay() {
    local direction
    for direction in down up; do
        through_link delay $direction 300 5000 100 --rtt-ms 50 || return
        close "delay $direction: p50" "$(delay_ms delay 0.5)" 25 0.5
        same "delay $direction: frames that came" "$(came delay)" 300
    done
    through_link jitter up 250 12000 100 --rtt-ms 20 --jitter-ms 10 || return
    by_chance 'jitter: p50' "$(delay_ms jitter 0.5)" 15.05 "10 * sqrt(0.5 * 0.5 / 250)" ms
    by_chance 'jitter: p90' "$(delay_ms jitter 0.9)" 19.05 "10 * sqrt(0.9 * 0.1 / 250)" ms
    same 'jitter: frames overtaken' "$(overtaken jitter)" 0
    through_link reorder up 2000 1000 100 --rtt-ms 20 --reorder-percent 10 || return
    by_chance 'reorder: frames overtaken' "$(overtaken reorder)" 200 "sqrt(2000 * 0.1 * 0.9)" frames
}

# A frame of 150 bytes takes 0.75 ms at 1.6 Mbit/s. Of many that come at once those wait that need not wait longer than
# 100 ms: the last of them between 99.25 and 100, then comes its own time on the line, and half the round trip.
check_line() {
    through_link rate down 500 0 1500 --down-mbit 10 --queue-ms 1000 || return
    near 'rate' "$(mbit rate)" 10 2 Mbit/s
    through_link queue up 600 0 150 --rtt-ms 20 --up-mbit 1.6 --queue-ms 100 || return
    close 'queue: longest delay' "$(delay_ms queue 1)" 110.4 1.5
    at_most 'queue: frames that came' "$(came queue)" 300 frames '134, and one more each 0.75 ms that the sending takes'
    same 'queue: dropped, says the link' "$(said queue link_dropped)" "$((600 - $(came queue)))"
}

# In bursts: one begins with 1 % of the frames that are sent in good times, and ends with 30 % of those in bad.
check_loss() {
    through_link loss up 10000 200 100 --loss-percent 3 || return
    by_chance 'loss' "$(calculate "10000 - $(came loss)")" 300 "sqrt(10000 * 0.03 * 0.97)" frames
    same 'loss, says the link' "$(said loss link_lost)" "$((10000 - $(came loss)))"
    through_link burst down 20000 100 100 --burst-loss 0.01:0.3:0:1 || return
    by_chance 'bursts: loss' "$(calculate "20000 - $(came burst)")" "$(calculate '20000 * 0.01 / 0.31')" \
        "sqrt(20000 * 0.01 * 0.3 / 0.31 ^ 2 * 1.69 / 0.31)" frames
    by_chance 'bursts: mean length' "$(calculate "(20000 - $(came burst)) / $(bursts burst)")" \
        "$(calculate '1 / 0.3')" "sqrt(0.7) / 0.3 / sqrt($(bursts burst))" frames
    same 'bursts: loss, says the link' "$(said burst link_lost)" "$((20000 - $(came burst)))"
}

check() {
    "$BIN/link" --check 2>"$work/check" || { printf 'FAIL  %s\n' "$(cat "$work/check")"; return; }
    check_delay
    check_line
    check_loss
}
