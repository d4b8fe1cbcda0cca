# What scripts/self-test, scripts/verify-wire and the checks beside this file share: running a
# scenario, reading what it left behind, comparing numbers, and saying so.
#
# A check prints a line for each comparison: "ok" or "FAIL", what, and the figures. Numbers are
# compared by awk; a figure that is missing says so, and fails.

set -u
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/preamble.sh"
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
: "${BUILD:=$ROOT/build/release}"
BIN=$BUILD/bin
TOOLS=$BUILD/tests/tools
PATIENCE=10 # seconds until something that should come at once is given up

# --- saying ---------------------------------------------------------------------------------------

# holds CONDITION: an expression of awk, true of figures that are all there.
holds() { all_known "$1" && awk "BEGIN { exit !($1) }" 2>/dev/null; }

# verdict WHAT FIGURES CONDITION
verdict() {
    local word=ok
    holds "$3" || word=FAIL
    printf '%-4s  %-34s %s\n' $word "$1" "$2"
}

# near WHAT MEASURED TRUTH PERCENT UNIT
near() {
    local off=missing
    all_known "$2" "$3" && off=$(round "$(calculate "100 * (($2) - ($3)) / ($3)")")
    verdict "$1" "$(round "$2") $5, true $(round "$3") $5: $off % off, at most $4 %" \
        "($off) <= $4 && ($off) >= -$4"
}

# same WHAT MEASURED TRUTH
same() { verdict "$1" "$(known "$2"), true $(known "$3")" "\"$(known "$2")\" == \"$(known "$3")\""; }

# at_most WHAT VALUE BOUND UNIT [REMARK]
at_most() { verdict "$1" "$(round "$2") $4, at most $3${5:+ ($5)}" "($(known "$2")) <= ($3)"; }

# round FIGURE: for people to read.
round() {
    all_known "$1" || { known; return; }
    awk -v x="$1" 'BEGIN { printf (x < 1000 && x > -1000) ? "%.4g" : "%.0f", x }'
}

# calculate EXPRESSION: a figure; missing when one of those in it is.
calculate() {
    all_known "$*" || { known; return; }
    known "$(awk "BEGIN { printf(\"%.3f\", ($*)) }" 2>/dev/null)"
}

# --- running --------------------------------------------------------------------------------------

# run_scenario NAME [ARGUMENT...]: runs tests/self_test/NAME.ini, with every strategy where it names none.
# The functions below then read it.
run_scenario() {
    local name=$1 file=$ROOT/tests/self_test/$1.ini before
    shift
    before=$(newest_id)
    grep -q '^strategy' "$file" || set -- --set "strategy=$(strategies | paste -sd ,)" "$@"
    "$BIN/pushpull" run "$file" --results "$work/results" --charts off "$@" \
        >>"$work/$name.log" 2>&1
    [ "$(newest_id)" != "$before" ] &&
        [ "$(query "SELECT count(*) FROM trial WHERE status != 'done' AND $newest")" = 0 ] && return
    printf 'FAIL  %s\n' "$name.ini could not be run:"
    tail -n 5 "$work/$name.log" | sed 's/^/          /'
    return 1
}

# wrapped DIRECTORY CLIENT_NICE LOOPS LOOP_NICE: programs for --bin: the server on core 0; the client on
# core 1, beside so many busy loops, at these priorities. The loops are of the client's own session, for the
# scheduler may share a core between sessions first, and end with it.
wrapped() {
    local strategy loop
    mkdir -p "$1"
    loop='while kill -0 $client 2>/dev/null; do i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done; done'
    for strategy in $(strategies); do
        printf '#!/bin/sh\nexec taskset -c 0 "%s" "$@"\n' "$BIN/${strategy}_server" >"$1/${strategy}_server"
        {
            printf '#!/bin/sh\n[ "$1" != --options ] || exec "%s" "$@"\n' "$BIN/${strategy}_client"
            printf 'taskset -cp 1 $$ >/dev/null\nexport client=$$\n'
            printf "for i in $(seq -s ' ' "$3"); do nice -n %d sh -c '%s' </dev/null >/dev/null 2>&1 & done\n" "$4" "$loop"
            printf 'exec nice -n %d "%s" "$@"\n' "$2" "$BIN/${strategy}_client"
        } >"$1/${strategy}_client"
        chmod +x "$1/${strategy}_server" "$1/${strategy}_client"
    done
}

newest='experiment_id = (SELECT max(id) FROM experiment)'
query() { sqlite3 "$work/results/pushpull.sqlite" "$1"; }

newest_id() { known "$(query 'SELECT max(id) FROM experiment' 2>/dev/null)"; }

# metric STRATEGY NAME: of the newest experiment.
metric() {
    known "$(query "SELECT printf('%.17g', value) FROM metric JOIN trial ON trial.id = trial_id
                    WHERE value IS NOT NULL AND $newest AND strategy = '$1' AND name = '$2'")"
}
metric_ms() { calculate "$(metric "$1" "$2") / 1000"; }

# report STRATEGY ROLE PATH: a field of a program's report, by its JSON path.
report() {
    known "$(query "SELECT json_extract(json, '\$.$3') FROM report JOIN trial ON trial.id = trial_id
                    WHERE $newest AND strategy = '$1' AND role = '$2'")"
}

# quantile_ms QUANTILE FILE: of lines "NANOSECONDS COUNT", rising: the smallest value that so many do
# not exceed.
quantile_ms() {
    known "$(awk -v q="$1" '{ value[NR] = $1; total += $2; upto[NR] = total }
        END { if (NR == 0) exit
              rank = int(q * total); if (rank < q * total - 1e-9) rank++; if (rank < 1) rank = 1
              for (i = 1; upto[i] < rank; i++) continue
              printf "%.6f\n", value[i] / 1e6 }' "$2")"
}

# mean_ms FILE: of the first numbers of its lines.
mean_ms() { known "$(awk '{ sum += $1 } END { if (NR > 0) printf "%.6f\n", sum / NR / 1e6 }' "$1")"; }

# least FILE, median FILE: of one number per line. One that is missing is no number.
least() { known "$(grep -v missing "$1" | sort -g | head -n 1)"; }
median() {
    known "$(grep -v missing "$1" | sort -g |
        awk '{ value[NR] = $1 } END { if (NR > 0) printf "%.0f", value[int((NR + 1) / 2)] }')"
}

# --- programs of our own, started and surely stopped ------------------------------------------------

started=()
# start NAME COMMAND...: in the background; its stdout goes to $work/NAME. Sets `pid`.
start() {
    local name=$1
    shift
    "$@" >"$work/$name" 2>"$work/$name.err" </dev/null &
    pid=$!
    started+=("$pid")
}

stop() { # PID...
    kill "$@" 2>/dev/null
    await "$@"
}

# await PID...: until they have ended by themselves.
await() {
    local p left=()
    wait "$@" 2>/dev/null
    for p in ${started[@]+"${started[@]}"}; do [[ " $* " == *" $p "* ]] || left+=("$p"); done
    started=(${left[@]+"${left[@]}"})
}

stop_started() { [ ${#started[@]} -eq 0 ] || stop "${started[@]}"; }

# eventually COMMAND...: repeats it until it succeeds or the patience is at its end.
eventually() {
    local until=$((SECONDS + PATIENCE))
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $until ] || return 1
        sleep 0.02
    done
}
