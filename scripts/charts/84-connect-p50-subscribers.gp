# title: Time until one subscriber is connected
# read: The median of all subscribers, from its first attempt until it is subscribed.
# over: subscribers
# query:
#   SELECT strategy, x, value / 1e6, low / 1e6, high / 1e6, believed FROM sweep
#   WHERE experiment_id = :experiment AND over = 'subscribers'
#     AND metric = 'connect_p50_us'
#   ORDER BY x
UNIT = SECONDS
set xlabel "subscribers"
set ylabel "median time to connect"
load CHARTS."/sweep.gp"
