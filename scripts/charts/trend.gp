# A metric over the experiments of a scenario, drawn by `pushpull trend`: each strategy's figures divided by their own
# median, so that all of them fit one axis. Columns: strategy, number, experiment, value, low, high, believed, whether it
# changed there (a circle around the point).
eval picture(720, 360)
set xlabel "experiment"
set ylabel METRIC." / its median"
stats DATA using 2 nooutput
set xrange [STATS_min - 0.5 : STATS_max + 0.5]
first = STATS_min
stride = ceil((STATS_max - STATS_min + 1) / 20.0)
set xtics () scale 0.5
stats DATA using 4 nooutput
room = 0.1 * (STATS_max - STATS_min) + 0.02
set yrange [STATS_min - room : STATS_max + room]
set format y "%.2f"
tick(n, text) = int(n - first) % stride == 0 ? text : ""
ALL = SERIES." ".FLOORS
plot for [s in ALL] DATA index s using 2:4:xtic(tick(column(2), stringcolumn(3))) with lines linetype style(s) linewidth 1.5 notitle, \
     for [s in ALL] DATA index s using 2:4:(hollow(s, column(7))) with points linetype style(s) pointtype variable pointsize 0.8 notitle, \
     for [s in ALL] DATA index s using 2:(column(8) > 0 ? column(4) : NaN) with points linetype style(s) pointtype 6 linewidth 2 pointsize 2 notitle, \
     for [s in ALL] NaN with linespoints linetype style(s) linewidth 2 pointsize 1 title name(s)
