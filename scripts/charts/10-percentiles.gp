# title: Delivery latency by percentile
# read: Lower is faster. At 99 % on the x axis, read the latency that 99 of 100 deliveries did not
#   exceed: a line that stays flat to the right has no surprises. The line is the median over the
#   repeats, the band around it their interval (of a single trial, that of its own events). It ends
#   where a trial has too few events to say more.
# prediction: The lines are what the models predict, the marks are measured, and the bands their intervals. A line
#   that leaves its marks toward the right knows the usual delivery, and not what makes the rare ones slow.
# histogram: delivery_latency
# query:
#   SELECT strategy, trial_id, (SELECT value FROM metric m WHERE m.trial_id = o.trial_id
#                               AND name = 'events'), doubt IS NULL
#   FROM (SELECT *, (SELECT verdict FROM doubt d WHERE d.trial_id = o.trial_id
#                    AND metric_group = 'latency') AS doubt FROM outcome o) o
#        JOIN baseline s USING (experiment_id, strategy, parameters)
#   WHERE experiment_id = :experiment AND metric = 'delivery_latency_mean_us'
#         AND (doubt IS NULL OR s.believed = 0)
stats DATA using 4 name "LOW" nooutput
stats DATA using 5 name "HIGH" nooutput
call CHARTS."/widen.gp" "LOW" 3
call CHARTS."/widen.gp" "HIGH" 3
set logscale xy
call CHARTS."/decades.gp" "y" SECONDS LOW_min HIGH_max
set xlabel "of all deliveries"
set ylabel "latency"
set xtics ("50 %%" 2, "75 %%" 4, "90 %%" 10, "95 %%" 20, "99 %%" 100, "99.9 %%" 1000, \
           "99.99 %%" 10000, "99.999 %%" 100000)
set xrange [2:*] noextend
set rmargin 4
if (PREDICTED eq "") {
    plot for [s in SERIES] DATA index s using 2:4:5 with filledcurves linecolor rgb 0xd0000000 + colour(s) notitle, \
         for [f in FLOORS] DATA index f using 2:3 with lines linetype style(f) linewidth 1.5 dashtype 2 notitle, \
         for [s in SERIES] DATA index s using 2:3 with lines linetype style(s) linewidth 2 notitle, \
         for [s in SERIES] DATA index s using 2:3:(hollow(s, $6)) every 8 with points linetype style(s) pointtype variable pointsize 0.9 notitle, \
         for [s in SERIES] NaN with linespoints linetype style(s) linewidth 2 pointsize 0.9 title name(s), \
         for [f in FLOORS] NaN with lines linetype style(f) linewidth 1.5 dashtype 2 title name(f)
} else {
    ALL = SERIES." ".FLOORS
    plot for [s in ALL] DATA index s using 2:4:5 with filledcurves linecolor rgb 0xd0000000 + colour(s) notitle, \
         for [s in PREDICTED] PREDICTION index s using 2:3 with lines linetype style(s) linewidth 1 notitle, \
         for [s in ALL] DATA index s using 2:3:(hollow(s, $6)) every 4 with points linetype style(s) pointtype variable pointsize 0.9 notitle, \
         for [s in ALL] NaN with points linetype style(s) pointsize 0.9 title name(s), \
         NaN with lines linecolor rgb "black" linewidth 1 title SIMULATED, \
         NaN with points linecolor rgb "black" pointtype 7 pointsize 0.9 title "measured"
}
