# What all charts share: size, type, grid, legend.
set encoding utf8
if (!exists("FORMAT")) { FORMAT = "svg" } # where somebody else than the runner draws
if (!exists("LOAD")) { LOAD = "" }
if (!exists("HELD")) { HELD = "" }
if (!exists("PREDICTED")) { PREDICTED = ""; PREDICTION = "" }
if (!exists("GUESSED")) { GUESSED = ""; GUESS = "" }
set micro
set datafile separator "\t"
set datafile missing "NaN"

# A picture of so many pixels; of a PNG twice as many, for slides: `eval picture(720, 420)`.
picture(width, height) = \
    FORMAT eq "png" ? sprintf("set terminal pngcairo size %d,%d rounded font 'sans-serif,13' fontscale 1.5 linewidth 2 pointscale 3.3 dashlength 0.6", 2 * width, 2 * height) : \
    FORMAT eq "pdf" ? sprintf("set terminal pdfcairo size %g,%g rounded font 'sans-serif,13' fontscale 0.56 linewidth 1 pointscale 1.25", width / 96.0, height / 96.0) : \
    sprintf("set terminal svg size %d,%d dynamic rounded font 'sans-serif,13' linewidth 1", width, height)
eval picture(720, 420)
set output OUTPUT

set border 3 linewidth 0.8
set tics nomirror scale 0.5
set grid linecolor rgb "#a0808080" linewidth 0.5 dashtype solid
set label 99 LOAD at screen 0.01, character 0.4 left font "sans-serif,9" noenhanced textcolor rgb "#808080"
set label 98 (HELD eq "" ? "" : "here ".HELD) at screen 0.99, character 0.4 right font "sans-serif,9" noenhanced textcolor rgb "#808080"
set key tmargin left horizontal Left reverse samplen 2.5 width 1

hollow(s, believed) = believed > 0 ? marker(s) : marker(s) - 1
has(s) = strstrt(" ".SERIES." ", " ".s." ") > 0 # is there data of this strategy?
predicted(s) = strstrt(" ".PREDICTED." ", " ".s." ") > 0 # and a prediction?

# "10 µs", "1 ms", "100 ms"; data is in seconds, bytes and plain numbers.
SECONDS = "s"
BYTES = "B"

# What a chart may set before it loads sweep.gp or bars.gp.
LINEAR = 0
HATCHED = ""

# What a legend says of hollow marks, where there are some: the charts of laws have lines beside them.
DOUBTED = "hollow: in doubt"

# Part of a `plot` that is there only where there is a prediction: `NAME = foreseen("for ..., ")`, and in the plot @NAME.
# (A loop without a turn would not do: it takes its place in the legend.)
foreseen(part) = PREDICTED eq "" ? "" : part
# What a legend says of it.
SIMULATED = "simulated"

# The same of what somebody has guessed. `diamonds(x, y)` is the part of a `plot` that draws it for each strategy s, with
# its entry in the legend: `DIAMONDS = diamonds("2", "3")`, and in the plot @DIAMONDS, behind all but titles.
guessed(s) = strstrt(" ".GUESSED." ", " ".s." ") > 0
DIAMOND = "points pointtype 12 pointsize 2 linewidth 2"
LEGEND_OF_GUESS = "NaN with ".DIAMOND." linecolor rgb 'black' title 'your prediction', "
diamonds(x, y) = GUESSED eq "" ? "" : \
    "for [s in GUESSED] GUESS index s using ".x.":".y." with ".DIAMOND." linetype style(s) notitle, ".LEGEND_OF_GUESS
# The same in a picture with a row per strategy, the i-th of `count` at -i, whose key is key(i); columns: "2 6 10".
row_diamonds(count, columns) = GUESSED eq "" ? "" : \
    sprintf("for [i = 1:%d] for [g = 1:guessed(key(i))] for [c in '%s'] GUESS index key(i) using (column(int(c))):(-i) with %s linecolor rgb 'black' notitle, %s", \
            count, columns, DIAMOND, LEGEND_OF_GUESS)
