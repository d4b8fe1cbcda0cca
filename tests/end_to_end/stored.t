#!/usr/bin/env bash
# What is stored, and who reads it: reading writes nothing and needs no leave to write, older files are
# read and taken over, newer ones and other builds' are refused.
. "$(dirname "$0")/../lib.sh"
type -P sqlite3 >/dev/null || skip_all "sqlite3 is not installed"

bin=$SCRATCH/bin
mkdir "$bin"
for role in server client; do cp "$ROOT/tests/fakes/program" "$bin/sse_$role"; done
sed 's/^    //' >"$SCRATCH/few.ini" <<'END'
    [scenario]
    title = Of version 1
    repeats = 2
    warmup_seconds = 0
    measure_seconds = 0.1
    drain_seconds = 0.1
    [hold]
    subscribers = 2
    [vary]
    strategy = sse
END
results=$SCRATCH/results
database=$results/pushpull.sqlite
run() { "$BIN/pushpull" run "$SCRATCH/few.ini" --bin "$bin" --results "$results" --charts off "$@" >"$SCRATCH/out" 2>"$SCRATCH/err"; }
query() { sqlite3 -readonly "$database" "$1"; }
# files: whatever could tell that something was written
files() { (cd "$results" && stat -c '%n %s %y %i' . pushpull*); }
look() { "$BIN/pushpull" "$@" --results "$results" 2>&1; }

# --- of the first version ---------------------------------------------------------------------------

mkdir "$results"
sqlite3 "$database" <"$ROOT/tests/fakes/version_1.sql"
sqlite3 "$database" "UPDATE experiment SET scenario_text =
    scenario_text || '; --set title=It has changed' || char(10) || '; --only sse' || char(10)"
sqlite3 "$database" 'PRAGMA journal_mode = WAL' >/dev/null
is "$(query 'PRAGMA user_version')" 1 'a file of the first version'
before=$(files)
like "$(COLUMNS=200 look list)" '^ +1 .* 1/2 .* 1  It has changed --set .title=It has changed. --only sse$' 'list reads it, with what the command line said'
like "$(look show)" '^ +2  id 2 .* planned$' 'show reads it'
like "$(look show --trial 1)" '^deliveries  ' 'show --trial reads it'
like "$(look export)" '^1,few,,sse,' 'export reads it'
is "$(files)" "$before" 'and nothing was written'

run --resume --set 'title = It has changed' --only ' sse'
is $? 1 'resuming with other programs fails'
like "$(cat "$SCRATCH/err")" 'experiment 1 was begun with other programs \(revision 0123456789ab, .*run it anew without --resume' \
    'and says so, and what to do'
is "$(query 'PRAGMA user_version')" 9 'whoever writes takes the file over'
is "$(query 'SELECT group_concat(status) FROM trial')" 'done,planned' 'with its trials'
is "$(query 'SELECT overrides FROM experiment')" '{"set":{"title":"It has changed"},"only":"sse"}' \
    'with what the command line said, apart from the scenario'
is "$(query 'SELECT scenario_text FROM experiment')" "$(cat "$SCRATCH/few.ini")" 'which is as it was'
is "$(query 'SELECT count(*) > 0 FROM metric') $(query 'SELECT count(*) FROM report')" '1 2' 'and all they left behind'
is "$(query 'PRAGMA integrity_check') $(query 'PRAGMA foreign_key_check')" 'ok ' 'whole'
is "$(query "SELECT group_concat(role || process || name || value, ' ') FROM series")" \
    'client0cpu_utilisation0.25 server0cpu_utilisation0.25' 'its time series by role, process and name'
is "$(query "SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%old_%'")" 0 'without a trace of the way'
sqlite3 "$database" "PRAGMA foreign_keys = ON; UPDATE trial SET verdict = 'faulty' WHERE id = 1" 2>"$SCRATCH/err"
is "$?" 0 'the new verdict can be stored'
sqlite3 "$database" "UPDATE trial SET verdict = 'splendid' WHERE id = 1" 2>/dev/null
ok 'and no other one' [ $? -ne 0 ]
fresh=$SCRATCH/fresh.sqlite
"$BIN/pushpull" run "$SCRATCH/few.ini" --bin "$bin" --results "$SCRATCH" --database "$fresh" --charts off >"$SCRATCH/out" 2>&1
shape() { sqlite3 -readonly "$1" "SELECT type, name, tbl_name, replace(sql, '\"', '') FROM sqlite_schema ORDER BY type, name"; }
is "$(shape "$database")" "$(shape "$fresh")" 'a file taken over has the shape of a new one'

# --- of the second version --------------------------------------------------------------------------

second=$SCRATCH/second.sqlite
sqlite3 "$second" <"$ROOT/tests/fakes/version_2.sql"
rows() { for table in experiment trial metric histogram series report; do sqlite3 -readonly "$second" "SELECT '$table', count(*) FROM $table"; done; }
before=$(rows)
like "$("$BIN/pushpull" list --database "$second" 2>&1)" '^ +1 .* 1/2 .* 1  Of version 2$' 'a file of the second version is read'
is "$(sqlite3 -readonly "$second" 'PRAGMA user_version')" 2 'and nothing was written'
sed 's/version 1/version 2/' "$SCRATCH/few.ini" >"$SCRATCH/few2.ini"
"$BIN/pushpull" run "$SCRATCH/few2.ini" --resume --bin "$bin" --database "$second" --charts off >"$SCRATCH/out" 2>"$SCRATCH/err"
is $? 1 'resuming it with other programs fails'
is "$(shape "$second")" "$(shape "$fresh")" 'taken over it has the shape of a new one'
is "$(rows)" "$before" 'and all its rows'
is "$(sqlite3 -readonly "$second" "SELECT group_concat(role || process || name || value, ' ') FROM series")" \
    'client0cpu_utilisation0.25 server0cpu_utilisation0.25' 'its time series by role, process and name'
is "$(sqlite3 -readonly "$second" 'PRAGMA integrity_check; PRAGMA foreign_key_check')" ok 'whole'
sqlite3 "$second" "INSERT INTO report VALUES (1, 'link', 0, '{}')"
is $? 0 'a report of a new role can be stored'

# --- of the third version ---------------------------------------------------------------------------

third=$SCRATCH/third.sqlite
sqlite3 "$third" <"$ROOT/tests/fakes/version_3.sql"
rows() { for table in experiment trial metric histogram series report; do sqlite3 -readonly "$third" "SELECT '$table', count(*) FROM $table"; done; }
believed() { sqlite3 -readonly "$third" "SELECT group_concat(believed, '') FROM outcome"; }
before=$(rows) trusted=$(believed)
is "$trusted" 101 'of three trials of the third version one is in doubt'
sed 's/version 1/version 3/; s/repeats = 2/repeats = 4/' "$SCRATCH/few.ini" >"$SCRATCH/few3.ini"
"$BIN/pushpull" run "$SCRATCH/few3.ini" --resume --bin "$bin" --database "$third" --charts off >"$SCRATCH/out" 2>"$SCRATCH/err"
is $? 1 'resuming it with other programs fails'
is "$(shape "$third")" "$(shape "$fresh")" 'taken over it has the shape of a new one'
is "$(rows)" "$before" 'and all its rows'
is "$(believed)" "$trusted" 'what was believed is believed'
is "$(sqlite3 -readonly "$third" "SELECT count(DISTINCT metric_group) FROM doubt WHERE trial_id = 2")" \
    "$(sqlite3 -readonly "$third" 'SELECT count(DISTINCT metric_group) FROM metric_kind')" 'what was in doubt is so as a whole'
is "$(sqlite3 -readonly "$third" "SELECT metric_group, verdict, reason FROM doubt WHERE trial_id = 3")" \
    '|saturated|server 0 used 0.99 of a core, above 0.95' 'and a result is a remark'
is "$(sqlite3 -readonly "$third" 'PRAGMA integrity_check; PRAGMA foreign_key_check')" ok 'whole'

# --- of the fourth version --------------------------------------------------------------------------

fourth=$SCRATCH/fourth.sqlite
sqlite3 "$fourth" <"$ROOT/tests/fakes/version_4.sql"
all() { for table in experiment trial metric histogram series report doubt; do sqlite3 -readonly "$1" "SELECT '$table', t.* FROM $table t"; done; }
before=$(all "$fourth")
"$BIN/pushpull" run "$SCRATCH/few3.ini" --resume --bin "$bin" --database "$fourth" --charts off >"$SCRATCH/out" 2>"$SCRATCH/err"
is "$(shape "$fourth")" "$(shape "$fresh")" 'taken over, a file of the fourth version has the shape of a new one'
is "$(all "$fourth" | sed '/"cores":2}|$/s/|$//; /^trial/s/||1$//')" "$before" 'and every row is as it was'
is "$(sqlite3 -readonly "$fourth" "SELECT label = '' FROM experiment")" 1 'its experiment has no label'
is "$(sqlite3 -readonly "$fourth" 'PRAGMA integrity_check; PRAGMA foreign_key_check')" ok 'whole'

# --- of the fifth version ---------------------------------------------------------------------------

fifth=$SCRATCH/fifth.sqlite
sqlite3 "$fifth" <"$ROOT/tests/fakes/version_5.sql"
before=$(all "$fifth")
"$BIN/pushpull" run "$SCRATCH/few3.ini" --resume --bin "$bin" --database "$fifth" --charts off >"$SCRATCH/out" 2>"$SCRATCH/err"
is "$(shape "$fifth")" "$(shape "$fresh")" 'taken over, a file of the fifth version has the shape of a new one'
is "$(all "$fifth" | sed '/^trial/s/||1$//')" "$before" 'and every row is as it was'
is "$(sqlite3 -readonly "$fifth" "SELECT DISTINCT variant = '', batch FROM trial")" '1|1' 'its trials are of no pairs'
is "$(sqlite3 -readonly "$fifth" 'PRAGMA integrity_check; PRAGMA foreign_key_check')" ok 'whole'

# --- of the sixth version ---------------------------------------------------------------------------

sixth=$SCRATCH/sixth.sqlite
sqlite3 "$sixth" <"$ROOT/tests/fakes/version_6.sql"
before=$(all "$sixth")
"$BIN/pushpull" run "$SCRATCH/few3.ini" --resume --bin "$bin" --database "$sixth" --charts off >"$SCRATCH/out" 2>"$SCRATCH/err"
is "$(shape "$sixth")" "$(shape "$fresh")" 'taken over, a file of the sixth version has the shape of a new one'
is "$(all "$sixth")" "$before" 'and every row is as it was'
is "$(sqlite3 -readonly "$sixth" 'SELECT variant, batch FROM pair')" 'candidate|2' 'its pairs are pairs'
is "$(sqlite3 -readonly "$sixth" 'PRAGMA integrity_check; PRAGMA foreign_key_check')" ok 'whole'

# --- of the seventh version -------------------------------------------------------------------------

seventh=$SCRATCH/seventh.sqlite
sqlite3 "$seventh" <"$ROOT/tests/fakes/version_7.sql"
before=$(all "$seventh")
"$BIN/pushpull" run "$SCRATCH/few3.ini" --resume --bin "$bin" --database "$seventh" --charts off >"$SCRATCH/out" 2>"$SCRATCH/err"
is "$(shape "$seventh")" "$(shape "$fresh")" 'taken over, a file of the seventh version has the shape of a new one'
is "$(all "$seventh")" "$before" 'and every row is as it was'
is "$(sqlite3 -readonly "$seventh" 'SELECT verdict FROM outcome WHERE experiment_id = 3')" link_off 'a trial over a link keeps its verdict'
is "$(sqlite3 -readonly "$seventh" 'PRAGMA integrity_check; PRAGMA foreign_key_check')" ok 'whole'
sqlite3 "$seventh" "UPDATE experiment SET mode = 'both' WHERE id = 3;
    INSERT INTO trial (experiment_id, strategy, parameters, repeat, position, seed, status, variant)
    SELECT 3, strategy, parameters, repeat, 2, seed, 'done', 'simulated' FROM trial WHERE id = 7"
is "$(sqlite3 -readonly "$seventh" 'SELECT live_trial, simulated_trial FROM twin')" '7|8' 'a trial can have a simulated twin'

# --- of the eighth version --------------------------------------------------------------------------

eighth=$SCRATCH/eighth.sqlite
sqlite3 "$eighth" <"$ROOT/tests/fakes/version_8.sql"
before=$(all "$eighth")
"$BIN/pushpull" run "$SCRATCH/few3.ini" --resume --bin "$bin" --database "$eighth" --charts off >"$SCRATCH/out" 2>"$SCRATCH/err"
is "$(shape "$eighth")" "$(shape "$fresh")" 'taken over, a file of the eighth version has the shape of a new one'
is "$(all "$eighth")" "$before" 'and every row is as it was'
is "$(sqlite3 -readonly "$eighth" 'SELECT live_trial, simulated_trial FROM twin')" '7|8' 'its twins are twins'
is "$(sqlite3 -readonly "$eighth" 'SELECT count(*) FROM calibration')" 1 'and what was calibrated is there'
is "$(sqlite3 -readonly "$eighth" 'PRAGMA integrity_check; PRAGMA foreign_key_check')" ok 'whole'
sqlite3 "$eighth" "INSERT INTO lab_prediction VALUES (1, '01-x', 'ann', '2026-01-01T00:00:00Z', '{}', 'x');
    INSERT INTO lab_run VALUES (3, 1, '2026-01-01T00:00:00Z', 0, 'x'); INSERT INTO guess VALUES (3, 'sse', '{}', 'lost', 1)"
is $? 0 'a lab can be noted in it'

# The sqlite3 shell does not watch references: rows may have lost the one they belong to.
torn=$SCRATCH/torn.sqlite
sqlite3 "$torn" <"$ROOT/tests/fakes/version_1.sql"
sqlite3 "$torn" "INSERT INTO experiment SELECT 2, scenario, scenario_text, scenario_sha256, mode, seed, started_at,
    finished_at, git_revision, environment FROM experiment;
    INSERT INTO trial (experiment_id, strategy, parameters, repeat, position, seed) VALUES (2, 'sse', '{}', 1, 1, 1);
    DELETE FROM experiment WHERE id = 1; DROP INDEX trial_by_experiment"
message=$("$BIN/pushpull" list --database "$torn" 2>&1)
like "$? $message" '^ +2 .* few ' 'an older file with rows that belong to nothing can be read'
"$BIN/pushpull" run "$SCRATCH/few.ini" --bin "$bin" --results "$SCRATCH" --database "$torn" --charts off >"$SCRATCH/out" 2>&1
is "$?" 0 'and written to'
is "$(sqlite3 -readonly "$torn" 'SELECT count(*) FROM trial WHERE experiment_id = 1')" 2 'and it keeps them'

# --- other programs ---------------------------------------------------------------------------------

run
is "$?" 0 'an experiment of these programs'
sqlite3 "$database" "UPDATE experiment SET finished_at = NULL WHERE id = 2;
    UPDATE trial SET status = 'planned', verdict = NULL WHERE experiment_id = 2 AND position = 2;
    DELETE FROM metric WHERE trial_id = 4; DELETE FROM report WHERE trial_id = 4; DELETE FROM series WHERE trial_id = 4"
echo '# another build' >>"$bin/sse_client"
run --resume
is "$? $(query 'SELECT group_concat(status) FROM trial WHERE experiment_id = 2')" '1 done,planned' \
    'one client was built anew: refused'
like "$(cat "$SCRATCH/err")" 'experiment 2 was begun with other programs' 'which is told'
cp "$ROOT/tests/fakes/program" "$bin/sse_client"
run --resume
is "$? $(query 'SELECT group_concat(status) FROM trial WHERE experiment_id = 2')" '0 done,done' 'with its own it goes on'

sqlite3 "$database" 'UPDATE experiment SET finished_at = NULL WHERE id = 2'
run --resume
is "$? $(query 'SELECT finished_at IS NOT NULL FROM experiment WHERE id = 2')" '0 1' 'killed after its last trial: it is finished'
like "$(cat "$SCRATCH/out")" '^SSE ' 'and its table is printed'
for revision in unknown 0123456789ab-dirty; do
    sqlite3 "$database" "UPDATE experiment SET finished_at = NULL, git_revision = '$revision',
        environment = json_remove(environment, '$.programs_sha256') WHERE id = 2"
    run --resume
    like "$? $(cat "$SCRATCH/err")" "^1 .*experiment 2 does not tell the programs .*revision $revision" \
        "revision $revision without a digest is nobody's"
done
sqlite3 "$database" "UPDATE experiment SET finished_at = started_at WHERE id = 2"

# --- what the command line said is no comment -----------------------------------------------------------

cp "$SCRATCH/few.ini" "$SCRATCH/plain.ini"
echo '; --set subscribers=7' >>"$SCRATCH/few.ini"
run --set subscribers=9
like "$(look show 3)" "^Again +.*/few\.ini --set subscribers=9 --bin $bin --results" 'a comment that looks like --set is not repeated'
mv "$SCRATCH/few.ini" "$SCRATCH/comment.ini"
cp "$SCRATCH/plain.ini" "$SCRATCH/few.ini"
run --set subscribers=7
sqlite3 "$database" "UPDATE experiment SET finished_at = NULL WHERE id = 4;
    UPDATE trial SET status = 'planned', verdict = NULL WHERE experiment_id = 4"
cp "$SCRATCH/comment.ini" "$SCRATCH/few.ini"
run --resume
like "$? $(cat "$SCRATCH/err")" '^1 .*there is nothing to resume' 'nor taken for one'
cp "$SCRATCH/plain.ini" "$SCRATCH/few.ini"
run --set 'title = Of the day' --set 'subscribers = 3' --only ' sse '
like "$(COLUMNS=200 look list)" ' 5 .* Of the day --set' 'list knows a title of the command line'
like "$(look show)" '^experiment   5, few: Of the day$' 'show, too'
like "$(look export --format json)" '"title": "Of the day"' 'export, too'
is "$(query 'SELECT DISTINCT parameters ->> "subscribers" FROM trial WHERE experiment_id = 5')" 3 'blanks around a value mean nothing'

message=$("$BIN/pushpull" show 999 --trial 1 --results "$results" 2>&1)
like "$? $message" '^1 .*there is no such experiment' 'a trial of an experiment that does not exist'
message=$("$BIN/pushpull" show 2 --trial 1 --results "$results" 2>&1)
like "$? $message" "^1 .*trial 1 is one of experiment 1: \`.* show 1 --results" 'a trial of another one'
like "$(look show 1 --trial 1)" '^trial        1 of experiment 1' 'and of its own'

sqlite3 "$database" "UPDATE experiment SET environment = json_set(environment, '$.cores', 1) WHERE id = 1"
like "$(look show 1)" '^environment .*, 1 core \(' 'one core is one'

# --- two names ------------------------------------------------------------------------------------------

ln -s "$results" "$SCRATCH/other"
ln -s "$database" "$SCRATCH/alias.sqlite"
exec 9>"$database.lock"
flock 9
for name in "$SCRATCH/other/pushpull.sqlite" "$SCRATCH/alias.sqlite"; do
    run --database "$name"
    like "$? $(cat "$SCRATCH/err")" '^1 .*another pushpull is running' "one run at a time, by the name $(basename "$(dirname "$name")")/$(basename "$name"), too"
done
exec 9>&-

# --- what cannot be stored ------------------------------------------------------------------------------

sqlite3 "$database" "CREATE TRIGGER full BEFORE UPDATE ON trial WHEN new.position = 2 BEGIN SELECT RAISE(ABORT, 'no room'); END"
run --set subscribers=4
is "$?" 1 'a run ends when it cannot store'
like "$(cat "$SCRATCH/err")" "1 of 2 trials are stored as experiment 6\. To run the rest" 'it says what is there'
like "$(cat "$SCRATCH/err")" "^  $BIN/pushpull run $SCRATCH/few.ini --set subscribers=4 --resume --bin $bin --charts off --results $results\$" \
    'and how to go on'
sqlite3 "$database" 'DROP TRIGGER full'
run --set subscribers=4 --resume
is "$? $(query 'SELECT group_concat(status) FROM trial WHERE experiment_id = 6')" '0 done,done' 'which works'

# --- a reader with no leave to write ------------------------------------------------------------------

chmod 755 "$SCRATCH"
cp "$BIN/pushpull" "$SCRATCH/pushpull"
as_reader() { "$SCRATCH/pushpull" "$@" --results "$results" 2>&1; }
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then # to root nothing is read-only
    as_reader() { setpriv --reuid 65534 --regid 65534 --clear-groups "$SCRATCH/pushpull" "$@" --results "$results" 2>&1; }
fi
chmod a-w,a+rX -R "$results"
chmod u-w "$results"
before=$(files)
like "$(as_reader list)" '^ +2 .* 2/2 ' 'list by one who may not write'
like "$(as_reader show 2)" '^experiment   2' 'show'
like "$(as_reader export 2)" '^2,few,' 'export'
is "$(files)" "$before" 'nothing was written'
chmod u+w -R "$results"

# --- others -------------------------------------------------------------------------------------------

sqlite3 "$database" 'PRAGMA user_version = 99'
for command in list show export report; do
    message=$("$BIN/pushpull" $command --results "$results" 2>&1)
    is "$? $(grep -c . <<<"$message")" '1 1' "$command refuses a newer file in one line"
    like "$message" 'has version 99, and this program knows up to 9' 'which says why'
done
message=$("$BIN/pushpull" list --results "$SCRATCH/nowhere" 2>&1)
like "$? $message" "^1 .*cannot read the database .*nowhere.*\`$BIN/pushpull run quick --results $SCRATCH/nowhere\` makes one" 'there is none'
ok 'and none was made' [ ! -e "$SCRATCH/nowhere" ]
: >"$SCRATCH/empty.sqlite"
like "$("$BIN/pushpull" list --database "$SCRATCH/empty.sqlite" 2>&1)" 'empty.sqlite is not a database of pushpull' 'an empty file'
head -c 4096 /dev/urandom >"$SCRATCH/noise.sqlite"
like "$("$BIN/pushpull" list --database "$SCRATCH/noise.sqlite" 2>&1)" 'noise.sqlite.*file is not a database' 'noise'
done_testing
