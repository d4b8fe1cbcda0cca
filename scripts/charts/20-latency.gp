# title: Delivery latency: the median and the slow ones
# read: Three marks per strategy: half of all deliveries were faster than the disc (p50), 9 of 10
#   faster than the square (p90), 99 of 100 faster than the diamond (p99). The axis is logarithmic:
#   a step to the next power of ten is ten times slower. Thin lines are intervals.
# prediction: The black strokes are what the models predict of the three: where a stroke goes through its mark,
#   they explain it.
# query:
#   SELECT strategy,
#          max(CASE metric WHEN 'delivery_latency_p50_us' THEN value END) / 1e6,
#          max(CASE metric WHEN 'delivery_latency_p50_us' THEN low END) / 1e6,
#          max(CASE metric WHEN 'delivery_latency_p50_us' THEN high END) / 1e6,
#          max(CASE metric WHEN 'delivery_latency_p50_us' THEN believed END),
#          max(CASE metric WHEN 'delivery_latency_p90_us' THEN value END) / 1e6,
#          max(CASE metric WHEN 'delivery_latency_p90_us' THEN low END) / 1e6,
#          max(CASE metric WHEN 'delivery_latency_p90_us' THEN high END) / 1e6,
#          max(CASE metric WHEN 'delivery_latency_p90_us' THEN believed END),
#          max(CASE metric WHEN 'delivery_latency_p99_us' THEN value END) / 1e6,
#          max(CASE metric WHEN 'delivery_latency_p99_us' THEN low END) / 1e6,
#          max(CASE metric WHEN 'delivery_latency_p99_us' THEN high END) / 1e6,
#          max(CASE metric WHEN 'delivery_latency_p99_us' THEN believed END),
#          max(CASE metric WHEN 'delivery_latency_p50_us' THEN iif(believed > 0,
#              human(value, 'us'), '(' || human(value, 'us') || ')') END),
#          max(CASE metric WHEN 'delivery_latency_p99_us' THEN iif(believed > 0,
#              human(value, 'us'), '(' || human(value, 'us') || ')') END)
#   FROM baseline WHERE experiment_id = :experiment GROUP BY strategy
key(i) = word(SERIES, i)
array first_stroke[words(SERIES)]
array last_stroke[words(SERIES)]
do for [i = 1:words(SERIES)] {
    first_stroke[i] = NaN
    last_stroke[i] = NaN
    if (predicted(key(i))) {
        stats PREDICTION index key(i) using 2 nooutput
        first_stroke[i] = STATS_min
        stats PREDICTION index key(i) using 10 nooutput
        last_stroke[i] = STATS_max
    }
}
before(i, x) = first_stroke[i] < x ? first_stroke[i] : x
behind(i, x) = last_stroke[i] > x ? last_stroke[i] : x
do for [f in FLOORS] {
    stats DATA index f using 2 nooutput
    set arrow from STATS_mean, graph 0 to STATS_mean, graph 1 nohead linetype style(f) linewidth 1.5 dashtype 2
    stats DATA index f using 10 nooutput
    set arrow from STATS_mean, graph 0 to STATS_mean, graph 1 nohead linetype style(f) linewidth 1 dashtype 3
}
stats DATA using 10 nooutput
call CHARTS."/widen.gp" "STATS" 10
slowest = STATS_max
stats DATA using 2 nooutput
call CHARTS."/widen.gp" "STATS" 2
eval picture(720, 110 + 40 * words(SERIES))
set logscale x
room = (slowest / STATS_min) ** 0.2
call CHARTS."/decades.gp" "x" SECONDS (STATS_min / room) (slowest * room)
set xlabel "latency"
set yrange [-words(SERIES) - 0.5 : -0.5]
set border 1
set ytics () scale 0
do for [i = 1:words(SERIES)] { set ytics add (name(word(SERIES, i)) -i) }
shape(c, believed) = (c == 2 ? 7 : c == 6 ? 5 : 13) - (believed > 0 ? 0 : 1)
DIAMONDS = row_diamonds(words(SERIES), "2 6 10")
ACROSS = foreseen("for [i = 1:words(SERIES)] for [c = 2:10:4] for [p = 1:predicted(key(i))] PREDICTION index key(i) using c:(-i - 0.3):(0):(0.6) with vectors nohead linecolor rgb 'black' linewidth 1.5 notitle, NaN with lines linecolor rgb 'black' linewidth 1.5 title SIMULATED, ")
plot for [i = 1:words(SERIES)] DATA index key(i) using 2:(-i):(column(10) - column(2)):(0) with vectors nohead linetype style(key(i)) linewidth 2 notitle, \
     for [i = 1:words(SERIES)] for [c in "2 6 10"] DATA index key(i) using (column(int(c) + 1)):(-i):(column(int(c) + 2) - column(int(c) + 1)):(0) with vectors heads size graph 0.006,90 linetype style(key(i)) linewidth 1 notitle, \
     for [i = 1:words(SERIES)] for [c in "2 6 10"] DATA index key(i) using int(c):(-i):(shape(int(c), column(int(c) + 3))) with points linetype style(key(i)) pointtype variable pointsize 1.1 notitle, \
     for [i = 1:words(SERIES)] DATA index key(i) using (before(i, valid(3) && column(3) < column(2) ? column(3) : column(2))):(-i):14 with labels right offset -1.2, 0 notitle, \
     for [i = 1:words(SERIES)] DATA index key(i) using (behind(i, valid(12) && column(12) > column(10) ? column(12) : column(10))):(-i):15 with labels left offset 1.2, 0 notitle, \
     NaN with points linecolor rgb "black" pointtype 7 pointsize 1.1 title "p50", \
     NaN with points linecolor rgb "black" pointtype 5 pointsize 1.1 title "p90", \
     NaN with points linecolor rgb "black" pointtype 13 pointsize 1.1 title "p99", \
     @DIAMONDS @ACROSS for [f in FLOORS] NaN with lines linetype style(f) linewidth 1.5 dashtype 2 title name(f).", p50", \
     for [f in FLOORS] NaN with lines linetype style(f) linewidth 1 dashtype 3 title name(f).", p99"
