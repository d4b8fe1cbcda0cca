#!/usr/bin/env bash
# What the programs say: output that cannot be written is a failure, a hint runs when it is pasted, one
# chart that cannot be drawn costs only itself, and a program that fails says so to its runner.
. "$(dirname "$0")/../lib.sh"
type -P sqlite3 >/dev/null || skip_all "sqlite3 is not installed"

bin="$SCRATCH/the programs"
mkdir "$bin"
for strategy in sse tcp polling; do
    for role in server client; do ln -s "$ROOT/tests/fakes/program" "$bin/${strategy}_$role"; done
done
cd "$SCRATCH" || exit 1
sed 's/^    //' >"a tiny one.ini" <<'END'
    ; --set payload_bytes=999 stands in a comment and is nobody's override
    [scenario]
    title = Tiny
    repeats = 2
    warmup_seconds = 0
    measure_seconds = 0.1
    drain_seconds = 0.1
    [hold]
    subscribers = 2
    [vary]
    strategy = sse, tcp
    payload_bytes = 1, 2
    sse.sse_only = a, b
END
cp "a tiny one.ini" plain.ini
results="$SCRATCH/it's all here"
run() { "$BIN/pushpull" run "$@" --bin "$bin" --charts off >out 2>err; }

# --- hints ------------------------------------------------------------------------------------------

run 'a tiny one.ini' --results "$results" --set title="Bob's \$HOME" --set repeats=1
is "$?" 0 'an experiment with names that a shell would take apart'
"$BIN/pushpull" show --results "$results" >shown
again=$(sed -n 's/^Again  *//p' shown)
one=$(sed -n 's/^one cell  *//p' shown)
trial=$(sed -n 's/^one trial  *\(.*\)  (its .*/\1/p' shown)
# pasted HINT WORD...: what the shell makes of it, with these words behind
pasted() { local words=$1; shift; eval "$words \"\$@\"" 2>&1; }
like "$(pasted "$again" --dry-run)" "^a tiny one: Bob's .HOME$" 'how to run it again can be pasted'
like "$(pasted "$again" --dry-run)" '^6 cells x 1 repeat = 6 trials' 'and is the same experiment'
like "$(pasted "$one" --dry-run)" '^1 cell x 1 repeat = 1 trial of' 'how to run one cell can be pasted'
is "$(grep -o -- '--set repeats=' <<<"$one" | wc -l)" 1 'where a setting is replaced, not given twice'
unlike "$again$one" '999' 'a comment is no override'
like "$(pasted "${trial/ID/1}")" '^trial        1 of experiment 1' 'how to look at a trial can be pasted'
like "$(pasted "$("$BIN/pushpull" show 77 --results "$results" 2>&1 | sed -n 's/.*`\(.*\)`.*/\1/p')")" 'a tiny one' \
    'a hint in a mistake can be pasted'

FAKE=server:slow "$BIN/pushpull" run plain.ini --results "$results" --bin "$bin" --charts off --only sse >out 2>err &
pid=$!
started_pids+=("$pid")
running() { [ "$(sqlite3 -readonly "$results/pushpull.sqlite" "SELECT count(*) FROM trial WHERE status = 'running'")" = 1 ]; }
ok 'a trial is under way' eventually running
kill -TERM "$pid" # a shell lets its background ignore SIGINT
wait "$pid"
is "$?" 130 'it is interrupted'
hint=$(sed -n 's/^  \(.*--resume.*\)/\1/p' err)
pasted "$hint" >out
is "$? $(sqlite3 -readonly "$results/pushpull.sqlite" 'SELECT count(*), count(nullif(status, "done")) FROM trial WHERE experiment_id = 2')" \
    '0 8|0' 'how to resume can be pasted, and resumes'

for place in '--my results' '<touch pwned; x' -x '|touch pwned'; do
    run plain.ini --results="$place" --only sse
    is "$?" 0 "a run into $place"
    again=$("$BIN/pushpull" show --results="$place" | sed -n 's/^Again  *//p')
    like "$(pasted "$again" --dry-run)" '^plain: Tiny' 'can be pasted'
done
for place in :memory: 'file:x?mode=memory' "/$SCRATCH/slashes.sqlite"; do
    run plain.ini --database "$place" --only sse
    is "$?" 0 "a run into the database $place"
    like "$("$BIN/pushpull" list --database "$place")" '^ +1 .* plain +8/8 ' 'where it stays'
done
like "$("$BIN/pushpull" list --results none 2>&1)" "\`$BIN/pushpull run quick --results none\`" 'nor any database'

# --- output that cannot be written --------------------------------------------------------------------

unwritten() { # COMMAND...
    local message status
    message=$("$@" 2>&1 >/dev/full)
    status=$?
    is "$status" 1 "$(basename "$1") ${*:2} >/dev/full: exit status 1"
    like "$message" 'No space left on device' 'and says so'
}
place=(--results "$results")
unwritten "$BIN/pushpull" --help
unwritten "$BIN/pushpull" run --help
unwritten "$BIN/pushpull" list "${place[@]}"
unwritten "$BIN/pushpull" show "${place[@]}"
unwritten "$BIN/pushpull" show --trial 1 "${place[@]}"
unwritten "$BIN/pushpull" export "${place[@]}"
unwritten "$BIN/pushpull" export --format json "${place[@]}"
unwritten "$BIN/pushpull" strategies
unwritten "$BIN/pushpull" doctor --results "$results"
unwritten "$BIN/pushpull" run plain.ini --bin "$bin" --dry-run
for program in sse_server polling_client; do
    unwritten "$BIN/$program" --help
    unwritten "$BIN/$program" --options
done
sum() { cat "$results"/pushpull.sqlite* | cksum; }
before=$(sum)
message=$("$BIN/pushpull" list "${place[@]}" 2>&1 >&-)
is "$?" 1 'stdout is closed: exit status 1'
like "$message" 'Bad file descriptor' 'and says so'
is "$(sum)" "$before" 'and nothing went into the database'

# --- charts -------------------------------------------------------------------------------------------

if type -P gnuplot >/dev/null; then
    mkdir scripts
    cp -r "$ROOT/scripts/charts" scripts/
    name=$(basename "$(ls scripts/charts/[0-9]*bytes.gp | head -n 1)" .gp)
    echo 'this is no gnuplot' >>"scripts/charts/$name.gp"
    echo '# title: without a query' >scripts/charts/11-broken.gp
    sed 's/^ *//' >real.ini <<'END'
        [scenario]
        title = With and without events
        repeats = 1
        warmup_seconds = 0
        measure_seconds = 0.5
        [hold]
        subscribers = 2
        events_per_second = 40
        [vary]
        strategy = sse, tcp
        payload_bytes = 10, 20
END
    "$BIN/pushpull" run real.ini --results real >out 2>err
    ran $? err 'an experiment with charts'
    like "$(cat real/charts/40-bytes.svg)" 'here payload_bytes = 20' 'a picture says where in the experiment it stands'
    unlike "$(cat real/charts/61-bytes-payload.svg)" 'here' 'unless it shows all of it'
    for place in '<touch pwned; x' -x; do
        "$BIN/pushpull" report --database real/pushpull.sqlite --results="$place" >out 2>err
        like "$? $(cat err)" '^0 $' "charts in $place"
    done
    ok 'which is run by nobody' [ ! -e pwned ]
    whole=$(grep -c '<figure>' real/report.html)
    ok 'which has several' [ "$whole" -gt 2 ]
    PUSHPULL_SCRIPTS=$SCRATCH/scripts "$BIN/pushpull" report --results real >out 2>err
    is "$?" 1 'two charts are broken: exit status 1'
    is "$(grep -c '<figure>' real/report.html)" $((whole - 1)) 'the others are in the report'
    like "$(cat err)" "$name" 'it says which one failed'
    "$BIN/pushpull" run real.ini --set events_per_second=0 --results none >out 2>err
    ran $? err 'an experiment without events'
    unlike "$(cat err)" 'chart|gnuplot|undefined' 'no chart fails'
    like "$(cat out)" '0 events in the window|generator_bound' 'and the verdict says what was amiss'
else
    skip 'charts' 'gnuplot is not installed'
fi

# --- to a person --------------------------------------------------------------------------------------
# On a terminal a client prints a table, into a pipe lines of JSON.

# by hand the server as well: it publishes by itself
"$BIN/tcp_server" --port 0 --events-per-second 50 >"$SCRATCH/by_hand" 2>/dev/null </dev/null &
started_pids+=($!)
ok 'a server by hand' eventually test -s "$SCRATCH/by_hand"
port=$(sed -n 's/.*"port": *\([0-9]*\).*/\1/p' "$SCRATCH/by_hand")
by_hand() { "$BIN/tcp_client" --servers "127.0.0.1:$port" --seconds 0.5 "$@"; }
on_terminal() { script -qec "'$BIN/tcp_client' --servers 127.0.0.1:$port --seconds 0.5 $*" /dev/null | tr -d '\r'; }
if type -P script >/dev/null; then
    out=$(on_terminal)
    like "$out" '^subscribers +1, for 0\.5 s$' 'on a terminal: a table'
    like "$out" '^deliveries +[0-9]+, [0-9.]+ per second; duplicates 0, out of order 0$' 'with what came'
    like "$out" '^latency +p50 [0-9.]+ ms, p90 [0-9.]+ ms, p99 [0-9.]+ ms, max [0-9.]+ ms$' 'and when'
    unlike "$out" '[{}]' 'and no JSON'
    like "$(on_terminal --json)" '"type":"report"' '--json: the lines'
else
    skip 'a terminal' 'there is no script(1)'
fi
like "$(by_hand)" '"type":"report"' 'into a pipe: the lines'

# --- to a runner --------------------------------------------------------------------------------------

start_server sse
taken=$port
said=$("$BIN/tcp_server" --supervised --port "$taken" 2>/dev/null </dev/null)
is "$?" 1 'a port in use: exit status 1'
is "$(head -n 1 <<<"$said" | field type)" failed 'the runner is told'
like "$(head -n 1 <<<"$said" | field message)" "cannot listen on 127.0.0.1 port $taken: address already in use" 'and why'
said=$("$BIN/sse_client" --supervised --subscribers 1000000 2>/dev/null </dev/null)
like "$(head -n 1 <<<"$said")" '"type":"failed","role":"client","strategy":"sse","message":".*more open files' \
    "a client's failure too"
said=$("$BIN/tcp_client" --supervised --servers "127.0.0.1:$taken" 2>/dev/null </dev/null)
is "$?" 1 'commands from what is no pipe: exit status 1'
like "$said" '"type":"failed".*"message":"cannot start' 'and not a crash'
said=$("$BIN/tcp_server" --port "$taken" 2>/dev/null </dev/null)
is "$said" '' 'by hand nobody is'
stop_server

start_server tcp --events-per-second 0
now=$(now_ns)
echo "measure $((now + 1000000)) $((now + 2000000))" >"$server_out.in"
ok 'a window without events is told' eventually grep -q '"window"' "$server_out"
window=$(grep '"window"' "$server_out")
is "$(field events <<<"$window") $(($(field last <<<"$window") < $(field first <<<"$window")))" '0 1' \
    'its last event comes before its first'
stop_server

start_server sse
: | "$BIN/sse_client" --supervised --servers "127.0.0.1:$port" >client.out 2>client.err
is "$?" 0 'a client that is stopped before it measures'
is "$(grep '"report"' client.out | field seconds)" 0 'has measured for 0 seconds'
is "$(grep '"report"' client.out | field connect_seconds | grep -c -- -)" 0 'and connected for no negative time'
stop_server
is "$(grep '"report"' "$server_out" | field seconds)" 0 'a server likewise'
done_testing
