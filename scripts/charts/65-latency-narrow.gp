# title: Latency of big events, and the rounds that TCP takes
# read: The marks are measured, the lines are computed. TCP sends ten segments of 1,448 bytes at first, and twice as
#   many in each round; what does not fit waits for a whole round trip R more, so the line has steps. A narrow line
#   takes its time as well: the dashed line is when it has carried the event to the last of its subscribers. The
#   higher one of the two counts, and where they are alike a part of both.
# query:
#   WITH s AS MATERIALIZED (
#       SELECT strategy, value, low, high, believed, json_extract(parameters, '$.payload_bytes') AS bytes,
#              coalesce(json_extract(parameters, '$."link.down_mbit"'), 0) AS mbit,
#              json_extract(parameters, '$."link.rtt_ms"') AS rtt_ms,
#              json_extract(parameters, '$.subscribers') AS subscribers,
#              json_extract(parameters, '$.interval_ms') AS interval_ms
#       FROM summary WHERE experiment_id = :experiment AND metric = 'delivery_latency_mean_us'
#   )
#   SELECT strategy, bytes, value / 1e6, low / 1e6, high / 1e6, believed, human(bytes, 'bytes'), mbit,
#          dense_rank() OVER (ORDER BY iif(mbit = 0, 1e9, mbit) DESC), rtt_ms / 1e3, subscribers
#   FROM s WHERE rtt_ms = (SELECT max(rtt_ms) FROM s) AND interval_ms IS NULL ORDER BY bytes, mbit
# prediction: The coloured lines are what the models predict, the black ones are the laws. A model knows what a law
#   leaves out: how long each step takes on this machine, and how the answers travel back.
# over: payload_bytes
# needs: SELECT count(*) > 0 FROM cell WHERE experiment_id = :experiment AND json_extract(parameters, '$."link.rtt_ms"') > 0
stats DATA using 2 name "B" nooutput
stats DATA using 3 name "L" nooutput
call CHARTS."/widen.gp" "L" 3
stats DATA using (column(6) > 0) name "BELIEVED" nooutput
stats DATA using 9 nooutput
panels = STATS_max > 3 ? 3 : STATS_max # more would be too narrow to read
stats DATA using 10 nooutput
R = STATS_max
stats DATA using 11 nooutput
subscribers = STATS_max
array mbit[panels] # 0: no limit
do for [n = 1:panels] { stats DATA using ($9 == n ? $8 : NaN) nooutput; mbit[n] = STATS_max }
ALL = SERIES." ".FLOORS
key(i) = word(ALL, i)
beside(x, i) = x * 1.06 ** (i - (words(ALL) + 1) / 2.0)

# 10, 30, 70, ... segments are through after 1, 2, 3, ... rounds.
segments(b) = ceil(b / 1448.0)
rounds(b) = ceil(log(segments(b) / 10.0 + 1) / log(2) - 1e-9)
steps(b) = R / 2 + (rounds(b) - 1) * R
carried(b, mbit) = R / 2 + subscribers * segments(b) * 1500 * 8 / (mbit * 1e6)

eval picture(720, 460)
set samples 500
set multiplot
set margins screen 0.03, screen 0.97, screen 0.84, screen 0.99
load CHARTS."/legend.gp"
KEY_OF_IT = foreseen("NaN with lines linetype style(key(1)) linewidth 1 title SIMULATED,")
plot NaN with lines linecolor rgb "black" linewidth 1 title "rounds", \
     @KEY_OF_IT \
     for [w = 1:mbit[panels] > 0] NaN with lines linecolor rgb "black" linewidth 1 dashtype 2 title "the line's rate", \
     for [s in ALL] NaN with points linetype style(s) pointsize 1.1 title name(s), \
     for [h = 1:BELIEVED_min < 1] NaN with points linecolor rgb "black" pointtype 6 pointsize 1.1 title DOUBTED
load CHARTS."/panels.gp"
set logscale xy
set xtics ()
do for [e = 0:7] { do for [d in "1 3"] { set xtics add (gprintf("%.0s %c", d * 10.0**e)."B" d * 10.0**e) } }
set xrange [B_min / 1.5 : B_max * 1.5]
set xlabel "payload of an event"
call CHARTS."/decades.gp" "y" SECONDS (R / 2.5) (L_max > steps(B_max) ? L_max : steps(B_max))
set tmargin at screen 0.78
set bmargin at screen 0.17
FORESEEN = foreseen("for [i = 1:words(ALL)] for [p = 1:predicted(key(i))] PREDICTION index key(i) using (beside($2, i)):($9 == n ? $3 : NaN) with lines linetype style(key(i)) linewidth 1,")
do for [n = 1:panels] {
    set title (mbit[n] > 0 ? sprintf("mean latency, %g Mbit/s down", mbit[n]) : "mean latency, rate without limit") offset 0, -0.5
    set lmargin at screen 0.01 + 0.99 * (n - 1) / panels + 0.075
    set rmargin at screen 0.99 * n / panels - 0.01
    plot steps(x) with lines linecolor rgb "black" linewidth 1, \
         for [w = 1:mbit[n] > 0] carried(x, mbit[n]) with lines linecolor rgb "black" linewidth 1 dashtype 2, \
         @FORESEEN \
         for [i = 1:words(ALL)] DATA index key(i) using (beside($2, i)):($9 == n ? $4 : NaN):(0):(column(5) - column(4)) with vectors heads size graph 0.006,90 linetype style(key(i)) linewidth 1, \
         for [i = 1:words(ALL)] DATA index key(i) using (beside($2, i)):($9 == n ? $3 : NaN):(hollow(key(i), column(6))) with points linetype style(key(i)) pointtype variable pointsize 1.1
}
unset multiplot
