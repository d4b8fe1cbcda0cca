#!/usr/bin/env bash
# The live page in headless Chromium. By hand, BROWSER_SECONDS=600 watches its memory for ten minutes instead of for some
# seconds.
. "$(dirname "$0")/../lib.sh"

for program in chromium chromedriver node; do
    type -P $program >/dev/null || skip_all "there is no $program (scripts/setup --for browser installs it)"
done

# What this takes of the processor is told, not judged: the machine is shared.
cpu_seconds() { awk -v ticks="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) / ticks }' "/proc/$runner/stat"; }
resident_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$runner/status"; }

"$BIN/pushpull" live --port 0 --bin "$BIN" --results "$SCRATCH/results" --set events_per_second=10 >"$SCRATCH/live" 2>"$SCRATCH/live.err" </dev/null &
runner=$!
started_pids+=("$runner")
eventually grep -q 'The live page is' "$SCRATCH/live" || diag "$(cat "$SCRATCH/live.err")"
port=$(sed -n 's|.*http://127\.0\.0\.1:\([0-9]*\)/.*|\1|p' "$SCRATCH/live")
began=$SECONDS
resident_before=$(resident_kb)
while IFS=$'\t' read -r good what; do
    case $good in
        note) diag "$what" ;;
        *) [ "$good" = ok ]; result $? "$what" ;;
    esac
done < <(node "$ROOT/tests/end_to_end/browser.mjs" "$port" "${BROWSER_SECONDS:-8}" 2>"$SCRATCH/node.err")
ok 'the test came to its end' [ $tap_count -ge 24 ]
[ $tap_count -ge 25 ] || diag "$(cat "$SCRATCH/node.err")"
resident=$(resident_kb)
diag "the runner took $(cpu_seconds) s of a processor in $((SECONDS - began)) s; its memory went from $resident_before to $resident kB"
if grep -q __asan_init "$BIN/pushpull"; then
    skip 'the memory of the runner is bounded' 'a sanitizer keeps what was freed'
else
    ok 'the memory of the runner is bounded' [ "$resident" -le $((resident_before + 20000)) ]
fi
kill -TERM "$runner"
status_of_end "$runner"
is "$status" 0 'it ends well'
done_testing
