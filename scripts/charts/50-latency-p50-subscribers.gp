# title: Median latency as subscribers grow
# read: Flat is what one hopes for. Where a line bends upwards, one server process runs out of CPU:
#   an event must be written to every subscriber, and the last one waits for all before it.
# over: subscribers
# query:
#   SELECT strategy, x, value / 1e6, low / 1e6, high / 1e6, believed FROM sweep
#   WHERE experiment_id = :experiment AND over = 'subscribers'
#     AND metric = 'delivery_latency_p50_us'
#   ORDER BY x
UNIT = SECONDS
set xlabel "subscribers"
set ylabel "median delivery latency"
load CHARTS."/sweep.gp"
