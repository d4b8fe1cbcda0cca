#!/bin/bash
# The runner against programs that fail in every way that the protocol allows: each trial ends, says
# why, leaves nothing running, and the next one runs.
. "$(dirname "$0")/../lib.sh"

bin=$SCRATCH/bin
mkdir "$bin"
for strategy in sse tcp polling; do
    for role in server client; do
        ln -s "$ROOT/tests/fakes/program" "$bin/${strategy}_$role"
    done
done
for program in link enter; do ln -s "$ROOT/tests/fakes/program" "$bin/$program"; done
cat >"$SCRATCH/few.ini" <<'INI'
[scenario]
title = a few
repeats = 1
warmup_seconds = 0
measure_seconds = 0.1
drain_seconds = 0.1
[hold]
subscribers = 10
client_processes = 3
[vary]
strategy = sse
INI

# run DIRECTORY [ARGUMENT...]: output in $SCRATCH/DIRECTORY.out, exit status in .status
run() {
    local directory=$SCRATCH/$1
    shift
    "$BIN/pushpull" run "$SCRATCH/few.ini" --bin "$bin" --results "$directory" --charts off "$@" \
        >"$directory.out" 2>"$directory.err"
    echo $? >"$directory.status"
}
query() { sqlite3 -readonly "$SCRATCH/$1/pushpull.sqlite" "$2"; }
type -P sqlite3 >/dev/null || skip_all "sqlite3 is not installed"

# fake_trial HOW: one trial with FAKE=HOW in a directory of its own, in the background.
fake_trial() { FAKE=$1 run "${1/:/-}" & }
hows=(server:crash server:rave client:crash server:refuse client:refuse client:die server:die client:leave
      server:mute client:stuck client:slow server:garble client:lose none:none)
for how in "${hows[@]}"; do fake_trial "$how"; done
links=(link:crash link:die link:stuck link:leave link:off link:none)
for how in "${links[@]}"; do FAKE=$how run "${how/:/-}" --set link.rtt_ms=50 & done

# An interrupted run puts its trial back; another one goes on with it.
FAKE=server:slow run interrupted --set repeats=2 &
interrupted=$!
resumed=$SCRATCH/interrupted
measuring() { grep -qs '^measuring$' "$SCRATCH/$1"/logs/*server*.log; }
eventually measuring interrupted
kill -TERM "$(children_of $interrupted)" # a shell lets its background ignore SIGINT

# When the runner is killed, its programs read the end of their stdin and go.
FAKE=server:slow run killed 2>/dev/null & # bash would tell that it was killed
killed=$!
eventually measuring killed
killed_pid=$(children_of $killed)
children=$(children_of "$killed_pid" | tr '\n' ' ')
kill -KILL "$killed_pid"
is "$(wc -w <<<"$children")" 4 "a trial runs one server and three clients"
none_left() { local child; for child in $children; do gone "$child" || return 1; done; }
ok "they go when the runner is killed" eventually none_left

wait 2>/dev/null

verdict() { query "${1/:/-}" "SELECT status || ' ' || verdict || ': ' || coalesce(reason, '') FROM trial"; }
like "$(verdict server:crash)" '^failed failed: sse_server 0 exited with status 3: "the sky is falling"$' \
    "a server that cannot start: its last words are the reason"
is "$(verdict server:rave)" 'failed failed: sse_server 0 exited with status 3: "café ?]0;title????31m"' \
    "last words that are no text are made harmless"
like "$("$BIN/pushpull" export --format json --results "$SCRATCH/server-rave")" '"reason": "sse_server 0 exited' \
    "and can be exported"
like "$(verdict client:crash)" '^failed failed: sse_client [0-2] exited with status 3: "the sky' \
    "a client that cannot start"
like "$(verdict server:refuse)" '^failed failed: sse_server 0: cannot listen on port 1$' "failed, in its own words"
like "$(verdict client:refuse)" '^failed failed: sse_client [0-2]: cannot listen' "a client's too"
like "$(verdict client:die)" '^failed failed: sse_client [0-2] was killed by signal 11' "killed by a signal"
like "$(verdict server:die)" '^failed failed: sse_server 0 was killed by signal 11' "a server killed by a signal"
like "$(verdict client:leave)" '^failed failed: sse_client [0-2] exited without a report' "no report"
like "$(verdict server:mute)" '^failed failed: sse_server 0 was not ready in time' "never ready"
like "$(verdict client:stuck)" '^failed failed: sse_client 0 did not stop when asked to' "never stops"
like "$(verdict client:slow)" '^done valid: $' "a drain that does not end is cut"
like "$(verdict server:garble)" '^done valid: $' "what is no message is passed over"
like "$(verdict client:lose)" '^done saturated: 250 of 500 deliveries had not come' "lost deliveries: saturated"
like "$(verdict none:none)" '^done valid: $' "no failure"
is "$(cat "$SCRATCH/none-none.status") $(cat "$SCRATCH/server-crash.status")" "0 1" \
    "the run fails when a cell has nothing to believe"
is "$(query none-none "SELECT group_concat(value) FROM (SELECT value FROM metric WHERE name IN
    ('kisses', 'lost', 'expected', 'requests', 'wire_bytes_per_delivery', 'client_memory_bytes_per_connection')
    ORDER BY name)")" "600.0,500.0,8.0,0.0,21.0,8.0" "metrics add up over the processes"
is "$(query none-none "SELECT count(*), sum(json_extract(json, '$.deliveries')) FROM report")" "4|550" \
    "every program's report is kept"
is "$(query none-none "SELECT count(*), min(role || process || name), max(role || process || name) FROM series")" \
    "4|client0cpu_utilisation|server0cpu_utilisation" "and its ticks"
like "$(cat "$SCRATCH"/none-none/logs/*client-2.log)" '--subscribers=3 --first-subscriber=7$' \
    "subscribers are dealt out over the processes"

like "$(verdict link:crash)" '^failed failed: link exited with status 3: "the sky is falling"$' "a link that cannot be made"
is "$(ls "$SCRATCH/link-crash/logs" | grep -c -e server -e client)" 0 "nobody is started then"
like "$(verdict link:die)" '^failed failed: link was killed by signal 11' "one that dies"
like "$(verdict link:stuck)" '^failed failed: link did not stop when asked to' "one that never stops"
like "$(verdict link:leave)" '^failed failed: link exited without a report' "one without a report"
is "$(verdict link:off)" 'done link_off: the link is not what was asked for: it is crooked' \
    "one that is not what was asked for"
is "$(query link-off 'SELECT count(*) FROM figure WHERE believed')" 0 "of which nothing is believed"
is "$(verdict link:none)" 'done valid: ' "one that is"
is "$(query link-none "SELECT group_concat(role || process, ' ') FROM report")" "client0 client1 client2 link0 server0" \
    "its report is kept"
like "$(tr '\n' ' ' <"$(echo "$SCRATCH"/link-none/logs/*server-0.log)")" 'entered 11.*--address=198\.18\.0\.1' \
    "a server starts at its end of the link, and listens there"
like "$(tr '\n' ' ' <"$(echo "$SCRATCH"/link-none/logs/*client-1.log)")" 'entered 12.*--servers=198\.18\.0\.1:1234' "a client at the other"
like "$(cat "$SCRATCH"/link-none/logs/*link-0.log)" '^link --supervised --seed=[0-9]+ --rtt-ms=50$' "the link is told what it is"
like "$(cat "$SCRATCH"/none-none/logs/*server-0.log)" '^sse_server ' "without one nobody enters anything"

is "$(cat "$resumed.status")" 130 "an interrupted run exits with 130"
like "$(cat "$resumed.err")" 'pushpull run .* --set repeats=2 --resume' "it says how to resume"
is "$(query interrupted "SELECT group_concat(status) FROM trial")" "planned,planned" "its trial is put back"
run interrupted --set repeats=2 --resume
is "$(query interrupted "SELECT group_concat(status), count(DISTINCT experiment_id) FROM trial")" "done,done|1" \
    "--resume runs what is left"
is "$(query interrupted "SELECT finished_at IS NOT NULL FROM experiment")" 1 "and ends the experiment"
run interrupted --set repeats=2 --resume
like "$(cat "$resumed.err")" 'nothing to resume' "there is nothing left then"
run killed --resume
is "$(query killed "SELECT group_concat(status) FROM trial")" "done" "a trial that was cut by a kill runs again"

# Mistakes: one sentence, exit 2, nothing stored.
mistake() { # PATTERN ARGUMENT...
    local pattern=$1
    shift
    run mistake "$@"
    like "$(cat "$SCRATCH/mistake.status") $(cat "$SCRATCH/mistake.err")" "^2 pushpull.*$pattern" "mistake: $*"
}
mistake 'payload_bites is no key .* did you mean payload_bytes\?' --set payload_bites=3
mistake 'payload_bytes must be a whole number from 1 to 1000, not "0"' --set payload_bytes=0
mistake 'tcp has no sse_only: write sse.sse_only' --set strategy=sse,tcp --set sse_only=a
mistake 'seed=x: seed must be a whole number' --set seed=x
mistake 'the scenario has no tcp' --only tcp
mistake 'sssse is no strategy: did you mean sse' --only sssse
mistake 'files in each of 1 server process.*server_processes to' --set subscribers=999999
mistake '20 client processes cannot share 10' --set client_processes=20
ok "nothing was stored" [ ! -e "$SCRATCH/mistake" ]
run dry --dry-run --set payload_bytes=1,2 --set strategy=sse,tcp --set sse.sse_only=a,b
is "$(grep -c '^  [a-z]' "$SCRATCH/dry.out")" 6 "--dry-run: a strategy's own key multiplies its cells alone"
ok "and stores nothing" [ ! -e "$SCRATCH/dry" ]

done_testing
