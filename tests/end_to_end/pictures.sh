# Helpers of the tests that draw a scenario as diagrams.

type -P xmllint >/dev/null || skip_all "xmllint is not installed"

# write_scenario TITLE [LINE...]: four events a second for two users, in all ways; the lines go before what is varied.
write_scenario() {
    printf '%s\n' '[scenario]' "title = $1" 'repeats = 1' 'warmup_seconds = 0.2' 'measure_seconds = 1' \
        '[hold]' 'subscribers = 2' 'events_per_second = 4' 'polling.interval_ms = 500' \
        '[vary]' "${@:2}" 'strategy = polling, long_polling, sse, websocket, webhook, tcp' >"$SCRATCH/few.ini"
}

# draw [OPTION...]: sets `status`; the picture is in $SCRATCH/picture, what was said in $SCRATCH/err.
draw() {
    timeout 120 "$BIN/pushpull" diagram "$SCRATCH/few.ini" "$@" >"$SCRATCH/picture" 2>"$SCRATCH/err"
    status=$?
}
# How many elements of this class the picture has.
count() { xmllint --xpath "count(//*[@class='$1'])" "$SCRATCH/picture"; }
text_of() { xmllint --xpath "//*[local-name()='text' or local-name()='title']/text()" "$SCRATCH/picture"; }
