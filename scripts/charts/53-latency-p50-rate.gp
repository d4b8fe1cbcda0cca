# title: Median latency as events come faster
# read: Flat until the server or the network has more to do than it can.
# over: events_per_second
# query:
#   SELECT strategy, x, value / 1e6, low / 1e6, high / 1e6, believed FROM sweep
#   WHERE experiment_id = :experiment AND over = 'events_per_second'
#     AND metric = 'delivery_latency_p50_us'
#   ORDER BY x
UNIT = SECONDS
set xlabel "events per second"
set ylabel "median delivery latency"
load CHARTS."/sweep.gp"
