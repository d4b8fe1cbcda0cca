#!/usr/bin/env bash
# `pushpull diagram --live`: what happened on this machine, drawn; and that it is what the simulator says of the same
# scenario, where that can say it: which messages, with which events, and but for the digits of a time of how many bytes.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/pictures.sh"
export TMPDIR=$SCRATCH/tmp
mkdir "$TMPDIR"

write_scenario 'Few'

# What goes over the line, in the order of its sending: "event 3, to the user"; and the bytes of each.
sent() { text_of | sed -nE 's/^(.*, to the (user|server)): sent ([0-9.]+) s.*/\3 \1/p' | sort -n | cut -d ' ' -f 2-; }
messages() { sent | sed -E 's/,? [0-9]+ B,/,/'; }
bytes() { sent | sed -nE 's/.* ([0-9]+) B,.*/\1/p'; }
differences() { paste -d ' ' <(printf '%s\n' "$1") <(printf '%s\n' "$2") | awk '{ print $1 - $2 }'; } # FIGURES FIGURES
# How long each of these was on its way, in milliseconds.
ways() { text_of | grep -E "^$1" | sed -nE 's/.*: sent ([0-9.]+) s, there ([0-9.]+) s$/\1 \2/p' | awk '{ printf "%.3f\n", 1000 * ($2 - $1) }'; }
all_within() { [ $# -gt 2 ] && printf '%s\n' "${@:3}" | awk -v least="$1" -v most="$2" '$1 < least || $1 > most { bad = 1 } END { exit bad }'; } # LEAST MOST FIGURE...

# --- near -------------------------------------------------------------------------------------------

mapfile -t all < <(strategies)
sed -i "s/^strategy = .*/strategy = $(IFS=,; echo "${all[*]}")/" "$SCRATCH/few.ini" # also one that has no model
draw --live
is $status 0 'a live run can be drawn'
is "$(count panel) $(count age)" "${#all[@]} ${#all[@]}" 'every strategy has a panel, and its age'
like "$(cat "$SCRATCH/err")" "^pushpull: ${#all[@]} of ${#all[@]}: .* runs\$" 'it says where it is'
is "$(wc -l <"$SCRATCH/err")" ${#all[@]} 'and nothing else'
like "$(text_of)" 'User 1 of 2: .* Live, one after the other, seed 1; 0.+s is when publishing begins' 'it says that it is live'
is "$(ls -A "$TMPDIR"; ls -A "$SCRATCH" | grep results)" '' 'nothing is left behind'

# The third event is due half a second after the first.
for strategy in long_polling sse websocket webhook tcp; do
    draw --only $strategy --from 0.4 --to 1.4
    simulated=$(messages) sizes=$(bytes)
    draw --live --only $strategy --from 0.4 --to 1.4
    is "$(messages)" "$simulated" "$strategy: the messages are those of the simulator"
    ok 'and as long, to the digits of a time' all_within -5 5 $(differences "$(bytes)" "$sizes")
    ok 'and not none' [ "$(messages | wc -l)" -ge 4 ]
    ok 'they arrive after they were sent, and soon' all_within 0 200 $(ways '')
done
draw --live --only long_polling --from 0.4 --to 1.4
ok 'long polling: a request is held' [ "$(count parked)" -ge 4 ]
draw --live --only polling --from 0.4 --to 1.4
is "$(count message) $(messages | grep -c '^GET, to the server$')" '4 2' 'polling: two questions and two answers in two intervals'
ok 'events wait for them' [ "$(count waiting)" -ge 2 ]
draw --live --only webhook --set subscribers=100 --set events_per_second=20 --from 0.5 --to 1
is "$(messages | grep -c '^SYN')" 0 'webhook: the user that is watched keeps its connection beside many others'

# --- what goes wrong --------------------------------------------------------------------------------

draw --live --only sse --from 2 --to 1
is "$status $(wc -l <"$SCRATCH/err") $(wc -c <"$SCRATCH/picture")" '2 1 0' 'times in the wrong order: nothing runs'
draw --live --only sse --set feed_events=0
is "$status $(wc -c <"$SCRATCH/picture")" '2 0' 'a value that is none: no picture'
mkdir "$SCRATCH/broken_bin"
cp -r "$BIN/." "$SCRATCH/broken_bin"
printf '#!/bin/sh\n[ "$1" != --options ] || exec %s/sse_server --options\necho "sse_server: out of order today" >&2\nexit 1\n' "$BIN" >"$SCRATCH/broken_bin/sse_server"
draw --live --only sse --bin "$SCRATCH/broken_bin"
is "$status $(wc -c <"$SCRATCH/picture")" '1 0' 'a program that fails: exit status 1, no picture'
like "$(cat "$SCRATCH/err")" '^pushpull: the trial of SSE failed: .*out of order today' 'with its last words'
is "$(ls -A "$TMPDIR")" '' 'nothing is left behind'

"$BIN/pushpull" diagram "$SCRATCH/few.ini" --live --only sse --from 30 --to 31 >"$SCRATCH/picture" 2>"$SCRATCH/err" &
runner=$!
begun() { [ -n "$(running sse_client)" ]; }
ok 'one that takes long' eventually begun
children=$(children_of $runner)
kill -TERM $runner
status_of_end $runner
is "$status $(wc -c <"$SCRATCH/picture")" '130 0' 'can be interrupted: exit status 130, no picture'
for child in $children; do ok "process $child is gone" eventually gone "$child"; done
is "$(ls -A "$TMPDIR")" '' 'and nothing is left behind'

# --- far --------------------------------------------------------------------------------------------

if ! "$BIN/link" --check 2>/dev/null; then
    skip 'far, and with loss' 'links cannot be made here'
    done_testing
fi
far=(--set link.rtt_ms=80 --from 0.4 --to 1.4)
for strategy in long_polling sse websocket webhook tcp; do
    draw --only $strategy "${far[@]}"
    simulated=$(messages) sizes=$(bytes)
    draw --live --only $strategy "${far[@]}"
    is "$(messages)" "$simulated" "$strategy, far: the messages are those of the simulator"
    ok 'and as long, to the digits of a time' all_within -5 5 $(differences "$(bytes)" "$sizes")
    ok 'each is on its way for half a round trip' all_within 39.9 100 $(ways '')
done
draw --live --only webhook "${far[@]}" --set webhook.keep_alive=off
like "$(messages)" '^SYN, to the user$' 'handshakes are messages'
like "$(messages)" '^SYN, ACK, to the server$' 'of both sides'
like "$(messages)" '^FIN, ' 'and so are ends'
draw --live --only sse --set events_per_second=50 --set link.rtt_ms=40 --set link.loss_percent=10 --from 0 --to 4
like "$(text_of)" '^event [0-9]+, [0-9]+ B, to the user: sent [0-9.]+ s, and lost$' 'segments are lost'
like "$(text_of)" '^again, [0-9]+ B, to the user: sent ' 'what was lost goes out again'
ok 'what is behind waits' [ "$(count behind)" -gt 0 ]
sum() { sed -nE 's/.* ([0-9]+) B,.*/\1/p' | awk '{ sum += $1 } END { print sum + 0 }'; }
lost=$(text_of | grep -E '^event .* and lost$' | sum) again=$(text_of | grep -E '^again.*, there ' | sum)
ok "what was lost came at last ($lost bytes lost, $again came again)" [ "$again" -ge "$((lost / 2))" ]
draw --live --only polling --set polling.interval_ms=100 --set link.rtt_ms=400 --set link.loss_percent=20 --from 0 --to 6
like "$(text_of)" '^a poll is left out: another one waits already' 'polls that are left out are marked'

done_testing
