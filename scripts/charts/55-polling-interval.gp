# title: Latency against the polling interval, and the law
# read: An event waits for the next poll: at least 0, at most the interval T, T/2 on average. The
#   marks are measured, the thin lines are the law: T/2 for the mean, 0.99 T for the 99th percentile.
#   What lies above a line is the round trip.
# prediction: The coloured lines are what the models predict: of the mean, and dashed of the 99th percentile. Like
#   the marks they have the round trip in them, which the law has not.
# over: interval_ms
# query:
#   SELECT strategy, x / 1e3,
#          max(CASE metric WHEN 'delivery_latency_mean_us' THEN value END) / 1e6,
#          max(CASE metric WHEN 'delivery_latency_mean_us' THEN low END) / 1e6,
#          max(CASE metric WHEN 'delivery_latency_mean_us' THEN high END) / 1e6,
#          max(CASE metric WHEN 'delivery_latency_mean_us' THEN believed END),
#          max(CASE metric WHEN 'delivery_latency_p99_us' THEN value END) / 1e6,
#          max(CASE metric WHEN 'delivery_latency_p99_us' THEN low END) / 1e6,
#          max(CASE metric WHEN 'delivery_latency_p99_us' THEN high END) / 1e6,
#          max(CASE metric WHEN 'delivery_latency_p99_us' THEN believed END),
#          x || ' ms'
#   FROM sweep WHERE experiment_id = :experiment AND over = 'interval_ms'
#   GROUP BY strategy, x ORDER BY x
stats DATA using 2 nooutput
interval_min = STATS_min
interval_max = STATS_max
stats DATA using 7 nooutput
set logscale xy
set xrange [interval_min / 1.15 : interval_max * 1.15]
set xtics () scale 0.5
call CHARTS."/decades.gp" "y" SECONDS (interval_min / 2.5) STATS_max
set xlabel "polling interval T"
set ylabel "delivery latency"
set key tmargin left vertical maxrows (GUESSED eq "" ? 2 : 3)
DIAMONDS = diamonds("2", "3")
FORESEEN = foreseen("for [s in PREDICTED] PREDICTION index s using 2:3 with lines linetype style(s) linewidth 1 notitle, for [s in PREDICTED] PREDICTION index s using 2:7 with lines linetype style(s) linewidth 1 dashtype 2 notitle, NaN with lines linetype style(word(SERIES, 1)) linewidth 1 title SIMULATED, ")
plot x / 2 with lines linecolor rgb "black" linewidth 1 title "the law for the mean: T/2", \
     0.99 * x with lines linecolor rgb "black" linewidth 1 dashtype 3 title "the law for p99: 0.99 T", \
     for [s in SERIES] DATA index s using 2:4:(0):(column(5) - column(4)):xtic(11) with vectors heads size graph 0.006,90 linetype style(s) linewidth 1 notitle, \
     for [s in SERIES] DATA index s using 2:8:(0):(column(9) - column(8)) with vectors heads size graph 0.006,90 linetype style(s) linewidth 1 notitle, \
     for [s in SERIES] DATA index s using 2:3:(hollow(s, $6)) with points linetype style(s) pointtype variable pointsize 1.2 notitle, \
     for [s in SERIES] DATA index s using 2:7:(hollow(s, $10) == 7 ? 5 : 4) with points linetype style(s) pointtype variable pointsize 1.2 notitle, \
     @DIAMONDS @FORESEEN for [s in SERIES] NaN with points linetype style(s) pointsize 1.2 title name(s).", mean", \
     for [s in SERIES] NaN with points linetype style(s) pointtype 5 pointsize 1.2 title name(s).", p99"
