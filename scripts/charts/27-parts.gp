# title: Where the time goes
# read: The mean latency of each strategy, cut into the parts of an event's way to the subscriber's
#   socket. Waiting to be asked is what polling is about; waiting in the server is mostly waiting for
#   one's turn among the subscribers; what is left is the write and the kernel's way.
# query:
#   SELECT strategy,
#          100 * coalesce(max(CASE metric WHEN 'schedule_lag_mean_us' THEN value END), 0) / total,
#          100 * coalesce(max(CASE metric WHEN 'ask_wait_mean_us' THEN value END), 0) / total,
#          100 * coalesce(max(CASE metric WHEN 'server_work_mean_us' THEN value END), 0) / total,
#          100 * coalesce(max(CASE metric WHEN 'transit_mean_us' THEN value END), 0) / total,
#          human(total, 'us')
#   FROM (SELECT *, max(CASE metric WHEN 'delivery_latency_mean_us' THEN value END)
#                       OVER (PARTITION BY strategy) AS total
#         FROM baseline WHERE experiment_id = :experiment)
#   GROUP BY strategy
# needs: SELECT count(*) > 0 FROM baseline
#   WHERE experiment_id = :experiment AND metric = 'transit_mean_us'
PARTS = "'late schedule' 'waiting to be asked' 'waiting in the server' 'on the way'"
array COLOURS[4] = [0x440154, 0x3b528b, 0x21918c, 0x5ec962]
ALL = SERIES." ".FLOORS
set terminal svg size 720,(120 + 38 * words(ALL)) dynamic rounded font "sans-serif,13"
set xrange [0:112]
set yrange [-words(ALL) - 0.5 : -0.5]
set xtics ("0 %%" 0, "25 %%" 25, "50 %%" 50, "75 %%" 75, "100 %%" 100)
set xlabel "share of the mean latency"
unset grid
set grid x linecolor rgb "#a0808080" linewidth 0.5 dashtype solid
set border 1
set ytics () scale 0
do for [i = 1:words(ALL)] { set ytics add (name(word(ALL, i)) -i) }
set style fill solid 0.9 noborder
set key maxrows 2
upto(n) = (n < 2 ? 0 : column(2)) + (n < 3 ? 0 : column(3)) + (n < 4 ? 0 : column(4)) + (n < 5 ? 0 : column(5))
plot for [i = 1:words(ALL)] for [p = 2:5] DATA index word(ALL, i) using (upto(p - 1)):(-i):(upto(p - 1)):(upto(p)):(-i - 0.32):(-i + 0.32) with boxxyerror linecolor rgb COLOURS[p - 1] notitle, \
     for [i = 1:words(ALL)] DATA index word(ALL, i) using (100):(-i):6 with labels left offset 0.8, 0 notitle, \
     for [p = 1:4] NaN with boxes linecolor rgb COLOURS[p] title word(PARTS, p)
