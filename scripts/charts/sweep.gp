# A line per strategy: METRIC along the parameter OVER. Columns: strategy, x, value, low, high, believed.
# With a prediction the line is its own, and what was measured are the marks.
# Before loading it, set LINEAR = 1 for a linear y axis from 0.
set xlabel OVER
set ylabel METRIC
stats DATA using 2 nooutput
set xrange [STATS_min / 1.15 : STATS_max * 1.15]
set logscale x
set xtics () scale 0.5
if (!LINEAR) {
    stats DATA using (column(3) > 0 ? column(3) : NaN) nooutput
    call CHARTS."/widen.gp" "STATS" 3
    set logscale y
    call CHARTS."/decades.gp" "y" UNIT STATS_min STATS_max
} else {
    stats DATA using (valid(5) && column(5) > column(3) ? column(5) : column(3)) nooutput
    call CHARTS."/widen.gp" "STATS" 3
    call CHARTS."/linear.gp" "y" UNIT STATS_max
}
DIAMONDS = diamonds("2", "3")
if (PREDICTED eq "") {
    plot for [f in FLOORS] DATA index f using 2:3:xtic(2) with lines linetype style(f) linewidth 1.5 dashtype 2 notitle, \
         for [s in SERIES] DATA index s using 2:3:xtic(2) with lines linetype style(s) linewidth 2 notitle, \
         for [s in SERIES] DATA index s using 2:4:(0):(column(5) - column(4)) with vectors heads size graph 0.006,90 linetype style(s) linewidth 1 notitle, \
         for [s in SERIES] DATA index s using 2:3:(hollow(s, column(6))) with points linetype style(s) pointtype variable pointsize 1 notitle, \
         @DIAMONDS for [s in SERIES] NaN with linespoints linetype style(s) linewidth 2 pointsize 1 title name(s), \
         for [f in FLOORS] NaN with lines linetype style(f) linewidth 1.5 dashtype 2 title name(f)
} else {
    ALL = SERIES." ".FLOORS
    plot for [s in PREDICTED] PREDICTION index s using 2:3:xtic(2) with lines linetype style(s) linewidth 1 notitle, \
         for [s in ALL] DATA index s using 2:4:(0):(column(5) - column(4)) with vectors heads size graph 0.006,90 linetype style(s) linewidth 1 notitle, \
         for [s in ALL] DATA index s using 2:3:(hollow(s, column(6))) with points linetype style(s) pointtype variable pointsize 1 notitle, \
         @DIAMONDS for [s in ALL] NaN with points linetype style(s) pointsize 1 title name(s), \
         NaN with lines linecolor rgb "black" linewidth 1 title SIMULATED, \
         NaN with points linecolor rgb "black" pointtype 7 pointsize 0.9 title "measured"
}
