# title: Latency against the round trip, and the laws
# read: The marks are measured, the thin lines are computed from the round trip R alone. Who writes into
#   an open connection takes one way, R/2. A poll finds the event half an interval T later, near or far. A long
#   poll that has just been answered must come back first: up to R/2 more. Webhooks, one at a time, are a queue that
#   never ends from the R on at which events (a per second) come faster than 1/R. A dash says what the law gives for
#   the events that came in that cell, where they matter. Both axes are logarithmic.
# prediction: The coloured lines are what the models predict, the black ones are the laws. A model knows what a law
#   leaves out: how long each step takes on this machine, and which events came.
# over: link.rtt_ms
# query:
#   WITH s AS MATERIALIZED (
#       SELECT * FROM sweep WHERE experiment_id = :experiment AND over = 'link.rtt_ms' AND x > 0 AND metric IN
#           ('delivery_latency_mean_us', 'events', 'deliveries', 'deliveries_per_second'))
#   SELECT strategy, x / 1e3,
#          max(CASE metric WHEN 'delivery_latency_mean_us' THEN value END) / 1e6,
#          max(CASE metric WHEN 'delivery_latency_mean_us' THEN low END) / 1e6,
#          max(CASE metric WHEN 'delivery_latency_mean_us' THEN high END) / 1e6,
#          max(CASE metric WHEN 'delivery_latency_mean_us' THEN believed END), x,
#          iif(json_extract(parameters, '$.arrivals') = 'poisson',
#              max(CASE metric WHEN 'events' THEN value END)
#                  * max(CASE metric WHEN 'deliveries_per_second' THEN value END)
#                  / max(CASE metric WHEN 'deliveries' THEN value END), 0),
#          coalesce(json_extract(parameters, '$.interval_ms') / 1e3, 0),
#          iif(coalesce(json_extract(parameters, '$.in_flight_per_receiver'), 1) > 1, 0,
#              iif(json_extract(parameters, '$.keep_alive') = 'off', 2, 1))
#   FROM s GROUP BY strategy, x
#   HAVING max(CASE metric WHEN 'delivery_latency_mean_us' THEN value END) > 0 ORDER BY x
# needs: SELECT count(*) > 1 FROM sweep WHERE experiment_id = :experiment AND over = 'link.rtt_ms' AND x > 0
#   AND metric = 'delivery_latency_mean_us' AND value > 0
stats DATA using 2 name "R" nooutput
stats DATA using 3 name "L" nooutput
call CHARTS."/widen.gp" "L" 3
stats DATA using (column(6) > 0) name "BELIEVED" nooutput
stats DATA using 8 name "RATE" nooutput
stats DATA using 9 name "INTERVAL" nooutput
a = RATE_mean      # events per second; 0 where they come evenly: the laws of who waits are for others
T = INTERVAL_max   # of polls
trips = 0          # that a webhook takes: with the handshake of a new connection two
if (has("webhook")) { stats DATA index "webhook" using 10 nooutput; trips = STATS_max }

push(x) = x / 2
polls(x) = T / 2 + x / 2
again(x, a) = x / 2 * (1 + a * x / (a * x + exp(-a * x)))
wait(r) = r < 1 ? r / (2 * (1 - r)) : NaN
queue(x, a) = trips * x - x / 2 + trips * x * wait(a * trips * x)
dash(x) = x / 1.07

eval picture(720, 480)
set samples 400
set logscale xy
set xrange [R_min / 1.15 : R_max * 1.15]
set xtics () scale 0.5
call CHARTS."/decades.gp" "y" SECONDS (R_min / 2) L_max
set xlabel "round trip R, in ms"
set ylabel "mean delivery latency"
set rmargin 9
set label 1 "R/2" at graph 1.01, first push(R_max * 1.15) left
if (T > 0) { set label 2 "T/2 + R/2" at R_min / 1.1, polls(R_min) left offset 0, 1 }
if (has("long_polling") && a > 0) { set label 3 "up to R" at graph 1.01, first again(R_max * 1.15, a) left }
if (has("webhook") && a * trips > 0 && a * trips * R_max > 1) {
    edge = 1.0 / (a * trips)
    set arrow from edge, graph 0 to edge, graph 1 nohead linetype style("webhook") linewidth 0.5 dashtype 3
    set label 4 (trips > 1 ? "2aR = 1: a queue without end" : "aR = 1: R/2 / (1 - aR) has no end") at edge, graph 0.03 left offset 0.6, 0
}
FORESEEN = foreseen("for [s in PREDICTED] PREDICTION index s using 2:3 with lines linetype style(s) linewidth 1 notitle,")
KEY_OF_IT = foreseen("NaN with lines linetype style(word(SERIES, 1)) linewidth 1 title SIMULATED,")
plot push(x) with lines linecolor rgb "black" linewidth 1 title "the laws", \
     for [w = 1:T > 0] polls(x) with lines linecolor rgb "black" linewidth 1 dashtype 2 notitle, \
     for [w = 1:has("long_polling") && a > 0] again(x, a) with lines linecolor rgb "black" linewidth 1 dashtype 4 notitle, \
     for [w = 1:has("webhook") && a * trips > 0] queue(x, a) with lines linecolor rgb "black" linewidth 1 dashtype 3 notitle, \
     for [f in FLOORS] DATA index f using 2:3 with lines linetype style(f) linewidth 3 dashtype 2 notitle, \
     @FORESEEN \
     for [s in SERIES] DATA index s using 2:4:(0):(column(5) - column(4)):xtic(7) with vectors heads size graph 0.006,90 linetype style(s) linewidth 1 notitle, \
     for [i = 1:words(SERIES)] DATA index word(SERIES, i) using 2:3:(hollow(word(SERIES, i), column(6))) with points linetype style(word(SERIES, i)) pointtype variable pointsize 1.6 - 0.15 * i notitle, \
     for [w = 1:has("long_polling") && a > 0] DATA index "long_polling" using (dash(column(2))):(again(column(2), column(8))):(column(2) * 1.07 - dash(column(2))):(0) with vectors nohead linecolor rgb "black" linewidth 1.5 notitle, \
     for [w = 1:has("webhook") && a * trips > 0] DATA index "webhook" using (dash(column(2))):(queue(column(2), column(8))):(column(2) * 1.07 - dash(column(2))):(0) with vectors nohead linecolor rgb "black" linewidth 1.5 notitle, \
     for [s in SERIES] NaN with points linetype style(s) pointsize 1.2 title name(s), \
     for [f in FLOORS] NaN with lines linetype style(f) linewidth 3 dashtype 2 title name(f), \
     @KEY_OF_IT \
     for [h = 1:BELIEVED_min < 1] NaN with points linecolor rgb "black" pointtype 6 pointsize 1.2 title DOUBTED
