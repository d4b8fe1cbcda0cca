# title: Questions per delivery of long polling against the round trip, and the law
# read: 1 means that each event has a question of its own. Where events come faster than answers and questions
#   travel, one answer brings what came meanwhile. The line is 1 / (aR + e^(-aR)), where a is how many events came per
#   second on average; a dash is the same for those of that cell alone.
# prediction: The coloured line is what the models predict for the very events that came.
# over: link.rtt_ms
# query:
#   WITH s AS MATERIALIZED (
#       SELECT * FROM sweep WHERE experiment_id = :experiment AND over = 'link.rtt_ms' AND x > 0 AND metric IN
#           ('requests_per_delivery', 'events', 'deliveries', 'deliveries_per_second'))
#   SELECT strategy, x / 1e3,
#          max(CASE metric WHEN 'requests_per_delivery' THEN value END),
#          max(CASE metric WHEN 'requests_per_delivery' THEN low END),
#          max(CASE metric WHEN 'requests_per_delivery' THEN high END),
#          max(CASE metric WHEN 'requests_per_delivery' THEN believed END), x,
#          iif(json_extract(parameters, '$.arrivals') = 'poisson',
#              max(CASE metric WHEN 'events' THEN value END)
#                  * max(CASE metric WHEN 'deliveries_per_second' THEN value END)
#                  / max(CASE metric WHEN 'deliveries' THEN value END), 0)
#   FROM s WHERE strategy = 'long_polling' GROUP BY x
#   HAVING max(CASE metric WHEN 'requests_per_delivery' THEN value END) > 0 ORDER BY x
# needs: SELECT count(*) > 1 FROM sweep WHERE experiment_id = :experiment AND over = 'link.rtt_ms' AND x > 0
#   AND metric = 'requests_per_delivery' AND value > 0 AND strategy = 'long_polling'
stats DATA using 2 name "R" nooutput
stats DATA using 3 name "Q" nooutput
call CHARTS."/widen.gp" "Q" 3
stats DATA using (column(6) > 0) name "BELIEVED" nooutput
stats DATA using 8 name "RATE" nooutput
a = RATE_mean # events per second; 0 where they come evenly, for which the law is another
law(x, a) = 1 / (a * x + exp(-a * x))
dash(x) = x / 1.07

eval picture(720, 340)
set logscale x
set xrange [R_min / 1.15 : R_max * 1.15]
set xtics () scale 0.5
set yrange [0 : 1.12 * (Q_max > 1 ? Q_max : 1)]
set xlabel "round trip R, in ms"
set ylabel "requests per delivery"
FORESEEN = foreseen("for [s in PREDICTED] PREDICTION index s using 2:3 with lines linetype style(s) linewidth 1 title SIMULATED,")
plot for [w = 1:a > 0] law(x, a) with lines linecolor rgb "black" linewidth 1 title sprintf("the law for %.3g events/s", a), \
     for [s in SERIES] DATA index s using 2:4:(0):(column(5) - column(4)):xtic(7) with vectors heads size graph 0.006,90 linetype style(s) linewidth 1 notitle, \
     for [s in SERIES] DATA index s using 2:3:(hollow(s, column(6))) with points linetype style(s) pointtype variable pointsize 1.4 notitle, \
     for [s in SERIES] for [w = 1:a > 0] DATA index s using (dash(column(2))):(law(column(2), column(8))):(column(2) * 1.07 - dash(column(2))):(0) with vectors nohead linecolor rgb "black" linewidth 1.5 notitle, \
     for [s in SERIES] NaN with points linetype style(s) pointsize 1.4 title name(s), \
     @FORESEEN \
     for [h = 1:BELIEVED_min < 1] NaN with points linecolor rgb "black" pointtype 6 pointsize 1.4 title DOUBTED
