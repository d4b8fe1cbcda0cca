#!/usr/bin/env bash
# A lab from the first prediction to the grade, as a student does it and as an instructor gets it: what is asked, what
# is refused, what is noticed. What each shipped lab grades: labs.t.
. "$(dirname "$0")/../lib.sh"
type -P sqlite3 >/dev/null || skip_all "sqlite3 is not installed"
cd "$ROOT" || exit 1

results=$SCRATCH/results
folder=$results/labs/01-half-the-interval
lab() { "$BIN/pushpull" lab "$@" --results "$results" >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null; }
out() { cat "$SCRATCH/out"; }
err() { cat "$SCRATCH/err"; }
score() { sed -n 's/^Score: //p' "$SCRATCH/out"; }
sql() { sqlite3 "$folder/pushpull.sqlite" "$1"; }

# What a student answers who has understood it. (The letter is that of ann's order.)
sed 's/^    //' >"$SCRATCH/ann.ini" <<'END'
    [student]
    id = ann
    [predict]
    latency_1000 = 1000
    latency_200  = 20 ms      ; a guess
    age_1000     = 500
    [explain]
    mean_1000 = 500
    age_1000  = 525 ms
    age_more  = 25
    whence    = a
    mean_3000 = 1500
    age_5     = 600
    why_age   = A chat cares for latency; a thermometer ; which says so often ; for age. And
                so on, over more than one line.
END

# --- before anything --------------------------------------------------------------------------------

lab
is $? 0 'lab alone lists the labs'
like "$(out)" '^ 1  Half the interval +next: predict$' 'each with what comes next'
lab 1
like "$(out)" 'pushpull lab 1 predict --results' 'a lab says what comes next, as a command'
unlike "$(out)" 'A poll is late' 'but does not give the idea away'
like "$(out)" '^The handout is .*labs/01-half-the-interval/README.md$' 'and where its handout is'
for wrong in 'lab 9|lab 9 is a project, without questions: .*09-sixth-strategy/README.md' "lab 1 grade $ROOT/docs|has neither pushpull.sqlite nor answers.ini: it is no folder of a lab" 'lab 77|there is no lab 77: .* lists them' 'lab 1 pedict|no step pedict; did you mean predict' \
    'lab 1 grade --recorded|--recorded and --mode are of run' 'lab 1 run --student ann|--student is of predict' \
    'lab 1 predict --answers x.ini|x.ini' 'lab 1 run --mode sometimes|live, simulated' \
    'lab 1 run --recorded --mode simulated|leave out --mode or --recorded' 'lab 1 grade --csv x.csv|--csv goes with --all' \
    "lab 1 grade --all $SCRATCH/nothing|has no hand-in"; do
    ${wrong%%|*}
    ok "${wrong%%|*} is refused" [ $? -ne 0 ]
    like "$(err)" "${wrong#*|}" 'in a sentence'
done
lab 1 run
is $? 1 'no run before the prediction'
like "$(err)" 'first say what you expect: .*pushpull lab 1 predict --results' 'which says so'
lab 1 explain
like "$(err)" 'nothing to explain yet: .*pushpull lab 1 predict .*comes first' 'and nothing to explain'
lab 1 predict
is "$? $(err)" '2 pushpull: nobody is at the terminal to be asked: give --answers FILE' 'nobody to be asked'
ok 'nothing was made of all that' [ ! -e "$results" ]

# --- predict ----------------------------------------------------------------------------------------

predict_with() { sed "$1" "$SCRATCH/ann.ini" >"$SCRATCH/wrong.ini"; lab 1 predict --answers "$SCRATCH/wrong.ini"; }
for wrong in 's/^age_1000 .*500$//|age_1000 is missing in \[predict\]' 's/= 1000$/= soon/|latency_1000 = soon is not a number of ms, like 12.5' \
    's/= 1000$/= 1,000/|has a comma: write 1000' 's/^id.*//|student.s id is missing' 's/^latency_200/latency_20/|:5: lab 1 has no question latency_20: did you mean latency_200' \
    's/^latency_200 /latency_1000/|:5: latency_1000 is answered twice' 's/^id = ann/id = a;b/|has a control character or a semicolon' 's/^\[predict\]/nothing/|:3: not a line of the form'; do
    predict_with "${wrong%%|*}"
    is $? 2 "a file of answers with ${wrong%%|*} is refused"
    like "$(err)" "${wrong#*|}" 'in a sentence'
done
ok 'and nothing kept' [ ! -e "$results" ]
lab 1 predict --answers "$SCRATCH/ann.ini"
is $? 0 'predictions are kept'
like "$(out)" '^Kept at 20..-..-..T..:..:..Z, for ann; its digest is [0-9a-f]{12}\.' 'with the time and a digest'
is "$(sql 'SELECT answers FROM lab_prediction')" '{"latency_1000":1000.0,"latency_200":20.0,"age_1000":500.0}' 'as numbers'
lab 1 predict --answers "$SCRATCH/ann.ini" --student bob
is "$(sql 'SELECT group_concat(student) FROM lab_prediction')" 'ann,bob' 'a second thought is a second row'
lab 1 predict --answers "$SCRATCH/ann.ini"

# --- run --------------------------------------------------------------------------------------------

lab 1 run --mode simulated
is $? 0 'it runs, in virtual time'
like "$(out)" '^Polling +1000 +500 ms' 'with the table of a run'
like "$(out)" 'The report is .*/labs/01-half-the-interval/report.html' 'and a report'
like "$(out)" 'pushpull lab 1 grade --results' 'and says how it goes on'
like "$(out)" '^  latency_200 +20 +100 ms  \(5\.[0-9]* times too little\)$' 'what was predicted stands beside what came out'
like "$(out)" '^  age_1000 +500 +525 ms$' 'and five per cent are no mistake'
unlike "$(out)" 'could not be graded' 'each question can be graded'
is "$(sql "SELECT group_concat(strategy || ' ' || metric || ' ' || round(value), ', ') FROM (SELECT * FROM guess ORDER BY value)")" \
    'polling delivery_latency_mean_us 20000.0, polling age_mean_us 500000.0, polling delivery_latency_mean_us 1000000.0' \
    'what was predicted lies beside it, in the unit of the metric'
if type -P gnuplot >/dev/null; then
    like "$(cat "$folder/report.html")" 'diamonds are what you predicted before the run' 'and stands in the charts'
    like "$(cat "$folder/charts/55-polling-interval.guessed.tsv")" '^polling	1.0	1.0	NaN' 'where it belongs'
else
    skip 'charts' 'gnuplot is not installed'
fi
like "$(cat "$folder/answers.ini")" '^id = ann$' 'a form is left'
like "$(cat "$folder/answers.ini")" '^whence =$' 'with what is to be explained'
unlike "$(cat "$folder/answers.ini")" '500|latency_1000' 'and nothing else'
lab 1 predict --answers "$SCRATCH/ann.ini"
is $? 1 'predictions are frozen then'
like "$(err)" 'a prediction comes before the run: to begin anew, move the folder .* away' 'which says what to do'

# --- explain and grade --------------------------------------------------------------------------------

lab 1 grade
is "$? $(score)" '1 2/10' 'nothing explained yet: two points'
like "$(out)" '^FAIL  0/2  whence +no answer yet$' 'and what is missing'
lab 1 explain --answers "$SCRATCH/ann.ini"
is $? 0 'answers are taken over from a file'
lab 1 grade
is "$? $(score)" '0 10/10' 'all is right'
is "$(grep -c '^OK ' "$SCRATCH/out")" 8 'eight lines are'
like "$(out)" '^The idea: +A poll is late by half its interval' 'and now the idea may be told'
unlike "$(cat "$folder/report.html")" '>In short<' 'which the report has left to the student to find'
like "$(out)" '^TEXT +why_age +A chat cares for latency; a thermometer.*; which says' 'free words are kept as they are'
lab 1 grade "$folder"
is $? 0 'a folder can be named'
lab
like "$(out)" '^ 1  Half the interval +next: done$' 'the list says that it is done'
cp -r "$folder" "$SCRATCH/good"

answer() { sed -i "s/^$1 =.*/$1 = $2/" "$folder/answers.ini"; lab 1 grade; }
again() { rm -r "$folder"; cp -r "$SCRATCH/good" "$folder"; }
answer mean_1000 0.7
is "$(score)" 9/10 'a wrong figure costs its point'
like "$(out | tr -s '\n ' ' ')" 'FAIL 0/1 mean_1000 0.700 ms is not it\. .* Mind the unit' 'and gets a hint'
unlike "$(grep -A3 mean_1000 "$SCRATCH/out")" '500' 'which does not give the answer away'
answer mean_1000 '500 ms ; as the table says'
is "$(score)" 10/10 'a unit and a remark do no harm'
answer mean_1000 505.5
is "$(score)" 9/10 'no more than one per cent off'
answer mean_1000 504
is "$(score)" 10/10 'or within it'
answer mean_1000 'half a second'
like "$(out)" 'mean_1000 +"half a second" is not a number of ms, like 12.5' 'words are no number'
answer mean_1000 500
for letter in b c d; do
    answer whence $letter
    is "$(score)" 8/10 "the choice $letter is wrong, and costs two"
done
answer whence A
is "$(score)" 10/10 'a capital is a letter'
lab 1 explain --answers <(printf '[explain]\nwhence = z\n')
like "$(err)" 'whence = z is not one of the letters' 'what is no answer is told at once'
answer whence e
like "$(out)" 'whence +"e" is not one of the letters' 'there is no such letter'
lab 1 run --mode simulated
like "$(out)" '^You had run it before: from now on answers are graded by this run' 'a second run is told'
sql "INSERT OR IGNORE INTO doubt SELECT id, 'latency', 'disturbed', 'x' FROM trial WHERE strategy = 'polling'"
sql "UPDATE lab_run SET seal = '$(node "$ROOT/tests/seal.mjs" "$folder/pushpull.sqlite" 2)' WHERE experiment_id = 2"
lab 1 grade
like "$(out | tr -s '\n ' ' ')" 'FAIL 0/1 mean_1000 it cannot be graded: delivery_latency_mean_us of polling may not be believed' 'a figure in doubt is no measure'
echo 'nonsense = 3' >>"$folder/answers.ini"
lab 1 grade
is $? 2 'a question that there is not is a mistake'
like "$(err)" 'answers.ini:[0-9]+: lab 1 has no question nonsense' 'in its place'

# --- what is noticed ----------------------------------------------------------------------------------

again
sql "UPDATE lab_prediction SET answers = replace(answers, '1000.0', '500.0')"
lab 1 grade
is "$(score)" 9/10 'an edited prediction costs its point, and no other'
like "$(out)" '^FAIL  0/1  prediction +it was changed after it had been made' 'and is told'

again
sql "INSERT INTO lab_prediction SELECT 9, lab, student, '2999-01-01T00:00:00Z', answers, '' FROM lab_prediction LIMIT 1; UPDATE lab_run SET prediction_id = 9"
digest=$(sql "SELECT lab || char(10) || student || char(10) || made_at || char(10) || answers FROM lab_prediction WHERE id = 9" | sha256sum | cut -d' ' -f1)
sql "UPDATE lab_prediction SET sha256 = '$digest' WHERE id = 9"
lab 1 grade
like "$(out)" '^FAIL  0/1  prediction +it was made after the run had begun' 'a prediction that came later'
sed -i 's/^id = ann/id = bob/' "$folder/answers.ini"
sql 'UPDATE lab_run SET prediction_id = 3'
lab 1 grade
like "$(out)" "^FAIL  0/1  prediction +it is ann's, and answers.ini says bob" "somebody else's"

again
sql "UPDATE metric SET value = 2 * value WHERE name = 'delivery_latency_mean_us'"
lab 1 grade
is "$(score)" 6/10 'a doctored figure costs the point for the run, and all that are read from it'
like "$(out)" '^FAIL  0/1  experiment +it was changed after it had ended: its seal is broken' 'and is told'
like "$(out)" '^OK    2/2  age_5' 'what was not read from it counts'
sql "UPDATE lab_run SET seal = '$(node "$ROOT/tests/seal.mjs" "$folder/pushpull.sqlite" 1)'"
lab 1 grade
is "$(score)" 6/10 'with a new seal no less'
like "$(out)" 'experiment +delivery_latency_mean_us of trial 1 \(polling\) does not' 'for it does not follow from the reports'
again
is "$(sql 'SELECT seal FROM lab_run')" "$(node "$ROOT/tests/seal.mjs" "$folder/pushpull.sqlite" 1)" 'that seal is what the page says a seal is'
for change in "UPDATE report SET json = json_set(json, '\$.deliveries', 1) WHERE role = 'client'" 'DELETE FROM doubt' \
    "UPDATE trial SET parameters = json_set(parameters, '\$.interval_ms', 100)" "UPDATE experiment SET seed = 5"; do
    again
    sql "INSERT OR IGNORE INTO doubt VALUES (1, 'bytes', 'disturbed', 'x')"
    sql "UPDATE lab_run SET seal = '$(node "$ROOT/tests/seal.mjs" "$folder/pushpull.sqlite" 1)'"
    lab 1 grade
    is "$(score)" 10/10 'before the change'
    sql "$change"
    lab 1 grade
    like "$(out)" '^FAIL  0/1  experiment +it was changed' "${change%% SET*} is noticed"
done

again
sql "DROP VIEW summary; CREATE VIEW summary AS SELECT 1 AS experiment_id, strategy, parameters, name AS metric, unit, 1 AS repeats, 1 AS believed,
    1000 * value AS value, NULL AS low, NULL AS high, 'valid' AS verdict FROM trial JOIN metric ON trial_id = id"
lab 1 grade
is "$(score)" 10/10 'a view that lies is not asked'
sql "ALTER TABLE metric RENAME TO true_metric; CREATE VIEW metric AS SELECT trial_id, name, unit, 2 * value AS value, low, high FROM true_metric"
lab 1 grade
like "$(out)" '^FAIL  0/1  experiment +it was changed after it had ended' 'nor one in place of a table'

again
"$BIN/pushpull" run labs/01-half-the-interval/scenario.ini --set subscribers=5 --mode simulated --results "$folder" --charts off >/dev/null 2>&1
sql "UPDATE lab_run SET experiment_id = 2; UPDATE lab_run SET seal = '$(node "$ROOT/tests/seal.mjs" "$folder/pushpull.sqlite" 2)'"
lab 1 grade
like "$(out)" '^FAIL  0/1  experiment +it was run with --set or --only' 'another experiment of the same scenario'
again
"$BIN/pushpull" run quick --mode simulated --results "$folder" --charts off >/dev/null 2>&1
sql "UPDATE lab_run SET experiment_id = 2; UPDATE lab_run SET seal = '$(node "$ROOT/tests/seal.mjs" "$folder/pushpull.sqlite" 2)'"
lab 1 grade
like "$(out)" "^FAIL  0/1  experiment +it is no run of this lab's scenario" 'a foreign experiment'
is "$(score)" 6/10 'and what it costs'
again
rm "$folder/pushpull.sqlite"
lab 1 grade
is "$(score)" 5/10 'no database: neither prediction, nor run, nor figures'
again
printf 'no database' >"$folder/pushpull.sqlite"
lab 1 grade
ok 'what is no database is no grade' [ $? -ne 0 ]
like "$(err)" 'pushpull.sqlite' 'and a sentence'

# --- as others take it ----------------------------------------------------------------------------------

again
answer whence b
lab 1 grade --format gradescope
is $? 1 'for Gradescope'
ok 'in its published form' env NODE_PATH=/usr/share/nodejs node tests/schemas/validate.mjs tests/schemas/gradescope.json "$SCRATCH/out"
is "$(node -p 'const r = JSON.parse(require("fs").readFileSync(process.argv[1])); [r.score, r.tests.length, r.tests.map(t => t.score).reduce((a, b) => a + b), r.tests.map(t => t.max_score).reduce((a, b) => a + b), r.tests.find(t => t.name == "whence").status]' "$SCRATCH/out")" \
    "[ 8, 9, 8, 10, 'failed' ]" 'the points add up'
autograder=$SCRATCH/autograder
mkdir -p "$autograder/source" "$autograder/submission" "$autograder/results"
ln -s "$ROOT" "$autograder/source/pushpull"
cp -r "$folder" "$autograder/submission/"
if [ -x build/pushpull ]; then
    AUTOGRADER=$autograder LAB=1 labs/classroom/gradescope/run_autograder
    is $? 0 'its run_autograder runs'
    ok 'and leaves results' env NODE_PATH=/usr/share/nodejs node tests/schemas/validate.mjs tests/schemas/gradescope.json "$autograder/results/results.json"
else
    skip 'run_autograder' 'there is no build/pushpull'
fi
ok 'setup.sh is a script' bash -n labs/classroom/gradescope/setup.sh

# --- a class of thirty ------------------------------------------------------------------------------------

again
mkdir "$SCRATCH/class"
for i in $(seq -w 30); do
    mine=$SCRATCH/class/student-$i
    cp -r "$SCRATCH/good" "$mine"
    sed -i "s/^id = ann/id = s$i/; s/^mean_1000 = .*/mean_1000 = $((490 + 10#$i))/" "$mine/answers.ini"
    made_at=2026-01-01T00:00:00Z answers="{\"latency_1000\":$((10#$i * 50)).0,\"latency_200\":100.0,\"age_1000\":500.0}"
    digest=$(printf '%s\n' 01-half-the-interval "s$i" $made_at "$answers" | sha256sum | cut -d' ' -f1)
    sqlite3 "$mine/pushpull.sqlite" "UPDATE lab_prediction SET student = 's$i', made_at = '$made_at', answers = '$answers', sha256 = '$digest'"
done
sed -i 's/^why_age =.*/why_age = =1+1, "quoted"/; /^   *so on/d' "$SCRATCH/class/student-07/answers.ini"
lab grade --all "$SCRATCH/class" --csv "$SCRATCH/scores.csv"
is $? 0 'a class is graded, and nobody has to say which lab it was'
like "$(out)" '^30 handed in\. Score: ' 'the summary says how many'
like "$(out)" '^   10  30  mean_1000: 500 ms \(500 to 500\)$' 'and how many were right in each question'
like "$(out)" '^  latency_1000: 775 ms \(50 to 1500\); came out: 500 ms \(500 to 500\)$' 'and where the predictions lay'
is "$(wc -l <"$SCRATCH/scores.csv")" 31 'a row per student'
like "$(head -n 1 "$SCRATCH/scores.csv")" '^folder,student,run,score,of,prediction,experiment,mean_1000,.*,why_age,remark$' 'below a head'
like "$(sed -n 8p "$SCRATCH/scores.csv")" "^.*/student-07,s07,simulated,[0-9]+,10,1,1,.*,\"'=1\+1, \"\"quoted\"\"\"," 'words that a spreadsheet would take for a formula are none'
like "$(out)" '^Look at .*/student-02: the same run as ' 'the same run twice is named'
if type -P gnuplot >/dev/null; then
    like "$(cat "$SCRATCH/scores.svg")" '<svg' 'the chart is drawn'
else
    skip 'the chart' 'gnuplot is not installed'
fi
mkdir -p "$SCRATCH/several/ann/results/labs" && cp -r "$SCRATCH/good" "$SCRATCH/several/ann/results/labs/one" && cp -r "$SCRATCH/good" "$SCRATCH/several/ann/results/labs/two"
sqlite3 "$SCRATCH/several/ann/results/labs/two/pushpull.sqlite" "UPDATE lab_prediction SET lab = '02-who-is-cheapest'"
lab grade --all "$SCRATCH/several"
is $? 2 'hand-ins of several labs'
like "$(err)" 'has hand-ins of several labs: say which, .pushpull lab N grade --all' 'are asked for one by one'
lab 1 grade --all "$SCRATCH/several"
like "$(out)" '^1 handed in' 'of which the others are left out, however deep they lie'
echo broken >"$SCRATCH/class/student-11/answers.ini"
lab 1 grade --all "$SCRATCH/class"
is $? 1 'one that cannot be read is a failure'
like "$(out)" '^29 handed in' 'the others are graded'
like "$(out)" '^1 could not be graded: see above' 'and it is counted'
like "$(err)" 'student-11/answers.ini:1: not a line' 'with its mistake'

# --- at a terminal ------------------------------------------------------------------------------------------

if type -P script >/dev/null; then
    rm -r "$results"
    printf 'cleo\n1000\n200\n500\n' | TERM=dumb script -qec "$BIN/pushpull lab 1 predict --results $results" /dev/null >"$SCRATCH/out" 2>&1
    like "$(out)" 'Your student id' 'on a terminal it asks'
    is "$(sql 'SELECT student || answers FROM lab_prediction')" 'cleo{"latency_1000":1000.0,"latency_200":200.0,"age_1000":500.0}' 'and keeps what was typed'
else
    skip 'a terminal' 'script is not installed'
fi

done_testing
