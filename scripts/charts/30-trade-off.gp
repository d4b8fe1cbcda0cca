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
#   SELECT strategy, latency / 1e6, bytes, cpu, believed FROM p WHERE cpu IS NOT NULL
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

# Of each strategy: where it is, and its CPU time.
count = words(SERIES)
key(i) = word(SERIES, i)
array x_of[count]
array y_of[count]
array cpu_of[count]
do for [i = 1:count] {
    stats DATA index key(i) using 2 nooutput
    x_of[i] = STATS_max
    stats DATA index key(i) using 3 nooutput
    y_of[i] = STATS_max
    stats DATA index key(i) using 4 nooutput
    cpu_of[i] = STATS_max
}

LINE = 17 # the height of a label, and of a letter the width, in pixels
LETTER = 7.5

# The margins are given so that pixels can be said in decades of an axis.
eval picture(720, 480)
set margins screen 0.11, screen 0.97, screen 0.14, screen 0.92
room = (X_max / X_min) ** 0.3 * 1.5
decades_a_pixel = log10(X_max / X_min * room ** 2 * 1.4 ** 2) / (0.86 * 720)
decades_a_line = log10(Y_max / Y_min * 4 * 1.4 ** 2) / (0.78 * 480) * LINE
radius(i) = 5 * size(cpu_of[i])
away(i) = 10 ** ((radius(i) + 6) * decades_a_pixel)
set logscale xy
call CHARTS."/decades.gp" "x" SECONDS (X_min / room) (X_max * room)
call CHARTS."/decades.gp" "y" BYTES (Y_min / 2) (Y_max * 2)
set xlabel "median delivery latency"
set ylabel "bytes on the wire per delivery"

# A label stands on the side (1: right, -1: left) where it covers fewer bubbles.
right_of(i, k) = log10(x_of[k] / x_of[i]) / decades_a_pixel
above(i, k) = log10(y_of[k] / y_of[i]) / decades_a_line * LINE
covers(i, k, side) = i != k && abs(above(i, k)) < radius(k) + LINE / 2 && \
    side * right_of(i, k) > radius(i) + 6 - radius(k) && side * right_of(i, k) < radius(i) + 6 + LETTER * strlen(name(key(i))) + radius(k)
array side_of[count]
do for [i = 1:count] {
    right = 0
    left = 0
    do for [k = 1:count] {
        right = right + covers(i, k, 1)
        left = left + covers(i, k, -1)
    }
    side_of[i] = right <= left ? 1 : -1
}

# Labels from the lowest upwards, each at least a line above those that it would cover.
near(i, k) = side_of[i] == side_of[k] && abs(log10(x_of[i] / x_of[k])) < 110 * decades_a_pixel
array height_of[count]
array placed[count]
do for [i = 1:count] { placed[i] = 0 }
do for [n = 1:count] {
    next = 0
    do for [i = 1:count] { if (!placed[i] && (next == 0 || y_of[i] < y_of[next])) { next = i } }
    height_of[next] = log10(y_of[next])
    do for [i = 1:count] {
        if (placed[i] && near(i, next) && height_of[next] < height_of[i] + decades_a_line) {
            height_of[next] = height_of[i] + decades_a_line
        }
    }
    placed[next] = 1
    if (side_of[next] == 1) {
        set label n name(key(next)) at x_of[next] * away(next), 10 ** height_of[next] left offset 0, 0.5 front textcolor rgb colour(key(next))
    } else {
        set label n name(key(next)) at x_of[next] / away(next), 10 ** height_of[next] right offset 0, 0.5 front textcolor rgb colour(key(next))
    }
}

# The largest bubble is drawn first, and all outlines above the fillings: nobody is hidden.
LARGEST_FIRST = ""
do for [n = 1:count] {
    next = 1
    do for [i = 2:count] { if (cpu_of[i] > cpu_of[next]) { next = i } }
    LARGEST_FIRST = LARGEST_FIRST." ".key(next)
    cpu_of[next] = -1
}
plot for [s in LARGEST_FIRST] DATA index s using 2:($5 > 0 ? $3 : NaN):(size($4)) with points linecolor rgb 0x60000000 + colour(s) pointtype 7 pointsize variable notitle, \
     for [s in LARGEST_FIRST] DATA index s using 2:3:(size($4)) with points linecolor rgb colour(s) pointtype 6 pointsize variable notitle, \
     for [f in FLOORS] NaN with lines linetype style(f) linewidth 1.5 dashtype 2 title name(f)
