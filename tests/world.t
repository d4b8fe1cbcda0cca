#!/usr/bin/env bash
# The user's settings do not reach a script or a test: the same figures in a hostile world as in a clean
# one, and a figure that is not there is called missing.
. "$(dirname "$0")/lib.sh"

# --- two worlds ---------------------------------------------------------------------------------------

home=$SCRATCH/home
mkdir -p "$home/bin" "$home/.config" "$SCRATCH/locale" "$SCRATCH/clean"
echo 'proxy = http://127.0.0.1:9' | tee "$home/.curlrc" >"$home/.config/curlrc"
printf '.mode box\n.nullvalue 0\n' >"$home/.sqliterc"
echo 'this is no command of gnuplot' >"$home/.gnuplot"
# sqlite3 asks the password file where home is. This one asks HOME.
cat >"$home/bin/sqlite3" <<END
#!/bin/sh
[ "\$1" = -init ] || set -- -init "\$HOME/.sqliterc" "\$@"
exec $(type -P sqlite3) "\$@"
END
chmod +x "$home/bin/sqlite3"

decimal_comma() { [ "$(LOCPATH=$SCRATCH/locale LC_ALL=de_DE.UTF-8 bash -c 'printf %.1f 0,5' 2>/dev/null)" = 0,5 ]; }
localedef -i de_DE -f UTF-8 "$SCRATCH/locale/de_DE.UTF-8" >"$SCRATCH/localedef" 2>&1 || true

clean() {
    env -i PATH="$PATH" HOME="$SCRATCH/clean" BUILD="$BUILD" BIN="$BIN" LSAN_OPTIONS="${LSAN_OPTIONS:-}" "$@"
}
proxy=http://127.0.0.1:9
hostile() {
    clean PATH="$home/bin:$PATH" HOME="$home" XDG_CONFIG_HOME="$home/.config" LOCPATH="$SCRATCH/locale" \
        LC_ALL=de_DE.UTF-8 LC_NUMERIC=de_DE.UTF-8 LANG=de_DE.UTF-8 TZ=Asia/Kathmandu \
        http_proxy=$proxy HTTP_PROXY=$proxy https_proxy=$proxy ALL_PROXY=$proxy no_proxy=elsewhere \
        GREP_OPTIONS=--invert-match CDPATH=.:/ POSIXLY_CORRECT=1 GNUTERM=qt FIT_LOG=/nonexistent/ GIT_DIR=/nonexistent \
        PUSHPULL_SCRIPTS=/nonexistent NODE_OPTIONS=--throw-deprecation "$@"
}

# --- is it hostile? -----------------------------------------------------------------------------------

start_server sse --events-per-second 0
url=http://127.0.0.1:$port/
ok 'curl works in a clean world' clean curl -sSf --max-time $PATIENCE "$url"
hostile curl -sSf --max-time $PATIENCE "$url" >/dev/null 2>&1
is "$?" 7 'and not in the hostile one'
like "$(hostile sqlite3 :memory: 'SELECT 1')" '─' 'there sqlite3 draws boxes'
like "$(hostile gnuplot -e 'print 1' 2>&1)" 'invalid command|unknown or ambiguous terminal' 'and gnuplot complains'
if decimal_comma; then
    is "$(hostile bash -c 'printf %.1f 0.5' 2>/dev/null)" '0,0' 'and half is written with a comma'
else
    skip 'a decimal comma' 'there is no locale that has one, and none can be made'
fi

# --- the helpers --------------------------------------------------------------------------------------

# What the self-test's helpers make of known figures.
cat >"$SCRATCH/helpers.sh" <<END
. "$ROOT/tests/self_test/lib.sh"
work=$SCRATCH/work
url=$url
END
cat >>"$SCRATCH/helpers.sh" <<'END'
near 'half' 0.5 0.505 1 ms
near 'half, far off' 0.5 0.6 1 ms
at_most 'a thousandth' 0.001 0.0011 ms
same 'words' one one
echo "a third is $(calculate '1 / 3'), a half $(round 0.5), many $(round 12345.678)"
echo "latency $(metric_ms sse latency_us) ms, reported $(report sse client a.b)"
printf '1500000 1\n2500000 1\n' >"$work/lines"
echo "quantile $(quantile_ms 0.5 "$work/lines"), mean $(mean_ms "$work/lines")"
printf '10.5\n9.25\n' >"$work/numbers"
echo "least $(least "$work/numbers"), median $(median "$work/numbers")"
printf '%.2f %s\n' 0.25 "$(date -d @0 +%H)"
printf '%s\n' b A a B | sort | tr '\n' ' '
printf 'x\ny\n' | grep x
curl -sSf --max-time 20 -o /dev/null -w 'curl %{http_code}\n' "$url"
timeout 20 curl -sSf -o /dev/null -w 'curl %{http_code}\n' "$url"
gnuplot -e 'print 0.5' 2>&1
node -p '0.5' 2>&1
git -C "$ROOT" rev-parse --is-inside-work-tree 2>/dev/null || echo no git
echo "proxies $(env | grep -ci proxy), outside $(outside env | grep -ci proxy)"
END
mkdir -p "$SCRATCH/work/results"
sqlite3 "$SCRATCH/work/results/pushpull.sqlite" "
    CREATE TABLE experiment (id); INSERT INTO experiment VALUES (1);
    CREATE TABLE trial (id, experiment_id, strategy); INSERT INTO trial VALUES (1, 1, 'sse');
    CREATE TABLE metric (trial_id, name, value);
    INSERT INTO metric VALUES (1, 'latency_us', 1234.5), (1, 'nothing', NULL);
    CREATE TABLE report (trial_id, role, json); INSERT INTO report VALUES (1, 'client', '{\"a\": {\"b\": 7}}');"
clean bash "$SCRATCH/helpers.sh" >"$SCRATCH/clean.out" 2>&1
hostile bash "$SCRATCH/helpers.sh" >"$SCRATCH/hostile.out" 2>&1
is "$(grep -v '^proxies' "$SCRATCH/hostile.out")" "$(grep -v '^proxies' "$SCRATCH/clean.out")" 'the helpers say the same in both'
like "$(cat "$SCRATCH/hostile.out")" '^proxies 0, outside 5$' 'what fetches from the network still gets the proxies'
for line in '^ok +half ' '^FAIL +half, far off ' '^ok +a thousandth ' '^a third is 0\.333, a half 0\.5, many 12346$' \
    '^latency 1\.23[45] ms, reported 7$' '^quantile 1\.500000, mean 2\.000000$' '^least 9\.25, median 9$' \
    '^0\.25 00$' '^A B a b x$' '^curl 200$'; do
    like "$(cat "$SCRATCH/hostile.out")" "$line" "among it: $line"
done
is "$(grep -c '^curl 200$' "$SCRATCH/hostile.out")" 2 'curl also where another program starts it'

# --- what is missing ------------------------------------------------------------------------------------

cat >"$SCRATCH/missing.sh" <<END
. "$ROOT/tests/self_test/lib.sh"
work=$SCRATCH/work
END
cat >>"$SCRATCH/missing.sh" <<'END'
: >"$work/empty"
none=$(metric sse no_such)
near 'no measure' "$none" 1 100000 ms
near 'no truth' 1 "$none" 100000 ms
near 'nothing at all' '' '' 100000 ms
at_most 'no figure' "$none" 5 ms
at_most 'an empty one' '' 5 ms
same 'no words' '' ''
same 'no words either' missing missing
verdict 'no condition' '' ''
for figure in "$none" "$(metric sse nothing)" "$(metric_ms sse no_such)" "$(report sse client a.c)" \
    "$(round '')" "$(calculate '')" "$(calculate "$none - 5")" "$(calculate '1 / 0 +')" "$(quantile_ms 0.5 "$work/empty")" \
    "$(mean_ms "$work/empty")" "$(median "$work/empty")" "$(least "$work/empty")"; do
    echo "figure: $figure"
done
END
bash "$SCRATCH/missing.sh" >"$SCRATCH/missing.out" 2>&1
is "$(grep -c '^FAIL' "$SCRATCH/missing.out") $(grep -c '^ok' "$SCRATCH/missing.out")" '8 0' 'no comparison holds of what is missing'
is "$(grep '^figure' "$SCRATCH/missing.out" | sort | uniq -c | sed 's/^ *//')" '12 figure: missing' 'each figure that is missing says so'
unlike "$(grep -E 'measure|figure' "$SCRATCH/missing.out")" ' 0 ms' 'none of them is 0'

# --- the programs ---------------------------------------------------------------------------------------

# One run with charts; webhook, because its server is an HTTP client, which could heed a proxy.
cat >"$SCRATCH/short.ini" <<'END'
[scenario]
title = Short
repeats = 1
warmup_seconds = 0.2
measure_seconds = 0.5
drain_seconds = 20
[hold]
subscribers = 2
events_per_second = 40
[vary]
strategy = sse, websocket, webhook
END
hostile PUSHPULL_SCRIPTS="$ROOT/scripts" timeout 120 "$BIN/pushpull" run "$SCRATCH/short.ini" --results "$SCRATCH/results" >"$SCRATCH/run.out" 2>"$SCRATCH/run.err"
ran $? "$SCRATCH/run.err" 'an experiment runs in the hostile world'
unlike "$(cat "$SCRATCH/run.err")" 'could not draw|invalid command|ambiguous terminal' 'its charts are drawn'
ok 'there is one' grep -q '<svg' "$SCRATCH/results/report.html"
is "$(sqlite3 "$SCRATCH/results/pushpull.sqlite" "SELECT strategy, value FROM metric JOIN trial ON trial.id = trial_id
    WHERE name = 'lost' ORDER BY 1")" $'sse|0.0\nwebhook|0.0\nwebsocket|0.0' 'and nothing is lost'
is "$(sqlite3 "$SCRATCH/results/pushpull.sqlite" 'SELECT git_revision FROM experiment')" \
    "$(clean git -C "$BIN" describe --always --dirty --exclude='*' --abbrev=12 2>/dev/null || echo unknown)" \
    'the revision is that of the programs, also in a hook of git'

# --- every script has it ----------------------------------------------------------------------------------

for script in "$ROOT"/scripts/* "$ROOT/tests/lib.sh" "$ROOT/tests/self_test/lib.sh" "$ROOT/.ci/run"; do
    [ -f "$script" ] && [ "${script##*/}" != preamble.sh ] || continue
    like "$(cat "$script")" '^\. .*(preamble|/lib)\.sh"$' "${script#"$ROOT"/} begins with the preamble"
    unlike "$(sed -n '/^\. .*\.sh"$/q;p' "$script")" '\bcd ' "and goes nowhere before, where CDPATH could lead it astray"
done
for script in "$ROOT"/scripts/*; do
    [ -f "$script" ] && [ -x "$script" ] || continue
    name=scripts/${script##*/}
    said=$(cd "$ROOT" && hostile "$name" --help 2>&1)
    is "$?" 0 "$name --help: exit status 0, in the hostile world"
    like "$(head -n 1 <<<"$said")" '^[A-Z].*[a-z]' 'and its help'
done

# --- what scripts say when something fails ------------------------------------------------------------------

# A runner that does nothing, or stores twenty trials where FAKE=works.
fakes=$SCRATCH/fakes
mkdir -p "$fakes/bin" "$fakes/tests/tools"
cat >"$fakes/bin/pushpull" <<'END'
#!/bin/bash
[ "$1" = strategies ] && { printf 'sse\ntcp\n'; exit; }
[ "${FAKE:-}" = works ] || { echo 'pushpull: this cannot be run' >&2; exit 2; }
while [ "$1" != --results ]; do shift; done
mkdir -p "$2"
for i in {1..20}; do trials+="INSERT INTO trial VALUES (NULL, (SELECT max(id) FROM experiment), $i);
    INSERT INTO metric VALUES (last_insert_rowid(), 'delivery_latency_p50_us', 5);"; done
sqlite3 "$2/pushpull.sqlite" "CREATE TABLE IF NOT EXISTS experiment (id INTEGER PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS trial (id INTEGER PRIMARY KEY, experiment_id, position);
    CREATE TABLE IF NOT EXISTS metric (trial_id, name, value);
    INSERT INTO experiment VALUES (NULL); $trials"
END
chmod +x "$fakes/bin/pushpull"
ln -s /bin/true "$fakes/tests/tools/truth"
a_a_test() { (cd "$SCRATCH" && BIN=$fakes/bin "$ROOT/scripts/a-a-test" figures 2>&1); }
said=$(FAKE=works a_a_test)
like "$? $said" '^0 ok' 'a-a-test passes on twenty trials'
ok 'which it keeps where it was told, seen from where it was called' test -e "$SCRATCH/figures/pushpull.sqlite"
said=$(a_a_test)
is "$?" 1 'and fails when they cannot be run, though old ones are there'
like "$said" '^a-a-test: the trials could not be run' 'and says so'
said=$(FAKE=works BUILD=$fakes "$ROOT/scripts/self-test" loss 2>&1)
is "$?" 1 'self-test: a check that cannot be made fails'
like "$said" 'no such column' 'and what it said on stderr is shown'
said=$(BUILD=$fakes "$ROOT/scripts/verify-wire" tcp ssse 2>&1)
is "$? $said" '2 verify-wire: ssse is no strategy: expected sse tcp' 'verify-wire: a strategy that is none'
like "$(env -u MAKEFLAGS make -C "$ROOT" --dry-run run-scenario SCENARIO="my file's.ini")" "run 'my file'.''s\.ini'" \
    'make run-scenario: the name of a file may have blanks'

# A process that a test has started and that ended leaves its number to others.
sleep 600 &
foreign=$!
bash -c ". '$ROOT/tests/lib.sh'; started_pids+=($foreign)"
ok 'what is no child of a test is not killed at its end' kill -0 "$foreign"
kill "$foreign"
done_testing
