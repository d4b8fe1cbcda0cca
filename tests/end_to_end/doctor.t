#!/usr/bin/env bash
# pushpull doctor: a line for each thing that a run depends on, and an exit status. What the kernel's figures
# are taken for is in tests/unit/doctor_test.c; here it is told of programs, limits and places that lack something.
. "$(dirname "$0")/../lib.sh"
cd "$SCRATCH" || exit 1

# A directory with all programs: those of the link are made up, so that each of their answers can be had.
bin=$SCRATCH/programs
mkdir "$bin"
for strategy in $(strategies); do
    for role in server client; do ln -s "$BIN/${strategy}_$role" "$bin/"; done
done
# link_says STATUS [SENTENCE]
link_says() {
    printf '#!/bin/sh\n[ "$1" = --check ] || exit 9\n%s\nexit %s\n' "${2:+echo \"link: $2\" >&2}" "$1" >"$bin/link"
    chmod +x "$bin/link"
}
link_says 0
printf '#!/bin/sh\n' >"$bin/enter"
chmod +x "$bin/enter"

# examine [OPTION...]: sets `told` and `status`
examine() {
    told=$("$BIN/pushpull" doctor --bin "$bin" "$@" 2>err)
    status=$?
    said=$(cat err)
}
# Every line begins with one of the three words, and the status is by them.
well_formed() { # DESCRIPTION
    is "$(grep -cvE '^(ok  |note|bad )  [A-Za-z][^ ]*( [^ ]+)*  +[^ ]' <<<"$told")" 0 "$1: every line has one of the three words, what it is about and a figure"
    is "$(grep -E '^(note|bad)' <<<"$told" | grep -cvE '\. [A-Z].*\.$')" 0 "$1: and what is amiss a sentence that says what to do"
    is "$status" "$(grep -q '^bad' <<<"$told" && echo 1 || echo 0)" "$1: exit status 1 when something is bad, else 0"
    is "$said" '' "$1: and nothing on stderr"
}

# --- a machine on which the tests run ---------------------------------------------------------------

all=$(($(strategies | wc -l) * 2 + 2))
examine
well_formed 'here'
is "$status" 0 'a run is possible here'
like "$told" "^ok    programs +$all of $all in $bin\$" 'all programs are there'
like "$told" '^ok    SQLite +3\.' 'SQLite'
like "$told" '^ok    results +results, [0-9.]+ GB left$' 'a place for the results, that a run would make'
like "$told" '^ok    link +can be made here$' 'a link'
for what in 'files per process' ports "TCP's memory" memory processors load 'other runs' clock timers 'congestion control' gnuplot ip; do
    is "$(grep -cE "^(ok|note) +$what  " <<<"$told")" 1 "a line about $what"
done
is "$(ls)" "$(printf 'err\nprograms')" 'and nothing is left behind'
is "$("$BIN/pushpull" doctor 2>/dev/null | grep -c '^[a-z]*  *programs ')" 1 'without --bin the programs are looked for beside it'

# --- programs ---------------------------------------------------------------------------------------

rm "$bin/enter"
examine
well_formed 'without enter'
like "$told" "^note  programs +$((all - 1)) of $all .* start: enter\. Scenarios with distance" 'a program of the link is for scenarios with distance alone'
rm "$bin/sse_server" "$bin/link"
printf '#!/bin/sh\nexit 127\n' >"$bin/tcp_client.new"
chmod +x "$bin/tcp_client.new"
mv "$bin/tcp_client.new" "$bin/tcp_client"
examine
well_formed 'without a server'
like "$told" '^bad   programs .* sse_server tcp_client link enter\. Scenarios that take them.*`make`' 'a server that is missing and a client that does not start are bad, and named'
like "$told" "^note  link +not tried\. .*there is no program $bin/link" 'a link that cannot be tried is told'
mkdir none
told=$("$BIN/pushpull" doctor --bin none 2>err)
is $? 1 'a directory without programs: exit status 1'
for strategy in $(strategies); do
    like "$told" "^bad   programs +0 of $all in none; .* ${strategy}_server ${strategy}_client " "it says that $strategy is missing"
done
for strategy in sse tcp; do ln -sf "$BIN/${strategy}_server" "$BIN/${strategy}_client" "$bin/"; done

link_says 1 'this kernel makes no namespaces: sysctl user.max_user_namespaces=100'
examine
well_formed 'without namespaces'
like "$told" '^note  link +cannot be made here\. .*run: this kernel makes no namespaces: sysctl user\.max_user_namespaces=100\.$' 'what the link says is told'
link_says 3
examine
like "$told" '^note  link +cannot be made here\. .*does not say why' 'a link that fails without a word is told'

# --- limits -----------------------------------------------------------------------------------------

limited() { # HARD SOFT
    told=$(ulimit -Sn "$2" && ulimit -Hn "$1" && "$BIN/pushpull" doctor --bin "$bin" 2>err)
    status=$?
    said=$(cat err)
}
limited 4000 512
well_formed '4000 files'
like "$told" '^note  files per process +4000 \(soft limit 512\), for 3900 subscribers per process\. .*more processes' 'a low limit of files is a note'
limited 150 150
well_formed '150 files'
is "$status" 1 'with 150 files: exit status 1'
like "$told" '^bad   files per process +150 .* for 50 subscribers.*ulimit -Hn' 'too few for the smallest scenario is bad'
limited 64 64
like "$told" '^bad   files per process +64 .* for 0 subscribers' 'and so is none at all'

# --- other programs -----------------------------------------------------------------------------------

mkdir empty
told=$(PATH=$SCRATCH/empty "$BIN/pushpull" doctor --bin "$bin" 2>err)
like "$told" '^note  gnuplot +not installed\. .*no charts: install gnuplot' 'without gnuplot there are no charts'
like "$told" '^note  ip +not installed.*iproute2' 'without ip there is no distance'
printf '#!/bin/sh\necho gnuplot 9.9\n' >empty/gnuplot
printf '#!/bin/sh\nexit 1\n' >empty/ip
chmod +x empty/*
told=$(PATH=$SCRATCH/empty "$BIN/pushpull" doctor --bin "$bin" 2>err)
like "$told" '^note  gnuplot +9\.9\. .*terminal svg' 'a gnuplot that draws nothing is told'
like "$told" '^note  ip +not installed, or not' 'an ip that knows no version is another one'

# --- places -------------------------------------------------------------------------------------------

touch file
examine --results file/below
well_formed 'no directory'
like "$told" '^bad   results +file/below.*cannot write into file/below .*directory.*--results' 'results below a file are bad'
is "$status" 1 'exit status 1'
chmod +x file
examine --results file
like "$told" '^bad   results +file,.*cannot write into file ' 'and so is a file'
examine --database file/below.sqlite
like "$told" '^bad   results +results,.*cannot write into file/ .*--database' 'and a database there'
examine --results deep/er/still
like "$told" '^ok    results +deep/er/still' 'directories that a run would make need not be there'
ok 'and are not made' [ ! -e deep ]

cp "$BIN/pushpull" .
chmod 755 "$SCRATCH"
mkdir shut open
touch shut/pushpull.sqlite open/pushpull.sqlite
chmod 755 shut
chmod 777 open
chmod 444 open/pushpull.sqlite
as_nobody() { ./pushpull "$@"; }
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then # to root nothing is read-only
    as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups ./pushpull "$@"; }
else
    chmod 555 shut
fi
for place in shut open; do
    told=$(as_nobody doctor --bin "$BIN" --results $place 2>err)
    status=$?
    said=$(cat err)
    well_formed "as one who may not write into $place"
    is "$status" 1 'exit status 1'
    [ $place = shut ] && wanted='cannot write into shut .*--results' || wanted='into the database open/pushpull.sqlite: .*--database'
    like "$told" "^bad   results .*$wanted" 'which is what is bad'
done
chmod 755 shut

# --- another run --------------------------------------------------------------------------------------

for role in server client; do ln -sf "$ROOT/tests/fakes/program" "$bin/tcp_$role"; done
printf '[scenario]\ntitle = Slow\nrepeats = 1\n[vary]\nstrategy = tcp\n' >slow.ini
FAKE=server:slow "$BIN/pushpull" run slow.ini --bin "$bin" --charts off >/dev/null 2>&1 &
run=$!
started_pids+=("$run")
ok 'a run is under way' eventually grep -q "pushpull-run-$PUSHPULL_MACHINE-$run" /proc/net/unix
examine
like "$told" '^note  other runs +one is going on\. .*wait' 'another run is seen'
kill -TERM "$run"
wait "$run"
examine
like "$told" '^ok    other runs +none$' 'and its end'
done_testing
