#!/usr/bin/env bash
# `pushpull diagram` and `run --trace`: one user of a simulated trial, as a picture and as a story; and that the two agree.
# Live ones: live_diagram.t.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/pictures.sh"

write_scenario 'Few & <far>' 'link.rtt_ms = 80, 10'

# --- the picture ------------------------------------------------------------------------------------

draw
is $status 0 'a scenario can be drawn'
is "$(cat "$SCRATCH/err")" '' 'nothing is said'
ok 'it is well-formed' xmllint --noout "$SCRATCH/picture"
is "$(count panel)" 6 'every strategy has a panel'
is "$(count age)" 6 'and its age'
like "$(text_of)" 'Few &amp; &lt;far&gt;' 'the title is the scenario'"'"'s'
like "$(text_of)" 'User 1 of 2: .*link\.rtt_ms=80.* seed 1; 0.+s is when publishing begins' 'the first cell is drawn, and said'
like "$(text_of)" '^interval_ms=500$' 'with what is one strategy'"'"'s own'
cp "$SCRATCH/picture" "$SCRATCH/first"
draw --output "$SCRATCH/again"
is "$status $(cat "$SCRATCH/picture")" '0 ' 'into a file nothing is printed'
ok 'the same command draws the same, to the last byte' cmp "$SCRATCH/first" "$SCRATCH/again"
is "$(ls -A "$SCRATCH" | grep -c results)" 0 'no results are written'

# Four events per second, from the first at 0 s on: each is a message of SSE's, two of long polling's.
draw --only sse --from 0 --to 1
is "$(count message) $(count label) $(count published)" '4 4 4' 'SSE: an arrow, a label and a mark per event'
like "$(text_of)" '^event 3, [0-9]+ B, to the user: sent 0\.500[0-9]+ s, there 0\.540[0-9]+ s$' 'an arrow goes from the sending to the arrival'
like "$(text_of)" '^4 messages, .* mean latency 40\.[0-9] ms, mean age ' 'the figures stand beside it'
is "$(count waiting) $(count parked)" '0 0' 'nothing waits'
draw --only long_polling --from 0 --to 1
is "$(count message) $(count parked)" '8 4' 'long polling: an answer and a question per event, which is held'
draw --only webhook --from 0.25 --to 1.25
is "$(count message)" 8 'webhook: a POST and its answer per event'
draw --only polling --from 0.4 --to 1.4
is "$(count message)" 4 'polling: two questions and two answers in two intervals'
ok 'events wait for them' [ "$(count waiting)" -ge 2 ]

# --- too much, lost, near ---------------------------------------------------------------------------

draw --only sse --set events_per_second=30 --from 0 --to 1
is "$(count message) $(count label)" '30 0' 'where messages are too many for labels, there are arrows alone'
like "$(text_of)" '^30 messages \(too many to label\)' 'which is said'
like "$(text_of)" '\-\-from and --to show less' 'with the remedy'
unlike "$(cat "$SCRATCH/first")" '\-\-from and --to' 'and only then'
draw --only sse --set events_per_second=30 --set link.loss_percent=10 --from 0 --to 2
like "$(text_of)" '^event [0-9]+, [0-9]+ B, to the user: sent [0-9.]+ s, and lost$' 'segments are lost'
like "$(text_of)" '^again, [0-9]+ B, to the user: sent ' 'what was lost goes out again'
ok 'what is behind waits' [ "$(count behind)" -gt 0 ]
like "$(text_of)" '^a segment is lost$' 'and the marks are explained'
draw --only webhook --set webhook.keep_alive=off --from 0 --to 0.25
like "$(text_of)" '^SYN, to the user: ' 'handshakes are messages too'
draw --only long_polling --set link.rtt_ms=0 --from 0.2499 --to 0.2510
is "$status $(count message)" '0 2' 'one can look at microseconds'

# --- mistakes ---------------------------------------------------------------------------------------

# refused PATTERN DESCRIPTION [OPTION...]: exit status 2, nothing drawn, one sentence.
refused() {
    local pattern=$1 description=$2
    shift 2
    draw "$@"
    is "$status $(wc -l <"$SCRATCH/err") $(wc -c <"$SCRATCH/picture")" '2 1 0' "$description: one sentence, no picture"
    like "$(cat "$SCRATCH/err")" "$pattern" 'which says what is wrong'
}
refused '--from 2 is not before --to 1: both are seconds since publishing began' 'an end before the beginning' --from 2 --to 1
refused '--from 1 is not before --to 1' 'no time at all' --from 1 --to 1
refused '--from 0\.5, when the window opens, is not before --to 0\.1' 'an end before the default' --to 0.1
refused '--from wants a number from 0 to 3600 \(s\), not "soon"' 'no number' --from soon
refused 'carrier_pigeon is no strategy' 'an unknown strategy' --only carrier_pigeon
refused 'the model of polling knows nothing of drop_every=5' 'what there is no model of' --set polling.drop_every=5
refused 'the model of sse knows nothing of cut=100:100' 'a server that is gone' --only sse --set sse.cut=100:100
message=$("$BIN/pushpull" diagram nowhere 2>&1)
like "$? $message" '^2 .*there is no scenario nowhere' 'a scenario that does not exist'
message=$("$BIN/pushpull" diagram 2>&1)
like "$? $message" '^2 .*pushpull diagram SCENARIO' 'no scenario'
draw --output "$SCRATCH/nowhere/picture.svg"
like "$status $(cat "$SCRATCH/err")" '^1 .*cannot write .*/nowhere/picture\.svg' 'a file that cannot be written'
if [ -e /dev/full ]; then
    "$BIN/pushpull" diagram "$SCRATCH/few.ini" >/dev/full 2>"$SCRATCH/err"
    is $? 1 'so does an output that is full'
fi

# --- the story --------------------------------------------------------------------------------------

run() { "$BIN/pushpull" run "$SCRATCH/few.ini" --results "$SCRATCH/results" --charts off "$@" >"$SCRATCH/out" 2>"$SCRATCH/err"; }

run --mode simulated --trace --only long_polling --set measure_seconds=3
ran $? "$SCRATCH/err" 'a simulated run tells its story'
like "$(cat "$SCRATCH/out")" '^Long polling: what happens first to user 1 of 2; 0 s is when publishing begins, the window opens at' 'whose, and since when'
is "$(grep -cE '^ *-?[0-9]+\.[0-9]{6} s  (server|user  )  ' "$SCRATCH/out")" 40 'forty lines'
is "$(grep -n 'Long polling:' "$SCRATCH/out" | wc -l)" 1 'of one cell'
ok 'before the table' [ "$(grep -n ' s  server  ' "$SCRATCH/out" | tail -n 1 | cut -d : -f 1)" -lt "$(grep -n '^\[1/2\]' "$SCRATCH/out" | cut -d : -f 1)" ]
is "$(grep ' s  ' "$SCRATCH/out" | awk '{ print $1 }' | sort -g)" "$(grep ' s  ' "$SCRATCH/out" | awk '{ print $1 }')" 'in the order in which it happens'
for line in 'server  the request is parked: there is nothing new' 'server  event 2 is published' \
    'server  200 goes out: event 2, [0-9]+ bytes' 'user    200 arrives: event 2, 40\.[0-9]+ ms after it was due' \
    'user    GET goes out, [0-9]+ bytes' 'server  GET arrives'; do
    like "$(cat "$SCRATCH/out")" " s  $line$" "it has: $line"
done
draw --only long_polling --from 0 --to 1
is "$(awk '/goes out/ && $1 >= 0 && $1 < 1' "$SCRATCH/out" | wc -l)" "$(count message)" 'the picture of that second has an arrow for each message'
run --mode simulated --trace --only polling,sse --set events_per_second=1 --set measure_seconds=3
is "$(grep -E '^(Polling|SSE): what happens' "$SCRATCH/out" | cut -d : -f 1 | tr '\n' ' ')" 'Polling SSE ' 'each strategy has its own'
like "$(cat "$SCRATCH/out")" 'user    a poll is due$' 'polls are due'
like "$(cat "$SCRATCH/out")" '304 goes out, [0-9]+ bytes$' 'and may find nothing'
run --mode simulated --trace --only sse --set link.loss_percent=20 --set events_per_second=20
like "$(cat "$SCRATCH/out")" 'server  event [0-9]+ goes out, [0-9]+ bytes, and is lost$' 'what is lost is told'
like "$(cat "$SCRATCH/out")" 'what was lost goes out again, ' 'and that it goes out again'
like "$(cat "$SCRATCH/out")" 'can be read at last, .*: one before it had been lost' 'and who waited for it'
for mode in live both; do
    run --mode $mode --trace
    like "$? $(cat "$SCRATCH/err")" '^2 pushpull: --trace tells of a simulated run.*--mode simulated$' "there is none of mode $mode"
    is "$(wc -l <"$SCRATCH/err")" 1 'in one sentence'
done

done_testing
