# The stall, as four ways of measuring see it. DATA, OUTPUT and CHARTS are given.
load CHARTS."/common.gp"
set terminal svg size 720,420 dynamic rounded font "sans-serif,13" linewidth 1 background rgb "white"
set output OUTPUT

set logscale xy
set xrange [1:4000] noextend
set yrange [0.02:2000]
set xlabel "of all events"
set ylabel "latency"
set xtics ("0 %%" 1, "50 %%" 2, "75 %%" 4, "90 %%" 10, "99 %%" 100, "99.9 %%" 1000)
set ytics ("10 µs" 0.01, "100 µs" 0.1, "1 ms" 1, "10 ms" 10, "100 ms" 100, "1 s" 1000)

# What did not wait at all would lie below any logarithmic axis.
visible(ms) = ms < 0.02 ? 0.02 : ms

plot DATA index "truth" using 1:(visible($2)) with lines linecolor rgb "#b0b0b0" linewidth 7 title "the truth, from the length of the stall", \
     DATA index "measured" using 1:(visible($2)) with lines linecolor rgb "#0072b2" linewidth 2 title "pushpull: from the time an event was due", \
     DATA index "closed" using 1:(visible($2)) with lines linecolor rgb "#d55e00" linewidth 2 title "a closed loop: from the time a request was sent", \
     DATA index "filled" using 1:(visible($2)) with lines linecolor rgb "#009e73" linewidth 2 dashtype 2 title "the closed loop, back-filled"
