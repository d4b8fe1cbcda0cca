# title: The slowest hundredth as subscribers grow
# read: As above, for the 99th percentile: 1 of 100 deliveries was slower than this.
# over: subscribers
# query:
#   SELECT strategy, x, value / 1e6, low / 1e6, high / 1e6, believed FROM sweep
#   WHERE experiment_id = :experiment AND over = 'subscribers'
#     AND metric = 'delivery_latency_p99_us'
#   ORDER BY x
UNIT = SECONDS
set xlabel "subscribers"
set ylabel "p99 delivery latency"
load CHARTS."/sweep.gp"
