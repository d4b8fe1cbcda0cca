# title: What lost packets add: the mean and the slowest hundredth
# read: Whoever writes into an open connection has a law: R/2 + p (g + 2R) for the mean, where R is the round trip, p
#   the share lost and g the gap between events; the lost ones themselves come after R/2 + g + R, from about 1 % on
#   in the slowest hundredth. The next event makes the receiver ask for the lost one again. Where none follows,
#   only a timer notices, after 200 ms and more; of webhooks, one at a time, the next ones wait for that as well. The
#   mean of polls is drawn without the half interval that they wait in any case. Hollow 99th percentiles: there were fewer
#   than 570 events, which it takes to be sure of one.
# query:
#   WITH s AS MATERIALIZED (
#       SELECT * FROM sweep WHERE experiment_id = :experiment AND over = 'link.loss_percent' AND metric IN
#           ('delivery_latency_mean_us', 'delivery_latency_p99_us'))
#   SELECT strategy, x,
#          max(CASE metric WHEN 'delivery_latency_mean_us' THEN value END) / 1e6
#              - coalesce(json_extract(parameters, '$.interval_ms') / 2e3, 0),
#          max(CASE metric WHEN 'delivery_latency_mean_us' THEN believed END),
#          max(CASE metric WHEN 'delivery_latency_p99_us' THEN value END) / 1e6,
#          max(CASE metric WHEN 'delivery_latency_p99_us' THEN believed END),
#          coalesce(json_extract(parameters, '$."link.rtt_ms"'), 0) / 1e3,
#          1.0 / coalesce(json_extract(parameters, '$.events_per_second'), 1),
#          json_extract(parameters, '$.interval_ms')
#   FROM s GROUP BY strategy, x HAVING count(DISTINCT metric) = 2 ORDER BY x
# prediction: The coloured lines are what the models predict. Which packets are lost is chance, in a model as on a
#   link: where few are, marks and lines differ by luck.
# over: link.loss_percent
# needs: SELECT count(*) > 0 FROM cell WHERE experiment_id = :experiment AND json_extract(parameters, '$."link.rtt_ms"') > 0
stats DATA using 2 name "P" nooutput
stats DATA using 3 name "MEAN" nooutput
stats DATA using 5 name "P99" nooutput
call CHARTS."/widen.gp" "MEAN" 3
call CHARTS."/widen.gp" "P99" 5
stats DATA using (column(4) > 0 && column(6) > 0) name "BELIEVED" nooutput
stats DATA using 7 nooutput
R = STATS_max
if (has("sse")) { stats DATA index "sse" using 8 nooutput } else { stats DATA using 8 nooutput }
g = STATS_max
ALL = SERIES." ".FLOORS
key(i) = word(ALL, i)
waits(s) = s eq "polling" ? name(s).", less T/2" : name(s)
# The axis gives the first per cent the most room. Marks of one loss stand side by side.
place(p) = sqrt(p)
beside(p, i) = place(p) + (i - (words(ALL) + 1) / 2.0) * place(P_max) / 60

eval picture(720, 480)
set multiplot
set margins screen 0.03, screen 0.97, screen 0.81, screen 0.99
load CHARTS."/legend.gp"
KEY_OF_IT = foreseen("NaN with lines linetype style(key(1)) linewidth 1 title SIMULATED,")
plot NaN with lines linecolor rgb "black" linewidth 1 title "law of a push", \
     for [s in ALL] NaN with points linetype style(s) pointsize 1.1 title waits(s), \
     @KEY_OF_IT \
     for [h = 1:BELIEVED_min < 1] NaN with points linecolor rgb "black" pointtype 6 pointsize 1.1 title DOUBTED
load CHARTS."/panels.gp"
set xrange [-place(P_max) / 10 : place(P_max) * 1.1]
set xtics ()
do for [p in "0 0.1 0.5 1 2 3 5 10 20 50 100"] { if (p <= P_max) { set xtics add (p place(p + 0.0)) } }
set xlabel "packets lost, in %"
call CHARTS."/decades.gp" "y" SECONDS (R / 3) (MEAN_max > P99_max ? MEAN_max : P99_max)
set logscale y

set title "mean latency" offset 0, -0.5
set margins screen 0.09, screen 0.49, screen 0.155, screen 0.76
set label 1 "R/2 + p (g + 2R)" at graph 0.98, first 0.75 * R / 2 right
FORESEEN = foreseen("for [i = 1:words(ALL)] for [p = 1:predicted(key(i))] PREDICTION index key(i) using (beside(column(2), i)):3 with lines linetype style(key(i)) linewidth 1,")
plot R / 2 + x * x / 100 * (g + 2 * R) with lines linecolor rgb "black" linewidth 1, \
     @FORESEEN \
     for [i = 1:words(ALL)] DATA index key(i) using (beside(column(2), i)):3:(hollow(key(i), column(4))) with points linetype style(key(i)) pointtype variable pointsize 1.1

set title "99th percentile of the latency"
set margins screen 0.59, screen 0.99, screen 0.155, screen 0.76
set label 1 "R/2 + g + R" at graph 0.02, first 1.15 * (R / 2 + g + R) left
FORESEEN = foreseen("for [i = 1:words(ALL)] for [p = 1:predicted(key(i))] PREDICTION index key(i) using (beside(column(2), i)):5 with lines linetype style(key(i)) linewidth 1,")
plot R / 2 + g + R with lines linecolor rgb "black" linewidth 1, \
     @FORESEEN \
     for [i = 1:words(ALL)] DATA index key(i) using (beside(column(2), i)):5:(hollow(key(i), column(6))) with points linetype style(key(i)) pointtype variable pointsize 1.1
unset multiplot
