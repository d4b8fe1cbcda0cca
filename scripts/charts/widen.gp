# Widens what `stats` said of a column to what was predicted of it, or guessed, where something was: after
# `stats DATA using 3 name "L" nooutput`, `call CHARTS."/widen.gp" "L" 3` does it for L_min and L_max.
if (PREDICTED ne "") {
    stats PREDICTION using (column(int(ARG2)) > 0 ? column(int(ARG2)) : NaN) name "FORESEEN" nooutput
    if (exists("FORESEEN_records")) {
        eval sprintf("if (FORESEEN_min < %s_min) { %s_min = FORESEEN_min }", ARG1, ARG1)
        eval sprintf("if (FORESEEN_max > %s_max) { %s_max = FORESEEN_max }", ARG1, ARG1)
    }
}
if (GUESSED ne "") {
    stats GUESS using (column(int(ARG2)) > 0 ? column(int(ARG2)) : NaN) name "GUESSES" nooutput
    if (exists("GUESSES_records") && GUESSES_records > 0) {
        eval sprintf("if (GUESSES_min < %s_min) { %s_min = GUESSES_min }", ARG1, ARG1)
        eval sprintf("if (GUESSES_max > %s_max) { %s_max = GUESSES_max }", ARG1, ARG1)
    }
}
