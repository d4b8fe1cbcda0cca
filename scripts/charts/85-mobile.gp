# title: What a telephone pays: wake-ups and bytes per hour
# read: Shorter is cheaper, left for the battery, right for the data plan. A radio falls asleep after some seconds
#   without a packet, and waking it is what costs: a wake-up is a packet after five seconds of silence. Per
#   subscriber, and for each network by itself, the nearest first.
# prediction: The black stroke across a bar is what the models predict: where it stands at the bar's end, they
#   explain the figure.
# query:
#   WITH s AS MATERIALIZED (
#       SELECT strategy, metric, value, believed, json_extract(parameters, '$.path') AS path,
#              json_extract(parameters, '$.interval_ms') AS interval_ms
#       FROM summary WHERE experiment_id = :experiment AND metric IN ('radio_wakeups_per_hour',
#           'wire_bytes_per_subscriber_second')
#   ), n AS (
#       SELECT json_extract(parameters, '$.path') AS path,
#              row_number() OVER (ORDER BY avg(value), json_extract(parameters, '$.path')) AS rank
#       FROM main.summary WHERE experiment_id = :experiment AND metric = 'link_round_trip_us' GROUP BY 1
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
call CHARTS."/widen.gp" "WAKES" 3
call CHARTS."/widen.gp" "VOLUME" 6
height = networks * (count + 1.4)
row(rank, i) = -((rank - 1) * (count + 1.4) + i + 0.4)

# Where labels begin: behind the bar, or behind the stroke of what was predicted.
array strokes[2 * networks * count]
place(n, i, c) = (c / 6 * networks + n - 1) * count + i
do for [n = 1:networks] {
    do for [i = 1:count] {
        do for [c in "3 6"] {
            strokes[place(n, i, int(c))] = 0
            if (predicted(key(i))) { stats PREDICTION index key(i) using (column(2) == n ? column(int(c)) : NaN) name "AT" nooutput }
            if (predicted(key(i)) && exists("AT_records")) { strokes[place(n, i, int(c))] = AT_max }
        }
    }
}
behind(n, i, c, x) = x > strokes[place(n, i, c)] ? x : strokes[place(n, i, c)]

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
ACROSS = foreseen("for [i = 1:count] for [p = 1:predicted(key(i))] PREDICTION index key(i) using 3:(row($2, i) - 0.46):(0):(0.92) with vectors nohead linecolor rgb 'black' linewidth 2,")
plot for [i = 1:count] DATA index key(i) using ($3 / 2 * full($4)):(row($2, i)):(0):3:(row($2, i) - 0.38):(row($2, i) + 0.38) with boxxyerror linetype style(key(i)), \
     for [i = 1:count] DATA index key(i) using ($3 / 2):(row($2, i)):(0):3:(row($2, i) - 0.38):(row($2, i) + 0.38) with boxxyerror linetype style(key(i)) linewidth 1.5 fillstyle empty border, \
     @ACROSS \
     for [i = 1:count] DATA index key(i) using (behind(int($2), i, 3, $3)):(row($2, i)):5 with labels left offset 0.6, 0, \
     DATA index key(1) using (0):(row($2, 0.15)):9 with labels left offset 0.3, 0 font "sans-serif:Bold"
unset label 98
unset label 99
set lmargin at screen 0.6
set rmargin at screen 0.99
set title "bytes per hour"
unset ytics
call CHARTS."/linear.gp" "x" BYTES (VOLUME_max * 1.1)
ACROSS = foreseen("for [i = 1:count] for [p = 1:predicted(key(i))] PREDICTION index key(i) using 6:(row($2, i) - 0.46):(0):(0.92) with vectors nohead linecolor rgb 'black' linewidth 2,")
plot for [i = 1:count] DATA index key(i) using ($6 / 2 * full($7)):(row($2, i)):(0):6:(row($2, i) - 0.38):(row($2, i) + 0.38) with boxxyerror linetype style(key(i)), \
     for [i = 1:count] DATA index key(i) using ($6 / 2):(row($2, i)):(0):6:(row($2, i) - 0.38):(row($2, i) + 0.38) with boxxyerror linetype style(key(i)) linewidth 1.5 fillstyle empty border, \
     @ACROSS \
     for [i = 1:count] DATA index key(i) using (behind(int($2), i, 6, $6)):(row($2, i)):8 with labels left offset 0.6, 0
unset multiplot
