# A metric over the experiments of a scenario, drawn by `pushpull trend`. Columns: strategy, number, experiment,
# value, low, high, believed, whether it changed there. A vertical line in the strategy's colour is a change.
set xlabel "experiment"
set ylabel METRIC
stats DATA using 2 nooutput
set xrange [STATS_min - 0.5 : STATS_max + 0.5]
first = STATS_min
stride = ceil((STATS_max - STATS_min + 1) / 20.0)
set xtics () scale 0.5
stats DATA using (column(4) > 0 ? column(4) : NaN) nooutput
if (STATS_records > 0 && STATS_max > 20 * STATS_min) {
    set logscale y
    call CHARTS."/decades.gp" "y" UNIT STATS_min STATS_max
} else {
    stats DATA using (valid(6) && column(6) > column(4) ? column(6) : column(4)) nooutput
    call CHARTS."/linear.gp" "y" UNIT STATS_max
}
tick(n, text) = int(n - first) % stride == 0 ? text : ""
plot for [s in SERIES." ".FLOORS] DATA index s using 2:(column(8) > 0 ? column(4) : NaN) with impulses linetype style(s) linewidth 4 dashtype 3 notitle, \
     for [s in SERIES." ".FLOORS] DATA index s using 2:4:xtic(tick(column(2), stringcolumn(3))) with lines linetype style(s) linewidth 1.5 notitle, \
     for [s in SERIES." ".FLOORS] DATA index s using 2:5:(0):(column(6) - column(5)) with vectors heads size graph 0.004,90 linetype style(s) linewidth 0.8 notitle, \
     for [s in SERIES." ".FLOORS] DATA index s using 2:4:(hollow(s, column(7))) with points linetype style(s) pointtype variable pointsize 0.8 notitle, \
     for [s in SERIES." ".FLOORS] NaN with linespoints linetype style(s) linewidth 2 pointsize 1 title name(s)
