#!/usr/bin/env bash
# One table of metrics: the handbook says what the program says and shows what it draws, and whoever names a metric
# names one that exists.
. "$(dirname "$0")/lib.sh"
type -P sqlite3 >/dev/null || skip_all "sqlite3 is not installed"

# --- the handbook ------------------------------------------------------------------------------------

page=$ROOT/docs/metrics.md
is "$("$ROOT/scripts/handbook" --print)" "$(cat "$page")" \
    'docs/metrics.md has the tables of the program (make handbook writes them)'
"$BIN/pushpull" metrics | tail -n +2 >"$SCRATCH/metrics"
is "$(awk '{ print $3 }' "$SCRATCH/metrics" | sort -u)" \
    "$(sed -n 's/^<!-- metrics: \([a-z_]*\) -->$/\1/p' "$page" | sort)" 'and every group of them'
for group in $(awk '{ print $3 }' "$SCRATCH/metrics" | sort -u); do
    like "$("$BIN/pushpull" metrics --help)" "[ ,]$group[ ,;]" "--help lists the group $group"
done
is "$(awk '{ print $1 }' "$SCRATCH/metrics" | sort | uniq -d)" '' 'no name stands for two metrics'
message=$("$BIN/pushpull" metrics --group beauty 2>&1)
is $? 2 'there is no group of another name'
like "$message" '^pushpull metrics: --group .*beauty' 'which is said'

# --- its pictures ------------------------------------------------------------------------------------

mkdir "$SCRATCH/pictures"
ok 'the diagrams of the handbook can be drawn' "$ROOT/scripts/handbook" --pictures "$SCRATCH/pictures"
is "$(cd "$ROOT/docs/images" && echo diagram*.svg)" "$(cd "$SCRATCH/pictures" && echo *.svg)" 'the handbook has these'
for picture in "$SCRATCH"/pictures/*.svg; do
    ok "docs/images/${picture##*/} is what the program draws (make handbook draws it)" \
        cmp "$ROOT/docs/images/${picture##*/}" "$picture"
done
for picture in "$ROOT"/docs/images/diagram*.svg; do
    like "$(cat "$ROOT"/docs/*.md)" "^!\[.*\]\(images/${picture##*/}\)$" "a page shows ${picture##*/}"
done

# --- verdicts ------------------------------------------------------------------------------------------

words() { grep -oE "'[a-z_]+'" | tr -d "'" | sort; }
is "$(sed -n '/^## Verdicts/,/^## /s/^| `\([a-z_]*\)` |.*/\1/p' "$page" | sort)" \
    "$(tr -d '\n' <"$ROOT/runner/store/schema.sql" | grep -oE "verdict IN \([^)]*\)" | words)" \
    'the handbook has the verdicts of the database'
is "$( (echo valid; sed -n 's/^    {"\([a-z_]*\)", [a-z_]*, .*},$/\1/p' "$ROOT/runner/figures/verdict.c") | sort -u)" \
    "$(sed -n '/^## Verdicts/,/^## /s/^| `\([a-z_]*\)` |.*/\1/p' "$page" | sort)" 'and those of the rules'

# --- those who name one -------------------------------------------------------------------------------

awk '{ print $1 }' "$SCRATCH/metrics" | sort >"$SCRATCH/names"
# named FILE: the metrics that a chart asks for
named() { grep -oE "(metric|name) *(WHEN|=|IN|:) *\(?'?[a-z0-9_]+|'[a-z0-9_]+_(us|delivery)'" "$1" | grep -oE '[a-z0-9_]+$|[a-z0-9_]+_(us|delivery)' | sort -u; }
for chart in "$ROOT"/scripts/charts/[0-9]*.gp; do
    ok "$(basename "$chart") names a metric" [ -n "$(named "$chart")" ]
    is "$(named "$chart" | comm -23 - "$SCRATCH/names")" '' "$(basename "$chart") names metrics that exist"
done
mkdir "$SCRATCH/charts"
printf '# title: A\n# read: B\n# metric: beauty\n' >"$SCRATCH/charts/10-beauty.gp"
# (an experiment is needed to draw)
printf '[scenario]\ntitle = T\nwarmup_seconds = 0\nmeasure_seconds = 0.2\nrepeats = 1\n[hold]\nsubscribers = 2\n[vary]\nstrategy = tcp\n' \
    >"$SCRATCH/one.ini"
"$BIN/pushpull" run "$SCRATCH/one.ini" --results "$SCRATCH/results" --charts off >/dev/null 2>&1
message=$(PUSHPULL_SCRIPTS=$SCRATCH "$BIN/pushpull" report --results "$SCRATCH/results" 2>&1)
is $? 1 'a chart of a metric that does not exist is an error'
like "$message" '10-beauty.gp shows the metric beauty, which does not exist' 'which names both'

# --- what lies in the database ------------------------------------------------------------------------

database=$SCRATCH/results/pushpull.sqlite
is "$(sqlite3 "$database" 'SELECT name FROM metric_kind ORDER BY rank')" "$(awk '{ print $1 }' "$SCRATCH/metrics")" \
    'the database has the table too, in its order'
is "$(sqlite3 "$database" 'SELECT DISTINCT m.name FROM metric m LEFT JOIN metric_kind k USING (name)
    WHERE k.name IS NULL OR k.unit <> m.unit')" '' 'and a trial has the metrics and units of it'
sqlite3 "$database" "UPDATE metric_kind SET what = 'something' WHERE name = 'lost'; DELETE FROM metric_kind WHERE name = 'events'"
"$BIN/pushpull" run "$SCRATCH/one.ini" --results "$SCRATCH/results" --charts off >/dev/null 2>&1
is "$(sqlite3 "$database" "SELECT count(*), sum(what = 'something') FROM metric_kind")" "$(wc -l <"$SCRATCH/metrics")|0" \
    'which is put right by whoever writes next'

done_testing
