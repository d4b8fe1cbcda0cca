# title: The trade-off: latency, traffic and CPU
# read: Left is faster, down is cheaper on the wire, a small bubble is cheap for the server (its area
#   is the server's CPU time per delivery). The best place is the lower left corner; the
#   dashed lines are the floor. Where bubbles overlap, the smaller one lies on top.
# query:
#   WITH p AS MATERIALIZED (
#       SELECT strategy, min(believed) AS believed,
#              max(CASE metric WHEN 'delivery_latency_p50_us' THEN value END) AS latency,
#              max(CASE metric WHEN 'wire_bytes_per_delivery' THEN value END) AS bytes,
#              max(CASE metric WHEN 'server_cpu_us_per_delivery' THEN value END) AS cpu
#       FROM baseline
#       WHERE experiment_id = :experiment AND metric IN ('delivery_latency_p50_us',
#             'wire_bytes_per_delivery', 'server_cpu_us_per_delivery')
#       GROUP BY strategy)
#   SELECT strategy, latency / 1e6, bytes, cpu, believed,
#          CASE WHEN coalesce(lead(bytes) OVER near / bytes < bytes / lag(bytes) OVER near,
#                             lag(bytes) OVER near IS NULL)
#               THEN latency >= coalesce(lead(latency) OVER near, 0)
#               ELSE latency >= lag(latency) OVER near END
#   FROM p JOIN temp.strategy ON key = strategy
#   WINDOW near AS (PARTITION BY floor ORDER BY bytes)
stats DATA using 4 nooutput
largest = STATS_max
size(cpu) = 1 + 5 * sqrt(cpu / largest)
do for [f in FLOORS] {
    stats DATA index f using 2 nooutput
    set arrow from STATS_mean, graph 0 to STATS_mean, graph 1 nohead linetype style(f) linewidth 1.5 dashtype 2
    stats DATA index f using 3 nooutput
    set arrow from graph 0, first STATS_mean to graph 1, first STATS_mean nohead linetype style(f) linewidth 1.5 dashtype 2
}
stats DATA using 2 name "X" nooutput
stats DATA using 3 name "Y" nooutput

# The largest bubble is drawn first, and all outlines above the fillings: nobody is hidden.
array cpu_of[words(SERIES)]
do for [i = 1:words(SERIES)] {
    stats DATA index word(SERIES, i) using 4 nooutput
    cpu_of[i] = STATS_max
}
LARGEST_FIRST = ""
do for [i = 1:words(SERIES)] {
    next = 1
    do for [k = 2:words(SERIES)] { if (cpu_of[k] > cpu_of[next]) { next = k } }
    LARGEST_FIRST = LARGEST_FIRST." ".word(SERIES, next)
    cpu_of[next] = -1
}

# A label stands right or left of its bubble, away from the bubble that is next in bytes; the margins
# are given so that a bubble's radius in pixels can be said in decades of the x axis.
eval picture(720, 480)
set margins screen 0.11, screen 0.97, screen 0.14, screen 0.92
room = (X_max / X_min) ** 0.3 * 1.5
decades_a_pixel = log10(X_max / X_min * room ** 2 * 1.4 ** 2) / (0.86 * 720)
away(cpu) = 10 ** ((5 * size(cpu) + 6) * decades_a_pixel)
set logscale xy
call CHARTS."/decades.gp" "x" SECONDS (X_min / room) (X_max * room)
call CHARTS."/decades.gp" "y" BYTES (Y_min / 2) (Y_max * 2)
set xlabel "median delivery latency"
set ylabel "bytes on the wire per delivery"
right_of(side) = side == 1 ? 1 : NaN
left_of(side) = side == 1 ? NaN : 1
plot for [s in LARGEST_FIRST] DATA index s using 2:($5 > 0 ? $3 : NaN):(size($4)) with points linecolor rgb 0x60000000 + colour(s) pointtype 7 pointsize variable notitle, \
     for [s in LARGEST_FIRST] DATA index s using 2:3:(size($4)) with points linecolor rgb colour(s) pointtype 6 pointsize variable notitle, \
     for [s in SERIES] DATA index s using ($2 * right_of($6) * away($4)):3:(name(s)) with labels left offset 0, 0.5 notitle, \
     for [s in SERIES] DATA index s using ($2 * left_of($6) / away($4)):3:(name(s)) with labels right offset 0, 0.5 notitle, \
     for [f in FLOORS] NaN with lines linetype style(f) linewidth 1.5 dashtype 2 title name(f)
