# title: Predicted against measured
# read: Each mark is a cell: how far right is what was measured, how far up what the models predicted of it. On the
#   diagonal both are alike; above it the models say too much, below it too little, and in the grey band they are
#   at most 10 % off. Strategies that leave the diagonal together share a cause that the models do not know. Both axes
#   are logarithmic: the same way off is the same share anywhere. Thin lines are the intervals of what was measured.
# cells: all
# query:
#   SELECT strategy, CASE metric WHEN 'delivery_latency_mean_us' THEN 1 WHEN 'delivery_latency_p50_us' THEN 2
#                                WHEN 'delivery_latency_p99_us' THEN 3 WHEN 'age_mean_us' THEN 4 ELSE 5 END,
#          measured * scale, predicted * scale, low * scale, high * scale, believed
#   FROM (SELECT *, iif(unit = 'us', 1e-6, 1) AS scale FROM prediction WHERE experiment_id = :experiment)
#   WHERE metric IN ('delivery_latency_mean_us', 'delivery_latency_p50_us', 'delivery_latency_p99_us',
#                    'age_mean_us', 'wire_bytes_per_delivery') AND predicted > 0 AND measured > 0
# needs: SELECT count(*) > 0 FROM twin WHERE experiment_id = :experiment
stats DATA using 7 name "BELIEVED" nooutput
ALL = SERIES." ".FLOORS
TITLES = "'mean latency' 'median latency' '99th percentile of the latency' 'mean age' 'bytes on the wire per delivery'"

# Pixels: a panel, the way to the next one, and the picture.
PANEL = 172.0
ACROSS = 236.0
DOWN = 258.0
WIDTH = 740.0
HEIGHT = 530.0
left(n) = (78 + (n - 1) % 3 * ACROSS) / WIDTH
top(n) = 1 - (28 + (n - 1) / 3 * DOWN) / HEIGHT

eval picture(WIDTH, HEIGHT)
set multiplot
set margins screen left(6) - 0.03, screen 1, screen 0.08, screen top(6)
load CHARTS."/legend.gp"
set key inside center vertical maxrows 10
plot for [s in ALL] NaN with points linetype style(s) pointsize 1.1 title name(s), \
     NaN with lines linecolor rgb "black" linewidth 0.5 title "predicted = measured", \
     NaN with boxes linecolor rgb "#80808080" fillstyle solid noborder title "at most 10 % off", \
     for [h = 1:BELIEVED_min < 1] NaN with points linecolor rgb "black" pointtype 6 pointsize 1.1 title DOUBTED
load CHARTS."/panels.gp"
set logscale xy
set samples 100
set tics font ",10"
do for [n = 1:5] {
    set xrange [*:*]
    set yrange [*:*]
    stats DATA using ($2 == n ? $3 : NaN) name "X" nooutput
    if (!exists("X_records")) { continue } # nothing of this kind
    stats DATA using ($2 == n ? $4 : NaN) name "Y" nooutput
    least = (X_min < Y_min ? X_min : Y_min) / 1.4
    most = (X_max > Y_max ? X_max : Y_max) * 1.4
    set xrange [least : most]
    set yrange [least : most]
    # As many labels as there is room for, the same on both axes.
    decades = log10(most / least)
    digits = decades < 1.1 ? "1 2 5" : decades < 2 ? "1 3" : "1"
    set xtics ()
    set ytics ()
    do for [e = floor(log10(least)):ceil(log10(most)):(decades > 3.5 ? 2 : 1)] {
        do for [d in digits] {
            text = gprintf("%.0s %c", d * 10.0**e).(n == 5 ? BYTES : SECONDS)
            set xtics add (text d * 10.0**e)
            set ytics add (text d * 10.0**e)
        }
    }
    set title word(TITLES, n) offset 0, -0.6
    set margins screen left(n), screen left(n) + PANEL / WIDTH, screen top(n) - PANEL / HEIGHT, screen top(n)
    set xlabel "measured" offset 0, 0.3
    set ylabel (n % 3 == 1 ? "predicted" : "") offset 1.7, 0
    plot '+' using 1:(0.9 * $1):(1.1 * $1) with filledcurves linecolor rgb "#80808080", \
         x with lines linecolor rgb "black" linewidth 0.5, \
         for [s in ALL] DATA index s using 5:($2 == n ? $4 : NaN):(column(6) - column(5)):(0) with vectors heads size graph 0.015,90 linetype style(s) linewidth 1, \
         for [s in ALL] DATA index s using ($2 == n ? $3 : NaN):4:(hollow(s, $7)) with points linetype style(s) pointtype variable pointsize 0.9
}
unset multiplot
