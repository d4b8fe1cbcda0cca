# title: What a telephone pays: wake-ups and bytes per hour
# read: Shorter is cheaper, left for the battery, right for the data plan. A radio falls asleep after some seconds
#   without a packet, and waking it is what costs: a wake-up is a packet after five seconds of silence. Per
#   subscriber, and for each network by itself, the nearest first.
# query:
#   WITH s AS MATERIALIZED (
#       SELECT strategy, metric, value, believed, json_extract(parameters, '$.path') AS path,
#              json_extract(parameters, '$.interval_ms') AS interval_ms
#       FROM summary WHERE experiment_id = :experiment AND metric IN ('radio_wakeups_per_hour',
#           'wire_bytes_per_subscriber_second', 'link_round_trip_us')
#   ), n AS (
#       SELECT path, row_number() OVER (ORDER BY avg(value), path) AS rank
#       FROM s WHERE metric = 'link_round_trip_us' GROUP BY path
#   )
#   SELECT strategy, rank,
#          max(CASE metric WHEN 'radio_wakeups_per_hour' THEN value END),
#          max(CASE metric WHEN 'radio_wakeups_per_hour' THEN believed END),
#          max(CASE metric WHEN 'radio_wakeups_per_hour' THEN human(value, 'count') END),
#          3600 * max(CASE metric WHEN 'wire_bytes_per_subscriber_second' THEN value END),
#          max(CASE metric WHEN 'wire_bytes_per_subscriber_second' THEN believed END),
#          max(CASE metric WHEN 'wire_bytes_per_subscriber_second' THEN human(3600 * value, 'bytes') END), path
#   FROM s JOIN n USING (path) GROUP BY strategy, rank
#   HAVING count(DISTINCT interval_ms) <= 1 AND max(CASE metric WHEN 'radio_wakeups_per_hour' THEN 1 END) = 1
#   ORDER BY rank
# needs: SELECT count(*) > 0 FROM summary WHERE experiment_id = :experiment AND metric = 'radio_wakeups_per_hour'
#   AND json_extract(parameters, '$.path') IS NOT NULL
stats DATA using (column(4) > 0 && column(7) > 0) name "BELIEVED" nooutput
ALL = SERIES." ".FLOORS
count = words(ALL)
key(i) = word(ALL, i)
stats DATA using 2 nooutput
networks = STATS_max
stats DATA using 3 name "WAKES" nooutput
stats DATA using 6 name "VOLUME" nooutput
height = networks * (count + 1.4)
row(rank, i) = -((rank - 1) * (count + 1.4) + i + 0.4)

if (BELIEVED_min < 1) { set label 98 DOUBTED at screen 0.99, character 0.4 right font "sans-serif,9" textcolor rgb "#808080" }
eval picture(720, 90 + 21 * height)
set multiplot
set bmargin at screen 52.0 / (90 + 21 * height)
set tmargin at screen 1 - 28.0 / (90 + 21 * height)
set yrange [-height - 0.5 : 0.2]
set border 1
set ytics () scale 0
unset grid
set grid x linecolor rgb "#a0808080" linewidth 0.5 dashtype solid
set style fill solid 0.85 noborder
unset key
full(believed) = believed > 0 ? 1 : NaN

set lmargin at screen 0.15
set rmargin at screen 0.55
set title "wake-ups per hour" offset 0, -0.7
do for [n = 1:networks] {
    do for [i = 1:count] { set ytics add (name(key(i)) row(n, i)) }
}
call CHARTS."/linear.gp" "x" "" (WAKES_max * 1.1)
plot for [i = 1:count] DATA index key(i) using ($3 / 2 * full($4)):(row($2, i)):(0):3:(row($2, i) - 0.38):(row($2, i) + 0.38) with boxxyerror linetype style(key(i)), \
     for [i = 1:count] DATA index key(i) using ($3 / 2):(row($2, i)):(0):3:(row($2, i) - 0.38):(row($2, i) + 0.38) with boxxyerror linetype style(key(i)) linewidth 1.5 fillstyle empty border, \
     for [i = 1:count] DATA index key(i) using 3:(row($2, i)):5 with labels left offset 0.6, 0, \
     DATA index key(1) using (0):(row($2, 0.15)):9 with labels left offset 0.3, 0 font "sans-serif:Bold"
unset label 98
unset label 99
set lmargin at screen 0.6
set rmargin at screen 0.99
set title "bytes per hour"
unset ytics
call CHARTS."/linear.gp" "x" BYTES (VOLUME_max * 1.1)
plot for [i = 1:count] DATA index key(i) using ($6 / 2 * full($7)):(row($2, i)):(0):6:(row($2, i) - 0.38):(row($2, i) + 0.38) with boxxyerror linetype style(key(i)), \
     for [i = 1:count] DATA index key(i) using ($6 / 2):(row($2, i)):(0):6:(row($2, i) - 0.38):(row($2, i) + 0.38) with boxxyerror linetype style(key(i)) linewidth 1.5 fillstyle empty border, \
     for [i = 1:count] DATA index key(i) using 6:(row($2, i)):8 with labels left offset 0.6, 0
unset multiplot
