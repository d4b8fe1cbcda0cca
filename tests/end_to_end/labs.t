#!/usr/bin/env bash
# Each shipped lab: with the run that it brings along the right answers get the full score, and typical wrong ones lose
# exactly the points that they should. In virtual time each question can be graded, too.
#
# tests/labs/NN-name.ini has the answers of a student who has understood it, read off the recorded run;
# tests/labs/NN-name.wrong a line per mistake: QUESTION | ANSWER | POINTS that it costs | what the student thought.
. "$(dirname "$0")/../lib.sh"
type -P sqlite3 >/dev/null || skip_all "sqlite3 is not installed"
cd "$ROOT" || exit 1
mkdir "$SCRATCH/no-gnuplot" # the tables are what is graded: charts take time, and lab.t has looked at one
for program in env sqlite3 git sed; do ln -s "$(type -P $program)" "$SCRATCH/no-gnuplot/$program"; done

lab() { PATH=$SCRATCH/no-gnuplot "$BIN/pushpull" lab "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null; }
score() { sed -n 's/^Score: //p' "$SCRATCH/out"; }
failed() { grep -E '^FAIL|cannot be graded|left over|no value' "$SCRATCH/out" | head -n 5; }

for directory in labs/[0-9]*/; do
    name=$(basename "$directory")
    [ -f "$directory/lab.ini" ] || continue
    number=$((10#${name%%-*})) answers=tests/labs/$name.ini results=$SCRATCH/recorded
    for file in README.md instructor.md scenario.ini; do ok "$name has $file" [ -s "$directory/$file" ]; done
    unlike "$(cat "$directory/instructor.md")" '^RANGES' 'what comes out is told'
    ok "$name brings a run along, of at most 300 KB" [ "$(stat -c %s "$directory/recorded.sqlite" 2>/dev/null || echo 999999)" -le 300000 ]
    ok "$name: its handout has two pages at most" [ "$(wc -w <"$directory/README.md")" -le 900 ]
    ok "$name: a figure that is asked for can be predicted" grep -q '^figure' "$directory/lab.ini"
    is "$(awk '/^points *=/ { sum += $3 } END { print sum }' "$directory/lab.ini")" 8 "$name: eight points"
    ok "$name has a scenario that reveals nothing" bash -c "! grep -qE '^\[expect\]' '$directory/scenario.ini'"
    like "$(cat labs/README.md)" "\($name/README.md\)" "$name is in the list"

    lab $number predict --answers "$answers" --results "$results"
    lab $number run --recorded --results "$results"
    ran $? "$SCRATCH/err" "$name: the recorded run is taken over"
    like "$(cat "$SCRATCH/err")" 'gnuplot is not installed, so the report has no charts' 'without gnuplot, which is told'
    form=$results/labs/$name/answers.ini
    lab $number explain --answers "$answers" --results "$results"
    lab $number grade --results "$results"
    is "$? $(score) $(failed)" '0 10/10 ' "$name: who has understood it gets ten points"
    cp "$form" "$SCRATCH/right.ini"
    wrong=0
    while IFS='|' read -r question answer points thought; do
        question=$(xargs <<<"$question") points=$(xargs <<<"$points")
        [ -n "$question" ] || continue
        sed "s/^$question =.*/$question = $(xargs <<<"$answer")/" "$SCRATCH/right.ini" >"$form"
        lab $number grade --results "$results"
        is "$(score) $(grep -c '^FAIL' "$SCRATCH/out") $(grep -c "^FAIL  0/$points  $question " "$SCRATCH/out")" "$((10 - points))/10 1 1" \
            "$name: $question =$answer costs $points:$thought"
        wrong=$((wrong + 1))
    done <"tests/labs/$name.wrong"
    ok "$name: three wrong answers at least ($wrong)" [ $wrong -ge 3 ]

    if grep -qE '^models *= *off' "$directory/lab.ini"; then
        skip "$name in virtual time" 'it cannot be simulated'
        continue
    fi
    results=$SCRATCH/simulated
    lab $number predict --answers "$answers" --results "$results"
    lab $number run --mode simulated --results "$results"
    ran $? "$SCRATCH/err" "$name runs in virtual time"
    lab $number explain --answers "$answers" --results "$results"
    lab $number grade --results "$results"
    unlike "$(tr -s '\n ' ' ' <"$SCRATCH/out")" 'cannot be graded' "$name: each question can be graded by it"
    like "$(cat "$SCRATCH/out")" '^OK    1/1  experiment +simulated' 'which is told'
done

done_testing
