#!/usr/bin/env bash
# What people get wrong: each mistake ends in exit status 2, one sentence that says where and what was
# expected, and nothing stored.
. "$(dirname "$0")/../lib.sh"

results=$SCRATCH/results
cat >"$SCRATCH/good.ini" <<'END'
[scenario]
title = Good
repeats = 1
measure_seconds = 1

[hold]
subscribers = 2
payload_bytes = 100

[vary]
strategy = sse, polling
polling.interval_ms = 100, 200
END

# mistake DESCRIPTION PATTERN SED_SCRIPT [ARGUMENT...]: the good scenario, spoilt
mistake() {
    local description=$1 pattern=$2 script=$3 status message
    shift 3
    sed "$script" "$SCRATCH/good.ini" >"$SCRATCH/bad.ini"
    message=$("$BIN/pushpull" run "$SCRATCH/bad.ini" --results "$results" "$@" 2>&1 >/dev/null)
    status=$?
    is "$status" 2 "$description: exit status 2"
    like "$message" "$pattern" "$description: says where and what"
    is "$(grep -c . <<<"$message")" 1 "$description: in one line"
}

ok 'the scenario is good to begin with' "$BIN/pushpull" run "$SCRATCH/good.ini" --dry-run --results "$results"

mistake 'a misspelt key' 'bad\.ini:7: .*subscibers.*did you mean subscribers' 's/^subscribers/subscibers/'
mistake 'a misspelt setting' 'bad\.ini:3: .*repeat: did you mean repeats' 's/^repeats/repeat/'
mistake 'a misspelt strategy' 'bad\.ini:11: .*pollin .*did you mean polling' 's/sse, polling/sse, pollin/'
mistake 'a misspelt prefix' 'bad\.ini:12: .*poling' 's/^polling\.interval/poling.interval/'
mistake 'a key of another strategy' 'bad\.ini:12: .*interval_ms' 's/^polling\.interval_ms/sse.interval_ms/'
mistake 'a word for a number' 'bad\.ini:8: .*payload_bytes.*whole number.*"many"' 's/= 100$/= many/'
mistake 'a number out of range' 'bad\.ini:8: .*payload_bytes.*1048576' 's/= 100$/= 100000000/'
mistake 'an empty value' 'bad\.ini:7: .*subscribers' 's/^subscribers = 2/subscribers =/'
mistake 'no repeats' 'bad\.ini:3: .*repeats' 's/^repeats = 1/repeats = 0/'
mistake 'an unknown section' 'bad\.ini:[67]: .*\[held\].*hold' 's/^\[hold\]/[held]/'
mistake 'a line that is none' 'bad\.ini:7' 's/^subscribers = 2/subscribers 2/'
mistake 'a key given twice' 'bad\.ini:8: .*subscribers' 's/^payload_bytes = 100/subscribers = 3/'
mistake 'no strategy' 'bad\.ini.*strategy' '/^strategy/d'
mistake 'a mistake in --set' '--set.*subscibers.*did you mean subscribers' '' --set subscibers=3
mistake 'a value in --set' '--set.*payload_bytes' '' --set payload_bytes=-1
mistake 'a setting given twice' 'bad\.ini:4: .*repeats was given before, at .*bad\.ini:3' 's/^measure_seconds = 1/repeats = 2/'
mistake 'one number twice' 'bad\.ini:12: .*interval_ms names 100 twice, once as 0100' 's/= 100, 200/= 100, 0100/'
mistake 'a stall that is none' 'bad\.ini:7: stall must be AT_MS:FOR_MS.*not "1:2:3"' 's/^subscribers = 2/stall = 1:2:3/'
mistake 'a delay that is none' 'bad\.ini:7: delay must be .*not "sometimes"' 's/^subscribers = 2/delay = sometimes/'
mistake 'an address that is none' 'bad\.ini:13: receive_address must be an IPv4 or IPv6 address.*"127.0.0.300"' '$a webhook.receive_address = 127.0.0.300'
mistake 'an origin that is none' 'bad\.ini:13: allow_origin must be an origin, .*not "foo"' '$a allow_origin = foo'
mistake 'a title in Latin-1' 'bad\.ini:2: the line is not UTF-8' 's/^title = Good/title = Caf\xe9/'
mistake 'a title that drives the terminal' 'bad\.ini:2: the line has a control character' 's/^title = Good/title = \x1b[31m/'
mistake 'text behind a NUL' 'bad\.ini:4: .*NUL' 's/^measure_seconds = 1/measure_seconds = 1\x00 subscribers = 9/'
mistake 'a setting twice in --set' '--set repeats=3: repeats was set before, by --set repeats=2' '' --set repeats=2 --set repeats=3
mistake 'one number twice in --set' '--set payload_bytes=10,010: payload_bytes names 10 twice' '' --set payload_bytes=10,010
mistake 'a stall in --set' '--set stall=9: stall must be' '' --set stall=9
mistake 'a control character in --set' 'the text of --set number 1 has a control character' '' --set $'title=\e[2J'
mistake 'a mistake in --only' '--only.*webhok.*webhook' '' --only webhok

# again OPTION...: the good scenario, with a mistake in the options
again() { # PATTERN OPTION...
    local message
    message=$("$BIN/pushpull" run "$SCRATCH/good.ini" --dry-run "${@:2}" 2>&1 >/dev/null)
    like "$? $message" "^2 $1" "${*:2}"
}
again 'pushpull run: --results wants a path, not ""' --results=
again 'pushpull run: --database wants a path, not ""' --database ''
again 'pushpull run: --bin wants a path, not ""' --bin=
again 'pushpull run: --mode wants live, simulated or both, not "virtual"' --mode virtual
again 'pushpull: --mode=both is no run in pairs, ' --mode both --base "$BIN"
again 'pushpull run: --only is given twice: give it once' --only sse --only polling
again 'pushpull run: --resume is given twice' --resume --resume
ok 'blanks in --only and --set mean nothing' "$BIN/pushpull" run "$SCRATCH/good.ini" --dry-run --only 'sse, polling' --set 'subscribers = 3'
sed 's/^/    /' "$SCRATCH/good.ini" >"$SCRATCH/indented.ini"
ok 'nor does indentation' "$BIN/pushpull" run "$SCRATCH/indented.ini" --dry-run
message=$(cd "$ROOT" && "$BIN/pushpull" run quick.ini --dry-run 2>&1)
like "$? $message" '^2 .*there is no file quick.ini here: did you mean the scenario quick' 'a name with the ending of a file'
mkdir "$SCRATCH/programs"
ln -s "$(readlink -f "$BIN")"/*_server "$(readlink -f "$BIN")"/*_client "$SCRATCH/programs"
ok 'the scenarios are beside the runner, wherever the programs are' sh -c 'cd / && exec "$@"' - \
    "$BIN/pushpull" run quick --bin "$SCRATCH/programs" --dry-run

message=$("$BIN/pushpull" run latensy --results "$results" 2>&1 >/dev/null)
is "$?" 2 'a misspelt scenario: exit status 2'
like "$message" 'latensy' 'a misspelt scenario: says which'
message=$("$BIN/pushpull" rum quick 2>&1 >/dev/null)
is "$?" 2 'a misspelt command: exit status 2'
like "$message" 'rum.*run' 'a misspelt command: says what was meant'
for program in "$BIN"/*_server; do
    message=$("$program" --stall 1:2:3 2>&1 >/dev/null </dev/null)
    is "$?" 2 "$(basename "$program") --stall 1:2:3: exit status 2"
    like "$message" '--stall wants AT_MS:FOR_MS.*not "1:2:3"' "$(basename "$program") --stall: says what was expected"
done
for program in "$BIN"/*_server "$BIN"/*_client; do
    message=$("$program" --prot 80 2>&1 >/dev/null </dev/null)
    is "$?" 2 "$(basename "$program") --prot: exit status 2"
    like "$message" '--prot' "$(basename "$program") --prot: says what was wrong"
    ok "$(basename "$program") --help" "$program" --help
done

is "$("$BIN/pushpull" help run)" "$("$BIN/pushpull" run --help)" 'help run is run --help'
help=$("$BIN/pushpull" --help; for command in check compare show; do "$BIN/pushpull" help "$command"; done)
unlike "$help" '\bID\b' 'an experiment is called by one word'
like "$help" '^  pushpull compare EXPERIMENT \[EXPERIMENT\]$' 'by EXPERIMENT'
message=$("$BIN/pushpull" help rum 2>&1)
is "$?" 2 'help of a command that there is not: exit status 2'
like "$message" 'there is no command rum: did you mean run' 'says what was meant'
version=$("$BIN/pushpull" --version)
is "$?" 0 '--version'
like "$version" '^pushpull [0-9a-z-]+ \(libuv [0-9.]+, SQLite [0-9.]+\)$' 'says which it is, and on what it stands'

is "$(ls "$results" 2>/dev/null)" '' 'nothing was stored'
done_testing
