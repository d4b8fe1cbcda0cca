# A bar per strategy: METRIC. Columns: strategy, value, low, high, believed, label. A bar that may not be believed is hollow; the floor is a line.
# When HATCHED, a title, is not empty, column 7 says up to where each bar is hatched.
# What was predicted is a stroke across the bar.
set xlabel METRIC
key(i) = word(SERIES, i)
array stroke[words(SERIES)]
do for [i = 1:words(SERIES)] {
    stroke[i] = 0
    if (predicted(key(i))) { stats PREDICTION index key(i) using 2 nooutput; stroke[i] = STATS_max }
}
behind(i, x) = x > stroke[i] ? x : stroke[i]
do for [f in FLOORS] {
    stats DATA index f using 2 nooutput
    set arrow from STATS_mean, graph 0 to STATS_mean, graph 1 nohead linetype style(f) linewidth 1.5 dashtype 2
}
stats DATA using (valid(4) && column(4) > column(2) ? column(4) : column(2)) nooutput
call CHARTS."/widen.gp" "STATS" 2
eval picture(720, 100 + 38 * words(SERIES))
set yrange [-words(SERIES) - 0.5 : -0.5]
call CHARTS."/linear.gp" "x" UNIT STATS_max
unset grid
set grid x linecolor rgb "#a0808080" linewidth 0.5 dashtype solid
set border 1
set ytics () scale 0
do for [i = 1:words(SERIES)] { set ytics add (name(word(SERIES, i)) -i) }
set style fill solid 0.85 noborder

DIAMONDS = row_diamonds(words(SERIES), "2")
filled(believed) = believed > 0 ? 1 : NaN
ACROSS = foreseen("for [i = 1:words(SERIES)] for [p = 1:predicted(key(i))] PREDICTION index key(i) using 2:(-i - 0.42):(0):(0.84) with vectors nohead linecolor rgb 'black' linewidth 2 notitle, NaN with lines linecolor rgb 'black' linewidth 2 title SIMULATED, ")
plot for [i = 1:words(SERIES)] DATA index key(i) using ($2 / 2 * filled($5)):(-i):(0):2:(-i - 0.32):(-i + 0.32) with boxxyerror linetype style(key(i)) notitle, \
     for [i = 1:words(SERIES)] DATA index key(i) using ($2 / 2):(-i):(0):2:(-i - 0.32):(-i + 0.32) with boxxyerror linetype style(key(i)) linewidth 1.5 fillstyle empty border notitle, \
     for [i = 1:words(SERIES)] DATA index key(i) using 3:(-i):(column(4) - column(3)):(0) with vectors heads size graph 0.006,90 linecolor rgb "black" linewidth 1 notitle, \
     for [i = 1:words(SERIES)] DATA index key(i) using (behind(i, valid(4) && column(4) > column(2) ? column(4) : column(2))):(-i):6 with labels left offset 0.8, 0 notitle, \
     for [h = 1:strlen(HATCHED) > 0] for [i = 1:words(SERIES)] DATA index key(i) using ($7 / 2):(-i):(0):7:(-i - 0.32):(-i + 0.32) with boxxyerror linecolor rgb "white" fillstyle transparent pattern 4 border linecolor rgb "black" notitle, \
     for [h = 1:strlen(HATCHED) > 0] NaN with boxes linecolor rgb "#808080" fillstyle transparent pattern 4 title HATCHED, \
     @DIAMONDS @ACROSS for [f in FLOORS] NaN with lines linetype style(f) linewidth 1.5 dashtype 2 title name(f)
