# What expect.t and expect_far.t share: the shipped scenarios run in short, and what they predict is held against
# false figures. To be sourced after lib.sh.

# By scenario: the options that make it short. Several forms are divided by "|", when one would take too many cells:
# what is predicted must be refuted by false figures in one of them, and by true ones in none.
declare -A SHORT=()

# Whether a scenario runs over a link.
far() { grep -Eq '^ *(link\.[a-z_]+|path) *=' "$1"; }

# What else a scenario has to be run with: one that no machine can run says so in its head.
mode() { ! grep -Eq '^; Takes +--mode simulated' "$1" || echo --mode simulated; }

# Of a build with sanitizers memory and CPU time are the sanitizer's: what it measures proves nothing.
sanitized() { grep -q __asan_init "$BIN/pushpull"; }

# left_out FILE: what is predicted of strategies that --only leaves out is no mistake.
left_out() {
    local strategy
    for strategy in sse tcp; do
        grep -Eq "^strategy *=.*\\b$strategy\\b" "$1" || continue
        like "$("$BIN/pushpull" run "$1" $(mode "$1") --only $strategy --dry-run 2>&1; echo "exit $?")" 'exit 0$' \
            "$(basename "$1" .ini) --only $strategy"
    done
}

# run_short FILE: runs all forms, each into $SCRATCH/SCENARIO.N, with what it said in out, err and status beside the
# results.
run_short() {
    local scenario n=0 form place attempt
    scenario=$(basename "$1" .ini)
    while IFS= read -r form; do
        place=$SCRATCH/$scenario.$((++n))
        mkdir -p "$place"
        for attempt in 1 2 3; do # a busy machine can make a time wrong, but not each time
            [ $attempt -eq 1 ] || sleep 5 # what keeps it busy may last for some seconds
            PUSHPULL_MACHINE=$PUSHPULL_MACHINE-$scenario "$BIN/pushpull" run "$scenario" --results "$place" \
                --charts off $(mode "$1") $form --strict >"$place/out" 2>"$place/err"
            echo $? >"$place/status"
            [ "$(cat "$place/status")" -eq 4 ] && ! sanitized || break
        done
    done < <(tr '|' '\n' <<<"${SHORT[$scenario]:-}")
}

# Only figures are falsified, so all are made believable first, and exact; one that this machine does not
# give (the kernel's memory, to nobody but root) is 1.
believe() { # DATABASE METRIC...
    local metric
    sqlite3 "$1" 'DELETE FROM doubt; UPDATE metric SET low = value, high = value'
    for metric in "${@:2}"; do
        sqlite3 "$1" "INSERT OR IGNORE INTO metric SELECT id, '$metric', 'count', 1, 1, 1 FROM trial"
    done
}
falsify() { # DATABASE STRATEGY METRIC VALUE
    sqlite3 "$1" "UPDATE metric SET value = $4, low = $4, high = $4 WHERE name = '$3'
            AND trial_id IN (SELECT id FROM trial WHERE '$2' IN ('', strategy))"
}
outcome() { # DATABASE NAME
    "$BIN/pushpull" show --database "$1" | sed -n "s|^  \([a-z]*\)  *$2\$|\1|p"
}

# named TEXT: the figures in it, "STRATEGY METRIC" or "- METRIC" per line
metrics=" $("$BIN/pushpull" metrics | awk 'NR > 1 { print $1 }' | tr '\n' ' ') "
named() {
    local word
    for word in $(grep -oE '[a-z_][a-z0-9_]*(\.[a-z0-9_]+)?' <<<"$1" | sort -u); do
        [[ $metrics != *" ${word#*.} "* ]] && continue
        if [[ $word == *.* ]]; then echo "${word%%.*} ${word#*.}"; else echo "- $word"; fi
    done
}

# refutable DATABASE NAME TEXT: some false figure refutes it.
refutable() {
    local strategy metric value
    cp "$1" "$SCRATCH/believed.sqlite"
    believe "$SCRATCH/believed.sqlite" $(named "$3" | cut -d ' ' -f 2)
    while read -r strategy metric; do
        for value in -1e12 1e12; do
            cp "$SCRATCH/believed.sqlite" "$SCRATCH/false.sqlite"
            falsify "$SCRATCH/false.sqlite" "${strategy#-}" "$metric" $value
            [ "$(outcome "$SCRATCH/false.sqlite" "$2")" != refuted ] || return 0
        done
    done < <(named "$3")
    return 1
}

# check_short FILE: of what run_short left.
check_short() {
    local scenario place name text refuted
    scenario=$(basename "$1" .ini)
    ok "$scenario predicts something" grep -q '^\[expect\]' "$1"
    is "${SHORT[$scenario]:+known}" known "$scenario has a short form here"
    for place in "$SCRATCH/$scenario".*; do
        if sanitized; then
            like "$(cat "$place/status")" '^[04]$' "$scenario: in short it runs" || diag "$(cat "$place/err")"
        else
            is "$(cat "$place/status")" 0 "$scenario: in short it runs" || diag "$(tail -n 5 "$place/err")"
            is "$(grep -A 4 '^  refuted' "$place/out")" '' "$scenario: nothing that it predicts is refuted"
        fi
    done
    sed -n '/^\[expect\]/,$s/^\([^;=[]*[^;=[ ]\) *= *\(.*\)$/\1\t\2/p' "$1" >"$SCRATCH/lines"
    while IFS=$'\t' read -r name text; do
        refuted=
        for place in "$SCRATCH/$scenario".*; do
            [ -n "$refuted" ] || ! refutable "$place/pushpull.sqlite" "$name" "${text%%;*}" || refuted=yes
        done
        is "$refuted" yes "$scenario: $name is refuted by a false figure"
    done <"$SCRATCH/lines"
}
