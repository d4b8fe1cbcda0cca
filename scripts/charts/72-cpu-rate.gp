# title: Server CPU per delivery as events come faster
# read: A falling line shares fixed work (polls that find nothing, timers) among more deliveries.
# over: events_per_second
# query:
#   SELECT strategy, x, value / 1e6, low / 1e6, high / 1e6, believed FROM sweep
#   WHERE experiment_id = :experiment AND over = 'events_per_second'
#     AND metric = 'server_cpu_us_per_delivery'
#   ORDER BY x
UNIT = SECONDS
set xlabel "events per second"
set ylabel "server CPU per delivery"
load CHARTS."/sweep.gp"
