#!/usr/bin/env bash
# A machine where something is missing: building takes no gnuplot and no sqlite3, and what it does take is
# named.
. "$(dirname "$0")/../lib.sh"

# world NAME...: a PATH with everything that there is but for these programs
world() {
    local place=$SCRATCH/world.$RANDOM directory program
    mkdir "$place"
    for directory in ${PATH//:/ }; do
        for program in "$directory"/*; do
            [ -x "$program" ] && [[ " $* " != *" ${program##*/} "* ]] && ln -s "$program" "$place/" 2>/dev/null
        done
    done
    echo "$place"
}
check() { (cd "$ROOT" && PATH=$1 scripts/setup --check "${@:2}" 2>&1); }

ok 'everything that building takes is here' check "$PATH" --for compile
bare=$(world gnuplot sqlite3)
ok 'gnuplot is away' [ ! -e "$bare/gnuplot" ]
is "$(check "$bare" --for compile; echo $?)" 0 'without gnuplot and sqlite3 it can be built'
like "$(check "$bare"; echo "exit $?")" '^  gnuplot-nox  +gnuplot: draws the charts$' 'running wants them, and names them'
like "$(check "$bare"; echo "exit $?")" '^exit 1$' 'with exit status 1'

# A pkg-config that knows everything but jansson
cat >"$SCRATCH/pkg-config" <<END
#!/bin/sh
case "\$*" in *jansson*) exit 1 ;; esac
exec $(command -v pkg-config) "\$@"
END
chmod +x "$SCRATCH/pkg-config"
message=$(cd "$ROOT" && PATH=$SCRATCH:$PATH make --no-print-directory libraries 2>&1)
ok 'without a library make fails' [ $? -ne 0 ]
like "$message" '^  libjansson-dev  +jansson: reads and writes JSON$' 'names the one that is missing'
is "$(grep -c '^  lib' <<<"$message")" 1 'and none that is there'
like "$message" 'Run scripts/setup, then make again' 'and says what to do'

# Without gnuplot an experiment runs, and its report says what it lacks.
sed 's/^    //' >"$SCRATCH/short.ini" <<'END'
    [scenario]
    title = Short
    repeats = 1
    warmup_seconds = 0
    measure_seconds = 0.3
    [hold]
    subscribers = 1
    events_per_second = 200
    [vary]
    strategy = sse, tcp
END
message=$(PATH=$bare "$BIN/pushpull" run "$SCRATCH/short.ini" --results "$SCRATCH/results" 2>&1 >/dev/null)
like "$message" 'gnuplot is not installed.*run `.*pushpull report 1 --results' 'without gnuplot the report has no charts, which is told'
ok 'but it is there' [ -s "$SCRATCH/results/report.html" ]
done_testing
