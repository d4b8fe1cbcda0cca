# title: A far receiver: webhooks in flight
# read: A webhook sends its receiver the next event when the answer to the last one is back: 1/R per second and no
#   more, R being the round trip. Left the queue before that, R/2 / (1 - r) where the load r is events per second × R:
#   twice as long at one half, without end from 1 on. Right what arrives: everything, up to 1/R. With several in flight
#   the limit is as many times as high, and the order is nobody's promise.
# query:
#   WITH s AS MATERIALIZED (
#       SELECT strategy, metric, value, low, high, believed, json_extract(parameters, '$.events_per_second') AS nominal,
#              coalesce(json_extract(parameters, '$.in_flight_per_receiver'), 1) AS in_flight,
#              json_extract(parameters, '$."link.rtt_ms"') / 1e3 AS round_trip,
#              json_extract(parameters, '$.arrivals') = 'poisson' AS poisson
#       FROM summary WHERE experiment_id = :experiment AND json_extract(parameters, '$.in_flight_per_receiver') > 0
#           AND metric IN ('delivery_latency_mean_us', 'events', 'deliveries', 'deliveries_per_second', 'subscribers'))
#   SELECT strategy, max(CASE metric WHEN 'events' THEN value END)
#              * max(CASE metric WHEN 'deliveries_per_second' THEN value END)
#              / max(CASE metric WHEN 'deliveries' THEN value END) AS rate,
#          max(CASE metric WHEN 'delivery_latency_mean_us' THEN value END) / 1e6,
#          max(CASE metric WHEN 'delivery_latency_mean_us' THEN low END) / 1e6,
#          max(CASE metric WHEN 'delivery_latency_mean_us' THEN high END) / 1e6,
#          max(CASE metric WHEN 'delivery_latency_mean_us' THEN believed END),
#          max(CASE metric WHEN 'deliveries_per_second' THEN value END)
#              / max(CASE metric WHEN 'subscribers' THEN value END),
#          max(CASE metric WHEN 'deliveries_per_second' THEN believed END), in_flight,
#          dense_rank() OVER (ORDER BY in_flight), round_trip, poisson
#   FROM s WHERE round_trip = (SELECT max(round_trip) FROM s) GROUP BY strategy, in_flight, nominal
#   HAVING max(CASE metric WHEN 'deliveries' THEN value END) > 0 ORDER BY in_flight, rate
# prediction: The coloured lines are what the models predict for the very events that came; the law is an average over
#   all that might have come.
# over: events_per_second
# needs: SELECT count(*) > 0 FROM cell WHERE experiment_id = :experiment AND json_extract(parameters, '$."link.rtt_ms"') > 0
#   AND json_extract(parameters, '$.in_flight_per_receiver') > 0
stats DATA using 2 name "A" nooutput
stats DATA using 3 name "L" nooutput
stats DATA using 7 name "D" nooutput
call CHARTS."/widen.gp" "L" 3
call CHARTS."/widen.gp" "D" 7
stats DATA using (column(6) > 0 && column(8) > 0) name "BELIEVED" nooutput
stats DATA using 10 nooutput
ways = STATS_max
stats DATA using 11 nooutput
R = STATS_max
stats DATA using 12 nooutput
poisson = STATS_min > 0
array flights[ways]
do for [n = 1:ways] { stats DATA using ($10 == n ? $9 : NaN) name "F" nooutput; flights[n] = F_max }
s = word(SERIES, 1)
shape(n, believed) = 5 + 2 * ((n - 1) % 5) - (believed > 0 ? 0 : 1)
shade(n) = n == 1 ? colour(s) : n == 2 ? 0x0072B2 : 0x009E73
queue(x) = x * R < 1 ? R / 2 / (1 - x * R) : NaN
least(x, y) = x < y ? x : y

eval picture(720, 440)
set samples 400
set multiplot
set margins screen 0.03, screen 0.97, screen 0.88, screen 0.99
load CHARTS."/legend.gp"
KEY_OF_IT = foreseen("NaN with lines linecolor rgb shade(1) linewidth 1 title SIMULATED,")
plot NaN with lines linecolor rgb "black" linewidth 1 title "the law", \
     for [n = 1:ways] NaN with points linecolor rgb shade(n) pointtype shape(n, 1) pointsize 1.2 title sprintf("%g in flight", flights[n]), \
     @KEY_OF_IT \
     for [h = 1:BELIEVED_min < 1] NaN with points linecolor rgb "black" pointtype 6 pointsize 1.2 title DOUBTED
load CHARTS."/panels.gp"
set xrange [0 : A_max * 1.1]
set xtics autofreq
set xlabel "events per second"
set tmargin at screen 0.79
set bmargin at screen 0.17

set title "mean latency" offset 0, -0.5
set lmargin at screen 0.09
set rmargin at screen 0.49
set logscale y
call CHARTS."/decades.gp" "y" SECONDS (R / 2.5) L_max
set arrow 1 from 1 / R, graph 0 to 1 / R, graph 1 nohead linecolor rgb "black" linewidth 0.5 dashtype 3
set label 1 "1/R" at 1 / R, graph 0.03 left offset 0.4, 0
set label 2 "R/2" at graph 0.98, first R / 2 right offset 0, -0.7
FORESEEN = foreseen("for [n = 1:ways] PREDICTION using ($10 == n ? $2 : NaN):3 with lines linecolor rgb shade(n) linewidth 1,")
plot for [w = 1:poisson && flights[1] == 1] queue(x) with lines linecolor rgb "black" linewidth 1, \
     R / 2 with lines linecolor rgb "black" linewidth 1 dashtype 3, \
     @FORESEEN \
     for [n = 1:ways] DATA using ($10 == n ? $2 : NaN):4:(0):($5 - $4) with vectors heads size graph 0.006,90 linecolor rgb shade(n) linewidth 1, \
     for [n = 1:ways] DATA using ($10 == n ? $2 : NaN):3:(shape(n, $6)) with points linecolor rgb shade(n) pointtype variable pointsize 1.2

set title "deliveries per second and subscriber"
set lmargin at screen 0.57
set rmargin at screen 0.97
unset logscale y
set yrange [0 : 1.12 * (A_max > D_max ? A_max : D_max)]
set ytics autofreq
unset label 1
unset label 2
unset arrow 1
FORESEEN = foreseen("for [n = 1:ways] PREDICTION using ($10 == n ? $2 : NaN):7 with lines linecolor rgb shade(n) linewidth 1,")
plot for [n = 1:ways] least(x, flights[n] / R) with lines linecolor rgb "black" linewidth 1, \
     @FORESEEN \
     for [n = 1:ways] DATA using ($10 == n ? $2 : NaN):7:(shape(n, $8)) with points linecolor rgb shade(n) pointtype variable pointsize 1.2
unset multiplot
