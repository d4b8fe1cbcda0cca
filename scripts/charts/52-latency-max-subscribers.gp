# title: The slowest delivery as subscribers grow
# read: The greatest latency of any delivery. An event is written to one subscriber after another, so
#   the last one waits for all others.
# over: subscribers
# query:
#   SELECT strategy, x, value / 1e6, low / 1e6, high / 1e6, believed FROM sweep
#   WHERE experiment_id = :experiment AND over = 'subscribers'
#     AND metric = 'delivery_latency_max_us'
#   ORDER BY x
UNIT = SECONDS
set xlabel "subscribers"
set ylabel "greatest delivery latency"
load CHARTS."/sweep.gp"
