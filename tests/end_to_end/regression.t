#!/usr/bin/env bash
# The gate, through the runner, with programs that only say what they measured: what is worse is found and nothing
# else, the exit status says so, every form parses, a run that was killed decides the same when it is resumed, and
# another run on the machine is noticed. `check` and `compare` beside it.
. "$(dirname "$0")/../lib.sh"
type -P sqlite3 >/dev/null || skip_all "sqlite3 is not installed"

sed 's/^    //' >"$SCRATCH/few.ini" <<'END'
    [scenario]
    title = Few
    repeats = 2
    warmup_seconds = 0
    measure_seconds = 0.1
    drain_seconds = 0.1
    [hold]
    subscribers = 2
    [vary]
    strategy = sse, tcp
    [expect]
    few bytes = wire_bytes_per_delivery < 30 where subscribers > 0
END

# build NAME [BYTES [HOW]]: programs whose SSE server sends BYTES in each window, a little more or less as the seed
# has it, and behaves HOW (see tests/fakes/program).
build() {
    local directory=$SCRATCH/$1 program
    mkdir "$directory"
    for program in sse_server sse_client tcp_server tcp_client; do
        sed -e "s/^subscribers=1$/&; seed=1/; s/--subscribers=\*) /--seed=*) seed=\${word#*=} ;; &/" \
            -e "s/\\\\\"bytes_down\\\\\":900/\\\\\"bytes_down\\\\\":\$((BYTES + seed % 7))/" "$ROOT/tests/fakes/program" |
            sed "s/BYTES/$([[ $program == sse* ]] && echo "${2:-900}" || echo 900)/" >"$directory/$program"
        [[ $program != sse* || -z ${3:-} ]] || sed -i "s/^how=$/how=$3/; /^\[ \"\${FAKE/d" "$directory/$program"
        chmod +x "$directory/$program"
    done
}
build base
build same
build dearer 950
gate() { # CANDIDATE RESULTS [ARGUMENT...]
    "$BIN/pushpull" run "$SCRATCH/few.ini" --bin "$SCRATCH/$1" --base "$SCRATCH/base" --results "$SCRATCH/$2" \
        --pairs 14 "${@:3}" >"$SCRATCH/out" 2>"$SCRATCH/err"
}
said() { sed -n '/^\(No regression\|Regression\|Inconclusive\)/,/^$/p' "$SCRATCH/out" | tr '\n' ' '; }
query() { sqlite3 -readonly "$SCRATCH/$1/pushpull.sqlite" "$2"; }

# --- nothing is worse ---------------------------------------------------------------------------------

gate same same --format "text,json,junit=$SCRATCH/gate.xml,markdown=$SCRATCH/gate.md,bmf=$SCRATCH/bmf.json,benchmark-action=$SCRATCH/action.json"
is $? 0 'a build against itself: exit status 0'
out=$(cat "$SCRATCH/out")
like "$out" '^No regression: none of [0-9]+ figures is worse' 'which it says first'
is "$(grep -n '^No regression\|^strategy' <<<"$out" | cut -d: -f2 | cut -c1-8 | xargs)" 'No regre strategy' 'before the table'
like "$out" '^SSE +bytes +20\.[0-9]+ B +20\.[0-9]+ B' 'which has both figures'
like "$out" '^TCP \(floor\) .*control' 'and the control'
is "$(query same "SELECT group_concat(DISTINCT strategy || ' ' || variant) FROM (SELECT * FROM trial ORDER BY strategy, variant)")" \
    'sse base,sse candidate,tcp base,tcp control' 'each trial is stored with the variant that ran'
is "$(query same 'SELECT count(*), count(DISTINCT seed), max(batch) FROM trial')" '56|14|1' 'two of a pair share a seed'
is "$(query same "SELECT count(*) FROM pair WHERE base_status = 'done' AND candidate_status = 'done'")" 28 'the view pair has them'
is "$(query same "SELECT sum(repeats) FROM cell")" 28 'and cells are those of the candidate'
like "$("$BIN/pushpull" show --results "$SCRATCH/same")" "run .*few\.ini --base .*/base --pairs 14" 'show says how to run it again'

# --- forms ----------------------------------------------------------------------------------------------

json=$(cat "$SCRATCH/same/regression-1.json")
is "$(sqlite3 :memory: "SELECT json_extract(j, '\$.verdict'), json_extract(j, '\$.exit_status'), json_type(j, '\$.figures')
    FROM (SELECT CAST(readfile('$SCRATCH/same/regression-1.json') AS TEXT) AS j)")" 'no regression|0|array' 'JSON, under its name beside the results'
# valid SCHEMA FILE: by an independent implementation of JSON Schema
valid() { NODE_PATH=/usr/share/nodejs node "$ROOT/tests/schemas/validate.mjs" "$ROOT/tests/schemas/$1.json" "$2"; }
ok 'it is as its schema says' valid regression "$SCRATCH/same/regression-1.json"
ok 'what Bencher takes' valid bmf "$SCRATCH/bmf.json"
ok 'what github-action-benchmark takes' valid benchmark-action "$SCRATCH/action.json"
is "$(sqlite3 :memory: "SELECT json_extract(CAST(readfile('$SCRATCH/bmf.json') AS TEXT), '\$.\"sse/few\".\"wire-bytes-per-delivery\".value') BETWEEN 20 AND 21")" 1 \
    'with the figure of the cell'
like "$(cat "$SCRATCH/action.json")" '"name": "sse bytes"' 'under a short name'
ok 'JUnit is XML' xmllint --noout "$SCRATCH/gate.xml"
is "$(xmllint --xpath 'concat(//testsuite/@tests = count(//testcase), //testsuite/@failures, count(//failure))' "$SCRATCH/gate.xml")" true00 \
    'whose counts are right'
like "$(cat "$SCRATCH/gate.md")" '^\| SSE \| bytes \| 20' 'Markdown has the table'
like "$(cat "$SCRATCH/gate.md")" '^### pushpull: .* No regression' 'and the verdict'
is "$("$BIN/pushpull" compare 1 --results "$SCRATCH/same" | head -n 1)" "$(grep '^No reg' <<<"$out")" 'compare tells the verdict again'
is "$("$BIN/pushpull" compare 1 --results "$SCRATCH/same" >/dev/null; echo $?)" 0 'with its status'

# --- something is ---------------------------------------------------------------------------------------

summary=$SCRATCH/summary.md
GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=$summary gate dearer dearer --format "text,json,junit=$SCRATCH/gate.xml"
is $? 1 '5 % more bytes: exit status 1'
out=$(cat "$SCRATCH/out")
like "$(said)" '^Regression: 1 of [0-9]+ figures is worse\. bytes on the wire per delivery of SSE: 20\.[0-9]+ B -> 21\.[0-9]+ B, \+[45]\.' 'which it says first, with the figures'
is "$(query dearer 'SELECT group_concat(n) FROM (SELECT batch, count(*) AS n FROM pair GROUP BY batch)')" '28,28' 'confirmed by a second batch'
is "$(query dearer 'SELECT count(DISTINCT a.seed) FROM trial a JOIN trial b ON a.seed = b.seed AND a.batch != b.batch')" 0 'of its own schedules'
like "$out" '^::error title=pushpull::bytes on the wire per delivery of SSE is worse: \+' 'in GitHub an annotation'
like "$(cat "$summary")" '\*\*worse\*\*' 'and the summary'
is "$(xmllint --xpath 'concat(//testsuite/@failures, count(//failure), //failure/../@name)' "$SCRATCH/gate.xml")" 11bytes 'in JUnit a failure'
is "$(grep -c '"regression": true' "$SCRATCH/dearer/regression-1.json")" 1 'in its cell and nowhere else'
head -c 1048000 /dev/zero >"$summary"
GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=$summary "$BIN/pushpull" compare --results "$SCRATCH/dearer" 1 >/dev/null 2>"$SCRATCH/err"
is "$(stat -c %s "$summary")" 1048000 'a summary that would be too long for GitHub is left as it is'
like "$(cat "$SCRATCH/err")" 'has no room for' 'which is told'

build loses 900 lose
gate loses loses
is $? 1 'a candidate that loses deliveries: exit status 1'
like "$(said)" '^Regression: .*lost deliveries of SSE: 0 -> [0-9]+' 'which it says'
build crashes 900 crash
gate crashes crashes
is $? 1 'a candidate whose programs crash: exit status 1'
like "$(said)" '^Regression: .*failed trials of SSE: 0 -> [0-9]+' 'which it says'
mv "$SCRATCH/base" "$SCRATCH/good"
mv "$SCRATCH/crashes" "$SCRATCH/base"
gate same broken
is $? 3 'a base whose programs crash: it can not be said, 3'
rm -r "$SCRATCH/base"
mv "$SCRATCH/good" "$SCRATCH/base"

# --- killed, and resumed --------------------------------------------------------------------------------

"$BIN/pushpull" run "$SCRATCH/few.ini" --bin "$SCRATCH/dearer" --base "$SCRATCH/base" --results "$SCRATCH/killed" --pairs 14 >"$SCRATCH/out" 2>&1 &
runner=$!
in_the_second_batch() { [ "$(query killed 'SELECT count(*) FROM pair WHERE batch = 2' 2>/dev/null || echo 0)" -ge 5 ]; }
PATIENCE=120 eventually in_the_second_batch
kill -9 $runner
wait $runner 2>/dev/null
is "$(query killed "SELECT count(*) > 0 FROM trial WHERE status IN ('planned', 'running')")" 1 'killed in its second batch'
gate dearer killed --resume --format text,json
is $? 1 'resumed it comes to the same verdict'
figures() { sed '/"experiment"\|"candidate_revision"\|"base_revision"/d; s/experiment [0-9]*//' "$1"; }
is "$(figures "$SCRATCH/killed/regression-1.json")" "$(figures "$SCRATCH/dearer/regression-1.json")" 'by the same figures'
gate dearer killed --resume
is $? 3 'then there is nothing to resume: no verdict, 3'
gate same killed2 --only sse
like "$(cat "$SCRATCH/out")" 'There was no control' 'without the floor there is no control, which is told'

# --- another run ----------------------------------------------------------------------------------------

"$BIN/pushpull" run "$SCRATCH/few.ini" --bin "$SCRATCH/same" --results "$SCRATCH/other" --charts off --set repeats=1000 >/dev/null 2>&1 &
runner=$!
gate same visited
status=$?
kill -TERM $runner
wait $runner 2>/dev/null
is $status 3 'beside another run: inconclusive, 3'
like "$(said)" '^Inconclusive: beside [0-9]+ of 28 pairs another run measured on this machine' 'which it says'

# --- mistakes -------------------------------------------------------------------------------------------

mistake() { # DESCRIPTION PATTERN ARGUMENT...
    local description=$1 pattern=$2
    shift 2
    message=$("$BIN/pushpull" "$@" --results "$SCRATCH/same" 2>&1 >/dev/null)
    is "$? $(grep -c . <<<"$message")" '2 1' "$description: exit status 2, in one line"
    like "$message" "$pattern" "$description: says what"
}
mistake 'a base that is not there' 'cannot run .*nowhere/sse_server' run "$SCRATCH/few.ini" --bin "$SCRATCH/same" --base "$SCRATCH/nowhere"
mistake 'no such form' '"yaml" is not one of text, markdown, json' run "$SCRATCH/few.ini" --base "$SCRATCH/base" --format yaml
mistake 'too few pairs' '--pairs .*14' run "$SCRATCH/few.ini" --base "$SCRATCH/base" --pairs 2
sed 's/"payload_bytes"/"load_bytes"/' "$SCRATCH/base/sse_server" >"$SCRATCH/sse_server"
mkdir "$SCRATCH/older"
cp "$SCRATCH"/base/* "$SCRATCH/older"
for role in server client; do sed 's/"payload_bytes"/"load_bytes"/' "$SCRATCH/base/sse_$role" >"$SCRATCH/older/sse_$role"; done
mistake 'an option that only one build has' 'the base has no payload_bytes' run "$SCRATCH/few.ini" --bin "$SCRATCH/same" \
    --base "$SCRATCH/older" --set payload_bytes=7
mistake 'a gate on nothing' '\[gate\] speed is no metric' run <(sed '$a [gate]\nspeed = 5 %' "$SCRATCH/few.ini") --bin "$SCRATCH/same"
message=$("$BIN/pushpull" compare 1 --results "$SCRATCH/other" 2>&1 >/dev/null)
is $? 3 'the verdict of what was not run in pairs: 3'
like "$message" 'experiment 1 was not run in pairs' 'says why'

# --- processors -----------------------------------------------------------------------------------------

build placed
for role in server client; do
    sed -i 's|^echo "$name|grep Cpus_allowed_list /proc/self/status >\&2; &|' "$SCRATCH/placed/sse_$role"
done
# places VALUE: the processors of the server and of the client
places() {
    rm -rf "$SCRATCH/places"
    "$BIN/pushpull" run "$SCRATCH/few.ini" --bin "$SCRATCH/placed" --results "$SCRATCH/places" --charts off --only sse \
        --set repeats=1 --set "processors=$1" >/dev/null 2>&1
    sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' "$SCRATCH"/places/logs/*server*.log "$SCRATCH"/places/logs/*client*.log | xargs
}
own=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status)
is "$(places shared)" "$own $own" 'processors = shared: all are everybody'"'"'s'
if [ "$(nproc)" -gt 1 ]; then
    read -r server client < <(places apart)
    unlike "$server" "^$client\$" 'processors = apart: servers and clients have their own'
fi

# --- check ----------------------------------------------------------------------------------------------

check() { "$BIN/pushpull" check "$@" --results "$SCRATCH/checked" >"$SCRATCH/out" 2>"$SCRATCH/err"; }
check "$SCRATCH/few.ini" --bin "$SCRATCH/same"
is $? 0 'check: what was expected held, 0'
check 1
is $? 0 'also of what is stored'
check 1 --expect 'sse.wire_bytes_per_delivery < 5'
is $? 1 'what is expected on the command line is refuted, 1'
like "$(cat "$SCRATCH/out")" '^  refuted    --expect 1$' 'which it says'
check 1 --expect 'sse.no_such_thing < 5'
is $? 2 'what is no figure is a mistake, 2'
like "$(cat "$SCRATCH/err")" '^pushpull: --expect 1: ' 'named by its place'
check 1 --expect 'sse.delivery_latency_p50_us < 5'
is $? 3 'a figure that nobody has: undecided, 3'
check "$SCRATCH/few.ini" --bin "$SCRATCH/same" --expect 'tcp.lost = 0' --expect 'sse.lost = 1'
is $? 1 'of a run as well, and several'
check "$SCRATCH/few.ini" --bin "$SCRATCH/same" --only tcp
is $? 0 'lines of strategies that did not run do not count'
FAKE=server:crash check "$SCRATCH/few.ini" --bin "$SCRATCH/same"
is $? 3 'trials that failed decide nothing, 3'
check 99
is $? 3 'an experiment that is not there: 3'

# --- compare --------------------------------------------------------------------------------------------

out=$("$BIN/pushpull" compare "$SCRATCH/same/pushpull.sqlite#1" "$SCRATCH/dearer/pushpull.sqlite" --all 2>&1)
is $? 0 'compare: two experiments, of two databases'
like "$out" '^SSE +bytes on the wire per delivery +20\.[0-9]+ B +21\.[0-9]+ B' 'has both figures'
like "$out" ' 1\.0[45][0-9]? \([0-9.]+ to [0-9.]+\)' 'and the ratio with its interval'
like "$out" 'worse' 'what is dearer is worse'
like "$out" '^advisory +they were not run in pairs' 'and says that this is advisory'
like "$("$BIN/pushpull" compare 1 2 --results "$SCRATCH/checked")" '^scenario +the same$' 'of one database'
like "$("$BIN/pushpull" compare 1 99 --results "$SCRATCH/checked" 2>&1)" '^pushpull: 99: there is no such experiment in ' 'one that is not there is told'

# --- trend ----------------------------------------------------------------------------------------------

trend=$SCRATCH/trend
for bytes in 900 900 900 900 1000 1000 1000 1000; do
    [ -d "$SCRATCH/b$bytes" ] || build b$bytes $bytes
    "$BIN/pushpull" run "$SCRATCH/few.ini" --bin "$SCRATCH/b$bytes" --results "$trend" --charts off --set repeats=1 >/dev/null 2>&1
done
out=$("$BIN/pushpull" trend wire_bytes_per_delivery --results "$trend" --charts off 2>&1)
is $? 0 'trend: a metric over eight experiments'
like "$out" '^bytes on the wire per delivery of few: 8 experiments' 'says what it shows'
like "$out" '^SSE changed by \+9\.[0-9] % at experiment 5' 'and where it changed'
unlike "$out" '^TCP.* changed' 'what did not change did not'
like "$("$BIN/pushpull" trend wire_bytes_per_delivery --results "$SCRATCH/same" --charts off 2>&1)" \
    '^These are too few to tell a change: it takes 3 on either side\.$' 'few experiments tell nothing'
like "$("$BIN/pushpull" trend speed --results "$trend" 2>&1)" 'speed is no metric' 'no such metric is told'

done_testing
