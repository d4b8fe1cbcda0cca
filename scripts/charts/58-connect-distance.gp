# title: Time to connect, in round trips
# read: One round trip for TCP's handshake, a second one for the first question and its answer: the line at
#   two. What lies above it, where the other end is near, is what programs and kernel take themselves.
#   Marks of one distance stand side by side.
# prediction: The coloured lines are what the models predict.
# over: link.rtt_ms
# query:
#   SELECT strategy, x / 1e3, value / x / 1e3, low / x / 1e3, high / x / 1e3, believed, x
#   FROM sweep WHERE experiment_id = :experiment AND over = 'link.rtt_ms' AND x > 0 AND metric = 'connect_p50_us'
#   ORDER BY x
# needs: SELECT count(*) > 1 FROM sweep WHERE experiment_id = :experiment AND over = 'link.rtt_ms' AND x > 0
#   AND metric = 'connect_p50_us'
stats DATA using 2 name "R" nooutput
stats DATA using 3 name "C" nooutput
call CHARTS."/widen.gp" "C" 3
stats DATA using (column(6) > 0) name "BELIEVED" nooutput
ALL = SERIES." ".FLOORS
key(i) = word(ALL, i)
beside(x, i) = x * 1.04 ** (i - (words(ALL) + 1) / 2.0)

eval picture(720, 340)
set logscale x
set xrange [R_min / 1.3 : R_max * 1.3]
set xtics () scale 0.5
set yrange [0 : C_max * 1.1 > 2.5 ? C_max * 1.1 : 2.5]
set xlabel "round trip R, in ms"
set ylabel "median time to connect / R"
FORESEEN = foreseen("for [i = 1:words(ALL)] for [p = 1:predicted(key(i))] PREDICTION index key(i) using (beside(column(2), i)):3 with lines linetype style(key(i)) linewidth 1 notitle, NaN with lines linetype style(key(1)) linewidth 1 title SIMULATED,")
plot 2 with lines linecolor rgb "black" linewidth 1 title "2 R: first answer", \
     1 with lines linecolor rgb "black" linewidth 1 dashtype 3 title "1 R: handshake", \
     for [i = 1:words(ALL)] DATA index key(i) using 2:(NaN):xtic(7) with points notitle, \
     for [i = 1:words(ALL)] DATA index key(i) using (beside(column(2), i)):4:(0):(column(5) - column(4)) with vectors heads size graph 0.006,90 linetype style(key(i)) linewidth 1 notitle, \
     for [i = 1:words(ALL)] DATA index key(i) using (beside(column(2), i)):3:(hollow(key(i), column(6))) with points linetype style(key(i)) pointtype variable pointsize 1.1 notitle, \
     for [s in ALL] NaN with points linetype style(s) pointsize 1.1 title name(s), \
     @FORESEEN \
     for [h = 1:BELIEVED_min < 1] NaN with points linecolor rgb "black" pointtype 6 pointsize 1.1 title DOUBTED
