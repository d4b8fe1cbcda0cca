# A bar per strategy and floor, stacked. Columns: strategy, value, low, high, believed, label as of bars.gp,
# then one per part; what was predicted of them are strokes. Before loading it, set PARTS, the parts' titles in quotes, and the x axis.
COLOURS = "0x7b4397 0x4575b4 0x26a69a 0x8bc34a" # on a light page and on a dark one
ALL = SERIES." ".FLOORS
key(i) = word(ALL, i)
upto(p) = p == 0 ? 0 : upto(p - 1) + column(p + 6)
array stroke[words(ALL)]
do for [i = 1:words(ALL)] {
    stroke[i] = 0
    if (predicted(key(i))) { stats PREDICTION index key(i) using (upto(words(PARTS))) nooutput; stroke[i] = STATS_max }
}
behind(i, x) = x > stroke[i] ? x : stroke[i]
eval picture(720, 120 + 38 * words(ALL))
set yrange [-words(ALL) - 0.5 : -0.5]
unset grid
set grid x linecolor rgb "#a0808080" linewidth 0.5 dashtype solid
set border 1
set ytics () scale 0
do for [i = 1:words(ALL)] { set ytics add (name(key(i)) -i) }
set style fill solid 0.9 noborder
set key maxrows 2
DIAMONDS = row_diamonds(words(ALL), "2")
ACROSS = foreseen(", for [i = 1:words(ALL)] for [p = 1:words(PARTS) * predicted(key(i))] PREDICTION index key(i) using (upto(p)):(-i - 0.42):(0):(0.84) with vectors nohead linecolor rgb 'black' linewidth 2 notitle, NaN with lines linecolor rgb 'black' linewidth 2 title SIMULATED")
plot for [i = 1:words(ALL)] for [p = 1:words(PARTS)] DATA index key(i) using (upto(p - 1)):(-i):(upto(p - 1)):(upto(p)):(-i - 0.32):(-i + 0.32) with boxxyerror linecolor rgb int(word(COLOURS, p)) notitle, \
     for [i = 1:words(ALL)] DATA index key(i) using 3:(-i):(column(4) - column(3)):(0) with vectors heads size graph 0.006,90 linecolor rgb "black" linewidth 1 notitle, \
     for [i = 1:words(ALL)] DATA index key(i) using (behind(i, valid(4) && column(4) > upto(words(PARTS)) ? column(4) : upto(words(PARTS)))):(-i):6 with labels left offset 0.8, 0 notitle, \
     @DIAMONDS for [p = 1:words(PARTS)] NaN with boxes linecolor rgb int(word(COLOURS, p)) title word(PARTS, p)@ACROSS
