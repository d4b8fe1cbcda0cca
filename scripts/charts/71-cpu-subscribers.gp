# title: Server CPU per delivery as subscribers grow
# read: Flat means that a delivery costs the same however many subscribers there are; a falling line
#   shares fixed work among more of them.
# over: subscribers
# query:
#   SELECT strategy, x, value / 1e6, low / 1e6, high / 1e6, believed FROM sweep
#   WHERE experiment_id = :experiment AND over = 'subscribers'
#     AND metric = 'server_cpu_us_per_delivery'
#   ORDER BY x
UNIT = SECONDS
set xlabel "subscribers"
set ylabel "server CPU per delivery"
load CHARTS."/sweep.gp"
